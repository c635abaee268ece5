"""`sknn-scratch play`, as a user types it; tests/browser has what the page does."""

import base64
import json
import re

import h5py
import numpy as np
import pytest
from sklearn.metrics import log_loss

import sknn_scratch._cli.play as command
from sknn_scratch._cli.main import main
from sknn_scratch._pages.play.plane import GENERATORS
from sknn_scratch.datasets import load_digit_images
from sknn_scratch.hdf5 import save_dataset

NASTY = ["</script><b>no", "yes & 'no'"]
DATA = re.compile(r'<script type="application/json" id="run">(.*?)</script>', re.S)


@pytest.fixture
def play(tmp_path, monkeypatch, capsys):
    """Runs `play` with these words; its exit code, the page, output and errors."""
    monkeypatch.chdir(tmp_path)

    def play(line):
        capsys.readouterr()
        code = main(["play", *line.split()])
        path = tmp_path / "play.html"
        page = path.read_text(encoding="utf-8") if path.exists() else None
        return code, page, *capsys.readouterr()

    return play


@pytest.fixture
def trained(monkeypatch):
    """The networks that were trained, as their scripts have left them."""
    kept, record = [], command.record

    def keeping(model, plane):
        recording = record(model, plane)
        kept.append((plane.script["network"], recording, plane))
        return recording

    monkeypatch.setattr(command, "record", keeping)
    return kept


def content(page):
    """What the page is given."""
    (found,) = DATA.findall(page)
    return json.loads(found)


def thetas(run):
    flat = np.frombuffer(base64.b64decode(run["theta"]), "<f8")
    return flat.reshape(len(run["epochs"]), -1)


def layers(run, theta):
    """W[1..L] and b[1..L] of a theta, on the raw scale of the features."""
    n, W, b = run["units"], [], []
    for rows, columns in zip(n[1:], n[:-1], strict=True):
        W.append(theta[: rows * columns].reshape(rows, columns))
        theta = theta[rows * columns :]
    for rows in n[1:]:
        b.append(theta[:rows])
        theta = theta[rows:]
    W[0] = W[0] / run["scale"]
    b[0] = b[0] - W[0] @ run["mean"]
    return W, b


@pytest.fixture
def files(tmp_path):
    """Data files of some kinds."""
    rng = np.random.RandomState(0)
    X, digits = rng.randn(60, 5), load_digit_images()
    y = (X[:, 0] + X[:, 1] > 0).astype(int)
    save_dataset(tmp_path / "two.h5", X[:40, :2], y[:40], X[40:, :2], y[40:], NASTY)
    save_dataset(tmp_path / "rows.h5", X, y)
    save_dataset(tmp_path / "images.h5", digits[0][:300], digits[1][:300])


# -- the training ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    ["--hidden 5,3", "--model shallow --hidden 4", "--model logistic"]
    + ["--model logistic --solver newton", "--hidden 4 --solver lbfgs"]
    + ["--hidden 4 --solver gd --activation gelu", "--hidden 6 --dropout 0.2"],
)
def test_the_last_moment_is_the_fitted_network(play, trained, options):
    code, page, *_ = play(f"moons {options} --epochs 25")
    assert code == 0
    network = trained[0][0]
    run = content(page)
    assert run["epochs"][-1] == np.max(network.n_iter_)
    for found, fitted in zip(
        layers(run, thetas(run)[-1]), network._layers(), strict=True
    ):
        for a, b in zip(found, fitted, strict=True):
            np.testing.assert_allclose(
                a, np.reshape(b, a.shape), rtol=1e-12, atol=1e-13
            )


@pytest.mark.parametrize("epochs", [0, 1, 6])
def test_a_moment_is_the_network_trained_so_long(play, trained, epochs):
    play("three --hidden 5 --epochs 20")
    network, recording, plane = trained[0]
    X, y = plane.train
    again = network.set_params(max_iter=max(epochs, 1)).fit(X, y)
    found = recording.network_at(epochs)
    same = np.array_equal(found.coefs_[0], again.coefs_[0])
    assert same == (epochs > 0)  # 0 is before the first epoch


def test_the_first_moment_has_the_weights_that_fit_begins_with(play, trained):
    play("moons --hidden 5 --epochs 3 --solver gd --learning-rate 1e-12")
    network, recording, _ = trained[0]
    first = recording.network_at(0)
    np.testing.assert_allclose(first.coefs_[0], network.coefs_[0], rtol=0, atol=1e-9)
    assert recording.epochs == [0, 1, 2, 3]


