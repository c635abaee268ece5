"""Models that take tables, exported to Python; other languages: tests/languages."""

import datetime

import numpy as np
import pandas as pd
import pytest
from matrix import matrix
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    PowerTransformer,
    StandardScaler,
)
from table_models import (
    IMAGES,
    MODELS,
    columns,
    ensemble,
    fitted,
    net,
    outputs,
    records,
    tables,
)

from sknn_scratch import DeepNetClassifier, DeepNetRegressor, TabularNetRegressor
from sknn_scratch.export import to_c, to_javascript, to_python
from sknn_scratch.export._steps import groups_of
from sknn_scratch.preprocessing import TableEncoder


def made_of(model, numpy=False):
    """The names that the exported file defines."""
    made = {}
    exec(compile(to_python(model, numpy=numpy), "model.py", "exec"), made)
    return made


def of_range(P):
    """What 1e-9 of the range of P is, and for float32 networks 1e-6 of it."""
    return (1e-9 if P.dtype == np.float64 else 1e-6) * (np.ptp(P) or 1)


@matrix("name", MODELS, "texts", "columns")
@pytest.mark.parametrize("numpy", [True, False])
def test_python_says_what_the_model_says(name, numpy):
    model, P, rows = fitted(name), outputs(name), records(tables()[2])
    text, made = to_python(model, numpy=numpy), made_of(model, numpy)
    function = "predict_proba" if hasattr(model, "predict_proba") else "predict"
    found = np.reshape(made[function](rows), P.shape)
    assert_allclose(found, P, rtol=0, atol=of_range(P))
    y = model.predict(tables()[2])
    assert np.shape(made["predict"](rows)) == y.shape
    if function == "predict_proba":
        assert_array_equal(made["predict"](rows), y)
    assert ("import numpy" in text) == numpy


@pytest.mark.parametrize("numpy", [True, False])
def test_a_row_gives_what_it_gives_among_others(numpy):
    made, rows = made_of(fitted("texts"), numpy), records(tables()[2])[:3]
    assert made["predict"](rows[0]) == made["predict"](rows)[0]
    assert_array_equal(made["predict_proba"](rows[0]), made["predict_proba"](rows)[0])
    in_order = [[*row.values()] for row in rows]
    assert_array_equal(made["predict_proba"](in_order), made["predict_proba"](rows))


def test_a_data_frame_is_taken_where_numpy_is():
    made, X = made_of(fitted("texts"), numpy=True), tables()[2]
    assert_array_equal(made["predict_proba"](X), made["predict_proba"](records(X)))


@pytest.mark.parametrize("numpy", [True, False])
def test_other_forms_of_the_same_values(numpy):
    made = made_of(fitted("two classes"), numpy)
    row = records(tables()[0])[0] | {"sold": datetime.datetime(2001, 2, 3, 0, 0)}
    forms = {
        "sold": [datetime.date(2001, 2, 3), "2001-02-03", "2001-02-03T00:00+05:00"],
        "new": [bool(row["new"]), int(row["new"]), np.bool_(row["new"])],
        "price": [None, float("nan"), pd.NA, pd.NaT],
    }
    if numpy:
        forms["sold"].append(np.datetime64("2001-02-03"))
    for name, values in forms.items():
        found = [made["predict_proba"](row | {name: value}) for value in values]
        assert_array_equal(found, [found[0]] * len(found))


@pytest.mark.parametrize("numpy", [True, False])
def test_what_a_row_may_not_hold_is_named(numpy):
    made, row = made_of(fitted("two classes"), numpy), records(tables()[0])[0]
    for name, value, error, text in [
        ("price", "3", TypeError, "'price' must be a number, got '3'"),
        ("sold", 3, TypeError, "'sold' must be a date, got 3"),
    ]:
        with pytest.raises(error, match=text):
            made["predict"](row | {name: value})
    with pytest.raises(KeyError, match="'price' is not in the row"):
        made["predict"]({"city": "Oslo"})
    with pytest.raises(ValueError, match="must have 8 values, got 1"):
        made["predict"]([[3]])
    made = made_of(fitted("one column"), numpy)
    with pytest.raises(ValueError, match=r"got NaN or inf; missing: \['new'\]"):
        made["predict"]({"new": None})


