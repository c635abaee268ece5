"""What goes around an optimiser: clipped gradients, the soft threshold of l1."""

import numpy as np
import pytest
import sklearn
from memory import peak
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression
from sklearn.utils.fixes import parse_version
from small_net import net, started, stepping, vector, whole

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
)
from sknn_scratch._engine.optimizers import OPTIMIZERS
from sknn_scratch._training.step import Averaged, Clipped, Proximal
from sknn_scratch._training.watch import observe

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


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
    assert peak(lambda: step(theta, grad)) < theta.nbytes / 100


# -- l1, seen from the estimators ------------------------------------------------------


def saga(alpha, l1_ratio):
    """scikit-learn's elastic net, whose sum of losses is our mean times n."""
    named = parse_version(sklearn.__version__) < parse_version("1.8")
    return LogisticRegression(
        C=1 / alpha, l1_ratio=l1_ratio, solver="saga", tol=1e-13, max_iter=100_000,
        **({"penalty": "elasticnet"} if named else {}),
    )  # fmt: skip


@pytest.mark.parametrize("l1_ratio", [0.3, 1.0])
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize(
    "make",
    [
        lambda r: DeepNetClassifier(
            (), solver="gd", alpha=12.0, l1_ratio=r, learning_rate_init=1.0,
            max_iter=2000, tol=0, n_iter_no_change=np.inf,
        ),
        lambda r: LogisticRegressionScratch(
            C=1 / 12.0, solver="gd", l1_ratio=r, learning_rate_init=0.5,
            max_iter=30_000, tol=1e-13,
        ),
    ],
    ids=["net", "logistic"],
)  # fmt: skip
def test_the_elastic_net_is_scikit_learn_s(blobs, make, classes, l1_ratio):
    X, y = blobs
    y = np.minimum(y, classes - 1)
    model, theirs = make(l1_ratio).fit(X, y), saga(12.0, l1_ratio).fit(X, y)
    W = model.parameters_["W1"]
    assert_allclose(W, theirs.coef_, atol=1e-8)
    assert_array_equal(W == 0, theirs.coef_ == 0)
    assert (W == 0).any()
    assert_allclose(model.predict_proba(X), theirs.predict_proba(X), atol=1e-8)


@stepping
def test_l1_leaves_exact_zeros_and_l2_none(blobs, solver):
    X, y = blobs
    options = {"solver": solver, "alpha": 20.0, "max_iter": 200, "tol": 0}
    options["learning_rate_init"] = 0.1 if solver == "gd" else 0.01
    sparse = net((8,), l1_ratio=1.0, **options).fit(X, y)
    plain = net((8,), **options).fit(X, y)
    assert all((W == 0).any() for W in sparse.coefs_)
    assert not any((W == 0).any() for W in plain.coefs_)
    assert all((b != 0).any() for b in sparse.intercepts_)  # and b is not penalised


@stepping
def test_the_cost_counts_the_l1_penalty(blobs, solver):
    X, y = blobs
    alpha, r, n = 3.0, 0.4, 90
    model = started(net(alpha=alpha, l1_ratio=r, **whole(solver, n)), X, y)
    W = np.concatenate([W.ravel() for W in model.coefs_])
    penalty = alpha / n * ((1 - r) / 2 * W @ W + r * np.abs(W).sum())
    if solver == "adamw":  # its decay is beside the cost
        penalty = alpha / n * r * np.abs(W).sum()
    log_loss = -model.predict_log_proba(X)[np.arange(n), y].mean()
    assert model.loss_curve_[0] == pytest.approx(log_loss + penalty, rel=1e-12)


@pytest.mark.parametrize(
    "model",
    [
        net(solver="lbfgs", l1_ratio=0.1),
        DeepNetRegressor(solver="lbfgs", l1_ratio=0.1),
        LogisticRegressionScratch(solver="lbfgs", l1_ratio=0.1),
    ],
    ids=repr,
)
def test_l1_is_refused_where_there_are_no_steps(blobs, model):
    with pytest.raises(
        ValueError, match="l1_ratio=0.1 needs a solver .*set one of these"
    ):
        model.fit(*blobs)


# -- max_grad_norm ---------------------------------------------------------------------


def one_step(blobs, *, solver, **options):
    """How far one step of all rows goes, from the same weights."""
    X, y = blobs
    options = {**whole(solver, len(y)), **options}
    before = vector(started(net(**options), X, y))
    return np.linalg.norm(vector(net(max_iter=1, **options).fit(X, y)) - before)


@pytest.mark.parametrize("max_norm", [1e-3, 0.05])
@pytest.mark.parametrize(
    "options", [{"solver": "gd"}, {"solver": "sgd", "momentum": 0.0}], ids=repr
)
def test_a_clipped_step_has_the_length_rate_times_max_grad_norm(
    blobs, options, max_norm
):
    options = {**options, "learning_rate_init": 0.2}
    assert one_step(blobs, **options) > 0.2 * max_norm
    step = one_step(blobs, max_grad_norm=max_norm, **options)
    # theta and theta + step are rounded at about 1: eps sqrt(size) of a step of 1e-4
    assert step == pytest.approx(0.2 * max_norm, rel=1e-10)


def test_a_shorter_gradient_is_not_clipped(blobs):
    options = {"solver": "sgd", "momentum": 0.0, "learning_rate_init": 0.2}
    norm = one_step(blobs, **options) / 0.2
    assert one_step(blobs, max_grad_norm=2 * norm, **options) / 0.2 == norm


