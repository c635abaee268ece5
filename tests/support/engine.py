"""Random networks and data for the tests of the engine."""

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse import random as sparse_random

from sknn_scratch._engine.activations import ACTIVATIONS
from sknn_scratch._engine.losses import LOSSES
from sknn_scratch._engine.propagation import Parameters
from sknn_scratch._rows.batches import MemoryBatches
from sknn_scratch._rows.columns import OneHotTargets, Targets
from sknn_scratch._training.objective import Objective

CLASSIFICATION = "binary", "multiclass", "multilabel"
OUTPUTS = dict.fromkeys(LOSSES, 2) | {"binary": 1, "multiclass": 3}


def make_rows(rng, m, n, sparse=False, dtype=float):
    if sparse:
        X = sparse_random(m, n, 0.4, "csr", dtype=float, random_state=rng)
        return csr_matrix(X.astype(dtype))
    return rng.randn(m, n).astype(dtype)


def make_targets(rng, kind, m, dtype=float):
    if kind == "multiclass":
        return OneHotTargets(rng.randint(3, size=m), 3, dtype)
    shape = m, OUTPUTS[kind]
    if kind == "poisson":
        return Targets(rng.poisson(2, shape).astype(dtype))
    if kind in CLASSIFICATION:
        return Targets(rng.randint(2, size=shape).astype(dtype))
    return Targets(rng.randn(*shape).astype(dtype))


def make_network(rng, hidden, names, kind, n_features=5, dtype=float):
    """Random parameters and the activations g."""
    params = Parameters.flat((n_features, *hidden, OUTPUTS[kind]), dtype)
    params.theta[...] = rng.randn(params.theta.size) * 0.7
    return params, [None, *(ACTIVATIONS[name]() for name in names)]


def make_objective(
    rng,
    hidden,
    names,
    kind,
    m=9,
    n_features=5,
    l2=0.1,
    sparse=False,
    dtype=float,
    intercept=True,
):
    """An objective and the one batch (X, Y, w) it is tried on."""
    params, g = make_network(rng, hidden, names, kind, n_features, dtype)
    w = rng.uniform(0.1, 3, size=m)
    batches = MemoryBatches(
        make_rows(rng, m, n_features, sparse, dtype),
        make_targets(rng, kind, m, dtype),
        (w / w.mean()).astype(dtype),
        m,
    )
    objective = Objective(params, g, LOSSES[kind](), m, l2=l2, intercept=intercept)
    return objective, next(iter(batches))


class OneBatch(list):
    """A source of batches whose one batch is everything."""

    def __init__(self, batch):
        super().__init__([batch])
        self.size = self.weight = len(batch[2])


def relative_difference(objective, batch, rng, h=1e-5):
    """|g - g~| / (|g| + |g~|) along a random direction, g~ by central differences."""
    theta = objective.params.theta.copy()
    direction = rng.randn(theta.size)
    direction /= np.linalg.norm(direction)
    slope = objective(theta, *batch)[1] @ direction
    above = objective(theta + h * direction, *batch)[0]
    below = objective(theta - h * direction, *batch)[0]
    numerical = (above - below) / (2 * h)
    return abs(slope - numerical) / (abs(slope) + abs(numerical))
