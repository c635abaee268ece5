"""summary: every number against the network's own arrays."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
    ShallowNetRegressor,
)
from sknn_scratch.datasets import make_flower
from sknn_scratch.inspection._summary import summary

X, Y = make_flower()
THREE = np.arange(len(Y)) % 3
CASES = {
    "logistic": (LogisticRegressionScratch(), Y),
    "shallow": (ShallowNetClassifier(3, max_iter=2, warn=False), THREE),
    "deep": (DeepNetClassifier((5, 3), max_iter=2, warn=False), THREE),
    "no hidden layer": (DeepNetClassifier((), max_iter=2, warn=False), Y),
    "numbers": (ShallowNetRegressor(4, max_iter=2, warn=False), Y),
    "counts": (DeepNetRegressor("poisson", (4, 2), max_iter=2, warn=False), Y),
}
all_cases = pytest.mark.parametrize("case", CASES)


@all_cases
def test_a_fitted_network_s_numbers_are_those_of_its_arrays(case):
    net, y = CASES[case]
    found, arrays = summary(net.fit(X, y)), net.parameters_
    assert [layer.W for layer in found.layers] == [
        arrays[name].shape for name in arrays if name[0] == "W"
    ]
    assert [layer.b for layer in found.layers] == [
        arrays[name].shape for name in arrays if name[0] == "b"
    ]
    assert found.n_parameters == sum(array.size for array in arrays.values())
    assert found.n_bytes == sum(array.nbytes for array in arrays.values())
    assert found.fitted
    assert found.steps == []
    assert found.out_activation == found.layers[-1].activation


@all_cases
def test_with_X_and_y_an_unfitted_network_is_what_fit_makes_of_it(case):
    net, y = CASES[case]
    fresh = type(net)(**net.get_params())
    before, after = summary(fresh, X, y), summary(net.fit(X, y))
    assert (before.layers, before.loss) == (after.layers, after.loss)
    assert before.n_bytes == after.n_bytes
    assert not before.fitted
    assert not fresh.__sklearn_is_fitted__()


def test_float32_needs_half_the_bytes():
    net = ShallowNetClassifier(3, max_iter=1, warn=False)
    assert summary(net.fit(X.astype(np.float32), Y)).n_bytes == 4 * (3 * 3 + 4)


def test_what_only_the_data_can_tell_is_unknown():
    found = summary(DeepNetClassifier((5, 3)))
    assert [layer.W for layer in found.layers] == [(5, None), (3, 5), (None, 3)]
    assert [layer.n_parameters for layer in found.layers] == [None, 18, None]
    assert found.n_parameters is found.n_bytes is found.loss is None
    for text in ("(5, n_x)", "(n_y, 3)", "? parameters"):
        assert text in str(found)


def test_X_alone_tells_the_number_of_features_also_through_a_pipeline():
    net = DeepNetClassifier((5, 3))
    for model in (net, make_pipeline(StandardScaler(), net)):
        assert summary(model, X).layers[0].W == (5, 2)
        assert summary(model, X).layers[-1].units is None


def test_a_regressor_knows_its_loss_before_fit():
    found = summary(DeepNetRegressor("huber", (4,)))
    assert (found.loss, found.out_activation) == ("huber", "identity")


def test_steps_before_the_network_are_named():
    inner = make_pipeline(StandardScaler(), ShallowNetClassifier(3))
    found = summary(make_pipeline("passthrough", inner))
    assert found.steps == ["passthrough", "standardscaler"]
    assert "passthrough, standardscaler" in str(found)


def test_activations_and_dropout_are_told_layer_by_layer():
    net = DeepNetClassifier((5, 3), ["tanh", "swish"], dropout=[0.5, 0])
    layers = summary(net).layers
    assert [layer.activation for layer in layers] == ["tanh", "swish", None]
    assert [layer.dropout for layer in layers] == [0.5, 0, 0]
    assert "dropout" in str(summary(net))
    assert "dropout" not in str(summary(net.set_params(dropout=0.0)))


def test_a_fitted_network_is_what_it_was_fitted_as():
    net = DeepNetClassifier((5, 3), "tanh", max_iter=1, warn=False).fit(X, Y)
    net.set_params(hidden_layer_sizes=(7,), activation="relu", dropout=0.5)
    layers = summary(net).layers
    assert [layer.units for layer in layers] == [5, 3, 1]
    assert [layer.activation for layer in layers] == ["tanh", "tanh", "logistic"]
    assert [layer.dropout for layer in layers] == [0, 0, 0]


def test_other_estimators_and_wrong_parameters_are_refused():
    with pytest.raises(TypeError, match="estimator must be a network"):
        summary(LogisticRegression())
    with pytest.raises(ValueError, match="hidden_layer_sizes"):
        summary(DeepNetClassifier("a"))


def test_the_page_has_the_table_and_the_diagram():
    page = summary(ShallowNetClassifier(3), X, Y)._repr_html_()
    assert "<table>" in page
    assert "(3, 2)" in page
    assert "<svg" in page


def test_x_may_be_a_list_and_is_refused_as_fit_refuses_it():
    assert summary(ShallowNetClassifier(3), [[1, 2], [3, 4]]).layers[0].W == (3, 2)
    with pytest.raises(ValueError, match="Expected 2D array, got 1D array"):
        summary(ShallowNetClassifier(3), [1.0, 2.0])
