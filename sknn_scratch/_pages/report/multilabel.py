"""Sections of the report on a multilabel classifier."""

import numpy as np
from sklearn.metrics import f1_score, precision_recall_fscore_support

from .calibration import bin_rows, calibration_error, calibration_of_labels
from .examples import show_examples
from .measures import (
    MOST_MISTAKES,
    Evaluation,
    interval,
    percent,
    score_explanation,
    score_table,
)


def evaluate_labels(subject):
    """Return the Evaluation of a multilabel classifier."""
    X, Y = subject.rows
    P = np.asarray(subject.model.predict_proba(X), dtype=np.float64)
    Y, predicted = Y.astype(bool), P > 0.5
    whole = (predicted == Y).all(axis=1)
    verdict = (
        f"In <strong>{whole.sum()} of {len(Y)}</strong> rows every label is right. "
        f"Of all the labels, {percent((predicted == Y).mean())} are; by never giving "
        f"one, {percent((~Y).mean())} would be."
    )
    sections = [
        ("Labels", by_label(Y, predicted, subject.names)),
        ("Calibration", calibration_of_labels(P, Y)),
        ("Mistakes", mistakes(subject, P, Y, predicted)),
    ]
    tiles = key_figures(P, Y, predicted, subject.model.decision_function(X))
    return Evaluation(verdict, tiles, sections)


def key_figures(P, Y, predicted, Z):
    """Return (name, value, remark) of each key figure."""
    whole = (predicted == Y).all(axis=1)
    low, high = interval(whole)
    cost = np.logaddexp(0, np.where(Y, -Z, Z)).mean()  # from Z: 1 - P may round to 0
    micro = f1_score(Y, predicted, average="micro", zero_division=0)
    error = calibration_error(bin_rows(P.ravel(), Y.ravel()))
    return [
        (
            "Whole rows right",
            percent(whole.mean()),
            f"95 % interval {percent(low)} to {percent(high)}",
        ),
        ("Labels right", percent((predicted == Y).mean()), f"of {Y.size}"),
        ("F1 of all labels", f"{micro:.3f}", "1 is perfect"),
        ("Log loss", f"{cost:.4g}", "a label, on average"),
        ("Calibration error", percent(error), "between given and come true"),
    ]


def by_label(Y, predicted, names):
    """Return a table of precision, recall and F1 of each label."""
    scores = precision_recall_fscore_support(Y, predicted, zero_division=np.nan)
    table = score_table("label", names, scores)
    return f'<p>{score_explanation("label")}</p>\n<div class="wide">{table}</div>\n'


def mistakes(subject, P, Y, predicted):
    """Return the rows with wrong labels, the most confident mistakes first."""
    wrong = predicted != Y
    places = np.flatnonzero(wrong.any(axis=1))
    if not len(places):
        return f"<p>No mistakes among {len(Y)} rows.</p>\n"
    confidences = np.where(wrong, np.maximum(P, 1 - P), 0).max(axis=1)
    first = places[np.argsort(-confidences[places], kind="stable")][:MOST_MISTAKES]
    names = np.array(subject.names, dtype=object)
    cells = [
        (
            ", ".join(names[Y[i]]) or "none",
            ", ".join(names[predicted[i]]) or "none",
            f"{names[np.where(wrong[i], abs(P[i] - 0.5), -1).argmax()]}, "
            f"{percent(confidences[i])} sure",
        )
        for i in first
    ]
    text = (
        f"<p>{len(places)} of {len(Y)} rows have a wrong label; here are {len(first)}, "
        "the surest first.</p>\n"
    )
    return text + show_examples(subject, first, ["true", "given", "worst"], cells)
