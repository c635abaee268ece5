import numpy as np


def L_model_backward(AL, Y, caches):
    """dW1, db1, ... of relu layers and a last one with a sigmoid."""
    grads, m = {}, Y.shape[1]
    dZ = AL - Y
    for l in range(len(caches), 0, -1):
        (A_prev, W, b), Z = caches[l - 1]
        grads[f"dW{l}"] = dZ @ A_prev.T / m
        grads[f"db{l}"] = np.sum(dZ, axis=1, keepdims=True) / m
        dZ = W.T @ dZ
    return grads
