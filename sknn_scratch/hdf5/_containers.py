"""Pipelines, column transformers and scaled targets as nodes of a file."""

from string import Formatter

import numpy as np
from sklearn.base import clone
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder
from sklearn.utils import get_tags

from .._estimators.access import IDLE, own_steps
from .._storage.store import Tree
from .._storage.texts import abbreviate
from ._model_checks import COUNT, COUNTS, FLAG, Rule, check
from ._nodes import (
    PREDICTOR,
    TRANSFORMER,
    Kind,
    Parts,
    check_features,
    names_of_features,
    read_feature_names,
    restore_feature_names,
)
from ._transformers import SCALERS

# -- pipelines -------------------------------------------------------------------------


def is_pipeline(model):
    """Return whether it is a Pipeline; a subclass may behave differently."""
    return type(model) is Pipeline


def write_steps(model, role, registry):
    """Return the groups step0, step1, ... of a Pipeline."""
    steps, groups = own_steps(model), {}
    for i, (name, step) in enumerate(steps):
        its = role if i == len(steps) - 1 else TRANSFORMER
        idle = step in IDLE and its == TRANSFORMER
        groups[f"step{i}"] = (
            idle_step(name) if idle else registry.write(name, step, its)
        )
    return groups


def idle_step(name):
    return Tree({"name": name, "class": "passthrough"}, {}, {})


def is_idle(tree):
    return tree.attributes.get("class") == "passthrough"


def read_steps(tree, place, role, registry):
    """Return the Pipeline of the groups step0, step1, ..."""
    steps, n = [], sum(name.startswith("step") for name in tree.groups)
    if not n or {f"step{i}" for i in range(n)} - tree.groups.keys():
        raise ValueError(
            f"{place} must hold step0, step1, ..., got {abbreviate([*tree.groups])}."
        )
    for i in range(n):
        child, here = tree.groups[f"step{i}"], f"{place}/step{i}"
        its = role if i == n - 1 else TRANSFORMER
        if is_idle(child) and its == TRANSFORMER:
            name = child.attributes.get("name")
            if not isinstance(name, str):
                raise ValueError(f"{here} must have a text in 'name'.")
            steps.append((name, "passthrough"))
        else:
            steps.append(registry.read(child, here, its))
    check_steps(steps, place.rstrip(":"), registry)
    return Pipeline(steps)


def check_steps(steps, place, registry):
    """Raise ValueError unless the steps have valid names and fit together."""
    names = [name for name, _ in steps]
    taken = {"steps", *Pipeline(steps).get_params(deep=False)}
    apart = len({*names}) == len(names) and not {*names} & taken
    if not apart or any("__" in name for name in names):
        raise ValueError(
            f"{place} must have steps of names that differ and hold no '__', got "
            f"{abbreviate(names)}."
        )
    at_work = [step for _, step in steps if step not in IDLE]
    for before, after in zip(at_work, at_work[1:], strict=False):
        check_features(registry.width(before), after, place)
        if gives_sparse(before) and not get_tags(after).input_tags.sparse:
            raise ValueError(
                f"{place} must not give a sparse matrix to {type(after).__name__}, "
                "which takes none."
            )


def gives_sparse(step):
    """Return whether a transformer makes a sparse matrix of a table."""
    if is_pipeline(step):
        makers = (OneHotEncoder, ColumnTransformer)
        found = [inner for _, inner in own_steps(step) if isinstance(inner, makers)]
        return bool(found) and gives_sparse(found[-1])
    return getattr(step, "sparse_output_", getattr(step, "sparse_output", False))


def write_pipeline(step, role, registry):
    return Parts({}, {}, write_steps(step, role, registry))


def read_pipeline(node):
    return read_steps(node.tree, node.place, node.role, node.registry)


def width_of_pipeline(step, registry):
    at_work = [inner for _, inner in own_steps(step) if inner not in IDLE]
    return registry.width(at_work[-1]) if at_work else step.n_features_in_


# -- transformers of some columns ------------------------------------------------------

REMAINDER = "remainder"
WORDS = ("drop", "passthrough")  # in place of a transformer


def is_columns(value):
    """Return whether it names columns: a text or number, a list of them, or a mask."""
    plain = (str, int, bool)
    if isinstance(value, list):
        return all(type(v) in plain for v in value) and len({*map(type, value)}) < 2
    return type(value) in (str, int)


ENTRIES = Rule(
    "a list of [name, columns, their indices, what becomes of them]",
    lambda v, n: (
        isinstance(v, list)
        and all(
            isinstance(entry, list)
            and len(entry) == 4
            and isinstance(entry[0], str)
            and is_columns(entry[1])
            and COUNTS.holds(entry[2], n)
            and entry[3] in (*WORDS, "fitted", "unfitted")
            for entry in v
        )
    ),
)


