"""An assignment: its week, functions, points, and the seed of the hidden tests."""

import json
import math
import os
from pathlib import Path
from typing import NamedTuple

from ...inspection._exercises.task_texts import TASKS
from ...inspection._exercises.tasks import WEEKS, given

FILE = "assignment.json"
LARGEST_SEED = 2**32 - 1  # that numpy.random.RandomState takes
SHOWN = 0  # the seed of check_my, whose numbers students see


class Assignment(NamedTuple):
    """What is asked, and which numbers the hidden tests draw."""

    week: str
    seed: int
    points: dict  # by function, in the order of the course

    @property
    def given(self):
        """Return the functions that the student's file has."""
        return given(self.week)


def make_assignment(week, seed):
    """Return the assignment of a week with the usual points."""
    return Assignment(week, seed, {name: TASKS[name].points for name in WEEKS[week]})


def write_assignment(folder, assignment):
    """Write the file that `grade` reads; points may be edited in it."""
    text = json.dumps(assignment._asdict(), indent=2)
    Path(folder, FILE).write_text(text + "\n", encoding="utf-8")


def find_assignment(folder, named):
    """Return the assignment of a folder of submissions.

    It is named, or lies in the folder or in one of the three above it. `week3` is the
    folder of this name where it has an assignment.json, else the week.
    """
    if named is not None:
        path = Path(named, FILE) if os.path.isdir(named) else Path(named)
        if path.is_file():
            return read_assignment(path)
        if named in WEEKS:
            return make_assignment(named, SHOWN)
        raise ValueError(
            f"--assignment must be an {FILE}, the folder that has it, or "
            f"{', '.join(WEEKS)}, got {named!r}."
        )
    start = Path(os.path.abspath(folder))
    for place in [start, *start.parents][:4]:
        if (place / FILE).is_file():
            return read_assignment(place / FILE)
    raise ValueError(
        f"{folder} must have an {FILE}, in it or above it, which 'sknn-scratch "
        "assignment' writes; or say --assignment week3."
    )


def read_assignment(path):
    """Return the assignment of a file; raise ValueError where it is none."""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        week, seed, points = (fields[name] for name in Assignment._fields)
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path} must hold week, seed and points, as 'sknn-scratch assignment' "
            f"writes them: {type(error).__name__}: {error}."
        ) from None
    known = isinstance(week, str) and week in WEEKS
    whole = type(seed) is int and 0 <= seed <= LARGEST_SEED
    if not (known and whole and isinstance(points, dict)):
        raise ValueError(
            f"{path} must have a week of {', '.join(WEEKS)}, a whole seed from 0 to "
            f"{LARGEST_SEED} and points."
        )
    wrong = [name for name in points if name not in WEEKS[week]]
    wrong += [name for name, value in points.items() if not is_worth(value)]
    if wrong or not points:
        raise ValueError(
            f"{path}: points must be numbers from 0 of functions of {week}, got "
            f"{wrong}."
        )
    return Assignment(week, seed, points)


def is_worth(value):
    """Return whether a value of the file may be the points of a function."""
    return type(value) in (int, float) and 0 <= value < math.inf
