"""`sknn-scratch train` and `sknn-scratch predict`, as a user types them."""

import csv
import io
import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image
from sklearn.pipeline import Pipeline, make_pipeline

from sknn_scratch import DeepNetClassifier, LogisticRegressionScratch
from sknn_scratch._cli.main import main
from sknn_scratch.datasets import load_digit_images
from sknn_scratch.hdf5 import load_dataset, load_model, save_dataset, save_model
from sknn_scratch.preprocessing import ImageFlattener

CATS = "--model deep --hidden 20,7,5 --solver gd --learning-rate 0.0075 --init scaled"
CATS += " --max-iter 100 --alpha 0 --tol 0 --patience inf --seed 1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A data file of colour images in two classes, and a model trained on it."""
    folder = tmp_path_factory.mktemp("data")
    digits, y = load_digit_images()
    digits, y = digits[y < 2] * 15, y[y < 2]
    X = np.stack([digits, 255 - digits, digits // 2], axis=-1)
    save_dataset(
        folder / "data.h5", X[:250], y[:250], X[250:], y[250:], ["zero", "one"]
    )
    save_dataset(folder / "grey.h5", digits, y)
    save_dataset(folder / "rows.h5", X.reshape(len(X), -1)[:, :120], y)
    assert main(["train", str(folder / "data.h5"), "--out", str(folder / "m.h5"),
                 "--hidden", "8", "--learning-rate", "0.01"]) == 0  # fmt: skip
    return folder


@pytest.fixture
def run(folder, monkeypatch, capsys):
    """Runs a command in the folder; its exit code, output and errors."""
    monkeypatch.chdir(folder)

    def run(line):
        capsys.readouterr()
        code = main(line.split())
        return code, *capsys.readouterr()

    return run


@pytest.mark.parametrize("model", ["logistic", "shallow", "deep"])
@pytest.mark.parametrize("data", ["data.h5", "grey.h5", "rows.h5"])
def test_every_model_learns_every_kind_of_data(run, folder, model, data):
    code, out, _ = run(f"train {data} --model {model} --out out.h5")
    assert code == 0
    assert "Saved what was learned" in out
    heads = next(line for line in out.splitlines() if line.startswith("model"))
    assert ("test accuracy" in heads) == (data == "data.h5")
    loaded = load_dataset(folder / data)
    assert load_model(folder / "out.h5").score(loaded.X_train, loaded.y_train) > 0.95


def test_options_reach_the_estimator(run, folder):
    code, *_ = run(
        "train data.h5 --model deep --hidden 6,4 --activation tanh,relu --solver sgd "
        "--learning-rate 0.02 --max-iter 7 --init xavier --alpha 0.5 --batch-size 32 "
        "--tol 0 --patience inf --seed 5 --early-stopping --scale 200 --out out.h5 "
        "--schedule cosine --warmup 2 --l1-ratio 0.1 --dropout 0.2 --max-grad-norm 5 "
        "--label-smoothing 0.05 --standardize"
    )
    assert code == 0
    flatten, net = load_model(folder / "out.h5")
    assert flatten.scale == 200
    chosen = {
        "hidden_layer_sizes": (6, 4),
        "activation": ("tanh", "relu"),
        "solver": "sgd",
        "learning_rate_init": 0.02,
        "max_iter": 7,
        "init": "xavier",
        "alpha": 0.5,
        "batch_size": 32,
        "tol": 0.0,
        "n_iter_no_change": np.inf,
        "random_state": 5,
        "early_stopping": True,
        "learning_rate": "cosine",
        "warmup_epochs": 2,
        "l1_ratio": 0.1,
        "dropout": 0.2,
        "max_grad_norm": 5.0,
        "label_smoothing": 0.05,
        "standardize": True,
    }
    assert {name: net.get_params()[name] for name in chosen} == chosen


def test_the_cats_are_learned_and_predicted_as_in_python(course, run, tmp_path):
    out = tmp_path / "cats.h5"
    code, printed, _ = run(
        f"train {course}/train_catvnoncat.h5 {course}/test_catvnoncat.h5 {CATS} "
        f"--out {out}"
    )
    assert code == 0
    model = load_model(out)
    data = load_dataset(course / "train_catvnoncat.h5", course / "test_catvnoncat.h5")
    own = DeepNetClassifier((20, 7, 5), solver="gd", init="scaled", alpha=0, tol=0,
                            learning_rate_init=0.0075, max_iter=100,
                            n_iter_no_change=np.inf, random_state=1)  # fmt: skip
    flatten = ImageFlattener(dtype="float32")
    own = make_pipeline(flatten, own).fit(data.X_train, data.y_train)
    for part, y in (data.X_train, data.y_train), (data.X_test, data.y_test):
        assert_array_equal(model.predict_proba(part), own.predict_proba(part))
        assert f" {own.score(part, y):.4f}" in printed
    P = {i: model.predict_proba(data.X_test[i : i + 1])[0] for i in (0, 7, 20)}
    for i in (0, 7, 20):
        Image.fromarray(data.X_test[i]).save(tmp_path / f"{i}.png")
    images = " ".join(str(tmp_path / f"{i}.png") for i in (0, 7, 20))
    code, printed, _ = run(f"predict {out} {images} --format json")
    for row, i in zip(json.loads(printed), (0, 7, 20), strict=True):
        assert [row["P(non-cat)"], row["P(cat)"]] == P[i].tolist()
        assert row["class"] == ["non-cat", "cat"][P[i].argmax()]


def test_ctrl_c_keeps_what_was_learned(folder, tmp_path):
    out = tmp_path / "out.h5"
    command = [sys.executable, "-m", "sknn_scratch", "train", str(folder / "data.h5")]
    command += ["--max-iter", "1000000", "--tol", "0", "--patience", "inf"]
    with subprocess.Popen(
        [*command, "--out", str(out)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert any("epoch 50 " in line for line in process.stdout)
        process.send_signal(signal.SIGINT)
        printed = process.stdout.read()
    assert process.returncode == 130
    assert "Interrupted after" in printed
    net = load_model(out)[-1]
    assert 50 <= net.n_iter_ < 1_000_000
    assert f"Saved what was learned in {net.n_iter_} epochs" in printed


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("command", ["train", "tune"])
def test_ctrl_c_after_the_training_saves_first(run, folder, monkeypatch, command):
    score = Pipeline.score

    def press(self, *arguments):
        if not hasattr(press, "pressed"):
            press.pressed = os.kill(os.getpid(), signal.SIGINT)
        return score(self, *arguments)

    monkeypatch.setattr(Pipeline, "score", press)
    options = {"train": "--max-iter 3", "tune": "--minutes 0.001 --figure pressed.png"}
    code, out, _ = run(f"{command} data.h5 --out pressed.h5 {options[command]}")
    assert code == 130
    assert "to pressed.h5." in out
    assert hasattr(load_model(folder / "pressed.h5"), "predict_proba")
    (folder / "pressed.h5").unlink()


# -- predict ---------------------------------------------------------------------------


def test_a_data_file_is_predicted_as_in_python(run, folder):
    data, model = load_dataset(folder / "data.h5"), load_model(folder / "m.h5")
    P = model.predict_proba(data.X_test)
    code, out, _ = run("predict m.h5 data.h5 --format csv")
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    found = [[float(r["P(zero)"]), float(r["P(one)"])] for r in rows]
    np.testing.assert_allclose(found, P, rtol=5e-9)  # nine digits
    assert [r["class"] for r in rows] == data.classes[P.argmax(axis=1)].tolist()
    assert [r["true class"] for r in rows] == data.classes[data.y_test].tolist()


def test_an_image_is_brought_to_the_size_and_channels_of_the_training(run, folder):
    data, model = load_dataset(folder / "data.h5"), load_model(folder / "m.h5")
    image = Image.fromarray(data.X_test[0])
    image.save(folder / "same.png")
    image.resize((64, 64), Image.Resampling.NEAREST).save(folder / "large.png")
    image.convert("RGBA").save(folder / "alpha.png")
    image.convert("L").save(folder / "grey.png")
    code, out, _ = run(
        "predict m.h5 same.png alpha.png large.png grey.png --format json"
    )
    assert code == 0
    same, alpha, large, grey = json.loads(out)
    P = model.predict_proba(data.X_test[:1])[0]
    assert [same["P(zero)"], same["P(one)"]] == P.tolist()
    assert alpha["P(zero)"] == same["P(zero)"]  # opaque
    assert large["P(zero)"] == pytest.approx(same["P(zero)"], abs=0.3)
    assert 0 < grey["P(zero)"] < 1


@pytest.mark.parametrize("sources", ["same.png data.h5", "data.h5 same.png"])
@pytest.mark.parametrize("form", ["csv", "table", "json"])
def test_images_and_data_files_may_be_mixed(run, folder, sources, form):
    data = load_dataset(folder / "data.h5")
    Image.fromarray(data.X_test[0]).save(folder / "same.png")
    code, out, _ = run(f"predict m.h5 {sources} --format {form}")
    assert code == 0
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(out)))
        assert len(rows) == 1 + len(data.X_test)
        assert sum(row["true class"] == "" for row in rows) == 1


def test_the_true_class_has_the_name_its_own_file_gives_it(run, folder):
    data = load_dataset(folder / "data.h5")
    save_dataset(folder / "other.h5", data.X_test, data.y_test, classes=["nought", "i"])
    _, out, _ = run("predict m.h5 other.h5 --format csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {row["true class"] for row in rows} == {"nought", "i"}
    assert {row["class"] for row in rows} == {"zero", "one"}


def test_a_label_below_zero_has_no_name(run, folder):
    rng = np.random.RandomState(0)
    net = LogisticRegressionScratch().fit(rng.randn(20, 6), np.arange(20) % 2 * 2 - 1)
    save_model(net, folder / "signs.h5", ["x", "y"])
    save_dataset(folder / "six.h5", rng.randn(3, 6), [0, 1, 0])
    code, out, _ = run("predict signs.h5 six.h5")
    assert code == 0
    assert "P(-1)" in out


def test_the_table_is_for_people(run):
    code, out, _ = run("predict m.h5 data.h5")
    assert out.splitlines()[0].split() == [
        *("image", "class", "P(zero)", "P(one)", "true", "class")
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("train nothing.h5", "nothing.h5 must be an HDF5 file, but does not exist"),
        ("train text.txt", "text.txt must have rows, got none"),
        ("train .", ". must have a sub-folder of images for each class, got none"),
        ("train m.h5", "m.h5 must hold 'train_set_x'"),
        ("train data.h5 nothing.h5", "nothing.h5 must be"),
        ("train data.h5 --out .", "--out . must be a file, got a directory"),
        ("train data.h5 --out no/m.h5", "must exist"),
        ("train data.h5 --out ./data.h5", "--out must be another file than data.h5"),
        ("train data.h5 --model logistic --hidden 3", "--hidden must not be given"),
        ("train data.h5 --model shallow --hidden 3,4", "--hidden must be one number"),
        ("train data.h5 --activation rulu", "did you mean relu?"),
        ("train data.h5 --hidden 0", "hidden_layer_sizes must be > 0"),
        ("train rows.h5 --scale 3", "--scale must not be given for rows"),
        ("predict nothing.h5 data.h5", "nothing.h5 must be an HDF5 file"),
        ("predict data.h5 data.h5", "data.h5 must hold a model"),
        ("predict m.h5 nothing.png", "nothing.png must be an image"),
        ("predict m.h5 text.txt", "text.txt must have rows, got none"),
        ("predict m.h5 broken.png", "broken.png must be a whole image"),
        ("predict m.h5 grey.h5", r"images of shape (8, 8, 3) as in fit, got (8, 8)"),
        ("predict rows_model.h5 ok.png", "the model was not trained on images"),
    ],
)
def test_errors_are_one_line_and_exit_code_2(run, folder, line, message):
    (folder / "text.txt").write_text("no data")
    Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save(folder / "ok.png")
    whole = (folder / "ok.png").read_bytes()
    (folder / "broken.png").write_bytes(whole[: len(whole) // 2])
    if "rows_model" in line:
        rows = load_dataset(folder / "rows.h5")
        model = load_model(folder / "m.h5")[-1].set_params(tol=0)
        save_model(model.fit(rows.X_train, rows.y_train), folder / "rows_model.h5")
    code, _, err = run(line)
    assert code == 2
    assert err.count("\n") == 1
    assert message in err


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_folder_that_cannot_be_written_is_named(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write all
    assert main(["train", str(folder / "data.h5"), "--out", f"{tmp_path}/m.h5"]) == 2


def test_a_class_with_too_few_rows_is_named(tmp_path, capsys):
    X = np.random.RandomState(0).randint(256, size=(20, 4, 4, 3)).astype(np.uint8)
    y = np.arange(20) % 2
    y[0] = 2
    names = ["cat", "dog", "emu"]
    save_dataset(tmp_path / "rare.h5", X, y, classes=names)
    save_dataset(tmp_path / "one.h5", X, np.ones(20, int), classes=names)
    out = ["--out", str(tmp_path / "m.h5"), "--max-iter", "2"]
    rare, one = str(tmp_path / "rare.h5"), str(tmp_path / "one.h5")
    assert main(["train", rare, "--early-stopping", *out]) == 2
    said = capsys.readouterr().err
    assert "--early-stopping holds out rows of each class" in said
    assert "got 1 of class 'emu'" in said
    assert main(["train", one, "--model", "logistic", *out]) == 2
    said = capsys.readouterr().err
    assert "at least 2 classes" in said
    assert "got only 'dog'" in said


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_folder_without_images_is_an_error(tmp_path, capsys):
    X = np.random.RandomState(0).randint(256, size=(20, 4, 4, 3)).astype(np.uint8)
    save_dataset(tmp_path / "d.h5", X, np.arange(20) % 2)
    model, folder = str(tmp_path / "m.h5"), tmp_path / "photos"
    folder.mkdir()
    main(["train", str(tmp_path / "d.h5"), "--out", model, "--max-iter", "2"])
    assert main(["predict", model, str(folder)]) == 2
    said = capsys.readouterr().err
    assert f"{folder} must hold images" in said
