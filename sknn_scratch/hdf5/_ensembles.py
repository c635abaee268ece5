"""Ensembles of networks for tables as nodes of a file."""

import numpy as np
from sklearn.base import is_classifier

from .._storage.texts import abbreviate
from .._tabular.calibration import LIMIT
from .._tabular.classifier import TabularNetClassifier
from .._tabular.intervals import Residuals
from .._tabular.regressor import TabularNetRegressor
from ._model_checks import COUNT, NUMBER, RATE, Rule, array_of, check
from ._networks import check_outputs, output_of, target_of, write_target
from ._nodes import PREDICTOR, TRANSFORMER, Kind, Parts, names_of_features

MEMBERS = {  # the class of the members
    TabularNetClassifier: "DeepNetClassifier",
    TabularNetRegressor: "DeepNetRegressor",
}
HELD_OUT = Rule(
    "a number of rows for each member",
    lambda v, n: isinstance(v, list) and all(COUNT.holds(c, n) for c in v),
)

TEMPERATURE = Rule(
    "a number from 1/10 to 10",
    lambda v, n: RATE.holds(v, n) and abs(np.log(v)) <= LIMIT + 1e-9,
)


def write_ensemble(step, role, registry):
    fitted, arrays = write_target(step)
    fitted |= {
        "n_features_in_": step.n_features_in_,
        "n_members": len(step.members_),
        "oof_score": float(step.oof_score_),
    }
    write = write_probabilities if is_classifier(step) else write_intervals
    own, own_arrays = write(step)
    children = {"encoder": registry.write("encoder", step.encoder_, TRANSFORMER)}
    for i, member in enumerate(step.members_):
        children[f"member{i}"] = registry.write(f"member{i}", member, PREDICTOR)
    arrays |= own_arrays | names_of_features(step)
    attributes = {"output": output_of(step), "kind": step._target.kind}
    return Parts(fitted | own, arrays, children, attributes)


def read_ensemble(node):
    step, values = node.new(), node.fitted({"n_members": COUNT, "oof_score": NUMBER})
    step._target = target_of(step, node.tree, values, node.place)
    check_outputs(node.tree, step, node.place)
    vars(step).update(step._target.fitted)
    step.encoder_ = node.child("encoder", TRANSFORMER, ["TableEncoder"])
    step.n_features_in_ = step.encoder_.n_features_in_
    if hasattr(step.encoder_, "feature_names_in_"):
        step.feature_names_in_ = step.encoder_.feature_names_in_
    step.n_outputs_ = step._target.n_outputs
    step.members_ = members_of(step, node, values["n_members"])
    step.n_iter_ = max(net.n_iter_ for net in step.members_)
    step.best_epochs_ = [net.best_epoch_ or net.n_iter_ for net in step.members_]
    step.oof_score_ = values["oof_score"]
    read = read_probabilities if is_classifier(step) else read_intervals
    read(step, node, values)
    return step


def members_of(step, node, n):
    """Return the members; ValueError for one that does not fit the encoder or y."""
    present = sum(key.startswith("member") for key in node.tree.groups)
    if not n or n != present:
        raise ValueError(
            f"{node.place} must hold {n} members, and at least 1, got {present}."
        )
    members = []
    for i in range(n):
        net = node.child(f"member{i}", PREDICTOR, [MEMBERS[type(step)]])
        inputs, outputs = max(1, step.encoder_._n_outputs), step.n_outputs_
        right = net._target.kind == step._target.kind
        if (net.n_features_in_, net.n_outputs_, right) != (inputs, outputs, True):
            raise ValueError(
                f"{node.place}/member{i} must have {inputs} features and {outputs} "
                f"outputs, as encoder and targets have, got {net.n_features_in_} and "
                f"{net.n_outputs_}."
            )
        if net.scaler_ is not None:
            raise ValueError(f"{node.place}/member{i} must have no scaler.")
        if not is_classifier(step):
            net._published_dtype = np.float64  # as fit has it
        members.append(net)
    return members


