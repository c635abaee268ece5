"""What `diagnose` says of planted faults, and that it is silent where all is well."""

import re
import warnings

import numpy as np
import pytest
from scipy.sparse import random
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_wine,
    make_circles,
    make_classification,
    make_moons,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
)
from sknn_scratch._estimators.access import is_fitted
from sknn_scratch.datasets import make_flower
from sknn_scratch.inspection._diagnosis.diagnose import SYMPTOMS, diagnose
from sknn_scratch.inspection._diagnosis.signals import measure

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def standardised(load):
    X, y = load(return_X_y=True)
    return StandardScaler().fit_transform(X), y


def diabetes():
    X, y = standardised(load_diabetes)
    return X, (y - y.mean()) / y.std()


def text_like():
    X = random(300, 500, density=0.02, format="lil", random_state=0)
    X[:150, 7] = 3.0  # one word is frequent, most are in a row or two
    return X.tocsr(), (np.arange(300) < 150).astype(int)


def mixed():
    rng = np.random.RandomState(0)
    codes = rng.choice(8, 400, p=[0.6, 0.2, 0.1, 0.05, 0.02, 0.01, 0.01, 0.01])
    X = np.hstack(
        [
            rng.randn(400, 2),
            OneHotEncoder(sparse_output=False).fit_transform(codes[:, None]),
        ]
    )
    return X, (X[:, 0] + (codes > 0) > 0.5).astype(int)


def digits():
    X, y = load_digits(return_X_y=True)
    return X[:600] / 16, y[:600]


def blurred():
    """Two classes that nothing but noise parts."""
    rng = np.random.RandomState(0)
    X = rng.randn(450, 20)
    return X, (X[:, 0] + 2 * rng.randn(450) > 0).astype(int)


DATA = {
    "moons": make_moons(200, noise=0.2, random_state=0),
    "circles": make_circles(200, noise=0.1, factor=0.5, random_state=0),
    "flower": make_flower(),
    "iris": standardised(load_iris),
    "wine": standardised(load_wine),
    "cancer": standardised(load_breast_cancer),
    "digits": digits(),
    "diabetes": diabetes(),
    "raw wine": load_wine(return_X_y=True),
    "rare": make_classification(
        1000,
        10,
        n_informative=3,
        weights=[0.98],
        class_sep=0.5,
        flip_y=0,
        random_state=1,
    ),
    "nine to one": make_classification(
        500, 10, n_informative=6, weights=[0.9], class_sep=2, flip_y=0, random_state=1
    ),
    "text": text_like(),
    "mixed": mixed(),
    "blurred": blurred(),
}


def deep(*sizes, **options):
    return DeepNetClassifier(sizes or (20,), random_state=0, **options)


def regressor(*sizes, **options):
    return DeepNetRegressor(
        hidden_layer_sizes=sizes or (20,), random_state=0, **options
    )


# -- planted ---------------------------------------------------------------------------


def waves(activation):
    """Steps that are twelve times too long, of all rows."""
    return deep(30, 30, activation=activation, solver="gd", learning_rate_init=1.2,
                max_iter=80, tol=0, n_iter_no_change=np.inf)  # fmt: skip


def copies(l):
    def plant(net):
        net.coefs_[l - 1][:] = net.coefs_[l - 1][:, :1]
        net.intercepts_[l - 1][:] = net.intercepts_[l - 1][0]

    return plant


def lowered(l, units=None):
    def plant(net):
        net.intercepts_[l - 1][:units] = -100

    return plant


def times(factor, *layers):
    def plant(net):
        for l in layers:
            net.coefs_[l - 1][:] *= factor

    return plant


def not_a_number(net):
    net.coefs_[1][0, 0] = np.nan


BEFORE_FIT = {
    "raw features": ("feature_scale", None, deep(), "raw wine"),
    "copies at first": ("symmetric_units", 1, deep(9, 4, init="zeros"), "moons"),
    "tanh far out": ("saturated_units", 1, deep(activation="tanh"), "raw wine"),
    "identity": ("linear_network", None, deep(9, 9, activation="identity"), "iris"),
    "deep sigmoid": (
        "vanishing_gradients",
        1,
        deep(*[20] * 8, activation="sigmoid"),
        "moons",
    ),
    "deep and small": (
        "vanishing_gradients",
        1,
        deep(*[30] * 5, init="small_random"),
        "cancer",
    ),
    "rare class": ("class_imbalance", None, deep(), "rare"),
}


