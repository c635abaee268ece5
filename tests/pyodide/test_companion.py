"""All that the companion shows runs in its page."""

import json
import re
import runpy

import companion
import pytest

from sknn_scratch.inspection._lessons import LESSONS

DOCS = companion.DOCS
PAGES = sorted(path.stem for path in (DOCS / "course").glob("*.rst"))
runner = runpy.run_path(str(DOCS / "_ext" / "live_runner.py"))
EXERCISES = sorted((DOCS / "course" / "exercises").glob("*.py"))
DOCTEST = """
import doctest
test = doctest.DocTestParser().get_doctest({text!r}, {{}}, {name!r}, None, 0)
doctest.DocTestRunner().run(test)
"""


def stem(path):
    return path.stem


def test_python_is_the_one_that_no_other_test_has(run):
    assert run("import sys; sys.version_info[:2], sys.platform")["text"] == (
        "((3, 14), 'emscripten')\n"
    )


@pytest.mark.parametrize("name", PAGES)
def test_every_block_of_a_page_runs(run, request, name):
    folder = request.getfixturevalue("companion")
    for block in companion.blocks(folder / "course" / f"{name}.html"):
        if "load_dataset" not in block["code"]:  # of the course's own files
            answer = run(**block)
            assert answer["ok"], block["code"] + answer["text"]


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_tells_to_try_prints_what_it_says(run, name):
    text = (DOCS / "course" / f"{name}.rst").read_text(encoding="utf-8")
    answer = run(DOCTEST.format(text=text, name=name))
    assert re.fullmatch(r"TestResults\(failed=0, attempted=\d+\)\n", answer["text"])


@pytest.mark.parametrize("exercise", EXERCISES, ids=stem)
def test_an_exercise_is_not_right_yet_and_its_solution_is(run, exercise):
    answer = run(exercise.read_text(encoding="utf-8"), exercise.stem)
    assert answer["ok"]
    assert f"{exercise.stem} is not right yet" in answer["text"]
    solution = exercise.parent / "solved" / exercise.name
    answer = run(solution.read_text(encoding="utf-8"), exercise.stem)
    assert f"{exercise.stem} is right" in answer["text"]


@pytest.mark.parametrize("name", sorted(LESSONS))
def test_a_lesson_measures_what_it_claims(run, name):
    code = f"from sknn_scratch.inspection import lesson\nlesson({name!r})"
    answer = run(code)
    assert answer["ok"], answer["text"]
    assert len(answer["text"].splitlines()) > 3


NET = """
from sknn_scratch import ShallowNetClassifier
from sknn_scratch.datasets import make_flower
from sknn_scratch.inspection import diagnose, explain_step
X, y = make_flower()
net = ShallowNetClassifier(3, solver="gd", max_iter=5, warn=False, random_state=0)
"""


@pytest.mark.parametrize(
    "line",
    [
        "explain_step(net, X[:4], y[:4])",
        "[finding.code for finding in diagnose(net.fit(X, y), X, y).findings]",
    ],
)
def test_a_step_and_a_diagnosis_are_those_of_another_python(run, line):
    elsewhere = runner["run_block"](NET + line, "", {})
    assert run(NET + line) == json.loads(elsewhere)
