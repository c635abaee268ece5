"""The rows of a table that judge a model: those that it was not trained on."""

import os
from typing import NamedTuple

import numpy as np

from ..readers.labels import short
from .columns import is_id, is_index, plural, read_column
from .newrows import classes_of, read_rows, rows_of
from .seen import encoder_of, fingerprints, places_in
from .task import CLASSIFICATION, FEWEST_ROWS, REGRESSION, hold_out, known_answers

DISTINCT = 0.9  # part of the training's rows: with fewer, new rows are like old ones
MOST_IDS = 3  # columns


class Judging(NamedTuple):
    """Which rows judge a model, by their places in X.

    Attributes
    ----------
    judged : ndarray of int
    train : ndarray of int or None
        All rows of the training, in the order of `fit`; None where X lacks some.
    n_trained : int or None
        How many rows of X the model was trained on; None where that is not known.
    n_rows : int
        The rows of X.
    alike : bool
        Whether rows of the training repeat, so that new ones may be equal to some.
    """

    judged: np.ndarray
    train: np.ndarray | None
    n_trained: int | None
    n_rows: int
    alike: bool = False

    @property
    def flatters(self):
        """Return whether rows of the training are among those that judge."""
        return bool(self.n_trained) and self.n_trained + len(self.judged) > self.n_rows


def judging(stored, X, y):
    """Return the Judging of a stored model by rows of known answers.

    Rows of the training are recognised by their fingerprints. A model that has none
    knows only how many they were: a table of as many rows is parted as by `train`.
    """
    known = stored.training_rows
    prints = None if known is None else fingerprints(stored.model, X, y)
    if prints is None:
        return judging_by_count(stored.model, X, y)
    places = places_in(prints, known)
    seen, new = np.flatnonzero(places >= 0), np.flatnonzero(places < 0)
    whole = len(seen) == len(known)
    train = seen[np.argsort(places[seen])] if whole else None
    alike = len(np.unique(known)) < DISTINCT * len(known)
    enough = len(new) and (whole or (len(new) >= FEWEST_ROWS and not alike))
    judged = new if enough else np.arange(len(y))
    return Judging(judged, train, len(seen), len(y), alike and not whole)


def judging_by_count(model, X, y):
    """Return the Judging of a model without fingerprints."""
    rows, trained = np.arange(len(y)), rows_of_training(model)
    if trained == len(y) and (encoder_of(model) is None or has_learned(model, X)):
        return Judging(rows, rows, len(y), len(y))
    if len(y) >= FEWEST_ROWS:
        task = CLASSIFICATION if hasattr(model, "classes_") else REGRESSION
        train, test = hold_out(y, task)
        if len(train) == trained and has_learned(model, rows_of(X, train)):
            return Judging(test, train, len(train), len(y))
    return Judging(rows, None, None, len(y))


def in_words(found, path):
    """Return the rows of a Judging in words."""
    n, of = found.n_trained, f"{plural(found.n_rows, 'row')} of {path}"
    if n is None:
        return f"all {of}; whether it was trained on some of them is not known"
    if n == 0:
        return f"all {of}; it was trained on none of them"
    if not found.flatters:
        return f"the {len(found.judged):,} of {of} that it was not trained on"
    if found.alike:
        words = f"{n:,} of them are equal to rows that it was trained on"
        return f"all {of}; {words}: the figures may flatter it"
    return f"all {of}; it was trained on {n:,} of them: the figures flatter it"


class TableParts(NamedTuple):
    """The rows of a table with known answers, for the report on a model.

    Attributes
    ----------
    rows, train : (X, y)
        Rows that judge, and those of the training; None where they are not known.
    part : {"test", "train"}
        "train" if rows of the training are, or may be, among those that judge.
    words : str
        The rows that judge, in words.
    numbers : ndarray of int
        The rows that judge by their numbers in the file, from 1 on.
    ids : dict of str to ndarray
        Columns that tell these rows apart, which the model does not use.
    notes : list of str
    """

    rows: tuple
    train: tuple | None
    part: str
    words: str
    numbers: np.ndarray
    ids: dict
    notes: list


def parts_of_table(stored, path, *, dates=None, **reading):
    """Return the TableParts of a file.

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
    ids = columns_of_ids(frame, {*getattr(X, "columns", frame.columns), target})
    X = rows_of(X, rows)
    found = judging(stored, X, y)
    judged, train = found.judged, found.train
    return TableParts(
        rows=(rows_of(X, judged), y[judged]),
        train=None if train is None else (rows_of(X, train), y[train]),
        part="test" if found.n_trained is not None and not found.flatters else "train",
        words=in_words(found, os.path.basename(path)),
        numbers=rows[judged] + 1,
        ids={name: values[rows[judged]] for name, values in ids.items()},
        notes=notes,
    )


def columns_of_ids(frame, used):
    """Return {name: values} of the first columns that `train` leaves out as ids."""
    found = {}
    for name in frame.columns:
        if name in used or len(found) == MOST_IDS:
            continue
        column = read_column(name, frame[name])
        if is_id(column) or is_index(column):
            found[name] = frame[name].to_numpy(dtype=object)
    return found


def has_learned(model, X):
    """Return whether the encoder of a model was fitted to these rows.

    An encoder that is fitted to them now has the same medians, edges and levels then.
    """
    from sklearn.base import clone

    encoder = encoder_of(model)
    if encoder is None:
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
