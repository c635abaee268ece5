"""Pages of the course as notebooks: the same text, the exercises as cells with blanks.

`cells` reads the few forms of reStructuredText that these pages have; another
one is a KeyError. What the page folds, and pictures of the gallery, are left out.
"""

import doctest
import json
import re
from itertools import groupby, takewhile
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

from sknn_scratch.inspection._exercises.tasks import (
    TASKS,
    helpers,
    skeleton,
    solution,
    source_of,
)

COURSE = Path(__file__).parents[1] / "course"
UNDERLINES = {"=": "#", "-": "##", ".": "###"}
SHOWN = "shown"  # code to read, unless it is an exercise of the page
FIRST = """\
# needs sknn_scratch and matplotlib
import numpy as np
from sknn_scratch.inspection import check_my"""


class Cell(NamedTuple):
    """A cell; `exercise` is the name of the function to write in it, or empty."""

    kind: str
    text: str
    exercise: str = ""


# -- what stands within a line ---------------------------------------------------------


def titles():
    """Return the titles of all sections that have a label, by the label."""
    text = "\n".join(page.read_text() for page in sorted(COURSE.glob("*.rst")))
    return dict(re.findall(r"^\.\. _([\w-]+):\n\n(.+)\n", text, re.MULTILINE))


def role(match):
    """Return a role, such as :ref:`this <that>`, as Markdown."""
    name, text = match[1], " ".join(match[2].split())
    shown = re.fullmatch(r"(.+) <.+>", text)
    if name in {"sup", "sub"}:
        return f"<{name}>{text}</{name}>"
    if shown:
        return shown[1]
    if name == "doc":
        return f"*{text.lstrip('/')}*"
    if name == "ref":
        return f"*{titles().get(text, text.removeprefix('sphx_glr_auto_examples_'))}*"
    return f"`{text.rpartition('.')[2] if text.startswith('~') else text}`"


def inline(text):
    """Return a paragraph as Markdown."""
    text = re.sub(r":(\w+):`([^`]+)`", role, text)
    return re.sub(r"\\([ |*])", lambda mark: mark[1].strip(), text)


# -- blocks ----------------------------------------------------------------------------


def blocks(text):
    """Yield the blocks of a page: lists of lines, a directive with all below it."""
    lines = text.splitlines()
    while lines:
        if not lines[0].strip():
            lines = lines[1:]
            continue
        if lines[0].startswith(".. "):
            below = takewhile(lambda line: not line or line.startswith(" "), lines[1:])
        else:
            below = takewhile(str.strip, lines[1:])
        block = [lines[0], *below]
        yield block
        lines = lines[len(block) :]


def directive(lines):
    """Return the name, the argument, the options and the content of a directive."""
    name, argument = re.match(r"\.\. ([\w-]+):: *(.*)", lines[0]).groups()
    body = dedent("\n".join(lines[1:])).strip("\n").split("\n")
    options = {}
    while body and (option := re.match(r":([\w-]+): *(.*)", body[0])):
        options[option[1]] = option[2]
        body.pop(0)
    return name, argument, options, "\n".join(body).strip("\n")


def admonition(argument, options, body):
    """Yield a box, unless it is folded."""
    if "collapsible" not in options:
        yield Cell("markdown", f"**{inline(argument)}**")
        yield from cells(body)


def equations(argument, options, body):
    """Yield the lines of a block, an equation each."""
    yield Cell("markdown", "\n\n".join(f"$${line}$$" for line in body.split("\n")))


def table(argument, options, body):
    """Yield a list-table, whose first row is its head."""
    rows = re.split(r"^\* - ", body, flags=re.MULTILINE)[1:]
    rows = [
        re.split(r"\n  -(?: |$)", row.strip("\n"), flags=re.MULTILINE) for row in rows
    ]
    rows = [" | ".join(inline(" ".join(cell.split())) for cell in row) for row in rows]
    rows.insert(1, " | ".join("---" for _ in rows[0].split(" | ")))
    yield Cell("markdown", "\n".join(f"| {row} |" for row in rows))


def exercise(name, options, body):
    """Yield the hints and the function with blanks."""
    hints = "".join(
        f"<details><summary>Hint {number}</summary>{hint}</details>\n"
        for number, hint in enumerate(TASKS[name].hints, start=1)
    )
    yield Cell("markdown", f"### Exercise: `{name}`\n\n{hints}")
    yield Cell("code", checked(name, skeleton(name)), name)


def code(argument, options, body):
    """Yield code to run."""
    yield Cell("code", body)


def shown(argument, options, body):
    """Yield code to read, or to run if it calls the functions of the exercises."""
    if "yours" in options.get("class", ""):
        yield Cell("code", body)
    else:
        yield Cell("markdown", f"```python\n{body}\n```")


