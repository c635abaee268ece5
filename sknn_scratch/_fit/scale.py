"""The scales of features and targets: learned from rows, folded into a layer."""

from copy import deepcopy

import numpy as np
from scipy.sparse import issparse
from sklearn.preprocessing import StandardScaler

from .._rows.source import source_of


def learn_scale(rows, centre, before=None):
    """Return a StandardScaler that has seen these rows, and those `before` has seen.

    Sparse rows are not centred: they would not stay sparse.
    """
    scaler = StandardScaler(with_mean=centre and not issparse(rows.X))
    if before is not None:
        scaler = deepcopy(before)
        if issparse(rows.X):
            scaler.with_mean = False
    scaler.set_output(transform="default")  # arrays, whatever users like to see
    even = (rows.w == 1).all()
    # Of a sum of 1e12 and more StandardScaler thinks that no feature varies. It is told
    # weights near 1, by a power of 2: this changes no bit of what it learns.
    power = np.frexp(rows.w.mean())[1] - 1
    w = np.ldexp(rows.w, -power)
    if power and before is not None:
        scaler.n_samples_seen_ = np.ldexp(scaler.n_samples_seen_, -power)
    with np.errstate(over="ignore", invalid="ignore"):
        scaler = source_of(rows.X).learn(scaler, None if even else w)
    if power:
        scaler.n_samples_seen_ = np.ldexp(scaler.n_samples_seen_, power)
    if not np.isfinite([scaler.mean_, scaler.scale_]).all():
        largest = source_of(rows.X).largest()
        got = f"means up to {abs(scaler.mean_).max():g}"
        if largest is not None:
            got = f"values up to {largest:g}"
        raise ValueError(
            f"standardize=True needs features whose variance is finite, got {got}; "
            "scale X, or set standardize=False."
        )
    return scaler


def lost_digits(scaler, dtype):
    """Return a warning where means are too far from 0 to fold into b, or None."""
    if dtype != np.float32 or not scaler.with_mean:
        return None
    farthest = (abs(scaler.mean_) / scaler.scale_).max()
    if farthest < 1e4:
        return None
    return (
        f"standardize=True loses {np.log10(farthest):.0f} of float32's 7 digits where "
        f"a mean is {farthest:.0e} standard deviations from 0; give X in float64"
    )


def scaled(X, scaler):
    """Return X on the learned scale: a copy, or rows scaled as they are read."""
    return source_of(X).scaled(scaler)


def fold(params, scaler):
    """Turn W[1] and b[1] from a layer for scaled features into one for raw ones."""
    fold_into(params.W[1], params.b[1], *mean_and_scale(scaler))


def unfold(params, scaler):
    """Undo `fold`."""
    W, b = params.W[1], params.b[1]
    mean, scale = mean_and_scale(scaler)
    if mean is not None:
        b += (W @ mean)[:, None]
    W *= scale


def fold_into(W, b, mean, scale):
    """Turn the layer W (x - mean) / scale + b into one for x, in place.

    A mean of None is not subtracted.
    """
    W /= scale
    if mean is not None:
        b -= (W @ mean)[:, None]


def mean_and_scale(scaler):
    """Return what a StandardScaler subtracts, or None, and what it divides by."""
    mean = scaler.mean_ if scaler.with_mean else None
    return mean, 1.0 if scaler.scale_ is None else scaler.scale_


# -- targets ---------------------------------------------------------------------------

ROUNDING = 10 * np.finfo(float).eps  # deviations of a constant, as part of its size
LEAST, MOST = 1e-290, 1e290  # of the unit of J, so that J in y's units is a number


def learn_target_scale(y, w):
    """Return mean and standard deviation of each column; 1 where y is constant."""
    Y = y.reshape(len(y), -1)
    power = np.frexp(abs(Y).max(axis=0))[1]
    Y = np.ldexp(Y, -power)  # squares of 1e300 overflow
    mean = np.average(Y, axis=0, weights=w)
    spread = np.sqrt(np.average(np.square(Y - mean), axis=0, weights=w))
    scale = np.ldexp(spread, power)
    constant = (spread <= ROUNDING) | (scale == 0)
    mean = np.ldexp(np.where(constant, Y[0], mean), power)
    return mean, np.where(constant, 1.0, scale)


def lost_digits_of_target(target, dtype):
    """Return a warning where y is too far from 0 for predictions in dtype, or None."""
    if dtype != np.float32 or not target.scale:
        return None
    farthest = (abs(np.array(target.mean)) / np.array(target.scale)).max()
    if farthest < 1e4:
        return None
    return (
        f"predictions in float32 lose {np.log10(farthest):.0f} of their 7 digits where "
        f"the mean of y is {farthest:.0e} standard deviations from 0; give X in float64"
    )


def scaled_loss(loss, target):
    """Return the loss on the scale of the targets, and the unit of its J.

    J times the unit is in y's units. For several outputs, whose units differ, the unit
    is their mean: J in y's units is then sum over k of unit / unit[k] L(A[k], Y[k]).
    """
    if not target.scale:
        return loss, 1.0
    with np.errstate(over="ignore", under="ignore"):
        loss, units = loss.scaled(target.mean_and_scale[1])
        return loss, float(np.clip(np.mean(units), LEAST, MOST))


def fold_target(params, target):
    """Turn W[L] and b[L] from a layer for standardised targets into one for y."""
    W, b, (mean, scale) = params.W[-1], params.b[-1], target.mean_and_scale
    with np.errstate(over="ignore"):
        W *= scale
        b[...] = b * scale + mean


def unfold_target(params, target):
    """Undo `fold_target`."""
    W, b, (mean, scale) = params.W[-1], params.b[-1], target.mean_and_scale
    with np.errstate(over="ignore"):
        W /= scale
        b[...] = (b - mean) / scale
