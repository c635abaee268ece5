"""Reader of CSV and TSV files."""

import array
import csv
import os
import re

import numpy as np

from .common import LabelledBlocks, Source, block_length, check_classes
from .labels import class_names, is_number, short

SEPARATORS = {".csv": ",", ".tsv": "\t"}
INDEX = re.compile(r"|Unnamed: 0(\.\d+)?")  # names of the index that pandas writes
COUNT = re.compile(r"\d{1,18}", re.ASCII)
IN_NUMBERS = {*"0123456789+-.eE \t"}


def read_csv(arguments, rng, show):
    """Return the Source of a CSV: a first pass for labels, a second for rows."""
    source = arguments.source
    name = "label" if arguments.label is None else arguments.label
    with open_csv(source) as file:
        lines = csv_lines(source, file)
        _, heads = next(lines, (1, []))
        heads = [head.strip() for head in heads]
        column = label_column(source, heads, name)
        found = first_pass(source, file, lines, heads, column, show)
    check_has_names(source, heads, column, found.first)
    classes = class_names(found.first, len(found.codes))
    names = [*found.first]
    place = np.empty(len(names), dtype=np.int64)
    place[[names.index(name) for name in classes]] = np.arange(len(names))
    left_out = found.indices()
    kept = [i for i in range(len(heads)) if i != column and i not in left_out]
    columns = [heads[i] for i in kept]
    check_columns(source, columns, name)
    for i in left_out:
        print(
            f"Left out column {i + 1} of {source}, {heads[i]!r}: different whole "
            "numbers, as the index that pandas writes (index=False does not)."
        )
    dtype = arguments.dtype or "float64"

    def blocks():
        step = block_length(8 * 10 * len(heads))  # a text takes 10 times a float
        with open_csv(source) as file:
            lines = csv_lines(source, file)
            next(lines)
            block = []
            for line, cells in lines:
                if len(cells) != len(heads):
                    raise wrong_length(source, line, heads, cells)
                block.append((line, [cells[i] for i in kept]))
                if len(block) == step:
                    yield numbers(source, columns, block, dtype)
                    block = []
            if block:
                yield numbers(source, columns, block, dtype)

    labels = place[np.array(found.codes)]
    return Source(classes, [LabelledBlocks(labels, blocks)], columns)


class FirstPass:
    """Labels of a CSV, and the columns that may be an index."""

    def __init__(self, heads, column):
        self.first, self.codes = {}, array.array("q")  # place of each class; labels
        self._code_of = {}
        self._counts = {
            i: array.array("q")
            for i, head in enumerate(heads)
            if i != column and INDEX.fullmatch(head)
        }

    def add(self, place, label, cells):
        """Add the label of a row; drop the columns that cannot be an index."""
        self.codes.append(self._code_of.setdefault(label, len(self._code_of)))
        self.first.setdefault(label, place)
        for i in tuple(self._counts):
            if COUNT.fullmatch(cells[i].strip()):
                self._counts[i].append(int(cells[i]))
            else:
                del self._counts[i]

    def indices(self):
        """Return the columns without a name that hold different whole numbers."""
        return [i for i, v in self._counts.items() if len(np.unique(v)) == len(v)]


