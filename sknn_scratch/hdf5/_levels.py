"""Levels of categories, and arrays of them, as JSON in a dataset of bytes.

A dataset may be longer than an attribute. Texts, numbers, truth values, None, NaN and
dates come back as they were.
"""

import json
from datetime import date, datetime, timedelta

import numpy as np

from .._storage.texts import MOST_PARTS, abbreviate, count_parts, from_json
from ._model_checks import LABEL_TYPE, array_of
from ._values import MOST_TEXT, decode_dates, decode_value, encode_value

WAY_OUT = "convert the column with .astype(str) and fit again"
# levels that JSON lacks: type, key, to JSON, from JSON; the first that fits counts
MOMENTS = (
    (datetime, "datetime", datetime.isoformat, datetime.fromisoformat),
    (date, "date", date.isoformat, date.fromisoformat),
    (
        timedelta,
        "timedelta",
        lambda v: [v.days, v.seconds, v.microseconds],
        lambda parts: timedelta(*parts),
    ),
)
FROM_JSON = {key: read for _, key, _, read in MOMENTS}


# -- a dataset of JSON -----------------------------------------------------------------


def write_json(value):
    """Return a value of JSON as an array of bytes."""
    text = json.dumps(value, allow_nan=False)
    if count_parts(text) > MOST_PARTS:  # it could not be read again
        raise ValueError(
            f"a file can hold {MOST_PARTS} levels of a step, got more; set max_levels, "
            "max_categories or min_frequency and fit again."
        )
    return np.frombuffer(text.encode("ascii"), np.uint8)


def json_of(tree, key, place):
    """Return the list that the dataset `key` holds as JSON."""
    array = array_of(tree, key, place, "u", (None,), "JSON as bytes")
    if array.dtype != np.uint8:
        raise ValueError(f"{place}/{key} must be bytes, got {array.dtype}.")
    try:
        found = from_json(array.tobytes().decode("ascii"))
    except ValueError as error:
        raise ValueError(
            f"{place}/{key} must be JSON: {abbreviate(str(error))}."
        ) from None
    if not isinstance(found, list):
        raise ValueError(f"{place}/{key} must be a list, got {abbreviate(found)}.")
    return found


# -- single levels ---------------------------------------------------------------------


def level_to_json(name, level):
    """Return a level for JSON; ValueError for what is neither text, number nor date."""
    if isinstance(level, np.generic):
        level = level.item()
    for cls, key, write, _ in MOMENTS:
        if isinstance(level, cls):
            # pandas has its own classes of them, with nanoseconds
            exact = not (getattr(level, "nanosecond", 0) or getattr(level, "tzinfo", 0))
            if exact and not getattr(level, "nanoseconds", 0):
                return {key: write(level)}
    if level is not None and type(level) not in (str, bool, int, float):
        raise ValueError(
            f"{name} must hold texts, numbers or dates without a zone to be saved, got "
            f"{abbreviate(level)} of type {type(level).__name__}; {WAY_OUT}."
        )
    return encode_value(name, level)


def level_from_json(value):
    """Return the level that `level_to_json` encoded; ValueError for anything else."""
    if isinstance(value, dict) and len(value) == 1:
        ((key, content),) = value.items()
        if key in FROM_JSON:
            try:
                level = FROM_JSON[key](content)
            except (TypeError, OverflowError) as error:
                raise ValueError(str(error)) from None
            if getattr(level, "tzinfo", None) is not None:
                raise ValueError(f"{abbreviate(content)} has a time zone")
            return level
    try:
        level = decode_value(value)
    except (KeyError, TypeError) as error:
        raise ValueError(f"{abbreviate(value)} is no level: {error!r}") from None
    if level is not None and type(level) not in (str, bool, int, float):
        raise ValueError(f"{abbreviate(value)} is no level")
    return level


# -- arrays of levels ------------------------------------------------------------------


def array_to_json(name, array):
    """Return an array of levels, (n,), with its dtype for JSON."""
    kind = array.dtype.kind
    if kind in "mM":
        native = array.astype(array.dtype.newbyteorder("="))
        values = native.view(np.int64).tolist()
    elif kind in "biufUO":
        values = [level_to_json(name, level) for level in array.tolist()]
    else:
        raise ValueError(
            f"{name} must hold texts, numbers or dates to be saved, got "
            f"{abbreviate(array)}; {WAY_OUT}."
        )
    return {"dtype": array.dtype.str, "values": values}


def array_from_json(value, place):
    """Return the array that `array_to_json` encoded."""
    whole = isinstance(value, dict) and value.keys() == {"dtype", "values"}
    if not whole or not isinstance(value["values"], list):
        raise ValueError(
            f"{place} must have arrays as dtype and values, got {abbreviate(value)}."
        )
    if not LABEL_TYPE.holds(value["dtype"], None):
        raise ValueError(
            f"{place} must have as 'dtype' {LABEL_TYPE.words}, got "
            f"{abbreviate(value['dtype'])}."
        )
    dtype = np.dtype(value["dtype"])
    try:
        levels = [level_from_json(level) for level in value["values"]]
        return ARRAYS[dtype.kind](levels, dtype)
    except (KeyError, OverflowError, TypeError, ValueError) as error:
        raise ValueError(
            f"{place} must have values of type {dtype}: {abbreviate(str(error))}."
        ) from None


def objects_of(levels, dtype):
    array = np.empty(len(levels), dtype=object)
    array[:] = levels
    return array


def texts_of(levels, dtype):
    if dtype.itemsize * len(levels) > MOST_TEXT:
        raise ValueError("its texts take too much memory")
    return of_types((str,), levels, dtype)


def dates_of(levels, dtype):
    return decode_dates(of_types((int,), levels, np.dtype(np.int64)), dtype)


def of_types(types, levels, dtype):
    """Return levels as an array; ValueError for one of another type."""
    for level in levels:
        if type(level) not in types:
            raise ValueError(f"{abbreviate(level)} is none")
    return np.array(levels, dtype=dtype)


ARRAYS = {
    "O": objects_of,
    "U": texts_of,
    "M": dates_of,
    "m": dates_of,
    "b": lambda levels, dtype: of_types((bool,), levels, dtype),
    "f": lambda levels, dtype: of_types((float,), levels, dtype),
    "i": lambda levels, dtype: of_types((int,), levels, dtype),
    "u": lambda levels, dtype: of_types((int,), levels, dtype),
}
