"""`sknn-scratch play MODEL.h5 [DATA]`, as a user types it."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from table_models import fitted, tables

from sknn_scratch import DeepNetClassifier, DeepNetRegressor
from sknn_scratch._cli.main import main
from sknn_scratch.datasets import load_digit_images
from sknn_scratch.hdf5 import save_dataset, save_model
from sknn_scratch.preprocessing import ImageFlattener

CONTENT = re.compile(r'<script type="application/json" id="look">(.*?)</script>', re.S)
QUICK = {"max_iter": 2, "warn": False, "random_state": 0}


@pytest.fixture
def play(tmp_path, monkeypatch, capsys):
    """Runs `play` with these words; exit code, content of the page, output, errors."""
    monkeypatch.chdir(tmp_path)

    def play(line):
        capsys.readouterr()
        code = main(["play", *line.split()])
        path = tmp_path / "play.html"
        content = None
        if path.exists():
            content = json.loads(CONTENT.findall(path.read_text(encoding="utf-8"))[0])
        return code, content, *capsys.readouterr()

    return play


@pytest.fixture
def digits(tmp_path):
    """digits.h5, a data file with a test set, and models of its images and rows."""
    X, y = load_digit_images()
    names = [f"digit {k}" for k in range(10)]
    save_dataset(
        tmp_path / "digits.h5", X[:100], y[:100], X[100:150], y[100:150], names
    )
    net = DeepNetClassifier((5,), **QUICK)
    images = make_pipeline(ImageFlattener(scale=16), net).fit(X[:100], y[:100])
    save_model(images, tmp_path / "images.h5", class_names=names)
    flat = DeepNetClassifier((5,), **QUICK).fit(X[:100].reshape(100, -1), y[:100])
    save_model(flat, tmp_path / "flat.h5")


@pytest.fixture
def homes(tmp_path):
    """homes.csv and a model of its prices."""
    X, y, _ = tables()
    frame = X.assign(price_now=1e6 * y)
    frame.loc[3, "price_now"] = np.nan
    frame.to_csv(tmp_path / "homes.csv", index=False)
    save_model(fitted("number"), tmp_path / "homes.h5", target_name="price_now")


def test_a_model_alone_makes_a_page(play, digits):
    code, content, out, err = play("images.h5")
    assert (code, err) == (0, "")
    assert re.fullmatch(r"Wrote play.html \(\d\.\d MB\): open it in a browser\.\n", out)
    assert content["rows"] is None
    assert content["outputs"] == [f"digit {k}" for k in range(10)]
    assert content["file"] == "images.h5"


def test_a_data_file_gives_the_rows_of_its_test_set(play, digits):
    _, content, *_ = play("images.h5 digits.h5")
    _, y = load_digit_images()
    assert content["data"] == "digits.h5"
    assert content["rows"]["of"] == 50
    assert content["rows"]["truth"] == [f"digit {k}" for k in y[100:150]]


def test_images_of_the_data_go_with_a_model_of_flat_rows(play, digits):
    _, content, *_ = play("flat.h5 digits.h5")
    assert content["picture"]["shape"] == [8, 8, 1]
    assert content["notes"] == []


def test_a_table_gives_rows_and_true_answers(play, homes):
    code, content, _, err = play("homes.h5 homes.csv")
    assert code == 0
    assert "cells of homes.csv missing" in err
    assert content["target"] == "price_now"
    assert content["rows"]["of"] == 100
    truth = content["rows"]["truth"]
    assert truth[3] is None
    assert truth[4] == pytest.approx(1e6 * tables()[1][4])


def test_reading_of_a_table_can_be_told(play, homes, tmp_path):
    text = (tmp_path / "homes.csv").read_text().replace(",", ";")
    (tmp_path / "odd.csv").write_text(text)
    code, content, *_ = play("homes.h5 odd.csv --separator ;")
    assert code == 0
    assert content["rows"]["of"] == 100


def test_classes_of_a_table_are_true_answers(play, tmp_path):
    rng = np.random.RandomState(0)
    frame = pd.DataFrame(rng.randn(40, 2), columns=["a", "b"])
    labels = (frame["a"] > 0).astype(int)
    model = make_pipeline(StandardScaler(), DeepNetClassifier((3,), **QUICK))
    names = ["no", "go"]
    save_model(
        model.fit(frame, labels), tmp_path / "m.h5", class_names=names, target_name="y"
    )
    frame.assign(y=np.array(names)[labels]).to_csv(tmp_path / "t.csv", index=False)
    _, content, *_ = play("m.h5 t.csv")
    assert content["rows"]["truth"] == np.array(names)[labels].tolist()
    assert content["outputs"] == names


@pytest.mark.parametrize("outputs", [1, 2])
def test_numbers_of_a_data_file_are_true_answers(play, tmp_path, outputs):
    import h5py

    rng = np.random.RandomState(0)
    X, Y = rng.randn(30, 4), rng.randn(30, outputs)
    Y = Y.ravel() if outputs == 1 else Y
    with h5py.File(tmp_path / "d.h5", "w") as file:
        file["train_set_x"], file["train_set_y"] = X, Y
    net = DeepNetRegressor(hidden_layer_sizes=(3,), **QUICK).fit(X, Y)
    save_model(net, tmp_path / "m.h5")
    _, content, *_ = play("m.h5 d.h5")
    assert np.allclose(content["rows"]["truth"], Y)


def test_several_labels_of_a_data_file(play, tmp_path):
    import h5py

    rng = np.random.RandomState(0)
    X = rng.randn(30, 4)
    Y = (X[:, :3] > 0).astype(int)
    with h5py.File(tmp_path / "d.h5", "w") as file:
        file["train_set_x"], file["train_set_y"] = X, Y
    save_model(DeepNetClassifier((3,), **QUICK).fit(X, Y), tmp_path / "m.h5")
    _, content, *_ = play("m.h5 d.h5")
    assert content["kind"] == "labels"
    assert content["rows"]["truth"] == Y.tolist()


def test_the_result_is_told_as_json(play, digits):
    code, _, out, _ = play("images.h5 digits.h5 --json")
    found = json.loads(out)
    assert code == 0
    assert (found["file"], found["rows"]) == ("play.html", 50)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("images.h5 nothing.csv", "nothing.csv must be a table, but does not exist."),
        ("images.h5 nothing.h5", "nothing.h5 must be an HDF5 file, but does not"),
        ("images.h5 photo.png", "DATA must be a table or a data file (.h5), got"),
        ("images.h5 images.h5", "images.h5 must hold 'train_set_x', got only"),
        ("images.h5 digits.h5 --dates day-first", "--dates must not be given with a"),
        ("images.h5 --header no", "--header must not be given with a model alone."),
        ("images.h5 --hidden 3", "--hidden must not be given with a saved model: imag"),
        ("images.h5 --out images.h5", "--out must be another file than images.h5."),
        ("images.h5 --out no/x.html", "--out no/x.html: the folder"),
        ("images.h5 rows.h5", "rows.h5 must hold rows of shape (8, 8) as the model"),
        ("flat.h5 holes.h5", "holes.h5 must hold rows of finite numbers."),
        ("levels.h5", "levels.h5 cannot be played: model must have one level of loss="),
        ("pairs.h5", "pairs.h5 cannot be played: the model must take pictures"),
        ("moons digits.h5", "DATA must not be given with a training on moons."),
        ("digits.h5 digits.h5", "DATA must not be given with a training on digits"),
        ("moons --encoding utf-8", "--encoding must not be given with a training"),
        ("homes.h5 few.csv", "few.csv must have the 8 columns of the training, got no"),
    ],
)  # fmt: skip
def test_errors_are_of_one_line(play, digits, homes, tmp_path, line, message):
    rng = np.random.RandomState(0)
    X, y = rng.randn(20, 64), np.arange(20) % 2
    save_dataset(tmp_path / "rows.h5", X, y)
    save_dataset(tmp_path / "holes.h5", np.where(X > 2, np.nan, X), y)
    (tmp_path / "few.csv").write_text("price\n3\n4\n")
    options = {"loss": "quantile", "quantile": [0.1, 0.9], **QUICK}
    save_model(DeepNetRegressor(**options).fit(X, y), tmp_path / "levels.h5")
    pairs = make_pipeline(ImageFlattener(scale=1), DeepNetClassifier((3,), **QUICK))
    save_model(pairs.fit(X.reshape(20, 8, 4, 2), y), tmp_path / "pairs.h5")
    code, content, out, err = play(line)
    assert code == 2
    assert content is None
    assert out == ""
    assert f"sknn-scratch: error: {message}" in err
    assert err.splitlines()[-1].startswith("sknn-scratch: error:")
    assert err.count("sknn-scratch: error:") == 1


@pytest.mark.parametrize("names", [[0.0, 1.0], [False, True], ["a\tb", "c"], [-1, 7]])
def test_true_answers_of_a_table_have_the_names_of_the_classes(names, tmp_path, play):
    frame = pd.DataFrame({"a": np.arange(20.0), "b": np.arange(20.0) % 3})
    y = np.array(names)[np.arange(20) % 2]
    net = DeepNetClassifier((2,), **QUICK).fit(frame, y)
    save_model(net, tmp_path / "m.h5", target_name="y")
    whole = y.astype(int) if isinstance(names[0], float) else y
    frame.assign(y=whole).to_csv(tmp_path / "t.csv", index=False)
    code, content, *_ = play("m.h5 t.csv")
    assert code == 0
    assert content["rows"]["truth"] == content["outputs"] * 10
