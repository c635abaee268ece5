import numpy as np


def linear_backward(dZ, cache):
    """dA_prev, dW and db of a layer, from its dZ."""
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = dZ @ A_prev.T / m
    db = np.sum(dZ, axis=1, keepdims=True) / m  # (n, 1)
    dA_prev = W.T @ dZ
    return dA_prev, dW, db
