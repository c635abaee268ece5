"""Self-contained HTML pages, which need no network, server or other file."""

from html import escape
from importlib.resources import files

from .._storage.atomic import write_atomically

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
    """Return the HTML document; `body` is HTML, `title` is text."""
    if script:
        script = f"<script>\n{script}</script>\n"
    style = asset(__package__, "page.css") + style
    return FRAME.format(title=escape(title), body=body, style=style, script=script)


def asset(package, name):
    """Return the text of a file in that folder of the package."""
    return (files(package) / name).read_text(encoding="utf-8")


def write_page(path, html):
    """Write the page to path atomically; raise OSError of one line that names path."""
    write_atomically(path, html.encode(), ".html.part")
