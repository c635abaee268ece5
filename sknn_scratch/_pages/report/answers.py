"""What a model answers for rows, as numbers, and the scores of its answers."""

import numpy as np
from sklearn.base import is_classifier

from ..._estimators.access import feature_names, last_step
from ...inspection._baselines import scores_of_classes, scores_of_numbers
from ...preprocessing._frames import ArrayTable, table_of


def learner(model):
    """Return the network or the ensemble within a model.

    It is the last step of a Pipeline, or what a TransformedTargetRegressor has fitted.
    """
    last = last_step(model)
    return learner(last.regressor_) if hasattr(last, "regressor_") else last


def answers(model, X):
    """Return probabilities (m, K) of a classifier, numbers (m, n_outputs) of others.

    Of several levels of a quantile loss it is the one nearest to 1/2.
    """
    if is_classifier(model):
        return np.asarray(model.predict_proba(X), dtype=float)
    A, target = np.asarray(model.predict(X), dtype=float), learner(model)._target
    if target.several_levels:
        return A[:, [target.quantile.index(level_of(model))]]
    return A.reshape(len(A), -1)


def level_of(model):
    """Return the level of the quantile that a regressor predicts, None without."""
    quantile = learner(model)._target.quantile
    if isinstance(quantile, tuple):
        return min(quantile, key=lambda level: abs(level - 0.5))
    return quantile


def scores(model, A, y):
    """Return the scores of `answers` A, by name; less is better."""
    if is_classifier(model):
        return scores_of_classes(model.classes_, A, y)
    return scores_of_numbers(A, y)


def main_score(model):
    """Return the name of the score nearest to the loss that fit minimises."""
    if is_classifier(model):
        return "log loss"
    absolute = learner(model)._target.loss in ("absolute_error", "quantile")
    return "MAE" if absolute else "RMSE"


def is_table(X):
    """Return whether the rows of X have columns: they are no images."""
    return getattr(X, "ndim", 2) == 2


def table(X):
    """Return the Table of a data frame or an array (m, n)."""
    found = table_of(X)
    return ArrayTable(X) if found is None else found


def column_names(model, X):
    """Return the names of the columns of X as texts."""
    return [str(name) for name in table(X).names or feature_names(model, X)]


def sampled(m, most):
    """Return the numbers of at most `most` of m rows, drawn at random, in order."""
    return np.sort(np.random.RandomState(0).permutation(m)[:most])
