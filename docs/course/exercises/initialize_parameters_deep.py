import numpy as np


def initialize_parameters_deep(layer_dims):
    """W1, b1, ..., WL, bL for layers of these sizes."""
    parameters = {}
    for l in range(1, len(layer_dims)):
        n_prev, n = layer_dims[l - 1], layer_dims[l]
        parameters[f"W{l}"] = np.random.randn(n_prev, n) / np.sqrt(n_prev)
        parameters[f"b{l}"] = np.zeros((n, 1))
    return parameters
