"""Properties that hold for everything in LOSSES."""

import numpy as np
import pytest
from engine import OUTPUTS, make_targets
from numpy.testing import assert_allclose

from sknn_scratch._losses import LOSSES

pytestmark = pytest.mark.parametrize("kind", LOSSES)


def problem(rng, kind, m=7, scale=2, dtype=float):
    Z = np.asfortranarray(rng.randn(OUTPUTS[kind], m) * scale, dtype=dtype)
    Y = np.empty((m, OUTPUTS[kind]), dtype)
    make_targets(rng, kind, m, dtype).write(slice(0, m), out=Y)
    return Z, Y.T, rng.uniform(0.5, 2, m).astype(dtype)


def probabilities(loss, Z):
    return np.exp(loss.log_link(Z)[0])


def test_cost_is_the_formula(kind, rng):
    Z, Y, w = problem(rng, kind)
    loss = LOSSES[kind]()
    A = probabilities(loss, Z)
    L = Y * np.log(A)
    if not loss.sums_to_one:
        L += (1 - Y) * np.log(1 - A)
    J = loss(Z, Y, w, np.empty_like(Z))
    assert_allclose(J, -(L.sum(axis=0) * w).sum() / len(w), rtol=1e-12)


def test_slope_is_the_short_form(kind, rng):
    Z, Y, w = problem(rng, kind)
    loss, dZ = LOSSES[kind](), np.empty_like(Z)
    loss(Z, Y, w, dZ)
    expected = (probabilities(loss, Z) - Y) * w / len(w)
    assert_allclose(dZ, expected, rtol=1e-12, atol=1e-16)


def test_raw_outputs_and_targets_are_left_as_they_were(kind, rng):
    Z, Y, w = problem(rng, kind)
    before = Z.copy(), Y.copy(), w.copy()
    LOSSES[kind]()(Z, Y, w, np.empty_like(Z))
    for after, was in zip((Z, Y, w), before, strict=True):
        assert_allclose(after, was, rtol=0)


def test_curvature_is_the_derivative_of_the_slope(kind, rng):
    Z, Y, _ = problem(rng, kind)
    loss, ones, h = LOSSES[kind](), np.ones(Z.shape[1]), 1e-6
    A = loss.link(Z)
    for l in range(len(Z)):
        above, below = np.empty_like(Z), np.empty_like(Z)
        E = np.zeros_like(Z)
        E[l] = h
        loss(Z + E, Y, ones, above)
        loss(Z - E, Y, ones, below)
        numerical = (above - below) / (2 * h) * Z.shape[1]
        D = [loss.curvature(A, k, l) for k in range(len(Z))]
        assert_allclose(D, numerical, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_out_cost_and_slope_are_finite_and_silent(kind, rng, dtype):
    Z, Y, w = problem(rng, kind, scale=500, dtype=dtype)
    loss, dZ = LOSSES[kind](), np.empty_like(Z)
    assert np.isfinite(loss(Z, Y, w, dZ))
    assert np.isfinite(dZ).all()
    assert dZ.dtype == dtype
    for part in loss.log_link(Z):
        assert part is None or (np.isfinite(part).all() and part.dtype == dtype)


def test_a_sure_and_right_answer_costs_what_it_should(kind):
    # -log(1 - e^-30) = e^-30, lost if the cost were summed before it is small
    Z = np.full((OUTPUTS[kind], 1), -15.0)
    Z[0] = 15
    Y = (Z > 0).astype(float)
    J = LOSSES[kind]()(Z, Y, np.ones(1), np.empty_like(Z))
    wrong = {"binary": np.exp(-15), "multiclass": 2 * np.exp(-30)}
    expected = wrong.get(kind, OUTPUTS[kind] * np.exp(-15))
    assert_allclose(J, expected, rtol=1e-2)
