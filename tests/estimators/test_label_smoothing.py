"""Smoothed labels: what is the optimum, and the cost."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from small_net import net, started, stepping

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize("s", [0.1, 0.4])
@pytest.mark.parametrize("K", [2, 3, 5])
def test_smoothed_labels_are_the_probabilities_of_the_optimum(K, s):
    # rows of their own feature each: the cost is at its minimum where P = smoothed Y
    X, y = np.eye(K), np.arange(K)
    model = net(
        (), solver="lbfgs", alpha=0, label_smoothing=s, tol=1e-9, max_iter=500
    ).fit(X, y)
    # J is flat: ftol = 2.2e-9 of it is reached where P is right to its root
    assert_allclose(model.predict_proba(X), (1 - s) * np.eye(K) + s / K, atol=2e-4)


def test_smoothed_labels_of_several_labels_have_two_classes_each():
    X, Y = np.eye(3), np.array([[1, 0], [1, 1], [0, 0]])
    model = net(
        (), solver="lbfgs", alpha=0, label_smoothing=0.2, tol=1e-9, max_iter=500
    )
    assert_allclose(model.fit(X, Y).predict_proba(X), 0.8 * Y + 0.1, atol=2e-4)


@stepping
def test_the_cost_is_that_of_the_smoothed_labels(blobs, solver):
    X, y = blobs
    s = 0.3
    model = started(net(solver=solver, alpha=0, label_smoothing=s), X, y)
    Y = (1 - s) * np.eye(3)[y] + s / 3
    cost = -(Y * model.predict_log_proba(X)).sum(axis=1).mean()
    assert model.loss_curve_[0] == pytest.approx(cost, rel=1e-12)


def test_rows_held_out_are_not_smoothed(blobs):
    X, y = blobs
    model = net(label_smoothing=0.3, max_iter=3).fit(X, y, X_val=X, y_val=y)
    cost = -model.predict_log_proba(X)[np.arange(90), y].mean()
    assert model.validation_loss_curve_[-1] == pytest.approx(cost, rel=1e-12)
