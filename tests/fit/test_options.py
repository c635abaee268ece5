"""What each option does to training, seen from the estimators that offer it."""

import inspect
import itertools
import pickle
import subprocess
import sys
import textwrap
import warnings

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_matrix
from scipy.special import erf, expit, softmax
from sklearn.base import is_classifier
from sklearn.datasets import make_moons
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.fixes import parse_version

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
    ShallowNetRegressor,
)
from sknn_scratch._training.objective import Objective
from sknn_scratch._training.watch import observe

STEPPING = ["gd", "sgd", "rmsprop", "adam", "adamw"]
SOLVERS = [*STEPPING, "lbfgs"]
stepping = pytest.mark.parametrize("solver", STEPPING)
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def blobs():
    """90 rows of 3 classes that overlap, 4 features."""
    rng = np.random.RandomState(7)
    y = np.arange(90) % 3
    return rng.randn(90, 4) + np.eye(3, 4)[y] * 1.5, y


def net(hidden=(6, 4), **options):
    return DeepNetClassifier(hidden, random_state=0, **options)


def started(model, X, y):
    """A model with its first weights: one step of no length."""
    model.set_params(learning_rate_init=1e-300, max_iter=1, tol=0)
    return model.fit(X, y)


def vector(model):
    """All parameters of a network in one vector."""
    return np.concatenate([v.ravel() for v in [*model.coefs_, *model.intercepts_]])


def whole(solver, n):
    """Options that make a batch of all n rows; "gd" knows nothing else."""
    return {"solver": solver} if solver == "gd" else {"solver": solver, "batch_size": n}


