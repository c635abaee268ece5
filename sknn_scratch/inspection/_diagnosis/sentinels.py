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


def sentinel_values(rows):
    """Yield findings of columns, and of y, in which a number stands for missing."""
    if rows.m < FEWEST_ROWS:
        return
    for c in rows.columns:
        code = sentinel_of(c.present) if c.kind == "numeric" else None
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
        f"{what} is {written(code)} in {share:.1%} of the rows, far from all other "
        "values: it seems to stand for missing"
    )
    return Finding("sentinel_values", None, share, text, cure)


def written(code):
    """Return a whole number with all its digits, where they are few enough."""
    return f"{code:.0f}" if abs(code) < 1e15 else f"{code:g}"


def sentinel_of(x):
    """Return the number that stands for missing among the values of x, or None."""
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
