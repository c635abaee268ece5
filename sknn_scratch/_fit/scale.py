"""The scale of the features: learned from rows, applied to X, folded into a layer."""

from copy import deepcopy

import numpy as np
from scipy.sparse import issparse
from sklearn.preprocessing import StandardScaler

from .._rows.disk import FarRows, is_elsewhere, row_blocks


def learn_scale(rows, centre, before=None):
    """A StandardScaler that has seen these rows, and those that `before` has seen.

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
        if is_elsewhere(rows.X):
            scaler = rows.X.learn(scaler, None if even else w)
        else:
            for part, X in row_blocks(rows.X, len(w)):
                scaler.partial_fit(X, sample_weight=None if even else w[part])
    if power:
        scaler.n_samples_seen_ = np.ldexp(scaler.n_samples_seen_, power)
    if not np.isfinite([scaler.mean_, scaler.scale_]).all():
        got = f"means up to {abs(scaler.mean_).max():g}"
        if not is_elsewhere(rows.X):
            blocks = row_blocks(rows.X, len(rows.w))
            got = f"values up to {max(abs(X).max() for _, X in blocks):g}"
        raise ValueError(
            f"standardize=True needs features whose variance is finite, got {got}; "
            "scale X, or set standardize=False."
        )
    return scaler


def lost_digits(scaler, dtype):
    """What to say of features too far from 0 to fold their mean into b, or None."""
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
    """X on the scale that was learned; a copy, or rows on disk seen so."""
    if isinstance(X, FarRows):
        return X.scaled(scaler)
    with np.errstate(over="ignore", invalid="ignore"):
        return scaler.transform(X)


def fold(params, scaler):
    """W[1] (x - mean) / scale + b[1] as a layer for x itself; params is changed."""
    W, b = params.W[1], params.b[1]
    W /= scaler.scale_
    if scaler.with_mean:
        b -= (W @ scaler.mean_)[:, None]


def unfold(params, scaler):
    """The inverse of `fold`."""
    W, b = params.W[1], params.b[1]
    if scaler.with_mean:
        b += (W @ scaler.mean_)[:, None]
    W *= scaler.scale_
