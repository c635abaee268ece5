"""Labels of the sources: their class names, or why they are no classes."""

import re

import numpy as np

from .common import check_classes

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
NOT_FINITE = re.compile(r"[+-]?(inf|infinity|nan)", re.IGNORECASE | re.ASCII)
MISSING = {  # what pandas reads as missing
    *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND"),
    *("1.#QNAN", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
}
LIMIT = 2**53  # from here on, float64 merges whole numbers
MOST_TEXT = 4096  # bytes of a class name in an array
FEW = 20  # so many different numbers may be classes of few rows


def is_number(text):
    """Return True for a number in ASCII; float() takes `1_000`, too."""
    return NUMBER.fullmatch(text) is not None


def short(text):
    """Return the representation of a text, shortened to about 40 characters."""
    return repr(text if len(text) <= 40 else f"{text[:37]}...")


def class_names(first, rows):
    """Return class names sorted: by value if all are numbers, else as text.

    `first` maps each name to the place of its first row, `rows` counts all rows.
    """
    for name in first:
        if name in MISSING:
            raise ValueError(
                f"{first[name]} must have a label, got {short(name)}, which stands for "
                "a missing one; leave the row out, or give the class another name."
            )
    if not all(is_number(name) or NOT_FINITE.fullmatch(name) for name in first):
        return sorted(first)
    by_value = {}
    for name, place in first.items():
        check_whole(place, float(name), name)
        other = by_value.setdefault(float(name), name)
        if other != name:
            raise ValueError(
                f"{place} must write a class like the rows before, got {short(name)} "
                f"after {short(other)}, the same number."
            )
    check_measured(next(iter(first.values())), [*by_value], rows)
    return sorted(first, key=float)


def check_whole(place, value, text):
    """Raise ValueError for a number that is no class: broken, too large, infinite."""
    if not abs(value) < LIMIT:
        raise ValueError(
            f"{place} must have a class between -2^53 and 2^53, got {short(text)}; a "
            "name with a letter may be longer."
        )
    if value != np.rint(value):
        raise ValueError(
            f"{place} must hold classes, got broken numbers: {short(text)}; measured "
            "numbers are for a regressor in Python, classes are named with a letter."
        )


def check_measured(place, values, rows):
    """Raise ValueError for whole numbers that look measured.

    Such numbers have gaps, and more different values than the root of the rows.
    """
    count = len(values)
    gaps = max(values) - min(values) + 1 > count
    if gaps and count > FEW and count**2 > rows:
        raise ValueError(
            f"{place} must hold classes, got {count} different numbers in {rows} rows, "
            f"from {min(values):g} to {max(values):g}, as if measured; those are for a "
            "regressor in Python, classes are named with a letter."
        )


def encode(places, source, counts, labels):
    """Return the classes of all labels, and each label as its index in them.

    `places` are the names of the arrays in messages, `counts` the numbers of rows.
    """
    for place, m, y in zip(places, counts, labels, strict=True):
        check_one_each(place, source, m, y.shape, y.dtype)
    texts = {y.dtype.kind in "US" for y in labels}
    if len(texts) > 1:
        raise ValueError(f"{places[1]} must hold text as {places[0]} does, or numbers.")
    prepare = as_text if texts.pop() else as_whole
    labels = [
        prepare(place, y.ravel()) for place, y in zip(places, labels, strict=True)
    ]
    together = np.concatenate(labels)
    values, index, codes = np.unique(together, return_index=True, return_inverse=True)
    codes = codes.ravel()
    check_classes(places[0], len(values))
    if together.dtype.kind == "U":
        texts = values.tolist()
        where = dict(zip(texts, index.tolist(), strict=True))
        order = sorted(where, key=where.get)
        first = {name: row_place(places, counts, where[name]) for name in order}
        classes = class_names(first, len(together))
        rank = {name: i for i, name in enumerate(classes)}
        codes = np.array([rank[name] for name in texts])[codes]
    else:
        check_measured(places[0], values.tolist(), len(together))
        classes = [str(value) for value in values.tolist()]
    return classes, np.split(codes, np.cumsum(counts)[:-1])


def check_one_each(place, source, m, shape, dtype):
    """Raise ValueError if an array of this shape and dtype cannot be m labels."""
    if not m:
        raise ValueError(f"{source} must have rows, got none.")
    if shape not in ((m,), (m, 1), (1, m)):
        raise ValueError(
            f"{place} must have one label for each of the {m} rows of {source}, got "
            f"shape {shape}."
        )
    if dtype.kind not in "buifUS":
        raise ValueError(f"{place} must hold numbers or text, got {dtype}.")
    if dtype.kind in "US" and not 0 < dtype.itemsize <= MOST_TEXT:
        raise ValueError(
            f"{place} must hold names of 1 to {MOST_TEXT} bytes, got {dtype}."
        )


def row_place(places, counts, row):
    """Return the place of a row, counted over all arrays, as `y.npy, row 3`."""
    ends = np.cumsum(counts)
    part = int(np.searchsorted(ends, row, side="right"))
    row -= ends[part] - counts[part]
    return f"{places[part]}, row {row} (the first is 0)"


def as_whole(place, y):
    """Return numbers as int64; raise ValueError for the first that is no class."""
    if y.dtype == np.float16:  # cannot be compared with the limit
        y = y.astype(np.float64)
    with np.errstate(invalid="ignore"):
        good = (y > -LIMIT) & (y < LIMIT) if y.dtype.kind != "b" else True
    if y.dtype.kind == "f":
        good &= y == np.rint(y)
    if not np.all(good):
        row = int(np.argmin(good))
        where = row_place([place], [len(y)], row)
        value = y[row].item()
        if np.isnan(value):
            raise ValueError(f"{where} must hold classes, got broken numbers: nan.")
        check_whole(where, value, str(value))
    return y.astype(np.int64)


def as_text(place, y):
    """Return texts as str; raise ValueError for bytes that are not UTF-8."""
    if y.dtype.kind == "U":
        return y
    try:
        return np.char.decode(y, "utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{place} must be text in UTF-8, got {short(repr(error.object))}."
        ) from None
