"""Python blocks of the companion that run in the page, through Pyodide.

Each block gets the class "live" and carries its code; `live.js` adds the buttons. What
Python needs in the page is in `_static/live_bundle.js`, which a page asks for on the
first click: this package as a wheel, `live_runner.py` and `live_worker.js`.
"""

import base64
import doctest
import io
import json
import re
import zipfile
from fnmatch import fnmatch
from html import escape
from pathlib import Path

from docutils import nodes

import sknn_scratch

HERE = Path(__file__).parent
BUNDLE = "live_bundle.js"


CHECK = "from sknn_scratch.inspection import check_my\nprint(check_my({name}))\n"


class LiveBlock(nodes.General, nodes.Element):
    """A block of code: `code` is what runs; an `exercise` runs alone."""


def lines_of(text):
    """Code without prompts and without what it prints."""
    examples = doctest.DocTestParser().get_examples(text)
    return "".join(example.source for example in examples) or text


def checked(code):
    """Return code that also says what `check_my` thinks of the last function."""
    functions = re.findall(r"^def (\w+)", code, re.MULTILINE)
    if "check_my(" in code or not functions:
        return code
    return f"{code}\n\n{CHECK.format(name=functions[-1])}"


def live_block(block, sources):
    """Return what stands around a block that can run, or None.

    Those are blocks at the prompt, blocks of Python that were written for the page, and
    lines included from files that the patterns match.
    """
    source = block.get("source", "")
    is_included = any(fnmatch(source, pattern) for pattern in sources)
    is_prompt = block.astext().lstrip().startswith(">>>")
    is_code = block.get("language") == "python" and not source
    if "no-run" in block["classes"] or not (is_included or is_prompt or is_code):
        return None
    exercise = "exercise-code" in block["classes"] or "/course/exercises/" in source
    code = lines_of(block.astext()).strip("\n") + "\n"
    return LiveBlock(code=checked(code) if exercise else code, exercise=exercise)


def is_live(app, page):
    """Tell whether the blocks of a page run."""
    patterns = app.config.live_code_pages
    return app.builder.format == "html" and any(fnmatch(page, p) for p in patterns)


def surround(app, doctree, page):
    """Put each block that can run into a `LiveBlock`."""
    if not is_live(app, page):
        return
    found = [
        *doctree.findall(nodes.literal_block),
        *doctree.findall(nodes.doctest_block),
    ]
    for block in found:
        around = live_block(block, app.config.live_code_sources)
        if around is not None:
            block.replace_self(around)
            around += block


def open_block(translator, node):
    """Write the start of the block."""
    kind = "live live-exercise" if node["exercise"] else "live"
    code = escape(node["code"])
    translator.body.append(f'<div class="{kind}" data-code="{code}">')


def close_block(translator, node):
    """Write its end."""
    translator.body.append("</div>\n")


def add_files(app, page, template, context, doctree):
    """Add the script and the style to pages that have such blocks."""
    if doctree is not None and is_live(app, page):
        app.add_css_file("live.css")
        address = app.config.live_code_address.rstrip("/") + "/"
        settings = {"address": address, "requirement": app.config.live_code_requirement}
        app.add_js_file(
            "live.js", **{f"data-{name}": value for name, value in settings.items()}
        )


def wheel():
    """Return the file name and the bytes of a wheel of this package."""
    package = Path(sknn_scratch.__file__).parent
    version = sknn_scratch.__version__
    about = f"sknn_scratch-{version}.dist-info"
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(package.rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    archive.write(path, path.relative_to(package.parent))
            archive.writestr(
                f"{about}/METADATA",
                f"Metadata-Version: 2.1\nName: sknn-scratch\nVersion: {version}\n",
            )
            archive.writestr(
                f"{about}/WHEEL",
                "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            )
            archive.writestr(f"{about}/RECORD", "")
        return f"sknn_scratch-{version}-py3-none-any.whl", file.getvalue()


def bundle():
    """Return the script that holds what Python needs in the page.

    It is a script, since a page that is opened as a file may load nothing else.
    """
    parts = {
        "wheel": base64.b64encode(wheel()[1]).decode(),
        "runner": (HERE / "live_runner.py").read_text(encoding="utf-8"),
        "worker": (HERE / "live_worker.js").read_text(encoding="utf-8"),
    }
    return f"window.liveBundle = {json.dumps(parts)};\n"


def write(app, error):
    """Write the bundle beside the other static files."""
    if not error and app.builder.format == "html":
        Path(app.outdir, "_static", BUNDLE).write_text(bundle(), encoding="utf-8")


def setup(app):
    """Register the blocks and the settings with Sphinx."""
    app.add_config_value("live_code_pages", [], "html", [list])
    app.add_config_value("live_code_sources", [], "html", [list])
    app.add_config_value("live_code_address", "", "html", [str])
    app.add_config_value("live_code_requirement", "", "html", [str])
    app.add_node(LiveBlock, html=(open_block, close_block))
    app.connect("doctree-resolved", surround)
    app.connect("html-page-context", add_files)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
