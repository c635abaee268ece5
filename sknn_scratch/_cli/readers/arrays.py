"""Readers of NumPy arrays: .npy and .npz.

Headers are read first: no array is unpacked before its shape and size are checked.
"""

import io
import math
import os
import tokenize
import warnings
import zipfile
import zlib
from typing import NamedTuple

import numpy as np

from .common import LabelledBlocks, Source, block_length
from .labels import check_one_each, encode

KERAS = [("x_train", "y_train"), ("x_test", "y_test")]  # as Keras stores MNIST
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
# a header is parsed by Python: `----...1` exceeds its stack or its memory
BAD_HEADER = (OSError, ValueError, EOFError, OverflowError, tokenize.TokenError)
BAD_HEADER += (RecursionError, MemoryError)
LONGEST_HEADER = 10_000  # bytes, as in numpy.load
MOST_ROW_BYTES = 2**28
MOST_IN_COLUMNS = 2**30  # bytes of an array in Fortran order, which is read whole
# Times that an array may be larger than its compressed bytes, beyond 16 MB. Deflate
# reaches 1000 with zeros; one-hot rows of 1000 columns take a 250th.
ROWS_PACKED, LABELS_PACKED, UNPACKED_BYTES = 300, 50, 2**24


class Header(NamedTuple):
    """Description of a stored array."""

    shape: tuple
    in_columns: bool  # Fortran order
    dtype: np.dtype


def read_header(place, stream, rule="hold numbers or text"):
    """Return the Header of an .npy at the beginning of a stream."""
    try:
        version = np.lib.format.read_magic(stream)
        first = version == (1, 0)
        size = stream.read(2 if first else 4)
        length = int.from_bytes(size, "little")
        if length > LONGEST_HEADER:
            raise ValueError(f"a header of {length} bytes")
        text = io.BytesIO(size + stream.read(length))
        read = np.lib.format.read_array_header_1_0
        if not first:
            read = np.lib.format.read_array_header_2_0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's, about the text
            header = Header(*read(text))
    except BAD_HEADER as error:
        words = getattr(error, "strerror", None) or str(error) or repr(error)
        raise ValueError(f"{place} must be an array, got: {words:.100}.") from None
    shape, _, dtype = header
    if dtype.hasobject:
        raise ValueError(f"{place} must {rule}, got Python objects.")
    if any(isinstance(n, bool) or n < 0 for n in shape):
        raise ValueError(f"{place} must have a shape of whole numbers, got {shape}.")
    return header


def check_rows(place, header):
    """Raise ValueError for an array that cannot be rows of numbers."""
    shape, _, dtype = header
    if len(shape) < 2 or dtype.kind not in "buif" or 0 in shape[1:]:
        raise ValueError(
            f"{place} must hold numbers, one example a row, got {dtype} of shape "
            f"{shape}."
        )
    row_bytes = math.prod(shape[1:]) * dtype.itemsize
    if row_bytes > MOST_ROW_BYTES:
        raise ValueError(
            f"{place} must have rows of at most {MOST_ROW_BYTES} bytes, got {dtype} of "
            f"shape {shape}."
        )


# -- .npy ------------------------------------------------------------------------------


def read_npy(arguments, rng, show):
    """Return the Source of two .npy files: rows (memory-mapped) and labels."""
    source, label = arguments.source, arguments.label
    if label is None:
        raise ValueError(f"{source} needs its classes: --label y.npy.")
    X, y = npy_header(source), npy_header(label)
    check_rows(source, X)
    m = X.shape[0]
    check_one_each(label, source, m, y.shape, y.dtype)
    classes, labels = encode([label], source, [m], [np.array(map_npy(label))])
    step = block_length(math.prod(X.shape[1:]) * X.dtype.itemsize)
    dtype = X.dtype.newbyteorder("=")

    def blocks():
        for start in range(0, m, step):
            # mapped anew: a map that stays open keeps the pages it has read in memory
            rows = map_npy(source)[start : start + step]
            yield np.array(rows, dtype=dtype, order="C")

    return Source(classes, [LabelledBlocks(labels[0], blocks)])


def npy_header(path):
    """Return the Header of a .npy file; check that its bytes are there."""
    if os.path.splitext(path)[1].lower() != ".npy":
        raise ValueError(f"--label must be a .npy like the source, got {path}.")
    if not os.path.exists(path):
        raise FileNotFoundError(f"{path} must be a .npy file, but does not exist.")
    if not os.path.isfile(path):  # opening a pipe would block
        raise ValueError(f"{path} must be a .npy file, got another kind of file.")
    with open(path, "rb") as file:
        if file.peek(2)[:2] == b"PK":
            raise ValueError(f"{path} must be a .npy, got an .npz; name it so.")
        rule = "be a whole .npy of numbers or text"
        header = read_header(path, file, rule)
        stored = os.path.getsize(path) - file.tell()
    declared = math.prod(header.shape) * header.dtype.itemsize
    if stored < declared:
        raise ValueError(
            f"{path} must {rule}, got {stored} bytes for {header.dtype} of shape "
            f"{header.shape}."
        )
    return header


