"""Charts as inline SVG; the style sheet of the page sets light and dark colours."""

import math
from html import escape
from typing import NamedTuple

import numpy as np

WIDTH, HEIGHT = 440, 290
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 12, 46
MOST_POINTS = 500  # of a line; more than its width in pixels


class Frame(NamedTuple):
    """The axes of a chart: their labels, ranges and scales.

    `x_ticks` are pairs of a number and its text; None makes ticks of round numbers.
    """

    x_label: str
    y_label: str
    x_range: tuple
    y_range: tuple
    log: bool = False  # scale of the y axis
    x_ticks: tuple | None = None

    def x(self, values):
        """Return the horizontal positions of values in the drawing."""
        low, high = self.x_range
        share = (np.asarray(values, dtype=float) - low) / (high - low)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, values):
        """Return the vertical positions of values in the drawing, from the top."""
        values, limits = np.asarray(values, dtype=float), np.array(self.y_range)
        if self.log:
            values, limits = np.log10(values), np.log10(limits)
        low, high = limits
        return HEIGHT - BOTTOM - (values - low) / (high - low) * (HEIGHT - TOP - BOTTOM)


def svg(frame, name, *marks):
    """Return the chart: axes, ticks, labels and the marks.

    `name` is the label for screen readers.
    """
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(name)}">\n{_axes(frame)}' + "".join(marks) + "</svg>\n"
    )


def line(frame, xs, ys, kind):
    """Return a curve of at most MOST_POINTS of the points."""
    xs, ys = np.asarray(xs), np.asarray(ys)
    kept = np.unique(np.linspace(0, len(xs) - 1, min(len(xs), MOST_POINTS)).astype(int))
    places = zip(frame.x(xs[kept]), frame.y(ys[kept]), strict=True)
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return f'<polyline class="{kind}" points="{points}"/>\n'


def dots(frame, xs, ys, kind, names, radius=4.0):
    """Return a dot for each point; its name is the tooltip."""
    radii = np.broadcast_to(radius, len(names))
    places = zip(frame.x(xs), frame.y(ys), radii, names, strict=True)
    return "".join(
        f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}">'
        f"<title>{escape(name)}</title></circle>\n"
        for x, y, r, name in places
    )


def spans(frame, xs, lows, highs, kind):
    """Return a vertical line from low to high at each x."""
    places = zip(frame.x(xs), frame.y(lows), frame.y(highs), strict=True)
    return "".join(
        f'<path class="{kind}" d="M{x:.1f} {low:.1f}V{high:.1f}"/>\n'
        for x, low, high in places
    )


def bars(frame, edges, heights, kind, names):
    """Return the bars of a histogram, each between two edges; names are tooltips."""
    places, foot = frame.x(edges), HEIGHT - BOTTOM
    shapes = zip(places[:-1], places[1:], frame.y(heights), names, strict=True)
    return "".join(
        f'<rect class="{kind}" x="{x + 1:.1f}" y="{y:.1f}" '
        f'width="{max(right - x - 2, 0.5):.1f}" height="{foot - y:.1f}">'
        f"<title>{escape(name)}</title></rect>\n"
        for x, right, y, name in shapes
    )


def legend(**kinds):
    """Return a legend; `kinds` maps the CSS class of each mark to its name."""
    keys = "".join(
        f'<span><i class="key {kind}"></i>{escape(name)}</span>'
        for kind, name in kinds.items()
    )
    return f'<p class="legend">{keys}</p>\n'


def padded(values):
    """Return the range of the values with a margin of 5 % on both sides."""
    low, high = float(np.min(values)), float(np.max(values))
    margin = 0.05 * (high - low) or abs(high) / 2 or 1.0
    return low - margin, high + margin


def ticks(low, high, most=6):
    """Return round numbers between low and high, for the ticks of an axis.

    The distance between them is 1, 2 or 5 times a power of ten.
    """
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= rough)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def log_ticks(low, high):
    """Return powers of ten between low and high; of few, also 2 and 5 times them."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    step = max(1, len(powers) // 6)
    found = [10.0**p for p in powers if p % step == 0 and low <= 10.0**p <= high]
    if len(found) < 3:
        candidates = [k * 10.0**p for p in powers for k in (1, 2, 5)]
        found = [value for value in candidates if low <= value <= high]
    return found


def _axes(frame):
    x_ticks = frame.x_ticks
    if x_ticks is None:
        x_ticks = [(value, tick_text(value)) for value in ticks(*frame.x_range)]
    y_ticks = (log_ticks if frame.log else ticks)(*frame.y_range)
    foot, end = HEIGHT - BOTTOM, WIDTH - RIGHT
    drawn = [
        f'<path class="grid" d="M{LEFT} {y:.1f}H{end}"/>'
        f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">'
        f"{tick_text(value)}</text>"
        for value, y in zip(y_ticks, frame.y(y_ticks), strict=True)
    ]
    drawn += [
        f'<path class="axis" d="M{x:.1f} {foot}v4"/>'
        f'<text x="{x:.1f}" y="{foot + 18}" text-anchor="middle">{text}</text>'
        for value, text in x_ticks
        for x in frame.x([value])
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


def tick_text(value):
    """Return the number at a tick as a text."""
    if value and not 1e-3 <= abs(value) < 1e5:
        digits, _, power = f"{value:.3e}".partition("e")
        text = f"{float(digits):g}e{int(power)}"
    else:
        text = f"{value:g}"
    return text.replace("-", "\N{MINUS SIGN}")
