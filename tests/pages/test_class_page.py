"""The page of `grade`: what is counted, and what is escaped."""

import re
from types import SimpleNamespace

import pytest

from sknn_scratch._pages.classroom.page import class_page

NASTY = "<b>'&\""


def found(code, text="text"):
    return SimpleNamespace(code=code, text=text)


def submission(student, *, remarks=(), **mistakes):
    """A submission of two functions; given are the mistakes in one of them."""
    marks = [
        SimpleNamespace(
            function=name,
            points=0 if name in mistakes else 1.5,
            out_of=1.5,
            findings=mistakes.get(name, []),
            mistakes=mistakes.get(name, []),
        )
        for name in ("relu", "tanh")
    ]
    points = sum(mark.points for mark in marks)
    return SimpleNamespace(
        student=student,
        file=f"{student}.py",
        marks=marks,
        remarks=[*remarks],
        points=points,
    )


def page_of(*graded):
    return class_page("week3", [*graded], {"a": "Idea A.", "b": "Idea B."})


def test_the_most_frequent_mistake_comes_first_and_counts_students():
    html = page_of(
        submission("x", relu=[found("a")], tanh=[found("a")]),
        submission("y", tanh=[found("b")]),
        submission("z", relu=[found("b")]),
    )
    rows = re.findall(r'<td class="number">(\d+)</td><td>(.*?)<small>', html)
    assert rows == [("2", "Idea B."), ("1", "Idea A.")]


def test_the_foot_of_the_marks_counts_what_is_right():
    html = page_of(submission("x", relu=[found("a")]), submission("y"))
    foot = re.search(r"right, of 2</th>(.*?)</tr>", html)[1]
    assert re.findall(r"<td>(\d+)</td>", foot) == ["1", "2"]


def test_the_mean_is_of_the_sums():
    html = page_of(submission("x", relu=[found("a")]), submission("y"))
    assert "On average 2.2 of 3 points." in html  # (1.5 + 3) / 2


@pytest.mark.parametrize("place", ["student", "text", "remark"])
def test_what_students_write_is_escaped(place):
    texts = dict.fromkeys(("student", "text", "remark"), "x") | {place: NASTY}
    html = page_of(
        submission(
            texts["student"],
            remarks=[texts["remark"]],
            relu=[found("a", texts["text"])],
        )
    )
    assert "<b>" not in html
    assert "&lt;b&gt;" in html


def test_a_class_without_mistakes_has_none():
    html = page_of(submission("x"))
    assert "<p>None.</p>" in html
    assert "<p>All is right.</p>" in html


def test_code_in_a_sentence_is_shown_as_code():
    html = page_of(submission("x", relu=[found("a", "They are `A < 1`.")]))
    assert "<code>A &lt; 1</code>" in html
