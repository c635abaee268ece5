"""Numbers such as -999 that stand for missing values."""

import re

import numpy as np

from .rows import FEWEST_ROWS
from .symptoms import Finding

# How numbers are written that stand for "not known": nines, the last digit perhaps
# lower, as questionnaires have several such answers.
CODE = re.compile(r"-?9+[789]|-9")
LARGEST = (2.0**15 - 1, 2.0**16 - 1, 2.0**31 - 1, 2.0**32 - 1)  # of whole numbers
HUGE = 1e9  # from here on no digits are asked for
FEWEST, SHARE = 3, 0.005  # times that it is there, at least
# Distance from the nearest other value / range of the others without their outermost
# hundredths. A code that is there far more often than any other value may be nearer.
APART, APART_OFTEN, OFTEN = 1.5, 0.25, 5
OUTERMOST = 5  # values on each side that may be codes
DISTINCT = 2  # values that the others have at least
# A code at the edge of the others: it is there this often and at most this often, and
# the others have at least so many values.
EDGE_TIMES, EDGE_SHARE, EDGE_MOST, EDGE_DISTINCT = 5, 0.01, 0.3, 10
NEAREST, SPACINGS = 10, 10  # its gap / the usual one of its nearest values
# 0 is a value of many columns: of those that are mostly 0, and of those whose other
# values come near it. As a code it is rare and far from the others, whose distribution
# ends in a tail: the hundredth from the tenth, as a part of the tenth from the middle.
# That is 0.8 of a normal distribution and 0.2 where values begin at a least one.
ZERO_MOST, ZERO_APART, ZERO_TAIL = 0.15, 0.5, 0.5


def sentinel_values(rows):
    """Yield findings of columns, and of y, in which a number stands for missing."""
    if rows.m < FEWEST_ROWS:
        return
    for c in rows.columns:
        code = sentinel_of(c.present, edges=True) if c.kind == "numeric" else None
        if code is not None:
            column = f"X[{c.name!r}]"
            cure = (
                f"make it missing: {column} = {column}.replace({written(code)}, "
                "numpy.nan); TabularNet estimators take missing values, others do "
                "behind SimpleImputer(add_indicator=True)"
            )
            yield _finding(str(c), c.x, code, cure)
    y = None if rows.target is None else rows.learned.astype(float)
    code = None if y is None else sentinel_of(y)
    if code is not None:
        yield _finding("y", y, code, "leave these rows out: nobody knows their answer")


def _finding(what, x, code, cure):
    share = float(np.mean(x == code))
    text = (
        f"{what} is {written(code)} in {share:.1%} of the rows, apart from all other "
        "values: it seems to stand for missing"
    )
    return Finding("sentinel_values", None, share, text, cure)


def written(code):
    """Return a whole number with all its digits, where they are few enough."""
    return f"{code:.0f}" if abs(code) < 1e15 else f"{code:g}"


def sentinel_of(x, edges=False):
    """Return the number that stands for missing among the values of x, or None.

    With `edges` it may also be 0, -1 or such as 99 near the others.
    """
    code = _far_code(x)
    return _edge_code(x) if code is None and edges else code


def _edge_code(x):
    """Return a code that is the least or the greatest value, near the others, or None.

    -1 is a code below numbers of which none is negative, if it is there far more often
    than those next to it. Others are set apart by a gap.
    """
    values, counts = np.unique(x, return_counts=True)
    if len(values) <= EDGE_DISTINCT:
        return None
    for side in (slice(None), slice(None, None, -1)):
        code, n = values[side][0], counts[side][0]
        if n < EDGE_TIMES or not EDGE_SHARE <= n / len(x) <= EDGE_MOST:
            continue
        near, often = values[side][1 : NEAREST + 2], counts[side][1 : NEAREST + 1]
        unsigned = code == -1 and near[0] >= 0
        if unsigned and n >= OFTEN * often.max():
            return -1.0
        gap = abs(near[0] - code)
        low, tenth, middle, high = np.percentile(x[x != code], (1, 10, 50, 99))
        apart = gap / (high - low) if high > low else 0.0
        known = apart >= APART_OFTEN and (unsigned or looks_like_a_code(code))
        tailed = tenth - low >= ZERO_TAIL * (middle - tenth)
        zero = code == 0 and n <= ZERO_MOST * len(x) and apart >= ZERO_APART and tailed
        if (known or zero) and gap >= SPACINGS * np.median(abs(np.diff(near))):
            return float(code)
    return None


def _far_code(x):
    """Return a code that lies far from all others, or None."""
    values, counts = np.unique(x, return_counts=True)
    coded = np.zeros(len(values), bool)
    for k in {*range(len(values))[:OUTERMOST], *range(len(values))[-OUTERMOST:]}:
        coded[k] = looks_like_a_code(values[k])
    others, often = values[~coded], counts[~coded]
    if not coded.any() or len(others) < DISTINCT:
        return None
    low, high = np.percentile(np.repeat(others, often), (1, 99))
    spread = (high - low) or np.ptp(others)
    for k in np.flatnonzero(coded & (counts >= max(FEWEST, SHARE * len(x)))):
        code, gap = values[k], abs(others - values[k]).min() / spread
        if others[0] <= code <= others[-1]:
            continue
        alone = code < 0 <= others[0]  # the only negative number
        frequent = counts[k] >= OFTEN * often.max()
        if alone or gap > APART or (frequent and gap > APART_OFTEN):
            return float(code)
    return None


def looks_like_a_code(value):
    """Return whether a number is written as codes for missing values are."""
    if value != np.rint(value) or not np.isfinite(value):
        return abs(value) >= HUGE
    if abs(value) >= HUGE or abs(value + (value < 0)) in LARGEST:
        return True
    return CODE.fullmatch(written(value)) is not None
