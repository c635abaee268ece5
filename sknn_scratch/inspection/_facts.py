"""Short texts about an estimator: its parameters and its training."""

import numpy as np

from .._fit.parameter_use import changed_parameters

MOST_NAMES = 20


def changed_text(step):
    """Return the parameters that are not at their default, written as in a call."""
    return ", ".join(f"{k}={value!r}" for k, value in changed_parameters(step).items())


def facts(net, output, names):
    """Return a dict of short texts that describe a fitted network or ensemble."""
    if hasattr(net, "members_"):
        return facts_of_ensemble(net, output, names)
    last = int(np.max(net.n_iter_))
    kept = "the best epoch" if net.best_epoch_ else "the last"
    classes = getattr(net, "classes_", None)
    found = {
        "predicts": f"{net._target.kind}, {output} output",
        "classes": classes is not None and shortened(classes),
        "class names": names is not None and shortened(names),
        "iterations": f"{last}, {net.t_} examples seen",
        "cost": net.loss_ is not None and f"{net.loss_:.6g} at {kept}",
        "best epoch": net.best_epoch_ is not None and f"{net.best_epoch_}",
    }
    if hasattr(net, "feature_names_in_"):
        found["features"] = shortened(net.feature_names_in_)
    return {name: text for name, text in found.items() if text}


def facts_of_ensemble(model, output, names):
    """Return a dict of short texts that describe a fitted ensemble for tables."""
    nets, classes = model.members_, getattr(model, "classes_", None)
    found = {
        "predicts": f"{model._target.kind}, {output} output",
        "classes": classes is not None and shortened(classes),
        "class names": names is not None and shortened(names),
        "members": f"{len(nets)}",
        "epochs": ", ".join(f"{net.n_iter_}" for net in nets[:MOST_NAMES]),
        "best epochs": ", ".join(map(str, model.best_epochs_[:MOST_NAMES])),
        "score out of fold": f"{model.oof_score_:.4g}",
    }
    if hasattr(model, "temperature_"):
        found["temperature"] = f"{model.temperature_:.4g}"
    if hasattr(model, "feature_names_in_"):
        found["features"] = shortened(model.feature_names_in_)
    return {name: text for name, text in found.items() if text}


def shortened(names):
    """Return the number of names and the first of them, such as `3: a, b, c`."""
    more = ", ..." if len(names) > MOST_NAMES else ""
    return f"{len(names)}: " + ", ".join(map(str, names[:MOST_NAMES])) + more
