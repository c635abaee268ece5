"""What the property tests draw: models, rows, labels, weights, and places in memory.

Rows hold eighths between -4 and 4, which even float16 holds exactly: what is tried in
another type or layout has the same values to the bit.
"""

import os
import tempfile
from typing import NamedTuple

import numpy as np
import pandas as pd
import polars as pl
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from scipy import sparse

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
    ShallowNetRegressor,
)

# The same examples every time; SKNN_SCRATCH_EXAMPLES=1000 looks at more of them.
EXAMPLES = int(os.environ.get("SKNN_SCRATCH_EXAMPLES", "60"))
claim = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

NETS = [DeepNetClassifier, ShallowNetClassifier, DeepNetRegressor, ShallowNetRegressor]
CLASSIFIERS = [DeepNetClassifier, ShallowNetClassifier, LogisticRegressionScratch]
REGRESSORS = [DeepNetRegressor, ShallowNetRegressor]
STEPPING = ["gd", "sgd", "rmsprop", "adam", "adamw"]
MINIBATCH = ["sgd", "adam"]
FULL_BATCH = ["gd", "lbfgs"]
LOGISTIC = ["auto", "newton", "lbfgs", "gd", "sgd", "adam"]
SMOOTH = ["tanh", "logistic", "gelu", "swish", "softplus"]
KINKED = ["relu", "leaky_relu", "elu"]

seeds = st.integers(0, 2**32 - 1)


# -- rows ------------------------------------------------------------------------------

shapes = st.one_of(
    st.tuples(st.integers(2, 12), st.integers(1, 6)),
    st.tuples(st.integers(2, 6), st.integers(7, 40)),  # more features than rows
    st.just((1, 3)),
    st.just((1000, 2)),
)


def make_rows(shape, seed, look):
    rng = np.random.RandomState(seed)
    X = rng.randint(-32, 33, shape) / 8
    if look == "mostly zeros":
        X[rng.rand(*shape) > 0.3] = 0
    elif look == "a constant feature":
        X[:, 0] = 0.125
    elif look == "rows that repeat":
        X[...] = X[rng.randint(len(X), size=len(X))]
    return X


LOOKS = ["dense", "mostly zeros", "a constant feature", "rows that repeat"]


# -- targets ---------------------------------------------------------------------------

LABELS = {
    "whole numbers": np.arange(4),
    "bytes": np.arange(4, dtype=np.uint8),
    "other byte order": np.arange(4).astype(">i4"),
    "negative": np.array([-70000, -1, 0, 2**40]),
    "whole floats": np.array([-2.0, 0.0, 1.0, 3.0]),
    "texts": np.array(["ant", "bee", "cat", "dodo"]),
    "objects": np.array(["ant", "bee", "cat", "dodo"], dtype=object),
    "truth": np.array([False, True]),
}
SEVERAL = {
    "several labels": np.asarray,
    "several labels, truth": lambda Y: Y.astype(bool),
    "several labels, floats": lambda Y: Y.astype(np.float32),
    "several labels, sparse": sparse.csr_matrix,
}


def make_labels(kind, n_classes, m, rng):
    """Labels of m rows; every class occurs where there are rows enough."""
    if kind in SEVERAL:
        return SEVERAL[kind](rng.randint(2, size=(m, n_classes)))
    classes = LABELS[kind][:n_classes]
    codes = rng.permutation(np.arange(m) % len(classes))
    return classes[codes]


def make_numbers(loss, n_outputs, m, rng):
    shape = (m,) if n_outputs == 1 else (m, n_outputs)
    if loss == "poisson":
        return rng.poisson(2, shape).astype(np.float64)
    return rng.randn(*shape)


# -- models ----------------------------------------------------------------------------


