"""Dropout around every activation."""

import tracemalloc

import numpy as np
import pytest
from engine import make_objective, relative_difference
from numpy.testing import assert_allclose, assert_array_equal
from small_net import net, stepping, vector, warned

from sknn_scratch import DeepNetRegressor
from sknn_scratch._engine import activations
from sknn_scratch._engine.activations import ACTIVATIONS, Dropout, ReLU

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

every = pytest.mark.parametrize("name", ACTIVATIONS)


def columns(rng, n=6, m=40, dtype=float):
    return np.asfortranarray(rng.randn(n, m) * 2, dtype=dtype)


def dropped_out(name, rate, seed=0):
    return Dropout(ACTIVATIONS[name](), rate, np.random.RandomState(seed))


def activated(g, Z):
    A = np.empty_like(Z)
    g.forward(Z, A)
    return A


class SameMask:
    """Draws the same numbers in every forward pass."""

    def __init__(self, seed):
        self._seed = seed

    def random_sample(self, size):
        return np.random.RandomState(self._seed).random_sample(size)


@every
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rate", [0.2, 0.5])
def test_mean_stays_and_variance_is_that_of_the_mask(name, rate, dtype):
    # a d / (1 - rate) has mean a and variance a^2 rate / (1 - rate)
    draws, z = 40_000, 0.8
    Z = np.full((5, draws), z, dtype, order="F")
    A = activated(dropped_out(name, rate), Z).astype(float)
    a = activated(ACTIVATIONS[name](), np.full((1, 1), z, dtype))[0, 0]
    variance = a**2 * rate / (1 - rate)
    n = A.size
    assert abs(A.mean() - a) < 5 * (variance / n) ** 0.5
    # of the share of the dropped, whose spread is that of a binomial; 5 sigma again
    kept = 1 - (A == 0).mean()
    assert abs(kept - (1 - rate)) < 5 * (rate * (1 - rate) / n) ** 0.5
    # A takes two values, 0 and a / (1 - rate): its variance follows from that share
    assert_allclose(A.var(), (a / (1 - rate)) ** 2 * kept * (1 - kept), rtol=1e-5)
    assert_allclose(A.var(), variance, rtol=0.03)


def test_units_and_examples_are_dropped_independently():
    n, m, rate = 40, 2000, 0.3
    D = activated(dropped_out("identity", rate), np.ones((n, m), order="F")) == 0
    for axis, count in ((0, n), (1, m)):
        shares = D.mean(axis=axis)
        expected = (rate * (1 - rate) / count) ** 0.5
        # standard deviation of k shares: exact to 1 / sqrt(2 k); 5 sigma
        assert abs(shares.std() / expected - 1) < 5 / (2 * shares.size) ** 0.5


@every
@pytest.mark.parametrize("kind", ["binary", "multiclass", "poisson"])
def test_gradient_with_the_masks_held(rng, name, kind):
    objective, batch = make_objective(rng, (7, 6), [name, name], kind)
    for l in (1, 2):
        objective.g[l] = Dropout(objective.g[l], 0.4, SameMask(l))
    assert relative_difference(objective, batch, rng) < 1e-7


def test_gradient_check_notices_a_mask_that_is_not_passed_back(rng):
    objective, batch = make_objective(rng, (7,), ["tanh"], "binary")
    g = objective.g[1] = Dropout(objective.g[1], 0.4, SameMask(1))
    g.chain = lambda A, dA: g.at_rest.chain(A, dA)
    assert relative_difference(objective, batch, rng) > 1e-3


@every
def test_rate_zero_is_the_activation(name, rng):
    Z = columns(rng)
    plain, none = ACTIVATIONS[name](), dropped_out(name, 0.0)
    A, B, dA = activated(plain, Z), activated(none, Z), columns(rng)
    dB = dA.copy("F")
    assert_array_equal(B, A)
    plain.chain(A, dA)
    none.chain(B, dB)
    assert_array_equal(dB, dA)


