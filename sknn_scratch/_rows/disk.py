"""Rows on disk, which are read lazily and never all at once.

An array is on disk if it has a shape and a dtype and returns rows when it is sliced,
but has no memory buffer: `h5py.Dataset`, a lazy view of one, an array of zarr.
`numpy.memmap` counts, too. The library that reads them is not imported here.
"""

import numpy as np
from scipy.sparse import issparse

from .disk_batches import DiskBatches, read_ahead
from .source import RowSource, row_slices

BLOCK_BYTES = 2**19  # of a block of rows: longer ones are hardly faster to read
CHUNK_BYTES = 2**22  # of the rows of a batch, where any number of rows would do
BUFFER_BYTES = 2**26  # of the rows in the shuffle buffer
MIN_ROWS = 128  # rows of a batch, where any number would do: BLAS is slow with fewer


def is_on_disk(X):
    """Return True for an array on disk, whose values are read when it is sliced."""
    if isinstance(X, np.memmap):
        return True
    if isinstance(X, np.ndarray) or issparse(X):
        return False
    has_memory = ("__array_interface__", "__array_namespace__", "__dataframe__", "iloc")
    return (
        isinstance(getattr(X, "dtype", None), np.dtype)
        and isinstance(getattr(X, "shape", None), tuple)
        and hasattr(X, "__getitem__")
        and not any(hasattr(X, name) for name in has_memory)
    )


def is_collection(X):
    """Return True for a Dask array or data frame."""
    return type(X).__module__.partition(".")[0] == "dask"


def to_memory(values):
    """Return targets or weights as an array; read them from disk."""
    return np.asarray(values[:]) if is_on_disk(values) else values


def place_of(X):
    """Return the file of X and its name in the file, or else its type."""
    file = getattr(getattr(X, "file", None), "filename", None)
    if file is not None:
        return f"{file}:{X.name}"
    return str(getattr(X, "filename", None) or type(X).__name__)


def chunk_length(X):
    """Return the number of rows of a chunk of X, which is always read whole."""
    chunks = getattr(X, "chunks", None)
    rows = chunks[0] if chunks else 1
    # Dask lists the rows of each chunk
    return max(rows) if isinstance(rows, tuple) else rows


def buffer_length(X, buffer_size, dtype):
    """Return the number of rows of X, in that dtype, that the shuffle buffer holds."""
    if buffer_size != "auto":
        return int(buffer_size)
    return max(1, BUFFER_BYTES // (dtype.itemsize * X.shape[1]))


class InvalidRows(ValueError):
    """Error of rows that can be read, but are not what their source declares."""


class DiskRows(RowSource):
    """Rows on disk; a slice of them is converted, checked and scaled.

    Parameters
    ----------
    source : array of shape (M, n[0]) on disk
    dtype : dtype
        Type of the slices.
    index : ndarray, optional
        Numbers of the rows of source, in increasing order. By default all rows.
    scaler : StandardScaler, optional
        Applied to the slices.
    """

    in_file_order = True

    def __init__(self, source, dtype, index=None, scaler=None):
        self.source, self.dtype, self.index = source, np.dtype(dtype), index
        self._scaler = scaler
        self.shape = (source.shape[0] if index is None else len(index), source.shape[1])
        # rows of one read: whole chunks of the file, because each is unpacked whole
        row_length = source.shape[1]
        self.block = max(1, BLOCK_BYTES // (source.dtype.itemsize * row_length))
        chunk = chunk_length(source)
        self.block = -(-self.block // chunk) * chunk

    def batch_length(self, most):
        fit = max(MIN_ROWS, CHUNK_BYTES // (self.dtype.itemsize * self.shape[1]))
        return min(most, fit)

    def batches(self, Y, w, size, rng=None, buffer_size="auto"):
        buffer = buffer_length(self, buffer_size, self.source.dtype)
        return DiskBatches(self, Y, w, size, rng, buffer)

    def blocks(self, most):
        # fewer rows if they are long; another thread reads ahead
        parts = row_slices(len(self), self.batch_length(most))
        return read_ahead((part, self[part]) for part in parts)

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
        """Return all rows with the dtype on disk, neither checked nor scaled."""
        if isinstance(self.source, np.memmap):
            return self.source
        return self._raw(0, len(self))

    def scaled(self, scaler):
        """Return the same rows with this scaler applied."""
        return DiskRows(self.source, self.dtype, self.index, scaler)

    def read(self, start, stop, out):
        """Read rows start to stop into out, with the dtype on disk and not scaled."""
        if self.index is None:
            self._read(start, stop, out)
            return
        index = self.index[start:stop]
        done = 0
        while done < len(index):
            # one block at a time; rows of it that are not in the index are discarded
            first = index[done]
            count = np.searchsorted(index[done:], first + self.block)
            span = self._read(first, index[done + count - 1] + 1)
            out[done : done + count] = span[index[done : done + count] - first]
            done += count

    def finish(self, raw, out, rows):
        """Convert the raw rows into out, check and scale them, and return out.

        `rows` are their numbers, for error messages.
        """
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
        """Return the number on disk of a row."""
        return row if self.index is None else self.index[row]

    def _raw(self, start, stop):
        raw = np.empty((max(0, stop - start), self.shape[1]), self.source.dtype)
        for first in range(start, stop, self.block):
            last = min(first + self.block, stop)
            self.read(first, last, raw[first - start : last - start])
        return raw

    def _read(self, start, stop, out=None):
        """Read rows start to stop of the file, into out if it is given."""
        # read_direct of h5py writes into out and needs no further array
        direct = getattr(self.source, "read_direct", None)
        try:
            if out is not None and direct is not None and len(out):
                direct(out, np.s_[start:stop])
                return out
            rows = np.asarray(self.source[start:stop])
        except InvalidRows:
            raise
        except Exception as error:  # each library has its own exceptions
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
