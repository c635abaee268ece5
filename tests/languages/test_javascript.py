"""to_javascript, run by Node.js."""

import json
import subprocess

import numpy as np
import pytest
from far_networks import every_far_network, far_network, needs_rounding_of_1_9
from labels import LABELS, labelled
from networks import every_network, expected, network
from numpy.testing import assert_allclose, assert_array_equal

from sknn_scratch.export import to_javascript

MAIN = """\
import * as network from "./network.mjs";
import { readFileSync } from "node:fs";
const X = JSON.parse(readFileSync("X.json", "utf8"));
console.log(JSON.stringify({
  P: (network.predictProba ?? network.predict)(X),
  y: network.predict(X),
  classes: network.classes ?? null,
}));
"""


def run(folder, module, X):
    (folder / "network.mjs").write_text(module)
    (folder / "main.mjs").write_text(MAIN)
    (folder / "X.json").write_text(json.dumps(X.reshape(len(X), -1).tolist()))
    done = subprocess.run(
        ["node", "main.mjs"], cwd=folder, capture_output=True, text=True
    )
    return done.stderr, done.stdout and json.loads(done.stdout)


@pytest.mark.parametrize("seed", every_network)
def test_it_says_what_the_model_says(seed, tmp_path):
    model, X = network(seed)
    errors, out = run(tmp_path, to_javascript(model), X)
    assert not errors
    P, y = expected(model, X), model.predict(X)
    atol = 1e-12 if X.dtype == np.float64 else 1e-5
    assert_allclose(np.reshape(out["P"], P.shape), P, rtol=2 * atol, atol=atol)
    if hasattr(model, "classes_"):
        assert out["classes"] == model.classes_.tolist()
        assert_array_equal(out["y"], y)
    else:
        assert np.shape(out["y"]) == y.shape


@pytest.mark.parametrize(("name", "dtype"), every_far_network)
def test_features_far_from_0(name, dtype, tmp_path):
    needs_rounding_of_1_9(name, dtype)
    model, X, P = far_network(name, dtype)
    module = to_javascript(model)
    errors, out = run(tmp_path, module, X)
    assert not errors
    atol = 1e-5 if dtype == "f4" else 1e-7  # W1 and b1 are rounded, too
    assert_allclose(np.reshape(out["P"], P.shape), P, rtol=atol, atol=atol)
    where = "scaled before" if dtype == "f4" else "folded into"
    assert where in module


@pytest.mark.parametrize("name", LABELS)
def test_labels(name, tmp_path):
    model, X = labelled(LABELS[name])
    module = to_javascript(model)
    errors, out = run(tmp_path, module, X)
    assert not errors
    expected = model.predict(X).tolist()
    exact = max(abs(y) if type(y) is int else 0 for y in expected) <= 2**53
    if not exact:
        expected = [str(y) for y in expected]
    elif name == "floats":  # JSON writes 2.0**60 by its first 16 digits
        out["y"] = [float(y) for y in out["y"]]
    assert out["y"] == expected
    assert "</script" not in module


def test_rows_of_another_length_are_refused(tmp_path):
    model, X = network(0)
    errors, _ = run(tmp_path, to_javascript(model), X[:, :1])
    assert f"RangeError: rows must have {X.shape[1]} numbers, got 1" in errors
