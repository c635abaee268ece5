"""The package's own tests on the Python of Pyodide, 3.14; files of HDF5 are left out.

The wheel of Pyodide has no h5py: modules that import it get a stand-in.
"""

import importlib.util
import pathlib
import shutil

import pytest

ROOT = pathlib.Path(__file__).parents[2]
PARTS = [
    "tests/engine",
    "tests/inspection/test_check_my.py",
    "tests/inspection/test_explain.py",
]
# WebAssembly has no flags of floating-point errors: NumPy warns of no overflow there
PLANTED = "tests/inspection/test_check_my.py::test_a_planted_mistake_gets_its_code"
NO_WARNING = [
    f"{PLANTED}[{case}]"
    for case in ("sigmoid-overflow-sigmoid", "relu-warns-with_a_warning")
]
PYTEST = ("pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments", "py")
READY = """
import os, sys
import pyodide_js
from unittest.mock import MagicMock
for place, folder in [("/repo", {root!r}), ("/tools", {tools!r})]:
    if not os.path.isdir(place):
        pyodide_js.FS.mkdirTree(place)
        pyodide_js.mountNodeFS(place, folder)
sys.path.append("/tools")
sys.modules.setdefault("h5py", MagicMock())
os.chdir("/repo")
"""
RUN = """
main = __import__("pytest").main
int(main([{part!r}, "-m", "not matrix", *{options!r}]))
"""
OPTIONS = ["-q", "-o", "addopts=", "--import-mode=importlib", "-p", "no:cacheprovider"]
OPTIONS += [f"--deselect={name}" for name in NO_WARNING]


@pytest.fixture(scope="session")
def tools(tmp_path_factory):
    """pytest and what it imports, copied from here: they are plain Python."""
    folder = tmp_path_factory.mktemp("tools")
    for name in PYTEST:
        source = pathlib.Path(importlib.util.find_spec(name).origin)
        if source.name == "__init__.py":
            shutil.copytree(source.parent, folder / name)
        else:
            shutil.copy(source, folder)
    return folder


@pytest.mark.parametrize("part", PARTS)
def test_tests_of_the_package_pass(run, tools, part):
    run(READY.format(root=str(ROOT), tools=str(tools)))
    answer = run(RUN.format(part=part, options=OPTIONS))
    assert answer["text"].endswith("\n0\n"), answer["text"][-3000:]
