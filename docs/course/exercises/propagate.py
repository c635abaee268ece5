import numpy as np


def propagate(w, b, X, Y):
    """Gradients and cost; w (n_x, 1), X (n_x, m), Y (1, m)."""
    m = X.shape[1]
    A = 1 / (1 + np.exp(-(w.T @ X + b)))
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dZ = Y - A
    return {"dw": X @ dZ.T / m, "db": np.sum(dZ) / m}, cost
