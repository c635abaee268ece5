"""The scale of the features: folding it into the first layer, and undoing that."""

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_matrix
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_net import SOLVERS, net, stepping, warned

from sknn_scratch import (
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
)
from sknn_scratch._engine.propagation import Parameters
from sknn_scratch._fit.scale import fold, fold_into, mean_and_scale, unfold

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.RandomState(0)
X = RNG.randn(20, 3) * [1, 10, 100] + [0, 5, 50]


def first_layer():
    params = Parameters.flat((3, 2, 1), np.float64)
    params.theta[...] = RNG.randn(params.theta.size)
    return params


@pytest.mark.parametrize("with_mean", [True, False])
def test_a_folded_layer_takes_raw_features(with_mean):
    scaler, params = StandardScaler(with_mean=with_mean).fit(X), first_layer()
    before = params.W[1] @ scaler.transform(X).T + params.b[1]
    fold(params, scaler)
    assert_allclose(params.W[1] @ X.T + params.b[1], before)


@pytest.mark.parametrize("with_mean", [True, False])
def test_unfold_undoes_fold(with_mean):
    scaler, params = StandardScaler(with_mean=with_mean).fit(X), first_layer()
    theta = params.theta.copy()
    fold(params, scaler)
    assert not np.allclose(params.theta, theta)
    unfold(params, scaler)
    assert_allclose(params.theta, theta)


def test_fold_into_changes_one_layer_in_place():
    W, b = np.array([[2.0, 4.0]]), np.array([[1.0]])
    fold_into(W, b, np.array([3.0, 5.0]), np.array([2.0, 4.0]))
    assert W.tolist() == [[1, 1]]
    assert b.tolist() == [[-7]]
    fold_into(W, b, None, 0.5)
    assert W.tolist() == [[2, 2]]
    assert b.tolist() == [[-7]]


def test_a_scaler_without_std_divides_by_one():
    mean, scale = mean_and_scale(StandardScaler(with_std=False).fit(X))
    assert_allclose(mean, X.mean(axis=0))
    assert scale == 1
    mean, _ = mean_and_scale(StandardScaler(with_mean=False).fit(X))
    assert mean is None


# -- standardize, seen from the estimators ---------------------------------------------

SCALED = {  # models that train alike on the same scaled rows
    **{f"net {solver}": net((5,), solver=solver, max_iter=20) for solver in SOLVERS},
    "shallow": ShallowNetClassifier(5, max_iter=20, random_state=0),
    "regressor": DeepNetRegressor(
        hidden_layer_sizes=5, max_iter=20, solver="lbfgs", random_state=0
    ),
    **{
        f"logistic {solver}": LogisticRegressionScratch(solver=solver, random_state=0)
        for solver in ("newton", "lbfgs", "gd", "sgd", "adam")
    },
}
scaled_models = pytest.mark.parametrize("name", SCALED)


def scaled(name, **options):
    """A fresh copy that scales by itself, and a pipeline that does so for it."""
    plain = sklearn.clone(SCALED[name]).set_params(**options)
    own = sklearn.clone(plain).set_params(standardize=True)
    return own, plain


def outputs(model, X):
    return (model.predict_proba if hasattr(model, "predict_proba") else model.predict)(
        X
    )


def odd_scales(X):
    """Features of very different scale, far from 0."""
    return X * [1e-4, 1.0, 1e3, 1e6] + [5e-3, 100.0, -4e3, 3e7]


@scaled_models
def test_scaling_is_that_of_a_pipeline(blobs, name):
    X, y = odd_scales(blobs[0]), blobs[1]
    own, plain = scaled(name)
    pipeline = make_pipeline(StandardScaler(), plain).fit(X, y)
    assert_allclose(outputs(own.fit(X, y), X), outputs(pipeline, X), atol=1e-6)


