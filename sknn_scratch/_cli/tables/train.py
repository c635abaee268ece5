"""Train a model on a table, judge it on rows held out, and save it."""

import os
import time
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from ..console import (
    note,
    print_table,
    short_warnings,
    stop_on_ctrl_c,
    told_of_epochs,
    working,
)
from ..output import check_can_write
from ..readers.labels import short
from .columns import decide, kept_columns, notes_of, plural, rounded, unknown
from .files import read_table
from .models import make_table_model
from .newrows import converted, known_of_values, names_of_texts
from .seen import fingerprints
from .task import CLASSIFICATION, hold_out, known_answers, read_target


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


@dataclass
class Trained:
    """A model trained on a table, and how good it is.

    Attributes
    ----------
    source, out : str
        Files of the table and of the model.
    target, task : str
    model : estimator
        Fitted to `n_train` rows.
    n_train, n_test : int
    findings : list of Finding
        What `diagnose` says of the training.
    judged : list of Judged
        The model, then what it is compared with, on the same `n_test` rows.
    test : str or None
        The file of these rows; None for rows of `source`.
    columns : list of str
    notes : list of str
    interrupted : bool
    """

    source: str
    out: str
    target: str
    task: str
    model: object
    n_train: int
    n_test: int
    columns: list
    test: str | None = None
    judged: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    interrupted: bool = False
    findings: list = field(default_factory=list)

    def as_dict(self):
        """Return what JSON takes."""
        return {
            "source": self.source,
            "target": self.target,
            "task": self.task,
            "columns": self.columns,
            "training_rows": self.n_train,
            "test_rows": self.n_test,
            "test": self.test,
            "scores": [
                {"model": j.name, **j.scores, "seconds": j.seconds} for j in self.judged
            ],
            "findings": [
                {"code": f.code, "text": f.text, "advice": f.advice}
                for f in self.findings
            ],
            "out": self.out,
            "interrupted": self.interrupted,
            "notes": self.notes,
        }


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
    console : rich.console.Console, default=None
    tell : callable, default=print
        Is called with each note as soon as it is known.
    **reading
        Keywords of `read_table`.
    """
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
    return train_parts(estimator, table, parts, console, **files)


def train_parts(estimator, table, parts, console, *, source, test, out):
    """Fit an estimator to the rows that train, save and judge it; return the Trained.

    Parameters
    ----------
    estimator : estimator
    table : TrainingTable
    parts : Parts
    console : rich.console.Console or None
    source, test, out : str or None
        Files of the table, of the rows that judge, and of the model.
    """
    warned = []
    interrupted, seconds = fit(estimator, parts.X, parts.y, console, warned.append)
    done = Trained(
        source=source,
        out=out,
        target=table.target.name,
        task=table.target.task,
        model=estimator,
        n_train=len(parts.y),
        n_test=len(parts.y_test),
        columns=[*table.X.columns],
        test=test,
        notes=table.notes,
        interrupted=interrupted,
    )
    if out is not None:  # before it is judged: Ctrl-C then loses nothing
        with stop_on_ctrl_c() as stopped:
            save(estimator, out, done.target, parts)
            done.interrupted |= stopped()
    judge(done, parts, seconds, console)
    if not done.interrupted:
        diagnosed(done, parts)
    for warning in warned:
        if not contradicts(warning, done.findings):
            note(warning)
    return done


def contradicts(warning, findings):
    """Return whether a warning asks for more training of a model that learned too much.

    `fit` has seen no rows that were held out, `diagnose` has.
    """
    from sklearn.exceptions import ConvergenceWarning

    codes = {finding.code for finding in findings}
    return isinstance(warning, ConvergenceWarning) and "overfitting" in codes


def diagnosed(done, parts):
    """Add what `diagnose` finds; Ctrl-C leaves it out."""
    from ...inspection import diagnose

    val = {"X_val": parts.X_test, "y_val": parts.y_test}
    try:
        done.findings = [*diagnose(done.model, parts.X, parts.y, **val)]
    except KeyboardInterrupt:
        done.interrupted = True


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


def fit(estimator, X, y, console, warn):
    """Fit; return whether Ctrl-C ended it, and the seconds; `warn` takes the warnings.

    Ctrl-C leaves what is learned by then. Before the first epoch is over it is raised.
    """
    from ..._estimators.access import is_fitted, last_step

    start, interrupted = time.perf_counter(), False
    name = f"Training {type(last_step(estimator)).__name__}"
    with working(console, name) as say, told_of_epochs(say), short_warnings(warn):
        try:
            estimator.fit(X, y)
        except KeyboardInterrupt:
            if not is_fitted(estimator):
                raise
            interrupted = True
    return interrupted, time.perf_counter() - start


def judge(done, parts, seconds, console):
    """Add the scores of the model, and of simple ones trained on the same rows.

    Ctrl-C leaves those that there are.
    """
    from threadpoolctl import threadpool_limits

    try:
        from ..._estimators.access import last_step
        from ...inspection._baselines import Judged, judged_baselines, scores_of

        name = type(last_step(done.model)).__name__
        scores = scores_of(done.model, parts.X_test, parts.y_test)
        done.judged = [Judged(name, scores, seconds)]
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


def print_trained(done, console):
    """Print the scores of the model beside those of simple ones."""
    where = f"of {short(done.test)}" if done.test else "held out"
    print(
        f"Trained on {plural(done.n_train, 'row')} of "
        f"{plural(len(done.columns), 'column')}; judged on "
        f"{plural(done.n_test, 'row')} {where}:"
    )
    if done.judged:
        heads = ["model", *done.judged[0].scores, "seconds"]
        rows = [
            [j.name, *map(rounded, j.scores.values()), f"{j.seconds:.1f}"]
            for j in done.judged
        ]
        print_table(console, heads, rows)
    for finding in done.findings:
        print(f"[{finding.code}] {finding}")
    if done.interrupted:
        print("Interrupted: what was learned by then is kept.")