@pytest.mark.parametrize("case", BEFORE_FIT.values(), ids=BEFORE_FIT)
def test_it_names_what_is_wrong_before_training(case):
    code, layer, net, data = case
    assert (code, layer) in {(f.code, f.layer) for f in diagnose(net, *DATA[data])}


FITTED = {
    "copies": ("symmetric_units", 2, deep(10, 6), "iris", copies(2)),
    "copies from zeros": ("symmetric_units", 1, deep(9, init="zeros"), "moons", None),
    "all dead": ("dead_units", 1, deep(), "moons", lowered(1)),
    "most dead": ("dead_units", 2, deep(20, 20), "iris", lowered(2, 14)),
    "stuck": ("saturated_units", 1, deep(activation="tanh"), "iris", lowered(1)),
    "steep": (
        "saturated_units",
        2,
        deep(9, 9, activation="sigmoid"),
        "iris",
        times(300, 2),
    ),
    "linear": ("linear_network", None, deep(9, activation="identity"), "circles", None),
    "thin": ("vanishing_gradients", 1, deep(20, 20, 20), "moons", times(1e-5, 2)),
    "thick": ("exploding_gradients", 1, deep(20, 20, 20), "iris", times(1e3, 3, 4)),
    "not finite": ("non_finite", 2, deep(), "moons", not_a_number),
    "rare": ("class_imbalance", None, LogisticRegressionScratch(), "rare", None),
    "cut short": ("still_falling", None, deep(max_iter=10), "moons", None),
    "up and down": (
        "oscillating",
        None,
        deep(
            solver="gd", learning_rate_init=20, activation="tanh", max_iter=100, tol=0
        ),
        "moons",
        None,
    ),
    "diverged": (
        "diverged",
        None,
        regressor(solver="gd", learning_rate_init=2),
        "diabetes",
        None,
    ),
    "not finite any more": (
        "diverged",
        None,
        deep(solver="sgd", learning_rate_init=1e100),
        "iris",
        None,
    ),
    "jumping": (
        "learning_rate_too_high",
        None,
        deep(solver="sgd", learning_rate_init=10, activation="tanh", tol=0,
             batch_size=16, max_iter=40),
        "flower",
        None,
    ),
    "adam too slow": (
        "learning_rate_too_low",
        None,
        deep(learning_rate_init=1e-6),
        "moons",
        None,
    ),
    "descent too slow": (
        "learning_rate_too_low",
        None,
        LogisticRegressionScratch(solver="gd", learning_rate_init=1e-6),
        "cancer",
        None,
    ),
    "stuck at guessing": (
        "plateau",
        None,
        deep(20, activation="sigmoid", solver="gd"),
        "circles",
        None,
    ),
    "small weights": (
        "vanishing_gradients",
        1,
        deep(20, 20, 20, init="small_random", activation="tanh", solver="gd"),
        "moons",
        None,
    ),
    "slow waves, relu": ("oscillating", None, waves("relu"), "digits", None),
    "slow waves, leaky": ("oscillating", None, waves("leaky_relu"), "digits", None),
    "alpha": ("penalty_too_strong", None, deep(alpha=1e4), "moons", None),
    "C": (
        "penalty_too_strong",
        None,
        LogisticRegressionScratch(C=1e-6),
        "cancer",
        None,
    ),
    "too small": ("underfitting", None, LogisticRegressionScratch(), "circles", None),
}  # fmt: skip


@pytest.mark.parametrize("case", FITTED.values(), ids=FITTED)
def test_it_names_what_is_wrong_after_training(case):
    code, layer, net, data, plant = case
    net.fit(*DATA[data])
    if plant:
        plant(net)
    assert (code, layer) in {(f.code, f.layer) for f in diagnose(net, *DATA[data])}


@pytest.mark.parametrize("scale", [1e4, 1e-3])
def test_it_names_targets_of_another_scale(scale):
    X, y = DATA["diabetes"]
    net = regressor(standardize_target=False)
    (found,) = diagnose(net, X, scale * y)
    assert (found.code, found.advice) == ("target_scale", "set standardize_target=True")


@pytest.mark.parametrize("scale", [1e4, 1e-3])
def test_targets_of_any_scale_are_no_finding(scale):
    X, y = DATA["diabetes"]
    assert not list(diagnose(regressor(), X, scale * y))
    net = regressor(8, alpha=1, **FAST).fit(X, scale * y)
    assert not list(diagnose(net, X, scale * y))


