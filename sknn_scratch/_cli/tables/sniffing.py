"""The layout of a text table, found from its first lines.

It is the separator, the decimal mark, the lines above the names, and the names.
"""

import csv
import itertools
import re
from collections import Counter
from typing import NamedTuple

from ..readers.labels import NUMBER, short

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space"}
LINES = 200  # of a file that are looked at
MOST_COLUMNS = 20_000
LONGEST_FIELD = 2**20  # characters; the csv module's own limit is 2^17
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
GROUPED = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?", re.ASCII)


class Layout(NamedTuple):
    """How the text of a table is to be read.

    Attributes
    ----------
    separator : str
    skipped : int
        Lines above the names, or above the first row.
    names : list of str
    has_header : bool
        Whether the names are the next line, or were made.
    decimal, thousands : str or None
        Marks in the numbers.
    repeated : list of str
        Names that the file gives to several columns. In `names` a number is added.
    """

    separator: str
    skipped: int
    names: list
    has_header: bool
    decimal: str = "."
    thousands: str | None = None
    repeated: list = ()


def layout_of(path, head, *, separator=None, header=None):
    """Return the Layout of a text table, and notes on what was guessed.

    Parameters
    ----------
    path : str
        Named in errors.
    head : str
        The first lines.
    separator : str, default=None
        One character; None finds it among SEPARATORS.
    header : bool, default=None
        Whether the first line holds names; None looks at it.
    """
    notes = []
    lines = head.splitlines(keepends=True)
    skipped, told = lines_above(lines)
    lines = lines[skipped:]
    if not "".join(lines).strip():
        raise ValueError(f"{path} must hold a table, got no line of it.")
    separator = separator or told or best_separator(lines)
    rows = records(lines, separator)
    skipped += next(i for i, line in enumerate(lines) if line.strip())
    first, body = rows[0], rows[1:]
    first = [cell.strip() for cell in first]
    if first and first[0].startswith("#"):
        first[0] = first[0].lstrip("# ")
    if header is None:
        header = not is_row(first, body)
        if not header:
            notes.append(
                f"Line {skipped + 1} of {path} looks like a row, not like names: "
                f"the columns are named x1 to x{len(first)}."
            )
    names = given_names(path, first, body, notes) if header else made_names(rows)
    repeated = [n for n, count in Counter(first).items() if header and n and count > 1]
    if len(names) > MOST_COLUMNS:
        raise ValueError(
            f"{path} must have at most {MOST_COLUMNS} columns, got {len(names)}."
        )
    marks = number_marks(rows, separator)
    if marks[0] == ",":
        notes.append(f"Numbers of {path} have a decimal comma.")
    return Layout(separator, skipped, names, header, *marks, repeated), notes


def lines_above(lines):
    """Return how many lines stand above the table, and the separator one may name.

    They are comments with # and the line `sep=;` for spreadsheets. A line with # that
    has as many cells as the next one without it holds the names.
    """
    for i, line in enumerate(lines):
        named = re.fullmatch(r"sep=(.)\s*", line)
        if named and i == 0:
            return 1, named[1]
        if not line.startswith("#"):
            if i and line.strip() and counts_alike(lines[i - 1], line):
                i -= 1
            return i, None
    return 0, None


def counts_alike(one, other):
    """Return whether a separator occurs equally often, and at least once, in both."""
    return any(one.count(s) == other.count(s) > 0 for s in ",;\t|")


def records(lines, separator):
    """Return the cells of the first lines that are not empty, row by row."""
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    try:
        found = [row for row in itertools.islice(reader, LINES) if row]
    except csv.Error:
        found = []
    if separator == " ":  # a space at the end of a line is none
        found = [row[:-1] if row[-1] == "" else row for row in found]
    return found or [[line.rstrip("\r\n")] for line in lines if line.strip()]


def best_separator(lines):
    """Return the separator by which most lines have one number of cells above 1."""

    def quality(separator):
        counts = Counter(map(len, records(lines, separator)))
        width, often = counts.most_common(1)[0]
        share = often / counts.total()
        return (width > 1) * (separator != " " or 0.5), share > 0.9, share, width

    best = max(SEPARATORS, key=quality)  # of equals the first
    return best if quality(best)[0] else ","


# -- names -----------------------------------------------------------------------------


def is_row(first, body):
    """Return whether the first line is a row: it would be lost as names.

    Numbers are names if they grow, as years and wavelengths do. A text is one unless
    it stands below itself.
    """
    rows = [row for row in body if len(row) == len(first)]
    cells = [cell for cell in first if cell]
    numbers = [float(cell) for cell in cells if NUMBER.fullmatch(cell)]
    if not rows or not cells:
        return False
    texts = [j for j, cell in enumerate(first) if cell and not NUMBER.fullmatch(cell)]
    again = [j for j in texts if any(row[j].strip() == first[j] for row in rows)]
    if len(again) > len(texts) / 2 or (again and numbers):
        return True
    grow = all(a < b for a, b in itertools.pairwise(numbers))
    names = grow and (all(x == int(x) for x in numbers) or len(numbers) > 5)
    return len(numbers) > 1 and not names


def made_names(rows):
    """Return x1, x2, ... for the cells of a row."""
    width = Counter(map(len, rows)).most_common(1)[0][0]
    return [f"x{j}" for j in range(1, width + 1)]


def given_names(path, first, body, notes):
    """Return the names of the first line, each of them once, one for each cell.

    Rows may have one cell more: an empty one at the end of each line, or the names of
    rows in front, as R writes them.
    """
    names = first
    widths = Counter(map(len, body)).most_common(1)
    if widths and widths[0][0] == len(first) + 1:
        ends = {row[-1].strip() for row in body if len(row) == len(first) + 1}
        names = [*first, ""] if ends == {""} else ["", *first]
    found, counts = {}, Counter()  # its keys, in their order
    for j, name in enumerate(names):
        name = name or f"Unnamed: {j}"  # as pandas calls it
        number = counts[name]
        counts[name] += 1
        unique = f"{name}.{number}" if number else name
        while unique in found:
            unique += "_"
        if unique != name:
            notes.append(
                f"{path} has two columns {short(name)}: the second is {short(unique)}."
            )
        found[unique] = None
    return list(found)


# -- numbers ---------------------------------------------------------------------------


def number_marks(rows, separator):
    """Return the decimal mark, and the mark of thousands if there is one.

    A comma is a decimal mark where no number has a point, and it cannot separate.
    """
    if separator == ",":
        return ".", None
    cells = [cell.strip() for row in rows for cell in row]
    commas = [cell for cell in cells if DECIMAL_COMMA.fullmatch(cell)]
    points = [cell for cell in cells if "." in cell and NUMBER.fullmatch(cell)]
    grouped = [cell for cell in cells if GROUPED.fullmatch(cell)]
    if not commas or len(points) > len([c for c in grouped if c in points]):
        return ".", None
    return ",", "." if grouped else None
