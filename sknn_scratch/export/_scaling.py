"""Scaling before a network: folded into its first layer, or applied before it."""

from typing import NamedTuple

import numpy as np
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
)
from sklearn.utils.validation import check_is_fitted

from .._fit.scale import mean_and_scale
from ..preprocessing import ImageFlattener

TOLERANCE = 1e-6  # share of a unit's input that folding may cost


class FirstLayer(NamedTuple):
    """The first layer of a network that takes raw features.

    Attributes
    ----------
    W : ndarray of shape (n[1], n[0])
    b : ndarray of shape (n[1], 1)
    shift, scale : ndarray of shape (n[0],), or None
        The layer takes (x - shift) / scale; None where it takes x itself.
    """

    W: np.ndarray
    b: np.ndarray
    shift: np.ndarray | None = None
    scale: np.ndarray | None = None


class Range(NamedTuple):
    """What a scaler tells about the rows that it was fitted on.

    Attributes
    ----------
    centre : ndarray of shape (n_features,), or None where the scaler does not tell
    spread : ndarray of shape (n_features,) or float
        Typical distance from the centre; 0 where the scaler does not tell.
    """

    centre: np.ndarray | None
    spread: np.ndarray | float


def first_layer(W, b, steps, scaler, dtype):
    """Return the first layer for the features before all scaling, in float64.

    Folded, the layer is V x + v, with V = W / s and v = b - W m / s. Where that is not
    exact enough (see `folding_costs_too_much`) the features are scaled before it:

        z = (V s) (x - shift) / s + (b + W a), where a is the scaled shift.

    The shift is the centre of the features, rounded to `dtype`. Then x - shift has no
    rounding error for x between half and twice the shift (Sterbenz), and what rounding
    the shift changes is in a, and therefore in the bias.

    Parameters
    ----------
    W : ndarray of shape (n[1], n[0])
    b : ndarray of shape (n[1], 1)
        The layer as fitted, for features that went through `steps`.
    steps : list of estimators
        Steps before the network, all in SCALES.
    scaler : StandardScaler or None
        Scaler of standardize=True. It is part of W and b already; it tells the range
        of the features.
    dtype : dtype
        The floats that the exported network computes in.
    """
    W, b = W.astype(float), b.astype(float)
    if not steps and scaler is None:
        return FirstLayer(W, b)
    total = total_scale(steps)
    V, v = W / total, b + bias_of(W, steps, 0.0)
    features = range_of([*steps, *([scaler] if scaler else [])])
    if features.centre is None:
        features = features._replace(centre=np.zeros(W.shape[1]))
    z = b + bias_of(W, steps, features.centre)
    if not folding_costs_too_much(V, v, z, features, dtype):
        return FirstLayer(V, v)
    if scaler:
        total = total * scaler.scale_
    shift, scale = in_dtype(features.centre, total, dtype)
    b = b + bias_of(W, steps, shift.astype(float))
    return FirstLayer(V * scale, b, shift, scale)


def folding_costs_too_much(V, v, z, features, dtype):
    """Return True where a unit of V x + v loses more than TOLERANCE of its input.

    Rounding a number to `dtype`, with the unit roundoff u and the least positive
    number t, changes it by at most u times the number, or t / 2. In V x + v the
    weights, the bias and the products are rounded, each by at most that. For features
    |x - centre| <= spread, unit i loses, but for a small factor,

        cost_i = sum_j (u |V_ij| + t / 2) (|centre_j| + spread_j) + u |v_i|.

    The unit's input is as large as

        size_i = |z_i(centre)| + sum_j |V_ij| spread_j.

    The cost of scaling first is about u size_i. Where a centre is far from 0, compared
    with the spread, the terms of V x + v are large and cancel, so that cost_i is larger
    by the factor |centre| / spread.

    Parameters
    ----------
    V : ndarray of shape (n[1], n[0])
    v, z : ndarray of shape (n[1], 1)
        The folded layer, and the inputs of its units at the centre.
    features : Range
    dtype : dtype
    """
    info = np.finfo(dtype)
    centre, spread = abs(features.centre), np.broadcast_to(features.spread, V.shape[1:])
    u, t = float(info.eps) / 2, float(info.smallest_subnormal)
    if abs(V).max() > info.max:
        return True
    cost = u * (abs(V) @ (centre + spread)) + u * abs(v.ravel())
    cost += t / 2 * np.sum(centre + spread)
    return bool((cost > TOLERANCE * (abs(z.ravel()) + abs(V) @ spread)).any())


