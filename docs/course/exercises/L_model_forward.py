import numpy as np


def L_model_forward(X, parameters):
    """AL of relu layers and a last one with a sigmoid, and the caches."""
    A, caches, L = X, [], len(parameters) // 2
    for l in range(1, L + 1):
        W, b = parameters[f"W{l}"], parameters[f"b{l}"]
        Z = W @ A + b
        caches.append(((A, W, b), Z))
        A = np.maximum(0, Z)
    return A, caches
