"""What becomes of columns, and how texts become numbers and dates."""

import numpy as np
import pandas as pd
import pytest

from sknn_scratch._cli.tables.columns import decide, kept_columns, notes_of, read_column
from sknn_scratch._cli.tables.texts import as_dates, as_numbers

N = 40
RNG = np.random.RandomState(0)


def reason(name, values, **options):
    (decision,) = decide(pd.DataFrame({name: values}), **options)
    return decision.reason


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("Unnamed: 0", range(N), "index"),
        ("index", range(1, N + 1), "index"),
        ("Unnamed: 0", RNG.permutation(1000)[:N], "index"),
        ("id", RNG.permutation(1000)[:N], "id"),
        ("customerID", RNG.permutation(1000)[:N], "id"),
        ("name", [f"Mrs {i}" for i in range(N)], "id"),
        (
            "review",
            [f"It came late, on day {i} of our May" for i in range(N)],
            "free",
        ),
        ("version", [3] * N, "one value"),
        ("empty", [None] * N, "no value"),
        ("rare", [*[np.nan] * 199, 1.0], "99.5% missing"),
        ("lists", [[1]] * N, "neither"),
    ],
)
def test_columns_that_tell_nothing_are_left_out(name, values, words):
    assert words in reason(name, list(values))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("price", RNG.permutation(100_000)[:N]),
        ("day", range(N)),
        ("store_id", [*range(10)] * 4),
        ("width", RNG.rand(N)),
        ("pool", ["yes", *[None] * 9] * 4),
        ("city", ["Oslo", "Bergen"] * 20),
        ("date", [f"2020-01-{i % 28 + 1:02} 10:{i:02}" for i in range(N)]),
        ("paid", [True, False] * 20),
    ],
)
def test_columns_that_may_tell_something_are_kept(name, values):
    assert reason(name, list(values)) == ""


def test_options_decide_before_the_rules():
    frame = pd.DataFrame({"id": range(N), "a": RNG.rand(N), "b": RNG.rand(N)})
    decisions = decide(frame, drop=["b"], keep=["id"], target="a")
    assert [(d.column.name, d.kept) for d in decisions] == [("id", True), ("b", False)]
    assert kept_columns(decisions).columns.tolist() == ["id"]


def test_unknown_names_are_refused_with_the_one_like_them():
    frame = pd.DataFrame({"Price": [1], "city": [2]})
    with pytest.raises(ValueError, match="did you mean 'Price'"):
        decide(frame, drop=["price"])
    with pytest.raises(ValueError, match="the columns are 'Price', 'city'"):
        decide(frame, keep=["zzz"])


def test_a_table_without_a_column_that_is_kept_is_refused():
    with pytest.raises(ValueError, match="got none"):
        kept_columns(decide(pd.DataFrame({"a": [1] * N})))


def test_notes_name_columns_of_one_reason_together():
    frame = pd.DataFrame({"a": [1] * N, "b": [2] * N, "c": range(N)})
    assert notes_of(decide(frame)) == ["Left out 'a', 'b': one value only."]


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["1,5", "2,25"], [1.5, 2.25]),
        (["1,234", "12,500"], [1234, 12500]),
        (["$1,200.50", "-$3"], [1200.5, -3]),
        (["1.234,50 €", "7 €"], [1234.5, 7]),
        (["12 %", "3.5%"], [12, 3.5]),
        (["EUR 12", "13 EUR"], [12, 13]),
        (["(5)", "1e3"], [-5, 1000]),
        (["1'000", "2 000"], [1000, 2000]),
        (["1.234.567", "5"], [1234567, 5]),
    ],
)
def test_texts_that_are_numbers_are_read_as_such(texts, numbers):
    assert list(as_numbers(texts).values.values()) == numbers


@pytest.mark.parametrize("text", ["A1", "1_000", "１２", "4WD", "1-2", "12 km", ""])
def test_texts_that_are_no_numbers_are_not(text):
    assert as_numbers([text]).others == [text]


def test_few_words_in_a_column_of_numbers_are_missing_and_said():
    values = [*map(str, range(N)), "unknown", "unknown", "None"]
    column = read_column("a", pd.Series(values))
    assert (column.kind, column.missing) == ("numeric", 3)
    assert column.remark == "3 cells taken as missing: 'unknown', 'None'"


def test_codes_with_a_word_among_them_are_levels():
    assert read_column("a", pd.Series(["1", "2", "other"] * 20)).kind == "category"


@pytest.mark.parametrize(
    ("texts", "date"),
    [
        (["2020-03-14", "2020-03-15"], "2020-03-14"),
        (["2020-03-14T10:30:00Z", "2020-03-15T00:00:00Z"], "2020-03-14T10:30"),
        (["2020-03-14 10:30:05.5+02:00"], "2020-03-14T10:30:05.5"),
        (["2020/3/14"], "2020-03-14"),
        (["14.3.2020", "1.2.2020"], "2020-03-14"),
        (["14/03/2020", "01/02/2020"], "2020-03-14"),
        (["03/14/2020", "01/02/2020"], "2020-03-14"),
        (["03/14/20 10:30", "01/02/20 11:30"], "2020-03-14T10:30"),
        (["20200314T000000"], "2020-03-14"),
        (["14-Mar-2020", "1 Feb 2020"], "2020-03-14"),
        (["March 14, 2020"], "2020-03-14"),
        (["Mar-2020"], "2020-03-01"),
        (["2020-03"], "2020-03-01"),
    ],
)
def test_dates_are_read(texts, date):
    assert as_dates(texts).values[texts[0]] == np.datetime64(date)


@pytest.mark.parametrize(
    "texts", [["a", "b"], ["2020-13-45"], ["10-12"], ["31.2.2020"]]
)
def test_texts_that_are_no_dates_are_not(texts):
    assert as_dates(texts) is None


def test_dates_that_may_be_two_are_left_out_until_the_order_is_given():
    values = ["01/02/2020", "03/04/2020"] * 20
    assert "--dates says which" in reason("a", values)
    (decision,) = decide(pd.DataFrame({"a": values}), dates="day-first")
    assert decision.column.values[0] == pd.Timestamp("2020-02-01")
    with pytest.raises(ValueError, match="--dates must be day-first or month-first"):
        decide(pd.DataFrame({"a": values}), dates="dmy")


def test_first_days_of_months_of_some_years_tell_the_order():
    texts = [f"01/{m:02}/{y}" for y in (2019, 2020) for m in range(1, 13)]
    assert as_dates(texts).rule == "day-first"
    assert as_dates(texts[:12]).values == {}


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pd.Series([1, None], dtype="Int64"), "numeric"),
        (pd.Series([True, None], dtype="boolean"), "category"),
        (pd.Series(["a", "b"], dtype="category"), "category"),
        (pd.Series(pd.to_datetime(["2020-01-01", None])), "time"),
        (pd.Series([pd.Timestamp("2020-01-01").date()]), "time"),
        (pd.Series(["a", None], dtype="string"), "category"),
        (pd.Series([1, "a", None]), "category"),
    ],
)
def test_types_of_data_frames_have_their_kinds(values, kind):
    assert read_column("a", values).kind == kind
