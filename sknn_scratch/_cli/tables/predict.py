"""Predict the rows of a table with a saved model."""

import os
from dataclasses import dataclass, field

import numpy as np

from ..._storage.texts import printable
from ..readers.labels import is_number, short
from .columns import ID_NAME, check_names, listed, plural, rounded
from .files import read_table
from .newrows import converted, known_columns, names_of_texts
from .task import CLASSIFICATION, FEWEST_ROWS, REGRESSION, hold_out, known_answers

FORMULA = "=+-@＝＋－＠"  # with which a formula begins in a spreadsheet
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

    def as_dict(self):
        """Return what JSON takes."""
        known = self.frame.astype(object).replace([np.nan, np.inf, -np.inf], None)
        return {
            "predictions": known.to_dict("records"),
            "scores": self.scores,
            "judged_rows": self.n_known,
            "notes": self.notes,
        }


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


def split_again(stored, path, *, dates=None, **reading):
    """Return X, y of the rows that trained a model, X, y of those held out, and notes.

    Parameters
    ----------
    stored : StoredModel
    path : str or path-like
        The file that `train_on_table` read, without a file of test rows.
    dates, **reading
        As in `predict_table`.
    """
    path, classes = os.fsdecode(path), classes_of(stored.model)
    target = getattr(stored, "target_name", None)
    frame, X, notes = read_rows(stored, path, dates, reading)
    y, rows = known_answers(frame, target, classes, stored.class_names)
    if len(y) < FEWEST_ROWS:
        raise ValueError(
            f"{path} must have at least {FEWEST_ROWS} rows with a "
            f"{short(str(target))}, got {len(y)}."
        )
    train, test = hold_out(y, REGRESSION if classes is None else CLASSIFICATION)
    X_train, X_test = (rows_of(X, rows[part]) for part in (train, test))
    return X_train, y[train], X_test, y[test], notes


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


# -- output ----------------------------------------------------------------------------


def texts_of(frame):
    """Return the cells of predictions as texts for a printed table."""
    return [
        [rounded(v) if isinstance(v, float) else str(v) for v in row]
        for row in frame.itertuples(index=False)
    ]


def write_csv(frame, out):
    """Write predictions as CSV to a path or an open file.

    No cell of a text begins a formula in a spreadsheet.
    """
    safe = frame.rename(columns=as_cell)
    for name in safe.columns:
        if safe[name].dtype.kind not in "biuf":
            safe[name] = [as_cell(value) for value in safe[name]]
    safe.to_csv(out, index=False, lineterminator="\n")


def as_cell(value):
    """Return a text that no spreadsheet takes for a formula; a number as it is."""
    if not isinstance(value, str):
        return value
    text = printable(value)
    formula = text[:1] in FORMULA and len(text) > 1 and not is_number(text)
    return f"'{text}" if formula else text
