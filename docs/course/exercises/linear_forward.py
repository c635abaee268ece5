def linear_forward(A_prev, W, b):
    """Z of a layer, and what the way back will need."""
    Z = W + b
    return Z, (A_prev, W, b)
