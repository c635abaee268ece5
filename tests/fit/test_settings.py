"""Settings: what an estimator asks of one training, read from the instance."""

import pickle
from copy import deepcopy

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_iris

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
    ShallowNetRegressor,
)
from sknn_scratch._fit.parameter_constraints import RULES
from sknn_scratch._fit.settings import (
    architecture_of,
    defaults,
    parameters_of,
    set_parameters,
)
from sknn_scratch.inspection import check_gradient, diagnose, explain_step, summary

CLASSES = [
    LogisticRegressionScratch,
    ShallowNetClassifier,
    DeepNetClassifier,
    ShallowNetRegressor,
    DeepNetRegressor,
]
all_classes = pytest.mark.parametrize("cls", CLASSES)
X, Y = load_iris(return_X_y=True)
ROWS = np.empty((3, 4))


class Own(DeepNetClassifier):
    """A subclass whose constructor names other parameters than those it sets."""

    def __init__(self, width=6, random_state=None):
        super().__init__(
            (width,),
            solver="sgd",
            momentum=0.0,
            nesterovs_momentum=False,
            learning_rate="invscaling",
            power_t=0.3,
            activation="leaky_relu",
            negative_slope=0.4,
            max_iter=15,
            warn=False,
            random_state=random_state,
        )
        self.width = width


class OwnRegressor(ShallowNetRegressor):
    """The same for a loss's parameter and an optimiser's."""

    def __init__(self, random_state=None):
        super().__init__(
            5,
            loss="huber",
            huber_delta=0.2,
            beta_1=0.5,
            epsilon=0.1,
            max_iter=5,
            warn=False,
            random_state=random_state,
        )


def plain(net):
    """The package's own estimator with the same parameters."""
    cls = type(net).__mro__[1]
    return cls(**parameters_of(net))


@all_classes
def test_every_parameter_has_a_rule(cls):
    assert [*cls._parameter_constraints] == [*defaults(cls)]
    assert {*defaults(cls)} <= {*RULES}


@all_classes
def test_settings_answer_for_parameters_that_a_class_lacks(cls):
    settings = cls()._settings(ROWS)
    assert settings["tol"] == 1e-4
    assert settings["label_smoothing"] == 0.0
    assert settings["fit_intercept"] is True


@pytest.mark.parametrize("net", [Own(random_state=0), OwnRegressor(random_state=0)])
def test_a_subclass_trains_with_the_parameters_that_it_shows(net):
    mine, ours = clone(net).fit(X, Y), plain(net).fit(X, Y)
    assert mine.loss_curve_ == ours.loss_curve_
    for one, other in zip(mine.coefs_, ours.coefs_, strict=True):
        assert_array_equal(one, other)


def test_a_subclass_s_hidden_parameters_are_validated():
    class Wrong(DeepNetClassifier):
        def __init__(self, random_state=None):
            super().__init__((3,), momentum=7, random_state=random_state)

    with pytest.raises(ValueError, match="'momentum' parameter of Wrong must be"):
        Wrong().fit(X, Y)


def test_a_checkpoint_of_a_subclass_is_of_its_parameters(tmp_path):
    class Kept(DeepNetClassifier):
        def __init__(self, momentum_=0.0, path=None):
            super().__init__(
                (4,),
                solver="sgd",
                momentum=momentum_,
                max_iter=3,
                checkpoint=path,
                warn=False,
                random_state=0,
            )
            self.momentum_, self.path = momentum_, path

    path = str(tmp_path / "training.h5")
    Kept(0.0, path).fit(X, Y)
    with pytest.raises(
        ValueError, match="made with momentum=0.0, now it is momentum=0.5"
    ):
        Kept(0.5, path).fit(X, Y)


@pytest.mark.parametrize("fitted", [False, True])
def test_a_subclass_is_looked_into_as_any_other(fitted):
    net = Own(random_state=0)
    if fitted:
        net.fit(X, Y)
    assert check_gradient(net, X, Y).passed
    assert str(explain_step(net, X, Y)) == str(explain_step(net, X, Y))
    assert "leaky_relu" in str(summary(net, X, Y))
    assert diagnose(net, X, Y) is not None


def test_the_hidden_layers_come_from_either_parameter():
    wide = {"activation": "tanh", "dropout": 0.1, "init": "he"}
    shallow = architecture_of({"n_hidden": 7, **wide})
    deep = architecture_of({"hidden_layer_sizes": 7, "n_hidden_layers": None, **wide})
    assert shallow == deep == ((7,), ("tanh",), (0.1,), ("he", "he"))
    assert architecture_of({"C": 1.0}).units == ()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"hidden_layer_sizes": (3, 0)}, "hidden_layer_sizes must be > 0 in every"),
        ({"activation": ["relu"]}, "activation must be one name or one for each of"),
        ({"dropout": [0.1, 2]}, "dropout must be at least 0 and less than 1"),
        ({"n_hidden_layers": 2}, "n_hidden_layers=2 repeats an int"),
    ],
)
def test_layers_that_cannot_be_are_refused(changed, message):
    parameters = parameters_of(DeepNetClassifier((4, 4))) | changed
    with pytest.raises(ValueError, match=message):
        architecture_of(parameters)


