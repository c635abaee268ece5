"""Scores of a model beside those of two simple models on the same rows.

The simple models are a constant answer and scikit-learn's gradient boosting. The
command line, the report and `diagnose` judge a model by them.
"""

import time
from typing import NamedTuple

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, is_classifier
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from threadpoolctl import threadpool_limits

from ..preprocessing import TableEncoder
from ..preprocessing._columns import days_since
from ..preprocessing._values import as_days, as_levels, as_numbers

CONSTANT, BOOSTING = "a constant", "HistGradientBoosting"
MOST_LEVELS = 250  # of a category: HistGradientBoosting takes 255
# With fewer rows threads wait for each other longer than they work: 15 times as long on
# a machine that does other work, too.
FEW_ROWS = 20_000


class Judged(NamedTuple):
    """The scores of a model on rows that it was not trained on.

    Attributes
    ----------
    name : str
    scores : dict of str to float
        By the names of `scores_of`; less is better.
    seconds : float or None
        Seconds of the training, if known.
    """

    name: str
    scores: dict
    seconds: float | None


class OrdinalTable(TransformerMixin, BaseEstimator):
    """Encode each column of a table as one number, as trees take it.

    Levels become 0, 1, ..., levels that fit has not seen and missing values NaN, dates
    days. `is_category_` tells which columns hold levels. Columns that had no value in
    fit are 0: trees cannot be trained on them.
    """

    def fit(self, X, y=None):
        """Learn the columns of the table X; y is ignored."""
        self.encoder_ = TableEncoder(n_bins=0, max_levels=MOST_LEVELS).fit(flat(X))
        self.is_category_ = [c.kind == "category" for c in self.encoder_.columns_]
        self.is_empty_ = np.isnan(self._numbers(X)).all(axis=0)
        return self

    def transform(self, X):
        """Return the numbers (m, n) of the rows of X."""
        numbers = self._numbers(X)
        numbers[:, self.is_empty_] = 0
        return numbers

    def _numbers(self, X):
        table = self.encoder_._table(flat(X), reset=False)
        columns = [
            NUMBERS[known.kind](known, table.column(j, slice(None)))
            for j, known in enumerate(self.encoder_.columns_)
        ]
        return np.column_stack(columns)


def flat(X):
    """Return images as rows of numbers; a table as it is."""
    return X.reshape(len(X), -1) if getattr(X, "ndim", 2) > 2 else X


def levels(known, column):
    """Return the numbers of the levels; NaN for unseen and missing ones."""
    codes, found = as_levels(column)
    number = {level: i for i, level in enumerate(known.levels)}
    return np.array([*(number.get(level, np.nan) for level in found), np.nan])[codes]


def days(known, column):
    """Return days since the origin of the column; NaN where the date is missing."""
    day, fraction, _ = as_days(column)
    return days_since(known.origin, day, fraction)


NUMBERS = {
    "numeric": lambda known, column: as_numbers(column, known.origin),
    "category": levels,
    "time": days,
}


# -- scores ----------------------------------------------------------------------------


def scores_of(model, X, y, sample_weight=None):
    """Return the scores of a fitted model on rows of known answers.

    Parameters
    ----------
    model : estimator
        A classifier with `predict_proba`, or a regressor.
    X : {DataFrame, array-like} of shape (m, n)
    y : array-like of shape (m,) or (m, n_outputs)
    sample_weight : array-like of shape (m,), default=None

    Returns
    -------
    dict of str to float
        "error" and "log loss" of a classifier, "RMSE" and "MAE" of a regressor. Less is
        better. With several labels or targets each is the mean over them.
    """
    w = None if sample_weight is None else np.asarray(sample_weight, dtype=float)
    y = np.asarray(y)
    if is_classifier(model):
        return scores_of_classes(model.classes_, model.predict_proba(X), y, w)
    return scores_of_numbers(model.predict(X), y, w)


def scores_of_classes(classes, P, y, w=None):
    """Return error and log loss of probabilities.

    A class that `classes` lacks has probability 0. No probability counts as less than
    the least positive step from 1, about 2e-16.
    """
    if isinstance(P, list):  # of MultiOutputClassifier: (m, 1 or 2) of each label
        answers = [np.asarray(c) == 1 for c in classes]
        P = np.column_stack([p @ is_1 for p, is_1 in zip(P, answers, strict=True)])
    if y.ndim == 2 and y.shape[1] == P.shape[1] > 1:
        right, true = (P > 0.5) == (y == 1), np.where(y == 1, P, 1 - P)
        right, true = right.mean(axis=1), np.log(bounded(true)).mean(axis=1)
    else:
        y, classes = y.reshape(len(y)), np.asarray(classes)
        number = {label: i for i, label in enumerate(classes.tolist())}
        codes = np.array([number.get(label, -1) for label in y.tolist()], dtype=int)
        right = P.argmax(axis=1) == codes
        true = np.where(codes < 0, 0, P[np.arange(len(P)), codes])
        true = np.log(bounded(true))
    return {
        "error": float(1 - np.average(right, weights=w)),
        "log loss": float(-np.average(true, weights=w)),
    }


