def update_parameters(parameters, grads, learning_rate):
    """W := W - learning_rate dW, b := b - learning_rate db."""
    return {
        name: value - learning_rate * grads["d" + name]
        for name, value in parameters.items()
    }
