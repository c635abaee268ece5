"""Measures and charts that the reports on classes and on labels share."""

from html import escape
from typing import NamedTuple

import numpy as np
from scipy.stats import binomtest

from ..._html.charts import Frame, bars, dots, legend, line, spans, svg

MOST_CLASSES = 30  # in a matrix or a table of scores
MOST_MISTAKES = 24
BINS = 10


def interval(right):
    """Return the 95 % confidence interval of the share of True (Wilson's score)."""
    found = binomtest(int(np.sum(right)), len(right)).proportion_ci(method="wilson")
    return float(found.low), float(found.high)


def percent(share):
    """Return a share as `97.1 %`; do not round to 0 or 100 % what is not exact."""
    if 0.9995 <= share < 1:
        return ">99.9\N{NO-BREAK SPACE}%"
    if 0 < share < 0.0005:
        return "<0.1\N{NO-BREAK SPACE}%"
    return f"{100 * share:.1f}\N{NO-BREAK SPACE}%"


# -- scores of each class or label -----------------------------------------------------


def score_explanation(what):
    """Explain the columns of `score_table`."""
    return (
        f"Precision: how many of the rows given this {what} have it. Recall: how many "
        "of the rows that have it were given it. F1 is high only where both are."
    )


def score_table(head, names, scores):
    """Return a table of precision, recall and F1 (of many classes, the worst ones)."""
    note, rows = "", list(zip(names, *scores, strict=True))
    if len(rows) > MOST_CLASSES:
        note = (
            f'<p class="quiet">The {MOST_CLASSES} of {len(rows)} with the least F1.</p>'
        )
        rows = sorted(rows, key=lambda row: row[3])[:MOST_CLASSES]
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td class="number">{int(support)}</td>'
        + "".join(map(_meter, shares))
        + "</tr>\n"
        for name, *shares, support in rows
    )
    heads = "".join(f"<th>{text}</th>" for text in ("precision", "recall", "F1"))
    return (
        f'{note}<table class="scores"><thead><tr><th>{head}</th><th class="number">rows'
        f"</th>{heads}</tr></thead>\n<tbody>{body}</tbody></table>"
    )


def _meter(share):
    """Return a table cell with a number and a bar, or with a dash for NaN."""
    if np.isnan(share):
        return '<td class="meter">–</td>'
    return f'<td class="meter" style="--part:{share:.3f}">{share:.3f}</td>'


# -- calibration -----------------------------------------------------------------------


class Bins(NamedTuple):
    """Means of bins of predicted probability, without empty bins."""

    mean: np.ndarray  # mean predicted probability
    share: np.ndarray  # observed frequency
    count: np.ndarray
    all_counts: np.ndarray  # (BINS,), with empty bins


def bin_rows(P, outcome):
    """Sort rows into ten bins of equal width by their probability."""
    place = np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], P)
    counts = np.bincount(place, minlength=BINS)
    full = counts > 0
    sums = [np.bincount(place, w, minlength=BINS)[full] for w in (P, outcome)]
    mean, share = (total / counts[full] for total in sums)
    return Bins(mean, share, counts[full], counts)


def calibration_error(binned):
    """Return the expected calibration error: sum count |mean - share| / sum count."""
    return float(np.average(abs(binned.mean - binned.share), weights=binned.count))


def reliability(binned, x_label, y_label, text):
    """Return the reliability diagram, the histogram of probabilities and a text."""
    frame = Frame(x_label, y_label, (0, 1), (0, 1))
    limits = [
        interval(np.arange(n) < round(n * share))
        for n, share in zip(binned.count, binned.share, strict=True)
    ]
    lows, highs = zip(*limits, strict=True)
    names = [
        f"given {percent(p)}, true {percent(s)}, {n} rows"
        for p, s, n in zip(binned.mean, binned.share, binned.count, strict=True)
    ]
    diagram = svg(
        frame,
        "Reliability diagram",
        line(frame, [0, 1], [0, 1], "ideal"),
        spans(frame, binned.mean, lows, highs, "span"),
        line(frame, binned.mean, binned.share, "cost"),
        dots(frame, binned.mean, binned.share, "cost dot", names),
    )
    counts = binned.all_counts
    histogram_frame = Frame(x_label, "rows", (0, 1), (0, 1.05 * counts.max()))
    texts = [f"{n} rows" for n in counts]
    edges = np.linspace(0, 1, BINS + 1)
    bar_chart = bars(histogram_frame, edges, counts, "bar", texts)
    histogram = svg(histogram_frame, "How often", bar_chart)
    keys = legend(cost="the model", ideal="perfect", span="95 % interval")
    return (
        f"<p>{text} A point on the dashed line means that what is given 70 % comes "
        "true in 70 of 100 cases; a point below it means too sure. Long bars are of "
        "few rows: do not read much into them.</p>\n"
        f'<div class="columns"><figure>{keys}{diagram}</figure>\n'
        f'<figure><p class="legend">How often each probability is given</p>{histogram}'
        "</figure></div>\n"
    )
