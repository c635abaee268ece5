"""The weeks of the course as notebooks: blanks to fill in, right with the solutions."""

import contextlib
import io
import json
import pathlib
import re
import runpy
from functools import cache

import matplotlib.pyplot as plt
import pytest

from sknn_scratch.inspection._exercises.tasks import solution

DOCS = pathlib.Path(__file__).parents[2] / "docs"
notebook = runpy.run_path(str(DOCS / "_ext" / "notebook.py"))["notebook"]
WEEKS = [DOCS / "course" / f"week{week}.rst" for week in (1, 2, 3, 4)]


def exercise_of(cell):
    """The name of the function that a cell asks for, or None."""
    (tag,) = cell["metadata"].get("tags", [None])
    return tag and tag.removeprefix("exercise:")


def solved(cell):
    """The code of a cell, with the solution in the place of blanks."""
    code, name = "".join(cell["source"]), exercise_of(cell)
    return f"{solution(name)}\nprint(check_my({name}))" if name else code


@cache
def ran(week):
    """Run a notebook's code in one namespace: exercises with what they print."""
    space, printed = {}, []
    cells = [c for c in notebook(week)["cells"] if c["cell_type"] == "code"]
    for cell in cells:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(solved(cell), space)
        printed.append((exercise_of(cell), out.getvalue()))
        plt.close("all")
    return printed


@pytest.mark.parametrize("week", WEEKS, ids=lambda page: page.stem)
def test_with_the_solutions_a_notebook_runs_and_every_exercise_is_right(week):
    exercises = {name: text for name, text in ran(week) if name}
    assert len(exercises) >= 1
    for name, text in exercises.items():
        assert text.startswith(f"{name} is right"), text


@pytest.mark.parametrize("week", WEEKS[1:3], ids=lambda page: page.stem)
def test_the_reader_s_functions_train_as_the_page_says(week):
    (said,) = re.findall(r"^   print\(.*# (\S+), as above", week.read_text(), re.M)
    _, printed = ran(week)[-1]
    assert printed.strip() == said


@pytest.mark.parametrize("week", WEEKS, ids=lambda page: page.stem)
def test_a_notebook_has_blanks_and_no_markup_of_the_page(week):
    cells = notebook(week)["cells"]
    asked = {exercise_of(cell) for cell in cells} - {None}
    assert asked == set(re.findall(r"^\.\. exercise:: (\w+)", week.read_text(), re.M))
    for cell in cells:
        text = "".join(cell["source"])
        if exercise_of(cell):
            assert "= ...  # your code" in text
        if cell["cell_type"] == "markdown":
            assert not re.search(r":\w+:`|^\.\. |^>>>", text, re.MULTILINE), text


@pytest.mark.parametrize("week", WEEKS, ids=lambda page: page.stem)
def test_a_notebook_is_a_file_of_format_4_5(week):
    made = json.loads(json.dumps(notebook(week)))
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in made["cells"]}) == len(made["cells"])
    for cell in made["cells"]:
        keys = {"cell_type", "id", "metadata", "source"}
        if cell["cell_type"] == "code":
            keys |= {"execution_count", "outputs"}
        assert set(cell) == keys
