"""A TableEncoder as nodes of an ONNX model: what a row keeps, then its outputs."""

import numpy as np

from ..preprocessing._columns import FAR, CategoryColumn, TimeColumn
from ._onnx_columns import (
    DOUBLE,
    INTEGER,
    NUMBER,
    Cell,
    Input,
    UnsupportedError,
    in_float32,
)

ROUNDING = 2.0**-24  # of a number to float32, as a part of it
TOLERANCE = 1e-6  # part of its scale by which rounding may change a number
HALF = 2.0**62


def encoded(graph, encoder, columns):
    """Add the outputs of a TableEncoder; return their Cells."""
    dtype = encoder._encoding.dtype
    pairs = zip(encoder.columns_, columns, strict=True)
    pairs = [(known, column) for known, column in pairs if known.n_values]
    if not pairs:
        return []
    numbers, kept = [], {}  # kept: number of the value -> Cell
    first = 0
    for known, column in pairs:
        if isinstance(known, CategoryColumn):
            kept[first] = code_of(graph, known, column)
        else:
            numbers.append((known.spread, number_of(graph, known, column), first))
            if isinstance(known, TimeColumn):
                waves = waves_of(graph, known, column)
                kept |= dict(enumerate(waves, first + known.spread.n_values))
        first += known.n_values
    if numbers:
        kept |= values_of_spreads(graph, numbers)
    values = graph.numbers([kept[i] for i in range(first)])
    A = outputs_of(graph, encoder._encoding, graph.cast(values, dtype))
    A, n = graph.cast(A, float), encoder._n_outputs
    return [Cell(A, j, n) for j in range(n)]


def outputs_of(graph, encoding, V):
    """Add the formula of each output: clip(v - offset, low, high), or [v = offset]."""
    dtype, info = encoding.dtype, np.finfo(encoding.dtype)

    def row(values):
        return graph.constant(np.clip(values.T, info.min, info.max), dtype)

    A = graph.node("Gather", V, graph.constant(encoding._source, np.int64), axis=1)
    A = graph.node("Sub", A, row(encoding._offset))
    hot = np.isin(np.arange(encoding.n_outputs), encoding._one_hot)[None]
    zero = graph.node("Equal", A, graph.constant(0.0, dtype))
    A = graph.node("Max", A, row(encoding._low))
    A = graph.node("Min", A, row(encoding._high))
    return graph.node("Where", graph.constant(hot, bool), graph.cast(zero, dtype), A)


# -- levels ----------------------------------------------------------------------------


def code_of(graph, known, column):
    """Return the Cell of the number of a level's output, as a CategoryColumn has it."""
    n = len(known.levels)
    codes = {level: i for i, level in enumerate(known.levels)}
    unseen = n if known.has_rest else -1
    missing = n + known.has_rest if known.has_missing else -1
    if known.is_sign:
        codes = {level: 2 * i - 1 for level, i in codes.items()}
        unseen = missing = 0
    try:
        return graph.codes(column, codes, missing, unseen)
    except UnsupportedError as error:
        raise UnsupportedError(f"the column {known.name!r} of {error}") from None


# -- numbers and dates -----------------------------------------------------------------


def number_of(graph, known, column):
    """Return the Cell of a number, or of a date, counted from the origin."""
    if isinstance(known, TimeColumn):
        origin = int(known.origin.astype("M8[D]").astype(np.int64))
        days = graph.numbers([column], [DOUBLE])
        return Cell(graph.node("Sub", days, graph.constant(float(origin))), 0, 1)
    if known.origin and isinstance(column, Input):
        if not -HALF <= known.origin <= HALF:
            raise UnsupportedError(
                f"the column {known.name!r} of integers about {known.origin}, which "
                "int64 may not hold; subtract a number from them before the model."
            )
        return far_integer(graph, known.origin, column)
    if known.origin:
        x = graph.node(
            "Sub", graph.numbers([column]), graph.constant(float(known.origin))
        )
        return Cell(x, 0, 1)
    kind = DOUBLE if needs_double(known.spread) else NUMBER
    return graph.read(column, kind) if isinstance(column, Input) else column


def needs_double(spread):
    """Return whether rounding a column to float32 changes it by more than TOLERANCE.

    It does not where the numbers that are known of it are numbers of float32: then its
    values are likely to be, as whole numbers are.
    """
    known = np.array([spread.median, *spread.edges])
    if in_float32(known) or not spread.scale:
        return False
    return ROUNDING * abs(known).max() > TOLERANCE * spread.scale


def far_integer(graph, origin, column):
    """Return the Cell of x - origin of integers beyond 2^53, the least being missing.

    The difference of integers is exact where it does not leave int64.
    """
    x = graph.read(column, INTEGER)
    x = graph.taken(x.tensor, [x.j], x.width)
    exact = graph.cast(graph.node("Sub", x, graph.constant(origin, np.int64)), float)
    rounded = graph.node("Sub", graph.cast(x, float), graph.constant(float(origin)))
    far = graph.node("Greater", graph.node("Abs", rounded), graph.constant(HALF))
    d = graph.node("Where", far, rounded, exact)
    least = graph.constant(np.iinfo(np.int64).min, np.int64)
    missing = graph.node("Equal", x, least)
    return Cell(graph.node("Where", missing, graph.constant(np.nan), d), 0, 1)


