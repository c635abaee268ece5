"""A page of HTML that needs nothing but itself: no network, server or other file."""

from html import escape
from importlib.resources import files

from .._storage.atomic import write_whole

FRAME = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
{body}
{script}</body>
</html>
"""


def page(title, body, *, style="", script=""):
    """The whole document; `body` is HTML already, `title` is text."""
    if script:
        script = f"<script>\n{script}</script>\n"
    style = asset(__package__, "page.css") + style
    return FRAME.format(title=escape(title), body=body, style=style, script=script)


def asset(package, name):
    """Return the text of a file in that folder of the package."""
    return (files(package) / name).read_text(encoding="utf-8")


def write_page(path, html):
    """The page at path, whole or not at all; an OSError of one line names the path."""
    write_whole(path, html.encode(), ".html.part")
