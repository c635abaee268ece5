"""A fitted model as a tree of attributes and arrays, and back. Knows no file.

Class names are looked up in a literal table and parameters are JSON: loading a model
calls nothing that the file names. What a tree holds: docs/file_format.rst.
"""

import json

import numpy as np
from sklearn.base import is_classifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils.validation import check_is_fitted

from . import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
    ShallowNetRegressor,
)
from ._activations import ACTIVATIONS
from ._losses import LOSSES, REGRESSION
from ._propagation import Parameters
from ._store import Tree
from ._version import __version__
from .preprocessing import ImageFlattener

FORMAT, VERSION = "sknn_scratch model", 2
READABLE = (1, 2)  # 1 had texts of variable length, and no checksums

NETWORKS = {
    "DeepNetClassifier": DeepNetClassifier,
    "DeepNetRegressor": DeepNetRegressor,
    "LogisticRegressionScratch": LogisticRegressionScratch,
    "ShallowNetClassifier": ShallowNetClassifier,
    "ShallowNetRegressor": ShallowNetRegressor,
}
# the output units by their names in the file
OUTPUTS = {
    "logistic": "sigmoid",
    "softmax": "softmax",
    "identity": "identity",
    "exp": "exp",
}
# parameters that a file does not have: whoever loads it must not write where they say
ELSEWHERE = ("checkpoint", "checkpoint_every")
CURVES = ("loss", "learning_rate", "validation_loss")  # and validation_scores_
# transformers, and what they have learned, besides n_features_in_
TRANSFORMERS = {
    "ImageFlattener": (ImageFlattener, ("image_shape_", "image_dtype_")),
    "MinMaxScaler": (
        MinMaxScaler,
        ("min_", "scale_", "data_min_", "data_max_", "data_range_", "n_samples_seen_"),
    ),
    "StandardScaler": (
        StandardScaler,
        ("mean_", "scale_", "var_", "n_samples_seen_"),
    ),
}


def to_tree(model, class_names=None):
    """The tree of a fitted network, or of a Pipeline that ends in one."""
    steps = model.steps if type(model) is Pipeline else [("model", model)]
    *before, (_, last) = steps
    table = {name: cls for name, (cls, _) in TRANSFORMERS.items()}
    for step in [step for _, step in before]:
        _check_class(step, table, "a step before the last")
    _check_class(last, NETWORKS, "the model")
    groups = {f"step{i}": _transformer_tree(n, s) for i, (n, s) in enumerate(before)}
    groups[f"step{len(before)}"] = _network_tree(steps[-1][0], last)
    head = {"format": FORMAT, "version": VERSION, "written_by": __version__}
    head["kind"] = "pipeline" if type(model) is Pipeline else "model"
    arrays = {}
    if class_names is not None:
        arrays["class_names"] = _text_to_bytes(np.asarray(class_names, dtype=str))
    return Tree({**head, "n_steps": len(steps)}, arrays, groups)


def from_tree(tree, place):
    """The model of a tree; `place` (the file) begins every error."""
    head = tree.attributes
    if head.get("format") != FORMAT:
        raise ValueError(
            f"{place} must hold a model (format {FORMAT!r}), got "
            f"{head.get('format', 'no format')!r}."
        )
    if head.get("version") not in READABLE:
        raise ValueError(
            f"{place} has version {head.get('version')} of the model format, written "
            f"by sknn_scratch {head.get('written_by')}; this is sknn_scratch "
            f"{__version__}, which reads versions {READABLE[0]} to {VERSION}: install "
            "the one that wrote it."
        )
    names = [f"step{i}" for i in range(len(tree.groups))]
    if sorted(names) != sorted(tree.groups) or not names:
        raise ValueError(f"{place} must hold step0, step1, ..., got {[*tree.groups]}.")
    read = [_transformer] * (len(names) - 1) + [_network]
    steps = [
        make(tree.groups[name], f"{place}:/{name}")
        for make, name in zip(read, names, strict=True)
    ]
    return Pipeline(steps) if head.get("kind") == "pipeline" else steps[-1][1]


def _check_class(step, table, what):
    if table.get(type(step).__name__) is not type(step):
        raise ValueError(
            f"save_model keeps as {what} one of {sorted(table)}, got "
            f"{type(step).__name__}; keep others with joblib or pickle."
        )
    check_is_fitted(step)


# -- networks --------------------------------------------------------------------------


