"""Conversion of whole tables to the rows of numbers that a network reads."""

from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted, validate_data

from .._compat import Interval, Options, StrOptions, check_feature_names_in, fit_context
from ._columns import KINDS
from ._encoding import Encoding
from ._frames import ArrayTable, objects, table_of
from ._values import MisfitError, kind_of

__all__ = ["TableEncoder"]

READ_ROWS = 4096  # of which a column is read at a time


class TableEncoder(TransformerMixin, BaseEstimator):
    """Encode the columns of a table as numbers: the first step of a Pipeline.

    Parameters
    ----------
    n_bins : int, default=16
    """

    _parameter_constraints = {
        "n_bins": [Interval(Integral, 0, None, closed="left"), None],
        "max_levels": [Interval(Integral, 1, None, closed="left")],
        "categorical_features": ["array-like", StrOptions({"from_dtype"}), None],
        "dtype": "no_validation",
    }

    def __init__(
        self,
        *,
        n_bins=16,
        max_levels=40,
        categorical_features="from_dtype",
        dtype=np.float32,
    ):
        self.n_bins = n_bins
        self.max_levels = max_levels
        self.categorical_features = categorical_features
        self.dtype = dtype

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Learn the columns."""
        dtype = output_type(self.dtype)
        table = self._table(X, reset=True)
        names = self._input_names()
        marked = marked_columns(self.categorical_features, names, self)
        self.columns_ = [
            self._learn(name, table.column(j, slice(None)), marked[j])
            for j, name in enumerate(names)
        ]
        self._plan(dtype)
        return self

    def transform(self, X):
        """Encode."""
        check_is_fitted(self)
        table = self._table(X, reset=False)
        out = np.empty((table.shape[0], self._n_outputs), self._encoding.dtype)
        for start in range(0, len(out), READ_ROWS):
            rows = slice(start, start + READ_ROWS)
            self._encode(self._compact(table, rows), out[rows])
        return out

    # -- two stages --------------------------------------------------------------------

    @property
    def _n_outputs(self):
        return self._encoding.n_outputs

    def _read(self, X, rows=slice(None)):
        """Return what a row of X keeps, (m, n_values), without its bins and levels.

        It is an array of the dtype of the outputs: about two numbers for a numeric
        column, one for a category. `_encode` takes it, or any rows of it.
        """
        return self._compact(self._table(X, reset=False), rows)

    def _encode(self, values, out=None):
        """Return the outputs (m, _n_outputs) of rows from `_read`.

        `out` is an array to write into. Without it the result lies column by column in
        memory: its transpose, X of the course, is contiguous.
        """
        return self._encoding(values, out)

    def _compact(self, table, rows):
        m = len(range(*rows.indices(table.shape[0])))
        values = np.empty(
            (m, sum(c.n_values for c in self.columns_)), self._encoding.dtype
        )
        first = 0
        for j, column in enumerate(self.columns_):
            if not column.n_values:
                continue
            out = values[:, first : first + column.n_values]
            try:
                column.write(table.column(j, rows), out)
            except MisfitError as error:
                start = rows.indices(table.shape[0])[0]
                raise ValueError(
                    f"X must hold {column.holds} in column {column.name!r} as in fit, got "
                    f"{short(error.value)} in row {start + error.row}; convert the "
                    "column, or name it in categorical_features and fit again."
                ) from None
            first += column.n_values
        return values

    def _plan(self, dtype):
        first, stop, outputs = 0, 0, []
        self.output_slices_ = {}
        for column in self.columns_:
            own = column.outputs()
            outputs += [o._replace(source=first + o.source) for o in own]
            first += column.n_values
            self.output_slices_[column.name] = slice(stop, stop + len(own))
            stop += len(own)
        self._encoding = Encoding(outputs, dtype)
        self.dropped_columns_ = [c.name for c in self.columns_ if not c.n_values]

    def _learn(self, name, column, marked):
        kind = "category" if marked else kind_of(column)
        if kind == "category" and self.categorical_features is None:
            pass
        try:
            return KINDS[kind].learn(name, column, self.n_bins or 0, self.max_levels)
        except MisfitError as error:
            raise ValueError(
                f"X must hold numbers, texts or dates, got {short(error.value)} in column "
                f"{name!r}, row {error.row}."
            ) from None

    def _input_names(self):
        names = check_feature_names_in(self)
        return [str(name) for name in names]

    def _table(self, X, *, reset):
        table = table_of(X)
        if table is None:
            if not hasattr(X, "dtype") and isinstance(X, (list, tuple)):
                X = np.array(X, dtype=object)
            X = check_array(X, dtype=None, ensure_all_finite=False, estimator=self)
            table = ArrayTable(X)
        validate_data(self, X, skip_check_array=True, reset=reset)
        return table

    def get_feature_names_out(self, input_features=None):
        """Return the names of the outputs."""
        check_is_fitted(self)
        inputs = check_feature_names_in(self, input_features)
        names = [
            f"{name}_{o.suffix}" if o.suffix else str(name)
            for name, column in zip(inputs, self.columns_, strict=True)
            for o in column.outputs()
        ]
        return np.array(names, dtype=object)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.transformer_tags.preserves_dtype = []
        return tags


def output_type(dtype):
    return np.dtype(dtype)


def marked_columns(categorical_features, names, encoder):
    return [False] * len(names)


def short(value):
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}..."
