"""The companion built on its own, without figures and references to other pages."""

import json
import os
import pathlib
import re
import subprocess
import sys
from html.parser import HTMLParser

DOCS = pathlib.Path(__file__).parents[2] / "docs"

OTHERS = {"command_help", "playground", "step_page", "self_contained"}  # other pages'
OWN = [
    name
    for name in re.findall(r'^    "(\w+)",$', (DOCS / "conf.py").read_text(), re.M)
    if name not in OTHERS and (DOCS / "_ext" / f"{name}.py").exists()
]
SETTINGS = {
    "extensions": ",".join(OWN),
    "include_patterns": "course/*.rst",
    "root_doc": "course/index",
    "live_code_pages": "course/*",
    "live_code_sources": "*/course/exercises/*.py,*/_exercises/textbook.py",
    "html_theme": "pydata_sphinx_theme",
    "html_static_path": "_static",
    "default_role": "code",
    "highlight_language": "python",
    "mathjax_path": "none.js",
}


def build(folder, **settings):
    """Write the pages into the folder."""
    line = [sys.executable, "-m", "sphinx", "-Q", "-b", "html", "-C"]
    for name, value in (SETTINGS | settings).items():
        line += ["-D", f"{name}={value}"]
    paths = [str(DOCS.parent), str(DOCS / "_ext")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    doctrees = f"{folder}.doctrees"
    line += ["-d", doctrees, str(DOCS), str(folder)]
    subprocess.run(line, check=True, env=environment)
    return folder


class _Blocks(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        classes = (named.get("class") or "").split()
        if "live" in classes:
            self.found.append((named["data-code"], "live-exercise" in classes))


def blocks(page):
    """The code of each block of a page that runs, and whether it is an exercise."""
    parser = _Blocks()
    parser.feed(page.read_text(encoding="utf-8"))
    return parser.found


def bundle(folder):
    """What the pages of a built folder load on the first click."""
    text = (folder / "_static" / "live_bundle.js").read_text(encoding="utf-8")
    return json.loads(text[text.index("{") : text.rindex("}") + 1])
