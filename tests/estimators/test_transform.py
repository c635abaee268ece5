"""Features that a network has learned."""

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.pipeline import make_pipeline
from small_net import net

from sknn_scratch import (
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
    ShallowNetRegressor,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


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
