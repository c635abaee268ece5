"""Rows that are on disk: read when they are due, never all at once.

What counts as on disk is anything that has a shape and a dtype and gives rows when it
is sliced, but has no memory to look into: `h5py.Dataset`, a lazy view of one; and
`numpy.memmap`. The library that reads them is the caller's.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy.sparse import issparse

BLOCK_BYTES = 2**19  # of a block of rows: hardly slower to read than longer ones
CHUNK_BYTES = 2**22  # of rows that are asked for at once, where their number is free
FEWEST = 128  # such rows: BLAS is slow with fewer


def is_on_disk(X):
    """Whether the values of X must be read before they are there."""
    if isinstance(X, np.memmap):
        return True
    if isinstance(X, np.ndarray) or issparse(X):
        return False
    in_memory = ("__array_interface__", "__array_namespace__", "__dataframe__", "iloc")
    return (
        isinstance(getattr(X, "dtype", None), np.dtype)
        and isinstance(getattr(X, "shape", None), tuple)
        and hasattr(X, "__getitem__")
        and not any(hasattr(X, name) for name in in_memory)
    )


def is_collection(X):
    """Whether X is an array or a table of Dask."""
    return type(X).__module__.partition(".")[0] == "dask"


def here(values):
    """Targets or weights in memory, wherever they are; others as they are."""
    if is_collection(values):
        return values.compute()
    return np.asarray(values[:]) if is_on_disk(values) else values


def place_of(X):
    """Where X is on disk, as far as it tells."""
    file = getattr(getattr(X, "file", None), "filename", None)
    if file is not None:
        return f"{file}:{X.name}"
    return str(getattr(X, "filename", None) or type(X).__name__)


def rows_of_chunk(X):
    """How many rows of X are read in one piece, whether or not all are asked for."""
    chunks = getattr(X, "chunks", None)
    rows = chunks[0] if chunks else 1
    # Dask's tell the rows of each
    return max(rows) if isinstance(rows, tuple) else rows


class FarRows:
    """Rows that are not in memory here, seen through a scaler.

    A slice of them is an array; a list of row numbers makes other FarRows.
    They have `shape`, `dtype` and `at_once(n)`: how many rows a batch takes, where n
    would be a good number of rows in memory.
    """

    ndim = 2

    def __len__(self):
        return self.shape[0]


def is_elsewhere(X):
    """Whether these are rows that bring batches and an objective of their own."""
    return isinstance(X, FarRows) and not isinstance(X, DiskRows)


class DiskRows(FarRows):
    """Rows on disk as the engine takes them: converted, finite, scaled.

    Lists of row numbers must be increasing.

    Parameters
    ----------
    source : array of shape (M, n[0]) on disk
    dtype : dtype
        Of what a slice gives.
    index : ndarray, optional
        The rows of source that there are, in increasing order; all, without.
    scaler : StandardScaler, optional
        What brings them to another scale.
    """

    def __init__(self, source, dtype, index=None, scaler=None):
        self.source, self.dtype, self.index = source, np.dtype(dtype), index
        self._scaler = scaler
        self.shape = (source.shape[0] if index is None else len(index), source.shape[1])
        # rows that are read in one go: a chunk of the file is unpacked whole
        row_length = source.shape[1]
        self.block = max(1, BLOCK_BYTES // (source.dtype.itemsize * row_length))
        chunk = rows_of_chunk(source)
        self.block = -(-self.block // chunk) * chunk

    def at_once(self, n):
        most = max(FEWEST, CHUNK_BYTES // (self.dtype.itemsize * self.shape[1]))
        return min(n, most)

    def __getitem__(self, rows):
        if not isinstance(rows, slice):
            rows = np.asarray(rows)
            index = rows if self.index is None else self.index[rows]
            return DiskRows(self.source, self.dtype, index, self._scaler)
        start, stop, _ = rows.indices(self.shape[0])
        raw = self._raw(start, stop)
        out = raw if raw.dtype == self.dtype else np.empty(raw.shape, self.dtype)
        return self.finish(raw, out, np.arange(start, stop))

    def all(self):
        """All rows, as they lie on disk."""
        if isinstance(self.source, np.memmap):
            return self.source
        return self._raw(0, len(self))

    def scaled(self, scaler):
        """The same rows on another scale."""
        return DiskRows(self.source, self.dtype, self.index, scaler)

    def read(self, start, stop, out):
        """Rows start to stop as they lie on disk."""
        if self.index is None:
            self._read(start, stop, out)
            return
        index = self.index[start:stop]
        done = 0
        while done < len(index):
            # rows between them are read in vain, a block at a time
            first = index[done]
            count = np.searchsorted(index[done:], first + self.block)
            span = self._read(first, index[done + count - 1] + 1)
            out[done : done + count] = span[index[done : done + count] - first]
            done += count

    def finish(self, raw, out, rows):
        """out: rows as the engine takes them; `rows` are their numbers."""
        with np.errstate(over="ignore", invalid="ignore"):
            if out is not raw:
                out[...] = raw
            if self.source.dtype.kind == "f" and not np.isfinite(out.sum()):
                self._check_finite(out, rows)
            if self._scaler is not None:
                scaled = self._scaler.transform(out, copy=False)
                if scaled is not out:
                    out[...] = scaled
        return out

    def number(self, row):
        """Its number on disk."""
        return row if self.index is None else self.index[row]

    def _raw(self, start, stop):
        raw = np.empty((max(0, stop - start), self.shape[1]), self.source.dtype)
        for first in range(start, stop, self.block):
            last = min(first + self.block, stop)
            self.read(first, last, raw[first - start : last - start])
        return raw

    def _read(self, start, stop, out=None):
        """Rows start to stop of the file, into out where one is given."""
        # into out at once, where a library can: h5py's slices are arrays of their own
        direct = getattr(self.source, "read_direct", None)
        try:
            if out is not None and direct is not None and len(out):
                direct(out, np.s_[start:stop])
                return out
            rows = np.asarray(self.source[start:stop])
        except Exception as error:  # each library raises its own
            raise OSError(
                f"X ({place_of(self.source)}) must be readable, but rows {start} to "
                f"{stop - 1} are not: {error}."
            ) from error
        if out is None:
            return rows
        out[...] = rows
        return out

    def _check_finite(self, out, rows):
        good = np.isfinite(out).all(axis=1)
        if not good.all():
            bad = np.flatnonzero(~good)[0]
            value = out[bad][~np.isfinite(out[bad])][0]
            raise ValueError(
                f"X ({place_of(self.source)}) must be finite in {self.dtype}, got "
                f"{value} in row {self.number(rows[bad])} (the first is 0)."
            )


def row_blocks(X, most):
    """Slices of at most so many rows, and what X has there, one after the other.

    Those on disk are fewer where they are long, and are read ahead.
    """
    m = X.shape[0]
    if isinstance(X, DiskRows):
        most = X.at_once(most)
    starts = range(0, m, most)
    blocks = ((part, X[part]) for part in (slice(s, min(s + most, m)) for s in starts))
    return read_ahead(blocks) if isinstance(X, DiskRows) else blocks


def read_ahead(items):
    """The items, each made by another thread while the one before it is in use."""
    with ThreadPoolExecutor(1, "sknn_scratch reads ahead") as reader:
        end = object()
        coming = reader.submit(next, items, end)
        while (item := coming.result()) is not end:
            coming = reader.submit(next, items, end)
            yield item
