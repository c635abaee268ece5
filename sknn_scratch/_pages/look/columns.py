"""The columns of a table in the page: what can be set, and where it begins."""

import datetime
import math

import numpy as np

from ...export._program import MISSING, UNSEEN
from .learned import UNKNOWN, extent_of_values, extents_of

EPOCH = np.datetime64(0, "D")
LEVELS = 1000  # in a menu, at most


def columns_of(model, names, inputs, values):
    """Return the columns that the model reads, as the page takes them, and notes.

    Parameters
    ----------
    model : estimator
        A fitted model.
    names : list of str
        Names of all columns.
    inputs : list of Input or None
        How the exported model reads columns; None reads all as numbers.
    values : callable or None
        Returns the values of the column at a place in the rows that are known.
    """
    told = extents_of(model, len(names))
    kinds = kinds_of(names, inputs)
    columns = [
        column_of(place, names[place], kind, own, told.get(place), values)
        for place, (kind, own) in kinds.items()
    ]
    guessed = [c["name"] for c in columns if c.pop("guessed")]
    notes = []
    if guessed:
        notes.append(
            f"The range of {', '.join(guessed[:5])}"
            f"{' and others' if len(guessed) > 5 else ''} is not stored in the model: "
            "it is taken as -3 to 3. Give DATA to have the range of real rows."
        )
    return columns, notes


def kinds_of(names, inputs):
    """Return {place: (kind, inputs)} of the columns that are read, in their order.

    A column that is read as a number and as levels is a number.
    """
    if inputs is None:
        return {place: ("number", []) for place in range(len(names))}
    found = {}
    for one in sorted(inputs, key=lambda one: one.place):
        found.setdefault(one.place, []).append(one)
    return {place: (kind_of(own), own) for place, own in found.items()}


def kind_of(inputs):
    """Return how a column is set that is read in these ways."""
    kinds = {one.kind for one in inputs}
    return "level" if kinds == {"level"} else (kinds - {"level"}).pop()


def column_of(place, name, kind, inputs, extent, values):
    """Return one column as the page takes it."""
    rows = None if values is None else values(place)
    column = {"place": place, "name": name, "kind": kind, "guessed": False}
    if kind == "level":
        return column | levels_of(inputs, rows)
    if rows is not None:
        extent = extent_of_values(as_floats(rows)) or extent
    extent = extent or UNKNOWN
    return column | extent._asdict() | {"guessed": extent is UNKNOWN}


def levels_of(inputs, rows):
    """Return the levels of a menu, and whether others and missing values are taken."""
    (found, *_) = inputs
    levels = sorted(found.levels, key=lambda level: (isinstance(level, str), level))
    counts = {}
    for value in [] if rows is None else rows:
        counts[value] = counts.get(value, 0) + 1
    first = max(levels, key=lambda level: counts.get(level, 0), default=None)
    return {
        "levels": levels[:LEVELS],
        "start": first,
        "other": UNSEEN not in found.refused,
        "missing": MISSING not in found.refused,
    }


def as_floats(values):
    """Return plain values as floats; dates as days since 1970-01-01."""
    return [math.nan if v is None else as_float(v) for v in values]


def as_float(value):
    if isinstance(value, str):
        value = datetime.datetime.fromisoformat(value)
        since = value.replace(tzinfo=None) - datetime.datetime(1970, 1, 1)
        return since / datetime.timedelta(days=1)
    return float(value)
