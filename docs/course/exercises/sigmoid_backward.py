import numpy as np


def sigmoid_backward(dA, Z):
    """dZ = dA g'(Z)."""
    s = 1 / (1 + np.exp(-Z))
    return s * (1 - s)
