"""The minimum of J with an l1 penalty: its conditions, its zeros, scikit-learn's."""

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_matrix, random
from scipy.special import expit, softmax
from sklearn.datasets import load_breast_cancer, load_digits, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.utils.fixes import parse_version

from sknn_scratch import LogisticRegressionScratch
from sknn_scratch._training import l1_model, proximal_newton
from sknn_scratch._training.watch import observe

LAYOUTS = pytest.mark.parametrize("layout", [np.asarray, csr_matrix])
KINDS = pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])


def overlapping(rng, kind, m=150, d=12):
    """Rows of features of unequal scale, targets with noise, and weights."""
    X = rng.randn(m, d) * np.exp(rng.uniform(-1, 1, d)) * (rng.rand(m, d) < 0.7)
    K = 2 if kind == "binary" else 4
    Z = X @ (rng.randn(d, K) * (rng.rand(d, K) < 0.5)) + 2 * rng.gumbel(size=(m, K))
    y = (Z > 0).astype(int) if kind == "multilabel" else Z.argmax(axis=1)
    return X, y, rng.uniform(0.1, 3, m)


def gradient(model, X, y, w):
    """Of the smooth part of J, from probabilities: W and b are one matrix."""
    n = w.sum()
    M = np.c_[model.coef_, model.intercept_]
    E = np.c_[X, np.full(len(X), float(model.fit_intercept))]
    Z = E @ M.T
    if y.ndim == 2:
        R = expit(Z) - y
    elif len(M) == 1:
        R = expit(Z) - y[:, None]
    else:
        R = softmax(Z, axis=1) - np.eye(len(M))[y]
    G = (w[:, None] * R).T @ E / n
    G[:, :-1] += (1 - model.l1_ratio) / (model.C * n) * model.coef_
    return G


def assert_optimal(model, X, y, w, tol):
    """|dJ/dW| <= l1 where W is 0, dJ/dW = -l1 sign(W) elsewhere, dJ/db = 0."""
    G, W = gradient(model, X, y, w), model.coef_
    l1 = model.l1_ratio / (model.C * w.sum())
    assert_allclose(G[:, -1], 0, atol=tol)
    assert np.abs(G[:, :-1][W == 0]).max(initial=0) <= l1 + tol
    assert_allclose(G[:, :-1][W != 0], -l1 * np.sign(W[W != 0]), atol=tol)


# The last step begins where the model falls by 5e-9 J at most and squares what is left,
# down to the rounding of J, 16 eps J; what is left, g^2 / 2H, is then no more than
# 1e-14, and with H <= 10 (features of scale 3, weights of mean 1) |g| <= 1e-6 / 2.
TOL = 5e-7


