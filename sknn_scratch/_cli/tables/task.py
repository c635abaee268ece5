"""The target of a table, what kind of answer it is, and the rows held out."""

from typing import NamedTuple

import numpy as np

from ..readers.labels import short
from .columns import (
    ID_NAME,
    listed,
    plural,
    read_column,
    rounded,
    unknown,
    whole_numbers,
)

CLASSIFICATION, REGRESSION = TASKS = "classification", "regression"
USUAL = ("target", "label", "class", "y")  # names of a target that is not named
MOST_CODES = 20  # different whole numbers that are classes
ROWS_OF_CODE = 5  # that each of them has at least, in the mean
MOST_CLASSES = 1000
FEWEST_ROWS = 10  # with an answer: two of them are held out
HELD_OUT = 0.2


class Target(NamedTuple):
    """The answers of the rows that have one.

    Attributes
    ----------
    name : str
    task : str
        "classification" or "regression".
    y : ndarray of shape (m,)
        Classes, or floats.
    rows : ndarray of int of shape (m,)
        The rows of the table that have an answer.
    notes : list of str
    """

    name: str
    task: str
    y: np.ndarray
    rows: np.ndarray
    notes: list


def target_name(path, frame, target=None):
    """Return the name of the column to predict."""
    if target is not None and target not in frame.columns:
        raise ValueError(f"--target must be a column, got {unknown(target, frame)}")
    found = usual_target(frame) if target is None else target
    if found is None:
        raise ValueError(
            f"--target must name what is to be predicted; the columns of {path} are "
            f"{listed(frame.columns, 20)}."
        )
    if found in frame.attrs.get("repeated", ()):
        raise ValueError(
            f"--target must be one column, got {short(found)}, which several columns "
            f"of {path} are called; rename all but one in its first line."
        )
    return found


def usual_target(frame):
    """Return the column that is named as targets are, or None.

    `y` is one at an end of the table: else it is a coordinate.
    """
    for name in USUAL:
        found = [c for c in frame.columns if c.strip().lower() == name]
        ends = frame.columns[0], frame.columns[-1]
        if len(found) == 1 and (name != "y" or found[0] in ends):
            return found[0]
    return None


def read_target(path, frame, target=None, task=None):
    """Return the Target of a data frame.

    Parameters
    ----------
    path : str
        Named in errors and notes.
    frame : pandas.DataFrame
    target : str, default=None
        Name of the column; None takes the one that is named as in USUAL.
    task : {"classification", "regression"}, default=None
        None takes texts, booleans and few different whole numbers as classes.

    Raises
    ------
    ValueError
        If no column is the target, or what it holds cannot be predicted.
    """
    if task not in (None, *TASKS):
        raise ValueError(f"--task must be one of {', '.join(TASKS)}, got {task!r}.")
    name = target_name(path, frame, target)
    column = read_column(name, frame[name])
    if column.kind in ("time", "other"):
        holds = "dates" if column.kind == "time" else "lists or other objects"
        raise ValueError(
            f"--target must hold classes or numbers, got {short(name)} with {holds}."
        )
    found = task or task_of(column)
    if found == REGRESSION and column.kind != "numeric":
        raise ValueError(
            f"--task regression needs a target of numbers, got {short(name)} with "
            f"{listed(column.values.dropna().unique())}."
        )
    rows = rows_with_answer(column)
    notes = [] if task else [said(column, found)]
    if len(rows) < len(frame):
        left_out = plural(len(frame) - len(rows), "row")
        notes.append(f"Left out {left_out} without a {short(name)}.")
    if column.remark:
        notes.append(f"Read {short(name)}: {column.remark}.")
    y = answers(column.values.iloc[rows], found)
    if len(y) < FEWEST_ROWS:
        raise ValueError(
            f"{path} must have at least {FEWEST_ROWS} rows with a {short(name)}, got "
            f"{len(y)}."
        )
    check(column, y, found, notes, task)
    return Target(name, found, y, rows, notes)


def known_answers(frame, name, classes, class_names=None):
    """Return the answers of new rows as a model has them, and the rows that have one.

    `classes` are those of the model, None of a regressor. There are no answers without
    the column, or if it holds something else.
    """
    nothing = np.empty(0), np.empty(0, dtype=int)
    if name is None or name not in frame.columns:
        return nothing
    column = read_column(name, frame[name])
    if column.kind not in ("numeric", "category"):
        return nothing
    rows = rows_with_answer(column)
    if classes is None:
        if column.kind != "numeric":
            return nothing
        return answers(column.values.iloc[rows], REGRESSION), rows
    y = answers(column.values.iloc[rows], CLASSIFICATION)
    by_text = texts_of(np.asarray(classes).tolist())
    if class_names is not None:
        by_text |= {str(class_names[i]): i for i in by_text.values()}
    found = np.empty(len(y), dtype=object)
    found[:] = [by_text.get(str(label), label) for label in y.tolist()]
    return found, rows


