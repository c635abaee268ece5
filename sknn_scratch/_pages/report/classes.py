"""Sections of the report on a classifier that gives each row one class."""

from html import escape
from typing import NamedTuple

import numpy as np
from sklearn.metrics import precision_recall_fscore_support

from ..._estimators.access import feature_names
from ..._html.images import show_rows
from ..._html.tables import html_table
from .measures import (
    MOST_CLASSES,
    MOST_MISTAKES,
    bins,
    expected_error,
    interval,
    percent,
    reliability,
    score_table,
    score_words,
)

MOST_SHARES = 12  # classes in a matrix whose cells also show shares


class Judged(NamedTuple):
    """True and predicted classes, as indices into `names`, and probabilities."""

    X: np.ndarray
    true: np.ndarray  # (m,)
    found: np.ndarray  # (m,)
    P: np.ndarray  # (m, n_classes)
    names: list
    usual: int  # the majority class of the training rows


def judge_classes(subject):
    """Return verdict, key figures and sections for a classifier."""
    X, y = subject.rows
    model, names = subject.model, subject.names
    P = model.predict_proba(X)
    true = np.searchsorted(model.classes_, y)
    learned = y if subject.train is None else subject.train[1]
    usual = np.bincount(np.searchsorted(model.classes_, learned)).argmax()
    seen = Judged(X, true, P.argmax(axis=1), P, names, usual)
    sections = [
        ("Confusion", confusion(seen)),
        ("Calibration", calibration(seen)),
        ("Mistakes", mistakes(seen, feature_names(model, X))),
    ]
    return verdict(seen), figures(seen, subject), sections


# -- key figures -----------------------------------------------------------------------


def figures(seen, subject):
    """Return (name, value, remark) of each key figure."""
    right, m = seen.found == seen.true, len(seen.true)
    low, high = interval(right)
    counts = np.bincount(seen.true, minlength=len(seen.names))
    shares = counts[counts > 0] / m
    often = seen.names[seen.usual]
    cost, idle = log_loss(seen.P, seen.true), -(shares * np.log(shares)).sum()
    tiles = [
        (
            "Accuracy",
            percent(right.mean()),
            f"95 % interval {percent(low)} to {percent(high)}",
        ),
        ("Mistakes", f"{(~right).sum()}", f"of {m} rows"),
        (
            "Majority class",
            percent(counts[seen.usual] / m),
            f"right by always saying {often}",
        ),
        ("Log loss", f"{cost:.4g}", f"{idle:.4g} by always giving the class shares"),
        (
            "Calibration error",
            percent(expected_error(bins(*confidence(seen)))),
            "between how sure it is and how often it is right",
        ),
    ]
    if subject.part == "test" and subject.train is not None:
        score = subject.model.score(*subject.train)
        remark = f"{len(subject.train[1])} rows of the train set"
        tiles.insert(1, ("Train accuracy", percent(score), remark))
    return tiles


def verdict(seen):
    """Return a comparison of the accuracy with that of the majority class."""
    right, m = seen.found == seen.true, len(seen.true)
    counts = np.bincount(seen.true, minlength=len(seen.names))
    share, name = counts[seen.usual] / m, escape(seen.names[seen.usual])
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


def confusion(seen):
    """Return the confusion matrix, of many classes the top pairs, and the scores."""
    K = len(seen.names)
    counts = np.bincount(K * seen.true + seen.found, minlength=K * K).reshape(K, K)
    pairs = commonest(counts)
    if pairs:
        i, j = pairs[0]
        total = counts[i].sum()
        said = (
            f"The commonest mistake: “{escape(seen.names[i])}” taken for "
            f"“{escape(seen.names[j])}”, {counts[i, j]} of {total} times."
        )
    else:
        said = "Every row is given its class: all counts are on the diagonal."
    if len(seen.names) <= MOST_CLASSES:
        shown = matrix(counts, seen.names)
        said += " A row is a true class, a column what it was taken for."
    else:
        shown = confusions(counts, seen.names, pairs)
        said += f" Of {len(seen.names)} classes only the commonest mistakes are shown."
    scores = precision_recall_fscore_support(
        seen.true, seen.found, labels=range(len(seen.names)), zero_division=np.nan
    )
    return (
        f'<p>{said}</p>\n<div class="beside"><div class="wide">{shown}</div>\n'
        f'<div class="wide">{score_table("class", seen.names, scores)}</div></div>\n'
        f"<p>{score_words('class')}</p>\n"
    )


def commonest(counts):
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
            _cell(counts[i, j], shares[i, j], i == j, small, f"{name} → {names[j]}")
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


def _cell(count, share, right, small, pair):
    """Return a cell of the matrix, a dot for a count of 0: mistakes stand out."""
    told = escape(f"{pair}: {count}, {percent(share)}")
    if not count:
        return f'<td title="{told}"><span class="none">·</span></td>'
    kind = "right" if right else "wrong"
    depth = round(12 + 68 * share if right else 18 + 62 * share)
    below = f"<small>{round(100 * share)} %</small>" if small else ""
    style = f'style="--depth:{depth}%"'
    return f'<td class="{kind}" {style} title="{told}">{count}{below}</td>'


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


# -- calibration -----------------------------------------------------------------------


def confidence(seen):
    """Return the probability of the predicted class, and whether it is right."""
    return seen.P.max(axis=1).astype(np.float64), seen.found == seen.true


def calibration(seen):
    """Return the reliability diagram with a conclusion."""
    sure, right = confidence(seen)
    if len(seen.names) == 2:
        P, came_true = seen.P[:, 1].astype(np.float64), seen.true == 1
        given = f"probability of “{seen.names[1]}”"
        happened = "share of rows that have it"
    else:
        P, came_true = sure, right
        given, happened = (
            "probability of the class it gives",
            "share of rows it gets right",
        )
    low, high = interval(right)
    told = (
        f"On average it is {percent(sure.mean())} sure, and it is right in "
        f"{percent(right.mean())}: "
    )
    if sure.mean() > high:
        told += "<strong>surer than it should be</strong>."
    elif sure.mean() < low:
        told += "<strong>less sure than it could be</strong>."
    else:
        told += "so many rows show no difference between the two."
    return reliability(bins(P, came_true), given, happened, told)


# -- mistakes --------------------------------------------------------------------------


def mistakes(seen, names):
    """Return the most confident mistakes: as images, or with their unusual features."""
    wrong = np.flatnonzero(seen.found != seen.true)
    if not len(wrong):
        return f"<p>No mistakes among {len(seen.true)} rows.</p>\n"
    sure = seen.P.max(axis=1)
    first = wrong[np.argsort(-sure[wrong], kind="stable")][:MOST_MISTAKES]
    told = [
        (seen.names[seen.true[i]], seen.names[seen.found[i]], percent(sure[i]))
        for i in first
    ]
    some = f"the {len(first)} it was surest of" if len(first) < len(wrong) else "all"
    said = (
        f"<p>{len(wrong)} of {len(seen.true)} rows are wrong; here are {some}, the "
        "surest first. Look for what they have in common, and for wrong labels.</p>\n"
    )
    return said + show_rows(seen.X, first, ["true", "taken for", "sure"], told, names)
