"""The texts of an assignment that all formats share."""

from textwrap import fill

from ...inspection._exercises.task_texts import TASKS
from ...inspection._exercises.tasks import skeleton, solution

IMPORTS = "import numpy as np"
TITLES = {
    "week2": "Week 2: logistic regression",
    "week3": "Week 3: one hidden layer",
    "week4": "Week 4: a deep network",
}
GIVEN = "This function is given; leave it as it is."
INTRODUCTION = (
    "Each blank is a line such as `Z = ...  # your code`: write the right side. The "
    "other lines may be changed, too; what counts is what the functions return. "
    "Examples are columns: X is (n_x, m), Y is (1, m). `check_my` tells you what is "
    "wrong, as often as you like. The marks come from other numbers than its own."
)
SOLUTIONS = "The solutions, for the teacher: keep this file from the students."
LABELS = ("an idea", "an operation, shapes", "nearly the line")


def points_text(points):
    return f"{points:g} point{'s' * (points != 1)}"


def sources(assignment, make):
    """Return the source of each function of an assignment, given ones first.

    `make` is `skeleton` or `solution`; given functions are solutions.
    """
    given = {name: solution(name).rstrip() for name in assignment.given}
    return given | {name: make(name).rstrip() for name in assignment.points}


def python_file(assignment, make):
    """Return the file of Python of a student (`skeleton`) or teacher (`solution`)."""
    said = INTRODUCTION if make is skeleton else SOLUTIONS
    blocks = [
        f'"""{TITLES[assignment.week]}.\n\n{fill(said, 88)}\n"""',
        IMPORTS,
    ]
    for name, source in sources(assignment, make).items():
        if name in assignment.given:
            blocks.append(f"# {GIVEN}\n{source}")
        elif make is skeleton:
            blocks.append(
                f"{heading(name, assignment)}\n{hint_regions(name)}\n{source}"
            )
        else:
            blocks.append(f"{heading(name, assignment)}\n{source}")
    if make is skeleton:
        blocks.append(CHECKS.format(names=listed(assignment.points)))
    return "\n\n\n".join(blocks).rstrip() + "\n"


CHECKS = """\
if __name__ == "__main__":
    from sknn_scratch.inspection import check_my

    for function in [
{names}
    ]:
        print(check_my(function))"""


def listed(names):
    return "\n".join(f"        {name}," for name in names)


def heading(name, assignment):
    return f"# {name}: {points_text(assignment.points[name])}"


def hint_regions(name):
    """Return the hints as comments, in regions that editors fold."""
    return "\n".join(
        f"# region hint {place}: {label}\n{commented(hint)}\n# endregion"
        for place, (label, hint) in enumerate(
            zip(LABELS, TASKS[name].hints, strict=True), start=1
        )
    )


def commented(text):
    return "\n".join(f"# {line}" for line in fill(text, 86).splitlines())
