import numpy as np


def linear_backward(dZ, cache):
    """dA_prev, dW and db of a layer, from its dZ."""
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = dZ @ A_prev.T / m
    db = np.sum(dZ, axis=0, keepdims=True) / m
    dA_prev = W.T @ dZ
    return dA_prev, dW, db
