"""Train a model on a table, judge it on rows held out, and save it."""

import os
import time
from dataclasses import dataclass, field

import numpy as np

from ..console import print_table, short_warnings
from ..readers.labels import short
from .columns import decide, kept_columns, notes_of, plural, unknown
from .files import read_table
from .models import make_table_model
from .newrows import converted, known_columns, names_of_texts
from .progress import told_of_epochs, working
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
    options=None,
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
    options : dict, default=None
        Parameters of the model.
    console : rich.console.Console, default=None
    tell : callable, default=print
        Is called with each note as soon as it is known.
    **reading
        Keywords of `read_table`.
    """
    table = training_table(
        source,
        target=target,
        task=task,
        drop=drop,
        keep=keep,
        dates=dates,
        **reading,
    )
    for note in table.notes:
        tell(note)
    name, task, y = table.target.name, table.target.task, table.target.y
    train, held_out = all_or_part(y, task, test)
    estimator = make_table_model(model, task, options or {})
    X, y_train = table.X.iloc[train], y[train]
    interrupted, seconds = fit(estimator, X, y_train, console)
    done = Trained(
        source=os.fsdecode(source),
        out=out,
        target=name,
        task=task,
        model=estimator,
        n_train=len(train),
        n_test=len(held_out),
        columns=[*table.X.columns],
        test=test,
        notes=table.notes,
        interrupted=interrupted,
    )
    if out is not None:  # before it is judged: Ctrl-C then loses nothing
        save(estimator, out, name)
    if test is not None:
        X_test, y_test = test_rows(test, done, dates, reading, tell)
    else:
        X_test, y_test = table.X.iloc[held_out], y[held_out]
    done.n_test = len(y_test)
    judge(done, X, y_train, X_test, y_test, seconds, console)
    return done


def all_or_part(y, task, test):
    """Return the rows that train and those held out; none with a file of test rows."""
    if test is None:
        return hold_out(y, task)
    return np.arange(len(y)), np.arange(0)


def fit(estimator, X, y, console):
    """Fit; return whether Ctrl-C ended it, and the seconds.

    Ctrl-C leaves what is learned by then. Before the first epoch is over it is raised.
    """
    from ..._estimators.access import is_fitted, last_step

    start, interrupted = time.perf_counter(), False
    name = f"Training {type(last_step(estimator)).__name__}"
    with working(console, name) as say, told_of_epochs(say), short_warnings():
        try:
            estimator.fit(X, y)
        except KeyboardInterrupt:
            if not is_fitted(estimator):
                raise
            interrupted = True
    return interrupted, time.perf_counter() - start


def test_rows(test, done, dates, reading, tell):
    """Return the rows of another file, read as those of the training, and answers."""
    known = known_columns(done.model)
    texts = names_of_texts(known, done.model, done.target)
    frame, notes = read_table(test, **reading | {"texts": texts})
    X, more = converted(test, frame, known, dates)
    y, rows = known_answers(frame, done.target, done.model)
    if not len(y):
        raise ValueError(
            f"{test} must have the target {short(done.target)} to judge by, got "
            f"{unknown(done.target, frame)}"
        )
    for note in [*notes, *more]:
        done.notes.append(note)
        tell(note)
    return X.iloc[rows], y


def judge(done, X, y, X_test, y_test, seconds, console):
    """Add the scores of the model, and of simple ones trained on the same rows."""
    from threadpoolctl import threadpool_limits

    from ..._estimators.access import last_step
    from ...inspection._baselines import Judged, judged_baselines, scores_of

    own = type(last_step(done.model))
    scores = scores_of(done.model, X_test, y_test)
    done.judged = [Judged(own.__name__, scores, seconds)]
    classifier = done.task == CLASSIFICATION
    try:
        # as the members, by one thread: those of OpenMP wait for each other where
        # another program has the cores, 20 times as long (measured)
        with (
            working(console, "Training what it is compared with"),
            threadpool_limits(1, "openmp"),
        ):
            done.judged += judged_baselines(
                X, y, X_test, y_test, classifier=classifier
            )[::-1]
    except KeyboardInterrupt:
        done.interrupted = True


def save(model, out, target):
    """Write the model to a file, with the name of what it predicts."""
    from ...hdf5 import save_model

    save_model(model, out, target_name=target)


def print_trained(done, console):
    """Print the scores of the model beside those of simple ones."""
    where = f"of {short(done.test)}" if done.test else "held out"
    print(
        f"Trained on {plural(done.n_train, 'row')} of "
        f"{plural(len(done.columns), 'column')}; judged on "
        f"{plural(done.n_test, 'row')} {where}:"
    )
    heads = ["model", *done.judged[0].scores, "seconds"]
    rows = [
        [j.name, *(f"{v:.4g}" for v in j.scores.values()), f"{j.seconds:.1f}"]
        for j in done.judged
    ]
    print_table(console, heads, rows)
    if done.interrupted:
        print("Interrupted: what was learned by then was judged.")
    if done.out:
        print(f"Saved to {done.out}.")