def shift_scale_offset(step, dtype):
    """Return three rows: the step is (x - shift) / scale + offset, also in `dtype`."""
    centre = np.zeros(step.n_features_in_)
    known, _ = RANGES[type(step)](step)
    shift, scale = in_dtype(
        centre if known is None else known, total_scale([step]), dtype
    )
    offset = np.broadcast_to(scaled_by([step], shift.astype(float)), shift.shape)
    return shift, scale, offset.astype(dtype)


def in_dtype(shift, scale, dtype):
    """Return shift and scale in the dtype, or raise ValueError if it cannot."""
    with np.errstate(over="ignore", under="ignore"):
        shift, scale = (
            np.broadcast_to(values, shift.shape).astype(dtype)
            for values in (shift, scale)
        )
    wrong = ~np.isfinite(shift) | ~np.isfinite(scale) | (scale == 0)
    if wrong.any():
        raise ValueError(
            f"the scaler must have means and scales within the range of {dtype} to be "
            f"exported, got others for feature {wrong.argmax()} (the first is 0); "
            "change its unit."
        )
    return shift, scale


def total_scale(steps):
    """Return what all steps together divide a feature by."""
    total = 1.0
    for step in steps:
        total = total * SCALES[type(step)](step)[1]
    return total


def scaled_by(steps, x):
    """Return features after all steps, in float64."""
    for step in steps:
        mean, scale = SCALES[type(step)](step)
        x = (x if mean is None else x - mean) / scale
    return x


def bias_of(W, steps, x):
    """Return W a as a column, where a are features x after all steps."""
    a = np.broadcast_to(scaled_by(steps, x), W.shape[1:])
    return (W @ a)[:, None]


def range_of(steps):
    """Return the range of the features before all steps.

    It comes from the first step that tells a centre, else from the first that tells a
    spread.
    """
    first = None
    origin, factor = 0.0, 1.0  # a feature before all steps is factor * x + origin
    for step in steps:
        centre, spread = RANGES[type(step)](step)
        if centre is not None:
            return Range(factor * centre + origin, factor * spread)
        first = first or Range(None, factor * spread)
        mean, scale = SCALES[type(step)](step)
        origin = origin if mean is None else factor * mean + origin
        factor = factor * scale
    return first


def check_scales(name, step):
    """Raise ValueError if the step does more than shift and scale each feature."""
    if not is_affine(step):
        known = ", ".join(cls.__name__ for cls in SCALES)
        raise ValueError(
            f"model has the step {name!r} ({type(step).__name__}) before the network, "
            f"which cannot become part of W[1] and b[1]; they must be among {known} "
            "(without clip). Export the network alone, or to ONNX."
        )
    check_is_fitted(step)


def is_affine(step):
    """Return True if the step shifts and scales each feature by constants."""
    return type(step) in SCALES and not getattr(step, "clip", False)


# -- the scalers -----------------------------------------------------------------------


def mean_and_scale_of_robust(step):
    """Return what a RobustScaler subtracts, or None, and what it divides by."""
    centre = None if step.center_ is None else step.center_.astype(float)
    return centre, 1.0 if step.scale_ is None else step.scale_.astype(float)


def mean_and_scale_of_range(step):
    """Return the mean and scale of a MinMaxScaler, which is x * scale_ + min_."""
    factor = step.scale_.astype(float)  # float32 would lose digits
    return -step.min_ / factor, 1 / factor


def range_of_standard(step):
    """Return the range of a StandardScaler; it knows the mean if it divides only."""
    spread = 0.0 if step.var_ is None else np.sqrt(step.var_)
    return Range(step.mean_, spread)


def range_of_min_max(step):
    """Return the range of a MinMaxScaler."""
    low, high = step.data_min_.astype(float), step.data_max_.astype(float)
    return Range((low + high) / 2, (high - low) / 2)


def range_of_robust(step):
    """Return the range of a RobustScaler.

    A scale of 1 may stand for an interquartile range of 0, so it tells nothing.
    """
    centre, scale = mean_and_scale_of_robust(step)
    return Range(centre, np.where(scale == 1, 0, scale))


SCALES = {  # {class of (x - mean) / scale: function that returns mean or None, scale}
    ImageFlattener: lambda step: (None, step.scale),
    MaxAbsScaler: lambda step: (None, step.scale_.astype(float)),
    MinMaxScaler: mean_and_scale_of_range,
    RobustScaler: mean_and_scale_of_robust,
    StandardScaler: mean_and_scale,
}
RANGES = {  # {class: function that returns the Range of the features before the step}
    ImageFlattener: lambda step: Range(None, step.scale),
    MaxAbsScaler: lambda step: Range(None, step.max_abs_.astype(float)),
    MinMaxScaler: range_of_min_max,
    RobustScaler: range_of_robust,
    StandardScaler: range_of_standard,
}
