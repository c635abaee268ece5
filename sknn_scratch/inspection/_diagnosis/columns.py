"""Checks of the columns of a table and of its targets, for fitted and unfitted models.

As in `symptoms.py`, each check takes the signals, here `TableRows`, and yields
findings. A column is judged by its own values: no model is trained, but for a tree of
one column.
"""

import re

import numpy as np
from sklearn.tree import DecisionTreeRegressor

from .outcome import LITTLE
from .symptoms import Finding

FEWEST_ROWS = 50  # fewer say nothing of columns
# Part of the variance of y (of the ones of its classes, of the ranks of numbers) that
# one column alone tells of rows that its tree was not grown on. Iris's best column has
# 0.88, that of 1,797 digits 0.10, carats tell 0.93 of the ranks of prices.
LEAK_OF_CLASSES, LEAK_OF_NUMBERS = 0.95, 0.98
# The same of classes where no other column tells half as much.
LEAK_ALONE = 0.85
TELLING = 0.2  # the same: a numbering of the rows that tells as much is no id
FEW = 5  # rows of a class: with fewer nothing is judged or learned of it
DENSE = 2  # range of the whole numbers of an id, as a multiple of the number of rows
# Distance of two distributions: Kolmogorov's, half the sum of differences of shares. A
# shift by one standard deviation is 0.38. The margin is Kolmogorov's at 1 in 10^4.
DRIFT, MARGIN = 0.35, 2.23
TWINS = 0.05  # share of rows held out that are also among those trained on
TWINS_AT_LEAST = 5  # such rows
# Distinct values of a column that tells rows apart: as a part of the distinct rows, and
# of all rows.
VARIOUS, MANY = 0.5, 0.2
SHARED = 2  # distinct rows that may have one value of that column
ID_NAME = re.compile(
    r"(?i)^(id|uuid|guid|index|rownames?|unnamed: ?\d+|.*[_ .-](id|uuid|key))$"
    r"|.*[a-z](ID|Id)$"
)
WRITTEN = {  # what texts hold -> how it is written
    "dates": re.compile(
        r"\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([ T].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"
        r"( .*)?|\d{1,2}[. ] ?[A-Za-z]{3,9}\.? \d{4}|[A-Za-z]{3,9}\.? \d{1,2},? \d{4})"
    ),
    "numbers": re.compile(
        r"\s*[-+]?[$€£]?\s?\d{1,3}([ ,.']?\d{3})*([.,]\d+)?([eE][-+]?\d+)?"
        r"\s?(%|[$€£]|[A-Za-z]{1,3})?\s*"
    ),
}


# -- columns ---------------------------------------------------------------------------


def alone(x, Y):
    """Return the part of the variance of Y that a tree of one column tells.

    Each half of the rows is told by a tree that was grown on the other half.
    """
    low, high = np.nanmin(x, initial=0.0), np.nanmax(x, initial=0.0)
    x = np.where(np.isnan(x), low - (high - low) - 1, x)  # a value of its own
    x = np.clip(x, -1e300, 1e300)
    order = np.random.RandomState(0).permutation(len(x))
    halves, missed = (order[::2], order[1::2]), 0.0
    for train, test in (halves, halves[::-1]):
        tree = DecisionTreeRegressor(min_samples_leaf=5, random_state=0)
        told = tree.fit(rank(x)[train, None], Y[train]).predict(rank(x)[test, None])
        missed += np.sum((told.reshape(len(test), -1) - Y[test]) ** 2)
    return 1 - missed / np.sum((Y - Y.mean(axis=0)) ** 2)


def rank(x):
    """Return the ranks of values: trees read float32, ranks are exact in it."""
    return np.unique(x, return_inverse=True)[1].astype(np.float32)


def told_by_columns(rows):
    """Return {column's position: what it tells of y alone}, of columns that may."""
    if rows.m < FEWEST_ROWS or rows.answers is None or rows.target_is_id:
        return {}
    return {
        c.position: alone(c.x, rows.answers)
        for c in rows.columns
        if not (c.kind == "category" and c.all_different) and len(set(c.x)) > 1
    }


def leaking_columns(rows):
    """Yield findings of columns that alone give nearly everything."""
    told = rows.told
    if len(rows.columns) < 2:
        return
    for c in rows.columns:
        share = told.get(c.position, 0.0)
        others = max((told[p] for p in told if p != c.position), default=0.0)
        sure = LEAK_OF_CLASSES if rows.classifier else LEAK_OF_NUMBERS
        single = rows.classifier and share > LEAK_ALONE and others < 0.5 * share
        if not (share > sure or single):
            continue
        what, missing = str(c), np.isnan(c.x)
        if missing.any() and alone(missing.astype(float), rows.answers) > 0.9 * share:
            what = f"whether {c} is missing"
        text = f"{what} alone tells {share:.1%} of how y varies: it may give y away"
        cure = (
            f"leave {c.name!r} out if its value is known only once y is, or is made "
            "from y"
        )
        yield Finding("leakage", None, float(share), text, cure)