def first_pass(source, file, lines, heads, column, show):
    """Return the FirstPass over all rows."""
    found, kB = FirstPass(heads, column), os.path.getsize(source) // 1000
    for number, (line, cells) in enumerate(lines):
        if len(cells) != len(heads):
            raise wrong_length(source, line, heads, cells)
        label = cells[column].strip()
        if not label:
            raise ValueError(
                f"{source}: line {line} must have a {heads[column]!r}, got none."
            )
        found.add(f"{source}: line {line}", label, cells)
        check_classes(source, len(found.first))
        if number % 1000 == 0:
            show("labels (kB read)", file.buffer.tell() // 1000, kB)
    if not found.codes:
        raise ValueError(f"{source} must have rows, got none.")
    show("labels (kB read)", kB, kB)
    return found


def wrong_length(source, line, heads, cells):
    return ValueError(
        f"{source}: line {line} must have {len(heads)} columns like the first, got "
        f"{len(cells)}."
    )


# -- the line of names -----------------------------------------------------------------


def label_column(source, heads, name):
    """Return the index of the column of labels."""
    if heads.count(name) != 1:
        raise ValueError(
            f"{source} must have one column {name!r} (--label names another), got the "
            f"columns {shortened(heads)}."
        )
    return heads.index(name)


def shortened(heads):
    """Return a list of names as text, of the first eight if there are more."""
    shown = ", ".join(short(head) for head in heads[:8])
    return f"[{shown}{', ...' if len(heads) > 8 else ''}]"


def check_columns(source, columns, name):
    """Raise ValueError unless there are columns of numbers with different names."""
    if not columns:
        raise ValueError(f"{source} must have columns of numbers, got only {name!r}.")
    seen = set()
    for head in columns:
        if head in seen:
            raise ValueError(
                f"{source} must have columns of different names, got {short(head)} "
                "twice."
            )
        seen.add(head)


def check_has_names(source, heads, column, labels):
    """Raise ValueError if the first line is a row: it would be lost as names.

    Numbers may be names: 0, 1, ... from pandas, or growing ones as wavelengths.
    """
    names = [head for head in heads if not INDEX.fullmatch(head)]
    if names == [str(i) for i in range(len(names))] and len(names) > 2:
        print(f"Took the first line of {source} as names: {shortened(names)}.")
        return
    others = [head for i, head in enumerate(heads) if i != column]
    others = [head for head in others if not INDEX.fullmatch(head)]
    if not others or not all(map(is_number, others)):
        return
    values = [float(head) for head in others]
    grow = all(a < b for a, b in zip(values, values[1:], strict=False))
    label = heads[column]
    if is_number(label) or label in labels or not grow:
        raise ValueError(
            f"{source}: line 1 must hold the names of the columns, got what looks like "
            f"a row, {shortened(heads)}; add a line of names above it."
        )


# -- lines and numbers -----------------------------------------------------------------


def open_csv(source):
    # Excel writes a byte order mark, which utf-8-sig removes
    return open(source, encoding="utf-8-sig", newline="")


def csv_lines(source, file):
    """Yield the line number and the cells of each line that is not empty."""
    separator = SEPARATORS[os.path.splitext(source)[1].lower()]
    lines = csv.reader(file, delimiter=separator)
    try:
        for cells in lines:
            if any("\0" in cell for cell in cells):
                raise ValueError(
                    f"{source}: line {lines.line_num} must be text in UTF-8, got the "
                    "byte 0x0."
                )
            if cells:
                yield lines.line_num, cells
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{source} must be text in UTF-8, got the byte "
            f"{error.object[error.start]:#x} after line {lines.line_num}."
        ) from None
    except csv.Error as error:
        raise ValueError(
            f"{source}: line {lines.line_num} must be CSV, got: {error}."
        ) from None


@np.errstate(over="ignore")  # beyond float32: infinite, which is refused
def numbers(source, columns, block, dtype):
    """Return the cells of a block as numbers; raise ValueError if one is none."""
    if all(IN_NUMBERS.issuperset("".join(cells)) for _, cells in block):
        try:
            rows = np.array([cells for _, cells in block], dtype=dtype)
            if np.isfinite(rows).all():
                return rows
        except ValueError:
            pass
    for line, cells in block:
        for head, cell in zip(columns, cells, strict=True):
            if not is_number(cell.strip()) or not np.isfinite(np.array(cell, dtype)):
                raise ValueError(
                    f"{source}: line {line}, column {short(head)} must be a finite "
                    f"number, got {short(cell)}."
                )
    return np.array([cells for _, cells in block], dtype=dtype)
