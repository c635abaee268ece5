"""Planted faults of a training, and trainings that only look like them."""

import re
import warnings

import numpy as np
import pytest
from sklearn.datasets import make_classification, make_friedman1, make_moons
from sklearn.metrics import log_loss

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    TabularNetClassifier,
)
from sknn_scratch.inspection import diagnose

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def moons():
    return make_moons(300, noise=0.25, random_state=0)


def friedman():
    X, y = make_friedman1(400, n_features=6, noise=1, random_state=0)
    return 4 * X - 2, y


def three():
    return make_classification(
        500, 8, n_informative=5, n_classes=3, class_sep=1.5, random_state=0
    )


DATA = {"moons": moons, "friedman": friedman, "three classes": three}
each = pytest.mark.parametrize("data", DATA.values(), ids=DATA)


def fitted(data, **parameters):
    """Return a network that is fitted to the data, the data, and what fit warned of."""
    X, y = data()
    kind = DeepNetRegressor if y.dtype.kind == "f" else DeepNetClassifier
    defaults = {"hidden_layer_sizes": (16,), "random_state": 0, "max_iter": 60}
    net = kind(**defaults | parameters)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        net.fit(X, y)
    return net, (X, y), " ".join(str(one.message) for one in caught)


def codes(report):
    return [finding.code for finding in report]


# -- penalty ---------------------------------------------------------------------------


@each
@pytest.mark.parametrize("strength", [0.3, 1.0, 20.0])
def test_a_penalty_that_keeps_the_loss_high_is_named_while_the_cost_falls(
    data, strength
):
    m = len(data()[0])
    net, rows, text = fitted(data, alpha=strength * m)
    report = diagnose(net, *rows)
    assert codes(report) == ["penalty_too_strong"]
    assert net.loss_curve_[-1] < net.loss_curve_[-5]
    assert "max_iter" not in str(report)
    assert "weaken the penalty (" in text


@each
def test_the_cure_of_a_penalty_lowers_the_loss_decisively(data):
    net, rows, _ = fitted(data, alpha=len(data()[0]), learning_rate_init=0.01)
    report = diagnose(net, *rows, try_cures=True, random_state=0)
    (finding,) = report
    assert finding.cures == ({"alpha": 1e-4},)
    assert finding.advice == "lower alpha decisively, for example to 0.0001"
    (tried,) = report.tried
    assert tried.after < 0.7 * tried.before


@each
def test_a_penalty_that_hinders_nothing_is_silent(data):
    m = len(data()[0])
    for alpha in (1.0, 0.005 * m):
        net, rows, text = fitted(
            data, alpha=alpha, max_iter=300, learning_rate_init=0.01
        )
        assert "penalty_too_strong" not in codes(diagnose(net, *rows))
        assert "penalty" not in text


@pytest.mark.parametrize("unit", [1e-3, 1e3, 1e6])
@pytest.mark.parametrize("alpha", [1e-4, 100.0])
def test_the_unit_of_y_does_not_change_the_words_of_the_warning(alpha, unit):
    X, y = friedman()
    options = {"alpha": alpha, "max_iter": 20, "learning_rate_init": 0.01}
    _, _, text = fitted(lambda: (X, y), **options)
    _, _, other = fitted(lambda: (X, unit * y), **options)
    digits = re.compile(r"\d+(\.\d+)?(e[-+]\d+)?")
    assert digits.sub("#", other) == digits.sub("#", text)
    shares = [re.search(r"\((\S+) of the cost of (\S+)\)", t) for t in (text, other)]
    assert all(bool(found) == (alpha == 100) for found in shares)
    if alpha == 100:
        a, b = (float(found[1]) / float(found[2]) for found in shares)
        np.testing.assert_allclose(a, b, rtol=0.01)


def test_a_penalty_on_targets_that_nothing_tells_is_no_cause():
    rng = np.random.RandomState(0)
    X, y = rng.randn(300, 5), rng.randint(2, size=300)
    net = DeepNetClassifier((8,), alpha=10.0, random_state=0, max_iter=300).fit(X, y)
    assert "penalty_too_strong" not in codes(diagnose(net, X, y))


# -- iterations ------------------------------------------------------------------------


@each
@pytest.mark.parametrize(
    "options",
    [{"max_iter": 1}, {"max_iter": 2}, {"max_iter": 1, "solver": "sgd"},
     {"max_iter": 1, "solver": "lbfgs"}],
    ids=str,
)  # fmt: skip
def test_one_or_two_iterations_are_too_few(data, options):
    net, rows, text = fitted(data, **options)
    (finding,) = diagnose(net, *rows)
    assert finding.code == "still_falling"
    assert f"ended after {options['max_iter']} iteration" in finding.text
    assert finding.cures[0] == {"max_iter": 100}
    assert "raise max_iter" in text


def test_one_epoch_of_an_ensemble_is_too_few():
    X, y = moons()
    model = TabularNetClassifier(n_members=2, max_iter=1, random_state=0).fit(X, y)
    assert codes(diagnose(model, X, y)) == ["still_falling"]


