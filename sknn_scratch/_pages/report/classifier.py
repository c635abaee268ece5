"""Sections of the report on a classifier that gives each row one class."""

from html import escape
from typing import NamedTuple

import numpy as np
from sklearn.metrics import precision_recall_fscore_support

from ..._html.tables import html_table
from ...inspection._baselines import bounded
from .calibration import (
    bin_rows,
    calibration_error,
    calibration_of_classes,
    confidence,
)
from .examples import show_examples
from .measures import (
    MOST_CLASSES,
    MOST_MISTAKES,
    Evaluation,
    interval,
    percent,
    score_explanation,
    score_table,
)

MOST_SHARES = 12  # classes in a matrix whose cells also show shares


class Predictions(NamedTuple):
    """True and predicted classes, as indices into `names`, and probabilities."""

    true: np.ndarray  # (m,)
    predicted: np.ndarray  # (m,)
    P: np.ndarray  # (m, n_classes)
    names: list
    shares: np.ndarray  # (n_classes,) of the classes in the training rows

    @property
    def majority(self):
        """Return the commonest class of the training rows."""
        return int(self.shares.argmax())


def evaluate_classes(subject):
    """Return the Evaluation of a classifier."""
    X, y = subject.rows
    model, names = subject.model, subject.names
    P = model.predict_proba(X)
    true = np.searchsorted(model.classes_, y)
    learned = y if subject.train is None else subject.train[1]
    codes = np.searchsorted(model.classes_, learned)
    shares = np.bincount(codes, minlength=len(names)) / len(codes)
    result = Predictions(true, P.argmax(axis=1), P, names, shares)
    sections = [
        ("Confusion", confusion(result)),
        ("Calibration", calibration_of_classes(result)),
        ("Mistakes", mistakes(result, subject)),
    ]
    return Evaluation(verdict(result), key_figures(result, subject), sections)


# -- key figures -----------------------------------------------------------------------


def key_figures(result, subject):
    """Return (name, value, remark) of each key figure."""
    right, m = result.predicted == result.true, len(result.true)
    low, high = interval(right)
    counts = np.bincount(result.true, minlength=len(result.names))
    name = result.names[result.majority]
    cost = log_loss(result.P, result.true)
    baseline = -(counts / m) @ np.log(bounded(result.shares))
    of = "these rows" if subject.train is None else "the training rows"
    tiles = [
        (
            "Accuracy",
            percent(right.mean()),
            f"95 % interval {percent(low)} to {percent(high)}",
        ),
        ("Mistakes", f"{(~right).sum()}", f"of {m} rows"),
        (
            "Majority class",
            percent(counts[result.majority] / m),
            f"right by always saying {name}",
        ),
        (
            "Log loss",
            f"{cost:.4g}",
            f"{baseline:.4g} by always giving the class shares of {of}",
        ),
        (
            "Calibration error",
            percent(calibration_error(bin_rows(*confidence(result)))),
            "between how sure it is and how often it is right",
        ),
    ]
    if subject.part == "test" and subject.train is not None:
        score = subject.model.score(*subject.train)
        remark = f"{len(subject.train[1])} rows of the training"
        tiles.insert(1, ("Train accuracy", percent(score), remark))
    return tiles


def verdict(result):
    """Return a comparison of the accuracy with that of the majority class."""
    right, m = result.predicted == result.true, len(result.true)
    counts = np.bincount(result.true, minlength=len(result.names))
    share, name = counts[result.majority] / m, escape(result.names[result.majority])
    low, high = interval(right)
    if low > share:
        words = "That is better than"
    else:
        words = (
            "That is worse than" if high < share else "That is not surely better than"
        )
    return (
        f"It gets <strong>{right.sum()} of {m}</strong> rows right. {words} always "
        f"saying “{name}”, which is right in {percent(share)}."
    )


def log_loss(P, true):
    """Return the log loss: -1/m sum log P[i, true[i]]."""
    return float(-np.log(P[np.arange(len(P)), true].astype(np.float64)).mean())


# -- confusion -------------------------------------------------------------------------


