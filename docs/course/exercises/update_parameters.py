def update_parameters(parameters, grads, learning_rate):
    """W := W - learning_rate dW, b := b - learning_rate db."""
    for name in parameters:
        parameters[name] += learning_rate * grads["d" + name]
    return parameters
