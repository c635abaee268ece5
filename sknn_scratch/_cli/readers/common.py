"""What the readers share: blocks of rows and the limit of classes.

A reader returns a Source with one or two parts (the training and the test set). A part
yields its rows block by block, in order. Only the labels of all rows and the
names of the image files are held in memory.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

BLOCK_BYTES = 2**22
MOST_CLASSES = 65536  # the highest label of a data file is 65535


class LabelledBlocks(NamedTuple):
    """Rows of a training or a test set, with an index into the classes for each row."""

    labels: np.ndarray  # (m,)
    blocks: Callable  # no arguments -> an iterator of arrays (k, ...), m rows in all


class Source(NamedTuple):
    """What a reader has found."""

    classes: list  # of str
    parts: list  # of LabelledBlocks
    columns: list | None = None  # names of the features, where the source has them


def block_length(bytes_of_row):
    """Return the number of rows in a block of about BLOCK_BYTES, at least 1."""
    return max(1, BLOCK_BYTES // max(1, bytes_of_row))


def check_classes(source, count):
    if count > MOST_CLASSES:
        raise ValueError(
            f"{source} must have at most {MOST_CLASSES} classes, got more; labels are "
            "classes, not measured numbers."
        )
