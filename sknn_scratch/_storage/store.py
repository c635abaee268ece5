"""Reading and writing of arrays and attributes in HDF5. Does not depend on estimators.

Files are checked before they are read (`checks`, `chunks`). Files are written
atomically and with checksums (`atomic`).
"""

import hashlib
import io
import math
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import NamedTuple

import h5py
import numpy as np

from . import chunks, hdf5_checks
from .atomic import replacing
from .damage import DAMAGE, naming_errors, reason
from .texts import abbreviate, abbreviate_names, inside

CHUNK_BYTES = 2**19  # h5py caches 1 MB of chunks
LIBVER = ("v110", "v110")  # the first version with a checksum in every block
DIGEST = "digest"
WRITTEN = {chunks.FLETCHER32}  # the filters of a tree
MOST_IN_TREE = 2_000  # groups, datasets and attributes: a second to read


class Tree(NamedTuple):
    """The contents of an HDF5 group by name; its groups are Trees, too."""

    attributes: dict
    arrays: dict
    groups: dict


# -- reading ---------------------------------------------------------------------------


@contextmanager
def reading(path):
    """Open an HDF5 file for reading; raise an error of one line that names the path."""
    path = os.fsdecode(path)
    if os.path.isdir(path):
        raise IsADirectoryError(f"{path} must be an HDF5 file, got a directory.")
    if not os.path.exists(path):
        raise FileNotFoundError(f"{path} must be an HDF5 file, but does not exist.")
    if not os.path.isfile(path):  # opening a pipe would block
        raise OSError(f"{path} must be an HDF5 file, got something else.")
    try:
        file = h5py.File(path, "r")
    except DAMAGE as error:
        raise OSError(
            f"{path} must be a whole HDF5 file, but {reason(error)}."
        ) from None
    with file:
        yield file


def keys(file):
    """Return the names of the groups and datasets at the root of a file."""
    return hdf5_checks.names_in(file, file.filename)


def open_array(file, key):
    """Return the h5py.Dataset of that name after its checks, without reading it.

    Raise an error that names it if it is missing or fails a check. The name of a
    dataset in groups is a path: `group/name`.
    """
    found, place = file, f"{file.filename}:"
    for name in key.split("/"):
        there = (
            hdf5_checks.names_in(found, place) if isinstance(found, h5py.Group) else []
        )
        if name not in there:
            raise ValueError(
                f"{place.rstrip(':')} must hold {abbreviate(name)}, got only "
                f"{abbreviate_names(sorted(there))}."
            )
        place = inside(place, name)
        found = hdf5_checks.open_item(found, name, place)
    hdf5_checks.check_dataset(found, place)
    return hdf5_checks.guarded(found, place)


def read_array(file, key):
    """Return the dataset of that name as an array."""
    return read_all(open_array(file, key))


def read_all(dataset):
    """Return all values of a checked dataset."""
    return read_part(dataset, ())


def read_part(dataset, index):
    """Return the values of a checked dataset at `index`."""
    with naming_errors(inside(f"{dataset.file.filename}:", dataset.name[1:])):
        return dataset[index]


