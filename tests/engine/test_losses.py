"""Properties that hold for everything in LOSSES."""

import inspect
import tracemalloc

import numpy as np
import pytest
from engine import CLASSIFICATION, OUTPUTS, make_targets
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, kl_div, softmax

from sknn_scratch._engine.losses import LOSSES, REGRESSION, Huber, Poisson, Quantile

every = pytest.mark.parametrize("kind", LOSSES)
classification = pytest.mark.parametrize("kind", CLASSIFICATION)
LINKS = {
    "identity": np.asarray,
    "exp": np.exp,
    "logistic": expit,
    "softmax": lambda Z: softmax(Z, axis=0),
}
REAL_VALUED = {  # L of a and y
    "squared_error": lambda a, y: (a - y) ** 2 / 2,
    "absolute_error": lambda a, y: np.abs(a - y),
    "huber": lambda a, y: np.where(
        np.abs(a - y) <= 1, (a - y) ** 2 / 2, np.abs(a - y) - 1 / 2
    ),
    "quantile": lambda a, y: np.abs(a - y) / 2,  # of level 1/2
    "poisson": lambda a, y: kl_div(y, a),  # y log(y / a) - y + a
}


def problem(rng, kind, m=7, scale=2, dtype=float):
    Z = np.asfortranarray(rng.randn(OUTPUTS[kind], m) * scale, dtype=dtype)
    Y = np.empty((m, OUTPUTS[kind]), dtype)
    make_targets(rng, kind, m, dtype).write(slice(0, m), out=Y)
    return Z, Y.T, rng.uniform(0.5, 2, m).astype(dtype)


def probabilities(loss, Z):
    return np.exp(loss.log_link(Z)[0])


@classification
def test_cost_is_the_formula(kind, rng):
    Z, Y, w = problem(rng, kind)
    loss = LOSSES[kind]()
    A = probabilities(loss, Z)
    L = Y * np.log(A)
    if not loss.sums_to_one:
        L += (1 - Y) * np.log(1 - A)
    J = loss(Z, Y, w, np.empty_like(Z))
    assert_allclose(J, -(L.sum(axis=0) * w).sum() / len(w), rtol=1e-12)


@classification
def test_slope_is_the_short_form(kind, rng):
    Z, Y, w = problem(rng, kind)
    loss, dZ = LOSSES[kind](), np.empty_like(Z)
    loss(Z, Y, w, dZ)
    expected = (probabilities(loss, Z) - Y) * w / len(w)
    assert_allclose(dZ, expected, rtol=1e-12, atol=1e-16)


@every
def test_raw_outputs_and_targets_are_left_as_they_were(kind, rng):
    Z, Y, w = problem(rng, kind)
    before = Z.copy(), Y.copy(), w.copy()
    LOSSES[kind]()(Z, Y, w, np.empty_like(Z))
    for after, was in zip((Z, Y, w), before, strict=True):
        assert_allclose(after, was, rtol=0)


@classification
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
        D = loss.curve(A, E / h)
        assert_allclose(D, numerical, rtol=1e-6, atol=1e-9)
        assert_allclose(loss.spread(A)[l], D[l], rtol=1e-12)


@every
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_out_cost_and_slope_are_finite_and_silent(kind, rng, dtype):
    Z, Y, w = problem(rng, kind, scale=500, dtype=dtype)
    loss, dZ = LOSSES[kind](), np.empty_like(Z)
    assert np.isfinite(loss(Z, Y, w, dZ))
    assert np.isfinite(dZ).all()
    assert dZ.dtype == dtype
    parts = [loss.link(Z), *(loss.log_link(Z) if kind in CLASSIFICATION else ())]
    for part in parts:
        assert part is None or (np.isfinite(part).all() and part.dtype == dtype)


@classification
def test_a_sure_and_right_answer_costs_what_it_should(kind):
    # -log(1 - e^-30) = e^-30, lost if the cost were summed before it is small
    Z = np.full((OUTPUTS[kind], 1), -15.0)
    Z[0] = 15
    Y = (Z > 0).astype(float)
    J = LOSSES[kind]()(Z, Y, np.ones(1), np.empty_like(Z))
    wrong = {"binary": np.exp(-15), "multiclass": 2 * np.exp(-30)}
    expected = wrong.get(kind, OUTPUTS[kind] * np.exp(-15))
    assert_allclose(J, expected, rtol=1e-2)