@pytest.mark.parametrize("options", ["", "--label-smoothing 0.2 --dropout 0.3"])
def test_costs_and_scores_are_those_of_the_predictions(play, trained, options):
    _, page, *_ = play(f"circles --hidden 6 --epochs 12 {options}")
    _, recording, plane = trained[0]
    run = content(page)
    for frame in (0, 3, 12):
        network = recording.network_at(frame)
        for i, (X, y) in enumerate((plane.train, plane.val)):
            cost = log_loss(y, network.predict_proba(X))
            assert run["costs"][frame][i] == pytest.approx(cost, rel=1e-9)
            assert run["scores"][frame][i] == network.score(X, y)


def test_the_cost_of_a_moment_is_that_of_its_epoch(play, trained):
    _, page, *_ = play("moons --hidden 4")
    _, recording, plane = trained[0]
    run, (X, y) = content(page), plane.train
    assert len(run["costs"]) == len(run["epochs"]) < 300
    cost = log_loss(y, recording.network_at(90).predict_proba(X))
    assert run["costs"][90][0] == pytest.approx(cost, rel=1e-9)


def test_the_curve_of_gradient_descent_is_the_estimator_s(play, trained):
    _, page, *_ = play("moons --hidden 4 --solver gd --epochs 30 --alpha 0")
    run, network = content(page), trained[0][0]
    train = np.frombuffer(base64.b64decode(run["curve"]["train"]))
    val = np.frombuffer(base64.b64decode(run["curve"]["validation"]))
    np.testing.assert_allclose(train[:-1], network.loss_curve_, rtol=1e-12)
    np.testing.assert_allclose(val[1:], network.validation_loss_curve_, rtol=1e-12)


def test_the_settings_are_shown_the_usual_ones_too(play):
    _, page, *_ = play("moons --epochs 5 --solver gd --alpha 0.5")
    shown = dict(content(page)["settings"])
    assert shown["learning_rate_init"] == "0.1"  # the network's own
    assert (shown["solver"], shown["activation"]) == ("gd", "tanh")
    assert (shown["max_iter"], shown["random_state"]) == ("5", "0")
    assert shown["alpha"] == "0.5"


@pytest.mark.parametrize("source", [*GENERATORS, "two.h5", "rows.h5", "images.h5"])
def test_the_python_of_the_page_repeats_the_run(play, trained, files, source):
    code, page, *_ = play(f"{source} --hidden 3 --epochs 4")
    assert code == 0
    names = {}
    exec(content(page)["python"], names)
    again, network = names["network"], trained[0][0]
    for a, b in zip(again.coefs_, network.coefs_, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "line",
    ["moons --epochs 6", "xor --model logistic", "flower --model shallow --solver gd"]
    + ["blobs --activation relu,tanh --hidden 4,4 --epochs 5 --seed 3"],
)
def test_the_command_of_the_page_repeats_it(play, line):
    _, page, *_ = play(line)
    words = content(page)["command"].split()
    assert words[:2] == ["sknn-scratch", "play"]
    (page_again) = play(" ".join(words[2:]))[1]
    assert page_again == page


def test_more_than_two_features_are_projected_and_it_is_said(play, files):
    _, page, *_ = play("images.h5 --epochs 2")
    run = content(page)
    assert run["projected"].startswith("The 64 features were projected to 2 by PCA")
    assert len(run["classes"]) == 10
    _, page, *_ = play("two.h5 --epochs 2")
    assert content(page)["projected"] == ""


def test_a_test_set_is_what_it_is_watched_on(play, files):
    _, page, *_ = play("two.h5 --epochs 2")
    run = content(page)
    assert (run["points"]["train"]["of"], run["points"]["validation"]["of"]) == (40, 20)


def test_diverging_is_told_and_leaves_what_is_finite(play):
    code, page, _, err = play(
        "moons --solver gd --activation relu --learning-rate 1e200 --epochs 30"
    )
    assert code == 0
    run = content(page)
    assert np.isfinite(thetas(run)).all()
    assert "stopped being finite" in err
    assert any("stopped being finite" in note for note in run["notes"])
    assert any("of at most 30 epochs" in note for note in run["notes"])
    assert any("not finite after epoch 0" in note for note in run["notes"])


