"""Two sets of rows: columns that drift, and rows that are in both."""

import numpy as np

from .ids import ID_NAME, numbers_rows
from .rows import FEWEST_ROWS
from .symptoms import Finding

# Distance of two distributions: Kolmogorov's, half the sum of differences of shares. A
# shift by one standard deviation is 0.38. The margin is Kolmogorov's at 1 in 10^4.
DRIFT, MARGIN = 0.35, 2.23
TWINS = 0.05  # share of rows held out that are also among those trained on
TWINS_AT_LEAST = 5  # such rows
# Distinct values of a column that tells rows apart: as a part of the distinct rows, and
# of all rows.
VARIOUS, MANY = 0.5, 0.2
SHARED = 2  # distinct rows that may have one value of that column


def drift(rows):
    """Yield a finding of columns whose values in X_val are not as in X."""
    found = []
    for c in rows.columns:
        moves = c.kind == "time" or (c.all_different and c.kind == "category")
        if c.x_val is None or moves or numbers_rows(c, rows):
            continue
        far, margin = distance(c), MARGIN * np.sqrt(1 / len(c.x) + 1 / len(c.x_val))
        if far > DRIFT + margin:
            found.append((far, c))
    found.sort(key=lambda pair: -pair[0])
    if found:
        far, c = found[0]
        text = f"{c} has other values in X_val than in X: {values_of(c)}"
        if len(found) > 1:
            others = ", ".join(repr(other.name) for _, other in found[1:5])
            more = ", ..." if len(found) > 5 else ""
            text += f"; so do {len(found) - 1} more ({others}{more})"
        cure = (
            "draw both at random from the same rows, and pass both through the same "
            "steps; if new rows will be as those of X_val, train on such"
        )
        yield Finding("drift", None, float(far), text, cure)


def distance(c):
    """Return how far apart the distributions of a column in X and X_val are, 0 to 1."""
    x, other = c.x, c.x_val
    gone, gone_val = np.isnan(x).mean(), np.isnan(other).mean()
    x, other = x[~np.isnan(x)], other[~np.isnan(other)]
    if not len(x) or not len(other):
        return abs(gone - gone_val)
    values = np.unique(np.concatenate([x, other]))
    share = [_shares(part, values) for part in (x, other)]
    if c.kind == "category":
        far = 0.5 * np.abs(share[0] - share[1]).sum()
        if len(values) > 0.2 * len(other):  # shares of so many levels are noise
            far = 0.0
    else:
        far = np.abs(np.cumsum(share[0]) - np.cumsum(share[1])).max()
    return max(far, abs(gone - gone_val))


def _shares(x, values):
    return np.bincount(np.searchsorted(values, x), minlength=len(values)) / len(x)


def values_of(c):
    """Say what the values of a column in X and in X_val are."""
    gone = [np.isnan(x).mean() for x in (c.x, c.x_val)]
    if abs(gone[0] - gone[1]) > DRIFT:
        return f"{gone[1]:.0%} of them are missing there, {gone[0]:.0%} here"
    if c.kind == "category":
        names = list(c.levels)
        most = [names[int(_mode(x))] for x in (c.x, c.x_val)]
        share = [np.mean(c.x_val == _mode(x)) for x in (c.x, c.x_val)]
        return f"{share[0]:.0%} are {most[0]!s}, the most frequent in X"
    low, high = np.nanmedian(c.x), np.nanmedian(c.x_val)
    if low == high:
        low, high = np.nanstd(c.x), np.nanstd(c.x_val)
        return f"they vary by {high:.3g} there and by {low:.3g} in X"
    return f"their median is {high:.3g} there and {low:.3g} in X"


def _mode(x):
    values, counts = np.unique(x[~np.isnan(x)], return_counts=True)
    return values[counts.argmax()]


def twins(rows):
    """Yield a finding if rows held out are among those trained on, value for value.

    Rows of few values repeat by chance: a column, or the y of a regression, must be
    there whose values hardly repeat among distinct rows. Rows with a gap in all such
    columns are not counted.
    """
    between = rows.X_val is not None
    if not (between or rows.splits) or rows.m < FEWEST_ROWS:
        return
    kept = [c for c in rows.columns if not _is_key(c, rows)]
    kept += [] if rows.target is None else [rows.target]
    asked = [c.x_val if between else c.x for c in kept]
    if not kept or any(x is None for x in asked):
        return
    asked = np.column_stack(asked)
    count = np.full(len(asked), np.nan)
    for key in _keys(kept):
        left = np.isnan(count) & ~np.isnan(asked[:, kept.index(key)])
        count[left] = _times_in(rows, kept, key, asked[left])
    found = np.flatnonzero(count > (0 if between else 1))
    share = len(found) / max(np.sum(~np.isnan(count)), 1)
    if share <= TWINS or len(found) < TWINS_AT_LEAST:
        return
    if between:
        text = f"{share:.0%} of the rows of X_val are rows of X, too"
        cure = "take them out of one of both, or split before rows are repeated"
    else:
        text = (
            f"{share:.0%} of the rows of X are there more than once, and fit holds "
            "some of them out: what it says of new rows is too good"
        )
        cure = "take the copies out, or give them a larger sample_weight"
    yield Finding("duplicates", None, float(share), text, cure)


def _is_key(c, rows):
    """Return whether a column is an id, which copies may have of their own."""
    if c.kind == "category":
        return c.all_different
    return numbers_rows(c, rows) or bool(c.whole and ID_NAME.match(c.name))


def _keys(columns):
    """Return the columns whose values tell rows apart, the best first."""
    distinct = len(np.unique(_bytes(np.column_stack([c.x for c in columns]))))
    least = max(VARIOUS * distinct, MANY * len(columns[0].x))
    values = {c.position: len(np.unique(c.present)) for c in columns}
    keys = [c for c in columns if values[c.position] >= least]
    return sorted(keys, key=lambda c: -values[c.position])


def _times_in(rows, kept, key, asked):
    """Return how often each of the rows `asked`, of the columns `kept`, is in X.

    Only rows that have one of their values in the column `key` are read whole. A value
    that other rows have, too, tells no row: 0 stands for how often those are there.
    """
    whole = rows.all_numbers(key)
    if whole is None:
        return np.zeros(len(asked), int)
    candidates = np.flatnonzero(np.isin(whole, asked[:, kept.index(key)]))
    if not len(candidates):
        return np.zeros(len(asked), int)
    read = rows.numbers_at(kept, candidates)
    if any(x is None for x in read):
        return np.zeros(len(asked), int)
    values = _bytes(np.column_stack(read))
    known, first, counts = np.unique(values, return_index=True, return_counts=True)
    shared = np.unique(read[kept.index(key)][first], return_inverse=True)[1]
    counts[np.bincount(shared)[shared] > SHARED] = 0
    number = dict(zip(known.tolist(), counts.tolist(), strict=True))
    return np.array([number.get(row, 0) for row in _bytes(asked).tolist()])


def _bytes(values):
    """Return each row as one value; missing values are all the same."""
    values = np.where(np.isnan(values), np.inf, values) + 0.0  # -0 becomes 0
    values = np.ascontiguousarray(values)
    return values.view(f"V{values.shape[1] * 8}").ravel()
