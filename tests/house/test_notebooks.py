"""The weeks of the course as notebooks: blanks to fill in, right with the solutions."""

import contextlib
import importlib
import io
import json
import pathlib
import re

import matplotlib.pyplot as plt
import pytest

from sknn_scratch.inspection._exercises.tasks import solution

DOCS = pathlib.Path(__file__).parents[2] / "docs"
WEEKS = [DOCS / "course" / f"week{week}.rst" for week in (1, 2, 3, 4)]


@pytest.fixture
def notebook(monkeypatch):
    monkeypatch.syspath_prepend(DOCS / "_ext")
    return importlib.import_module("notebook").notebook


def exercise_of(cell):
    """The name of the function that a cell asks for, or None."""
    (tag,) = cell["metadata"].get("tags", [None])
    return tag and tag.removeprefix("exercise:")


def solved(cell):
    """The code of a cell, with the solution in the place of blanks."""
    code, name = "".join(cell["source"]), exercise_of(cell)
    return f"{solution(name)}\nprint(check_my({name}))" if name else code


def run(cells):
    """Run cells of code in one namespace, as a kernel does; what each one prints."""
    space, printed = {}, []
    for cell in cells:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(solved(cell), space)
        printed.append(out.getvalue())
        plt.close("all")
    return printed


@pytest.mark.parametrize("week", WEEKS, ids=lambda page: page.stem)
def test_with_the_solutions_a_notebook_runs_and_every_exercise_is_right(notebook, week):
    cells = [c for c in notebook(week)["cells"] if c["cell_type"] == "code"]
    printed = dict(zip(map(exercise_of, cells), run(cells), strict=True))
    printed.pop(None)
    assert len(printed) >= 1
    for name, text in printed.items():
        assert text.startswith(f"{name} is right"), text


@pytest.mark.parametrize("week", WEEKS, ids=lambda page: page.stem)
def test_a_notebook_has_blanks_and_no_markup_of_the_page(notebook, week):
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
def test_a_notebook_is_a_file_of_format_4_5(notebook, week):
    made = json.loads(json.dumps(notebook(week)))
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in made["cells"]}) == len(made["cells"])
    for cell in made["cells"]:
        keys = {"cell_type", "id", "metadata", "source"}
        if cell["cell_type"] == "code":
            keys |= {"execution_count", "outputs"}
        assert set(cell) == keys
