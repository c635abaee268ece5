"""The companion built on its own, without figures and references to other pages."""

import json
import os
import pathlib
import subprocess
import sys
from html.parser import HTMLParser

DOCS = pathlib.Path(__file__).parents[2] / "docs"

SETTINGS = {
    "extensions": "live_code",
    "include_patterns": "course/*.rst",
    "root_doc": "course/index",
    "live_code_pages": "course/*",
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
        if "live" in (named.get("class") or "").split():
            self.found.append(
                {"code": named["data-code"], "checks": named["data-checks"]}
            )


def blocks(page):
    """Code and checked function of each block of a page that runs."""
    parser = _Blocks()
    parser.feed(page.read_text(encoding="utf-8"))
    return parser.found


def bundle(folder):
    """What the pages of a built folder load on the first click."""
    text = (folder / "_static" / "live_bundle.js").read_text(encoding="utf-8")
    return json.loads(text[text.index("{") : text.rindex("}") + 1])
