"""Equations and exercises of the pages, as Sphinx sets them."""

import pathlib
import re
import xml.etree.ElementTree as ET

import mathml
import pytest
from docutils.core import publish_doctree
from docutils.nodes import literal_block, reference
from docutils.parsers.rst import directives
from exercise import Exercise, page_of

from sknn_scratch.inspection._exercises.tasks import TASKS, helpers

DOCS = pathlib.Path(__file__).parents[2] / "docs"
PAGES = sorted([*DOCS.glob("*.rst"), *(DOCS / "course").glob("*.rst")])


def equations():
    for page in PAGES:
        text = page.read_text()
        yield from re.findall(r":math:`([^`]+)`", text)
        for block in re.findall(r"^\.\. math::\n\n((?:   .*\n)+)", text, re.MULTILINE):
            yield from (
                part.strip()
                for line in block.split("\n")
                for part in line.split(r"\qquad")
                if part.strip()
            )


EQUATIONS = sorted(set(equations()))


def test_there_are_equations():
    assert len(EQUATIONS) > 30


@pytest.mark.parametrize("latex", EQUATIONS)
def test_an_equation_is_mathml_with_a_text_of_letters_alone(latex):
    element = ET.fromstring(mathml.mathml(latex, large=True))
    assert element.tag == "{http://www.w3.org/1998/Math/MathML}math"
    assert len(element) > 0
    assert not set("\\{}") & set(element.get("alttext"))
    assert "\\" not in "".join(element.itertext())


@pytest.mark.parametrize(
    ("latex", "said"),
    [
        (r"a < b", "a < b"),
        (r"dw = \frac{1}{m}\, x", "dw = (1)/(m) x"),
        (r"w \leftarrow \frac{\partial J}{\partial w}", "w := (d J)/(d w)"),
    ],
)
def test_the_text_of_an_equation_is_what_it_says(latex, said):
    assert mathml.in_letters(latex) == said


@pytest.fixture(scope="module")
def exercises():
    directives.register_directive("exercise", Exercise)
    return {name: publish_doctree(f".. exercise:: {name}\n") for name in TASKS}


@pytest.mark.parametrize("name", TASKS)
def test_an_exercise_has_hints_a_solution_and_a_bug_and_all_are_folded(exercises, name):
    (box,) = exercises[name].children
    folded = [node for node in box.children if node.get("collapsible") == "closed"]
    titles = [node.children[0].astext() for node in folded]
    assert titles == ["Hint 1", "Hint 2", "Hint 3", "Solution", "Find the bug"]
    assert "is not right yet" in folded[-1].children[-1].astext()


@pytest.mark.parametrize("name", TASKS)
def test_what_an_exercise_gives_to_run_is_marked_and_whole(exercises, name):
    found = exercises[name].findall(literal_block)
    marked = [node.astext() for node in found if "exercise-code" in node["classes"]]
    assert len(marked) == 3  # blanks, solution, bug
    for code in marked:
        assert code.startswith("import numpy as np\nfrom sknn_scratch.inspection")
        assert code.endswith(f"print(check_my({name}))")


def test_an_exercise_links_to_those_that_it_calls(exercises):
    links = [node["refuri"] for node in exercises["optimize"].findall(reference)]
    assert links == [
        "week2.html#exercise-sigmoid",
        "week2.html#exercise-propagate",
    ]


@pytest.mark.parametrize("name", TASKS)
def test_a_solution_runs_in_a_page_of_its_own_week(exercises, name, capsys):
    space = {}
    own = [other for other in helpers(name) if page_of(other) == page_of(name)]
    for function in [*own, name]:
        found = exercises[function].findall(literal_block)
        marked = [node.astext() for node in found if "exercise-code" in node["classes"]]
        exec(marked[1], space)
    assert "not right" not in capsys.readouterr().out