@pytest.mark.parametrize("encoder", [OneHotEncoder(), OrdinalEncoder()])
@pytest.mark.parametrize("numpy", [True, False])
def test_an_encoder_that_refuses_a_level_refuses_it(numpy, encoder):
    X, y, _ = tables()
    model = make_pipeline(
        ColumnTransformer([("e", encoder, ["class"])]), net(DeepNetClassifier)
    )
    made = made_of(model.fit(X, y > 15), numpy)
    assert made["predict"]({"class": "a"}) == model.predict(X[X["class"] == "a"])[0]
    for value in ("c", None):
        with pytest.raises(ValueError, match=f"'class' must be .* got {value!r}"):
            made["predict"]({"class": value})


pytestmark = pytest.mark.filterwarnings("ignore:Found unknown categories")
MANY = [*"aaaaabbbbccdde", None, None, None]


@pytest.mark.parametrize("values", [MANY, MANY[:-3], [*MANY, None, None, None]])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"drop": "first"},
        {"drop": ["d"]},
        {"min_frequency": 4},
        {"max_categories": 2},
        {"max_categories": 3, "drop": "first"},
        {"min_frequency": 2, "drop": ["b"]},
    ],
)
def test_the_groups_of_a_one_hot_encoder(options, values):
    X = np.array(values, object)[:, np.newaxis]
    encoder = OneHotEncoder(sparse_output=False, **options).fit(X)
    codes, missing, _ = groups_of(encoder, 0)
    group = np.array([missing if v is None else codes[v] for v in values])
    alike = group[:, np.newaxis] == group
    rows = encoder.transform(X)
    assert_array_equal(alike, (rows[:, np.newaxis] == rows).all(axis=2))


@pytest.mark.parametrize("values", [MANY, MANY[:-3], [*MANY[:-3], np.nan]])
@pytest.mark.parametrize("options", [{}, {"min_frequency": 4}, {"max_categories": 2}])
def test_the_groups_of_an_ordinal_encoder(options, values):
    X = np.array(values, object)[:, np.newaxis]
    encoder = OrdinalEncoder(encoded_missing_value=-7, **options).fit(X)
    codes, missing, _ = groups_of(encoder, 0)
    codes |= {None: missing, np.nan: -7}
    found = [codes[v] for v in values]
    assert_array_equal(found, encoder.transform(X).ravel())


def test_images_with_a_scaled_target(rng):
    X = 9 * rng.rand(60, 2, 3)
    model = IMAGES.fit(X, X.sum(axis=(1, 2)))
    made = made_of(model)
    found = made["predict"](X.reshape(60, -1).tolist())
    assert_allclose(found, model.predict(X), rtol=1e-9)
    assert made["COLUMNS"][:2] == ["pixel_0_0", "pixel_0_1"]


def test_integers_beyond_64_bit_floats_are_told_apart():
    X = np.array([[2**60 + i] for i in range(100)])
    model = ensemble(TabularNetRegressor).fit(X, np.arange(100.0))
    assert_allclose(made_of(model)["predict"](X.tolist()), model.predict(X), rtol=1e-9)


