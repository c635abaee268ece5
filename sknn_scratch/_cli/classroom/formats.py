"""The files of an assignment in each format."""

from ...inspection._exercises.tasks import skeleton, solution
from .notebooks import nbgrader_files, notebook_files, otter_files
from .texts import python_file

TESTS = '''\
"""Hidden tests of {week}: a function that passes gives its points.

Put a submission, {week}.py, beside this file and run pytest. The last line says the
points; --junitxml=marks.xml writes them to a file. There is no limit of time here: a
loop that never ends has to be ended with Ctrl-C.
"""

import importlib

import pytest
from sknn_scratch.inspection import check_my

SEED = {seed}
POINTS = {{
{points}
}}


@pytest.mark.parametrize("name", POINTS)
def test_the_function_is_right(name, record_property):
    record_property("points", POINTS[name])
    submission = importlib.import_module("{week}")  # an error costs the points, too
    function = getattr(submission, name, None)
    if function is None:
        pytest.fail(f"There is no function {{name}}.", pytrace=False)
    for random_state in (0, SEED):
        verdict = check_my(function, name, random_state=random_state)
        if not verdict.passed:
            pytest.fail(str(verdict), pytrace=False)
'''

SUMMARY = '''\
"""The sum of the points, at the end of what pytest prints."""


def pytest_terminal_summary(terminalreporter):
    points = {"passed": 0, "failed": 0}
    for outcome in points:
        for report in terminalreporter.getreports(outcome):
            points[outcome] += dict(report.user_properties).get("points", 0)
    total = sum(points.values())
    terminalreporter.write_line(f"{points['passed']:g} of {total:g} points")
'''


def pytest_files(assignment):
    """Return the files of the format "pytest" by path."""
    week = assignment.week
    points = "\n".join(f'    "{name}": {n},' for name, n in assignment.points.items())
    return {
        f"student/{week}.py": python_file(assignment, skeleton),
        f"teacher/{week}.py": python_file(assignment, solution),
        f"teacher/test_{week}.py": TESTS.format(
            week=week, seed=assignment.seed, points=points
        ),
        "teacher/conftest.py": SUMMARY,
    }


FORMATS = {
    "notebook": notebook_files,
    "pytest": pytest_files,
    "nbgrader": nbgrader_files,
    "otter": otter_files,
}
