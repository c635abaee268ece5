import numpy as np


def normalize_rows(x):
    """Each row divided by its length."""
    return x / np.sum(x**2, axis=1, keepdims=True)
