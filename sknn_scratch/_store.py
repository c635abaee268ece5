"""Arrays and attributes <-> HDF5. The only file that imports h5py; knows no estimator.

Reading takes arrays of numbers or bytes. Writing goes to a temporary name beside the
target and is moved into place when it is whole.
"""

import math
import os
from contextlib import contextmanager, suppress
from typing import NamedTuple

import h5py

from ._atomic import replacing

# what h5py raises on damaged files, found by flipping bytes
DAMAGE = (OSError, KeyError, RuntimeError, TypeError, ValueError, MemoryError)
CHUNK_BYTES = 2**19  # h5py keeps 1 MB of chunks at hand


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


def read_tree(path, depth=2):
    """Everything in the file, so many groups deep at most."""
    with reading(path) as file:
        return _read_group(file, f"{file.filename}:", depth)


def write_tree(path, tree, *, chunked=(), compression=None):
    """A new file at path with this tree, whole or not at all.

    `chunked` names the arrays of the root that are kept in chunks of whole rows,
    compressed or not; the others are kept in one piece.
    """
    with _replacing(path) as file, _writing(path):
        _write_group(file, tree, chunked, compression)


class Entry(NamedTuple):
    """What is known of a dataset before it is read."""

    shape: tuple | None  # None: an empty dataspace
    dtype: object
    compression: str | None
    chunks: tuple | None
    stored_bytes: int


def contents(file):
    """The Entry of every dataset of the file by its name, groups within groups too.

    Links to other places are not followed.
    """
    found = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset):
            of = item.compression or ("other filters" if item._filters else None)
            stored = item.id.get_storage_size()
            found[name] = Entry(item.shape, item.dtype, of, item.chunks, stored)

    with _named(file.filename):
        file.visititems(visit)
    return found


def read_attribute(file, name):
    """An attribute of the file, or None."""
    with _named(file.filename):
        return file.attrs.get(name)


def row_blocks(file, key, most_bytes=2**22):
    """The rows of a dataset, some at a time."""
    place = f"{file.filename}:/{key}"
    with _named(place):
        found = file[key]
        bytes_of_row = found.dtype.itemsize * math.prod(found.shape[1:])
        m = len(found)
    rows = max(1, most_bytes // max(1, bytes_of_row))
    if found.chunks:  # a chunk is unpacked whole: not twice
        rows = -(-rows // found.chunks[0]) * found.chunks[0]
    for start in range(0, m, rows):
        with _named(place):
            block = found[start : start + rows]
        yield block


class Appender:
    """A file being written; `append` lets a dataset grow, `write` makes a whole one."""

    def __init__(self, file, path, compression):
        self._file, self._path, self._compression = file, path, compression

    def append(self, key, rows, expected=None):
        """More rows of a dataset; the first give its type and the shape of a row.

        `expected`, the number of rows in the end, keeps chunks of a small one small.
        """
        with _writing(self._path):
            if key not in self._file:
                shape = rows.shape[1:]
                storage = _storage(shape, rows.dtype, self._compression, expected)
                limits = (None, *shape)
                self._file.create_dataset(key, data=rows, maxshape=limits, **storage)
                return
            grown = self._file[key]
            grown.resize(len(grown) + len(rows), axis=0)
            grown[-len(rows) :] = rows

    def write(self, key, array):
        """A dataset in one piece."""
        with _writing(self._path):
            self._file.create_dataset(key, data=array)


@contextmanager
def appending(path, *, compression=None):
    """An Appender; what it wrote is at path when the block ends well, else nowhere."""
    with _replacing(path) as file:
        yield Appender(file, path, compression)


@contextmanager
def _replacing(path):
    """A new file under another name, moved to path when the block ends well."""
    with replacing(path, ".h5.part") as temporary:
        with _writing(path):
            file = h5py.File(temporary, "x")
        try:
            yield file
        except BaseException:
            with suppress(OSError, RuntimeError):  # what went wrong first is told
                file.close()
            raise
        with _writing(path):
            file.close()


@contextmanager
def _writing(path):
    """What the system says of a failed write, as an OSError that names the path."""
    try:
        yield
    except (OSError, RuntimeError) as error:  # h5py: RuntimeError where close fails
        path = os.fsdecode(path)
        raise OSError(f"{path} could not be written: {_reason(error)}.") from error


def _write_group(group, tree, chunked=(), compression=None):
    for key, value in tree.attributes.items():
        group.attrs[key] = value
    for key, array in tree.arrays.items():
        storage = {}
        if key in chunked and array.size:  # HDF5 has no chunks of nothing
            storage = _storage(array.shape[1:], array.dtype, compression, len(array))
        group.create_dataset(key, data=array, **storage)
    for key, inner in tree.groups.items():
        _write_group(group.create_group(key), inner)


def _storage(shape, dtype, compression, most_rows=None):
    """How h5py keeps rows of this shape: in chunks of whole rows, about half a MB."""
    bytes_of_row = dtype.itemsize * math.prod(shape)
    rows = max(1, CHUNK_BYTES // max(1, bytes_of_row))
    rows = rows if most_rows is None else min(rows, most_rows)
    # bytes of one place in the number beside each other compress better
    shuffle = compression is not None and dtype.itemsize > 1
    chunks = (rows, *(max(1, side) for side in shape))
    return {"chunks": chunks, "compression": compression, "shuffle": shuffle}


def _read_group(group, place, depth):
    tree = Tree({}, {}, {})
    for key in keys(group):
        here = f"{place}/{key}"
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
    if getattr(error, "errno", None):  # h5py adds the temporary name, flags and more
        words = os.strerror(error.errno)
    return f"the system says: {words.rstrip('.')}"
