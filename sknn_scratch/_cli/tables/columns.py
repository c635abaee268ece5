"""What becomes of each column of a table, and the same for new rows.

A column is read as numbers, dates or levels. Then the first of RULES that has a reason
leaves it out. A model needs no more state than its TableEncoder has: the columns by
name, and the kind of each.
"""

import re
from typing import NamedTuple

import numpy as np

from ..readers.labels import short
from .files import MISSING
from .texts import ORDERS, as_dates, looks_numeric

# names of numbers that only tell rows apart
ID_NAME = re.compile(
    r"Unnamed: \d+|.*[a-z]I[dD]|(.*[_ .-])?"
    r"(?i:id|ids|uuid|guid|key|index|idx|rownames?|row|row_?names|nr|no|number|serial)"
)
FEWEST = 10  # rows that tell something about a column
NEARLY_ALL = 0.9  # different texts, or numbers with such a name: an id
MOST_MISSING = 0.99
OTHER = "neither numbers, texts nor dates"
LONG_TEXT = 30  # characters
MOST_LEVELS = 40  # those of TableEncoder


class Column(NamedTuple):
    """A column of a table as it is read.

    Attributes
    ----------
    name : str
    kind : str
        "numeric", "time", "category", or "other" for what no model takes; `remark`
        then says why.
    values : pandas.Series
        Numbers, dates or levels.
    remark : str
        How it was read, if not as it stands.
    """

    name: str
    kind: str
    values: object
    remark: str = ""

    @property
    def missing(self):
        """Return the number of missing values."""
        return int(self.values.isna().sum())

    @property
    def distinct(self):
        """Return the number of different values."""
        return int(self.values.nunique())


class Decision(NamedTuple):
    """A column, and why it is left out: "" if it is kept."""

    column: Column
    reason: str
    advice: str = ""

    @property
    def kept(self):
        """Return whether the model gets the column."""
        return not self.reason


# -- reading ---------------------------------------------------------------------------


def read_column(name, series, dates=None):
    """Return the Column of a pandas.Series; `dates` is the order of day and month."""
    kind = kind_of_dtype(series)
    if kind != "text":
        return Column(name, kind, series, OTHER if kind == "other" else "")
    series, words = stripped(series)
    number = looks_numeric(words)
    if number is not None:
        return Column(
            name, "numeric", mapped(series, number), remark_of(series, number)
        )
    date = as_dates(words, dates) if words else None
    if date is not None and not date.values:
        return Column(name, "other", series, date.rule)
    if date is not None:
        remark = remark_of(
            series, date._replace(rule=f"dates, {date.rule}".rstrip(", "))
        )
        return Column(name, "time", mapped(series, date), remark)
    return Column(name, "category", series)


def kind_of_dtype(series):
    """Return the kind of a column by its values' types; "text" for texts."""
    from ...preprocessing._frames import column_of
    from ...preprocessing._values import MisfitError, as_levels, kind_of

    dtype = series.dtype
    kind = getattr(dtype, "kind", "O")
    if hasattr(series, "cat") or kind == "b":
        return "category"
    if kind in "iufm":
        return "numeric"
    if kind == "M":
        return "time"
    present = series.dropna()
    if str(dtype).startswith("str") and len(present):
        return "text"  # pandas' own type of texts
    if len(present) and all(isinstance(value, str) for value in present):
        return "text"
    try:
        column = column_of(present.to_numpy(dtype=object))
        found = kind_of(column)
        if found == "category":
            as_levels(column)  # lists are none
    except MisfitError:
        return "other"
    return {"boolean": "category"}.get(found, found)


def stripped(series):
    """Return texts without spaces around, MISSING as None, and the different ones."""
    table = {text: text.strip() for text in series.dropna().unique()}
    table = {text: None if word in MISSING else word for text, word in table.items()}
    if all(text == word for text, word in table.items()):
        return series, list(table)
    words = list(dict.fromkeys(word for word in table.values() if word is not None))
    return series.map(table).astype(object), words


def mapped(series, reading):
    """Return texts as the numbers or dates of a Reading; others are missing."""
    import pandas as pd

    values = pd.Series(reading.values)
    return series.map(values) if len(values) else series.map({}).astype(float)


def remark_of(series, reading):
    """Return how texts were read, and which of them were taken as missing."""
    parts = [reading.rule] if reading.rule else []
    if reading.others:
        count = int(series.isin(reading.others).sum())
        parts.append(
            f"{plural(count, 'cell')} taken as missing: {listed(reading.others)}"
        )
    return "; ".join(parts)


# -- rules -----------------------------------------------------------------------------


def is_empty(column):
    """Tell a column of which nothing is there."""
    return column.missing == len(column.values) and "no value"


def is_other(column):
    """Tell a column of lists and the like, and of dates that may be two."""
    return column.kind == "other" and column.remark


def is_constant(column):
    """Tell a column of one value; a gap beside it may tell something."""
    return column.distinct == 1 and not column.missing and "one value only"


def is_nearly_missing(column):
    """Tell a column of which nearly nothing is there."""
    share = column.missing / len(column.values)
    return share > MOST_MISSING and f"{share:.1%} missing"


def is_index(column):
    """Tell an index: different whole numbers without a name, or 0 to n - 1, 1 to n."""
    x = whole_numbers(column)
    if x is None or len(np.unique(x)) < len(x) or not ID_NAME.fullmatch(column.name):
        return False
    run = x.min() in (0, 1) and x.max() - x.min() == len(x) - 1
    unnamed = column.name.startswith("Unnamed: ")
    return (run or unnamed) and "an index of the rows"