@KINDS
@LAYOUTS
@pytest.mark.parametrize("l1_ratio", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_the_conditions_of_the_minimum_hold(rng, kind, layout, l1_ratio, fit_intercept):
    X, y, w = overlapping(rng, kind)
    for C in (0.03, 1.0, 100.0):
        model = LogisticRegressionScratch(
            C=C, l1_ratio=l1_ratio, fit_intercept=fit_intercept
        )
        model.fit(layout(X), y, sample_weight=w)
        assert_optimal(model, X, y, w, TOL)
        assert fit_intercept or not model.intercept_.any()
        assert model.n_iter_[0] < 30


def saga(C, l1_ratio, tol=1e-10):
    named = parse_version(sklearn.__version__) < parse_version("1.8")
    return LogisticRegression(
        C=C, l1_ratio=l1_ratio, solver="saga", tol=tol, max_iter=100_000,
        **({"penalty": "elasticnet"} if named else {}),
    )  # fmt: skip


def objective(model, X, y, w):
    log_loss = -model.predict_log_proba(X)[np.arange(len(y)), y] @ w
    r, W = model.l1_ratio, model.coef_
    return log_loss + ((1 - r) / 2 * np.sum(W**2) + r * np.abs(W).sum()) / model.C


@pytest.mark.parametrize("l1_ratio", [0.5, 1.0])
@pytest.mark.parametrize("kind", ["binary", "multiclass"])
@LAYOUTS
def test_objective_and_zeros_are_those_of_saga(rng, layout, kind, l1_ratio):
    X, y, w = overlapping(rng, kind)
    model = LogisticRegressionScratch(C=0.3, l1_ratio=l1_ratio)
    model.fit(layout(X), y, sample_weight=w)
    theirs = saga(0.3, l1_ratio).fit(layout(X), y, sample_weight=w)
    ours = objective(model, X, y, w)
    assert ours == pytest.approx(objective(theirs, X, y, w), rel=1e-8)
    zeros = theirs.coef_ == 0
    assert zeros.any()
    # two classes above 0 and two below may all be shifted and cost the same
    free = (theirs.coef_ > 0).sum(axis=0) == (theirs.coef_ < 0).sum(axis=0)
    unique = ~free if kind == "multiclass" and l1_ratio == 1 else slice(None)
    assert_array_equal((model.coef_ == 0)[:, unique], zeros[:, unique])


DATA = {"breast cancer": load_breast_cancer, "digits": load_digits, "iris": load_iris}


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("standardize", [False, True])
def test_the_minimum_of_known_data(name, standardize):
    X, y = DATA[name](return_X_y=True)
    model = LogisticRegressionScratch(l1_ratio=1.0, standardize=standardize).fit(X, y)
    tight = LogisticRegressionScratch(
        l1_ratio=1.0, standardize=standardize, tol=1e-11, max_iter=1000
    ).fit(X, y)
    assert model.loss_ == pytest.approx(tight.loss_, rel=1e-12)
    assert_array_equal(model.coef_ == 0, tight.coef_ == 0)
    if standardize:
        scale = X.std(axis=0)
        scale[scale == 0] = 1
        moved = model.intercept_ + model.coef_ @ X.mean(axis=0)
        model.coef_, model.intercept_ = model.coef_ * scale, moved
        X = (X - X.mean(axis=0)) / scale
        assert_optimal(model, X, y, np.ones(len(y)), 1e-6)


@pytest.mark.parametrize("kind", ["binary", "multiclass"])
def test_many_sparse_features_meet_no_square_of_their_number(kind, monkeypatch):
    import tracemalloc

    monkeypatch.setattr(proximal_newton, "NEW", 5)  # a few at a time
    X = random(400, 20_000, density=0.01, format="csr", random_state=0)
    rng = np.random.RandomState(0)
    Z = X @ rng.randn(20_000, 2 if kind == "binary" else 4)
    y = Z.argmax(axis=1)
    tracemalloc.start()  # 20,000^2 would be 3.2 GB
    model = LogisticRegressionScratch(C=30.0, l1_ratio=0.9).fit(X, y)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60e6
    assert_optimal(model, X.toarray(), y, np.ones(400), TOL)


@pytest.mark.parametrize("kind", ["binary", "multiclass"])
def test_blocks_that_are_too_large_are_done_without(rng, kind, monkeypatch):
    monkeypatch.setattr(l1_model, "BLOCK", 3)
    X, y, w = overlapping(rng, kind)
    model = LogisticRegressionScratch(l1_ratio=0.5).fit(X, y, sample_weight=w)
    assert_optimal(model, X, y, w, TOL)


def test_features_that_depend_on_one_another(rng):
    X, y, w = overlapping(rng, "binary")
    X = np.c_[X, X, np.zeros(len(X)), np.ones(len(X))]
    for l1_ratio in (0.5, 1.0):
        model = LogisticRegressionScratch(l1_ratio=l1_ratio).fit(X, y, sample_weight=w)
        assert_optimal(model, X, y, w, TOL)


@pytest.mark.parametrize("seed", range(30))
def test_weights_and_features_of_any_scale(seed, recwarn):
    rng = np.random.RandomState(seed)
    kind = ["binary", "multiclass", "multilabel"][seed % 3]
    X, y, _ = overlapping(rng, kind, m=60, d=8)
    X *= 10 ** rng.uniform(-3, 3, 8)
    w = 10 ** rng.uniform(-6, 6, 60)
    model = LogisticRegressionScratch(C=7.9, l1_ratio=0.5).fit(X, y, sample_weight=w)
    if any(r.category is ConvergenceWarning for r in recwarn):
        return
    tight = LogisticRegressionScratch(C=7.9, l1_ratio=0.5, tol=1e-13, warn=False).fit(
        X, y, sample_weight=w
    )
    assert model.loss_ == pytest.approx(tight.loss_, rel=1e-8)


# -- as for the other solvers ----------------------------------------------------------


def test_a_large_penalty_leaves_nothing_but_the_intercept(rng):
    X, y, _ = overlapping(rng, "binary")
    model = LogisticRegressionScratch(C=1e-6, l1_ratio=1.0).fit(X, y)
    assert not model.coef_.any()
    odds = y.mean() / (1 - y.mean())
    assert_allclose(model.intercept_, np.log(odds), rtol=1e-6)


def test_float32_stays_and_has_the_zeros_of_float64(rng):
    X, y, _ = overlapping(rng, "multiclass")
    options = {"C": 0.3, "l1_ratio": 0.5}
    model = LogisticRegressionScratch(**options).fit(X.astype(np.float32), y)
    exact = LogisticRegressionScratch(**options).fit(X, y)
    assert model.coef_.dtype == np.float32
    assert_array_equal(model.coef_ == 0, exact.coef_ == 0)
    assert_allclose(model.coef_, exact.coef_, atol=1e-3)


def test_a_warm_start_ends_where_a_cold_one_does(rng):
    X, y, w = overlapping(rng, "multiclass")
    model = LogisticRegressionScratch(l1_ratio=0.5, warm_start=True).fit(X, y)
    cold = model.coef_.copy()
    model.fit(X, y)
    assert model.n_iter_[0] == 1
    model.coef_ += 100 * rng.randn(*cold.shape)  # saturated: hardly any curvature
    model.fit(X, y)
    assert_allclose(model.coef_, cold, atol=1e-6)
    assert_array_equal(model.coef_ == 0, cold == 0)


@pytest.mark.parametrize("solver", ["newton", "newton-cholesky", "newton-cg"])
def test_its_names_are_those_of_newton(rng, solver):
    X, y, _ = overlapping(rng, "binary")
    named = LogisticRegressionScratch(l1_ratio=0.5, solver=solver).fit(X, y)
    auto = LogisticRegressionScratch(l1_ratio=0.5).fit(X, y)
    assert_array_equal(named.coef_, auto.coef_)


def test_iterations_curve_and_observers_agree(rng):
    X, y, _ = overlapping(rng, "binary")
    seen = []
    with observe(
        lambda epoch, max_iter, J, theta: seen.append((J, theta.copy())) and 0
    ):
        model = LogisticRegressionScratch(l1_ratio=0.5).fit(X, y)
    assert len(seen) == model.n_iter_[0] == len(model.loss_curve_)
    assert_array_equal(seen[-1][1][:-1], model.coef_[0])
    assert np.all(np.diff(model.loss_curve_) <= 1e-15)
    assert model.loss_ <= model.loss_curve_[-1]


def test_no_iteration_leaves_the_parameters(rng):
    X, y, _ = overlapping(rng, "binary")
    model = LogisticRegressionScratch(l1_ratio=0.5, max_iter=0, warn=False).fit(X, y)
    assert not model.coef_.any()


def test_max_iter_is_kept_with_a_warning(rng):
    X, y, _ = overlapping(rng, "binary")
    model = LogisticRegressionScratch(l1_ratio=0.5, max_iter=2)
    with pytest.warns(ConvergenceWarning, match="reached max_iter=2"):
        model.fit(X, y)
    assert model.n_iter_[0] == 2


def test_early_stopping_holds_rows_out(rng):
    X, y, _ = overlapping(rng, "multiclass", m=300)
    model = LogisticRegressionScratch(
        l1_ratio=0.5, early_stopping=True, random_state=0
    ).fit(X, y)
    assert len(model.validation_scores_) == model.n_iter_[0]


def test_rows_on_disk_go_by_gradient_descent_and_newton_is_refused(rng, tmp_path):
    X, y, _ = overlapping(rng, "binary")
    np.save(tmp_path / "X.npy", X)
    rows = np.load(tmp_path / "X.npy", mmap_mode="r")
    options = {"l1_ratio": 0.5, "buffer_size": 50, "warn": False}
    auto = LogisticRegressionScratch(**options).fit(rows, y)
    steps = LogisticRegressionScratch(solver="gd", **options).fit(rows, y)
    assert_array_equal(auto.coef_, steps.coef_)
    newton = LogisticRegressionScratch(solver="newton", **options)
    with pytest.raises(ValueError, match="solver='newton' needs X in memory"):
        newton.fit(rows, y)