def _network_tree(name, net):
    scalars = {
        "n_iter": int(np.max(net.n_iter_)),
        "samples_seen": net.t_,
        "loss": net.loss_,
        "best_epoch": net.best_epoch_,
        "learning_rate_init": net.learning_rate_init_,
    }
    arrays = {
        **net.parameters_,
        "seed": net._seed,
        "feature_names": getattr(net, "feature_names_in_", None),
        "split_seed": net._split_seed,
    }
    if is_classifier(net):
        arrays["classes"] = net.classes_
        scalars["classes_dtype"] = net.classes_.dtype.str
        scalars["label_dtype"] = net._label_dtype and net._label_dtype.str
    else:
        scalars["target_shape"] = net._target_shape
    for curve in CURVES:
        arrays[f"{curve}_curve"] = getattr(net, f"{curve}_curve_")
    arrays["validation_scores"] = net._scores
    kept = {k: np.asarray(v) for k, v in arrays.items() if v is not None}
    texts = {"classes", "feature_names"} & kept.keys()
    kept |= {key: _text_to_bytes(kept[key]) for key in texts}
    attributes = {
        **_step_attributes(name, net),
        "activations": json.dumps([name for name, _ in net._activations]),
        "activation_options": json.dumps(
            [list(kw.items()) for _, kw in net._activations]
        ),
        "output": OUTPUTS[LOSSES[net._kind()].output],
        "kind": net._kind(),
        "fitted": _to_json(scalars),
    }
    scaler = net.scaler_ and {"scaler": _transformer_tree("scaler", net.scaler_)}
    return Tree(attributes, kept, scaler or {})


def _network(tree, place):
    name, net = _unfitted(tree, NETWORKS, place)
    arrays = tree.arrays
    L = sum(key.startswith("W") for key in arrays)
    W = [_array(tree, f"W{l}", place) for l in range(1, L + 1)]
    b = [_array(tree, f"b{l}", place) for l in range(1, L + 1)]
    activations = _activations(tree, L, place)
    _check_network(W, b, place)
    fitted = _json(tree, "fitted", place)
    try:
        _restore(net, tree, fitted, place)
    except KeyError as error:
        raise ValueError(
            f"{place} must have {error} in 'fitted', got {sorted(fitted)}."
        ) from None
    net._publish_layers(Parameters(W, b), fitted["n_iter"])
    net._activations, net.n_features_in_ = activations, W[0].shape[1]
    net.n_layers_, net.n_outputs_ = L + 1, len(W[-1])
    if net._n_outputs() != len(W[-1]):
        raise ValueError(
            f"{place} must have {net._n_outputs()} rows in W{L} for what it predicts, "
            f"got {len(W[-1])}."
        )
    keys = [*(f"{curve}_curve" for curve in CURVES), "validation_scores"]
    curves = [arrays[key].tolist() if key in arrays else None for key in keys]
    costs, rates, losses, scores = curves
    net._publish_curves(
        fitted["loss"],
        costs or [],
        rates and [(rate, 1) for rate in rates],
        losses,
        scores,
        fitted["best_epoch"],
    )
    return name, net


def _restore(net, tree, fitted, place):
    """What a network knows of y, of X and of how it was trained."""
    arrays = tree.arrays
    if is_classifier(net):
        classes = _array(tree, "classes", place)
        net.classes_ = _bytes_to_text(classes, fitted["classes_dtype"])
        net._label_dtype = fitted["label_dtype"] and np.dtype(fitted["label_dtype"])
    else:
        net._loss = tree.attributes.get("kind")
        if net._loss not in REGRESSION:
            raise ValueError(
                f"{place} must have a kind out of {sorted(REGRESSION)}, got "
                f"{net._loss!r}."
            )
        net._target_shape = tuple(fitted["target_shape"])
    if "feature_names" in arrays:
        net.feature_names_in_ = _bytes_to_text(arrays["feature_names"], "O")
    net.t_ = fitted["samples_seen"]
    net.learning_rate_init_ = fitted["learning_rate_init"]
    scaler = tree.groups.get("scaler")
    net.scaler_ = scaler and _transformer(scaler, f"{place}/scaler")[1]
    net._optimizer_state, net._split_seed = None, arrays.get("split_seed")
    net._seed = _array(tree, "seed", place)
    for key, seed in (("seed", net._seed), ("split_seed", net._split_seed)):
        if seed is not None and (seed.dtype != np.uint32 or seed.shape != (8,)):
            raise ValueError(
                f"{place}/{key} must be 8 numbers of type uint32, got {seed.dtype} of "
                f"shape {seed.shape}."
            )


def _activations(tree, L, place):
    """Name and options of g[1], ..., g[L-1]."""
    names = _json(tree, "activations", place)
    pairs = _json(tree, "activation_options", place)
    known = L and len(names) == len(pairs) == L - 1 and {*names} <= {*ACTIVATIONS}
    if not known:
        raise ValueError(
            f"{place} must hold W1, ..., WL and the names of L - 1 activations out of "
            f"{sorted(ACTIVATIONS)}, got {L} W and {names}."
        )
    activations = [(name, dict(pair)) for name, pair in zip(names, pairs, strict=True)]
    for name, options in activations:
        if {*options} != {*ACTIVATIONS[name].hyperparameters}:
            raise ValueError(
                f"{place} must give {name!r} the options "
                f"{ACTIVATIONS[name].hyperparameters}, got {options}."
            )
    return activations


