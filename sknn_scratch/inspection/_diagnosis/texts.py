"""Dates and numbers that a column holds as texts."""

import re

import numpy as np

from .rows import FEWEST_ROWS
from .symptoms import Finding

WRITTEN = {  # what texts hold -> how it is written
    "dates": re.compile(
        r"\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([ T].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"
        r"( .*)?|\d{1,2}[. ] ?[A-Za-z]{3,9}\.? \d{4}|[A-Za-z]{3,9}\.? \d{1,2},? \d{4})"
    ),
    "numbers": re.compile(
        r"\s*[-+]?[$€£]?\s?\d{1,3}([ ,.']?\d{3})*([.,]\d+)?([eE][-+]?\d+)?"
        r"\s?(%|[$€£]|[A-Za-z]{1,3})?\s*"
    ),
}


def written_as(c):
    """Return what the texts of a column are, a key of WRITTEN, or None."""
    texts = c.texts[:200]
    if c.kind != "category" or len(texts) < 10 or len(c.texts) < 0.9 * len(c.levels):
        return None
    for what, form in WRITTEN.items():
        if np.mean([bool(form.fullmatch(text)) for text in texts]) >= 0.95:
            return what
    return None


def conversion(c, what):
    """Return the call of pandas that reads the texts of a column."""
    texts, column = c.texts[:200], f"X[{c.name!r}]"
    if what == "numbers":
        if any("," in text for text in texts):
            column += ".str.replace(',', '.')"
        return f"pandas.to_numeric({column})"
    day_first = any(text[:1].isdigit() and text[:5].count(".") for text in texts)
    return f"pandas.to_datetime({column}{', dayfirst=True' if day_first else ''})"


def values_as_texts(rows):
    """Yield findings of dates and numbers that were left as texts."""
    for c in rows.columns if rows.m >= FEWEST_ROWS else ():
        what = written_as(c)
        if what is None:
            continue
        text = (
            f"{c} holds {what} as texts, such as {c.texts[0]!r}: each of its "
            f"{len(c.texts)} texts is a level of its own"
        )
        cure = f"read it as {what}: {conversion(c, what)}"
        yield Finding("values_as_texts", None, float(len(c.texts)), text, cure)
