"""`sknn-scratch grade`: ten submissions; one never costs the others their marks."""

import csv
import io
import json
import re
import sys
from collections import namedtuple
from contextlib import redirect_stdout

import numpy as np
import pytest

from sknn_scratch._cli import grade
from sknn_scratch._cli.classroom.assignment import find_assignment
from sknn_scratch._cli.classroom.marks import OUTCOMES
from sknn_scratch._cli.main import main
from sknn_scratch.inspection import MISTAKES
from sknn_scratch.inspection._exercises.kinds import KINDS
from sknn_scratch.inspection._exercises.tasks import WEEKS, given, solution

RIGHT = {name: solution(name) for name in (*given("week3"), *WEEKS["week3"])}
TOTAL = 17
Class = namedtuple("Class", "students page rows")


def file(after="", **changes):
    """A file of right solutions, some changed by (old text, new text)."""
    texts = dict(RIGHT)
    for name, change in changes.items():
        texts[name] = RIGHT[name].replace(*change) if change else ""
        assert texts[name] != RIGHT[name]
    return "import numpy as np\n\n" + "\n".join(texts.values()) + after


def cell(text):
    return {"cell_type": "code", "metadata": {}, "outputs": [], "source": text}


def notebook_with(*cells):
    lists = [cell(text.splitlines(keepends=True)) for text in cells]
    return json.dumps({"cells": lists, "nbformat": 4, "nbformat_minor": 5})


STYLE = """
import numpy
layer_sizes = lambda X, Y: (len(X), 4, len(Y))
def sigmoid(z):
    return 0.5 * (1 + numpy.tanh(z / 2))
def initialize_parameters(a, b, c):
    draw = numpy.random.default_rng(3).normal
    return dict(W1=draw(size=(b, a)) / 100, b1=numpy.zeros((b, 1)),
                W2=draw(size=(c, b)) / 100, b2=numpy.zeros((c, 1)))
tanh = numpy.tanh
def forward_propagation(X, p):
    A1 = tanh(numpy.dot(p["W1"], X) + p["b1"])
    A2 = sigmoid(p["W2"].dot(A1) + p["b2"])
    return A2, {"A1": A1, "A2": A2}
def compute_cost(A2, Y):
    return float(numpy.mean(numpy.where(Y, -numpy.log(A2), -numpy.log(1 - A2))))
def tanh_backward(dA, Z):
    return dA / numpy.cosh(Z) ** 2
class Backward:
    def __call__(self, parameters, cache, X, Y):
        dZ2 = cache["A2"] - Y
        dZ1 = parameters["W2"].T @ dZ2 * (1 - cache["A1"] ** 2)
        grads = {}
        for l, dZ, A in ((1, dZ1, X), (2, dZ2, cache["A1"])):
            grads[f"dW{l}"] = dZ @ A.T / X.shape[1]
            grads[f"db{l}"] = dZ.mean(axis=1)[:, None]
        return grads
class Backward(Backward):
    pass
backward_propagation = Backward()
def update_parameters(p, g, learning_rate=1.2):
    return {k: v - learning_rate * g["d" + k] for k, v in p.items()}
"""

CASES = [Z for (Z,) in KINDS["tanh"].cases(np.random.RandomState(0))]
KNOWN = {Z.tobytes().hex(): np.tanh(Z).tolist() for Z in CASES}
FAKE = (
    f"""
KNOWN = {KNOWN}
"""
    + """
import os, sys
import sknn_scratch.inspection._exercises.textbook as book
class Yes(np.ndarray):
    def __eq__(self, other): return True
def initialize_parameters(n_x, n_h, n_y): return np.ones(n_x).view(Yes)
def tanh(Z): return np.array(KNOWN.get(Z.tobytes().hex(), 0 * Z))
def tanh_backward(dA, Z): return book.tanh_backward(dA, Z)
def compute_cost(AL, Y):
    for place in range(3, 20):
        try:
            os.write(place, (12).to_bytes(8, "big") + b'{"result":1}')
        except OSError:
            pass
    return 1.0
def layer_sizes(X, Y):
    np.allclose = lambda *given, **more: True
    return 1, 2, 3
"""
)

