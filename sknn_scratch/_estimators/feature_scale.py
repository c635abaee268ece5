"""Whether the scales of features and targets hinder training, and what to do then."""

import numpy as np
from scipy.sparse import issparse

SAMPLE = 10_000  # rows whose features are looked at
ELEMENTS = 2**22  # of their values, at most
# Features count as badly scaled from this ratio: the steps that gradient descent needs
# grow with its square, so here with 2500, which is more than most trainings have.
FAR = 50.0
# The first outputs are of size 1. Targets as large as this need steps that many times
# longer. Targets as small as this are fitted before training begins, for tol=1e-4.
LARGE_TARGETS, SMALL_TARGETS = 100.0, 0.01
RARE = 0.05  # a feature which departs from its usual value more rarely is not judged


def scale_of_features(X):
    """Return what to say of features of bad scale, with the cure, or None."""
    found = worst_scale(X)
    if found is None:
        return None
    cure = "standardize=True or a StandardScaler before it may be all it needs"
    return f"{found[1]}: {cure}"


def scale_of_targets(Y):
    """Return what to say of targets of bad scale, with the cure, or None."""
    found = worst_scale_of_targets(Y)
    return found and f"{found[1]}: standardize_target=True may be all it needs"


def worst_scale_of_targets(Y):
    """Return the size of targets that are not of size 1, and its meaning, or None."""
    Y = np.asarray(Y, float)
    with np.errstate(over="ignore"):
        spread, size = float(Y.std()), float(np.sqrt(np.mean(Y**2)))
    if not spread or (spread > SMALL_TARGETS and size < LARGE_TARGETS):
        return None
    return size, f"the targets are of size {size:.2g} and vary by {spread:.2g}"


def worst_scale(X):
    """Return a factor by which features are badly scaled, and its meaning, or None."""
    X = X[: min(SAMPLE, max(ELEMENTS // X.shape[1], 100))].astype(np.float64)
    largest = abs(X).max()
    if not largest:
        return None
    X = X / largest  # squares of 1e200 would overflow
    centre, spread, share = _departures(X)
    # a pixel at the border or a rare word says nothing of the scale
    telling = share >= (RARE if (share >= RARE).any() else 1e-9)
    telling &= spread > 1e-12 * abs(centre)
    if not telling.any():
        return None
    centre, spread = abs(centre[telling]), spread[telling]
    widest, ratio = spread.max() * largest, spread.max() / spread.min()
    if ratio > FAR:
        return ratio, f"its features differ in scale by a factor of {ratio:.0e}"
    away = (centre / spread).max()
    if away > FAR:
        return away, (
            f"a feature is far from 0 for how little it varies, {away:.0e} times that"
        )
    if not 1 / FAR < widest < FAR:
        return widest, f"its features vary by about {widest:.0e}"
    return None


def _departures(X):
    """Return each feature's usual value, how far others are from it, and their share.

    The usual value is the median. A standard deviation would not do: that of a feature
    which is 0 in most rows tells how often it is not, and not how large it then is.
    """
    m = X.shape[0]
    if issparse(X):
        total, squares = X.sum(axis=0), X.multiply(X).sum(axis=0)
        total, squares = np.asarray(total).ravel(), np.asarray(squares).ravel()
        count = np.asarray((X != 0).sum(axis=0)).ravel()
        mostly = count > m / 2
        centre = np.where(mostly, total / m, 0.0)
        count = np.where(mostly, m, count)
        squares = np.maximum(squares - m * centre**2, 0)
    else:
        centre = np.median(X, axis=0)
        D = X - centre
        count, squares = (D != 0).sum(axis=0), (D * D).sum(axis=0)
    return centre, np.sqrt(squares / np.maximum(count, 1)), count / m