def test_a_newton_step_that_arrives_is_enough():
    X = np.eye(2)[np.arange(40) % 2]
    y = (np.arange(40) % 7 < 3).astype(int)
    net = LogisticRegressionScratch(tol=1e-2).fit(X, y)
    assert "still_falling" not in codes(diagnose(net, X, y))


# -- steps -----------------------------------------------------------------------------


@each
@pytest.mark.parametrize(
    "options",
    [
        {"learning_rate_init": 1e-7},
        {"learning_rate_init": 1e-7, "hidden_layer_sizes": (30, 30)},
        {"learning_rate_init": 1e-6, "activation": "tanh"},
        {"learning_rate_init": 1e-7, "solver": "sgd"},
        {"learning_rate_init": 1e-6, "solver": "gd"},
    ],
    ids=str,
)
def test_steps_that_cannot_have_moved_the_weights_are_too_short(data, options):
    net, rows, _ = fitted(data, **options)
    (finding,) = diagnose(net, *rows)
    assert finding.code == "learning_rate_too_low"
    rate = float(finding.advice.rsplit(" ", 1)[1])
    assert 100 * options["learning_rate_init"] <= rate
    assert finding.cures[0]["learning_rate_init"] >= 1e-3


@each
def test_weights_that_are_right_need_not_move(data):
    net, rows, _ = fitted(data, max_iter=200, learning_rate_init=0.01)
    net.set_params(warm_start=True, learning_rate_init=1e-7).fit(*rows)
    assert "learning_rate_too_low" not in codes(diagnose(net, *rows))


# -- rows held out ---------------------------------------------------------------------


@each
def test_longer_training_is_advised_under_a_condition_where_no_rows_were_held_out(data):
    X, y = data()
    val = {"X_val": X[-100:], "y_val": y[-100:]}
    net, (X, y), text = fitted(lambda: (X[:-100], y[:-100]), max_iter=10)
    condition = "if the loss of rows held out falls, too, raise max_iter"
    assert condition in text
    (finding,) = diagnose(net, X, y)
    assert finding.advice.startswith(condition)
    (finding,) = diagnose(net, X, y, **val)
    assert finding.advice.startswith("raise max_iter above 10")


@each
def test_longer_training_is_advised_without_condition_where_rows_were_held_out(data):
    X, y = data()
    net, _, _ = fitted(data, max_iter=10)
    with pytest.warns(match=r"still falling \(.* %.*\); raise max_iter"):
        net.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])


# -- minorities ------------------------------------------------------------------------


def minority(share, seed):
    """Return rows of two classes that overlap, one of them with this share."""
    rng = np.random.RandomState(seed)
    y = (np.arange(800) < share * 800).astype(int)
    return rng.randn(800, 4) + 0.8 * y[:, None], y


@pytest.mark.parametrize("share", [0.12, 0.15, 0.2])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_minority_that_is_missed_as_its_probabilities_say_is_healthy(share, seed):
    X, y = minority(share, seed)
    net = LogisticRegressionScratch().fit(X, y)
    constant = -share * np.log(share) - (1 - share) * np.log(1 - share)
    assert net.predict(X)[y == 1].mean() < 0.5  # recall
    assert log_loss(y, net.predict_proba(X)) < 0.8 * constant
    assert not codes(diagnose(net, X, y))


@pytest.mark.parametrize("seed", [0, 1])
def test_a_minority_whose_probabilities_are_too_low_is_named(seed):
    X, y = minority(0.15, seed)
    net = LogisticRegressionScratch(class_weight={0: 9, 1: 1}).fit(X, y)
    assert "class_imbalance" in codes(diagnose(net, X, y))


@pytest.mark.parametrize("seed", [0, 1])
def test_a_rare_class_that_is_missed_is_named(seed):
    X, y = minority(0.03, seed)
    net = LogisticRegressionScratch().fit(X, y)
    (finding,) = diagnose(net, X, y)
    assert finding.code == "class_imbalance"
    assert "the probabilities are too high" in finding.advice


# -- little to learn -------------------------------------------------------------------


def little(seed, strength, m=1500):
    """Return rows of which two columns tell a little of classes and of numbers."""
    rng = np.random.RandomState(seed)
    X = rng.randn(m, 8)
    z = strength * (X[:, 0] - X[:, 3])
    return X, (rng.rand(m) < 1 / (1 + np.exp(-z))).astype(int), z + 2 * rng.randn(m)


LINEAR = {
    "classes": (LogisticRegressionScratch(), 1),
    "numbers": (DeepNetRegressor(hidden_layer_sizes=(), solver="lbfgs"), 2),
}
linear = pytest.mark.parametrize("case", LINEAR.values(), ids=LINEAR)


@linear
@pytest.mark.parametrize("seed", [0, 1])
def test_a_weak_signal_that_is_learned_is_no_underfitting(case, seed):
    model, target = case
    rows = little(seed, strength=0.22)
    X, y = rows[0], rows[target]
    model.fit(X, y)
    assert not codes(diagnose(model, X, y))


@linear
def test_noise_is_called_so(case):
    model, target = case
    rows = little(0, strength=0.0)
    X, y = rows[0], rows[target]
    (finding,) = diagnose(model.fit(X, y), X, y)
    assert finding.code == "underfitting"
    assert finding.advice.endswith("find columns that say more of y")


