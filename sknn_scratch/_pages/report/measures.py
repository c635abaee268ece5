"""Measures and charts that the reports on classes and on labels share."""

from html import escape
from typing import NamedTuple

import numpy as np
from scipy.stats import binomtest

MOST_CLASSES = 30  # in a matrix or a table of scores
MOST_MISTAKES = 24


class Evaluation(NamedTuple):
    """What one kind of prediction says of a model.

    Attributes
    ----------
    verdict : str
        In HTML.
    tiles : list of (str, str, str)
        Name, value and remark of each key figure.
    sections : list of (str, str)
        Title and HTML.
    findings : list of Finding
    """

    verdict: str
    tiles: list
    sections: list
    findings: list = []


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


def sentence(text):
    """Return a text as a sentence, escaped: a capital letter, one full stop."""
    return escape(f"{text[:1].upper()}{text[1:].rstrip('.')}.")


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
