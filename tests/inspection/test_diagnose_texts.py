"""Numbers and dates as texts: the code that is advised reads them."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from sknn_scratch import DeepNetClassifier
from sknn_scratch.inspection._diagnosis.rows import read_rows
from sknn_scratch.inspection._diagnosis.texts import values_as_texts

M = 80
V = np.round(np.random.RandomState(0).gamma(3, 900, M), 2)
V[:2] = 1234567.5, 7.25
DAYS = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(M) * 13, "D")


def swapped(text):
    return text.translate(str.maketrans(",.", ".,"))


NUMBERS = {  # how a number is written -> its text
    "1,234.50": "{:,.2f}".format,
    "1.234,50": lambda v: swapped(f"{v:,.2f}"),
    "1234,5": lambda v: swapped(f"{v:.2f}"),
    "1 234,50": lambda v: f"{v:,.2f}".replace(",", " ").replace(".", ","),
    "1\u202f234.50": lambda v: f"{v:,.2f}".replace(",", "\u202f"),
    "1'234.50": lambda v: f"{v:,.2f}".replace(",", "'"),
    "12.5 kg": "{:.2f} kg".format,
    "12.5 EUR": "{:.2f} EUR".format,
    "12,5 \N{EURO SIGN}": lambda v: swapped(f"{v:,.2f} \N{EURO SIGN}"),
    "$12.50": "${:,.2f}".format,
    "-$12.50": "-${:,.2f}".format,
    "12.5%": "{:.2f}%".format,
    "1.25e+3": "{:.8e}".format,
    " 12.5 ": " {:.2f} ".format,
}


def said_of(X):
    """Return the findings of texts in a table."""
    y, net = np.arange(len(X)) % 2, DeepNetClassifier((2,))
    rows = read_rows(net, X, y, None, None, classifier=True, splits=False)
    return [*values_as_texts(rows)]


def advised(texts, kind=pd.DataFrame):
    """Return what the advised code makes of the texts."""
    texts = list(texts)
    X = {"t": texts, "k": np.random.RandomState(1).randn(len(texts)).tolist()}
    X = kind(X)
    (finding,) = said_of(X)
    advice = finding.advice
    code = advice[advice.index("pandas.") :].split(", which makes")[0]
    return eval(code, {"pandas": pd, "X": X}), advice


@pytest.mark.parametrize("form", NUMBERS.values(), ids=NUMBERS)
def test_the_advised_code_reads_numbers(form):
    sign = -1 if form(1.0).startswith("-") else 1
    read, _ = advised(map(form, V))
    np.testing.assert_allclose(read, sign * V)


@pytest.mark.parametrize("mark", [",", ".", " "])
def test_the_advised_code_reads_whole_numbers_in_groups(mark):
    whole = np.rint(V)
    read, _ = advised(f"{v:,.0f}".replace(",", mark) for v in whole)
    np.testing.assert_array_equal(read, whole)


def test_texts_that_are_no_numbers_become_missing():
    texts = [f"{v:.2f}" for v in np.arange(200) / 7]
    texts[150] = "n/a"
    read, advice = advised(texts)
    assert np.flatnonzero(np.isnan(read)).tolist() == [150]
    assert advice.endswith(", which makes all other texts missing")


def test_numbers_beside_texts_and_gaps_are_kept():
    texts = [f"{v:,.2f}" for v in V]
    texts[3], texts[4] = 7.5, None
    read, _ = advised(texts)
    assert read[3] == 7.5
    assert np.isnan(read[4])
    np.testing.assert_allclose(read[5:], V[5:])


@pytest.mark.parametrize(
    "form",
    ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y", "%d %b %Y",
     "%B %d, %Y", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"],
)  # fmt: skip
def test_the_advised_code_reads_dates(form):
    read, _ = advised(DAYS.strftime(form))
    assert (read.to_numpy() == DAYS.to_numpy()).all()


def test_the_advised_code_reads_dates_with_and_without_a_time():
    texts = DAYS.strftime("%Y-%m-%d").to_list()
    texts[5] += " 13:30"
    read, _ = advised(texts)
    assert (read.dt.date.to_numpy() == DAYS.date).all()


def test_the_advised_code_takes_the_table_that_was_given():
    texts = [f"{v:,.2f}" for v in V]
    for kind in (pl.DataFrame, as_array):
        read, _ = advised(texts, kind)
        np.testing.assert_allclose(read, V)


def as_array(columns):
    return pd.DataFrame(columns).to_numpy(dtype=object)


@pytest.mark.parametrize("units", [["kg", "g"], ["A", "B", "C"], ["K", "M"]])
def test_numbers_of_several_units_are_not_called_numbers(units):
    X = pd.DataFrame({"t": [f"{i}{units[i % len(units)]}" for i in range(M)]})
    assert not said_of(X)
