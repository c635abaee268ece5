"""Train a model on a table, judge it on rows held out, and save it."""

import os
import time
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..advice import for_command_line
from ..console import (
    note,
    short_warnings,
    stop_on_ctrl_c,
    told_of_epochs,
    working,
)
from ..output import check_can_write
from ..readers.labels import short
from .columns import decide, kept_columns, notes_of, unknown
from .files import read_table
from .models import clearly_less, losses_out_of_fold, make_table_model, tabular
from .newrows import converted, known_of_values, names_of_texts
from .seen import fingerprints
from .task import CLASSIFICATION, hold_out, known_answers, read_target
from .trained import Trained


@dataclass
class TrainingTable:
    """A table ready to train on.

    Attributes
    ----------
    X : pandas.DataFrame
        The columns that are kept, of the rows that have an answer.
    target : Target
    decisions : list of Decision
    notes : list of str
    """

    X: object
    target: object
    decisions: list
    notes: list


def training_table(
    source, *, target=None, task=None, drop=(), keep=(), dates=None, **reading
):
    """Return the TrainingTable of a file.

    Parameters
    ----------
    source : str or path-like
    target, task : str, default=None
        As in `read_target`.
    drop, keep, dates
        As in `decide`.
    **reading
        Keywords of `read_table`.
    """
    source = os.fsdecode(source)
    frame, notes = read_table(source, **reading)
    found = read_target(source, frame, target, task)
    frame = frame.iloc[found.rows].reset_index(drop=True)
    decisions = decide(frame, target=found.name, drop=drop, keep=keep, dates=dates)
    X = kept_columns(decisions)
    notes = [*notes, *found.notes, *notes_of(decisions)]
    return TrainingTable(X, found, decisions, notes)


def train_on_table(
    source,
    *,
    target=None,
    task=None,
    drop=(),
    keep=(),
    dates=None,
    test=None,
    model="tabular",
    out="model.h5",
    given=None,
    all_rows=False,
    console=None,
    tell=print,
    **reading,
):
    """Train on a file, save the model and return it as Trained.

    Parameters
    ----------
    source : str or path-like
        A table, as `read_table` takes it.
    target : str, default=None
        The column to predict.
    task : {"classification", "regression"}, default=None
    drop, keep : collection of str, default=()
        Columns to leave out, and to take whatever they look like.
    dates : {"day-first", "month-first"}, default=None
        Order in texts such as 03/04/2020.
    test : str, default=None
        A table to judge by; None holds out a fifth of the rows.
    model : str, default="tabular"
        A name of MODELS.
    out : str or None, default="model.h5"
        The file to write; None writes none.
    given : dict of str to (str, object), default=None
        Flags and values of parameters of the model.
    all_rows : bool, default=False
        Whether the model that is saved is trained on all rows once it is judged.
    console : rich.console.Console, default=None
    tell : callable, default=print
        Is called with each note as soon as it is known.
    **reading
        Keywords of `read_table`.
    """
    from ..._estimators.access import last_step

    table = training_table(
        source, target=target, task=task, drop=drop, keep=keep, dates=dates, **reading
    )
    estimator = make_table_model(model, table.target.task, given or {})
    if out is not None:
        check_can_write(out, [source, test])
    parts = parted(table, test, dates, reading)
    for text in table.notes:
        tell(text)
    files = {"source": os.fsdecode(source), "test": test, "out": out}
    models = {type(last_step(estimator)).__name__: estimator}
    return train_parts(models, table, parts, console, all_rows=all_rows, **files)


def train_parts(models, table, parts, console, *, source, test, out, all_rows=False):
    """Fit estimators to the rows that train, save one, judge; return the Trained.

    Parameters
    ----------
    models : dict of str to estimator
        By the names in the table of scores. The first one is saved, unless one after
        it, an ensemble too, has a clearly lower loss out of fold.
    table : TrainingTable
    parts : Parts
    console : rich.console.Console or None
    source, test, out : str or None
        Files of the table, of the rows that judge, and of the model.
    all_rows : bool, default=False
        Whether the best is trained on all rows of the table in the end.
    """
    done = Trained(
        source=source,
        out=out,
        target=table.target.name,
        task=table.target.task,
        n_train=len(parts.y),
        n_test=len(parts.y_test),
        columns=[*table.X.columns],
        test=test,
        notes=table.notes,
    )
    trained, warned = [], {}
    for name, model in models.items():
        told = warned.setdefault(name, [])
        seconds = fit_and_save(done, name, model, parts, console, told.append)
        if seconds is not None:
            trained.append((name, model, seconds))
        if done.interrupted:
            break
    trained.sort(key=lambda one: one[0] != done.name)  # the saved one first
    judge(done, trained, parts, console)
    if not done.interrupted:
        diagnosed(done, parts, console)
    if all_rows and not done.interrupted:
        train_on_all(done, table, console)
    for warning in warned[done.name]:
        if not contradicts(warning, done.findings):
            note(for_command_line(str(warning)))
    return done