def plain_columns(name, columns):
    """Return columns as texts, numbers or a list; ValueError for anything else."""
    if callable(columns) or isinstance(columns, slice):
        raise ValueError(
            f"the columns of {name!r} must be names or indices to be saved, got "
            f"{abbreviate(columns)}; give a list of them and fit again."
        )
    return np.asarray(columns).tolist()


TEMPLATE_FIELDS = ("feature_name", "transformer_name")


def check_template(step, place):
    """Raise ValueError for a template of names that does more than insert two names.

    `str.format` would read attributes, and pad with gigabytes of spaces.
    """
    template = step.verbose_feature_names_out
    if isinstance(template, bool | np.bool_):
        return
    try:
        parts = [*Formatter().parse(template)]
    except (TypeError, ValueError):
        parts = [("", "?", "", None)]
    if any(p[1:] != (None,) * 3 and not is_plain(*p[1:]) for p in parts):
        raise ValueError(
            f"{place} must have in 'verbose_feature_names_out' true, false, or a text "
            f"with {{feature_name}} and {{transformer_name}}, got "
            f"{abbreviate(template)}."
        )


def is_plain(field, spec, conversion):
    return field in TEMPLATE_FIELDS and not spec and not conversion


def write_columns(step, role, registry):
    check_template(step, "ColumnTransformer")
    given = {name: columns for name, _, columns in step.transformers}
    entries, children = [], {}
    for i, (name, fitted, columns) in enumerate(step.transformers_):
        columns = plain_columns(name, given.get(name, columns))
        state = state_of(fitted, step._transformer_to_input_indices[name])
        if state not in WORDS:
            children[f"transformer{i}"] = registry.write(
                name, fitted, TRANSFORMER, fitted=state == "fitted"
            )
        indices = [int(j) for j in step._transformer_to_input_indices[name]]
        entries.append([name, columns, indices, state])
    fitted = {
        "n_features_in_": step.n_features_in_,
        "transformers": entries,
        "sparse_output": bool(step.sparse_output_),
        "remainder": step.remainder if isinstance(step.remainder, str) else None,
    }
    if fitted["remainder"] is None:
        children[REMAINDER] = registry.write(
            REMAINDER, step.remainder, TRANSFORMER, fitted=False
        )
    return Parts(fitted, names_of_features(step), children)


def state_of(fitted, indices):
    """Return what becomes of columns: a word, or whether there is a fitted step."""
    if isinstance(fitted, str):
        return fitted
    if type(fitted) is FunctionTransformer and fitted.func is None:
        return "passthrough"
    return "fitted" if len(indices) else "unfitted"


def read_columns(node):
    rules = {"transformers": ENTRIES, "sparse_output": FLAG}
    values = node.fitted(rules)
    entries = values["transformers"]
    names = [name for name, *_ in entries]
    if len({*names}) != len(names) or any("__" in name for name in names):
        raise ValueError(f"{node.place} must have names that differ, got {names}.")
    n = values["n_features_in_"]
    features = read_feature_names(node, n)
    features = [] if features is None else features.tolist()
    parts = [part_of(node, i, entry, features, n) for i, entry in enumerate(entries)]
    given = [
        (name, word if word in WORDS else clone(fitted), columns)
        for (name, columns, _, word), fitted in zip(entries, parts, strict=True)
    ]
    check_template(node.new(transformers=[]), node.place)
    remainder = values.get("remainder")
    if remainder not in WORDS:
        remainder = clone(node.child(REMAINDER, TRANSFORMER))
    left = REMAINDER in names
    step = node.new(transformers=given[: len(given) - left], remainder=remainder)
    step.n_features_in_ = values["n_features_in_"]
    restore_feature_names(step, node)
    name_inputs(step, entries, parts)
    set_fitted(step, entries, parts, node.registry)
    step.sparse_output_ = values["sparse_output"]
    return step


def indices_of(columns, names, n):
    """Return the indices of names, numbers or a mask; None where there is none."""
    columns = columns if isinstance(columns, list) else [columns]
    if columns and type(columns[0]) is bool:
        return [j for j in range(n) if columns[j]] if len(columns) == n else None
    places = {name: j for j, name in enumerate(names)}
    for j in columns:
        if type(j) is int and -n <= j < n:
            places[j] = j % n
    found = [places.get(column) for column in columns]
    return None if None in found else found


