"""Reader of CSV and TSV files."""

import array
import csv
import os

import numpy as np

from .common import LabelledBlocks, block_length, check_classes

SEPARATORS = {".csv": ",", ".tsv": "\t"}


def sorted_classes(texts):
    """Return class names sorted: as numbers if all are whole numbers, else as text."""
    try:
        return sorted(texts, key=int)
    except ValueError:
        return sorted(texts)


def read_csv(arguments, rng, show):
    """Return classes and part of a CSV: a first pass for labels, a second for rows."""
    source = arguments.source
    name = "label" if arguments.label is None else arguments.label
    found, codes = {}, array.array("q")
    kB = os.path.getsize(source) // 1000
    with open_csv(source) as file:
        lines = csv_lines(source, file)
        _, heads = next(lines, (1, []))
        if heads.count(name) != 1:
            raise ValueError(
                f"{source} must have one column {name!r} (--label names another), got "
                f"the columns {heads}."
            )
        if len(heads) < 2:
            raise ValueError(
                f"{source} must have columns of numbers, got only {name!r}."
            )
        column = heads.index(name)
        for number, (line, cells) in enumerate(lines):
            if len(cells) != len(heads):
                raise ValueError(
                    f"{source}: line {line} must have {len(heads)} columns like the "
                    f"first, got {len(cells)}."
                )
            label = cells[column].strip()
            if not label:
                raise ValueError(
                    f"{source}: line {line} must have a {name!r}, got none."
                )
            codes.append(found.setdefault(label, len(found)))
            check_classes(source, len(found))
            if number % 1000 == 0:
                show("labels (kB read)", file.buffer.tell() // 1000, kB)
    if not codes:
        raise ValueError(f"{source} must have rows, got none.")
    show("labels (kB read)", kB, kB)
    classes = sorted_classes(found)
    place = np.empty(len(found), dtype=np.int64)
    place[[found[name] for name in classes]] = np.arange(len(found))
    dtype = arguments.dtype or "float64"

    def blocks():
        step = block_length(8 * 10 * len(heads))  # a text takes 10 times a float
        with open_csv(source) as file:
            lines = csv_lines(source, file)
            next(lines)
            block = []
            for line, cells in lines:
                block.append((line, cells[:column] + cells[column + 1 :]))
                if len(block) == step:
                    yield numbers(source, heads, column, block, dtype)
                    block = []
            if block:
                yield numbers(source, heads, column, block, dtype)

    return classes, [LabelledBlocks(place[np.array(codes)], blocks)]


def open_csv(source):
    # Excel writes a byte order mark, which utf-8-sig removes
    return open(source, encoding="utf-8-sig", newline="")


def csv_lines(source, file):
    """Yield the line number and the cells of each line that is not empty."""
    separator = SEPARATORS[os.path.splitext(source)[1].lower()]
    lines = csv.reader(file, delimiter=separator)
    try:
        for cells in lines:
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


def numbers(source, heads, column, block, dtype):
    """Return the cells of a block as numbers; raise ValueError if one is none."""
    cells = [cells for _, cells in block]
    try:
        rows = np.array(cells, dtype=dtype)
        if np.isfinite(rows).all():
            return rows
    except ValueError:
        pass
    heads = heads[:column] + heads[column + 1 :]
    for line, cells in block:
        for head, cell in zip(heads, cells, strict=True):
            try:
                good = np.isfinite(np.array(cell, dtype=dtype))
            except ValueError:
                good = False
            if not good:
                raise ValueError(
                    f"{source}: line {line}, column {head!r} must be a finite number, "
                    f"got {cell!r}."
                )
    raise ValueError(f"{source} must stay as it is while it is read, got changes.")
