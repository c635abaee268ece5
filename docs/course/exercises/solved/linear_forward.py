def linear_forward(A_prev, W, b):
    """Z of a layer, and what the way back will need."""
    Z = W @ A_prev + b  # (n, n_prev) times (n_prev, m), plus (n, 1)
    return Z, (A_prev, W, b)
