"""Which rows each member of an ensemble trains on, and which it is judged by."""

from numbers import Integral
from typing import NamedTuple

import numpy as np

FOLDS = 5  # with fewer, each member would train on too few of the rows


class SplitRows(NamedTuple):
    """The rows that are split.

    Attributes
    ----------
    X, y : array-like
        All rows, as they were given: what a splitter of scikit-learn splits.
    kept : ndarray of shape (m,)
        The numbers of the rows that have a weight. The splits are of these.
    strata : ndarray of shape (m,) or None
        Each fold of an int `cv` gets the same share of each value.
    """

    X: object
    y: np.ndarray
    kept: np.ndarray
    strata: np.ndarray | None = None


def splits(cv, n_members, rows, rng):
    """Return (rows to train on, rows held out) of each member.

    Members beyond the number of splits begin with the first one again: those of an int
    `cv` are then drawn anew.

    Parameters
    ----------
    cv : int, splitter, iterable of (train, test) or None
        None means as many folds as members, at least FOLDS.
    n_members : int
    rows : SplitRows
    rng : RandomState
    """
    m = len(rows.kept)
    if m == 1:
        return [(np.arange(1), np.arange(0))] * n_members
    cv = max(n_members, FOLDS) if cv is None else cv
    if not isinstance(cv, Integral):
        found = given_splits(cv, rows)
        return [found[i % len(found)] for i in range(n_members)]
    found, k = [], min(int(cv), m)
    while len(found) < n_members:
        fold = folds(m, k, rng, rows.strata)
        found += [
            (np.flatnonzero(fold != i), np.flatnonzero(fold == i)) for i in range(k)
        ]
    return found[:n_members]


def given_splits(cv, rows):
    """Return the splits of a splitter or an iterable, without rows of weight 0."""
    m = len(rows.y)
    place = np.full(m, -1)
    place[rows.kept] = np.arange(len(rows.kept))
    try:
        given = [*(cv.split(rows.X, rows.y) if hasattr(cv, "split") else cv)]
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"cv must split the rows by X and y alone, got {type(cv).__name__}: "
            f"{error} Give the splits themselves, as "
            "cv=list(splitter.split(X, y, groups))."
        ) from None
    found = []
    for split in given:
        train, held_out = (place[part] for part in numbers_of(split, m))
        found.append((train[train >= 0], held_out[held_out >= 0]))
    if not found or not all(len(train) for train, _ in found):
        raise ValueError(
            "cv must have a split, and each split must have a row to train on with a "
            f"weight above 0, got {len(found)} splits."
        )
    return found


def numbers_of(split, m):
    """Return the numbers of the rows to train on, and of those held out."""
    try:
        train, held_out = (np.arange(m)[part] for part in split)
    except (IndexError, TypeError, ValueError):
        raise ValueError(
            f"cv must hold pairs of numbers of rows, 0 to {m - 1}, or of masks of {m} "
            f"rows, got {shortened(split)}; split the rows that fit is given."
        ) from None
    common = np.intersect1d(train, held_out)
    if len(common):
        raise ValueError(
            "cv must hold out rows that are not trained on, got row "
            f"{common[0]} in both parts of a split; leave it out of one."
        )
    return train, held_out


def shortened(value):
    """Return the value as an error shows it."""
    text = repr(value).replace("\n", "")
    return text if len(text) <= 60 else f"{text[:57]}..."


def folds(m, k, rng, strata=None):
    """Return the fold of each row, 0 to k - 1; rows of a stratum are dealt in turn.

    Folds differ by at most one row, and by at most one row of each stratum.
    """
    order, fold = rng.permutation(m), np.empty(m, np.intp)
    if strata is not None:
        order = order[np.argsort(strata[order], kind="stable")]
    fold[order] = np.arange(m) % k
    return fold


def row_groups(y):
    """Return a number for each row; equal rows of y (m,) or (m, n) have the same."""
    if y.ndim == 1:
        return np.unique(y, return_inverse=True)[1].ravel()
    return np.unique(y, axis=0, return_inverse=True)[1].ravel()
