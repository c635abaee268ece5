"""Rules for the values and the arrays of a model file, which may be malicious.

This module knows no estimator. Every error message begins with the path in the file.
"""

import re
from math import isfinite, prod
from typing import NamedTuple

import numpy as np

from .._engine.activations import ACTIVATIONS
from .._storage.texts import abbreviate, abbreviate_names
from ._values import NAMED_TYPES, decode_bytes, decode_dates, decode_texts, read_json

TYPES = re.compile(r"[<>|=]?(\?|O|b1|[iu][1248]|f[248]|f1[26]|[SU]\d{1,7})")
DATES = re.compile(r"[<>=]?[mM]8\[\d{0,6}(Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\]")


TYPE_NAMES = re.compile(r"bool|(u?int|float)(16|32|64)?|u?int8")


class Rule(NamedTuple):
    """A rule in words, and as a predicate of a value and n[0]."""

    words: str
    holds: object

    def or_none(self):
        return Rule(
            f"{self.words}, or null", lambda v, n: v is None or self.holds(v, n)
        )


def _is_count(value, most=2**63 - 1):
    return type(value) is int and 0 <= value <= most


def _is_number(value):
    return type(value) is float or _is_count(abs(value) if type(value) is int else None)


def _is_shape(value):
    return isinstance(value, tuple | list) and all(map(_is_count, value))


def _are_indices(value, n):
    return isinstance(value, list) and all(_is_count(v, n - 1) for v in value)


def _is_row(value, n, kinds="f"):
    """Return True for an array of one finite number for each feature."""
    right = isinstance(value, np.ndarray) and value.dtype.kind in kinds
    return right and value.shape == (n,) and bool(np.isfinite(value).all())


def _is_rows_seen(value, n):
    """Return True for a row count, or one for each feature; weights make fractions."""
    if isinstance(value, np.ndarray):
        return _is_row(value, n, "iuf") and bool((value >= 0).all())
    return _is_number(value) and isfinite(value) and value >= 0


def _is_level(value):
    return type(value) is float and 0 < value < 1


def _are_levels(value):
    """Return True for a level of a quantile, or a tuple of levels that increase."""
    if not isinstance(value, tuple):
        return _is_level(value)
    return bool(value) and all(map(_is_level, value)) and value == (*sorted({*value}),)


COUNT = Rule("a whole number of at least 0", lambda v, n: _is_count(v))
EPOCHS = Rule("a whole number below 2^31", lambda v, n: _is_count(v, 2**31 - 1))
NUMBER = Rule("a number", lambda v, n: _is_number(v))
FINITE = Rule("a finite number", lambda v, n: _is_number(v) and isfinite(v))
RATE = Rule("a finite number above 0", lambda v, n: FINITE.holds(v, n) and v > 0)
LEVELS = Rule(
    "a level between 0 and 1, or several that increase", lambda v, n: _are_levels(v)
)
SHAPE = Rule("a list of whole numbers", lambda v, n: _is_shape(v))
IMAGE = Rule(
    "the shape of an image of as many numbers as there are features",
    lambda v, n: _is_shape(v) and len(v) in (2, 3) and prod(v) == n,
)
COUNTS = Rule("whole numbers that are indices of features", _are_indices)
ANY_COUNTS = Rule(
    "a list of null and lists of whole numbers",
    lambda v, n: (
        isinstance(v, list)
        and all(
            i is None or (isinstance(i, list) and all(map(_is_count, i))) for i in v
        )
    ),
)
DTYPE = Rule(
    "a type of plain numbers",
    lambda v, n: (
        isinstance(v, np.dtype)
        or any(v is cls for cls in NAMED_TYPES.values())
        or (isinstance(v, str) and bool(TYPE_NAMES.fullmatch(v)))
    ),
)
FLAG = Rule("true or false", lambda v, n: type(v) is bool)
TYPE = Rule(
    "the name of a plain type",
    lambda v, n: isinstance(v, str) and TYPES.fullmatch(v) is not None,
)
LABEL_TYPE = Rule(
    "the name of a plain type or one of dates",
    lambda v, n: TYPE.holds(v, n) or (isinstance(v, str) and bool(DATES.fullmatch(v))),
)
ROW = Rule("a finite float a feature", _is_row)
SCALE = Rule(
    "a float other than 0 a feature", lambda v, n: _is_row(v, n) and bool(v.all())
)
ROWS_SEEN = Rule("a number of rows, or one a feature", _is_rows_seen)


def check(values, rules, place, n=None):
    """Raise ValueError if the values lack a key of the rules, or break its rule."""
    for key, rule in rules.items():
        if key not in values:
            raise ValueError(
                f"{place} must have {key!r} in 'fitted', got "
                f"{abbreviate_names(sorted(values))}."
            )
        if not rule.holds(values[key], n):
            raise ValueError(
                f"{place} must have as {key!r} {rule.words}, got "
                f"{abbreviate(values[key])}."
            )


def array_of(tree, key, place, kinds, shape, words):
    """Return the array `key` of the tree; check its dtype kind, shape and finiteness.

    None in `shape` allows any length of at least 1. An error quotes `words`.
    """
    if key not in tree.arrays:
        raise ValueError(
            f"{place} must hold {key!r}, got only "
            f"{abbreviate_names(sorted(tree.arrays))}."
        )
    array = tree.arrays[key]
    fits = array.ndim == len(shape) and all(
        side >= 1 if wanted is None else side == wanted
        for side, wanted in zip(array.shape, shape, strict=True)
    )
    if not fits or array.dtype.kind not in kinds:
        raise ValueError(f"{place}/{key} must be {words}, got {abbreviate(array)}.")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError(f"{place}/{key} must be finite, got NaN or infinity.")
    return array


