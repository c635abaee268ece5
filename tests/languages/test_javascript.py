"""to_javascript, run by Node.js."""

import json
import subprocess

import numpy as np
import pytest
from far_networks import every_far_network, far_network, needs_rounding_of_1_9
from labels import LABELS, labelled
from matrix import matrix
from networks import every_network, expected, network
from numpy.testing import assert_allclose, assert_array_equal
from table_models import MODELS, ensemble, fitted, outputs, records, tables

from sknn_scratch import TabularNetRegressor
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
    X = X if isinstance(X, list) else X.reshape(len(X), -1).tolist()
    (folder / "X.json").write_text(json.dumps(X, default=str))
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


@pytest.mark.filterwarnings("ignore:Found unknown categories")
@matrix("name", MODELS, "texts", "columns")
def test_tables(name, tmp_path):
    model, P, rows = fitted(name), outputs(name), records(tables()[2])
    errors, out = run(tmp_path, to_javascript(model), rows)
    assert not errors
    atol = (1e-9 if P.dtype == np.float64 else 1e-6) * (np.ptp(P) or 1)
    assert_allclose(np.reshape(out["P"], P.shape), P, rtol=0, atol=atol)
    if hasattr(model, "classes_"):
        assert_array_equal(out["y"], model.predict(tables()[2]))
    else:
        assert np.shape(out["y"]) == model.predict(tables()[2]).shape


@matrix("name", ["number", "numbers", "quantiles"], "number")
def test_intervals(name, tmp_path):
    model, X = fitted(name), tables()[2][:60]
    module = to_javascript(model)
    (tmp_path / "network.mjs").write_text(module)
    rows = json.dumps(records(X), default=str)
    (tmp_path / "main.mjs").write_text(
        'import { predictInterval as ends } from "./network.mjs";\n'
        f"const rows = {rows};\n"
        "console.log(JSON.stringify([ends(rows, 0.5), ends(rows), ends(rows[0])]));"
    )
    done = subprocess.run(
        ["node", "main.mjs"], cwd=tmp_path, capture_output=True, text=True
    )
    half, most, one = json.loads(done.stdout)
    assert_allclose(half, model.predict_interval(X, 0.5), rtol=1e-9)
    assert_allclose(most, model.predict_interval(X), rtol=1e-9)
    assert one == most[0]


LAYERS = """\
import { activations } from "./network.mjs";
import { readFileSync } from "node:fs";
const X = JSON.parse(readFileSync("X.json", "utf8"));
console.log(JSON.stringify(activations(X)));
"""


def layers(folder, model, X):
    """What `activations` of the exported model says of rows."""
    (folder / "network.mjs").write_text(to_javascript(model))
    (folder / "main.mjs").write_text(LAYERS)
    (folder / "X.json").write_text(json.dumps(X, default=str))
    done = subprocess.run(
        ["node", "main.mjs"], cwd=folder, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


@matrix("seed", [seed for seed in every_network if seed % 4], 3, 6)
def test_activations_are_those_of_every_layer(seed, tmp_path):
    model, X = network(seed)
    X = X[:50]
    found = layers(tmp_path, model, X.reshape(len(X), -1).tolist())
    A = [[row[0][l] for row in found] for l in range(len(found[0][0]))]
    atol = 1e-12 if X.dtype == np.float64 else 1e-5
    assert {len(row) for row in found} == {1}
    assert np.shape(A[0]) == (50, X[0].size)
    assert_allclose(A[-2], model.transform(X), rtol=2 * atol, atol=atol)
    P = expected(model, X)
    assert_allclose(np.reshape(A[-1], P.shape), P, rtol=2 * atol, atol=atol)


def test_activations_of_an_ensemble_are_those_of_each_member(tmp_path):
    model, X = fitted("number"), tables()[2][:20]
    found = layers(tmp_path, model, records(X))
    inputs = model.encoder_.transform(X)
    for k, member in enumerate(model.members_):
        A = [[row[k][l] for row in found] for l in range(4)]
        assert_allclose(A[0], inputs, rtol=1e-6, atol=1e-6)
        assert_allclose(A[2], member.transform(inputs), rtol=1e-5, atol=1e-5)
    means = [np.mean([layers[-1] for layers in row]) for row in found]
    assert_allclose(means, model.predict(X), rtol=1e-9)


ROWS = """\
import { predictProba as p, classes } from "./network.mjs";
import assert from "node:assert/strict";
const row = %s;
const same = (name, ...values) => {
  const found = values.map((value) => p({ ...row, [name]: value }));
  for (const one of found) assert.deepEqual(one, found[0]);
};
const refused = (text, row) => assert.throws(() => p(row), { message: text });
assert.deepEqual(p([row]), [p(row)]);
assert.deepEqual(p([Object.values(row)]), [p(row)]);
same("sold", "2001-02-03", "2001-02-03T00:00+05:00", new Date(Date.UTC(2001, 1, 3)));
same("new", true, 1, 1n);
same("price", null, undefined, NaN);
same("price", 3, 3n);
same("city", "Rome", "Paris", "__proto__");
refused('"price" must be a number, got "3"', { ...row, price: "3" });
refused('"sold" must be a date, got "2001-13-03"', { ...row, sold: "2001-13-03" });
refused('"sold" must be a date, got 3', { ...row, sold: 3 });
refused('"price" is not in the row; null is a missing value', {});
refused("rows must have 8 values, got 1", [[3]]);
console.log("done");
"""


def test_forms_of_rows_and_what_is_refused(tmp_path):
    (tmp_path / "network.mjs").write_text(to_javascript(fitted("two classes")))
    row = json.dumps(records(tables()[0])[0], default=str)
    (tmp_path / "main.mjs").write_text(ROWS % row)
    done = subprocess.run(
        ["node", "main.mjs"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.stderr, done.stdout) == ("", "done\n")


def test_integers_beyond_53_bits(tmp_path):
    X = np.array([[2**60 + i] for i in range(100)])
    model = ensemble(TabularNetRegressor).fit(X, np.arange(100.0))
    (tmp_path / "network.mjs").write_text(to_javascript(model))
    (tmp_path / "main.mjs").write_text(
        'import { predict } from "./network.mjs";\n'
        f"console.log(JSON.stringify(predict([{2**60 + 7}n].map((x) => [x]))));"
    )
    done = subprocess.run(
        ["node", "main.mjs"], cwd=tmp_path, capture_output=True, text=True
    )
    assert_allclose(json.loads(done.stdout), model.predict(X[7:8]), rtol=1e-9)
