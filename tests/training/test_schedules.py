"""Learning rates over the epochs, seen from the estimators."""

import numpy as np
import pytest
from matrix import matrix
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import softmax
from small_net import STEPPING, net, stepping, vector

from sknn_scratch import LogisticRegressionScratch

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


FACTORS = {  # of epoch e, from 1 on; 90 rows, 6 epochs
    "constant": lambda e: 1.0,
    "adaptive": lambda e: 1.0,
    "invscaling": lambda e: (90 * (e - 1) + 1) ** -0.3,
    "cosine": lambda e: (1 + np.cos(np.pi * (e - 1) / 6)) / 2,
    "exponential": lambda e: 0.8 ** (e - 1),
}
OF_SCHEDULES = {"invscaling": {"power_t": 0.3}}
OF_SCHEDULES["exponential"] = {"learning_rate_decay": 0.8}
schedules = pytest.mark.parametrize("schedule", FACTORS)


def scheduled(schedule, warmup=0, **options):
    options = {"max_iter": 6, "tol": 0, "learning_rate_init": 0.01, **options}
    return net(
        learning_rate=schedule, warmup_epochs=warmup, batch_size=32,
        **OF_SCHEDULES.get(schedule, {}), **options,
    )  # fmt: skip


def rates(schedule, warmup):
    return [0.01 * FACTORS[schedule](e) * min(1, e / (warmup + 1)) for e in range(1, 7)]


@pytest.mark.filterwarnings("ignore:.*makes no use of batch_size")
@pytest.mark.parametrize("warmup", [0, 2, 10])
@schedules
@matrix("solver", STEPPING, "adam")
def test_the_rates_are_those_of_the_schedule(blobs, solver, schedule, warmup):
    model = scheduled(schedule, warmup, solver=solver).fit(*blobs)
    assert_allclose(model.learning_rate_curve_, rates(schedule, warmup), rtol=1e-14)
    assert model.learning_rate_init_ == 0.01


@pytest.mark.filterwarnings("ignore:.*makes no use of batch_size")
@schedules
@matrix("solver", STEPPING, "adam")
def test_partial_fits_go_on_with_the_schedule(blobs, solver, schedule):
    X, y = blobs
    model = scheduled(schedule, 2, solver=solver)
    for _ in range(6):
        model.partial_fit(X, y, classes=[0, 1, 2])
    whole = scheduled(schedule, 2, solver=solver).fit(X, y)
    assert model.learning_rate_curve_ == whole.learning_rate_curve_
    assert_array_equal(vector(model), vector(whole))


@schedules
def test_steps_have_the_length_that_the_curve_says(blobs, schedule):
    X, y = blobs
    model = net(
        (), solver="gd", alpha=0, learning_rate=schedule, warmup_epochs=1, max_iter=6,
        learning_rate_init=0.5, **OF_SCHEDULES.get(schedule, {}),
    )  # fmt: skip
    W = np.zeros((4, 3))
    for e in range(6):
        if e:
            W = model.coefs_[0].copy()
            P = softmax(X @ W + model.intercepts_[0], axis=1)
        model.partial_fit(X, y, classes=[0, 1, 2])
        if e:
            slope = X.T @ (P - np.eye(3)[y]) / 90
            rate = 0.5 * FACTORS[schedule](e + 1) * min(1, (e + 1) / 2)
            assert_allclose(W - model.coefs_[0], rate * slope, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize(
    "options",
    [
        {"learning_rate": "exponential", "learning_rate_decay": 1.0},
        {"learning_rate": "invscaling", "power_t": 0.0},
        {"learning_rate": "adaptive", "n_iter_no_change": np.inf},
    ],
    ids=repr,
)
@stepping
def test_a_schedule_that_changes_nothing_is_none_to_the_bit(blobs, solver, options):
    X, y = blobs
    options = {**options, "solver": solver, "max_iter": 5, "tol": 0}
    constant = net(solver=solver, max_iter=5, tol=0).fit(X, y)
    assert_array_equal(vector(net(**options).fit(X, y)), vector(constant))


@stepping
def test_adaptive_rates_fall_where_training_would_have_stopped(blobs, solver):
    X, y = blobs
    options = {"solver": solver, "tol": 0.02, "n_iter_no_change": 3, "max_iter": 300}
    options["learning_rate_init"] = 0.02
    constant = net(learning_rate="constant", **options).fit(X, y)
    adaptive = net(learning_rate="adaptive", **options).fit(X, y)
    stopped, curve = constant.n_iter_, np.array(adaptive.learning_rate_curve_)
    assert adaptive.loss_curve_[:stopped] == constant.loss_curve_
    assert_array_equal(curve[:stopped], 0.02)
    assert curve[stopped] == 0.02 / 5
    falls = curve[1:] / curve[:-1]
    assert_allclose(falls[falls != 1], 1 / 5, rtol=1e-12)
    assert 1e-6 / 5 < curve[-1] <= 1e-6
    assert adaptive.n_iter_ < 300


def test_adaptive_rates_follow_the_rows_held_out(blobs):
    X, y = blobs
    options = {"early_stopping": True, "tol": 0.05, "n_iter_no_change": 2}
    model = net(learning_rate="adaptive", max_iter=300, **options).fit(X, y)
    waits, best, expected, rate = 0, np.inf, [], 1e-3
    for loss in model.validation_loss_curve_:
        expected.append(rate)
        waits = 0 if loss < best - 0.05 else waits + 1
        best = min(best, loss)
        if waits == 2:
            waits, rate = 0, rate / 5
    assert_allclose(model.learning_rate_curve_, expected, rtol=1e-12)
    assert expected[-1] <= 1e-6


def test_solvers_without_a_rate_have_no_curve(blobs):
    assert net(solver="lbfgs", max_iter=3).fit(*blobs).learning_rate_curve_ is None
    assert LogisticRegressionScratch().fit(*blobs).learning_rate_curve_ is None


def test_the_curve_is_that_of_the_epochs_done(blobs):
    for model in (
        net(max_iter=7),
        LogisticRegressionScratch(solver="adam", max_iter=7),
    ):
        assert len(model.fit(*blobs).learning_rate_curve_) == 7
