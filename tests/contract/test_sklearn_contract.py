"""scikit-learn's own estimator checks, for every class and solver.

A ShallowNet is a DeepNet with one hidden layer, to the bit: the checks see it with its
defaults only.
"""

import numpy as np
import pytest
import sklearn
from matrix import of_the_matrix
from numpy.testing import assert_array_equal
from sklearn.exceptions import SkipTestWarning
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    check_estimator,
    check_param_validation,
    parametrize_with_checks,
)

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
    ShallowNetRegressor,
    TabularNetClassifier,
    TabularNetRegressor,
)
from sknn_scratch._engine.optimizers import OPTIMIZERS
from sknn_scratch.preprocessing import ImageFlattener

try:
    from sklearn.utils.estimator_checks import check_all_zero_sample_weights_error
except ImportError:  # scikit-learn before 1.9 has no such check

    def check_all_zero_sample_weights_error(name, estimator):
        with pytest.raises(ValueError, match="weight.*zero"):
            estimator.fit([[0.0], [1.0]], [0, 1], sample_weight=[0, 0])


NET_SOLVERS = [*OPTIMIZERS, "lbfgs"]
LOGISTIC_SOLVERS = ["auto", "newton", "lbfgs", "gd", "sgd", "adam"]

# Repeating rows changes which rows make a batch or are held out: the fits on weights
# and on repeated rows see different batches and cannot be equal.
DRAWN_ROWS = {
    f"check_sample_weight_equivalence_on_{kind}_data": "draws depend on m"
    for kind in ("dense", "sparse")
}


DEEP = [DeepNetClassifier, DeepNetRegressor]
OPTIONS = [
    {"early_stopping": True},
    {"batch_size": 8},
    {"standardize": True},
    {"dropout": 0.2},
]


TABULAR = [TabularNetClassifier, TabularNetRegressor]
# dropout draws a mask for every row, and the encoder's medians are of the rows
TABULAR_DRAWS = {"check_sample_weight_equivalence_on_dense_data": "draws depend on m"}


class Deep32(DeepNetClassifier):
    _dtypes = (np.float32,)


class DeepRegressor32(DeepNetRegressor):
    _dtypes = (np.float32,)


class Logistic32(LogisticRegressionScratch):
    _dtypes = (np.float32,)


# these checks give float64 and demand it back
FLOAT32 = {
    "check_regressor_multioutput": "wants float64",
    "check_transformer_preserve_dtypes": "wants float64",
}


def is_float32(estimator):
    return getattr(estimator, "_dtypes", None) == (np.float32,)


DEFAULTS = [
    ShallowNetClassifier(),
    DeepNetClassifier(),
    ShallowNetRegressor(),
    DeepNetRegressor(),
    LogisticRegressionScratch(),
    TabularNetClassifier(),
    TabularNetRegressor(),
    DeepRegressor32(),
]


def estimators():
    yield from DEFAULTS
    yield from (Deep32(), Logistic32())
    yield from (Deep32(solver="lbfgs"), Logistic32(solver="lbfgs"))
    for cls in DEEP:
        default = cls().solver
        yield from (cls(solver=solver) for solver in NET_SOLVERS if solver != default)
        yield from (cls(**options) for options in OPTIONS)
    kinked = "absolute_error", "huber", "quantile"
    yield from (DeepNetRegressor(loss=loss) for loss in kinked)
    for cls in (DeepNetClassifier, LogisticRegressionScratch):
        yield cls(class_weight="balanced")
    for solver in LOGISTIC_SOLVERS:
        yield LogisticRegressionScratch(solver=solver)
    for cls in TABULAR:
        yield cls(n_members=2, max_iter=20)
        yield cls(n_members=2, max_iter=20, n_bins=0, dropout=0.0, cv=3)
    yield LogisticRegressionScratch(early_stopping=True)
    yield LogisticRegressionScratch(standardize=True)
    yield LogisticRegressionScratch(l1_ratio=0.5)


def expected_failures(estimator):
    if isinstance(estimator, tuple(TABULAR)):
        return TABULAR_DRAWS
    if is_float32(estimator):
        return FLOAT32
    draws = estimator.early_stopping or estimator.batch_size != "auto"
    draws |= bool(getattr(estimator, "dropout", 0))
    return DRAWN_ROWS if draws else {}


