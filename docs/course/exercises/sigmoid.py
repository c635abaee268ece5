import numpy as np


def sigmoid(Z):
    """g(Z)."""
    return 1 / (1 + np.exp(Z))
