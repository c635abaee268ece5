"""What needs Sphinx: left out where it is missing; .ci/run names the files."""

import importlib.util
import pathlib
import sys

collect_ignore_glob = []
if importlib.util.find_spec("sphinx") is None:
    collect_ignore_glob.append("test_*.py")

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "docs" / "_ext"))
