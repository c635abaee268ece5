"""What TableEncoder learns of a column, against formulas and scikit-learn."""

import datetime as dt
from decimal import Decimal
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.preprocessing import OneHotEncoder
from strategies import claim

from sknn_scratch.preprocessing import TableEncoder


def encoded(values, *, of=None, **parameters):
    """The outputs of one column; `of` are other values than those of fit."""
    encoder = TableEncoder(dtype=np.float64, **parameters).fit(frame(values))
    return encoder.transform(frame(values if of is None else of))


def frame(values):
    return pd.DataFrame({"x": values})


def names(values, **parameters):
    return list(TableEncoder(**parameters).fit(frame(values)).get_feature_names_out())


def smooth(z):
    return z / np.sqrt(1 + (z / 3) ** 2)


# -- numbers ---------------------------------------------------------------------------

finite = st.floats(-1e6, 1e6, width=32)


@claim
@given(x=arrays(float, st.integers(2, 40), elements=finite))
def test_numbers_are_centred_scaled_and_clipped_smoothly(x):
    q25, median, q75 = np.quantile(x, [0.25, 0.5, 0.75])
    scale = q75 - q25 or np.ptp(x) / 2
    if scale == 0:
        assert encoded(x, n_bins=0).shape == (len(x), 0)
    else:
        expected = smooth((x - median) / scale)
        np.testing.assert_allclose(encoded(x, n_bins=0)[:, 0], expected, atol=1e-12)


@claim
@given(
    x=arrays(float, st.integers(2, 60), elements=finite),
    new=arrays(float, 20, elements=finite),
    n_bins=st.integers(2, 20),
)
def test_bins_are_the_piecewise_linear_encoding(x, new, n_bins):
    t = edges(x, n_bins)
    new = np.concatenate([new, x, t])
    bins = encoded(x, of=new, n_bins=n_bins)[:, 1:]
    if len(t) < 3:
        assert bins.shape[1] == 0
    else:
        expected = np.clip((new[:, None] - t[:-1]) / np.diff(t), 0, 1)
        np.testing.assert_allclose(bins, expected, atol=1e-9)


def edges(x, n_bins):
    return TableEncoder(n_bins=n_bins).fit(x[:, np.newaxis]).columns_[0].spread.edges


def test_quantiles_that_leave_one_bin_make_none():
    assert len(edges(np.array([3.0, 1, 2, 0, 0, 0]), 2)) == 0


@pytest.mark.parametrize("n_bins", [2, 7, 16])
def test_edges_of_bins_are_quantiles_of_the_rows(n_bins):
    x = np.random.default_rng(0).gamma(1, size=300)
    levels = np.linspace(0, 1, n_bins + 1)
    expected = np.quantile(x, levels, method="inverted_cdf")
    np.testing.assert_array_equal(edges(x, n_bins), expected)


def test_a_value_of_most_rows_takes_no_bins_from_the_others():
    x = np.concatenate([np.zeros(900), np.arange(1, 101)])
    # 0 counts as 25 rows, a fifth of the 125 that there then are
    np.testing.assert_array_equal(edges(x, 5), [0, 25, 50, 75, 100])


def test_few_values_are_edges_themselves():
    x = np.array([3.0, 1.0, 1.0, 1.0, 7.0])
    np.testing.assert_array_equal(edges(x, 4), [1, 3, 7])


@pytest.mark.parametrize("n_bins", [None, 0, 1])
def test_bins_may_be_left_out(n_bins):
    assert names([1.0, 2, 3, 5], n_bins=n_bins) == ["x"]


def test_missing_numbers_are_the_median_and_have_an_indicator():
    x = np.array([1, np.nan, 2, 4, np.nan, 8, 16])
    out = encoded(x, n_bins=4)
    at_median = encoded(x, of=[4.0], n_bins=4)
    assert names(x, n_bins=2) == ["x", "x_missing", "x_bin_1", "x_bin_2"]
    np.testing.assert_array_equal(out[:, 1], np.isnan(x))
    np.testing.assert_array_equal(np.delete(out[1], 1), np.delete(at_median[0], 1))
    assert out[1, 0] == 0


def test_statistics_are_those_of_the_numbers_that_are_there():
    x = [np.nan, 1, 2, np.nan, 4, 8]
    np.testing.assert_array_equal(
        np.delete(encoded(x), 1, axis=1)[[1, 2, 4, 5]], encoded([1.0, 2, 4, 8])
    )


def test_numbers_missing_only_in_transform_are_the_median():
    x = [1.0, 2, 3, 4, 5]
    np.testing.assert_array_equal(encoded(x, of=[None, np.nan]), encoded(x, of=[3, 3]))