def test_after_a_cost_that_is_not_finite_nothing_is_kept(trained, play):
    play("moons --epochs 3 --hidden 2")
    _, recording, _ = trained[0]
    theta = recording.thetas[-1]
    recording(4, 9, 0.0, theta * np.nan)
    recording(5, 9, 0.0, theta)
    assert recording.epochs == [0, 1, 2, 3]
    assert len(recording.costs) == 4


# -- which epochs ----------------------------------------------------------------------


def test_long_and_wide_trainings_stay_under_five_megabytes(play):
    _, page, *_ = play("moons --epochs 3000 --hidden 2 --solver gd")
    assert len(content(page)["epochs"]) > 100
    assert len(page) < 500_000
    _, page, *_ = play("moons --epochs 40 --hidden 190,190 --solver gd")
    assert len(content(page)["epochs"]) >= 7
    assert len(page) < 5_000_000


def test_of_many_points_some_are_drawn(play, tmp_path):
    X = np.random.RandomState(0).randn(5000, 2)
    save_dataset(tmp_path / "many.h5", X, (X[:, 0] > 0).astype(int))
    _, page, *_ = play("many.h5 --epochs 1")
    drawn = content(page)["points"]["train"]
    assert (drawn["of"], len(drawn["x"]), len(drawn["y"])) == (3750, 1000, 1000)


# -- the page --------------------------------------------------------------------------


def test_the_page_needs_nothing_but_itself(play):
    _, page, *_ = play("moons --epochs 3")
    code = DATA.sub("", page).replace("http://www.w3.org/2000/svg", "")  # a name
    assert "//" not in re.sub(r"^\s*//.*$", "", code, flags=re.M)  # but comments
    assert not re.search(r"\bsrc\s*=|@import|url\(|fetch\(|XMLHttp", page)
    assert re.findall(r'href="([^"]*)"', page) == ["data:,"]


def test_names_of_the_user_cannot_end_the_script(play, files, tmp_path):
    (tmp_path / "two.h5").rename(tmp_path / "<b>&.h5")
    _, page, *_ = play("<b>&.h5 --epochs 2")
    assert page.count("<script") == page.count("</script>") == 2
    assert "<b>" not in page
    run = content(page)
    assert run["classes"] == NASTY
    assert run["source"] == "<b>&.h5"


# -- errors ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nothing", "SOURCE must be a data file (.h5) or one of moons, circles,"),
        ("nothing.h5", "nothing.h5 must be an HDF5 file, but does not exist."),
        ("moons --hidden 300,300", "--hidden must make a network of at most 40000"),
        ("moons --model logistic --hidden 3", "--hidden must not be given for"),
        ("moons --solver nothing", "--solver must be one of adam"),
        ("moons --seed -1", "The 'random_state' parameter"),
        ("moons --out none/x.html", "--out none/x.html: the folder"),
        ("two.h5 --out two.h5", "--out must be another file than two.h5."),
        ("numbers.h5", "numbers.h5:/train_set_y must hold whole numbers"),
        ("one.h5", "one.h5 must have at least 2 classes, got 1."),
        ("nan.h5", "nan.h5 must hold finite numbers, got NaN or inf."),
        ("column.h5", "column.h5 must have at least 2 features, got 1."),
        ("flat.h5", "flat.h5 must have features that vary, got constants."),
        ("few.h5", "few.h5 must have at least 8 rows, or a test set, got 4"),
        ("strange.h5", "strange.h5 must have rows of every class to train on, got none "
                       "of '2'."),
    ],
)  # fmt: skip
def test_errors_are_of_one_line(play, files, tmp_path, line, message):
    X, y = np.random.RandomState(0).randn(20, 2), np.arange(20) % 2
    with h5py.File(tmp_path / "numbers.h5", "w") as file:
        file["train_set_x"], file["train_set_y"] = X, X[:, 0]
    save_dataset(tmp_path / "one.h5", X, 0 * y)
    save_dataset(tmp_path / "nan.h5", np.where(X > 2, np.nan, X), y)
    save_dataset(tmp_path / "column.h5", X[:, :1], y)
    save_dataset(tmp_path / "flat.h5", np.ones((len(y), 5)), y)
    save_dataset(tmp_path / "few.h5", X[:4], y[:4])
    save_dataset(tmp_path / "strange.h5", X, y, X, y + 1)
    code, page, out, err = play(line)
    assert code == 2
    assert page is None
    assert out == ""
    assert err.startswith(f"sknn-scratch: error: {message}")
    assert err.count("\n") == 1
