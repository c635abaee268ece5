"""Which rows each member of an ensemble trains on, and which it is judged by."""

import numpy as np
from sklearn.model_selection import check_cv


def splits(cv, n_members, X, y, strata, rng):
    """Return (rows to train on, rows held out) of each member.

    Members beyond the number of splits begin with the first one again: those of an int
    `cv` are then drawn anew.

    Parameters
    ----------
    cv : int, splitter or iterable of (train, test)
    n_members : int
    X, y : array-like
        What a splitter of scikit-learn is given.
    strata : ndarray of shape (m,) or None
        Each fold of an int `cv` gets the same share of each value.
    rng : RandomState
    """
    m = len(y)
    if m == 1:
        return [(np.arange(1), np.arange(0))] * n_members
    found = []
    if not isinstance(cv, int | np.integer):
        found = list(check_cv(cv).split(X, y))
        return [found[i % len(found)] for i in range(n_members)]
    while len(found) < n_members:
        fold, k = folds(m, min(int(cv), m), rng, strata), min(int(cv), m)
        found += [
            (np.flatnonzero(fold != i), np.flatnonzero(fold == i)) for i in range(k)
        ]
    return found[:n_members]


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
