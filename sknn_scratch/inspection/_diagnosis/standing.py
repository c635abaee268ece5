"""What a fitted model's loss is worth beside its own rows and simple models."""

import warnings
from typing import NamedTuple

import numpy as np
from numpy.random import RandomState
from scipy.sparse import issparse

from ..._compat import safe_indexing
from ..._estimators.access import last_step
from ..._tabular.base import BaseTabular
from ..._tabular.calibration import probabilities
from ..._tabular.out_of_fold import rows_out_of_fold
from .._baselines import (
    BOOSTING,
    CONSTANT,
    judged_baselines,
    scores_of,
    scores_of_classes,
    scores_of_numbers,
)
from .._facts import number
from .._sampling import n_rows, rows_at
from .rows import flat_targets
from .signals import ROWS
from .symptoms import Finding

OWN, HELD_OUT, OUT_OF_FOLD = "its own rows", "rows held out", "out of fold"
BY_FIT = "rows held out by fit"
# Columns x classes of which gradient boosting is trained on the sample: about 1 s.
BOOSTED = 400
FEWEST = 20  # rows that a simple model is trained on, and judged by
LEARNED_WELL = 0.8  # loss / loss of a constant out of fold: below it X was learned
TRAINED = 0.75  # part of the rows that train simple models where none are held out


class Standing(NamedTuple):
    """Scores by what they are of, and notes on what was left out.

    Attributes
    ----------
    scores : dict of str to dict of str to float
        Names of rows of the model, or of simple models -> scores, as `scores_of` names
        them.
    looked_at : tuple of str
        The rows.
    inside : bool
        Whether boosting is worse than a constant on X_val, but does well on rows of X
        that it was not trained on.
    """

    scores: dict
    looked_at: tuple
    inside: bool = False


NOTHING = Standing({}, ())


def standing_of(estimator, X, y, w=None, X_val=None, y_val=None):
    """Return the `Standing` of a fitted estimator.

    Simple models are trained on a sample of the rows, and judged by X_val, or by rows
    of X that they were not trained on.
    """
    model = last_step(estimator)
    if getattr(model, "loss", None) == "quantile" or issparse(y):
        return NOTHING
    y, y_val = flat_targets(y), flat_targets(y_val)
    ensemble = isinstance(model, BaseTabular)
    rows, w_s = sampled(len(y)), None
    if w is not None and np.any(w):  # rows of weight 0 are no rows of the training
        rows = np.flatnonzero(w)
        rows = rows[sampled(len(rows))]
        w_s = np.asarray(w)[rows]
    X_s, y_s = taken(X, rows), y[rows]
    scores, looked_at = {}, []
    own = OUT_OF_FOLD if ensemble else OWN
    known = (
        out_of_fold(model, y, w) if ensemble else scores_of(estimator, X_s, y_s, w_s)
    )
    if known is not None:
        scores[own] = known
        if ensemble:  # few members hold out a part of the rows
            n = len(rows_out_of_fold(model, y, w).rows)
            looked_at.append(f"{n:,} rows {own}")
        else:
            looked_at.append(f"{len(rows):,} of {own}")
    if X_val is not None:
        judging = sampled(len(y_val))
        X_val, y_val = taken(X_val, judging), y_val[judging]
        scores[HELD_OUT] = scores_of(estimator, X_val, y_val)
        looked_at.append(f"{len(judging):,} {HELD_OUT}")
    elif not ensemble:
        judged = scores_by_fit(model)
        scores |= {BY_FIT: judged} if judged else {}
        if not model.validation_loss_curve_:
            looked_at.append("no rows held out: give X_val and y_val")
    simple = (X_s, y_s, X_val, y_val) if X_val is not None else parts(X_s, y_s)
    found, left_out = simple_models(*simple, classifier=is_classes(model))
    if found:
        looked_at.append(f"simple models of {len(simple[1]):,} rows")
    standing = Standing(scores | found, (*looked_at, *left_out))
    if X_val is not None and (boosted_ratio(standing) or 0.0) >= 1:
        within, _ = simple_models(*parts(X_s, y_s), classifier=is_classes(model))
        standing = standing._replace(inside=learned_well(within))
    return standing


def is_classes(model):
    """Return whether the model is a classifier."""
    return model._estimator_type == "classifier"


def sampled(m):
    """Return the numbers of the rows of a fixed sample."""
    return np.sort(RandomState(0).permutation(m)[:ROWS])


def taken(X, rows):
    """Return rows of X, or X itself if they are all."""
    if n_rows(X) == len(rows):
        return X
    return rows_at(X, rows) if not hasattr(X, "iloc") else safe_indexing(X, rows)