def part_of(node, i, entry, names, n):
    """Return the fitted transformer of some columns, or the word in its place."""
    _, columns, indices, state = entry
    if indices_of(columns, names, n) != indices:
        raise ValueError(
            f"{node.place} must have columns out of {n} with their indices, got "
            f"{abbreviate(columns)} with {abbreviate(indices)}."
        )
    if state == "drop":
        return state
    if state == "passthrough":
        if not indices:
            return state
        same = FunctionTransformer(
            accept_sparse=True, check_inverse=False, feature_names_out="one-to-one"
        )
        same.n_features_in_ = len(indices)
        return same
    fitted = node.child(f"transformer{i}", TRANSFORMER)
    if state == "fitted":
        check_features(len(indices), fitted, node.place)
    return fitted


def name_inputs(step, entries, parts):
    """Give the transformers of columns as they are the names of their columns."""
    if not hasattr(step, "feature_names_in_"):
        return
    for (*_, indices, _), part in zip(entries, parts, strict=True):
        if type(part) is FunctionTransformer:
            part.feature_names_in_ = step.feature_names_in_[indices]


def set_fitted(step, entries, parts, registry):
    """Set what scikit-learn keeps of a fitted ColumnTransformer."""
    step.transformers_, step._transformer_to_input_indices = [], {}
    step.output_indices_, first = {}, 0
    for (name, columns, indices, state), part in zip(entries, parts, strict=True):
        step.transformers_.append((name, part, columns))
        step._transformer_to_input_indices[name] = indices
        if state != "drop" and indices:
            plain = state == "passthrough"
            stop = first + (len(indices) if plain else registry.width(part))
            step.output_indices_[name] = slice(first, stop)
            first = stop
    step._transformer_to_input_indices.setdefault(REMAINDER, [])
    for name in step._transformer_to_input_indices:
        step.output_indices_.setdefault(name, slice(0, 0))
    step._columns = [columns for _, _, columns in step.transformers]
    left = [columns for name, columns, *_ in entries if name == REMAINDER]
    step._remainder = (REMAINDER, step.remainder, left[0] if left else [])


def width_of_columns(step, registry):
    return max((part.stop for part in step.output_indices_.values()), default=0)


# -- scaled targets --------------------------------------------------------------------


DIMENSIONS = Rule("1 or 2", lambda v, n: COUNT.holds(v, n) and v in (1, 2))


def write_scaled_target(step, role, registry):
    given = "functions" if step.transformer is None else step.transformer_
    if type(step.transformer_).__name__ not in SCALERS:
        raise ValueError(
            f"its transformer must be one of {SCALERS} to be saved, got "
            f"{abbreviate(given)}; give one and fit again, or keep the model with "
            "joblib or pickle."
        )
    return Parts(
        {"n_features_in_": step.n_features_in_, "training_dim": step._training_dim},
        names_of_features(step),
        {
            "regressor": registry.write("regressor", step.regressor_, PREDICTOR),
            "transformer": registry.write(
                "transformer", step.transformer_, TRANSFORMER
            ),
        },
    )


def read_scaled_target(node):
    values = node.json("fitted")
    check(values, {"training_dim": DIMENSIONS, "n_features_in_": COUNT}, node.place)
    regressor = node.child("regressor", PREDICTOR)
    transformer = node.child("transformer", TRANSFORMER, SCALERS)
    step = node.new(regressor=clone(regressor), transformer=clone(transformer))
    if step.func is not None or step.inverse_func is not None:
        raise ValueError(f"{node.place} must have null for 'func'.")
    step.regressor_, step.transformer_ = regressor, transformer
    step._training_dim = values["training_dim"]
    check_features(values["n_features_in_"], step, node.place)
    outputs = int(np.prod(target_shape(regressor)))
    check_features(outputs, transformer, node.place)
    if hasattr(regressor, "feature_names_in_"):
        step.feature_names_in_ = regressor.feature_names_in_
    return step


def target_shape(regressor):
    """Return the shape of one row of what a regressor predicts."""
    steps = own_steps(regressor)
    while len(steps) > 1 or steps[0][1] is not regressor:
        regressor = steps[-1][1]
        steps = own_steps(regressor)
    if hasattr(regressor, "regressor_"):
        return (regressor.transformer_.n_features_in_,)
    target = regressor._target
    return (target.n_outputs,) if target.several_levels else target.shape


KINDS = [
    Kind(
        Pipeline,
        (TRANSFORMER, PREDICTOR),
        write_pipeline,
        read_pipeline,
        held=("steps", "memory", "verbose", "transform_input"),
        width=width_of_pipeline,
    ),
    Kind(
        ColumnTransformer,
        (TRANSFORMER,),
        write_columns,
        read_columns,
        # n_jobs: a file must not say how many processes this computer starts
        held=("transformers", REMAINDER, "n_jobs"),
        width=width_of_columns,
    ),
    Kind(
        TransformedTargetRegressor,
        (PREDICTOR,),
        write_scaled_target,
        read_scaled_target,
        held=("regressor", "transformer"),
    ),
]