@pytest.mark.parametrize("numpy", [True, False])
def test_durations_and_times_of_the_day_are_numbers_in_days(numpy, rng):
    minutes = [int(m) for m in rng.randint(0, 24 * 60, 60)]
    X = pd.DataFrame(
        {
            "clock": [datetime.time(m // 60, m % 60) for m in minutes],
            "long": pd.to_timedelta(rng.randint(0, 999, 60), unit="h"),
        }
    )
    model = ensemble(TabularNetRegressor).fit(X, np.arange(60.0))
    rows = X.astype(object).to_dict("records")
    found = made_of(model, numpy)["predict"](rows)
    assert_allclose(found, model.predict(X), rtol=1e-9)
    if numpy:
        rows = [{"clock": r["clock"], "long": np.timedelta64(r["long"])} for r in rows]
        assert_array_equal(made_of(model, numpy)["predict"](rows), found)


def test_names_of_classes():
    made = {}
    exec(to_python(fitted("two classes"), class_names=["low", "high"]), made)
    assert {*made["predict"](records(tables()[2]))} == {"low", "high"}


def test_the_levels_of_quantiles_are_told():
    assert made_of(fitted("quantiles"))["QUANTILES"] == [0.1, 0.5, 0.9]


@matrix("name", ["number", "numbers", "quantiles"], "number", "quantiles")
@pytest.mark.parametrize("numpy", [True, False])
def test_intervals(name, numpy):
    model, X, rows = fitted(name), tables()[2][:60], records(tables()[2][:60])
    made = made_of(model, numpy)
    for coverage in (0.5, 0.9, 0.999):  # the last is infinite: there are 100 rows
        ends = model.predict_interval(X, coverage)
        found = made["predict_interval"](rows, coverage)
        assert_allclose(found, ends, rtol=1e-9)
        assert_array_equal(made["predict_interval"](rows[0], coverage), found[0])
    with pytest.raises(ValueError, match="coverage must be between 0 and 1, got 1"):
        made["predict_interval"](rows, 1)


def test_intervals_of_weighted_rows(rng):
    X, y, X_new = tables()
    model = ensemble(TabularNetRegressor).fit(X, y, sample_weight=rng.rand(100))
    found = made_of(model)["predict_interval"](records(X_new))
    assert_allclose(found, model.predict_interval(X_new), rtol=1e-9)


def test_a_scaled_target_has_no_intervals():
    assert "predict_interval" not in made_of(fitted("target scaled"))


def test_what_cannot_be_exported_is_refused_in_one_line():
    X, y, _ = tables()
    X = X[["price", "rooms", "n rooms", "city", "class"]].dropna()
    y = y[X.index]
    pca = columns(make_pipeline(StandardScaler(), PCA(1)), OneHotEncoder())
    log = columns(FunctionTransformer(np.log), OneHotEncoder())
    days = pd.DataFrame({"d": pd.Categorical(pd.to_datetime(X["price"], unit="h"))})
    of_target = TransformedTargetRegressor(
        net(DeepNetRegressor), transformer=PowerTransformer()
    )
    for model, table, text in [
        (pca, X, r"the step 'numbers, pca' \(PCA\) before the network, which cannot"),
        (log, X, r"'numbers' \(FunctionTransformer\) with a function, .* before the"),
        (OneHotEncoder(), days, "levels must be numbers or texts .* column 'd'; fit"),
    ]:
        model = make_pipeline(model, net(DeepNetRegressor)).fit(table, y)
        for write in (to_python, to_javascript, to_c):
            with pytest.raises(ValueError, match=text) as error:
                write(model)
            assert "\n" not in str(error.value)
    with pytest.raises(ValueError, match="must shift and scale .*PowerTransformer"):
        to_python(of_target.fit(X[["price"]], y))


def test_a_column_is_read_as_a_number_and_as_a_level():
    X, y, _ = tables()
    X = X[["rooms"]].fillna(3)
    levels = OneHotEncoder(sparse_output=False)
    parts = [("t", levels, ["rooms"]), ("d", "passthrough", ["rooms"])]
    model = make_pipeline(ColumnTransformer(parts), ensemble(TabularNetRegressor))
    made = made_of(model.fit(X, y))
    assert_allclose(made["predict"](records(X)), model.predict(X), rtol=1e-9)


def test_a_column_of_two_kinds_is_refused():
    X, y, _ = tables()
    X = X[["sold"]].ffill()
    levels = FunctionTransformer()
    parts = [("t", "passthrough", ["sold"]), ("d", levels, ["sold"])]
    encoder = TableEncoder(n_bins=2).fit(X)
    model = make_pipeline(ColumnTransformer(parts), ensemble(TabularNetRegressor))
    model.fit(X, y)
    number = TableEncoder(n_bins=2).fit(np.arange(9.0).reshape(-1, 1)).columns_[0]
    model[-1].encoder_.columns_ = [encoder.columns_[0], number]
    with pytest.raises(ValueError, match="'sold' must be of one kind to be exported"):
        to_python(model)


@pytest.fixture(scope="module")
def large_levels():
    """A table with levels that float64 does not tell apart, and a model of it."""
    rng = np.random.RandomState(0)
    ids = 2**60 + rng.randint(0, 3, 60)
    X = pd.DataFrame({"a": rng.randn(60), "k": pd.Categorical(ids)})
    y = np.where(ids == 2**60 + 1, "yes", "no")
    net = DeepNetClassifier((4,), max_iter=5, warn=False, random_state=0)
    return X, make_pipeline(TableEncoder(), net).fit(X, y)


@pytest.mark.parametrize("numpy", [True, False])
def test_large_whole_numbers_are_levels_in_python(large_levels, numpy):
    X, model = large_levels
    rows = [{"a": float(a), "k": int(k)} for a, k in X.astype(object).to_numpy()]
    P = np.array(made_of(model, numpy)["predict_proba"](rows))
    assert_allclose(P, model.predict_proba(X), atol=1e-6)  # float32


@pytest.mark.parametrize("export", [to_javascript, to_c])
def test_large_whole_numbers_are_no_levels_where_numbers_are_rounded(
    large_levels, export
):
    with pytest.raises(ValueError, match="'k' must have levels up to 2.*make texts"):
        export(large_levels[1])
