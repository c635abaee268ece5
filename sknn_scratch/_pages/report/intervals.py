"""Section of the report on the intervals of an ensemble that predicts numbers."""

import numpy as np
from scipy.stats import binomtest

from ..._estimators.access import before_network, last_step
from ..._html.charts import Frame, dots, legend, line, padded, spans, svg
from ..._html.tables import html_table
from ...inspection._diagnosis.symptoms import Finding
from ...inspection._facts import number
from .measures import interval, percent

COVERAGE = 0.9
INTERVAL = f"{100 * COVERAGE:.0f}\N{NO-BREAK SPACE}% interval"
LEVELS = (0.5, 0.8, COVERAGE, 0.95)
MOST_BINS, ROWS_A_BIN = 10, 20
RARE = 0.01


def intervals(model, X, coverage=COVERAGE):
    """Return the ends (m, n_outputs, 2) of the intervals of a model, None without."""
    last = last_step(model)
    if not hasattr(last, "predict_interval"):
        return None
    ends = last.predict_interval(before_network(model, X), coverage)
    return ends.reshape(len(ends), -1, 2)


def inside(y, ends):
    """Return which of y (m, n_outputs) are within the ends."""
    return (ends[..., 0] <= y) & (y <= ends[..., 1])


def show_intervals(subject, y, predicted, ends):
    """Return the section: how many answers the intervals hold, on the whole and by bin.

    One answer a row has a line for each coverage, several have one each.
    """
    if y.shape[1] == 1:
        heads = ["asked for", "held", "uncertainty", "mean width"]
        rows = [
            [percent(c), *held(y[:, 0], intervals(subject.model, subject.rows[0], c))]
            for c in LEVELS
        ]
    else:
        heads = ["output", "held", "uncertainty", "mean width"]
        rows = [[f"{k + 1}", *held(y[:, k], ends[:, [k]])] for k in range(y.shape[1])]
    text = (
        f"<p>How many of the {len(y)} answers are within the intervals of "
        "<code>predict_interval</code>, in the table with the uncertainty that so many "
        "rows leave (95 % confidence), in the chart at "
        f"{percent(COVERAGE)} for rows sorted by their prediction. A point below the "
        "dashed line: too narrow there.</p>\n"
    )
    shown, chart = html_table(heads, rows), by_prediction(y, predicted, ends)
    return (
        f'{text}<div class="columns"><div class="wide numbers">{shown}</div>\n'
        f"<figure>{chart}</figure></div>\n"
    )


def held(y, ends):
    """Return the cells of a table: the share held, its interval, the mean width."""
    right = inside(y, ends[:, 0])
    low, high = interval(right)
    width = (ends[:, 0, 1] - ends[:, 0, 0]).mean()
    text = number(width) if np.isfinite(width) else "infinite: too few rows"
    return [percent(right.mean()), f"{percent(low)} to {percent(high)}", text]


def in_bins(y, predicted, ends):
    """Return the rows of each bin by prediction, and which of them are inside."""
    count = max(1, min(MOST_BINS, len(y) // ROWS_A_BIN))
    bins = np.array_split(np.argsort(predicted, kind="stable"), count)
    return bins, [inside(y[rows], ends[rows]) for rows in bins]


def narrow_intervals(y, predicted, ends):
    """Return a finding in a list if a bin holds far fewer answers than asked for.

    All bins together give it by chance to at most one model of 100 whose intervals hold
    what they should.
    """
    bins, right = in_bins(y[:, 0], predicted[:, 0], ends[:, 0])
    chance = [
        binomtest(int(one.sum()), len(one), COVERAGE, "less").pvalue for one in right
    ]
    k = int(np.argmin(chance))
    if chance[k] * len(bins) > RARE:
        return []
    share, asked = percent(right[k].mean()), percent(COVERAGE)
    low, high = predicted[bins[k], 0].min(), predicted[bins[k], 0].max()
    text = (
        f"of the {len(bins[k])} rows predicted between {number(low)} and "
        f"{number(high)}, the {asked} intervals hold {share}"
    )
    cure = (
        "do not rely on the intervals there; loss='quantile' gives each row a width of "
        "its own"
    )
    return [Finding("narrow_intervals", None, float(right[k].mean()), text, cure)]


def by_prediction(y, predicted, ends):
    """Return the chart of the share held of the first output, in bins of equal size."""
    predicted = predicted[:, 0]
    bins, right = in_bins(y[:, 0], predicted, ends[:, 0])
    x = [predicted[rows].mean() for rows in bins]
    share = [one.mean() for one in right]
    lows, highs = zip(*map(interval, right), strict=True)
    frame = Frame("predicted", "share held", padded(x), (min(*lows, 0.6) - 0.02, 1.02))
    tips = [
        f"about {number(at)}: {percent(s)} of {len(rows)} rows"
        for at, s, rows in zip(x, share, bins, strict=True)
    ]
    chart = svg(
        frame,
        "Coverage by prediction",
        line(frame, frame.x_range, (COVERAGE, COVERAGE), "ideal"),
        spans(frame, x, lows, highs, "span"),
        dots(frame, x, share, "cost dot", tips),
    )
    return (
        legend(cost="held", ideal="asked for", span="uncertainty (95 % confidence)")
        + chart
    )
