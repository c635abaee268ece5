import numpy as np


def tanh_backward(dA, Z):
    """dZ = dA g'(Z)."""
    A = np.tanh(Z)
    return dA * (1 - A)
