"""Parameters as JSON and texts as UTF-8, and back. Error messages have one line."""

import json
import re

import numpy as np

from .._storage.texts import WHOLE_NUMBERS, abbreviate, from_json, shorten

MOST_TEXT = 2**24  # bytes of an array of texts, whose dtype comes from the file
PLAIN_TYPES = re.compile(r"[<>|=]?(b1|[iu][1248]|f[248])")
MOST_DEPTH = 16  # of lists in lists
# types as parameters have them: NumPy's classes, and Python's own
NAMED_TYPES = {
    f"numpy.{cls.__name__}": cls
    for cls in (*np.sctypeDict.values(),)
    if issubclass(cls, np.number | np.bool_)
} | {cls.__name__: cls for cls in (bool, int, float, str, object)}
NOT_FINITE = {"inf": float("inf"), "-inf": float("-inf"), "nan": float("nan")}


def to_json(values):
    encoded = {name: encode_value(name, value) for name, value in values.items()}
    return json.dumps(encoded, allow_nan=False)


def read_json(attributes, key, kind, place):
    """Return the dict or list that `to_json` or `json.dumps` encoded."""
    text = attributes.get(key)
    try:
        decoded = from_json(text)
        if isinstance(decoded, dict):
            decoded = {name: decode_value(value) for name, value in decoded.items()}
        else:
            decoded = decode_value(decoded)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{place} must have JSON in {key!r}, got {abbreviate(text)}: "
            f"{shorten(repr(error), 100)}."
        ) from None
    if not isinstance(decoded, kind):
        raise ValueError(
            f"{place} must have a {kind.__name__} in {key!r}, got "
            f"{abbreviate(decoded)}."
        )
    return decoded


def encode_value(name, value):
    """Return a value for JSON; types that JSON lacks become objects with one key."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, int) and value not in WHOLE_NUMBERS:
        raise ValueError(
            f"{name} must fit 64 bits to be saved, got {shorten(value)}; set another "
            "value first."
        )
    if isinstance(value, float) and not np.isfinite(value):
        return {"float": repr(value)}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        items = [encode_value(name, item) for item in value]
        return items if isinstance(value, list) else {"tuple": items}
    if isinstance(value, dict):
        return {
            "dict": [[encode_value(k, k), encode_value(k, v)] for k, v in value.items()]
        }
    if isinstance(value, np.ndarray):
        return {"array": encode_value(name, value.tolist())}
    if isinstance(value, np.dtype) and value.kind in "biuf":
        return {"dtype": value.str}
    for key, cls in NAMED_TYPES.items():
        if value is cls:
            return {"type": key}
    raise ValueError(
        f"{name} must be a number, a text, or a list, tuple, dict or array of them to "
        f"be saved, got {value!r}; set another value first."
    )


def decode_value(value, depth=MOST_DEPTH):
    """Return the value that `encode_value` encoded."""
    if not depth:
        raise ValueError("its lists lie too deep in lists")
    if isinstance(value, list):
        return [decode_value(item, depth - 1) for item in value]
    if not isinstance(value, dict):
        return value
    ((key, content),) = value.items()
    if key == "float":
        return NOT_FINITE[content]
    content = decode_value(content, depth - 1)
    return DECODERS[key](content)


def _dict(pairs):
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _array(items):
    """Return numbers or texts as an array, in which all texts take the longest."""
    flat = items if isinstance(items, list) else [items]
    texts = [item for item in flat if isinstance(item, str)]
    if not all(isinstance(item, int | float | str) for item in flat):
        raise ValueError("an array holds other than numbers and texts")
    if texts:
        most = 4 * len(flat) * max(map(len, texts))
        if len(texts) < len(flat) or most > MOST_TEXT:
            raise ValueError("an array holds other than short texts")
    return np.array(items)


def _dtype(text):
    if not (isinstance(text, str) and PLAIN_TYPES.fullmatch(text)):
        raise ValueError("a dtype is not of plain numbers")
    return np.dtype(text)


DECODERS = {
    "tuple": tuple,
    "dict": _dict,
    "array": _array,
    "dtype": _dtype,
    "type": NAMED_TYPES.__getitem__,
}


# -- texts and dates as arrays ---------------------------------------------------------


def encode_labels(values, name):
    """Return labels for HDF5: texts as UTF-8 bytes, dates as int64, numbers as is."""
    kind = values.dtype.kind
    if kind in "OUT" and not all(isinstance(value, str) for value in values):
        kinds = sorted({type(value).__name__ for value in values})
        raise ValueError(
            f"{name} must be texts or numbers to be saved, got {abbreviate(kinds)}; "
            "fit with y.astype(str)."
        )
    if kind in "OUT":
        return encode_texts(values.tolist(), name)
    if kind in "Mm":
        return values.astype(values.dtype.newbyteorder("=")).view(np.int64)
    if kind not in "biuf":
        raise ValueError(
            f"{name} must be texts, numbers or dates to be saved, got "
            f"{abbreviate(values)}; fit with y.astype(str)."
        )
    return values


def encode_texts(texts, name):
    """Return texts as UTF-8 bytes of fixed length, which cannot hold NUL."""
    try:
        encoded = [text.encode("utf-8") for text in texts]
    except UnicodeEncodeError as error:
        raise ValueError(
            f"{name} must be Unicode texts to be saved, got {abbreviate(error.object)}."
        ) from None
    for text in texts:
        if "\0" in text:
            raise ValueError(
                f"{name} must not hold the character NUL to be saved, got "
                f"{abbreviate(text)}."
            )
    return np.array(encoded, dtype=bytes)


def decode_dates(numbers, dtype):
    """Return int64 as dates or durations of the dtype."""
    native = dtype.newbyteorder("=")
    return numbers.astype(np.int64).view(native).astype(dtype)


def decode_bytes(array, place):
    """Return UTF-8 bytes as texts."""
    try:
        return np.char.decode(array, "utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{place} must be UTF-8, got {abbreviate(error.object)}."
        ) from None


def decode_texts(array, dtype, place):
    """Return UTF-8 bytes as texts of the dtype."""
    dtype = np.dtype(dtype)
    texts = decode_bytes(array, place)
    if dtype.kind not in "OU" or dtype.itemsize * len(texts) > MOST_TEXT:
        raise ValueError(
            f"{place} holds texts, which cannot be of type {abbreviate(dtype.str)}."
        )
    return texts.astype(dtype)
