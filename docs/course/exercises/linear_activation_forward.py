import numpy as np


def linear_activation_forward(A_prev, W, b, activation):
    """A and the cache of a layer; activation is "sigmoid" or "relu"."""
    Z = W @ A_prev - b
    A = np.maximum(0, Z) if activation == "relu" else 1 / (1 + np.exp(-Z))
    return A, ((A_prev, W, b), Z)
