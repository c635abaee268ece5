"""The page of `sknn-scratch report` on a fitted model.

This module has the sections that all models share; `classes`, `labels` and `numbers`
have those of one kind of prediction.
"""

from html import escape
from typing import NamedTuple

import numpy as np
import sklearn

from ..._estimators.access import network_of, own_steps
from ..._estimators.convergence import divergence, judge, reason_of
from ..._html.charts import Frame, dots, legend, line, padded, svg
from ..._html.page import asset, page
from ..._version import __version__
from ...inspection._facts import changed_text, facts, shortened
from .classifier import evaluate_classes
from .multilabel import evaluate_labels
from .regressor import evaluate_numbers

OF_TRAINING_ROWS = {"underfitting"}  # findings that are valid on training rows only


class Subject(NamedTuple):
    """The model of a report, the rows that evaluate it, and their names."""

    model: object
    model_file: str
    data_file: str
    written_by: str
    output: str
    names: list | None  # of the classes or labels
    part: str  # "test" or "train"
    rows: tuple  # X, y
    train: tuple | None


def report_page(subject):
    """Return the whole page as HTML."""
    network = network_of(subject.model)
    if not hasattr(network, "classes_"):
        evaluate = evaluate_numbers
    else:
        evaluate = evaluate_labels if network._target.multilabel else evaluate_classes
    verdict, tiles, judged = evaluate(subject)
    sections = [
        ("Diagnosis", diagnosis(subject)),
        ("Training", training(network)),
        *judged,
        ("The network", describe(subject, network)),
    ]
    body = "".join(
        f'<section id="{anchor(title)}">\n<h2>{title}</h2>\n{html}</section>\n'
        for title, html in sections
    )
    links = " ".join(f'<a href="#{anchor(title)}">{title}</a>' for title, _ in sections)
    top = header(subject, network) + f'<p class="verdict">{verdict}</p>\n'
    top += show_tiles(tiles) + f'<nav aria-label="Sections">{links}</nav>\n'
    title = f"{subject.model_file} on {subject.data_file}"
    return page(
        title,
        f"<main>\n{top}{body}</main>\n{footer(subject)}",
        style=asset(__package__, "report.css"),
    )


def anchor(title):
    """Return the id of a section, for links."""
    return title.lower().replace(" ", "-")


def header(subject, network):
    """Return the head of the page: model, data, and a note without test set."""
    m = len(subject.rows[0])
    rows = "row" if m == 1 else "rows"
    text = (
        f"Judged by the {subject.part} set of {escape(subject.data_file)}, {m} {rows}."
    )
    warning = ""
    if subject.part == "train":
        warning = (
            '<p class="note">The data file has no test set. Where the model has '
            "learned from these rows, the figures flatter it: they do not say how it "
            "does on new ones.</p>\n"
        )
    return (
        f'<header>\n<p class="quiet">Model report</p>\n'
        f"<h1>{escape(subject.model_file)}</h1>\n"
        f'<p class="quiet">{type(network).__name__}. {text}</p>\n{warning}</header>\n'
    )


def show_tiles(tiles):
    """Return the key figures, each (name, value, remark), as a list in HTML."""
    shown = "".join(
        f"<div><dt>{escape(name)}</dt><dd><strong>{escape(value)}</strong>"
        f"<span>{escape(remark)}</span></dd></div>\n"
        for name, value, remark in tiles
    )
    return f'<dl class="tiles">\n{shown}</dl>\n'


def footer(subject):
    """Return the versions of the packages that wrote the model and the page."""
    return (
        f'<footer class="quiet">Model written by sknn_scratch '
        f"{escape(subject.written_by)}. Page made by sknn_scratch {__version__}, NumPy "
        f"{np.__version__}, scikit-learn {sklearn.__version__}.</footer>"
    )


def diagnosis(subject):
    """Return the findings of `diagnose` with their advice."""
    from ...inspection._diagnosis.diagnose import diagnose

    if subject.train is None:
        found = diagnose(subject.model, *subject.rows).findings
        found = [f for f in found if f.code not in OF_TRAINING_ROWS]
        where = (
            "The data file has no train set: looked for with the test set, which says "
            "nothing of how well the network fits the rows it learned from."
        )
    else:
        held_out = subject.rows if subject.part == "test" else (None, None)
        val = dict(zip(("X_val", "y_val"), held_out, strict=True))
        found = diagnose(subject.model, *subject.train, **val).findings
        where = "Looked for with the train set"
        where += (
            " and, for over-fitting, the test set." if val["X_val"] is not None else "."
        )
    if not found:
        return f'<p>Nothing to say. <span class="quiet">{where}</span></p>\n'
    items = "".join(
        f"<li><p><strong>{_sentence(finding.text)}</strong></p>"
        f"<p>{_sentence(finding.advice)}</p>"
        f'<p class="quiet"><code>{escape(finding.code)}</code>{_layer(finding)}</p>'
        "</li>\n"
        for finding in found
    )
    return f'<ul class="findings">\n{items}</ul>\n<p class="quiet">{where}</p>\n'


def _sentence(text):
    return escape(f"{text[:1].upper()}{text[1:].rstrip('.')}.")


def _layer(finding):
    return "" if finding.layer is None else f", layer {escape(str(finding.layer))}"


def training(network):
    """Return the curves of cost and validation loss, and how the training ended."""
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
        text = f"{ended}. {_sentence(divergence(course))}"
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


def describe(subject, network):
    """Return the steps with their changed parameters, the facts and the layers."""
    from ...inspection._summary import summary

    items = "".join(
        f"<li><code>{type(step).__name__}({escape(changed_text(step))})</code></li>\n"
        for _, step in own_steps(subject.model)
    )
    values = facts(network, subject.output, None)
    if subject.names is not None:
        values["classes"] = shortened(subject.names)
    pairs = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>\n"
        for name, text in values.items()
    )
    layers = summary(subject.model)._repr_html_()
    return (
        f"<p>Its steps, with the parameters that differ from the defaults:</p>\n"
        f'<ol class="steps">\n{items}</ol>\n<dl class="facts">\n{pairs}</dl>\n'
        f'<div class="wide layers">{layers}</div>\n'
    )
