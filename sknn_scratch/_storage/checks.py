"""Checks of untrusted HDF5 files before they are read. Does not depend on estimators.

HDF5 trusts its files: it allocates the sizes that a few bytes declare and opens the
files that they name. So links, layouts, types, filters and sizes are checked first.
"""

import math
import os
import zlib
from contextlib import contextmanager

import h5py
import numpy as np
from h5py import h5d, h5t, h5z

# exceptions of h5py for damaged files, found by flipping bytes
DAMAGE = (OSError, KeyError, RuntimeError, TypeError, ValueError, MemoryError)
DAMAGE += (zlib.error,)
PLAIN = {h5t.INTEGER: "ui", h5t.FLOAT: "f", h5t.ENUM: "b", h5t.STRING: "S"}
COMPRESSED = {h5z.FILTER_DEFLATE, h5z.FILTER_LZF}
KNOWN_FILTERS = COMPRESSED | {h5z.FILTER_SHUFFLE, h5z.FILTER_FLETCHER32}
LARGEST_RATIO = 1100  # deflate expands a byte to at most 1032
LARGE_CHUNK = 2**19  # compressed bytes, which expand to half a GB at most
MOST_TEXT = 2**20  # bytes of an attribute
MOST_NAMES = 10_000  # in a file
FEW_NAMES = f"a file must hold at most {MOST_NAMES} groups and datasets"


@contextmanager
def naming_errors(place):
    """Turn exceptions of h5py into an OSError of one line that names the place."""
    try:
        yield
    except DAMAGE as error:
        raise OSError(f"{place} must be readable, but {reason(error)}.") from None


def reason(error):
    """Return the message of an exception of h5py on one line, as a clause."""
    words = getattr(error, "strerror", None) or str(error).strip("'\"")
    words = " ".join(words.split())
    if "truncated file" in words:
        return "it is cut short"
    if "signature not found" in words:
        return "it is of another format"
    if getattr(error, "errno", None):  # drops the temporary name, the flags and more
        words = os.strerror(error.errno)
    return f"the system says: {words.rstrip('.')}"


def names_in(group, place):
    """Return the names in a group; raise ValueError for more than a file may hold."""
    with naming_errors(place):
        if (count := len(group)) <= MOST_NAMES:
            return [str(name) for name in group]
    raise ValueError(f"{place} holds {count}: {FEW_NAMES}.")


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


def check_dataset(found, place):
    """Check that it is a plain array stored whole in this file; return its byte count.

    Raise ValueError or OSError otherwise.
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
    if dtype is None:
        raise ValueError(
            f"{place} must hold numbers or bytes of fixed length, got "
            f"{_type_in_words(found.id)}."
        )
    if shape is None:
        raise ValueError(f"{place} must hold an array, got an empty dataspace.")
    if found.chunks:
        _check_chunks(found, place, stored)
    else:
        _check_size(place, found, math.prod(shape), stored, stored)
    return stored


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


def _check_size(place, found, count, most, stored):
    """Raise ValueError if `count` elements take more than `most` bytes."""
    declared = count * found.id.get_type().get_size()
    if declared > most:
        raise ValueError(
            f"{place} must be stored whole, got shape {found.shape}, which takes "
            f"{declared} bytes, of {stored} bytes in the file."
        )


def _check_chunks(found, place, stored):
    """Check that all chunks are stored and that none unpacks to more than its shape."""
    with naming_errors(place):
        plist = found.id.get_create_plist()
        count = plist.get_nfilters()
        filters = {f[0]: f[2] for f in map(plist.get_filter, range(count))}
        chunk, there = math.prod(found.chunks), found.id.get_num_chunks()
    sides = zip(found.shape, found.chunks, strict=True)
    needed = math.prod(-(-side // of_chunk) for side, of_chunk in sides)
    packed = COMPRESSED & filters.keys()
    if not filters.keys() <= KNOWN_FILTERS or len(filters) < count or len(packed) > 1:
        raise ValueError(
            f"{place} must be uncompressed or compressed with gzip or lzf, once, got "
            f"the filters {sorted(filters)}; write it again with one of these."
        )
    if there < needed:
        raise ValueError(
            f"{place} must be stored whole, got {there} of {needed} chunks."
        )
    most = LARGEST_RATIO * stored if packed else stored
    _check_size(place, found, needed * chunk, most, stored)
    if packed:
        chunk_bytes = chunk * found.id.get_type().get_size()
        _check_packed(found, place, chunk_bytes, filters)


def _check_packed(found, place, chunk_bytes, filters):
    """Raise ValueError if a chunk unpacks to more bytes than its shape takes.

    HDF5 would allocate all of them. Only large chunks are unpacked for the check: small
    ones cannot expand to much.
    """
    sizes = [chunk_bytes, *filters.get(h5z.FILTER_LZF, ())[2:]]
    large = []

    def collect(chunk):
        deflated = h5z.FILTER_DEFLATE in filters
        left_out = deflated and chunk.filter_mask >> [*filters].index(
            h5z.FILTER_DEFLATE
        )
        if deflated and not left_out & 1 and chunk.size > LARGE_CHUNK:
            large.append(chunk.chunk_offset)

    with naming_errors(place):
        found.id.chunk_iter(collect)
        for offset in large:
            raw = found.id.read_direct_chunk(offset)[1]
            sizes.append(len(zlib.decompressobj().decompress(raw, chunk_bytes + 1)))
    if max(sizes) > chunk_bytes:
        raise ValueError(
            f"{place} must unpack to {chunk_bytes} bytes a chunk, got more of them."
        )


def _type_in_words(item):
    """Return a description of an HDF5 type that is not supported."""
    stored = item.get_type()
    words = {
        h5t.COMPOUND: "a compound type",
        h5t.REFERENCE: "references",
        h5t.OPAQUE: "an opaque type",
        h5t.ARRAY: "arrays",
        h5t.STRING: "texts of variable length",
        h5t.VLEN: "rows of variable length",
    }
    return words.get(stored.get_class(), f"numbers of {stored.get_size()} bytes")


# -- attributes ------------------------------------------------------------------------


def read_attributes(item, place):
    """Return the attributes of a file, group or dataset: single numbers and texts."""
    with naming_errors(place):
        count = len(item.attrs)
    if count > MOST_NAMES:
        raise ValueError(f"{place} must have few attributes, got {count}.")
    with naming_errors(place):
        names = [str(name) for name in item.attrs]
    return {name: read_attribute(item, name, place) for name in names}


def read_attribute(item, name, place):
    """Return one attribute as a number or a text."""
    with naming_errors(place):
        stored = item.attrs.get_id(name)
        kind = stored.get_type()
        # texts of variable length are refused: HDF5 hangs where their heap is damaged
        right = plain_type(stored) is not None
        shape, size = stored.shape, kind.get_size()
    if shape != () or not right or size > MOST_TEXT:
        raise ValueError(
            f"{place} must have in its attribute {name!r} one number or text, got "
            f"{'a type' if right else _type_in_words(stored)} of {size} bytes and "
            f"shape {shape}."
        )
    with naming_errors(place):
        value = item.attrs[name]
        value = value.item() if hasattr(value, "item") else value
        return value.decode("utf-8") if isinstance(value, bytes) else value