def test_one_number_beside_missing_ones_leaves_the_indicator():
    assert names([7, None, 7]) == ["x_missing"]
    np.testing.assert_array_equal(encoded([7, None, 7])[:, 0], [0, 1, 0])


def test_half_of_the_range_is_the_scale_where_the_quartiles_are_equal():
    out = encoded([0.0] * 8 + [4], n_bins=0)
    np.testing.assert_allclose(out[-1, 0], smooth(4 / 2))


def test_infinite_numbers_are_the_ends_of_the_clip():
    x = [1.0, 2, 3, 4, 5]
    np.testing.assert_allclose(
        encoded(x, of=[-np.inf, np.inf], n_bins=2), [[-3, 0, 0], [3, 1, 1]]
    )


def test_infinite_numbers_in_fit_do_not_count():
    x = [1.0, 2, 3, 4, 5]
    np.testing.assert_array_equal(encoded([*x, np.inf, -np.inf], of=x), encoded(x))


def test_infinite_numbers_beside_one_that_is_finite_are_told_apart():
    out = encoded([0, np.inf, 0, np.inf])[:, 0]
    assert out[0] == out[2] < 0 < out[1] == out[3]


@pytest.mark.parametrize("power", [-1040, -1000, 500, 1016])
def test_the_unit_of_numbers_does_not_count(power):
    x = np.random.default_rng(0).integers(-10, 10, 50).astype(float)
    np.testing.assert_allclose(encoded(np.ldexp(x, power)), encoded(x), atol=1e-15)


def test_the_smallest_numbers_there_are_keep_their_order():
    out = encoded(np.ldexp([0.0, 1, 2, 3, 5], -1074))
    assert np.isfinite(out).all()
    assert (np.diff(out[:, 0]) > 0).all()


@pytest.mark.parametrize("x", [[-1.7e308, 1.7e308, 0, 1.7e308], [1e300, -1e300, 5e299]])
def test_the_largest_numbers_do_not_overflow(x):
    out = encoded(x)
    assert np.isfinite(out).all()
    assert (np.argsort(out[:, 0], kind="stable") == np.argsort(x, kind="stable")).all()


@pytest.mark.parametrize("start", [2**60, -(2**63), 2**63 - 100, 2**64 - 100])
@pytest.mark.parametrize("dtype", [None, object, "Int64"])
def test_integers_beyond_float64_are_told_apart(start, dtype):
    whole = np.uint64 if start >= 2**62 else np.int64
    x = np.array([start + i for i in range(100)], dtype=whole)
    if dtype == "Int64":
        dtype = f"{'U' if whole is np.uint64 else ''}Int64"
    np.testing.assert_array_equal(
        encoded(pd.Series(x, dtype=dtype or whole)), encoded(np.arange(100))
    )


def test_the_ends_of_int64_do_not_overflow():
    x = np.array([-(2**63), 2**63 - 1, 0, 5, 2**63 - 1], dtype=np.int64)
    out = encoded(x)
    np.testing.assert_allclose(out, encoded(x.astype(float)), atol=1e-12)


def test_floats_are_read_where_integers_beyond_float64_were():
    x = np.arange(2**60, 2**60 + 10**6, 10**4)
    rounding = 128 / (10**6 / 16)  # in units of a bin
    np.testing.assert_allclose(
        encoded(x, of=x.astype(float)), encoded(x), atol=2 * rounding
    )


def test_numbers_in_columns_of_objects_are_numbers():
    x = [1, 2.5, None, Decimal("3.5"), np.float32(4), True, Decimal("NaN"), pd.NA]
    x += [np.float64("nan"), np.float32("nan"), pd.NaT]
    same = [1, 2.5, np.nan, 3.5, 4, 1, *[np.nan] * 5]
    np.testing.assert_array_equal(encoded(pd.Series(x, dtype=object)), encoded(same))


def test_integers_beyond_all_floats_are_infinite():
    x = [1.0, 2, 3, 4]
    new = pd.Series([10**400, -(10**400)], dtype=object)
    np.testing.assert_array_equal(encoded(x, of=new), encoded(x, of=[np.inf, -np.inf]))
    assert encoded(pd.Series([10**400, 1, 10**400], dtype=object), of=x).shape[0] == 4


def test_durations_are_days():
    days = [1, 2.5, None, 4, 10]
    x = pd.to_timedelta(days, unit="D")
    np.testing.assert_array_equal(encoded(x), encoded(days))
    objects = pd.Series(
        [None if t is pd.NaT else t.to_pytimedelta() for t in x], dtype=object
    )
    np.testing.assert_array_equal(encoded(objects), encoded(days))
    hours = [np.timedelta64(int(d * 24), "h") if d else None for d in days]
    numpy = pd.Series(hours, dtype=object)
    np.testing.assert_array_equal(encoded(numpy), encoded(days))