def fit_and_save(done, name, model, parts, console, warn):
    """Fit a model, save it if it is the best so far; return the seconds of the fit.

    It is saved before it is judged: Ctrl-C then loses nothing. Ctrl-C before its first
    epoch is over returns None, if there is another model.
    """
    from sklearn.base import is_classifier

    try:
        stopped, seconds = fit(model, name, parts.X, parts.y, console, warn)
    except KeyboardInterrupt:
        if done.model is None:
            raise
        done.interrupted = True
        return None
    done.interrupted |= stopped
    if done.model is not None and stopped:  # fewer members are no fair comparison
        return seconds
    losses = losses_out_of_fold(model, parts.y) if tabular(model) else None
    if losses is not None:
        mean = float(np.nanmean(losses))
        done.out_of_fold[name] = mean if is_classifier(model) else np.sqrt(mean)
    if done.model is None or clearly_less(losses, done.losses):
        done.model, done.name, done.losses = model, name, losses
        if done.out is not None:
            with stop_on_ctrl_c() as pressed:
                save(model, done.out, done.target, parts)
                done.interrupted |= pressed()
    return seconds


def contradicts(warning, findings):
    """Return whether a warning asks for more training of a model that learned too much.

    `fit` has seen no rows that were held out, `diagnose` has.
    """
    from sklearn.exceptions import ConvergenceWarning

    codes = {finding.code for finding in findings}
    return isinstance(warning, ConvergenceWarning) and "overfitting" in codes


def diagnosed(done, parts, console):
    """Add what `diagnose` finds; Ctrl-C leaves it out."""
    from ...inspection import diagnose

    val = {"X_val": parts.X_test, "y_val": parts.y_test}
    try:
        with working(console, "Looking for faults"):
            done.findings = [*diagnose(done.model, parts.X, parts.y, **val)]
    except KeyboardInterrupt:
        done.interrupted = True


def train_on_all(done, table, console):
    """Train a copy of the judged model on all rows and save it.

    Ctrl-C leaves the judged one.
    """
    from sklearn.base import clone

    model, name = clone(done.model), f"{done.name} on all rows"
    try:
        done.interrupted, _ = fit(
            model, name, table.X, table.target.y, console, lambda warning: None
        )
    except KeyboardInterrupt:
        done.interrupted = True
    if done.interrupted:
        return
    if done.out is not None:
        everything = Parts(table.X, table.target.y, None, None)
        save(model, done.out, done.target, everything)
    done.model, done.on_all_rows = model, True


class Parts(NamedTuple):
    """Rows that train and rows that judge, with their answers."""

    X: object
    y: np.ndarray
    X_test: object
    y_test: np.ndarray


def parted(table, test, dates, reading):
    """Return the Parts of a TrainingTable: a fifth judges, or another file does."""
    X, y = table.X, table.target.y
    if test is None:
        train, held_out = hold_out(y, table.target.task)
        return Parts(X.iloc[train], y[train], X.iloc[held_out], y[held_out])
    known = [known_of_values(d.column) for d in table.decisions if d.kept]
    name, classes = table.target.name, None
    if table.target.task == CLASSIFICATION:
        classes = np.unique(y)
    texts = names_of_texts(known, classes, name)
    frame, notes = read_table(test, **reading | {"texts": texts})
    X_test, more = converted(test, frame, known, dates)
    y_test, rows = known_answers(frame, name, classes)
    if name not in frame.columns:
        raise ValueError(
            f"{test} must have the target {short(name)} to judge by, got "
            f"{unknown(name, frame)}"
        )
    if not len(y_test):
        raise ValueError(f"{test} must have answers in {short(name)}, got none.")
    table.notes += [*notes, *more]
    return Parts(X, y, X_test.iloc[rows], y_test)


def fit(estimator, name, X, y, console, warn):
    """Fit; return whether Ctrl-C ended it, and the seconds; `warn` takes the warnings.

    Ctrl-C leaves what is learned by then. Before the first epoch is over it is raised.
    """
    from ..._estimators.access import is_fitted

    start, interrupted = time.perf_counter(), False
    with (
        working(console, f"Training {name}") as say,
        told_of_epochs(say),
        short_warnings(warn),
    ):
        try:
            estimator.fit(X, y)
        except KeyboardInterrupt:
            if not is_fitted(estimator):
                raise
            interrupted = True
    return interrupted, time.perf_counter() - start


def judge(done, trained, parts, console):
    """Add the scores of models, and of simple ones trained on the same rows.

    `trained` are (name, model, seconds). Ctrl-C leaves the scores that there are.
    """
    from threadpoolctl import threadpool_limits

    try:
        from ...inspection._baselines import Judged, judged_baselines, scores_of

        with working(console, "Predicting the rows held out"):
            for name, model, seconds in trained:
                scores = scores_of(model, parts.X_test, parts.y_test)
                done.judged.append(Judged(name, scores, seconds))
        # as the members, by one thread: those of OpenMP wait for each other where
        # another program has the cores, 20 times as long (measured)
        with (
            working(console, "Training what it is compared with"),
            threadpool_limits(1, "openmp"),
        ):
            classifier = done.task == CLASSIFICATION
            done.judged += judged_baselines(*parts, classifier=classifier)[::-1]
    except KeyboardInterrupt:
        done.interrupted = True


def save(model, out, target, parts):
    """Write the model to a file, with what it predicts and which rows it has seen."""
    from ...hdf5._models import write_model

    rows = fingerprints(model, parts.X, parts.y)
    write_model(model, out, target_name=target, training_rows=rows)
