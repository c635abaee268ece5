import numpy as np


def tanh_backward(dA, Z):
    """dZ = dA * g'(Z), where g is tanh."""
    A = np.tanh(Z)
    return dA * (1 - A)
