"""Dropout around every activation."""

import tracemalloc

import numpy as np
import pytest
from engine import make_objective, relative_difference
from numpy.testing import assert_allclose, assert_array_equal

from sknn_scratch._engine import activations
from sknn_scratch._engine.activations import ACTIVATIONS, Dropout, ReLU

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
@pytest.mark.parametrize("rate", [0.2, 0.5])
def test_mean_stays_and_variance_is_that_of_the_mask(name, rate):
    # a d / (1 - rate) has mean a and variance a^2 rate / (1 - rate)
    draws, z = 40_000, 0.8
    A = activated(dropped_out(name, rate), np.full((5, draws), z, order="F"))
    a = activated(ACTIVATIONS[name](), np.full((1, 1), z))[0, 0]
    variance = a**2 * rate / (1 - rate)
    n = A.size
    assert abs(A.mean() - a) < 5 * (variance / n) ** 0.5
    # of the share of the dropped, whose spread is that of a binomial; 5 sigma again
    kept = 1 - (A == 0).mean()
    assert abs(kept - (1 - rate)) < 5 * (rate * (1 - rate) / n) ** 0.5
    # A takes two values, 0 and a / (1 - rate): its variance follows from that share
    assert_allclose(A.var(), (a / (1 - rate)) ** 2 * kept * (1 - kept), rtol=1e-10)
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
