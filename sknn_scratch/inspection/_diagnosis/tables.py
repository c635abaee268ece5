"""Checks of an ensemble for tables, by its members' curves and its out-of-fold rows.

As in `symptoms.py`, each check takes the signals, here `TableSignals`, and yields
findings. The curves of most members must agree.
"""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..._estimators.access import last_step
from ..._estimators.convergence import FAR, apart
from ..._estimators.convergence_texts import cut_short, divergence
from .outcome import GUESSING, LOSS_GAP, NONE, fall_of, weak_signal
from .signals import HARDLY
from .symptoms import HIGH_RATE, HIGHER, LOWER, Finding, rare_classes
from .table_signals import measure_ensemble


def measured_ensemble(estimator, X, y, sample_weight):
    """Return the signals of an ensemble, or None, and what in it is not finite."""
    model = last_step(estimator)
    check_is_fitted(
        model,
        msg="%(name)s is judged by its out-of-fold predictions and has none before "
        "fit; call fit(X, y) first.",
    )
    findings = [*non_finite_members(model)]
    if findings:
        return None, findings
    return measure_ensemble(estimator, X, y, sample_weight), []


def findings_of_ensemble(s):
    """Return what the checks of an ensemble find."""
    return [found for check in CHECKS if s.learnable for found in check(s)]


def non_finite_members(model):
    """Yield a finding if parameters of members are inf or nan.

    No training ends so: it keeps the last parameters whose cost was finite.
    """
    bad = [
        k
        for k, net in enumerate(model.members_, start=1)
        if not all(np.isfinite(v).all() for v in net.parameters_.values())
    ]
    if bad:
        names = ", ".join(map(str, bad))
        text = f"members {names} of {len(model.members_)} have parameters inf or nan"
        cure = "fit anew: the parameters were changed after training"
        yield Finding("non_finite", None, float(len(bad)), text, cure)


def shorter_steps(s):
    """Return the cure for steps that were too long."""
    return f"set {LOWER} {s.rate:g}, for example {min(s.rate / 10, s.default_rate):g}"


def steps_too_long(s):
    """Yield a finding if the cost of most members rose, or jumped at the start."""
    diverged = [course for course in s.courses if course.diverged]
    jumped = [course for course in s.courses if _jumped(course)]
    if _most(diverged, s):
        course = diverged[0]
        text = f"{_share(diverged, s)} {divergence(course)}"
        yield Finding("diverged", None, course.last, text, shorter_steps(s))
    elif _steps_are_long(s):
        course = jumped[0]
        value = course.first / course.idle
        text = (
            f"{_share(jumped, s)} the cost of the first epoch is {course.first:.3g}, "
            f"{value:.3g} times that of guessing: steps jump about instead of down"
        )
        yield Finding("learning_rate_too_high", None, value, text, shorter_steps(s))


def cut_short_members(s):
    """Yield a finding if the loss of rows held out was falling to the end in most."""
    falling = [course for course in s.validation_courses if course.still_falling]
    if not _most(falling, s) or _steps_are_long(s):
        return
    course, last = falling[0], max(net.n_iter_ for net in s.model.members_)
    cure = f"raise max_iter above {s.model.max_iter}"
    if s.model.time_limit is not None and last < s.model.max_iter:
        cure = f"raise time_limit above {s.model.time_limit:g}"
    elif s.rate < s.default_rate:
        cure += f", or {HIGHER} {s.rate:g}"
    text = f"{_share(falling, s)} {cut_short(course)}, on the rows held out"
    yield Finding("still_falling", None, fall_of(course, s.baseline), text, cure)


def answer_to_new_rows(s):
    """Yield a finding if rows out of fold are predicted no better than by a constant.

    Members that learned their own rows by heart before the best epoch, at which early
    stopping has ended them, are over-fitted.
    """
    ratio = s.judged.ratio
    if ratio < GUESSING or _steps_are_long(s):
        return
    loss, constant = apart(s.judged.loss, s.baseline.constant)
    pair = f"loss {loss} out of fold, where a constant has {constant}"
    if ratio - s.own_ratio > LOSS_GAP:
        text = f"{pair}, and {s.own_loss:.3g} on the rows that members trained on"
        cure = (
            "try fewer units, a higher dropout or more rows; if cv keeps groups of "
            "rows together, find columns that mean the same in each group"
        )
        yield Finding("overfitting", None, float(ratio - s.own_ratio), text, cure)
        return
    if s.rate >= HIGH_RATE * s.default_rate:
        text = f"{pair}, and the learning rate is {s.rate:g}"
        cure = shorter_steps(s)
        yield Finding("learning_rate_too_high", None, float(ratio), text, cure)
        return
    fell = [c for c in s.courses if c.first - c.last > HARDLY * abs(c.first)]
    if not _most(fell, s) and HIGH_RATE * s.rate <= s.default_rate:
        text = f"{pair}, and the cost of training has hardly fallen"
        cure = f"set {HIGHER} {s.rate:g}, for example {s.default_rate:g}"
        yield Finding("learning_rate_too_low", None, float(s.rate), text, cure)
    if weak_signal(s, s.judged):
        return
    better = "less than 1 %" if ratio > NONE else "hardly"
    text = f"new rows are predicted {better} better than by a constant: {pair}"
    cure = "find columns that say more of y, or more rows"
    yield Finding("underfitting", None, float(ratio), text, cure)


def _jumped(course):
    """Return whether the first epoch went far above the loss of guessing."""
    return course.first > FAR * course.idle


def _steps_are_long(s):
    """Return whether `steps_too_long` has a finding: others would be its effects."""
    return _most([c for c in s.courses if c.diverged or _jumped(c)], s)


def _most(courses, s):
    return len(courses) > len(s.model.members_) / 2


def _share(courses, s):
    return f"in {len(courses)} of {len(s.model.members_)} members"


CHECKS = (steps_too_long, cut_short_members, rare_classes, answer_to_new_rows)