def test_it_names_targets_far_from_those_of_the_first_partial_fit():
    X, y = DATA["diabetes"]
    net = regressor(8).partial_fit(X, y).partial_fit(X, 1e6 * y)
    found = {f.code: f.advice for f in diagnose(net, X, 1e6 * y)}
    assert found["target_scale"].startswith("fit anew")


@pytest.mark.parametrize(
    "net",
    [
        deep(100, 100, learning_rate_init=0.01),
        LogisticRegressionScratch(C=np.inf),
    ],
    ids=lambda net: type(net).__name__,
)
def test_it_names_overfitting_on_rows_held_out(net):
    X, y = DATA["blurred"]
    net.fit(X[:40], y[:40])
    report = diagnose(net, X[:40], y[:40], X_val=X[150:], y_val=y[150:])
    assert [f.code for f in report] == ["overfitting"]
    assert "overfitting" not in {f.code for f in diagnose(net, X[:40], y[:40])}


def test_the_rate_that_is_proposed_follows_from_what_was_measured():
    X, y = DATA["moons"]
    net = deep(learning_rate_init=1e-6).fit(X, y)
    (finding,) = [f for f in diagnose(net, X, y) if f.code == "learning_rate_too_low"]
    times_longer = float(re.search("a step (.*) times", finding.text)[1])
    proposed = float(finding.advice.rsplit(" ", 1)[1])
    assert proposed == pytest.approx(min(1e-6 * times_longer, 0.001))
    assert proposed > 1e-5


def test_the_fall_that_is_told_is_that_of_the_iterations_told():
    X, y = DATA["digits"]
    net = deep(max_iter=5).fit(X, y)
    (finding,) = [f for f in diagnose(net, X, y) if f.code == "still_falling"]
    curve = np.array(net.loss_curve_)
    assert finding.text.endswith(
        f"{curve[3:].mean():.3g} on average in its last 2 iterations, "
        f"{curve[1:3].mean():.3g} in as many before"
    )


def test_parameters_that_became_infinite_after_training_are_no_fault_of_the_rate():
    X, y = DATA["moons"]
    net = deep(max_iter=20).fit(X, y)
    net.coefs_[0][0, 0] = np.inf
    (finding,) = diagnose(net, X, y)
    assert (finding.code, finding.layer) == ("non_finite", 1)
    assert "changed after training" in finding.advice
    assert "learning_rate" not in finding.advice


def test_outputs_that_overflow_after_a_finite_training_are_no_fault_of_the_rate():
    X, y = DATA["moons"]
    net = deep(20, 20, max_iter=20).fit(X, y)
    for W in net.coefs_:
        W *= 1e200
    (finding,) = diagnose(net, X, y)
    assert (finding.code, finding.layer) == ("non_finite", None)
    assert "huge values in X" in finding.advice
    assert "learning_rate" not in finding.advice


def test_an_effect_is_left_out_where_its_cause_was_found():
    X, y = DATA["cancer"]
    net = LogisticRegressionScratch(C=1e-6).fit(X, y)
    assert [f.code for f in diagnose(net, X, y)] == ["penalty_too_strong"]


def test_a_penalty_is_no_cause_where_larger_weights_would_not_help():
    X, y = DATA["circles"]
    net = LogisticRegressionScratch(C=0.1).fit(X, y)
    assert [f.code for f in diagnose(net, X, y)] == ["underfitting"]


def test_units_dead_of_the_scale_are_cured_by_the_scale():
    rng = np.random.RandomState(0)
    X = np.hstack([rng.poisson(0.1, (150, 20)), rng.uniform(8e3, 1e4, (150, 1))])
    report = diagnose(deep(30, 15), X, DATA["iris"][1])
    dead = [f for f in report if f.code == "dead_units"]
    assert dead
    assert "linear_network" not in {f.code for f in report}
    for finding in dead:
        assert "can learn nothing" in finding.text
        assert finding.advice.startswith("set standardize=True")


def test_units_dead_of_a_huge_rate_are_cured_by_a_lower_one():
    X, y = DATA["iris"]
    net = deep(20, learning_rate_init=0.05).fit(X, y)
    lowered(1)(net)
    (finding,) = [f for f in diagnose(net, X, y) if f.code == "dead_units"]
    assert finding.advice == "set learning_rate_init below 0.05, for example 0.005"