@st.composite
def networks(draw, cls, solvers, smooth):
    options = {
        "solver": draw(st.sampled_from(solvers)),
        "activation": draw(st.sampled_from(SMOOTH if smooth else SMOOTH + KINKED)),
        "alpha": draw(st.sampled_from([0.0, 1e-4, 0.5])),
    }
    if cls in (DeepNetClassifier, DeepNetRegressor):
        hidden = draw(st.sampled_from([(), (3,), (4, 2)]))
        options["hidden_layer_sizes"] = hidden
    else:
        options["n_hidden"] = draw(st.integers(1, 5))
    if cls in REGRESSORS:
        losses = ["squared_error", "poisson"]
        losses += [] if smooth else ["absolute_error", "huber", "quantile"]
        options["loss"] = draw(st.sampled_from(losses))
    elif draw(st.booleans()):
        options["label_smoothing"] = 0.1
    if options["solver"] in STEPPING and draw(st.booleans()):
        schedules = ["constant", "invscaling", "adaptive", "cosine", "exponential"]
        options["learning_rate"] = draw(st.sampled_from(schedules))
        options["max_grad_norm"] = draw(st.sampled_from([None, 1.0]))
        options["dropout"] = 0.0 if smooth else draw(st.sampled_from([0.0, 0.4]))
        options["l1_ratio"] = 0.0 if smooth else draw(st.sampled_from([0.0, 0.5]))
    return options


@st.composite
def regressions(draw, solvers, smooth):
    options = {
        "solver": draw(st.sampled_from(solvers)),
        "C": draw(st.sampled_from([0.1, 1.0, 1.0 if smooth else np.inf])),
        "fit_intercept": draw(st.booleans()),
    }
    if not smooth and options["solver"] in STEPPING:
        options["l1_ratio"] = draw(st.sampled_from([0.0, 0.5]))
    return options


class Problem(NamedTuple):
    """An unfitted model, and what it may be fitted on."""

    model: object
    X: np.ndarray
    y: object
    w: np.ndarray | None

    def __repr__(self):
        w = None if self.w is None else self.w[:10]
        return f"{self.model} on {self.X!r}, y = {self.y[:10]!r} ..., w = {w} ..."


@st.composite
def problems(
    draw,
    classes=NETS + [LogisticRegressionScratch],
    *,
    solvers=STEPPING + ["lbfgs"],
    regression_solvers=LOGISTIC,
    smooth=False,
    weights=("none", "fractions", "some zeros", "large"),
    kinds=(*LABELS, *SEVERAL),
    standardize=(False, True),
):
    """A Problem; `smooth` is for claims of near equality, which a kink would break."""
    cls = draw(st.sampled_from(classes))
    shape = draw(shapes)
    X = make_rows(shape, draw(seeds), draw(st.sampled_from(LOOKS)))
    m, rng = shape[0], np.random.RandomState(draw(seeds))
    if cls is LogisticRegressionScratch:
        options = draw(regressions(regression_solvers, smooth))
    else:
        options = draw(networks(cls, solvers, smooth))
    model = cls(
        **options,
        standardize=draw(st.sampled_from(standardize)),
        batch_size=draw(st.sampled_from(["auto", 1, 5]) if m < 50 else st.just(300)),
        shuffle=draw(st.booleans()),
        max_iter=draw(st.integers(1, 3)),
        random_state=draw(st.integers(0, 2**31)),
        warn=False,
    )
    if cls in REGRESSORS:
        y = make_numbers(model.loss, draw(st.integers(1, 2)), m, rng)
    else:
        kind = draw(st.sampled_from(kinds))
        fewest = 2 if kind in SEVERAL or cls is LogisticRegressionScratch else 1
        if cls is LogisticRegressionScratch and kind not in SEVERAL and m == 1:
            X, m = np.repeat(X, 2, axis=0), 2  # it needs two classes
        y = make_labels(kind, draw(st.integers(fewest, 4)), m, rng)
        model.set_params(class_weight=draw(st.sampled_from([None, "balanced"])))
    kind = draw(st.sampled_from(weights))
    return Problem(model, X, y, make_weights(kind, y, rng))


# -- weights ---------------------------------------------------------------------------


def make_weights(kind, y, rng):
    """Weights, one a row; a row of each class keeps a weight above zero."""
    m = y.shape[0]
    if kind == "none":
        return None
    if kind == "large":
        return rng.randint(1, 9, m) * 2.0**20
    if kind == "fractions":
        return rng.randint(1, 17, m) / 16
    w = rng.randint(0, 4, m).astype(np.float64)
    first = [0] if y.ndim > 1 else np.unique(y, return_index=True)[1]
    w[first] = 1
    return w


