"""Probabilities that out-of-fold rows confirm: one temperature for all members."""

import numpy as np
from scipy.optimize import brentq

from .._engine.losses import CLASSIFICATION

LIMIT = np.log(10.0)  # of |log T|
ROUNDING = float(np.finfo(float).eps)


def probabilities(kind, Z, T):
    """Return the probabilities of raw outputs Z (m, n[L]) at the temperature T.

    Returns
    -------
    ndarray of shape (m, n_classes), or (m, n_labels) of multilabel outputs
    """
    log_a, log_1_a = CLASSIFICATION[kind]().log_link(Z.T / T)
    if kind == "binary":
        log_a = np.concatenate([log_1_a, log_a])
    return np.exp(log_a.T)


def shrunk(kind, P, n):
    """Return (1 - e) P + e / n_values with e = 1 / (n + 1).

    n rows, all of them predicted right, are no reason for a probability of 1. A label
    has two values.
    """
    e = 1 / (n + 1)
    return (1 - e) * P + e / n_values(kind, P)


def n_values(kind, P):
    """Return the number of classes, or of the values of a label."""
    return 2 if kind == "multilabel" else P.shape[1]


def log_odds(kind, P):
    """Return what `decision_function` has: log(p / (1 - p)), or log P of classes."""
    if kind == "binary":
        return np.log(P[:, 1]) - np.log(P[:, 0])
    if kind == "multilabel":
        return np.log(P) - np.log1p(-P)
    log_P = np.log(P)
    return log_P if P.shape[1] > 1 else log_P.ravel()


def unshrunk(kind, P, n):
    """Undo `shrunk`; the result is above 0 and below 1 in spite of rounding."""
    e = 1 / (n + 1)
    P = (P - e / n_values(kind, P)) / (1 - e)
    return np.clip(P, ROUNDING, 1 - ROUNDING)


def out_of_fold_probabilities(kind, decision, T, n):
    """Return the probabilities of out-of-fold rows at the temperature T, and at 1.

    Those at 1 are exact where one member held a row out. Of several members they are
    made from the mean of the probabilities at T.

    Parameters
    ----------
    kind : str
        Key of CLASSIFICATION.
    decision : ndarray
        Rows of `oof_decision_function_`.
    T : float
    n : int
        The number of rows of the training.
    """
    P = probabilities(kind, decision.reshape(len(decision), -1), 1.0)
    Z = T * log_odds(kind, unshrunk(kind, P, n))
    return P, shrunk(kind, probabilities(kind, Z.reshape(len(P), -1), 1.0), n)


def fitted_temperature(kind, Z, Y, w):
    """Return the T > 0 that minimises the mean loss of Z / T (Guo et al. 2017).

    The loss is convex in 1 / T: the root of its slope is looked for, in 1/10 to 10.

    Parameters
    ----------
    kind : str
        Key of CLASSIFICATION.
    Z : ndarray of shape (m, n[L])
        Raw outputs of rows that the networks were not trained on.
    Y : ndarray of shape (n[L], m)
        Their targets.
    w : ndarray of shape (m,)
        Their weights.
    """
    Z = np.asfortranarray(Z).T
    loss, dZ = CLASSIFICATION[kind](), np.empty_like(Z)

    def slope(log_T):
        loss(Z * np.exp(-log_T), Y, w, dZ)
        return float((dZ * Z).sum())

    if slope(-LIMIT) <= 0:  # sharper is better: all rows are predicted right
        return float(np.exp(-LIMIT))
    if slope(LIMIT) >= 0:
        return float(np.exp(LIMIT))
    return float(np.exp(brentq(slope, -LIMIT, LIMIT, xtol=1e-6)))
