"""A fitted network as a node of a file: layers, labels, training."""

import json

import numpy as np
from sklearn.base import is_classifier

from .._engine.losses import LOSSES, REGRESSION
from .._engine.propagation import Parameters
from .._estimators.registry import ESTIMATORS
from .._fit.labels import Labels
from .._fit.numbers import Numbers
from .._storage.texts import abbreviate
from ._model_checks import (
    COUNT,
    EPOCHS,
    LABEL_TYPE,
    LEVELS,
    NUMBER,
    RATE,
    SHAPE,
    TYPE,
    activations_of,
    check,
    classes_of,
    curve_of,
    parameters_of,
    scale_of_target,
    seed_of,
)
from ._nodes import (
    PREDICTOR,
    TRANSFORMER,
    Kind,
    Parts,
    check_features,
    names_of_features,
    restore_feature_names,
)
from ._values import encode_labels

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


def write_network(net, role, registry):
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
        "split_seed": net._split_seed,
    }
    scalars_of_target, arrays_of_target = write_target(net)
    if net._target.scale:
        arrays["target_mean"] = net._target.mean
        arrays["target_scale"] = net._target.scale
    for curve in CURVES:
        arrays[f"{curve}_curve"] = getattr(net, f"{curve}_curve_")
    arrays["validation_scores"] = net._scores
    kept = {k: np.asarray(v) for k, v in arrays.items() if v is not None}
    attributes = {
        "activations": json.dumps([name for name, _ in net._activations]),
        "activation_options": json.dumps(
            [list(kw.items()) for _, kw in net._activations]
        ),
        "output": output_of(net),
        "kind": net._target.kind,
    }
    children = {}
    if net.scaler_:
        children["scaler"] = registry.write("scaler", net.scaler_, TRANSFORMER)
    kept |= arrays_of_target | names_of_features(net)
    return Parts(scalars | scalars_of_target, kept, children, attributes)


def output_of(net):
    """Return the name of the network's output units as files have it."""
    return OUTPUTS[LOSSES[net._target.kind].output]


def read_network(node):
    net, tree, place = node.new(), node.tree, node.place
    fitted = node.json("fitted")
    check(fitted, FITTED, place)
    W, b = parameters_of(tree, place)
    if len(W) != LAYERS.get(type(net).__name__, len(W)):
        raise ValueError(
            f"{place} must have as many W as a {type(net).__name__}, got {len(W)}."
        )
    net._activations = activations_of(tree, len(W), place)
    net.n_features_in_, net.n_outputs_ = W[0].shape[1], len(W[-1])
    net.n_layers_ = len(W) + 1
    _restore(net, node, fitted)
    if net._target.n_outputs != len(W[-1]):
        raise ValueError(
            f"{place} must have {net._target.n_outputs} rows in W{len(W)} for what it "
            f"predicts, got {len(W[-1])}."
        )
    check_outputs(tree, net, place)
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
    return net


def check_outputs(tree, net, place):
    """Raise ValueError for output units or a kind that contradict the labels."""
    for key, wanted in {"output": output_of(net), "kind": net._target.kind}.items():
        if (found := tree.attributes.get(key)) != wanted:
            raise ValueError(
                f"{place} must have in its attribute {key!r} {wanted!r}, as its labels "
                f"have it, got {abbreviate(found)}."
            )


def _restore(net, node, fitted):
    """Set the attributes of a network that describe y, X and its training."""
    tree, place = node.tree, node.place
    net._target = target_of(net, tree, fitted, place)
    if "target_scale" in tree.arrays and not is_classifier(net):
        net._target = net._target._replace(**scale_of_target(tree, net._target, place))
    vars(net).update(net._target.fitted)
    restore_feature_names(net, node)
    net.t_ = fitted["samples_seen"]
    net.learning_rate_init_ = fitted["learning_rate_init"]
    net.scaler_ = None
    if "scaler" in tree.groups:
        net.scaler_ = node.child("scaler", TRANSFORMER, ["StandardScaler"])
        check_features(net.scaler_.n_features_in_, net, place)
    net._optimizer_state, net._split_seed = None, None
    net._seed = seed_of(tree, "seed", place)
    if "split_seed" in tree.arrays:
        net._split_seed = seed_of(tree, "split_seed", place)


def write_target(model):
    """Return what a file keeps of the labels or the numbers that a model predicts."""
    target = model._target
    if is_classifier(model):
        dtypes = {
            "classes_dtype": model.classes_.dtype.str,
            "label_dtype": target.dtype and target.dtype.str,
        }
        return dtypes, {"classes": encode_labels(model.classes_, "classes_")}
    fitted = {"target_shape": target.shape}
    if target.quantile is not None:
        fitted["quantile"] = target.quantile
    return fitted, {}


def target_of(model, tree, fitted, place):
    """Return the Labels or the Numbers of a model."""
    if is_classifier(model):
        check(fitted, FITTED_TO_LABELS, place)
        classes = classes_of(tree, fitted["classes_dtype"], place)
        label_dtype = fitted["label_dtype"] and np.dtype(fitted["label_dtype"])
        return Labels(classes, label_dtype)
    check(fitted, FITTED_TO_TARGETS, place)
    loss = tree.attributes.get("kind")
    if loss not in REGRESSION:
        raise ValueError(
            f"{place} must have a kind out of {sorted(REGRESSION)}, got "
            f"{abbreviate(loss)}."
        )
    target = Numbers(loss, tuple(fitted["target_shape"]))
    if loss == "quantile":
        check(fitted, {"quantile": LEVELS}, place)
        target = target._replace(quantile=fitted["quantile"])
    return target


KINDS = [
    Kind(cls, (PREDICTOR,), write_network, read_network) for cls in ESTIMATORS.values()
]
