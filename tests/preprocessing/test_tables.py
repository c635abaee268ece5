"""TableEncoder as a transformer: kinds of tables, names, errors, scikit-learn."""

import pickle
import re
from importlib.util import find_spec

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from sknn_scratch import LogisticRegressionScratch
from sknn_scratch.preprocessing import TableEncoder


@parametrize_with_checks(
    [TableEncoder(), TableEncoder(n_bins=0, dtype=np.float64), TableEncoder(n_bins=3)]
)
def test_scikit_learn_s_checks_pass(estimator, check):
    check(estimator)


@pytest.fixture
def table():
    """A table with missing values in columns of every kind."""
    m = 60
    rng = np.random.default_rng(0)
    gaps = np.arange(m) % 7 == 3
    frame = pd.DataFrame(
        {
            "price": rng.gamma(1, size=m),
            "rooms": pd.Series(rng.integers(1, 9, m)).astype("Int64"),
            "city": pd.Series(rng.choice(["Oslo", "Rome", "Lima"], m)).astype(object),
            "new": pd.Series(rng.random(m) < 0.5).astype("boolean"),
            "sold": pd.Timestamp("2024-01-30 06:00")
            + pd.to_timedelta(rng.integers(0, 999, m), "h"),
        }
    )
    for name in frame:
        frame.loc[gaps, name] = None
    return frame


def in_polars(frame):
    """The table in polars; polars.from_pandas wants pyarrow."""
    columns = zip(frame.columns, zip(*as_list(frame), strict=True), strict=True)
    return pl.DataFrame(
        {name: [None if pd.isna(v) else v for v in values] for name, values in columns}
    )


def in_arrow(frame):
    return in_polars(frame).to_arrow()


def as_list(frame):
    return frame.astype(object).to_numpy().tolist()


TABLES = {
    "objects": lambda frame: frame.astype(object),
    "array of objects": lambda frame: frame.astype(object).to_numpy(),
    "list": as_list,
    "tuples": lambda frame: tuple(map(tuple, as_list(frame))),
    "convert_dtypes": lambda frame: frame.convert_dtypes(),
    "pyarrow dtypes": lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"),
    "category": lambda frame: frame.astype({"city": "category"}),
    "polars": in_polars,
    "polars categorical": lambda frame: in_polars(frame).with_columns(
        pl.col("city").cast(pl.Categorical)
    ),
    "polars enum": lambda frame: in_polars(frame).with_columns(
        pl.col("city").cast(pl.Enum(["Lima", "Oslo", "Rome"]))
    ),
    "polars zone": lambda frame: in_polars(frame).with_columns(
        pl.col("sold").dt.replace_time_zone("Asia/Tokyo")
    ),
    "polars decimal": lambda frame: in_polars(frame).with_columns(
        pl.col("rooms").cast(pl.Decimal(10, 2))
    ),
    "pyarrow": in_arrow,
    "pyarrow batch": lambda frame: in_arrow(frame).to_batches()[0],
}
if find_spec("pyarrow") is None:
    TABLES = {form: made for form, made in TABLES.items() if "pyarrow" not in form}


@pytest.mark.filterwarnings("ignore:X (has|does not have) .*feature names")
@pytest.mark.parametrize("form", TABLES)
def test_every_kind_of_table_gives_the_same(table, form):
    expected = TableEncoder(n_bins=4).fit_transform(table)
    other = TABLES[form](table)
    np.testing.assert_array_equal(TableEncoder(n_bins=4).fit_transform(other), expected)
    encoder = TableEncoder(n_bins=4).fit(table)
    np.testing.assert_array_equal(encoder.transform(other), expected)


@pytest.mark.parametrize(
    "change",
    [
        np.asfortranarray,
        lambda X: np.repeat(X, 2, axis=0)[::2],
        lambda X: np.hstack([X, X])[:, : X.shape[1]],
        lambda X: X[::-1].copy()[::-1],
        np.float32,
        pd.DataFrame,
        pl.DataFrame,
    ],
    ids=["fortran", "rows", "columns", "backwards", "float32", "pandas", "polars"],
)
def test_memory_and_type_of_an_array_do_not_count(change):
    X = np.random.default_rng(0).integers(-9, 9, (50, 4)) / 8
    encoder = TableEncoder(n_bins=4)
    expected = encoder.fit_transform(X)
    np.testing.assert_array_equal(encoder.fit_transform(change(X)), expected)