def test_times_of_day_are_parts_of_a_day():
    x = [dt.time(6), dt.time(12), None, dt.time(18, 30)]
    np.testing.assert_array_equal(encoded(x), encoded([6 / 24, 0.5, None, 18.5 / 24]))


# -- categories ------------------------------------------------------------------------

levels = st.sampled_from(["a", "b", "c", "d", "e", "f"])


@claim
@given(x=st.lists(levels, min_size=3, max_size=60), new=st.lists(levels, min_size=1))
def test_levels_have_the_outputs_of_scikit_learn(x, new):
    if len(set(x)) < 3:
        x = [*x, "a", "b", "c"]
    other = OneHotEncoder(sparse_output=False, handle_unknown="ignore").fit(frame(x))
    np.testing.assert_array_equal(encoded(x, of=new), other.transform(frame(new)))
    assert names(x) == list(other.get_feature_names_out())


@claim
@given(x=st.lists(levels, min_size=3), max_levels=st.integers(1, 5), data=st.data())
def test_the_most_frequent_levels_have_an_output_whatever_the_order(
    x, max_levels, data
):
    if len(set(x)) < 3:
        x = [*x, "a", "b", "c"]
    ranked = sorted(set(x), key=lambda level: (-x.count(level), level))
    expected = [f"x_{level}" for level in sorted(ranked[:max_levels])]
    expected += ["x_rest"] if len(ranked) > max_levels else []
    assert names(x, max_levels=max_levels) == expected
    assert names(data.draw(st.permutations(x)), max_levels=max_levels) == expected


def test_rare_and_unseen_levels_share_an_output():
    x = ["a", "a", "b", "b", "c", "d"]
    np.testing.assert_array_equal(
        encoded(x, of=["a", "d", "new"], max_levels=2),
        [[1, 0, 0], [0, 0, 1], [0, 0, 1]],
    )


def test_unseen_levels_are_0_without_a_rest():
    np.testing.assert_array_equal(encoded(["a", "b", "c"], of=["z"]), [[0, 0, 0]])


@pytest.mark.parametrize("max_levels", [1, 40])
def test_two_levels_are_a_sign(max_levels):
    x = ["no", "yes", "no"]
    out = encoded(x, of=["no", "yes", "perhaps", None], max_levels=max_levels)
    np.testing.assert_array_equal(out, [[-1], [1], [0], [0]])
    assert names(x) == ["x_yes"]


def test_two_levels_with_missing_ones_have_three_outputs():
    x = ["no", "yes", None]
    assert names(x) == ["x_no", "x_yes", "x_missing"]
    np.testing.assert_array_equal(encoded(x), np.eye(3))


def test_levels_missing_only_in_transform_are_0():
    np.testing.assert_array_equal(encoded(["a", "b", "c"], of=[None]), [[0, 0, 0]])


def test_one_level_beside_missing_ones_leaves_the_indicator():
    assert names(["a", None]) == ["x_missing"]
    np.testing.assert_array_equal(
        encoded(["a", None], of=["a", "b", None])[:, 0], [0, 0, 1]
    )


def test_categories_without_rows_have_no_output():
    x = pd.Categorical(["a", "b", "c"], categories=["a", "b", "c", "d"])
    assert names(x) == ["x_a", "x_b", "x_c"]


@pytest.mark.parametrize("as_type", [float, object, "Int64", "category", np.float32])
def test_levels_that_are_equal_numbers_are_the_same(as_type):
    x = pd.Series([3, 1, 2, 3], dtype="category")
    new = pd.Series([1, 2, 3]).astype(as_type)
    np.testing.assert_array_equal(encoded(x, of=new), np.eye(3))
    assert names(x.astype(float).astype("category")) == ["x_1", "x_2", "x_3"]


@pytest.mark.parametrize("turn", [slice(None), slice(None, None, -1)])
def test_equal_levels_have_one_name_whichever_comes_first(turn):
    x = [1, True, Decimal(1), 1.0, np.float32(1.5), Decimal("1.5"), 0.1, Decimal("0.1")]
    x = pd.Series([*x, "a", np.str_("a")][turn], dtype=object)
    assert names(x) == ["x_0.1", "x_1", "x_1.5", "x_a", "x_0.1_"]


