"""Tables of pandas, polars, pyarrow or NumPy, read column by column as NumPy arrays.

None of the libraries is imported: a table is recognised by what it offers.
"""

import re
import sys
from typing import NamedTuple

import numpy as np

ARROW_ARRAYS = r"u?int\d+|float|double|bool|date32\[day\]|(timestamp|duration)\[\w+\]"

TRUE = np.bool_(True)  # there is one of it


class Column(NamedTuple):
    """The values of a column, (m,), or their codes where it has `levels`.

    `missing` is a mask (m,), or None where only NaN and NaT say what is missing.
    """

    values: np.ndarray
    missing: np.ndarray | None = None
    levels: list | None = None


class Table:
    """A table of shape (m, n) and the data frame, or the array, that holds it.

    `column` returns the rows `rows`, a slice, of one. `mixed` returns a data frame of
    the rows with the numbers `rows`, where column j has the values of the rows with the
    numbers `places`.
    """

    def __init__(self, X):
        self._X, self.shape = X, X.shape

    def __len__(self):
        return self.shape[0]


class ArrayTable(Table):
    """The columns of an array."""

    names = ()

    def column(self, j, rows):
        return column_of(self._X[rows, j])

    def mixed(self, rows, j, places):
        X = self._X[rows]
        X[:, j] = self._X[places, j]
        return X


class PandasTable(Table):
    """The columns of a pandas data frame."""

    @property
    def names(self):
        return list(self._X.columns)

    def column(self, j, rows):
        series = self._X.iloc[rows, j]
        kind = getattr(series.dtype, "kind", "O")
        extension = not isinstance(series.dtype, np.dtype)
        if hasattr(series, "cat"):
            codes = series.cat.codes.to_numpy()
            return Column(codes, codes < 0, series.cat.categories.tolist())
        if str(series.dtype).startswith("period"):
            return Column(series.dt.to_timestamp().to_numpy())
        if kind == "M" and "," in str(series.dtype):  # a zone: take its clock's time
            arrow = getattr(series.dtype, "pyarrow_dtype", None)
            if arrow is not None:  # pandas 2.2 would take the time of Greenwich
                series = series.astype(f"datetime64[{arrow.unit}, {arrow.tz}]")
            series = series.dt.tz_localize(None)
        if extension and kind in "biuf":
            plain = np.dtype({"b": "?"}.get(kind, f"{kind}8"))
            nothing = plain.type(0).item()  # pyarrow wants False for booleans
            values = series.to_numpy(dtype=plain, na_value=nothing)
            return Column(values, series.isna().to_numpy())
        return column_of(series.to_numpy())

    def mixed(self, rows, j, places):
        X = self._X.iloc[rows]
        X.isetitem(j, self._X.iloc[places, j].array)
        return X


class PolarsTable(Table):
    """The columns of a polars data frame."""

    @property
    def names(self):
        return self._X.columns

    def column(self, j, rows):
        series = self._X.to_series(j)[rows]
        dtype, missing = series.dtype, series.is_null().to_numpy()
        if getattr(dtype, "time_zone", None):
            series = series.dt.replace_time_zone(None)
        boolean, wide = str(dtype) == "Boolean", str(dtype).endswith("128")
        if boolean or (dtype.is_integer() and not wide):  # NumPy has none of 128 bits
            series = series.fill_null(False if boolean else 0)
        elif not (dtype.is_float() or str(dtype).startswith(("Date", "Duration"))):
            return column_of(objects(series.to_list()))
        return Column(series.to_numpy(), missing)

    def mixed(self, rows, j, places):
        return self._X[rows].with_columns(self._X.to_series(j)[places])


class ArrowTable(Table):
    """The columns of a pyarrow table."""

    @property
    def names(self):
        return self._X.column_names

    def column(self, j, rows):
        start, stop, _ = rows.indices(self.shape[0])
        values = self._X.column(j).slice(start, stop - start)
        if values.null_count == 0 and re.fullmatch(ARROW_ARRAYS, str(values.type)):
            return Column(values.to_numpy())
        return column_of(objects(values.to_pylist()))

    def mixed(self, rows, j, places):
        X, field = self._X, self._X.schema.field(j)
        return X.take(rows).set_column(j, field, X.column(j).take(places))


def objects(values):
    """Return a list as an array of objects, (m,)."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def column_of(values):
    """Return the column of an array; None and pandas.NA are missing, as NaN is."""
    if values.dtype.kind in "biufmM":
        return Column(values)
    values = values.astype(object, copy=False)  # texts
    NA = getattr(sys.modules.get("pandas"), "NA", None)
    absent = (v is None or v is NA or v != v for v in values)
    # an array in a cell compares to an array, which is neither
    absent = (answer is True or answer is TRUE for answer in absent)
    return Column(values, np.fromiter(absent, dtype=bool, count=len(values)))


def table_of(X):
    """Return the table of a data frame; None for anything else."""
    for offers, table in TABLES.items():
        if all(hasattr(type(X), name) for name in offers):
            return table(X)
    return None


TABLES = {
    ("iloc", "columns", "dtypes"): PandasTable,
    ("to_series", "columns", "with_columns"): PolarsTable,
    ("column_names", "to_pylist", "column"): ArrowTable,
}