@pytest.mark.parametrize("kind", REAL_VALUED)
def test_cost_of_real_values_is_the_formula(kind, rng):
    Z, Y, w = problem(rng, kind)
    loss = LOSSES[kind]()
    L = REAL_VALUED[kind](loss.link(Z), Y)
    J = loss(Z, Y, w, np.empty_like(Z))
    assert_allclose(J, (L.sum(axis=0) * w).sum() / len(w), rtol=1e-12)


@every
def test_slope_is_the_derivative_of_the_cost(kind, rng):
    Z, Y, w = problem(rng, kind)
    loss, dZ, h = LOSSES[kind](), np.empty_like(Z), 1e-6
    loss(Z, Y, w, dZ)
    numerical, aside = np.empty_like(Z), np.empty_like(Z)
    for place in np.ndindex(Z.shape):
        E = np.zeros_like(Z)
        E[place] = h
        above, below = loss(Z + E, Y, w, aside), loss(Z - E, Y, w, aside)
        numerical[place] = (above - below) / (2 * h)
    # J is about 10 and exact to 1e-15, so the differences are to 1e-8
    assert_allclose(dZ, numerical, rtol=1e-6, atol=3e-8)


@every
def test_link_is_what_its_name_says(kind, rng):
    Z = problem(rng, kind)[0]
    loss = LOSSES[kind]()
    A = loss.link(Z)
    assert_allclose(A, LINKS[loss.output](Z), rtol=1e-13)
    assert not np.shares_memory(A, Z)


@every
def test_cost_and_slope_of_float32_are_those_of_float64(kind, rng):
    Z, Y, w = problem(rng, kind, m=500, dtype=np.float32)
    dZ, dZ64 = np.empty_like(Z), np.empty(Z.shape)
    J = LOSSES[kind]()(Z, Y, w, dZ)
    J64 = LOSSES[kind]()(*(np.asarray(V, float) for V in (Z, Y, w)), dZ64)
    assert_allclose(J, J64, rtol=1e-5)
    assert_allclose(dZ, dZ64, rtol=1e-5, atol=1e-5 / 500)
    assert isinstance(J, float)


@every
def test_a_second_call_needs_no_memory(kind, rng):
    Z, Y, w = problem(rng, kind, m=100_000)
    loss, dZ = LOSSES[kind](), np.empty_like(Z)
    loss(Z, Y, w, dZ)
    tracemalloc.start()
    loss(Z, Y, w, dZ)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < w.nbytes / 5  # NumPy's own casting buffers


@every
def test_hyperparameters_are_the_keywords_it_takes(kind):
    taken = inspect.signature(LOSSES[kind]).parameters
    assert LOSSES[kind].hyperparameters == tuple(taken)


@pytest.mark.parametrize("kind", REGRESSION)
def test_a_perfect_fit_costs_nothing_and_pulls_nowhere(kind):
    A = np.array([[0.5, 1, 3, 1000], [7, 2, 1e-3, 20]])
    loss, dZ = LOSSES[kind](), np.empty_like(A)
    Z = np.log(A) if loss.output == "exp" else A
    J = loss(Z, A, np.ones(4), dZ)
    # e^(log a) is a to a few eps of a log a
    assert_allclose(J, 0, atol=0 if loss.output == "identity" else 1e-12)
    assert_allclose(dZ, 0, atol=0 if loss.output == "identity" else 1e-12)


def test_huber_is_quadratic_near_and_linear_far():
    # delta = 2.5: 1/2 1^2 = 0.5; at -4: 2.5 (4 - 1.25) = 6.875
    Z, dZ = np.array([[1.0, -4.0]]), np.empty((1, 2))
    J = Huber(huber_delta=2.5)(Z, np.zeros((1, 2)), np.ones(2), dZ)
    assert J == (0.5 + 6.875) / 2
    assert_array_equal(dZ, [[1 / 2, -2.5 / 2]])


def test_huber_with_a_wide_delta_is_the_squared_error(rng):
    Z, Y, w = problem(rng, "huber")
    wide, squared = np.empty_like(Z), np.empty_like(Z)
    J = Huber(huber_delta=np.abs(Z - Y).max())(Z, Y, w, wide)
    assert_allclose(J, LOSSES["squared_error"]()(Z, Y, w, squared), rtol=1e-14)
    assert_array_equal(wide, squared)


