"""Conversion of fitted models to trees of attributes and arrays, and back.

This module opens no file. Class names are looked up in a literal table and parameters
are JSON, so loading a model calls nothing that the file names. docs/file_format.rst
describes the content of a tree.
`_model_checks` has the rules of single values, `_storage` the limits of any HDF5 file.
"""

import json

import numpy as np
from sklearn.base import is_classifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
)
from sklearn.utils.validation import check_is_fitted

from .._engine.losses import LOSSES, REGRESSION
from .._engine.propagation import Parameters
from .._estimators.access import own_steps
from .._estimators.registry import ESTIMATORS
from .._fit.labels import Labels
from .._fit.numbers import Numbers
from .._fit.settings import UNNAMED, defaults
from .._storage.store import Tree
from .._storage.texts import abbreviate, shorten
from .._version import __version__
from ..preprocessing import ImageFlattener
from ._model_checks import (
    COUNT,
    EPOCHS,
    FINITE,
    IMAGE,
    LABEL_TYPE,
    LEVELS,
    NUMBER,
    RATE,
    ROW,
    ROWS_SEEN,
    SCALE,
    SHAPE,
    TYPE,
    activations_of,
    array_of,
    check,
    check_names_every_class,
    class_names_of,
    classes_of,
    curve_of,
    parameters_of,
    scale_of_target,
    seed_of,
)
from ._values import decode_texts, encode_labels, encode_texts, read_json, to_json

FORMAT, VERSION = "sknn_scratch model", 2

LAYERS = {  # of the estimators whose number of layers is fixed
    "LogisticRegressionScratch": 1,
    "ShallowNetClassifier": 2,
    "ShallowNetRegressor": 2,
}
# the output units by their names in the file
OUTPUTS = {
    "logistic": "sigmoid",
    "softmax": "softmax",
    "identity": "identity",
    "exp": "exp",
}
# neither saved nor loaded: a loaded model must not write to a path from a file
NOT_SAVED = ("checkpoint", "checkpoint_every")
ABSENT = UNNAMED | {"dtype": None}  # values of parameters that older files lack
ATTRIBUTES = {"classes": "classes_", "feature_names": "feature_names_in_"}
CURVES = ("loss", "learning_rate", "validation_loss")  # and validation_scores_
# scalars of a fitted network, with their rules
FITTED = {
    "n_iter": EPOCHS,
    "samples_seen": COUNT,
    "loss": NUMBER.or_none(),
    "best_epoch": COUNT.or_none(),
    "learning_rate_init": RATE.or_none(),
}
FITTED_TO_LABELS = {"classes_dtype": LABEL_TYPE, "label_dtype": TYPE.or_none()}
FITTED_TO_TARGETS = {"target_shape": SHAPE}
# transformers, with the rules of their fitted attributes (besides n_features_in_)
TRANSFORMERS = {
    "ImageFlattener": (ImageFlattener, {"image_shape_": IMAGE, "image_dtype_": TYPE}),
    "MaxAbsScaler": (
        MaxAbsScaler,
        {"scale_": SCALE, "max_abs_": ROW, "n_samples_seen_": ROWS_SEEN},
    ),
    "MinMaxScaler": (
        MinMaxScaler,
        {
            "min_": ROW,
            "scale_": SCALE,
            "data_min_": ROW,
            "data_max_": ROW,
            "data_range_": ROW,
            "n_samples_seen_": ROWS_SEEN,
        },
    ),
    "RobustScaler": (
        RobustScaler,
        {"center_": ROW.or_none(), "scale_": SCALE.or_none()},
    ),
    "StandardScaler": (
        StandardScaler,
        {
            "mean_": ROW.or_none(),
            "scale_": SCALE.or_none(),
            "var_": ROW.or_none(),
            "n_samples_seen_": ROWS_SEEN,
        },
    ),
}
# parameters of scalers, and the arrays that they need
NEEDED = {
    "with_mean": "mean_",
    "with_std": "scale_",
    "with_centering": "center_",
    "with_scaling": "scale_",
}


