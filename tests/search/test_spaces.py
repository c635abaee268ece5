"""Search spaces: every value that is drawn from them is one that a network takes."""

import warnings

import numpy as np
import pytest
from scipy.stats import loguniform, norm, randint, uniform
from sklearn.base import clone, is_classifier
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    HalvingRandomSearchCV,
    ParameterSampler,
    RandomizedSearchCV,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
    ShallowNetRegressor,
    TabularNetClassifier,
    TabularNetRegressor,
)
from sknn_scratch._engine.optimizers import OPTIMIZERS
from sknn_scratch.hdf5 import load_model, save_model
from sknn_scratch.search import PruneTrial, search_space, suggest
from sknn_scratch.search._spaces import RATES, SIZES

NETS = [
    DeepNetClassifier,
    DeepNetRegressor,
    ShallowNetClassifier,
    ShallowNetRegressor,
]


def solvers_of(cls):
    (known,) = cls._parameter_constraints["solver"]
    return sorted(known.options)


MODELS = [
    pytest.param(cls(solver=solver), id=f"{cls.__name__}-{solver}")
    for cls in (*NETS, LogisticRegressionScratch)
    for solver in solvers_of(cls)
]
MODELS += [
    pytest.param(cls(2), id=cls.__name__)
    for cls in (TabularNetClassifier, TabularNetRegressor)
]
each_model = pytest.mark.parametrize("model", MODELS)
each_size = pytest.mark.parametrize("size", SIZES)
rng = np.random.RandomState(0)
X = rng.randn(60, 4)
number = X[:, 0] + 0.5 * rng.randn(60)


def target(model):
    return np.digitize(number, (-0.5, 0.5)) if is_classifier(model) else number


class FixedTrial:
    """Takes the low end of everything, and writes down what it was asked."""

    def __init__(self):
        self.asked = {}

    def suggest_float(self, name, low, high, log=False):
        self.asked[name] = low, high, log
        return low

    def suggest_int(self, name, low, high):
        self.asked[name] = low, high
        return low

    def suggest_categorical(self, name, choices):
        self.asked[name] = choices
        return choices[0]


# -- the spaces ------------------------------------------------------------------------


@each_size
@each_model
def test_every_value_drawn_is_taken_without_a_warning(model, size):
    space = search_space(model, size)
    for params in ParameterSampler(space, 8, random_state=0):
        net = clone(model).set_params(max_iter=2, random_state=0, **params)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # 2 epochs
            net.fit(X, target(model))
        assert np.isfinite(net.predict(X)).all()


@each_size
@each_model
def test_names_are_parameters_and_draws_repeat(model, size):
    space = search_space(model, size)
    assert set(space) <= set(model.get_params())
    drawn = [list(ParameterSampler(space, 3, random_state=7)) for _ in range(2)]
    assert drawn[0] == drawn[1]


@each_model
def test_the_large_space_holds_the_small_one(model):
    small, large = (set(search_space(model, size)) for size in ("small", "large"))
    assert small <= large


def test_a_solver_is_not_given_what_it_does_not_read():
    spaces = {
        solver: set(search_space(DeepNetClassifier(solver=solver), "large"))
        for solver in solvers_of(DeepNetClassifier)
    }
    assert "batch_size" in spaces["adam"]
    assert "batch_size" not in spaces["gd"]
    assert "momentum" in spaces["sgd"]
    assert "momentum" not in spaces["adam"]
    assert spaces["lbfgs"] == {
        *("hidden_layer_sizes", "n_hidden_layers", "alpha", "standardize"),
        *("activation", "label_smoothing"),
    }
    assert set(search_space(LogisticRegressionScratch)) == {"C", "standardize"}
    by_steps = LogisticRegressionScratch(l1_ratio=0.5, solver="gd")
    assert "learning_rate_init" in search_space(by_steps)


def test_every_optimizer_has_a_range_of_rates():
    assert set(RATES) == set(OPTIMIZERS)


def test_a_class_is_taken_for_its_defaults():
    assert set(search_space(DeepNetClassifier)) == set(
        search_space(DeepNetClassifier())
    )


@pytest.mark.parametrize(
    "fixed", [{"activation": ("tanh", "relu")}, {"dropout": [0.1, 0.2]}]
)
def test_what_is_said_of_each_layer_keeps_the_depth(fixed):
    net = DeepNetClassifier((5, 5), max_iter=1, warn=False, **fixed)
    space = search_space(net)
    assert space["n_hidden_layers"] == [2]
    for params in ParameterSampler(space, 3, random_state=0):
        clone(net).set_params(**params).fit(X, target(net))


@pytest.mark.parametrize(
    ("model", "prefix"),
    [
        (make_pipeline(StandardScaler(), DeepNetRegressor()), "deepnetregressor__"),
        (
            make_pipeline(make_pipeline(DeepNetRegressor())),
            "pipeline__deepnetregressor__",
        ),
        (TransformedTargetRegressor(DeepNetRegressor()), "regressor__"),
    ],
    ids=["pipeline", "nested", "target"],
)
def test_names_have_the_prefix_of_the_step(model, prefix):
    space = search_space(model)
    assert set(space) == {prefix + name for name in search_space(DeepNetRegressor)}
    clone(model).set_params(**next(iter(ParameterSampler(space, 1, random_state=0))))


