"""Columns of texts as numbers or as dates, if that is what they are."""

import re
from typing import NamedTuple

import numpy as np

from ..readers.labels import NUMBER

SAMPLE = 1000  # different texts that are looked at first
MOST_WORDS = 3  # in a column of numbers: unknown, None, ...
FEWEST_NUMBERS = 10  # different ones that make a column with words one of numbers
MOSTLY = 0.98
CODE = r"0\d+"  # no number: 007 is another code than 7

# a currency in front or behind, or a per cent sign
SIGNED = re.compile(
    r"(?P<minus>[-+−(]?)\s*(?P<before>[$€£¥₹]|[A-Z]{3}\s)?\s*(?P<inner>[-+−]?)"
    r"(?P<digits>\d[\d.,'’\s]*|\.\d+)(?P<power>[eE][-+]?\d+)?"
    r"\s*(?P<after>%|[$€£¥₹]|[A-Z]{3})?\)?"
)
COMMA_GROUPS = re.compile(r"\d{1,3}(,\d{3})+", re.ASCII)
POINT_GROUPS = re.compile(r"\d{1,3}(\.\d{3}){2,}", re.ASCII)
CODES = {
    *[
        "USD",
        "EUR",
        "GBP",
        "CHF",
        "JPY",
        "CNY",
        "INR",
        "CAD",
        "AUD",
        "NZD",
        "SEK",
        "NOK",
        "DKK",
        "PLN",
        "CZK",
        "BRL",
        "MXN",
    ]
}


class Reading(NamedTuple):
    """What texts are.

    Attributes
    ----------
    values : dict
        Text to float or numpy.datetime64.
    rule : str
        How they were read, in words; "" for plain numbers.
    others : list of str
        Texts that are none.
    """

    values: dict
    rule: str
    others: list


# -- numbers ---------------------------------------------------------------------------


def as_numbers(words):
    """Return the Reading of different texts as numbers.

    A comma followed by three digits in each of them separates thousands, else it is
    the decimal mark.
    """
    parts, others, rules = {}, [], set()
    for word in words:
        found = SIGNED.fullmatch(word)
        codes = [] if not found else [found["before"], found["after"]]
        codes = [c.strip() for c in codes if c and c.strip().isalpha()]
        if not found or not CODES.issuperset(codes):
            others.append(word)
            continue
        parts[word] = found
        if found["after"] == "%":
            rules.add("per cent")
        elif found["before"] or found["after"]:
            rules.add("a currency")
    clean = {w: re.sub(r"['’\s]", "", p["digits"]) for w, p in parts.items()}
    comma = [d for d in clean.values() if "," in d]
    decimal = any(not COMMA_GROUPS.fullmatch(d) for d in comma if "." not in d)
    values = {}
    for word, digits in clean.items():
        value = number_of(digits, parts[word], decimal)
        if value is None:
            others.append(word)
        else:
            values[word] = value
    if comma:
        rules.add("a decimal comma" if decimal else "commas between thousands")
    return Reading(values, ", ".join(sorted(rules)), others)


def number_of(digits, parts, decimal):
    """Return the number of digits with points and commas; None if it is none."""
    if "," in digits and "." in digits:
        point_last = digits.rfind(".") > digits.rfind(",")
        digits = digits.replace(",", "") if point_last else swapped(digits)
    elif "," in digits:
        digits = swapped(digits) if decimal else digits.replace(",", "")
    elif POINT_GROUPS.fullmatch(digits):
        digits = digits.replace(".", "")
    digits = f"{digits}{parts['power'] or ''}"
    if not NUMBER.fullmatch(digits):
        return None
    minus = any(sign and sign in "-−(" for sign in (parts["minus"], parts["inner"]))
    return -float(digits) if minus else float(digits)


def swapped(digits):
    """Return 1.234,5 as 1234.5."""
    return digits.replace(".", "").replace(",", ".")


def looks_numeric(words):
    """Return the Reading of texts that are numbers but for a few words, or None."""
    if any(re.fullmatch(CODE, word) for word in words):
        return None
    sample = words[:SAMPLE]
    if len(as_numbers(sample).values) < len(sample) / 2:
        return None
    found = as_numbers(words)
    count, numbers = len(words), len(found.values)
    if numbers == count:
        return found
    few = len(found.others) <= MOST_WORDS or numbers >= MOSTLY * count
    return found if few and numbers >= FEWEST_NUMBERS else None


# -- dates -----------------------------------------------------------------------------

