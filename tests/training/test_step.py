"""What goes around an optimiser: clipped gradients, the soft threshold of l1."""

import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sknn_scratch._engine.optimizers import OPTIMIZERS
from sknn_scratch._training.step import Clipped, Proximal


class Record:
    """A step that only remembers the gradient it was given."""

    def __call__(self, theta, grad):
        self.grad, self.given = grad.copy(), grad


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1.5, 1e3, 1e30])
def test_a_long_gradient_is_shortened_to_the_norm(rng, dtype, size):
    grad = (rng.randn(200) * size).astype(dtype)
    step = Record()
    Clipped(step, 0.7)(np.zeros(200, dtype), grad)
    used = step.grad.astype(float)
    assert step.grad.dtype == dtype
    assert_allclose(np.linalg.norm(used), 0.7, rtol=1e-6)
    direction = grad / np.linalg.norm(grad.astype(float))
    assert_allclose(used / 0.7, direction, rtol=1e-5)


def test_squares_beyond_the_numbers_do_no_harm(rng):
    for dtype, size in ((np.float32, 1e36), (np.float64, 1e300)):
        grad = np.full(100, size, dtype)
        step = Record()
        Clipped(step, 1e-3)(grad, grad)
        assert_allclose(step.grad, 1e-4, rtol=1e-6)  # 1e-3 / sqrt(100)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_short_gradient_passes_to_the_bit(rng, dtype):
    grad, step = rng.randn(50).astype(dtype), Record()
    norm = np.linalg.norm(grad.astype(float))
    Clipped(step, norm * 1.001)(np.zeros(50, dtype), grad)
    assert step.given is grad
    Clipped(step, norm * 0.999)(np.zeros(50, dtype), grad)
    assert step.given is not grad


def test_a_gradient_of_nothing_passes(rng):
    step = Record()
    Clipped(step, 1.0)(np.zeros(5), np.zeros(5))
    assert_array_equal(step.grad, 0)


@pytest.mark.parametrize("size", [1e-3, 1e3])
def test_the_gradient_is_only_read(rng, size):
    theta, grad = rng.randn(6), rng.randn(6) * size
    before = grad.copy()
    grad.flags.writeable = False
    optimizer = OPTIMIZERS["adam"](theta, 0.1)
    step = Clipped(Proximal(optimizer, optimizer, 0.1, 4), 1.0)
    step(theta, grad)
    assert_array_equal(grad, before)


def test_clipped_gradient_descent_moves_by_rate_times_norm(rng):
    theta, grad = np.zeros(9), rng.randn(9) * 40
    Clipped(OPTIMIZERS["gd"](theta, 0.5), 2.0)(theta, grad)
    assert_allclose(np.linalg.norm(theta), 0.5 * 2.0, rtol=1e-14)


# A diagonal quadratic with an l1 penalty over W, and two b without:
# J = 1/2 sum h (theta - c)^2 + l1 sum |W|
H = np.array([1.0, 0.5, 2.0, 1.5, 0.8, 1.2, 1.0, 0.7])
C = np.array([2.0, -1.5, 0.1, -0.05, 0.3, -1.0, 0.02, -0.8])
L1, N_WEIGHTS = 0.3, 6


def solution():
    """h (w - c) + l1 sign(w) = 0, or w = 0 where |h c| <= l1; b = c."""
    shrunk = np.sign(C) * np.maximum(np.abs(C) - L1 / H, 0)
    return np.where(np.arange(len(C)) < N_WEIGHTS, shrunk, C)


RATES = {"gd": 0.1, "sgd": 0.02, "rmsprop": 0.003, "adam": 0.02, "adamw": 0.02}


def minimised(name, steps=6000, max_norm=np.inf, dtype=float, **options):
    theta = np.ones(len(C), dtype)
    if name == "adamw":
        options = {"decay": 0.0, "n_weights": N_WEIGHTS, **options}
    optimizer = OPTIMIZERS[name](theta, RATES[name], **options)
    step = Clipped(Proximal(optimizer, optimizer, L1, N_WEIGHTS), max_norm)
    for _ in range(steps):
        step(theta, (H * (theta - C)).astype(dtype))
    return theta


def test_the_solution_is_the_minimum():
    def J(theta):
        smooth = 0.5 * (H * (theta - C) ** 2).sum()
        return smooth + L1 * np.abs(theta[:N_WEIGHTS]).sum()

    rng, best = np.random.RandomState(0), solution()
    for size in (1e-3, 0.1, 1):
        for _ in range(100):
            assert J(best + size * rng.randn(len(C))) > J(best)
    assert_array_equal(best == 0, [0, 0, 1, 1, 1, 0, 0, 0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", RATES)
def test_it_converges_to_the_solution_with_exact_zeros(name, dtype):
    theta = minimised(name, dtype=dtype)
    assert theta.dtype == dtype
    # float32: what H (theta - C) is exact to
    assert_allclose(theta, solution(), atol=1e-10 if dtype == np.float64 else 2e-6)
    assert_array_equal(theta == 0, solution() == 0)


def test_momentum_without_look_ahead_converges_there_too():
    theta = minimised("sgd", nesterovs_momentum=False)
    assert_allclose(theta, solution(), atol=1e-10)


def test_momentum_measured_by_its_rate_would_not():
    class Rate:  # what `reach` is there to prevent: a threshold ten times too small
        def __init__(self, optimizer):
            self._optimizer = optimizer

        def reach(self, out):
            return self._optimizer.rate

    theta = np.ones(len(C))
    optimizer = OPTIMIZERS["sgd"](theta, 0.02)
    step = Proximal(optimizer, Rate(optimizer), L1, N_WEIGHTS)
    for _ in range(2000):
        step(theta, H * (theta - C))
    assert np.abs(theta - solution()).max() > 0.1


def test_gradients_clipped_on_the_way_do_not_move_the_solution():
    # There the gradient has the norm 0.6; with a max_norm below it would count less
    assert np.linalg.norm(H * (solution() - C)) < 0.7
    assert np.linalg.norm(H * (1 - C)) > 2
    theta = minimised("gd", max_norm=0.7)
    assert_allclose(theta, solution(), atol=1e-10)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_one_step_is_the_optimiser_s_and_then_the_threshold(name, rng):
    options = {"decay": 0.3, "n_weights": 6} if name == "adamw" else {}
    theta, grad = rng.randn(8) * 0.2, rng.randn(8)
    plain = theta.copy()
    optimizer = OPTIMIZERS[name](theta, 0.05, **options)
    Proximal(optimizer, optimizer, L1, N_WEIGHTS)(theta, grad)
    alone = OPTIMIZERS[name](plain, 0.05, **options)
    alone(plain, grad)
    W, shift = plain[:N_WEIGHTS], L1 * alone.reach(np.empty(N_WEIGHTS))
    expected = np.sign(W) * np.maximum(np.abs(W) - shift, 0)
    assert_allclose(theta[:N_WEIGHTS], expected, rtol=1e-12, atol=1e-16)
    assert_array_equal(theta[N_WEIGHTS:], plain[N_WEIGHTS:])  # b, to the bit


@pytest.mark.parametrize("name", ["gd", "adam"])
def test_a_second_step_needs_no_memory(name):
    theta = np.ones(200_000)
    optimizer = OPTIMIZERS[name](theta, 0.01)
    step, grad = Clipped(Proximal(optimizer, optimizer, L1, 150_000), 1.0), theta.copy()
    step(theta, grad)
    tracemalloc.start()
    step(theta, grad)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < theta.nbytes / 100