def warned(call):
    """The warnings of a call."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return caught


# -- dropout ---------------------------------------------------------------------------


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


# -- l1 --------------------------------------------------------------------------------


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
        LogisticRegressionScratch(solver="newton", l1_ratio=0.1),
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


# -- label_smoothing -------------------------------------------------------------------


@pytest.mark.parametrize("s", [0.1, 0.4])
@pytest.mark.parametrize("K", [2, 3, 5])
def test_smoothed_labels_are_the_probabilities_of_the_optimum(K, s):
    # rows of their own feature each: the cost is at its minimum where P = smoothed Y
    X, y = np.eye(K), np.arange(K)
    model = net(
        (), solver="lbfgs", alpha=0, label_smoothing=s, tol=1e-9, max_iter=500
    ).fit(X, y)
    # J is flat: ftol = 2.2e-9 of it is reached where P is right to its root
    assert_allclose(model.predict_proba(X), (1 - s) * np.eye(K) + s / K, atol=2e-4)


def test_smoothed_labels_of_several_labels_have_two_classes_each():
    X, Y = np.eye(3), np.array([[1, 0], [1, 1], [0, 0]])
    model = net(
        (), solver="lbfgs", alpha=0, label_smoothing=0.2, tol=1e-9, max_iter=500
    )
    assert_allclose(model.fit(X, Y).predict_proba(X), 0.8 * Y + 0.1, atol=2e-4)


@stepping
def test_the_cost_is_that_of_the_smoothed_labels(blobs, solver):
    X, y = blobs
    s = 0.3
    model = started(net(solver=solver, alpha=0, label_smoothing=s), X, y)
    Y = (1 - s) * np.eye(3)[y] + s / 3
    cost = -(Y * model.predict_log_proba(X)).sum(axis=1).mean()
    assert model.loss_curve_[0] == pytest.approx(cost, rel=1e-12)


def test_rows_held_out_are_not_smoothed(blobs):
    X, y = blobs
    model = net(label_smoothing=0.3, max_iter=3).fit(X, y, X_val=X, y_val=y)
    cost = -model.predict_log_proba(X)[np.arange(90), y].mean()
    assert model.validation_loss_curve_[-1] == pytest.approx(cost, rel=1e-12)


# -- learning rates --------------------------------------------------------------------

FACTORS = {  # of epoch e, from 1 on; 90 rows, 6 epochs
    "constant": lambda e: 1.0,
    "adaptive": lambda e: 1.0,
    "invscaling": lambda e: (90 * (e - 1) + 1) ** -0.3,
    "cosine": lambda e: (1 + np.cos(np.pi * (e - 1) / 6)) / 2,
    "exponential": lambda e: 0.8 ** (e - 1),
}
OF_SCHEDULES = {"invscaling": {"power_t": 0.3}}
OF_SCHEDULES["exponential"] = {"learning_rate_decay": 0.8}
schedules = pytest.mark.parametrize("schedule", FACTORS)


def scheduled(schedule, warmup=0, **options):
    options = {"max_iter": 6, "tol": 0, "learning_rate_init": 0.01, **options}
    return net(
        learning_rate=schedule, warmup_epochs=warmup, batch_size=32,
        **OF_SCHEDULES.get(schedule, {}), **options,
    )  # fmt: skip


def rates(schedule, warmup):
    return [0.01 * FACTORS[schedule](e) * min(1, e / (warmup + 1)) for e in range(1, 7)]


@pytest.mark.filterwarnings("ignore:.*makes no use of batch_size")
@pytest.mark.parametrize("warmup", [0, 2, 10])
@schedules
@stepping
def test_the_rates_are_those_of_the_schedule(blobs, solver, schedule, warmup):
    model = scheduled(schedule, warmup, solver=solver).fit(*blobs)
    assert_allclose(model.learning_rate_curve_, rates(schedule, warmup), rtol=1e-14)
    assert model.learning_rate_init_ == 0.01


@pytest.mark.filterwarnings("ignore:.*makes no use of batch_size")
@schedules
@stepping
def test_partial_fits_go_on_with_the_schedule(blobs, solver, schedule):
    X, y = blobs
    model = scheduled(schedule, 2, solver=solver)
    for _ in range(6):
        model.partial_fit(X, y, classes=[0, 1, 2])
    whole = scheduled(schedule, 2, solver=solver).fit(X, y)
    assert model.learning_rate_curve_ == whole.learning_rate_curve_
    assert_array_equal(vector(model), vector(whole))


@schedules
def test_steps_have_the_length_that_the_curve_says(blobs, schedule):
    X, y = blobs
    model = net(
        (), solver="gd", alpha=0, learning_rate=schedule, warmup_epochs=1, max_iter=6,
        learning_rate_init=0.5, **OF_SCHEDULES.get(schedule, {}),
    )  # fmt: skip
    W = np.zeros((4, 3))
    for e in range(6):
        if e:
            W = model.coefs_[0].copy()
            P = softmax(X @ W + model.intercepts_[0], axis=1)
        model.partial_fit(X, y, classes=[0, 1, 2])
        if e:
            slope = X.T @ (P - np.eye(3)[y]) / 90
            rate = 0.5 * FACTORS[schedule](e + 1) * min(1, (e + 1) / 2)
            assert_allclose(W - model.coefs_[0], rate * slope, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize(
    "options",
    [
        {"learning_rate": "exponential", "learning_rate_decay": 1.0},
        {"learning_rate": "invscaling", "power_t": 0.0},
        {"learning_rate": "adaptive", "n_iter_no_change": np.inf},
    ],
    ids=repr,
)
@stepping
def test_a_schedule_that_changes_nothing_is_none_to_the_bit(blobs, solver, options):
    X, y = blobs
    options = {**options, "solver": solver, "max_iter": 5, "tol": 0}
    constant = net(solver=solver, max_iter=5, tol=0).fit(X, y)
    assert_array_equal(vector(net(**options).fit(X, y)), vector(constant))


@stepping
def test_adaptive_rates_fall_where_training_would_have_stopped(blobs, solver):
    X, y = blobs
    options = {"solver": solver, "tol": 0.02, "n_iter_no_change": 3, "max_iter": 300}
    options["learning_rate_init"] = 0.02
    constant = net(learning_rate="constant", **options).fit(X, y)
    adaptive = net(learning_rate="adaptive", **options).fit(X, y)
    stopped, curve = constant.n_iter_, np.array(adaptive.learning_rate_curve_)
    assert adaptive.loss_curve_[:stopped] == constant.loss_curve_
    assert_array_equal(curve[:stopped], 0.02)
    assert curve[stopped] == 0.02 / 5
    falls = curve[1:] / curve[:-1]
    assert_allclose(falls[falls != 1], 1 / 5, rtol=1e-12)
    assert 1e-6 / 5 < curve[-1] <= 1e-6
    assert adaptive.n_iter_ < 300


def test_adaptive_rates_follow_the_rows_held_out(blobs):
    X, y = blobs
    options = {"early_stopping": True, "tol": 0.05, "n_iter_no_change": 2}
    model = net(learning_rate="adaptive", max_iter=300, **options).fit(X, y)
    waits, best, expected, rate = 0, np.inf, [], 1e-3
    for loss in model.validation_loss_curve_:
        expected.append(rate)
        waits = 0 if loss < best - 0.05 else waits + 1
        best = min(best, loss)
        if waits == 2:
            waits, rate = 0, rate / 5
    assert_allclose(model.learning_rate_curve_, expected, rtol=1e-12)
    assert expected[-1] <= 1e-6


def test_solvers_without_a_rate_have_no_curve(blobs):
    assert net(solver="lbfgs", max_iter=3).fit(*blobs).learning_rate_curve_ is None
    assert LogisticRegressionScratch().fit(*blobs).learning_rate_curve_ is None


def test_the_curve_is_that_of_the_epochs_done(blobs):
    for model in (
        net(max_iter=7),
        LogisticRegressionScratch(solver="adam", max_iter=7),
    ):
        assert len(model.fit(*blobs).learning_rate_curve_) == 7


# -- activations -----------------------------------------------------------------------

DEFINITIONS = {
    "elu": lambda z: np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1),
    "gelu": lambda z: z * expit((8 / np.pi) ** 0.5 * (z + 0.044715 * z**3)),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "swish": lambda z: z * expit(z),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_activations_are_as_their_papers_define_them(blobs, name):
    X, y = blobs
    model = net((7,), activation=name, max_iter=3).fit(X, y)
    Z = X @ model.coefs_[0] + model.intercepts_[0]
    assert_allclose(model.transform(X), DEFINITIONS[name](Z), rtol=1e-10, atol=1e-12)


def test_gelu_is_near_the_one_of_the_normal_distribution():
    # Hendrycks and Gimpel: z Phi(z); their tanh form is within 5e-4 of it
    z = np.linspace(-5, 5, 101)
    assert_allclose(DEFINITIONS["gelu"](z), z * (1 + erf(z / 2**0.5)) / 2, atol=5e-4)


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_activation_learns_the_moons(name, solver):
    X, y = make_moons(300, noise=0.1, random_state=0)
    rate = {} if solver == "lbfgs" else {"learning_rate_init": 0.03}
    model = net((16, 16), activation=name, solver=solver, max_iter=300, **rate)
    assert model.fit(X, y).score(X, y) > 0.97
    linear = net((16, 16), activation="identity", solver=solver, max_iter=300, **rate)
    assert linear.fit(X, y).score(X, y) < 0.92


@pytest.mark.parametrize("slope", [0.0, 0.3, 1.0])
def test_negative_slope_is_the_slope_below_zero(blobs, slope):
    X, y = blobs
    model = net((7,), activation="leaky_relu", negative_slope=slope, max_iter=3)
    Z = X @ model.fit(X, y).coefs_[0] + model.intercepts_[0]
    assert (Z < 0).any()
    assert_allclose(model.transform(X), np.where(Z > 0, Z, slope * Z), rtol=1e-12)


@pytest.mark.parametrize(("slope", "name"), [(0.0, "relu"), (1.0, "identity")])
def test_slopes_of_zero_and_one_train_like_what_they_are(blobs, slope, name):
    X, y = blobs
    options = {"init": "he", "max_iter": 20, "learning_rate_init": 0.01}
    leaky = net(activation="leaky_relu", negative_slope=slope, **options).fit(X, y)
    plain = net(activation=name, **options).fit(X, y)
    assert_allclose(vector(leaky), vector(plain), rtol=1e-9)


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


# -- standardize -----------------------------------------------------------------------

SCALED = {  # models that train alike on the same scaled rows
    **{f"net {solver}": net((5,), solver=solver, max_iter=20) for solver in SOLVERS},
    "shallow": ShallowNetClassifier(5, max_iter=20, random_state=0),
    "regressor": DeepNetRegressor(
        hidden_layer_sizes=5, max_iter=20, solver="lbfgs", random_state=0
    ),
    **{
        f"logistic {solver}": LogisticRegressionScratch(solver=solver, random_state=0)
        for solver in ("newton", "lbfgs", "gd", "sgd", "adam")
    },
}
scaled_models = pytest.mark.parametrize("name", SCALED)


def scaled(name, **options):
    """A fresh copy that scales by itself, and a pipeline that does so for it."""
    plain = sklearn.clone(SCALED[name]).set_params(**options)
    own = sklearn.clone(plain).set_params(standardize=True)
    return own, plain


def outputs(model, X):
    return (model.predict_proba if hasattr(model, "predict_proba") else model.predict)(
        X
    )


def odd_scales(X):
    """Features of very different scale, far from 0."""
    return X * [1e-4, 1.0, 1e3, 1e6] + [5e-3, 100.0, -4e3, 3e7]


@scaled_models
def test_scaling_is_that_of_a_pipeline(blobs, name):
    X, y = odd_scales(blobs[0]), blobs[1]
    own, plain = scaled(name)
    pipeline = make_pipeline(StandardScaler(), plain).fit(X, y)
    assert_allclose(outputs(own.fit(X, y), X), outputs(pipeline, X), atol=1e-6)


@scaled_models
def test_published_weights_apply_to_raw_rows(blobs, name):
    X, y = odd_scales(blobs[0]), blobs[1]
    own, _ = scaled(name)
    p = own.fit(X, y).parameters_
    if "W2" in p:
        Z1 = X @ p["W1"].T + p["b1"].T
        A1 = np.tanh(Z1) if name == "shallow" else np.maximum(Z1, 0)
        Z = A1 @ p["W2"].T + p["b2"].T
    else:
        Z = X @ p["W1"].T + p["b1"].T
    raw = own.predict(X) if name == "regressor" else own.decision_function(X)
    # X is up to 10^7, and its parts nearly cancel: 10^7 eps
    assert_allclose(raw.reshape(Z.shape), Z, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("name", ["net lbfgs", "logistic newton", "net adam"])
@pytest.mark.parametrize("scale", [1e-30, 1e-6, 1e9, 1e30])
def test_the_unit_of_a_feature_does_not_matter(blobs, name, scale):
    X, y = blobs
    here, there = scaled(name)[0].fit(X, y), scaled(name)[0].fit(X * scale, y)
    assert_allclose(outputs(there, X * scale), outputs(here, X), atol=1e-6)


@pytest.mark.parametrize("name", ["net lbfgs", "logistic newton", "net adam"])
def test_a_feature_may_be_far_from_zero(blobs, name):
    X, y = blobs
    # 1e8 + X is rounded to 1e-8: what is left of the features has that error
    here, there = scaled(name)[0].fit(X, y), scaled(name)[0].fit(X + 1e8, y)
    assert_allclose(outputs(there, X + 1e8), outputs(here, X), atol=1e-5)


@pytest.mark.parametrize("name", ["net lbfgs", "logistic newton", "net gd"])
@pytest.mark.parametrize("value", [0.0, 1.0, 1e10])
def test_a_constant_feature_is_nothing(blobs, name, value):
    X, y = blobs
    X = np.column_stack([X, np.full(90, value)])
    own, plain = scaled(name)
    own.fit(X, y)
    assert all(np.isfinite(v).all() for v in own.parameters_.values())
    pipeline = make_pipeline(StandardScaler(), plain).fit(X, y)
    assert_allclose(outputs(own, X), outputs(pipeline, X), atol=1e-5)


@pytest.mark.parametrize("name", ["net lbfgs", "logistic newton", "net adam"])
def test_sparse_rows_are_scaled_without_centring(blobs, name):
    X, y = blobs
    X = csr_matrix(np.where(np.abs(X) < 0.5, 0, X) * [1e-3, 1, 10, 1e3])
    own, plain = scaled(name, tol=1e-8)
    with pytest.warns(UserWarning, match="without centring"):
        own.fit(X, y)
    pipeline = make_pipeline(StandardScaler(with_mean=False), plain).fit(X, y)
    assert_allclose(outputs(own, X), outputs(pipeline, X), atol=1e-6)


@scaled_models
def test_sparse_rows_are_said_not_to_be_centred_once(blobs, name):
    X, y = csr_matrix(blobs[0]), blobs[1]
    own, _ = scaled(name)
    said = [str(w.message) for w in warned(lambda: own.fit(X, y))]
    assert sum("scales sparse X without centring it" in text for text in said) == 1


@pytest.mark.parametrize("solver", ["newton", "lbfgs", "gd"])
def test_without_intercept_there_is_no_centring(blobs, solver):
    X, y = blobs[0] * [1, 10, 0.1, 5] + 1, blobs[1]
    own, plain = scaled(f"logistic {solver}", fit_intercept=False)
    assert_array_equal(own.fit(X, y).intercept_, 0)
    pipeline = make_pipeline(StandardScaler(with_mean=False), plain).fit(X, y)
    assert_allclose(outputs(own, X), outputs(pipeline, X), atol=1e-6)


def test_the_scale_is_learned_from_the_rows_trained_on(blobs):
    X, y = blobs
    X_val = X * 100 + 1e4
    with_val = net(standardize=True, early_stopping=True, max_iter=3)
    with_val.fit(X, y, X_val=X_val, y_val=y)
    assert_allclose(with_val.scaler_.mean_, X.mean(axis=0), rtol=1e-12)
    assert_allclose(with_val.scaler_.scale_, X.std(axis=0), rtol=1e-12)
    held_out = net(standardize=True, early_stopping=True, max_iter=3).fit(X, y)
    assert held_out.scaler_.n_samples_seen_ == held_out.t_ / 3 == 81


def test_rows_held_out_are_scaled_like_those_trained_on(blobs):
    X, y = blobs
    model = net(standardize=True, max_iter=3).fit(X, y, X_val=X + 3, y_val=y)
    cost = -model.predict_log_proba(X + 3)[np.arange(90), y].mean()
    assert model.validation_loss_curve_[-1] == pytest.approx(cost, rel=1e-9)


def test_weights_of_rows_count_for_the_scale(blobs, rng):
    X, y = blobs
    w = rng.randint(0, 4, 90)
    weighted = net(standardize=True, solver="lbfgs", max_iter=20).fit(X, y, w)
    X_, y_ = np.repeat(X, w, axis=0), np.repeat(y, w)
    repeated = net(standardize=True, solver="lbfgs", max_iter=20).fit(X_, y_)
    assert_allclose(weighted.scaler_.mean_, X_.mean(axis=0), rtol=1e-12)
    assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), atol=1e-6)


@stepping
def test_partial_fits_learn_the_scale_as_standard_scaler_does(blobs, solver):
    X, y = odd_scales(blobs[0]), blobs[1]
    model, theirs = net(standardize=True, solver=solver), StandardScaler()
    for rows in (slice(0, 20), slice(20, 50), slice(50, 90)):
        model.partial_fit(X[rows], y[rows], classes=[0, 1, 2])
        theirs.partial_fit(X[rows])
        assert_array_equal(model.scaler_.mean_, theirs.mean_)
        assert_array_equal(model.scaler_.scale_, theirs.scale_)


def test_a_new_scale_does_not_change_what_the_weights_mean(blobs):
    X, y = odd_scales(blobs[0]), blobs[1]
    model = net(standardize=True, learning_rate_init=1e-12)
    model.partial_fit(X[:45], y[:45], classes=[0, 1, 2])
    before = model.predict_proba(X)
    model.partial_fit(X[45:] * 3 + 50, y[45:])
    assert_allclose(model.predict_proba(X), before, atol=1e-6)


def test_warm_starts_go_on_at_the_same_scale(blobs):
    X, y = odd_scales(blobs[0]), blobs[1]
    options = {"standardize": True, "solver": "gd", "tol": 0}
    twice = net(warm_start=True, max_iter=5, **options).fit(X, y).fit(X, y)
    once = net(max_iter=10, **options).fit(X, y)
    assert_allclose(twice.predict_proba(X), once.predict_proba(X), atol=1e-9)


@pytest.mark.parametrize("solver", ["gd", "lbfgs", "newton"])
def test_a_regression_at_its_minimum_stays_there(blobs, solver):
    X, y = odd_scales(blobs[0]), blobs[1]
    model = LogisticRegressionScratch(
        standardize=True, solver=solver, tol=1e-6, max_iter=20_000, warm_start=True
    ).fit(X, y)
    before = model.predict_proba(X)
    assert model.fit(X, y).n_iter_[0] <= 2
    assert_allclose(model.predict_proba(X), before, atol=1e-5)


def test_no_scale_no_scaler(blobs):
    assert net(max_iter=1).fit(*blobs).scaler_ is None


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_scaled_weights_keep_the_type(blobs, dtype):
    X, y = blobs[0].astype(dtype), blobs[1]
    model = net(standardize=True, max_iter=3).fit(X, y).partial_fit(X, y)
    arrays = [*model.coefs_, *model.intercepts_, model.predict_proba(X)]
    assert {a.dtype for a in arrays} == {np.dtype(dtype)}


# -- warnings --------------------------------------------------------------------------

NOISY = {  # each warns, and for another reason
    "still falling": net(max_iter=3),
    "unused": net(solver="lbfgs", momentum=0.5, max_iter=500),
    "diverged": net(solver="gd", activation="identity", learning_rate_init=1e300),
    "logistic": LogisticRegressionScratch(solver="gd", max_iter=3),
    "regressor": DeepNetRegressor(max_iter=3, random_state=0),
}


@pytest.mark.parametrize("name", NOISY)
def test_warn_false_is_silent(blobs, name):
    X, y = blobs
    assert warned(lambda: sklearn.clone(NOISY[name]).fit(X, y))
    assert not warned(
        lambda: sklearn.clone(NOISY[name]).set_params(warn=False).fit(X, y)
    )


def test_warn_false_is_silent_about_sparse_rows(blobs):
    X, y = csr_matrix(blobs[0]), blobs[1]
    model = net(standardize=True, max_iter=2, warn=False)
    assert not warned(lambda: model.fit(X, y))


def test_warn_false_is_silent_in_other_processes():
    code = """
        import sys
        from sklearn.datasets import load_iris
        from sklearn.model_selection import cross_val_score
        from sknn_scratch import DeepNetClassifier

        X, y = load_iris(return_X_y=True)
        for warn in (False, True):
            model = DeepNetClassifier(solver="sgd", beta_1=0.5, max_iter=2, warn=warn)
            cross_val_score(model, X, y, n_jobs=2, cv=2)
            print("-- next --", file=sys.stderr, flush=True)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    silent, loud, _ = done.stderr.split("-- next --\n")
    assert silent == ""
    assert "ConvergenceWarning" in loud
    assert "makes no use of beta_1" in loud