def parts(X, y):
    """Return rows that train simple models, and those that judge them."""
    order = RandomState(1).permutation(len(y))
    cut = int(TRAINED * len(y))
    a, b = np.sort(order[:cut]), np.sort(order[cut:])
    return taken(X, a), y[a], taken(X, b), y[b]


def scores_by_fit(network):
    """Return the score of a network on the rows that its fit held out, or {}.

    It is that of the epoch whose parameters were kept, where the loss is a score.
    """
    losses = network.validation_loss_curve_
    if not losses or not network.n_iter_:
        return {}
    best = network.best_epoch_ if network.early_stopping else None
    at = -1 if not best else best - 1 - int(np.max(network.n_iter_))
    if not -len(losses) <= at:
        return {}
    loss = float(losses[at])
    if is_classes(network):
        return {"log loss": loss} if network._target.kind != "multilabel" else {}
    plain = network.loss == "squared_error" and network._target.n_outputs == 1
    return {"RMSE": float(np.sqrt(2 * loss))} if plain else {}


def out_of_fold(model, y, w=None):
    """Return the scores of an ensemble's out-of-fold predictions, or None."""
    found = rows_out_of_fold(model, y, w)
    if not len(found.rows):
        return None
    y, w = y[found.rows], found.sample_weight
    if not is_classes(model):
        return scores_of_numbers(found.predicted, y, w)
    Z = found.predicted.reshape(len(y), -1)
    P = probabilities(model._target.kind, Z, 1.0)
    return scores_of_classes(model.classes_, P, y, w)


def simple_models(X, y, X_test, y_test, *, classifier):
    """Return {name: scores} of the simple models, and notes on what was left out."""
    if min(len(y), len(y_test)) < FEWEST:
        return {}, (f"simple models are left out: fewer than {FEWEST} rows",)
    size = int(np.prod(getattr(X, "shape", (0, 1))[1:]))
    if y.ndim > 1:
        size *= y.shape[1]
    elif classifier:
        k = len(np.unique(y))
        size *= k if k > 2 else 1
    boosting = size <= BOOSTED and not issparse(X)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        judged = judged_baselines(
            X,
            y,
            X_test,
            y_test,
            classifier=classifier,
            names=(CONSTANT, BOOSTING) if boosting else (CONSTANT,),
        )
    notes = () if boosting else ("gradient boosting is left out: it would take long",)
    return {one.name: one.scores for one in judged}, notes


def boosted_ratio(standing):
    """Return boosting's loss of new rows / a constant's, or None.

    The loss of a regression is the square of its RMSE.
    """
    scores = [standing.scores.get(name) for name in (BOOSTING, CONSTANT)]
    if None in scores:
        return None
    metric, power = ("log loss", 1) if "log loss" in scores[0] else ("RMSE", 2)
    boosted, constant = (one[metric] for one in scores)
    return (boosted / constant) ** power if constant else None


def learned_well(scores):
    """Return whether boosting has a far lower loss, or half the errors of a constant.

    Of few rows it gives probabilities whose log loss is high though most are right.
    """
    ratio = boosted_ratio(Standing(scores, ()))
    if ratio is None:
        return False
    errors = [scores[name].get("error", np.inf) for name in (BOOSTING, CONSTANT)]
    return ratio <= LEARNED_WELL or errors[0] < 0.5 * errors[1]


def foreign_answers(standing):
    """Return a finding if X_val is answered worse than by a constant, X well.

    The constant is that of the rows of training. X is answered well out of fold; or, of
    a network, on its own rows, and boosting answers rows of X well that it was not
    trained on, but those of X_val no better than a constant, either.
    """
    of = OUT_OF_FOLD if OUT_OF_FOLD in standing.scores else OWN
    scores = [standing.scores.get(name) for name in (of, HELD_OUT, CONSTANT)]
    if None in scores:
        return []
    metric, power = ("log loss", 1) if "log loss" in scores[0] else ("RMSE", 2)
    own, held_out, constant = (one[metric] for one in scores)
    if held_out < constant or (own / constant) ** power > LEARNED_WELL:
        return []
    if of == OWN and not standing.inside:
        return []
    where = of if of == OUT_OF_FOLD else f"on {of}"
    text = (
        f"{metric} {number(own)} {where}, {number(held_out)} on X_val, where a "
        f"constant has {number(constant)}"
    )
    cure = (
        "compare y_val with y: labels, units and the order of the rows; or X_val comes "
        "from elsewhere than X"
    )
    return [Finding("drift", None, float(held_out / constant), text, cure)]
