"""The values of a column as numbers, as levels or as days, whatever holds them."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from numbers import Complex, Integral, Real

import numpy as np

from ._frames import Column

EXACT = 2**53  # from here on float64 does not hold every integer
DAY = np.timedelta64(1, "D")


def of_timedelta(value):
    """Return a duration in days."""
    return float(np.timedelta64(value) / DAY)


def of_time(value):
    """Return a time of day in days."""
    clock = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
    return of_timedelta(clock + timedelta(microseconds=value.microsecond))


def of_number(value):
    """Return a number as float64; an integer beyond its range is infinite."""
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


# what may stand in a column of objects: types, kind of column, number; the first counts
SCALARS = (
    ((bool, np.bool_), "boolean", float),
    ((timedelta, np.timedelta64), "numeric", of_timedelta),
    (time, "numeric", of_time),
    ((Real, Decimal), "numeric", of_number),
    ((Complex,), "complex", None),
    ((date, np.datetime64), "time", None),
    (object, "category", None),
)
KIND_OF_DTYPE = {"b": "boolean", "M": "time"} | dict.fromkeys("iufm", "numeric")


class MisfitError(ValueError):
    """Error of a value that is not of the column's kind: its row and the value."""

    def __init__(self, row, value):
        super().__init__(row, value)
        self.row, self.value = row, value


# -- kinds -----------------------------------------------------------------------------


def scalar_rule(cls):
    """Return kind and converter of a type of objects."""
    return next(rule[1:] for rule in SCALARS if issubclass(cls, rule[0]))


def present(column):
    """Return the objects of a column that are not missing."""
    values = column.values
    return values if column.missing is None else values[~column.missing]


def absent(column):
    """Return the mask of what is missing: nulls, and NaN and NaT beside them."""
    values, missing = column.values, column.missing
    if values.dtype.kind == "O":
        return missing
    unequal = values != values
    return unequal if missing is None else missing | unequal


def kind_of(column):
    """Return the kind of a column: numeric, boolean, category or time.

    A column of objects is numeric if all are numbers, and if all are missing.
    """
    if column.levels is not None:
        return "category"
    if column.values.dtype.kind != "O":
        return KIND_OF_DTYPE[column.values.dtype.kind]
    kinds = {scalar_rule(cls)[0] for cls in set(map(type, present(column)))}
    if "complex" in kinds:
        of_kinds(column, kinds - {"complex"})  # an error with its row
    if len(kinds) == 1:
        return kinds.pop()
    return "numeric" if kinds <= {"boolean", "numeric"} else "category"


def decoded(column):
    """Return a column of levels as one of objects."""
    if column.levels is None:
        return column
    table = np.empty(len(column.levels) + 1, dtype=object)
    table[:-1] = column.levels  # the last, None, is found by the code -1
    return column._replace(values=table[column.values], levels=None)


def of_kinds(column, kinds):
    """Return the column; MisfitError for the first value that is of none of them.

    A column without a value is of every kind; it comes back as one of objects.
    """
    values, missing = column.values, absent(column)
    here = np.flatnonzero(~missing)
    if not len(here):
        return Column(np.full(len(values), None), missing)
    if values.dtype.kind != "O":
        if KIND_OF_DTYPE[values.dtype.kind] in kinds:
            return column
        raise MisfitError(int(here[0]), values[here[0]])
    fits = {cls: scalar_rule(cls)[0] in kinds for cls in set(map(type, values[here]))}
    if not all(fits.values()):
        row = next(i for i in here if not fits[type(values[i])])
        raise MisfitError(int(row), values[row])
    return column


# -- numbers ---------------------------------------------------------------------------


def as_numbers(column, origin=0):
    """Return x - origin as float64, NaN where it is missing.

    `origin` is an integer; the difference of integers is exact before it is rounded.
    """
    values, missing, _ = of_kinds(decoded(column), ("numeric", "boolean"))
    if values.dtype.kind == "O":
        x = np.full(len(values), np.nan)
        x[~missing] = [object_number(value, origin) for value in values[~missing]]
        return x
    if values.dtype.kind == "m":
        x = values / DAY
    elif origin and values.dtype.kind in "iu":
        x = exact_difference(values, origin)
    else:
        x = values.astype(np.float64)
        x -= origin
    if missing is not None:
        x[missing] = np.nan
    return x


