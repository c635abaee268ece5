"""Marks of submissions: what one mistake costs, and what is run after an end."""

from pathlib import Path

import pytest

from sknn_scratch._cli.classroom.assignment import Assignment, make_assignment
from sknn_scratch._cli.classroom.marks import CODES, grade
from sknn_scratch._cli.classroom.runner import Limits
from sknn_scratch._cli.classroom.submissions import Submission
from sknn_scratch.inspection import MISTAKES
from sknn_scratch.inspection._exercises.tasks import WEEKS, given, solution


def marked(week, *cells, timeout=20.0, without=(), **changes):
    """Grade a submission of right solutions, some changed by (old text, new text)."""
    names = [n for n in (*given(week), *WEEKS[week]) if n not in without]
    texts = {name: solution(name) for name in names}
    texts |= {name: texts[name].replace(*change) for name, change in changes.items()}
    whole = "\n".join(["import numpy as np", *texts.values(), *cells])
    submission = Submission("anna", Path("anna.py"), [whole])
    return grade(
        submission, "anna.py", make_assignment(week, 1), Limits(timeout, 2**30)
    )


def wrong(graded):
    return [mark.function for mark in graded.marks if mark.mistakes]


@pytest.mark.parametrize("week", WEEKS)
def test_right_solutions_get_all_points(week):
    graded = marked(week)
    assert graded.points == sum(make_assignment(week, 1).points.values())
    assert graded.remarks == []


def test_a_wrong_function_does_not_cost_those_that_call_it():
    graded = marked("week2", sigmoid=("-Z", "Z"))
    assert wrong(graded) == ["sigmoid"]


def test_it_does_not_cost_those_that_call_it_where_the_textbook_does_not():
    graded = marked(
        "week3", tanh=("return A", "return -A"), forward_propagation=("np.tanh", "tanh")
    )
    assert wrong(graded) == ["tanh"]


def test_a_function_is_right_with_those_of_the_submission_that_take_other_arguments():
    graded = marked(
        "week3",
        tanh_backward=("A = np.tanh(Z)", "A = Z"),
        backward_propagation=("dA1 * (1 - A1**2)", "tanh_backward(dA1, A1)"),
    )
    assert wrong(graded) == ["tanh_backward"]


def test_a_function_that_is_missing_does_not_cost_those_that_call_it():
    assert wrong(marked("week2", without=["propagate"])) == ["propagate"]


@pytest.mark.parametrize(
    ("source", "code", "told"),
    [
        ("def relu(Z):\n    return (Z", "unread", "line 2, return (Z: SyntaxError"),
        ("class Net:\n    def relu(self, Z): pass", "indented", "at the left edge"),
        ("def ReLU(Z): return Z", "misnamed", "Is `ReLU` meant? Call it `relu`."),
        ("def tanh(Z): return Z", "missing", "There is no function of this name."),
    ],
)
def test_it_is_said_why_a_function_is_missing(source, code, told):
    graded = grade(
        Submission("anna", Path("anna.py"), [source]),
        "anna.py",
        Assignment("week4", 1, {"relu": 1}),
        Limits(20.0, 2**30),
    )
    (found,) = graded.marks[0].findings
    assert found.code == code
    assert told in found.text


def test_a_given_function_may_be_missing():
    assert wrong(marked("week3", without=["sigmoid"])) == []


def test_a_wrong_function_is_replaced_in_a_new_process_too():
    ends = ("w = np", "import os; os._exit(1)\n    w = np")
    graded = marked("week2", sigmoid=("-Z", "Z"), initialize_with_zeros=ends)
    assert wrong(graded) == ["sigmoid", "initialize_with_zeros"]


def test_of_a_file_that_does_not_end_the_functions_are_marked():
    graded = marked("week3", "while True: pass", timeout=1.0)
    assert wrong(graded) == []
    assert "The file has not ended in time" in graded.remarks[0]


def test_of_a_file_that_ends_its_process_the_functions_are_marked():
    graded = marked("week3", "import os", "os._exit(0)")
    assert wrong(graded) == []
    assert "has ended the process" in graded.remarks[0]


@pytest.mark.parametrize(
    "value",
    [
        "object()",
        "{1: 2, (3, 4): [5]}",
        "np.array([None])",
        "[[[[[[[[[[[[1]]]]]]]]]]]]",
        "np.zeros((0, 3))",
        "np.zeros((3,) * 20)[:0]",
        "1j",
        "10**5000",
        "type('Odd', (), {'__array__': lambda self: 1 / 0})()",
        "(lambda: 0)",
        "np.ones(1, dtype=[('a', float)])",
    ],
)
def test_strange_results_are_wrong(value):
    graded = marked("week3", tanh=("return A", f"return {value}"))
    assert wrong(graded) == ["tanh"]
    assert graded.marks[2].findings[0].code in CODES


def test_every_code_has_its_sentence():
    assert set(MISTAKES) < set(CODES)


def test_a_process_that_ends_between_two_calls_does_not_end_the_grading():
    ends = "import builtins\nbuiltins.exec = None"  # a right function cannot be put in
    graded = marked("week2", ends, sigmoid=("-Z", "Z"))
    assert wrong(graded) == ["sigmoid"]


def test_what_cannot_be_encoded_is_escaped():
    text = "\\ud800"
    raises = ("w = np", f"raise ValueError('{text}')\n    w = np")
    graded = marked("week2", f"1 / {text!r}", initialize_with_zeros=raises)
    said = [found.text for mark in graded.marks for found in mark.findings]
    "".join([*said, *graded.remarks]).encode()  # raises no error


def test_the_name_of_a_file_that_is_no_text_is_escaped():
    submission = Submission("anna\udcff", Path("anna\udcff.py"), [])
    assignment = make_assignment("week2", 1)
    graded = grade(submission, "anna\udcff.py", assignment, Limits())
    assert (graded.student, graded.file) == (r"anna\udcff", r"anna\udcff.py")
