"""The report on tables: baselines, importance, effects, intervals, rows as a table."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.inspection import permutation_importance as of_scikit_learn
from sklearn.metrics import log_loss, mean_absolute_error, root_mean_squared_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    TabularNetClassifier,
    TabularNetRegressor,
)
from sknn_scratch._pages.report import importance, regressor, verdict
from sknn_scratch._pages.report.effects import (
    date_ticks,
    edges_of,
    effects,
    partial_dependence,
    series_of,
)
from sknn_scratch._pages.report.examples import LONGEST, cut, values_of
from sknn_scratch._pages.report.importance import (
    Importance,
    importance_of,
    permutation_importance,
    show_importance,
)
from sknn_scratch._pages.report.intervals import (
    intervals,
    narrow_intervals,
    show_intervals,
)
from sknn_scratch._pages.report.measures import percent
from sknn_scratch._pages.report.page import Subject, report_page, with_arrays
from sknn_scratch._pages.report.verdict import judged_models
from sknn_scratch.inspection._baselines import BoostedTable
from sknn_scratch.inspection._diagnosis.symptoms import Finding
from sknn_scratch.inspection._facts import number
from sknn_scratch.preprocessing import ImageFlattener

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
NASTY = "<script>alert('a&b')</script>"
M, TRAIN, TEST = 150, slice(100), slice(100, None)
RNG = np.random.RandomState(0)
X = pd.DataFrame(
    {
        "size": RNG.randn(M),
        "city": RNG.choice(["Oslo", "Rome", NASTY], M),
        "sold": pd.Timestamp("2020-01-01")
        + pd.to_timedelta(RNG.randint(900, size=M), "D"),
        "rooms": RNG.randint(1, 5, M),
        "same": 1,
    }
)
X.loc[::20, "size"] = np.nan
X.loc[5, "city"] = None
NUMBERS = 2e5 + 1e5 * X["size"].fillna(0) + 5e4 * (X["city"] == "Oslo")
ANSWERS = {
    "numbers": NUMBERS,
    "several": pd.DataFrame({"a": NUMBERS, "b": -NUMBERS / 1e3}),
    "quantiles": NUMBERS,
    "two": pd.Series(np.where(NUMBERS > 2e5, "dear", "cheap"), dtype=object),
    "three": pd.cut(NUMBERS, [-1e9, 1.5e5, 2.5e5, 1e9], labels=list("abc")).astype(
        object
    ),
    "labels": np.column_stack([NUMBERS > 2e5, X["city"] == "Oslo"]).astype(int),
}
SMALL = {"n_members": 2, "hidden_layer_sizes": (8,), "max_iter": 5, "random_state": 0}
MODELS = dict.fromkeys(ANSWERS, TabularNetClassifier(**SMALL))
MODELS |= dict.fromkeys(["numbers", "several"], TabularNetRegressor(**SMALL))
MODELS["quantiles"] = TabularNetRegressor(
    loss="quantile", quantile=[0.1, 0.5, 0.9], **SMALL
)


def subject_of(model, X, y, *, train=True, part="test"):
    """The subject of a report on the rows TEST of X and y."""
    rows, learned = (X[TEST], y[TEST]), (X[TRAIN], y[TRAIN])
    if part == "train":
        rows, train = learned, True
    return with_arrays(
        Subject(
            model, "m.h5", "d.csv", "1", "identity", None, part, rows,
            learned if train else None, "price",
        )
    )  # fmt: skip


@pytest.fixture(scope="module")
def subjects():
    """{kind: Subject} with a fitted ensemble of each kind."""
    found = {}
    for kind, y in ANSWERS.items():
        model = MODELS[kind].__class__(**MODELS[kind].get_params())
        found[kind] = subject_of(model.fit(X[TRAIN], y[TRAIN]), X, y)
    return found


@pytest.fixture(scope="module")
def pages(subjects):
    return {kind: report_page(subject) for kind, subject in subjects.items()}


@pytest.fixture(scope="module")
def pipeline():
    """A Pipeline of a ColumnTransformer and a network, on two of the columns."""
    encode = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["city"]),
        (StandardScaler(), ["rooms", "same"]),
    )
    net = DeepNetClassifier((4,), max_iter=5, random_state=0)
    model = make_pipeline(encode, net).fit(X[TRAIN], ANSWERS["three"][TRAIN])
    return subject_of(model, X, ANSWERS["three"])


def headings(page):
    return re.findall(r"<h2>(.*?)</h2>", page)


# -- the whole page --------------------------------------------------------------------


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_page_of_each_kind_has_its_sections(pages, kind):
    shared = {"Diagnosis", "Training", "Importance", "Effects", "The network"}
    own = {
        "labels": {"Labels", "Calibration", "Mistakes"},
        "two": {"Confusion", "Calibration", "Mistakes"},
        "three": {"Confusion", "Calibration", "Mistakes"},
    }.get(kind, {"Errors", "Intervals", "Largest errors"})
    assert {*headings(pages[kind])} == shared | own
    assert "<script" not in pages[kind]
    assert "nan" not in re.sub(r"<style>.*?</style>", "", pages[kind], flags=re.S)


def test_a_pipeline_with_a_network_has_a_page(pipeline):
    page = report_page(pipeline)
    assert "ColumnTransformer" in page
    assert {"Importance", "Effects"} <= {*headings(page)}


def test_images_have_no_sections_on_columns():
    images, y = RNG.rand(40, 3, 3), np.arange(40) % 2
    net = DeepNetClassifier((3,), max_iter=3, random_state=0)
    model = make_pipeline(ImageFlattener(1.0), net).fit(images, y)
    rows = images[:20], y[:20]
    page = report_page(
        Subject(model, "m", "d", "1", "logistic", None, "test", rows, rows)
    )
    assert headings(page) == [
        "Diagnosis", "Training", "Confusion", "Calibration", "Mistakes", "The network",
    ]  # fmt: skip
    assert "on the same rows" not in page


def test_the_same_model_and_rows_give_the_same_page(subjects, pages):
    assert report_page(subjects["numbers"]) == pages["numbers"]


# -- the verdict -----------------------------------------------------------------------


def test_the_scores_beside_the_model_are_those_of_boosting_on_the_same_rows(subjects):
    subject = subjects["numbers"]
    judged, remark = judged_models(subject)
    assert [one.name for one in judged] == [
        "this model", "HistGradientBoosting", "a constant",
    ]  # fmt: skip
    assert remark == ""
    y, found = NUMBERS[TEST], subject.model.predict(X[TEST])
    assert judged[0].scores == pytest.approx(
        {
            "RMSE": root_mean_squared_error(y, found),
            "MAE": mean_absolute_error(y, found),
        }
    )
    table = X.assign(city=X.city.astype("category"), sold=X.sold.astype(int) / 1e9)
    plain = HistGradientBoostingRegressor(random_state=0).fit(
        table[TRAIN], y_of("numbers")
    )
    expected = root_mean_squared_error(y, plain.predict(table[TEST]))
    assert judged[1].scores["RMSE"] == pytest.approx(expected)


def y_of(kind):
    return np.asarray(ANSWERS[kind])[TRAIN]


def test_without_training_rows_there_is_only_the_constant_of_the_rows(subjects):
    subject = subjects["three"]._replace(train=None)
    judged, remark = judged_models(subject)
    assert [one.name for one in judged] == ["this model", "a constant"]
    y = np.asarray(ANSWERS["three"])[TEST]
    constant = DummyClassifier().fit(y, y)
    expected = log_loss(y, constant.predict_proba(y))
    assert judged[1].scores["log loss"] == pytest.approx(expected)
    assert remark == (
        "The data has no training rows: HistGradientBoosting is not trained for "
        "comparison."
    )


def test_without_held_out_rows_there_is_only_the_constant(subjects):
    model = subjects["numbers"].model
    judged, remark = judged_models(subject_of(model, X, NUMBERS, part="train"))
    assert len(judged) == 2
    assert remark.startswith("No rows were held out")


def test_the_table_has_the_scores_and_the_best_is_strong(subjects, pages):
    judged, _ = judged_models(subjects["numbers"])
    table = re.search(r'<table class="baselines">.*?</table>', pages["numbers"], re.S)[
        0
    ]
    for one in judged:
        assert number(one.scores["RMSE"]) in table
    best = min(one.scores["RMSE"] for one in judged)
    assert f"<strong>{number(best)}</strong>" in table


# -- importance ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "scoring"),
    [("numbers", "neg_root_mean_squared_error"), ("three", "neg_log_loss")],
)
def test_importance_is_scikit_learn_s(subjects, kind, scoring):
    subject = subjects[kind]
    table, y = subject.rows
    found = importance_of(subject)
    expected = of_scikit_learn(
        subject.model, table, y, scoring=scoring, n_repeats=5, random_state=0
    )
    scale = abs(expected.importances).max()
    np.testing.assert_allclose(
        found.growth, expected.importances, rtol=0, atol=1e-5 * scale
    )  # float32 members
    assert found.names == list(X)
    assert found.growth[4].tolist() == [0] * 5


def test_importance_of_a_pipeline_is_by_column_of_the_table(pipeline):
    found = importance_of(pipeline)
    expected = of_scikit_learn(
        pipeline.model, *pipeline.rows, scoring="neg_log_loss", random_state=0
    )
    np.testing.assert_allclose(found.growth, expected.importances, atol=1e-12)
    assert found.names == list(X)
    assert (found.growth[[0, 2]] == 0).all()  # columns that the Pipeline drops


@pytest.mark.parametrize("library", ["polars", "pyarrow", "numpy"])
def test_importance_does_not_depend_on_the_library_of_the_table(library, subjects):
    pytest.importorskip(library)
    convert = {
        "polars": lambda table: pytest.importorskip("polars").from_pandas(table),
        "pyarrow": lambda table: pytest.importorskip("pyarrow").Table.from_pandas(
            table, preserve_index=False
        ),
        "numpy": lambda table: table.to_numpy(dtype=object),
    }[library]
    table = X[["size", "city", "rooms"]]
    model = TabularNetRegressor(**SMALL).fit(table[TRAIN], NUMBERS[TRAIN])
    rows, y = np.arange(40), np.asarray(NUMBERS)[TEST]
    expected = permutation_importance(model, table[TEST], y, rows)
    model = TabularNetRegressor(**SMALL).fit(convert(table[TRAIN]), NUMBERS[TRAIN])
    found = permutation_importance(model, convert(table[TEST]), y, rows)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def test_the_rest_of_a_long_table_is_counted(subjects):
    growth = np.linspace(1, 0.1, 25)[:, None].repeat(5, axis=1)
    found = Importance([f"c{j}" for j in range(25)], growth, "RMSE", 50)
    text = show_importance(found, subjects["numbers"])
    assert text.count('class="bar"') == 20
    assert "The 20 most important of 25 columns; the others add at most " in text
    assert f"{growth[20, 0]:.3g} each" in text


# -- effects ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_effect_is_the_mean_answer_with_one_value_for_all(subjects, kind):
    subject = subjects[kind]
    table, model = subject.rows[0], subject.model
    series, rows = series_of(subject), np.arange(30)
    place = int(np.flatnonzero(table.city == "Oslo")[0])
    found = partial_dependence(model, table, 1, rows, np.array([place]), series)
    changed = table[:30].assign(city="Oslo")
    classes = hasattr(model, "classes_")
    A = model.predict_proba(changed) if classes else model.predict(changed)
    A = A.reshape(30, -1)
    if kind == "quantiles":
        A = A[:, [1]]
    expected = A.mean(axis=0)[series.columns] / series.scale
    np.testing.assert_allclose(found.mean[0], expected, rtol=1e-5)


def test_of_three_classes_the_commonest_are_first_and_of_two_it_is_the_second(subjects):
    y = subjects["three"].rows[1]
    often = sorted("abc", key=lambda one: -(y == one).sum())
    assert series_of(subjects["three"]).names == often
    assert series_of(subjects["two"]).names == ["dear"]


def test_effects_are_of_the_columns_that_matter(subjects):
    growth = np.array([[0.5], [0.0], [0.7], [-0.1], [0.0]]).repeat(5, axis=1)
    found = Importance(list(X), growth, "RMSE", 50)
    html = effects(found, subjects["numbers"])
    assert re.findall("<h3>(.*?)</h3>", html) == ["sold", "size"]
    share = subjects["numbers"].rows[0]["size"].isna().mean()
    assert f"Where it is missing ({percent(share)})" in html
    assert effects(found._replace(growth=0 * growth), subjects["numbers"]) == (
        "<p>No column matters to the answers.</p>\n"
    )


# -- intervals, rows -------------------------------------------------------------------


def test_what_intervals_hold_is_counted(subjects):
    subject = subjects["numbers"]
    y = subject.rows[1][:, None]
    ends = intervals(subject.model, subject.rows[0])
    html = show_intervals(subject, y, subject.model.predict(X[TEST])[:, None], ends)
    low, high = subject.model.predict_interval(X[TEST], 0.9).T
    held = np.mean((low <= y[:, 0]) & (y[:, 0] <= high))
    line = re.search(rf"<td>{percent(0.9)}</td>(.*?)</tr>", html)[1]
    assert f"<td>{percent(held)}</td>" in line
    assert f"<td>{number((high - low).mean())}</td>" in line


def test_intervals_that_are_too_narrow_somewhere_are_a_finding():
    y = np.arange(400.0)[:, None]
    ends = np.stack([y - 1, y + 1], axis=2)
    assert narrow_intervals(y, y, ends) == []
    ends[360:376] += 9  # 16 of the last 40
    (found,) = narrow_intervals(y, y, ends)
    assert found.code == "narrow_intervals"
    assert found.value == pytest.approx(24 / 40)
    assert found.text == (
        f"of the 40 rows predicted between 360 and 399, the {percent(0.9)} intervals "
        f"hold {percent(0.6)}"
    )


def test_a_few_answers_outside_are_no_finding():
    # of 20 rows 4 outside: P = 0.13 where each is inside with 0.9
    y = np.arange(20.0)[:, None]
    ends = np.stack([y - 1, y + 1], axis=2)
    ends[:4] += 9
    assert narrow_intervals(y, y, ends) == []


def test_narrow_intervals_are_told_in_the_diagnosis(subjects, monkeypatch):
    finding = Finding("narrow_intervals", None, 0.5, "too narrow & wrong", "beware")
    monkeypatch.setattr(regressor, "narrow_intervals", lambda *_: [finding])
    page = report_page(subjects["numbers"])
    assert "Too narrow &amp; wrong." in page.partition("<h2>Training</h2>")[0]
    assert "Nothing to say" not in page


def test_the_constant_is_that_of_the_training_everywhere(subjects, pages):
    expected = np.sqrt(np.mean((NUMBERS[TEST] - NUMBERS[TRAIN].mean()) ** 2))
    assert pages["numbers"].count(number(expected)) == 4  # also in the diagnosis
    shares = np.array([np.mean(y_of("two") == c) for c in ("cheap", "dear")])
    P = np.tile(shares, (50, 1))
    cost = log_loss(ANSWERS["two"][TEST], P)
    assert pages["two"].count(number(cost)) == 3


def test_rows_have_their_numbers_and_ids_in_every_table(subjects):
    labels = np.arange(1000, 1050)
    subject = subjects["numbers"]._replace(
        numbers=labels, ids={"code": np.array([f"<{i}>" for i in labels])}
    )
    page = report_page(subject)
    off = abs(subject.model.predict(X[TEST]) - NUMBERS[TEST]).to_numpy()
    worst = labels[off.argmax()]
    assert f'<th scope="row">{worst}</th><td>&lt;{worst}&gt;</td>' in page
    assert "the number of a row in d.csv, from 1" in page
    assert f"row {labels[0]}: true" in page  # in a chart


def test_how_many_columns_have_effects_is_said(subjects):
    growth = np.arange(9.0)[:, None].repeat(5, axis=1)[[8, 7, 6, 5, 4]]
    found = Importance(list(X), growth, "RMSE", 50)
    subject = subjects["numbers"]
    assert "The 5 most important columns of the table" in effects(found, subject)
    found = found._replace(growth=growth * [[1], [1], [1], [0], [0]])
    assert "The 3 most important columns of 5" in effects(found, subject)


def test_a_network_has_no_intervals(pipeline):
    assert intervals(pipeline.model, pipeline.rows[0]) is None


def test_the_worst_rows_have_all_columns_and_are_escaped(subjects, pages):
    subject = subjects["numbers"]
    off = abs(subject.model.predict(X[TEST]) - NUMBERS[TEST]).to_numpy()
    table = re.search(r'<div class="wide examples".*?</table>', pages["numbers"], re.S)[
        0
    ]
    worst = int(off.argmax())
    assert re.search(r'<tbody><tr><th scope="row">(\d+)</th>', table)[1] == str(worst)
    for name in ["true", "predicted", "error", "90\xa0% interval", *X]:
        assert f">{name}</th>" in table
    assert f"{X['sold'].iloc[100 + worst]:%Y-%m-%d}" in table
    assert NASTY not in pages["numbers"]


def test_values_are_texts_and_long_ones_are_cut():
    table = pd.DataFrame(
        {
            "a": pd.Categorical(["u", None]),
            "b": [1.23456789, np.nan],
            "c": pd.to_datetime(["2020-01-01 12:30", None]),
            "d": pd.array([1, None], dtype="Int64"),
            "e": pd.to_timedelta([32, None], "h"),
        }
    )
    found = [values_of(table, j, [0, 1]) for j in range(5)]
    expected = ["u", "1.23457", "2020-01-01 12:30:00", "1", "1 day, 8:00:00"]
    assert found == [[text, ""] for text in expected]
    assert cut("x" * LONGEST) == "x" * LONGEST
    assert cut("x" * 99) == "x" * (LONGEST - 1) + "…"


# -- training --------------------------------------------------------------------------


def test_the_curves_of_all_members_and_their_means_are_drawn(subjects, pages):
    kinds = re.findall(r'<polyline class="(.*?)"', pages["numbers"])
    for kind in ("cost", "validation"):
        assert kinds.count(f"{kind} member") == 2
        assert kind in kinds
    best = subjects["numbers"].model.best_epochs_
    assert f"best epochs</dt><dd>{best[0]}, {best[1]}<" in pages["numbers"]


# -- what else may come ----------------------------------------------------------------


def test_classes_that_the_model_does_not_know_are_refused(subjects):
    subject = subjects["two"]
    y = np.where(np.arange(50) < 2, "free", subject.rows[1])
    with pytest.raises(ValueError, match=r"d.csv must hold .* got 2 rows of others"):
        report_page(subject._replace(rows=(subject.rows[0], y)))


def test_without_the_training_rows_an_ensemble_is_not_diagnosed(subjects):
    page = report_page(subjects["two"]._replace(train=None))
    assert "Not looked for: an ensemble is judged by its training rows" in page


def test_a_target_that_was_transformed_is_judged_in_its_own_unit():
    numbers = X[["rooms", "same"]].assign(size=X["size"].fillna(0))
    net = DeepNetRegressor(hidden_layer_sizes=(4,), max_iter=5, random_state=0)
    model = TransformedTargetRegressor(net, transformer=StandardScaler())
    model.fit(numbers[TRAIN], NUMBERS[TRAIN])
    subject = subject_of(model, numbers, NUMBERS)
    page = report_page(subject)
    error = root_mean_squared_error(NUMBERS[TEST], model.predict(numbers[TEST]))
    assert f"<strong>{number(error)}</strong>" in page


def test_a_table_of_too_many_columns_has_no_importance(monkeypatch, subjects):
    monkeypatch.setattr(importance, "MOST_COLUMNS", 4)
    page = report_page(subjects["numbers"])
    assert "Not measured: the table has more than 4 columns" in page
    assert "Effects" not in headings(page)


def test_the_level_of_a_quantile_is_told(subjects, pages):
    y = subjects["quantiles"].rows[1]
    below = np.mean(y <= subjects["quantiles"].model.predict(X[TEST])[:, 1])
    assert f"and is in {percent(below)}" in pages["quantiles"]


@pytest.mark.parametrize(
    ("days", "texts"),
    [
        ((0, 365 * 4), ["1970", "1971", "1972", "1973"]),
        ((10, 100), ["1970-02", "1970-03", "1970-04"]),
        ((3, 6), ["1970-01-04", "1970-01-05", "1970-01-06", "1970-01-07"]),
        ((0, 365 * 30), ["1970", "1976", "1982", "1988", "1994"]),
    ],
)
def test_ticks_of_dates_begin_years_months_or_days(days, texts):
    found = date_ticks(*days)
    assert [text for _, text in found] == texts
    for day, text in found:
        assert np.datetime64(text).astype("M8[D]") == np.datetime64(day, "D")


def test_few_values_have_a_bar_around_each():
    x = np.array([1.0, 1, 2, 4, np.nan])
    assert edges_of(x, np.array([1.0, 2, 4])).tolist() == [0.5, 1.5, 3, 4.5]


def test_boosting_that_cannot_be_trained_is_told(monkeypatch, subjects):
    def refuse(*_):
        raise ValueError

    monkeypatch.setattr(BoostedTable, "fit", refuse)
    judged, remark = judged_models(subjects["two"])
    assert len(judged) == 2
    assert remark == "HistGradientBoosting cannot be trained on these rows."


def test_boosting_is_left_out_where_it_would_take_minutes(monkeypatch, subjects):
    monkeypatch.setattr(verdict, "MOST_EFFORT", 1e5)  # 5 columns, 100 rows
    kinds = ("numbers", "two", "three", "several")
    efforts = [verdict.effort(*subjects[k].train, subjects[k].model) for k in kinds]
    assert efforts == [82_500, 82_500, 3 * 82_500, 2 * 82_500]
    assert len(judged_models(subjects["numbers"])[0]) == 3
    judged, remark = judged_models(subjects["three"])
    assert len(judged) == 2
    assert remark.startswith("The training rows have too many numbers: Hist")
