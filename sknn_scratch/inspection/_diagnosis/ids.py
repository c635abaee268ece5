"""Columns and targets that number or name the rows."""

import re

import numpy as np

from .outcome import LITTLE
from .rows import FEWEST_ROWS
from .symptoms import Finding
from .texts import written_as

TELLING = 0.2  # part of y's variance: a numbering that tells as much is no id
DENSE = 2  # range of the whole numbers of an id, as a multiple of the number of rows
# Whole numbers drawn by chance from a range R repeat n^2 / 2R times. If that is so many
# times and none repeats, they were given out one by one: the chance is 1 in 20,000.
REPEATS = 10
# Part of the range by which numbers that grow from row to row may be off a line. In
# rows that are sorted by a measured number, its bell leaves the line by 0.12 or more.
EVEN = 0.1
ID_NAME = re.compile(
    r"(?i)^(id|uuid|guid|index|rownames?|unnamed: ?\d+|.*[_ .-](id|uuid|key|no|nr)"
    r"|(customer|client|user|order|person|patient|passenger|account|row|record)id)$"
    r"|.*[a-z](ID|Id)$"
)


def numbers_rows(c, rows):
    """Return whether a column holds whole numbers that were given out one by one.

    They lie dense, or none repeats where some would by chance, or they grow evenly
    from row to row.
    """
    if not (c.all_different and c.whole):
        return False
    x, spread = c.present, np.ptp(c.present)
    if spread <= DENSE * rows.m:
        return True
    if len(np.unique(x)) < len(x):
        return False
    return _grows_evenly(x) or _never_repeats(c, rows, spread)


def _grows_evenly(x):
    """Return whether numbers rise, or fall, all the way and about as along a line."""
    steps = np.sign(np.diff(x))
    if not (steps == steps[0]).all():
        return False
    line = np.linspace(x[0], x[-1], len(x))
    return abs(x - line).max() <= EVEN * np.ptp(x)


def _never_repeats(c, rows, spread):
    """Return whether no number of all rows repeats, though many are likely to."""
    if rows.m**2 < 2 * REPEATS * spread:
        return False
    x = rows.all_numbers(c) if rows.m > len(c.x) else c.x
    x = x[~np.isnan(x)]
    return len(np.unique(x)) == len(x) and len(x) ** 2 >= 2 * REPEATS * np.ptp(x)


def id_columns(rows):
    """Yield findings of columns that number or name the rows."""
    for c in rows.columns if rows.m >= FEWEST_ROWS and rows.n_columns > 1 else ():
        if not c.all_different or c.kind not in ("numeric", "category"):
            continue
        what = "texts that nearly all differ, as ids and free texts do"
        if c.kind == "numeric":
            named = c.whole and ID_NAME.match(c.name)
            if rows.told.get(c.position, 0.0) > TELLING:
                continue
            if not (named or numbers_rows(c, rows)):
                continue
            what = "whole numbers that all differ, as ids and row numbers do"
        elif len(c.texts) < 0.9 * len(c.levels) or written_as(c):
            continue
        text = f"{c} holds {what}: new rows have values that were never seen"
        cure = f"leave {c.name!r} out, or make columns of what it says"
        share = len(np.unique(c.present)) / len(c.present)
        yield Finding("id_column", None, float(share), text, cure)


def target_is_id(rows):
    """Yield a finding if the targets look like ids."""
    if rows.m < FEWEST_ROWS or rows.y.ndim > 1:
        return
    if rows.target_is_id:
        k = len(rows.counts[0])
        numeric = rows.y.dtype.kind in "biuf"
        text = f"y has {k} classes in {rows.m} rows: as ids and measured numbers have"
        cure = "take a regressor" if numeric else "choose another column as y"
        yield Finding("target_is_id", None, k / rows.m, text, cure)
    if rows.target is None:
        return
    told = max(rows.told.values(), default=0.0)
    unlearned = told < 1 - LITTLE if rows.ratio is None else rows.ratio > LITTLE
    if unlearned and numbers_rows(rows.target, rows):
        text = "y holds whole numbers that all differ, as ids do, and is hardly learned"
        cure = "choose another column as y"
        yield Finding("target_is_id", None, float(rows.m), text, cure)
