"""Tables of pandas, polars, pyarrow or NumPy, read column by column as NumPy arrays.

None of the libraries is imported: a table is recognised by what it offers.
"""

import re
import sys
from typing import NamedTuple

import numpy as np

ARROW_ARRAYS = r"u?int\d+|float|double|bool|date32\[day\]|(timestamp|duration)\[\w+\]"


class Column(NamedTuple):
    """The values of a column, (m,), or their codes where it has `levels`.

    `missing` is a mask (m,), or None where only NaN and NaT say what is missing.
    """

    values: np.ndarray
    missing: np.ndarray | None = None
    levels: list | None = None


class Table:
    """A table of shape (m, n); `column` returns the rows `rows`, a slice, of one."""

    def __init__(self, X):
        self._X, self.shape = X, X.shape

    def __len__(self):
        return self.shape[0]


class ArrayTable(Table):
    """The columns of an array."""

    def column(self, j, rows):
        values = self._X[rows, j]
        if values.dtype.kind in "biufmM":
            return Column(values)
        return values_of_objects(values)


class PandasTable(Table):
    """The columns of a pandas data frame."""

    def column(self, j, rows):
        series = self._X.iloc[rows, j]
        kind = getattr(series.dtype, "kind", "O")
        if hasattr(series, "cat"):
            codes = series.cat.codes.to_numpy()
            return Column(codes, codes < 0, series.cat.categories.tolist())
        if str(series.dtype).startswith("period"):
            return Column(series.dt.to_timestamp().to_numpy())
        if kind == "M":  # the time on the clock of the place
            return Column(series.dt.tz_localize(None).to_numpy())
        if kind not in "biufm":
            return values_of_objects(series.to_numpy(dtype=object))
        if isinstance(series.dtype, np.dtype) or kind == "m":
            return Column(series.to_numpy())
        plain = np.dtype({"b": "?"}.get(kind, f"{kind}8"))
        missing = series.isna().to_numpy()
        nothing = plain.type(0).item()  # pyarrow wants False for booleans
        return Column(series.to_numpy(dtype=plain, na_value=nothing), missing)


class PolarsTable(Table):
    """The columns of a polars data frame."""

    def column(self, j, rows):
        series = self._X.to_series(j)[rows]
        dtype, missing = series.dtype, series.is_null().to_numpy()
        if getattr(dtype, "time_zone", None):  # the time on the clock of the place
            series = series.dt.replace_time_zone(None)
        boolean = str(dtype) == "Boolean"
        if boolean or dtype.is_integer():
            series = series.fill_null(False if boolean else 0)
        elif not (dtype.is_float() or str(dtype).startswith(("Date", "Duration"))):
            return values_of_objects(objects(series.to_list()))
        return Column(series.to_numpy(), missing)


class ArrowTable(Table):
    """The columns of a pyarrow table."""

    def column(self, j, rows):
        start, stop, _ = rows.indices(self.shape[0])
        values = self._X.column(j).slice(start, stop - start)
        if values.null_count == 0 and re.fullmatch(ARROW_ARRAYS, str(values.type)):
            return Column(values.to_numpy())
        return values_of_objects(objects(values.to_pylist()))


def objects(values):
    """Return a list as an array of objects, (m,)."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def values_of_objects(values):
    """Return the column of an array of objects or texts."""
    if values.dtype.kind != "O":
        return Column(values.astype(object))
    NA = getattr(sys.modules.get("pandas"), "NA", None)
    absent = (v is None or v is NA or bool(v != v) for v in values)
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
