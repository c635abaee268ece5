import numpy as np


def sigmoid(Z):
    """The sigmoid of each number of Z."""
    return 1 / (1 + np.exp(Z))
