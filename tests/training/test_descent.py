"""The loop, and L-BFGS."""

import numpy as np
from engine import make_network, make_objective, make_rows, make_targets
from numpy.testing import assert_allclose

from sknn_scratch._engine.losses import LOSSES
from sknn_scratch._engine.optimizers import GradientDescent
from sknn_scratch._rows.batches import MemoryBatches
from sknn_scratch._training.descent import descend, lbfgs
from sknn_scratch._training.objective import Objective
from sknn_scratch._training.watch import Curve, Watch


def minimised(rng_seed, kind, minimise, max_iter=500):
    rng = np.random.RandomState(rng_seed)
    objective, batch = make_objective(rng, (), [], kind, m=40)
    watch, curve = Watch(max_iter), Curve()
    watch.add(curve)
    start = objective.params.theta.copy()
    theta = minimise(objective, [batch], start, watch)
    J, grad = objective(theta, *batch)
    return theta, J, np.abs(grad).max(), watch, curve


def test_lbfgs_honours_the_watch():
    *_, watch, _ = minimised(
        2, "binary", lambda *p: lbfgs(*p, tol=0, ftol=0, max_fun=99), max_iter=3
    )
    assert watch.n_iter == 3
    assert watch.reason is None


def test_the_cost_of_an_epoch_is_the_mean_over_its_batches(rng):
    m, kind = 10, "multiclass"
    params, g = make_network(rng, (4,), ["tanh"], kind)
    X, Y, w = make_rows(rng, m, 5), make_targets(rng, kind, m), rng.uniform(0, 2, m)
    objective = Objective(params, g, LOSSES[kind](), m)
    watch, curve = Watch(1), Curve()
    watch.add(curve)
    whole = next(iter(MemoryBatches(X, Y, w, m)))
    J, grad = objective(params.theta, *whole)
    grad = grad.copy()

    total = np.zeros_like(grad)

    def add_up(theta, grad):  # a step that goes nowhere
        total[...] += grad * len(batch_w[0]) / m
        batch_w.pop(0)

    batches = MemoryBatches(X, Y, w, 4)
    batch_w = [w for _, _, w in MemoryBatches(X, Y, w, 4)]
    descend(objective, batches, add_up, params.theta, watch)
    assert_allclose(curve.values[0], J, rtol=1e-13)
    # weights are not normalised batch by batch: the mean gradient is the gradient
    assert_allclose(total, grad, rtol=1e-10, atol=1e-15)


def test_gradient_descent_on_all_rows_is_the_course_s_update(rng):
    objective, batch = make_objective(rng, (3,), ["tanh"], "binary")
    theta = objective.params.theta
    before = theta.copy()
    _, grad = objective(theta, *batch)
    expected = before - 0.3 * grad
    watch = Watch(1)

    class Once(list):
        weight = len(batch[2])

    step = GradientDescent(theta, 0.3)
    descend(objective, Once([batch]), step, theta, watch)
    assert_allclose(theta, expected, rtol=1e-15)
