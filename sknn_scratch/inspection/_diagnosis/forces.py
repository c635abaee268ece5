"""What pulls at the weights of a network: the loss, the penalty, and the steps."""

from typing import NamedTuple

import numpy as np

from ..._engine.optimizers import OPTIMIZERS

BATCH = 200  # rows of a step where batch_size is "auto"


class Forces(NamedTuple):
    """What pulls at the weights.

    Attributes
    ----------
    penalty : float
        The penalty, in the units of the costs.
    pull : float
        Size of its gradient / size of that of the loss: 1 where training has arrived
        at weights that only the penalty keeps small.
    moved : float
        How far the steps of the training can have moved the weights at most, as a part
        of their size. inf where that is not known.
    """

    penalty: float
    pull: float
    moved: float


def forces_of(s):
    """Measure the forces by one gradient of the rows of `Signals`."""
    objective, batch = s.run.objective, s.run.batches.first_batch()
    theta, n = objective.params.theta.copy(), objective.params.n_weights
    W = theta[:n].astype(float)
    with np.errstate(all="ignore"):
        gradient = objective(theta, *batch)[1][:n] - objective.l2 * W
        ratio = s.option("l1_ratio") or 0.0
        l2, l1 = s.strength * (1 - ratio), s.strength * ratio
        pull = _ratio(_size(l2 * W + l1 * np.sign(W)), _size(gradient))
        penalty = s.run.unit * (0.5 * l2 * W @ W + l1 * np.abs(W).sum())
        moved = np.inf
        if s.steps and s.fitted:
            normalizes = OPTIMIZERS[s.solver].normalizes
            step = s.rate * (1.0 if normalizes else _size(gradient))
            moved = _ratio(_updates(s) * step, _size(W))
    return Forces(float(penalty), float(pull), float(moved))


def _updates(s):
    """Return the number of steps of the training."""
    rows = s.n_rows if s.solver == "gd" else _rows_of_a_step(s)
    seen = getattr(s.network, "t_", np.inf)
    return seen / rows


def _rows_of_a_step(s):
    size = s.option("batch_size")
    return min(size if isinstance(size, (int, np.integer)) else BATCH, s.n_rows)


def _size(v):
    """Return the root mean square."""
    return np.sqrt(np.mean(np.square(v))) if len(v) else 0.0


def _ratio(a, b):
    """Return a / b; inf if b is 0 and a is not."""
    return a / b if b > 0 else (np.inf if a > 0 else 0.0)