@every
def test_kept_units_are_scaled_and_dropped_ones_are_out_of_the_gradient(name, rng):
    Z, rate = columns(rng), 0.4
    mask = np.random.RandomState(3).random_sample((40, 6)).T >= rate
    plain, g = ACTIVATIONS[name](), dropped_out(name, rate, seed=3)
    A, B = activated(plain, Z), activated(g, Z)
    assert_allclose(B, A * mask / (1 - rate), rtol=1e-14)
    dA = columns(rng)
    dB = dA.copy("F")
    plain.chain(A, dA)
    g.chain(B, dB)
    assert_allclose(dB, dA * mask / (1 - rate), rtol=1e-10, atol=1e-14)
    assert 0 < mask.mean() < 1


@every
def test_at_rest_there_is_no_mask(name, rng):
    Z, inner = columns(rng), ACTIVATIONS[name]()
    g = Dropout(inner, 0.5, rng=None)  # and nobody asks for random numbers
    assert g.at_rest is inner
    assert g.rectifies == inner.rectifies
    assert_array_equal(activated(g.at_rest, Z), activated(ACTIVATIONS[name](), Z))


def test_masks_are_the_stream_of_the_fit_whatever_the_pieces(monkeypatch):
    Z = np.ones((7, 30), order="F")
    whole = activated(dropped_out("relu", 0.5), Z)
    monkeypatch.setattr(activations, "DRAWS", 11)
    assert_array_equal(activated(dropped_out("relu", 0.5), Z), whole)
    g = dropped_out("relu", 0.5)
    assert (activated(g, Z) != activated(g, Z)).any()  # each pass has its own


@every
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_out_it_is_finite_and_silent_and_keeps_its_type(name, dtype):
    Z = np.tile(np.array([[-1e3, -50, 0, 50, 1e3]], dtype), (20, 1))
    g = dropped_out(name, 0.5)
    A, dA = activated(g, Z), np.ones_like(Z)
    g.chain(A, dA)
    assert np.isfinite(A).all()
    assert np.isfinite(dA).all()
    assert A.dtype == dA.dtype == dtype


def test_a_second_call_needs_the_memory_of_a_few_draws(monkeypatch):
    monkeypatch.setattr(activations, "DRAWS", 1000)
    Z = np.ones((8, 50_000), order="F")
    g, dA = Dropout(ReLU(), 0.5, np.random.RandomState(0)), np.ones_like(Z)
    g.forward(Z, Z)
    tracemalloc.start()
    g.forward(Z, Z)
    g.chain(Z, dA)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < Z.nbytes / 10


# -- seen from the estimators ----------------------------------------------------------


def one_unit_a_layer(rates, m=20_000):
    """Mean and mean square of the last hidden activation over m rows in training.

    With one unit a layer and no x but 1, y = 0 and weights of 1, Z[L] is that
    activation. J of the one epoch is half the mean square, db[L] the mean.
    """
    X, y = np.ones((m, 1)), np.zeros(m)
    model = DeepNetRegressor(
        hidden_layer_sizes=[1] * len(rates),
        activation="identity",
        solver="gd",
        learning_rate_init=1.0,
        alpha=0,
        dropout=rates,
        random_state=0,
    )
    model.partial_fit(X, y)
    for W, b in zip(model.coefs_, model.intercepts_, strict=True):
        W[...], b[...] = 1, 0
    model.partial_fit(X, y)
    return -model.intercepts_[-1][0], 2 * model.loss_curve_[-1]


@pytest.mark.parametrize("rates", [[0.2], [0.5], [0.5, 0.2], [0.0, 0.4], [0.3, 0.0]])
def test_dropout_keeps_the_mean_and_spreads_the_activations(rates):
    m, scale = 20_000, 1 / np.prod([1 - r for r in rates])
    mean, square = one_unit_a_layer(rates, m)
    kept = mean / scale  # units are 0 or scale: their mean is scale * share kept
    assert abs(kept - 1 / scale) < 5 * (1 / scale * (1 - 1 / scale) / m) ** 0.5
    assert_allclose(square, scale**2 * kept, rtol=1e-12)
    if len(rates) == 1:  # E a = 1, so that is the variance r / (1 - r)
        assert_allclose(square - mean**2, rates[0] / (1 - rates[0]), rtol=0.05)