def map_npy(path):
    return np.load(path, mmap_mode="r", allow_pickle=False)


# -- .npz ------------------------------------------------------------------------------


def read_npz(arguments, rng, show):
    """Return the Source of an .npz; rows are streamed, labels are read whole."""
    source = arguments.source
    try:
        with zipfile.ZipFile(source) as archive:
            members = {
                name.removesuffix(".npy").lower(): name for name in archive.namelist()
            }
            pairs = [pair for pair in KERAS if {*pair} <= {*members}]
            if KERAS[0] not in pairs:
                pairs = [pair for pair in [("x", "y")] if {*pair} <= {*members}]
            if not pairs:
                raise ValueError(
                    f"{source} must hold X and y, or x_train and y_train, got only "
                    f"{sorted(members)!s:.100}."
                )
            rows = [Member(source, archive, members[x], ROWS_PACKED) for x, _ in pairs]
            heads = [member.header for member in rows]
            for member, header in zip(rows, heads, strict=True):
                check_rows(member.place, header)
                check_like(member.place, header, heads[0])
            labels = [
                Member(source, archive, members[y], LABELS_PACKED) for _, y in pairs
            ]
            for member, header in zip(labels, heads, strict=True):
                shape, _, dtype = member.header
                check_one_each(member.place, source, header.shape[0], shape, dtype)
            labels = [member.whole() for member in labels]
    except DAMAGE as error:
        raise damaged(source, error) from None
    places = [f"{source}:{members[y]}" for _, y in pairs]
    counts = [header.shape[0] for header in heads]
    classes, labels = encode(places, source, counts, labels)

    def blocks(name):
        try:
            with zipfile.ZipFile(source) as archive:
                yield from Member(source, archive, name, ROWS_PACKED).blocks()
        except DAMAGE as error:
            raise damaged(source, error) from None

    parts = [
        LabelledBlocks(y, lambda name=members[x]: blocks(name))
        for (x, _), y in zip(pairs, labels, strict=True)
    ]
    return Source(classes, parts)


def damaged(source, error):
    return ValueError(f"{source} must be a whole .npz, got: {error or 'its end'}.")


def check_like(place, header, first):
    """Raise ValueError unless test rows are like those of the training set."""
    if (header.shape[1:], header.dtype) != (first.shape[1:], first.dtype):
        raise ValueError(
            f"{place} must have rows like the training set, {first.dtype} of shape "
            f"{first.shape[1:]}, got {header.dtype} of shape {header.shape[1:]}."
        )


class Member:
    """Stream of an array in an .npz, from the first row to the last."""

    def __init__(self, source, archive, name, most_packed):
        self.place = place = f"{source}:{name}"
        info = archive.getinfo(name)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(
                f"{place} must be stored or deflated, as numpy.savez writes it."
            )
        packed = min(info.compress_size, os.path.getsize(source))
        if info.file_size > UNPACKED_BYTES + most_packed * packed:
            raise ValueError(
                f"{place} must be at most {most_packed} times its compressed size, got "
                f"{info.file_size} bytes of {packed}; numpy.savez stores it as it is."
            )
        self._stream = archive.open(name)
        self.header = read_header(place, self._stream)
        shape, in_columns, dtype = self.header
        if in_columns and len(shape) > 1 and info.file_size > MOST_IN_COLUMNS:
            raise ValueError(
                f"{place} must be stored row by row if it is larger than 1 GB; save "
                "np.ascontiguousarray of it, or a .npy."
            )
        stored = info.file_size - self._stream.tell()
        if stored != math.prod(shape) * dtype.itemsize:
            raise ValueError(
                f"{place} must hold {dtype} of shape {shape}, got {stored} bytes."
            )

    def whole(self):
        """Return the whole array."""
        shape, in_columns, dtype = self.header
        values = np.frombuffer(self._read(math.prod(shape)), dtype)
        return values.reshape(shape, order="F" if in_columns else "C")

    def blocks(self):
        """Yield the rows block by block; read an array in Fortran order whole."""
        (m, *shape), in_columns, dtype = self.header
        step = block_length(math.prod(shape) * dtype.itemsize)
        if in_columns:
            X = self.whole()
            for start in range(0, m, step):
                rows = X[start : start + step]
                yield np.array(rows, dtype.newbyteorder("="), order="C")
            return
        for start in range(0, m, step):
            rows = min(step, m - start)
            flat = np.frombuffer(self._read(rows * math.prod(shape)), dtype)
            yield flat.reshape(rows, *shape).astype(dtype.newbyteorder("="), copy=False)

    def _read(self, count):
        wanted = count * self.header[2].itemsize
        found = self._stream.read(wanted)
        if len(found) != wanted:
            raise EOFError(f"{self.place} is cut short")
        return found
