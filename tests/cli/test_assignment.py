"""`sknn-scratch assignment`: what is written, and the marks that grade gives it."""

import json
import os
import runpy
import subprocess
import sys

import pytest
from assignments import asked, graded, written

from sknn_scratch._cli.classroom.formats import FORMATS
from sknn_scratch._cli.main import main
from sknn_scratch._cli.options import ASSIGNMENTS, COURSE_WEEKS
from sknn_scratch.inspection._exercises.tasks import WEEKS, given


def codes_in(notebook):
    cells = json.loads(notebook.read_text())["cells"]
    return [cell["source"] for cell in cells if cell["cell_type"] == "code"]


def test_the_names_of_the_options_are_those_of_the_registries():
    assert ASSIGNMENTS == (*FORMATS,)
    assert COURSE_WEEKS == (*WEEKS,)


@pytest.mark.parametrize("week", WEEKS)
@pytest.mark.parametrize("way", ["notebook", "pytest"])
def test_the_teachers_file_gets_all_points_and_the_students_none(
    tmp_path, capsys, week, way
):
    folder = written(tmp_path / "out", week, way)
    points = asked(folder)
    assert graded(folder, folder / "teacher", capsys)["points"] == sum(points.values())
    student = graded(folder, folder / "student", capsys)
    assert student["points"] == 0
    assert student["mistakes"] == dict.fromkeys(points, ["blank_left"])


@pytest.mark.parametrize("week", WEEKS)
@pytest.mark.parametrize("way", ["nbgrader", "otter"])
def test_the_master_notebook_has_the_solutions(tmp_path, capsys, week, way):
    folder = written(tmp_path / "out", week, way)
    points = graded(folder, folder, capsys)["points"]
    assert points == sum(asked(folder).values())


@pytest.mark.parametrize("way", FORMATS)
def test_the_same_seed_writes_the_same_files(tmp_path, way):
    texts = []
    for place in ("a", "b"):
        folder = written(tmp_path / place, "week2", way)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        texts.append([(path.relative_to(folder), path.read_text()) for path in files])
    assert texts[0] == texts[1]


def test_another_class_has_another_seed(tmp_path):
    seeds = set()
    for place in "abc":
        folder = tmp_path / place
        assert main(["assignment", "week2", "--out", str(folder), "-q"]) == 0
        seeds.add(json.loads((folder / "assignment.json").read_text())["seed"])
    assert len(seeds) > 1


def test_the_seed_is_not_in_the_students_folder(tmp_path):
    for way in ("notebook", "pytest"):
        folder = written(tmp_path / way, "week3", way, 918273645)
        for path in (folder / "student").iterdir():
            assert "918273645" not in path.read_text()


@pytest.mark.parametrize("way", ["notebook", "pytest"])
def test_the_teachers_file_says_that_it_has_the_solutions(tmp_path, way):
    folder = written(tmp_path / "out", "week3", way)
    marked = [
        path.parent.name
        for path in folder.glob("*/week3.*")
        if "keep this file from the students" in path.read_text()
    ]
    assert marked == ["teacher"]


def test_a_students_notebook_has_hints_that_are_folded(tmp_path):
    folder = written(tmp_path / "out", "week3")
    cells = json.loads((folder / "student/week3.ipynb").read_text())["cells"]
    texts = [cell["source"] for cell in cells if cell["cell_type"] == "markdown"]
    asked = [text for text in texts if text.startswith("## ")]
    assert len(asked) == len(WEEKS["week3"])
    assert all(text.count("<details><summary>Hint") == 3 for text in asked)


def test_a_students_file_checks_itself(tmp_path):
    folder = written(tmp_path / "out", "week2", "pytest")
    file = folder / "student/week2.py"
    done = subprocess.run(
        [sys.executable, file], capture_output=True, text=True, check=True
    )
    assert done.stdout.count("blank_left") >= len(WEEKS["week2"])


@pytest.mark.parametrize("way", ["notebook", "pytest"])
def test_functions_of_earlier_weeks_are_given(tmp_path, way):
    folder = written(tmp_path / "out", "week3", way)
    if way == "pytest":
        space = runpy.run_path(str(folder / "student/week3.py"))
    else:
        space = {}
        for code in codes_in(folder / "student/week3.ipynb"):
            exec(code, space)
    for name in given("week3"):
        assert space[name](0.0) == 0.5


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("1 - A1**2", "1 - A1"), "12 of 17 points"),
        (("def tanh(", "def thna("), "16 of 17 points"),
        (("return A", "return (A"), "0 of 17 points"),
    ],
)
def test_the_hidden_tests_of_pytest_give_the_points(tmp_path, change, told):
    folder = written(tmp_path / "out", "week3", "pytest")
    file = folder / "teacher/week3.py"
    file.write_text(file.read_text().replace(*change))
    words = ["-m", "pytest", "-p", "no:cacheprovider", "-c", os.devnull, "."]
    done = subprocess.run(
        [sys.executable, *words], cwd=file.parent, capture_output=True, text=True
    )
    assert told in done.stdout


def test_a_folder_with_files_is_not_written_to(tmp_path, capsys):
    folder = written(tmp_path / "out", "week3")
    assert main(["assignment", "week3", "--out", str(folder)]) == 2
    assert "must be a new or an empty folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("week5 --out x", "WEEK must be one of week2, week3, week4, got 'week5'"),
        ("wek3 --out x", "did you mean week3?"),
        ("week3 --out x --for moodle", "--for must be one of notebook, pytest"),
        ("week3 --out x --seed -1", "--seed must be from 0 to"),
        ("week3", "--out must be given"),
    ],
)
def test_wrong_arguments_end_in_one_line(tmp_path, monkeypatch, capsys, words, told):
    monkeypatch.chdir(tmp_path)
    assert main(["assignment", *words.split()]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert not [*tmp_path.iterdir()]
