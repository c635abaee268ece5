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
    for code, is_exercise in companion.blocks(folder / "course" / f"{name}.html"):
        if not is_exercise and ".h5" not in code:  # the course's own files
            answer = run(code)
            assert answer["ok"], code + answer["text"]


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_tells_to_try_prints_what_it_says(run, name):
    text = (DOCS / "course" / f"{name}.rst").read_text(encoding="utf-8")
    answer = run(DOCTEST.format(text=text, name=name))
    assert re.fullmatch(r"TestResults\(failed=0, attempted=\d+\)\n", answer["text"])


def test_each_exercise_has_a_version_that_is_right_and_one_that_is_not(run, request):
    folder, right, wrong = request.getfixturevalue("companion"), {}, set()
    pages = [companion.blocks(folder / "course" / f"{name}.html") for name in PAGES]
    for code in [code for page in pages for code, is_exercise in page if is_exercise]:
        name = re.findall(r"check_my\((\w+)\)", code)[-1]
        answer = run(code)
        assert answer["ok"], code + answer["text"]
        if f"{name} is right" in answer["text"]:
            right[name] = code
        else:
            assert f"{name} is not right yet" in answer["text"]
            wrong.add(name)
            run(right.get(name, ""))  # others call it
    assert len(right) > 10
    assert set(right) == wrong


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
    elsewhere = runner["run_block"](NET + line, {})
    assert run(NET + line) == json.loads(elsewhere)
