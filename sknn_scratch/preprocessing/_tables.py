"""Conversion of whole tables to the rows of numbers that a network reads."""

from collections import Counter
from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted, validate_data

from .._compat import Interval, StrOptions, check_feature_names_in, fit_context
from .._rows.source import row_slices
from ._columns import KINDS
from ._encoding import Encoding
from ._frames import ArrayTable, objects, table_of
from ._marks import marked_columns
from ._types import output_type
from ._values import MisfitError, decoded, kind_of

__all__ = ["TableEncoder"]

READ_ROWS = 4096  # of a column that are read at a time: they stay in the cache


class TableEncoder(TransformerMixin, BaseEstimator):
    """Encode the columns of a table as numbers: the first step of a Pipeline.

    A table has columns of numbers, categories, booleans and dates, and missing values
    in any of them. Each column has outputs of its own:

    - **Numbers**: z = (x - median) / (q75 - q25), then z / sqrt(1 + (z/3)^2), which is
      a smooth clip to [-3, 3] (Holzmüller et al. 2024); -inf and inf are -3 and 3.
      Where the quartiles are equal, half of the range is the divisor. Bins stand
      beside it: the piecewise-linear encoding (Gorishniy et al. 2022)
      clip((x - t_j) / (t_{j+1} - t_j), 0, 1) for the quantiles t_0 < t_1 < ... of the
      training rows. In these a value counts for one bin at most, however often it is
      there.
    - **Categories**, which are columns of texts and of categorical dtype: 1 for the
      level of the row, 0 for others. The `max_levels` most frequent levels have an
      output each. The other levels share the output "rest". Two levels have one output
      of -1 and +1, as booleans have.
    - **Dates** and times: days since the median as numbers, with bins; sine and cosine
      of month, weekday and time of day, of those that vary. Time zones do not count:
      it is the time on the clock of the place. Durations are numbers, in days.
    - **Missing values**, which are NaN, None, NaT, pandas.NA and the nulls of polars
      and pyarrow: an output "missing" is 1, if any were missing in fit. Beside it, a
      number has z = 0 and the bins of the median, a cycle 0.

    A column that has one value in fit has no output, but for its missing values.

    Parameters
    ----------
    n_bins : int or None, default=16
        Largest number of bins of a column. Quantiles that are equal count once. A
        column has no bins if there would be one only. 0 and None mean no bins.
    max_levels : int, default=40
        Number of levels of a category that have an output of their own. Of levels that
        are as frequent, the first in sorted order have one.
    categorical_features : "from_dtype", array-like of bool, int or str, or None, \
default="from_dtype"
        Columns whose values are categories, whatever they are: a mask, indices or
        names, as in :class:`~sklearn.ensemble.HistGradientBoostingClassifier`.
        "from_dtype" takes those of categorical dtype. Columns of texts are categories
        always. Categories whose levels are numbers are read as numbers if they are not
        among `categorical_features`.
    dtype : {numpy.float32, numpy.float64}, default=numpy.float32
        Type of the outputs. They are computed in float64.

    Attributes
    ----------
    columns_ : list
        What is known of each column of X: its `name`, its `kind` ("numeric",
        "category" or "time"), and the `levels`, or the median, scale and edges of bins
        (`spread`).
    output_slices_ : dict of str to slice
        The outputs of each column of X.
    dropped_columns_ : list of str
        Columns without outputs.
    n_features_in_ : int
        Number of columns of X.
    feature_names_in_ : ndarray of str of shape (n_features_in_,)
        Names of the columns, if all of them are texts.

    See Also
    --------
    sklearn.compose.ColumnTransformer : Encode columns by transformers of your choice.

    Notes
    -----
    A level in transform that was not there in fit counts to the rest; if there is no
    rest, it is 0 in all outputs. Levels are equal if they are equal in Python: 1, 1.0
    and True are, 1 and "1" are not.

    References
    ----------
    Gorishniy, Rubachev, Babenko: On Embeddings for Numerical Features in Tabular Deep
    Learning (2022), arXiv:2203.05556.

    Holzmüller, Grinsztajn, Steinwart: Better by Default: Strong Pre-Tuned MLPs and
    Boosted Trees on Tabular Data (2024), arXiv:2407.04491.

    Examples
    --------
    >>> import numpy as np
    >>> from sknn_scratch.preprocessing import TableEncoder
    >>> X = np.array(
    ...     [[1.5, "red"], [2.5, "blue"], [None, "red"], [4.5, None]], dtype=object
    ... )
    >>> encoder = TableEncoder(n_bins=0).fit(X)
    >>> encoder.get_feature_names_out().tolist()
    ['x0', 'x0_missing', 'x1_blue', 'x1_red', 'x1_missing']
    >>> encoder.transform(X).round(2).tolist()[2]
    [0.0, 1.0, 0.0, 1.0, 0.0]
    >>> encoder.output_slices_["x1"]
    slice(2, 5, None)
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
        """Learn the columns.

        Parameters
        ----------
        X : data frame or array-like of shape (m, n)
            A table of pandas, polars or pyarrow, an array, or a list of rows.
        y : None
            Ignored.

        Returns
        -------
        self
            The fitted transformer.

        Raises
        ------
        ValueError
            If X has no rows or no columns, or two columns of one name; if
            `categorical_features` name columns that X has not; if values are neither
            numbers nor dates and cannot be levels, as lists.
        """
        dtype = output_type(self.dtype)
        table = self._table(X, reset=True)
        names = [str(name) for name in check_feature_names_in(self)]
        marks = marked_columns(
            self.categorical_features, names, hasattr(self, "feature_names_in_")
        )
        self.columns_ = [
            self._learn(name, table.column(j, slice(None)), mark)
            for j, (name, mark) in enumerate(zip(names, marks, strict=True))
        ]
        self._arrange_outputs(dtype)
        return self

    def transform(self, X):
        """Encode the rows of a table.

        Parameters
        ----------
        X : data frame or array-like of shape (m, n)
            A table with the columns of fit, in the same order.

        Returns
        -------
        ndarray of shape (m, n_outputs)
            Numbers of the parameter `dtype`.

        Raises
        ------
        ValueError
            If a column of numbers or of dates holds something else; the error names
            column, row and value.
        """
        check_is_fitted(self)
        table = self._table(X, reset=False)
        out = np.empty((len(table), self._n_outputs), self._encoding.dtype)
        for start in range(0, len(table), READ_ROWS):
            rows = slice(start, min(start + READ_ROWS, len(table)))
            self._encode(self._rows_of(table, rows), out[rows])
        return out

    def get_feature_names_out(self, input_features=None):
        """Return the names of the outputs.

        Parameters
        ----------
        input_features : array-like of str, optional
            Names of the columns of X where fit has seen none.

        Returns
        -------
        ndarray of str
            The name of the column for z and days, "..._bin_1" and so on for bins, and
            "..._level", "..._rest", "..._missing", "..._month_sin" and their like. A
            name that is taken already has another "_" behind it.
        """
        check_is_fitted(self)
        inputs = check_feature_names_in(self, input_features)
        names = {}
        for name, column in zip(inputs, self.columns_, strict=True):
            for output in column.outputs():
                full = f"{name}_{output.suffix}" if output.suffix else str(name)
                while full in names:
                    full += "_"
                names[full] = None
        return np.array(list(names), dtype=object)

    # -- two stages: what a row keeps, and its outputs ---------------------------------

    @property
    def _n_outputs(self):
        return self._encoding.n_outputs

    def _read(self, X, rows=slice(None)):
        """Return what these rows of X keep, (m, n_values), without bins and levels.

        It is an array of the dtype of the outputs: one to three numbers for a numeric
        column, one for a category. Any rows of it may be given to `_encode`.
        """
        table = self._table(X, reset=False)
        start, stop, _ = rows.indices(len(table))
        values = np.empty((max(stop - start, 0), self._n_values), self._encoding.dtype)
        for first in range(start, stop, READ_ROWS):
            last = min(first + READ_ROWS, stop)
            part = self._rows_of(table, slice(first, last))
            values[first - start : last - start] = part
        return values

    def _encode(self, values, out=None):
        """Return the outputs (m, _n_outputs) of rows from `_read`.

        `out` is an array to write into. Without it the result lies column by column in
        memory: its transpose, X of the course, is contiguous.
        """
        return self._encoding(values, out)

    def _parts(self, X, estimator):
        """Yield what the rows of X keep, part by part, as `_read` returns it.

        `estimator` is the one that errors about X name. It has seen the table of `fit`.
        """
        table = self._table(X, reset=False, estimator=estimator)
        for rows in row_slices(len(table), READ_ROWS):
            yield self._rows_of(table, rows)

    def _rows_of(self, table, rows):
        """Return what these rows of the table keep, in one piece."""
        count = rows.stop - rows.start
        values = np.empty((count, self._n_values), self._encoding.dtype)
        first = 0
        with np.errstate(over="ignore", invalid="ignore"):  # infinite values
            for j, column in enumerate(self.columns_):
                stop = first + column.n_values
                if stop > first:
                    try:
                        column.write(table.column(j, rows), values[:, first:stop])
                    except MisfitError as error:
                        raise unlike_fit(column, rows.start, error) from None
                first = stop
        return values

    # -- fit ---------------------------------------------------------------------------

    def _table(self, X, *, reset, estimator=None):
        """Return X as a table, its shape and names checked."""
        estimator = estimator or self
        for method in ("collect", "compute"):
            if hasattr(type(X), method):
                raise TypeError(
                    f"X must be a table in memory, got {type(X).__name__}; "
                    f"give X.{method}()."
                )
        table = table_of(X)
        if table is None:
            if isinstance(X, (list, tuple)):
                X = rows_of_objects(X)  # NumPy makes texts of numbers beside texts
            if isinstance(X, np.ma.MaskedArray):  # check_array drops the mask
                X = X.astype(object).filled(None)
            X = check_array(X, dtype=None, ensure_all_finite=False, estimator=estimator)
            table = ArrayTable(X)
        for axis, what in enumerate(("sample", "feature")):
            if table.shape[axis] == 0:
                raise ValueError(
                    f"Found array with 0 {what}(s) (shape={table.shape}) while a "
                    f"minimum of 1 is required by {type(estimator).__name__}."
                )
        check_different(table.names)
        validate_data(estimator, X, skip_check_array=True, reset=reset)
        return table

    def _learn(self, name, column, mark):
        """Return what is known of a column after fit."""
        if mark is False:  # categories of numbers are numbers then
            column = decoded(column)
        try:
            kind = "category" if mark else kind_of(column)
            with np.errstate(over="ignore", invalid="ignore"):  # infinite values
                n_bins = self.n_bins or 0
                return KINDS[kind].learn(name, column, n_bins, self.max_levels)
        except MisfitError as error:
            raise ValueError(
                f"X must hold numbers, texts or dates, got {short(error.value)} in "
                f"column {name!r}, row {error.row}; leave the column out."
            ) from None

    def _arrange_outputs(self, dtype):
        """Lay the outputs of the columns side by side."""
        outputs, self.output_slices_, self._n_values = [], {}, 0
        for column in self.columns_:
            start = len(outputs)
            for output in column.outputs():
                outputs.append(output._replace(source=self._n_values + output.source))
            self._n_values += column.n_values
            self.output_slices_[column.name] = slice(start, len(outputs))
        self.dropped_columns_ = [c.name for c in self.columns_ if not c.n_values]
        self._encoding = Encoding(outputs, dtype)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.transformer_tags.preserves_dtype = []
        return tags


def rows_of_objects(X):
    """Return a list of rows as an array of objects; unequal rows stay as they are."""
    lengths = {len(row) if isinstance(row, (list, tuple)) else None for row in X}
    if len(lengths) != 1 or None in lengths:
        return X
    return objects([value for row in X for value in row]).reshape(len(X), -1)


def check_different(names):
    """Refuse columns of one name."""
    for name, count in Counter(names).most_common(1):
        if count > 1:
            raise ValueError(
                f"X must have columns of different names, got {count} called {name!r}; "
                "rename them."
            )


def unlike_fit(column, first_row, error):
    """Return the error of a value that a column of numbers or dates may not hold."""
    return ValueError(
        f"X must hold {column.holds} in column {column.name!r}, as in fit, got "
        f"{short(error.value)} in row {first_row + error.row}; convert the column, or "
        "name it in categorical_features and fit again."
    )


def short(value):
    """Return the value as an error shows it."""
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