def id_columns(rows):
    """Yield findings of columns that number or name the rows."""
    for c in rows.columns if rows.m >= FEWEST_ROWS and rows.n_columns > 1 else ():
        if not c.all_different or c.kind not in ("numeric", "category"):
            continue
        what = "texts that nearly all differ, as ids and free texts do"
        if c.kind == "numeric":
            dense = c.whole and np.ptp(c.present) <= DENSE * rows.m
            named = c.whole and ID_NAME.match(c.name)
            if not (dense or named) or rows.told.get(c.position, 0.0) > TELLING:
                continue
            what = "whole numbers that all differ, as ids and row numbers do"
        elif len(c.texts) < 0.9 * len(c.levels) or written_as(c):
            continue
        text = f"{c} holds {what}: new rows have values that were never seen"
        cure = f"leave {c.name!r} out, or make columns of what it says"
        share = len(np.unique(c.present)) / len(c.present)
        yield Finding("id_column", None, float(share), text, cure)


def written_as(c):
    """Return what the texts of a column are, a key of WRITTEN, or None."""
    texts = c.texts[:200]
    if c.kind != "category" or len(texts) < 10 or len(c.texts) < 0.9 * len(c.levels):
        return None
    for what, form in WRITTEN.items():
        if np.mean([bool(form.fullmatch(text)) for text in texts]) >= 0.95:
            return what
    return None


def conversion(c, what):
    """Return the call of pandas that reads the texts of a column."""
    texts, column = c.texts[:200], f"X[{c.name!r}]"
    if what == "numbers":
        if any("," in text for text in texts):
            column += ".str.replace(',', '.')"
        return f"pandas.to_numeric({column})"
    day_first = any(text[:1].isdigit() and text[:5].count(".") for text in texts)
    return f"pandas.to_datetime({column}{', dayfirst=True' if day_first else ''})"


def values_as_texts(rows):
    """Yield findings of dates and numbers that were left as texts."""
    for c in rows.columns if rows.m >= FEWEST_ROWS else ():
        what = written_as(c)
        if what is None:
            continue
        text = (
            f"{c} holds {what} as texts, such as {c.texts[0]!r}: each of its "
            f"{len(c.texts)} texts is a level of its own"
        )
        cure = f"read it as {what}: {conversion(c, what)}"
        yield Finding("values_as_texts", None, float(len(c.texts)), text, cure)


# -- targets ---------------------------------------------------------------------------


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
    if rows.classifier or rows.y.dtype.kind not in "iuf":
        return
    y = rows.y[rows.chosen].astype(float)
    if not (y == np.rint(y)).all() or len(np.unique(y)) < len(y):
        return
    told = max(rows.told.values(), default=0.0)
    unlearned = told < 1 - LITTLE if rows.ratio is None else rows.ratio > LITTLE
    if np.ptp(y) <= DENSE * rows.m and unlearned:
        text = "y holds whole numbers that all differ, as ids do, and is hardly learned"
        cure = "choose another column as y"
        yield Finding("target_is_id", None, float(len(y)), text, cure)


def scarce_classes(rows):
    """Yield a finding if classes have next to no rows."""
    if rows.counts is None or rows.m < FEWEST_ROWS or rows.target_is_id:
        return
    classes, counts = rows.counts
    few = np.flatnonzero(counts < FEW)
    if len(few) and len(classes) > 1:
        names = ", ".join(f"{classes[k]!s} ({counts[k]})" for k in few[:5])
        more = f" and {len(few) - 5} more" if len(few) > 5 else ""
        text = f"classes with fewer than {FEW} rows: {names}{more} of {rows.m}"
        cure = "collect rows of them, join them to other classes, or leave them out"
        yield Finding("scarce_class", None, float(counts[few].min()), text, cure)


# -- two sets of rows ------------------------------------------------------------------


def drift(rows):
    """Yield a finding of columns whose values in X_val are not as in X."""
    found = []
    for c in rows.columns:
        moves = c.kind == "time" or (c.all_different and c.kind == "category")
        if c.x_val is None or moves or _numbers_rows(c, rows):
            continue
        far, margin = distance(c), MARGIN * np.sqrt(1 / len(c.x) + 1 / len(c.x_val))
        if far > DRIFT + margin:
            found.append((far, c))
    found.sort(key=lambda pair: -pair[0])
    if found:
        far, c = found[0]
        text = f"{c} has other values in X_val than in X: {values_of(c)}"
        if len(found) > 1:
            others = ", ".join(repr(other.name) for _, other in found[1:5])
            more = ", ..." if len(found) > 5 else ""
            text += f"; so do {len(found) - 1} more ({others}{more})"
        cure = (
            "draw both at random from the same rows, and pass both through the same "
            "steps; if new rows will be as those of X_val, train on such"
        )
        yield Finding("drift", None, float(far), text, cure)


def _numbers_rows(c, rows):
    """Return whether a column numbers the rows: those of X_val have other numbers."""
    return c.all_different and c.whole and np.ptp(c.present) <= DENSE * rows.m


