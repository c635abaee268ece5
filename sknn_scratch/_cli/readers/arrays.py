"""Readers of NumPy arrays: .npy and .npz."""

import math
import os
import tokenize
import zipfile
import zlib

import numpy as np

from .common import LabelledBlocks, Source, block_length
from .labels import check_one_each, encode

KERAS = [("x_train", "y_train"), ("x_test", "y_test")]  # as Keras stores MNIST
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
BAD_HEADER = (OSError, ValueError, EOFError, OverflowError, tokenize.TokenError)


def read_npy(arguments, rng, show):
    """Return the Source of two .npy files: rows (memory-mapped) and labels."""
    source = arguments.source
    if arguments.label is None:
        raise ValueError(f"{source} needs its classes: --label y.npy.")
    X, y = map_npy(source), map_npy(arguments.label)
    if X.ndim < 2 or X.dtype.kind not in "buif":
        raise not_rows(source, X.dtype, X.shape)
    check_one_each(arguments.label, source, len(X), y.shape, y.dtype)
    classes, labels = encode([arguments.label], source, [len(X)], [np.array(y)])
    m, step, dtype = len(X), block_length(X[:1].nbytes), X.dtype.newbyteorder("=")

    def blocks():
        for start in range(0, m, step):
            # mapped anew: a map that stays open keeps the pages it has read in memory
            rows = map_npy(source)[start : start + step]
            yield np.array(rows, dtype=dtype, order="C")

    return Source(classes, [LabelledBlocks(labels[0], blocks)])


def map_npy(path):
    if os.path.splitext(path)[1].lower() != ".npy":
        raise ValueError(f"--label must be a .npy like the source, got {path}.")
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise FileNotFoundError(
            f"{path} must be a .npy file, but does not exist."
        ) from None
    except BAD_HEADER as error:
        words = getattr(error, "strerror", None) or str(error)
        raise ValueError(
            f"{path} must be a whole .npy of numbers or text, got: {words.rstrip('.')}."
        ) from None


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
                    f"{sorted(members)}."
                )
            heads, labels = [], []
            for x, y in pairs:
                heads.append(Member(source, archive, members[x]).header)
                labels.append(Member(source, archive, members[y]).whole())
    except DAMAGE as error:
        raise damaged(source, error) from None
    for (x, _), (shape, dtype) in zip(pairs, heads, strict=True):
        if len(shape) < 2 or dtype.kind not in "buif":
            raise not_rows(f"{source}:{members[x]}", dtype, shape)
        if (shape[1:], dtype) != (heads[0][0][1:], heads[0][1]):
            raise ValueError(
                f"{source}:{members[x]} must have rows like the training set, "
                f"{heads[0][1]} of shape {heads[0][0][1:]}, got {dtype} of shape "
                f"{shape[1:]}."
            )
    places = [f"{source}:{members[y]}" for _, y in pairs]
    counts = [shape[0] for shape, _ in heads]
    classes, labels = encode(places, source, counts, labels)

    def blocks(name):
        try:
            with zipfile.ZipFile(source) as archive:
                yield from Member(source, archive, name).blocks()
        except DAMAGE as error:
            raise damaged(source, error) from None

    parts = [
        LabelledBlocks(y, lambda name=members[x]: blocks(name))
        for (x, _), y in zip(pairs, labels, strict=True)
    ]
    return Source(classes, parts)


def damaged(source, error):
    return ValueError(f"{source} must be a whole .npz, got: {error or 'its end'}.")


def not_rows(place, dtype, shape):
    return ValueError(
        f"{place} must hold numbers, one example a row, got {dtype} of shape {shape}."
    )


class Member:
    """Stream of an array in an .npz, from the first row to the last."""

    def __init__(self, source, archive, name):
        place = f"{source}:{name}"
        self._place, self._stream = place, archive.open(name)
        try:
            version = np.lib.format.read_magic(self._stream)
            reads = np.lib.format.read_array_header_1_0
            if version != (1, 0):
                reads = np.lib.format.read_array_header_2_0
            shape, in_columns, dtype = reads(self._stream)
        except BAD_HEADER as error:
            raise ValueError(f"{place} must be an array, got: {error}.") from None
        if dtype.hasobject:
            raise ValueError(f"{place} must hold numbers or text, got Python objects.")
        if in_columns and len(shape) > 1:
            raise ValueError(
                f"{place} must be stored row by row; save np.ascontiguousarray of "
                "it, or a .npy."
            )
        stored = archive.getinfo(name).file_size - self._stream.tell()
        if stored != math.prod(shape) * dtype.itemsize:
            raise ValueError(
                f"{place} must hold {dtype} of shape {shape}, got {stored} bytes."
            )
        self.header = shape, dtype

    def whole(self):
        """Return the whole array."""
        shape, dtype = self.header
        return np.frombuffer(self._read(math.prod(shape)), dtype).reshape(shape)

    def blocks(self):
        """Yield the rows block by block."""
        (m, *shape), dtype = self.header
        step = block_length(math.prod(shape) * dtype.itemsize)
        for start in range(0, m, step):
            rows = min(step, m - start)
            flat = np.frombuffer(self._read(rows * math.prod(shape)), dtype)
            yield flat.reshape(rows, *shape).astype(dtype.newbyteorder("="), copy=False)

    def _read(self, count):
        wanted = count * self.header[1].itemsize
        found = self._stream.read(wanted)
        if len(found) != wanted:
            raise EOFError(f"{self._place} is cut short")
        return found