@pytest.mark.skipif(not hasattr(pl, "Int128"), reason="an older polars")
def test_integers_of_128_bits_are_numbers():
    wide = pl.DataFrame({"a": pl.Series([1, None, 5, 2], dtype=pl.Int128)})
    found, expected = (
        TableEncoder().fit_transform(table) for table in (wide, wide.cast(pl.Int64))
    )
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("dtype", [int, float, object])
def test_masked_values_are_missing(dtype):
    X = np.ma.masked_array(np.arange(12).reshape(6, 2), dtype=dtype)
    X[4, 0] = np.ma.masked
    gaps = X.astype(object).filled(None)
    found, expected = (TableEncoder().fit_transform(table) for table in (X, gaps))
    assert np.array_equal(found, expected)


def test_a_table_is_never_written_into(table):
    X = np.array([[1.0, np.nan], [2.0, 3.0], [5.0, 7.0]])
    X.setflags(write=False)
    before = table.copy(deep=True)
    TableEncoder().fit_transform(X)
    TableEncoder().fit_transform(table)
    pd.testing.assert_frame_equal(table, before)


def test_arrays_of_texts_and_of_booleans_are_categories():
    X = np.array([["a", "1"], ["b", "2"], ["c", "1"]])
    encoder = TableEncoder().fit(X)
    assert list(encoder.get_feature_names_out()) == ["x0_a", "x0_b", "x0_c", "x1_2"]
    np.testing.assert_array_equal(
        TableEncoder().fit_transform(np.array([[True], [False]])), [[1], [-1]]
    )


# -- what is known after fit -----------------------------------------------------------


def test_names_say_what_an_output_is(table):
    encoder = TableEncoder(n_bins=2, max_levels=2).fit(table.assign(one=1))
    numbers = [
        f"{name}{end}"
        for name in ("price", "rooms")
        for end in ("", "_missing", "_bin_1", "_bin_2")
    ]
    counts = table["city"].value_counts()
    assert encoder.get_feature_names_out().tolist() == [
        *numbers,
        *(f"city_{level}" for level in sorted(counts.index[:2])),
        *("city_rest", "city_missing", "new_False", "new_True", "new_missing"),
        *("sold", "sold_missing", "sold_bin_1", "sold_bin_2"),
        *(
            f"sold_{c}_{w}"
            for c in ("month", "weekday", "time")
            for w in ("sin", "cos")
        ),
    ]


def test_slices_say_which_outputs_are_a_column_s(table):
    encoder = TableEncoder().fit(table.assign(one=1))
    names = encoder.get_feature_names_out()
    for column, outputs in encoder.output_slices_.items():
        assert {name.split("_")[0] for name in names[outputs]} == (
            set() if column == "one" else {column}
        )
    assert sum(len(names[s]) for s in encoder.output_slices_.values()) == len(names)
    assert encoder.dropped_columns_ == ["one"]


def test_columns_say_what_was_learned(table):
    price, rooms, city, new, sold = TableEncoder(n_bins=4).fit(table).columns_
    assert [c.kind for c in (price, rooms, city, new, sold)] == [
        *("numeric", "numeric", "category", "category", "time")
    ]
    assert price.spread.median == table["price"].median()
    assert rooms.name == "rooms"
    assert city.levels == ["Lima", "Oslo", "Rome"]
    assert "levels=['Lima', 'Oslo', 'Rome']" in repr(city)


def test_names_that_would_be_the_same_differ():
    X = pd.DataFrame({"a": [1, 2, 3, None], "a_missing": [1, 2, 3, 4]})
    names = TableEncoder(n_bins=0).fit(X).get_feature_names_out()
    assert list(names) == ["a", "a_missing", "a_missing_"]


def test_names_may_be_given_where_fit_had_none():
    encoder = TableEncoder(n_bins=0).fit([[1, 2], [3, 5]])
    assert list(encoder.get_feature_names_out(["a", "b"])) == ["a", "b"]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_come_out(table, library):
    encoder = TableEncoder(n_bins=4).set_output(transform=library)
    frame = encoder.fit_transform(table)
    assert list(frame.columns) == list(encoder.get_feature_names_out())
    plain = TableEncoder(n_bins=4).fit_transform(table)
    np.testing.assert_array_equal(frame.to_numpy(), plain)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, "float32", np.dtype("f8")])
def test_dtype_is_that_of_the_outputs(table, dtype):
    assert TableEncoder(dtype=dtype).fit_transform(table).dtype == dtype


def test_a_clone_has_the_parameters_and_is_not_fitted(table):
    encoder = TableEncoder(n_bins=3, max_levels=2, categorical_features=["rooms"])
    copy = clone(encoder.fit(table))
    assert copy.get_params() == encoder.get_params()
    for method in (copy.transform, copy.get_feature_names_out):
        with pytest.raises(NotFittedError):
            method(table)


