"""J and its gradient over rows on the workers of a cluster."""

from threading import Lock
from typing import NamedTuple

import dask
import numpy as np

from .._engine.activations import Dropout
from .._rows.columns import columns, targets_of
from .._rows.disk import MIN_ROWS
from .._training.newton import Expansion
from .._training.objective import Objective
from . import _worker

WARNING, CONFIG_LOCK = "distributed.admin.large-graph-warning-threshold", Lock()
FEW = 4  # sums that one task adds; each level of tasks takes milliseconds


class DaskBatches:
    """Batches of rows on the workers; they have the same rows as in MemoryBatches."""

    def __init__(self, X, Y, w, size, rng):
        self._X, self._rng = X, rng
        self._first = X, Y, w
        self.weight = len(X)
        self.size = min(size, self.weight)
        self.columns = min(self.size, MIN_ROWS)
        self.parts = [
            X.part(share, index, Y.take(places), w[places])
            for share, index, places in X.parts()
        ]
        all_rows = [None] * len(self.parts)
        self._all = Remote(self.parts, all_rows, X.shape[1], self.weight)
        if self.size < self.weight:
            self._owner, self._place = X.owners()

    def __iter__(self):
        if self.size == self.weight:
            yield self._all, None, range(self.weight)
            return
        order = np.arange(self.weight)
        if self._rng is not None:
            order = self._rng.permutation(self.weight)
        for start in range(0, self.weight, self.size):
            rows = order[start : start + self.size]
            owner, place = self._owner[rows], self._place[rows]
            there = np.unique(owner)
            X = Remote(
                [self.parts[p] for p in there],
                [place[owner == p] for p in there],
                self._X.shape[1],
                len(rows),
            )
            yield X, None, range(len(rows))

    def first_batch(self):
        """Return the first few rows as a batch in the local process."""
        X, Y, w = self._first
        rows = slice(0, self.columns)
        values = np.empty((self.columns, Y.shape[1]), Y.dtype)
        Y.write(rows, out=values)
        return columns(X[rows], values, w[rows])

    def targets(self, most):
        _, Y, w = self._first
        return targets_of(Y, w, most)


class Remote(NamedTuple):
    """X of a batch on the workers: the parts, and the rows of each."""

    parts: list
    rows: list
    n_features: int
    m: int

    @property
    def shape(self):
        return self.n_features, self.m


class DaskObjective(Objective):
    """J over batches on the workers or in memory.

    It is a subclass that overrides methods with a body, an exception to the style rule:
    solvers, stopping rules and validation call it as an Objective, with batches of both
    kinds.
    """

    def __init__(self, cluster, *args, **options):
        super().__init__(*args, **options)
        self.cluster = cluster
        self._problem = _worker.Problem(
            self.params.n, self.params.theta.dtype, self.g, self.loss, self.intercept
        )
        self._rng = next((g._rng for g in self.g if isinstance(g, Dropout)), None)

    def __call__(self, theta, X, Y, w):
        if not isinstance(X, Remote):
            return super().__call__(theta, X, Y, w)
        if self._rng is None:
            seeds = [None] * len(X.parts)
        else:
            seeds = self._rng.randint(2**31, size=len(X.parts)).tolist()
        J, grad = self.sum_over(_worker.gradient_sums, X, theta, seeds)
        np.divide(grad, X.m, out=self.grads.theta)
        self._penalise()
        return J / X.m + self.penalty(), self.grads.theta

    def loss_at(self, theta, X, Y, w):
        if not isinstance(X, Remote):
            return super().loss_at(theta, X, Y, w)
        return self.sum_over(_worker.loss_sums, X, theta)[0] / X.m

    def expansion(self, batches):
        return DaskExpansion(self, batches)

    def sum_over(self, function, X, theta, *each):
        """Return sums over a batch, computed by the workers.

        Each of `each` is a sequence with one further argument for each part.
        """
        theta = self.theta_task(theta)
        sums = tree_sum(
            task(function, *part, rows, theta, self._problem, *values)
            for part, rows, *values in zip(X.parts, X.rows, *each, strict=True)
        )
        return self.cluster.result(self.compute(sums))

    def theta_task(self, theta):
        """Return a copy of theta as a task."""
        return task(_worker.identity, self.set_theta(theta).theta.copy())

    def compute(self, tasks):
        """Submit tasks with all that they depend on in one message; return futures."""
        # Dask warns of a graph of 10 MB: here it holds the parameters, sent once. All
        # threads share its configuration, so that a lock is needed to change it.
        with CONFIG_LOCK, dask.config.set({WARNING: "1TB"}):
            return self.cluster.compute(tasks, optimize_graph=False)


def task(function, *args):
    """Return a call as a task for a worker, which may run it more than once."""
    return dask.delayed(function, pure=False)(*args)


def tree_sum(sums):
    """Return the task that adds all the sums: a tree of tasks of FEW sums each."""
    sums = list(sums)
    while len(sums) > 1:
        few = [sums[i : i + FEW] for i in range(0, len(sums), FEW)]
        sums = [s[0] if len(s) == 1 else task(_worker.add, *s) for s in few]
    return sums[0]


class DaskExpansion(Expansion):
    """An Expansion whose sums are computed by the workers."""

    def __init__(self, objective, batches):
        super().__init__(objective, batches)
        self._expanded = []

    def _sum_over_batches(self, theta, curved, anew):
        objective = self._objective
        theta = objective.theta_task(theta)
        expanded = [
            task(_worker.expand, *part, objective._problem, theta, curved, anew)
            for part in self._batches.parts
        ]
        sums = tree_sum(task(_worker.sums_of, one) for one in expanded)
        sums, *expanded = objective.compute([sums, *expanded])
        if curved:
            self._expanded = expanded
        sums = objective.cluster.result(sums)
        J, grad, *curvature = [value / self._m for value in sums]
        if anew:
            self._H, self._spread = curvature
        # GradientTolerance reads this vector
        objective.grads.theta[...] = grad
        objective._penalise()
        return J + objective.penalty(), objective.grads.theta.astype(np.float64)

    def _curvature_times(self, M):
        objective = self._objective
        matrix = task(_worker.identity, M)
        sums = tree_sum(
            task(_worker.curvature_times, *part, objective._problem, one, matrix)
            for part, one in zip(self._batches.parts, self._expanded, strict=True)
        )
        (sums,) = objective.cluster.result(objective.compute(sums))
        return sums / self._m