def to_tree(model, class_names=None):
    """Return the Tree of a fitted network, or of a Pipeline that ends in one."""
    piped = type(model) is Pipeline  # a subclass may behave differently
    steps = own_steps(model) if piped else [("model", model)]
    *before, (_, last) = steps
    table = {name: cls for name, (cls, _) in TRANSFORMERS.items()}
    for step in [step for _, step in before]:
        _check_class(step, table, "a step before the last")
    _check_class(last, ESTIMATORS, "the model")
    groups = {f"step{i}": _transformer_tree(n, s) for i, (n, s) in enumerate(before)}
    groups[f"step{len(before)}"] = _network_tree(steps[-1][0], last)
    head = {"format": FORMAT, "version": VERSION, "written_by": __version__}
    head["kind"] = "pipeline" if piped else "model"
    arrays = {}
    if class_names is not None:
        arrays["class_names"] = _encode_names(class_names, last)
    return Tree({**head, "n_steps": len(steps)}, arrays, groups)


def _encode_names(class_names, net):
    """Return class names as UTF-8 bytes; raise ValueError for other than a list."""
    try:
        names = np.asarray(class_names, dtype=str)
    except ValueError:  # rows that differ, bytes that are no ASCII
        names = np.zeros((0, 0), str)
    if names.ndim != 1:
        raise ValueError(
            f"class_names must be a list of texts, got {abbreviate(class_names)}."
        )
    check_names_every_class(names, net, "class_names", "name the labels 0, 1, ...")
    # an array of texts has lost a NUL at their end
    given = [name if isinstance(name, str) else None for name in class_names]
    texts = [g or name for g, name in zip(given, names.tolist(), strict=True)]
    return encode_texts(texts, "class_names")


def from_tree(tree, place):
    """Return the model of a Tree and the class names, which may be None.

    Errors begin with `place`, the path of the file.
    """
    head = tree.attributes
    if head.get("format") != FORMAT:
        raise ValueError(
            f"{place} must hold a model (format {FORMAT!r}), got "
            f"{abbreviate(head.get('format', 'no format'))}."
        )
    if head.get("version") != VERSION:
        raise ValueError(
            f"{place} has version {abbreviate(head.get('version'))} of the model "
            f"format, written by sknn_scratch {abbreviate(head.get('written_by'))}; "
            f"this is sknn_scratch {__version__}, which reads version {VERSION}: "
            "install the one that wrote it."
        )
    names = [f"step{i}" for i in range(len(tree.groups))]
    if sorted(names) != sorted(tree.groups) or not names:
        raise ValueError(
            f"{place} must hold step0, step1, ..., got {abbreviate([*tree.groups])}."
        )
    for key, wanted in {"n_steps": len(names), "written_by": None}.items():
        found = head.get(key)
        if found != wanted if wanted is not None else not isinstance(found, str):
            raise ValueError(
                f"{place} must have in its attribute {key!r} "
                f"{'a text' if wanted is None else wanted}, got {abbreviate(found)}."
            )
    *before, last = [(tree.groups[name], f"{place}:/{name}") for name in names]
    steps = [_transformer(*step, TRANSFORMERS) for step in before] + [_network(*last)]
    _check_steps(steps, head.get("kind"), place)
    model = Pipeline(steps) if head.get("kind") == "pipeline" else steps[-1][1]
    return model, class_names_of(tree, place)


def _check_steps(steps, kind, place):
    """Raise ValueError unless the steps have valid names and equal feature counts."""
    names = [name for name, _ in steps]
    taken = {"steps", *Pipeline(steps).get_params(deep=False)}
    apart = len({*names}) == len(names) and not {*names} & taken
    if not apart or any("__" in name for name in names):
        raise ValueError(
            f"{place} must have steps of names that differ and hold no '__', got "
            f"{abbreviate(names)}."
        )
    if kind not in ("pipeline", "model") or (kind == "model" and len(steps) > 1):
        raise ValueError(
            f"{place} must be of kind 'pipeline', or 'model' with one step, got "
            f"{abbreviate(kind)} with {len(steps)} steps."
        )
    features = [step.n_features_in_ for _, step in steps]
    if len({*features}) > 1:
        raise ValueError(
            f"{place} must have steps that take as many features as the one before "
            f"gives, got {abbreviate(features)}."
        )


