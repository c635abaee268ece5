"""The loop and the two solvers that see all rows."""

import numpy as np
import pytest
from engine import make_network, make_objective, make_rows, make_targets
from numpy.testing import assert_allclose

from sknn_scratch._batches import MemoryBatches
from sknn_scratch._losses import LOSSES
from sknn_scratch._objective import Objective, hessian
from sknn_scratch._optimizers import GradientDescent
from sknn_scratch._training import descend, lbfgs, newton
from sknn_scratch._watch import Curve, Watch

# losses that newton can minimise
CONVEX = [kind for kind, loss in LOSSES.items() if hasattr(loss, "curvature")]


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "csr"])
@pytest.mark.parametrize("kind", CONVEX)
def test_hessian_is_the_derivative_of_the_gradient(rng, kind, sparse, monkeypatch):
    monkeypatch.setattr("sknn_scratch._objective.ELEMENTS", 12)  # several blocks
    objective, (X, Y, w) = make_objective(rng, (), [], kind, m=20, sparse=sparse)
    theta, h = objective.params.theta.copy(), 1e-6
    H = hessian(objective, theta, X, w)
    if objective.loss.sums_to_one:
        # the curvature given to moving all rows of W by one vector is not of J
        K, d = objective.params.n[1], objective.params.n[0]
        T = np.kron(np.eye(K) - 1 / K, np.eye(d))
        P = np.block(
            [[T, np.zeros((K * d, K))], [np.zeros((K, K * d)), np.eye(K) - 1 / K]]
        )
    else:
        P = np.eye(len(theta))
    numerical = np.empty_like(H)
    for i in range(len(theta)):
        e = np.zeros(len(theta))
        e[i] = h
        above = objective(theta + e, X, Y, w)[1].copy()
        below = objective(theta - e, X, Y, w)[1].copy()
        numerical[i] = (above - below) / (2 * h)
    assert_allclose(P @ H @ P, P @ numerical @ P, rtol=1e-6, atol=1e-8)
    assert np.linalg.eigvalsh(H).min() > 0


def minimised(rng_seed, kind, minimise, max_iter=500):
    rng = np.random.RandomState(rng_seed)
    objective, batch = make_objective(rng, (), [], kind, m=40)
    watch, curve = Watch(max_iter), Curve()
    watch.add(curve)
    start = objective.params.theta.copy()
    theta = minimise(objective, [batch], start, watch)
    J, grad = objective(theta, *batch)
    return theta, J, np.abs(grad).max(), watch, curve


@pytest.mark.parametrize("kind", CONVEX)
def test_newton_and_lbfgs_find_the_same_minimum(kind):
    def by_newton(*problem):
        return newton(*problem, tol=1e-10)

    def by_lbfgs(*problem):
        return lbfgs(*problem, tol=1e-8, ftol=0, max_fun=10**6)

    theta, J, slope, watch, curve = minimised(5, kind, by_newton)
    theta_, J_, slope_, watch_, curve_ = minimised(5, kind, by_lbfgs)
    assert slope < 1e-10
    assert slope_ < 1e-7
    assert_allclose(J_, J, rtol=1e-12)
    assert_allclose(theta_ - theta_.mean(), theta - theta.mean(), atol=1e-4)
    for solver in ((watch, curve), (watch_, curve_)):
        assert solver[0].reason in ("gradient", "converged")
        assert len(solver[1].values) == solver[0].n_iter
    assert curve.values[0] == curve_.values[0]  # J before the first update


def test_newton_lowers_the_cost_in_every_iteration():
    *_, curve = minimised(1, "multiclass", lambda *p: newton(*p, tol=1e-10))
    assert np.all(np.diff(curve.values) <= 1e-15)


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