def test_a_slope_of_one_is_named():
    net = deep(9, activation="leaky_relu", negative_slope=1.0)
    (finding,) = diagnose(net, *DATA["moons"])
    assert finding.code == "linear_network"
    assert "negative_slope=1" in finding.text
    assert "negative_slope=0.01" in finding.advice


def test_what_diverged_is_not_also_called_too_high_a_rate_or_oscillating():
    X, y = DATA["diabetes"]
    net = regressor(solver="gd", learning_rate_init=2).fit(X, y)
    codes = {f.code for f in diagnose(net, X, y)}
    assert "diverged" in codes
    assert not codes & {"learning_rate_too_high", "oscillating"}


def test_weights_of_rows_count_in_the_losses():
    X, y = DATA["circles"]
    w = np.where(y == 1, 40.0, 1.0)
    net = LogisticRegressionScratch().fit(X, y, sample_weight=w)
    (finding,) = diagnose(net, X, y, sample_weight=w)
    p = np.average(y, weights=w)
    entropy = -p * np.log(p) - (1 - p) * np.log(1 - p)
    assert finding.code == "underfitting"
    assert finding.text.endswith(f"constant has {entropy:.5g}")


def test_it_names_a_validation_curve_that_turned_up():
    X, y = DATA["blurred"]
    net = deep(100, learning_rate_init=0.01, max_iter=100, tol=0)
    net.fit(X[:150], y[:150], X_val=X[150:], y_val=y[150:])
    assert [f.code for f in diagnose(net, X[:150], y[:150])] == ["overfitting"]


# -- healthy ---------------------------------------------------------------------------

FAST = {"learning_rate_init": 0.01}
HEALTHY = {
    "iris relu": (deep(30, **FAST), "iris"),
    "iris lbfgs tanh": (deep(20, solver="lbfgs", activation="tanh"), "iris"),
    "wine sigmoid": (deep(30, 30, activation="sigmoid", **FAST), "wine"),
    "wine raw, standardised": (deep(20, standardize=True, **FAST), "raw wine"),
    "wine raw, pipeline": (make_pipeline(StandardScaler(), deep(**FAST)), "raw wine"),
    "wine raw, newton": (LogisticRegressionScratch(), "raw wine"),
    "cancer defaults": (LogisticRegressionScratch(), "cancer"),
    "cancer dropout": (
        deep(50, solver="sgd", learning_rate_init=0.1, dropout=0.2),
        "cancer",
    ),
    "cancer early stopping": (deep(50, early_stopping=True, **FAST), "cancer"),
    "digits, constant borders": (deep(32, **FAST), "digits"),
    "digits lbfgs": (deep(50, 50, 50, solver="lbfgs"), "digits"),
    "moons gelu": (deep(activation="gelu", max_iter=600, **FAST), "moons"),
    "moons lbfgs": (deep(50, 50, 50, solver="lbfgs"), "moons"),
    "circles gd": (
        deep(solver="gd", learning_rate_init=0.5, max_iter=1500, activation="tanh"),
        "circles",
    ),
    "flower": (
        ShallowNetClassifier(8, solver="lbfgs", max_iter=400, random_state=0, alpha=1),
        "flower",
    ),
    "nine to one": (deep(max_iter=300, **FAST), "nine to one"),
    "sparse text": (deep(**FAST), "text"),
    "one-hot and numbers": (deep(**FAST), "mixed"),
    "diabetes": (regressor(8, early_stopping=True, **FAST), "diabetes"),
    "diabetes absolute": (
        regressor(8, loss="absolute_error", alpha=1, **FAST),
        "diabetes",
    ),
    "diabetes huber": (regressor(8, loss="huber", alpha=1, **FAST), "diabetes"),
}


@pytest.mark.parametrize("case", HEALTHY.values(), ids=HEALTHY)
def test_it_is_silent_where_all_is_well(case):
    net, data = case
    X, y = DATA[data]
    strata = None if data == "diabetes" else y
    X, X_val, y, y_val = train_test_split(X, y, stratify=strata, random_state=0)
    before = diagnose(net, X, y)
    net.fit(X, y)
    assert net.score(X_val, y_val) > (0.2 if data == "diabetes" else 0.8)
    after = diagnose(net, X, y, X_val=X_val, y_val=y_val)
    assert (len(before), len(after)) == (0, 0), f"{before}\n{after}"


