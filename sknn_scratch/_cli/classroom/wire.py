"""Messages between `grade` and the process of a submission: values as JSON.

Nothing is pickled: what comes from a submission cannot be code. A message is its length
in eight bytes, and JSON in UTF-8. Python's values are lists with a tag before them.
"""

import base64
import json
import re

import numpy as np

LONGEST = 2**25  # bytes of a message
DEEPEST = 8  # tuples, lists and dicts in each other
NUMBERS = re.compile(r"[<>|]?[biuf](1|2|4|8|16)")  # dtypes that are taken


class Broken(Exception):
    """What was received is no message."""


class Foreign:
    """A value that is no number, array, text or container of such."""


def pack(value, depth=0):
    """Return a value as what JSON has; of a foreign one the name of its type."""
    if value is ...:
        return ["blank"]
    if value is None or type(value) in (bool, int, float, str):
        return ["plain", value]
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biuf":
        return array_packed(value)
    if depth < DEEPEST and isinstance(value, tuple | list):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return [kind, [pack(part, depth + 1) for part in value]]
    if depth < DEEPEST and isinstance(value, dict):
        pairs = [[pack(k, depth + 1), pack(v, depth + 1)] for k, v in value.items()]
        return ["dict", pairs]
    return ["foreign", type(value).__name__]


def array_packed(value):
    kind = "scalar" if isinstance(value, np.generic) else "array"
    kind = "matrix" if isinstance(value, np.matrix) else kind
    if value.nbytes > LONGEST // 4:
        return ["foreign", f"array of {value.nbytes} bytes"]
    data = base64.b64encode(np.asarray(value).tobytes()).decode()
    return [kind, value.dtype.str, [*value.shape], data]


def unpack(packed):
    """Return the value; raise Broken if `pack` did not make what is given."""
    try:
        kind, *parts = packed
        return UNPACK[kind](*parts)
    except (TypeError, ValueError, KeyError, RecursionError, OverflowError) as error:
        raise Broken(str(error)) from None


def array_of(dtype, shape, data):
    if not NUMBERS.fullmatch(dtype) or any(type(n) is not int or n < 0 for n in shape):
        raise ValueError(dtype)
    return np.frombuffer(base64.b64decode(data), dtype).reshape(shape).copy()


def foreign(name):
    """Return an object whose type has this name."""
    return type(str(name)[:60].replace("\0", ""), (Foreign,), {})()


UNPACK = {
    "blank": lambda: ...,
    "plain": lambda value: value,
    "array": array_of,
    "matrix": lambda *parts: array_of(*parts).view(np.matrix),
    "scalar": lambda *parts: array_of(*parts)[()],
    "tuple": lambda parts: tuple(map(unpack, parts)),
    "list": lambda parts: [*map(unpack, parts)],
    "dict": lambda pairs: {unpack(key): unpack(value) for key, value in pairs},
    "foreign": foreign,
}


# -- messages --------------------------------------------------------------------------


def send(file, message):
    """Write a message."""
    data = json.dumps(message).encode()
    file.write(len(data).to_bytes(8, "big") + data)
    file.flush()


def receive(file):
    """Return the next message, or None at the end; raise Broken for anything else."""
    head = file.read(8)
    if len(head) < 8:
        return None
    length = int.from_bytes(head, "big")
    if length > LONGEST:
        raise Broken(f"{length} bytes")
    data = file.read(length)
    if len(data) < length:
        return None
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Broken(str(error)) from None
