"""Parameters: which are not at their default, which are used, what a part is given."""

import inspect
import itertools
from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array, csr_matrix
from sklearn.base import is_classifier
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from small_net import SOLVERS, net, warned

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
    ShallowNetRegressor,
)
from sknn_scratch._engine.optimizers import OPTIMIZERS
from sknn_scratch._fit.parameter_use import (
    READ_BY,
    changed_parameters,
    parameters_for,
    same,
    unused_parameters,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

NETWORKS = [
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
    ShallowNetRegressor,
]
NAN, RANDOM = float("nan"), np.random.RandomState(0)


# -- not at their default --------------------------------------------------------------


@pytest.mark.parametrize("cls", [*NETWORKS, StandardScaler, MinMaxScaler])
def test_nothing_is_changed_in_a_new_estimator(cls):
    assert changed_parameters(cls()) == {}


def test_changed_parameters_come_with_their_values_in_the_order_of_the_alphabet():
    net = DeepNetClassifier(solver="sgd", hidden_layer_sizes=[3, 2], alpha=0.5)
    found = changed_parameters(net)
    assert [*found] == ["alpha", "hidden_layer_sizes", "solver"]
    assert found["hidden_layer_sizes"] is net.hidden_layer_sizes


def test_a_default_given_in_other_words_is_not_changed():
    default = DeepNetClassifier().hidden_layer_sizes
    alpha = np.float64(DeepNetClassifier().alpha)
    for sizes in (list(default), np.array(default)):
        net = DeepNetClassifier(hidden_layer_sizes=sizes, alpha=alpha)
        assert changed_parameters(net) == {}


def test_a_generator_is_a_change_and_draws_nothing():
    random_state = np.random.RandomState(0)
    net = DeepNetClassifier(random_state=random_state)
    assert changed_parameters(net) == {"random_state": random_state}
    assert random_state.rand() == np.random.RandomState(0).rand()


@pytest.mark.parametrize(
    ("value", "other"),
    [
        (1, 1.0),
        (np.int64(1), 1),
        (np.float64(0.1), 0.1),
        (np.array(0.1), 0.1),
        ("relu", np.str_("relu")),
        (NAN, float("nan")),
        (np.float32("nan"), NAN),
        ([1, NAN], (1, float("nan"))),
        ([100], (100,)),
        (np.array([100, 50]), (100, 50)),
        (np.eye(2), [[1, 0], [0, 1]]),
        ([[1, 2], (3,)], ([1, 2], [3])),
        ({"a": 1, "b": [2]}, {"b": np.array([2]), "a": 1.0}),
        ({0: NAN}, {0: float("nan")}),
        (np.tanh, np.tanh),
        ("".join, "".join),
        (RANDOM, RANDOM),
        (None, None),
        ([], ()),
    ],
)
def test_values_that_mean_the_same(value, other):
    assert same(value, other) is True
    assert same(other, value) is True


@pytest.mark.parametrize(
    ("value", "other"),
    [
        (1, 2),
        (1, "1"),
        (np.float32(0.1), 0.1),
        (NAN, None),
        (NAN, 0.0),
        ([100], 100),
        (np.array([100]), 100),
        (np.array(["relu"]), "relu"),
        (["r", "e"], "re"),
        ([1, 2], (1,)),
        ([1, 2], (2, 1)),
        ([], None),
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"b": 1}),
        ({"a": 1}, None),
        ({}, ()),
        (np.tanh, np.sinh),
        (np.tanh, "tanh"),
        (partial(np.sum, axis=0), None),
        (np.random.RandomState(0), np.random.RandomState(0)),
        (RANDOM, None),
        (RANDOM, 0),
        (pd.DataFrame({"a": [1, 2]}), None),
        (pd.Series([1, 2]), "balanced"),
        (pd.NA, 1),
        (csr_array(np.eye(2)), None),
    ],
)
def test_values_that_do_not_mean_the_same(value, other):
    assert same(value, other) is False
    assert same(other, value) is False


# -- what reads which ------------------------------------------------------------------


