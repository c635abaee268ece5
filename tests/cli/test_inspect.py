"""`sknn-scratch inspect`: models, data and other HDF5 files, in plain text."""

import re

import h5py
import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
)
from sknn_scratch import __main__ as cli
from sknn_scratch.hdf5 import save_dataset, save_model
from sknn_scratch.preprocessing import ImageFlattener

IMAGES = np.arange(6 * 4 * 2, dtype=np.uint8).reshape(6, 4, 2)
LABELS = np.array([0, 1, 1, 2, 1, 0])


@pytest.fixture
def inspect(capsys):
    """What the command prints, spaces and line ends as single spaces."""

    def run(path):
        assert cli.main(["inspect", str(path)]) == 0
        captured = capsys.readouterr()
        assert captured.err == ""
        return " ".join(captured.out.split())

    return run


@pytest.fixture
def refused(capsys):
    def run(path, *parts):
        assert cli.main(["inspect", str(path)]) == 2
        error = capsys.readouterr().err
        assert error.startswith("sknn-scratch: error: ")
        assert error.count("\n") == 1
        for part in (path, *parts):
            assert str(part) in error

    return run


# -- data ------------------------------------------------------------------------------


def test_of_data_shapes_types_ranges_and_classes_are_told(inspect, tmp_path):
    path = tmp_path / "d.h5"
    save_dataset(path, IMAGES, LABELS, IMAGES[:2] + 9, LABELS[:2], ["a", "b", "ç"])
    said = inspect(path)
    assert f"{path}: images and labels in the course's layout" in said
    assert "train_set_x (6, 4, 2) uint8 0 to 47 52 bytes" in said
    assert "test_set_x (2, 4, 2) uint8 9 to 24 20 bytes" in said
    assert "train_set_y (6,) int64 0 to 2" in said
    assert "classes: 3, named by list_classes" in said
    assert "class train test a 2 1 b 3 1 ç 1 0" in said


@pytest.mark.parametrize("compression", ["gzip", "lzf"])
def test_compression_is_told(inspect, tmp_path, compression):
    save_dataset(tmp_path / "d.h5", IMAGES, LABELS, compression=compression)
    assert f"bytes, {compression} train_set_y" in inspect(tmp_path / "d.h5")


def test_a_range_is_found_over_all_blocks(inspect, tmp_path, rng):
    X = rng.rand(3000, 500)  # three blocks
    X[1500, 3], X[-1, -1] = -7, 8
    save_dataset(tmp_path / "d.h5", X, np.arange(3000) % 2)
    assert "(3000, 500) float64 -7 to 8 12.1 MB" in inspect(tmp_path / "d.h5")


def test_classes_without_names_are_numbers(inspect, tmp_path):
    save_dataset(tmp_path / "d.h5", IMAGES, LABELS)
    said = inspect(tmp_path / "d.h5")
    assert "classes: 3, named by their numbers class train 0 2 1 3 2 1" in said


def test_a_file_may_hold_a_test_set_only(inspect, tmp_path):
    with h5py.File(tmp_path / "d.h5", "w") as file:
        file["test_set_x"], file["test_set_y"] = IMAGES, LABELS[None]
    assert "class test 0 2 1 3 2 1" in inspect(tmp_path / "d.h5")


def test_the_course_s_file_is_told(inspect, course):
    said = inspect(course / "train_catvnoncat.h5")
    assert "train_set_x (209, 64, 64, 3) uint8 0 to 255" in said
    assert "class train non-cat 137 cat 72" in said


@pytest.mark.parametrize(
    ("arrays", "part"),
    [
        ({"train_set_x": IMAGES}, "must hold 'train_set_y'"),
        ({"train_set_y": LABELS}, "must hold 'train_set_x'"),
        ({"train_set_x": IMAGES, "train_set_y": LABELS[:3]}, "one label for each"),
        ({"train_set_x": IMAGES, "train_set_y": LABELS - 1}, "whole numbers"),
        ({"train_set_x": h5py.Empty("u1"), "train_set_y": LABELS}, "empty dataspace"),
        (
            {
                "train_set_x": IMAGES,
                "train_set_y": LABELS,
                "list_classes": np.array([b"a"]),
            },
            "names every label",
        ),
    ],
)
def test_data_that_do_not_fit_are_named(refused, tmp_path, arrays, part):
    with h5py.File(tmp_path / "d.h5", "w") as file:
        for name, array in arrays.items():
            file[name] = array
    refused(tmp_path / "d.h5", part)


# -- models ----------------------------------------------------------------------------


def fitted(model, shape=(30, 4), classes=("a", "b")):
    rng = np.random.RandomState(0)
    y = np.array(classes)[np.arange(shape[0]) % len(classes)]
    return model.fit(rng.randint(256, size=shape).astype(np.uint8), y)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_of_a_pipeline_steps_layers_and_training_are_told(inspect, tmp_path):
    net = DeepNetClassifier((5, 3), activation="tanh", max_iter=4, random_state=0)
    model = fitted(
        make_pipeline(ImageFlattener(), StandardScaler(), net), (30, 2, 2, 3)
    )
    save_model(model, tmp_path / "m.h5")
    said = inspect(tmp_path / "m.h5")
    assert f"{tmp_path / 'm.h5'}: pipeline, " in said
    assert (
        "step 1, imageflattener: ImageFlattener() takes images of shape (2, 2, 3)"
        in said
    )
    assert "step 2, standardscaler: StandardScaler()" in said
    assert (
        "DeepNetClassifier(activation='tanh', hidden_layer_sizes=(5, 3), max_iter=4, "
        "random_state=0)" in said
    )
    assert "predicts one of 2 classes output sigmoid" in said
    assert "classes 2: a, b" in said
    told = f"examples seen 120 cost {net.loss_:.4g} cost of the last epoch"
    assert f"iterations 4 {told}" in said
    assert "1 tanh (5, 12) (5, 1) 65" in said
    assert "2 tanh (3, 5) (3, 1) 18" in said
    assert "3 sigmoid (1, 3) (1, 1) 4" in said
    assert "all float64 87" in said