@pytest.mark.parametrize(
    ("model", "names"),
    [
        (net(solver="gd", momentum=0.5), ["momentum=0.5"]),
        (net(solver="gd", batch_size=8, shuffle=False), ["batch_size", "shuffle"]),
        (net(solver="adam", momentum=0.5), ["momentum=0.5"]),
        (net(solver="adam", nesterovs_momentum=False), ["nesterovs_momentum=False"]),
        (net(solver="sgd", beta_1=0.5, beta_2=0.9), ["beta_1=0.5", "beta_2=0.9"]),
        (net(solver="rmsprop", beta_1=0.5, max_fun=9), ["beta_1=0.5", "max_fun=9"]),
        (net(solver="lbfgs", learning_rate="adaptive"), ["learning_rate='adaptive'"]),
        (net(solver="lbfgs", n_iter_no_change=3), ["n_iter_no_change=3"]),
        (net(solver="lbfgs", max_grad_norm=1.0), ["max_grad_norm=1.0"]),
        (net(solver="lbfgs", keep_optimizer_state=True), ["keep_optimizer_state"]),
        (net(power_t=0.2), ["power_t=0.2"]),
        (net(learning_rate_decay=0.5), ["learning_rate_decay=0.5"]),
        (DeepNetRegressor(solver="gd", momentum=0.5), ["momentum=0.5"]),
        (DeepNetRegressor(huber_delta=3.0), ["huber_delta=3.0"]),
        (net(negative_slope=0.2), ["negative_slope=0.2"]),
        (
            LogisticRegressionScratch(solver="gd", n_iter_no_change=2),
            ["n_iter_no_change=2"],
        ),
        (LogisticRegressionScratch(batch_size=5), ["batch_size=5"]),
        (LogisticRegressionScratch(learning_rate_init=5), ["learning_rate_init=5"]),
    ],
    ids=repr,
)
def test_what_a_solver_does_not_read_is_said_in_one_warning(blobs, model, names):
    said = [w for w in warned(lambda: model.fit(*blobs)) if w.category is UserWarning]
    assert len(said) == 1
    text = str(said[0].message)
    assert text.startswith(f"{type(model).__name__}: solver=")
    idle = text.split("makes no use of")[1]
    assert all(name in idle for name in names)
    assert idle.count("=") == len(names)