@pytest.mark.parametrize("solver", ["rmsprop", "adam", "adamw"])
def test_clipping_precedes_the_moments(blobs, solver):
    # where |g| is far below epsilon, a first step is rate g / epsilon; Adam's two
    # corrections leave it a factor sqrt(1 - beta_2)
    options = {"solver": solver, "alpha": 0, "epsilon": 1.0, "learning_rate_init": 0.1}
    step = one_step(blobs, max_grad_norm=1e-6, **options)
    factor = 1.0 if solver == "rmsprop" else (1 - 0.999) ** 0.5
    # theta is rounded to 1e-16 of about 1, the step is 1e-9 to 1e-7
    assert step == pytest.approx(0.1 * 1e-6 * factor, rel=1e-5)


# -- adamw -----------------------------------------------------------------------------


def test_adamw_decays_weights_beside_the_step_of_adam(blobs):
    X, y = blobs
    options = {"learning_rate_init": 0.01, "batch_size": 90}
    first = started(net(solver="adam", alpha=0), X, y)
    adam = net(solver="adam", alpha=0, max_iter=1, **options).fit(X, y)
    adamw = net(solver="adamw", alpha=45.0, max_iter=1, **options).fit(X, y)
    for W, ours, plain in zip(first.coefs_, adamw.coefs_, adam.coefs_, strict=True):
        assert_allclose(ours, plain - 0.01 * 45.0 / 90 * W, rtol=1e-12, atol=1e-15)
    for ours, plain in zip(adamw.intercepts_, adam.intercepts_, strict=True):
        assert_array_equal(ours, plain)


def test_adamw_without_decay_is_adam(blobs):
    X, y = blobs
    adam, adamw = (net(solver=s, alpha=0, max_iter=9) for s in ("adam", "adamw"))
    assert_array_equal(vector(adam.fit(X, y)), vector(adamw.fit(X, y)))


def test_adamw_divides_its_penalty_between_decay_and_threshold(blobs):
    X, y = blobs
    options = {"learning_rate_init": 0.01, "batch_size": 90, "max_iter": 1}
    W = started(net(solver="adam", alpha=0), X, y).coefs_[0]
    plain = net(solver="adam", alpha=0, **options).fit(X, y).coefs_[0]
    both = net(solver="adamw", alpha=45.0, l1_ratio=0.4, **options).fit(X, y).coefs_[0]
    strength, gd = 45.0 / 90, {"solver": "gd", "alpha": 0, "max_iter": 1}
    g = (W - net(**gd, learning_rate_init=1.0).fit(X, y).coefs_[0]) / 1.0
    decayed = plain - 0.01 * 0.6 * strength * W
    # the first step of Adam has the size of the rate: a gradient of one moves 1 / |g|
    threshold = 0.4 * strength * 0.01 / (np.abs(g) + 1e-8 / np.sqrt(1e-3))
    expected = np.sign(decayed) * np.maximum(np.abs(decayed) - threshold, 0)
    assert_allclose(both, expected, rtol=1e-6, atol=1e-9)


# -- averages --------------------------------------------------------------------------


def test_an_average_is_the_moving_mean_of_the_steps(rng):
    theta, points = np.zeros(3), rng.randn(30, 3)

    def move(theta, grad):
        theta[...] = grad

    average = Averaged(move, theta, steps=5)
    expected = np.zeros(3)
    for t, point in enumerate(points):
        average(theta, point)
        share = max(1 / 5, 9 / (10 + t))
        expected = (1 - share) * expected + share * point
        assert_allclose(average.mean, expected)
        assert_array_equal(theta, point)


@pytest.mark.parametrize("solver", ["gd", "sgd", "adamw"])
def test_fitted_parameters_are_the_average_over_the_steps(rng, solver):
    X, y = rng.randn(40, 3), rng.randint(0, 3, 40)
    options = {**whole(solver, 40), "tol": 0, "n_iter_no_change": np.inf}
    options |= {"random_state": 0, "max_iter": 12}
    plain = DeepNetClassifier((4,), **options)
    first = DeepNetClassifier((4,), **whole(solver, 40), random_state=0)
    mean = vector(started(first, X, y))
    averaged = DeepNetClassifier((4,), averaging_epochs=3, **options).fit(X, y)
    for t in range(1, 13):
        theta = vector(plain.set_params(max_iter=t).fit(X, y))
        mean = mean + max(1 / 3, 9 / (9 + t)) * (theta - mean)
    assert averaged.loss_curve_ == plain.loss_curve_  # the steps are the same
    assert_allclose(vector(averaged), mean, rtol=1e-12)


def test_an_interrupt_keeps_the_average_of_the_last_whole_epoch(rng):
    X, y = rng.randn(300, 3), rng.randint(0, 3, 300)
    options = {"averaging_epochs": 2, "random_state": 0, "tol": 0}
    whole_fit = DeepNetClassifier((4,), max_iter=4, **options).fit(X, y)

    def interrupt(epoch, max_iter, J, theta):
        if epoch == 4:
            raise KeyboardInterrupt

    net = DeepNetClassifier((4,), max_iter=9, **options)
    with observe(interrupt), pytest.raises(KeyboardInterrupt):
        net.fit(X, y)
    assert net.n_iter_ == 4  # observers are called when the epoch is whole
    assert_array_equal(vector(net), vector(whole_fit))


def test_averaging_validates_what_predicts(rng):
    X, y = rng.randn(120, 3), rng.randint(0, 3, 120)
    net = DeepNetClassifier(
        (8,), averaging_epochs=2, early_stopping=True, random_state=0, max_iter=15
    ).fit(X[:90], y[:90], X_val=X[90:], y_val=y[90:])
    P = net.predict_proba(X[90:])[np.arange(30), y[90:]]
    assert_allclose(-np.log(P).mean(), min(net.validation_loss_curve_))
