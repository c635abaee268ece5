def update_parameters(parameters, grads, learning_rate):
    """W := W - learning_rate dW, b := b - learning_rate db, in all layers."""
    L, new = len(parameters) // 2, dict(parameters)
    for l in range(1, L):
        new[f"W{l}"] = parameters[f"W{l}"] - learning_rate * grads[f"dW{l}"]
        new[f"b{l}"] = parameters[f"b{l}"] - learning_rate * grads[f"db{l}"]
    return new
