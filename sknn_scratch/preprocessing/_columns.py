"""The kinds of columns: what is learned of each, and the numbers that stand for it.

A column keeps `n_values` numbers a row, `write` computes them. From these follow the
outputs, each by one formula (`Output`).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ._values import as_days, as_levels, as_numbers, origin_of

LARGEST = 2.0**1021  # the difference and the sum of two such numbers are finite
FAR = 1e8  # from here on z / sqrt(1 + (z/3)^2) is 3 up to a rounding


class Output(NamedTuple):
    """clip(v - offset, low, high) of value number `source`; or [v = offset] as 0, 1."""

    suffix: str
    source: int
    offset: float = 0.0
    low: float = -np.inf
    high: float = np.inf
    one_hot: bool = False


@dataclass
class Spread:
    """What is learned of numbers: median, scale, the edges of bins.

    z = (x - median) / scale, then z / sqrt(1 + (z/3)^2); where x is missing, z = 0.
    The position in the bins is i + (x - t_i) / (t_{i+1} - t_i) for t_i <= x < t_{i+1}.
    """

    median: float
    scale: float
    edges: np.ndarray
    has_missing: bool

    @classmethod
    def learn(cls, x, n_bins):
        """Learn from x (m,), where NaN is missing."""
        missing = np.isnan(x)
        seen = x[~missing]
        finite = seen[np.isfinite(seen)]
        if len(finite) and finite.min() < finite.max():
            seen = finite
        has_missing = 0 < len(seen) < len(x) and bool(missing.any())
        seen = np.clip(seen, -LARGEST, LARGEST)
        if len(seen) == 0 or seen.min() == seen.max():
            return cls(0.0, 0.0, np.empty(0), has_missing)
        median, low, high = np.quantile(seen, [0.5, 0.25, 0.75])
        whole = seen.max() - seen.min()
        return cls(
            float(median),
            float(high - low or whole / 2 or whole),
            edges_of_bins(seen, n_bins),
            has_missing,
        )

    @property
    def n_values(self):
        return (self.scale > 0) + self.has_missing + (len(self.edges) > 0)

    def outputs(self):
        kept = []
        if self.scale:
            kept.append(Output("", 0))
        if self.has_missing:
            kept.append(Output("missing", len(kept)))
        position = len(kept)
        for j in range(len(self.edges) - 1):
            kept.append(Output(f"bin_{j + 1}", position, j, 0.0, 1.0))
        return kept

    def write(self, x, out):
        """Write z, the indicator and the position in the bins; x is overwritten."""
        missing = np.isnan(x)
        values = iter(out.T)
        if self.scale:
            x[missing] = self.median
            next(values)[...] = smooth_clip(x, self.median, self.scale)
        if self.has_missing:
            next(values)[...] = missing
        if len(self.edges):
            next(values)[...] = position_in_bins(x, self.edges)


def edges_of_bins(x, n_bins):
    """Return the edges t_0 < ... < t_k of at most n_bins bins; none of fewer than 2.

    They are quantiles of x in which a value counts for one bin at most, however often
    it repeats: else a value that most rows have would take the bins of the others. All
    values are edges where they are few.
    """
    values, counts = np.unique(x, return_counts=True)
    if n_bins < 2 or len(values) < 3:
        return values[:0]
    if len(values) <= n_bins + 1:
        return values
    weights = counts.astype(float)
    for _ in range(10):  # the sum falls with the weights: it converges
        weights = np.minimum(weights, weights.sum() / n_bins)
    share = np.cumsum(weights) / weights.sum()
    last = np.searchsorted(share, np.arange(1, n_bins + 1) / n_bins - 1e-12)
    edges = np.unique(values[np.minimum([0, *last], len(values) - 1)])
    return edges if len(edges) > 2 else edges[:0]


def smooth_clip(x, median, scale):
    """Return z / sqrt(1 + (z/3)^2) for z = (x - median) / scale."""
    z = x - median
    z /= scale
    np.clip(z, -FAR, FAR, out=z)
    z /= np.sqrt(1 + (z / 3) ** 2)
    return z


def position_in_bins(x, edges):
    """Return i + (x - t_i) / (t_{i+1} - t_i), from 0 to the number of bins."""
    i = np.searchsorted(edges[1:-1], x, side="right")
    q = x - edges[i]
    q /= np.diff(edges)[i]
    np.clip(q, 0, 1, out=q)
    q += i
    return q


@dataclass
class NumericColumn:
    """Numbers: z, an indicator of missing ones, bins.

    They are counted from `origin`, which is 0 but for integers beyond 2^53.
    """

    kind = "numeric"
    holds = "numbers"

    name: str
    spread: Spread
    origin: int = 0

    @classmethod
    def learn(cls, name, column, n_bins, max_levels):
        origin = origin_of(column)
        return cls(name, Spread.learn(as_numbers(column, origin), n_bins), origin)

    @property
    def n_values(self):
        return self.spread.n_values

    def outputs(self):
        return self.spread.outputs()

    def write(self, column, out):
        self.spread.write(as_numbers(column, self.origin), out)


@dataclass
class CategoryColumn:
    """Levels: one output each for the most frequent, one for the rest, one for missing.

    Two levels, none missing, have one output of -1 and +1. A single level has none.
    """

    kind = "category"
    holds = "levels"

    name: str
    levels: list
    has_rest: bool
    has_missing: bool

    @classmethod
    def learn(cls, name, column, n_bins, max_levels):
        codes, levels = as_levels(column)
        counts = np.bincount(codes[codes >= 0], minlength=len(levels))
        order = sorted(
            (i for i in range(len(levels)) if counts[i]),
            key=lambda i: order_of(levels[i]),
        )
        frequent = sorted(order, key=lambda i: -counts[i])  # ties stay in order
        if len(order) > 2:
            frequent = frequent[:max_levels]
        kept = set(frequent)
        has_missing = bool((codes < 0).any()) and len(order) > 0
        return cls(
            name,
            [levels[i] for i in order if i in kept],
            len(kept) < len(order),
            has_missing,
        )

    @property
    def is_sign(self):
        return len(self.levels) == 2 and not self.has_rest and not self.has_missing

    @property
    def n_values(self):
        return int(len(self.levels) + self.has_rest + self.has_missing > 1)

    def outputs(self):
        if self.is_sign:
            return [Output(str(self.levels[1]), 0)]
        parts = [*map(str, self.levels)] if len(self.levels) + self.has_rest > 1 else []
        parts = list(enumerate(parts))
        if self.has_rest:
            parts.append((len(self.levels), "rest"))
        if self.has_missing:
            parts.append((len(self.levels) + self.has_rest, "missing"))
        return [Output(text, 0, code, one_hot=True) for code, text in parts]

    def write(self, column, out):
        """Write the number of the output; -1 for none of them."""
        n = len(self.levels)
        codes, levels = as_levels(column)
        number = {level: i for i, level in enumerate(self.levels)}
        unseen = n if self.has_rest else -1
        missing = n + self.has_rest if self.has_missing else -1
        if self.is_sign:
            number = {level: 2 * i - 1 for level, i in number.items()}
            unseen = missing = 0
        table = [number.get(level, unseen) for level in levels]
        out[:, 0] = np.array([*table, missing])[codes]


def order_of(level):
    """Return the key that sorts levels: numbers, texts, then others by their text."""
    if isinstance(level, (int, float)):
        return 0, level, ""
    if isinstance(level, str):
        return 1, 0, level
    return 2, 0, f"{type(level).__name__} {level}"


@dataclass
class TimeColumn:
    """Dates: days since the median as numbers, and cycles as sine and cosine.

    The cycles are the month, the weekday and the time of day, those that vary.
    """

    kind = "time"
    holds = "dates"

    name: str
    origin: np.datetime64
    spread: Spread
    cycles: list

    @classmethod
    def learn(cls, name, column, n_bins, max_levels):
        day, fraction, missing = as_days(column)
        here = ~missing
        days = np.sort(day[here])
        origin = days[len(days) // 2] if len(days) else np.datetime64(0, "D")
        phases = ((c, phase(day[here], fraction[here])) for c, phase in CYCLES.items())
        cycles = [c for c, p in phases if len(p) and p.min() < p.max()]
        spread = Spread.learn(days_since(origin, day, fraction), n_bins)
        return cls(name, origin, spread, cycles)

    @property
    def n_values(self):
        return self.spread.n_values + 2 * len(self.cycles)

    def outputs(self):
        first = self.spread.n_values
        waves = [f"{c}_{wave}" for c in self.cycles for wave in ("sin", "cos")]
        return self.spread.outputs() + [
            Output(wave, source) for source, wave in enumerate(waves, first)
        ]

    def write(self, column, out):
        day, fraction, missing = as_days(column)
        n = self.spread.n_values
        self.spread.write(days_since(self.origin, day, fraction), out[:, :n])
        for c, waves in zip(
            self.cycles, out[:, n:].T.reshape(-1, 2, len(out)), strict=True
        ):
            angle = 2 * np.pi * CYCLES[c](day, fraction)
            for wave, function in zip(waves, (np.sin, np.cos), strict=True):
                wave[...] = np.where(missing, 0, function(angle))


def days_since(origin, day, fraction):
    """Return days as float64, NaN where the date is missing."""
    return (day - origin) / np.timedelta64(1, "D") + fraction


def month(day, fraction):
    """Return the month as a part of the year, 0 for January."""
    return day.astype("M8[M]").astype(np.int64) % 12 / 12


def weekday(day, fraction):
    """Return the weekday as a part of the week, 0 for Monday."""
    return (day.astype(np.int64) + 3) % 7 / 7  # 1970 began on a Thursday


def time_of_day(day, fraction):
    """Return the part of the day that is gone."""
    return fraction


CYCLES = {"month": month, "weekday": weekday, "time": time_of_day}
KINDS = {
    "numeric": NumericColumn,
    "boolean": CategoryColumn,
    "category": CategoryColumn,
    "time": TimeColumn,
}