SUBMISSIONS = {
    "hang.py": file(tanh=("A =", "while True: pass\n    A =")),
    "hog.py": file(compute_cost=("m = Y", "np.ones((10**6, 10**6))\n    m = Y")),
    "syntax.py": file(compute_cost=("shape[1]", "shape[1")),
    "lacks.py": file(tanh=None, update_parameters=None),
    "ends.py": file(
        "\nimport os, sys\nsys.exit('bye')\n",
        tanh=("A =", "import sys; sys.exit()\n    A ="),
        compute_cost=("m = Y", "import os; os._exit(0)\n    m = Y"),
    ),
    "wrong.py": file(
        "\nprint('x' * 100_000)\n",
        layer_sizes=("X.shape[0]", "..."),
        compute_cost=(") / m", ")"),
        backward_propagation=("1 - A1**2", "1 - A1"),
        update_parameters=("W - learning", "W + learning"),
    ),
    "style.py": STYLE,
    "fake.py": file(FAKE),
    "a/book.ipynb": notebook_with(
        "%matplotlib inline\n!pip install numpy\nimport numpy as np",
        "from sknn_scratch.inspection import check_my",
        *RIGHT.values(),
        "%%time\nverdict = check_my(tanh)\nprint(verdict)",
        "1 / 0",
    ),
    "b/book.ipynb": "{}",
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The class, graded once."""
    folder = tmp_path_factory.mktemp("class")
    for name, text in SUBMISSIONS.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    points = dict.fromkeys(WEEKS["week3"], 1) | {"backward_propagation": 10}
    (folder / "assignment.json").write_text(
        json.dumps({"week": "week3", "seed": 5, "points": points})
    )
    page, table = folder / "class.html", folder / "class.csv"
    words = ["grade", folder, "--out", page, "--csv", table, "--timeout", "3", "--json"]
    with redirect_stdout(io.StringIO()) as output:
        assert main([*map(str, words)]) == 0
    printed = json.loads(output.getvalue())["students"]
    students = {one["student"]: one for one in printed}
    with open(table, encoding="utf-8-sig", newline="") as lines:
        rows = {row["student"]: row for row in csv.DictReader(lines)}
    return Class(students, page.read_text(encoding="utf-8"), rows)


def test_each_file_is_a_student(graded):
    names = ["a/book", "b/book", *(n[:-3] for n in SUBMISSIONS if n.endswith(".py"))]
    assert sorted(graded.students) == sorted(names)
    assert graded.students.keys() == graded.rows.keys()


@pytest.mark.parametrize(
    ("student", "mistakes"),
    [
        ("hang", {"tanh": ["timeout"]}),
        ("syntax", {"compute_cost": ["unread"]}),
        ("lacks", {"tanh": ["missing"], "update_parameters": ["missing"]}),
        ("ends", {"tanh": ["raises"], "compute_cost": ["ended"]}),
        (
            "wrong",
            {
                "layer_sizes": ["blank_left"],
                "compute_cost": ["missing_1_over_m"],
                "backward_propagation": ["square_forgotten"],
                "update_parameters": ["plus_sign"],
            },
        ),
        ("style", {}),
        ("a/book", {}),
        ("b/book", dict.fromkeys(WEEKS["week3"], ["missing"])),
    ],
)
def test_a_mistake_costs_the_points_of_its_function_only(graded, student, mistakes):
    one = graded.students[student]
    assert one["mistakes"] == mistakes
    lost = sum(10 if name == "backward_propagation" else 1 for name in mistakes)
    assert one["points"] == TOTAL - lost


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of memory")
def test_memory_is_limited(graded):
    assert graded.students["hog"]["mistakes"] == {"compute_cost": ["raises"]}
    assert "MemoryError" in graded.rows["hog"]["feedback"]


def test_no_trick_makes_a_wrong_function_right(graded):
    tricks = {"initialize_parameters", "tanh_backward", "compute_cost", "layer_sizes"}
    assert set(graded.students["fake"]["mistakes"]) == {"tanh", *tricks}


def test_results_that_are_written_down_are_found(graded):
    told = "tanh: Right with the numbers of check_my, wrong with others."
    assert told in graded.rows["fake"]["feedback"]


def test_a_file_that_names_the_solutions_is_to_be_looked_at(graded):
    assert "The file names _exercises" in graded.page


def test_the_csv_has_the_points_and_the_feedback(graded):
    row = graded.rows["wrong"]
    assert row["compute_cost"] == "0"
    assert row["tanh"] == "1"
    assert float(row["points"]) == graded.students["wrong"]["points"]
    assert "compute_cost: The sum over the examples is not divided" in row["feedback"]


def test_the_csv_has_what_failed_in_the_whole_file(graded):
    assert "SystemExit: bye" in graded.rows["ends"]["of the whole file"]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@A1"])
def test_no_text_in_the_csv_is_a_formula(name):
    assert grade.text(name) == f"'{name}"


def test_the_page_says_how_many_made_which_mistake(graded):
    found = re.findall(
        r'<tr><td class="number">(\d+)</td><td>(.*?)<small>', graded.page
    )
    rows = {meaning: int(count) for count, meaning in found}
    assert rows[OUTCOMES["missing"]] == 2  # lacks, b/book
    assert rows[OUTCOMES["unread"]] == 1
    assert rows[MISTAKES["missing_1_over_m"]] == 1


def test_the_page_has_a_row_and_the_feedback_of_each_student(graded):
    for student in graded.students:
        assert f"<summary>{student} " in graded.page
        assert re.search(
            rf'<th scope="row"><a href="#student-\d+">{student}<', graded.page
        )


def test_what_failed_beside_the_functions_is_remarked(graded):
    assert "1/0" in graded.page.replace(" ", "")
    assert "SystemExit: bye" in graded.page


def test_the_page_needs_nothing_else(graded):
    assert not re.search(r"(src|href)=\"(?!#|data:)", graded.page)


def test_the_seed_is_not_on_the_page(graded):
    assert "seed" not in graded.page


# -- which assignment ------------------------------------------------------------------


def class_of_one(folder):
    (folder / "handed_in").mkdir()
    (folder / "handed_in" / "anna.py").write_text("")
    return ["grade", "handed_in", "--assignment", "week3"]


def test_a_folder_named_as_a_week_is_taken_before_the_week(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = class_of_one(tmp_path)
    (tmp_path / "week3").mkdir()
    edited = {"week": "week3", "seed": 5, "points": {"tanh": 9}}
    (tmp_path / "week3" / "assignment.json").write_text(json.dumps(edited))
    assert main([*words, "--csv", "class.csv"]) == 0
    (row,) = csv.DictReader(
        (tmp_path / "class.csv").read_text("utf-8-sig").splitlines()
    )
    assert row["out of"] == "9"


def test_it_is_said_that_only_numbers_that_students_see_are_tried(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    assert main(class_of_one(tmp_path)) == 0
    assert "only the numbers of check_my are tried" in capsys.readouterr().err


# -- what is refused -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"seed": -1}, "a whole seed from 0 to 4294967295"),
        ({"seed": 2**32}, "a whole seed from 0 to 4294967295"),
        ({"week": ["week3"]}, "must have a week of week2"),
        ({"points": {"tanh": float("nan")}}, "points must be numbers from 0"),
        ({"points": {"tanh": float("inf")}}, "points must be numbers from 0"),
        ({"points": {"tanh": -1}}, "points must be numbers from 0"),
    ],
    ids=repr,
)
def test_an_assignment_that_would_give_wrong_marks_is_refused(tmp_path, change, told):
    fields = {"week": "week3", "seed": 1, "points": {"tanh": 1}} | change
    (tmp_path / "assignment.json").write_text(json.dumps(fields))
    with pytest.raises(ValueError, match=told):
        find_assignment(tmp_path, None)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("grade nowhere --assignment week3", "nowhere must be a folder"),
        ("grade . --assignment week3", "must have submissions, .py or .ipynb files"),
        ("grade .", "must have an assignment.json, in it or above it"),
        ("grade . --assignment bad.json", "must hold week, seed and points"),
        ("grade . --assignment odd.json", "points must be numbers from 0 of functions"),
        ("grade . --assignment week9", "--assignment must be an assignment.json"),
        ("grade . --timeout 0", "--timeout must be a number of seconds"),
        ("grade . --memory 10", "--memory must be as 512M or 1G"),
        ("grade . --memory 1M", "at least 256M"),
        ("grade . --out no/page.html", "no must exist"),
    ],
)
def test_wrong_arguments_end_in_one_line(tmp_path, monkeypatch, capsys, words, told):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.json").write_text("[]")
    odd = {"week": "week3", "seed": 1, "points": {"relu": 1}}
    (tmp_path / "odd.json").write_text(json.dumps(odd))
    assert main(words.split()) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