@scaled_models
def test_published_weights_apply_to_raw_rows(blobs, name):
    X, y = odd_scales(blobs[0]), blobs[1]
    own, _ = scaled(name)
    p = own.fit(X, y).parameters_
    if "W2" in p:
        Z1 = X @ p["W1"].T + p["b1"].T
        A1 = np.tanh(Z1) if name == "shallow" else np.maximum(Z1, 0)
        Z = A1 @ p["W2"].T + p["b2"].T
    else:
        Z = X @ p["W1"].T + p["b1"].T
    raw = own.predict(X) if name == "regressor" else own.decision_function(X)
    # X is up to 10^7, and its parts nearly cancel: 10^7 eps
    assert_allclose(raw.reshape(Z.shape), Z, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("name", ["net lbfgs", "logistic newton", "net adam"])
@pytest.mark.parametrize("scale", [1e-30, 1e-6, 1e9, 1e30])
def test_the_unit_of_a_feature_does_not_matter(blobs, name, scale):
    X, y = blobs
    here, there = scaled(name)[0].fit(X, y), scaled(name)[0].fit(X * scale, y)
    assert_allclose(outputs(there, X * scale), outputs(here, X), atol=1e-6)


@pytest.mark.parametrize("name", ["net lbfgs", "logistic newton", "net adam"])
def test_a_feature_may_be_far_from_zero(blobs, name):
    X, y = blobs
    # 1e8 + X is rounded to 1e-8: what is left of the features has that error
    here, there = scaled(name)[0].fit(X, y), scaled(name)[0].fit(X + 1e8, y)
    assert_allclose(outputs(there, X + 1e8), outputs(here, X), atol=1e-5)


@pytest.mark.parametrize("name", ["net lbfgs", "logistic newton", "net gd"])
@pytest.mark.parametrize("value", [0.0, 1.0, 1e10])
def test_a_constant_feature_is_nothing(blobs, name, value):
    X, y = blobs
    X = np.column_stack([X, np.full(90, value)])
    own, plain = scaled(name)
    own.fit(X, y)
    assert all(np.isfinite(v).all() for v in own.parameters_.values())
    pipeline = make_pipeline(StandardScaler(), plain).fit(X, y)
    assert_allclose(outputs(own, X), outputs(pipeline, X), atol=1e-5)


@pytest.mark.parametrize("name", ["net lbfgs", "logistic newton", "net adam"])
def test_sparse_rows_are_scaled_without_centring(blobs, name):
    X, y = blobs
    X = csr_matrix(np.where(np.abs(X) < 0.5, 0, X) * [1e-3, 1, 10, 1e3])
    own, plain = scaled(name, tol=1e-8)
    with pytest.warns(UserWarning, match="without centring"):
        own.fit(X, y)
    pipeline = make_pipeline(StandardScaler(with_mean=False), plain).fit(X, y)
    assert_allclose(outputs(own, X), outputs(pipeline, X), atol=1e-6)


@scaled_models
def test_sparse_rows_are_said_not_to_be_centred_once(blobs, name):
    X, y = csr_matrix(blobs[0]), blobs[1]
    own, _ = scaled(name)
    said = [str(w.message) for w in warned(lambda: own.fit(X, y))]
    assert sum("scales sparse X without centring it" in text for text in said) == 1


@pytest.mark.parametrize("solver", ["newton", "lbfgs", "gd"])
def test_without_intercept_there_is_no_centring(blobs, solver):
    X, y = blobs[0] * [1, 10, 0.1, 5] + 1, blobs[1]
    own, plain = scaled(f"logistic {solver}", fit_intercept=False)
    assert_array_equal(own.fit(X, y).intercept_, 0)
    pipeline = make_pipeline(StandardScaler(with_mean=False), plain).fit(X, y)
    assert_allclose(outputs(own, X), outputs(pipeline, X), atol=1e-6)


def test_the_scale_is_learned_from_the_rows_trained_on(blobs):
    X, y = blobs
    X_val = X * 100 + 1e4
    with_val = net(standardize=True, early_stopping=True, max_iter=3, warn=False)
    with_val.fit(X, y, X_val=X_val, y_val=y)
    assert_allclose(with_val.scaler_.mean_, X.mean(axis=0), rtol=1e-12)
    assert_allclose(with_val.scaler_.scale_, X.std(axis=0), rtol=1e-12)
    held_out = net(standardize=True, early_stopping=True, max_iter=3).fit(X, y)
    assert held_out.scaler_.n_samples_seen_ == held_out.t_ / 3 == 81


def test_rows_held_out_are_scaled_like_those_trained_on(blobs):
    X, y = blobs
    model = net(standardize=True, max_iter=3, warn=False)
    model.fit(X, y, X_val=X + 3, y_val=y)
    cost = -model.predict_log_proba(X + 3)[np.arange(90), y].mean()
    assert model.validation_loss_curve_[-1] == pytest.approx(cost, rel=1e-9)


def test_weights_of_rows_count_for_the_scale(blobs, rng):
    X, y = blobs
    w = rng.randint(0, 4, 90)
    weighted = net(standardize=True, solver="lbfgs", max_iter=20).fit(X, y, w)
    X_, y_ = np.repeat(X, w, axis=0), np.repeat(y, w)
    repeated = net(standardize=True, solver="lbfgs", max_iter=20).fit(X_, y_)
    assert_allclose(weighted.scaler_.mean_, X_.mean(axis=0), rtol=1e-12)
    assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), atol=1e-6)


