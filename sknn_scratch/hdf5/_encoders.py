"""Encoders of categories and of whole tables as nodes of a file."""

from dataclasses import asdict, fields

import numpy as np
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from .._storage.texts import abbreviate
from ..preprocessing import TableEncoder
from ..preprocessing._columns import (
    CYCLES,
    LARGEST,
    CategoryColumn,
    NumericColumn,
    Spread,
    TimeColumn,
)
from ..preprocessing._types import output_type
from ._levels import (
    array_from_json,
    array_to_json,
    json_of,
    level_from_json,
    level_to_json,
    write_json,
)
from ._model_checks import ANY_COUNTS, DTYPE, check
from ._nodes import (
    TRANSFORMER,
    Kind,
    Parts,
    names_of_features,
    restore_feature_names,
)

# -- one-hot and ordinal ---------------------------------------------------------------


def write_categories(step, role, registry):
    fitted = {"n_features_in_": step.n_features_in_, "infrequent": None}
    if step._infrequent_enabled:
        fitted["infrequent"] = [
            None if i is None else i.tolist() for i in step._infrequent_indices
        ]
    arrays = [array_to_json("categories_", levels) for levels in step.categories_]
    return Parts(fitted, {"categories": write_json(arrays), **names_of_features(step)})


def read_categories(node):
    step, values = node.new(), node.fitted({"infrequent": ANY_COUNTS.or_none()})
    check({"dtype": step.dtype}, {"dtype": DTYPE}, node.place)
    step.n_features_in_ = values["n_features_in_"]
    place = f"{node.place}/categories"
    step.categories_ = [
        array_from_json(array, place)
        for array in json_of(node.tree, "categories", node.place)
    ]
    if len(step.categories_) != step.n_features_in_ or not all(
        len(levels) for levels in step.categories_
    ):
        raise ValueError(
            f"{place} must be levels of {step.n_features_in_} columns, got "
            f"{len(step.categories_)} lists."
        )
    for levels in step.categories_:
        check_levels(levels, place)
    restore_infrequent(step, values["infrequent"], node.place)
    restore_feature_names(step, node)
    return step


def check_levels(levels, place):
    """Raise ValueError for a level that stands twice, or numbers that are not sorted.

    scikit-learn searches numbers by bisection, and would find places that are none.
    """
    present = levels[levels == levels]  # without NaN, which is the last of numbers
    once = len({*present.tolist()}) == len(present) >= len(levels) - 1
    if levels.dtype.kind not in "OU":
        last = (levels[: len(present)] == present).all()
        once = once and last and (present[:-1] < present[1:]).all()
    if not once:
        raise ValueError(
            f"{place} must have each level once, and numbers sorted, got "
            f"{abbreviate(levels[:20].tolist())}."
        )


def restore_infrequent(step, infrequent, place):
    """Set what an encoder keeps of levels that are rare."""
    step._check_infrequent_enabled()
    if not step._infrequent_enabled:
        return
    if infrequent is None or len(infrequent) != len(step.categories_):
        raise ValueError(
            f"{place} must have rare levels of {len(step.categories_)} columns in "
            f"'infrequent', got {abbreviate(infrequent)}."
        )
    missing = missing_indices(step) if isinstance(step, OrdinalEncoder) else {}
    counts = [len(levels) - (j in missing) for j, levels in enumerate(step.categories_)]
    for rare, n in zip(infrequent, counts, strict=True):
        if rare is not None and (rare != sorted({*rare} & {*range(n)}) or not rare):
            raise ValueError(
                f"{place} must have in 'infrequent' null or sorted indices of {n} "
                f"levels, got {abbreviate(rare)}."
            )
    step._infrequent_indices = [
        None if i is None else np.array(i, dtype=np.int64) for i in infrequent
    ]
    step._default_to_infrequent_mappings = [
        None if rare is None else mapping_of(rare, n)
        for rare, n in zip(step._infrequent_indices, counts, strict=True)
    ]


def mapping_of(rare, n_levels):
    """Return the number of each level, where the rare ones share the last."""
    frequent = np.setdiff1d(np.arange(n_levels), rare)
    mapping = np.empty(n_levels, dtype=np.int64)
    mapping[rare] = len(frequent)
    mapping[frequent] = np.arange(len(frequent))
    return mapping


def missing_indices(step):
    """Return the numbers of the levels that are NaN, by column."""
    return {
        j: i
        for j, levels in enumerate(step.categories_)
        for i, level in enumerate(levels)
        if isinstance(level, float | np.floating) and level != level
    }


def read_one_hot(node):
    step = read_categories(node)
    step._set_drop_idx()
    step._n_features_outs = step._compute_n_features_outs()
    return step


