"""What workers do of a training on a cluster: sums over their share of the rows.

Each is a task: a function of what it is given, which may run again elsewhere. Threads
of a worker may share what they are given, so nothing of it is written to. Nothing here
knows of Dask.
"""

from copy import copy, deepcopy

import numpy as np

from .._engine.activations import Dropout
from .._engine.propagation import Parameters
from .._rows.columns import columns
from .._training.newton import Expansion
from .._training.objective import Objective, block_length, raw_outputs


def load_share(X, dtype, start):
    """Some rows of the collection as the engine takes them."""
    X = np.ascontiguousarray(X, dtype)
    if not np.isfinite(X.sum()):
        bad = np.flatnonzero(~np.isfinite(X).all(axis=1))
        if len(bad):
            value = X[bad[0]][~np.isfinite(X[bad[0]])][0]
            raise ValueError(
                f"X (a Dask collection) must be finite in {dtype}, got {value} in row "
                f"{start + bad[0]} (the first is 0)."
            )
    return X


def quietly():
    """What overflows is found here no more than on one machine."""
    return np.errstate(over="ignore", invalid="ignore", divide="ignore")


def same(value):
    """As a task: the value can then be made again wherever it was lost."""
    return value


def add(*sums):
    """Sums of sums."""
    return [sum(values[1:], values[0]) for values in zip(*sums, strict=True)]


def learn(scaler, X, index, w):
    """A scaler that has seen these rows, too."""
    scaler = copy(scaler)
    with quietly():
        return scaler.partial_fit(take(X, index), sample_weight=w)


def take(X, rows):
    return X if rows is None else X[rows]


class Part:
    """What belongs to a share of the rows in a training; makes batches, as columns.

    `index` are those of X that take part; None stands for all. X is not kept: what Dask
    sees how large it is, it leaves where it is.
    """

    def __init__(self, index, Y, w, scaler):
        self._index, self._Y, self._w = index, Y, w
        self._scaler = scaler
        self.weight = len(w)

    def batches(self, X, size, rows=None):
        """All of them, or those of some rows, at most `size` at a time."""
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
    """What an objective is made of, without its penalties."""

    def __init__(self, n, dtype, g, loss, intercept):
        self.n, self._dtype, self._intercept = n, dtype, intercept
        self._g, self._loss = g, loss

    def objective(self, m, seed=None):
        """J of up to m columns, with buffers of its own: threads share a Problem."""
        g, loss = deepcopy((self._g, self._loss))
        for g_l in g:
            if isinstance(g_l, Dropout):
                g_l.reseed(np.random.RandomState(seed))
        params = Parameters.flat(self.n, self._dtype)
        return Objective(params, g, loss, m, intercept=self._intercept)

    def of_part(self, X, part, rows, seed=None):
        """An objective, and the batches of these rows."""
        m = part.weight if rows is None else len(rows)
        size = block_length(self.n, m)
        return self.objective(size, seed), part.batches(X, size, rows)


def gradient_sums(X, part, rows, theta, problem, seed):
    """J and dJ/dtheta, summed over columns."""
    objective, batches = problem.of_part(X, part, rows, seed)
    J, grad = 0.0, np.zeros_like(theta)
    with quietly():
        for X, Y, w in batches:
            cost, slope = objective(theta, X, Y, w)
            J += len(w) * cost
            grad += len(w) * slope
    return [J, grad]


def loss_sums(X, part, rows, theta, problem):
    """The mean loss as predictions have it, summed over columns."""
    objective, batches = problem.of_part(X, part, rows)
    with quietly():
        return [sum(objective.loss_at(theta, *b) * len(b[2]) for b in batches)]


class PartOfExpansion(Expansion):
    """What one part adds to an Expansion."""

    def __init__(self, X, part, problem):
        self._size = block_length(problem.n, part.weight)
        self.weight, self._X, self._part = part.weight, X, part
        super().__init__(problem.objective(self._size), self)

    def __iter__(self):
        return self._part.batches(self._X, self._size)

    def expand(self, theta, curved, anew):
        """Sums: J, dJ/dtheta, then H and the spread; and the outputs."""
        self._H, self._spread = np.zeros((self._n, self._n)), np.zeros(self._K)
        J, grad = self._go_over(theta, curved, anew)
        sums = [J, grad, self._H, self._spread] if anew else [J, grad]
        return [self.weight * value for value in sums], self._A

    def bend(self, A, M):
        self._A = A
        return [self.weight * self._bend(M)]


def expand(X, part, problem, theta, curved, anew):
    with quietly():
        return PartOfExpansion(X, part, problem).expand(theta, curved, anew)


def sums_of(expanded):
    return expanded[0]


def bend(X, part, problem, expanded, M):
    with quietly():
        return PartOfExpansion(X, part, problem).bend(expanded[1], M)


def outputs_of(X, index, scaler, params, g, link):
    """Raw outputs of the rows of a share, or what link makes of them."""
    X = take(X, index)
    if scaler is not None:
        X = scaler.transform(X)
    with quietly():
        # threads share what they are given, buffers of activations among it
        return raw_outputs(params, deepcopy(g), X, deepcopy(link))


def call_on_rows(model, method, none, X):
    """What the model says of a block; `none` of one without rows."""
    return getattr(model, method)(X) if len(X) else none
