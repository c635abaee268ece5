import numpy as np


def softmax_rows(x):
    """In each row e^x, divided by the sum of e^x in that row."""
    E = np.exp(x)
    return E / np.sum(E)
