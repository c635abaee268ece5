"""A network as a picture: an SVG that a notebook shows beside its estimator.

Columns of units from X on the left to the output on the right; of many units or layers
a few are shown. The size is bounded, whatever the network. Text has the colour of the
text around it, so that it can be read on light and on dark pages.
"""

from html import escape
from itertools import pairwise
from typing import NamedTuple

COLUMNS = 7  # at most: of more the first four, dots, the last two
UNITS, DOTS = 6, 3  # of a column, at most; of more the first three, dots, the last two
WIDTH, GAP, RADIUS = 132, 26, 8  # of a column; from unit to unit; of a unit
TOP, FOOT, LINE = 38, 70, 16  # the rooms for words above and below; from line to line
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
    """What stands in one column of the picture."""

    kind: str  # a key of COLOURS, or "rest": layers that are left out
    head: str
    words: tuple  # below it, line by line
    units: int | None = None  # None: as many as the data will ask for
    tip: str = ""  # what the lines that lead here are


def diagram(layout, name):
    """The picture of a `Layout`, as HTML; `name` is the estimator's."""
    columns = _shown([_input(layout), *map(_layer, layout.layers[:-1]), _out(layout)])
    middle = TOP + GAP * (max(map(_slots, columns)) - 1) / 2
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
    """n as text: a number, or its name while nobody knows it."""
    if units is None:
        return unknown
    return str(units) if units < 10**7 else f"{units:.1e}"


def _in_words(layout):
    """The picture for those who cannot see it."""
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


def _shown(columns):
    """At most COLUMNS of them."""
    if len(columns) <= COLUMNS:
        return columns
    first, last = columns[: COLUMNS - 3], columns[-2:]
    left_out = f"layers {len(first)} to {len(columns) - len(last) - 1}"
    return [*first, Column("rest", "", (left_out,)), *last]


def _slots(column):
    """Places for units, one of them for dots where there are more."""
    if column.kind == "rest":
        return 0
    return UNITS if column.units is None else min(column.units, UNITS)


def _places(column, middle):
    """Heights of the units that are shown, around the middle."""
    k = _slots(column)
    heights = [middle + GAP * (i - (k - 1) / 2) for i in range(k)]
    if _many(column):
        del heights[DOTS]
    return heights


def _many(column):
    return column.kind != "rest" and (column.units is None or column.units > UNITS)


# -- SVG -------------------------------------------------------------------------------


def _lines(left, right):
    """All lines from one column to the next, as one path."""
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
    elif _many(column):
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
