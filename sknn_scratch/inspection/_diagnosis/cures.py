"""Cures as parameters, and what they give on rows held out."""

import warnings
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from sklearn.base import clone

from ..._estimators.access import last_step
from ..._fit.settings import defaults
from ..._tabular.base import BaseTabular
from .._baselines import scores_of
from .._sampling import n_rows
from .rows import flat_targets
from .standing import is_classes, parts, sampled, taken

MOST = 3  # cures that are tried
# Rows x epochs x parameters of a trial: about 3 s.
WORK = 2e10
MEMBERS = 2  # of an ensemble in a trial
FELT = 1e-3  # penalty of a cure beside the mean loss, alpha / n: about 1 for 1000 rows
LONG = 100  # epochs of a cure that trains longer, at least
FEWEST = 40  # rows from which some are held out
QUIET = {  # parameters that a trial has no use for
    "verbose": False,
    "callbacks": None,
    "checkpoint": None,
    "n_jobs": None,
    "time_limit": None,
}


class Tried(NamedTuple):
    """A cure that was tried.

    Attributes
    ----------
    parameters : dict
        Parameters of the network or ensemble, and the values that were tried.
    metric : str
        "log loss" of a classifier, "RMSE" of a regressor, on rows held out; "MAE" where
        targets lie far from all others, which alone would decide the RMSE.
    before, after : float
        The metric of a training as it is, and of one with the parameters.
    """

    parameters: dict
    metric: str
    before: float
    after: float

    def __str__(self):
        named = ", ".join(f"{k}={shown(v)}" for k, v in self.parameters.items())
        return f"{named}: {self.metric} {self.before:.3g} -> {self.after:.3g}"


def shown(value):
    """Return a value as it is written, numbers with six digits at most."""
    return f"{value:g}" if isinstance(value, float) else repr(value)


# -- cures of findings -----------------------------------------------------------------


def shorter_steps(s):
    """Return the cure for steps that were too long."""
    return ({"learning_rate_init": s.rate / 10},) if s.steps else ()


def longer_steps(s):
    """Return the cures for steps that were too short."""
    if not s.steps:
        return ()
    return ({"learning_rate_init": max(10 * s.rate, s.default_rate)},)


def longer_training(s):
    """Return the cures for a training that was cut short."""
    longer = {"max_iter": max(4 * s.model.max_iter, LONG)}
    return (longer, {"learning_rate_init": 3 * s.rate}) if s.steps else (longer,)


def bend(s):
    """Return the cures for units that bend nothing, or do not move."""
    names = [a for a in ("relu", "tanh", "leaky_relu") if a != s.option("activation")]
    return tuple({"activation": name} for name in names)


def other_start(s):
    """Return the cure for first weights that do not do."""
    return ({"init": "auto"},)


def less_fitting(s):
    """Return the cures for over-fitting."""
    weaker = stronger_penalty(s)
    dropout = {"dropout": 0.2 if not s.option("dropout") else 0.4}
    return {"early_stopping": True}, *weaker, dropout, *size(s, 0.25)


def more_fitting(s):
    """Return the cures for under-fitting."""
    return *size(s, 4), {"max_iter": 4 * s.model.max_iter}, *weaker_penalty(s)


def stronger_penalty(s):
    """Return the cure of smaller weights: a penalty that is felt beside the loss."""
    if s.option("C") is not None:
        return ({"C": s.option("C") / 100 if np.isfinite(s.option("C")) else 1.0},)
    if s.option("alpha") is None:
        return ()
    return ({"alpha": max(100 * s.option("alpha"), FELT * s.n_rows)},)


def weaker_penalty(s):
    """Return the cure of a penalty that holds the weights near 0: next to none."""
    usual = defaults(type(s.model))
    if s.option("C") is not None:
        return ({"C": max(s.option("C") * 1000, usual["C"])},)
    if not s.option("alpha"):
        return ()
    return ({"alpha": min(s.option("alpha") / 1000, usual["alpha"])},)


def size(s, factor):
    """Return the cure of more or fewer units."""
    if s.option("n_hidden"):
        return ({"n_hidden": max(int(s.option("n_hidden") * factor), 2)},)
    units = s.option("hidden_layer_sizes")
    if units is None:
        return ()
    units = np.atleast_1d(np.asarray(units, int))
    return ({"hidden_layer_sizes": tuple(max(int(u * factor), 2) for u in units)},)


def always(**parameters):
    """Return a function that proposes these parameters."""
    return lambda s: (parameters,)


