import numpy as np


def softmax(Z):
    """In each column e^z, divided by the sum of e^z in that column."""
    E = np.exp(Z)
    return E / np.sum(E, axis=1, keepdims=True)
