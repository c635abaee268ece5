"""The simple models, and the scores that they and a model get on the same rows."""

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.metrics import (
    accuracy_score,
    hamming_loss,
    log_loss,
    mean_absolute_error,
    root_mean_squared_error,
)

from sknn_scratch.inspection._baselines import (
    BOOSTING,
    CONSTANT,
    OrdinalTable,
    judged_baselines,
    scores_of,
    scores_of_classes,
    scores_of_numbers,
)

rng = np.random.RandomState(0)
TABLE = pd.DataFrame(
    {
        "number": rng.randn(300),
        "level": rng.choice(["u", "v", None], 300),
        "day": pd.date_range("2020-01-01", periods=300),
    }
)
CLASSES = np.where((TABLE.number > 0) & (TABLE.level == "u"), "yes", "no")
TRAIN, TEST = slice(200), slice(200, None)


def judged(y, classifier):
    rows = TABLE[TRAIN], y[TRAIN], TABLE[TEST], y[TEST]
    found = judged_baselines(*rows, classifier=classifier)
    assert [one.name for one in found] == [CONSTANT, BOOSTING]
    return [one.scores for one in found]


def test_scores_of_classes_are_those_of_scikit_learn():
    P = rng.dirichlet(np.ones(3), 50)
    y = rng.choice(["a", "b", "c"], 50)
    w = rng.rand(50)
    scores = scores_of_classes(np.array(["a", "b", "c"]), P, y, w)
    right = accuracy_score(y, np.array(["a", "b", "c"])[P.argmax(1)], sample_weight=w)
    assert scores["error"] == pytest.approx(1 - right)
    assert scores["log loss"] == pytest.approx(log_loss(y, P, sample_weight=w))


def test_scores_of_labels_are_means_over_them():
    P, Y = rng.rand(50, 3), rng.randint(2, size=(50, 3))
    scores = scores_of_classes(np.arange(3), P, Y)
    assert scores["error"] == pytest.approx(hamming_loss(Y, P > 0.5))
    each = [log_loss(Y[:, j], P[:, j]) for j in range(3)]
    assert scores["log loss"] == pytest.approx(np.mean(each))


def test_a_class_that_training_has_not_seen_is_an_error_of_probability_0():
    model = DummyClassifier().fit(np.zeros((4, 1)), list("aabb"))
    scores = scores_of(model, np.zeros((2, 1)), ["c", "c"])
    assert scores["error"] == 1
    assert scores["log loss"] == pytest.approx(-np.log(np.finfo(float).eps))


def test_scores_of_numbers_are_those_of_scikit_learn():
    Y, other, w = rng.randn(40, 2), rng.randn(40, 2), rng.rand(40)
    scores = scores_of_numbers(other, Y, w)
    rmse = root_mean_squared_error(Y, other, sample_weight=w)
    assert scores["RMSE"] == pytest.approx(rmse)
    mae = mean_absolute_error(Y, other, sample_weight=w)
    assert scores["MAE"] == pytest.approx(mae)


def test_the_constant_of_classes_has_the_entropy_of_their_shares():
    constant, _ = judged(CLASSES, True)
    share, rest = np.mean(CLASSES[TRAIN] == "yes"), np.mean(CLASSES[TEST] == "yes")
    expected = -rest * np.log(share) - (1 - rest) * np.log(1 - share)
    assert constant["log loss"] == pytest.approx(expected)


def test_trees_get_numbers_as_they_are():
    X, y = rng.randn(300, 3), rng.randn(300)
    _, boosted = [
        one.scores
        for one in judged_baselines(X[TRAIN], y[TRAIN], X[TEST], y[TEST], classifier=0)
    ]
    plain = HistGradientBoostingRegressor(random_state=0).fit(X[TRAIN], y[TRAIN])
    assert boosted == scores_of(plain, X[TEST], y[TEST])


def test_trees_get_levels_as_categories():
    _, boosted = judged(CLASSES, True)
    own = TABLE.assign(
        level=TABLE.level.astype("category"), day=np.arange(300.0)
    )  # the order of days counts, not their origin
    plain = HistGradientBoostingClassifier(
        random_state=0, categorical_features=["level"]
    ).fit(own[TRAIN], CLASSES[TRAIN])
    expected = scores_of(plain, own[TEST], CLASSES[TEST])
    assert boosted == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("classifier", [True, False])
def test_several_answers_a_row_are_taken(classifier):
    Y = np.column_stack([TABLE.number > 0, TABLE.level == "u"]).astype(int)
    constant, boosted = judged(Y[:200].repeat(2, axis=0)[:300], classifier)
    assert all(np.isfinite([*constant.values(), *boosted.values()]))


def test_unseen_and_missing_levels_and_dates_are_nan():
    table = OrdinalTable().fit(TABLE)
    new = pd.DataFrame({"number": [None], "level": ["new"], "day": [pd.NaT]})
    assert np.isnan(table.transform(new.astype({"number": float}))).all()


@pytest.mark.parametrize("nothing", [np.nan, None, pd.NaT])
def test_a_column_without_values_does_not_stop_the_trees(nothing):
    table, y = TABLE.assign(empty=nothing), CLASSES
    rows = table[TRAIN], y[TRAIN], table[TEST], y[TEST]
    found = judged_baselines(*rows, classifier=True)
    assert [one.scores for one in found] == judged(y, True)


def test_images_are_rows_of_pixels():
    X, y = rng.rand(40, 3, 3), np.arange(40) % 2
    found = judged_baselines(X[:30], y[:30], X[30:], y[30:], classifier=True)
    assert len(found) == 2


def test_a_column_without_a_value_does_not_matter():
    rng = np.random.RandomState(0)
    X = rng.randn(60, 2)
    y = (X[:, 0] > 0).astype(int)
    gone = np.column_stack([X, np.full(60, np.nan)])
    plain = judged_baselines(X, y, X, y, classifier=True)
    judged = judged_baselines(gone, y, gone, y, classifier=True)
    assert [one.scores for one in judged] == [one.scores for one in plain]
