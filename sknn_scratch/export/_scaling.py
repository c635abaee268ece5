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
    """The first layer of a network, and what is done to the features before it.

    Attributes
    ----------
    W : ndarray of shape (n[1], n[0])
    b : ndarray of shape (n[1], 1)
    before : list of (operator, ndarray of shape (n[0],))
        Operations on the features x, in this order, such as ("-", mean) for x - mean.
        Each result is rounded to the dtype of its array. Empty where W and b take x.
    """

    W: np.ndarray
    b: np.ndarray
    before: list


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
    exact enough (see `folding_costs_too_much`) the features are scaled before it: as
    the steps do it, if the export computes in the floats of the network, else around a
    centre.

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
    as_fitted = np.can_cast(W.dtype, dtype)
    narrow = W.dtype if as_fitted else dtype
    W, b = W.astype(float), b.astype(float)
    if not steps and scaler is None:
        return FirstLayer(W, b, [])
    V, v = W / total_scale(steps), b + bias_of(W, steps, 0.0)
    features = range_of([*steps, *([scaler] if scaler else [])])
    if features.centre is None:
        features = features._replace(centre=np.zeros(W.shape[1]))
    z = b + bias_of(W, steps, features.centre)
    if not folding_costs_too_much(V, v, z, features, narrow):
        return FirstLayer(V, v, [])
    if as_fitted:
        return scaled_as_fitted(W, b, steps, features, narrow)
    return scaled_around_centre(W, b, steps, scaler, features.centre, narrow)


def scaled_as_fitted(W, b, steps, features, dtype):
    """Return the first layer after the operations of the steps, in their floats.

    The rounding of features far from 0 is then that of the fitted model. If the scaled
    features are still far from 0, as with standardize=True, their centre is subtracted,
    too: W a + b = W (a - shift) + (b + W shift).
    """
    before = [part for step in steps for part in operations(step, dtype)]
    centre = np.broadcast_to(scaled_by(steps, features.centre), W.shape[1:])
    scaled = Range(centre, features.spread / abs(total_scale(steps)))
    z = b + (W @ centre)[:, None]
    if folding_costs_too_much(W, b, z, scaled, dtype):
        shift = in_dtype(centre, dtype)
        before.append(("-", shift))
        b = b + (W @ shift)[:, None]
    return FirstLayer(W, b, before)


def scaled_around_centre(W, b, steps, scaler, centre, dtype):
    """Return the first layer of a float64 network after scaling in float32.

    The layer is (V s) (x - shift) / s + (b + W a), where a is the scaled shift. The
    shift is the centre of the features, rounded to float32. Then x - shift has no
    rounding error for x between half and twice the shift (Sterbenz), and what rounding
    the shift changes is in a, and therefore in the bias.
    """
    total = total_scale(steps)
    V = W / total
    shift = in_dtype(centre, dtype)
    scale = total * scaler.scale_ if scaler else total
    scale = in_dtype(np.broadcast_to(scale, centre.shape), dtype)
    if not scale.all():
        raise ValueError(
            f"the scaler must have scales that {dtype} tells from 0 to be exported, "
            f"got less for feature {(scale == 0).argmax()} (the first is 0); change "
            "its unit."
        )
    b = b + bias_of(W, steps, shift.astype(float))
    return FirstLayer(V * scale, b, [("-", shift), ("/", scale)])


def operations(step, dtype):
    """Return (operator, array) of the operations of one step, as it does them."""
    n, parts = step.n_features_in_, []
    if type(step) is MinMaxScaler:
        parts = [("*", step.scale_), ("+", step.min_)]
    else:
        mean, scale = SCALES[type(step)](step)
        if mean is not None:
            parts.append(("-", mean))
            if type(step) is not StandardScaler or not standard_scaler_rounds_mean():
                with np.errstate(over="ignore"):
                    parts.append(("-", mean - mean.astype(dtype)))
        parts.append(("/", scale))
    arrays = [(operator, np.broadcast_to(values, (n,))) for operator, values in parts]
    return [
        (operator, in_dtype(values, dtype))
        for operator, values in arrays
        if not (values == (0 if operator in "+-" else 1)).all()
    ]


def standard_scaler_rounds_mean():
    """Return True if StandardScaler rounds its mean to the dtype of X; 1.6 does not."""
    scaler = StandardScaler().fit([[0.1]])
    return not scaler.transform(np.array([[0.1]], np.float32)).any()


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


def operations_alone(step, dtype):
    """Return operations for one step, fitted in float64, that are exact in `dtype`.

    They are (x - shift) / scale + offset, where the offset is the scaled shift.
    """
    known, _ = RANGES[type(step)](step)
    shift = in_dtype(np.zeros(step.n_features_in_) if known is None else known, dtype)
    scale = np.broadcast_to(total_scale([step]), shift.shape)
    offset = np.broadcast_to(scaled_by([step], shift.astype(float)), shift.shape)
    return [
        ("-", shift),
        ("/", in_dtype(scale, dtype)),
        ("+", in_dtype(offset, dtype)),
    ]


def in_dtype(values, dtype):
    """Return one number a feature in the dtype; ValueError where it is too large."""
    with np.errstate(over="ignore", under="ignore"):
        rounded = values.astype(dtype)
    if not np.isfinite(rounded).all():
        j = (~np.isfinite(rounded)).argmax()
        raise ValueError(
            f"the scaler must be finite in {dtype} to be exported, got {values[j]:g} "
            f"for feature {j} (the first is 0); change its unit."
        )
    return rounded


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