def read_ordinal(node):
    step = read_categories(node)
    step._missing_indices = missing_indices(step)
    return step


# -- tables ----------------------------------------------------------------------------


def is_float(value):
    return type(value) is float and abs(value) <= LARGEST * 2


def is_edges(value):
    right = isinstance(value, list) and all(map(is_float, value))
    return right and (not value or len(value) > 2) and value == sorted({*value})


def are_levels(values):
    """Return whether no level is missing, and none stands twice."""
    levels = [level_from_json(value) for value in values]
    here = all(level is not None and level == level for level in levels)
    return here and len({*levels}) == len(levels)


# the values of a column in a file: name -> (what holds, how it is read)
READ = {
    "name": (lambda v: isinstance(v, str), str),
    "median": (is_float, float),
    "scale": (lambda v: is_float(v) and v >= 0, float),
    "edges": (is_edges, lambda v: np.array(v, dtype=float)),
    "has_missing": (lambda v: type(v) is bool, bool),
    "has_rest": (lambda v: type(v) is bool, bool),
    "origin": (lambda v: type(v) is int, int),
    "levels": (
        lambda v: isinstance(v, list) and are_levels(v),
        lambda v: [level_from_json(level) for level in v],
    ),
    "cycles": (
        lambda v: (
            isinstance(v, list)
            and all(isinstance(c, str) and c in CYCLES for c in v)
            and len({*v}) == len(v)
        ),
        list,
    ),
}
COLUMNS = {cls.kind: cls for cls in (NumericColumn, CategoryColumn, TimeColumn)}


def column_to_json(column):
    """Return what is known of a column of a TableEncoder for JSON."""
    values = {k: getattr(column, k) for k in (f.name for f in fields(column))}
    if "spread" in values:
        values |= asdict(values.pop("spread"))
        values["edges"] = values["edges"].tolist()
    if "levels" in values:
        name = f"column {column.name!r}"
        values["levels"] = [level_to_json(name, level) for level in values["levels"]]
    if column.kind == "time":
        values["origin"] = int(values["origin"].astype("M8[D]").astype(np.int64))
    return {"kind": column.kind, **values}


def column_from_json(value, place):
    """Return the column that `column_to_json` encoded."""
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in COLUMNS:
        raise ValueError(
            f"{place} must have columns of a kind out of {sorted(COLUMNS)}, got "
            f"{abbreviate(value)}."
        )
    cls = COLUMNS[kind]
    names = [field.name for field in fields(cls)]
    wanted = [name for name in names if name != "spread"]
    if "spread" in names:
        wanted += [field.name for field in fields(Spread)]
    found = {}
    for name in wanted:
        holds, read = READ[name]
        if name not in value or not holds(value[name]):
            raise ValueError(
                f"{place} must have a column with a valid {name!r}, got "
                f"{abbreviate(value.get(name))}."
            )
        found[name] = read(value[name])
    if "spread" in names:
        parts = {field.name: found.pop(field.name) for field in fields(Spread)}
        if len(parts["edges"]) and not parts["scale"]:
            raise ValueError(f"{place} must have a scale above 0 for bins, got 0.")
        found["spread"] = Spread(**parts)
    if kind == "time":
        found["origin"] = np.datetime64(found["origin"], "D")
    return cls(**found)


def write_table(step, role, registry):
    columns = write_json([column_to_json(column) for column in step.columns_])
    fitted = {"n_features_in_": step.n_features_in_}
    return Parts(fitted, {"columns": columns, **names_of_features(step)})


def read_table(node):
    step, values = node.new(), node.fitted({})
    dtype = output_type(step.dtype)
    place = f"{node.place}/columns"
    step.n_features_in_ = n = values["n_features_in_"]
    restore_feature_names(step, node)
    step.columns_ = [
        column_from_json(column, place)
        for column in json_of(node.tree, "columns", node.place)
    ]
    known = getattr(step, "feature_names_in_", None)
    names = [f"x{j}" for j in range(len(step.columns_))] if known is None else known
    if len(step.columns_) != n or [c.name for c in step.columns_] != [*names]:
        raise ValueError(f"{place} must be the {n} columns by their names.")
    step._arrange_outputs(dtype)
    return step


KINDS = [
    Kind(
        OneHotEncoder,
        (TRANSFORMER,),
        write_categories,
        read_one_hot,
        width=lambda step, registry: sum(step._n_features_outs),
    ),
    Kind(OrdinalEncoder, (TRANSFORMER,), write_categories, read_ordinal),
    Kind(
        TableEncoder,
        (TRANSFORMER,),
        write_table,
        read_table,
        width=lambda step, registry: step._n_outputs,
    ),
]