def out_of_fold(node, key, shape):
    """Return predictions of rows out of fold, which may be NaN."""
    array = node.tree.arrays.get(key)
    if array is None or array.dtype != np.float64 or array.shape[1:] != shape:
        raise ValueError(
            f"{node.place}/{key} must be float64 of shape (n_rows, *{shape}), got "
            f"{abbreviate(array)}."
        )
    return array


# -- probabilities ---------------------------------------------------------------------


def write_probabilities(step):
    fitted = {"n_rows": step._n_rows, "temperature": float(step.temperature_)}
    return fitted, {"oof_decision_function": step.oof_decision_function_}


def read_probabilities(step, node, values):
    check(values, {"n_rows": COUNT, "temperature": TEMPERATURE}, node.place)
    step._n_rows, step.temperature_ = values["n_rows"], values["temperature"]
    multilabel, n = step._target.multilabel, step.n_outputs_
    shape = (n,) if n > 1 or multilabel else ()
    step.oof_decision_function_ = out_of_fold(node, "oof_decision_function", shape)
    if len(step.oof_decision_function_) != step._n_rows:
        raise ValueError(f"{node.place} must have {step._n_rows} rows out of fold.")


# -- intervals -------------------------------------------------------------------------


def write_intervals(step):
    low, high = step._range
    arrays = {
        "range_low": low,
        "range_high": high,
        "oof_prediction": step.oof_prediction_,
    }
    for k, residuals in enumerate(step._residuals):
        arrays[f"residuals{k}"] = np.concatenate(residuals.values)
        arrays[f"weights{k}"] = np.concatenate(residuals.weights)
    counts = [len(values) for values in step._residuals[0].values]
    ones = [float(residuals.one) for residuals in step._residuals]
    return {"held_out": counts, "weight_of_a_row": ones}, arrays


def read_intervals(step, node, values):
    n, place = step._target.n_targets, node.place
    check(values, {"held_out": HELD_OUT, "weight_of_a_row": WEIGHTS}, place)
    counts, ones = values["held_out"], values["weight_of_a_row"]
    if len(counts) != len(step.members_) or len(ones) != n:
        raise ValueError(
            f"{place} must have residuals of {len(step.members_)} members and {n} "
            f"targets, got {len(counts)} and {len(ones)}."
        )
    words = f"a finite float for each of {n} targets"
    step._range = tuple(
        array_of(node.tree, key, place, "f", (n,), words)
        for key in ("range_low", "range_high")
    )
    if not (step._range[0] <= step._range[1]).all():
        raise ValueError(f"{place} must have a range_low that is at most range_high.")
    several = step._target.several_levels
    shape = (step.n_outputs_,) if several else step._target.shape
    step.oof_prediction_ = out_of_fold(node, "oof_prediction", shape)
    step._residuals = [
        Residuals.of_sorted(
            parts_of(node, f"residuals{k}", counts),
            parts_of(node, f"weights{k}", [c + 1 for c in counts]),
            ones[k],
        )
        for k in range(n)
    ]


def parts_of(node, key, counts):
    """Return the parts of an array, one a member; each must be sorted."""
    array = node.tree.arrays.get(key)
    total = sum(counts)
    if array is None or array.dtype != np.float64 or array.shape != (total,):
        raise ValueError(
            f"{node.place}/{key} must be {total} of float64, got {abbreviate(array)}."
        )
    parts = np.split(array, np.cumsum(counts)[:-1])
    if not np.isfinite(array).all() or any((np.diff(p) < 0).any() for p in parts):
        raise ValueError(f"{node.place}/{key} must be finite and sorted.")
    return parts


WEIGHTS = Rule(
    "a number of at least 0 for each target",
    lambda v, n: isinstance(v, list) and all(RATE.holds(one, n) for one in v),
)
KINDS = [Kind(cls, (PREDICTOR,), write_ensemble, read_ensemble) for cls in MEMBERS]