def test_one_row_is_constant_and_has_no_output(table):
    encoder = TableEncoder().fit(table.iloc[[0]])
    assert encoder.transform(table).shape == (60, 0)
    assert encoder.dropped_columns_ == list(table)


def test_columns_without_a_value_are_dropped_and_not_read_again():
    X = pd.DataFrame({"a": [None, None, None], "b": [1, 2, 4], "c": [np.nan] * 3})
    encoder = TableEncoder().fit(X)
    assert encoder.dropped_columns_ == ["a", "c"]
    other = X.assign(a="text", c="other")
    np.testing.assert_array_equal(encoder.transform(other), encoder.transform(X))


@pytest.mark.parametrize("empty", [None, np.nan, pd.NaT, pd.NA])
def test_columns_without_a_value_in_transform_are_missing(table, empty):
    encoder = TableEncoder().fit(table)
    gap = table.iloc[[3]]
    other = pd.DataFrame({name: [empty] for name in table})
    np.testing.assert_array_equal(encoder.transform(other), encoder.transform(gap))


def test_nulls_and_nan_of_polars_are_missing():
    X = pl.DataFrame({"a": [1.0, None, float("nan"), 2.0, 5.0]})
    for marks, n_outputs in (("from_dtype", 2), (["a"], 4)):
        encoder = TableEncoder(n_bins=0, categorical_features=marks).fit(X)
        out = encoder.transform(X)
        assert out.shape[1] == n_outputs
        np.testing.assert_array_equal(out[:, -1], [0, 1, 1, 0, 0])


# -- categorical_features --------------------------------------------------------------


@pytest.mark.parametrize(
    "given", [[1, 3], np.array([3, 1]), ["b", "d"], [False, True, False, True]]
)
def test_marked_columns_are_categories(given):
    X = pd.DataFrame({"a": [1, 2, 3], "b": [5, 6, 7], "c": [1, 2, 3], "d": [0.5, 1, 2]})
    encoder = TableEncoder(n_bins=0, categorical_features=given).fit(X)
    assert list(encoder.get_feature_names_out()) == [
        *("a", "b_5", "b_6", "b_7", "c", "d_0.5", "d_1", "d_2")
    ]


@pytest.mark.parametrize("given", [None, [], ["b"]])
def test_categories_of_numbers_that_are_not_marked_are_numbers(given):
    X = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]}).astype("category")
    names = TableEncoder(n_bins=0, categorical_features=given).fit(X)
    assert list(names.get_feature_names_out()) == ["a", "b_x", "b_y", "b_z"]
    names = TableEncoder(n_bins=0).fit(X).get_feature_names_out()
    assert list(names[:3]) == ["a_1", "a_2", "a_3"]


def test_dates_may_be_categories():
    X = pd.DataFrame({"a": pd.to_datetime(["2024-01-01", "2024-01-02", None])})
    encoder = TableEncoder(categorical_features=["a"]).fit(X)
    np.testing.assert_array_equal(encoder.transform(X), np.eye(3))
    objects = pd.DataFrame({"a": [t.to_pydatetime() for t in X["a"][:2]]}, dtype=object)
    np.testing.assert_array_equal(encoder.transform(objects), np.eye(3)[:2])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([True, False], "mask must have shape (3,), got (2,)"),
        ([3], "integer indices must be in [0, 2], got 3 to 3"),
        ([-1], "integer indices must be in [0, 2], got -1"),
        (["z"], "must be among the columns of X, got 'z'; there are a, b, c"),
        ([0.5], "must be an array-like of bool, int or str, got float64"),
        (
            [[True]],
            "must be an array-like of bool, int or str, got bool of shape (1, 1)",
        ),
        ("all", "The 'categorical_features' parameter"),
    ],
)
def test_marks_that_mean_no_column_are_refused(given, message):
    X = pd.DataFrame({"a": [1, 2], "b": [1, 2], "c": [1, 2]})
    with pytest.raises(ValueError, match=re.escape(message)):
        TableEncoder(categorical_features=given).fit(X)


def test_names_need_names():
    with pytest.raises(ValueError, match="a mask or indices where X has no names"):
        TableEncoder(categorical_features=["x0"]).fit([[1], [2]])