def _check_network(W, b, place):
    columns = W[0].shape[-1] if W[0].ndim else 0
    for l, (layer, bias) in enumerate(zip(W, b, strict=True), start=1):
        if layer.shape[1:] != (columns,) or layer.dtype.kind != "f":
            raise ValueError(
                f"{place}/W{l} must be of floats and shape (n[{l}], {columns}), got "
                f"{layer.dtype} of shape {layer.shape}."
            )
        if bias.shape != (len(layer), 1) or bias.dtype != layer.dtype:
            raise ValueError(
                f"{place}/b{l} must be {layer.dtype} of shape {(len(layer), 1)}, got "
                f"{bias.dtype} of shape {bias.shape}."
            )
        columns = len(layer)


# -- transformers ----------------------------------------------------------------------


def _transformer_tree(name, step):
    learned = {key: getattr(step, key) for key in TRANSFORMERS[type(step).__name__][1]}
    learned["n_features_in_"] = step.n_features_in_
    arrays = {k: v for k, v in learned.items() if isinstance(v, np.ndarray)}
    scalars = {
        k: v.str if isinstance(v, np.dtype) else v
        for k, v in learned.items()
        if k not in arrays
    }
    if hasattr(step, "feature_names_in_"):
        arrays["feature_names"] = _text_to_bytes(step.feature_names_in_)
    attributes = _step_attributes(name, step)
    attributes["fitted"] = _to_json(scalars)
    return Tree(attributes, arrays, {})


def _transformer(tree, place):
    classes = {name: cls for name, (cls, _) in TRANSFORMERS.items()}
    name, step = _unfitted(tree, classes, place)
    fitted = _json(tree, "fitted", place)
    for key in (*TRANSFORMERS[type(step).__name__][1], "n_features_in_"):
        value = fitted[key] if key in fitted else _array(tree, key, place)
        if key == "n_samples_seen_":  # partial_fit wants its type
            value = np.asarray(value)[()]
        setattr(step, key, np.dtype(value) if key == "image_dtype_" else value)
    if "feature_names" in tree.arrays:
        step.feature_names_in_ = _bytes_to_text(tree.arrays["feature_names"], "O")
    return name, step


# -- pieces ----------------------------------------------------------------------------


def _step_attributes(name, step):
    kept = step.get_params(deep=False)
    for key in ELSEWHERE:
        kept.pop(key, None)
    parameters = _to_json(kept)
    return {"name": name, "class": type(step).__name__, "parameters": parameters}


def _unfitted(tree, table, place):
    """The step's name in its Pipeline, and the step with its parameters."""
    cls = table.get(tree.attributes.get("class"))
    if cls is None:
        raise ValueError(
            f"{place} must be one of {sorted(table)}, got "
            f"{tree.attributes.get('class')!r}."
        )
    parameters = _json(tree, "parameters", place)
    try:
        return str(tree.attributes.get("name")), cls(**parameters)
    except TypeError as error:
        raise ValueError(f"{place} has parameters that do not fit: {error}.") from None


def _array(tree, key, place):
    if key not in tree.arrays:
        raise ValueError(f"{place} must hold {key!r}, got only {sorted(tree.arrays)}.")
    return tree.arrays[key]


def _to_json(values):
    plain = {name: _plain(name, value) for name, value in values.items()}
    return json.dumps(plain, allow_nan=False)


def _json(tree, key, place):
    """The object or list that `_to_json` or `json.dumps` made."""
    try:
        found = json.loads(tree.attributes[key])
        if isinstance(found, dict):
            return {name: _rich(value) for name, value in found.items()}
        return _rich(found)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{place} must have JSON in {key!r}, got {error!r}.") from None


def _plain(name, value):
    """A parameter as JSON: what JSON has not is an object of one key."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return {"float": repr(value)}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        items = [_plain(name, item) for item in value]
        return items if isinstance(value, list) else {"tuple": items}
    if isinstance(value, dict):
        return {"dict": [[_plain(k, k), _plain(k, v)] for k, v in value.items()]}
    if isinstance(value, np.ndarray):
        return {"array": _plain(name, value.tolist())}
    raise ValueError(
        f"{name} must be a number, a text, or a list, tuple, dict or array of them to "
        f"be saved, got {value!r}; set another value first."
    )


def _rich(value):
    """The parameter of its JSON."""
    if isinstance(value, list):
        return [_rich(item) for item in value]
    if not isinstance(value, dict):
        return value
    ((key, content),) = value.items()
    rich = {
        "float": float,
        "tuple": lambda items: tuple(_rich(items)),
        "dict": lambda pairs: dict(_rich(pairs)),
        "array": lambda items: np.array(_rich(items)),
    }
    return rich[key](content)


def _text_to_bytes(values):
    """Texts as UTF-8 bytes of fixed length; numbers as they are."""
    if values.dtype.kind in "OU":
        if not all(isinstance(value, str) for value in values):
            raise ValueError(
                "classes_ must be texts or numbers to be saved, got "
                f"{[type(v).__name__ for v in values][:5]}."
            )
        return np.char.encode(values.astype(str), "utf-8")
    return values


def _bytes_to_text(values, dtype):
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8")
    return values.astype(dtype)
