"""Assignments as Jupyter notebooks: the plain one, nbgrader's and otter's."""

import json
import re

from ...inspection._exercises.task_texts import TASKS
from ...inspection._exercises.tasks import BLANK, blanked, described, skeleton, solution
from .texts import GIVEN, IMPORTS, INTRODUCTION, LABELS, SOLUTIONS, TITLES, points_text

CHECK = "from sknn_scratch.inspection import check_my"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def notebook(cells):
    """Return the text of a notebook of version 4.5."""
    numbered = [{"id": f"cell-{i}", **cell} for i, cell in enumerate(cells)]
    whole = {
        "cells": numbered,
        "metadata": {"kernelspec": KERNEL, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(whole, indent=1) + "\n"


def markdown(text):
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def raw(text):
    return {"cell_type": "raw", "metadata": {}, "source": text}


def code(text):
    empty = {"execution_count": None, "outputs": []}
    return {"cell_type": "code", "metadata": {}, **empty, "source": text.rstrip()}


def introduction(assignment, said=INTRODUCTION):
    """Return the first cells: what to do, imports and the given functions."""
    given = [
        cell
        for name in assignment.given
        for cell in (markdown(GIVEN), code(solution(name)))
    ]
    title = markdown(f"# {TITLES[assignment.week]}\n\n{said}")
    return [title, code(f"{IMPORTS}\n\n{CHECK}"), *given]


def question(name, assignment):
    """Return the cell with what is asked, and the hints, folded."""
    hints = "\n\n".join(
        f"<details><summary>Hint {place}: {label}</summary>\n\n{escaped(hint)}\n\n"
        "</details>"
        for place, (label, hint) in enumerate(
            zip(LABELS, TASKS[name].hints, strict=True), start=1
        )
    )
    points = points_text(assignment.points[name])
    asks = escaped(TASKS[name].asks)
    return markdown(f"## {escaped(name)} ({points})\n\n{asks}\n\n{hints}")


def escaped(text):
    """Return text in which Markdown finds no emphasis and HTML no tag."""
    return "".join(f"\\{letter}" if letter in "*_<`[" else letter for letter in text)


# -- plain -----------------------------------------------------------------------------


def plain_notebook(assignment, make):
    """Return the notebook of a student (`skeleton`) or teacher (`solution`)."""
    said = INTRODUCTION if make is skeleton else SOLUTIONS
    cells = introduction(assignment, said)
    for name in assignment.points:
        checks = code(f"check_my({name})")
        cells += [question(name, assignment), code(make(name)), checks]
    return notebook(cells)


def notebook_files(assignment):
    """Return the files of the format "notebook" by path."""
    name = f"{assignment.week}.ipynb"
    return {
        f"student/{name}": plain_notebook(assignment, skeleton),
        f"teacher/{name}": plain_notebook(assignment, solution),
    }


# -- nbgrader --------------------------------------------------------------------------

NBGRADER_CONFIG = '''\
"""nbgrader: a blank keeps its own line, with nothing below it."""

c = get_config()  # noqa: F821  (nbgrader defines it)
c.ClearSolutions.code_stub = {"python": ""}
'''


def nbgrader_files(assignment):
    """Return the files of the format "nbgrader" by path: a course with one assignment.

    nbgrader makes the student's notebook of the source.
    """
    cells = introduction(assignment)
    for cell, i in zip(cells, range(len(cells)), strict=True):
        cell["metadata"] = nbgrader_cell(f"given_{i}", locked=True)
    for name, points in assignment.points.items():
        asked, written = question(name, assignment), code(with_regions(name))
        tested = code(nbgrader_test(name, assignment.seed))
        asked["metadata"] = nbgrader_cell(f"question_{name}", locked=True)
        written["metadata"] = nbgrader_cell(name, solution=True)
        tested["metadata"] = nbgrader_cell(
            f"test_{name}", locked=True, grade=True, points=points
        )
        cells += [asked, written, tested]
    week = assignment.week
    return {
        "nbgrader_config.py": NBGRADER_CONFIG,
        f"source/{week}/{week}.ipynb": notebook(cells),
    }


def nbgrader_cell(grade_id, *, locked=False, solution=False, grade=False, points=None):
    flags = {"grade": grade, "locked": locked, "solution": solution, "task": False}
    worth = {} if points is None else {"points": points}
    return {"nbgrader": {"grade_id": grade_id, "schema_version": 3, **flags, **worth}}


def with_regions(name):
    """Return the blanks with the solutions below them, in nbgrader's regions.

    The blank stays in the teacher's notebook. Where the solution needs the old value,
    as in w = w - ..., it is `w = w`.
    """

    def lines_of(target, value):
        left = target[: len(target) - len(target.lstrip())]
        old = target.strip() in re.findall(r"\w+", value)
        blank = f"{target.strip()}  # your code" if old else BLANK
        return [
            f"{target} = {blank}",
            f"{left}### BEGIN SOLUTION",
            f"{target} = {value}",
            f"{left}### END SOLUTION",
        ]

    return described(name, blanked(name, lines_of))


def nbgrader_test(name, seed):
    return (
        f'{CHECK}\n\nverdict = check_my({name}, "{name}")\n'
        "assert verdict.passed, verdict\n"
        "### BEGIN HIDDEN TESTS\n"
        f'verdict = check_my({name}, "{name}", random_state={seed})\n'
        "assert verdict.passed, verdict\n"
        "### END HIDDEN TESTS"
    )


# -- otter -----------------------------------------------------------------------------


def otter_files(assignment):
    """Return the files of the format "otter" by path.

    `otter assign` makes the student's notebook and the autograder of the master.
    """
    cells = [raw("# ASSIGNMENT CONFIG"), *introduction(assignment)]
    for name, points in assignment.points.items():
        cells += [
            raw(f"# BEGIN QUESTION\nname: {name}\npoints: {points:g}"),
            question(name, assignment),
            raw("# BEGIN SOLUTION"),
            code(described(name, blanked(name, in_otters_way))),
            raw("# END SOLUTION"),
            raw("# BEGIN TESTS"),
            passing(name, 0, f'check_my({name}, "{name}").passed'),
            passing(
                name,
                points,
                f'check_my({name}, "{name}", random_state={assignment.seed}).passed',
                "hidden: true\n",
            ),
            raw("# END TESTS"),
            raw("# END QUESTION"),
        ]
    return {f"{assignment.week}.ipynb": notebook(cells)}


def in_otters_way(target, value):
    return [f"{target} = {value} # SOLUTION"]


def passing(name, points, expression, more=""):
    """Return a test cell whose expression has to be True, with that output."""
    config = f"points: {points:g}\n{more}"
    cell = code(f'""" # BEGIN TEST CONFIG\n{config}""" # END TEST CONFIG\n')
    cell["source"] += f"\n{CHECK}\n{expression}"
    true = {"text/plain": "True"}
    cell["outputs"] = [
        {
            "output_type": "execute_result",
            "execution_count": 1,
            "metadata": {},
            "data": true,
        }
    ]
    return cell
