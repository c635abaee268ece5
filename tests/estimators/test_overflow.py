"""Predictions are never NaN: they saturate, or the row is named."""

import numpy as np
import pytest

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
)

RNG = np.random.RandomState(0)
X, CLASSES = RNG.randn(60, 4), np.arange(60) % 3
COMMON = {"max_iter": 5, "random_state": 0, "warn": False}
MODELS = {
    "logistic": LogisticRegressionScratch(warn=False).fit(X, CLASSES),
    "binary": LogisticRegressionScratch(warn=False).fit(X, CLASSES == 1),
    "deep": DeepNetClassifier((5,), **COMMON).fit(X, CLASSES),
    "tanh": ShallowNetClassifier(5, **COMMON).fit(X, CLASSES),
    "several": DeepNetClassifier((5,), **COMMON).fit(X, np.eye(4, dtype=int)[CLASSES]),
    "float32": DeepNetClassifier((5,), **COMMON).fit(X.astype("f"), CLASSES),
    "number": DeepNetRegressor(hidden_layer_sizes=(5,), **COMMON).fit(X, X[:, 0]),
    "poisson": DeepNetRegressor(hidden_layer_sizes=(5,), loss="poisson", **COMMON).fit(
        X, abs(X[:, 0])
    ),
}
METHODS = [
    "transform",
    "predict",
    "predict_proba",
    "predict_log_proba",
    "decision_function",
]


def largest(model):
    return np.finfo(next(iter(model.parameters_.values())).dtype).max


def answers(model, rows):
    """What each method says; None where it names the row that gives NaN."""
    for method in METHODS:
        if hasattr(model, method):
            try:
                yield method, getattr(model, method)(rows)
            except ValueError as error:
                named = "row 0 of X (the first is 0) gives NaN" in str(error)
                yield method, None if named and len(str(error)) <= 300 else np.nan


@pytest.mark.parametrize("share", [1e-3, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("signs", [(1, 1, 1, 1), (1, -1, 1, -1), (-1, -1, 1, 1)])
@pytest.mark.parametrize("name", MODELS)
def test_rows_near_the_largest_number(name, signs, share):
    model = MODELS[name]
    dtype = next(iter(model.parameters_.values())).dtype
    rows = (share * largest(model) * np.array([signs, signs])).astype(dtype)
    for method, found in answers(model, rows):
        assert found is None or not np.isnan(found).any(), method
        if method == "predict_proba" and name != "several" and found is not None:
            np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_weights_near_the_largest_number(name):
    model = MODELS[name]
    before = {key: layer.copy() for key, layer in model.parameters_.items()}
    try:
        for key, layer in model.parameters_.items():
            layer[...] = np.sign(layer) * largest(model) / 2
            for method, found in answers(model, X[:2].astype(layer.dtype)):
                assert found is None or not np.isnan(found).any(), (key, method)
    finally:
        for key, layer in model.parameters_.items():
            layer[...] = before[key]


def test_infinite_logits_are_sure():
    model = LogisticRegressionScratch(warn=False).fit(X, CLASSES)
    model.coef_[...] = [[1e300] * 4, [0.0] * 4, [0.0] * 4]
    model.intercept_[...] = 0
    P = model.predict_proba(np.full((1, 4), 1e300))
    assert P.argmax() == 0
    assert P[0, 0] == 1