def test_the_names_of_an_ensemble_s_parameters_have_the_prefix_too():
    space = search_space(make_pipeline(TabularNetRegressor()), "large")
    assert {name.partition("__")[0] for name in space} == {"tabularnetregressor"}
    assert len(space) == len(search_space(TabularNetClassifier, "large"))


def test_a_space_is_the_caller_s_own():
    search_space(DeepNetClassifier)["batch_size"].clear()
    assert search_space(DeepNetClassifier)["batch_size"] != []


@pytest.mark.parametrize(
    "estimator", [LogisticRegression(), LogisticRegression, "deep"]
)
def test_what_has_no_network_is_refused(estimator):
    with pytest.raises(TypeError, match="must be a network of sknn_scratch"):
        search_space(estimator)


def test_another_size_is_refused():
    with pytest.raises(ValueError, match=r"one of \['small', 'large'\], got 'huge'"):
        search_space(DeepNetClassifier, "huge")


# -- in searches -----------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("cls", [DeepNetClassifier, LogisticRegressionScratch])
def test_a_randomized_search_finds_a_model_that_can_be_saved(cls, tmp_path):
    model = make_pipeline(StandardScaler(), cls(max_iter=5, random_state=0))
    search = RandomizedSearchCV(
        model, search_space(model), n_iter=4, cv=3, random_state=0
    ).fit(X, target(model))
    save_model(search.best_estimator_, tmp_path / "best.h5")
    again = load_model(tmp_path / "best.h5")
    assert (again.predict(X) == search.predict(X)).all()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_halving_search_may_give_out_epochs():
    net = ShallowNetRegressor(random_state=0)
    search = HalvingRandomSearchCV(
        net, search_space(net), resource="max_iter", max_resources=9, min_resources=1,
        cv=2, random_state=0,
    )  # fmt: skip
    assert search.fit(X, number).n_resources_ == [1, 3, 9]


# -- with Optuna's trials, without Optuna ----------------------------------------------


def test_a_trial_is_asked_for_the_same_values():
    trial = FixedTrial()
    found = suggest(
        trial,
        {
            "a": loguniform(1e-3, 10),
            "b": uniform(0.5, 0.25),
            "c": randint(1, 4),
            "d": ["x", None],
        },
    )
    assert found == {"a": 1e-3, "b": 0.5, "c": 1, "d": "x"}
    assert trial.asked == {
        "a": (1e-3, 10, True),
        "b": (0.5, 0.75, False),
        "c": (1, 3),
        "d": ["x", None],
    }


@each_size
@each_model
def test_a_trial_can_be_asked_for_every_space(model, size):
    found = suggest(FixedTrial(), search_space(model, size))
    assert set(found) == set(search_space(model, size))
    clone(model).set_params(**found)._validate_params()


@pytest.mark.parametrize("where", [norm(), 0.5, "relu"])
def test_what_a_trial_cannot_be_asked_for_is_named(where):
    with pytest.raises(TypeError, match=r"space\['alpha'\] must be a list, or one of"):
        suggest(FixedTrial(), {"alpha": where})


def test_a_pruning_callback_needs_rows_held_out():
    pytest.importorskip("sklearn.callback")
    net = DeepNetClassifier(max_iter=2).set_callbacks(PruneTrial(None))
    with pytest.raises(ValueError, match=r"must have rows held out .* early_stopping"):
        net.fit(X, target(net))


# -- subclasses ------------------------------------------------------------------------


class Rated(DeepNetClassifier):
    def __init__(self, learning_rate_init=0.01, random_state=None, own=3):
        super().__init__((4,), learning_rate_init=learning_rate_init, max_iter=2)
        self.random_state = random_state
        self.own = own


class Fixed(LogisticRegressionScratch):
    def __init__(self, random_state=None):
        super().__init__(random_state=random_state)


@pytest.mark.parametrize("size", SIZES)
def test_a_subclass_is_searched_over_what_its_constructor_names(size):
    X, y = np.random.RandomState(0).randn(30, 2), np.arange(30) % 2
    for given, name in [
        (Rated(), "learning_rate_init"),
        (Rated, "learning_rate_init"),
        (make_pipeline(StandardScaler(), Rated()), "rated__learning_rate_init"),
    ]:
        space = search_space(given, size)
        assert [*space] == [name]
        model = given() if isinstance(given, type) else given
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            RandomizedSearchCV(model, space, n_iter=2, cv=2).fit(X, y)


@pytest.mark.parametrize("given", [Fixed, Fixed(), make_pipeline(Fixed())], ids=str)
def test_a_subclass_that_names_nothing_to_search_over_is_told(given):
    pattern = "Fixed must name .* got only random_state; add .* C, standardize"
    with pytest.raises(ValueError, match=pattern) as caught:
        search_space(given)
    assert len(str(caught.value)) <= 300


def test_one_network_of_several_may_have_nothing_to_search_over():
    pipe = make_pipeline(Fixed(), Rated())
    space = search_space(pipe)
    assert [*space] == ["rated__learning_rate_init"]
