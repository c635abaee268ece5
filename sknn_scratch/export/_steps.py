"""The steps before a network as blocks of a program: a registry by their classes."""

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
from ..preprocessing import ImageFlattener, TableEncoder
from ..preprocessing._columns import CategoryColumn, NumericColumn, TimeColumn
from ._parts import code_of_missing, groups_of, is_missing, places_of
from ._scaling import operations

OPERATIONS = {"-": "subtract", "/": "divide", "*": "multiply", "+": "add"}


def through_steps(builder, steps, columns):
    """Return what (name, step) in order make of the columns, Raw or registers."""
    for name, step in steps:
        if type(step) not in STEPS:
            known = ", ".join(cls.__name__ for cls in STEPS)
            raise ValueError(
                f"model has the step {name!r} ({type(step).__name__}) before the "
                f"network, which cannot be exported; steps must be among {known}. "
                "Export the network alone, or to ONNX."
            )
        check_is_fitted(step)
        try:
            columns = STEPS[type(step)](builder, step, columns)
        except UnsupportedError as error:
            raise ValueError(
                f"model has the step {name!r} ({type(step).__name__}) with {error}"
            ) from None
    return columns


class UnsupportedError(Exception):
    """A step of a known class that does something unknown: what, and the way out."""


def scaled(builder, step, columns):
    """Add the operations of a scaler, in float64."""
    registers = builder.numbers(columns)
    for operator, constants in operations(step, np.dtype(float)):
        registers = builder.block(OPERATIONS[operator], registers, constants)
    if getattr(step, "clip", False):
        limits = np.repeat(step.feature_range, len(registers))
        registers = builder.block("clip", registers, limits)
    return registers


def flattened(builder, step, columns):
    """Divide the values of an image."""
    registers = builder.numbers(columns)
    return builder.block("divide", registers, np.full(len(columns), step.scale))


def passed(builder, step, columns):
    """Return the columns of a FunctionTransformer without a function."""
    if step.func is not None:
        raise UnsupportedError(
            "a function, which cannot be exported; apply it to X before the model."
        )
    return columns


def split(builder, step, columns):
    """Return the columns of all parts of a ColumnTransformer, side by side."""
    names = list(getattr(step, "feature_names_in_", ()))
    found = []
    for name, part, chosen in step.transformers_:
        taken = [columns[j] for j in places_of(chosen, names, len(columns))]
        if taken and not (isinstance(part, str) and part == "drop"):
            steps = [
                (f"{name}, {inner}" if inner != "model" else name, one)
                for inner, one in steps_of(part)
            ]
            found += through_steps(builder, steps, taken)
    return found


def imputed(builder, step, columns):
    """Replace missing values by the statistics, and tell where they were."""
    what = None if is_missing(step.missing_values) else step.missing_values
    found = []
    for column, by in zip(columns, step.statistics_, strict=True):
        by = by.item() if isinstance(by, np.generic) else by
        if is_missing(by):
            if step.strategy == "constant":
                found.append(column)
        elif isinstance(column, int):
            nothing = np.nan if what is None else what
            found += builder.block("fill", [column], [nothing, by])
        else:
            found.append(column._replace(replaced=(*column.replaced, (what, by))))
    if step.indicator_ is None:
        return found
    return found + [
        told_missing(builder, columns[j], what, step.statistics_[j])
        for j in step.indicator_.features_
    ]


def told_missing(builder, column, what, by):
    """Return the register that is 1 where a column is `what`, None for missing."""
    if isinstance(by, str):
        codes = {} if what is None else {what: 1}
        return builder.codes(column, codes, missing=int(what is None), unseen=0)
    numbers = builder.numbers([column])
    if what is None:
        return builder.block("missing", numbers)[0]
    return builder.block("one_hot", numbers, [what])[0]


# -- encoders of categories ------------------------------------------------------------


