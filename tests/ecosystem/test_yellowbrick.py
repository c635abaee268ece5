"""yellowbrick: pictures of classifiers, which it knows by _estimator_type."""

import warnings

import numpy as np
import pytest
from matplotlib import pyplot as plt
from numpy.testing import assert_array_equal
from sklearn import clone
from sklearn.metrics import confusion_matrix

with warnings.catch_warnings():  # yellowbrick 1.5 compares versions with distutils
    warnings.simplefilter("ignore")
    from yellowbrick.classifier import ROCAUC, ClassificationReport, ConfusionMatrix


@pytest.fixture(autouse=True)
def no_figures_left():
    yield
    plt.close("all")


def test_confusion_matrix_is_that_of_scikit_learn(wine, model):
    X, y = wine
    shown = ConfusionMatrix(clone(model).set_params(max_iter=3))
    shown.fit(X[::2], y[::2])
    accuracy = shown.score(X[1::2], y[1::2])
    shown.finalize()
    names = shown.predict(X[1::2])
    assert_array_equal(shown.confusion_matrix_, confusion_matrix(y[1::2], names))
    assert accuracy == (names == y[1::2]).mean()
    assert shown.classes_.tolist() == ["barbera", "malbec", "pinot"]


@pytest.mark.parametrize("visualizer", [ClassificationReport, ROCAUC])
def test_a_fitted_model_is_taken_as_it_is(wine, model, visualizer):
    X, y = wine
    fitted = clone(model).fit(X[::2], y[::2])
    weights = np.copy(fitted.parameters_["W1"])
    shown = visualizer(fitted).fit(X[1::2], y[1::2])
    assert shown.score(X[1::2], y[1::2]) > 0.9
    shown.finalize()
    assert_array_equal(fitted.parameters_["W1"], weights)