@pytest.mark.parametrize(
    "model",
    [
        net(solver="sgd", momentum=0.5, nesterovs_momentum=False),
        net(solver="rmsprop", beta_2=0.9, epsilon=1e-6),
        net(solver="adam", beta_1=0.5, beta_2=0.9, epsilon=1e-6),
        net(learning_rate="invscaling", power_t=0.2),
        net(learning_rate="exponential", learning_rate_decay=0.5),
        net(solver="lbfgs", max_fun=900),
        net(solver="lbfgs", early_stopping=True, n_iter_no_change=3),
        net(momentum=0.9, beta_1=0.9),  # the defaults, said aloud
    ],
    ids=repr,
)
def test_what_a_solver_reads_is_not_complained_of(blobs, model):
    said = [w for w in warned(lambda: model.fit(*blobs)) if w.category is UserWarning]
    assert not said


@pytest.mark.filterwarnings("ignore:.*makes no use of")
def test_a_grid_over_solvers_and_momentum_runs(blobs):
    grid = {"solver": SOLVERS, "momentum": [0.5, 0.9]}
    search = GridSearchCV(net(max_iter=3), grid, cv=2, error_score="raise")
    assert len(search.fit(*blobs).cv_results_["mean_test_score"]) == 12


def line(m=40):
    """A regression whose Hessian has the eigenvalues 1 (b) and 1 (w)."""
    x = np.linspace(-1, 1, m)[:, None]
    x /= x.std()
    return x, 3 * x.ravel() + 1