def one_hot(builder, step, columns):
    """Add a register for each level, as a OneHotEncoder does."""
    found = []
    for j, column in enumerate(columns):
        codes, missing, rare = groups_of(step, j)
        n = len({*codes.values(), *([] if missing is None else [missing])})
        unseen = -1 if rare is None else rare
        if step.handle_unknown == "ignore":
            unseen = -1
        elif step.handle_unknown == "error":
            unseen = None
        missing = unseen if missing is None else missing
        kept = list(range(n))
        dropped = None if step.drop_idx_ is None else step.drop_idx_[j]
        if dropped is not None:
            level = step.categories_[j][dropped]
            kept.remove(missing if is_missing(level) else codes[level])
        register = builder.codes(column, codes, missing=missing, unseen=unseen)
        found += builder.block("one_hot", [register], kept)
    return found


def ordinal(builder, step, columns):
    """Add a register for each column, as an OrdinalEncoder does."""
    found = []
    for j, column in enumerate(columns):
        codes, _, _ = groups_of(step, j)
        unseen = None if step.handle_unknown == "error" else step.unknown_value
        missing = code_of_missing(step, j)
        found.append(builder.codes(column, codes, missing=missing, unseen=unseen))
    return found


# -- TableEncoder ----------------------------------------------------------------------


def encoded(builder, step, columns):
    """Add the values that a TableEncoder keeps, rounded as it does, and its outputs."""
    kept = [known for known in step.columns_ if known.n_values]
    values = [
        VALUES[type(known)](builder, known, column)
        for known, column in zip(step.columns_, columns, strict=True)
        if known.n_values
    ]
    if step._encoding.dtype == np.float32 and values:
        rounded = iter(builder.block("float32", [v for part in values for v in part]))
        values = [[next(rounded) for _ in part] for part in values]
    return [
        output
        for known, part in zip(kept, values, strict=True)
        for output in outputs_of(builder, known, part)
    ]


def outputs_of(builder, known, values):
    """Return the registers of the outputs of one column, given those of its values."""
    found, outputs = [], known.outputs()
    for source, value in enumerate(values):
        own = [output for output in outputs if output.source == source]
        offsets = [output.offset for output in own]
        if own[0].one_hot:
            found += builder.block("one_hot", [value], offsets)
        elif np.isfinite(own[0].low):
            found += builder.block("bins", [value], offsets)
        else:
            found.append(value)
    return found


def values_of_numbers(builder, known, column):
    """Return the registers of z, the indicator and the position in the bins."""
    (x,) = builder.numbers([column], known.origin)
    return values_of_spread(builder, known.spread, x)


def values_of_spread(builder, spread, x):
    """Return the registers of what `Spread.write` writes for the register x."""
    found = []
    if spread.scale:
        filled = builder.block("fill", [x], [np.nan, spread.median])
        found += builder.block("smooth_clip", filled, [spread.median, spread.scale])
    if spread.has_missing:
        found += builder.block("missing", [x])
    if len(spread.edges):
        found += builder.block("position", filled, spread.edges)
    return found


def values_of_levels(builder, known, column):
    """Return the register of the number of the output of a level."""
    n = len(known.levels)
    codes = {level: i for i, level in enumerate(known.levels)}
    unseen = n if known.has_rest else -1
    missing = n + known.has_rest if known.has_missing else -1
    if known.is_sign:
        codes = {level: 2 * i - 1 for level, i in codes.items()}
        unseen = missing = 0
    return [builder.codes(column, codes, missing=missing, unseen=unseen)]


def values_of_dates(builder, known, column):
    """Return the registers of the days since the origin, and of the cycles."""
    t = builder.date(column)
    origin = known.origin.astype("M8[D]").astype(int)
    (days,) = builder.block("subtract", [t], [origin])
    found = values_of_spread(builder, known.spread, days)
    for cycle in known.cycles:
        found += builder.block(cycle, [t])
    return found


VALUES = {
    NumericColumn: values_of_numbers,
    CategoryColumn: values_of_levels,
    TimeColumn: values_of_dates,
}
STEPS = {  # {class: function of builder, step and columns that returns its columns}
    ColumnTransformer: split,
    FunctionTransformer: passed,
    ImageFlattener: flattened,
    MaxAbsScaler: scaled,
    MinMaxScaler: scaled,
    OneHotEncoder: one_hot,
    OrdinalEncoder: ordinal,
    RobustScaler: scaled,
    SimpleImputer: imputed,
    StandardScaler: scaled,
    TableEncoder: encoded,
}
