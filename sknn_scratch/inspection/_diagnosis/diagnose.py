"""`diagnose`: faults of a network and of its training, with cures."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..._estimators.access import last_step
from ..._tabular.base import BaseTabular
from .cures import try_cures as tried_cures
from .cures import with_cures
from .diagnosis import Diagnosis
from .drift import drift, twins
from .hold_out import answers_to_new_rows
from .ids import id_columns, target_is_id
from .leaks import leaking_columns, leaking_pairs, told_by_columns
from .outcome import OUTCOME
from .outliers import feature_outliers, target_outliers
from .rows import COLUMNS, read_rows
from .sentinels import sentinel_values
from .signals import measure
from .standing import (
    NOTHING,
    boosted_ratio,
    foreign_answers,
    is_classes,
    standing_of,
)
from .symptoms import BEFORE, HIGHER, LAYERS, LOWER, Finding, non_finite
from .tables import findings_of_ensemble, measured_ensemble
from .targets import scarce_classes
from .texts import values_as_texts

__all__ = ["SYMPTOMS", "Diagnosis", "Finding", "diagnose"]

SYMPTOMS = {
    "non_finite": "Parameters or outputs are inf or nan.",
    "feature_scale": "Features differ much in scale, or are far from 0 or from size 1.",
    "target_scale": "The targets of a regression are very large or very small.",
    "one_hot_targets": "Targets of one class a row, trained as several labels.",
    "symmetric_units": "Units of a layer have the same weights and stay copies.",
    "dead_units": "Many units are 0 for every row: no gradient passes.",
    "saturated_units": "Units of tanh or sigmoid sit where the curve is flat.",
    "linear_network": "The hidden layers bend nothing: a linear model.",
    "vanishing_gradients": "Gradients become next to 0 on their way back.",
    "exploding_gradients": "Gradients become huge on their way back.",
    "class_imbalance": "A class is rare and, in a fitted network, mostly missed.",
    "diverged": "The cost ended far too high, or stopped being finite.",
    "oscillating": "The cost goes up and down.",
    "still_falling": "Training ended while the cost was still falling.",
    "penalty_too_strong": "The penalty holds the weights near 0.",
    "learning_rate_too_low": "The weights have hardly moved.",
    "learning_rate_too_high": "Not diverged, but the loss is above that of guessing.",
    "plateau": "The cost stands still about that of guessing; no cause was found.",
    "underfitting": "On its own rows, or out of fold, no better than a constant; no "
    "cause was found.",
    "overfitting": "Much better on its own rows than on rows held out.",
    "leakage": "One column alone gives nearly everything, or two together give y "
    "exactly: they may give y away.",
    "id_column": "A column of ids or free texts: nearly all its values differ.",
    "values_as_texts": "A column holds dates or numbers as texts.",
    "sentinel_values": "A number such as -999 stands for missing values.",
    "feature_outliers": "A few cells lie so far out that they set a column's scale.",
    "target_is_id": "The targets look like ids: classes nearly as many as rows, or "
    "whole numbers that all differ and are not learned.",
    "scarce_class": "A class has fewer than 5 rows, or fewer than 20 and a tenth of "
    "the largest class.",
    "target_outliers": "A few targets of a regression lie far from all others.",
    "drift": "A column has other values in X_val than in X.",
    "duplicates": "Rows held out are among those trained on.",
}

CHECKS_OF_ROWS = (
    leaking_columns,
    leaking_pairs,
    id_columns,
    values_as_texts,
    sentinel_values,
    feature_outliers,
    target_is_id,
    scarce_classes,
    target_outliers,
    drift,
    twins,
)

# Effects are left out if a cause was found: the cures of effects would mislead.
EFFECTS = {"plateau", "underfitting"}
OF_ROWS = {"leakage", "id_column", "values_as_texts", "target_is_id", "scarce_class"}
OF_ROWS |= {"drift", "duplicates", "sentinel_values"}
OF_ROWS |= {"target_outliers", "feature_outliers"}
# Rows that drift are predicted worse, which is no over-fitting; no network learns ids.
EXPLAINS = {"drift": {"overfitting"}, "target_is_id": {"underfitting"}}
# The cost falls with the weights that a penalty pulls to 0; longer steps do no better.
EXPLAINS["penalty_too_strong"] = {"still_falling", "learning_rate_too_low"}
# What is told first, as the cause -> what else is seen of it
OF_UNITS = {"dead_units", "saturated_units", "linear_network", "vanishing_gradients"}
OF_FIT = {"underfitting", "overfitting", "plateau", "still_falling", "oscillating"}
OF_FIT |= {"learning_rate_too_low"}
ROOTS = {
    "target_outliers": OF_FIT,
    "sentinel_values": OF_FIT,
    "feature_outliers": OF_FIT | {"feature_scale"},
    "penalty_too_strong": OF_UNITS,
    "diverged": OF_UNITS | {"exploding_gradients"},
    "learning_rate_too_high": OF_UNITS | {"exploding_gradients"},
}
CAUSES = set(SYMPTOMS) - EFFECTS - OF_ROWS - {"overfitting", "one_hot_targets"}


def diagnose(
    estimator,
    X,
    y,
    *,
    sample_weight=None,
    X_val=None,
    y_val=None,
    try_cures=False,
    random_state=None,
):
    """Report what is wrong with a network, why, and what to do about it.

    The findings are based on a forward and a backward pass on a sample of the rows
    (2000 at most), on the parameters, and on the curves of the last training, and on
    each column of the rows. The loss of a fitted estimator is told beside those of a
    constant and of gradient boosting, which are trained on the sample. The estimator is
    not changed. Most healthy networks get no finding.

    A `TabularNetClassifier` or `TabularNetRegressor` is judged by its out-of-fold
    predictions and the curves of its members, of which most must agree.

    Parameters
    ----------
    estimator : network or ensemble of this package, or a Pipeline that ends in one
        Fitted or not. For an unfitted network the rows and the first weights are
        checked, for a fitted one also its training and its results. An ensemble must
        be fitted.
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        The training rows, as `fit` of the estimator takes them; for an ensemble all of
        them, in the order of `fit`.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets of the rows.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows, if `fit` had any: the losses are then those of the curve.
    X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
        Rows that were not trained on, to detect over-fitting: their accuracy is
        compared with that of the training rows, and their loss with that of the
        training rows and of a constant answer. Their columns are compared with those of
        X. Where neither `diagnose` nor `fit` has held-out rows, a network that fits at
        most 2000 rows far better than gradient boosting fits others is trained anew on
        three quarters of them, and judged by the rest.
    y_val : array-like of shape (n_val,) or (n_val, n_outputs), default=None
        Targets of the rows of X_val.
    try_cures : bool, default=False
        Whether the three best cures are tried: copies of the estimator are trained on
        the sample of the rows, without weights, and judged by X_val, or by a quarter of
        the sample that they are not trained on. The trainings have fewer epochs, and
        ensembles fewer members, where all of them would take more than some seconds.
    random_state : int or RandomState instance, default=None
        Replaces that of the copies.

    Returns
    -------
    Diagnosis
        An iterable with a length. Each finding has `code`, `layer`, `value`, `text`,
        `advice` and `cures`. It also has `looked_at`, `scores` and `tried`.

    Raises
    ------
    TypeError
        If the estimator is not a network of this package.
    ValueError
        If X or y is invalid for the estimator, or one of X_val and y_val is missing; if
        an ensemble is given rows that are not those of its `fit`.
    NotFittedError
        If an ensemble is not fitted.

    Notes
    -----
    The codes:

    {table}

    The causes are those of the course: scale of the features (week 2), symmetric units
    and large first weights (week 3, Random Initialization), learning rates (week 2),
    dead and saturated units (week 3, Activation Functions).

    Examples
    --------
    >>> from sklearn.datasets import make_moons
    >>> from sknn_scratch import ShallowNetClassifier
    >>> from sknn_scratch.inspection import diagnose
    >>> X, y = make_moons(200, noise=0.2, random_state=0)
    >>> net = ShallowNetClassifier(4, solver="gd", init="zeros", random_state=0)
    >>> report = diagnose(net, X, y)
    >>> [(finding.code, finding.layer) for finding in report]
    [('symmetric_units', 1)]
    >>> print(diagnose(net.set_params(init="auto"), X, y))
    ShallowNetClassifier, before fit: nothing to say.
    looked at: first parameters; gradients; 2 columns one by one
    """
    if (X_val is None) != (y_val is None):
        missing = "y_val" if y_val is None else "X_val"
        raise ValueError(f"X_val and y_val must come together, got {missing}=None.")
    rows = Given(X, y, sample_weight, X_val, y_val)
    model = last_step(estimator)
    ensemble = isinstance(model, BaseTabular)
    if ensemble:
        s, findings = measured_ensemble(estimator, *rows[:3])
    else:
        s = measure(estimator, X, y, X_val, y_val, sample_weight)
        findings = [*non_finite(s)]
    fitted = ensemble or s.fitted
    sound = s is not None and not any(f.code == "non_finite" for f in findings)
    standing = standing_of(estimator, *rows) if fitted and sound else NOTHING
    if sound:
        s.boosted = boosted_ratio(standing)
        findings = (
            findings_of_ensemble(s)
            if ensemble
            else findings_of_network(estimator, s, rows)
        )
    found, columns = findings_of_rows(estimator, rows, s, standing)
    if ensemble or not any(f.code == "drift" for f in found):
        found += foreign_answers(standing)
    findings = [*findings, *found]
    if s is not None:
        findings = [with_cures(finding, s) for finding in findings]
    findings = tuple(_roots_first(_one_direction(_causes_alone(findings))))
    tried = ()
    if try_cures:
        tried = tried_cures(
            estimator, findings, X, y, X_val, y_val, random_state=random_state
        )
    looked_at = (*LOOKED_AT[ensemble, fitted], *columns, *standing.looked_at)
    return Diagnosis(
        findings, subject_of(model, ensemble, fitted), looked_at, standing.scores, tried
    )


class Given(NamedTuple):
    """What `diagnose` is given beside the estimator."""

    X: object
    y: object
    sample_weight: object
    X_val: object
    y_val: object


LOOKED_AT = {  # (whether it is an ensemble, whether it is fitted)
    (True, True): ("parameters", "curves of the members"),
    (False, True): ("parameters", "gradients", "cost curve"),
    (False, False): ("first parameters", "gradients"),
}


def subject_of(model, ensemble, fitted):
    """Return what is diagnosed."""
    when = "fitted" if fitted else "before fit"
    by = ", by its out-of-fold predictions" if ensemble else ""
    return f"{type(model).__name__}, {when}{by}"


def findings_of_network(estimator, s, given):
    """Return what the checks of a network find."""
    checks = [*BEFORE, *LAYERS, *(OUTCOME if s.fitted and s.learnable else ())]
    findings = [found for check in checks for found in check(s)]
    known = {found.code for found in findings}
    new = []
    if s.fitted and not known & {"overfitting", "underfitting"}:
        new = answers_to_new_rows(estimator, s, given)
    if new:
        findings = [found for found in findings if found.code != "still_falling"]
    return [*findings, *new]


def findings_of_rows(estimator, given, s, standing):
    """Return what the checks of columns find, and what they looked at."""
    model = last_step(estimator)
    splits = isinstance(model, BaseTabular) and model.cv in (None, *range(2, 100))
    splits = splits or bool(getattr(model, "early_stopping", False))
    rows = read_rows(
        estimator,
        given.X,
        given.y,
        given.X_val,
        given.y_val,
        classifier=is_classes(model),
        splits=splits,
    )
    if rows is None:
        return [], ()
    rows.ratio = ratio_of(s)
    rows.told = told_by_columns(rows)
    rows.recognised, rows.sample_weight = recognised(s), given.sample_weight
    found = [finding for check in CHECKS_OF_ROWS for finding in check(rows)]
    n = len(rows.columns)
    first = "the first " if rows.n_columns > COLUMNS else ""
    return found, (f"{first}{n} column{'s' * (n != 1)} one by one",)


def ratio_of(s):
    """Return loss / loss of a constant on rows held out, else on its own; or None."""
    if s is None or not s.fitted:
        return None
    held_out = getattr(s, "held_out", None)
    return (s.judged if held_out is None else held_out).ratio


def recognised(s):
    """Return the share of each class that is recognised in rows not trained on.

    None is returned where there are no such rows, or no classes.
    """
    if s is None or s.classes is None or s.kind == "multilabel" or not s.fitted:
        return None
    new = s.judged if isinstance(s.model, BaseTabular) else s.held_out
    if new is None:
        return None
    codes, k = new.codes(), len(s.classes)
    right = np.bincount(codes[codes == new.answers()], minlength=k)
    return right / np.maximum(np.bincount(codes, minlength=k), 1)


def _causes_alone(findings):
    """Return the findings; if they include a cause, without its effects."""
    codes = {finding.code for finding in findings}
    effects = set(EFFECTS if codes & CAUSES else ())
    effects = effects.union(*(EXPLAINS[code] for code in codes & set(EXPLAINS)))
    return [finding for finding in findings if finding.code not in effects]


def _roots_first(findings):
    """Return the findings; those that explain others come first."""
    codes = {finding.code for finding in findings}
    roots = {code for code, seen in ROOTS.items() if seen & codes}
    return sorted(findings, key=lambda finding: finding.code not in roots)


def _one_direction(findings):
    """Return the findings; if one advises a lower learning rate, none advises a higher.

    A cost that falls slowly, or weights that hardly move, may be effects of steps that
    were too long.
    """
    if not any(LOWER in finding.advice for finding in findings):
        return findings
    agreeing = []
    for finding in findings:
        longer, _, _ = finding.advice.partition(f", or {HIGHER}")
        if HIGHER not in longer:
            agreeing.append(replace(finding, advice=longer))
    return agreeing


if diagnose.__doc__:  # python -OO removes docstrings
    table = "\n    ".join(f"- `{code}`: {text}" for code, text in SYMPTOMS.items())
    diagnose.__doc__ = diagnose.__doc__.replace("{table}", table)