def descent(**options):
    """Gradient descent for that regression; it diverges for rates above 2."""
    return DeepNetRegressor(
        **{
            "hidden_layer_sizes": (), "solver": "gd", "alpha": 0, "random_state": 0,
            "n_iter_no_change": np.inf, **options,
        }
    )  # fmt: skip


# what is planted: a model, and what its one warning says
PLANTED = {
    "falling": (
        descent(learning_rate_init=1e-2, max_iter=10),
        r"reached max_iter=10 .*still falling .* raise max_iter or the learning rate",
    ),
    "falling slowly": (
        descent(learning_rate_init=1e-3, max_iter=50),
        r"reached max_iter=50 .*falls slowly, .* else raise max_iter or the learning",
    ),
    "plateau above guessing": (
        descent(solver="adam", learning_rate_init=1e-9, max_iter=50, init="zeros"),
        r"plateau, above the 4.5 of one answer for all rows; try another solver",
    ),
    "slowly risen": (
        descent(learning_rate_init=2.1, max_iter=50),
        r"the cost rose to .* set learning_rate_init below 2.1 \(try 0.21\)",
    ),
    "risen until patience ended": (
        descent(learning_rate_init=2.1, max_iter=50, n_iter_no_change=10),
        r"training diverged: the cost rose from .* below 2.1 \(try 0.21\)",
    ),
    "not finite": (
        descent(learning_rate_init=1e200, max_iter=50),
        r"stopped being finite at iteration 2; .*kept; .*\(try 1e\+199\)",
    ),
    "oscillating": (
        descent(loss="absolute_error", learning_rate_init=2.5, max_iter=80),
        r"the cost goes up and down; set learning_rate_init below 2.5 \(try 0.25\)",
    ),
    "plateau": (
        descent(learning_rate_init=0.5, max_iter=400, alpha=1.0),
        "the cost is on a plateau; .*raise tol",
    ),
    "too few iterations": (
        descent(solver="lbfgs", max_iter=1, n_iter_no_change=10),
        "solver='lbfgs' reached max_iter=1 before .* raise max_iter",
    ),
    "too few evaluations": (
        descent(solver="lbfgs", max_fun=1, n_iter_no_change=10),
        "used max_fun=1 evaluations .* raise max_fun",
    ),
}


