"""`sknn-scratch tune`, as a user types it."""

import re
import signal
import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import pytest
from clock import TUNE, Clock
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from terminal import run_on_a_terminal

from sknn_scratch import DeepNetClassifier
from sknn_scratch import __main__ as cli
from sknn_scratch._cli import training, tune
from sknn_scratch._storage.store import appending
from sknn_scratch.datasets import load_digit_images
from sknn_scratch.hdf5 import load_dataset, load_model, save_dataset
from sknn_scratch.preprocessing import ImageFlattener
from sknn_scratch.search import _halving
from sknn_scratch.search._halving import Halving

TICK = 0.0005  # seconds that a look at the clock takes; two looks an epoch
pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning"  # of the best, told as a note
)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder of data files that are quickly learned."""
    folder = tmp_path_factory.mktemp("data")
    images, y = load_digit_images()
    images, y = images[y < 4], y[y < 4]
    names = ["zero", "one", "two", "three"]
    save_dataset(
        folder / "data.h5", images[:200], y[:200], images[200:], y[200:], names
    )
    save_dataset(folder / "rows.h5", images[:200].reshape(200, -1), y[:200])
    save_dataset(folder / "rare.h5", images[:50], np.r_[y[:48] % 2, 2, 2])
    for name, target in {"numbers": y[:50] + 0.5, "labels": np.eye(4)[y[:50]]}.items():
        with appending(folder / f"{name}.h5") as file:
            file.append("train_set_x", images[:50])
            file.write("train_set_y", target)
    return folder


@pytest.fixture
def run(data, tmp_path, monkeypatch, capsys):
    """Runs a command in an empty folder; its exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(_halving, "perf_counter", Clock(TICK))

    def run(line):
        capsys.readouterr()
        code = cli.main(["tune", *re.sub(r"^(\w+\.h5)", rf"{data}/\1", line).split()])
        return code, *capsys.readouterr()

    return run


def table(printed):
    """The columns of the table by their heads, the cells of each by the first ones."""
    lines = printed.splitlines()
    [top] = [i for i, line in enumerate(lines) if line.startswith("rank ")]
    [end] = [i for i, line in enumerate(lines) if " candidates in " in line]
    rows = [re.split(" {2,}", line.strip()) for line in lines[top:end]]
    names, *columns = zip(*rows, strict=True)
    return {column[0]: dict(zip(names, column, strict=True)) for column in columns}


def test_the_best_is_saved_with_a_figure_and_nothing_else(run, data, tmp_path):
    code, printed, errors = run("data.h5 --minutes 0.08 --seed 3")
    assert (code, errors) == (0, "")
    assert {path.name for path in tmp_path.iterdir()} == {"model.h5", "model.png"}
    assert (tmp_path / "model.png").read_bytes().startswith(b"\x89PNG")
    loaded = load_dataset(data / "data.h5")
    model = load_model(tmp_path / "model.h5")
    assert f" {model.score(loaded.X_test, loaded.y_test):.4f}" in printed
    assert model[-1].random_state == 3


def test_the_table_tells_the_default_s_accuracy_and_the_best_s(run, data, tmp_path):
    _, printed, _ = run("data.h5 --minutes 0.08")
    rows = load_dataset(data / "data.h5")
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    default = make_pipeline(ImageFlattener(16.0), DeepNetClassifier(random_state=0))
    best = load_model(tmp_path / "model.h5")
    columns = table(printed)
    [head] = [head for head in columns if head.endswith("default")]
    first = "1" if "1" in columns else head
    means = []
    for column, model in ((head, default), (first, best)):
        scores = cross_val_score(model, rows.X_train, rows.y_train, cv=folds)
        means.append(scores.mean())
        assert columns[column]["accuracy"] == f"{scores.mean():.4f}"
        assert columns[column]["std of 3 folds"] == f"{scores.std():.4f}"
    assert means[0] <= means[1]
    assert columns[head]["hidden_layer_sizes"] == "(100,)"


@pytest.mark.parametrize(
    ("line", "parameter"),
    [
        ("rows.h5 --minutes 0.05 --model logistic", "C"),
        ("rows.h5 --minutes 0.1 --model shallow --size large", "activation"),
    ],
)
def test_other_models_and_rows_of_features(run, tmp_path, line, parameter):
    code, printed, _ = run(f"{line} --cv 2 --out m.h5 --figure f.svg")
    assert code == 0
    assert all(parameter in column for column in table(printed).values())
    assert load_model(tmp_path / "m.h5").standardize in (True, False)
    assert "<svg" in (tmp_path / "f.svg").read_text()