def object_number(value, origin):
    """Return x - origin of an object."""
    if origin and is_integer(value):
        return of_number(int(value) - origin)
    return scalar_rule(type(value))[1](value) - origin


def is_integer(value):
    """Return whether an object is an integer; NumPy says so of its durations, too."""
    return isinstance(value, Integral) and not isinstance(value, np.timedelta64)


def exact_difference(x, origin):
    """Return x - origin as float64: modulo 2^64 the difference of integers is exact."""
    limits = np.iinfo(x.dtype)
    if not limits.min <= origin <= limits.max:
        return x.astype(np.float64) - origin
    below, m = x < origin, np.uint64(origin % 2**64)
    x = x.astype(np.uint64)
    return np.where(below, -(m - x).astype(np.float64), (x - m).astype(np.float64))


def origin_of(column):
    """Return the integer from which the numbers of a column are to be counted.

    It is 0 but for integers that float64 does not hold; for those it is the median.
    """
    column = decoded(column)
    values = present(column)
    if values.dtype.kind == "O" and all(map(is_integer, values)):
        ordered = sorted(map(int, values))
    elif values.dtype.kind in "iu" and values.dtype.itemsize == 8 and len(values):
        middle = len(values) // 2
        ordered = np.partition(values, (0, middle, len(values) - 1))
    else:
        return 0
    if not len(ordered) or max(-int(ordered[0]), int(ordered[-1])) <= EXACT:
        return 0
    median = int(ordered[len(ordered) // 2])
    return median if abs(median) < 2**64 else 0  # as others, it may not fit a float


# -- levels ----------------------------------------------------------------------------


def as_levels(column):
    """Return codes (m,), -1 where it is missing, and the levels as Python's values."""
    if column.levels is not None:
        return column.values, list(map(plain_level, column.levels))
    values, missing = column.values, absent(column)
    codes = np.full(len(values), -1)
    if values.dtype.kind == "O":
        codes[~missing], levels = levels_of_objects(column)
    else:
        levels, codes[~missing] = np.unique(values[~missing], return_inverse=True)
        if levels.dtype.kind in "mM":
            levels = levels.astype(f"{levels.dtype.kind}8[us]")
        levels = list(map(plain_level, levels.tolist()))
    return codes, levels


def levels_of_objects(column):
    """Return the codes of the objects that are not missing, and the distinct ones."""
    index, codes = {}, []
    for value in present(column):
        try:
            codes.append(index.setdefault(value, len(index)))
        except TypeError:
            row = next(i for i, v in enumerate(column.values) if v is value)
            raise MisfitError(row, value) from None
    levels = [plain_level(level) for level in index]
    kinds = {scalar_rule(cls)[0] for cls in set(map(type, present(column)))}
    if {"boolean", "numeric"} <= kinds:  # whether True or 1 came first does not count
        levels = [int(v) if isinstance(v, bool) else v for v in levels]
    return codes, levels


def plain_level(level):
    """Return a number as Python's int or float, if it is equal to one.

    So 1, 1.0 and Decimal(1), which are one level, have one name.
    """
    if isinstance(level, (np.number, np.bool_, np.str_)):
        level = level.item()
    if isinstance(level, bool) or not isinstance(level, (Real, Decimal)):
        return level
    number = of_number(level)
    if number == level:
        return int(number) if number.is_integer() else number
    return level


# -- days ------------------------------------------------------------------------------


def as_days(column):
    """Return the day (m,), the part of it that is gone, and what is missing."""
    values, missing, _ = of_kinds(decoded(column), ("time",))
    if values.dtype.kind == "O":
        times = np.full(len(values), "NaT", dtype="M8[us]")
        times[~missing] = [without_zone(value) for value in values[~missing]]
        values = times
    day = values.astype("M8[D]")
    return day, (values - day) / DAY, np.isnat(values)


def without_zone(value):
    """Return a date with the time on the clock of its place."""
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value