@pytest.mark.parametrize("rate", [0.03, 0.1, 0.2])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_steps_of_all_rows_at_a_proper_rate_do_not_oscillate(activation, rate):
    X, y = DATA["digits"]
    net = waves(activation).set_params(learning_rate_init=rate).fit(X, y)
    assert "oscillating" not in {f.code for f in diagnose(net, X, y)}


def test_a_small_zigzag_does_not_oscillate():
    X, y = DATA["moons"]
    net = deep(20, 20, solver="gd", learning_rate_init=0.5, max_iter=100, tol=0)
    net.set_params(n_iter_no_change=np.inf).fit(X, y)
    assert (np.diff(net.loss_curve_)[-50:] > 0).mean() > 0.3
    assert "oscillating" not in {f.code for f in diagnose(net, X, y)}


@pytest.mark.parametrize(
    "noisy",
    [
        {"solver": "sgd", "learning_rate_init": 0.05, "batch_size": 8},
        {"solver": "rmsprop", "learning_rate_init": 0.005, "batch_size": 8},
        {"solver": "gd", "learning_rate_init": 0.2, "dropout": 0.5},
    ],
    ids=["sgd", "rmsprop", "dropout"],
)
def test_noise_of_minibatches_and_dropout_does_not_oscillate(noisy):
    X, y = DATA["cancer"]
    net = deep(30, tol=0, max_iter=60, **noisy).fit(X, y)
    assert (np.diff(net.loss_curve_)[-30:] > 0).mean() > 0.15
    assert "oscillating" not in {f.code for f in diagnose(net, X, y)}


def test_chunks_that_differ_do_not_oscillate():
    X, y = DATA["flower"]
    order = np.random.RandomState(0).permutation(len(X))
    net = deep(solver="gd", learning_rate_init=0.01)
    for i in range(0, len(X) - 3, 4):
        net.partial_fit(X[order[i : i + 4]], y[order[i : i + 4]], classes=np.unique(y))
    assert np.ptp(net.loss_curve_[-20:]) > 0.5 * np.median(net.loss_curve_)
    assert "oscillating" not in {f.code for f in diagnose(net, X, y)}


def test_steps_about_the_kink_of_a_distance_do_not_oscillate():
    x = np.random.RandomState(0).uniform(-3, 3, (300, 1))
    y = np.sin(x[:, 0])
    net = regressor(8, activation="tanh", solver="gd", learning_rate_init=0.2,
                    max_iter=60, tol=0, loss="absolute_error")  # fmt: skip
    net.set_params(n_iter_no_change=np.inf).fit(x, y)
    assert net.score(x, y) > 0.9
    assert "oscillating" not in {f.code for f in diagnose(net, x, y)}


def test_a_line_that_diverges_is_no_wave():
    X, y = DATA["diabetes"]
    net = DeepNetRegressor(hidden_layer_sizes=(), solver="gd", learning_rate_init=0.6,
                           max_iter=40, random_state=0).fit(X, y)  # fmt: skip
    assert [f.code for f in diagnose(net, X, y)] == ["diverged"]


def test_noise_of_heavy_dropout_is_no_wave():
    X, y = DATA["wine"]
    net = deep(8, solver="gd", learning_rate_init=0.4, dropout=0.5, max_iter=60, tol=0)
    net.set_params(n_iter_no_change=np.inf).fit(X, y)
    curve = np.array(net.loss_curve_)[-31:]
    assert (curve / np.minimum.accumulate(curve)).max() > 1.5
    assert "oscillating" not in {f.code for f in diagnose(net, X, y)}


def test_several_labels_and_counts_are_no_reason_to_speak():
    rng = np.random.RandomState(0)
    X = rng.randn(300, 4)
    labels = (X @ rng.randn(4, 3) > 0).astype(int)
    assert not len(diagnose(deep(**FAST).fit(X, labels), X, labels))
    counts = rng.poisson(np.exp(X[:, 0]))
    assert not len(
        diagnose(regressor(loss="poisson", **FAST).fit(X, counts), X, counts)
    )


# -- the report ------------------------------------------------------------------------


