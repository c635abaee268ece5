"""The explanation of a step as text: a screen, or whole."""

import textwrap

import numpy as np
from scipy.sparse import issparse

from ..._html.tables import text_table
from .quantity import SECTIONS, counted

LINES, WIDTH = 40, 88  # of a screen
FORMULA, NAMED = 34, 6  # characters; quantities in which a function differs
HEADS = ["part", "", "shape", "formula", "numbers"]
WHOLE = "print(step.to_text()) shows all numbers, step.save('step.html') draws them."


def screen(step):
    """Return the step in at most LINES lines, one for each quantity.

    Of deep networks each part of the step shows its first and its last quantities.
    """
    notes = [shorter(note, WIDTH + 4) for note in step.notes]
    after = [*compared(step.quantities), WHOLE]
    parts = [[q for q in step.quantities if q.section == name] for name in SECTIONS]
    room = LINES - len(notes) - 2 - len(after)
    sizes = range(3, room)
    most = max(k for k in sizes if k == 3 or sum(min(len(p), k) for p in parts) <= room)
    rows = [row for part in parts for row in rows_of(part, most)]
    return "\n".join([*notes, text_table(HEADS, rows), *after])


def rows_of(quantities, most):
    """Return at most `most` rows of a part, one of them for those left out."""
    rows = [summarised(quantity) for quantity in quantities]
    if len(rows) > most:
        top = most // 2
        left = len(rows) - most + 1
        gap = ["...", "", f"{left} quantities more", ""]
        rows[top : top + left] = [gap]
    names = [quantities[0].section.split()[0]] if rows else []
    names += [""] * (len(rows) - 1)
    return [[name, *row] for name, row in zip(names, rows, strict=True)]


def summarised(quantity):
    """Return name, shape, formula and range of the numbers, each short."""
    parts = quantity.formula.split(";  ")
    own = [part for part in parts if part.startswith(f"{quantity.name} :=")]
    formula = (own or parts)[-1 if own else 0].partition(":  ")[0]
    shape = str(quantity.shape) if quantity.shape else ""
    return [quantity.name, shape, shorter(formula, FORMULA), spread(quantity.value)]


def spread(value):
    """Return the smallest and the largest of the numbers as text."""
    if np.ndim(value) == 0:
        return f"{value:.6g}"
    low, high = (f"{number + 0.0:.3g}" for number in (value.min(), value.max()))
    words = low if low == high else f"{low} to {high}"
    return f"{words}, sparse" if issparse(value) else words


def shorter(text, most):
    return text if len(text) <= most else text[: most - 3].rstrip() + "..."


def compared(quantities):
    """Return a line for each function of the reader: which quantities differ."""
    kinds = dict.fromkeys(mine.kind for q in quantities for mine in q.mine)
    return [line_of(kind, quantities) for kind in kinds]


def line_of(kind, quantities):
    pairs = [(q.name, mine) for q in quantities for mine in q.mine if mine.kind == kind]
    wrong = [name for name, mine in pairs if not mine.agrees]
    if not wrong:
        return f"Your {kind} gives the engine's numbers, {counted(len(pairs), 'time')}."
    names = ", ".join(wrong[:NAMED]) + ", ..." * (len(wrong) > NAMED)
    return f"Your {kind} differs in {len(wrong)} of {len(pairs)}: {names}."


# -- whole -----------------------------------------------------------------------------


def whole(step):
    """Return the step with all formulas, shapes and truncated numbers."""
    parts = [*step.notes]
    for section in SECTIONS:
        quantities = [q for q in step.quantities if q.section == section]
        if quantities:
            rows = [row for quantity in quantities for row in table_rows(quantity)]
            parts.append(f"\n{text_table([section, 'shape', ''], rows)}")
    return "\n".join(parts)


def text_lines(quantity):
    """Return the lines of a quantity: formula, shapes, numbers, and the reader's."""
    formula = textwrap.wrap(quantity.formula, 72, subsequent_indent="    ")
    lines = [*formula, *filter(None, [quantity.shapes]), *quantity.numbers.split("\n")]
    for mine in quantity.mine:
        lines += textwrap.wrap(f"{mine.kind}: {mine.words}", 72)
    return lines


def table_rows(quantity):
    """Yield a quantity as rows of a table, with name and shape in the first row."""
    top, *rest = text_lines(quantity)
    yield [quantity.name, str(quantity.shape), top]
    for line in rest:
        yield ["", "", line]
