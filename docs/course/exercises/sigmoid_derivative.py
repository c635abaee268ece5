import numpy as np


def sigmoid_derivative(Z):
    """The slope of the sigmoid at each number of Z."""
    g = 1 / (1 + np.exp(-Z))
    return g * (g - 1)
