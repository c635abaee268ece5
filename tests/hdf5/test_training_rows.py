"""Fingerprints of the rows of the training in a model file."""

import numpy as np
import pytest

from sknn_scratch import DeepNetRegressor
from sknn_scratch._storage import store
from sknn_scratch.hdf5 import load_model, save_model
from sknn_scratch.hdf5._model_format import DEPTH
from sknn_scratch.hdf5._models import read_model, write_model

ROWS = np.array([7, 0, 2**64 - 1], np.uint64)


@pytest.fixture
def net():
    X = np.arange(12.0).reshape(6, 2)
    return DeepNetRegressor(hidden_layer_sizes=2, max_iter=2, warn=False).fit(
        X, X[:, 0]
    )


def test_they_are_kept_to_the_bit_and_in_order(net, tmp_path):
    write_model(net, tmp_path / "m.h5", training_rows=ROWS)
    found = read_model(tmp_path / "m.h5").training_rows
    assert found.dtype == np.uint64
    assert found.tolist() == ROWS.tolist()


def test_save_model_writes_none(net, tmp_path):
    write_model(net, tmp_path / "m.h5", training_rows=ROWS)
    save_model(load_model(tmp_path / "m.h5"), tmp_path / "again.h5")
    assert read_model(tmp_path / "again.h5").training_rows is None


@pytest.mark.parametrize("bad", [ROWS.astype(float), ROWS[:, None], ROWS[:0]])
def test_what_is_no_list_of_fingerprints_is_refused(net, tmp_path, bad):
    path = tmp_path / "m.h5"
    write_model(net, path)
    tree = store.read_tree(path, depth=DEPTH)
    tree.attributes.pop("digest", None)
    tree.arrays["training_rows"] = bad
    store.write_tree(path, tree, depth=DEPTH)
    with pytest.raises(ValueError, match="training_rows must be a list of unsigned"):
        read_model(path)
