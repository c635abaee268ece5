"""Which columns `categorical_features` means."""

import numpy as np


def marked_columns(categorical_features, names, has_names):
    """Return for each column whether it is a category; None leaves it to its dtype.

    The forms and the rules are those of scikit-learn's HistGradientBoosting.
    """
    n = len(names)
    if isinstance(categorical_features, str):  # "from_dtype"
        return [None] * n
    given = [] if categorical_features is None else categorical_features
    given = np.asarray(given)
    if given.size == 0:
        return [False] * n
    kinds = {"b": from_mask, "i": from_indices, "u": from_indices}
    kinds |= dict.fromkeys("OUT", from_names)
    if given.ndim != 1 or given.dtype.kind not in kinds:
        raise ValueError(
            "categorical_features must be an array-like of bool, int or str, got "
            f"{given.dtype} of shape {given.shape}."
        )
    return kinds[given.dtype.kind](given, names, has_names)


def from_mask(mask, names, has_names):
    """Return the mask itself, if it has the length of a row."""
    if len(mask) != len(names):
        raise ValueError(
            "categorical_features set as a boolean mask must have shape "
            f"({len(names)},), got {mask.shape}."
        )
    return mask.tolist()


def from_indices(indices, names, has_names):
    """Return the mask of some columns, by their numbers."""
    if indices.min() < 0 or indices.max() >= len(names):
        raise ValueError(
            "categorical_features set as integer indices must be in "
            f"[0, {len(names) - 1}], got {indices.min()} to {indices.max()}."
        )
    return np.isin(np.arange(len(names)), indices).tolist()


def from_names(given, names, has_names):
    """Return the mask of some columns, by their names."""
    if not has_names:
        raise ValueError(
            "categorical_features must be a mask or indices where X has no names of "
            f"columns, got {str(given[0])!r}."
        )
    unknown = set(given.tolist()) - set(names)
    if unknown:
        raise ValueError(
            f"categorical_features must be among the columns of X, got "
            f"{min(map(str, unknown))!r}; there are {', '.join(names[:20])}."
        )
    return [name in given for name in names]
