"""Single rows in the report: images, their unusual features, or all their columns."""

import re
from html import escape

import numpy as np

from ..._html.images import show_rows
from .answers import column_names, is_table, table

MOST_COLUMNS = 30
LONGEST = 40  # letters of a value
KIND = {True: ' class="number"', False: ""}
NUMBER = re.compile(r"-?[\d,.]+(e[+-]?\d+)?")


def show_examples(subject, places, heads, texts):
    """Return the rows at `places` as HTML; `texts` has cells of each under `heads`."""
    X = subject.rows[0]
    if not is_table(X) or getattr(getattr(X, "dtype", None), "kind", "O") in "buif":
        names = column_names(subject.model, X)
        labels = [row_number(subject, i) for i in places]
        shown = show_rows(X, places, heads, texts, names, labels)
        return f'{shown}<p class="quiet">{meaning_of_row(subject)}</p>\n'
    names, ids = column_names(subject.model, X)[:MOST_COLUMNS], subject.ids or {}
    columns = [values_of(X, j, places) for j in range(len(names))]
    cells_of_ids = [[str(values[i]) for values in ids.values()] for i in places]
    texts = [[*a, *b] for a, b in zip(cells_of_ids, texts, strict=True)]
    heads = [*ids, *heads]
    whole = [*zip(*texts, strict=True), *columns]
    top = "<th>row</th>" + "".join(map(head, [*heads, *names], whole))
    lines = "".join(
        f'<tr><th scope="row">{row_number(subject, i)}</th>'
        + "".join(map(cell, [*cells, *values]))
        + "</tr>\n"
        for i, cells, *values in zip(places, texts, *columns, strict=True)
    )
    count, rest = table(X).shape[1], ""
    if count > MOST_COLUMNS:
        rest = f" The first {MOST_COLUMNS} of {count} columns."
    return (
        '<div class="wide examples" role="region" aria-label="Rows" tabindex="0">'
        f"<table><thead><tr>{top}</tr></thead>\n<tbody>{lines}</tbody></table></div>\n"
        f'<p class="quiet">{meaning_of_row(subject)}{rest}</p>\n'
    )


def row_number(subject, i):
    """Return the number of the i-th row that judges: in the file, if it is a table."""
    return int(i if subject.numbers is None else subject.numbers[i])


def meaning_of_row(subject):
    """Return a sentence on how the rows are counted."""
    if subject.numbers is None:
        return f"“row” is the number of a row in the {subject.part} set, from 0."
    return (
        f"“row” is the number of a row in {escape(subject.data_file)}, from 1; a line "
        "of names is not counted."
    )


def values_of(X, j, places):
    """Return the values of column j in the rows at `places`, as texts."""
    found = []
    for i in places:
        column = table(X).column(j, slice(int(i), int(i) + 1))
        value = column.values[0]
        if column.levels is not None:
            value = column.levels[value] if value >= 0 else None
        missing = column.missing is not None and column.missing[0]
        found.append("" if missing or is_missing(value) else text_of(value))
    return found


def is_missing(value):
    """Return whether a value is None, NaN or NaT."""
    return value is None or bool(value != value)


def text_of(value):
    """Return a value as a text: dates without a time of 0, numbers of 6 digits."""
    if isinstance(value, np.timedelta64):
        return str(value.astype("m8[s]").item())
    if isinstance(value, np.datetime64):
        return str(value.astype("M8[s]")).removesuffix("T00:00:00").replace("T", " ")
    if isinstance(value, float | np.floating):
        return f"{value:.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return str(value)


def head(name, texts):
    """Return the head of a column, on the right if all that is there are numbers."""
    numbers = all(NUMBER.fullmatch(text) for text in texts if text)
    return f"<th{KIND[numbers]}>{escape(cut(name))}</th>"


def cell(text):
    """Return a cell of the table; numbers are on the right."""
    kind = KIND[NUMBER.fullmatch(text) is not None]
    return f"<td{kind}>{escape(cut(text))}</td>"


def cut(text):
    """Return a text of at most LONGEST letters."""
    text = re.sub(r"[ \t\r\n]+", " ", str(text))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
