"""Sections of the report on a multilabel classifier."""

import numpy as np
from sklearn.metrics import f1_score, precision_recall_fscore_support

from ..._estimators.access import feature_names
from ..._html.images import show_rows
from .measures import (
    MOST_MISTAKES,
    bins,
    expected_error,
    interval,
    percent,
    reliability,
    score_table,
    score_words,
)


def judge_labels(subject):
    """Return verdict, key figures and sections for a multilabel classifier."""
    X, Y = subject.rows
    P = np.asarray(subject.model.predict_proba(X), dtype=np.float64)
    Y, found = Y.astype(bool), P > 0.5
    whole = (found == Y).all(axis=1)
    verdict = (
        f"In <strong>{whole.sum()} of {len(Y)}</strong> rows every label is right. "
        f"Of all the labels, {percent((found == Y).mean())} are; by never giving one, "
        f"{percent((~Y).mean())} would be."
    )
    sections = [
        ("Labels", by_label(Y, found, subject.names)),
        ("Calibration", calibration(P, Y)),
        ("Mistakes", mistakes(subject, P, Y, found)),
    ]
    return verdict, figures(P, Y, found, subject.model.decision_function(X)), sections


def figures(P, Y, found, Z):
    """Return (name, value, remark) of each key figure."""
    whole = (found == Y).all(axis=1)
    low, high = interval(whole)
    cost = np.logaddexp(0, np.where(Y, -Z, Z)).mean()  # from Z: 1 - P may round to 0
    micro = f1_score(Y, found, average="micro", zero_division=0)
    error = expected_error(bins(P.ravel(), Y.ravel()))
    return [
        (
            "Whole rows right",
            percent(whole.mean()),
            f"95 % interval {percent(low)} to {percent(high)}",
        ),
        ("Labels right", percent((found == Y).mean()), f"of {Y.size}"),
        ("F1 of all labels", f"{micro:.3f}", "1 is perfect"),
        ("Log loss", f"{cost:.4g}", "a label, on average"),
        ("Calibration error", percent(error), "between given and come true"),
    ]


def by_label(Y, found, names):
    """Return a table of precision, recall and F1 of each label."""
    scores = precision_recall_fscore_support(Y, found, zero_division=np.nan)
    table = score_table("label", names, scores)
    return f'<p>{score_words("label")}</p>\n<div class="wide">{table}</div>\n'


def calibration(P, Y):
    """Return one reliability diagram for all labels."""
    told = (
        f"On average it gives a label {percent(P.mean())}, and it is there in "
        f"{percent(Y.mean())}."
    )
    found = bins(P.ravel(), Y.ravel())
    return reliability(found, "probability of a label", "share that has it", told)


def mistakes(subject, P, Y, found):
    """Return the rows with wrong labels, the most confident mistakes first."""
    wrong = found != Y
    places = np.flatnonzero(wrong.any(axis=1))
    if not len(places):
        return f"<p>No mistakes among {len(Y)} rows.</p>\n"
    sure = np.where(wrong, np.maximum(P, 1 - P), 0).max(axis=1)
    first = places[np.argsort(-sure[places], kind="stable")][:MOST_MISTAKES]
    names = np.array(subject.names, dtype=object)
    told = [
        (
            ", ".join(names[Y[i]]) or "none",
            ", ".join(names[found[i]]) or "none",
            f"{names[np.where(wrong[i], abs(P[i] - 0.5), -1).argmax()]}, "
            f"{percent(sure[i])} sure",
        )
        for i in first
    ]
    said = (
        f"<p>{len(places)} of {len(Y)} rows have a wrong label; here are {len(first)}, "
        "the surest first.</p>\n"
    )
    X, heads = subject.rows[0], ["true", "given", "worst"]
    return said + show_rows(X, first, heads, told, feature_names(subject.model, X))
