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
    buffer_length,
    is_collection,
    is_on_disk,
    place_of,
    to_memory,
)
from .._rows.source import RowSource, source_of
from .labels import check_label_types

SAMPLE = 10_000  # rows whose scale is compared
# X_val is on another scale where half of the features differ by more than FAR_OFF
# standard deviations in the mean, or by the factor WIDER in the standard deviation.
# Other rows of the same data: below 0.4 and 1.5 in the median, from ten rows on. Rows
# past a StandardScaler: 2.4 in the median and more (wine, iris, digits, cancer).
FAR_OFF, WIDER = 2.0, 3.0
FEWEST_VALIDATED = 10


class Data(NamedTuple):
    """What a caller gives to train on, or to validate by."""

    X: object = None
    y: object = None
    sample_weight: object = None


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
    """Return X and y as scikit-learn has them.

    Rows on disk stay there, unless they are few; rows on a cluster stay there.
    `dtype` are the types that X may have; others become the first.
    """
    y, described = given_targets(estimator, y), None
    if is_collection(X):
        from ..distributed._collections import rows_of_collection

        X, described = rows_of_collection(X, dtype)
    if is_on_disk(X) and not isinstance(X, RowSource):
        X = far_rows(X, dtype)
        wider = max(X.dtype, X.source.dtype, key=lambda dtype: dtype.itemsize)
        if len(X) <= buffer_length(X, buffer_size, wider):
            X = with_names(X.all(), described)
    if isinstance(X, RowSource):
        like = X if described is None else described
        validate_data(estimator, like, skip_check_array=True, reset=reset)
        return X, valid_targets(estimator, X, y)
    with np.errstate(invalid="ignore"):  # scikit-learn sums X: inf - inf
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


def given_targets(estimator, y):
    """Return y in memory; ValueError for missing labels and mixed types."""
    y = values_in_memory(y, "y")
    if estimator._estimator_type == "classifier":
        check_label_types(y)
    return y


def values_in_memory(values, name):
    """Return targets or weights as an array; read them from disk or from Dask."""
    if is_collection(values):
        from ..distributed._collections import values_of_collection

        return values_of_collection(values, name)
    return to_memory(values)


def with_names(X, described):
    """Return X with the columns of the empty table `described`, if that has names."""
    if not hasattr(described, "columns"):
        return X
    return type(described)(X, columns=described.columns)


def valid_targets(estimator, X, y):
    """Return y as an array with a target for each row of X."""
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


def far_rows(X, dtype):
    """Return X on disk as a RowSource; ValueError for what is no table of numbers."""
    if isinstance(X, RowSource):
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


def valid_weights(X, sample_weight):
    """Return the weights of the rows of X in memory; None where none are given."""
    if sample_weight is None:
        return None
    return check_sample_weight(
        values_in_memory(sample_weight, "sample_weight"),
        X,
        dtype=np.float64,
        ensure_non_negative=True,
    )


def weighted_rows(X, codes, sample_weight, factors, name="sample_weight"):
    """Return rows with their weights in the cost, without those of weight zero.

    `factors` multiply the weights: those that class_weight gives each row.
    """
    w = np.ones(X.shape[0]) if sample_weight is None else sample_weight
    w = w * factors
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


def validation_rows(estimator, val, X, target):
    """Return X_val, y_val and sample_weight_val as valid rows, or None.

    Parameters
    ----------
    estimator : estimator
        It has seen the features of X.
    val : Data
    X : array, sparse matrix or rows elsewhere
        The rows trained on.
    target : Labels or Numbers
        Learned from the y trained on.
    """
    if val.X is None:
        if val.y is not None or val.sample_weight is not None:
            raise ValueError(
                "y_val and sample_weight_val must come with X_val, got X_val=None."
            )
        return None
    try:
        return _validation_rows(estimator, val, X, target)
    except ValueError as error:
        place = "X_val, y_val or sample_weight_val"
        raise ValueError(f"{place} cannot be used: {error}") from None


def _validation_rows(estimator, val, X, target):
    if val.y is None:
        raise ValueError("X_val must come with y_val, got y_val=None.")
    if estimator.standardize and issparse(val.X) and not issparse(X):
        raise ValueError(
            "X_val must be dense where X is and standardize=True centres it, got "
            "a sparse matrix; give X_val.toarray()."
        )
    X_val, y = valid_rows(
        estimator,
        val.X,
        val.y,
        dtype=X.dtype,
        reset=False,
        buffer_size=estimator.buffer_size,
    )
    if source_of(X_val).is_remote and not source_of(X).is_remote:
        raise ValueError(
            "X_val must be here where X is, got a Dask collection on a cluster; "
            "give X_val.compute()."
        )
    w = valid_weights(X_val, val.sample_weight)
    codes = target.encode_validation(y)
    factors = target.row_weights(codes)
    return weighted_rows(X_val, codes, w, factors, "sample_weight_val")


def scale_mismatch(X, X_val):
    """Return a warning where X_val is on another scale than X, in a list, or none.

    A Pipeline does not transform X_val: its steps see X alone. The medians over the
    features that vary in both are judged, since a few features may drift in any data.
    Rows that are not in memory are not read for this.
    """
    X, X_val = source_of(X), source_of(X_val)
    if not (X.in_memory and X_val.in_memory) or len(X_val) < FEWEST_VALIDATED:
        return []
    with np.errstate(all="ignore"):
        (mean, spread), (mean_val, spread_val) = map(moments, (X, X_val))
        varies = (spread > 0) & (spread_val > 0) & np.isfinite(spread + spread_val)
        if 2 * varies.sum() <= len(varies):  # rare words, classes as columns
            return []
        shift = (abs(mean_val - mean) / spread)[varies]
        ratio = (spread_val / spread)[varies]
        apart = np.maximum(shift / FAR_OFF, np.maximum(ratio, 1 / ratio) / WIDER)
    if np.median(apart) <= 1:
        return []
    found = f"its features are {np.median(shift):.2g} standard deviations from those of"
    if np.median(shift) <= FAR_OFF:
        found = f"its features vary {np.median(ratio):.2g} times as much as those of"
    return [
        f"X_val is on another scale than X ({found} X, in the median); steps before "
        "the network in a Pipeline do not transform it: give "
        "pipeline[:-1].transform(X_val)"
    ]


def moments(source):
    """Return mean and standard deviation of the features, of up to SAMPLE rows."""
    X, m = source.X, len(source)
    if m > SAMPLE:  # from all places: the rows may be sorted
        X = X[np.linspace(0, m - 1, SAMPLE).astype(int)]
    mean = np.asarray(X.mean(axis=0), dtype=float).ravel()
    if issparse(X):
        squares = np.asarray(X.multiply(X).mean(axis=0), dtype=float).ravel()
        return mean, np.sqrt(np.maximum(squares - mean**2, 0))
    return mean, np.asarray(X.std(axis=0), dtype=float)


def hold_out(rows, fraction, seed, strata=None, names=None):
    """Return training rows and validation rows; the same seed splits them alike.

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
    if source_of(rows.X).in_file_order:
        train, rest = np.sort(train), np.sort(rest)
    return rows.take(train), rows.take(rest)
