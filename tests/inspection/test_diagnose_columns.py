"""What `diagnose` says of columns, targets, two sets of rows, losses and cures."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_diabetes, load_iris
from sklearn.dummy import DummyRegressor
from sklearn.impute import SimpleImputer
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    TabularNetClassifier,
    TabularNetRegressor,
)
from sknn_scratch.inspection import SYMPTOMS, diagnose
from sknn_scratch.inspection._diagnosis.cures import CURES
from sknn_scratch.inspection._diagnosis.signals import measure

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

M = 200


def shop(m=M, seed=0):
    """Return a table of numbers, categories and gaps, and whether customers left."""
    rng = np.random.RandomState(seed)
    X = pd.DataFrame(
        {
            "age": rng.randint(18, 80, m).astype(float),
            "spent": rng.gamma(2, 50, m),
            "city": rng.choice(["Oslo", "Rome", "Lima"], m),
        }
    )
    y = X["spent"] + 40 * rng.randn(m) + 30 * (X["city"] == "Rome") > 110
    X.loc[rng.rand(m) < 0.1, "age"] = np.nan
    return X, np.where(y, "left", "stayed")


def network(*columns, **parameters):
    """Return a network behind a Pipeline that encodes the columns."""
    texts = [c for c in columns if c in ("city", "text", "why", "sold", "name", "leak")]
    numbers = [c for c in columns if c not in texts]
    encode = make_column_transformer(
        (make_pipeline(StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="ignore"), texts),
        sparse_threshold=0,
    )
    parameters = {"hidden_layer_sizes": (8,), "random_state": 0, **parameters}
    return make_pipeline(encode, DeepNetClassifier(max_iter=20, **parameters))


def found(X, y, model=None, **val):
    model = (
        network("spent", *X.columns.drop(["age", "spent"])) if model is None else model
    )
    return {f.code: f for f in diagnose(model, X, y, **val)}


def test_a_table_of_nothing_unusual_is_no_reason_to_speak():
    X, y = shop()
    X_val, y_val = shop(seed=1)
    assert not found(X, y, X_val=X_val, y_val=y_val)


# -- columns ---------------------------------------------------------------------------


def gives_y_away(X, y):
    X["leak"] = np.where(y == "left", "closed", "open")
    return "column 'leak' alone"


def is_missing_where_y_is_known(X, y):
    X["why"] = np.where(y == "left", "price", None)
    return "whether column 'why' is missing alone"


def came_on_a_date(X, y):
    rng = np.random.RandomState(1)
    days = np.where(y == "left", rng.randint(0, 30, M), rng.randint(60, 90, M))
    X["spent"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(days, "D")
    return "column 'spent' alone"


@pytest.mark.parametrize(
    "plant", [gives_y_away, is_missing_where_y_is_known, came_on_a_date]
)
def test_a_column_that_gives_y_away_is_named(plant):
    X, y = shop()
    text = plant(X, y)
    (finding,) = found(X, y).values()
    assert finding.code == "leakage"
    assert finding.text.startswith(text)
    assert 0.9 < finding.value <= 1


def test_a_number_from_which_y_is_computed_is_named():
    X, _ = shop()
    y = 3 * X["spent"] + 20 * np.random.RandomState(2).randn(M)
    X["leak"] = 0.9 * y + 1
    model = TabularNetRegressor(n_members=2, max_iter=5, random_state=0).fit(X, y)
    assert found(X, y, model)["leakage"].text.startswith("column 'leak' alone")


def test_ids_and_texts_of_values_are_named():
    X, y = shop()
    X = X.drop(columns="age")
    X["text"] = [f"customer {i}" for i in range(M)]
    X["sold"] = [f"2024-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in range(M)]
    X["name"] = [f"{i % 90},{i % 1000:03d}.50" for i in range(M)]
    X["number"] = np.random.RandomState(0).permutation(M)
    said = list(diagnose(network(*X.columns), X, y))
    assert [(f.code, f.text.split("'")[1]) for f in said] == [
        ("id_column", "text"),
        ("id_column", "number"),
        ("values_as_texts", "sold"),
        ("values_as_texts", "name"),
    ]
    assert "pandas.to_datetime(X['sold'])" in said[2].advice
    assert "such as '0,000.50'" in said[3].text


def test_a_column_that_is_not_taken_is_not_judged():
    X, y = shop()
    X["id"], X["leak"] = range(M), y
    assert not found(X, y, network("spent", "city"))


# -- targets ---------------------------------------------------------------------------


def test_classes_nearly_as_many_as_rows_are_named():
    X, _ = shop()
    price = np.random.RandomState(0).randint(1000, 100_000, M)
    finding = found(X, price)["target_is_id"]
    assert finding.value > 0.9
    assert finding.advice == "take a regressor"


def test_a_regression_on_ids_is_named():
    X, _ = shop()
    y = np.random.RandomState(3).permutation(M) + 1000
    model = TabularNetRegressor(n_members=2, max_iter=5, random_state=0).fit(X, y)
    codes = set(found(X, y, model))
    assert "target_is_id" in codes
    assert "underfitting" not in codes  # its effect


def test_classes_of_next_to_no_rows_are_named():
    X, y = shop()
    y = y.astype(object)
    y[:3] = "moved"
    finding = found(X, y)["scarce_class"]
    assert (finding.value, "moved (3) of 200" in finding.text) == (3, True)


# -- two sets of rows ------------------------------------------------------------------


def another_scale(X):
    X["spent"] = (X["spent"] - 100) / 70
    return "column 'spent'"


def other_levels(X):
    X["city"] = "Lagos"
    return "column 'city'"


def gaps(X):
    X.loc[::2, "spent"] = np.nan
    X.loc[1::4, "spent"] = np.nan
    return "column 'spent'"


@pytest.mark.parametrize("plant", [another_scale, other_levels, gaps])
def test_columns_that_drift_are_named(plant):
    X, y = shop()
    X_val, y_val = shop(seed=1)
    text = plant(X_val)
    (finding,) = found(X, y, X_val=X_val, y_val=y_val).values()
    assert finding.code == "drift"
    assert finding.text.startswith(text)


def test_rows_held_out_that_are_among_those_trained_on_are_counted():
    X, y = shop()
    X_val, y_val = shop(seed=1)
    X_val.iloc[:50], y_val[:50] = X.iloc[100:150], y[100:150]
    (finding,) = found(X, y, X_val=X_val, y_val=y_val).values()
    assert (finding.code, finding.value) == ("duplicates", 0.25)


@pytest.mark.parametrize("gap", ["price", "weight"])
def test_copies_with_a_gap_in_a_number_are_counted(gap):
    rng = np.random.RandomState(0)
    X = pd.DataFrame(rng.rand(400, 2).round(4), columns=["price", "weight"])
    X["age"] = rng.randint(18, 80, 400)
    y = (rng.rand(400) < 0.5).astype(int)
    X.loc[rng.rand(400) < 0.5, gap] = np.nan
    X_val, y_val = X[200:].copy(), y[200:]
    X_val[:60] = X[:60]
    model = make_pipeline(SimpleImputer(), DeepNetClassifier((2,), random_state=0))
    held_out = {"X_val": X_val, "y_val": y_val}
    assert found(X[:200], y[:200], model, **held_out)["duplicates"].value == 0.3
    held_out["X_val"] = X[200:]
    assert "duplicates" not in found(X[:200], y[:200], model, **held_out)


def test_rows_there_more_than_once_are_named_where_fit_holds_some_out():
    X, y = shop()
    X, y = pd.concat([X, X[:60]], ignore_index=True), np.concatenate([y, y[:60]])
    model = network("spent", "city", early_stopping=True)
    assert found(X, y, model)["duplicates"].value == 120 / 260
    assert not found(X, y)  # nothing is held out


def test_rows_of_few_values_repeat_by_chance():
    X, y = shop()
    X = X[["city"]].assign(size=np.arange(M) % 4)
    assert not found(X, y, network("size", "city"), X_val=X[:50], y_val=y[:50])


# -- losses ----------------------------------------------------------------------------


def test_the_loss_of_numbers_held_out_is_in_the_units_of_y():
    X, y = load_diabetes(return_X_y=True)
    y = 1e5 + 1000 * y
    net = DeepNetRegressor(hidden_layer_sizes=(4,), max_iter=5, random_state=0).fit(
        X, y
    )
    s = measure(net, X[::2], y[::2], X[1::2], y[1::2])
    expected = np.mean((net.predict(X[1::2]) - y[1::2]) ** 2) / 2
    assert s.held_out.loss == pytest.approx(expected)


def test_scores_are_those_of_the_model_and_of_a_constant():
    X, y = shop()
    X_val, y_val = shop(seed=1)
    model = network("spent", "city").fit(X, y)
    report = diagnose(model, X, y, X_val=X_val, y_val=y_val)
    assert list(report.scores) == [
        "its own rows", "rows held out", "a constant", "HistGradientBoosting",
    ]  # fmt: skip
    held_out, constant = report.scores["rows held out"], report.scores["a constant"]
    expected = log_loss(y_val, model.predict_proba(X_val))
    assert held_out["log loss"] == pytest.approx(expected)
    p = np.mean(y == "left")
    expected = -np.mean(np.log(np.where(y_val == "left", p, 1 - p)))
    assert constant["log loss"] == pytest.approx(expected)
    text = f"log loss {report.scores['its own rows']['log loss']:.4g} on its own rows"
    assert text in str(report)
    assert "looked at: parameters; gradients; cost curve; 2 columns" in str(report)
    assert text in report._repr_html_()


def test_an_ensemble_is_judged_by_its_rows_out_of_fold_and_by_others():
    X, _ = shop()
    X_val, _ = shop(seed=1)
    y, y_val = X["spent"] * 2, X_val["spent"] * 2
    model = TabularNetRegressor(n_members=2, cv=2, max_iter=5, random_state=0)
    report = diagnose(model.fit(X, y), X, y, X_val=X_val, y_val=y_val)
    miss = model.oof_prediction_ - y
    scores = report.scores
    assert scores["out of fold"]["RMSE"] == pytest.approx(np.sqrt(np.mean(miss**2)))
    miss = model.predict(X_val) - y_val
    assert scores["rows held out"]["MAE"] == pytest.approx(np.abs(miss).mean())
    miss = DummyRegressor().fit(X, y).predict(X_val) - y_val
    assert scores["a constant"]["MAE"] == pytest.approx(np.abs(miss).mean())


def test_without_rows_held_out_it_says_so():
    X, y = shop()
    report = diagnose(network("spent", "city").fit(X, y), X, y)
    assert "no rows held out: give X_val and y_val" in report.looked_at


def test_rows_that_fit_held_out_have_a_score():
    X, y = load_diabetes(return_X_y=True)
    X_val, y_val = X[300:], y[300:]
    net = DeepNetRegressor(hidden_layer_sizes=(4,), max_iter=9, random_state=0)
    net.fit(X[:300], y[:300], X_val=X_val, y_val=y_val)
    scores = diagnose(net, X[:300], y[:300]).scores["rows held out by fit"]
    expected = np.sqrt(np.mean((net.predict(X_val) - y_val) ** 2))
    assert scores == {"RMSE": pytest.approx(expected)}


def test_early_stopping_has_the_score_of_the_epoch_that_was_kept():
    X, y = load_iris(return_X_y=True)
    net = DeepNetClassifier((8,), early_stopping=True, random_state=0, max_iter=150)
    net.set_params(learning_rate_init=0.1, validation_fraction=0.3).fit(X, y)
    scores = diagnose(net, X, y).scores["rows held out by fit"]
    assert scores["log loss"] == net.validation_loss_curve_[net.best_epoch_ - 1]


def test_weights_of_rows_count_in_the_scores():
    X, y = load_iris(return_X_y=True)
    w = np.arange(150) % 3.0
    model = TabularNetClassifier(n_members=2, cv=2, max_iter=2, random_state=0)
    model.fit(X, y, sample_weight=w)
    scores = diagnose(model, X, y, sample_weight=w).scores["out of fold"]
    assert scores["error"] == pytest.approx(1 - model.oof_score_)


def by_heart():
    rng = np.random.RandomState(0)
    X = rng.randn(M, 20)
    return X, (X[:, 0] + 2 * rng.randn(M) > 0).astype(int)


def test_rows_learned_by_heart_are_named_without_rows_held_out():
    X, y = by_heart()
    net = DeepNetClassifier((50,), learning_rate_init=0.02, random_state=0)
    report = diagnose(net.fit(X, y), X, y)
    (finding,) = report
    assert finding.code == "overfitting"
    assert finding.text.startswith("of a copy trained on 3 of 4 rows: ")
    assert {"early_stopping": True} in finding.cures


@pytest.mark.parametrize(
    ("X", "y"),
    [
        (csr_matrix(by_heart()[0]), by_heart()[1]),
        (by_heart()[0].tolist(), by_heart()[1].tolist()),
        (by_heart()[0][:, :1], by_heart()[1]),
    ],
    ids=["sparse", "lists", "one column"],
)
def test_rows_of_any_form_are_taken(X, y):
    net = DeepNetClassifier((4,), max_iter=5, random_state=0).fit(X, y)
    assert diagnose(net, X, y).scores


def test_quantiles_have_no_scores():
    X, y = by_heart()
    net = DeepNetRegressor(loss="quantile", max_iter=5, random_state=0)
    assert diagnose(net.fit(X, 1.0 * y), X, 1.0 * y).scores == {}


# -- cures -----------------------------------------------------------------------------


def test_every_code_that_has_cures_is_a_code():
    assert set(CURES) <= set(SYMPTOMS)


def test_cures_are_ranked_by_what_they_gave():
    X, y = by_heart()
    net = DeepNetClassifier((50,), learning_rate_init=0.02, random_state=0).fit(X, y)
    before = net.get_params(), net.coefs_[0].copy()
    report = diagnose(net, X, y, try_cures=True, random_state=0)
    assert 1 <= len(report.tried) <= 3
    after = [one.after for one in report.tried]
    assert after == sorted(after)
    best = report.tried[0]
    assert best.after < best.before
    assert f"tried: {best}" in str(report)
    assert str(best).endswith(f": log loss {best.before:.3g} -> {best.after:.3g}")
    assert report.tried == diagnose(net, X, y, try_cures=True, random_state=0).tried
    assert net.get_params() == before[0]
    np.testing.assert_array_equal(net.coefs_[0], before[1])


def test_a_trial_is_judged_by_the_rows_that_are_given():
    X, y = by_heart()
    net = DeepNetClassifier((4,), max_iter=3, learning_rate_init=1e-5, random_state=0)
    val = {"X_val": X[150:], "y_val": y[150:]}
    report = diagnose(
        net.fit(X[:150], y[:150]), X[:150], y[:150], try_cures=True, **val
    )
    expected = log_loss(y[150:], net.predict_proba(X[150:]))
    assert report.tried[0].before == pytest.approx(expected)
    assert "learning_rate_init" in report.tried[0].parameters


def test_cures_of_ensembles_are_tried():
    X, y = load_iris(return_X_y=True)
    model = TabularNetClassifier(n_members=2, max_iter=3, random_state=0).fit(X, y)
    (best, *_) = diagnose(model, X, y, try_cures=True, random_state=0).tried
    assert best.after < best.before


def test_nothing_is_tried_where_nothing_was_found():
    X, y = shop()
    report = diagnose(network("spent", "city").fit(X, y), X, y, try_cures=True)
    assert len(report) or report.tried == ()
