"""`diagnose`: faults of a network and of its training, with cures."""

from dataclasses import dataclass, replace
from html import escape

from ..._estimators.access import last_step
from ..._tabular.base import BaseTabular
from .outcome import OUTCOME
from .signals import measure
from .symptoms import BEFORE, HIGHER, LAYERS, LOWER, Finding, non_finite
from .tables import check_no_validation_rows, findings_of_ensemble

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
}

# Effects are left out if a cause was found: the cures of effects would mislead.
EFFECTS = {"plateau", "underfitting"}
CAUSES = set(SYMPTOMS) - EFFECTS - {"overfitting", "one_hot_targets"}


@dataclass(frozen=True)
class Diagnosis:
    """Result of `diagnose`; it prints as text.

    Attributes
    ----------
    findings : tuple of Finding
        Causes before effects; empty if nothing was found.
    subject : str
        The estimator, and whether it was fitted.
    """

    findings: tuple
    subject: str

    def __iter__(self):
        return iter(self.findings)

    def __len__(self):
        return len(self.findings)

    def __str__(self):
        if not self.findings:
            return f"{self.subject}: nothing to say."
        lines = [f"- [{finding.code}] {finding}" for finding in self.findings]
        return "\n".join([f"{self.subject}:", *lines])

    __repr__ = __str__

    def _repr_html_(self):
        if not self.findings:
            return f"<p>{escape(str(self))}</p>"
        items = "".join(
            f"<li><code>{escape(f.code)}</code> {escape(f.text)}. <em>Cure:</em> "
            f"{escape(f.advice)}.</li>\n"
            for f in self.findings
        )
        return f"<p>{escape(self.subject)}:</p>\n<ul>\n{items}</ul>"


def diagnose(estimator, X, y, *, sample_weight=None, X_val=None, y_val=None):
    """Report what is wrong with a network, why, and what to do about it.

    The findings are based on a forward and a backward pass on a sample of the rows
    (2000 at most), on the parameters, and on the curves of the last training. Nothing
    is trained or changed. Most healthy networks get no finding.

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
        training rows and of a constant answer. Over-fitting is not checked if neither
        `diagnose` nor `fit` has held-out rows. Ignored if the network is not fitted. An
        ensemble takes none: each of its members has held rows out.
    y_val : array-like of shape (n_val,) or (n_val, n_outputs), default=None
        Targets of the rows of X_val.

    Returns
    -------
    Diagnosis
        An iterable with a length. Each finding has `code`, `layer`, `value`, `text` and
        `advice`.

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
    """
    if (X_val is None) != (y_val is None):
        missing = "y_val" if y_val is None else "X_val"
        raise ValueError(f"X_val and y_val must come together, got {missing}=None.")
    if isinstance(last_step(estimator), BaseTabular):
        check_no_validation_rows(X_val)
        found = findings_of_ensemble(estimator, X, y, sample_weight)
    else:
        found = findings_of_network(estimator, X, y, X_val, y_val, sample_weight)
    findings, subject = found
    return Diagnosis(tuple(_one_direction(_causes_alone(findings))), subject)


def findings_of_network(estimator, X, y, X_val, y_val, sample_weight):
    """Return what the checks find in a network, and the subject of the diagnosis."""
    s = measure(estimator, X, y, X_val, y_val, sample_weight)
    checks = [*BEFORE, *LAYERS, *(OUTCOME if s.fitted and s.learnable else ())]
    findings = [*non_finite(s)] or [found for check in checks for found in check(s)]
    when = "fitted" if s.fitted else "before fit"
    return findings, f"{type(s.network).__name__}, {when}"


def _causes_alone(findings):
    """Return the findings; if they include a cause, without the effects."""
    codes = {finding.code for finding in findings}
    if not codes & CAUSES:
        return findings
    return [finding for finding in findings if finding.code not in EFFECTS]


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
