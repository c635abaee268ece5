"""The parts of a model of a table, which all exports take apart in the same way."""

from collections import UserList

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder
from sklearn.utils.validation import check_is_fitted

from .._estimators.access import own_steps, steps_of
from ..preprocessing import ImageFlattener
from ._scaling import SCALES, is_affine, operations

INVERSE = {"-": "+", "+": "-", "*": "/", "/": "*"}


def parts_of(model):
    """Return the steps before the network, it, and the transformers of the target.

    Steps are (name, step). The transformers are those of `TransformedTargetRegressor`,
    the outermost first.
    """
    steps, targets = [], []
    while True:
        *before, (_, last) = own_steps(model)
        steps += [
            (name if inner == "model" else inner, step)
            for name, part in before
            for inner, step in steps_of(part)
        ]
        if type(last) is TransformedTargetRegressor:
            check_is_fitted(last)
            targets.append(last.transformer_)
            last = last.regressor_
        elif last is model:
            return steps, last, targets
        model = last


def undone(transformer):
    """Return (operator, constants) that undo what was done to the target."""
    if type(transformer) is FunctionTransformer and transformer.func is None:
        return []
    if not is_affine(transformer):
        known = ", ".join(c.__name__ for c in SCALES if c is not ImageFlattener)
        raise ValueError(
            "the target's transformer must shift and scale to be exported, as one of "
            f"{known}, got {type(transformer).__name__}; export regressor_, and undo "
            "the transformation afterwards."
        )
    done = operations(transformer, np.dtype(float))
    return [(INVERSE[operator], constants) for operator, constants in reversed(done)]


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


def is_missing(value):
    """Return whether a value is None, NaN, NaT or pandas.NA."""
    if value is None or type(value).__name__ == "NAType":
        return True
    return not isinstance(value, str) and bool(value != value)


def groups_of(step, j):
    """Return {level: code}, the code of missing values and that of the infrequent.

    Frequent levels are numbered in order, the infrequent share the next number. A code
    is None where there is none of the kind.
    """
    rare = getattr(step, "infrequent_categories_", None)
    rare = [] if rare is None or rare[j] is None else list(rare[j])
    rare_missing = any(map(is_missing, rare))
    levels, codes, missing, n = list(step.categories_[j]), {}, None, 0
    if type(step) is OrdinalEncoder:  # NaN has encoded_missing_value, None has a number
        levels = [level for level in levels if level is None or not is_missing(level)]
    for level in levels:
        is_rare = rare_missing if is_missing(level) else level in rare
        code = None if is_rare else n
        n += not is_rare
        if is_missing(level):
            missing = -1 if is_rare else code
        else:
            # item() would make an integer of a date, which is a level of another kind
            plain = isinstance(level, np.generic) and level.dtype.kind not in "mM"
            codes[level.item() if plain else level] = code
    codes = {level: n if code is None else code for level, code in codes.items()}
    return codes, n if missing == -1 else missing, n if rare else None


def code_of_missing(step, j):
    """Return what an OrdinalEncoder gives for a missing value, None where it refuses.

    NaN has `encoded_missing_value` if fit has seen one, None a number as a level.
    """
    if any(level is not None and is_missing(level) for level in step.categories_[j]):
        return step.encoded_missing_value
    _, missing, _ = groups_of(step, j)
    if missing is None and step.handle_unknown != "error":
        return step.unknown_value
    return missing
