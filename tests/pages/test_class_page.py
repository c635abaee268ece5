"""The page of `grade`: what is counted, and what is escaped."""

import re

import pytest
from made_class import found, page_of, submission

NASTY = "<b>'&\""


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


def test_the_sum_stands_beside_the_student():
    html = page_of(submission("x", relu=[found("a")]))
    assert re.search(r'>x</a></th><td class="sum">1.5</td>', html)


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
