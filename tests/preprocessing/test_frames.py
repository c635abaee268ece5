"""Rows of data frames in which one column has the values of other rows."""

import numpy as np
import pandas as pd
import pytest

from sknn_scratch.preprocessing._frames import ArrayTable, table_of

X = pd.DataFrame(
    {
        "n": [1, 2, 3, 4],
        "c": pd.Categorical(["a", "b", None, "a"]),
        "d": pd.date_range("2020-01-01", periods=4),
    },
    index=[5, 5, 6, 7],
)
ROWS, PLACES = np.array([3, 0, 0]), np.array([2, 1, 3])


def as_pandas(library):
    """X in a data frame of that library, and what makes a frame of pandas of it."""
    if library == "pandas":
        return X, lambda table: table
    if library == "polars":
        polars = pytest.importorskip("polars")
        # on the way to pandas, polars changes the levels that a category may have
        texts = {"c": object}
        return polars.from_pandas(X), lambda table: table.to_pandas().astype(texts)
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.Table.from_pandas(X, preserve_index=False)
    return table, lambda table: table.to_pandas()


@pytest.mark.parametrize("j", [0, 1, 2])
@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_one_column_is_of_other_rows_and_dtypes_stay(library, j):
    pytest.importorskip("pyarrow")
    given, back = as_pandas(library)
    before = back(given).copy()
    found = table_of(given).mixed(ROWS, j, PLACES)
    assert type(found) is type(given)
    expected = before.iloc[ROWS].reset_index(drop=True)
    name = X.columns[j]
    expected[name] = before[name].iloc[PLACES].reset_index(drop=True)
    pd.testing.assert_frame_equal(back(found).reset_index(drop=True), expected)
    pd.testing.assert_frame_equal(back(given), before)


def test_columns_of_one_name_are_told_apart():
    table = pd.DataFrame([[1, 10], [2, 20]], columns=["a", "a"])
    found = table_of(table).mixed([0, 1], 1, [1, 0])
    assert found.to_numpy().tolist() == [[1, 20], [2, 10]]


def test_arrays_are_copied():
    X = np.arange(6.0).reshape(3, 2)
    found = ArrayTable(X).mixed(ROWS - 1, 0, PLACES - 1)
    assert found.tolist() == [[2, 5], [0, 5], [4, 5]]
    assert X.tolist() == [[0, 1], [2, 3], [4, 5]]