def test_a_parameter_is_unused_if_nothing_in_use_reads_it():
    changed = ["momentum", "alpha", "batch_size", "n_iter_no_change"]
    assert unused_parameters(changed, {"sgd", "constant"}, patient=True) == []
    assert unused_parameters(changed, {"adam"}, patient=True) == ["momentum"]
    assert unused_parameters(changed, {"lbfgs"}, patient=False) == [
        "batch_size",
        "momentum",
        "n_iter_no_change",
    ]


def test_what_reads_a_parameter_by_name():
    assert READ_BY["max_fun"] == {"lbfgs"}
    assert READ_BY["dropout"] == {*OPTIMIZERS}
    assert READ_BY["batch_size"] == {*OPTIMIZERS} - {"gd"}
    assert "alpha" not in READ_BY  # all solvers read it


def test_a_part_is_given_its_own_parameters_as_plain_floats():
    given = {"momentum": np.float64(0.8), "nesterov": True, "alpha": 1.0}
    found = parameters_for(OPTIMIZERS["sgd"], given)
    assert {*found} == {*OPTIMIZERS["sgd"].hyperparameters} & {*given}
    assert type(found["momentum"]) is float


# -- what a solver does not read ------------------------------------------------------


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
        (DeepNetRegressor(quantile=0.9), ["quantile=0.9"]),
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


def outputs(model, X):
    return (model.predict_proba if hasattr(model, "predict_proba") else model.predict)(
        X
    )


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
    {"averaging_epochs": 1.5},
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
STEPS_ONLY |= {"averaging_epochs", "learning_rate", "keep_optimizer_state"}


FORMS = [*itertools.product([np.float32, np.float64], [np.asarray, csr_matrix], [0, 1])]


def cases():
    """Every option with every solver that reads it, for fit and partial_fit.

    Each has a form of the data (type, dense or sparse, with or without weights) and the
    opposite in all three; the four such pairs take turns.
    """
    for cls in (DeepNetClassifier, DeepNetRegressor, LogisticRegressionScratch):
        logistic = cls is LogisticRegressionScratch
        names = inspect.signature(cls).parameters
        solvers = REGRESSION_SOLVERS if logistic else SOLVERS
        for (i, options), (j, solver) in itertools.product(
            enumerate(MATRIX), enumerate(solvers)
        ):
            if not options.keys() <= names.keys():
                continue
            if cls is DeepNetRegressor and not options.keys() & {"loss", "scoring"}:
                continue  # the same code as for classes
            if options.get("solver", solver) != solver:
                continue
            steps = solver not in ("newton", "lbfgs")
            if STEPS_ONLY & options.keys() and not steps:
                continue
            ways = ("fit", "partial_fit")[: 2 if steps and not logistic else 1]
            for k, way in enumerate(ways):
                turn = (i + j + 2 * k) % 4
                yield pytest.param(
                    cls, {**options, "solver": solver}, way,
                    [FORMS[turn], FORMS[7 - turn]],
                    id=f"{cls.__name__}-{solver}-{options}-{way}",
                    marks=[] if solver in ("adam", "sgd") else [pytest.mark.matrix],
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


@pytest.mark.parametrize(("cls", "options", "way", "forms"), cases())
def test_every_option_with_every_solver_weights_types_and_rows(
    cls, options, way, forms
):
    rng = np.random.RandomState(1)
    dense, y = rng.randn(32, 3) * (rng.rand(32, 3) > 0.3), np.arange(32) % 3
    w = rng.uniform(0.5, 2, 32) * (np.arange(32) % 5 > 0)

    def trained(X, kept=slice(None), w=None):
        model = make_model(cls, options)
        return train(model, way, X[kept], y[kept], w if w is None else w[kept])

    for dtype, wrap, weighted in forms:
        X = wrap(dense.astype(dtype))
        model = trained(X, w=w if weighted else None)
        values = [*model.parameters_.values(), outputs(model, X)]
        assert {v.dtype for v in values} == {np.dtype(dtype)}
        assert all(np.isfinite(v).all() for v in values)
        assert np.isfinite([model.loss_, *model.loss_curve_]).all()
        assert model.loss_curve_
        if weighted:
            # rows of weight zero are absent, and a second fit has the bits of the first
            absent = trained(X, kept=np.flatnonzero(w), w=w)
            assert state(absent) == state(model)
