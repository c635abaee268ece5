"""Section of the report on how the answer depends on the most important columns."""

from html import escape
from typing import NamedTuple

import numpy as np
from sklearn.base import is_classifier

from ..._html.charts import Frame, bars, dots, legend, line, padded, svg
from ..._html.row_charts import RowFrame, row_bars, row_chart, row_dots, shortened
from ...inspection._facts import number
from ...preprocessing._values import absent, as_days, as_levels, as_numbers, kind_of
from .answers import answers, learner, sampled, table
from .measures import percent

MOST_EFFECTS = 6  # columns
MOST_SERIES = 3  # classes, labels or targets
MOST_ROWS = 300  # whose answers are averaged
GRID = 24  # values of a column that are tried
MOST_LEVELS = 12
BINS, STRIP = 24, 0.18  # of the histogram below a curve; its part of the height
KINDS = ("cost", "validation", "third")  # CSS classes of the series


class Series(NamedTuple):
    """The answers that are drawn, by their columns in `answers`."""

    names: list
    columns: list
    label: str  # of the axis
    scale: np.ndarray  # unit of each
    show: object  # function of a number that returns its text


class Effect(NamedTuple):
    """Partial dependence of the answers on one column.

    Attributes
    ----------
    places : ndarray of shape (k,)
        Numbers of the rows from which the values of the column are taken.
    mean : ndarray of shape (k, n_series)
        Mean answer for all rows, with that value instead of their own.
    """

    places: np.ndarray
    mean: np.ndarray


def effects(found, subject):
    """Return the section: a chart for each of the most important columns."""
    means = found.growth.mean(axis=1)
    shown = [j for j in found.order()[:MOST_EFFECTS].tolist() if means[j] > 0]
    if not shown:
        return "<p>No column matters to the answers.</p>\n"
    X, y = subject.rows
    known, series = table(X), series_of(subject)
    rows = sampled(len(y), MOST_ROWS)
    views = [view_of(known.column(j, slice(None))) for j in shown]
    drawn = [
        partial_dependence(subject.model, X, j, rows, view.places, series)
        for j, view in zip(shown, views, strict=True)
    ]
    limits = padded(np.concatenate([effect.mean.ravel() for effect in drawn]))
    charts = "".join(
        f"<figure><h3>{escape(found.names[j])}</h3>"
        f"{view.draw(view, effect, series, limits, found.names[j])}</figure>\n"
        for j, view, effect in zip(shown, views, drawn, strict=True)
    )
    keys = dict(zip(KINDS, series.names, strict=False))
    of = f"of {len(means)}" if len(shown) < len(means) else "of the table"
    text = (
        f"<p>The {len(shown)} most important columns {of}. A chart shows the mean "
        f"answer for {len(rows)} rows if all had the same value in a "
        "column and kept their own in the others (partial dependence). Columns that go "
        "together make it answer for rows that do not exist. All charts have the "
        "same scale. Grey bars: how many rows have such a value.</p>\n"
    )
    text += legend(**keys) if len(keys) > 1 else ""
    return f'{text}<div class="columns three effects">{charts}</div>\n'


def series_of(subject):
    """Return the Series: of many classes, labels or targets the first or commonest."""
    model, y, names = subject.model, subject.rows[1], subject.names
    if not is_classifier(model):
        count = y.shape[1] if y.ndim > 1 else 1
        if count == 1:
            return Series(
                [subject.target], [0], f"mean {subject.target}", np.ones(1), number
            )
        columns = [*range(min(count, MOST_SERIES))]
        sd = y[:, columns].std(axis=0)
        names = [f"output {k + 1}" for k in columns]
        label = "standard deviations of y"
        return Series(names, columns, label, np.where(sd > 0, sd, 1), number)
    net = learner(model)
    if net._target.multilabel:
        often = y.sum(axis=0)
    elif len(names) == 2:
        often = np.array([0, len(y)])  # the second, as in a reliability diagram
    else:
        often = np.array([(y == one).sum() for one in net.classes_])
    many = 1 if len(names) == 2 and not net._target.multilabel else MOST_SERIES
    columns = np.argsort(-often, kind="stable")[:many].tolist()
    names = [names[k] for k in columns]
    label = f"probability of “{names[0]}”" if len(names) == 1 else "probability"
    return Series(names, columns, label, np.ones(len(columns)), percent)


def partial_dependence(model, X, j, rows, places, series):
    """Return the Effect of column j: its values are those of the rows `places`.

    The mean over `rows` of the answers, with column j set to one value (Friedman 2001).
    """
    m, k = len(rows), len(places)
    changed = table(X).mixed(np.tile(rows, k), j, np.repeat(places, m))
    A = answers(model, changed)[:, series.columns] / series.scale
    return Effect(places, A.reshape(k, m, -1).mean(axis=1))


# -- the values of a column ------------------------------------------------------------


class View(NamedTuple):
    """How a column is shown: places of its values, and what draws them."""

    places: np.ndarray
    draw: object
    x: np.ndarray  # (m,) of numbers; codes of levels
    names: tuple = ()  # of levels
    dates: bool = False


def view_of(column):
    """Return the View of a column: a curve over numbers and dates, else levels."""
    kind = kind_of(column)
    if kind in ("boolean", "category"):
        return levels_of(*as_levels(column))
    if kind == "time":
        day, part, missing = as_days(column)
        x = np.where(missing, np.nan, day.astype(np.int64) + part)
    else:
        x = np.where(absent(column), np.nan, as_numbers(column))
    x = np.where(np.isfinite(x), x, np.nan)
    here = np.flatnonzero(np.isfinite(x))
    if not len(here):
        return levels_of(np.full(len(x), -1), [])
    places = grid_of(x, here)
    missing = np.flatnonzero(np.isnan(x))[:1]
    return View(np.append(places, missing), draw_curve, x, dates=kind == "time")


