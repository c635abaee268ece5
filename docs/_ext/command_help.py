"""The directive `command-help`: a section for each command, with what --help prints."""

import argparse
import os

from docutils import nodes
from docutils.parsers.rst import Directive

from sknn_scratch._cli.main import COMMANDS


def parsers():
    """Return the parser of every command."""
    commands = argparse.ArgumentParser(prog="sknn-scratch").add_subparsers()
    for add in COMMANDS.values():
        add(commands)
    return commands.choices


class CommandHelp(Directive):
    """Sections, so that the table of contents has the commands."""

    def run(self):
        """Make them."""
        sections = []
        for name, parser in parsers().items():
            text = parser.format_help()
            block = nodes.literal_block(text, text, language="text")
            title = nodes.title(name, name)
            sections.append(nodes.section("", title, block, ids=[f"command-{name}"]))
        return sections


def setup(app):
    """Register the directive with Sphinx."""
    os.environ |= {"COLUMNS": "80", "NO_COLOR": "1"}
    app.add_directive("command-help", CommandHelp)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
