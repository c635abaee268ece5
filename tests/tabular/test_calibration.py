"""Temperature and shrinkage of the probabilities of an ensemble."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax, softmax

from sknn_scratch._tabular.calibration import (
    fitted_temperature,
    log_odds,
    probabilities,
    shrunk,
)


def test_the_temperature_minimises_the_log_loss(rng):
    Z = 3 * rng.randn(400, 3)
    classes = np.array([rng.choice(3, p=softmax(z / 2.5)) for z in Z])
    w = rng.rand(400) + 0.5
    Y = np.eye(3)[classes].T

    def log_loss(T):
        chosen = log_softmax(Z / T, axis=1)[np.arange(400), classes]
        return -np.average(chosen, weights=w)

    best = minimize_scalar(log_loss, bounds=(0.1, 10), method="bounded")
    T = fitted_temperature("multiclass", Z, Y, w)
    assert_allclose(T, best.x, rtol=1e-4)
    assert log_loss(T) <= best.fun + 1e-12


@pytest.mark.parametrize("kind", ["binary", "multilabel"])
def test_the_temperature_of_sigmoids_makes_the_mean_slope_zero(rng, kind):
    n = 1 if kind == "binary" else 3
    Z = 4 * rng.randn(300, n)
    Y = (rng.rand(300, n) < expit(Z / 2)).astype(float)
    T = fitted_temperature(kind, Z, Y.T, np.ones(300))
    assert 1 < T < 4
    assert_allclose(((expit(Z / T) - Y) * Z).mean(), 0, atol=1e-5)


def test_rows_that_are_all_right_get_the_sharpest_temperature():
    Z, Y = np.array([[5.0], [-5.0]]), np.array([[1.0, 0.0]])
    assert_allclose(fitted_temperature("binary", Z, Y, np.ones(2)), 0.1)
    assert_allclose(fitted_temperature("binary", -Z, Y, np.ones(2)), 10)


@pytest.mark.parametrize(("kind", "n"), [("binary", 1), ("multiclass", 4)])
def test_probabilities_sum_to_one(rng, kind, n):
    P = probabilities(kind, 50 * rng.randn(20, n), 0.5)
    assert_allclose(P.sum(axis=1), 1)
    assert_allclose(shrunk(kind, P, 10).sum(axis=1), 1)


def test_shrinkage_leaves_no_certainty():
    P = shrunk("binary", np.array([[0.0, 1.0]]), 9)
    assert_allclose(P, [[0.05, 0.95]])
    P = shrunk("multilabel", np.array([[0.0, 1.0, 1.0]]), 9)
    assert_allclose(P, [[0.05, 0.95, 0.95]])


def test_log_odds_undo_the_link(rng):
    Z = rng.randn(10, 1)
    assert_allclose(log_odds("binary", probabilities("binary", Z, 1.0)), Z.ravel())
    Z = rng.randn(10, 3)
    assert_allclose(log_odds("multilabel", probabilities("multilabel", Z, 1.0)), Z)
    P = probabilities("multiclass", Z, 1.0)
    assert_allclose(softmax(log_odds("multiclass", P), axis=1), P)