def test_a_step_that_does_nothing_is_told(inspect, tmp_path):
    net = ShallowNetClassifier(3, max_iter=2, random_state=0, warn=False)
    model = make_pipeline("passthrough", net).fit(np.eye(4), [0, 1, 0, 1])
    save_model(model, tmp_path / "model.h5")
    said = inspect(tmp_path / "model.h5")
    assert "step 1, passthrough: passthrough step 2, shallownetclassifier:" in said


def test_the_parameters_told_are_those_of_the_layers(inspect, tmp_path):
    model = fitted(LogisticRegressionScratch(C=2.0), classes=("a", "b", "c"))
    save_model(model, tmp_path / "m.h5", class_names=["x", "y", "z"])
    said = inspect(tmp_path / "m.h5")
    assert "m.h5: model, " in said
    assert "LogisticRegressionScratch(C=2.0)" in said
    assert "predicts one of 3 classes output softmax" in said
    assert "class names 3: x, y, z" in said
    assert f"all float64 {model.coef_.size + model.intercept_.size}" in said


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_names_of_features_are_told(inspect, tmp_path):
    pd = pytest.importorskip("pandas")
    X = pd.DataFrame(np.random.RandomState(0).rand(20, 2), columns=["w", "h"])
    model = ShallowNetClassifier(3, max_iter=2).fit(X, np.arange(20) % 2)
    save_model(model, tmp_path / "m.h5")
    assert "features 2: w, h" in inspect(tmp_path / "m.h5")


def test_a_model_of_another_version_is_named(refused, tmp_path):
    save_model(fitted(LogisticRegressionScratch()), tmp_path / "m.h5")
    with h5py.File(tmp_path / "m.h5", "r+") as file:
        del file.attrs["digest"]
        file.attrs["version"] = 99
    refused(tmp_path / "m.h5", "version 99")


# -- other files -----------------------------------------------------------------------


def test_another_hdf5_file_is_listed_and_said_to_be_neither(inspect, tmp_path):
    with h5py.File(tmp_path / "o.h5", "w") as file:
        file["a/b/c/d"] = [[1.5, 2]]
        file["text"] = "hello"
        file["none"] = h5py.Empty("u1")
        file["gone"] = h5py.ExternalLink("no.h5", "/x")
        file["a/round"] = h5py.SoftLink("/a")
    said = inspect(tmp_path / "o.h5")
    assert "neither a model nor data in the course's layout" in said
    assert "with 3 datasets" in said
    assert "a/b/c/d (1, 2) float64 1.5 to 2" in said
    assert "text () object -" in said
    assert "none empty" in said


def test_an_empty_hdf5_file_is_neither(inspect, tmp_path):
    h5py.File(tmp_path / "o.h5", "w").close()
    assert "with 0 datasets" in inspect(tmp_path / "o.h5")


def test_what_is_declared_and_not_stored_is_not_read(inspect, tmp_path):
    with h5py.File(tmp_path / "o.h5", "w") as file:
        file.create_dataset("big", (10**6, 10**6), "f8", chunks=(1000, 1000))
    assert "big (1000000, 1000000) float64 not stored" in inspect(tmp_path / "o.h5")


def test_what_is_no_hdf5_file_is_named(refused, tmp_path):
    refused(tmp_path / "no.h5", "does not exist")
    refused(tmp_path, "got a directory")
    (tmp_path / "t.h5").write_text("text")
    refused(tmp_path / "t.h5", "of another format")
    save_dataset(tmp_path / "d.h5", IMAGES, LABELS)
    (tmp_path / "d.h5").write_bytes((tmp_path / "d.h5").read_bytes()[:-50])
    refused(tmp_path / "d.h5", "cut short")


# data only: in models they crash HDF5 itself where h5py is 3.11 (issue 7)
def test_flipped_bytes_give_text_or_an_error_of_one_line(tmp_path, capfd, rng):
    path = tmp_path / "d.h5"
    save_dataset(path, IMAGES, LABELS, compression="gzip")
    whole, codes = path.read_bytes(), set()
    for _ in range(300):
        damaged = bytearray(whole)
        for place in rng.randint(len(whole), size=rng.choice([1, 4, 30])):
            damaged[place] = rng.randint(256)
        path.write_bytes(damaged)
        code = cli.main(["inspect", str(path)])
        assert capfd.readouterr().err.count("\n") == code // 2
        codes.add(code)
    assert codes - {0} == {2}  # bytes that nobody reads may be any


def test_a_network_that_predicts_numbers_is_told_of(tmp_path, capsys):
    X = np.random.RandomState(0).randn(30, 3)
    net = DeepNetRegressor(
        hidden_layer_sizes=4, early_stopping=True, max_iter=30, warn=False
    )
    save_model(net.fit(X, X[:, 0]), tmp_path / "model.h5")
    assert cli.main(["inspect", str(tmp_path / "model.h5")]) == 0
    printed = capsys.readouterr().out
    assert re.search("predicts +a number\n", printed)
    assert re.search("cost of +the best epoch\n", printed)
    assert "classes" not in printed
    (tmp_path / "some.png").write_bytes(b"")
    code = cli.main(["predict", str(tmp_path / "model.h5"), str(tmp_path / "some.png")])
    assert code == 2
    assert "was not trained on images" in capsys.readouterr().err
