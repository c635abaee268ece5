"""A small network of any options, and what is asked of it."""

import warnings

import numpy as np
import pytest

from sknn_scratch import DeepNetClassifier

STEPPING = ["gd", "sgd", "rmsprop", "adam", "adamw"]
SOLVERS = [*STEPPING, "lbfgs"]
stepping = pytest.mark.parametrize("solver", STEPPING)


def net(hidden=(6, 4), **options):
    return DeepNetClassifier(hidden, random_state=0, **options)


def started(model, X, y):
    """A model with its first weights: one step of no length."""
    model.set_params(learning_rate_init=1e-300, max_iter=1, tol=0)
    return model.fit(X, y)


def vector(model):
    """All parameters of a network in one vector."""
    return np.concatenate([v.ravel() for v in [*model.coefs_, *model.intercepts_]])


def whole(solver, n):
    """Options that make a batch of all n rows; "gd" knows nothing else."""
    return {"solver": solver} if solver == "gd" else {"solver": solver, "batch_size": n}


def warned(call):
    """The warnings of a call."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return caught
