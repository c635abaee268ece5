"""Data sets and Python code of the page `play`, run by Node.js, against NumPy's."""

import contextlib
import io
import json
import subprocess

import numpy as np
import pytest

from sknn_scratch._html.page import asset
from sknn_scratch._pages.play.plane import GENERATORS

NUMBERS = ["plane", "bump"]
SETTINGS = {"layers": [3], "activation": "tanh", "solver": "adam", "rate": 0.01,
            "batch": 32, "alpha": 0.1, "init": "auto", "loss": "huber"}  # fmt: skip

MAIN = """
const { readFileSync } = require("node:fs");
const settings = JSON.parse(readFileSync(0, "utf8"));
const found = Object.entries(SETS).map(([name, set]) => {
  const all = { ...settings, noise: set.noise, seed: 3 };
  return [name, {
    usual: pointsOf(set, set.noise, 3), noisy: pointsOf(set, set.most, 3),
    other: pointsOf(set, set.noise, 4), python: pythonOf(all, set, 2),
  }];
});
console.log(JSON.stringify(Object.fromEntries(found)));
"""


@pytest.fixture(scope="module")
def sets():
    """What the page makes of every data set."""
    scripts = [asset("sknn_scratch.export", "forward.js")]
    scripts += [
        asset("sknn_scratch._pages.play", f"{name}.js")
        for name in ("engine", "datasets", "words")
    ]
    done = subprocess.run(
        ["node", "-e", "\n".join([*scripts, MAIN])],
        input=json.dumps(SETTINGS), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def rows(made):
    """X and y of all points."""
    parts = [made["points"][part] for part in ("train", "validation")]
    return tuple(np.concatenate([part[key] for part in parts]) for key in "xy")


def run(code):
    names = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(code, names)
    return names


def test_the_data_sets_are_those_of_the_command_and_two_of_numbers(sets):
    assert set(sets) == {*GENERATORS, *NUMBERS}


@pytest.mark.parametrize("name", [*GENERATORS, *NUMBERS])
def test_the_code_of_the_page_trains_on_points_that_are_spread_alike(sets, name):
    names = run(sets[name]["python"])
    network = names["network"]
    assert network.n_iter_ == 2
    assert network.hidden_layer_sizes == (3,)
    X, y = rows(sets[name]["usual"])
    expected = [np.concatenate([names[k], names[f"{k}_val"]]) for k in "Xy"]
    assert X.shape == expected[0].shape
    if name in NUMBERS:
        X, expected[0] = np.c_[X, y], np.c_[expected[0], expected[1]]
        y, expected[1] = 0 * y, 0 * expected[1]
    for label in np.unique(expected[1]):
        here, there = X[y == label], expected[0][expected[1] == label]
        assert abs(len(here) - len(there)) <= 2
        # 400 points scatter: their means by 1 / sqrt(points), their spreads likewise
        tolerance = 6 * there.std(axis=0) / np.sqrt(len(there))
        assert (abs(here.mean(axis=0) - there.mean(axis=0)) < tolerance).all()
        assert (abs(here.std(axis=0) - there.std(axis=0)) < tolerance).all()


@pytest.mark.parametrize("name", [*GENERATORS, *NUMBERS])
def test_noise_and_seed_make_other_points(sets, name):
    usual, noisy, other = (rows(sets[name][key]) for key in ("usual", "noisy", "other"))
    for made in (noisy, other):
        assert not np.allclose(np.c_[usual], np.c_[made])


def test_a_quarter_is_held_out(sets):
    points = sets["moons"]["usual"]["points"]
    assert (len(points["train"]["y"]), len(points["validation"]["y"])) == (300, 100)
