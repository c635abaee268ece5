"""Mistakes of learners of the course: of what kind, and where they were asked about.

Each function is written for these tests; none is copied from a thread.
"""

from typing import NamedTuple


class Learner(NamedTuple):
    """A learner's function, the codes that name its mistake, and words it needs."""

    kind: str
    codes: tuple  # any of them names the idea
    words: tuple  # all of them have to stand in that finding: the quantity
    function: object
    thread: str = ""


def collect(into, kind, codes, words="", thread=""):
    """Return a decorator that adds a function to a list of learners."""

    def add(function):
        one = Learner(kind, tuple(codes.split()), tuple(words.split()), function)
        into.append(one._replace(thread=thread))
        return function

    return add


def is_named(learner, verdict):
    """Return True if a finding has one of the codes and all of the words."""
    return any(
        finding.code in learner.codes
        and all(word in finding.text for word in learner.words)
        for finding in verdict.findings
    )
