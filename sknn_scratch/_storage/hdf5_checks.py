"""Checks of untrusted HDF5 files before they are read. Does not depend on estimators.

HDF5 trusts its files: it allocates the sizes that a few bytes declare and opens the
files that they name. So links, layouts, types, filters and sizes are checked first.
"""

import math

import h5py
import numpy as np
from h5py import h5d, h5t

from . import chunks
from .damage import naming_errors
from .texts import abbreviate

PLAIN = {h5t.INTEGER: "ui", h5t.FLOAT: "f", h5t.ENUM: "b", h5t.STRING: "S"}
MOST_TEXT = 2**20  # bytes of an attribute
MOST_NAMES = 10_000  # in a file


def too_many(place, most):
    """Return the error for a file that holds more than so many things."""
    return ValueError(
        f"{place} holds too much: a file must have at most {most} groups, datasets and "
        "attributes."
    )


class Budget:
    """Bytes and names that may still be read; an object reached twice counts twice.

    Parameters
    ----------
    n_bytes : int
        Of the file.
    names : int
        The most groups, datasets and attributes.
    """

    def __init__(self, n_bytes, names=MOST_NAMES):
        self._bytes, self._names, self._most = n_bytes, names, names

    def take(self, place, *, n_bytes=0, names=0):
        """Count names and bytes, or raise a ValueError if the file cannot have them."""
        self._bytes -= n_bytes
        self._names -= names
        if self._names < 0:
            raise too_many(place, self._most)
        if self._bytes < 0:
            raise ValueError(
                f"{place} must have bytes of its own in the file, got some that other "
                "parts have too."
            )


def names_in(group, place):
    """Return the names in a group; raise ValueError for more than a file may hold."""
    with naming_errors(place):
        if len(group) <= MOST_NAMES:
            return [str(name) for name in group]
    raise too_many(place, MOST_NAMES)


def is_hard_link(group, name, place):
    """Return True if the name is a hard link, whose object is in the same file."""
    with naming_errors(place):
        return group.get(name, getlink=True, getclass=True) is h5py.HardLink


def open_item(group, name, place):
    """Return the group or dataset of that name.

    Raise ValueError for soft and external links.
    """
    if not is_hard_link(group, name, place):
        raise ValueError(
            f"{place} must be in the file itself, got a link; copy there what it is "
            "to mean."
        )
    with naming_errors(place):
        return group[name]


def plain_type(item):
    """Return the dtype of a dataset or attribute of numbers or bytes, else None."""
    stored = item.get_type()
    kind = PLAIN.get(stored.get_class())
    if kind is None or (kind == "S" and stored.is_variable_str()):
        return None
    if kind != "S" and stored.get_size() > np.dtype(np.longdouble).itemsize:
        return None
    found = stored.dtype
    return found if found.kind in kind + "ui" else None


def check_dataset(found, place, *, allowed=chunks.KNOWN_FILTERS):
    """Check that it is a plain array stored whole in this file; return its byte count.

    Raise ValueError or OSError otherwise, and for filters that are not allowed.
    """
    if not isinstance(found, h5py.Dataset):
        kind = type(found).__name__.lower()
        raise ValueError(f"{place} must be a dataset, got a {kind}.")
    with naming_errors(place):
        elsewhere = stored_elsewhere(found)
    if elsewhere:
        raise ValueError(
            f"{place} must be stored in the file itself, got {elsewhere} storage; save "
            "a copy of the data."
        )
    with naming_errors(place):
        dtype, shape, stored = plain_type(found.id), found.shape, _stored_bytes(found)
        filters = chunks.filters_of(found)
    if dtype is None:
        raise ValueError(
            f"{place} must hold numbers or bytes of fixed length, got "
            f"{_type_in_words(found.id)}."
        )
    if shape is None:
        raise ValueError(f"{place} must hold an array, got an empty dataspace.")
    if found.chunks:
        chunks.check_filters(found, filters, place, allowed)
    check_size(found, filters, place)
    if found.chunks and not allowed & chunks.COMPRESSED:
        with naming_errors(place):
            chunks.check_plain_chunks(found, filters, place)
    return stored


