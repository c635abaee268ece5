"""The directive `command-help`: a section for each command, with what --help prints."""

import io
import os
from contextlib import redirect_stdout

from docutils import nodes
from docutils.parsers.rst import Directive

from sknn_scratch._cli.commands import COMMANDS
from sknn_scratch._cli.main import main


def help_of(name):
    """Return what `sknn-scratch NAME --help` prints."""
    with redirect_stdout(io.StringIO()) as printed:
        main([name, "--help"])
    return printed.getvalue()


class CommandHelp(Directive):
    """Sections, so that the table of contents has the commands."""

    def run(self):
        """Make them."""
        sections = []
        for name in COMMANDS:
            text = help_of(name)
            block = nodes.literal_block(text, text, language="text")
            title = nodes.title(name, name)
            sections.append(nodes.section("", title, block, ids=[f"command-{name}"]))
        return sections


def setup(app):
    """Register the directive with Sphinx."""
    os.environ |= {"COLUMNS": "80", "NO_COLOR": "1"}
    app.add_directive("command-help", CommandHelp)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