@pytest.mark.parametrize("cause", PLANTED)
def test_the_one_warning_names_the_cause_and_the_cure(cause):
    model, text = PLANTED[cause]
    (warning,) = warned(lambda: sklearn.clone(model).fit(*line()))
    assert warning.category is ConvergenceWarning
    assert str(warning.message).startswith("DeepNetRegressor: ")
    assert "\n" not in str(warning.message)
    with pytest.warns(ConvergenceWarning, match=text):
        sklearn.clone(model).fit(*line())


def test_the_rate_it_says_to_try_is_one_that_works():
    diverged = descent(learning_rate_init=2.1, max_iter=50, tol=1e-6)
    (warning,) = warned(lambda: diverged.fit(*line()))
    rate = float(str(warning.message).split("(try ")[1].split(")")[0])
    model = descent(learning_rate_init=rate, max_iter=50, n_iter_no_change=10)
    assert not warned(lambda: model.fit(*line()))
    assert model.score(*line()) > 0.999


@pytest.mark.parametrize("solver", ["newton", "lbfgs", "gd", "sgd", "adam"])
def test_the_regression_says_it_once_too(blobs, solver):
    model = LogisticRegressionScratch(solver=solver, max_iter=1, tol=1e-9)
    (warning,) = warned(lambda: model.fit(*blobs))
    assert warning.category is ConvergenceWarning
    assert f"solver='{solver}' reached max_iter=1" in str(warning.message)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_training_that_arrives_is_silent(blobs, solver):
    rate = {} if solver == "lbfgs" else {"learning_rate_init": 0.02}
    model = net(solver=solver, tol=1e-3, max_iter=5000, alpha=5.0, **rate)
    assert not warned(lambda: model.fit(*blobs))
    assert model.n_iter_ < 5000


def test_tol_zero_means_max_iter_and_is_silent(blobs):
    assert not warned(lambda: net(tol=0, max_iter=3).fit(*blobs))


BAD_SCALES = {
    "differ in scale by a factor of ": lambda X: X * [1e-3, 1, 1, 1e4],
    "far from 0 for how little it varies": lambda X: X + [0, 0, 1e4, 0],
    "its features vary by about 1e": lambda X: X * 1e5 / X.std(axis=0),
}


@pytest.mark.parametrize("text", BAD_SCALES)
def test_badly_scaled_features_are_named(blobs, text):
    X, y = BAD_SCALES[text](blobs[0]), blobs[1]
    (warning,) = warned(lambda: net(max_iter=3).fit(X, y))
    assert text in str(warning.message)
    assert "standardize=True" in str(warning.message)


@pytest.mark.parametrize("text", BAD_SCALES)
def test_features_that_are_standardised_are_not_blamed(blobs, text):
    X, y = BAD_SCALES[text](blobs[0]), blobs[1]
    (warning,) = warned(lambda: net(max_iter=3, standardize=True).fit(X, y))
    assert "reached max_iter=3" in str(warning.message)
    assert "feature" not in str(warning.message)


def test_features_of_one_scale_are_not_blamed(blobs):
    (warning,) = warned(lambda: net(max_iter=3).fit(*blobs))
    assert "feature" not in str(warning.message)


# -- going on where it was -------------------------------------------------------------

KEPT = [
    {},
    {"dropout": 0.3},
    {"max_grad_norm": 0.05},
    {"l1_ratio": 0.5, "alpha": 2.0},
    {"label_smoothing": 0.2},
    {"learning_rate": "invscaling"},
    {"learning_rate": "cosine", "warmup_epochs": 2},
    {"learning_rate": "exponential"},
    {"activation": "swish"},
    {"shuffle": False},
    {"class_weight": "balanced"},
]
kept_options = pytest.mark.parametrize("options", KEPT, ids=repr)


def small_batches(solver, options):
    if solver == "gd":
        return {k: v for k, v in options.items() if k != "shuffle"}
    return {"batch_size": 16, **options}


def through_pickle(model):
    return pickle.loads(pickle.dumps(model))


@kept_options
@stepping
def test_pickled_partial_fits_are_the_epochs_of_a_fit(blobs, solver, options):
    X, y = blobs
    options = {"tol": 0, "max_iter": 4, **small_batches(solver, options)}
    parts = net(solver=solver, keep_optimizer_state=True, **options)
    for _ in range(4):
        parts = through_pickle(parts.partial_fit(X, y, classes=[0, 1, 2]))
    once = net(solver=solver, **options).fit(X, y)
    assert_array_equal(vector(parts), vector(once))
    assert parts.loss_curve_ == once.loss_curve_
    assert parts.learning_rate_curve_ == once.learning_rate_curve_
    assert (parts.n_iter_, parts.t_) == (once.n_iter_, once.t_)


@pytest.mark.parametrize(  # each fit begins its own schedule
    "options", [options for options in KEPT if "learning_rate" not in options], ids=repr
)
@stepping
def test_warm_starts_are_the_epochs_of_a_fit(blobs, solver, options):
    X, y = blobs
    options = {"tol": 0, **small_batches(solver, options)}
    parts = net(
        solver=solver, keep_optimizer_state=True, warm_start=True, max_iter=1, **options
    )
    curve = []
    for _ in range(4):
        curve += through_pickle(parts.fit(X, y)).loss_curve_
    once = net(solver=solver, max_iter=4, **options).fit(X, y)
    assert_array_equal(vector(parts), vector(once))
    assert curve == once.loss_curve_


@stepping
def test_a_fit_goes_on_in_partial_fits(blobs, solver):
    X, y = blobs
    options = {"solver": solver, "tol": 0, **small_batches(solver, {})}
    model = net(max_iter=3, keep_optimizer_state=True, **options).fit(X, y)
    for _ in range(2):
        model = through_pickle(model).partial_fit(X, y)
    assert_array_equal(vector(model), vector(net(max_iter=5, **options).fit(X, y)))