def confusion(result):
    """Return the confusion matrix, of many classes the top pairs, and the scores."""
    K = len(result.names)
    cells = K * result.true + result.predicted
    counts = np.bincount(cells, minlength=K * K).reshape(K, K)
    pairs = top_confusions(counts)
    if pairs:
        i, j = pairs[0]
        total = counts[i].sum()
        text = (
            f"The commonest mistake among the {len(result.true)} rows that judge: "
            f"“{escape(result.names[i])}” taken for "
            f"“{escape(result.names[j])}”, {counts[i, j]} of {total} times."
        )
    else:
        text = "Every row is given its class: all counts are on the diagonal."
    if len(result.names) <= MOST_CLASSES:
        shown = matrix(counts, result.names)
        text += " A row is a true class, a column what it was taken for."
    else:
        shown = confusions(counts, result.names, pairs)
        text += (
            f" Of {len(result.names)} classes only the commonest mistakes are shown."
        )
    scores = precision_recall_fscore_support(
        result.true,
        result.predicted,
        labels=range(len(result.names)),
        zero_division=np.nan,
    )
    return (
        f'<p>{text}</p>\n<div class="beside"><div class="wide">{shown}</div>\n'
        f'<div class="wide">{score_table("class", result.names, scores)}</div></div>\n'
        f"<p>{score_explanation('class')}</p>\n"
    )


def top_confusions(counts):
    """Return the (true, predicted) pairs of mistakes, the most frequent first."""
    wrong = counts - np.diag(counts.diagonal())
    order = np.argsort(-wrong, axis=None, kind="stable")[:MOST_MISTAKES]
    pairs = [divmod(int(place), len(wrong)) for place in order]
    return [pair for pair in pairs if wrong[pair]]


def matrix(counts, names):
    """Return the confusion matrix as a table, shaded by the share of the true class."""
    totals = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(totals, 1)
    small = len(names) <= MOST_SHARES
    heads = "".join(f'<th scope="col"><span>{escape(n)}</span></th>' for n in names)
    lines = []
    for i, name in enumerate(names):
        cells = "".join(
            matrix_cell(
                counts[i, j], shares[i, j], i == j, small, f"{name} → {names[j]}"
            )
            for j in range(len(names))
        )
        lines.append(
            f'<tr><th scope="row">{escape(name)}</th>{cells}'
            f'<td class="total">{totals[i, 0]}</td></tr>\n'
        )
    kind = "matrix" if small else "matrix dense"
    long = max(map(len, names)) > (5 if small else 2)
    return (
        f'<table class="{kind}{" long" if long else ""}"><thead><tr><th>true ↓ '
        f'taken for →</th>{heads}<th scope="col"><span>rows</span></th></tr></thead>\n'
        f"<tbody>{''.join(lines)}</tbody></table>"
    )


def matrix_cell(count, share, right, small, pair):
    """Return a cell of the matrix, a dot for a count of 0: mistakes stand out."""
    title = escape(f"{pair}: {count}, {percent(share)}")
    if not count:
        return f'<td title="{title}"><span class="none">·</span></td>'
    kind = "right" if right else "wrong"
    depth = round(12 + 68 * share if right else 18 + 62 * share)
    below = f"<small>{round(100 * share)} %</small>" if small else ""
    style = f'style="--depth:{depth}%"'
    return f'<td class="{kind}" {style} title="{title}">{count}{below}</td>'


def confusions(counts, names, pairs):
    """Return a table of confused pairs, one row for each."""
    heads = ["true class", "taken for", "rows", "of all its rows"]
    return html_table(
        heads,
        [
            [names[i], names[j], counts[i, j], percent(counts[i, j] / counts[i].sum())]
            for i, j in pairs
        ],
    )


# -- mistakes --------------------------------------------------------------------------


def mistakes(result, subject):
    """Return the most confident mistakes: as images, or with their unusual features."""
    wrong = np.flatnonzero(result.predicted != result.true)
    if not len(wrong):
        return f"<p>No mistakes among {len(result.true)} rows.</p>\n"
    confidences = result.P.max(axis=1)
    first = wrong[np.argsort(-confidences[wrong], kind="stable")][:MOST_MISTAKES]
    cells = [
        (
            result.names[result.true[i]],
            result.names[result.predicted[i]],
            percent(confidences[i]),
        )
        for i in first
    ]
    some = f"the {len(first)} it was surest of" if len(first) < len(wrong) else "all"
    text = (
        f"<p>{len(wrong)} of {len(result.true)} rows are wrong; here are {some}, the "
        "surest first. Look for what they have in common, and for wrong labels.</p>\n"
    )
    return text + show_examples(subject, first, ["true", "taken for", "sure"], cells)
