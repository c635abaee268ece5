"""Rows in memory as columns, the layout of the course: X (n[0], m) and Y (n[L], m)."""

import numpy as np
from numpy.random import RandomState
from scipy.sparse import issparse


class SparseColumns:
    """CSR rows as columns: `W @ A` and `dZ @ A.T` without densifying A = X^T.

    It takes the place of A[0] in `forward` and `backward`, which need no change.
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
    """The transpose of SparseColumns, for dW[1] = dZ[1] A[0]^T."""

    def __init__(self, rows):
        self.rows = rows

    def __array_ufunc__(self, ufunc, method, dZ, A, *, out):
        out[0].T[...] = A.rows.T @ dZ.T  # (n[0], n[1])
        return out[0]


def as_columns(rows):
    """Return X of the course, (n[0], m), from an array or CSR matrix of m rows."""
    return SparseColumns(rows) if issparse(rows) else rows.T


def as_rows(X):
    """Return the array or CSR matrix of m rows; the inverse of `as_columns`."""
    return X.rows if isinstance(X, SparseColumns) else X.T


class Targets:
    """Y of m rows as real numbers, for sigmoid units and for regression."""

    choices = 2  # classes of a sigmoid unit

    def __init__(self, values):
        self._values = values  # (m, n[L])
        self.shape, self.dtype = values.shape, values.dtype

    def write(self, rows, out):
        out[...] = self._values[rows]

    def take(self, rows):
        """Return the targets of some rows."""
        return Targets(self._values[rows])


class OneHotTargets:
    """Y of m rows as class codes, which are one-hot encoded one batch at a time."""

    def __init__(self, codes, n_classes, dtype):
        self._codes, self.choices = codes, n_classes  # (m,)
        self.shape, self.dtype = (len(codes), n_classes), dtype

    def write(self, rows, out):
        out.fill(0)
        out[np.arange(len(out)), self._codes[rows]] = 1

    def take(self, rows):
        return OneHotTargets(self._codes[rows], self.choices, self.dtype)


class SmoothedTargets:
    """Label smoothing of other targets: y := (1 - s) y + s / K.

    K is the number of classes, 2 for a sigmoid unit (Szegedy et al. 2016).
    """

    def __init__(self, targets, smoothing):
        self._targets, self._smoothing = targets, smoothing
        self.shape, self.dtype = targets.shape, targets.dtype

    def write(self, rows, out):
        self._targets.write(rows, out)
        out *= 1 - self._smoothing
        out += self._smoothing / self._targets.choices

    def take(self, rows):
        return SmoothedTargets(self._targets.take(rows), self._smoothing)


def columns(X, Y, w):
    """Return a batch of rows X, Y, w as columns."""
    return as_columns(X), Y.T, w


def targets_of(Y, w, most):
    """Return Y and w as columns: of all rows, or of `most` drawn ones."""
    m, rows = len(w), slice(None)
    if m > most:
        rows = np.sort(RandomState(0).randint(m, size=most))
    w = w[rows]
    values = np.empty((len(w), Y.shape[1]), Y.dtype)
    Y.write(rows, out=values)
    return values.T, w
