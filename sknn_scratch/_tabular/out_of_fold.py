"""What members say of rows that they were not trained on."""

from typing import NamedTuple

import numpy as np

from .._fit.inputs import given_targets, valid_targets, valid_weights

PUBLISHED = {  # kind of the estimator -> the attribute with the predictions
    "classifier": "oof_decision_function_",
    "regressor": "oof_prediction_",
}


def mean_out_of_fold(parts, rows, m):
    """Return the mean of the predictions of each of m rows; NaN where there is none.

    Parameters
    ----------
    parts : list of ndarray of shape (n_held_out, ...)
        The predictions of each member.
    rows : list of ndarray of shape (n_held_out,)
        The numbers of these rows.
    m : int
    """
    total, seen = np.zeros((m, *parts[0].shape[1:])), np.zeros(m)
    for part, held_out in zip(parts, rows, strict=True):
        total[held_out] += part
        seen[held_out] += 1
    with np.errstate(invalid="ignore"):
        return total / seen.reshape(-1, *[1] * (total.ndim - 1))


class OutOfFold(NamedTuple):
    """The training rows that members held out, and what was predicted of them.

    Attributes
    ----------
    rows : ndarray of shape (m,)
        Their numbers among the rows of fit.
    codes : ndarray of shape (m,) or (m, n_outputs)
        Their targets as numbers.
    predicted : ndarray
        Their rows of `oof_decision_function_` or `oof_prediction_`.
    w : ndarray of shape (m,)
        Their weights in the cost.
    sample_weight : ndarray of shape (m,) or None
        Their weights as they were given.
    """

    rows: np.ndarray
    codes: np.ndarray
    predicted: np.ndarray
    w: np.ndarray
    sample_weight: np.ndarray | None


def rows_out_of_fold(model, y, sample_weight=None):
    """Return the `OutOfFold` of a fitted ensemble.

    Parameters
    ----------
    model : BaseTabular
    y : array-like
        The targets of `fit`, in its order.
    sample_weight : array-like, default=None
        The weights of `fit`: rows without a weight have no prediction.
    """
    y = given_targets(model, y)
    y = valid_targets(model, y, y)
    target, kept = model._learn_kept(y, valid_weights(y, sample_weight))
    predicted = getattr(model, PUBLISHED[model._estimator_type])
    same = target.shape == model._target.shape and all(
        np.array_equal(value, getattr(model, name))
        for name, value in target.fitted.items()
    )
    if not same or len(kept.w) != len(predicted):
        raise ValueError(
            f"y must be that of fit, with its {len(predicted)} rows of a weight above "
            f"0 and in its order, got {len(kept.w)} such rows"
            + ("; give the training rows." if same else " of other targets.")
        )
    seen = ~np.isnan(predicted.reshape(len(predicted), -1)).any(axis=1)
    rows, codes, w, given = kept.take(seen)
    return OutOfFold(rows, codes, predicted[seen], w, given)
