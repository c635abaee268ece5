"""Sections of the report on calibration: predicted probability against frequency."""

from typing import NamedTuple

import numpy as np

from ..._html.charts import Frame, bars, dots, legend, line, spans, svg
from .measures import interval, percent

BINS = 10


def calibration_of_classes(result):
    """Return the section on a classifier: the reliability diagram and a conclusion."""
    confidences, right = confidence(result)
    if len(result.names) == 2:
        P, outcome = result.P[:, 1].astype(np.float64), result.true == 1
        x_label = f"probability of “{result.names[1]}”"
        y_label = "share of rows that have it"
    else:
        P, outcome = confidences, right
        x_label, y_label = (
            "probability of the class it gives",
            "share of rows it gets right",
        )
    low, high = interval(right)
    text = (
        f"On average it is {percent(confidences.mean())} sure, and it is right in "
        f"{percent(right.mean())}: "
    )
    if confidences.mean() > high:
        text += "<strong>surer than it should be</strong>."
    elif confidences.mean() < low:
        text += "<strong>less sure than it could be</strong>."
    else:
        text += "so many rows show no difference between the two."
    return reliability(bin_rows(P, outcome), x_label, y_label, text)


def calibration_of_labels(P, Y):
    """Return the section on several labels: one reliability diagram for all."""
    text = (
        f"On average it gives a label {percent(P.mean())}, and it is there in "
        f"{percent(Y.mean())}."
    )
    binned = bin_rows(P.ravel(), Y.ravel())
    return reliability(binned, "probability of a label", "share that has it", text)


def confidence(result):
    """Return the probability of the predicted class, and whether it is right."""
    return result.P.max(axis=1).astype(np.float64), result.predicted == result.true


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