def row_blocks(file, key, most_bytes=2**22):
    """Yield the rows of a dataset in blocks of about `most_bytes` bytes."""
    found = open_array(file, key)
    bytes_of_row = found.dtype.itemsize * math.prod(found.shape[1:])
    m = found.shape[0] if found.shape else 0
    rows = max(1, most_bytes // max(1, bytes_of_row))
    if found.chunks:  # whole chunks, so that none is unpacked twice
        rows = -(-rows // found.chunks[0]) * found.chunks[0]
    for start in range(0, m, rows):
        with naming_errors(inside(f"{file.filename}:", key)):
            block = found[start : start + rows]
        yield block


def read_attribute(file, name):
    """Return an attribute of the file, or None if it does not exist."""
    with naming_errors(file.filename):
        there = name in file.attrs
    return hdf5_checks.read_attribute(file, name, file.filename) if there else None


def read_tree(path, *, depth=2):
    """Return all contents of a file as a Tree with groups at most `depth` deep.

    Raise ValueError if the contents do not match the digest in the file. A file without
    digest is accepted.
    """
    with reading(path) as file:
        budget = hdf5_checks.Budget(file.id.get_filesize(), MOST_IN_TREE)
        tree = _read_group(file, f"{file.filename}:", depth, budget)
    expected = tree.attributes.pop(DIGEST, None)
    if expected is not None and expected != _digest(tree):
        raise ValueError(
            f"{os.fsdecode(path)} must be as it was written, but its contents do not "
            "fit their digest; take another copy of the file."
        )
    return tree


def _read_group(group, place, depth, budget):
    """Return the Tree of a group; `budget` is the Budget of the file."""
    names = hdf5_checks.names_in(group, place)
    budget.take(place, names=len(names), n_bytes=sum(map(len, names)))
    tree = Tree(hdf5_checks.read_attributes(group, place, budget), {}, {})
    for name in names:
        here = inside(place, name)
        found = hdf5_checks.open_item(group, name, here)
        if not isinstance(found, h5py.Group):
            stored = hdf5_checks.check_dataset(found, here, allowed=WRITTEN)
            budget.take(here, n_bytes=stored)
            tree.arrays[name] = read_all(found)
        elif depth:
            tree.groups[name] = _read_group(found, here, depth - 1, budget)
        else:
            raise ValueError(f"{here} must not lie so deep.")
    return tree


class Entry(NamedTuple):
    """The description of a dataset, known without reading it."""

    shape: tuple | None  # None: an empty dataspace, or stored in another file
    dtype: object  # object: neither numbers nor bytes of fixed length
    compression: str | None
    chunks: tuple | None
    stored_bytes: int


def contents(file):
    """Return the Entry of every dataset of the file by its path, in all groups.

    Soft and external links are not followed. No object is visited twice.
    """
    entries, seen, waiting, count = {}, set(), [("", file)], 0
    while waiting:
        before, group = waiting.pop()
        names = hdf5_checks.names_in(group, file.filename)
        count += len(names)
        if count > hdf5_checks.MOST_NAMES:
            raise hdf5_checks.too_many(file.filename, hdf5_checks.MOST_NAMES)
        for name in names:
            place = inside(f"{file.filename}:", f"{before}{name}")
            if not hdf5_checks.is_hard_link(group, name, place):
                continue
            found = hdf5_checks.open_item(group, name, place)
            with naming_errors(place):
                address = h5py.h5o.get_info(found.id).addr
            if address in seen:
                continue
            seen.add(address)
            if isinstance(found, h5py.Group):
                waiting.append((f"{before}{name}/", found))
            elif isinstance(found, h5py.Dataset):
                with naming_errors(place):
                    entries[f"{before}{name}"] = _entry(found)
    return dict(sorted(entries.items()))


def _entry(found):
    dtype = hdf5_checks.plain_type(found.id) or np.dtype(object)
    if hdf5_checks.stored_elsewhere(found):
        return Entry(None, dtype, "in another file", None, 0)
    packing = found._filters.keys() - {"fletcher32", "shuffle"}
    of = found.compression or ("other filters" if packing else None)
    stored = found.id.get_storage_size()
    return Entry(found.shape, dtype, of, found.chunks, stored)


# -- writing ---------------------------------------------------------------------------


def write_tree(path, tree, *, depth=None):
    """Write a Tree and its digest to path atomically.

    Raise ValueError for groups more than `depth` deep: they could not be read again.
    """
    if depth is not None and _depth(tree) > depth:
        raise ValueError(
            f"{os.fsdecode(path)} can hold groups {depth} deep, got {_depth(tree)}; "
            "put fewer Pipelines into each other."
        )
    if (count := _count(tree)) > MOST_IN_TREE:  # it could not be read again
        raise ValueError(
            f"{os.fsdecode(path)} can hold {MOST_IN_TREE} arrays, groups and "
            f"attributes, got {count}; take fewer layers or members."
        )
    with ThreadPoolExecutor(1) as thread:  # so that Ctrl-C is not lost (`appending`)
        image = thread.submit(_image, tree).result()
    with (
        image,  # released, or Python 3.13 complains when it collects an exception
        replacing(path, ".h5.part") as temporary,
        _writing(path),
        open(temporary, "xb") as out,
    ):
        out.write(image)


def _depth(tree):
    """Return how many groups lie in each other."""
    return max((1 + _depth(inner) for inner in tree.groups.values()), default=0)


def _count(tree):
    """Return the number of attributes, arrays and groups of a tree."""
    return sum(map(len, tree)) + sum(map(_count, tree.groups.values()))


def _image(tree):
    """Return the bytes of an HDF5 file with this Tree."""
    memory = io.BytesIO()
    with h5py.File(memory, "w", libver=LIBVER) as file:
        _write_group(file, tree)
        file.attrs[DIGEST] = _fixed_length(_digest(tree))
    return memory.getbuffer()


def _write_group(group, tree):
    for name, value in tree.attributes.items():
        group.attrs[name] = _fixed_length(value) if isinstance(value, str) else value
    for name, array in tree.arrays.items():
        group.create_dataset(name, data=array, **_storage(array))
    for name, inner in tree.groups.items():
        _write_group(group.create_group(name), inner)


def _fixed_length(text):
    """Return a text as UTF-8 bytes of fixed length.

    Texts of variable length have no checksum in HDF5.
    """
    if "\0" in text:
        raise ValueError(f"A text in a file must not hold NUL, got {abbreviate(text)}.")
    text = text.encode()
    if len(text) > hdf5_checks.MOST_TEXT:  # it could not be read again
        raise ValueError(
            f"A text in a file must have at most {hdf5_checks.MOST_TEXT} bytes, got "
            f"{len(text)}: {abbreviate(text)}."
        )
    return np.array(text, h5py.string_dtype("utf-8", max(1, len(text))))


def _digest(tree):
    """Return a hash of the names, types, shapes and bytes of a Tree, sorted by name."""
    digest = hashlib.blake2b(digest_size=32)

    def add(*parts):
        for part in parts:  # with its length: no two trees give the same bytes
            digest.update(b"%d:" % len(part))
            digest.update(part)

    for name, value in sorted(tree.attributes.items()):
        value = value.item() if hasattr(value, "item") else value
        add(b"attribute", name.encode(), repr(value).encode())
    for name, array in sorted(tree.arrays.items()):
        plain = np.ascontiguousarray(array)
        add(
            b"array",
            name.encode(),
            plain.dtype.str.encode(),
            repr(array.shape).encode(),
        )
        add(plain.reshape(-1).view(np.uint8).data if plain.size else b"")
    for name, inner in sorted(tree.groups.items()):
        add(b"group", name.encode(), _digest(inner).encode())
    return digest.hexdigest()


class Appender:
    """Writer of a new HDF5 file: `append` extends a dataset, `write` creates one."""

    def __init__(self, file, act, compression):
        self._file, self._act, self._compression = file, act, compression

    def append(self, key, rows, expected=None):
        """Append rows to a dataset; the first rows set its type and the shape of a row.

        `expected` is the final number of rows: a small dataset gets small chunks.
        """
        self._act(self._append, key, rows, expected)

    def _append(self, key, rows, expected):
        if key not in self._file:
            storage = _storage(rows, self._compression, expected)
            if storage:
                storage["maxshape"] = (None, *rows.shape[1:])
            self._file.create_dataset(key, data=rows, **storage)
            return
        grown = self._file[key]
        grown.resize(len(grown) + len(rows), axis=0)
        grown[-len(rows) :] = rows

    def write(self, key, array):
        """Create a dataset from an array with all its rows."""
        storage = _storage(array)
        self._act(self._file.create_dataset, key, data=array, **storage)


@contextmanager
def appending(path, *, compression=None):
    """Yield an Appender; if the block does not fail, move its file to path.

    HDF5 writes in another thread, because Ctrl-C interrupts only the main thread. An
    interrupt while HDF5 calls back into Python (`_DeferringFile`) would be lost,
    together with the data to be written.
    """
    with replacing(path, ".h5.part") as temporary, ThreadPoolExecutor(1) as thread:
        with _writing(path):
            disk = _DeferringFile(temporary, "x+")
        with disk:
            opening = thread.submit(h5py.File, disk, "w", libver=LIBVER)

            def act(function, *args, **options):
                with _writing(path, disk):
                    return thread.submit(function, *args, **options).result()

            def close():
                opening.result().close()

            try:
                yield Appender(act(opening.result), act, compression)
            except BaseException:
                with suppress(Exception):  # the first exception is the one to report
                    thread.submit(close).result()
                raise
            act(close)
            with _writing(path, disk):
                disk.close()
            if compression is not None:
                _check_compressed(temporary, os.fsdecode(path))


def _check_compressed(temporary, path):
    """Raise a ValueError for a new file that would not be read again."""
    with h5py.File(temporary, "r") as file:
        for name, found in file.items():
            hdf5_checks.check_size(found, chunks.filters_of(found), f"{path}:/{name}")


class _DeferringFile(io.FileIO):
    """A file for HDF5 that hides write errors, because HDF5 crashes on a full disk.

    The first error is kept in `failure`. Nothing is written after it.
    """

    failure = None

    def write(self, data):
        data = memoryview(data)
        done = 0
        while self.failure is None and done < len(data):
            done += self._try(super().write, data[done:])
        return len(data)

    def truncate(self, size=None):
        if self.failure is None:
            self._try(super().truncate, size)
        return size

    def close(self):  # a network file system may report only here that it is full
        try:
            super().close()
        except OSError as error:
            self.failure = self.failure or error

    def _try(self, act, argument):
        try:
            return act(argument)
        except OSError as error:
            self.failure = error
            return 0


@contextmanager
def _writing(path, disk=None):
    """Turn errors of a write into an OSError of one line that names the path."""
    try:
        yield
        if disk is not None and disk.failure is not None:
            raise disk.failure
    except (OSError, RuntimeError) as error:  # h5py: RuntimeError where close fails
        path = os.fsdecode(path)
        raise OSError(f"{path} could not be written: {reason(error)}.") from error


def _storage(array, compression=None, most_rows=None):
    """Return options of h5py: chunks of whole rows, of half a MB, with checksums.

    HDF5 has no chunks for empty arrays and single numbers.
    """
    if not array.size or not array.ndim:
        return {}
    rows = max(1, CHUNK_BYTES // max(1, array[0].nbytes))
    rows = min(rows, len(array) if most_rows is None else most_rows)
    # grouped by their position in the number, bytes compress better
    shuffle = compression is not None and array.dtype.itemsize > 1
    return {
        "chunks": (rows, *array.shape[1:]),
        "compression": compression,
        "shuffle": shuffle,
        "fletcher32": True,
    }
