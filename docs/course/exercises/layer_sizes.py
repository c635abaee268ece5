def layer_sizes(X, Y):
    """The sizes of the input layer, of a hidden layer of 4 units, and of the output."""
    return X.shape[1], 4, Y.shape[0]