def test_the_absolute_error_pulls_nowhere_at_the_target():
    Y, dZ = np.array([[1.0, 2, 3]]), np.empty((1, 3))
    LOSSES["absolute_error"]()(np.array([[0.0, 2, 9]]), Y, np.ones(3), dZ)
    assert_allclose(dZ, [[-1 / 3, 0, 1 / 3]])


def test_a_quantile_weighs_the_two_sides():
    # 0.9 * 2 for y above by 2, 0.1 * 3 for y below by 3
    Z, dZ = np.array([[1.0, 1.0, 1.0]]), np.empty((1, 3))
    J = Quantile(0.9)(Z, np.array([[3.0, -2.0, 1.0]]), np.ones(3), dZ)
    assert J == pytest.approx((1.8 + 0.3) / 3)
    assert_allclose(dZ, [[-0.9 / 3, 0.1 / 3, 0]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_each_row_may_have_its_level(rng, dtype):
    Z, Y, w = problem(rng, "quantile", dtype=dtype)
    dZ, one = np.empty_like(Z), np.empty_like(Z[:1])
    J, levels, total = Quantile([0.2, 0.7])(Z, Y, w, dZ), [0.2, 0.7], 0
    for k, q in enumerate(levels):
        total += Quantile(q)(Z[k : k + 1], Y[k : k + 1], w, one)
        assert_array_equal(dZ[k : k + 1], one)
    assert total == pytest.approx(J, rel=1e-6)


SCALED = [kind for kind in REGRESSION if REGRESSION[kind].scaled]


@pytest.mark.parametrize("kind", SCALED)
@pytest.mark.parametrize("size", [1e-3, 7.0])
def test_a_scaled_loss_times_its_unit_is_the_loss(kind, rng, size):
    Z, Y, w = problem(rng, kind, m=40)
    s = np.array([[size], [3 * size]])
    loss = REGRESSION[kind](**{"quantile": {"quantile": 0.8}}.get(kind, {}))
    scaled, unit = loss.scaled(s)
    for k in range(2):
        # the other output fits: it costs nothing
        Z_k = np.where(np.arange(2)[:, None] == k, Z, Y)
        dZ, dZ_scaled = np.empty_like(Z), np.empty_like(Z)
        J = loss(Z_k, Y, w, dZ)
        J_scaled = scaled(Z_k / s, Y / s, w, dZ_scaled)
        assert J_scaled * unit[k, 0] == pytest.approx(J, rel=1e-9)
        assert_allclose(dZ_scaled[k] * unit[k] / s[k], dZ[k], rtol=1e-9)


def test_a_small_delta_leaves_slopes_that_are_seen(rng):
    Z, Y, w = problem(rng, "huber")
    scaled, _ = Huber(huber_delta=1.0).scaled(np.array([[1e6], [1e6]]))
    dZ = np.empty_like(Z)
    scaled(Z, Y, np.ones(7), dZ)
    assert_allclose(np.abs(dZ), 0.1 / 7, rtol=1e-4)


def test_counts_of_zero_cost_the_rate_that_was_expected():
    # y = 0: L = a - 0 + 0 log 0 = a
    Z = np.log([[0.25, 4.0]])
    J = Poisson()(Z, np.zeros((1, 2)), np.ones(2), np.empty_like(Z))
    assert_allclose(J, (0.25 + 4) / 2, rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_where_the_rate_is_absurd_the_cost_goes_on_along_its_tangent(dtype):
    # a is the same at both places, and J grows by a for every unit of z
    Z, Y, w = np.array([[500.0]], dtype), np.array([[3.0]], dtype), np.ones(1, dtype)
    loss, dZ = Poisson(), np.empty_like(Z)
    J = [loss(z, Y, w, dZ) for z in (Z, Z + 100)]
    assert_allclose(J[1] - J[0], 100 * float(dZ[0, 0]), rtol=1e-5)
    assert_allclose(dZ, loss.link(Z) - Y)
    square = dZ * dZ  # what an optimiser makes of it
    assert np.isfinite(square).all()
