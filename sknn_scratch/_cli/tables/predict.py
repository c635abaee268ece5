"""Predict the rows of a table with a saved model."""

import os
from dataclasses import dataclass, field

import numpy as np

from ..readers.labels import short
from .columns import ID_NAME, listed, rounded
from .judging import in_words, judging
from .newrows import classes_of, read_rows, rows_of
from .task import known_answers

ROW = "row"
COVERAGE = 0.9


@dataclass
class Predictions:
    """The predictions of the rows of a table.

    Attributes
    ----------
    frame : pandas.DataFrame
        A line for each row: its number from 1 and the columns that were asked for,
        then the class and the probability of each, or the number and its interval.
    notes : list of str
    scores : dict of str to float
        As `scores_of` names them; empty where no answer is known.
    n_known : int
        Number of rows that judge.
    n_trained : int or None
        How many of the rows with a known answer the model was trained on; None where
        that is not known.
    judged_by : str
        The rows that judge, in words.
    """

    frame: object
    notes: list = field(default_factory=list)
    scores: dict = field(default_factory=dict)
    n_known: int = 0
    n_trained: int | None = None
    judged_by: str = ""


def predict_table(stored, path, *, ids=(), coverage=COVERAGE, dates=None, **reading):
    """Return the Predictions of a file.

    Parameters
    ----------
    stored : StoredModel
        A model with the name of its target, as `read_model` returns it.
    path : str or path-like
        A table, as `read_table` takes it.
    ids : collection of str, default=()
        Columns of the table to be copied beside the predictions.
    coverage : float, default=0.9
        Probability that an interval holds the number.
    dates : {"day-first", "month-first"}, default=None
        Order in texts such as 03/04/2020.
    **reading
        Keywords of `read_table`.

    Raises
    ------
    ValueError
        If the table lacks a column of the training, or one holds something else.
    """
    path, model = os.fsdecode(path), stored.model
    target = getattr(stored, "target_name", None)
    frame, X, notes = read_rows(stored, path, dates, reading, ids)
    notes += unused(path, frame, X, target, ids)
    numbers = {ROW: np.arange(1, len(frame) + 1)}
    copied = {name: frame[name].to_numpy() for name in ids}
    predicted = columns_of(model, X, stored.class_names, coverage, target)
    for name in copied:
        if name in numbers or name in predicted:
            raise ValueError(
                f"--id must not name a column like one of the predictions, got "
                f"{short(name)}; rename it in {path}."
            )
    done = Predictions(type(frame)(numbers | copied | predicted), notes)
    judge(done, stored, path, frame, X)
    return done


def unused(path, frame, X, target, ids):
    """Return a note on columns that the model does not know."""
    known = {*getattr(X, "columns", frame.columns), target, *ids}
    others = [name for name in frame.columns if name not in known]
    if not others:
        return []
    one = [name for name in others if ID_NAME.fullmatch(name) and " " not in name][:1]
    way = f" (--id {one[0]} copies {short(one[0])})" if one else ""
    return [f"The model does not use {listed(others, 12)} of {path}{way}."]


# -- predictions -----------------------------------------------------------------------


def columns_of(model, X, class_names, coverage, target):
    """Return {name: values (m,)} of what a model predicts."""
    if hasattr(model, "predict_proba"):
        return of_classes(model, X, class_names)
    name = f"predicted {target}" if target else "predicted"
    found = np.asarray(model.predict(X))
    if found.ndim == 2:
        return {f"{name} {k}": column for k, column in enumerate(found.T, start=1)}
    out = {name: found}
    if hasattr(model, "predict_interval"):
        percent = f"{100 * coverage:g} %"
        ends = model.predict_interval(X, coverage=coverage)
        for end, values in zip(("low", "high"), ends.T, strict=True):
            out[f"{end} {percent}"] = values
    return out


def of_classes(model, X, class_names):
    """Return the class of each row, and the probability of each class."""
    from ...hdf5._models import name_of

    P = model.predict_proba(X)
    names = [name_of(label, class_names) for label in model.classes_]
    if np.ndim(model.predict(X[:1])) == 2:  # several labels a row
        found = ["+".join(np.array(names)[p > 0.5]) or "-" for p in P]
    else:
        found = np.array(names, dtype=object)[P.argmax(axis=1)]
    shares = {f"P({name})": p for name, p in zip(names, P.T, strict=True)}
    return {"class": found} | shares


def judge(done, stored, path, frame, X):
    """Add the scores of the rows whose answer is known, of unseen ones if possible."""
    from ...inspection._baselines import scores_of

    classes = classes_of(stored.model)
    y, rows = known_answers(frame, stored.target_name, classes, stored.class_names)
    if not len(y):
        return
    X = rows_of(X, rows)
    found = judging(stored, X, y)
    judged = found.judged
    done.scores = scores_of(stored.model, rows_of(X, judged), y[judged])
    done.n_known, done.n_trained = len(judged), found.n_trained
    done.judged_by = in_words(found, path)


def scores_in_words(done, target):
    """Return a sentence on the scores; "" without any."""
    if not done.scores:
        return ""
    scores = ", ".join(
        f"{name} {rounded(value)}" for name, value in done.scores.items()
    )
    return f"Judged by {short(target)}: {scores}, on {done.judged_by}."
