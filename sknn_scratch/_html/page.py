"""Self-contained HTML pages, which need no network, server or other file."""

import json
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


def page(title, body, *, style="", script="", modules=()):
    """Return the HTML document; `body` is HTML, `title` is text.

    `modules` are ES modules, which share no names and are run after `script`.
    """
    if script:
        script = f"<script>\n{script}</script>\n"
    for module in modules:
        script += f'<script type="module">\n{module}</script>\n'
    style = asset(__package__, "page.css") + style
    return FRAME.format(title=escape(title), body=body, style=style, script=script)


def asset(package, name):
    """Return the text of a file in that folder of the package."""
    return (files(package) / name).read_text(encoding="utf-8")


def as_json_element(name, content):
    """Return a script element with JSON, escaped so that no text can close it."""
    text = json.dumps(content, allow_nan=False).replace("<", "\\u003c")
    return f'<script type="application/json" id="{name}">{text}</script>\n'


def write_page(path, html):
    """Write the page to path atomically; raise OSError of one line that names path."""
    write_atomically(path, html.encode(), ".html.part")
