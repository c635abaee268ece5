"""Sources of `sknn-scratch convert`: folders of images, CSV files, NumPy arrays.

A reader returns the class names and one or two parts (the training and the test set).
A part yields its rows block by block, in order. Only the labels of all rows and the
names of the image files are held in memory.
"""

import array
import csv
import math
import os
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

BLOCK_BYTES = 2**22
IMAGES = (".bmp", ".gif", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".ppm", ".tif")
IMAGES += (".tiff", ".webp")
SEPARATORS = {".csv": ",", ".tsv": "\t"}
MOST_CLASSES = 65536  # the highest label of a data file is 65535
KERAS = [("x_train", "y_train"), ("x_test", "y_test")]  # as Keras stores MNIST
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
BAD_HEADER = (OSError, ValueError, EOFError, OverflowError, tokenize.TokenError)


class LabelledBlocks(NamedTuple):
    """Rows of a training or a test set, with an index into the classes for each row."""

    labels: np.ndarray  # (m,)
    blocks: Callable  # no arguments -> an iterator of arrays (k, ...), m rows in all


def block_length(bytes_of_row):
    """Return the number of rows in a block of about BLOCK_BYTES, at least 1."""
    return max(1, BLOCK_BYTES // max(1, bytes_of_row))


def sorted_classes(texts):
    """Return class names sorted: as numbers if all are whole numbers, else as text."""
    try:
        return sorted(texts, key=int)
    except ValueError:
        return sorted(texts)


def check_classes(source, count):
    if count > MOST_CLASSES:
        raise ValueError(
            f"{source} must have at most {MOST_CLASSES} classes, got more; labels are "
            "classes, not measured numbers."
        )


# -- a folder of images ----------------------------------------------------------------


def read_folder(arguments, rng, show):
    """Return classes and part of a folder; image files are read block by block."""
    source = arguments.source
    import_pillow(source)
    classes, names, labels, others = [], [], array.array("q"), []
    for entry in visible(source):
        if not entry.is_dir():
            others.append(entry.path)
            continue
        before = len(names)
        for inner in visible(entry.path):
            if inner.name.lower().endswith(IMAGES) and inner.is_file():
                names.append(inner.name)
                labels.append(len(classes))
            else:
                others.append(inner.path)
        if len(names) == before:
            raise ValueError(
                f"{entry.path} must hold images ({' '.join(IMAGES)}), got none; every "
                f"sub-folder of {source} is a class."
            )
        classes.append(entry.name)
    if not classes:
        raise ValueError(
            f"{source} must have a sub-folder of images for each class, got none."
        )
    if others:
        print(f"Left out {len(others)} that are no images: {others[0]}, ...")
    labels = np.array(labels)
    order = rng.permutation(len(names))  # a file sorted by class trains badly from disk
    width_height = arguments.size or (64, 64)
    mode = "L" if arguments.grey else "RGB"

    def blocks():
        step = block_length(math.prod(width_height) * len(mode))
        for start in range(0, len(order), step):
            yield np.stack(
                [
                    read_image(
                        os.path.join(source, classes[labels[i]], names[i]),
                        width_height,
                        mode,
                    )
                    for i in order[start : start + step]
                ]
            )

    return classes, [LabelledBlocks(labels[order], blocks)]


def visible(folder):
    """Return the entries of a folder sorted by name, without hidden ones."""
    entries = [e for e in os.scandir(folder) if not e.name.startswith(".")]
    return sorted(entries, key=lambda entry: entry.name)


def import_pillow(source):
    """Return Pillow's Image; raise ValueError if Pillow is missing."""
    try:
        from PIL import Image
    except ImportError:
        raise ValueError(
            f"{source} needs Pillow to be read: pip install pillow."
        ) from None
    return Image


def read_image(path, width_height, mode):
    """Return pixels as uint8, of shape (h, w) for mode "L", (h, w, 3) for "RGB"."""
    Image = import_pillow(path)
    from PIL import ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about size and metadata; damage raises
            with Image.open(path) as image:
                image.load()
                is_png = image.format == "PNG"
                image = ImageOps.exif_transpose(image)  # by its orientation tag
    except Exception as error:  # damaged files make Pillow raise nearly any type
        words = getattr(error, "strerror", None) or str(error) or repr(error)
        words = words.split(" '")[0]  # Pillow repeats the path
        raise ValueError(f"{path} must be a whole image, got: {words}.") from None
    if image.mode[0] in "IF":  # more than 8 bits: convert() would clip them
        if image.mode == "F" or (image.mode == "I" and not is_png):
            raise ValueError(f"{path} must have 8 or 16 bits, got mode {image.mode}.")
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    image = image.convert(mode)
    if image.size != width_height:
        image = image.resize(width_height, Image.Resampling.BILINEAR)
    return np.asarray(image)


# -- CSV -------------------------------------------------------------------------------


def read_csv(arguments, rng, show):
    """Return classes and part of a CSV: a first pass for labels, a second for rows."""
    source = arguments.source
    name = "label" if arguments.label is None else arguments.label
    found, codes = {}, array.array("q")
    kB = os.path.getsize(source) // 1000
    with open_csv(source) as file:
        lines = csv_lines(source, file)
        _, heads = next(lines, (1, []))
        if heads.count(name) != 1:
            raise ValueError(
                f"{source} must have one column {name!r} (--label names another), got "
                f"the columns {heads}."
            )
        if len(heads) < 2:
            raise ValueError(
                f"{source} must have columns of numbers, got only {name!r}."
            )
        column = heads.index(name)
        for number, (line, cells) in enumerate(lines):
            if len(cells) != len(heads):
                raise ValueError(
                    f"{source}: line {line} must have {len(heads)} columns like the "
                    f"first, got {len(cells)}."
                )
            label = cells[column].strip()
            if not label:
                raise ValueError(
                    f"{source}: line {line} must have a {name!r}, got none."
                )
            codes.append(found.setdefault(label, len(found)))
            check_classes(source, len(found))
            if number % 1000 == 0:
                show("labels (kB read)", file.buffer.tell() // 1000, kB)
    if not codes:
        raise ValueError(f"{source} must have rows, got none.")
    show("labels (kB read)", kB, kB)
    classes = sorted_classes(found)
    place = np.empty(len(found), dtype=np.int64)
    place[[found[name] for name in classes]] = np.arange(len(found))
    dtype = arguments.dtype or "float64"

    def blocks():
        step = block_length(8 * 10 * len(heads))  # a text takes 10 times a float
        with open_csv(source) as file:
            lines = csv_lines(source, file)
            next(lines)
            block = []
            for line, cells in lines:
                block.append((line, cells[:column] + cells[column + 1 :]))
                if len(block) == step:
                    yield numbers(source, heads, column, block, dtype)
                    block = []
            if block:
                yield numbers(source, heads, column, block, dtype)

    return classes, [LabelledBlocks(place[np.array(codes)], blocks)]


def open_csv(source):
    # Excel writes a byte order mark, which utf-8-sig removes
    return open(source, encoding="utf-8-sig", newline="")


def csv_lines(source, file):
    """Yield the line number and the cells of each line that is not empty."""
    separator = SEPARATORS[os.path.splitext(source)[1].lower()]
    lines = csv.reader(file, delimiter=separator)
    try:
        for cells in lines:
            if cells:
                yield lines.line_num, cells
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{source} must be text in UTF-8, got the byte "
            f"{error.object[error.start]:#x} after line {lines.line_num}."
        ) from None
    except csv.Error as error:
        raise ValueError(
            f"{source}: line {lines.line_num} must be CSV, got: {error}."
        ) from None


def numbers(source, heads, column, block, dtype):
    """Return the cells of a block as numbers; raise ValueError if one is none."""
    cells = [cells for _, cells in block]
    try:
        rows = np.array(cells, dtype=dtype)
        if np.isfinite(rows).all():
            return rows
    except ValueError:
        pass
    heads = heads[:column] + heads[column + 1 :]
    for line, cells in block:
        for head, cell in zip(heads, cells, strict=True):
            try:
                good = np.isfinite(np.array(cell, dtype=dtype))
            except ValueError:
                good = False
            if not good:
                raise ValueError(
                    f"{source}: line {line}, column {head!r} must be a finite number, "
                    f"got {cell!r}."
                )
    raise ValueError(f"{source} must stay as it is while it is read, got changes.")


# -- NumPy -----------------------------------------------------------------------------


def read_npy(arguments, rng, show):
    """Return classes and part of two .npy files: rows (memory-mapped) and labels."""
    source = arguments.source
    if arguments.label is None:
        raise ValueError(f"{source} needs its classes: --label y.npy.")
    X, y = map_npy(source), map_npy(arguments.label)
    if X.ndim < 2 or X.dtype.kind not in "buif":
        raise not_rows(source, X.dtype, X.shape)
    classes, labels = encode(arguments.label, source, [len(X)], [np.array(y)])
    m, step, dtype = len(X), block_length(X[:1].nbytes), X.dtype.newbyteorder("=")

    def blocks():
        for start in range(0, m, step):
            # mapped anew: a map that stays open keeps the pages it has read in memory
            rows = map_npy(source)[start : start + step]
            yield np.array(rows, dtype=dtype, order="C")

    return classes, [LabelledBlocks(labels[0], blocks)]


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
    """Return classes and parts of an .npz; rows are streamed, labels are read whole."""
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
    place = f"{source}:{members[pairs[0][1]]}"
    counts = [shape[0] for shape, _ in heads]
    classes, labels = encode(place, source, counts, labels)

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
    return classes, parts


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


def encode(place, source, counts, labels):
    """Return the classes of all labels, and each label as its index in them."""
    for m, y in zip(counts, labels, strict=True):
        if y.shape not in ((m,), (m, 1), (1, m)):
            raise ValueError(
                f"{place} must have one label for each of the {m} rows of {source}, "
                f"got shape {y.shape}."
            )
        if y.dtype.kind not in "buifUS":
            raise ValueError(f"{place} must hold numbers or text, got {y.dtype}.")
        if y.dtype.kind == "f" and not (y == np.rint(y)).all():
            raise ValueError(f"{place} must hold classes, got broken numbers.")
        if not m:
            raise ValueError(f"{source} must have rows, got none.")
    together = np.concatenate([y.ravel() for y in labels])
    if together.dtype.kind in "fb":
        together = together.astype(np.int64)
    if together.dtype.kind == "S":
        together = np.char.decode(together, "utf-8")
    classes, places = np.unique(together, return_inverse=True)
    check_classes(place, len(classes))
    ends = np.cumsum([y.size for y in labels])[:-1]
    return [str(name) for name in classes.tolist()], np.split(places.ravel(), ends)
