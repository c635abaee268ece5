"""Cells of numeric columns that lie so far out that they set the scale."""

import numpy as np

from .rows import FEWEST_ROWS
from .sentinels import sentinel_of
from .symptoms import Finding

FEW = 0.02  # share of the values that may lie far out
STEP = 10.0  # distance from the median / that of the farthest of the others
# The logarithm of that step for k values has the mean h / k where the tail is Pareto's
# and the logarithms of the others' distances exceed their least by h on average (Hill
# 1975). Twelve times as much is chance about once in 10^5 columns; of 20 values h may
# be far too low by chance, too, which makes it once in 10^3.
TIMES = 12.0
TAIL, FEWEST = 0.1, 20  # share of the others that tells h, and their number at least
SHARE = 0.5  # of the sum of squares about the median


def feature_outliers(rows):
    """Yield a finding of columns in which a few cells lie far from all others."""
    if rows.m < FEWEST_ROWS:
        return
    found = []
    for c in rows.columns:
        if c.kind != "numeric":
            continue
        x = c.present[np.isfinite(c.present)]
        values, times = cells_far_out(x[x != sentinel_of(x, edges=True)])
        if len(values):
            found.append((times, c, values))
    found.sort(key=lambda one: -one[0])
    if not found:
        return
    times, c, values = found[0]
    names = ", ".join(f"{value:.4g}" for value in values[:3])
    more = ", ..." if len(values) > 3 else ""
    are = "cell lies" if len(values) == 1 else "cells lie"
    text = (
        f"{len(values)} {are} at least {times:.0f} times as far from the median of {c} "
        f"as all others ({names}{more})"
    )
    if len(found) > 1:
        others = ", ".join(repr(other.name) for _, other, _ in found[1:5])
        more = ", ..." if len(found) > 5 else ""
        text += f"; so do cells of {len(found) - 1} more ({others}{more})"
    cure = (
        "look at these rows: correct the cells or make them missing; if they are true, "
        "clip the column or take its logarithm, since they set the scale of a "
        "StandardScaler"
    )
    yield Finding("feature_outliers", None, float(times), text, cure)


def cells_far_out(x):
    """Return the values that lie far out, and the step to them; none and 0 if none do.

    The step is far longer than the tail of the others makes it.
    """
    nothing = np.empty(0), 0.0
    away = abs(x - np.median(x)) if len(x) else x
    order = np.argsort(-away, kind="stable")
    top = away[order]
    top = top[top > 0]
    most = min(int(FEW * len(x)) + 1, len(top) - FEWEST)
    if most < 1:
        return nothing
    steps = top[:most] / top[1 : most + 1]
    k = int(steps.argmax()) + 1
    others = top[k : k + max(int(TAIL * (len(top) - k)), FEWEST)]
    h = np.mean(np.log(others / others[-1]))
    chance = k * np.log(steps[k - 1]) <= TIMES * h
    squares = np.cumsum((top / top[0]) ** 2)
    if steps[k - 1] < STEP or chance or squares[k - 1] < SHARE * squares[-1]:
        return nothing
    return x[order[:k]], float(steps[k - 1])