def test_nothing_is_changed():
    X, y = DATA["moons"]
    net = deep(max_iter=5).fit(X, y)
    before = {name: np.array(v) for name, v in net.parameters_.items()}
    parameters, attributes = net.get_params(), set(vars(net))
    diagnose(net, X, y)
    assert net.get_params() == parameters
    assert set(vars(net)) == attributes
    for name, value in net.parameters_.items():
        np.testing.assert_array_equal(value, before[name])
    unfitted = deep()
    diagnose(unfitted, X, y)
    assert not is_fitted(unfitted)


def test_the_same_is_said_each_time():
    X, y = DATA["moons"]
    net = deep(max_iter=5).fit(X, y)
    assert diagnose(net, X, y) == diagnose(net, X, y)


def test_codes_are_those_of_the_table():
    for code, *_ in [*BEFORE_FIT.values(), *FITTED.values()]:
        assert code in SYMPTOMS
        assert f"`{code}`" in diagnose.__doc__


def test_the_cure_names_the_parameters_in_use():
    X, y = DATA["moons"]
    report = diagnose(deep(max_iter=10).fit(X, y), X, y)
    (finding,) = [f for f in report if f.code == "still_falling"]
    assert "max_iter above 10" in finding.advice
    assert "learning_rate_init above 0.001" in finding.advice


def test_a_report_reads_as_text_and_as_html():
    X, y = DATA["moons"]
    report = diagnose(deep(init="zeros"), X, y)
    assert "layer 1: 20 of its 20 units" in str(report)
    assert "<code>symmetric_units</code>" in report._repr_html_()
    nothing = diagnose(deep(), X, y)
    assert str(nothing) == (
        "DeepNetClassifier, before fit: nothing to say.\n"
        "looked at: first parameters; gradients; 2 columns one by one"
    )
    assert "nothing to say" in nothing._repr_html_()


def test_names_of_classes_are_escaped():
    X, y = DATA["rare"]
    report = diagnose(deep(), X, np.where(y, "<b>", "a"))
    assert "&lt;b&gt;" in report._repr_html_()


def test_many_features_are_looked_at_on_fewer_rows():
    X = np.random.RandomState(0).rand(400, 12288).astype(np.float32)
    y = np.arange(400) % 2
    assert not len(diagnose(deep(20, 7), X, y))


def test_a_sample_has_every_class():
    rng = np.random.RandomState(0)
    X, y = rng.randn(9000, 2), np.zeros(9000, int)
    y[4321] = 1
    codes = [f.code for f in diagnose(deep(), X, y)]
    assert codes == ["class_imbalance", "scarce_class"]


def test_validation_rows_need_their_targets():
    X, y = DATA["moons"]
    with pytest.raises(ValueError, match="y_val=None"):
        diagnose(deep(), X, y, X_val=X)


def test_targets_that_are_all_the_same_are_no_reason_to_speak():
    X, _ = DATA["moons"]
    y = np.zeros(len(X))
    assert not len(diagnose(deep(max_iter=20).fit(X, y), X, y))


def test_only_networks_are_diagnosed():
    with pytest.raises(TypeError, match="estimator must be a network"):
        diagnose(StandardScaler(), *DATA["moons"])


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (
            None,
            "Expected 2D array|must be .* 2d|got scalar|0 dimensional|dtype|required",
        ),
        (np.empty((20, 0)), r"0 feature\(s\)"),
        ("text", "could not convert string"),
    ],
    ids=["None", "no features", "text"],
)
def test_x_is_refused_as_fit_refuses_it(X, message):
    with pytest.raises(ValueError, match=message):
        diagnose(deep(3), X, [0, 1] * 10)


def test_rows_are_counted_before_they_are_sampled():
    X, y = np.random.RandomState(0).randn(5000, 3), np.arange(5000) % 2
    assert measure(deep(3), X, y).n_rows == 5000


# -- held-out rows ---------------------------------------------------------------------


def rare_and_noisy(state=0):
    """Six of a hundred rows are of class 1, and two labels of a hundred are wrong."""
    X, y = make_classification(
        1500, 20, n_informative=4, weights=[0.95], flip_y=0.02, random_state=state
    )
    return train_test_split(X, y, stratify=y, random_state=0)