def test_dropout_of_a_linear_unit_is_in_the_mean_a_ridge_penalty(rng):
    # Srivastava 2014, section 9.1: E |y - (D*A) w|^2 = |y - A w|^2 + p/(1-p) |G w|^2,
    # G^2 = diag(A^T A); D is 0 or 1 / (1 - p)
    X, y, p, m, calls = rng.randn(8, 3), rng.randn(8), 0.4, 8, 500
    model = DeepNetRegressor(
        hidden_layer_sizes=5, activation="identity", solver="gd", alpha=0,
        learning_rate_init=1.0, dropout=p, random_state=0,
    ).partial_fit(X, y)  # fmt: skip
    W = [W.copy() for W in model.coefs_]
    b = [b.copy() for b in model.intercepts_]
    moves = []
    for _ in range(calls):
        for old, new in zip([*W, *b], [*model.coefs_, *model.intercepts_], strict=True):
            new[...] = old
        model.partial_fit(X, y)
        moves.append((W[1] - model.coefs_[1]).ravel())
    A = X @ W[0] + b[0]
    plain = A.T @ (A @ W[1] + b[1] - y[:, None]) / m
    ridge = p / (1 - p) * (A**2).sum(axis=0)[:, None] * W[1] / m
    error = np.std(moves, axis=0) / calls**0.5
    assert_array_equal(
        np.abs(np.mean(moves, axis=0) - (plain + ridge).ravel()) < 5 * error, True
    )
    assert (np.abs(ridge.ravel()) > 10 * error).any()  # it would be noticed


@stepping
def test_predictions_use_all_units(blobs, solver):
    X, y = blobs
    model = net((6,), solver=solver, dropout=0.5, max_iter=5).fit(X, y)
    A = np.maximum(X @ model.coefs_[0] + model.intercepts_[0], 0)
    Z = A @ model.coefs_[1] + model.intercepts_[1]
    assert_allclose(model.decision_function(X), Z, rtol=1e-12)
    assert_array_equal(model.predict_proba(X), model.predict_proba(X))


@stepping
def test_dropout_changes_training(blobs, solver):
    fits = [net(solver=solver, dropout=r, max_iter=3).fit(*blobs) for r in (0, 0.3)]
    assert np.abs(vector(fits[0]) - vector(fits[1])).max() > 1e-6


def test_a_rate_for_each_layer_may_be_zero(blobs):
    X, y = blobs
    none = net(max_iter=4).fit(X, y)
    zeros = net(max_iter=4, dropout=[0.0, 0.0]).fit(X, y)
    assert_array_equal(vector(none), vector(zeros))


def test_one_rate_is_the_rate_of_every_layer(blobs):
    one = net(max_iter=4, dropout=0.3).fit(*blobs)
    each = net(max_iter=4, dropout=(0.3, 0.3)).fit(*blobs)
    assert_array_equal(vector(one), vector(each))


@pytest.mark.parametrize(
    ("dropout", "message"),
    [
        (1.0, "'dropout' parameter"),
        (-0.1, "'dropout' parameter"),
        ([0.5, 1.0], "dropout must be at least 0 and less than 1.* got 1.0"),
        ([0.5], "dropout must be one rate or one for each of the 2 hidden layers"),
    ],
)
def test_impossible_rates_are_refused(blobs, dropout, message):
    with pytest.raises(ValueError, match=message):
        net(dropout=dropout).fit(*blobs)


def test_lbfgs_ignores_dropout_and_says_so_once(blobs):
    X, y = blobs
    model = net(solver="lbfgs", dropout=0.5, max_iter=5, tol=0)
    (warning,) = warned(lambda: model.fit(X, y))
    assert warning.category is UserWarning
    assert "makes no use of dropout=0.5" in str(warning.message)
    plain = net(solver="lbfgs", max_iter=5, tol=0).fit(X, y)
    assert_array_equal(vector(model), vector(plain))
