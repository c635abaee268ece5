"""Texts of files: values as short texts for messages, and strict JSON."""

import json
from math import isfinite

MOST = 60  # characters of a value in a message
MOST_OF_NAME = 24  # of a name within a place, which may have nine of them


def printable(value):
    """Return the value as text, with escapes for what a terminal would act on.

    So are characters that change the direction or the order of the text.
    """
    text = str(value)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character):
    return character.encode("unicode_escape").decode("ascii")


def shorten(value, most=MOST):
    """Return a printable text of at most that many characters."""
    text = str(value)
    text = printable(text[: most + 1])
    return text if len(text) <= most else f"{text[: most - 3]}..."


def abbreviate(value):
    """Return a value of any size in a few words."""
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return shorten(f"{value.dtype} of shape {value.shape}")
    return shorten(repr(value))


def abbreviate_names(names, most=150):
    """Return the first names of many as a list."""
    shown = [shorten(name, MOST_OF_NAME) for name in names[:20]]
    return shorten(shown, most)


def inside(place, name):
    """Return the place of a member of a group: names of strangers may be long."""
    return f"{place}/{shorten(name, MOST_OF_NAME)}"


# -- JSON ------------------------------------------------------------------------------

MOST_PARTS = 2**18  # lists, objects and texts: in memory 30 times as long as in JSON
WHOLE_NUMBERS = range(-(2**63), 2**64)  # those that NumPy has a type for


def count_parts(text):
    """Return about how many lists, objects and texts a JSON text holds."""
    return text.count("[") + text.count("{") + text.count('"') // 2


def from_json(text):
    """Return the value of a JSON text, or raise a ValueError that says what is wrong.

    Keys that stand twice, NaN, infinity, floats and whole numbers beyond 64 bits and
    texts that take much more memory than bytes are refused.
    """
    if not isinstance(text, str):
        raise ValueError("it is no text")
    if count_parts(text) > MOST_PARTS:
        raise ValueError(f"it has more than {MOST_PARTS} lists, objects and texts")
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_whole_number,
            parse_float=_finite,
            parse_constant=_finite,
        )
    except RecursionError:
        raise ValueError("its lists lie too deep in lists") from None


def _object(pairs):
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _whole_number(digits):
    if len(digits) > 20 or int(digits) not in WHOLE_NUMBERS:
        raise ValueError("a whole number does not fit 64 bits")
    return int(digits)


def _finite(digits):
    if not isfinite(value := float(digits)):
        raise ValueError("a number is not finite")
    return value
