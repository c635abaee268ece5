"""What a file with a table holds, column by column."""

import os
from typing import NamedTuple

from ..._storage.texts import shorten
from ..console import print_table
from .columns import decide, notes_of, plural, rounded
from .files import read_table
from .task import read_target, usual_target

KINDS = {"numeric": "numbers", "time": "dates", "category": "levels", "other": "other"}
HEADS = ["column", "kind", "missing", "different", "values", "train"]


class DescribedTable(NamedTuple):
    """The columns of a table, and what `train` does with them.

    Attributes
    ----------
    path : str
    n_rows : int
    rows : list of dict
        One for each column, by HEADS.
    notes : list of str
    """

    path: str
    n_rows: int
    rows: list
    notes: list

    def as_dict(self):
        """Return what JSON takes."""
        return {
            "source": self.path,
            "rows": self.n_rows,
            "columns": self.rows,
            "notes": self.notes,
        }


def describe_table(
    path, *, target=None, task=None, drop=(), keep=(), dates=None, **reading
):
    """Return the DescribedTable of a file.

    Parameters
    ----------
    path : str or path-like
    target, task : str, default=None
        Column to predict; a usual name is found.
    drop, keep, dates
        As in `decide`.
    **reading
        Keywords of `read_table`.
    """
    path = os.fsdecode(path)
    frame, notes = read_table(path, **reading)
    answer = None
    if target is not None or usual_target(frame) is not None:
        answer = read_target(path, frame, target, task)
        notes += answer.notes
    named = answer and answer.name
    decisions = {
        d.column.name: d for d in decide(frame, drop=drop, keep=keep, dates=dates)
    }
    rows = [
        described(
            decisions[name].column,
            "the target" if name == named else decisions[name].reason,
        )
        for name in frame.columns
    ]
    others = [d for name, d in decisions.items() if name != named]
    return DescribedTable(path, len(frame), rows, [*notes, *notes_of(others)])


def described(column, use):
    """Return the line of a column."""
    told = [column.name, KINDS[column.kind], column.missing]
    told += [different(column), shown(column), use or "kept"]
    return dict(zip(HEADS, told, strict=True))


def different(column):
    """Return the number of different values; of lists there is none."""
    return None if column.kind == "other" else column.distinct


def shown(column):
    """Return the range of a column, or its most frequent levels, as text."""
    present = column.values.dropna()
    if not len(present) or column.kind == "other":
        return ""
    if column.kind == "category":
        counts = present.value_counts().head(3)
        return ", ".join(f"{shorten(v, 16)} ({n})" for v, n in counts.items())
    if column.kind == "time":
        return f"{present.min()} to {present.max()}".replace(" 00:00:00", "")
    if present.dtype.kind not in "iuf":
        return f"{present.min()} to {present.max()}"
    return f"{rounded(present.min())} to {rounded(present.max())}"


def print_described(table, console):
    """Print the columns of a table."""
    print(f"{table.path}: {plural(table.n_rows, 'row')}")
    rows = [
        [shorten("" if v is None else v, 44) for v in r.values()] for r in table.rows
    ]
    print_table(console, HEADS, rows)
    for note in table.notes:
        print(note)
