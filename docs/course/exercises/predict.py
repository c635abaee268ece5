def predict(w, b, X):
    """1 where the probability of class 1 is above 0.5, else 0."""
    Z = w.T @ X + b
    return (Z > 0.5).astype(float)
