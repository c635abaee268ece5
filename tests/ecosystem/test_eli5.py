"""eli5: weights of linear models in words, importance by permutation."""

import eli5
import numpy as np
import pytest
from eli5.sklearn import PermutationImportance
from eli5.sklearn.explain_weights import explain_linear_classifier_weights, register
from numpy.testing import assert_allclose
from sklearn import clone

from sknn_scratch import LogisticRegressionScratch


@pytest.fixture(scope="module", autouse=True)
def known():
    """eli5 goes by the class, not by coef_: others than its own have to register."""
    register(LogisticRegressionScratch)(explain_linear_classifier_weights)


def test_weights_are_the_coefficients(wine, logistic):
    X, y = wine
    names = [f"f{i}" for i in range(13)]
    fitted = clone(logistic).fit(X, y)
    told = eli5.explain_weights(fitted, feature_names=names, top=None)
    assert told.error is None
    assert [target.target for target in told.targets] == fitted.classes_.tolist()
    for k, target in enumerate(told.targets):
        weights = target.feature_weights
        found = {each.feature: each.weight for each in weights.pos + weights.neg}
        assert_allclose(found.pop("<BIAS>"), fitted.intercept_[k])
        assert_allclose([found[name] for name in names], fitted.coef_[k])


def test_two_classes_have_one_row_of_weights(wine, logistic):
    X, y = wine
    fitted = clone(logistic).fit(X, y == "pinot")
    (target,) = eli5.explain_weights(fitted, top=None).targets
    weights = target.feature_weights
    assert target.target  # of the class True
    assert len(weights.pos) + len(weights.neg) == 14


@pytest.mark.parametrize("cv", ["prefit", 3])
def test_permutation_importance(model, cv):
    rng = np.random.RandomState(0)
    X = rng.randn(300, 5)
    y = np.where(X[:, 1] - X[:, 3] > 0, "up", "down")
    fitted = clone(model).fit(X, y) if cv == "prefit" else clone(model)
    found = PermutationImportance(fitted, random_state=0, cv=cv).fit(X, y)
    importances = found.feature_importances_
    assert importances[[1, 3]].min() > 0.1 > importances[[0, 2, 4]].max()
    told = eli5.explain_weights(found)
    assert {each.feature for each in told.feature_importances.importances[:2]} == {
        "x1",
        "x3",
    }
