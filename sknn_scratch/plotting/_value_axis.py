"""Axis of a hyperparameter's values: numbers to scale, others side by side."""

from numbers import Real

import numpy as np

from ._search import text_of

FEW = 6  # values: points are then drawn in columns, with a tick label for each
LETTER = 0.075  # inches: width of a letter in a tick label


class ValueAxis:
    """Positions of a hyperparameter's values: numbers to scale, others side by side."""

    def __init__(self, values, is_log=None):
        by_size = are_numbers(values) and len(set(values)) > 1
        names = sorted(set(values if by_size else map(text_of, values)))
        self.names = [text_of(name) for name in names] if by_size else names
        if by_size:
            self.places = np.array(values, float)
            self.ticks = np.array(names, float)
        else:
            self.places = np.array([names.index(text_of(v)) for v in values], float)
            self.ticks = np.arange(len(names))
        self.by_size, self.is_few = by_size, not by_size or len(names) <= FEW
        by_factors = suits_log_scale(values) if is_log is None else is_log
        self.is_log = by_size and by_factors

    def jittered(self):
        """Return the positions; few values get jitter, so that points stay apart."""
        if not self.is_few:
            return self.places
        jitter = np.random.RandomState(0).uniform(-1, 1, len(self.places))
        return self._places_of(self._sizes(self.places) + 0.15 * self._gap() * jitter)

    def set_scale(self, ax):
        """Set scale, limits and ticks; few values get a tick each if the labels fit."""
        if self.is_log:
            ax.set_xscale("log")
            ax.xaxis.set_minor_formatter("")  # minor tick labels overlap
        u = self._sizes(self.ticks)
        room = max(self._gap() / 2 if self.is_few else 0, 0.05 * np.ptp(u))
        edges = np.array([u[0] - room, u[-1] + room])
        ax.set_xlim(*self._places_of(edges))
        if self.is_few and self._name_ticks(ax, u, edges):
            return
        powers = np.ptp(np.floor(edges / np.log(10)))  # powers of ten within the axis
        if self.is_log and powers < 2:
            ends = self.ticks[[0, -1]]
            ax.set_xticks(ends, [f"{end:.2g}" for end in ends])

    def _name_ticks(self, ax, u, edges):
        """Label each value, texts on two lines if needed; return False if no room."""
        inches = ax.get_window_extent().width / ax.figure.dpi
        centres = (u - edges[0]) / (edges[1] - edges[0]) * inches
        names = self.names
        if not labels_fit(names, centres):
            if self.by_size:
                return False
            names = ["\n" * (k % 2) + name for k, name in enumerate(names)]
        ax.set_xticks(self.ticks, names, parse_math=False)
        ax.minorticks_off()
        return True

    def _gap(self):
        """Return the least distance of two values along the axis."""
        gaps = np.diff(self._sizes(self.ticks))
        return gaps.min() if len(gaps) else 1.0

    def _sizes(self, places):
        return np.log(places) if self.is_log else places

    def _places_of(self, sizes):
        return np.exp(sizes) if self.is_log else sizes


def labels_fit(names, centres):
    """Return True if labels with these centres, in inches, do not overlap."""
    widths = LETTER * np.array([len(name) for name in names])
    return bool(np.all(np.diff(centres) > (widths[1:] + widths[:-1]) / 2))


def are_numbers(values):
    return all(
        isinstance(v, Real) and not isinstance(v, bool | np.bool_) for v in values
    )


def suits_log_scale(values):
    """Return True if values differ by factors rather than by differences."""
    if not are_numbers(values) or min(values) <= 0:
        return False
    u = np.unique(values)
    if 1 < len(u) <= FEW and np.all(u[1:] >= 2 * u[:-1]):
        return True
    # of values drawn uniformly, half lie beyond the middle of a linear axis
    return bool(np.median(u) < (u[0] + u[-1]) / 4)
