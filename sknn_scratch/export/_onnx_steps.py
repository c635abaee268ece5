"""The steps before a network as nodes of an ONNX model: a registry by their classes."""

from collections import UserList
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


def places_of(chosen, names, n):
    """Return the numbers of the columns that a ColumnTransformer chose."""
    if isinstance(chosen, slice):
        start, stop = chosen.start, chosen.stop
        if isinstance(start, str):
            start = names.index(start)
        if isinstance(stop, str):  # which a slice of names holds
            stop = names.index(stop) + 1
        return list(range(n))[start : stop : chosen.step]
    if isinstance(chosen, UserList):  # of a remainder: scikit-learn 1.6 warns of it
        chosen = chosen.data
    chosen = np.atleast_1d(np.asarray(chosen))
    if chosen.dtype.kind == "b":
        return np.flatnonzero(chosen).tolist()
    if chosen.dtype.kind in "iu":
        return [int(j) % n for j in chosen]
    return [names.index(name) for name in chosen.tolist()]


# -- missing values --------------------------------------------------------------------


def is_missing(value):
    """Return whether a value is None, NaN, NaT or pandas.NA."""
    if value is None or type(value).__name__ == "NAType":
        return True
    return not isinstance(value, str) and bool(value != value)


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


def groups_of(step, j):
    """Return {level: code}, the code of missing values and that of the infrequent.

    Frequent levels are numbered in order, the infrequent share the next number. A code
    is None where there is none of the kind.
    """
    rare = getattr(step, "infrequent_categories_", None)
    rare = [] if rare is None or rare[j] is None else list(rare[j])
    rare_missing = any(map(is_missing, rare))
    levels, codes, missing, n = list(step.categories_[j]), {}, None, 0
    if type(step) is OrdinalEncoder:  # it gives missing values a code of their own
        levels = [level for level in levels if not is_missing(level)]
    for level in levels:
        is_rare = rare_missing if is_missing(level) else level in rare
        code = None if is_rare else n
        n += not is_rare
        if is_missing(level):
            missing = -1 if is_rare else code
        else:
            level = level.item() if isinstance(level, np.generic) else level
            codes[level] = code
    codes = {level: n if code is None else code for level, code in codes.items()}
    return codes, n if missing == -1 else missing, n if rare else None


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
        knows_missing = any(map(is_missing, step.categories_[j]))
        missing = step.encoded_missing_value if knows_missing else unseen
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
