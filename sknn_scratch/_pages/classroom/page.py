"""The page of `sknn-scratch grade` on the submissions of a class."""

import re
from html import escape

from ..._html.page import asset, page
from ..._version import __version__

MISSING = ("missing", "misnamed", "blank_left")


def class_page(week, graded, meanings):
    """Return the page as HTML.

    `graded` are the submissions with their marks, `meanings` the sentences of the codes
    of mistakes.
    """
    out_of = total_of(graded[0].marks)
    mean = sum(one.points for one in graded) / len(graded)
    count = f"{len(graded)} submission{'s' * (len(graded) != 1)}"
    sections = [
        ("Marks", marks_table(graded)),
        ("Mistakes", mistakes_table(graded, meanings)),
        ("Feedback", "".join(map(feedback, graded, range(len(graded))))),
    ]
    links = " ".join(f'<a href="#{title}">{title}</a>' for title, _ in sections)
    body = "".join(
        f'<section id="{title}">\n<h2>{title}</h2>\n{html}</section>\n'
        for title, html in sections
    )
    return page(
        f"{week}: {count}",
        f"<main>\n<h1>{escape(week)}: {count}</h1>\n"
        f"<p>On average {number(mean)} of {number(out_of)} points.</p>\n"
        f'<nav aria-label="Sections">{links}</nav>\n{body}</main>\n'
        f"<footer>sknn_scratch {escape(__version__)}</footer>",
        style=asset(__package__, "classroom.css"),
    )


def total_of(marks):
    return sum(mark.out_of for mark in marks)


def number(value):
    """Return points as text: 2.0 as `2`, 11.25 as `11.2`."""
    return f"{value:.1f}".removesuffix(".0")


# -- marks -----------------------------------------------------------------------------


def marks_table(graded):
    """Return a table: students, the sum of their points, and those for each function.

    The sum comes first: on a telephone the functions have to be scrolled to.
    """
    marks = graded[0].marks
    heads = "".join(
        f'<th scope="col"><span>{escape(mark.function)}</span></th>' for mark in marks
    )
    rows = "".join(map(row_of, graded, range(len(graded))))
    right = "".join(
        f"<td>{sum(not one.marks[i].mistakes for one in graded)}</td>"
        for i in range(len(marks))
    )
    out_of = "".join(f"<td>{number(mark.out_of)}</td>" for mark in marks)
    return (
        '<div class="wide" tabindex="0" role="region" aria-label="Marks">\n'
        '<table class="marks">\n<thead><tr><th scope="col">student</th>'
        f'<th scope="col">sum</th>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n'
        f'<tfoot><tr><th scope="row">right, of {len(graded)}</th>'
        f'<td class="sum"></td>{right}</tr>\n<tr><th scope="row">points</th>'
        f'<td class="sum">{number(total_of(marks))}</td>{out_of}</tr>\n</tfoot>\n'
        "</table>\n</div>\n"
    )


def row_of(one, place):
    cells = "".join(
        f'<td class="{"wrong" if mark.mistakes else "right"}">{number(mark.points)}'
        f"<small>{word_of(mark)}</small></td>"
        for mark in one.marks
    )
    link = f'<a href="#student-{place}">{escape(one.student)}</a>'
    points = f'<td class="sum">{number(one.points)}</td>'
    return f'<tr><th scope="row">{link}</th>{points}{cells}</tr>\n'


def word_of(mark):
    """Return what is below the points: right, wrong or missing."""
    if not mark.mistakes:
        return "right"
    return "missing" if mark.mistakes[0].code in MISSING else "wrong"


# -- mistakes --------------------------------------------------------------------------


def mistakes_table(graded, meanings):
    """Return a table of the mistakes, the most frequent first."""
    made = {}  # code -> function -> students
    for one in graded:
        for mark in one.marks:
            for code in dict.fromkeys(found.code for found in mark.mistakes):
                made.setdefault(code, {}).setdefault(mark.function, []).append(one)
    if not made:
        return "<p>None.</p>\n"
    counts = {
        code: len({one.student for ones in functions.values() for one in ones})
        for code, functions in made.items()
    }
    rows = "".join(
        f'<tr><td class="number">{counts[code]}</td><td>{marked_up(meanings[code])}'
        f"<small><code>{escape(code)}</code></small></td><td>{who(made[code])}</td></tr>\n"
        for code in sorted(made, key=lambda code: -counts[code])
    )
    return (
        '<div class="wide" tabindex="0" role="region" aria-label="Mistakes">\n'
        '<table class="mistakes">\n<thead><tr><th scope="col" class="number">students'
        '</th><th scope="col">mistake</th><th scope="col">where</th></tr></thead>\n'
        f"<tbody>\n{rows}</tbody>\n</table>\n</div>\n"
    )


def who(functions):
    """Return the functions with a mistake, and who has made it there."""
    return "<br>".join(
        f"<code>{escape(name)}</code>: {escape(', '.join(one.student for one in ones))}"
        for name, ones in functions.items()
    )


# -- feedback --------------------------------------------------------------------------


def feedback(one, place):
    """Return what is to be said to a student, folded."""
    mistakes = "".join(item(mark, mark.mistakes) for mark in one.marks if mark.mistakes)
    notes = "".join(
        item(mark, mark.findings)
        for mark in one.marks
        if mark.findings and not mark.mistakes
    )
    remarks = "".join(f"<li>{escape(remark)}</li>\n" for remark in one.remarks)
    parts = [f"<ul>\n{mistakes}</ul>\n" if mistakes else "<p>All is right.</p>\n"]
    if notes:
        parts.append(f"<p>Right, with a note:</p>\n<ul>\n{notes}</ul>\n")
    if remarks:
        parts.append(f"<p>Of the whole file:</p>\n<ul>\n{remarks}</ul>\n")
    total = f"{number(one.points)} of {number(total_of(one.marks))}"
    return (
        f"<details>\n<summary>{escape(one.student)} "
        f'<span class="quiet">{total}, {escape(one.file)}</span></summary>\n'
        f'<div id="student-{place}">\n'  # a link to what is folded unfolds it
        f"{''.join(parts)}</div>\n</details>\n"
    )


def item(mark, findings):
    sentences = " ".join(marked_up(found.text) for found in findings)
    return f"<li><code>{escape(mark.function)}</code>: {sentences}</li>\n"


def marked_up(text):
    """Return a sentence as HTML; what stands between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
