"""Rows out of fold, as inspection and plots read them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sknn_scratch import TabularNetClassifier, TabularNetRegressor
from sknn_scratch._tabular.calibration import (
    log_odds,
    out_of_fold_probabilities,
    probabilities,
    shrunk,
)
from sknn_scratch._tabular.out_of_fold import rows_out_of_fold

SMALL = {"hidden_layer_sizes": (6,), "max_iter": 2, "random_state": 0}
RNG = np.random.RandomState(0)
X = RNG.randn(50, 2)
Y = np.where(X[:, 0] > 0, "yes", "no")


def test_all_rows_that_a_member_held_out_are_there():
    model = TabularNetClassifier(n_members=2, **SMALL).fit(X, Y)
    found = rows_out_of_fold(model, Y)
    seen = ~np.isnan(model.oof_decision_function_)
    assert seen.sum() == 20  # two of five folds
    assert_array_equal(found.rows, np.flatnonzero(seen))
    assert_array_equal(found.predicted, model.oof_decision_function_[seen])
    assert_array_equal(found.codes, (Y == "yes")[seen])
    assert found.sample_weight is None


def test_rows_of_weight_0_are_left_out_as_in_fit():
    w = np.where(np.arange(50) < 10, 0.0, 2.0)
    y = RNG.randn(50)
    model = TabularNetRegressor(**SMALL).fit(X, y, w)
    found = rows_out_of_fold(model, y, w)
    assert_array_equal(found.rows, np.arange(10, 50))
    assert_array_equal(found.codes, y[10:])
    assert_array_equal(found.w, w[10:])
    with pytest.raises(ValueError, match="40 rows of a weight above 0.*got 50 such"):
        rows_out_of_fold(model, y)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (Y[:40], "got 40 such rows; give the training rows"),
        (np.where(Y == "yes", "no", "maybe"), "got 50 such rows of other targets"),
        (np.eye(2, dtype=int)[(Y == "yes").astype(int)], "of other targets"),
    ],
)
def test_another_y_is_refused(y, message):
    model = TabularNetClassifier(**SMALL).fit(X, Y)
    with pytest.raises(ValueError, match=f"y must be that of fit.*{message}"):
        rows_out_of_fold(model, y)


@pytest.mark.parametrize(
    ("kind", "n"), [("binary", 1), ("multiclass", 4), ("multilabel", 3)]
)
def test_the_temperature_is_undone(kind, n):
    Z, m, T = 3 * RNG.randn(20, n), 200, 2.5
    hot, cold = (shrunk(kind, probabilities(kind, Z, t), m) for t in (T, 1.0))
    P, before = out_of_fold_probabilities(kind, log_odds(kind, hot), T, m)
    assert_allclose(P, hot, rtol=1e-12)
    assert_allclose(before, cold, rtol=1e-9)


def test_a_probability_of_1_stays_finite():
    Z = np.array([[800.0], [-800.0]])
    decision = log_odds("binary", shrunk("binary", probabilities("binary", Z, 2.0), 9))
    for P in out_of_fold_probabilities("binary", decision, 2.0, 9):
        assert_allclose(P, [[0.05, 0.95], [0.95, 0.05]], rtol=1e-9)
