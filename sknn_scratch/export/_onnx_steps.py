"""The steps before a network as nodes of an ONNX model: a registry by their classes."""

from datetime import date, datetime

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)
from sklearn.utils.validation import check_is_fitted

from .._estimators.access import steps_of
from ..preprocessing import TableEncoder
from ._onnx_columns import DOUBLE, NUMBER, Cell, Input, UnsupportedError
from ._onnx_encoder import encoded
from ._parts import code_of_missing, groups_of, is_missing, places_of
from ._scaling import operations


def through_steps(graph, steps, columns):
    """Return what (name, step) in order make of the columns, Input or Cell."""
    for name, step in steps:
        check_is_fitted(step)
        try:
            columns = STEPS[type(step)](graph, step, columns)
        except UnsupportedError as error:
            raise ValueError(
                f"model has the step {name!r} ({type(step).__name__}) with {error}"
            ) from None
    return columns


def first_unknown(steps):
    """Return (name, step) of the first step that is not in STEPS, or None."""
    for name, step in steps:
        if type(step) not in STEPS:
            return name, step
        if type(step) is FunctionTransformer and step.func is not None:
            return name, step
        if type(step) is ColumnTransformer:
            found = first_unknown(s for _, inner in parts(step) for s in inner)
            if found:
                return found
    return None


def parts(step):
    """Yield the columns and the (name, step) of each part of a ColumnTransformer."""
    for name, part, chosen in step.transformers_:
        if not (isinstance(part, str) and part == "drop"):
            steps = steps_of(part)
            yield chosen, [(name if n == "model" else n, s) for n, s in steps]


def cells(tensor, n):
    """Return the columns of a tensor of n columns."""
    return [Cell(tensor, j, n) for j in range(n)]


def scaled(graph, step, columns):
    """Add the operations of a scaler."""
    x = graph.operations(operations(step, np.dtype(float)), graph.numbers(columns))
    if getattr(step, "clip", False):
        low, high = getattr(step, "feature_range", (-1, 1))  # MaxAbsScaler's are fixed
        x = graph.node("Max", x, graph.constant(low))
        x = graph.node("Min", x, graph.constant(high))
    return cells(x, len(columns))


def passed(graph, step, columns):
    """Return the columns of a FunctionTransformer without a function."""
    return columns


def split(graph, step, columns):
    """Return the columns of all parts of a ColumnTransformer, side by side."""
    names = list(getattr(step, "feature_names_in_", ()))
    found = []
    for chosen, steps in parts(step):
        taken = [columns[j] for j in places_of(chosen, names, len(columns))]
        if taken:
            found += through_steps(graph, steps, taken)
    return found


# -- missing values --------------------------------------------------------------------


def imputed(graph, step, columns):
    """Replace missing values by the statistics, and tell where they were."""
    what = None if is_missing(step.missing_values) else step.missing_values
    found = [
        filled(graph, column, what, by)
        for column, by in zip(columns, step.statistics_, strict=True)
        if not is_missing(by) or step.strategy == "constant"  # else it had no value
    ]
    if step.indicator_ is not None:
        for j in step.indicator_.features_:
            found.append(indicator(graph, columns[j], what, step.statistics_[j]))
    return found


def filled(graph, column, what, by):
    """Return the column with `by` where it is `what`; None is missing."""
    if isinstance(by, str) and isinstance(column, Input):
        return column._replace(replaced=(*column.replaced, (what, by)))
    kind = NUMBER
    if isinstance(by, (date, np.datetime64)):
        kind, by = DOUBLE, days(by)
    if not isinstance(by, (int, float, np.number, np.bool_)):
        raise UnsupportedError(
            f"the statistic {by!r:.60}, which is no text, number or date; impute the "
            "column before the model."
        )
    x = graph.numbers([column], [kind])
    there = equal_to(graph, x, what)
    return Cell(graph.node("Where", there, graph.constant([[by]]), x), 0, 1)


def days(value):
    """Return the days from 1970-01-01 to a date, whatever its time zone."""
    if isinstance(value, datetime):
        value = value.replace(tzinfo=None)
    passed = np.datetime64(value) - np.datetime64(0, "D")
    return float(passed / np.timedelta64(1, "D"))


def equal_to(graph, x, what):
    """Return where numbers are `what`; None is missing."""
    if what is None:
        return graph.node("IsNaN", x)
    return graph.node("Equal", x, graph.constant(what))


def indicator(graph, column, what, by):
    """Return the Cell that is 1 where a column is `what`, else 0."""
    if isinstance(by, str):
        codes = {} if what is None else {what: 1}
        return graph.codes_of_texts(column, codes, int(what is None), 0)
    there = equal_to(graph, graph.numbers([column]), what)
    return Cell(graph.cast(there, float), 0, 1)


# -- encoders of categories ------------------------------------------------------------


def one_hot(graph, step, columns):
    """Add a column for each level, as a OneHotEncoder does.

    Where it would refuse a level, all are NaN.
    """
    found = []
    for j, column in enumerate(columns):
        codes, missing, rare = groups_of(step, j)
        n = len({*codes.values(), *([] if missing is None else [missing])})
        unseen = -1 if rare is None or step.handle_unknown == "ignore" else rare
        if step.handle_unknown == "error":
            unseen = np.nan
        missing = unseen if missing is None else missing
        kept = list(range(n))
        if step.drop_idx_ is not None and step.drop_idx_[j] is not None:
            level = step.categories_[j][step.drop_idx_[j]]
            kept.remove(missing if is_missing(level) else codes[level])
        if not kept:
            continue
        code = graph.numbers([graph.codes(column, codes, missing, unseen)])
        hot = graph.node("Equal", code, graph.constant(np.array(kept, float)[None]))
        hot = graph.cast(hot, float)
        if step.handle_unknown == "error":  # NaN times 0 is NaN
            hot = graph.node("Add", hot, graph.node("Mul", code, graph.constant(0.0)))
        found += cells(hot, len(kept))
    return found


def ordinal(graph, step, columns):
    """Add a column of codes for each, as an OrdinalEncoder does.

    Where it would refuse a level, the code is NaN.
    """
    found = []
    for j, column in enumerate(columns):
        codes, _, _ = groups_of(step, j)
        unseen = np.nan if step.handle_unknown == "error" else step.unknown_value
        missing = code_of_missing(step, j)
        missing = unseen if missing is None else missing
        found.append(graph.codes(column, codes, missing, unseen))
    return found


STEPS = {  # {class: function of graph, step and columns that returns its columns}
    ColumnTransformer: split,
    FunctionTransformer: passed,
    MaxAbsScaler: scaled,
    MinMaxScaler: scaled,
    OneHotEncoder: one_hot,
    OrdinalEncoder: ordinal,
    RobustScaler: scaled,
    SimpleImputer: imputed,
    StandardScaler: scaled,
    TableEncoder: encoded,
}
