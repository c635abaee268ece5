"""Which models take pictures, and of what size and values."""

import math
from typing import NamedTuple

import numpy as np

from ..._html.images import value_range
from ...export._parts import parts_of
from ...export._table import takes_rows_of_numbers
from ...preprocessing import ImageFlattener
from .learned import extents_of

CHANNELS = (1, 3, 4)
FEWEST_PIXELS = 8  # on a side of a picture whose shape is not told


class Picture(NamedTuple):
    """The pictures that a model takes.

    Attributes
    ----------
    shape : (height, width, channels)
    low, high : float
        The values of black and of white.
    whole : bool
        Whether pixels are integers.
    paper : float
        The value of an empty picture, from `low` to `high`.
    note : str
        What was concluded and not told; "" for nothing.
    """

    shape: tuple
    low: float
    high: float
    whole: bool
    paper: float
    note: str = ""


def first_of(model):
    """Return what X meets first in a fitted model, also in one of a scaled target."""
    steps, last, _ = parts_of(model)
    parts = [step for _, step in steps] + [last]
    return next(step for step in parts if hasattr(step, "n_features_in_"))


def picture_of(model, X):
    """Return the Picture of a fitted model, None if it takes no pictures.

    Parameters
    ----------
    model : estimator
    X : ndarray or data frame or None
        Rows of data.
    """
    first, shape, note = first_of(model), None, ""
    if isinstance(first, ImageFlattener):
        shape = first.image_shape_
    elif takes_rows_of_numbers(model) and not hasattr(first, "feature_names_in_"):
        shape, note = shape_told_by(X, first.n_features_in_)
    if shape is None:
        return None
    shape = (*shape, 1)[:3]
    if shape[2] not in CHANNELS:
        raise ValueError(
            f"the model must take pictures of 1, 3 or 4 channels to be drawn for, got "
            f"{shape[2]}."
        )
    low, high, more = values_of(model, first, X)
    paper = low if X is None else paper_of(np.reshape(X, (len(X), *shape)), low, high)
    whole = getattr(first, "image_dtype_", np.dtype(float)).kind in "iu"
    return Picture(shape, low, high, whole, paper, " ".join(filter(None, [note, more])))


def shape_told_by(X, n):
    """Return the shape of pictures of n numbers, and a note if it is a conclusion."""
    if isinstance(X, np.ndarray) and X.ndim in (3, 4) and math.prod(X.shape[1:]) == n:
        return X.shape[1:], ""
    for channels in (1, 3):
        side = math.isqrt(n // channels)
        if side >= FEWEST_PIXELS and side * side * channels == n:
            shape = (side, side, channels)[: 2 + (channels > 1)]
            shown = " x ".join(map(str, shape))
            return shape, f"The {n} inputs are taken for a picture of {shown}."
    return None, ""


def values_of(model, first, X):
    """Return the values of black and of white, and a note if they are a conclusion."""
    if isinstance(first, ImageFlattener):
        largest = 0.0 if X is None else float(X.max())
        smallest = 0.0 if X is None else float(X.min())
        return min(0.0, smallest), max(float(first.scale), largest), ""
    if X is not None:
        return *value_range(np.asarray(X)), ""
    extents = extents_of(model, first.n_features_in_).values()
    if not extents:
        return 0.0, 1.0, "Pixels are taken to be from 0 to 1. Give DATA to have theirs."
    low, high = min(e.start for e in extents), max(e.high for e in extents)
    return min(low, 0.0), high, "The values of black and white are those of its scaler."


def paper_of(images, low, high):
    """Return the usual value at the rim of pictures, as nearer to black or to white."""
    rim = np.concatenate([images[:, 0], images[:, -1]], axis=None)
    return high if np.median(rim) > (low + high) / 2 else low
