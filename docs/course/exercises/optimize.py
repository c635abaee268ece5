import numpy as np


def optimize(w, b, X, Y, num_iterations, learning_rate):
    """w and b after so many steps of gradient descent."""
    m = X.shape[1]
    A = 1 / (1 + np.exp(-(w.T @ X + b)))
    dw, db = X @ (A - Y).T / m, np.sum(A - Y) / m
    for _ in range(num_iterations):
        w = w - learning_rate * dw
        b = b - learning_rate * db
    return {"w": w, "b": b}
