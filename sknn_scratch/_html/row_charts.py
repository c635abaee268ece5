"""Charts with a row for each name: horizontal bars, dots and lines as inline SVG."""

from html import escape
from typing import NamedTuple

import numpy as np

from .charts import WIDTH, tick_text, ticks

LEFT, RIGHT, TOP, BOTTOM, ROW = 140, 18, 4, 46, 22
LONGEST = 20  # letters of a name; all of it is in the tooltip


class RowFrame(NamedTuple):
    """The axis below, its range, and the name of each row."""

    x_label: str
    names: list
    x_range: tuple

    @property
    def height(self):
        """Return the height of the chart."""
        return TOP + ROW * len(self.names) + BOTTOM

    def x(self, values):
        """Return the horizontal positions of values in the drawing."""
        low, high = self.x_range
        share = (np.asarray(values, dtype=float) - low) / (high - low)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self):
        """Return the vertical middle of each row."""
        return TOP + ROW * (np.arange(len(self.names)) + 0.5)


def row_chart(frame, name, *marks):
    """Return the chart: axis, names and marks. `name` is for screen readers."""
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {frame.height}" role="img" '
        f'aria-label="{escape(name)}">\n{_axes(frame)}' + "".join(marks) + "</svg>\n"
    )


def row_bars(frame, start, ends, kind, tips):
    """Return a bar from `start` to each end; `tips` are tooltips."""
    origin = float(frame.x(start))
    shapes = zip(frame.x(ends), frame.y(), tips, strict=True)
    return "".join(
        f'<rect class="{kind}" x="{min(origin, x):.1f}" y="{y - 7:.1f}" '
        f'width="{max(abs(x - origin), 0.5):.1f}" height="14">'
        f"<title>{escape(tip)}</title></rect>\n"
        for x, y, tip in shapes
    )


def row_spans(frame, lows, highs, kind):
    """Return a line from low to high in each row."""
    places = zip(frame.x(lows), frame.x(highs), frame.y(), strict=True)
    return "".join(
        f'<path class="{kind}" d="M{low:.1f} {y:.1f}H{high:.1f}"/>\n'
        for low, high, y in places
    )


def row_dots(frame, values, kind, tips):
    """Return a dot in each row; `tips` are tooltips."""
    places = zip(frame.x(values), frame.y(), tips, strict=True)
    return "".join(
        f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="5">'
        f"<title>{escape(tip)}</title></circle>\n"
        for x, y, tip in places
    )


def _axes(frame):
    foot, end = frame.height - BOTTOM, WIDTH - RIGHT
    drawn = [
        f'<path class="grid" d="M{x:.1f} {TOP}V{foot}"/>'
        f'<text x="{x:.1f}" y="{foot + 18}" text-anchor="middle">'
        f"{tick_text(value)}</text>"
        for value in ticks(*frame.x_range, most=4)
        for x in frame.x([value])
    ]
    drawn += [
        f'<text class="label" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">'
        f"{escape(shortened(name, LONGEST))}<title>{escape(name)}</title></text>"
        for name, y in zip(frame.names, frame.y(), strict=True)
    ]
    drawn.append(f'<path class="axis" d="M{LEFT} {TOP}V{foot}H{end}"/>')
    drawn.append(
        f'<text class="label" x="{(LEFT + end) / 2}" y="{frame.height - 6}" '
        f'text-anchor="middle">{escape(frame.x_label)}</text>\n'
    )
    return "\n".join(drawn)


def shortened(name, most=12):
    """Return a name of at most `most` letters."""
    return name if len(name) <= most else f"{name[: most - 1]}…"
