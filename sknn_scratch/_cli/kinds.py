"""What the value of an option may be: in --help, in an error, and as a Python value.

Nothing is imported here that takes time, as in `options`.
"""

import math
import re
from collections.abc import Callable
from typing import NamedTuple

ACTIVATIONS = ("elu", "gelu", "identity", "leaky_relu", "logistic", "relu", "sigmoid")
ACTIVATIONS += ("softplus", "swish", "tanh")
LEAST_MEMORY = 2**28  # of a submission: Python and NumPy
LONGEST_NAMES = 30  # characters in which --help has names before the text
MOST_PIXELS = 2**22  # of --size: 2048 x 2048, 13 MB a row


class Kind(NamedTuple):
    """What a value may be: in --help, in an error, and as a Python value.

    `read` takes the text and raises ValueError where it breaks the rule.
    """

    shown: str
    rule: str
    read: Callable
    choices: tuple = ()  # for completion and `did you mean`


def read_units(text):
    """Return `20,7,5` as (20, 7, 5)."""
    return tuple(int(units) for units in text.split(","))


def read_activations(text):
    """Return `tanh` as it is, `tanh,relu` as ("tanh", "relu")."""
    names = tuple(text.split(","))
    if not set(names) <= set(ACTIVATIONS):
        raise ValueError
    return names if len(names) > 1 else text


def read_whole_or_infinite(text):
    """Return `10` as 10, `inf` as infinity."""
    return float(text) if text == "inf" else int(text)


def read_size_or_auto(text):
    """Return `auto` as it is, `32` as 32."""
    return text if text == "auto" else int(text)


def read_size(text):
    """Return (width, height): `64` as (64, 64), `80x60` as (80, 60)."""
    found = re.fullmatch(r"([1-9]\d{0,4})(?:x([1-9]\d{0,4}))?", text)
    if not found:
        raise ValueError
    width, height = found.groups()
    width, height = int(width), int(height or width)
    if width * height > MOST_PIXELS:
        raise ValueError
    return width, height


def read_fraction(text):
    """Return a text as a number of at least 0 and below 1."""
    value = float(text)
    if not 0 <= value < 1:
        raise ValueError
    return value


def read_minutes(text):
    """Return a text as a number above 0, not infinite."""
    value = float(text)
    if not 0 < value < math.inf:
        raise ValueError
    return value


def read_seconds(text):
    """Return a text as a number of seconds from 0.1 on, not infinite."""
    value = float(text)
    if not 0.1 <= value < math.inf:
        raise ValueError
    return value


def read_bytes(text):
    """Return `512M` as 536870912, `1G` as 1073741824."""
    found = re.fullmatch(r"([1-9]\d{0,5})([MG])", text)
    size = int(found[1]) * {"M": 2**20, "G": 2**30}[found[2]] if found else 0
    if size < LEAST_MEMORY:
        raise ValueError
    return size


def read_names(text):
    """Return `id,date` as ("id", "date")."""
    return tuple(name.strip() for name in text.split(","))


def one_of(*names):
    """Return the kind of a value that is one of these names."""

    def read(text):
        if text not in names:
            raise ValueError
        return text

    shown = "|".join(names)
    shown = shown if len(shown) <= LONGEST_NAMES else "NAME"
    return Kind(shown, f"one of {', '.join(names)}", read, names)


TEXT = Kind("TEXT", "a text", str)
FILE = Kind("FILE", "a path", str)
WHOLE = Kind("INT", "a whole number", int)
NUMBER = Kind("FLOAT", "a number", float)
UNITS = Kind("N,N,...", "whole numbers with commas between them", read_units)
ONE_EACH = Kind(
    "NAME,...",
    f"one of {', '.join(ACTIVATIONS)}, or one for each hidden layer",
    read_activations,
    ACTIVATIONS,
)
OR_INF = Kind("INT|inf", "a whole number or inf", read_whole_or_infinite)
OR_AUTO = Kind("INT|auto", "a whole number or auto", read_size_or_auto)
PIXELS = Kind("N|WxH", f"as 64 or 80x60, and at most {MOST_PIXELS} pixels", read_size)
NAMES = Kind("NAME,...", "names with commas between them", read_names)
FRACTION = Kind("FRACTION", "from 0 to below 1", read_fraction)
SECONDS = Kind("FLOAT", "a number of seconds, at least 0.1", read_seconds)
BYTES = Kind("SIZE", "as 512M or 1G, at least 256M", read_bytes)
MINUTES = Kind("FLOAT", "a number of minutes above 0", read_minutes)