class LateConstructor(DeepNetClassifier):
    """A subclass that sets its parameters when it is fitted."""

    def __init__(self, width=4):
        self.width = width

    def fit(self, X, y):
        super().__init__((self.width,), max_iter=2, warn=False, random_state=0)
        return super().fit(X, y)


def test_a_subclass_that_sets_its_parameters_late_is_copied_and_pickled():
    net = pickle.loads(pickle.dumps(deepcopy(LateConstructor(5))))
    assert net.fit(X, Y).coefs_[0].shape == (4, 5)
    again = pickle.loads(pickle.dumps(net))
    assert_array_equal(again.predict(X), net.predict(X))


def test_a_subclass_s_own_default_is_no_change():
    class Calm(DeepNetClassifier):
        def __init__(self, hidden_layer_sizes=(3,), momentum=0.5, max_iter=2, tol=0):
            super().__init__(
                hidden_layer_sizes, momentum=momentum, max_iter=max_iter, tol=tol
            )

    Calm().fit(X, Y)  # a warning would be an error
    with pytest.warns(UserWarning, match="makes no use of momentum=0.7"):
        Calm(momentum=0.7).fit(X, Y)


def test_classes_are_those_of_the_fitted_attribute():
    net = DeepNetClassifier((3,), warn=False).partial_fit(X, Y, classes=[0, 1, 2])
    net.classes_ = np.array(["a", "b", "c"])
    net.partial_fit(X, np.array(["a", "b", "c"])[Y])
    assert set(net.predict(X)) <= {"a", "b", "c"}
    with pytest.raises(ValueError, match="y must hold the labels of classes="):
        net.partial_fit(X, Y)


def test_parameters_that_a_class_lacks_cannot_be_set_for_a_training():
    with pytest.raises(ValueError, match="has no parameter 'momentun'; those it has"):
        set_parameters(DeepNetClassifier(), momentun=0.5)


def test_defaults_cannot_be_changed_by_a_reader():
    with pytest.raises(TypeError, match="does not support item assignment"):
        defaults(DeepNetClassifier)["tol"] = 1.0


def test_a_scorer_is_made_only_where_rows_are_held_out():
    def no_scorer(y_true, y_pred):
        return 0.0

    DeepNetClassifier((3,), scoring=no_scorer, max_iter=2, tol=0).fit(X, Y)
    # scikit-learn refuses a metric where a scorer is wanted
    from sklearn.metrics import accuracy_score

    net = DeepNetClassifier((3,), scoring=accuracy_score, max_iter=2, tol=0)
    net.fit(X, Y)
    with pytest.raises(ValueError, match="scor"):
        net.set_params(early_stopping=True).fit(X, Y)


def test_weights_that_float32_rounds_to_zero_do_not_end_a_fit():
    rng = np.random.RandomState(0)
    rows, w = rng.randn(20_000, 2).astype(np.float32), np.full(20_000, 1e-60)
    w[-100:] = 1.0
    net = DeepNetClassifier((2,), solver="gd", max_iter=2, tol=0, random_state=0)
    net.fit(rows, np.arange(20_000) % 2, w)
    assert np.isfinite(net.loss_)


def test_init_may_name_the_weights_of_each_layer(blobs):
    options = {"random_state": 0, "learning_rate_init": 1e-300, "max_iter": 1}
    options |= {"tol": 0, "warn": False}
    one = DeepNetClassifier((5, 4), init="he", **options).fit(*blobs)
    mixed = DeepNetClassifier((5, 4), init=("he", "he", "zeros"), **options).fit(*blobs)
    for l in (0, 1):
        assert_array_equal(mixed.coefs_[l], one.coefs_[l])
    assert abs(mixed.coefs_[2]).max() < 1e-200
    alone = DeepNetClassifier((), init=["zeros"], **options).fit(*blobs)
    assert abs(alone.coefs_[0]).max() < 1e-200


@pytest.mark.parametrize(
    ("init", "message"),
    [
        (["he"], "init must be one name or one for each of the 2 layers, got 1"),
        (["he", "him"], r"init must be one of \['auto', .* got 'him'"),
        (["he", 3], r"init must be one of .* got 3"),
    ],
)
def test_an_init_for_each_layer_is_checked(blobs, init, message):
    with pytest.raises(ValueError, match=message):
        DeepNetClassifier((5,), init=init).fit(*blobs)
