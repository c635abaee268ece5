"""New rows for a model: its columns by name, read as those it was trained on."""

from typing import NamedTuple

import numpy as np

from ..readers.labels import short
from .columns import (
    check_names,
    check_order,
    kind_of_dtype,
    listed,
    mapped,
    plural,
    read_column,
    stripped,
    unknown,
)
from .files import read_table
from .texts import MOST_WORDS, OPEN, Reading, as_dates, as_numbers


class Known(NamedTuple):
    """What a model knows of a column.

    Attributes
    ----------
    name : str
    kind : str or None
        "numeric", "time", "category"; None leaves the column as it is.
    levels : list
        Of a category, those that are inputs of their own.
    """

    name: str
    kind: str | None
    levels: list = ()


def known_columns(model):
    """Return the Known columns of a fitted model, or None if it knows no names."""
    from ..._estimators.access import first_step
    from ...preprocessing import TableEncoder

    first = first_step(model)
    encoder = getattr(first, "encoder_", first)
    names = getattr(first, "feature_names_in_", None)
    if names is None:
        return None
    if isinstance(encoder, TableEncoder):
        return [known_of(column) for column in encoder.columns_]
    kind = None if hasattr(first, "transformers") else "numeric"
    return [Known(name, kind) for name in names]


def known_of(column):
    """Return what is Known of a column of a TableEncoder."""
    return Known(column.name, column.kind, getattr(column, "levels", ()))


def known_of_values(column):
    """Return what is Known of a Column as it was read."""
    levels = column.values.dropna().unique() if column.kind == "category" else ()
    return Known(column.name, column.kind, list(levels))


def names_of_texts(known, classes, target):
    """Return the columns of a text file whose cells are to be left as texts.

    They are those with levels that are texts, and a target of such classes.
    """
    levels = {k.name: k.levels for k in known}
    levels[target] = () if classes is None else classes
    return {n for n, v in levels.items() if any(isinstance(one, str) for one in v)}


def read_rows(stored, path, dates, reading, ids=()):
    """Return the data frame of a file, its rows as a model takes them, and notes."""
    model, target = stored.model, getattr(stored, "target_name", None)
    known = known_columns(model)
    texts = names_of_texts(known or (), classes_of(model), target) | {*ids}
    frame, notes = read_table(path, **reading | {"texts": texts})
    check_names("--id", ids, frame)
    X, more = rows_for(path, frame, model, known, target, dates)
    return frame, X, [*notes, *more]


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


def classes_of(model):
    """Return the classes of a classifier, None of a regressor."""
    from sklearn.base import is_classifier

    return model.classes_ if is_classifier(model) else None


def rows_of(X, rows):
    """Return some rows of a data frame or an array."""
    return X.iloc[rows] if hasattr(X, "iloc") else X[rows]


def converted(path, frame, known, dates=None):
    """Return the columns of a model, and notes on what was new in them.

    Parameters
    ----------
    path : str
        Named in errors.
    frame : pandas.DataFrame
    known : list of Known
    dates : {"day-first", "month-first"}, default=None
        Order in texts such as 03/04/2020.

    Raises
    ------
    ValueError
        If the table lacks a column, or one holds something else than in training.
    """
    import pandas as pd

    check_order(dates)
    lacking = [k.name for k in known if k.name not in frame.columns]
    if lacking:
        which = unknown(lacking[0], frame) if len(lacking) == 1 else ""
        words = f"no {which}" if which else f"no {listed(lacking, 12)}."
        raise ValueError(
            f"{path} must have the {len(known)} columns of the training, got {words}"
        )
    columns, notes = {}, []
    for k in known:
        try:
            columns[k.name], note = READERS[k.kind](frame[k.name], k, dates)
        except ValueError as error:
            raise ValueError(
                f"{path}: column {short(k.name)} must hold {WORDS[k.kind]} as in "
                f"training, got {error}."
            ) from None
        notes += note
    empty = {name: int(values.isna().sum()) for name, values in columns.items()}
    empty = {name: count for name, count in empty.items() if count}
    if empty:
        notes.append(
            f"{plural(sum(empty.values()), 'cell')} of {path} missing, in "
            f"{listed(empty, 12)}: taken as the model learned it."
        )
    return pd.DataFrame(columns, index=frame.index), notes