@pytest.mark.parametrize("cls", [DeepNetRegressor, ShallowNetRegressor])
@stepping
def test_regressors_go_on_likewise(blobs, cls, solver):
    X, y = blobs
    options = {"tol": 0, "random_state": 0, **small_batches(solver, {})}
    parts = cls(solver=solver, keep_optimizer_state=True, **options)
    for _ in range(3):
        parts = through_pickle(parts.partial_fit(X, y))
    once = cls(solver=solver, max_iter=3, **options).fit(X, y)
    assert_array_equal(vector(parts), vector(once))


@pytest.mark.parametrize("solver", ["sgd", "rmsprop", "adam", "adamw"])
def test_without_the_state_moments_begin_anew(blobs, solver):
    X, y = blobs
    options = {"solver": solver, "tol": 0, "batch_size": 16}
    once = net(max_iter=4, **options).fit(X, y)
    model = through_pickle(net(max_iter=3, **options).fit(X, y)).partial_fit(X, y)
    assert np.abs(vector(model) - vector(once)).max() > 1e-6


# -- size ------------------------------------------------------------------------------


def bytes_of(model):
    return sum(v.nbytes for v in [*model.coefs_, *model.intercepts_])


SIZES = [((2,), 2, 2), ((8, 4), 4, 3), ((50,), 20, 3), ((100,), 64, 10)]


def after_a_fit(hidden, d, K, options):
    rng = np.random.RandomState(0)
    X, y = rng.randn(60, d), np.arange(60) % K
    return net(hidden, n_iter_no_change=np.inf, tol=0, **options).fit(X, y)


def after_partial_fits(hidden, d, K, options):
    rng = np.random.RandomState(0)
    X, y = rng.randn(60, d), np.arange(60) % K
    model = net(hidden, **options)
    for _ in range(50):
        model.partial_fit(X, y, classes=range(K))
    return model


small_models = pytest.mark.parametrize(("hidden", "d", "K"), SIZES, ids=repr)
some_options = pytest.mark.parametrize(
    "options", [{}, {"standardize": True, "dropout": 0.2}], ids=repr
)


@pytest.mark.parametrize("trained", [after_a_fit, after_partial_fits])
@some_options
@small_models
def test_a_pickle_is_little_more_than_the_parameters(hidden, d, K, options, trained):
    model = trained(hidden, d, K, options)
    assert len(pickle.dumps(model)) <= 1.1 * bytes_of(model) + 4000


@some_options
@small_models
def test_a_pickle_has_besides_only_the_curve_of_validation(hidden, d, K, options):
    model = after_a_fit(hidden, d, K, {**options, "early_stopping": True})
    curve = 9 * len(model.validation_loss_curve_)  # a number of a list: nine bytes
    assert len(pickle.dumps(model)) <= 1.1 * bytes_of(model) + 4000 + curve


@pytest.mark.parametrize("options", [{}, {"early_stopping": True}], ids=repr)
def test_a_pickle_of_some_size_is_the_parameters_with_curves_and_all(options):
    model = after_a_fit((256, 128), 100, 10, options)
    assert len(pickle.dumps(model)) <= 1.1 * bytes_of(model) + 4000


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_a_pickle_with_the_state_holds_the_moments(solver):
    options = {"solver": solver, "keep_optimizer_state": True}
    model = after_partial_fits((50,), 20, 3, options)
    moments = {"sgd": 1, "adam": 2}[solver]
    assert len(pickle.dumps(model)) >= (1 + moments) * bytes_of(model)


# -- transform -------------------------------------------------------------------------


def test_features_are_the_last_hidden_activations(blobs):
    X, y = blobs
    model = net((6, 4), activation=["tanh", "relu"], dropout=0.2, max_iter=5).fit(X, y)
    A1 = np.tanh(X @ model.coefs_[0] + model.intercepts_[0])
    A2 = np.maximum(A1 @ model.coefs_[1] + model.intercepts_[1], 0)
    assert_allclose(model.transform(X), A2, rtol=1e-12, atol=1e-14)
    Z3 = model.transform(X) @ model.coefs_[2] + model.intercepts_[2]
    assert_allclose(model.decision_function(X), Z3, rtol=1e-12)


@pytest.mark.parametrize(
    "model",
    [
        net((6, 4), max_iter=2),
        ShallowNetClassifier(4, max_iter=2),
        DeepNetRegressor(hidden_layer_sizes=(5, 4), max_iter=2),
        ShallowNetRegressor(4, max_iter=2),
    ],
    ids=lambda model: type(model).__name__,
)
def test_features_have_names_and_may_be_a_frame(blobs, model):
    X, y = blobs
    A = model.fit(X, y).transform(X)
    prefix = type(model).__name__.lower()
    names = [f"{prefix}{k}" for k in range(4)]
    assert model.get_feature_names_out().tolist() == names
    frame = sklearn.clone(model).set_output(transform="pandas").fit(X, y).transform(X)
    assert frame.columns.tolist() == names
    assert frame.shape == A.shape == (90, 4)


def test_features_are_made_in_the_type_of_the_model(blobs):
    X, y = blobs
    model = net(max_iter=2).fit(X.astype(np.float32), y)
    assert model.transform(X).dtype == np.float32


@pytest.mark.parametrize("standardize", [False, True])
def test_without_hidden_layers_the_features_are_x(blobs, standardize):
    X, y = blobs
    model = net((), max_iter=2, standardize=standardize).fit(X, y)
    assert_array_equal(model.transform(X), X)
    assert model.get_feature_names_out().shape == (4,)


def test_features_learned_before_are_used_after(blobs):
    X, y = blobs
    deep = net((16,), solver="lbfgs", max_iter=300)
    pipeline = make_pipeline(deep, LogisticRegressionScratch()).fit(X, y)
    assert pipeline.score(X, y) >= LogisticRegressionScratch().fit(X, y).score(X, y)


