"""Small networks of every loss and depth, and rows for them."""

import numpy as np

from sknn_scratch import DeepNetClassifier, DeepNetRegressor
from sknn_scratch._engine.losses import CLASSIFICATION
from sknn_scratch._training import objective

DEPTHS = {0: (), 1: (4,), 2: (4, 3), 3: (4, 3, 4)}


def rows(kind, rng, m=20):
    X = rng.randn(m, 3)
    if kind == "multiclass":
        return X, np.arange(m) % 3
    if kind == "multilabel":
        return X, rng.randint(2, size=(m, 2))
    if kind == "binary":
        return X, np.arange(m) % 2
    return X, rng.poisson(2, m).astype(float)


def network(kind, hidden=(4,), **options):
    if kind in CLASSIFICATION:
        return DeepNetClassifier(hidden, random_state=0, **options)
    return DeepNetRegressor(
        hidden_layer_sizes=hidden, loss=kind, random_state=0, **options
    )


def doubling(l_wrong, kind):
    """backward, but with dW[l] or db[l] doubled."""
    right = objective.backward

    def backward(params, grads, A, dZ, g, one):
        right(params, grads, A, dZ, g, one)
        getattr(grads, kind)[l_wrong][...] *= 2

    return backward
