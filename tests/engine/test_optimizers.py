"""Optimisers against their formulas, written out without any of the tricks."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sknn_scratch._engine import scratch
from sknn_scratch._engine.optimizers import OPTIMIZERS, GradientDescent, Momentum
from sknn_scratch._training.state import copy_state, restore, state_of

RATE, STEPS = 0.05, 5
STEADY = [name for name in OPTIMIZERS if name != "sgd"]  # which comes to it in the end


def make(name, theta, **options):
    cls = OPTIMIZERS[name]
    if cls.decouples:
        options = {"decay": 0.3, "n_weights": len(theta) // 2, **options}
    return cls(theta, RATE, **options)


def gradients(n):
    rng = np.random.RandomState(1)
    return [rng.randn(n) for _ in range(STEPS)]


def gd(theta, grads):
    for g in grads:
        theta = theta - RATE * g
    return theta


def sgd(theta, grads, nesterov=True):
    v = 0
    for g in grads:
        v = 0.9 * v - RATE * g
        theta = theta + (0.9 * v - RATE * g if nesterov else v)
    return theta


def rmsprop(theta, grads):
    v = 0
    for g in grads:
        v = 0.999 * v + 0.001 * g**2
        theta = theta - RATE * g / (np.sqrt(v) + 1e-8)
    return theta


def adam(theta, grads, decay=0):
    m = v = 0
    for t, g in enumerate(grads, start=1):
        theta = theta - RATE * decay * theta
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        rate = RATE * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        theta = theta - rate * m / (np.sqrt(v) + 1e-8)
    return theta


def adamw(theta, grads):
    return adam(theta, grads, decay=0.3 * (np.arange(len(theta)) < len(theta) // 2))


FORMULAS = {"gd": gd, "sgd": sgd, "rmsprop": rmsprop, "adam": adam, "adamw": adamw}


def by_its_own_formulas(name, letter, start, grads):
    """What comes of an array of that letter by the lines that are shown to users."""
    step = make(name, np.zeros(2))
    space = dict.fromkeys(step.remembers, 0) | {"sqrt": np.sqrt, letter: start}
    for g in grads:
        step(np.zeros(2), np.zeros(2))  # which counts
        space |= {**step.numbers(), f"d{letter}": g}
        for line in step.formulas(letter):
            exec(line.replace(":=", "=").replace("^", "**"), space)
    return space[letter]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_steps_are_what_its_formulas_say(name, rng):
    start, grads = rng.randn(8), gradients(8)
    theta = start.copy()
    step = make(name, theta)
    for g in grads:
        step(theta, g)
    for letter, part in (("W", slice(4)), ("b", slice(4, 8))):  # as `make` divides it
        of_part = [g[part] for g in grads]
        expected = by_its_own_formulas(name, letter, start[part], of_part)
        assert_allclose(theta[part], expected, rtol=1e-12)


@pytest.mark.parametrize("name", FORMULAS)
def test_steps_are_the_formula(name, rng, monkeypatch):
    monkeypatch.setattr(scratch, "SLICE", 7)  # 20 entries: two slices and a rest
    start = rng.randn(20)
    theta = start.copy()
    step = make(name, theta)
    for g in gradients(20):
        step(theta, g)
    assert_allclose(theta, FORMULAS[name](start, gradients(20)), rtol=1e-12)


def test_momentum_without_nesterov(rng):
    start = rng.randn(4)
    theta = start.copy()
    step = Momentum(theta, RATE, nesterovs_momentum=False)
    for g in gradients(4):
        step(theta, g)
    assert_allclose(theta, sgd(start, gradients(4), nesterov=False), rtol=1e-12)


def test_momentum_zero_is_gradient_descent(rng):
    start = rng.randn(4)
    plain, with_momentum = start.copy(), start.copy()
    steps = GradientDescent(plain, RATE), Momentum(with_momentum, RATE, momentum=0.0)
    for g in gradients(4):
        steps[0](plain, g)
        steps[1](with_momentum, g)
    assert_allclose(with_momentum, plain, rtol=1e-14)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_gradient_is_only_read(name, rng):
    theta = rng.randn(6)
    g = rng.randn(6)
    before = g.copy()
    g.flags.writeable = False
    make(name, theta)(theta, g)
    assert_array_equal(g, before)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_restored_state_goes_on_to_the_same_bits(name, rng):
    grads = gradients(6)
    theta = rng.randn(6)
    step = make(name, theta)
    for g in grads[:2]:
        step(theta, g)
    other = theta.copy()
    again = make(name, other)
    restore(again, copy_state(state_of(step)))
    for g in grads[2:]:
        step(theta, g)
        again(other, g)
    assert_array_equal(other, theta)


@pytest.mark.parametrize("steps", [1, 3, 400])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", STEADY)
def test_reach_times_a_steady_gradient_is_the_step(name, dtype, steps, monkeypatch):
    monkeypatch.setattr(scratch, "SLICE", 3)
    theta, g = np.zeros(8, dtype), np.array([4, -2, 1, 0.5, -0.1, 1e-3, 8, -3], dtype)
    step = make(name, theta)
    for _ in range(steps):
        theta[...] = 0  # so that the step is not lost beside theta
        step(theta, g)
    reach = np.broadcast_to(step.reach(np.empty(6, dtype)), 6)  # of a part of theta
    assert_allclose(
        -reach * g[:6], theta[:6], rtol=1e-5 if dtype == np.float32 else 1e-12
    )


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum_reaches_its_full_step_in_the_end(nesterov):
    theta, g = np.zeros(2), np.array([3.0, -1])
    step = Momentum(theta, RATE, momentum=0.8, nesterovs_momentum=nesterov)
    for _ in range(200):  # 0.8^200 = 4e-20
        theta[...] = 0
        step(theta, g)
    assert_allclose(-step.reach(np.empty(2)) * g, theta, rtol=1e-12)


def test_momentum_that_forgets_nothing_reaches_ever_further():
    step, theta = Momentum(np.zeros(2), RATE, momentum=1.0), np.zeros(2)
    reached = []
    for _ in range(3):
        step(theta, np.ones(2))
        reached.append(step.reach(np.empty(2)))
    assert_allclose(reached, np.array([2, 3, 4]) * RATE)


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum_reaches_what_it_moves_whatever_the_rate_was(nesterov):
    theta = np.zeros(1)
    step = Momentum(theta, RATE, momentum=0.8, nesterovs_momentum=nesterov)
    for rate in (0.1, 0.3, 0.0, 0.2):
        before, step.rate = theta.copy(), rate
        step(theta, np.ones(1))
        assert_allclose(before - theta, step.reach(np.empty(1)))


@pytest.mark.parametrize("name", STEADY)
def test_reach_follows_the_rate(name, rng):
    theta, g = rng.randn(6), rng.randn(6)
    step = make(name, theta)
    step(theta, g)
    before = np.copy(step.reach(np.empty(6)))
    step.rate *= 3
    assert_allclose(step.reach(np.empty(6)), 3 * before, rtol=1e-14)


@pytest.mark.parametrize("name", ["rmsprop", "adam"])
def test_reach_is_put_into_out(name, rng):
    theta, out = rng.randn(6).astype(np.float32), np.empty(4, np.float32)
    step = make(name, theta)
    step(theta, rng.randn(6).astype(np.float32))
    assert step.reach(out) is out
