"""The rows that a diagnosis is given, read column by column as numbers.

Levels become codes in the order in which they are met, dates days. What is missing is
NaN.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.random import RandomState
from scipy.sparse import issparse
from scipy.stats import rankdata

from ..._compat import safe_indexing
from ..._estimators.access import first_step
from ...preprocessing._columns import days_since
from ...preprocessing._frames import ArrayTable, table_of
from ...preprocessing._values import (
    MisfitError,
    as_days,
    as_levels,
    as_numbers,
    kind_of,
)
from .._sampling import n_rows
from .signals import ROWS

COLUMNS = 300  # that are looked at, the first ones
FEWEST_ROWS = 50  # fewer say nothing of columns
EPOCH = np.datetime64("1970-01-01", "D")


@dataclass(kw_only=True, eq=False)
class Column:
    """A column: its numbers in a sample of X, and of X_val."""

    name: str
    position: int
    kind: str  # "numeric", "boolean", "category" or "time"
    x: np.ndarray  # (m,)
    x_val: np.ndarray | None
    levels: dict  # level -> code, of a category

    @cached_property
    def present(self):
        """Return the numbers that are not missing."""
        return self.x[~np.isnan(self.x)]

    @cached_property
    def all_different(self):
        """Return whether hardly a value repeats."""
        n = len(self.present)
        return n >= 30 and len(np.unique(self.present)) >= 0.95 * n

    @property
    def whole(self):
        """Return whether all numbers are whole."""
        x = self.present
        numeric = self.kind == "numeric" and len(x) > 0 and np.isfinite(x).all()
        return bool(numeric and (x == np.rint(x)).all())

    @property
    def texts(self):
        """Return the levels that are texts."""
        return [level for level in self.levels if isinstance(level, str)]

    def __str__(self):
        return f"column {self.name!r}"


class Reader:
    """Read columns of tables as numbers; one level has one code in all of them."""

    def __init__(self, X):
        self.table = as_table(X)
        self._known = {}

    def column(self, table, j, rows=slice(None)):
        """Return (kind, numbers, levels) of a column; None if it cannot be read."""
        column = table.column(j, rows)
        try:
            kind, levels = self._known.setdefault(j, (kind_of(column), {}))
            return kind, READ[kind](column, levels), levels
        except (MisfitError, TypeError, ValueError, OverflowError):
            return None


def numbers(column, levels):
    """Return the numbers of a column."""
    return as_numbers(column)


def codes(column, levels):
    """Return the codes of levels, and add new ones to `levels`."""
    found, names = as_levels(column)
    numbers = [float(levels.setdefault(name, len(levels))) for name in names]
    return np.array([*numbers, np.nan])[found]


def days(column, levels):
    """Return dates as days."""
    day, fraction, missing = as_days(column)
    return np.where(missing, np.nan, days_since(EPOCH, day, fraction))


READ = {"numeric": numbers, "boolean": numbers, "category": codes, "time": days}


def as_table(X):
    """Return X as a table, or None if it has no columns of values."""
    if issparse(X):
        return None
    table = table_of(X)
    if table is not None:
        return table
    if not hasattr(X, "shape"):
        X = np.asarray(X)
        if X.dtype.kind in "US":  # NumPy makes texts of numbers beside texts
            return None
    X = X if isinstance(X, np.ndarray) else None
    return None if X is None or X.ndim != 2 else ArrayTable(X)


# -- rows ------------------------------------------------------------------------------


@dataclass(kw_only=True)
class TableRows:
    """Rows of a table and their targets; what is judged of them is a sample.

    `chosen` are the numbers of the rows of the sample among those of X.
    """

    X: object
    X_val: object | None
    y: np.ndarray  # all
    y_val: np.ndarray | None
    chosen: np.ndarray
    columns: list
    n_columns: int
    reader: Reader
    classifier: bool
    splits: bool  # whether fit itself holds rows out, drawn at random
    ratio: float | None = None  # loss of a fitted model / loss of a constant
    told: dict = field(default_factory=dict)  # position -> what it tells of y alone
    sample_weight: np.ndarray | None = None
    # share of each class that a model recognises among rows that it was not trained on
    recognised: np.ndarray | None = None

    @property
    def m(self):
        """Return the number of rows of X."""
        return len(self.y)

    @property
    def learned(self):
        """Return the targets of all rows whose weight is not 0."""
        w = self.sample_weight
        return self.y if w is None else self.y[np.asarray(w) != 0]

    @cached_property
    def counts(self):
        """Return the classes and the numbers of their rows; None of other targets."""
        if not self.classifier or self.y.ndim > 1:
            return None
        return np.unique(self.y, return_counts=True)

    @cached_property
    def target_is_id(self):
        """Return whether classes are nearly as many as rows."""
        k = 0 if self.counts is None else len(self.counts[0])
        return k > 20 and 3 * k >= self.m

    @cached_property
    def answers(self):
        """Return the targets of the sample (m, n): ones of classes, ranks of numbers.

        None is returned if there are too many classes, or one.
        """
        y = self.y[self.chosen]
        if self.classifier:
            if y.ndim == 1:
                y = y[:, None] == np.unique(y)
            Y = y.astype(float)
        else:
            Y = rankdata(y.reshape(len(y), -1).astype(float), axis=0) / len(y)
        return Y if 1 <= Y.shape[1] <= 50 and Y.std(axis=0).max() > 0 else None

    @cached_property
    def target(self):
        """Return the numbers of a regression as a column; None of other targets."""
        if self.classifier or self.y.ndim > 1 or self.y.dtype.kind not in "iuf":
            return None
        y_val = None if self.y_val is None else some(self.y_val).astype(float)
        return Column(
            name="y",
            position=-1,
            kind="numeric",
            x=self.y[self.chosen].astype(float),
            x_val=y_val,
            levels={},
        )

    @cached_property
    def numbers_of_y(self):
        """Return the targets of the sample as numbers (m,); None of other targets.

        Two classes are 0 and 1.
        """
        y = self.y[self.chosen]
        if y.ndim == 1 and self.classifier and len(self.counts[0]) == 2:
            return (y == self.counts[0][1]).astype(float)
        return y.astype(float) if y.ndim == 1 and y.dtype.kind in "iuf" else None

    def all_numbers(self, column):
        """Return the numbers of a column in all rows of X, or None."""
        if column is self.target:
            return self.y.astype(float)
        found = self.reader.column(self.reader.table, column.position)
        return None if found is None else found[1]

    def numbers_at(self, columns, rows):
        """Return the numbers of columns in these rows of X; None where unreadable."""
        table, read = as_table(safe_indexing(self.X, rows)), []
        for column in columns:
            if column is self.target:
                read.append(self.y[rows].astype(float))
                continue
            found = self.reader.column(table, column.position)
            read.append(None if found is None else found[1])
        return read


def read_rows(estimator, X, y, X_val, y_val, *, classifier, splits):
    """Read rows; None if they are not those of a table."""
    reader = Reader(X)
    if reader.table is None or len(reader.table) != n_rows(y):
        return None
    X = X if hasattr(X, "shape") else np.asarray(X)
    y, y_val = flat_targets(y), flat_targets(y_val)
    if not classifier and y.dtype == object:  # numbers, or fit would refuse them
        y, y_val = y.astype(float), None if y_val is None else y_val.astype(float)
    chosen = np.arange(len(y))
    if len(y) > ROWS:
        chosen = np.sort(RandomState(0).permutation(len(y))[:ROWS])
    table = as_table(safe_indexing(X, chosen))
    table_val = None if X_val is None else as_table(some(X_val))
    if table_val is not None and table_val.shape[1] != table.shape[1]:
        table_val = None
    columns = []
    for j, name in used_columns(estimator, table)[:COLUMNS]:
        found = reader.column(table, j)
        if found is None:
            continue
        kind, x, levels = found
        other = None if table_val is None else reader.column(table_val, j)
        column = Column(
            name=name,
            position=j,
            kind=kind,
            x=x,
            x_val=None if other is None else other[1],
            levels=levels,
        )
        columns.append(column)
    return TableRows(
        X=X,
        X_val=X_val,
        y=y,
        y_val=y_val,
        chosen=chosen,
        columns=columns,
        n_columns=table.shape[1],
        reader=reader,
        classifier=classifier,
        splits=splits,
    )


def some(X):
    """Return a fixed sample of rows, at most ROWS."""
    if not hasattr(X, "shape") or n_rows(X) <= ROWS:
        return X
    return safe_indexing(X, np.sort(RandomState(0).permutation(n_rows(X))[:ROWS]))


def flat_targets(y):
    """Return targets as an array, (m,) of a single column."""
    if y is None:
        return None
    if issparse(y):
        y = y.toarray()
    y = np.asarray(y)
    return y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y


def used_columns(estimator, table):
    """Return (number, name) of the columns that the estimator takes.

    A ColumnTransformer as the first step may leave columns out.
    """
    names = [str(name) for name in table.names]
    named = bool(names)
    names = names or [f"x{j}" for j in range(table.shape[1])]
    first = first_step(estimator)
    parts = getattr(first, "transformers_", getattr(first, "transformers", None))
    every = list(enumerate(names))
    if not isinstance(parts, list):
        return every
    kept = {} if hasattr(first, "transformers_") else None
    used = set()
    for part in parts:
        if len(part) != 3 or callable(part[2]):
            return every
        if part[1] == "drop":
            continue
        chosen = positions(part[2], names, named)
        if chosen is None:
            return every
        used.update(chosen)
    if kept is None and getattr(first, "remainder", "drop") != "drop":
        return every
    return [(j, name) for j, name in every if j in used]


def positions(columns, names, named):
    """Return the numbers of columns as a ColumnTransformer takes them, or None."""
    given = [columns] if isinstance(columns, (str, int)) else columns
    if isinstance(given, slice):
        limits = (given.start, given.stop)
        if any(isinstance(limit, str) for limit in limits):
            return None
        return range(len(names))[given]
    given = list(given)
    if all(isinstance(c, (bool, np.bool_)) for c in given):
        return [j for j, taken in enumerate(given) if taken]
    if all(isinstance(c, str) for c in given):
        known = {name: j for j, name in enumerate(names)} if named else {}
        return [known[c] for c in given] if set(given) <= set(known) else None
    return [int(c) for c in given]
