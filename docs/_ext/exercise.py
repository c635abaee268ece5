"""The directive `exercise`: a function of the course to write, from the registry.

It shows the function with blanks, three hints, the solution, and the function with a
mistake of docs/course/exercises. All but the first is folded, by elements of HTML that
need no script. What can be run has the class "exercise-code".
"""

import re
from pathlib import Path

import numpy as np
from docutils import nodes
from docutils.parsers.rst import Directive

from sknn_scratch.inspection import check_my
from sknn_scratch.inspection._exercises.tasks import TASKS, helpers, skeleton, solution

COURSE = Path(__file__).parents[1] / "course"
MISTAKES = COURSE / "exercises"
IMPORTS = "import numpy as np\nfrom sknn_scratch.inspection import check_my\n"


def program(name, source, given=()):
    """Return a function as a program that runs: imports, the function, its check.

    The solutions of the exercises `given` stand before it.
    """
    sources = [*map(solution, given), re.sub(r"^import .*\n+", "", source)]
    functions = "\n\n\n".join(text.strip() for text in sources)
    return f"{IMPORTS}\n\n{functions}\n\n\nprint(check_my({name}))"


def words_on(name, source):
    """Return what check_my says of the one function that a text defines."""
    space = {"np": np}
    exec(source, space)
    return str(check_my(space[name]))


def page_of(name):
    """Return the page that has an exercise: "week2"."""
    directive = re.compile(rf"^\.\. exercise:: {name}$", re.MULTILINE)
    return next(p.stem for p in COURSE.glob("*.rst") if directive.search(p.read_text()))


def place_of(name):
    """Return the id of an exercise in its page."""
    return f"exercise-{name.replace('_', '-').lower()}"


# -- nodes -----------------------------------------------------------------------------


def code(text, name="", language="python"):
    """Return a block of code; with the name of the function that it checks, to run."""
    block = nodes.literal_block(text, text, language=language)
    if name:
        block["classes"], block["checks"] = ["exercise-code"], name
    return block


def folded(title, *content):
    """Return an element that opens when its title is chosen."""
    heading = nodes.title("", "", *(nodes.Text(title),))
    return nodes.admonition(
        "", heading, *content, collapsible="closed", classes=["fold"]
    )


def paragraph(text):
    """Return a paragraph of plain text."""
    return nodes.paragraph(text, text)


def of_other_pages(name):
    """Return the exercises which the solution calls and which its page has not."""
    return [other for other in helpers(name) if page_of(other) != page_of(name)]


def what_it_calls(name):
    """Return paragraphs that link to the exercises which the solution calls."""
    given = of_other_pages(name)
    own = [helper for helper in helpers(name) if helper not in given]
    said = {
        "It calls functions of yours. Run them first: ": own,
        "It calls functions of other weeks. They are given: ": given,
    }
    return [linked(words, names) for words, names in said.items() if names]


def linked(words, names):
    """Return a paragraph of words and of links to exercises."""
    text = nodes.paragraph("", words)
    for name in names:
        address = f"{page_of(name)}.html#{place_of(name)}"
        link = nodes.reference("", "", nodes.literal(name, name), refuri=address)
        text += [link, nodes.Text(", ")]
    text[-1] = nodes.Text(".")
    return text


def find_the_bug(name):
    """Return a folded function with a mistake, and what check_my says of it."""
    source = (MISTAKES / f"{name}.py").read_text()
    return folded(
        "Find the bug",
        paragraph("This one runs, and it is wrong. Find the mistake by reading."),
        code(program(name, source), name),
        folded("What is wrong", code(words_on(name, source), language="text")),
    )


class Exercise(Directive):
    """All of one exercise."""

    required_arguments = 1

    def run(self):
        """Make its nodes."""
        (name,) = self.arguments
        given = of_other_pages(name)
        hints = [
            folded(f"Hint {number}", paragraph(hint))
            for number, hint in enumerate(TASKS[name].hints, start=1)
        ]
        title = nodes.title("", "", nodes.Text("Exercise: "), nodes.literal(name, name))
        return [
            nodes.admonition(
                "",
                title,
                *what_it_calls(name),
                code(program(name, skeleton(name), given), name),
                *hints,
                folded("Solution", code(program(name, solution(name), given), name)),
                find_the_bug(name),
                classes=["exercise"],
                ids=[place_of(name)],
            )
        ]


def setup(app):
    """Register the directive with Sphinx."""
    app.add_directive("exercise", Exercise)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