@stepping
def test_partial_fits_learn_the_scale_as_standard_scaler_does(blobs, solver):
    X, y = odd_scales(blobs[0]), blobs[1]
    model, theirs = net(standardize=True, solver=solver), StandardScaler()
    for rows in (slice(0, 20), slice(20, 50), slice(50, 90)):
        model.partial_fit(X[rows], y[rows], classes=[0, 1, 2])
        theirs.partial_fit(X[rows])
        assert_array_equal(model.scaler_.mean_, theirs.mean_)
        assert_array_equal(model.scaler_.scale_, theirs.scale_)


def test_a_new_scale_does_not_change_what_the_weights_mean(blobs):
    X, y = odd_scales(blobs[0]), blobs[1]
    model = net(standardize=True, learning_rate_init=1e-12)
    model.partial_fit(X[:45], y[:45], classes=[0, 1, 2])
    before = model.predict_proba(X)
    model.partial_fit(X[45:] * 3 + 50, y[45:])
    assert_allclose(model.predict_proba(X), before, atol=1e-6)


def test_warm_starts_go_on_at_the_same_scale(blobs):
    X, y = odd_scales(blobs[0]), blobs[1]
    options = {"standardize": True, "solver": "gd", "tol": 0}
    twice = net(warm_start=True, max_iter=5, **options).fit(X, y).fit(X, y)
    once = net(max_iter=10, **options).fit(X, y)
    assert_allclose(twice.predict_proba(X), once.predict_proba(X), atol=1e-9)


@pytest.mark.parametrize("solver", ["gd", "lbfgs", "newton"])
def test_a_regression_at_its_minimum_stays_there(blobs, solver):
    X, y = odd_scales(blobs[0]), blobs[1]
    model = LogisticRegressionScratch(
        standardize=True, solver=solver, tol=1e-6, max_iter=20_000, warm_start=True
    ).fit(X, y)
    before = model.predict_proba(X)
    assert model.fit(X, y).n_iter_[0] <= 2
    assert_allclose(model.predict_proba(X), before, atol=1e-5)


def test_no_scale_no_scaler(blobs):
    assert net(max_iter=1).fit(*blobs).scaler_ is None


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_scaled_weights_keep_the_type(blobs, dtype):
    X, y = blobs[0].astype(dtype), blobs[1]
    model = net(standardize=True, max_iter=3).fit(X, y).partial_fit(X, y)
    arrays = [*model.coefs_, *model.intercepts_, model.predict_proba(X)]
    assert {a.dtype for a in arrays} == {np.dtype(dtype)}
