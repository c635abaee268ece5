import numpy as np


def sigmoid_derivative(Z):
    """g'(Z) of the sigmoid."""
    g = 1 / (1 + np.exp(-Z))
    return g * (1 - g)
