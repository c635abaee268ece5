"""Functions that run on the workers of a cluster: sums over their shares of the rows.

Each is a Dask task and may run again on another worker. The threads of a worker may
share the arguments of a task, so the arguments are never changed. Nothing here imports
Dask.
"""

from copy import copy, deepcopy

import numpy as np

from .._engine.activations import Dropout
from .._engine.propagation import Parameters
from .._rows.columns import columns
from .._training.newton import Expansion
from .._training.objective import Objective, raw_outputs, rows_per_block
from ._blocks import check_finite


def load_share(X, dtype, start, lengths):
    """Return rows of the collection as a C-contiguous array of dtype; check them."""
    with ignoring_overflow():
        X = np.ascontiguousarray(X, dtype)
    starts = np.array([0, *np.cumsum(lengths)])
    numbers = np.flatnonzero((starts >= start) & (starts < start + len(X)))
    check_finite(X, starts[numbers], numbers, dtype)
    return X


def ignoring_overflow():
    """Return a context manager that ignores overflow, as on a single machine."""
    return np.errstate(over="ignore", invalid="ignore", divide="ignore")


def identity(value):
    """Return the value. As a Dask task, it is computed again after a worker fails."""
    return value


def add(*sums):
    """Return the sums of lists of values, position by position."""
    return [sum(values[1:], values[0]) for values in zip(*sums, strict=True)]


def learn(scaler, X, index, w):
    """Return a copy of the scaler, updated with these rows."""
    scaler = copy(scaler)
    with ignoring_overflow():
        return scaler.partial_fit(take(X, index), sample_weight=w)


def take(X, rows):
    return X if rows is None else X[rows]


class Part:
    """Row numbers, targets, weights and scaler of a share; its batches as columns.

    `index` are the numbers of the training rows in the share; None stands for all. X is
    an argument and not an attribute, because then Dask knows its size and does not move
    it to another worker.
    """

    def __init__(self, index, Y, w, scaler):
        self._index, self._Y, self._w = index, Y, w
        self._scaler = scaler
        self.weight = len(w)

    def batches(self, X, size, rows=None):
        """Yield batches of at most `size` columns, of all rows or of the given ones."""
        m = self.weight if rows is None else len(rows)
        for start in range(0, m, size):
            chosen = slice(start, min(start + size, m))
            if rows is not None:
                chosen = rows[chosen]
            yield self._batch(X, chosen)

    def _batch(self, X, chosen):
        w = self._w[chosen]
        Y = np.empty((len(w), self._Y.shape[1]), self._Y.dtype)
        self._Y.write(chosen, out=Y)
        X = X[chosen if self._index is None else self._index[chosen]]
        if self._scaler is not None:
            X = self._scaler.transform(X)
        return columns(X, Y, w)


class Problem:
    """The arguments of an Objective without penalties."""

    def __init__(self, n, dtype, g, loss, intercept):
        self.n, self._dtype, self._intercept = n, dtype, intercept
        self._g, self._loss = g, loss

    def objective(self, m, seed=None):
        """Return an Objective for up to m columns with new buffers.

        Threads share a Problem, but cannot share the buffers.
        """
        g, loss = deepcopy((self._g, self._loss))
        for g_l in g:
            if isinstance(g_l, Dropout):
                g_l.reseed(np.random.RandomState(seed))
        params = Parameters.flat(self.n, self._dtype)
        return Objective(params, g, loss, m, intercept=self._intercept)

    def for_part(self, X, part, rows, seed=None):
        """Return an Objective and the batches of these rows of a part."""
        m = part.weight if rows is None else len(rows)
        size = rows_per_block(self.n, m)
        return self.objective(size, seed), part.batches(X, size, rows)


def gradient_sums(X, part, rows, theta, problem, seed):
    """Return J and dJ/dtheta, summed over columns."""
    objective, batches = problem.for_part(X, part, rows, seed)
    J, grad = 0.0, np.zeros_like(theta)
    with ignoring_overflow():
        for X, Y, w in batches:
            cost, slope = objective(theta, X, Y, w)
            J += len(w) * cost
            grad += len(w) * slope
    return [J, grad]


def loss_sums(X, part, rows, theta, problem):
    """Return the loss without dropout, summed over columns."""
    objective, batches = problem.for_part(X, part, rows)
    with ignoring_overflow():
        return [sum(objective.loss_at(theta, *b) * len(b[2]) for b in batches)]


class PartOfExpansion(Expansion):
    """The contribution of one part to an Expansion."""

    def __init__(self, X, part, problem):
        self._size = rows_per_block(problem.n, part.weight)
        self.weight, self._X, self._part = part.weight, X, part
        super().__init__(problem.objective(self._size), self)

    def __iter__(self):
        return self._part.batches(self._X, self._size)

    def expand(self, theta, curved, anew):
        """Return the sums of J, dJ/dtheta and, if `anew`, H and spread; and outputs."""
        self._H, self._spread = np.zeros((self._n, self._n)), np.zeros(self._K)
        J, grad = self._sum_over_batches(theta, curved, anew)
        sums = [J, grad, self._H, self._spread] if anew else [J, grad]
        return [self.weight * value for value in sums], self._A

    def curvature_times(self, A, M):
        self._A = A
        return [self.weight * self._curvature_times(M)]


def expand(X, part, problem, theta, curved, anew):
    with ignoring_overflow():
        return PartOfExpansion(X, part, problem).expand(theta, curved, anew)


def sums_of(expanded):
    return expanded[0]


def curvature_times(X, part, problem, expanded, M):
    with ignoring_overflow():
        return PartOfExpansion(X, part, problem).curvature_times(expanded[1], M)


def outputs_of(X, index, scaler, params, g, link):
    """Return Z[L] of rows of a share, or link(Z[L])."""
    X = take(X, index)
    if scaler is not None:
        X = scaler.transform(X)
    with ignoring_overflow():
        # threads share the arguments; activations and link have buffers
        return raw_outputs(params, deepcopy(g), X, deepcopy(link))


def predict_block(model, method, empty, X):
    """Return the predictions of the model for a block, or `empty` if it has no rows."""
    return getattr(model, method)(X) if len(X) else empty