# -- interrupts ------------------------------------------------------------------------

INTERRUPTED = [
    DeepNetRegressor(tol=0, random_state=0),
    ShallowNetRegressor(tol=0, solver="lbfgs", random_state=0),
    LogisticRegressionScratch(tol=0, solver="newton", C=10.0),
    LogisticRegressionScratch(tol=0, solver="lbfgs"),
    LogisticRegressionScratch(tol=0, solver="adam", random_state=0),
]


@pytest.mark.parametrize("model", INTERRUPTED, ids=repr)
def test_an_interrupt_keeps_the_last_whole_epoch(blobs, model, monkeypatch):
    X, y = blobs
    expected = sklearn.clone(model).set_params(max_iter=2).fit(X, y)
    epochs, original = [], Objective.__call__

    def interrupt(*batch):
        if len(epochs) == 2:
            raise KeyboardInterrupt
        return original(*batch)

    monkeypatch.setattr(Objective, "__call__", interrupt)
    with observe(lambda *epoch: epochs.append(epoch)), pytest.raises(KeyboardInterrupt):
        model.set_params(max_iter=9).fit(X, y)
    assert np.max(model.n_iter_) == len(model.loss_curve_) == 2
    assert model.loss_curve_ == expected.loss_curve_
    assert_array_equal(model.predict(X), expected.predict(X))
    for name, value in expected.parameters_.items():
        assert_array_equal(model.parameters_[name], value)


# -- everything with everything --------------------------------------------------------

MATRIX = [
    {},
    {"dropout": [0.3, 0.0]},
    {"l1_ratio": 0.5, "alpha": 1.0},
    {"l1_ratio": 0.5, "C": 0.5},
    {"max_grad_norm": 0.1},
    {"label_smoothing": 0.2},
    {"learning_rate": "invscaling"},
    {"learning_rate": "adaptive"},
    {"learning_rate": "cosine"},
    {"learning_rate": "exponential"},
    {"warmup_epochs": 2},
    {"activation": "leaky_relu", "negative_slope": 0.2},
    {"activation": ["elu", "gelu"]},
    {"activation": ["swish", "softplus"]},
    {"standardize": True},
    {"standardize": True, "fit_intercept": False},
    {"class_weight": "balanced"},
    {"early_stopping": True},
    {"early_stopping": True, "scoring": None, "standardize": True},
    {"keep_optimizer_state": True},
    {"shuffle": False},
    {"solver": "sgd", "nesterovs_momentum": False},
    {"loss": "huber", "huber_delta": 0.5},
    {"loss": "absolute_error"},
    {"loss": "poisson"},
]
REGRESSION_SOLVERS = ["newton", "lbfgs", "gd", "sgd", "adam"]
STEPS_ONLY = {"dropout", "l1_ratio", "max_grad_norm", "warmup_epochs"}
STEPS_ONLY |= {"learning_rate", "keep_optimizer_state"}


def matrix():
    """Every option with every solver that reads it, for fit and partial_fit."""
    for cls in (DeepNetClassifier, DeepNetRegressor, LogisticRegressionScratch):
        logistic = cls is LogisticRegressionScratch
        names = inspect.signature(cls).parameters
        for options in MATRIX:
            if not options.keys() <= names.keys():
                continue
            if cls is DeepNetRegressor and not options.keys() & {"loss", "scoring"}:
                continue  # the same code as for classes
            for solver in REGRESSION_SOLVERS if logistic else SOLVERS:
                if options.get("solver", solver) != solver:
                    continue
                steps = solver not in ("newton", "lbfgs")
                if STEPS_ONLY & options.keys() and not steps:
                    continue
                for way in ("fit", "partial_fit")[: 2 if steps and not logistic else 1]:
                    yield pytest.param(
                        cls, {**options, "solver": solver}, way,
                        id=f"{cls.__name__}-{solver}-{options}-{way}",
                    )  # fmt: skip


def make_model(cls, options):
    options = {"random_state": 0, "max_iter": 3, "batch_size": 12, **options}
    if cls is not LogisticRegressionScratch:
        options["hidden_layer_sizes"] = (4, 3)
    return cls(warn=False, **options)


def train(model, way, X, y, w):
    if way == "fit":
        return model.fit(X, y, sample_weight=w)
    classes = {"classes": [0, 1, 2]} if is_classifier(model) else {}
    for _ in range(2):
        model.partial_fit(X, y, sample_weight=w, **classes)
    return model


def state(model):
    arrays = [*model.parameters_.values(), np.array(model.loss_curve_)]
    return [value.tobytes() for value in arrays]


@pytest.mark.parametrize(("cls", "options", "way"), matrix())
def test_every_option_with_every_solver_weights_types_and_rows(cls, options, way):
    rng = np.random.RandomState(1)
    dense, y = rng.randn(32, 3) * (rng.rand(32, 3) > 0.3), np.arange(32) % 3
    w = rng.uniform(0.5, 2, 32) * (np.arange(32) % 5 > 0)

    def trained(X, kept=slice(None), w=None):
        model = make_model(cls, options)
        return train(model, way, X[kept], y[kept], w if w is None else w[kept])

    for dtype, wrap in itertools.product(
        [np.float32, np.float64], [np.asarray, csr_matrix]
    ):
        X = wrap(dense.astype(dtype))
        for weights in (None, w):
            model = trained(X, w=weights)
            values = [*model.parameters_.values(), outputs(model, X)]
            assert {v.dtype for v in values} == {np.dtype(dtype)}
            assert all(np.isfinite(v).all() for v in values)
            assert np.isfinite([model.loss_, *model.loss_curve_]).all()
            assert model.loss_curve_
        # rows of weight zero are absent, and a second fit has the bits of the first
        absent = trained(X, kept=np.flatnonzero(w), w=w)
        assert state(absent) == state(model)