# -- errors ----------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["pandas", "polars"])
def test_a_text_among_numbers_is_named(form):
    library = {"pandas": pd, "polars": pl}[form]
    encoder = TableEncoder().fit(library.DataFrame({"a": [1, 2], "b": [1.5, 2.5]}))
    X = library.DataFrame({"a": [1, 2, 3], "b": [None, "2.5", "many"]})
    message = (
        "X must hold numbers in column 'b', as in fit, got '2.5' in row 1; convert the "
        "column, or name it in categorical_features and fit again."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        encoder.transform(X)


def test_the_row_of_a_misfit_counts_from_the_start_of_the_table():
    encoder = TableEncoder().fit([[1], [2]])
    X = [[0]] * 10_000
    X[9_000] = ["x" * 99]
    with pytest.raises(ValueError, match=r"column 'x0'.* got 'x+\.\.\. in row 9000;"):
        encoder.transform(X)
    with pytest.raises(ValueError, match="in row 9000;"):
        encoder._read(X, slice(8_990, 9_010))


@pytest.mark.parametrize("values", [["a"], [1.5], [True]])
def test_what_is_no_date_among_dates_is_named(values):
    dates = pd.DataFrame({"a": pd.to_datetime(["2024-01-01", "2024-01-02"])})
    with pytest.raises(ValueError, match="must hold dates in column 'a', as in fit"):
        TableEncoder().fit(dates).transform(pd.DataFrame({"a": values}))


def test_dates_among_numbers_are_named():
    dates = pd.DataFrame({"a": pd.to_datetime(["2024-01-01", "2024-01-02"])})
    with pytest.raises(ValueError, match="numbers in column 'a', as in fit.* row 0"):
        TableEncoder().fit(pd.DataFrame({"a": [1, 2]})).transform(dates)


@pytest.mark.parametrize("value", [[1], {"a": 1}, np.arange(2)])
def test_what_cannot_be_a_level_is_named(value):
    X = pd.DataFrame({"a": ["x", None, value]})
    with pytest.raises(ValueError, match=r"got .* in column 'a', row 2; leave"):
        TableEncoder().fit(X)


@pytest.mark.parametrize("X", [[[1j]], np.array([[1j]]), pd.DataFrame({"a": [1j]})])
def test_complex_numbers_are_refused(X):
    with pytest.raises(ValueError, match="Complex data not supported|got 1j"):
        TableEncoder().fit(X)


def test_columns_of_one_name_are_refused():
    X = pd.DataFrame([[1, 2, 3], [4, 5, 6]], columns=["a", "b", "a"])
    with pytest.raises(
        ValueError, match="of different names, got 2 called 'a'; rename"
    ):
        TableEncoder().fit(X)


@pytest.mark.parametrize("library", [pd, pl])
def test_tables_without_rows_or_columns_are_refused(library):
    with pytest.raises(ValueError, match="0 sample"):
        TableEncoder().fit(library.DataFrame({"a": []}))
    with pytest.raises(ValueError, match="0 (feature|sample)"):
        TableEncoder().fit(library.DataFrame())


def test_sparse_rows_are_refused():
    with pytest.raises(TypeError, match="dense data is required"):
        TableEncoder().fit(sparse.csr_array(np.eye(3)))


def test_lazy_frames_are_refused():
    with pytest.raises(
        TypeError, match=r"in memory, got LazyFrame; give X\.collect\(\)"
    ):
        TableEncoder().fit(pl.LazyFrame({"a": [1, 2]}))


def test_rows_of_different_length_are_refused():
    with pytest.raises(ValueError, match="inhomogeneous|sequence"):
        TableEncoder().fit([[1, 2], [3]])


@pytest.mark.parametrize("dtype", [int, "float16", None, "number"])
def test_another_dtype_is_refused(dtype):
    with pytest.raises(
        ValueError, match="dtype must be numpy.float32 or numpy.float64"
    ):
        TableEncoder(dtype=dtype).fit([[1], [2]])


def test_columns_of_another_order_are_refused(table):
    encoder = TableEncoder().fit(table)
    with pytest.raises(
        ValueError, match="must be in the same order as they were in fit"
    ):
        encoder.transform(table[table.columns[::-1]])


def test_columns_that_are_called_like_methods_are_read():
    X = pd.DataFrame({"collect": [1, 2, 4], "compute": ["a", "b", "c"]})
    assert TableEncoder(n_bins=0).fit_transform(X).shape == (3, 4)


# -- among others ----------------------------------------------------------------------


def test_a_pipeline_takes_a_whole_table(table):
    y = table["price"].fillna(1) > 0.7
    model = make_pipeline(TableEncoder(), LogisticRegressionScratch())
    assert cross_val_score(model, table, y, cv=3).mean() > 0.8
    again = pickle.loads(pickle.dumps(model.fit(table, y)))
    np.testing.assert_array_equal(again.predict(table), model.predict(table))


def test_a_column_transformer_gives_it_some_columns(table):
    some = make_column_transformer((TableEncoder(), ["city", "price"])).fit(table)
    np.testing.assert_array_equal(
        some.transform(table), TableEncoder().fit_transform(table[["city", "price"]])
    )
