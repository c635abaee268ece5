"""The models that the command line trains on tables."""

import numpy as np

from ..training import set_options
from .task import CLASSIFICATION, REGRESSION

# kind -> its estimator for each task; none for numbers: logistic regression
MODELS = {
    "tabular": {
        CLASSIFICATION: "TabularNetClassifier",
        REGRESSION: "TabularNetRegressor",
    },
    "logistic": {CLASSIFICATION: "LogisticRegressionScratch"},
    "shallow": {
        CLASSIFICATION: "ShallowNetClassifier",
        REGRESSION: "ShallowNetRegressor",
    },
    "deep": {CLASSIFICATION: "DeepNetClassifier", REGRESSION: "DeepNetRegressor"},
}


def make_table_model(kind, task, given):
    """Return the estimator of a task, behind a TableEncoder where it needs one.

    Parameters
    ----------
    kind : str
        A name of MODELS.
    task : {"classification", "regression"}
    given : dict of str to (str, object)
        Flag and value of the given parameters of the network or the ensemble.
    """
    from sklearn.pipeline import make_pipeline

    import sknn_scratch

    from ...preprocessing import TableEncoder

    if task not in MODELS[kind]:
        raise ValueError(
            f"--model {kind} must have a target of classes, got numbers; take "
            "--model tabular."
        )
    model = getattr(sknn_scratch, MODELS[kind][task])(random_state=0)
    set_options(model, kind, given)
    return model if kind == "tabular" else make_pipeline(TableEncoder(), model)


def tabular(estimator):
    """Return whether an estimator is an ensemble for tables."""
    return hasattr(estimator, "n_members")


def losses_out_of_fold(model, y):
    """Return the loss of each row by the members that did not train on it.

    It is -log p of the true class, or the squared error; NaN where no member held the
    row out.

    Parameters
    ----------
    model : TabularNetClassifier or TabularNetRegressor
        Fitted.
    y : array-like of shape (m,)
        The answers of `fit`.
    """
    from sklearn.base import is_classifier

    y = np.asarray(y)
    if not is_classifier(model):
        return (model.oof_prediction_ - y) ** 2
    log_P = model.oof_decision_function_
    if log_P.ndim == 1:  # log(p / (1 - p)) of the second of two classes, else log P
        with np.errstate(invalid="ignore"):
            log_P = -np.logaddexp(0, np.column_stack([log_P, -log_P]))
    return -log_P[np.arange(len(y)), np.searchsorted(model.classes_, y)]


def clearly_less(losses, others):
    """Return whether losses of rows are less than others, by a standard error or more.

    A difference below the standard error of its mean is none: the best of many
    candidates is lucky.
    """
    less = others - losses
    less = less[np.isfinite(less)]
    return bool(less.mean() > less.std() / np.sqrt(len(less)))
