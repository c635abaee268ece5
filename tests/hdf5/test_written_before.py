"""Files that were written before the modules moved into folders are still read.

`written_before/` holds a model of each kind and a checkpoint of each kind of solver.
"""

import json
import pathlib
import runpy
import shutil
from hashlib import sha256

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
)
from sknn_scratch.hdf5 import load_model, save_model

FILES = pathlib.Path(__file__).parent / "written_before"
EXPECTED = json.loads((FILES / "expected.json").read_text())
X = (np.arange(120) * 37 % 64).reshape(30, 4) / 8.0
NUMBERS = X[:, 0] - X[:, 1] + 0.5
COMMON = {"max_iter": 6, "random_state": 0, "warn": False}
TRAININGS = {
    "adam": DeepNetClassifier(
        (4,),
        batch_size=8,
        dropout=0.1,
        early_stopping=True,
        standardize=True,
        **COMMON,
    ),
    "sgd": DeepNetRegressor(
        hidden_layer_sizes=(4,),
        batch_size=8,
        solver="sgd",
        learning_rate="adaptive",
        standardize_target=False,
        **COMMON,
    ),
    "gd": LogisticRegressionScratch(solver="gd", **COMMON),
}


def rows_for(name):
    if name == "images":
        return X.reshape(30, 2, 2)
    return X.astype(np.float32) if name == "float32" else X


def network(model):
    return model[-1] if hasattr(model, "steps") else model


@pytest.mark.parametrize("name", EXPECTED["parameters"])
def test_a_model_has_the_same_bits(name):
    parameters = network(load_model(FILES / f"{name}.h5")).parameters_.values()
    bits = b"".join(np.ascontiguousarray(layer).tobytes() for layer in parameters)
    assert sha256(bits).hexdigest()[:16] == EXPECTED["parameters"][name]


@pytest.mark.parametrize("name", EXPECTED["predictions"])
def test_a_model_predicts_the_same(name):
    model = load_model(FILES / f"{name}.h5")
    predict = getattr(model, "predict_proba", model.predict)
    # the sums of another processor may differ in the last bits
    tolerance = 1e-5 if name == "float32" else 1e-12
    found = predict(rows_for(name))
    assert_allclose(found, EXPECTED["predictions"][name], rtol=tolerance)


@pytest.mark.parametrize("name", EXPECTED["predictions"])
def test_the_documented_reader_knows_version_2(name):
    reader = runpy.run_path(str(FILES.parents[2] / "docs/read_model.py"))
    found = reader["outputs"](FILES / f"{name}.h5", rows_for(name))
    tolerance = 1e-5 if name == "float32" else 1e-12
    assert_allclose(found, EXPECTED["predictions"][name], rtol=tolerance)


@pytest.mark.parametrize("name", EXPECTED["parameters"])
def test_a_model_that_is_saved_again_is_the_same(name, tmp_path):
    model = load_model(FILES / f"{name}.h5")
    save_model(model, tmp_path / "again.h5")
    again = network(load_model(tmp_path / "again.h5")).parameters_
    for key, layer in network(model).parameters_.items():
        assert_array_equal(again[key], layer)


@pytest.mark.parametrize("name", ["number", "numbers"])
def test_a_regressor_from_before_its_targets_were_scaled_trains_as_it_did(name):
    model = network(load_model(FILES / f"{name}.h5"))
    assert model.standardize_target is False


@pytest.mark.parametrize("name", TRAININGS)
def test_a_training_goes_on_from_its_checkpoint(name, tmp_path):
    y = NUMBERS if name == "sgd" else np.arange(30) % 3
    path = shutil.copy(FILES / f"{name}.checkpoint.h5", tmp_path / "training.h5")
    net = TRAININGS[name]
    whole = net.set_params(checkpoint=None).fit(X, y).parameters_
    epochs = len(net.loss_curve_)
    net.set_params(checkpoint=str(path), checkpoint_every=1e-9).fit(X, y)
    assert len(net.loss_curve_) == epochs
    for key, layer in net.parameters_.items():
        # the first epochs were those of another processor
        assert_allclose(layer, whole[key], rtol=1e-6, atol=1e-9)
