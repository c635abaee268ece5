"""Predict the rows of a table with a saved model."""

import os
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from ..readers.labels import short
from .columns import ID_NAME, check_names, listed, plural, rounded
from .files import read_table
from .newrows import converted, known_columns, names_of_texts
from .task import CLASSIFICATION, FEWEST_ROWS, REGRESSION, hold_out, known_answers

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
        Number of rows whose answer is known.
    """

    frame: object
    notes: list = field(default_factory=list)
    scores: dict = field(default_factory=dict)
    n_known: int = 0


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
    out = {ROW: np.arange(1, len(frame) + 1)}
    out |= {name: frame[name].to_numpy() for name in ids}
    out |= columns_of(model, X, stored.class_names, coverage, target)
    done = Predictions(type(frame)(out), notes)
    judge(done, stored, X, frame, target)
    return done


def rows_for(path, frame, model, known=None, target=None, dates=None):
    """Return the rows of a data frame as a fitted model takes them, and notes.

    A model that knows no names gets all columns but the target, in their order.
    """
    from ..._estimators.access import input_shape

    known = known or known_columns(model)
    if known is not None:
        return converted(path, frame, known, dates)
    rest = frame.drop(columns=[target], errors="ignore")
    wanted = int(np.prod(input_shape(model)))
    if rest.shape[1] != wanted:
        raise ValueError(
            f"{path} must have {plural(wanted, 'column')} like the training, got "
            f"{rest.shape[1]}."
        )
    try:
        return rest.to_numpy(dtype=float).reshape(-1, *input_shape(model)), []
    except ValueError:
        raise ValueError(f"{path} must hold numbers in all columns.") from None


class TableParts(NamedTuple):
    """The rows of a table with known answers, for the judgement of a model.

    Attributes
    ----------
    rows, train : (X, y)
        Rows that judge, and those of the training; None where they are not known.
    part : {"test", "train"}
        What `rows` were in the training.
    of_training : bool
        Whether the table is the one of the training.
    notes : list of str
    """

    rows: tuple
    train: tuple | None
    part: str
    of_training: bool
    notes: list


def parts_of_table(stored, path, *, dates=None, **reading):
    """Return the TableParts of a file.

    The table of the training is parted as `train` has done: the rows that it trains on
    are known by what the encoder has learned of them.

    Parameters
    ----------
    stored : StoredModel
    path : str or path-like
    dates, **reading
        As in `predict_table`.
    """
    path, classes = os.fsdecode(path), classes_of(stored.model)
    target = stored.target_name
    frame, X, notes = read_rows(stored, path, dates, reading)
    y, rows = known_answers(frame, target, classes, stored.class_names)
    if len(y) < 2:
        raise ValueError(
            f"{path} must have rows with a {short(str(target))} to judge by, got "
            f"{len(y)}."
        )
    X, trained = rows_of(X, rows), rows_of_training(stored.model)
    if trained == len(y):
        return TableParts((X, y), (X, y), "train", True, notes)
    train = test = ()
    if len(y) >= FEWEST_ROWS:
        task = REGRESSION if classes is None else CLASSIFICATION
        train, test = hold_out(y, task)
    if len(test) and len(train) == trained:
        learned = rows_of(X, train)
        if has_learned(stored.model, learned):
            held_out = rows_of(X, test), y[test]
            return TableParts(held_out, (learned, y[train]), "test", True, notes)
        notes.append(
            f"{path} has as many rows as the table of the training, but others, or in "
            "another order: which of them were held out is not known."
        )
        return TableParts((X, y), None, "train", False, notes)
    return TableParts((X, y), None, "test", False, notes)


def has_learned(model, X):
    """Return whether the encoder of a model was fitted to these rows.

    An encoder that is fitted to them now has the same medians, edges and levels then.
    """
    from sklearn.base import clone

    from ..._estimators.access import first_step
    from ...preprocessing import TableEncoder

    first = first_step(model)
    encoder = getattr(first, "encoder_", first)
    if not isinstance(encoder, TableEncoder):
        return False
    again = clone(encoder).fit(X)
    return np.array_equal(encoder._read(X), again._read(X), equal_nan=True)


def rows_of_training(model):
    """Return how many rows a model was trained on."""
    from ...hdf5._model_format import predictor_of

    net = predictor_of(model)
    for name in ("oof_decision_function_", "oof_prediction_"):
        if hasattr(net, name):
            return len(getattr(net, name))
    return round(net.t_ / max(1, np.max(net.n_iter_)))


def read_rows(stored, path, dates, reading, ids=()):
    """Return the data frame of a file, its rows as a model takes them, and notes."""
    model, target = stored.model, getattr(stored, "target_name", None)
    known = known_columns(model)
    texts = names_of_texts(known or (), classes_of(model), target) | {*ids}
    frame, notes = read_table(path, **reading | {"texts": texts})
    check_names("--id", ids, frame)
    X, more = rows_for(path, frame, model, known, target, dates)
    return frame, X, [*notes, *more]


def classes_of(model):
    """Return the classes of a classifier, None of a regressor."""
    from sklearn.base import is_classifier

    return model.classes_ if is_classifier(model) else None


def rows_of(X, rows):
    """Return some rows of a data frame or an array."""
    return X.iloc[rows] if hasattr(X, "iloc") else X[rows]


def unused(path, frame, X, target, ids):
    """Return a note on columns that the model does not know."""
    known = {*getattr(X, "columns", frame.columns), target, *ids}
    others = [name for name in frame.columns if name not in known]
    if not others:
        return []
    one = [name for name in others if ID_NAME.fullmatch(name) and " " not in name][:1]
    way = f" (--id {one[0]} copies it)" if one else ""
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


def judge(done, stored, X, frame, target):
    """Add the scores of the rows whose answer is known."""
    from ...inspection._baselines import scores_of

    y, rows = known_answers(frame, target, classes_of(stored.model), stored.class_names)
    if len(y):
        scores = scores_of(stored.model, rows_of(X, rows), y)
        done.scores, done.n_known = scores, len(y)


def scores_in_words(done, target):
    """Return a sentence on the scores; "" without any."""
    if not done.scores:
        return ""
    scores = ", ".join(
        f"{name} {rounded(value)}" for name, value in done.scores.items()
    )
    rows = plural(done.n_known, "row")
    return f"Judged by {short(target)} of {rows}: {scores}."
