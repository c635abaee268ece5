"""Errors of h5py on damaged files, as errors of one line that name the place."""

import os
import zlib
from contextlib import contextmanager

from .texts import shorten

# what h5py raises on damaged files, found by flipping bytes
DAMAGE = (OSError, KeyError, RuntimeError, TypeError, ValueError, MemoryError)
DAMAGE += (zlib.error,)
MOST_WORDS = 120


class Refusal(ValueError):
    """A ValueError of this package, which `naming_errors` leaves as it is."""


@contextmanager
def naming_errors(place):
    """Raise what h5py raises on damage as an OSError that names the place."""
    try:
        yield
    except Refusal:
        raise
    except DAMAGE as error:
        raise OSError(f"{place} must be readable, but {reason(error)}.") from None


def reason(error):
    """Return the library's words as a clause, on one line."""
    words = getattr(error, "strerror", None) or str(error).strip("'\"")
    words = " ".join(words.split())
    if "truncated file" in words:
        return "it is cut short"
    if "signature not found" in words:
        return "it is of another format"
    if getattr(error, "errno", None):  # h5py adds the temporary name, flags and more
        words = os.strerror(error.errno)
    return f"the system says: {shorten(words.rstrip('.'), MOST_WORDS)}"