# -- places in memory ------------------------------------------------------------------


def strided_rows(X):
    return np.repeat(X, 2, axis=0)[::2]


def strided_columns(X):
    return np.repeat(X, 3, axis=1)[:, ::3]


def reversed_rows(X):
    return X[::-1].copy()[::-1]


def reversed_both(X):
    return X[::-1, ::-1].copy()[::-1, ::-1]


def read_only(X):
    X = X.copy()
    X.flags.writeable = False
    return X


def on_disk(X):
    with tempfile.TemporaryFile() as file:  # the mapping outlives the name
        X.tofile(file)
        file.flush()
        return np.memmap(file, X.dtype, "r", shape=X.shape)


def not_its_own(X):
    return np.frombuffer(X.tobytes(), X.dtype).reshape(X.shape)


def unaligned(X):
    place = np.empty(X.nbytes + 1, np.uint8)[1:].view(X.dtype).reshape(X.shape)
    place[...] = X
    return place


def inside_wider_rows(X):
    return np.concatenate([X, X[::-1]], axis=1)[:, : X.shape[1]]


def pandas_frame(X):
    return pd.DataFrame(X, columns=[f"x{j}" for j in range(X.shape[1])])


def polars_frame(X):
    return pl.DataFrame(X, schema=[f"x{j}" for j in range(X.shape[1])])


LAYOUTS = [
    np.asfortranarray,
    strided_rows,
    strided_columns,
    reversed_rows,
    reversed_both,
    read_only,
    on_disk,
    not_its_own,
    inside_wider_rows,
]
layouts = st.sampled_from(LAYOUTS)
frames = st.sampled_from([pandas_frame, polars_frame])


# -- sparse formats --------------------------------------------------------------------


def shuffled_within_rows(X):
    """CSR whose columns are not in order."""
    X = sparse.csr_matrix(X)
    data, columns = X.data.copy(), X.indices.copy()
    for start, stop in zip(X.indptr[:-1], X.indptr[1:], strict=True):
        data[start:stop] = X.data[start:stop][::-1]
        columns[start:stop] = X.indices[start:stop][::-1]
    return sparse.csr_matrix((data, columns, X.indptr), shape=X.shape)


def with_zeros(X):
    """CSR that keeps zeros as if they were something."""
    m, n = X.shape
    rows, columns = np.divmod(np.arange(m * n), n)
    return sparse.csr_matrix((X.ravel(), (rows, columns)), shape=X.shape)


def in_two_parts(X):
    """CSR with two entries for each number, which are to be added."""
    X = sparse.csr_matrix(X)
    data, columns = np.repeat(X.data / 2, 2), np.repeat(X.indices, 2)
    return sparse.csr_matrix((data, columns, 2 * X.indptr), shape=X.shape)


def wide_indices(X):
    X = sparse.csr_array(X)
    X.indices, X.indptr = X.indices.astype(np.int64), X.indptr.astype(np.int64)
    return X


def coo_in_two_parts(X):
    X = sparse.coo_matrix(X)
    rows, columns = np.tile(X.row, 2), np.tile(X.col, 2)
    return sparse.coo_matrix((np.tile(X.data / 2, 2), (rows, columns)), shape=X.shape)


def in_blocks(X):
    """BSR, whose blocks are filled up with zeros."""
    side = 2 - X.shape[0] % 2, 2 - X.shape[1] % 2
    return sparse.bsr_array(X, blocksize=side)


FORMATS = ["csr", "csc", "coo", "lil", "dok", "dia"]
formats = st.sampled_from(
    [
        *(getattr(sparse, f"{name}_array") for name in FORMATS),
        *(getattr(sparse, f"{name}_matrix") for name in FORMATS),
        wide_indices,
        coo_in_two_parts,
    ]
)
disordered = st.sampled_from([shuffled_within_rows, with_zeros, in_blocks])