def numbers(series, known, order):
    """Return a column as numbers; texts that are none are missing."""
    kind = kind_of_dtype(series)
    if kind == "numeric" or (kind == "category" and series.dtype.kind == "b"):
        return series, []
    if hasattr(series, "cat") and series.cat.categories.dtype.kind in "iuf":
        return series.astype(float), []
    if kind != "text":
        raise ValueError("dates" if kind == "time" else "other values")
    return of_texts(series, known.name, lambda words: as_numbers(words))


def dates(series, known, order):
    """Return a column as dates; texts that are none are missing."""
    kind = kind_of_dtype(series)
    if kind == "time" or series.isna().all():
        return series.astype("datetime64[us]") if kind != "time" else series, []
    if kind != "text":
        raise ValueError("numbers" if kind == "numeric" else "other values")
    return of_texts(series, known.name, lambda words: some_dates(words, order))


def some_dates(words, order):
    """Return the Reading of texts as dates of the form that most have, or some."""
    found = as_dates(words, order, most=0.5) or as_dates(words, order, most=0)
    return found or Reading({}, "", words)


def of_texts(series, name, read):
    """Return a column of texts as `read` takes them, and a note on others.

    Unreadable cells are missing. More than a few and nothing else are another column.
    """
    series, words = stripped(series)
    if not words:
        return series.astype(float), []
    reading = read(words)
    if reading.rule == OPEN:
        raise ValueError(f"{OPEN}, as {short(words[0])}")
    if not reading.values and series.notna().sum() > MOST_WORDS:
        raise ValueError(f"texts, as {short(words[0])}")
    rows = np.flatnonzero(series.isin(reading.others)) + 1
    where = "row" if len(rows) == 1 else "rows"
    note = f"{plural(len(rows), 'cell')} of {short(name)} taken as missing, in {where} "
    note += f"{numbered(rows)}: {listed(reading.others)}."
    return mapped(series, reading), [note] if len(rows) else []


def numbered(rows, most=5):
    """Return numbers with commas between them, the first of many."""
    more = f" and {len(rows) - most:,} more" if len(rows) > most else ""
    return f"{', '.join(map(str, rows[:most].tolist()))}{more}"


def levels(series, known, order):
    """Return a column as levels of the training, and a note on other ones."""
    if kind_of_dtype(series) == "text":
        series, _ = stripped(series)
    all_levels = set(known.levels)
    by_text = {str(level).lower(): level for level in known.levels}
    by_text |= {str(level): level for level in known.levels}
    table = {}
    for value in series.dropna().unique():
        text = str(int(value)) if is_whole(value) else str(value)
        same = value in all_levels
        near = by_text.get(text, by_text.get(text.lower(), value))
        table[value] = value if same else near
    found = series.astype(object).map(table)
    new = [v for v in table.values() if v not in all_levels]
    count = int(found.isin(new).sum())
    note = f"{plural(count, 'row')} with levels of {short(known.name)} that the model "
    note += f"has no input for: {listed(new)}. They count as the rare levels of the "
    note += "training, or as none of its levels where it had no rare ones."
    return found, [note] if count else []


def is_whole(value):
    """Return whether a value is a float without a fraction."""
    return isinstance(value, float) and value.is_integer()


def as_it_is(series, known, order):
    """Return a column of a model that says nothing of its kind."""
    return read_column(known.name, series, order).values, []


READERS = {"numeric": numbers, "time": dates, "category": levels, None: as_it_is}
WORDS = {"numeric": "numbers", "time": "dates", "category": "levels", None: "values"}
