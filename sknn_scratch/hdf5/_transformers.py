"""Scalers, images and imputers as nodes of a file: fitted attributes with rules."""

from functools import partial

import numpy as np
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
)

from .._storage.texts import abbreviate
from ..preprocessing import ImageFlattener
from ._levels import array_from_json, array_to_json, json_of, write_json
from ._model_checks import (
    COUNTS,
    FINITE,
    IMAGE,
    ROW,
    ROWS_SEEN,
    SCALE,
    TYPE,
    Rule,
    check,
)
from ._nodes import (
    TRANSFORMER,
    Kind,
    Parts,
    names_of_features,
    restore_feature_names,
    split,
)

# transformers, with the rules of their fitted attributes (besides n_features_in_)
RULES = {
    ImageFlattener: {"image_shape_": IMAGE, "image_dtype_": TYPE},
    MaxAbsScaler: {"scale_": SCALE, "max_abs_": ROW, "n_samples_seen_": ROWS_SEEN},
    MinMaxScaler: {
        "min_": ROW,
        "scale_": SCALE,
        "data_min_": ROW,
        "data_max_": ROW,
        "data_range_": ROW,
        "n_samples_seen_": ROWS_SEEN,
    },
    RobustScaler: {"center_": ROW.or_none(), "scale_": SCALE.or_none()},
    StandardScaler: {
        "mean_": ROW.or_none(),
        "scale_": SCALE.or_none(),
        "var_": ROW.or_none(),
        "n_samples_seen_": ROWS_SEEN,
    },
}
SCALERS = [cls.__name__ for cls in RULES if cls is not ImageFlattener]
# parameters of scalers, and the arrays that they need
NEEDED = {
    "with_mean": "mean_",
    "with_std": "scale_",
    "with_centering": "center_",
    "with_scaling": "scale_",
}


def write_transformer(rules, step, role, registry):
    learned = {key: getattr(step, key) for key in rules}
    arrays, scalars = split({**learned, "n_features_in_": step.n_features_in_})
    return Parts(scalars, arrays | names_of_features(step))


def read_transformer(rules, node):
    step, values = node.new(), node.fitted(rules)
    for key in (*rules, "n_features_in_"):
        value = values[key]
        if (key, type(step)) == ("n_samples_seen_", StandardScaler):
            # partial_fit needs a NumPy type
            value = np.asarray(value)[()]
        setattr(step, key, np.dtype(value) if key == "image_dtype_" else value)
    check_complete(step, node.place)
    restore_feature_names(step, node)
    return step


def check_complete(step, place):
    """Raise ValueError for a scaler without an array that its parameters need."""
    parameters = step.get_params()
    for flag, key in NEEDED.items():
        if parameters.get(flag) and getattr(step, key) is None:
            raise ValueError(f"{place} must have {key!r} for {flag}=true, got null.")
    bounds = parameters.get("feature_range", (0, 1))
    if not (len(bounds) == 2 and all(FINITE.holds(v, None) for v in bounds)):
        raise ValueError(
            f"{place} must have two finite numbers in 'feature_range', got "
            f"{abbreviate(bounds)}."
        )


# -- imputers --------------------------------------------------------------------------

SORTED = Rule(
    "indices of features from the least on",
    lambda v, n: COUNTS.holds(v, n) and v == sorted({*v}),
)
IMPUTER = {"_fit_dtype": TYPE, "_fill_dtype": TYPE}  # fit sets both to the type of X


def write_imputer(step, role, registry):
    values = {key: np.dtype(getattr(step, key, step._fit_dtype)) for key in IMPUTER}
    _, scalars = split({**values, "n_features_in_": step.n_features_in_})
    if step.indicator_ is not None:
        scalars["indicator"] = step.indicator_.features_.tolist()
    statistics = write_json([array_to_json("statistics_", step.statistics_)])
    return Parts(scalars, {"statistics": statistics, **names_of_features(step)})


def read_imputer(node):
    step, values = node.new(), node.fitted(IMPUTER)
    n = values["n_features_in_"]
    step.n_features_in_ = n
    for key in IMPUTER:
        setattr(step, key, np.dtype(values[key]))
    place = f"{node.place}/statistics"
    (statistics,) = (
        array_from_json(array, place)
        for array in json_of(node.tree, "statistics", node.place)
    )
    if statistics.shape != (n,) or statistics.dtype.kind not in "fiuO":
        raise ValueError(f"{place} must be {n} values, got {abbreviate(statistics)}.")
    check_types(step, statistics, node.place)
    step.statistics_ = statistics
    step.indicator_ = indicator_of(step, values, node.place)
    restore_feature_names(step, node)
    return step


def check_types(step, statistics, place):
    """Raise ValueError for values that do not fit the type of what they stand in."""
    dtype = step._fit_dtype
    fits = dtype == step._fill_dtype and dtype.kind in "iufO"
    if fits and dtype.kind != "O":
        numbers = statistics.tolist()
        fits = all(type(v) in (int, float) for v in numbers)
        if fits and dtype.kind in "iu":
            there = [v for v in numbers if v == v]
            fits = all(v == dtype.type(v) for v in there)
    if not fits:
        raise ValueError(
            f"{place} must have values of the type of X, a number or object, got "
            f"{abbreviate(statistics)} for {dtype}."
        )


def indicator_of(step, values, place):
    """Return the fitted MissingIndicator of an imputer, or None."""
    if not step.add_indicator:
        return None
    n = step.n_features_in_
    check(values, {"indicator": SORTED}, place, n)
    indicator = MissingIndicator(missing_values=step.missing_values, error_on_new=False)
    indicator.n_features_in_ = indicator._n_features = n
    indicator._precomputed = True
    indicator.features_ = np.array(values["indicator"], dtype=int)
    return indicator


def width_of_imputer(step, registry):
    kept = step.statistics_
    if step.keep_empty_features:
        n = len(kept)
    else:
        n = sum(not (isinstance(v, float) and v != v) for v in kept.tolist())
    return n + (0 if step.indicator_ is None else len(step.indicator_.features_))


KINDS = [
    Kind(
        cls,
        (TRANSFORMER,),
        partial(write_transformer, rules),
        partial(read_transformer, rules),
    )
    for cls, rules in RULES.items()
]
KINDS.append(
    Kind(
        SimpleImputer,
        (TRANSFORMER,),
        write_imputer,
        read_imputer,
        width=width_of_imputer,
    )
)
