"""Which files are submissions, and whose."""

import json
from pathlib import Path

import pytest

from sknn_scratch._cli.classroom.submissions import (
    find_submissions,
    left_out,
    students,
)

FUNCTION = "def sigmoid(Z):\n    return Z\n"


def found(folder, *paths, text=FUNCTION):
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return [one.student for one in find_submissions(folder, ["sigmoid"])]


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["anna.py", "ben.py"], ["anna", "ben"]),
        (["anna/week3.py", "ben/week3.py"], ["anna", "ben"]),
        (["s/anna/w/week3.ipynb", "s/ben/w/week3.ipynb"], ["anna", "ben"]),
        (["a/anna.py", "b/ben.py", "b/anna.py"], ["a/anna", "b/ben", "b/anna"]),
        (["anna.py", "anna.ipynb"], ["anna.py", "anna.ipynb"]),
        (["anna/week3.py"], ["anna"]),
        (["anna/week3.py", "ben/mine.py"], ["anna", "ben"]),
        (
            ["a/w.py", "b/x.py", "c/w.py", "c/v.py", "d/z.py"],
            [*"ab", "c/w", "c/v", "d"],
        ),
        (["week3.py"], ["week3"]),
    ],
)
def test_a_student_is_named_by_what_differs_in_the_paths(paths, names):
    assert students([Path(path) for path in paths]) == names


def test_names_are_in_order(tmp_path):
    assert found(tmp_path, "ben.py", "Anna.py", "carl.py") == ["Anna", "ben", "carl"]


def test_tests_hidden_files_and_others_are_no_submissions(tmp_path):
    paths = ["test_week3.py", "conftest.py", ".ipynb_checkpoints/a.ipynb", "a.txt"]
    assert found(tmp_path, *paths, "__pycache__/a.py", "anna.py") == ["anna"]


def test_a_file_that_only_helps_is_no_submission(tmp_path):
    (tmp_path / "anna").mkdir()
    (tmp_path / "anna" / "helper.py").write_text("x = 1\n")
    assert found(tmp_path, "anna/week3.py", "ben/week3.py") == ["anna", "ben"]


def test_a_file_without_a_function_is_a_submission_where_it_is_alone(tmp_path):
    assert found(tmp_path, "anna.py", "ben/b.py", text="") == ["anna", "ben/b"]


def test_the_ending_may_be_in_capitals(tmp_path):
    assert found(tmp_path, "anna.PY") == ["anna"]


def test_what_is_no_submission_is_told(tmp_path):
    found(tmp_path, "anna.py", "ben/week3.zip", "carl/week3.py", "carl/notes.txt")
    found(tmp_path, "assignment.json", "class.csv", ".hidden", "emil.py.txt")
    (tmp_path / "dora").mkdir()
    submissions = find_submissions(tmp_path, ["sigmoid"])
    told = left_out(tmp_path, submissions, [tmp_path / "class.csv", None])
    assert told == ["ben/week3.zip", "dora", "emil.py.txt"]


def test_a_file_in_utf_16_is_read(tmp_path):
    (tmp_path / "anna.py").write_text(FUNCTION, encoding="utf-16")
    (one,) = find_submissions(tmp_path, ["sigmoid"])
    assert one.cells == [FUNCTION]


def test_a_link_is_no_submission(tmp_path):
    found(tmp_path, "anna.py")
    (tmp_path / "ben.py").symlink_to(tmp_path / "anna.py")
    assert [one.student for one in find_submissions(tmp_path, ["sigmoid"])] == ["anna"]


@pytest.mark.parametrize(
    "text",
    ["{", "[]", "{}", json.dumps({"cells": [5]}), "[" * 100_000, "null"],
    ids=lambda text: text[:9],
)
def test_a_notebook_that_is_none_is_a_submission_with_a_problem(tmp_path, text):
    (tmp_path / "anna.ipynb").write_text(text)
    (one,) = find_submissions(tmp_path, ["sigmoid"])
    assert one.cells == []
    assert one.problem.startswith("The file is no notebook")


def test_any_bytes_are_a_submission(tmp_path):
    (tmp_path / "anna.py").write_bytes(b"\xff\xfe\x00d\x00e\x00f")
    (one,) = find_submissions(tmp_path, ["sigmoid"])
    assert one.problem == ""
