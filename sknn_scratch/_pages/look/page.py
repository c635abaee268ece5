"""The page of `sknn-scratch play MODEL.h5`, made from a fitted model and rows."""

from typing import NamedTuple

import numpy as np
from sklearn.base import BaseEstimator

from ..._estimators.access import names_before_network
from ..._html.page import as_json_element, asset, page
from ...export._javascript import to_javascript
from ...export._network import Exported
from ...export._table import ExportedTable, takes_rows_of_numbers
from ...export._table_javascript import table_to_javascript
from .columns import columns_of
from .pictures import first_of, picture_of
from .rows import MOST_READ, rows_of_pictures, rows_of_table, spaced, values_at

MODEL_BYTES = 60_000_000  # of the model in the page, at most
DRAWING = f"{__package__.rpartition('.')[0]}.play"  # whose page draws, too
SCRIPTS = ["layers", "answer", "picture", "occlusion", "columns", "effect", "look"]
EXPOSED = """
window.model = {
  activations,
  outputs: typeof predictProba === "undefined" ? predict : predictProba,
  interval: typeof predictInterval === "undefined" ? null : predictInterval,
};
"""


class Subject(NamedTuple):
    """What the page is about.

    Attributes
    ----------
    model : estimator
        A fitted model.
    model_file : str
        Its file, without folders.
    names : list of str or None
        Names of the classes; None takes `classes_`.
    target : str or None
        Name of what it predicts.
    data_file : str or None
    X : data frame, ndarray of shape (m, ...) or None
        Rows to choose from, as the model takes them.
    truth : list or None
        True answers of these rows; None where one is not known.
    columns : list of str or None
        Names of the columns where the model knows none.
    """

    model: BaseEstimator
    model_file: str
    names: list | None = None
    target: str | None = None
    data_file: str | None = None
    X: object = None
    truth: list | None = None
    columns: list | None = None


def look_page(subject):
    """Return the page that looks into a model, as HTML.

    Raises
    ------
    ValueError
        If the model cannot be exported to JavaScript, or takes pictures of 2 channels.
    """
    exported, module, inputs = exported_model(subject)
    content = {
        "file": subject.model_file,
        "data": subject.data_file,
        "name": exported.name,
        "target": subject.target,
        "networks": len(getattr(exported, "members", [None])),
        "units": [*exported.n[:-1], exported.n_outputs],
        "kind": kind_of(exported),
        "outputs": output_names(exported, subject.target),
        "quantiles": bool(getattr(exported, "quantiles", None)),
        "activations": [name for name, *_ in exported.formulas],
        "features": feature_names(subject.model, exported.n[0]),
        **inputs_content(subject, inputs),
    }
    body = asset(__package__, "look.html") + as_json_element("look", content)
    scripts = [asset(DRAWING, "draw.js")]
    scripts += [asset(__package__, f"{name}.js") for name in SCRIPTS]
    return page(
        f"{subject.model_file}: look into a model",
        body,
        style=asset(DRAWING, "play.css") + asset(__package__, "look.css"),
        modules=[module + EXPOSED, "\n".join(scripts)],
    )


def exported_model(subject):
    """Return the exported model, its module, and how it reads the columns, or None."""
    model, names = subject.model, subject.names
    if takes_rows_of_numbers(model):
        exported, inputs = Exported(model, names), None
        module = to_javascript(model, class_names=names)
    else:
        exported = ExportedTable(model, names)
        inputs, module = exported.program, table_to_javascript(exported)
    if len(module) > MODEL_BYTES:
        raise ValueError(
            f"the model must take at most {MODEL_BYTES / 1e6:.0f} MB in a page, got "
            f"{len(module) / 1e6:.0f} MB."
        )
    return exported, module, inputs


def kind_of(exported):
    """Return what the outputs are: probabilities of classes or labels, or numbers."""
    if exported.classes is None:
        return "numbers"
    return "labels" if exported.kind == "multilabel" else "classes"


def output_names(exported, target):
    """Return a name for each output."""
    if exported.classes is not None:
        return [*map(str, exported.classes)]
    name = target or "prediction"
    quantiles = getattr(exported, "quantiles", None)
    if quantiles:
        return [f"{name}, level {level:g}" for level in quantiles]
    if exported.n_outputs == 1:
        return [name]
    return [f"{name} {k}" for k in range(1, exported.n_outputs + 1)]


def feature_names(model, n):
    """Return the names of the n numbers that the first layer takes, or None."""
    try:
        if hasattr(model, "encoder_"):
            names = model.encoder_.get_feature_names_out()
        else:
            names = names_before_network(model)
    except TypeError:  # a TransformedTargetRegressor, which is no network
        return None
    return None if names is None or len(names) != n else [*map(str, names)]


def inputs_content(subject, program):
    """Return what can be set in the page: a picture, or columns; and rows."""
    X, picture = subject.X, picture_of(subject.model, subject.X)
    if picture is not None:
        rows = None if X is None else rows_of_pictures(np.asarray(X), subject.truth)
        notes = [picture.note] if picture.note else []
        return {
            "picture": picture._asdict(),
            "features": None,
            "rows": rows,
            "notes": notes,
        }
    names = column_names(subject, program)
    read = None if X is None else spaced(len(X), MOST_READ)
    columns, notes = columns_of(
        subject.model,
        names,
        None if program is None else program.inputs,
        None if X is None else lambda place: values_at(X, place, read),
    )
    places = [column["place"] for column in columns]
    return {
        "picture": None,
        "plain": program is None,
        "columns": columns,
        "width": len(names),
        "rows": None if X is None else rows_of_table(X, subject.truth, places),
        "notes": notes,
    }


def column_names(subject, program):
    """Return the names of all columns."""
    if program is not None:
        return program.columns
    first = first_of(subject.model)
    unnamed = [f"x{j}" for j in range(1, first.n_features_in_ + 1)]
    return [*map(str, getattr(first, "feature_names_in_", subject.columns or unnamed))]
