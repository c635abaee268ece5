"""Training goes on after a pickle; a pickle is little more than the parameters."""

import pickle

import numpy as np
import pytest
from matrix import matrix
from numpy.testing import assert_array_equal
from small_net import STEPPING, net, stepping, vector

from sknn_scratch import (
    DeepNetRegressor,
    ShallowNetRegressor,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


# -- going on where it was -------------------------------------------------------------

KEPT = [
    {},
    {"dropout": 0.3},
    {"max_grad_norm": 0.05},
    {"l1_ratio": 0.5, "alpha": 2.0},
    {"label_smoothing": 0.2},
    {"learning_rate": "invscaling"},
    {"learning_rate": "cosine", "warmup_epochs": 2},
    {"learning_rate": "exponential"},
    {"activation": "swish"},
    {"shuffle": False},
    {"class_weight": "balanced"},
]
kept_options = pytest.mark.parametrize("options", KEPT, ids=repr)


def small_batches(solver, options):
    if solver == "gd":
        return {k: v for k, v in options.items() if k != "shuffle"}
    return {"batch_size": 16, **options}


def through_pickle(model):
    return pickle.loads(pickle.dumps(model))


@kept_options
@matrix("solver", STEPPING, "adam")
def test_pickled_partial_fits_are_the_epochs_of_a_fit(blobs, solver, options):
    X, y = blobs
    options = {"tol": 0, "max_iter": 4, **small_batches(solver, options)}
    parts = net(solver=solver, keep_optimizer_state=True, **options)
    for _ in range(4):
        parts = through_pickle(parts.partial_fit(X, y, classes=[0, 1, 2]))
    once = net(solver=solver, **options).fit(X, y)
    assert_array_equal(vector(parts), vector(once))
    assert parts.loss_curve_ == once.loss_curve_
    assert parts.learning_rate_curve_ == once.learning_rate_curve_
    assert (parts.n_iter_, parts.t_) == (once.n_iter_, once.t_)


@pytest.mark.parametrize(  # each fit begins its own schedule
    "options", [options for options in KEPT if "learning_rate" not in options], ids=repr
)
@matrix("solver", STEPPING, "adam")
def test_warm_starts_are_the_epochs_of_a_fit(blobs, solver, options):
    X, y = blobs
    options = {"tol": 0, **small_batches(solver, options)}
    parts = net(
        solver=solver, keep_optimizer_state=True, warm_start=True, max_iter=1, **options
    )
    curve = []
    for _ in range(4):
        curve += through_pickle(parts.fit(X, y)).loss_curve_
    once = net(solver=solver, max_iter=4, **options).fit(X, y)
    assert_array_equal(vector(parts), vector(once))
    assert curve == once.loss_curve_


@stepping
def test_a_fit_goes_on_in_partial_fits(blobs, solver):
    X, y = blobs
    options = {"solver": solver, "tol": 0, **small_batches(solver, {})}
    model = net(max_iter=3, keep_optimizer_state=True, **options).fit(X, y)
    for _ in range(2):
        model = through_pickle(model).partial_fit(X, y)
    assert_array_equal(vector(model), vector(net(max_iter=5, **options).fit(X, y)))


@pytest.mark.parametrize("cls", [DeepNetRegressor, ShallowNetRegressor])
@stepping
def test_regressors_go_on_likewise(blobs, cls, solver):
    X, y = blobs
    options = {"tol": 0, "random_state": 0, **small_batches(solver, {})}
    options["standardize_target"] = False  # folding it in costs the last bit
    parts = cls(solver=solver, keep_optimizer_state=True, **options)
    for _ in range(3):
        parts = through_pickle(parts.partial_fit(X, y))
    once = cls(solver=solver, max_iter=3, **options).fit(X, y)
    assert_array_equal(vector(parts), vector(once))


@pytest.mark.parametrize("solver", ["sgd", "rmsprop", "adam", "adamw"])
def test_without_the_state_moments_begin_anew(blobs, solver):
    X, y = blobs
    options = {"solver": solver, "tol": 0, "batch_size": 16}
    once = net(max_iter=4, **options).fit(X, y)
    model = through_pickle(net(max_iter=3, **options).fit(X, y)).partial_fit(X, y)
    assert np.abs(vector(model) - vector(once)).max() > 1e-6


# -- size ------------------------------------------------------------------------------


def bytes_of(model):
    return sum(v.nbytes for v in [*model.coefs_, *model.intercepts_])


SIZES = [((2,), 2, 2), ((8, 4), 4, 3), ((50,), 20, 3), ((100,), 64, 10)]


def after_a_fit(hidden, d, K, options):
    rng = np.random.RandomState(0)
    X, y = rng.randn(60, d), np.arange(60) % K
    return net(hidden, n_iter_no_change=np.inf, tol=0, **options).fit(X, y)


def after_partial_fits(hidden, d, K, options):
    rng = np.random.RandomState(0)
    X, y = rng.randn(60, d), np.arange(60) % K
    model = net(hidden, **options)
    for _ in range(50):
        model.partial_fit(X, y, classes=range(K))
    return model


small_models = pytest.mark.parametrize(("hidden", "d", "K"), SIZES, ids=repr)
some_options = pytest.mark.parametrize(
    "options", [{}, {"standardize": True, "dropout": 0.2}], ids=repr
)


@pytest.mark.parametrize("trained", [after_a_fit, after_partial_fits])
@some_options
@small_models
def test_a_pickle_is_little_more_than_the_parameters(hidden, d, K, options, trained):
    model = trained(hidden, d, K, options)
    assert len(pickle.dumps(model)) <= 1.1 * bytes_of(model) + 4000


@some_options
@small_models
def test_a_pickle_has_besides_only_the_curve_of_validation(hidden, d, K, options):
    model = after_a_fit(hidden, d, K, {**options, "early_stopping": True})
    curve = 9 * len(model.validation_loss_curve_)  # a number of a list: nine bytes
    assert len(pickle.dumps(model)) <= 1.1 * bytes_of(model) + 4000 + curve


@pytest.mark.parametrize("options", [{}, {"early_stopping": True}], ids=repr)
def test_a_pickle_of_some_size_is_the_parameters_with_curves_and_all(options):
    model = after_a_fit((256, 128), 100, 10, options)
    assert len(pickle.dumps(model)) <= 1.1 * bytes_of(model) + 4000


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_a_pickle_with_the_state_holds_the_moments(solver):
    options = {"solver": solver, "keep_optimizer_state": True}
    model = after_partial_fits((50,), 20, 3, options)
    moments = {"sgd": 1, "adam": 2}[solver]
    assert len(pickle.dumps(model)) >= (1 + moments) * bytes_of(model)
