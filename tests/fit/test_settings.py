"""Settings: what an estimator asks of one training, read from the instance."""

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
from sknn_scratch._fit.settings import architecture_of, defaults, parameters_of
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
    assert shallow == deep == ((7,), ("tanh",), (0.1,), "he")
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
