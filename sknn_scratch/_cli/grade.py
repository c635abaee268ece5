"""`sknn-scratch grade`: the marks of a class, and who made which mistake."""

import csv
import importlib.util
import io
import os

from .console import counting, detail, note, say, terminal
from .output import check_can_write

MOST_NAMED = 20  # of the files that are not graded
FORMULA = ("=", "+", "-", "@", "\t")  # what a spreadsheet would compute


def run_grade(arguments):
    """Run the submissions, each in a process of its own, and write page and CSV."""
    from .classroom.assignment import SHOWN, find_assignment
    from .classroom.runner import Limits
    from .classroom.submissions import find_submissions, left_out

    for path, flag in ((arguments.out, "--out"), (arguments.csv, "--csv")):
        if path is not None:
            check_can_write(path, [], flag)
    check_folder(arguments.folder)
    assignment = find_assignment(arguments.folder, arguments.assignment)
    submissions = find_submissions(arguments.folder, assignment.points)
    if not submissions:
        raise ValueError(
            f"{arguments.folder} must have submissions, .py or .ipynb files, got none."
        )
    if assignment.seed == SHOWN:
        note(
            "only the numbers of check_my are tried, which students can see: name an "
            "assignment.json with another seed."
        )
    if importlib.util.find_spec("resource") is None:
        note("this system has no limits of memory: --memory is not used.")
    if others := left_out(
        arguments.folder, submissions, [arguments.out, arguments.csv]
    ):
        listed = ", ".join(others[:MOST_NAMED]) + ", ..." * (len(others) > MOST_NAMED)
        note(f"{len(others)} without a .py or .ipynb file, not graded: {listed}.")
    limits = Limits(arguments.timeout, arguments.memory)
    graded = grade_all(submissions, arguments.folder, assignment, limits)
    write(arguments, assignment, graded)
    return {
        "file": arguments.out,
        "week": assignment.week,
        "not_graded": others,
        "students": [
            {
                "student": one.student,
                "file": one.file,
                "points": one.points,
                "functions": {mark.function: mark.points for mark in one.marks},
                "mistakes": mistakes_of(one),
            }
            for one in graded
        ],
    }


def check_folder(folder):
    """Raise an error of one line if this is no folder."""
    if not os.path.isdir(folder):
        raise NotADirectoryError(
            f"{folder} must be a folder with submissions, a file or a folder for each "
            "student."
        )


def grade_all(submissions, folder, assignment, limits):
    """Return the submissions with their marks."""
    from .classroom.marks import grade

    graded = []
    with counting(terminal()) as show:
        for submission in submissions:
            show("submissions", len(graded), len(submissions))
            file = submission.path.relative_to(folder).as_posix()
            detail(f"running {file}")  # it may end this process, too
            graded.append(grade(submission, file, assignment, limits))
        show("submissions", len(graded), len(submissions))
    return graded


def write(arguments, assignment, graded):
    """Write the page and the CSV."""
    from .._html.page import write_page
    from .._pages.classroom.page import class_page
    from .._storage.atomic import write_atomically
    from .classroom.marks import CODES

    write_page(arguments.out, class_page(assignment.week, graded, CODES))
    total = sum(assignment.points.values())
    mean = sum(one.points for one in graded) / len(graded)
    say(f"{len(graded)} submissions, on average {mean:.3g} of {total:g} points.")
    say(f"Wrote {arguments.out}: open it in a browser.")
    if arguments.csv is not None:
        text = table(assignment, graded)
        write_atomically(arguments.csv, text.encode("utf-8-sig"), ".csv.part")
        say(f"Wrote {arguments.csv}.")


def table(assignment, graded):
    """Return the marks and the feedback as CSV."""
    file = io.StringIO()
    writer = csv.writer(file)
    names = [*assignment.points]
    more = ["points", "out of", "feedback", "of the whole file"]
    writer.writerow(["student", "file", *names, *more])
    total = sum(assignment.points.values())
    for one in graded:
        points = [mark.points for mark in one.marks]
        texts = [one.student, one.file]
        said = " ".join(
            f"{mark.function}: {found.text}"
            for mark in one.marks
            for found in mark.mistakes
        )
        told = [text(said), text(" ".join(one.remarks))]
        writer.writerow([*map(text, texts), *points, one.points, total, *told])
    return file.getvalue()


def text(value):
    """Return a text that a spreadsheet does not take for a formula."""
    return f"'{value}" if value.startswith(FORMULA) else value


def mistakes_of(one):
    """Return the codes of the mistakes by function."""
    return {
        mark.function: [found.code for found in mark.mistakes]
        for mark in one.marks
        if mark.mistakes
    }