def test_a_number_and_its_text_are_different_levels():
    x = pd.Series([1, "1", 2.5, "a"], dtype=object)
    assert names(x) == ["x_1", "x_2.5", "x_1_", "x_a"]
    np.testing.assert_array_equal(encoded(x)[:, [0, 2, 1, 3]], np.eye(4))


def test_booleans_among_texts_are_levels():
    assert names([True, "a", False, None]) == [
        "x_False",
        "x_True",
        "x_a",
        "x_missing",
    ]


@pytest.mark.parametrize(
    "of", [[False, True], [0, 1], [0.0, 1.0], pd.array([False, True], dtype="boolean")]
)
def test_booleans_are_a_sign(of):
    np.testing.assert_array_equal(encoded([True, False, True], of=of), [[-1], [1]])


# -- dates -----------------------------------------------------------------------------

DATES = pd.to_datetime(["1969-12-31", "2024-02-29", "2024-03-01", "2031-07-13"])


def test_days_since_the_median_are_numbers():
    days = [(date - DATES[1]).days for date in DATES]
    out = encoded(DATES, n_bins=4)
    np.testing.assert_allclose(out[:, :4], encoded(days, n_bins=4), atol=1e-15)


def test_month_and_weekday_are_cycles():
    assert names(DATES, n_bins=0) == [
        "x",
        *(
            f"x_{cycle}_{wave}"
            for cycle in ("month", "weekday")
            for wave in ("sin", "cos")
        ),
    ]
    angle = 2 * np.pi * np.stack([(DATES.month - 1) / 12, DATES.day_of_week / 7])
    expected = np.stack(
        [np.sin(angle[0]), np.cos(angle[0]), np.sin(angle[1]), np.cos(angle[1])]
    )
    np.testing.assert_allclose(encoded(DATES, n_bins=0)[:, 1:].T, expected, atol=1e-12)


def test_the_time_of_day_is_a_cycle_where_it_varies():
    times = DATES + pd.to_timedelta([0, 6, 12, 18], unit="h")
    assert names(times, n_bins=0)[-2:] == ["x_time_sin", "x_time_cos"]
    np.testing.assert_allclose(
        encoded(times, n_bins=0)[:, -2:], [[0, 1], [1, 0], [0, -1], [-1, 0]], atol=1e-12
    )


def test_a_missing_date_is_the_median_and_the_middle_of_cycles():
    x = pd.Series([*DATES, None])
    out = encoded(x, n_bins=0)[-1]
    assert names(x, n_bins=0)[1] == "x_missing"
    np.testing.assert_array_equal(out, [0, 1, 0, 0, 0, 0])


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_the_unit_of_dates_does_not_count(unit):
    np.testing.assert_array_equal(
        encoded(DATES, of=DATES.as_unit(unit)), encoded(DATES)
    )


def test_nanoseconds_are_told_apart():
    x = pd.to_datetime(2**60 + np.arange(100), unit="ns")
    out = encoded(x)[:, 0]
    assert (np.diff(out) > 0).all()
    np.testing.assert_allclose(out, encoded(np.arange(100))[:, 0], rtol=0.01, atol=0.01)


def test_dates_beyond_nanoseconds_are_read():
    x = np.array(["0001-01-01", "20000-05-05", "2000-01-01"], dtype="M8[s]")
    out = TableEncoder(n_bins=0).fit_transform(x[:, np.newaxis])
    assert np.isfinite(out).all()


OTHER_DATES = {
    "zone": lambda x: x.tz_localize("Asia/Tokyo"),
    "period": lambda x: x.to_period("D"),
    "date": lambda x: pd.Series(list(x.date), dtype=object),
    "datetime": lambda x: pd.Series(list(x.to_pydatetime()), dtype=object),
    "aware": lambda x: pd.Series(list(x.tz_localize("UTC")), dtype=object),
}
if find_spec("pyarrow"):
    OTHER_DATES |= {
        "arrow": lambda x: pd.Series(x, dtype="timestamp[ns][pyarrow]"),
        "arrow zone": lambda x: pd.Series(
            x.tz_localize("Asia/Tokyo"), dtype="timestamp[ns, tz=Asia/Tokyo][pyarrow]"
        ),
        "arrow date": lambda x: pd.Series(x.date, dtype="date32[pyarrow]"),
    }


@pytest.mark.parametrize("as_type", OTHER_DATES.values(), ids=OTHER_DATES)
def test_dates_of_other_types_are_the_same(as_type):
    np.testing.assert_array_equal(encoded(as_type(DATES)), encoded(DATES))


def test_one_date_has_no_output():
    assert names([DATES[0]] * 3) == []
    assert names([DATES[0], None]) == ["x_missing"]