# -- held-out rows whose answers are others --------------------------------------------


OTHERS = {
    "labels changed": (moons, lambda y: 1 - y),
    "coded anew": (three, lambda y: (y + 1) % 3),
    "order lost": (friedman, lambda y: y[::-1]),
    "sign": (friedman, lambda y: -y),
}


@pytest.mark.parametrize("case", OTHERS.values(), ids=OTHERS)
def test_answers_that_do_not_belong_to_x_val_are_no_overfitting(case):
    data, change = case
    X, y = data()
    a, b = slice(0, -100), slice(-100, None)
    net, _, _ = fitted(lambda: (X[a], y[a]), solver="lbfgs", alpha=1.0)
    assert not codes(diagnose(net, X[a], y[a], X_val=X[b], y_val=y[b]))
    (finding,) = diagnose(net, X[a], y[a], X_val=X[b], y_val=change(y[b]))
    assert finding.code == "drift"
    assert finding.advice.startswith("compare y_val with y")


def test_rows_learned_by_heart_are_still_overfitting():
    rng = np.random.RandomState(0)
    X, y = rng.randn(300, 6), rng.randint(2, size=300)
    options = {"hidden_layer_sizes": (60,), "solver": "lbfgs", "max_iter": 300}
    net, _, _ = fitted(lambda: (X[:200], y[:200]), **options)
    report = diagnose(net, X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    assert "drift" not in codes(report)
    assert "overfitting" in codes(report)


def shuffled():
    X, y = friedman()
    return X, np.random.RandomState(0).permutation(y)


@pytest.mark.parametrize("validated", [False, True])
def test_that_there_is_nothing_to_learn_is_said_in_place_of_to_go_on(validated):
    X, y = shuffled()
    options = {"max_iter": 60, "learning_rate_init": 0.005}
    net, _, _ = fitted(lambda: (X[:300], y[:300]), **options)
    val = {"X_val": X[300:], "y_val": y[300:]} if validated else {}
    (finding,) = diagnose(net, X[:300], y[:300], **val)
    assert finding.code == "underfitting"
    assert finding.advice.endswith("find columns that say more of y")


def test_rows_that_tell_something_are_not_called_nothing_to_learn():
    X, y = friedman()
    net, _, _ = fitted(lambda: (X[:100], y[:100]), max_iter=150, alpha=1.0)
    assert "underfitting" not in codes(diagnose(net, X[:100], y[:100]))


# -- the order of findings -------------------------------------------------------------


def test_a_penalty_is_named_before_the_units_that_it_stops():
    net, rows, _ = fitted(friedman, alpha=3000.0, solver="lbfgs")
    found = codes(diagnose(net, *rows))
    assert found[0] == "penalty_too_strong"
    assert set(found) & {"dead_units", "linear_network", "vanishing_gradients"}


def test_steps_that_diverge_are_named_before_the_gradients_that_explode():
    net, rows, _ = fitted(friedman, solver="gd", learning_rate_init=3, max_iter=300)
    found = codes(diagnose(net, *rows))
    assert found[:2] == ["diverged", "exploding_gradients"]


@pytest.mark.parametrize("code", ["target_outliers", "sentinel_values"])
def test_odd_targets_are_named_before_what_they_do_to_the_fit(code):
    X, y = friedman()
    y[::80] = -999 if code == "sentinel_values" else 1e5 * y[::80]
    options = {"early_stopping": True, "max_iter": 20}
    net, _, _ = fitted(lambda: (X, y), **options)
    found = codes(diagnose(net, X, y))
    assert found[0] == code


def test_units_saturated_by_large_features_are_cured_by_their_scale():
    X, y = friedman()
    options = {"activation": "tanh", "solver": "sgd", "learning_rate_init": 0.01}
    net, _, _ = fitted(lambda: (200 * X, y), **options)
    found = {f.code: f for f in diagnose(net, 200 * X, y)}
    assert list(found)[:2] == ["feature_scale", "saturated_units"]
    assert found["saturated_units"].advice.startswith("set standardize=True")


@pytest.mark.parametrize("low", [-1.0, 1.0])
def test_a_logarithm_is_advised_only_of_positive_targets(low):
    X, y = friedman()
    y = y - y.min() + low
    y[:3] = 1e6
    net, _, _ = fitted(lambda: (X, y), max_iter=3)
    (finding,) = [f for f in diagnose(net, X, y) if f.code == "target_outliers"]
    assert ("log(y)" in finding.advice) == (low > 0)


def test_a_class_weight_that_hides_a_class_is_named():
    rng = np.random.RandomState(0)
    X = rng.randn(600, 3)
    y = (X[:, 0] + rng.randn(600) > 1.6).astype(int)
    net = LogisticRegressionScratch(class_weight={0: 20, 1: 1}).fit(X, y)
    (finding,) = diagnose(net, X, y)
    assert finding.code == "class_imbalance"
    assert "class_weight counts each of them 1 times" in finding.text
    assert finding.advice == "leave class_weight out, or exchange the weights"
