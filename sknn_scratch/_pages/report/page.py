"""The page of `sknn-scratch report` on a fitted model.

This module puts the sections together. `classifier`, `multilabel` and `regressor` have
those of one kind of prediction, the other modules those that models share.
"""

from html import escape
from typing import NamedTuple

import numpy as np
import sklearn

from ..._estimators.access import last_step, own_steps
from ..._html.page import asset, page
from ..._version import __version__
from ...inspection._facts import changed_text, facts, texts_of
from .answers import is_table, learner
from .classifier import evaluate_classes
from .diagnosis import diagnosis, findings_of
from .effects import effects
from .importance import importance_of, show_importance
from .multilabel import evaluate_labels
from .regressor import evaluate_numbers
from .rows import check_known
from .training import training
from .verdict import beside_baselines, judged_models


class Subject(NamedTuple):
    """The model of a report, the rows that evaluate it, and their names.

    X of `rows` and `train` is an array or a data frame, y an array of answers.
    `part` is "train" if the model was, or may have been, trained on some of `rows`.
    """

    model: object
    model_file: str
    data_file: str
    written_by: str
    output: str
    names: list | None  # of the classes or labels
    part: str  # "test" or "train"
    rows: tuple  # X, y
    train: tuple | None
    target: str = "y"  # name of the answer
    words: str = ""  # what `rows` are, as in "the test set of data.h5, 90 rows"
    numbers: np.ndarray | None = None  # of the rows in the table, from 1 on
    ids: dict | None = None  # of columns that tell the rows apart
    lacks: str = "The data has no training rows"  # where `train` is None


class Report(NamedTuple):
    """The page, and what it says in numbers.

    Attributes
    ----------
    html : str
    subject : Subject
    judged : list of Judged
        The model, then what it is compared with.
    findings : list of Finding
    """

    html: str
    subject: Subject
    judged: list
    findings: list

    def as_dict(self):
        """Return what JSON takes, without the page."""
        train = self.subject.train
        return {
            "part": self.subject.part,
            "judged_by": self.subject.words,
            "rows": len(self.subject.rows[0]),
            "training_rows": None if train is None else len(train[1]),
            "scores": [{"model": one.name, **one.scores} for one in self.judged],
            "findings": [
                {"code": one.code, "text": one.text, "advice": one.advice}
                for one in self.findings
            ],
        }


def report_page(subject):
    """Return the whole page as HTML."""
    return report_of(subject).html


def report_of(subject):
    """Return the Report on a model."""
    subject = with_arrays(subject)
    net = learner(subject.model)
    if not hasattr(net, "classes_"):
        evaluate = evaluate_numbers
    else:
        evaluate = evaluate_labels if net._target.multilabel else evaluate_classes
    found = evaluate(subject)
    findings, notes = findings_of(subject)
    findings = [*findings, *found.findings]
    judged, remark = judged_models(subject)
    sections = [
        ("Diagnosis", diagnosis(findings, notes)),
        ("Training", training(net)),
        *found.sections,
        *by_column(subject),
        ("The network", describe(subject, net)),
    ]
    body = "".join(
        f'<section id="{anchor(title)}">\n<h2>{title}</h2>\n{html}</section>\n'
        for title, html in sections
    )
    links = " ".join(f'<a href="#{anchor(title)}">{title}</a>' for title, _ in sections)
    top = header(subject, net) + f'<p class="verdict">{found.verdict}</p>\n'
    top += beside_baselines(subject, judged, remark) + show_tiles(found.tiles)
    top += f'<nav aria-label="Sections">{links}</nav>\n'
    title = f"{subject.model_file} on {subject.data_file}"
    html = page(
        title,
        f"<main>\n{top}{body}</main>\n{footer(subject)}",
        style=asset(__package__, "report.css"),
    )
    return Report(html, subject, judged, findings)


def with_arrays(subject):
    """Return the subject with y as arrays, and a name for each class or label."""
    X, y = subject.rows[0], np.asarray(subject.rows[1])
    train = subject.train and (subject.train[0], np.asarray(subject.train[1]))
    net, names = learner(subject.model), subject.names
    if names is None and hasattr(net, "classes_"):
        names = [str(one) for one in net.classes_]
    if hasattr(net, "classes_") and not net._target.multilabel:
        check_known(subject.data_file, y, net.classes_)
    words, m = subject.words, len(X)
    if not words:
        words = f"the {subject.part} set of {subject.data_file}, {m:,} "
        words += "row" if m == 1 else "rows"
    return subject._replace(rows=(X, y), train=train, names=names, words=words)


def by_column(subject):
    """Return the sections on single columns of a table; none for images."""
    if not is_table(subject.rows[0]):
        return []
    found = importance_of(subject)
    sections = [("Importance", show_importance(found, subject))]
    if found is not None:
        sections.append(("Effects", effects(found, subject)))
    return sections


def anchor(title):
    """Return the id of a section, for links."""
    return title.lower().replace(" ", "-")


def header(subject, network):
    """Return the head of the page: model, rows, and a note if some are trained on."""
    text = f"Judged by {escape(subject.words)}."
    warning = ""
    if subject.part == "train":
        warning = (
            '<p class="note">Where the model has learned from these rows, the figures '
            "flatter it: they do not say how it does on new ones.</p>\n"
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


def describe(subject, network):
    """Return the steps with their changed parameters, the facts and the layers."""
    from ...inspection._summary import summary

    items = "".join(
        f"<li><code>{type(step).__name__}({escape(changed_text(step))})</code></li>\n"
        for _, step in own_steps(subject.model)
    )
    values = facts(network, subject.output, None)
    if subject.names is not None:
        values["classes"] = subject.names
    pairs = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>\n"
        for name, text in texts_of(values).items()
    )
    whole = last_step(subject.model) is network  # no TransformedTargetRegressor
    layers = summary(subject.model if whole else network)._repr_html_()
    return (
        f"<p>Its steps, with the parameters that differ from the defaults:</p>\n"
        f'<ol class="steps">\n{items}</ol>\n<dl class="facts">\n{pairs}</dl>\n'
        f'<div class="wide layers">{layers}</div>\n'
    )