def distance(c):
    """Return how far apart the distributions of a column in X and X_val are, 0 to 1."""
    x, other = c.x, c.x_val
    gone, gone_val = np.isnan(x).mean(), np.isnan(other).mean()
    x, other = x[~np.isnan(x)], other[~np.isnan(other)]
    if not len(x) or not len(other):
        return abs(gone - gone_val)
    values = np.unique(np.concatenate([x, other]))
    share = [_shares(part, values) for part in (x, other)]
    if c.kind == "category":
        far = 0.5 * np.abs(share[0] - share[1]).sum()
        if len(values) > 0.2 * len(other):  # shares of so many levels are noise
            far = 0.0
    else:
        far = np.abs(np.cumsum(share[0]) - np.cumsum(share[1])).max()
    return max(far, abs(gone - gone_val))


def _shares(x, values):
    return np.bincount(np.searchsorted(values, x), minlength=len(values)) / len(x)


def values_of(c):
    """Say what the values of a column in X and in X_val are."""
    gone = [np.isnan(x).mean() for x in (c.x, c.x_val)]
    if abs(gone[0] - gone[1]) > DRIFT:
        return f"{gone[1]:.0%} of them are missing there, {gone[0]:.0%} here"
    if c.kind == "category":
        names = list(c.levels)
        most = [names[int(_mode(x))] for x in (c.x, c.x_val)]
        share = [np.mean(c.x_val == _mode(x)) for x in (c.x, c.x_val)]
        return f"{share[0]:.0%} are {most[0]!s}, the most frequent in X"
    low, high = np.nanmedian(c.x), np.nanmedian(c.x_val)
    if low == high:
        low, high = np.nanstd(c.x), np.nanstd(c.x_val)
        return f"they vary by {high:.3g} there and by {low:.3g} in X"
    return f"their median is {high:.3g} there and {low:.3g} in X"


def _mode(x):
    values, counts = np.unique(x[~np.isnan(x)], return_counts=True)
    return values[counts.argmax()]


def twins(rows):
    """Yield a finding if rows held out are among those trained on, value for value.

    Rows of few values repeat by chance: a column, or the y of a regression, must be
    there whose values hardly repeat among distinct rows.
    """
    between = rows.X_val is not None
    if not (between or rows.splits) or rows.m < FEWEST_ROWS:
        return
    kept = [c for c in rows.columns if not _is_key(c, rows)]
    kept += [] if rows.target is None else [rows.target]
    asked = [c.x_val if between else c.x for c in kept]
    if not kept or any(x is None for x in asked):
        return
    asked = np.column_stack(asked)
    key = max(kept, key=lambda c: len(np.unique(c.present)))
    distinct = len(np.unique(_bytes(np.column_stack([c.x for c in kept]))))
    if len(np.unique(key.present)) < max(VARIOUS * distinct, MANY * len(key.x)):
        return
    count = _times_in(rows, kept, key, asked)
    found = np.flatnonzero(count > (0 if between else 1))
    share = len(found) / len(asked)
    if share <= TWINS or len(found) < TWINS_AT_LEAST:
        return
    if between:
        text = f"{share:.0%} of the rows of X_val are rows of X, too"
        cure = "take them out of one of both, or split before rows are repeated"
    else:
        text = (
            f"{share:.0%} of the rows of X are there more than once, and fit holds "
            "some of them out: what it says of new rows is too good"
        )
        cure = "take the copies out, or give them a larger sample_weight"
    yield Finding("duplicates", None, float(share), text, cure)


def _is_key(c, rows):
    """Return whether a column is an id, which copies may have of their own."""
    if c.kind == "category":
        return c.all_different
    return _numbers_rows(c, rows) or bool(c.whole and ID_NAME.match(c.name))


def _times_in(rows, kept, key, asked):
    """Return how often each of the rows `asked`, of the columns `kept`, is in X.

    Only rows that have one of their values in the column `key` are read whole. A value
    that other rows have, too, tells no row: 0 stands for how often those are there.
    """
    whole = rows.all_numbers(key)
    if whole is None:
        return np.zeros(len(asked), int)
    candidates = np.flatnonzero(np.isin(whole, asked[:, kept.index(key)]))
    if not len(candidates):
        return np.zeros(len(asked), int)
    read = rows.numbers_at(kept, candidates)
    if any(x is None for x in read):
        return np.zeros(len(asked), int)
    values = _bytes(np.column_stack(read))
    known, first, counts = np.unique(values, return_index=True, return_counts=True)
    shared = np.unique(read[kept.index(key)][first], return_inverse=True)[1]
    counts[np.bincount(shared)[shared] > SHARED] = 0
    number = dict(zip(known.tolist(), counts.tolist(), strict=True))
    return np.array([number.get(row, 0) for row in _bytes(asked).tolist()])


def _bytes(values):
    """Return each row as one value; missing values are all the same."""
    values = np.where(np.isnan(values), np.inf, values) + 0.0  # -0 becomes 0
    values = np.ascontiguousarray(values)
    return values.view(f"V{values.shape[1] * 8}").ravel()


CHECKS_OF_COLUMNS = (
    leaking_columns,
    id_columns,
    values_as_texts,
    target_is_id,
    scarce_classes,
    drift,
    twins,
)