QUIET = (
    "ignore::sklearn.exceptions.ConvergenceWarning",
    "ignore:.*makes no use of:UserWarning",
    "ignore:.*scales sparse X without centring:UserWarning",
)


all_checks = parametrize_with_checks(
    list(estimators()), expected_failed_checks=expected_failures
)
NAMES, CASES = all_checks.args


def is_default(values):
    """Whether those are a check, or nothing, and an estimator as its class makes it."""
    return repr(values[0]) in map(repr, DEFAULTS)


@pytest.fixture
def rounded(monkeypatch):
    """Compare like scikit-learn, but to half the digits of float32.

    Its tolerances of 1e-7 are for float64. At a minimum the cost is flat: numbers that
    are rounded to eps determine the parameters there to sqrt(eps). Another order of
    additions, as BLAS takes it for other numbers of rows, changes less than that.
    """
    half = np.sqrt(np.finfo(np.float32).eps)
    for name in ("assert_allclose", "assert_allclose_dense_sparse"):
        original = getattr(estimator_checks, name)

        def compare(x, y, rtol=1e-7, atol=0.0, original=original, **options):
            options |= {"rtol": max(rtol, half), "atol": max(atol, half)}
            return original(x, y, **options)

        monkeypatch.setattr(estimator_checks, name, compare)


@pytest.mark.filterwarnings(*QUIET)
@pytest.mark.parametrize(NAMES, of_the_matrix(CASES, is_default), **all_checks.kwargs)
def test_estimator_checks(estimator, check, request):
    if is_float32(estimator):
        request.getfixturevalue("rounded")
    check(estimator)


@pytest.mark.filterwarnings(*QUIET)
@pytest.mark.parametrize(
    "estimator",
    of_the_matrix([(estimator,) for estimator in estimators()], is_default),
    ids=repr,
)
def test_checks_that_check_estimator_leaves_out(estimator):
    cls = type(estimator).__name__
    check_param_validation(cls, estimator)
    check_dataframe_column_names_consistency(cls, estimator)
    check_all_zero_sample_weights_error(cls, estimator)


def targets(kind, X):
    """y of that kind for X."""
    Z = X @ np.random.RandomState(1).randn(X.shape[1], 3)
    return {
        "binary": np.array(["no", "yes"])[(Z[:, 0] > 0).astype(int)],
        "multiclass": Z.argmax(axis=1),
        "multilabel": (Z > 0).astype(int),
        "one output": Z[:, 0],
        "two outputs": Z[:, :2],
    }[kind]


@pytest.mark.parametrize("solver", NET_SOLVERS)
@pytest.mark.parametrize(
    "kind", ["binary", "multiclass", "multilabel", "one output", "two outputs"]
)
def test_a_shallow_net_is_a_deep_net_of_one_layer_to_the_bit(rng, kind, solver):
    X = rng.randn(50, 4)
    y = targets(kind, X)
    shallow, deep = ShallowNetClassifier, DeepNetClassifier
    if "output" in kind:
        shallow, deep = ShallowNetRegressor, DeepNetRegressor
    shared = sklearn.clone(shallow(5)).get_params()
    del shared["n_hidden"]
    shared |= {"solver": solver, "random_state": 0, "max_iter": 8, "warn": False}
    shared["learning_rate_init"] = 0.01  # their defaults differ
    one, other = shallow(5, **shared), deep(hidden_layer_sizes=(5,), **shared)
    one.fit(X, y)
    other.fit(X, y)
    assert one.loss_curve_ == other.loss_curve_
    for ours, theirs in zip(one.coefs_, other.coefs_, strict=True):
        assert_array_equal(ours, theirs)
    for ours, theirs in zip(one.intercepts_, other.intercepts_, strict=True):
        assert_array_equal(ours, theirs)
    assert_array_equal(one.predict(X), other.predict(X))
    if "output" not in kind:
        assert_array_equal(one.predict_proba(X), other.predict_proba(X))


def test_estimator_checks_of_the_flattener():
    # scikit-learn has no checks for images; it runs those of the API and says so
    with pytest.warns(SkipTestWarning, match="Can't test estimator ImageFlattener"):
        check_estimator(ImageFlattener())
    check_param_validation("ImageFlattener", ImageFlattener())
