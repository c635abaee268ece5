"""Where rows come from, and how they become the course's columns.

A source of batches is iterated once an epoch and yields `X, Y, w`: (n[0], m), (n[L], m)
and (m,), the columns of one batch. It has `weight`, the number of rows of an epoch, and
`size`, the most columns of a batch. The arrays it yields are views or buffers of its
own: they hold until the next batch.
"""

import numpy as np
from scipy.sparse import issparse

BLOCK = 2**16  # elements of X, or of Y where that is wider


class SparseColumns:
    """CSR rows, read as columns: `W @ A` and `dZ @ A.T` without densifying A = X^T.

    It takes the place of A[0] in `forward` and `backward`, which stay as they are.
    """

    def __init__(self, rows):
        self.rows = rows
        self.shape = rows.shape[::-1]

    @property
    def T(self):
        return SparseRows(self.rows)

    def __array_ufunc__(self, ufunc, method, W, A, *, out):
        out[0].T[...] = A.rows @ W.T  # (m, n[1])
        return out[0]


class SparseRows:
    """The transpose of `SparseColumns`, for dW[1] = dZ[1] A[0]^T."""

    def __init__(self, rows):
        self.rows = rows

    def __array_ufunc__(self, ufunc, method, dZ, A, *, out):
        out[0].T[...] = A.rows.T @ dZ.T  # (n[0], n[1])
        return out[0]


def as_columns(rows):
    """X of the course, (n[0], m), from an array or CSR matrix of m rows."""
    return SparseColumns(rows) if issparse(rows) else rows.T


def rows_of(X):
    """The array or CSR matrix of m rows that `as_columns` made columns of."""
    return X.rows if isinstance(X, SparseColumns) else X.T


class Targets:
    """Y of m rows, as real numbers: sigmoid units, regression."""

    choices = 2  # what a unit decides between

    def __init__(self, values):
        self._values = values  # (m, n[L])
        self.shape, self.dtype = values.shape, values.dtype

    def write(self, rows, out):
        out[...] = self._values[rows]


class OneHotTargets:
    """Y of m rows, kept as class codes: ones and zeros are made a batch at a time."""

    def __init__(self, codes, n_classes, dtype):
        self._codes, self.choices = codes, n_classes  # (m,)
        self.shape, self.dtype = (len(codes), n_classes), dtype

    def write(self, rows, out):
        out.fill(0)
        out[np.arange(len(out)), self._codes[rows]] = 1


class SmoothedTargets:
    """y := (1 - s) y + s / K: a share s of each y goes to all K classes alike.

    Around other targets (Szegedy et al. 2016); a sigmoid unit has K = 2 classes.
    """

    def __init__(self, targets, smoothing):
        self._targets, self._smoothing = targets, smoothing
        self.shape, self.dtype = targets.shape, targets.dtype

    def write(self, rows, out):
        self._targets.write(rows, out)
        out *= 1 - self._smoothing
        out += self._smoothing / self._targets.choices


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
        Shuffles the rows anew for each epoch; None keeps their order.
    """

    def __init__(self, X, Y, w, size, rng=None):
        self._X, self._Y, self._w = X, Y, w
        self.weight = X.shape[0]
        self.size = min(size, self.weight)
        # One batch holds all rows: their order changes nothing
        self._rng = rng if self.size < self.weight else None
        # Small batches are fetched by the block: it fits the cache, and what NumPy asks
        # for a call is shared by its batches. Sparse rows would be sliced once more.
        widest = max(X.shape[1], Y.shape[1])
        fitting = 1 if issparse(X) else BLOCK // (self.size * widest)
        self._block = min(self.size * max(1, fitting), self.weight)
        self._Y_rows = np.empty((self._block, Y.shape[1]), Y.dtype)
        self._whole = None
        if self._rng is not None:
            if not issparse(X):
                self._X_rows = np.empty((self._block, X.shape[1]), X.dtype)
            self._w_rows = w[: self._block].copy()
            self._even = (w == w[0]).all()  # rows need not be followed by their weights

    def __iter__(self):
        if self.size == self.weight:
            if self._whole is None:
                self._whole = self._columns(*self._slice(0, self.weight))
            yield self._whole
            return
        order = None if self._rng is None else self._rng.permutation(self.weight)
        for start in range(0, self.weight, self._block):
            stop = min(start + self._block, self.weight)
            if order is None:
                block = self._slice(start, stop)
            else:
                block = self._gather(order[start:stop])
            if stop - start <= self.size:
                yield self._columns(*block)
                continue
            for first in range(0, stop - start, self.size):
                rows = slice(first, first + self.size)
                yield self._columns(*[part[rows] for part in block])

    def some(self):
        """A batch to try something out on, the first one; draws nothing."""
        return self._columns(*self._slice(0, self.size))

    def _columns(self, X, Y, w):
        return as_columns(X), Y.T, w

    def _slice(self, start, stop):
        rows, Y = slice(start, stop), self._Y_rows[: stop - start]
        self._Y.write(rows, out=Y)
        return self._X[rows], Y, self._w[rows]

    def _gather(self, rows):
        k = len(rows)
        Y, w = self._Y_rows[:k], self._w_rows[:k]
        self._Y.write(rows, out=Y)
        if not self._even:
            np.take(self._w, rows, out=w, mode="clip")
        if issparse(self._X):
            return self._X[rows], Y, w
        # mode="clip" lets take write into X at once; "raise" needs a copy
        X = np.take(self._X, rows, axis=0, out=self._X_rows[:k], mode="clip")
        return X, Y, w
