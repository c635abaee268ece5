"""Rows of data in the page, as JSON has them."""

import base64
import datetime
import math

import numpy as np

from ...export._parts import is_missing

MOST = 200  # rows to choose from
MOST_READ = 5000  # rows of a data file, or of which the range of a column is learned
PICTURE_BYTES = 400_000  # of all pictures to choose from, at most


def spaced(m, most):
    """Return at most so many numbers of rows, evenly spaced."""
    return np.unique(np.linspace(0, m - 1, min(m, most)).round().astype(int))


def values_at(X, place, rows):
    """Return the values of a column of a data frame or an array, as plain values."""
    column = X.iloc[rows, place] if hasattr(X, "iloc") else X[rows, place]
    return [*map(plain_value, column.tolist())]


def plain_value(value):
    """Return a value as None, bool, int, float or text; a date as ISO 8601 has it.

    Durations are in days.
    """
    if is_missing(value):
        return None
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None).isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return value / datetime.timedelta(days=1)
    if isinstance(value, np.generic):
        return plain_value(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, bool | int | str) else str(value)


def rows_of_table(X, truth, places):
    """Return the rows to choose from: values at the places, and true answers."""
    rows = spaced(len(X), MOST)
    columns = [values_at(X, place, rows) for place in places]
    return {
        "numbers": (rows + 1).tolist(),
        "of": len(X),
        "values": [list(row) for row in zip(*columns, strict=True)],
        "truth": true_answers(truth, rows),
    }


def rows_of_pictures(X, truth):
    """Return the pictures to choose from, as bytes or 32-bit floats in base64."""
    flat = X.reshape(len(X), -1)
    as_bytes = flat.min() >= 0 and flat.max() <= 255
    as_bytes = bool(as_bytes and (flat == np.round(flat)).all())
    size = flat.shape[1] * (1 if as_bytes else 4)
    rows = spaced(len(X), max(1, min(MOST, PICTURE_BYTES // size)))
    kept = flat[rows].astype("u1" if as_bytes else "<f4")
    return {
        "numbers": (rows + 1).tolist(),
        "of": len(X),
        "bytes": as_bytes,
        "pixels": base64.b64encode(kept.tobytes()).decode(),
        "truth": true_answers(truth, rows),
    }


def true_answers(truth, rows):
    """Return the true answers of the rows as plain values, None where not known."""
    if truth is None:
        return None
    return [plain_truth(truth[row]) for row in rows]


def plain_truth(value):
    """Return one answer, or several of a row as a list."""
    if isinstance(value, np.ndarray) and value.ndim:
        return [*map(plain_value, value)]
    return plain_value(value)
