"""The scale of the features: learned from rows, applied to X, folded into a layer."""

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
