"""Diagram of a network as SVG, which a notebook shows beside the estimator.

The layers are columns of units, from X on the left to the output on the right. Only a
few of many units or layers are drawn, so that the size is bounded. The text inherits
the colour of the page and is readable on light and dark pages.
"""

from html import escape
from itertools import pairwise
from typing import NamedTuple

COLUMNS = 7  # at most; of more columns the first four, dots and the last two
UNITS, DOTS = 6, 3  # in a column; of more units the first three, dots, the last two
WIDTH, GAP, RADIUS = 132, 26, 8  # of a column; from unit to unit; of a unit
TOP, FOOT, LINE = 38, 70, 16  # space for text above and below; line height
COLOURS = {"input": "#8a93a1", "hidden": "#3f83d1", "output": "#d9822b"}

FRAME = """\
<div style="overflow-x:auto;max-width:100%;margin:0.5em 0">
<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}" \
viewBox="0 0 {width} {height}" font-family="system-ui,sans-serif" font-size="12" \
text-anchor="middle" fill="currentColor" style="display:block">
<title>{title}</title>
{body}
</svg>
</div>
"""


class Column(NamedTuple):
    """The contents of one column of the diagram."""

    kind: str  # a key of COLOURS, or "rest": layers that are left out
    head: str
    words: tuple  # lines of text below the column
    units: int | None = None  # None: not known before fit
    tip: str = ""  # tooltip of the lines from the column before


def diagram(layout, name):
    """Return the diagram of a `Layout` as HTML; `name` is that of the estimator."""
    columns = _limit_columns(
        [_input(layout), *map(_layer, layout.layers[:-1]), _out(layout)]
    )
    middle = TOP + GAP * (max(map(_n_positions, columns)) - 1) / 2
    drawn = [
        (WIDTH * i + WIDTH // 2, _places(column, middle), column)
        for i, column in enumerate(columns)
    ]
    parts = [_lines(*pair) for pair in pairwise(drawn)]
    parts += [_column(*one, middle) for one in drawn]
    return FRAME.format(
        width=WIDTH * len(columns),
        height=f"{2 * middle - TOP + FOOT:g}",
        title=escape(f"{name}: {_in_words(layout)}"),
        body="\n".join(filter(None, parts)),
    )


def count(units, unknown):
    """Return a number of units as text, or `unknown` if it is None."""
    if units is None:
        return unknown
    return str(units) if units < 10**7 else f"{units:.1e}"


def _in_words(layout):
    """Return a description of the diagram for screen readers."""
    n, hidden = layout.n, layout.layers[:-1]
    ends = f"{count(n[0], 'n_x')} features in, {count(n[-1], 'n_y')} out"
    if not hidden:
        return f"no hidden layer, {ends}"
    sizes = ", ".join(count(layer.units, "") for layer in hidden[:COLUMNS])
    more = ", ..." if len(hidden) > COLUMNS else ""
    return f"hidden layers: {len(hidden)}, of {sizes}{more} units; {ends}"


# -- columns ---------------------------------------------------------------------------


def _input(layout):
    return Column("input", "X", (f"n[0] = {count(layout.n[0], 'n_x')}",), layout.n[0])


def _layer(layer, kind="hidden", head="A[{}]", unknown=""):
    words = [f"n[{layer.l}] = {count(layer.units, unknown)}", layer.activation or ""]
    if layer.dropout:
        words.append(f"dropout {layer.dropout:.3g}")
    rows, inputs = count(layer.units, "n_y"), count(layer.inputs, "n_x")
    tip = f"W[{layer.l}]: ({rows}, {inputs}), b[{layer.l}]: ({rows}, 1)"
    return Column(kind, head.format(layer.l), tuple(words), layer.units, tip)


def _out(layout):
    return _layer(layout.layers[-1], "output", "A[{}] = Ŷ", "n_y")


def _limit_columns(columns):
    """Return at most COLUMNS columns; one column stands for the layers left out."""
    if len(columns) <= COLUMNS:
        return columns
    first, last = columns[: COLUMNS - 3], columns[-2:]
    label = f"layers {len(first)} to {len(columns) - len(last) - 1}"
    return [*first, Column("rest", "", (label,)), *last]


def _n_positions(column):
    """Return the number of positions for units and, if units are left out, dots."""
    if column.kind == "rest":
        return 0
    return UNITS if column.units is None else min(column.units, UNITS)


def _places(column, middle):
    """Return the vertical positions of the drawn units, centred at the middle."""
    k = _n_positions(column)
    heights = [middle + GAP * (i - (k - 1) / 2) for i in range(k)]
    if _has_dots(column):
        del heights[DOTS]
    return heights


def _has_dots(column):
    return column.kind != "rest" and (column.units is None or column.units > UNITS)


# -- SVG -------------------------------------------------------------------------------


def _lines(left, right):
    """Return all lines from one column to the next as one path."""
    (x, starts, _), (to, ends, column) = left, right
    if not (starts and ends):
        return ""
    path = "".join(
        f"M{x + RADIUS} {start:g}L{to - RADIUS} {end:g}"
        for start in starts
        for end in ends
    )
    return (
        f'<path d="{path}" stroke="currentColor" stroke-opacity="0.3" fill="none">'
        f"<title>{escape(column.tip)}</title></path>"
    )


def _column(x, places, column, middle):
    foot = 2 * middle - TOP + 28
    parts = [
        f'<circle cx="{x}" cy="{y:g}" r="{RADIUS}" fill="{COLOURS[column.kind]}"/>'
        for y in places
    ]
    if column.kind == "rest":
        parts += _dots((x + step, middle) for step in (-9, 0, 9))
    elif _has_dots(column):
        y = middle + GAP * (DOTS - (UNITS - 1) / 2)
        parts += _dots((x, y + step) for step in (-6, 0, 6))
    parts.append(_text(x, TOP - 20, column.head, ' font-weight="600"'))
    parts += [
        _text(x, foot + LINE * i, word) for i, word in enumerate(column.words) if word
    ]
    return "\n".join(parts)


def _dots(places):
    return [f'<circle cx="{x:g}" cy="{y:g}" r="1.8"/>' for x, y in places]


def _text(x, y, words, style=""):
    return f'<text x="{x}" y="{y:g}"{style}>{escape(words)}</text>' if words else ""
