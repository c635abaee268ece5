"""Dates and numbers that a column holds as texts."""

import re

import numpy as np

from .rows import FEWEST_ROWS
from .symptoms import Finding

MONTH = (
    "(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|"
    "sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?)"
)
TIME = r"([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[ap]m| ?Z|[-+]\d{2}:?\d{2})?)?"
DIGITS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})[-/.]\d{2,4}")
WRITTEN = {  # what texts hold -> how it is written
    "dates": re.compile(
        rf"\s*(\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|{DIGITS.pattern}"
        rf"|\d{{1,2}}[. ] ?{MONTH}\.? \d{{4}}|{MONTH}\.? \d{{1,2}},? \d{{4}}){TIME}\s*",
        re.IGNORECASE,
    ),
    "numbers": re.compile(
        r"\s*[-+]?(?P<before>[$€£]?)\s?"
        r"(?P<digits>\d{1,3}([\s,.'’]?\d{3})*([.,]\d+)?)([eE][-+]?\d+)?"
        r"\s?(?P<unit>%|[$€£]|[A-Za-z]{1,3})?\s*"
    ),
}
THOUSANDS = re.compile(r"(?!0)\d{1,3}(,\d{3})+")


def written_as(c):
    """Return what the texts of a column are, a key of WRITTEN, or None.

    Numbers of several units, and such as 12A and 12B, are not read by leaving the
    letters out.
    """
    texts = c.texts[:200]
    if c.kind != "category" or len(texts) < 10 or len(c.texts) < 0.9 * len(c.levels):
        return None
    for what, form in WRITTEN.items():
        if np.mean([bool(form.fullmatch(text)) for text in texts]) >= 0.95:
            many = what == "numbers" and len(_units(_matches(c, what))) > 1
            return None if many else what
    return None


def conversion(column, c, what):
    """Return the call of pandas that reads the texts of a column.

    `column` is the code of the column itself. The call has those steps that the texts
    need.
    """
    found = _matches(c, what)
    if len(c.texts) < len(c.levels):  # numbers beside texts
        column += ".map(str, na_action='ignore')"
    options = [] if len(found) == len(c.texts) else ["errors='coerce'"]
    if what == "dates":
        call, options = "to_datetime", [*_of_dates(found), *options]
    else:
        call, column = "to_numeric", column + _steps_to_numbers(found)
    return f"pandas.{call}({', '.join([column, *options])})"


def _matches(c, what):
    """Return the matches of those texts that are written so."""
    found = (WRITTEN[what].fullmatch(text) for text in c.texts)
    return [match for match in found if match]


def _units(found):
    """Return the units and currencies of numbers."""
    units = {match[name] for match in found for name in ("before", "unit")}
    return units - {"", None}


def _steps_to_numbers(found):
    """Return the calls that make what pandas reads as numbers of texts."""
    decimal = _decimal_mark([match["digits"] for match in found])
    texts = "".join(match.string for match in found)
    group = "." if decimal == "," else ","
    needless = [mark for mark in f"{group}'’$€£%" if mark in texts]
    needless += [r"\s"] if re.search(r"\s", texts) else []
    letters = any(unit.isalpha() for unit in _units(found))
    steps = ""
    if needless:
        marks = "".join(needless)
        steps += f""".str.replace(r"[{marks}]", "", regex=True)"""
    if letters:
        steps += """.str.replace("[A-Za-z]+$", "", regex=True)"""
    if decimal == "," and "," in texts:
        steps += """.str.replace(",", ".")"""
    return steps


def _decimal_mark(numbers):
    """Return the mark before decimals: "." unless the texts speak for ","."""
    both = [text for text in numbers if "," in text and "." in text]
    if both:
        return max(",.", key=both[0].rfind)
    commas = [text for text in numbers if "," in text]
    if not all(THOUSANDS.fullmatch(text) for text in commas):
        return ","
    return "," if any(text.count(".") > 1 for text in numbers) else "."


def _of_dates(found):
    """Return the options by which pandas reads dates, each in its own form."""
    texts = [match.string.strip() for match in found]
    parts = [part for part in map(DIGITS.match, texts) if part]
    options = []
    if parts:
        later = any(int(part[3]) > 12 for part in parts)  # the month stands first
        first = any(int(part[1]) > 12 for part in parts) or parts[0][2] == "."
        options += ["dayfirst=True"] if first and not later else []
    forms = {re.sub(r"\d+", "0", text) for text in texts}
    return [*options, "format='mixed'"] if len(forms) > 1 else options


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
        call = conversion(code_of(c, rows), c, what)
        cure = f"read it as {what}: {call}"
        if "coerce" in call:
            cure += ", which makes all other texts missing"
        yield Finding("values_as_texts", None, float(len(c.texts)), text, cure)


def code_of(c, rows):
    """Return the code by which the column is had as a Series of pandas."""
    names = rows.reader.table.names
    if not names:
        return f"pandas.Series(X[:, {c.position}])"
    column = f"X[{names[c.position]!r}]"
    return column if hasattr(rows.X, "iloc") else f"{column}.to_pandas()"
