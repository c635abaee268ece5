"""Rows of a table that are encoded batch by batch, so that memory holds no matrix."""

import numpy as np

from .._rows.batches import MemoryBatches
from .._rows.source import RowSource, row_slices

MATRIX_BYTES = 2**26  # of an encoded table; a larger one is encoded batch by batch
BLOCK_BYTES = 2**24  # of the rows that are encoded at a time


class TableRows(RowSource):
    """The encoded rows of a table. A slice is an array; nothing else is encoded.

    Parameters
    ----------
    encoder : TableEncoder
        A fitted one.
    table : object
        What `encoder._read` returned.
    index : ndarray, optional
        Numbers of the rows of the table. By default all rows.
    clock : Clock, optional
        Ends the passes over the rows when the time is up.
    """

    def __init__(self, encoder, table, index=None, clock=None):
        self._encoder, self._table, self._clock = encoder, table, clock
        self._index = np.arange(len(table)) if index is None else index
        # a table without a column that varies is a column of zeros
        self.shape = (len(self._index), max(1, encoder._n_outputs))
        self.dtype = np.dtype(np.float32)

    def __getitem__(self, rows):
        """Return a slice as an array, column by column in memory; other rows lazily."""
        if isinstance(rows, slice):
            return self._encoded(self._index[rows])
        return TableRows(self._encoder, self._table, self._index[rows], self._clock)

    def take(self, rows, axis, out, mode):
        """Return encoded rows, for `numpy.take`. They are not written into `out`."""
        return self._encoded(self._index[rows])

    def _encoded(self, index):
        if not self._encoder._n_outputs:
            return np.zeros((len(index), 1), self.dtype)
        return self._encoder._encode(self._table[index])

    def timed(self, clock):
        """Return the same rows; a pass over them ends when the time is up."""
        return TableRows(self._encoder, self._table, self._index, clock)

    def batch_length(self, most):
        return most

    def batches(self, Y, w, size, rng=None, buffer_size="auto"):
        batches = MemoryBatches(self, Y, w, size, rng)
        return batches if self._clock is None else TimedBatches(batches, self._clock)

    def blocks(self, most):
        for part in row_slices(len(self), min(most, block_of(self.shape[1]))):
            yield part, self[part]

    def scaled(self, scaler):
        raise TypeError("the rows of a table are scaled by their encoder")


class TimedBatches:
    """Batches that end when the time is up.

    The first pass ends early. A later one is interrupted as by Ctrl-C: the training
    then goes back to the end of the last whole pass.
    """

    def __init__(self, batches, clock):
        self._batches, self._clock = batches, clock

    def __getattr__(self, name):
        return getattr(self._batches, name)

    def __iter__(self):
        clock, seen = self._clock, 0
        for batch in self._batches:
            yield batch
            seen += len(batch[2])
            if clock.is_over() and seen < self._batches.weight:
                if clock.passes:
                    raise KeyboardInterrupt
                clock.first_share = seen / self._batches.weight
                break
        clock.passes += 1


def block_of(n_outputs):
    """Return how many rows are encoded at a time."""
    return max(1, BLOCK_BYTES // (4 * n_outputs))


def rows_of(encoder, table):
    """Return the encoded table as an array where that is small, or as TableRows."""
    rows = TableRows(encoder, table)
    if 4 * rows.shape[0] * rows.shape[1] <= MATRIX_BYTES:
        return np.ascontiguousarray(rows[:])
    return rows
