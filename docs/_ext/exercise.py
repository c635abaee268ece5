"""The directive `exercise`: a function of the course to write, from the registry.

It shows the function with blanks, three hints, the solution and, where there is a file
of that name in docs/course/exercises, one with a mistake to find. All but the first is
folded, by elements of HTML that need no script.
"""

import re
from pathlib import Path

import numpy as np
from docutils import nodes
from docutils.parsers.rst import Directive

from sknn_scratch.inspection import check_my
from sknn_scratch.inspection._exercises.tasks import TASKS, helpers, skeleton, solution

MISTAKES = Path(__file__).parents[1] / "course" / "exercises"
IMPORTS = "import numpy as np\nfrom sknn_scratch.inspection import check_my\n"


def program(name, source):
    """Return a function as a program that runs: imports, the function, its check."""
    source = re.sub(r"^import .*\n+", "", source)
    return f"{IMPORTS}\n\n{source.strip()}\n\n\nprint(check_my({name}))"


def words_on(name, source):
    """Return what check_my says of the one function that a text defines."""
    space = {"np": np}
    exec(source, space)
    return str(check_my(space[name]))


def what_it_calls(name):
    """Return a sentence on the exercises that the solution needs, or nothing."""
    return " ".join(f"`{helper}`" for helper in helpers(name))


# -- nodes -----------------------------------------------------------------------------


def code(text, *classes, language="python"):
    """Return a block of code."""
    block = nodes.literal_block(text, text, language=language)
    return nodes.container("", block, classes=[*classes]) if classes else block


def folded(title, *content):
    """Return an element that opens when its title is chosen."""
    heading = nodes.title("", "", *(nodes.Text(title),))
    return nodes.admonition(
        "", heading, *content, collapsible="closed", classes=["fold"]
    )


def paragraph(text):
    """Return a paragraph; what stands between backquotes is code."""
    parts = [
        nodes.literal(part, part) if i % 2 else nodes.Text(part)
        for i, part in enumerate(text.split("`"))
    ]
    return nodes.paragraph("", "", *parts)


def find_the_bug(name):
    """Return the nodes of a function with a mistake, if there is one."""
    file = MISTAKES / f"{name}.py"
    if not file.exists():
        return []
    source = file.read_text()
    said = words_on(name, source)
    return [
        folded(
            "Find the bug",
            paragraph("This one runs, and it is wrong. Find the mistake by reading."),
            code(program(name, source), "exercise-code"),
            folded("What is wrong", code(said, language="text")),
        )
    ]


class Exercise(Directive):
    """All of one exercise; what stands in the directive comes first."""

    required_arguments = 1
    has_content = True

    def run(self):
        """Make its nodes."""
        (name,) = self.arguments
        said = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, said)
        needs = what_it_calls(name)
        calls = (
            [paragraph(f"It may call what you wrote before: {needs}.")] if needs else []
        )
        hints = [
            folded(f"Hint {number}", paragraph(hint))
            for number, hint in enumerate(TASKS[name].hints, start=1)
        ]
        title = nodes.title("", "", nodes.Text("Exercise: "), nodes.literal(name, name))
        return [
            nodes.admonition(
                "",
                title,
                *said.children,
                *calls,
                code(program(name, skeleton(name)), "exercise-code"),
                *hints,
                folded(
                    "Solution", code(program(name, solution(name)), "exercise-code")
                ),
                *find_the_bug(name),
                classes=["exercise"],
                ids=[f"exercise-{name.replace('_', '-').lower()}"],
            )
        ]


def setup(app):
    """Register the directive with Sphinx."""
    app.add_directive("exercise", Exercise)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
