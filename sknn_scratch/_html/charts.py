"""Charts as SVG that sits in a page: its colours are the page's, in light and dark."""

import math
from html import escape
from typing import NamedTuple

import numpy as np

WIDTH, HEIGHT = 440, 290
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 12, 46
MOST_POINTS = 500  # of a line; more than the screen has


class Frame(NamedTuple):
    """The room between the axes, and what they measure."""

    x_label: str
    y_label: str
    x_range: tuple
    y_range: tuple
    log: bool = False  # the y axis

    def x(self, values):
        """Places from left to right."""
        low, high = self.x_range
        share = (np.asarray(values, dtype=float) - low) / (high - low)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, values):
        """Places from top to bottom."""
        values, limits = np.asarray(values, dtype=float), np.array(self.y_range)
        if self.log:
            values, limits = np.log10(values), np.log10(limits)
        low, high = limits
        return HEIGHT - BOTTOM - (values - low) / (high - low) * (HEIGHT - TOP - BOTTOM)


def svg(frame, name, *marks):
    """The chart: axes, ticks, labels, and the marks; `name` is read to the blind."""
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(name)}">\n{_axes(frame)}' + "".join(marks) + "</svg>\n"
    )


def line(frame, xs, ys, kind):
    """A curve; of a long one as many points as can be seen."""
    xs, ys = np.asarray(xs), np.asarray(ys)
    seen = np.unique(np.linspace(0, len(xs) - 1, min(len(xs), MOST_POINTS)).astype(int))
    places = zip(frame.x(xs[seen]), frame.y(ys[seen]), strict=True)
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return f'<polyline class="{kind}" points="{points}"/>\n'


def dots(frame, xs, ys, kind, names, radius=4.0):
    """A dot a point; its name is shown where the mouse rests."""
    radii = np.broadcast_to(radius, len(names))
    places = zip(frame.x(xs), frame.y(ys), radii, names, strict=True)
    return "".join(
        f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}">'
        f"<title>{escape(name)}</title></circle>\n"
        for x, y, r, name in places
    )


def spans(frame, xs, lows, highs, kind):
    """A vertical line from low to high at each x."""
    places = zip(frame.x(xs), frame.y(lows), frame.y(highs), strict=True)
    return "".join(
        f'<path class="{kind}" d="M{x:.1f} {low:.1f}V{high:.1f}"/>\n'
        for x, low, high in places
    )


def bars(frame, edges, heights, kind, names):
    """A histogram: a bar between two edges each."""
    places, foot = frame.x(edges), HEIGHT - BOTTOM
    shapes = zip(places[:-1], places[1:], frame.y(heights), names, strict=True)
    return "".join(
        f'<rect class="{kind}" x="{x + 1:.1f}" y="{y:.1f}" '
        f'width="{max(right - x - 2, 0.5):.1f}" height="{foot - y:.1f}">'
        f"<title>{escape(name)}</title></rect>\n"
        for x, right, y, name in shapes
    )


def legend(**kinds):
    """Names of the marks, of the classes that they have."""
    keys = "".join(
        f'<span><i class="key {kind}"></i>{escape(name)}</span>'
        for kind, name in kinds.items()
    )
    return f'<p class="legend">{keys}</p>\n'


def padded(values):
    """The range of the values with a little room on both sides."""
    low, high = float(np.min(values)), float(np.max(values))
    room = 0.05 * (high - low) or abs(high) / 2 or 1.0
    return low - room, high + room


def ticks(low, high, most=6):
    """Round numbers between low and high, 1, 2 or 5 times a power of ten apart."""
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= rough)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def log_ticks(low, high):
    """Powers of ten between low and high; where they are few, 2 and 5 times them."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    apart = max(1, len(powers) // 6)
    found = [10.0**p for p in powers if p % apart == 0 and low <= 10.0**p <= high]
    if len(found) < 3:
        all_of_them = [k * 10.0**p for p in powers for k in (1, 2, 5)]
        found = [value for value in all_of_them if low <= value <= high]
    return found


def _axes(frame):
    x_ticks = ticks(*frame.x_range)
    y_ticks = (log_ticks if frame.log else ticks)(*frame.y_range)
    foot, end = HEIGHT - BOTTOM, WIDTH - RIGHT
    drawn = [
        f'<path class="grid" d="M{LEFT} {y:.1f}H{end}"/>'
        f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{_text(value)}</text>'
        for value, y in zip(y_ticks, frame.y(y_ticks), strict=True)
    ]
    drawn += [
        f'<path class="axis" d="M{x:.1f} {foot}v4"/>'
        f'<text x="{x:.1f}" y="{foot + 18}" text-anchor="middle">{_text(value)}</text>'
        for value, x in zip(x_ticks, frame.x(x_ticks), strict=True)
    ]
    drawn.append(f'<path class="axis" d="M{LEFT} {TOP}V{foot}H{end}"/>')
    middle_x, middle_y = (LEFT + end) / 2, (TOP + foot) / 2
    drawn.append(
        f'<text class="label" x="{middle_x}" y="{HEIGHT - 6}" text-anchor="middle">'
        f"{escape(frame.x_label)}</text>"
        f'<text class="label" transform="translate(13 {middle_y}) rotate(-90)" '
        f'text-anchor="middle">{escape(frame.y_label)}</text>\n'
    )
    return "\n".join(drawn)


def _text(value):
    if value and not 1e-3 <= abs(value) < 1e5:
        digits, _, power = f"{value:.0e}".partition("e")
        return f"{digits}e{int(power)}"
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")
