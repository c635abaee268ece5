"""The companion in the Python of a page: Pyodide, run by Node.js, without a network.

Left out where Sphinx, Node.js or Pyodide is missing; `bundle.py` fetches the last.
"""

import importlib.util
import json
import os
import pathlib
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent
FOLDER = pathlib.Path(os.environ.get("SKNN_SCRATCH_PYODIDE", "none"))
MISSING = [
    what
    for what, there in {
        "Sphinx": importlib.util.find_spec("sphinx"),
        "Node.js": shutil.which("node"),
        "SKNN_SCRATCH_PYODIDE, the folder of bundle.py": FOLDER.is_dir(),
    }.items()
    if not there
]
collect_ignore_glob = ["test_*.py"] if MISSING else []


def pytest_report_header():
    """Say what is missing."""
    if MISSING:
        return f"tests/pyodide is left out: {' and '.join(MISSING)} missing"
    return None


@pytest.fixture(scope="session")
def companion(tmp_path_factory):
    """The folder of the built companion."""
    import companion

    return companion.build(tmp_path_factory.mktemp("companion") / "html")


@pytest.fixture(scope="session")
def page(companion):
    """Sends a message to Python as a page does, and returns the answer."""
    from companion import bundle

    line = ["node", str(HERE / "page.mjs"), str(FOLDER)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(line, text=True, encoding="utf-8", **pipes) as node:

        def ask(message):
            node.stdin.write(json.dumps(message) + "\n")
            node.stdin.flush()
            for answer in node.stdout:
                if answer.startswith("answer "):
                    return json.loads(answer.removeprefix("answer "))
            raise AssertionError("Node.js has ended")

        assert ask({"load": bundle(companion)}) == {"ready": True}
        yield ask
        node.stdin.close()


@pytest.fixture
def run(page):
    """Runs code in Python; what it printed, and whether it ended well."""

    def run(code):
        return page({"run": {"code": code}})["ran"]

    run("globals().clear(); import numpy as np")
    return run
