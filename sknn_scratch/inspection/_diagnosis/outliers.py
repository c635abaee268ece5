"""Cells of numeric columns, and targets, that lie far out and set the scale."""

from typing import NamedTuple

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
        far = values_far_out(x[x != sentinel_of(x, edges=True)])
        if far is not None:
            found.append((far, c))
    found.sort(key=lambda one: -one[0].times)
    if not found:
        return
    far, c = found[0]
    text = far.of(str(c), "cell")
    if len(found) > 1:
        others = ", ".join(repr(other.name) for _, other in found[1:5])
        more = ", ..." if len(found) > 5 else ""
        text += f"; so do cells of {len(found) - 1} more ({others}{more})"
    cure = (
        "look at these rows: correct the cells or make them missing; if they are true, "
        "clip the column or take its logarithm, since they set the scale of a "
        "StandardScaler"
    )
    yield Finding("feature_outliers", None, far.times, text, cure)


def target_outliers(rows):
    """Yield a finding if a few targets of a regression lie far from all others."""
    if rows.classifier or rows.m < FEWEST_ROWS or rows.y.dtype.kind not in "iuf":
        return
    targets = rows.learned.astype(float)
    for y in targets.reshape(len(targets), -1).T:
        far = values_far_out(y[y != sentinel_of(y)])
        if far is None:
            continue
        text = f"{far.of('y', 'value')}: {far.share:.0%} of what squares sum up to"
        cure = (
            "look at these rows: correct them or leave them out; if they are true, set "
            "loss='absolute_error'"
        )
        cure += " or train on log(y)" if y.min() > 0 else ""
        yield Finding("target_outliers", None, far.times, text, cure)


class FarOut(NamedTuple):
    """Values that lie far from all others.

    Attributes
    ----------
    values : ndarray
        The farthest first.
    times : float
        The distance of the nearest of them from the median / that of the farthest of
        the others.
    share : float
        Their part of the sum of squares about the median.
    """

    values: np.ndarray
    times: float
    share: float

    def of(self, name, one):
        """Say how far they are from the others of a column or target.

        `one` is the noun for a value of it.
        """
        names = ", ".join(f"{value:.4g}" for value in self.values[:3])
        more = ", ..." if len(self.values) > 3 else ""
        lie = f"{one} lies" if len(self.values) == 1 else f"{one}s lie"
        return (
            f"{len(self.values)} {lie} at least {self.times:.0f} times as far from the "
            f"median of {name} as all others ({names}{more})"
        )


def values_far_out(x):
    """Return the FarOut of an array, or None.

    The step to them is far longer than the tail of the others makes it.
    """
    away = abs(x - np.median(x)) if len(x) else x
    order = np.argsort(-away, kind="stable")
    top = away[order]
    top = top[top > 0]
    most = min(int(FEW * len(x)) + 1, len(top) - FEWEST)
    if most < 1:
        return None
    steps = top[:most] / top[1 : most + 1]
    k = int(steps.argmax()) + 1
    others = top[k : k + max(int(TAIL * (len(top) - k)), FEWEST)]
    h = np.mean(np.log(others / others[-1]))
    chance = k * np.log(steps[k - 1]) <= TIMES * h
    squares = np.cumsum((top / top[0]) ** 2)
    share = float(squares[k - 1] / squares[-1])
    if steps[k - 1] < STEP or chance or share < SHARE:
        return None
    return FarOut(x[order[:k]], float(steps[k - 1]), share)