def guarded(found, place):
    """Return a checked dataset, whose compressed chunks are checked when read."""
    with naming_errors(place):
        filters = chunks.filters_of(found)
    if not any(code in chunks.COMPRESSED for code, _ in filters):
        return found
    return chunks.PackedDataset(found, filters, place)


def check_size(found, filters, place):
    """Raise ValueError for a dataset that declares more than its stored bytes allow."""
    count, size = math.prod(found.shape), found.id.get_type().get_size()
    stored = found.id.get_storage_size()
    if found.chunks:
        with naming_errors(place):
            there = found.id.get_num_chunks()
        sides = zip(found.shape, found.chunks, strict=True)
        needed = math.prod(-(-side // of_chunk) for side, of_chunk in sides)
        if there < needed:
            raise ValueError(
                f"{place} must be stored whole, got {there} of {needed} chunks."
            )
        count = needed * math.prod(found.chunks)
    most = chunks.most_bytes(filters, stored)
    if count * size <= most:
        return
    shape = abbreviate(found.shape)
    if most > stored:
        raise ValueError(
            f"{place} must not be compressed more than {chunks.MOST_RATIO} times, got "
            f"{count * size} bytes in {stored}; save it uncompressed."
        )
    raise ValueError(
        f"{place} must be stored whole, got shape {shape}, which takes {count * size} "
        f"bytes, of {stored} bytes in the file."
    )


def stored_elsewhere(found):
    """Return "virtual" or "external" for a dataset stored in other files, or else None.

    Call it before reading the shape, which opens the other files.
    """
    plist = found.id.get_create_plist()
    if plist.get_layout() == h5d.VIRTUAL:
        return "virtual"
    return "external" if plist.get_external_count() else None


def _stored_bytes(found):
    """Return the bytes of a dataset in the file; raise OSError if they exceed it."""
    stored = found.id.get_storage_size()
    offset = found.id.get_offset() or 0  # 0: in chunks, or in the header
    # the size of the open file: its name may belong to another file by now
    size = found.file.id.get_filesize()
    if stored + offset > size:
        raise OSError(f"{stored} bytes do not lie in a file of {size}")
    return stored


def _type_in_words(item):
    """Return a description of an HDF5 type that is not supported."""
    stored = item.get_type()
    words = {
        h5t.COMPOUND: "a compound type",
        h5t.REFERENCE: "references",
        h5t.OPAQUE: "an opaque type",
        h5t.ARRAY: "arrays",
        # HDF5 reads them through a heap, in which a spoiled file crashes it
        h5t.STRING: "texts of variable length (write names as np.array(names, 'S'))",
        h5t.VLEN: "rows of variable length",
    }
    return words.get(stored.get_class(), f"numbers of {stored.get_size()} bytes")


# -- attributes ------------------------------------------------------------------------


def read_attributes(item, place, budget):
    """Return the attributes of a file or group, which are single numbers and texts.

    `budget` is the Budget of the file.
    """
    with naming_errors(place):
        count = len(item.attrs)
    budget.take(place, names=count)
    with naming_errors(place):
        names = [str(name) for name in item.attrs]
    budget.take(place, n_bytes=sum(map(len, names)))
    return {name: read_attribute(item, name, place, budget) for name in names}


def read_attribute(item, name, place, budget=None):
    """Return one attribute as a number or a text."""
    with naming_errors(place):
        stored = item.attrs.get_id(name)
        kind = stored.get_type()
        # texts of variable length are refused: HDF5 hangs where their heap is damaged
        right = plain_type(stored) is not None
        shape, size = stored.shape, kind.get_size()
    if shape != () or not right or size > MOST_TEXT:
        raise ValueError(
            f"{place} must have in its attribute {abbreviate(name)} one number or "
            f"text, got {'a type' if right else _type_in_words(stored)} of {size} "
            f"bytes and shape {abbreviate(shape)}."
        )
    if budget is not None:
        budget.take(place, n_bytes=size)
    with naming_errors(place):
        value = item.attrs[name]
        value = value.item() if hasattr(value, "item") else value
        return value.decode("utf-8") if isinstance(value, bytes) else value
