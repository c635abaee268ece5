"""One protocol for rows of training data, wherever they lie.

A training takes an array, a CSR matrix, or a `RowSource`: rows on disk or on a cluster.
`source_of` makes a source of each, so that a training asks the rows and never where
they are.
"""

import numpy as np

from .batches import MemoryBatches


class RowSource:
    """Rows of training data.

    A slice of them is an array. A list of row numbers makes another source.

    Attributes
    ----------
    shape : (int, int)
        (m, n[0]).
    dtype : dtype
    in_memory : bool
        Whether the values are an array or a matrix here.
    is_remote : bool
        Whether the values are on other machines: nothing here can look at them.
    in_file_order : bool
        Whether lists of row numbers must be increasing.
    """

    ndim = 2
    in_memory = is_remote = in_file_order = False

    def __len__(self):
        return self.shape[0]

    def batch_length(self, most):
        """Return how many rows a batch has, where `most` would fit into memory."""
        raise NotImplementedError

    def full_batch_length(self, most):
        """Return the same for a solver whose one batch is all rows."""
        return self.batch_length(most)

    def batches(self, Y, w, size, rng=None, buffer_size="auto"):
        """Return a source of batches of these rows with targets Y and weights w."""
        raise NotImplementedError

    def blocks(self, most):
        """Yield slices of at most so many rows, and the values there."""
        raise NotImplementedError

    def scaled(self, scaler):
        """Return the same rows on another scale."""
        raise NotImplementedError

    def learn(self, scaler, w):
        """Return the scaler after it has seen all rows; w may be None."""
        for part, X in self.blocks(len(self)):
            scaler.partial_fit(X, sample_weight=None if w is None else w[part])
        return scaler

    def largest(self):
        """Return the largest absolute value, or None where that is not known here."""
        return max(abs(X).max() for _, X in self.blocks(len(self)))

    def objective(self, standard, *args, **options):
        """Return J over batches of these rows; `standard` makes it for rows here."""
        return standard(*args, **options)

    def outputs(self, standard, params, g, link):
        """Return Z[L] of all rows, or what `link` makes of it, as rows (m, n[L]).

        `standard` computes it for rows here.
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
        for part in slices(len(self), most):
            yield part, self.X[part]

    def scaled(self, scaler):
        with np.errstate(over="ignore", invalid="ignore"):
            return scaler.transform(self.X)


def source_of(X):
    """Return X as a RowSource."""
    return X if isinstance(X, RowSource) else MemoryRows(X)


def slices(m, most):
    """Yield slices of at most so many of m rows."""
    for start in range(0, m, most):
        yield slice(start, min(start + most, m))
