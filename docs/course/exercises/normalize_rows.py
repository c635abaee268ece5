import numpy as np


def normalize_rows(x):
    """Each row divided by its length."""
    return x / np.linalg.norm(x, axis=1)
