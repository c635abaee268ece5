"""The model in the page of `sknn-scratch play MODEL.h5`, run by Node.js."""

import base64
import json
import re
import subprocess

import numpy as np
import pytest
from matrix import matrix
from networks import every_network, expected, network
from numpy.testing import assert_allclose
from sklearn.pipeline import make_pipeline
from table_models import IMAGES, MODELS, fitted, tables

from sknn_scratch import DeepNetClassifier
from sknn_scratch._pages.look.page import Subject, look_page
from sknn_scratch.preprocessing import ImageFlattener

MODULE = re.compile(r'<script type="module">\n(.*?)</script>', re.S)
CONTENT = re.compile(r'<script type="application/json" id="look">(.*?)</script>', re.S)
MAIN = """\
import { readFileSync } from "node:fs";
globalThis.window = globalThis;
await import("./model.mjs");
const rows = JSON.parse(readFileSync("rows.json", "utf8"));
console.log(JSON.stringify({
  outputs: window.model.outputs(rows),
  interval: window.model.interval && window.model.interval(rows, 0.8),
  layers: window.model.activations(rows).map((one) => one[0].map((a) => a.length)),
}));
"""


def parts(html):
    """The content of a page, and the module of its model."""
    return json.loads(CONTENT.findall(html)[0]), MODULE.findall(html)[0]


def answers(folder, module, rows):
    """What the model in the page says of rows."""
    (folder / "model.mjs").write_text(module, encoding="utf-8")
    (folder / "main.mjs").write_text(MAIN)
    (folder / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
    done = subprocess.run(
        ["node", "main.mjs"], cwd=folder, capture_output=True, text=True
    )
    assert not done.stderr
    return json.loads(done.stdout)


def whole_rows(content):
    """The rows of a page with None in columns that the model does not read."""
    places = [column["place"] for column in content["columns"]]
    rows = np.full((len(content["rows"]["values"]), content["width"]), None)
    for row, values in zip(rows, content["rows"]["values"], strict=True):
        row[places] = values
    return rows.tolist()


@pytest.mark.filterwarnings("ignore:Found unknown categories")
@matrix("name", MODELS, "texts", "columns", "number", "steps within steps")
def test_rows_of_a_table_are_answered_as_by_the_model(name, tmp_path):
    model, X = fitted(name), tables()[2]  # with missing values and unseen levels
    content, module = parts(look_page(Subject(model, "model.h5", X=X)))
    found = answers(tmp_path, module, whole_rows(content))
    chosen = X.iloc[np.array(content["rows"]["numbers"]) - 1]
    classifier = hasattr(model, "predict_proba")
    P = model.predict_proba(chosen) if classifier else model.predict(chosen)
    atol = 1e-6 * (np.ptp(P) or 1)
    assert_allclose(np.reshape(found["outputs"], P.shape), P, rtol=0, atol=atol)
    assert P.reshape(len(P), -1).shape[1] == len(content["outputs"])
    if hasattr(model, "predict_interval"):
        ends = model.predict_interval(chosen, 0.8)
        assert_allclose(found["interval"], ends, rtol=0, atol=atol)


@matrix("seed", every_network, 2, 3, 5)
def test_rows_of_numbers_are_answered_as_by_the_network(seed, tmp_path):
    model, X = network(seed)
    content, module = parts(look_page(Subject(model, "model.h5", X=X)))
    rows, P = X[:100], expected(model, X[:100])
    found = answers(tmp_path, module, rows.reshape(100, -1).tolist())
    atol = 1e-6 * (np.ptp(P) or 1)
    assert_allclose(np.reshape(found["outputs"], P.shape), P, rtol=0, atol=atol)
    assert content["picture"] is not None or len(content["columns"]) == X[0].size
    assert len(found["layers"][0]) == len(content["activations"]) + 2


def pixels(rows):
    """The pictures of a page as the numbers that it asks its model with."""
    kind = "u1" if rows["bytes"] else "<f4"
    flat = np.frombuffer(base64.b64decode(rows["pixels"]), kind)
    return flat.reshape(len(rows["numbers"]), -1).astype(float)


@pytest.mark.parametrize("shape", [(8, 8), (6, 5, 3), (9, 9, 1), (4, 4, 4)])
def test_pictures_are_answered_as_by_the_model(shape, tmp_path):
    rng = np.random.RandomState(0)
    X = rng.randint(0, 256, (60, *shape)).astype("u1")
    net = DeepNetClassifier((5, 4), max_iter=5, warn=False, random_state=0)
    model = make_pipeline(ImageFlattener(dtype=np.float32), net)
    model.fit(X, rng.randint(0, 3, 60))
    content, module = parts(look_page(Subject(model, "model.h5", X=X)))
    rows = pixels(content["rows"])
    np.testing.assert_array_equal(rows, X.reshape(60, -1))
    found = answers(tmp_path, module, rows.tolist())
    assert_allclose(found["outputs"], model.predict_proba(X), rtol=0, atol=1e-6)
    assert content["picture"]["shape"] == [*shape, 1][:3]


def test_pictures_behind_a_scaled_target(tmp_path):
    rng = np.random.RandomState(0)
    X = 4 * rng.rand(50, 3, 4)
    model = IMAGES.fit(X, X.sum(axis=(1, 2)))
    content, module = parts(look_page(Subject(model, "model.h5", X=X)))
    found = answers(tmp_path, module, X.reshape(50, -1).tolist())
    assert_allclose(found["outputs"], model.predict(X), rtol=1e-9)
    assert content["picture"]["high"] == 4