CLOCK = r"(?:[T ]+(\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?\d*)?))?"
ZONE = re.compile(r"\s*(Z|UTC|[+-]\d{2}:?\d{2})$")
NO_DATE = "-"
DAY_FIRST, MONTH_FIRST = ORDERS = "day-first", "month-first"
OPEN = "dates that may be day-first or month-first (--dates says which)"
# pattern -> formats of the day, by the order of day and month where there are two
DATES = {
    r"\d{4}-\d{1,2}-\d{1,2}": {"": "%Y-%m-%d"},
    r"\d{4}/\d{1,2}/\d{1,2}": {"": "%Y/%m/%d"},
    r"\d{4}-\d{2}": {"": "%Y-%m"},
    r"\d{8}T\d{6}": {"": "%Y%m%dT%H%M%S"},
    r"\d{1,2}\.\d{1,2}\.\d{4}": {DAY_FIRST: "%d.%m.%Y"},
    r"\d{1,2}\.\d{1,2}\.\d{2}": {DAY_FIRST: "%d.%m.%y"},
    r"\d{1,2}/\d{1,2}/\d{4}": {MONTH_FIRST: "%m/%d/%Y", DAY_FIRST: "%d/%m/%Y"},
    r"\d{1,2}/\d{1,2}/\d{2}": {MONTH_FIRST: "%m/%d/%y", DAY_FIRST: "%d/%m/%y"},
    r"\d{1,2}-\d{1,2}-\d{4}": {MONTH_FIRST: "%m-%d-%Y", DAY_FIRST: "%d-%m-%Y"},
    r"\d{1,2}[- ][A-Za-z]{3}[- ]\d{4}": {"": "%d-%b-%Y"},
    r"\d{1,2}[- ][A-Za-z]{4,9}[- ]\d{4}": {"": "%d-%B-%Y"},
    r"[A-Za-z]{3}[- ]\d{1,2}(?:, ?|[- ])\d{4}": {"": "%b-%d-%Y"},
    r"[A-Za-z]{4,9}[- ]\d{1,2}(?:, ?|[- ])\d{4}": {"": "%B-%d-%Y"},
    r"[A-Za-z]{3}[- ]\d{4}": {"": "%b-%Y"},
}


def as_dates(words, order=None, most=MOSTLY):
    """Return the Reading of different texts as dates, or None.

    Parameters
    ----------
    words : list of str
    order : {"day-first", "month-first"}, default=None
        Of texts with both at the front; None finds the one by which they are dates.
    most : float, default=0.98
        Share of the texts that must be dates.

    Returns
    -------
    Reading or None
        Without values if day and month cannot be told apart.
    """
    for pattern, formats in DATES.items():
        whole = re.compile(f"({pattern}){CLOCK}")
        parts = [whole.fullmatch(without_zone(word)) for word in words[:SAMPLE]]
        if not any(parts) or sum(map(bool, parts)) < most * len(parts):
            continue
        parts += [whole.fullmatch(without_zone(word)) for word in words[SAMPLE:]]
        formats = {order: formats[order]} if order in formats else formats
        times = {order: parsed(parts, form) for order, form in formats.items()}
        chosen = chosen_order(times)
        if chosen is None:
            return Reading({}, OPEN, words)
        found = dict(zip(words, times[chosen], strict=True))
        values = {word: date for word, date in found.items() if not np.isnat(date)}
        if len(values) >= most * len(words):
            return Reading(values, chosen, [w for w in words if w not in values])
    return None


def without_zone(word):
    """Return the time on the clock of the place, without what says its zone."""
    return ZONE.sub("", word) if ":" in word else word


def parsed(parts, form):
    """Return matches of a pattern of DATES as dates of its format; None as NaT."""
    import pandas as pd

    found = np.full(len(parts), "NaT", "M8[us]")
    texts = pd.Series([*map(joined, parts)], dtype=object)
    clocks = np.array([clock_of(part) for part in parts])
    for clock in {*clocks} - {NO_DATE}:
        here = clocks == clock
        times = pd.to_datetime(texts[here], format=form + clock, errors="coerce")
        found[here] = times.to_numpy().astype("M8[us]")
    return found


def clock_of(part):
    """Return the format of the clock that a match has."""
    if part is None:
        return NO_DATE
    clock = part[2] or ""
    seconds = " %H:%M:%S.%f" if "." in clock else " %H:%M:%S"
    return {0: "", 1: " %H:%M", 2: seconds}[clock.count(":")]


def joined(part):
    """Return day and clock with one space between them, names of months with dashes."""
    if part is None:
        return None
    day, clock = part.groups()
    if day[0].isalpha() or any(c.isalpha() for c in day[2:6]):
        day = re.sub(r"[ ,-]+", "-", day)
    return f"{day} {clock}" if clock else day


def chosen_order(times):
    """Return the order of day and month by which most texts are dates, or None."""
    count = {order: (~np.isnat(found)).sum() for order, found in times.items()}
    orders = [order for order in times if count[order] == max(count.values())]
    if len(orders) == 1 or (times[orders[0]] == times[orders[1]]).all():
        return orders[0]
    firsts = [order for order in orders if are_months(times[order])]
    return firsts[0] if len(firsts) == 1 else None


def are_months(times):
    """Return whether all dates are first days of months, of more than one year."""
    days = times[~np.isnat(times)].astype("M8[D]")
    years = np.unique(days.astype("M8[Y]"))
    return len(years) > 1 and bool((days == days.astype("M8[M]")).all())
