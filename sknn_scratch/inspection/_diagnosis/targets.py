"""Targets of which some are too rare or too far out to be learned."""

import numpy as np

from .rows import FEWEST_ROWS
from .sentinels import sentinel_of
from .symptoms import IMBALANCED, Finding

FEW = 5  # rows of a class: with fewer nothing is judged or learned of it
# The same of a class that has less than a tenth of the rows of the largest: a quarter
# of the rows, held out, has fewer than 5 of it.
FEW_HELD_OUT = 20
FOUND = 0.5  # share of a class that is recognised: it has rows enough
# Targets far out: at most this share of them, each as far from the median as this times
# the farthest of the others. Steps of that size between two successive values are 1 in
# 100 for the farthest value of a distribution whose variance is just infinite.
FAR_OUT, STEP = 0.02, 10.0


def scarce_classes(rows):
    """Yield a finding if classes have next to no rows.

    A class is spared if rows that were not trained on show that it is recognised.
    """
    if rows.counts is None or rows.m < FEWEST_ROWS or rows.target_is_id:
        return
    classes, counts = rows.counts
    scarce = (counts < FEW_HELD_OUT) & (IMBALANCED * counts < counts.max())
    if rows.recognised is not None and len(rows.recognised) == len(classes):
        scarce &= ~(rows.recognised >= FOUND)
    few = np.flatnonzero((counts < FEW) | scarce)
    if len(few) and len(classes) > 1:
        few = few[np.argsort(counts[few], kind="stable")]
        names = ", ".join(f"{classes[k]!s} ({counts[k]})" for k in few[:5])
        more = f" and {len(few) - 5} more" if len(few) > 5 else ""
        text = (
            f"classes with too few rows to learn and to judge: {names}{more} of "
            f"{rows.m}"
        )
        cure = "collect rows of them, join them to other classes, or leave them out"
        yield Finding("scarce_class", None, float(counts[few].min()), text, cure)


def target_outliers(rows):
    """Yield a finding if a few targets of a regression lie far from all others."""
    if rows.classifier or rows.m < FEWEST_ROWS or rows.y.dtype.kind not in "iuf":
        return
    targets = rows.learned.astype(float)
    for y in targets.reshape(len(targets), -1).T:
        found = far_out(y[y != sentinel_of(y)])
        if found is None:
            continue
        values, times, share = found
        names = ", ".join(f"{value:.4g}" for value in values[:3])
        more = ", ..." if len(values) > 3 else ""
        are = "value of y lies" if len(values) == 1 else "values of y lie"
        text = (
            f"{len(values)} {are} at least {times:.0f} times as far from its median as "
            f"all others ({names}{more}): {share:.0%} of what squares sum up to"
        )
        cure = (
            "look at these rows: correct them or leave them out; if they are true, set "
            "loss='absolute_error'"
        )
        cure += " or train on log(y)" if y.min() > 0 else ""
        yield Finding("target_outliers", None, float(times), text, cure)


def far_out(y):
    """Return (values, step, share of the sum of squares) of what is far out, or None.

    The step is the distance of the nearest of them from the median, divided by that of
    the farthest of the others.
    """
    away = abs(y - np.median(y))
    most = int(FAR_OUT * len(y)) + 1
    order = np.argsort(-away, kind="stable")[: most + 1]
    top = away[order]
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = top[:-1] / top[1:]
    steps[top[1:] == 0] = 0.0  # all others are the same: no outliers of a spread
    k = int(steps.argmax()) + 1
    if steps[k - 1] < STEP:
        return None
    far = order[:k]
    share = np.sum((away[far] / top[0]) ** 2) / np.sum((away / top[0]) ** 2)
    return y[far], float(steps[k - 1]), float(share)