def included(path, options, body):
    """Yield a function of the textbook; the engine's lines stand where it is folded."""
    assert path.endswith("textbook.py"), path
    yield Cell(SHOWN, source_of(options["pyobject"]), options["pyobject"])


def left_out(argument, options, body):
    """Yield nothing."""
    yield from ()


DIRECTIVES = {
    "admonition": admonition,
    "code-block": shown,
    "exercise": exercise,
    "figure": left_out,
    "list-table": table,
    "literalinclude": included,
    "math": equations,
    "notebook": left_out,
    "only": left_out,  # of the page
    "plot": code,
}


def typed(text):
    """Yield what follows the prompts; a cell ends where something is printed."""
    lines = []
    for example in doctest.DocTestParser().get_examples(text):
        lines.append(re.sub(r" +# doctest:.*", "", example.source))
        if example.want:
            yield Cell("code", "".join(lines).rstrip())
            lines = []
    if lines:
        yield Cell("code", "".join(lines).rstrip())


def checked(name, source):
    """Return the source of a function, and the call that checks it."""
    return f"{source.strip()}\n\n\nprint(check_my({name}))"


def cells(text):
    """Yield the cells of a page, or of the content of a directive."""
    for lines in blocks(text):
        if re.match(r"\.\. _[\w-]+:", lines[0]):
            continue
        if lines[0].startswith(".. "):
            name, *rest = directive(lines)
            yield from DIRECTIVES[name](*rest)
        elif lines[0].startswith(">>> "):
            yield from typed("\n".join(lines))
        elif len(lines) == 2 and set(lines[1]) <= UNDERLINES.keys():
            yield Cell("markdown", f"{UNDERLINES[lines[1][0]]} {lines[0]}")
        else:
            yield Cell("markdown", inline("\n".join(lines)))


# -- the notebook ----------------------------------------------------------------------


def as_text(cell, asked):
    """Return code to read as Markdown, or the name of the exercise that it solves."""
    if cell.kind != SHOWN:
        return cell
    code = f"```python\n{cell.text}```"
    later = f"(You will write `{cell.exercise}` in the exercises.)"
    return Cell("markdown", later if cell.exercise in asked else code)


def with_what_exercises_need(found, asked):
    """Add the functions of other weeks before the first exercise."""
    names = [helper for name in asked for helper in helpers(name)]
    given = [name for name in dict.fromkeys(names) if name not in asked]
    code = "\n\n\n".join(solution(name).strip() for name in given)
    first = next((i for i, cell in enumerate(found) if cell.exercise), None)
    if given:
        said = "Functions of other weeks, which the exercises call:"
        found[first - 1 : first - 1] = [Cell("markdown", said), Cell("code", code)]
    return found


def as_json(cell, number):
    """Return a cell as notebooks have it."""
    made = {"cell_type": cell.kind, "id": f"cell-{number}", "metadata": {}}
    if cell.exercise:
        made["metadata"] = {"tags": [f"exercise:{cell.exercise}"]}
    if cell.kind == "code":
        made |= {"execution_count": None, "outputs": []}
    return made | {"source": cell.text.splitlines(keepends=True)}


def notebook(page):
    """Return a page of the course as a notebook, with blanks."""
    found = [Cell("code", FIRST), *cells(page.read_text())]
    asked = [cell.exercise for cell in found if cell.kind == "code" and cell.exercise]
    found = [as_text(cell, asked) for cell in found]
    found = with_what_exercises_need(found, asked)
    joined = []
    for kind, group in groupby(found, key=lambda cell: cell.kind):
        group = list(group)
        if kind == "markdown":
            group = [Cell(kind, "\n\n".join(cell.text.strip() for cell in group))]
        joined += group
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": [as_json(cell, number) for number, cell in enumerate(joined)],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


# -- Sphinx ----------------------------------------------------------------------------


def write(app, error):
    """Write the notebooks beside the pages."""
    if not error and app.builder.format == "html":
        for page in sorted(COURSE.glob("week*.rst")):
            text = json.dumps(notebook(page), indent=1) + "\n"
            place = Path(app.outdir, "course", f"{page.stem}.ipynb")
            place.write_text(text, encoding="utf-8")


def setup(app):
    """Register the directive and the files with Sphinx."""
    from docutils import nodes
    from docutils.parsers.rst import Directive

    class Notebook(Directive):
        """A link to the notebook of a page."""

        required_arguments = 1

        def run(self):
            """Make it."""
            name = f"{self.arguments[0]}.ipynb"
            link = f'<a href="{name}" download>{name}</a>'
            text = f"<p>This page as a notebook, with blanks to fill in: {link}</p>"
            return [nodes.raw("", text, format="html")]

    app.add_directive("notebook", Notebook)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
