"""Classes with too few rows to be learned."""

import numpy as np

from .rows import FEWEST_ROWS
from .symptoms import IMBALANCED, Finding

FEW = 5  # rows of a class: with fewer nothing is judged or learned of it
# The same of a class that has less than a tenth of the rows of the largest: a quarter
# of the rows, held out, has fewer than 5 of it.
FEW_HELD_OUT = 20
FOUND = 0.5  # share of a class that is recognised: it has rows enough


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
