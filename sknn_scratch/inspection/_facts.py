"""Facts about an estimator: its parameters and its training, as values and as texts."""

import numpy as np

from .._fit.parameter_use import changed_parameters

MOST_NAMES = 20
NAMES = ("classes", "class names", "features")  # lists whose length is told


def changed_text(step):
    """Return the parameters that are not at their default, written as in a call."""
    return ", ".join(f"{k}={value!r}" for k, value in changed_parameters(step).items())


def facts(net, output, names):
    """Return a dict of what describes a fitted network or ensemble.

    The values are numbers, texts and lists of them. `texts_of` has them as texts.

    Parameters
    ----------
    net : network or ensemble
    output : str
        Name of its output units.
    names : array-like of str or None
        Names of the classes 0, 1, ...
    """
    classes = getattr(net, "classes_", None)
    found = {
        "predicts": predicted(net),
        "loss": None if classes is not None else net._target.loss,
        "output": output,
        "classes": None if classes is None else classes.tolist(),
        "class names": None if names is None else [*map(str, names)],
    }
    of_kind = of_ensemble if hasattr(net, "members_") else of_network
    found |= of_kind(net)
    if hasattr(net, "feature_names_in_"):
        found["features"] = [*map(str, net.feature_names_in_)]
    return {name: value for name, value in found.items() if value is not None}


def of_network(net):
    """Return the facts about the training of a network."""
    return {
        "iterations": int(np.max(net.n_iter_)),
        "examples seen": int(net.t_),
        "cost": None if net.loss_ is None else float(net.loss_),
        "cost of": "the best epoch" if net.best_epoch_ else "the last epoch",
        "best epoch": None if net.best_epoch_ is None else int(net.best_epoch_),
    }


def of_ensemble(model):
    """Return the facts about the training of an ensemble."""
    found = {
        "members": len(model.members_),
        "epochs": [int(net.n_iter_) for net in model.members_],
        "best epochs": [*map(int, model.best_epochs_)],
        f"{name_of_score(model)} out of fold": float(model.oof_score_),
    }
    if hasattr(model, "temperature_"):
        found["temperature"] = float(model.temperature_)
    return found


def predicted(net):
    """Return what a network or an ensemble predicts of a row, in words."""
    target = net._target
    if hasattr(net, "classes_"):
        if target.kind == "multilabel":
            return f"{len(net.classes_)} labels, each or none"
        return f"one of {len(net.classes_)} classes"
    if target.several_levels:
        return "quantiles of a number"
    return "a number" if target.n_outputs == 1 else f"{target.n_outputs} numbers"


def name_of_score(model):
    """Return the name of what `score` of an ensemble returns."""
    if hasattr(model, "classes_"):
        return "accuracy"
    return "R2" if model._target.quantile is None else "D2 of the pinball loss"


def texts_of(found):
    """Return facts as a dict of short texts."""
    return {name: text_of(name, value) for name, value in found.items()}


def text_of(name, value):
    """Return a fact as a text; of a long list the first values."""
    if isinstance(value, list):
        count = f"{len(value)}: " if name in NAMES else ""
        more = ", ..." if len(value) > MOST_NAMES else ""
        return count + ", ".join(map(str, value[:MOST_NAMES])) + more
    return number(value) if isinstance(value, float) else str(value)


def number(value):
    """Return a number of four digits or more: `0.1234`, `884,750`."""
    if 1e4 <= abs(value) < 1e12:
        return f"{value:,.0f}"
    return f"{value + 0.0:.4g}"  # no -0
