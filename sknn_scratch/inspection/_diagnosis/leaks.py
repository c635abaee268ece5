"""Columns that give the targets away: one alone, or two together exactly."""

import numpy as np
from sklearn.tree import DecisionTreeRegressor

from .rows import FEWEST_ROWS
from .symptoms import Finding

# Part of the variance of y (of the ones of its classes, of the ranks of numbers) that
# one column alone tells of rows that its tree was not grown on. Iris's best column has
# 0.88, that of 1,797 digits 0.10, carats tell 0.93 of the ranks of prices.
LEAK_OF_CLASSES, LEAK_OF_NUMBERS = 0.95, 0.98
# The same of classes where no other column tells half as much.
LEAK_ALONE = 0.85
# Two columns give y exactly if no row misses it by more than this part of how y varies.
EXACT = 1e-6
NEARLY = 1e-8  # part of the variance that is left: correlations are no more exact
GAPS = 0.3  # share of missing values: a column with more is no part of a pair


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


# -- two columns -----------------------------------------------------------------------


def leaking_pairs(rows):
    """Yield a finding if y is computed from two columns: a sum, product or quotient.

    No other pair is looked for: a model of two columns that misses y by little is what
    a network is for.
    """
    y = rows.numbers_of_y
    told = max(rows.told.values(), default=0.0)
    if rows.m < FEWEST_ROWS or y is None or told > LEAK_OF_NUMBERS:
        return
    columns, X, y = whole_rows(rows, y)
    if len(columns) < 3 or len(y) < FEWEST_ROWS:
        return
    found = sum_of_two(X, y)
    if found is not None:
        (i, j), (a, b, c) = found
        what = f"y = {a:.6g} {columns[i].name!r} {b:+.6g} {columns[j].name!r}"
        what += f" {c:+.6g}" if abs(c) > EXACT * y.std() else ""
    else:
        positive = [k for k in range(len(columns)) if (X[:, k] > 0).all()]
        if len(positive) < 2 or not (y > 0).all():
            return
        found = sum_of_two(np.log(X[:, positive]), np.log(y))
        if found is None:
            return
        (i, j), (a, b, c) = found
        i, j = positive[i], positive[j]
        what = f"y = {np.exp(c):.6g} {columns[i].name!r}^{a:.6g} "
        what += f"{columns[j].name!r}^{b:.6g}"
    names = f"{columns[i].name!r} and {columns[j].name!r}"
    text = f"columns {names} together give y exactly: {what}"
    cure = (
        "leave one of them out if its value is known only once y is; if both are known "
        "before, compute y"
    )
    yield Finding("leakage", None, 1.0, text, cure)


def whole_rows(rows, y):
    """Return numeric columns, and X and y of the rows in which none is missing."""
    columns = [c for c in rows.columns if c.kind in ("numeric", "boolean")]
    columns = [c for c in columns if np.isnan(c.x).mean() <= GAPS and np.ptp(c.present)]
    if not columns:
        return [], None, y
    X = np.column_stack([c.x for c in columns])
    known = np.isfinite(X).all(axis=1)
    if known.sum() < FEWEST_ROWS:
        whole = np.isfinite(X).all(axis=0)
        columns = [c for c, is_whole in zip(columns, whole, strict=True) if is_whole]
        return columns, X[:, whole], y
    return columns, X[known], y[known]


def sum_of_two(X, y):
    """Return ((i, j), (a, b, c)) with y = a X[:, i] + b X[:, j] + c, or None.

    Half of the rows gives a, b and c, and the other half confirms them. Neither column
    gives y without the other.
    """
    Z = np.column_stack([X, y])
    spread = Z.std(axis=0)
    Z = (Z - Z.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    C = Z.T @ Z / len(Z)
    r, R = C[-1, :-1], C[:-1, :-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        told = (r[:, None] ** 2 + r**2 - 2 * np.outer(r, r) * R) / (1 - R**2)
    told[(1 - R**2 < NEARLY) | ~np.isfinite(told)] = 0.0
    alone = r**2 > 1 - NEARLY
    told[alone] = told[:, alone] = 0.0
    i, j = np.unravel_index(told.argmax(), told.shape)
    if told[i, j] < 1 - NEARLY:
        return None
    D = np.column_stack([X[:, i], X[:, j], np.ones(len(y))])
    factors = np.linalg.lstsq(D[::2], y[::2], rcond=None)[0]
    missed = abs(D[1::2] @ factors - y[1::2]).max()
    return ((i, j), factors) if missed <= EXACT * y.std() else None