# -- pieces of a tree ------------------------------------------------------------------


def parameters_of(tree, place):
    """Return W and b of all layers; check that their shapes and dtypes fit together."""
    W, b, columns = [], [], None
    for l in range(1, 1 + sum(key.startswith("W") for key in tree.arrays)):
        before = "n[0]" if columns is None else columns
        words = f"of floats and shape (n[{l}], {before})"
        W.append(array_of(tree, f"W{l}", place, "f", (None, columns), words))
        columns, dtype = len(W[-1]), W[0].dtype
        words = f"{dtype} of shape {(columns, 1)}"
        b.append(array_of(tree, f"b{l}", place, "f", (columns, 1), words))
        if {W[-1].dtype, b[-1].dtype} != {dtype}:
            raise ValueError(
                f"{place} must have all W and b of one type, got {W[-1].dtype} and "
                f"{b[-1].dtype} in layer {l} and {dtype} in W1."
            )
    return W, b


def curve_of(tree, key, place):
    """Return an array of the tree as a list of numbers, or None if it is missing."""
    if key not in tree.arrays:
        return None
    curve = tree.arrays[key]
    if curve.ndim != 1 or curve.dtype.kind not in "iuf":
        raise ValueError(
            f"{place}/{key} must be numbers in a row, got {abbreviate(curve)}."
        )
    return curve.tolist()


def seed_of(tree, key, place):
    words = "8 numbers of type uint32"
    seed = array_of(tree, key, place, "u", (8,), words)
    if seed.dtype != np.uint32:
        raise ValueError(f"{place}/{key} must be {words}, got {seed.dtype}.")
    return seed


def scale_of_target(tree, target, place):
    """Return mean and scale of the targets as a regressor keeps them."""
    shape = (prod(target.shape),)
    words = f"a finite float for each of {shape[0]} targets"
    mean, scale = (
        array_of(tree, f"target_{key}", place, "f", shape, words)
        for key in ("mean", "scale")
    )
    if not (scale > 0).all():
        raise ValueError(
            f"{place}/target_scale must be above 0, got {abbreviate(scale[:20])}."
        )
    return {"mean": tuple(mean.tolist()), "scale": tuple(scale.tolist())}


def classes_of(tree, dtype, place):
    """Return classes_ in its original dtype; check that it is sorted and unique."""
    words = "a list of numbers or texts"
    classes = array_of(tree, "classes", place, "biufS", (None,), words)
    path = f"{place}/classes"
    if classes.dtype.kind == "S":
        classes = decode_texts(classes, dtype, path)
    if np.dtype(dtype).kind in "mM" and classes.dtype.kind in "iu":
        classes = decode_dates(classes, np.dtype(dtype))
    if classes.dtype != np.dtype(dtype) or not (classes[:-1] < classes[1:]).all():
        raise ValueError(
            f"{path} must be sorted, each once, of type {abbreviate(dtype)}, got "
            f"{abbreviate(classes[:20].tolist())} of type {classes.dtype}."
        )
    return classes


def activations_of(tree, L, place):
    """Return (name, options) of g[1], ..., g[L-1]."""
    names = read_json(tree.attributes, "activations", list, place)
    pairs = read_json(tree.attributes, "activation_options", list, place)
    fit = L and len(names) == len(pairs) == L - 1
    if not fit or not all(isinstance(n, str) and n in ACTIVATIONS for n in names):
        raise ValueError(
            f"{place} must hold W1, ..., WL and the names of L - 1 activations out of "
            f"{sorted(ACTIVATIONS)}, got {L} W and {abbreviate(names)}."
        )
    activations = []
    for name, options in zip(names, pairs, strict=True):
        wanted = ACTIVATIONS[name].hyperparameters
        try:
            given = dict(options)
            check(given, dict.fromkeys(wanted, FINITE), place)
        except (TypeError, ValueError):
            given = None
        if given is None or given.keys() != {*wanted}:
            raise ValueError(
                f"{place} must give {name!r} the options {wanted}, got "
                f"{abbreviate(options)}."
            )
        activations.append((name, given))
    return activations


# -- names of the classes --------------------------------------------------------------


def class_names_of(tree, place):
    """Return the class names of a file as texts, or None if it has none."""
    if "class_names" not in tree.arrays:
        return None
    words = "a list of texts"
    names = array_of(tree, "class_names", f"{place}:", "S", (None,), words)
    return decode_bytes(names, f"{place}:/class_names")


def check_names_every_class(names, net, place, way_out):
    """Raise ValueError for fewer names than labels of the network.

    An integer label is the index of its name.
    """
    classes = getattr(net, "classes_", np.zeros(0, int))
    fewest = len(classes)
    if classes.dtype.kind in "iu":
        fewest = 1 + int(classes.max(initial=-1))
    if len(names) < fewest:
        raise ValueError(
            f"{place} must name every label, which takes {fewest} names, got "
            f"{len(names)}: {abbreviate(names[:20].tolist())}; {way_out}."
        )