def _check_class(step, table, what):
    if table.get(type(step).__name__) is not type(step):
        raise ValueError(
            f"save_model keeps as {what} one of {sorted(table)}, got "
            f"{type(step).__name__}; keep others with joblib or pickle."
        )
    check_is_fitted(step)
    step._validate_params()  # loading validates them too


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
        scalars["label_dtype"] = net._target.dtype and net._target.dtype.str
    else:
        scalars["target_shape"] = net._target.shape
        if net._target.quantile is not None:
            scalars["quantile"] = net._target.quantile
        if net._target.scale:
            arrays["target_mean"] = net._target.mean
            arrays["target_scale"] = net._target.scale
    for curve in CURVES:
        arrays[f"{curve}_curve"] = getattr(net, f"{curve}_curve_")
    arrays["validation_scores"] = net._scores
    kept = {k: np.asarray(v) for k, v in arrays.items() if v is not None}
    for key, attribute in ATTRIBUTES.items():
        if key in kept:
            kept[key] = encode_labels(kept[key], attribute)
    attributes = {
        **_step_attributes(name, net),
        "activations": json.dumps([name for name, _ in net._activations]),
        "activation_options": json.dumps(
            [list(kw.items()) for _, kw in net._activations]
        ),
        "output": output_of(net),
        "kind": net._target.kind,
        "fitted": to_json(scalars),
    }
    scaler = net.scaler_ and {"scaler": _transformer_tree("scaler", net.scaler_)}
    return Tree(attributes, kept, scaler or {})


def output_of(net):
    """Return the name of the network's output units as files have it."""
    return OUTPUTS[LOSSES[net._target.kind].output]


def _network(tree, place):
    name, net = _unfitted(tree, ESTIMATORS, place)
    rules = FITTED_TO_LABELS if is_classifier(net) else FITTED_TO_TARGETS
    fitted = read_json(tree.attributes, "fitted", dict, place)
    check(fitted, FITTED | rules, place)
    W, b = parameters_of(tree, place)
    if len(W) != LAYERS.get(type(net).__name__, len(W)):
        raise ValueError(
            f"{place} must have as many W as a {type(net).__name__}, got {len(W)}."
        )
    net._activations = activations_of(tree, len(W), place)
    net.n_features_in_, net.n_outputs_ = W[0].shape[1], len(W[-1])
    net.n_layers_ = len(W) + 1
    _restore(net, tree, fitted, place)
    if net._target.n_outputs != len(W[-1]):
        raise ValueError(
            f"{place} must have {net._target.n_outputs} rows in W{len(W)} for what it "
            f"predicts, got {len(W[-1])}."
        )
    _check_outputs(tree, net, place)
    net._publish_layers(Parameters(W, b), fitted["n_iter"])
    keys = [*(f"{curve}_curve" for curve in CURVES), "validation_scores"]
    costs, rates, losses, scores = (curve_of(tree, key, place) for key in keys)
    net._publish_curves(
        fitted["loss"],
        costs or [],
        rates and [(rate, 1) for rate in rates],
        losses,
        scores,
        fitted["best_epoch"],
    )
    return name, net


def _check_outputs(tree, net, place):
    """Raise ValueError for output units or a kind that contradict the labels."""
    for key, wanted in {"output": output_of(net), "kind": net._target.kind}.items():
        if (found := tree.attributes.get(key)) != wanted:
            raise ValueError(
                f"{place} must have in its attribute {key!r} {wanted!r}, as its labels "
                f"have it, got {abbreviate(found)}."
            )


