"""How inspection gets inside an estimator: to its network, and to the run of a fit.

What is inspected is the user's own estimator, but it is never changed: everything is
done with a copy.
"""

from copy import copy

import numpy as np
from numpy.random import RandomState
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from .._fit.inputs import Data
from .._fit.settings import set_parameters
from .._rows.disk import is_collection
from .base import BaseNetwork


def network_of(estimator, *, name="estimator"):
    """The network itself, or the one at the end of a Pipeline; `name` is for errors."""
    network = estimator
    while isinstance(network, Pipeline):
        network = network.steps[-1][1]
    if not isinstance(network, BaseNetwork):
        raise TypeError(
            f"{name} must be a network of sknn_scratch, or a Pipeline that ends in "
            f"one, got {type(network).__name__}; of a search give best_estimator_."
        )
    return network


def is_fitted(estimator):
    """Whether the network has been fitted."""
    return network_of(estimator).__sklearn_is_fitted__()


def before_network(estimator, X, y=None):
    """X as the network gets it, through the steps before it in a Pipeline.

    Those of an unfitted Pipeline learn from X, as its fit would have them do.
    """
    while isinstance(estimator, Pipeline):
        steps = estimator[:-1] if len(estimator.steps) > 1 else None
        if steps is not None and is_fitted(estimator):
            X = steps.transform(X)
        elif steps is not None:
            X = clone(steps).fit_transform(X, y)
        estimator = estimator.steps[-1][1]
    return X


def check_in_reach(X):
    """An error for rows on the workers of a cluster: to look inside takes numbers."""
    if is_collection(X):
        raise ValueError(
            "X must be here to be looked into, got a Dask collection; give some of its "
            "rows: X[:1000].compute()."
        )


def next_run(estimator, X, y, sample_weight=None, **changed):
    """A copy of the network and the `Run` its fit would make, ready to be watched.

    An unfitted network begins with its first weights, a fitted one goes on from its
    own, as with warm_start=True; the rows then need not hold all its classes.
    `changed` are parameters to be other in the copy.
    """
    check_in_reach(X)
    X, network = before_network(estimator, X, y), network_of(estimator)
    if is_fitted(estimator):
        twin, go_on = copy(network), True
    else:
        twin, go_on = clone(network), False
        if twin.random_state is None:
            # what it draws is what the next fit draws, and is still there for it
            twin.random_state = RandomState()
            twin.random_state.set_state(np.random.get_state())
    set_parameters(twin, warm_start=go_on, warn=False, verbose=0, **changed)
    twin._validate_params()
    classes = getattr(twin, "classes_", None)
    return twin, twin._prepare(Data(X, y, sample_weight), Data(), classes=classes)
