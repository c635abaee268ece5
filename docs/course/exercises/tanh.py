import numpy as np


def tanh(Z):
    """(e^z - e^-z) / (e^z + e^-z)."""
    return np.exp(Z) - np.exp(-Z) / (np.exp(Z) + np.exp(-Z))