def values_of_spreads(graph, numbers):
    """Return {number of the value: Cell} of what `Spread.write` writes.

    `numbers` are (spread, Cell of x, number of its first value). All are computed at a
    time, side by side.
    """
    spreads = [spread for spread, _, _ in numbers]
    x = graph.numbers([cell for _, cell, _ in numbers])
    absent = graph.node("IsNaN", x)
    filled = graph.where_missing(x, np.array([[s.median for s in spreads]]))
    tensors = (
        smooth_clips(graph, spreads, filled),
        graph.cast(absent, float),
        positions(graph, spreads, filled),
    )
    kept = {}
    for j, (spread, _, first) in enumerate(numbers):
        there = spread.scale > 0, spread.has_missing, len(spread.edges) > 0
        for tensor, here in zip(tensors, there, strict=True):
            if here:
                kept[first] = Cell(tensor, j, len(spreads))
                first += 1
    return kept


def smooth_clips(graph, spreads, x):
    """Add z / sqrt(1 + (z/3)^2) for z = (x - median) / scale."""
    z = graph.node("Sub", x, graph.constant([[s.median for s in spreads]]))
    z = graph.node("Div", z, graph.constant([[s.scale or 1.0 for s in spreads]]))
    z = graph.node("Max", z, graph.constant(-FAR))
    z = graph.node("Min", z, graph.constant(FAR))
    third = graph.node("Div", z, graph.constant(3.0))
    square = graph.node("Mul", third, third)
    root = graph.node("Sqrt", graph.node("Add", square, graph.constant(1.0)))
    return graph.node("Div", z, root)


def positions(graph, spreads, x):
    """Add the positions in the bins, the sums of clip((x - t_j) / (t_j+1 - t_j)).

    Columns without bins have 0.
    """
    bins = [
        (j, t, np.diff(s.edges)[k])
        for j, s in enumerate(spreads)
        for k, t in enumerate(s.edges[:-1])
    ]
    if not bins:
        return x
    column, left, width = map(np.array, zip(*bins, strict=True))
    q = graph.node("Gather", x, graph.constant(column, np.int64), axis=1)
    q = graph.node("Sub", q, graph.constant(left[None]))
    q = graph.node("Div", q, graph.constant(width[None]))
    q = graph.node(
        "Min", graph.node("Max", q, graph.constant(0.0)), graph.constant(1.0)
    )
    own = column[:, None] == np.arange(len(spreads))
    return graph.node("MatMul", q, graph.constant(own.astype(float)))


# -- cycles ----------------------------------------------------------------------------


def waves_of(graph, known, column):
    """Return the Cells of sine and cosine of each cycle; of a missing date 0."""
    if not known.cycles:
        return []
    t = graph.numbers([column], [DOUBLE])
    missing, found = graph.node("IsNaN", t), []
    for cycle in known.cycles:
        angle = graph.node("Mul", PHASES[cycle](graph, t), graph.constant(2 * np.pi))
        for shift in (0.0, np.pi / 2):  # cos(a) = sin(a + pi/2)
            wave = graph.node("Sin", graph.node("Add", angle, graph.constant(shift)))
            wave = graph.node("Where", missing, graph.constant([[0.0]]), wave)
            found.append(Cell(wave, 0, 1))
    return found


def quotient(graph, x, by):
    """Add floor(x / by), for whole numbers x."""
    return graph.node("Floor", graph.node("Div", x, graph.constant(float(by))))


def remainder(graph, x, by):
    """Add x - by * floor(x / by)."""
    whole = graph.node("Mul", quotient(graph, x, by), graph.constant(float(by)))
    return graph.node("Sub", x, whole)


def time_of_day(graph, t):
    """Add the part of the day that is gone."""
    return remainder(graph, t, 1)


def weekday(graph, t):
    """Add the weekday as a part of the week, 0 for Monday."""
    day = graph.node("Add", graph.node("Floor", t), graph.constant(3.0))
    return graph.node("Div", remainder(graph, day, 7), graph.constant(7.0))


def month(graph, t):
    """Add the month as a part of the year, 0 for January.

    Years begin in March here, so that a leap day is the last of its year, and are
    counted in eras of 400 years, or 146097 days. In an era, day d is in the year
    (d - d // 1460 + d // 36524 - d // 146096) // 365.
    """
    day = graph.node("Add", graph.node("Floor", t), graph.constant(719468.0))
    d = remainder(graph, day, 146097)
    year = graph.node("Sub", d, quotient(graph, d, 1460))
    year = graph.node("Add", year, quotient(graph, d, 36524))
    year = quotient(graph, graph.node("Sub", year, quotient(graph, d, 146096)), 365)
    gone = graph.node("Mul", year, graph.constant(365.0))
    gone = graph.node("Add", gone, quotient(graph, year, 4))
    gone = graph.node("Sub", gone, quotient(graph, year, 100))
    d = graph.node("Sub", d, gone)  # from 0 for the first of March
    d = graph.node(
        "Add", graph.node("Mul", d, graph.constant(5.0)), graph.constant(2.0)
    )
    from_march = graph.node("Add", quotient(graph, d, 153), graph.constant(2.0))
    return graph.node("Div", remainder(graph, from_march, 12), graph.constant(12.0))


PHASES = {"month": month, "weekday": weekday, "time": time_of_day}