CURES = {  # code of a finding -> what proposes parameters
    "feature_scale": always(standardize=True),
    "target_scale": always(standardize_target=True),
    "symmetric_units": other_start,
    "dead_units": lambda s: ({"activation": "leaky_relu"}, *shorter_steps(s)),
    "saturated_units": lambda s: (*other_start(s), *shorter_steps(s)),
    "linear_network": bend,
    "vanishing_gradients": lambda s: (*bend(s), *other_start(s)),
    "exploding_gradients": lambda s: ({"max_grad_norm": 1.0}, *other_start(s)),
    "class_imbalance": always(class_weight="balanced"),
    "diverged": shorter_steps,
    "oscillating": shorter_steps,
    "still_falling": longer_training,
    "penalty_too_strong": weaker_penalty,
    "learning_rate_too_low": longer_steps,
    "learning_rate_too_high": shorter_steps,
    "plateau": lambda s: (*longer_steps(s), *bend(s), *shorter_steps(s)),
    "underfitting": more_fitting,
    "overfitting": less_fitting,
    "target_outliers": always(loss="absolute_error"),
}


def with_cures(finding, s):
    """Return the finding with those cures that the estimator has parameters for."""
    propose = CURES.get(finding.code)
    known = s.model.get_params()
    cures = () if propose is None else propose(s)
    kept = tuple(
        cure
        for cure in cures
        if set(cure) <= set(known) and any(known[k] != v for k, v in cure.items())
    )
    return replace(finding, cures=kept)


# -- trials ----------------------------------------------------------------------------


def try_cures(estimator, findings, X, y, X_val=None, y_val=None, *, random_state=None):
    """Train copies with cures on a sample of the rows; return `Tried`, the best first.

    Each cure of most `MOST` is judged by the same rows held out: those of X_val, or a
    quarter of the sample.
    """
    cures = [c for place in range(4) for f in findings for c in f.cures[place:][:1]]
    chosen = [c for i, c in enumerate(cures) if c not in cures[:i]][:MOST]
    if not chosen or n_rows(X) < FEWEST:
        return ()
    trial = Trial(estimator, X, y, X_val, y_val, random_state)
    if any(finding.code == "target_outliers" for finding in findings):
        trial.metric = "MAE"
    before = trial.score({})
    if before is None:
        return ()
    found = [(cure, trial.score(cure)) for cure in chosen]
    tried = [Tried(c, trial.metric, before, a) for c, a in found if a is not None]
    return tuple(sorted(tried, key=lambda one: one.after))


class Trial:
    """Train copies of an estimator on the same rows; judge them by the same others."""

    def __init__(self, estimator, X, y, X_val=None, y_val=None, random_state=None):
        y, y_val = flat_targets(y), flat_targets(y_val)
        rows = sampled(len(y))
        X, y = taken(X, rows), y[rows]
        if X_val is None:
            self.rows = parts(X, y)
        else:
            judging = sampled(len(y_val))
            self.rows = X, y, taken(X_val, judging), y_val[judging]
        self.estimator, self.random_state = estimator, random_state
        model = last_step(estimator)
        self.metric = "log loss" if is_classes(model) else "RMSE"

    def fitted(self, parameters):
        """Return a copy with these parameters, trained; None if it cannot be."""
        copy = clone(self.estimator)
        model = last_step(copy)
        changed = {**QUIET, "random_state": self.random_state}
        if isinstance(model, BaseTabular):
            changed |= {"n_members": MEMBERS, "cv": None}
        known = model.get_params()
        if self.random_state is None:
            del changed["random_state"]
        changed = {k: v for k, v in changed.items() if k in known} | parameters
        model.set_params(**changed)
        model.set_params(max_iter=self._epochs(model))
        X, y, _, _ = self.rows
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                return copy.fit(X, y)
            except ValueError:
                return None

    def score(self, parameters):
        """Return the metric of a copy with these parameters, or None."""
        copy = self.fitted(parameters)
        if copy is None:
            return None
        _, _, X, y = self.rows
        with np.errstate(all="ignore"):
            found = scores_of(copy, X, y)[self.metric]
        return found if np.isfinite(found) else np.inf

    @property
    def whole(self):
        """Return whether a trial has all epochs."""
        model = last_step(self.estimator)
        return self._epochs(model) == model.max_iter

    def _epochs(self, model):
        """Return max_iter, or fewer if they were more work than a trial is to have."""
        fitted = last_step(self.estimator)
        nets = getattr(fitted, "members_", [fitted])
        size = 1000
        if hasattr(nets[0], "parameters_"):
            size = sum(np.size(v) for v in nets[0].parameters_.values())
        most = int(WORK / (size * len(self.rows[1])))
        return int(min(model.max_iter, max(most, 10)))
