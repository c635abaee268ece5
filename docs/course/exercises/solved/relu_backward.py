def relu_backward(dA, Z):
    """dZ = dA g'(Z)."""
    return dA * (Z > 0)
