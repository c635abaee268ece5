"""Arrays and attributes <-> HDF5. The only file that imports h5py; knows no estimator.

Reading takes arrays of numbers or bytes. Writing goes to a temporary name beside the
target and is moved into place when it is whole.
"""

import os
import secrets
import shutil
from contextlib import contextmanager, suppress
from typing import NamedTuple

import h5py

# what h5py raises on damaged files, found by flipping bytes
DAMAGE = (OSError, KeyError, RuntimeError, TypeError, ValueError, MemoryError)


class Tree(NamedTuple):
    """What an HDF5 group holds, each by name; groups hold trees."""

    attributes: dict
    arrays: dict
    groups: dict


@contextmanager
def reading(path):
    """An open file, or an error of one line that names the path."""
    path = os.fsdecode(path)
    if os.path.isdir(path):
        raise IsADirectoryError(f"{path} must be an HDF5 file, got a directory.")
    if not os.path.exists(path):
        raise FileNotFoundError(f"{path} must be an HDF5 file, but does not exist.")
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise OSError(
            f"{path} must be a whole HDF5 file, but {_reason(error)}."
        ) from None
    with file:
        yield file


def keys(group):
    """The names of what is in a file or group."""
    with _named(group.file.filename):
        return [str(key) for key in group]


def read_array(file, key):
    """The dataset of that name, or an error that names what is there."""
    there = keys(file)
    if key not in there:
        raise ValueError(
            f"{file.filename} must hold {key!r}, got only {sorted(there)}."
        )
    place = f"{file.filename}:/{key}"
    with _named(place):
        found = file[key]
    return _read_dataset(found, place)


def _read_dataset(found, place):
    """The array of a dataset that holds numbers or bytes."""
    with _named(place):
        is_dataset = isinstance(found, h5py.Dataset)
        shape, dtype = (found.shape, found.dtype) if is_dataset else (None, None)
    if not is_dataset:
        kind = type(found).__name__.lower()
        raise ValueError(f"{place} must be a dataset, got a {kind}.")
    if shape is None:
        raise ValueError(f"{place} must hold an array, got an empty dataspace.")
    if dtype.kind not in "buifS":
        raise ValueError(
            f"{place} must hold numbers or bytes of fixed length, got {dtype}."
        )
    with _named(place):
        return found[()]


def read_tree(path):
    """Everything in the file, two groups deep at most."""
    with reading(path) as file:
        return _read_group(file, file.filename, depth=2)


def write_tree(path, tree, **storage):
    """A new file at path with this tree, whole or not at all.

    `storage` goes to every array that is not a scalar: chunks, compression.
    """
    path = os.fsdecode(path)
    target = os.path.realpath(path)  # what a link points at is replaced, not the link
    folder = os.path.dirname(target)
    if os.path.isdir(target):
        raise IsADirectoryError(f"{path} must be a file to write, got a directory.")
    if not os.path.isdir(folder):
        raise FileNotFoundError(
            f"{path} must be in a folder that exists, but {folder} does not."
        )
    # created by h5py and not by mkstemp, so that the umask gives the permissions
    temporary = os.path.join(folder, f".{secrets.token_hex(8)}.h5.part")
    try:
        with h5py.File(temporary, "x") as file:
            _write_group(file, tree, storage)
        with open(temporary, "rb") as written:
            os.fsync(written.fileno())
        if os.path.exists(target):
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    except (OSError, RuntimeError) as error:  # h5py: RuntimeError where close fails
        raise OSError(f"{path} could not be written: {_reason(error)}.") from error
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)


def _write_group(group, tree, storage):
    for key, value in tree.attributes.items():
        group.attrs[key] = value
    for key, array in tree.arrays.items():
        group.create_dataset(key, data=array, **storage)
    for key, inner in tree.groups.items():
        _write_group(group.create_group(key), inner, storage)


def _read_group(group, place, depth):
    tree = Tree({}, {}, {})
    for key in keys(group):
        here = f"{place}:/{key}" if depth == 2 else f"{place}/{key}"
        with _named(here):
            inner = group[key]
        if isinstance(inner, h5py.Group):
            if not depth:
                raise ValueError(f"{here} must not lie so deep.")
            tree.groups[key] = _read_group(inner, here, depth - 1)
        else:
            tree.arrays[key] = _read_dataset(inner, here)
    with _named(place):
        for key, value in group.attrs.items():
            tree.attributes[key] = value.item() if hasattr(value, "item") else value
    return tree


@contextmanager
def _named(place):
    """What h5py says of damage, as an OSError of one line that names the place."""
    try:
        yield
    except DAMAGE as error:
        raise OSError(f"{place} must be readable, but {_reason(error)}.") from None


def _reason(error):
    """The library's words, on one line, as a clause."""
    words = getattr(error, "strerror", None) or str(error).strip("'\"")
    words = " ".join(words.split())
    if "truncated file" in words:
        return "it is cut short"
    if "signature not found" in words:
        return "it is of another format"
    return f"the system says: {words.rstrip('.')}"
