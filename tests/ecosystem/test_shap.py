"""SHAP: what each feature adds to an output."""

import warnings

import numpy as np
from numpy.testing import assert_allclose
from sklearn import clone

with warnings.catch_warnings():  # shap 0.51 uses what matplotlib 3.11 will drop
    warnings.simplefilter("ignore")
    import shap


def test_kernel_explainer_adds_up_to_the_probabilities(wine, model):
    X, y = wine
    fitted = clone(model).fit(X, y)
    explainer = shap.KernelExplainer(fitted.predict_proba, X[::20])
    values = explainer.shap_values(X[:3], nsamples=200, silent=True)
    assert values.shape == (3, 13, 3)
    total = explainer.expected_value + values.sum(axis=1)
    assert_allclose(total, fitted.predict_proba(X[:3]), atol=1e-8)
    mean = fitted.predict_proba(X[::20]).mean(axis=0)
    assert_allclose(explainer.expected_value, mean)


def test_linear_explainer_reads_the_coefficients(wine, logistic):
    X, y = wine
    for rows in (slice(None), y != "malbec"):  # three classes, two classes
        fitted = clone(logistic).fit(X[rows], y[rows])
        explainer = shap.LinearExplainer(fitted, shap.maskers.Independent(X, 1000))
        values = explainer.shap_values(X[:5])
        moved = X[:5] - X.mean(axis=0)
        expected = moved[:, :, None] * fitted.coef_.T
        assert_allclose(np.reshape(values, expected.shape), expected, atol=1e-10)
        total = explainer.expected_value + values.sum(axis=1)
        assert_allclose(total, fitted.decision_function(X[:5]), atol=1e-10)
