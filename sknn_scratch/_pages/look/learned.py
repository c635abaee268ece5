"""The range of each column, as the steps of a fitted model have learned it."""

from typing import NamedTuple

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler, MinMaxScaler

from ..._estimators.access import steps_of
from ...export._parts import is_missing, parts_of, places_of
from ...export._scaling import RANGES
from ...preprocessing import ImageFlattener, TableEncoder

SPREADS = 3.0  # standard deviations, or interquartile ranges, on both sides of a centre
FAR = 6.0  # interquartile ranges from the median: a slider goes no further


class Extent(NamedTuple):
    """Where the values of a column of numbers lie; dates are days since 1970-01-01.

    Attributes
    ----------
    low, high : float
        The ends of a slider.
    start : float
        A usual value.
    quartiles : list of float
        Empty where they are not known.
    whole : bool
        Whether all known values are integers.
    """

    low: float
    high: float
    start: float
    quartiles: list
    whole: bool = False


UNKNOWN = Extent(-3.0, 3.0, 0.0, [])


def extent_of(low, high, quartiles, whole):
    """Return the Extent of values from low to high, without those far outside."""
    first, median, third = map(float, quartiles)
    reach = FAR * (third - first) or np.inf
    low, high = max(float(low), median - reach), min(float(high), median + reach)
    if whole:
        low, high, median = np.ceil(low), np.floor(high), np.round(median)
    return Extent(low, high, median, [first, float(quartiles[1]), third], bool(whole))


def around(middle, reach):
    """Return the Extent that goes so far on both sides of a usual value."""
    return Extent(float(middle - reach), float(middle + reach), float(middle), [])


def extent_of_values(values):
    """Return the Extent of numbers, None without finite ones."""
    seen = np.asarray(values, dtype=float)
    seen = seen[np.isfinite(seen)]
    if not len(seen):
        return None
    if seen.min() == seen.max():
        return around(seen[0], 1.0)
    quartiles = np.quantile(seen, [0.25, 0.5, 0.75])
    return extent_of(seen.min(), seen.max(), quartiles, (seen == np.round(seen)).all())


def extents_of(model, n):
    """Return {place: Extent} of what a fitted model tells of its n columns.

    Of a column the first step counts that has learned a range; what steps before it do
    leaves the column as it is.
    """
    steps, last, _ = parts_of(model)
    steps = [step for _, step in steps]
    for name in ("encoder_", "scaler_"):  # of an ensemble; of standardize=True
        if getattr(last, name, None) is not None:
            steps.append(getattr(last, name))
    found = {}
    follow(steps, list(range(n)), found)
    return found


def follow(steps, places, found):
    """Add what the steps tell of the columns; return the columns behind them.

    Columns are places in X, None for one that a step has made. The result is None where
    a step has made all.
    """
    for step in steps:
        if places is None or type(step) not in TELLS:
            return None
        places = TELLS[type(step)](step, places, found)
    return places


# -- the steps -------------------------------------------------------------------------


def tell_scaled(step, places, found):
    """Add the ranges around the centres of a scaler."""
    centre, spread = RANGES[type(step)](step)
    spread = np.broadcast_to(spread, len(places)).astype(float)
    wide = spread * (1 if type(step) in WHOLE_RANGES else SPREADS)
    centre = np.zeros(len(places)) if centre is None else centre
    for place, middle, reach in zip(places, centre, wide, strict=True):
        if place is not None:
            found.setdefault(place, around(middle, reach or 1.0))
    return places


def tell_split(step, places, found):
    """Add what the parts of a ColumnTransformer tell."""
    names, behind = list(getattr(step, "feature_names_in_", ())), []
    for _, part, chosen in step.transformers_:
        taken = [places[j] for j in places_of(chosen, names, len(places))]
        if not taken or (isinstance(part, str) and part == "drop"):
            continue
        after = follow([one for _, one in steps_of(part)], taken, found)
        behind = None if behind is None or after is None else behind + after
    return behind


def tell_imputed(step, places, found):
    """Return the columns that an imputer keeps, and None for each that it adds."""
    constant = step.strategy == "constant"
    kept = [
        place
        for place, by in zip(places, step.statistics_, strict=True)
        if constant or not is_missing(by)
    ]
    added = 0 if step.indicator_ is None else len(step.indicator_.features_)
    return kept + [None] * added


def tell_encoded(step, places, found):
    """Add the medians and the edges of the bins of a TableEncoder."""
    for place, column in zip(places, step.columns_, strict=True):
        spread = getattr(column, "spread", None)
        if place is not None and spread is not None and spread.scale:
            extent = extent_of_spread(spread)
            found.setdefault(place, moved(extent, origin_in_days(column)))


def extent_of_spread(spread):
    """Return the Extent of a Spread, from the edges of its bins if it has them."""
    edges, median, scale = spread.edges, spread.median, spread.scale
    if not len(edges):
        return around(median, SPREADS * scale)
    # between two edges lie as many rows as between two others, but for frequent values
    first, third = np.quantile(edges, [0.25, 0.75])
    whole = (edges == np.round(edges)).all()
    return extent_of(edges[0], edges[-1], [first, median, third], whole)


def origin_in_days(column):
    """Return what the numbers of a column are counted from."""
    origin = column.origin
    if isinstance(origin, np.datetime64):
        return int(origin.astype("M8[D]").astype(int))
    return origin


def moved(extent, by):
    """Return the Extent of values that are larger by so much."""
    ends = (value + by for value in extent[:3])
    return Extent(*ends, [value + by for value in extent.quartiles], extent.whole)


def tell_nothing(step, places, found):
    """Return the columns as they are."""
    return places


WHOLE_RANGES = (MaxAbsScaler, MinMaxScaler)  # their spread is to the ends
TELLS = {  # {class: function of step, places and what is found; returns the places}
    **dict.fromkeys(RANGES, tell_scaled),
    ColumnTransformer: tell_split,
    FunctionTransformer: tell_nothing,
    ImageFlattener: tell_nothing,
    SimpleImputer: tell_imputed,
    TableEncoder: tell_encoded,
}
