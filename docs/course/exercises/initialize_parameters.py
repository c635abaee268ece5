import numpy as np


def initialize_parameters(n_x, n_h, n_y):
    """First parameters of a network with one hidden layer."""
    return {
        "W1": np.zeros((n_h, n_x)),
        "b1": np.zeros((n_h, 1)),
        "W2": np.zeros((n_y, n_h)),
        "b2": np.zeros((n_y, 1)),
    }
