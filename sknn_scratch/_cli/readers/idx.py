"""Reader of IDX files, in which MNIST and its relatives are published.

A file is a magic number (two zeros, the type, the number of axes), the lengths of the
axes as big-endian int32, and the values (LeCun, Cortes and Burges, 1998). It may be
packed by gzip.
"""

import gzip
import math
import os
import re
import struct
import zlib
from contextlib import contextmanager

import numpy as np

from .arrays import LABELS_PACKED, ROWS_PACKED, UNPACKED_BYTES, Header, check_rows
from .common import LabelledBlocks, Source, block_length
from .labels import encode

TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
IDX = re.compile(
    r".*(idx\d-?|-)(ubyte|byte|short|int|float|double)(\.gz)?|.*\.idx(\.gz)?"
)
MOST_AXES = 4
DAMAGE = (OSError, EOFError, zlib.error)


def is_idx(source):
    """Return whether a file has the name of an IDX file."""
    return IDX.fullmatch(os.path.basename(source).lower()) is not None


def idx_in(folder):
    """Return the path of the training images of MNIST's layout in a folder, or None."""
    names = sorted(name for name in os.listdir(folder) if is_idx(name))
    found = [name for name in names if name.startswith("train") and "image" in name]
    return os.path.join(folder, found[0]) if found else None


def read_idx(arguments, rng, show):
    """Return the Source of an IDX file of images, its labels and its test set.

    Labels lie beside the images, in the file that is named `labels` for `images`. A
    file `t10k-...` or `test-...` beside `train-...` is the test set.
    """
    source = arguments.source
    if os.path.isdir(source):
        source = idx_in(source)
    pairs = [(source, arguments.label or labels_of(source))]
    other = test_of(source)
    if other and not arguments.label:
        pairs.append((other, labels_of(other)))
    heads = [header_of(images) for images, _ in pairs]
    for (images, _), head in zip(pairs, heads, strict=True):
        check_rows(images, head)
        if head.shape[1:] != heads[0].shape[1:]:
            raise ValueError(
                f"{images} must hold images of shape {heads[0].shape[1:]} as {source}, "
                f"got {head.shape[1:]}."
            )
    counts = [head.shape[0] for head in heads]
    places = [labels for _, labels in pairs]
    found = [whole(labels) for labels in places]
    classes, codes = encode(places, source, counts, found)
    parts = [
        LabelledBlocks(y, lambda path=images: blocks_of(path))
        for (images, _), y in zip(pairs, codes, strict=True)
    ]
    return Source(classes, parts)


def labels_of(images):
    """Return the path of the labels of a file of images."""
    folder, name = os.path.split(images)
    wanted = name.replace("images", "labels").replace("idx3", "idx1")
    stem = wanted.removesuffix(".gz")
    for found in (wanted, stem, f"{stem}.gz"):
        if found != name and os.path.exists(os.path.join(folder, found)):
            return os.path.join(folder, found)
    raise FileNotFoundError(
        f"{images} needs its labels in {os.path.join(folder, wanted)}, which does not "
        "exist; --label names another file."
    )


def test_of(images):
    """Return the path of the images of the test set, or None."""
    folder, name = os.path.split(images)
    for word in ("t10k", "test"):
        stem = name.replace("train", word).removesuffix(".gz")
        for found in (stem, f"{stem}.gz"):
            if stem != name.removesuffix(".gz"):
                path = os.path.join(folder, found)
                if os.path.exists(path):
                    return path
    return None


@contextmanager
def opened(path):
    """Open a file, unpacked if gzip has packed it; name the file in errors."""
    if not os.path.isfile(path):  # opening a pipe would block
        raise ValueError(f"{path} must be an IDX file, got another kind of file.")
    try:
        with open(path, "rb") as plain:
            if plain.peek(2)[:2] == b"\x1f\x8b":
                with gzip.open(plain) as file:
                    yield file
            else:
                yield plain
    except DAMAGE as error:
        words = getattr(error, "strerror", None) or error
        raise ValueError(f"{path} must be a whole IDX file, got: {words}.") from None


def header_of(path, most_packed=ROWS_PACKED):
    """Return the Header of an IDX file; refuse one that its bytes cannot fill."""
    with opened(path) as file:
        head = read_header(path, file)
        packed = isinstance(file, gzip.GzipFile)
        begin = 0 if packed else file.tell()
    declared = math.prod(head.shape) * head.dtype.itemsize
    stored = os.path.getsize(path)
    most = UNPACKED_BYTES + most_packed * stored if packed else stored - begin
    if declared > most:
        raise ValueError(
            f"{path} must hold {head.dtype} of shape {head.shape}, got a file of "
            f"{stored} bytes."
        )
    return head


def read_header(path, file):
    """Return the Header at the beginning of an open IDX file."""
    magic = file.read(4)
    axes = magic[3] if len(magic) == 4 else 0
    known = magic[:2] == b"\0\0" and len(magic) == 4 and magic[2] in TYPES
    lengths = file.read(4 * axes) if known and 1 <= axes <= MOST_AXES else b""
    if not lengths or len(lengths) < 4 * axes:
        raise ValueError(
            f"{path} must be an IDX file, which begins with 0, 0, a type and the "
            f"number of axes, got {magic!r}."
        )
    shape = struct.unpack(f">{axes}I", lengths)
    return Header(shape, False, np.dtype(TYPES[magic[2]]))


def whole(path):
    """Return the array of an IDX file."""
    head = header_of(path, LABELS_PACKED)
    with opened(path) as file:
        read_header(path, file)
        values = read_values(file, head.shape, head.dtype)
        check_ends(file)
    return values


def blocks_of(path):
    """Yield the rows of an IDX file block by block."""
    (m, *shape), _, dtype = header_of(path)
    step = block_length(math.prod(shape) * dtype.itemsize)
    with opened(path) as file:
        read_header(path, file)
        for start in range(0, m, step):
            yield read_values(file, (min(step, m - start), *shape), dtype)
        check_ends(file)


def read_values(file, shape, dtype):
    """Return the next values, in the byte order of this machine."""
    wanted = math.prod(shape) * dtype.itemsize
    found = file.read(wanted)
    if len(found) != wanted:
        raise EOFError(f"its end after {len(found)} of {wanted} bytes")
    values = np.frombuffer(found, dtype).reshape(shape)
    return values.astype(dtype.newbyteorder("="), copy=False)


def check_ends(file):
    """Raise EOFError if more follows; at its end gzip compares the checksum."""
    if file.read(1):
        raise EOFError("more bytes than its header tells")