def _restore(net, tree, fitted, place):
    """Set the attributes of a network that describe y, X and its training."""
    if is_classifier(net):
        classes = classes_of(tree, fitted["classes_dtype"], place)
        label_dtype = fitted["label_dtype"] and np.dtype(fitted["label_dtype"])
        net._target = Labels(classes, label_dtype)
    else:
        loss = tree.attributes.get("kind")
        if loss not in REGRESSION:
            raise ValueError(
                f"{place} must have a kind out of {sorted(REGRESSION)}, got "
                f"{abbreviate(loss)}."
            )
        net._target = Numbers(loss, tuple(fitted["target_shape"]))
        if loss == "quantile":
            check(fitted, {"quantile": LEVELS}, place)
            net._target = net._target._replace(quantile=fitted["quantile"])
        if "target_scale" in tree.arrays:
            net._target = net._target._replace(
                **scale_of_target(tree, net._target, place)
            )
    vars(net).update(net._target.fitted)
    _restore_feature_names(net, tree, place)
    net.t_ = fitted["samples_seen"]
    net.learning_rate_init_ = fitted["learning_rate_init"]
    net.scaler_ = None
    if "scaler" in tree.groups:
        found = tree.groups["scaler"], f"{place}/scaler"
        _, net.scaler_ = _transformer(*found, ["StandardScaler"])
        _check_steps([("scaler", net.scaler_), ("network", net)], "pipeline", place)
    net._optimizer_state, net._split_seed = None, None
    net._seed = seed_of(tree, "seed", place)
    if "split_seed" in tree.arrays:
        net._split_seed = seed_of(tree, "split_seed", place)


def _restore_feature_names(step, tree, place):
    if "feature_names" in tree.arrays:
        n = step.n_features_in_
        words = f"{n} texts"
        names = array_of(tree, "feature_names", place, "S", (n,), words)
        step.feature_names_in_ = decode_texts(names, "O", f"{place}/feature_names")


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
        names = step.feature_names_in_
        arrays["feature_names"] = encode_labels(names, "feature_names_in_")
    attributes = _step_attributes(name, step)
    attributes["fitted"] = to_json(scalars)
    return Tree(attributes, arrays, {})


def _transformer(tree, place, allowed):
    classes = {name: TRANSFORMERS[name][0] for name in allowed}
    name, step = _unfitted(tree, classes, place)
    _, rules = TRANSFORMERS[type(step).__name__]
    values = read_json(tree.attributes, "fitted", dict, place) | tree.arrays
    check(values, {"n_features_in_": COUNT}, place)
    check(values, rules, place, values["n_features_in_"])
    for key in (*rules, "n_features_in_"):
        value = values[key]
        if key == "n_samples_seen_":  # partial_fit needs a NumPy type
            value = np.asarray(value)[()]
        setattr(step, key, np.dtype(value) if key == "image_dtype_" else value)
    _check_complete(step, place)
    _restore_feature_names(step, tree, place)
    return name, step


def _check_complete(step, place):
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


# -- pieces ----------------------------------------------------------------------------


def _step_attributes(name, step):
    kept = step.get_params(deep=False)
    for key in NOT_SAVED:
        kept.pop(key, None)
    parameters = to_json(kept)
    return {"name": name, "class": type(step).__name__, "parameters": parameters}


def _unfitted(tree, table, place):
    """Return the name of a step in its Pipeline, and the unfitted step."""
    cls = table.get(tree.attributes.get("class"))
    if cls is None:
        raise ValueError(
            f"{place} must be one of {sorted(table)}, got "
            f"{abbreviate(tree.attributes.get('class'))}."
        )
    parameters = read_json(tree.attributes, "parameters", dict, place)
    for key in NOT_SAVED:
        parameters.pop(key, None)
    for key in ABSENT.keys() & defaults(cls).keys():
        parameters.setdefault(key, ABSENT[key])
    try:
        step = cls(**parameters)
        step._validate_params()
    except (TypeError, ValueError) as error:
        words = " ".join(str(error).split())
        raise ValueError(
            f"{place} has parameters that do not fit: {shorten(words, 200)}"
        ) from None
    if not isinstance(name := tree.attributes.get("name"), str):
        raise ValueError(f"{place} must have a text in 'name', got {abbreviate(name)}.")
    return name, step
