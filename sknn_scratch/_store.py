"""Arrays and attributes <-> HDF5. The only file that imports h5py; knows no estimator.

Reading takes arrays of numbers or bytes. Writing goes to a temporary name beside the
target and is moved into place when it is whole.
"""

import os
import tempfile
from contextlib import contextmanager

import h5py


@contextmanager
def reading(path):
    """An open file, or an error of one line that names the path."""
    path = os.fspath(path)
    if os.path.isdir(path):
        raise IsADirectoryError(f"{path} must be an HDF5 file, got a directory.")
    if not os.path.exists(path):
        raise FileNotFoundError(f"{path} must be an HDF5 file, but does not exist.")
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        reason = "it is truncated" if "truncated" in str(error) else str(error)
        raise OSError(f"{path} must be a whole HDF5 file, got {reason}.") from None
    with file:
        yield file


def read_array(file, key):
    """The dataset of that name, or an error that names what is there."""
    if key not in file:
        raise ValueError(f"{file.filename} must hold {key!r}, got only {sorted(file)}.")
    dataset = file[key]
    if not isinstance(dataset, h5py.Dataset):
        raise ValueError(f"{file.filename}:/{key} must be a dataset, got a group.")
    if dataset.dtype.kind not in "buifS":
        raise ValueError(
            f"{file.filename}:/{key} must hold numbers or bytes, got {dataset.dtype}."
        )
    try:
        return dataset[()]
    except OSError as error:
        raise OSError(
            f"{file.filename}:/{key} must be readable, got {error}."
        ) from None


def write_arrays(path, arrays):
    """A new file at path with these arrays, whole or not at all."""
    path = os.fspath(path)
    folder, name = os.path.split(os.path.abspath(path))
    handle, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
    os.close(handle)
    try:
        with h5py.File(temporary, "w") as file:
            for key, array in arrays.items():
                file.create_dataset(key, data=array)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
