"""Access to the parts of an estimator: its steps, its network, the run of a fit.

No other module takes a Pipeline apart. The estimator is the user's own: only
`fit_before_network` changes it, others work on copies.
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

IDLE = (None, "passthrough")  # steps of a Pipeline that do nothing


# -- steps -----------------------------------------------------------------------------


def own_steps(estimator, name="model"):
    """Return (name, step) of a Pipeline; another estimator is its only step, `name`."""
    if isinstance(estimator, Pipeline):
        return list(estimator.steps)
    return [(name, estimator)]


def steps_of(estimator, *, idle=False):
    """Return (name, step) of all steps, also of those in Pipelines within.

    Steps that do nothing, None and "passthrough", are among them if `idle` is true.
    """
    found = []
    for name, step in own_steps(estimator):
        if isinstance(step, Pipeline):
            found += steps_of(step, idle=idle)
        elif idle or step not in IDLE:
            found.append((name, step))
    return found


def steps_before(estimator, *, idle=False):
    """Return (name, step) of all steps before the network, as `steps_of` does."""
    parts = _parts_before(estimator)
    return [found for part in parts for found in steps_of(part, idle=idle)]


def first_step(estimator):
    """Return the step that X meets first: the estimator itself without a Pipeline."""
    return steps_of(estimator)[0][1]


def last_step(estimator):
    """Return the last step, the one that predicts."""
    while isinstance(estimator, Pipeline):
        estimator = estimator.steps[-1][1]
    return estimator


def without_idle_steps(estimator):
    """Return a Pipeline, and those within it, without the steps that do nothing."""
    if not isinstance(estimator, Pipeline):
        return estimator
    at_work = [(name, step) for name, step in estimator.steps if step not in IDLE]
    return Pipeline([(name, without_idle_steps(step)) for name, step in at_work])


def input_shape(estimator):
    """Return the shape of one example, as a fitted estimator takes it."""
    first = first_step(estimator)
    if hasattr(first, "image_shape_"):
        return first.image_shape_
    return (first.n_features_in_,)


def feature_names(estimator, X):
    """Return the names of the features of X that fit has met, or x1, x2, ..."""
    known = getattr(first_step(estimator), "feature_names_in_", None)
    count = int(np.prod(X.shape[1:]))
    return [f"x{j}" for j in range(1, count + 1)] if known is None else list(known)


# -- the network -----------------------------------------------------------------------


def network_of(estimator, *, name="estimator"):
    """Return the network itself, or that at the end of a Pipeline.

    `name` is what errors call the estimator.
    """
    network = last_step(estimator)
    if not isinstance(network, BaseNetwork):
        raise TypeError(
            f"{name} must be a network of sknn_scratch, or a Pipeline that ends in "
            f"one, got {type(network).__name__}; of a search give best_estimator_."
        )
    return network


def networks_in(estimator, kinds=BaseNetwork):
    """Return {prefix of its parameters: network}, for the estimator or those within.

    `kinds` are the classes that count as networks.
    """
    if isinstance(estimator, kinds):
        return {"": estimator}
    has = hasattr(estimator, "get_params") and not isinstance(estimator, type)
    inside = estimator.get_params() if has else {}
    found = {f"{k}__": v for k, v in inside.items() if isinstance(v, kinds)}
    if not found:
        raise TypeError(
            "estimator must be a network of sknn_scratch, or have one within it as a "
            f"Pipeline has, got {type(estimator).__name__}."
        )
    return found


def is_fitted(estimator):
    """Return whether the last step, which predicts, has been fitted.

    It is a network or an ensemble of networks.
    """
    return last_step(estimator).__sklearn_is_fitted__()


# -- X on its way to the network -------------------------------------------------------


def before_network(estimator, X, y=None):
    """Return X as the network gets it, from the steps before it in a Pipeline.

    Those of an unfitted Pipeline learn from X, as its fit would have them do; they are
    copies.
    """
    fitted = isinstance(estimator, Pipeline) and is_fitted(estimator)
    for part in _parts_before(estimator):
        X = part.transform(X) if fitted else clone(part).fit_transform(X, y)
    return X


def fit_before_network(estimator, X, y, X_val):
    """Fit the steps before the network; return X and X_val as the network gets them."""
    for part in _parts_before(estimator):
        part.set_params(memory=None, verbose=False)  # with a memory copies are fitted
        X = part.fit_transform(X, y)
        X_val = part.transform(X_val)
    return X, X_val


def names_before_network(estimator):
    """Return the names of the features as the network gets them, or None."""
    names = getattr(network_of(estimator), "feature_names_in_", None)
    if names is not None:
        return names
    try:
        for part in _parts_before(estimator):
            names = part.get_feature_names_out(names)
    except (AttributeError, ValueError):  # a step that names nothing
        return None
    return names


def _parts_before(estimator):
    """Yield what comes before the last step of each Pipeline, as new Pipelines."""
    while isinstance(estimator, Pipeline):
        if len(estimator.steps) > 1:
            yield estimator[:-1]
        estimator = estimator.steps[-1][1]


# -- the run of a fit ------------------------------------------------------------------


def check_in_reach(X):
    """Raise an error for rows on the workers of a cluster: inspection needs numbers."""
    if is_collection(X):
        raise ValueError(
            "X must be here to be looked into, got a Dask collection; give some of its "
            "rows: X[:1000].compute()."
        )


def next_run(estimator, X, y, sample_weight=None, **changed):
    """Return a copy of the network, and the `Run` that its fit would make.

    An unfitted network begins with its first weights, a fitted one goes on from its
    own, as with warm_start=True; the rows then need not hold all its classes.
    `changed` are parameters to set in the copy.
    """
    check_in_reach(X)
    network, X = network_of(estimator), before_network(estimator, X, y)
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
