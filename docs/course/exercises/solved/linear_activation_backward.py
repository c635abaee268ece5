import numpy as np


def linear_activation_backward(dA, cache, activation):
    """dA_prev, dW and db of a layer with g, "sigmoid" or "relu"."""
    (A_prev, W, b), Z = cache
    m = A_prev.shape[1]
    if activation == "relu":
        slope = Z > 0
    else:
        g = 1 / (1 + np.exp(-Z))
        slope = g * (1 - g)
    dZ = dA * slope
    dW = dZ @ A_prev.T / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    return W.T @ dZ, dW, db