def grid_of(x, here):
    """Return rows whose x are all values, if few, else quantiles from 1 to 99 %."""
    values, first = np.unique(x[here], return_index=True)
    if len(values) <= GRID:
        return here[first]
    order = here[np.argsort(x[here], kind="stable")]
    ranks = np.linspace(0.01, 0.99, GRID) * (len(order) - 1)
    places = order[ranks.round().astype(int)]
    return places[np.unique(x[places], return_index=True)[1]]


def levels_of(codes, levels):
    """Return the View of levels, the commonest first; missing values are one."""
    names = [*map(str, levels), "missing"]
    codes = np.where(codes < 0, len(levels), codes)
    counts = np.bincount(codes, minlength=len(names))
    common = [k for k in np.argsort(-counts, kind="stable") if counts[k]]
    places = [int(np.argmax(codes == k)) for k in common[:MOST_LEVELS]]
    return View(np.array(places), draw_levels, codes, tuple(names))


# -- charts ----------------------------------------------------------------------------


def draw_curve(view, effect, series, limits, name):
    """Return the curves over the numbers of a column, above a histogram of its rows."""
    x, mean = view.x[effect.places], effect.mean
    gap = np.isnan(x)
    edges, (low, high) = edges_of(view.x, x[~gap]), limits
    whole = edges[0], edges[-1]
    room = STRIP * (high - low)
    frame = Frame(name, series.label, whole, (low - room, high))
    frame = frame._replace(x_ticks=date_ticks(*whole) if view.dates else None)
    counts, _ = np.histogram(view.x[np.isfinite(view.x)], edges)
    heights = low - room + 0.9 * room * counts / max(counts.max(), 1)
    marks = [bars(frame, edges, heights, "rug", [f"{n} rows" for n in counts])]
    for k, kind in enumerate(KINDS[: mean.shape[1]]):
        values = mean[~gap, k]
        tips = [
            f"{_value(v, view.dates)}: {series.show(a)}"
            for v, a in zip(x[~gap], values, strict=True)
        ]
        marks.append(line(frame, x[~gap], values, kind))
        marks.append(dots(frame, x[~gap], values, f"{kind} dot", tips, 2.5))
    text = ""
    if gap.any():
        shown = ", ".join(
            f"{escape(one)} {series.show(a)}"
            if len(series.names) > 1
            else series.show(a)
            for one, a in zip(series.names, mean[gap][0], strict=True)
        )
        share = percent(np.isnan(view.x).mean())
        text = f'<p class="quiet">Where it is missing ({share}): {shown}</p>'
    return svg(frame, f"Effect of {name}", *marks) + text


def edges_of(x, grid):
    """Return the edges of a histogram below a curve over the numbers `grid`.

    Where these are all values of x, each has a bar around it.
    """
    low, high = grid[0], grid[-1]
    if low == high:
        return np.array(padded(grid))
    if len(np.unique(x[np.isfinite(x)])) > len(grid):
        return np.linspace(low, high, BINS + 1)
    middle, half = (grid[1:] + grid[:-1]) / 2, np.diff(grid).min() / 2
    return np.array([low - half, *middle, high + half])


def draw_levels(view, effect, series, limits, name):
    """Return a bar from the mean of all levels for each level, of several series dots.

    The widths are those of the other charts' heights.
    """
    codes = view.x[effect.places]
    counts = np.bincount(view.x, minlength=len(view.names))[codes]
    shares = counts / len(view.x)
    names = [
        f"{shortened(view.names[k])}  {percent(share)}"
        for k, share in zip(codes, shares, strict=True)
    ]
    frame = RowFrame(series.label, names, limits)
    tips = [
        [
            f"{view.names[k]}: {series.show(a)}, {n} rows"
            for k, a, n in zip(codes, column, counts, strict=True)
        ]
        for column in effect.mean.T
    ]
    marks = []
    if effect.mean.shape[1] == 1:
        start = np.average(effect.mean[:, 0], weights=counts)
        marks.append(row_bars(frame, start, effect.mean[:, 0], "bar", tips[0]))
    for kind, column, texts in zip(KINDS, effect.mean.T, tips, strict=False):
        marks.append(row_dots(frame, column, f"{kind} dot", texts))
    rest = len(set(view.x.tolist())) - len(codes)
    text = f'<p class="quiet">{rest} rarer levels are not shown.</p>' if rest else ""
    return row_chart(frame, f"Effect of {name}", *marks) + text


def date_ticks(low, high):
    """Return (day, text) of at most five years, months or days from low to high."""
    for unit in ("Y", "M", "D"):
        first, last = (
            np.datetime64(int(d), "D").astype(f"M8[{unit}]")
            for d in (np.ceil(low), np.floor(high))
        )
        marks = np.arange(first, last + 1)
        days = marks.astype("M8[D]").astype(np.int64)
        kept = (days >= low) & (days <= high)
        if kept.sum() >= 3:
            break
    every = -(-kept.sum() // 5)
    return tuple(
        (int(day), str(mark))
        for day, mark in zip(days[kept][::every], marks[kept][::every], strict=True)
    )


def _value(x, is_date):
    return str(np.datetime64(int(x), "D")) if is_date else number(x)
