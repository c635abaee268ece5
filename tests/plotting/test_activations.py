"""ActivationDisplay: functions, derivatives, and where a network uses them."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
)
from sknn_scratch._engine.activations import ACTIVATIONS, Tanh
from sknn_scratch.datasets import make_flower
from sknn_scratch.plotting import ActivationDisplay

X, y = make_flower()


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def two_units(activation, first, second):
    """A network whose units are given z = first x1 and z = second x1."""
    net = ShallowNetClassifier(2, activation, max_iter=1, warn=False).fit(X, y)
    net.coefs_[0][...] = [[first, second], [0, 0]]
    net.intercepts_[0][...] = 0
    return net


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_curves_are_g_and_its_derivative(name):
    display = ActivationDisplay.from_name(name)
    [line], [slope] = display.lines_, display.slopes_
    z, a = line.get_data()
    Z = z.reshape(1, -1).copy()
    A = np.empty_like(Z)
    ACTIVATIONS[name]().forward(Z, out=A)
    assert a.tolist() == A[0].tolist()
    smooth = np.abs(z) > 0.1  # away from the corner of a relu
    numerical = np.gradient(a, z, edge_order=2)
    assert slope.get_ydata()[smooth] == pytest.approx(numerical[smooth], abs=2e-3)


def test_the_slope_is_the_engine_s(monkeypatch):
    def chain(self, A, dA):
        dA *= 7

    monkeypatch.setattr(Tanh, "chain", chain)
    display = ActivationDisplay.from_name("tanh")
    assert set(display.slopes_[0].get_ydata()) == {7.0}


def test_several_have_axes_of_their_own_under_their_names():
    display = ActivationDisplay.from_name(["relu", "tanh", "sigmoid", "elu"])
    assert [ax.get_title() for ax in display.axes_] == [
        "relu",
        "tanh",
        "sigmoid",
        "elu",
    ]
    assert not display.ax_.axison
    assert display.histograms_ == []


def test_limit_and_negative_slope_are_taken():
    display = ActivationDisplay.from_name("leaky_relu", limit=2, negative_slope=0.5)
    assert display.ax_.get_xlim() == (-2, 2)
    assert display.a[0][0] == -1


def test_what_a_layer_is_given_is_z_of_the_network():
    net = DeepNetClassifier((5, 3), ["tanh", "gelu"], max_iter=3, warn=False).fit(X, y)
    display = ActivationDisplay.from_estimator(net, X)
    (W1, W2, _), (b1, b2, _) = net.coefs_, net.intercepts_
    Z1 = X @ W1 + b1
    Z2 = np.tanh(Z1) @ W2 + b2
    assert display.Z[0] == pytest.approx(Z1.T)
    assert display.Z[1] == pytest.approx(Z2.T)
    assert display.Z[2][0] == pytest.approx(net.decision_function(X))
    assert len(display.histograms_) == 3
    heights = display.histograms_[0].get_data().values
    assert heights.max() == pytest.approx(0.9)


def test_a_pipeline_and_sparse_rows_are_welcome():
    model = make_pipeline(StandardScaler(), ShallowNetClassifier(3, max_iter=2))
    model[-1].warn = False
    display = ActivationDisplay.from_estimator(model.fit(X, y), X)
    sparse = csr_array(model[0].transform(X))
    again = ActivationDisplay.from_estimator(model[-1], sparse)
    assert again.Z[0] == pytest.approx(display.Z[0])


def test_a_logistic_regression_shows_its_sigmoid():
    model = LogisticRegressionScratch().fit(X, y)
    display = ActivationDisplay.from_estimator(model, X)
    assert display.ax_.get_title().startswith("output: sigmoid, 1 unit\n")


def test_dead_relus_are_counted():
    rows = np.abs(X)  # z = x1 > 0 for the first unit, z = -x1 < 0 for the second
    display = ActivationDisplay.from_estimator(two_units("relu", 1, -1), rows)
    assert display.names[0].splitlines() == [
        "layer 1: relu, 2 units",
        "50 % of values flat, 1 unit always",
    ]


def test_a_unit_that_some_rows_wake_is_not_counted():
    rows = np.array([[1.0, 0], [-1, 0]])
    display = ActivationDisplay.from_estimator(two_units("relu", 1, 1), rows)
    assert display.names[0].endswith("\n50 % of values flat")


def test_saturated_units_are_counted():
    rows = np.ones((10, 2))  # 1 - tanh(3)^2 = 0.0099, 1 - tanh(1)^2 = 0.42
    display = ActivationDisplay.from_estimator(two_units("tanh", 3, 1), rows)
    assert display.names[0].endswith("50 % of values flat, 1 unit always")
    display = ActivationDisplay.from_estimator(two_units("tanh", 1, 1), rows)
    assert display.names[0].endswith("\n0 % of values flat")


def test_values_beyond_the_axes_are_in_the_outermost_bars():
    rows = np.zeros((1000, 2))
    rows[0] = 1000
    display = ActivationDisplay.from_estimator(two_units("tanh", 1, 1), rows)
    assert display.axes_[0].get_xlim() == (-4, 4)
    assert display.histograms_[0].get_data().values[-1] > 0


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: ActivationDisplay.from_name("tan"), "names must be .* got 'tan'"),
        (lambda: ActivationDisplay.from_name([]), "at least one activation, got none"),
        (lambda: ActivationDisplay.from_name("tanh", limit=0), "above 0, got 0"),
        (
            lambda: ActivationDisplay.from_estimator(
                DeepNetRegressor(hidden_layer_sizes=(), max_iter=1, warn=False).fit(
                    X, y
                ),
                X,
            ),
            "hidden layer or a sigmoid .* got DeepNetRegressor with another",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused_before_a_figure_is_made(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
    assert plt.get_fignums() == []
