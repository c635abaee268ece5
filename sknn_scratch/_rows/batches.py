"""Batches of rows as columns, the layout of the course.

A source of batches is iterated once an epoch and yields the columns of one batch as
`X, Y, w` of shapes (n[0], m), (n[L], m) and (m,). The arrays are views, or buffers that
the next batch overwrites. A source has these attributes:

weight
    The number of rows of an epoch.
size
    The largest number of columns of a batch.
columns
    The largest number of columns of an array that it yields.
first_batch()
    Returns the first batch without drawing random numbers.
targets(most)
    Returns Y and w of all rows, or of `most` drawn ones, as columns.

The source here is for rows in memory. `disk_batches` has one for rows on disk,
`distributed` one for rows on a cluster.
"""

import numpy as np
from scipy.sparse import issparse

from .columns import columns, targets_of

BLOCK = 2**16  # elements of X, or of Y if that is wider


def split_block(block, size):
    """Yield the batches of a block of rows X, Y, w, as columns."""
    m = len(block[2])
    if m <= size:
        yield columns(*block)
        return
    for first in range(0, m, size):
        rows = slice(first, first + size)
        yield columns(*[part[rows] for part in block])


def block_length(size, widest, m):
    """Return the number of rows to fetch at a time: the batches that fit the cache."""
    return min(size * max(1, BLOCK // (size * widest)), m)


class MemoryBatches:
    """Batches of rows that are in memory.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (m, n[0])
    Y : Targets, OneHotTargets or SmoothedTargets
    w : ndarray of shape (m,)
        Weights of the rows, mean 1.
    size : int
        Rows of a batch; the last one may be shorter.
    rng : RandomState or None
        Shuffles the rows in each epoch; None keeps their order.
    """

    def __init__(self, X, Y, w, size, rng=None):
        self._X, self._Y, self._w = X, Y, w
        self.weight = X.shape[0]
        self.size = self.columns = min(size, self.weight)
        # the order of rows within a batch of all rows does not matter
        self._rng = rng if self.size < self.weight else None
        # Small batches are fetched in blocks that fit the cache: the overhead of the
        # NumPy calls is paid once a block. Sparse rows would be sliced once more.
        widest = max(X.shape[1], Y.shape[1])
        self._block = self.size
        if not issparse(X):
            self._block = block_length(self.size, widest, self.weight)
        self._Y_rows = np.empty((self._block, Y.shape[1]), Y.dtype)
        self._full_batch = None
        if self._rng is not None:
            if not issparse(X):
                self._X_rows = np.empty((self._block, X.shape[1]), X.dtype)
            self._w_rows = w[: self._block].copy()
            self._equal_weights = (w == w[0]).all()  # these are not shuffled

    def __iter__(self):
        if self.size == self.weight:
            if self._full_batch is None:
                self._full_batch = columns(*self._slice(0, self.weight))
            yield self._full_batch
            return
        order = None if self._rng is None else self._rng.permutation(self.weight)
        for start in range(0, self.weight, self._block):
            stop = min(start + self._block, self.weight)
            if order is None:
                block = self._slice(start, stop)
            else:
                block = self._gather(order[start:stop])
            yield from split_block(block, self.size)

    def first_batch(self):
        return columns(*self._slice(0, self.size))

    def targets(self, most):
        return targets_of(self._Y, self._w, most)

    def _slice(self, start, stop):
        rows, Y = slice(start, stop), self._Y_rows[: stop - start]
        self._Y.write(rows, out=Y)
        return self._X[rows], Y, self._w[rows]

    def _gather(self, rows):
        k = len(rows)
        Y, w = self._Y_rows[:k], self._w_rows[:k]
        self._Y.write(rows, out=Y)
        if not self._equal_weights:
            np.take(self._w, rows, out=w, mode="clip")
        if issparse(self._X):
            return self._X[rows], Y, w
        # with mode="clip" take writes into X directly; "raise" needs a copy
        X = np.take(self._X, rows, axis=0, out=self._X_rows[:k], mode="clip")
        return X, Y, w