def bounded(p):
    """Return probabilities of at least the least step from 1."""
    return np.maximum(np.asarray(p, dtype=float), np.finfo(float).eps)


def scores_of_numbers(predicted, y, w=None):
    """Return RMSE and MAE of predicted numbers."""
    miss = np.asarray(predicted, dtype=float).reshape(len(y), -1)
    miss = miss - np.asarray(y, dtype=float).reshape(len(y), -1)
    squares = np.average(miss**2, axis=0, weights=w)
    return {
        "RMSE": float(np.sqrt(squares).mean()),
        "MAE": float(np.average(abs(miss), axis=0, weights=w).mean()),
    }


# -- the simple models -----------------------------------------------------------------


def baselines(classifier, n_outputs=1):
    """Return {name: estimator that is not fitted} of the simple models.

    Parameters
    ----------
    classifier : bool
        Whether the answers are classes.
    n_outputs : int, default=1
        Number of labels or targets a row.
    """
    if classifier:
        constant, cls = DummyClassifier(), HistGradientBoostingClassifier
    else:
        constant, cls = DummyRegressor(), HistGradientBoostingRegressor
    return {
        CONSTANT: constant,
        BOOSTING: BoostedTable(cls(random_state=0), n_outputs),
    }


class BoostedTable(BaseEstimator):
    """Fit gradient boosting to a table, its categories told."""

    def __init__(self, model, n_outputs=1):
        self.model = model
        self.n_outputs = n_outputs

    def fit(self, X, y, sample_weight=None):
        """Fit to a table X and answers y."""
        self.table_ = OrdinalTable().fit(X)
        X = self.table_.transform(X)
        self.seen_ = ~np.isnan(X).all(axis=0)  # trees take no column without a value
        categories = np.asarray(self.table_.is_category_)[self.seen_]
        trees = self.model.set_params(categorical_features=categories)
        if self.n_outputs > 1:
            several = MultiOutputClassifier, MultiOutputRegressor
            trees = several[not is_classifier(trees)](trees)
        self.trees_ = trees.fit(X[:, self.seen_], y, sample_weight=sample_weight)
        return self

    def _numbers(self, X):
        return self.table_.transform(X)[:, self.seen_]

    @property
    def classes_(self):
        """Return the classes, of each label a list."""
        return self.trees_.classes_

    def predict(self, X):
        """Return the predictions for a table."""
        return self.trees_.predict(self._numbers(X))

    def predict_proba(self, X):
        """Return the probabilities of a classifier."""
        return self.trees_.predict_proba(self._numbers(X))

    def __sklearn_tags__(self):
        return self.model.__sklearn_tags__()


def judged_baselines(
    X, y, X_test, y_test, *, classifier, sample_weight=None, names=(CONSTANT, BOOSTING)
):
    """Train the simple models, and judge them by other rows.

    Parameters
    ----------
    X, X_test : {DataFrame, array-like}
        Rows that train, and rows that judge.
    y, y_test : array-like of shape (m,) or (m, n_outputs)
        Their answers, without missing ones.
    classifier : bool
        Whether the answers are classes.
    sample_weight : array-like of shape (m,), default=None
        Weights of the rows that train.
    names : sequence of str, default=(CONSTANT, BOOSTING)
        Which of them.

    Returns
    -------
    list of Judged
        A constant answer, then gradient boosting. One that cannot be trained is left
        out.
    """
    y = np.asarray(y)
    judged, models = [], baselines(classifier, y.shape[1] if y.ndim > 1 else 1)
    for name in names:
        model, start = models[name], time.perf_counter()
        try:
            with threadpool_limits(1 if len(y) <= FEW_ROWS else None):
                model.fit(placeholder(X) if name == CONSTANT else X, y, sample_weight)
        except ValueError:  # one class, a class of one row: trees refuse some
            continue
        seconds = time.perf_counter() - start
        rows = placeholder(X_test) if name == CONSTANT else X_test
        judged.append(Judged(name, scores_of(model, rows, y_test), seconds))
    return judged


def placeholder(X):
    """Return one column of zeros for the rows of X: a constant reads no value."""
    return np.zeros((X.shape[0] if hasattr(X, "shape") else len(X), 1))
