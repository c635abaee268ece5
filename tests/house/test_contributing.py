"""The recipes of CONTRIBUTING.md are followed in a copy of the package, and judged."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

import sknn_scratch

ROOT = pathlib.Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text()
RECIPES = TEXT.split("## Recipes\n")[1]
PACKAGE = pathlib.Path(sknn_scratch.__file__).parent
NEW = ["softsign", "pseudo_huber", "adagrad"]

USE = """
import runpy
import numpy as np
from sklearn.datasets import load_diabetes
from sknn_scratch import DeepNetRegressor
from sknn_scratch.export import to_python
from sknn_scratch.hdf5 import load_model, save_model
from sknn_scratch.inspection import check_gradient, explain_step

X, y = load_diabetes(return_X_y=True)
y = (y - y.mean()) / y.std()
options = {"activation": "softsign", "loss": "pseudo_huber", "solver": "adagrad"}
for name in options.values():
    assert f'"{name}"' in DeepNetRegressor.__doc__
assert '0.05 for "adagrad"' in DeepNetRegressor.__doc__
net = DeepNetRegressor(hidden_layer_sizes=(8, 4), standardize=True, **options)
net.set_params(random_state=0, warn=False)
assert net.fit(X, y).score(X, y) > 0.5
assert check_gradient(net, X, y).passed
assert "v := v + dW[1]^2" in explain_step(net, X, y).to_text()
save_model(net, "net.h5")
assert (load_model("net.h5").predict(X) == net.predict(X)).all()
with open("exported.py", "w") as file:
    file.write(to_python(net))
plain = runpy.run_path("exported.py")["predict"]
assert np.allclose(np.ravel(plain(X)), net.predict(X))
"""


def steps(recipe):
    """(file, "before" or "in", name, lines) of each block of code."""
    return re.findall(
        r"In `([\w/.]+)`,\s(before|in)\s`(\w+)`:\n\n```python\n(.*?)^```",
        recipe,
        re.MULTILINE | re.DOTALL,
    )


def follow(recipe, folder):
    for file, where, name, lines in steps(recipe):
        text = (folder / file).read_text()
        place = text.index(f"\n{name} = {{\n") + 1
        if where == "in":
            place = text.index("\n}\n", place) + 1
        else:
            lines += "\n\n"
        (folder / file).write_text(text[:place] + lines + text[place:])


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """A copy of the package and its tests in which all recipes have been followed."""
    folder = tmp_path_factory.mktemp("changed")
    leave = shutil.ignore_patterns("__pycache__")
    for source in (PACKAGE, ROOT / "tests", ROOT / "docs"):
        shutil.copytree(source, folder / source.name, ignore=leave)
    shutil.copy(ROOT / "pyproject.toml", folder)
    follow(RECIPES, folder)
    return folder


def run(folder, *command):
    """Python in that folder, where the package is the changed one."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )


def test_every_block_of_code_in_a_recipe_has_its_place():
    assert RECIPES.count("```python") == len(steps(RECIPES)) == 7
    for name in NEW:
        assert f'    "{name}": ' in RECIPES


def test_the_tests_that_a_recipe_names_accept_what_it_adds(changed, request):
    judges = {}  # of each recipe
    for name in NEW:
        (recipe,) = (part for part in RECIPES.split("\n### ") if f'"{name}": ' in part)
        judges[name] = set(re.findall(r"tests/\w+/test_\w+\.py", recipe))
    options = ["-v", "-n", "0", "-p", "no:cacheprovider", "-k", " or ".join(NEW)]
    options += ["-m", request.config.option.markexpr]  # the matrix too, or not
    done = run(
        changed, "-m", "pytest", *options, *sorted(set().union(*judges.values()))
    )
    assert done.returncode == 0, done.stdout
    for name in NEW:
        passed = rf"^(\S+\.py)::.*{name}.* PASSED"
        files = re.findall(passed, done.stdout, re.MULTILINE)
        assert len(files) > 5
        assert judges[name] <= set(files)


def test_what_the_recipes_add_trains_and_is_kept_explained_and_exported(changed):
    done = run(changed, "-W", "error", "-c", USE)
    assert done.returncode == 0, done.stderr


def test_files_it_names_exist():
    rooms = re.findall(r"`([_\w/]+\.py)`", TEXT)
    inside = [
        name.removeprefix("sknn_scratch/")
        for name in rooms
        if not name.startswith(("tests/", "docs/"))
    ]
    assert len(inside) > 8
    assert [name for name in inside if not (PACKAGE / name).exists()] == []
    named = re.findall(r"`((?:tests|docs)/[\w./]+)`", TEXT)
    assert len(named) > 8
    assert [name for name in named if not (ROOT / name).exists()] == []
