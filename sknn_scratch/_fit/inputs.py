"""Valid rows: those trained on, and those held out."""

from typing import NamedTuple

import numpy as np
from numpy.random import RandomState
from scipy.sparse import csr_array, csr_matrix, issparse
from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit
from sklearn.utils import check_array, check_consistent_length
from sklearn.utils.validation import validate_data

from .._compat import check_sample_weight
from .._rows.disk import (
    DiskRows,
    FarRows,
    here,
    is_collection,
    is_elsewhere,
    is_on_disk,
    place_of,
)

BUFFER_BYTES = 2**26  # of rows on disk that are in memory to be shuffled


class Rows(NamedTuple):
    """X (m, n[0]), y as numbers (m,) or (m, n[L]), and weights (m,) in the cost.

    `sample_weight` are the weights as they were given, or None: scorers want those.
    """

    X: np.ndarray | csr_array | csr_matrix
    codes: np.ndarray
    w: np.ndarray
    sample_weight: np.ndarray | None

    def take(self, index):
        return Rows(*(v if v is None else v[index] for v in self))


def valid_rows(estimator, X, y, *, dtype, reset, buffer_size):
    """X and y as scikit-learn has them; X on disk stays there, unless it is small.

    `dtype` are the types that X may have; others become the first.
    """
    y = here(y)
    if is_collection(X):
        from ..distributed._collections import rows_of_collection

        X, like = rows_of_collection(X, dtype)
        if is_elsewhere(X):
            validate_data(estimator, like, skip_check_array=True, reset=reset)
            return X, valid_targets(estimator, X, y)
    if is_on_disk(X):
        X = on_disk(X, dtype)
        wider = max(X.dtype, X.source.dtype, key=lambda dtype: dtype.itemsize)
        if len(X) <= rows_of_buffer(X, buffer_size, wider):
            X = X.all()
    if not isinstance(X, DiskRows):
        X, y = validate_data(
            estimator,
            X,
            y,
            accept_sparse="csr",
            dtype=dtype,
            order="C",
            multi_output=True,
            reset=reset,
        )
        if issparse(X) and not X.has_canonical_format:
            # StandardScaler takes the parts of an entry for entries of their own
            X = X.copy()
            X.sum_duplicates()
        return X, y
    validate_data(estimator, X, y, skip_check_array=True, reset=reset)
    return X, valid_targets(estimator, X, y)


def valid_targets(estimator, X, y):
    """y as an array with a target for each row of X."""
    y = check_array(
        y,
        accept_sparse="csr",
        ensure_2d=False,
        dtype=None,
        input_name="y",
        estimator=estimator,
    )
    check_consistent_length(X, y)
    return y


def on_disk(X, dtype):
    """X as rows that are read when they are due, or an error."""
    if isinstance(X, FarRows):
        return X
    if X.ndim != 2 or 0 in X.shape:
        raise ValueError(
            f"X ({place_of(X)}) must be of shape (n_samples, n_features), none of them "
            f"0, got {X.shape}; images need an ImageFlattener before."
        )
    if X.dtype.kind not in "buif":
        raise ValueError(f"X ({place_of(X)}) must hold real numbers, got {X.dtype}.")
    dtypes = dtype if isinstance(dtype, tuple) else (dtype,)
    return DiskRows(X, X.dtype if X.dtype in dtypes else dtypes[0])


def rows_of_buffer(X, buffer_size, dtype):
    """How many rows of X, kept in that type, are in memory at a time."""
    if buffer_size != "auto":
        return int(buffer_size)
    return max(1, BUFFER_BYTES // (dtype.itemsize * X.shape[1]))


def weighted_rows(X, codes, sample_weight, label_weights, name="sample_weight"):
    """Rows with their weights; those of weight zero are as good as absent.

    `label_weights` is a function of the codes and weights: a factor for each row.
    """
    w, sample_weight = np.ones(X.shape[0]), here(sample_weight)
    if sample_weight is not None:
        sample_weight = w = check_sample_weight(
            sample_weight, X, dtype=np.float64, ensure_non_negative=True
        )
    w = w * label_weights(codes, w)
    if not w.any():
        raise ValueError(
            f"{name} times class_weight must leave a weight above zero to at least one "
            "row, got only zeros."
        )
    if not 1e-150 < w.max() < 1e150:
        raise ValueError(
            f"{name} times class_weight must have its largest value between 1e-150 "
            f"and 1e150, got {w.max():g}; scale the weights."
        )
    rows = Rows(X, codes, w, sample_weight)
    return rows if w.all() else rows.take(np.flatnonzero(w))


def hold_out(rows, fraction, seed, strata=None, names=None):
    """Training rows and validation rows; the same seed splits the same rows alike.

    Parameters
    ----------
    rows : Rows
    fraction : float
        Of the rows: at least two are held out, and as many as there are strata.
    seed : ndarray of uint32
    strata : ndarray of shape (m,), optional
        Codes whose proportions both parts keep; `names` are what errors call them.
    """
    m = len(rows.w)
    values, counts = np.unique(
        np.zeros(m) if strata is None else strata, return_counts=True
    )
    size = max(int(np.ceil(fraction * m)), len(values), 2)
    if m - size < len(values):
        raise ValueError(
            f"early_stopping=True with validation_fraction={fraction} holds out {size} "
            f"rows, but n_samples={m} leaves too few to train on; add rows, give "
            "X_val, or set early_stopping=False."
        )
    if counts.min() < 2:
        raise ValueError(
            "early_stopping=True holds out rows of each class and needs at least 2 "
            f"rows of each, got 1 of class {names[values[counts.argmin()]]}; add rows, "
            "drop the class, give X_val, or set early_stopping=False."
        )
    splitter = ShuffleSplit if strata is None else StratifiedShuffleSplit
    split = splitter(n_splits=1, test_size=size, random_state=RandomState(seed))
    train, rest = next(split.split(np.empty((m, 0)), strata))
    if isinstance(rows.X, DiskRows):  # reads only in the order of the file
        train, rest = np.sort(train), np.sort(rest)
    return rows.take(train), rows.take(rest)
