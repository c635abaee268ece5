"""Parameters as JSON and texts as UTF-8, and back. Error messages have one line."""

import json

import numpy as np

MOST_TEXT = 2**24  # bytes of an array of texts, whose dtype comes from the file


def abbreviate(value):
    """Return a value of any size as a short text, an array as its dtype and shape."""
    if isinstance(value, np.ndarray | np.generic):
        return f"{value.dtype} of shape {value.shape}"
    words = repr(value)
    return words if len(words) <= 60 else f"{words[:60]}..."


def to_json(values):
    encoded = {name: _encode(name, value) for name, value in values.items()}
    return json.dumps(encoded, allow_nan=False)


def read_json(attributes, key, kind, place):
    """Return the dict or list that `to_json` or `json.dumps` encoded."""
    text = attributes.get(key)
    try:
        decoded = json.loads(text)
        if isinstance(decoded, dict):
            decoded = {name: _decode(value) for name, value in decoded.items()}
        else:
            decoded = _decode(decoded)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(
            f"{place} must have JSON in {key!r}, got {abbreviate(text)}: "
            f"{' '.join(repr(error).split()):.100}."
        ) from None
    if not isinstance(decoded, kind):
        raise ValueError(
            f"{place} must have a {kind.__name__} in {key!r}, got "
            f"{abbreviate(decoded)}."
        )
    return decoded


def _encode(name, value):
    """Return a value for JSON; types that JSON lacks become objects with one key."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return {"float": repr(value)}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        items = [_encode(name, item) for item in value]
        return items if isinstance(value, list) else {"tuple": items}
    if isinstance(value, dict):
        return {"dict": [[_encode(k, k), _encode(k, v)] for k, v in value.items()]}
    if isinstance(value, np.ndarray):
        return {"array": _encode(name, value.tolist())}
    raise ValueError(
        f"{name} must be a number, a text, or a list, tuple, dict or array of them to "
        f"be saved, got {value!r}; set another value first."
    )


def _decode(value):
    """Return the value that `_encode` encoded."""
    if isinstance(value, list):
        return [_decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    ((key, content),) = value.items()
    decoders = {
        "float": float,
        "tuple": lambda items: tuple(_decode(items)),
        "dict": lambda pairs: dict(_decode(pairs)),
        "array": lambda items: np.array(_decode(items)),
    }
    return decoders[key](content)


def encode_texts(values):
    """Return texts as UTF-8 bytes of fixed length, numbers unchanged."""
    if values.dtype.kind in "OU":
        if not all(isinstance(value, str) for value in values):
            raise ValueError(
                "classes_ must be texts or numbers to be saved, got "
                f"{[type(v).__name__ for v in values][:5]}."
            )
        return np.char.encode(values.astype(str), "utf-8")
    return values


def decode_texts(array, dtype, place):
    """Return UTF-8 bytes as texts of the dtype."""
    dtype = np.dtype(dtype)
    try:
        texts = np.char.decode(array, "utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{place} must be UTF-8, got {error.object!r:.60}.") from None
    if dtype.kind not in "OU" or dtype.itemsize * len(texts) > MOST_TEXT:
        raise ValueError(f"{place} holds texts, which cannot be of type {dtype}.")
    return texts.astype(dtype)
