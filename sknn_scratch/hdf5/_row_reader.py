"""Rows of an HDF5 dataset that any process can read, without an open file."""

import os
from contextlib import contextmanager
from numbers import Integral

from .._storage import store


def is_supported(index):
    """Return True if the index is one that HDF5 accepts for an axis."""
    if isinstance(index, slice):
        return index.step is None or index.step > 0
    return index is Ellipsis or isinstance(index, Integral)


class RowReader:
    """Rows of an HDF5 dataset for other processes and machines: no file stays open.

    Each slice opens the file, checks it as `open_dataset` does, and closes it. So a
    RowReader can be pickled, and `dask.array.from_array` makes an array of it whose
    blocks are read by the workers of a cluster. Networks train on it as on an
    `h5py.Dataset`.

    Parameters
    ----------
    path : str or path-like
        The file. Every process must find it under this path.
    name : str, default="train_set_x"
        The name of the dataset.

    Attributes
    ----------
    shape : tuple of int
        Shape of the dataset.
    dtype : dtype
        Type of its values.
    ndim : int
        Number of dimensions.
    chunks : tuple of int or None
        Shape of its chunks in the file. Blocks of whole chunks are read fastest.
    filename : str
        Path of the file and name of the dataset, as error messages show them.

    Raises
    ------
    OSError
        If the file does not exist or is not an HDF5 file.
    IndexError
        If the index is neither a slice with a positive step nor a single row.
    ValueError
        If the file has no such dataset, its shape or type has changed, or its data are
        not stored in the file (see `load_dataset`).

    See Also
    --------
    open_dataset : Open a file in one process.

    Examples
    --------
    >>> import os, pickle, tempfile
    >>> from sknn_scratch.datasets import load_digit_images
    >>> from sknn_scratch.hdf5 import RowReader, save_dataset
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "digits.h5")
    ...     save_dataset(path, *load_digit_images())
    ...     images = pickle.loads(pickle.dumps(RowReader(path)))
    ...     print(images.shape, images[:100].mean().round(2))
    (1797, 8, 8) 4.87
    """

    def __init__(self, path, name="train_set_x"):
        self._path, self._name = os.path.abspath(os.fsdecode(path)), name
        with self._opened() as found:
            self.shape, self.dtype = found.shape, found.dtype
            self.ndim, self.chunks = found.ndim, found.chunks
        self.filename = f"{self._path}:/{self._name}"

    def __repr__(self):
        return f"<RowReader {self.filename}: {self.dtype} of shape {self.shape}>"

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, rows):
        if not all(map(is_supported, rows if isinstance(rows, tuple) else (rows,))):
            raise IndexError(
                f"{self.filename} is read by slices that go forward and by single "
                f"numbers, got [{rows!r}]."
            )
        with self._opened() as found:
            if (found.shape, found.dtype) != (self.shape, self.dtype):
                raise ValueError(
                    f"{self.filename} must stay as it was, {self.dtype} of shape "
                    f"{self.shape}, got {found.dtype} of shape {found.shape}."
                )
            return store.read_part(found, rows)

    @contextmanager
    def _opened(self):
        with store.reading(self._path) as file:
            yield store.open_array(file, self._name)