def texts_of(classes):
    """Return {text: class}: a table has 1 where a class is 1.0, and 0 or 1 of bools."""
    numbers = [label for label in classes if isinstance(label, bool | int | float)]
    whole = {str(int(label)): label for label in numbers if label == np.rint(label)}
    return whole | {str(label): label for label in classes}


def rows_with_answer(column):
    """Return the rows of a target that have a value, a finite one of numbers."""
    there = column.values.notna().to_numpy()
    if column.kind == "numeric":
        x = column.values.to_numpy(dtype=float, na_value=np.nan)
        there = there & np.isfinite(x)
    return np.flatnonzero(there)


def task_of(column):
    """Return the task that the values of a target ask for."""
    if column.kind != "numeric":
        return CLASSIFICATION
    x = column.values.dropna().to_numpy(dtype=float)
    codes = column.distinct
    if len(x) and (x == np.rint(x)).all():
        few = codes <= MOST_CODES and ROWS_OF_CODE * codes <= len(x)
        return CLASSIFICATION if few or codes == 2 else REGRESSION
    return REGRESSION


def said(column, task):
    """Return the task in a sentence, with the way to change it."""
    values = column.values.dropna()
    holds = f"Task: {task}, for {short(column.name)} holds"
    if column.kind != "numeric":
        return f"{holds} {column.distinct} classes."
    what = f"numbers from {rounded(values.min())} to {rounded(values.max())}"
    if (values != np.rint(values)).any():
        return f"{holds} {what}."
    other = TASKS[task == CLASSIFICATION]
    if task == CLASSIFICATION:
        what = f"{column.distinct} different whole {what}"
    return f"{holds} {what} (--task {other} if not so)."


def answers(values, task):
    """Return the target as an array: floats, or classes of one type."""
    if task == REGRESSION:
        return values.to_numpy(dtype=float)
    kind = getattr(values.dtype, "kind", "O")
    if kind in "iu":  # exact, also where float64 has no number of its own for each
        return values.to_numpy() if kind == "i" else values.to_numpy().astype(str)
    if kind == "f":
        x = values.to_numpy(dtype=float)
        if abs(x).max(initial=0) >= 2**53:
            raise ValueError(
                "--target must have classes between -2^53 and 2^53 where it has gaps, "
                f"got {x[abs(x).argmax()]:.0f}; leave these rows out, or put a letter "
                "before the numbers."
            )
        whole = (x == np.rint(x)).all()
        return x.astype(np.int64) if whole else x.astype(str)
    if kind == "b":
        return values.to_numpy(dtype=bool)
    return np.array([str(value) for value in values])


def check(column, y, task, notes, given):
    """Raise ValueError for a target that nothing can be learned of."""
    name, different = short(column.name), len(np.unique(y))
    if different < 2:
        got = short(str(y[0]))
        raise ValueError(
            f"--target {name} must have two different values, got only {got}."
        )
    if task == REGRESSION:
        if (id_like(column) or runs(y)) and not given:
            raise ValueError(
                f"--target {name} looks like an id of the rows, all different; "
                "--task regression predicts it all the same."
            )
        return
    most = MOST_CLASSES if given else min(MOST_CLASSES, max(2, len(y) // 2))
    if different > most:
        raise ValueError(
            f"--target {name} must have classes that repeat, got {different} different "
            f"values in {plural(len(y), 'row')}, as ids or texts have."
        )
    single = (np.unique(y, return_counts=True)[1] < 2).sum()
    if single:
        notes.append(
            f"Of the {different} classes of {name} {single} have one row: it trains, "
            "and they are not judged."
        )


def id_like(column):
    """Return whether whole numbers have the name of an id and are all different."""
    x = whole_numbers(column)
    named = ID_NAME.fullmatch(column.name)
    return x is not None and named is not None and len(np.unique(x)) == len(x)


def runs(y):
    """Return whether numbers count the rows: each is one more than the one before."""
    return len(y) > 2 and bool((np.diff(y) == 1).all())


def hold_out(y, task, seed=0):
    """Return the rows that train and the rows that judge, both in order.

    Parameters
    ----------
    y : array-like of shape (m,)
    task : {"classification", "regression"}
        Classes are stratified: a fifth of each is held out. A class of one row trains.
    seed : int, default=0
        Same y and seed, same rows.
    """
    from sklearn.model_selection import train_test_split

    y, rows = np.asarray(y), np.arange(len(y))
    if task == REGRESSION:
        train, test = train_test_split(rows, test_size=HELD_OUT, random_state=seed)
        return np.sort(train), np.sort(test)
    _, codes, counts = np.unique(y, return_inverse=True, return_counts=True)
    several = counts[codes.ravel()] > 1
    left, codes = rows[several], codes.ravel()[several]
    classes = len(np.unique(codes))
    if len(left) < 2 * classes or len(left) * HELD_OUT < classes:
        codes = None  # too few rows for one of each class
    train, test = train_test_split(
        left, test_size=HELD_OUT, random_state=seed, stratify=codes
    )
    return np.sort(np.concatenate([rows[~several], train])), np.sort(test)