def is_id(column):
    """Tell what has a different value in nearly every row.

    Numbers need the name of an id, too: prices may all be different.
    """
    present = len(column.values) - column.missing
    if present < FEWEST or column.distinct <= NEARLY_ALL * present:
        return False
    if column.kind == "category":
        return "an id: nearly all different"
    numbers = whole_numbers(column) is not None and ID_NAME.fullmatch(column.name)
    return numbers and "an id, by its name: nearly all different"


def is_free_text(column):
    """Tell texts that are sentences rather than levels."""
    if column.kind != "category" or hasattr(column.values, "cat"):
        return False
    lengths = [len(v) for v in column.values.dropna() if isinstance(v, str)]
    if len(lengths) < FEWEST or np.mean(lengths) <= LONG_TEXT:
        return False
    return column.distinct > len(lengths) / 2 and "free text"


def whole_numbers(column):
    """Return a column as whole numbers without gaps, or None."""
    if column.kind != "numeric" or column.missing:
        return None
    x = column.values.to_numpy(dtype=float)
    return x if np.isfinite(x).all() and (x == np.rint(x)).all() else None


KEEP = "--keep takes it all the same"
RULES = {
    is_empty: "",
    is_other: "",
    is_constant: "",
    is_nearly_missing: KEEP,
    is_index: KEEP,
    is_free_text: KEEP,
    is_id: KEEP,
}


def decide(frame, *, target=None, drop=(), keep=(), dates=None):
    """Return the Decision about each column of a data frame but the target.

    Parameters
    ----------
    frame : pandas.DataFrame
    target : str, default=None
    drop, keep : collection of str, default=()
        Columns to leave out, and to take whatever the rules say.
    dates : {"day-first", "month-first"}, default=None
        Order in texts such as 03/04/2020. None finds it if one of them is no date.
    """
    check_names("--drop", drop, frame)
    check_names("--keep", keep, frame)
    check_order(dates)
    decisions = []
    for name in frame.columns:
        if name == target:
            continue
        column = read_column(name, frame[name], dates)
        if name in drop:
            decisions.append(Decision(column, "--drop"))
            continue
        for rule, advice in RULES.items():
            reason = rule(column)
            if reason and not (advice and name in keep):
                decisions.append(Decision(column, reason, advice))
                break
        else:
            decisions.append(Decision(column, ""))
    return decisions


def kept_columns(decisions):
    """Return the data frame of the columns that are kept."""
    import pandas as pd

    kept = {d.column.name: d.column.values for d in decisions if d.kept}
    if not kept:
        raise ValueError(
            "The table must have a column to learn from beside the target, got none "
            "that is kept; --keep takes one all the same."
        )
    return pd.DataFrame(kept)


def check_names(flag, names, frame):
    """Raise ValueError for a name that no column has."""
    for name in names:
        if name not in frame.columns:
            raise ValueError(f"{flag} must name a column, got {unknown(name, frame)}")


def check_order(dates):
    """Raise ValueError for an order of day and month that is none."""
    if dates not in (None, *ORDERS):
        raise ValueError(f"--dates must be {' or '.join(ORDERS)}, got {dates!r}.")


def unknown(name, frame):
    """Return a name that no column has, with the one that is like it, or all."""
    import difflib

    columns = [*map(str, frame.columns)]
    like = difflib.get_close_matches(name, columns, 1, 0.6)
    folded = [c for c in columns if c.strip().lower() == name.strip().lower()]
    if folded or like:
        return f"{short(name)}; did you mean {short((folded or like)[0])}?"
    return f"{short(name)}; the columns are {listed(columns, 12)}."


# -- words -----------------------------------------------------------------------------


def notes_of(decisions):
    """Return what was decided, a sentence for each reason and each remark."""
    reasons = {}
    for d in decisions:
        if not d.kept:
            reasons.setdefault((d.reason, d.advice), []).append(d.column.name)
    notes = [
        f"Left out {listed(names, 12)}: {reason}{f' ({advice})' if advice else ''}."
        for (reason, advice), names in reasons.items()
    ]
    remarks = {}
    for d in decisions:
        if d.kept and d.column.remark:
            remarks.setdefault(d.column.remark, []).append(d.column.name)
    notes += [
        f"Read {listed(names, 12)}: {remark}." for remark, names in remarks.items()
    ]
    many = [
        d.column.name
        for d in decisions
        if d.kept and d.column.kind == "category" and d.column.distinct > MOST_LEVELS
    ]
    if many:
        notes.append(
            f"Of the levels of {listed(many, 12)} the {MOST_LEVELS} most frequent "
            "count; the others are one."
        )
    return notes


def listed(names, most=3):
    """Return names with commas between them, the first of many."""
    names = list(names)
    shown = ", ".join(short(str(name)) for name in names[:most])
    more = len(names) - most
    return f"{shown} and {more} more" if more > 0 else shown


def rounded(value):
    """Return a number as text: four digits, and of large ones all before the point."""
    return f"{value:,.0f}" if 1e4 <= abs(value) < 1e12 else f"{value:.4g}"


def figure(value):
    """Return a score as text: four decimals, of large ones as `rounded`."""
    return f"{value:.4f}" if abs(value) < 10 else rounded(value)


def plural(count, noun):
    """Return `1 row`, `2 rows`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
