"""RowSource, the protocol for rows in memory, on disk or on a cluster.

Training takes an array, a CSR matrix or a `RowSource`. `source_of` returns a RowSource
for each of them, so that training code does not depend on where the rows are.
"""

from abc import ABC, abstractmethod

import numpy as np

from .batches import MemoryBatches


class RowSource(ABC):
    """Base class of sources of rows.

    Indexing with a slice returns an array, with a list of row numbers another source.

    Attributes
    ----------
    shape : (int, int)
        (m, n[0]).
    dtype : dtype
    in_memory : bool
        Whether the values are an array or a CSR matrix in memory.
    is_remote : bool
        Whether the values are on other machines and cannot be read here.
    in_file_order : bool
        Whether lists of row numbers must be increasing.
    """

    ndim = 2
    in_memory = is_remote = in_file_order = False

    def __len__(self):
        return self.shape[0]

    @abstractmethod
    def batch_length(self, most):
        """Return the number of rows of a batch, if `most` rows would be allowed."""

    def full_batch_length(self, most):
        """Return the number of rows of a batch for solvers of one batch of all rows."""
        return self.batch_length(most)

    @abstractmethod
    def batches(self, Y, w, size, rng=None, buffer_size="auto"):
        """Return a source of batches of these rows with targets Y and weights w."""

    def blocks(self, most):
        """Yield slices of at most `most` rows, and their values."""
        raise TypeError("remote rows have no values here to go through")

    @abstractmethod
    def scaled(self, scaler):
        """Return the same rows with this scaler applied."""

    def learn(self, scaler, w):
        """Fit the scaler to all rows with weights w, or None, and return it."""
        for part, X in self.blocks(len(self)):
            scaler.partial_fit(X, sample_weight=None if w is None else w[part])
        return scaler

    def largest(self):
        """Return the largest absolute value, or None if the rows are remote."""
        return max(abs(X).max() for _, X in self.blocks(len(self)))

    # `_training` is above this folder: it hands in how it computes for rows that are
    # here, and remote rows compute in their own way

    def objective(self, standard, *args, **options):
        """Return the objective for batches of these rows.

        `standard` creates the objective for rows that are not remote.
        """
        return standard(*args, **options)

    def outputs(self, standard, params, g, link):
        """Return Z[L] of all rows, or link(Z[L]), as rows (m, n[L]).

        `standard` computes it for rows that are not remote.
        """
        return standard(params, g, self, link)


class MemoryRows(RowSource):
    """Rows in an array or a CSR matrix."""

    in_memory = True

    def __init__(self, X):
        self.X, self.shape, self.dtype = X, X.shape, X.dtype

    def batch_length(self, most):
        return most

    def full_batch_length(self, most):
        return len(self)

    def batches(self, Y, w, size, rng=None, buffer_size="auto"):
        return MemoryBatches(self.X, Y, w, size, rng)

    def blocks(self, most):
        for part in row_slices(len(self), most):
            yield part, self.X[part]

    def scaled(self, scaler):
        with np.errstate(over="ignore", invalid="ignore"):
            return scaler.transform(self.X)


def source_of(X):
    """Return X as a RowSource."""
    return X if isinstance(X, RowSource) else MemoryRows(X)


def row_slices(m, most):
    """Yield slices of at most `most` rows that cover m rows."""
    for start in range(0, m, most):
        yield slice(start, min(start + most, m))