def test_without_matplotlib_the_model_is_saved(run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    code, printed, _ = run("data.h5 --minutes 0.03 --model logistic")
    assert code == 0
    assert "No figure without matplotlib" in printed
    assert [path.name for path in tmp_path.iterdir()] == ["model.h5"]


def test_where_only_the_default_was_judged_it_is_saved(run, tmp_path, monkeypatch):
    monkeypatch.setattr(Halving, "_over", lambda self: self.best is not None)
    code, printed, _ = run("data.h5")
    assert code == 0
    assert list(table(printed)) == ["1 default"]
    assert "No figure: there was no time for more than the default." in printed
    assert [path.name for path in tmp_path.iterdir()] == ["model.h5"]


@pytest.mark.parametrize("minutes", ["1e-9", "1e-4", "0.002"])
def test_however_short_the_time_a_model_is_saved(run, tmp_path, minutes):
    code, printed, _ = run(f"data.h5 --minutes {minutes}")
    assert code == 0
    assert "no time to judge by" in printed or "The time is short: " in printed
    assert hasattr(load_model(tmp_path / "model.h5"), "predict_proba")


def test_ctrl_c_keeps_the_best_so_far(data, tmp_path):
    # after half of the time the clock stands still: nothing but Ctrl-C ends the search
    program = TUNE.format(tick=TICK, end=12)
    command = [sys.executable, "-c", program, str(data / "data.h5"), "--minutes", "0.4"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=tmp_path
    ) as process:
        assert re.match(r"tune: \d+ of 24 s, best \d", process.stdout.readline())
        process.send_signal(signal.SIGINT)
        printed = process.stdout.read()
    assert process.returncode == 130
    assert printed.count("Stopped; training the best so far (Ctrl-C again") == 1
    assert "cross-validated to the end" in printed
    assert "Saved the best, trained on the whole training set, to" in printed
    assert hasattr(load_model(tmp_path / "model.h5"), "predict_proba")
    assert {path.name for path in tmp_path.iterdir()} == {"model.h5", "model.png"}


def test_ctrl_c_in_the_last_training_is_told(run, tmp_path, monkeypatch):
    @contextmanager
    def pressed():  # in that training, not in the search
        yield lambda: True

    monkeypatch.setattr(training, "stop_on_ctrl_c", pressed)
    code, printed, _ = run("rows.h5 --minutes 0.03 --model logistic --figure f.png")
    assert code == 130
    assert re.search(r"Interrupted after \d+ of \d+ epochs\.", printed)
    assert re.search(r"Saved what was learned in \d+ epochs to model\.h5\.", printed)
    assert "whole training set" not in printed


def test_ctrl_c_before_the_default_is_judged_saves_nothing(run, tmp_path, monkeypatch):
    @contextmanager
    def pressed():
        yield lambda: True

    monkeypatch.setattr(tune, "stop_on_ctrl_c", pressed)
    assert run("data.h5")[0] == 130
    assert [*tmp_path.iterdir()] == []


def test_on_a_terminal_there_is_a_bar_of_one_line(data, tmp_path):
    pytest.importorskip("rich")
    program = TUNE.format(tick=0.005, end="float('inf')")
    command = [sys.executable, "-c", program, str(data / "data.h5")]
    command += ["--minutes", "0.05", "--model", "logistic"]
    printed, code = run_on_a_terminal([*command, "--out", str(tmp_path / "m.h5")])
    assert code == 0
    bars = re.findall(r"tune [^\r\n]*", printed)
    assert bars  # how many depends on the time that rich lets pass
    assert re.search(r"\d of 3 s, best \d\.\d+ of \d+", bars[-1])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nothing.h5", "nothing.h5 must be an HDF5 file, but does not exist"),
        (
            "data.h5 --minutes 0",
            "--minutes must be a number of minutes above 0, got '0'",
        ),
        ("data.h5 --minutes -1", "a number of minutes above 0, got '-1'"),
        ("data.h5 --minutes inf", "a number of minutes above 0, got 'inf'"),
        ("data.h5 --minutes nan", "a number of minutes above 0, got 'nan'"),
        ("data.h5 --cv 1", "--cv must be at least 2, got 1"),
        ("rare.h5", "--cv must be at most the number of rows of the rarest class, 2"),
        ("numbers.h5", "train_set_y must hold whole numbers"),
        ("labels.h5", "train_set_y must have one label for each"),
        ("data.h5 --out .", "--out . must be a file, got a directory"),
        ("data.h5 --out no/m.h5", "must exist"),
        ("data.h5 --figure no/f.png", "--figure no/f.png: the folder"),
        ("data.h5 --figure f.gif", "--figure must end in one of .pdf, .png, .svg"),
        ("data.h5 --out same.png", "--figure must be another file than same.png"),
        ("rows.h5 --scale 3", "--scale must not be given for rows of features"),
    ],
)
def test_errors_are_one_line_before_anything_is_written(run, tmp_path, line, message):
    code, _, errors = run(line)
    assert code == 2
    assert errors.count("\n") == 1
    assert message in errors
    assert [*tmp_path.iterdir()] == []
