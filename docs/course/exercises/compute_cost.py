import numpy as np


def compute_cost(AL, Y):
    """J = -1/m sum of y log a + (1 - y) log(1 - a)."""
    m = Y.shape[1]
    return -np.sum(Y * np.log10(AL) + (1 - Y) * np.log10(1 - AL)) / m
