"""Section of the report on the training: curves, and how it ended."""

import numpy as np

from ..._estimators.convergence import judge, reason_of
from ..._estimators.convergence_texts import divergence
from ..._html.charts import Frame, dots, legend, line, padded, svg
from .measures import sentence
from .members import training_of_members


def training(network):
    """Return the curves of cost and validation loss, and how the training ended."""
    if hasattr(network, "members_"):
        return training_of_members(network)
    cost = np.asarray(network.loss_curve_, dtype=float)
    last = int(np.max(network.n_iter_))
    course = judge(cost, reason=reason_of(network), n_iter=last)
    ended = f"It ended by itself after {last} of at most {network.max_iter} epochs"
    if course.reason == "max_iter":
        ended = f"It went through all the epochs it was allowed, {last}"
    if not len(cost):
        return f"<p>{ended}. The model has kept no cost curve.</p>\n"
    curves = {"cost": cost}
    validation = network.validation_loss_curve_
    if validation is not None and len(validation):
        curves["validation"] = np.asarray(validation, dtype=float)
    text = f"{ended}. The cost went from {cost[0]:.4g} to {cost[-1]:.4g}."
    if course.kind == "not finite":
        text = f"{ended}. {sentence(divergence(course))}"
    best = network.best_epoch_
    if best:
        text += f" Kept are the parameters of epoch {best}, the best on validation."
    return (
        f'<div class="columns"><figure>{curve_chart(curves, last, best)}</figure>\n'
        f"<div><p>{text}</p>\n<p>{how_to_read(curves)}</p></div></div>\n"
    )


def how_to_read(curves):
    """Return an explanation of the shapes that the curves may have."""
    if "validation" not in curves:
        return (
            "A good curve falls fast and then flattens. One that is still falling at "
            "its end wants more epochs; one that jumps up and down wants a smaller "
            "learning rate."
        )
    return (
        "The cost is of the rows it learns from, the validation loss of rows held out. "
        "Where the first goes on falling and the second rises again, the network "
        "learns its rows by heart."
    )


def curve_chart(curves, last, best):
    """Return the chart of the curves, with a log axis if the costs differ widely."""
    finite = np.concatenate([curve[np.isfinite(curve)] for curve in curves.values()])
    if not len(finite):
        return "<p>The cost was never a finite number.</p>"
    low, high = finite.min(), finite.max()
    log = bool(low > 0 and high / low > 20)
    limits = (low / 1.3, high * 1.3) if log else padded(finite)
    first = last - len(curves["cost"]) + 1
    frame = Frame("epoch", "cost", (first, max(last, first + 1)), limits, log)
    marks = []
    for kind, curve in curves.items():
        finite_epochs = np.flatnonzero(np.isfinite(curve))
        marks.append(line(frame, first + finite_epochs, curve[finite_epochs], kind))
    names = {"cost": "cost", "validation": "validation loss", "best": "best epoch"}
    kinds = [*curves]
    if best and best >= first and "validation" in curves:
        value = curves["validation"][best - first]
        name = f"epoch {best}: {value:.4g}"
        marks.append(dots(frame, [best], [value], "best", [name], 5.0))
        kinds.append("best")
    if len(curves["cost"]) == 1:
        name = f"epoch {first}: {low:.4g}"
        marks.append(dots(frame, [first], curves["cost"], "cost dot", [name]))
    keys = legend(**{kind: names[kind] for kind in kinds}) if len(kinds) > 1 else ""
    return keys + svg(frame, "Cost over the epochs", *marks)
