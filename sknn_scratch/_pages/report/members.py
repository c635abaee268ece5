"""Section of the report on the training of an ensemble: the curves of its members."""

from itertools import chain

import numpy as np

from ..._html.charts import Frame, legend, line, padded, svg

NAMES = {"cost": "cost", "validation": "loss of the rows held out"}


def training_of_members(model):
    """Return the curves of all members and their mean, and how long they trained."""
    nets = model.members_
    epochs, best = [net.n_iter_ for net in nets], model.best_epochs_
    text = (
        f"{len(nets)} member{'s' if len(nets) > 1 else ''}, of "
        f"{_span(epochs)} of at most {model.max_iter} epochs. Kept are the parameters "
        f"of the best epoch on the rows that a member held out: {_span(best)}."
    )
    curves = {
        "cost": _curves(net.loss_curve_ for net in nets),
        "validation": _curves(net.validation_loss_curve_ for net in nets),
    }
    curves = {kind: found for kind, found in curves.items() if found}
    if not curves:
        return f"<p>{text} The members have kept no cost curves.</p>\n"
    how = (
        "Each faint line is a member, the strong ones are their mean, as far as all of "
        "them trained. Where the cost goes on falling and the loss of the rows held "
        "out rises again, a member learns its rows by heart; it is stopped then."
    )
    return (
        f'<div class="columns"><figure>{_chart(curves)}</figure>\n'
        f"<div><p>{text}</p>\n<p>{how}</p></div></div>\n"
    )


def _span(numbers):
    low, high = min(numbers), max(numbers)
    return f"{low}" if low == high else f"{low} to {high}"


def _curves(found):
    """Return the curves that are there, of finite numbers, as arrays."""
    arrays = [np.asarray([] if c is None else c, dtype=float) for c in found]
    return [c for c in arrays if len(c) and np.isfinite(c).all()]


def _chart(curves):
    """Return the chart of {kind: curves of the members}."""
    values = np.concatenate([*chain(*curves.values())])
    low, high = values.min(), values.max()
    log = bool(low > 0 and high / low > 20)
    limits = (low / 1.3, high * 1.3) if log else padded(values)
    longest = max(map(len, chain(*curves.values())))
    frame = Frame("epoch", "cost", (1, max(longest, 2)), limits, log)
    marks = [
        line(frame, np.arange(1, len(curve) + 1), curve, f"{kind} member")
        for kind, members in curves.items()
        for curve in members
    ]
    for kind, members in curves.items():
        common = min(map(len, members))
        mean = np.mean([curve[:common] for curve in members], axis=0)
        marks.append(line(frame, np.arange(1, common + 1), mean, kind))
    keys = legend(**{kind: NAMES[kind] for kind in curves})
    return keys + svg(frame, "Cost of the members over the epochs", *marks)
