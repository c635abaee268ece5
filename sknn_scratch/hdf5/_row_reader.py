"""Read rows of an HDF5 dataset in any process, without an open file."""

import os
from contextlib import contextmanager
from numbers import Integral

from .._storage import store


def is_forward(index):
    """Return True if HDF5 takes the index for one axis."""
    if isinstance(index, slice):
        return index.step is None or index.step > 0
    return index is Ellipsis or isinstance(index, Integral)


class RowReader:
    """Rows of an HDF5 dataset for other processes and machines: no file stays open.

    The file is opened, and checked as `open_dataset` checks it, for each slice that is
    asked for. So it can be pickled, and `dask.array.from_array` makes of it an array
    whose blocks every worker of a cluster reads for itself. Networks train on it as on
    an `h5py.Dataset`, too.

    Parameters
    ----------
    path : str or path-like
        The file; every process must find it there.
    name : str, default="train_set_x"
        The name of the dataset.

    Attributes
    ----------
    shape : tuple of int
        Of the dataset.
    dtype : dtype
        Of its values.
    ndim : int
        Number of dimensions.
    chunks : tuple of int or None
        How it lies in the file; blocks of whole chunks are read fastest.
    filename : str
        Path of the file and name of the dataset, as errors have them.

    Raises
    ------
    OSError
        If the file does not exist or is no HDF5 file.
    IndexError
        If it is asked for other than slices that go forward and single rows.
    ValueError
        If it has no such dataset, one of another shape or type than before, or one that
        is not read from a file (see `load_dataset`).

    See Also
    --------
    open_dataset : An open file, for one process.

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
        if not all(map(is_forward, rows if isinstance(rows, tuple) else (rows,))):
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