@pytest.mark.parametrize("state", [0, 1, 2])
@pytest.mark.parametrize("epochs", [60, 200])
def test_rows_learned_by_heart_are_named_by_the_loss(state, epochs):
    X, X_val, y, y_val = rare_and_noisy(state)
    net = deep(50, 50, max_iter=epochs, learning_rate_init=0.003).fit(X, y)
    share = y_val.mean()
    constant = -share * np.log(share) - (1 - share) * np.log(1 - share)
    loss = log_loss(y_val, net.predict_proba(X_val))
    assert net.score(X, y) - net.score(X_val, y_val) < 0.1  # accuracy says little
    report = diagnose(net, X, y, X_val=X_val, y_val=y_val)
    (finding,) = [f for f in report if f.code == "overfitting"]
    assert f"{loss:.3g} on those held out" in finding.text
    assert f"constant has {constant:.3g}" in finding.text
    assert "max_iter" not in str(report)
    early = deep(50, 50, early_stopping=True, learning_rate_init=0.003)
    early.fit(X, y, X_val=X_val, y_val=y_val)
    assert log_loss(y_val, early.predict_proba(X_val)) < 0.9 * loss
    assert "overfitting" not in {
        f.code for f in diagnose(early, X, y, X_val=X_val, y_val=y_val)
    }


VALIDATED = {
    "by the curve": {},
    "by early stopping": {"early_stopping": True, "n_iter_no_change": 99},
    "by accuracy": {"early_stopping": True, "scoring": "accuracy",
                    "n_iter_no_change": 99},
}  # fmt: skip


@pytest.mark.parametrize("options", VALIDATED.values(), ids=VALIDATED)
def test_no_longer_training_is_advised_where_the_validation_loss_rises(options):
    X, X_val, y, y_val = rare_and_noisy()
    net = deep(50, 50, max_iter=50, learning_rate_init=0.003, **options)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        net.fit(X, y, X_val=X_val, y_val=y_val)
    losses = net.validation_loss_curve_
    assert losses[-1] > 1.1 * min(losses)
    assert net.loss_curve_[-1] < 0.8 * net.loss_curve_[-10]
    (text,) = [str(one.message) for one in caught]
    assert "the validation loss rose from" in text
    assert "longer training does not help" in text
    assert ("set early_stopping=True" in text) == (not options)
    said = f"{text} {diagnose(net, X, y)}"
    for more in ("raise max_iter", "higher learning", "learning_rate_init above"):
        assert more not in said


def test_longer_training_is_advised_where_the_validation_loss_falls():
    X, X_val, y, y_val = rare_and_noisy(2)
    net = deep(50, 50, max_iter=10, learning_rate_init=0.003)
    with pytest.warns(ConvergenceWarning, match="raise max_iter"):
        net.fit(X, y, X_val=X_val, y_val=y_val)
    report = diagnose(net, X, y, X_val=X_val, y_val=y_val)
    (finding,) = [f for f in report if f.code == "still_falling"]
    assert "raise max_iter above 10" in finding.advice


@pytest.mark.parametrize("rate", [1e-6, 1e-4, 0.01, 0.1, 1, 10])
@pytest.mark.parametrize("data", ["moons", "flower", "raw wine", "digits"])
@pytest.mark.parametrize("solver", ["gd", "sgd", "adam"])
def test_no_rate_is_to_be_higher_and_lower(solver, data, rate):
    X, y = DATA[data]
    for activation in ("relu", "tanh"):
        net = deep(20, solver=solver, learning_rate_init=rate, activation=activation)
        net.set_params(max_iter=15).fit(X, y)
        said = str(diagnose(net, X, y))
        higher = "learning_rate_init above" in said
        assert not (higher and "learning_rate_init below" in said), said


def test_a_falling_cost_beside_too_long_steps_asks_for_no_higher_rate():
    X, y = DATA["moons"]
    net = deep(max_iter=10).fit(X, y)
    lowered(1)(net)  # dead units may come of long steps
    report = {f.code: f.advice for f in diagnose(net, X, y)}
    assert "learning_rate_init below 0.001" in report["dead_units"]
    assert report["still_falling"].endswith("falls, too, raise max_iter above 10")


def test_one_hot_targets_are_named():
    X, y = DATA["iris"]
    one_hot = np.eye(3, dtype=int)[y]
    net = deep(**FAST)
    for _ in range(2):  # before training, and after it
        (finding,) = diagnose(net, X, one_hot)
        assert (finding.code, finding.value) == ("one_hot_targets", 3)
        assert "y.argmax(axis=1)" in finding.advice
        with pytest.warns(UserWarning, match="exactly one 1"):
            net.fit(X, one_hot)
    one_hot[0] = 1  # a row of two labels
    assert not len(diagnose(deep(**FAST), X, one_hot))
