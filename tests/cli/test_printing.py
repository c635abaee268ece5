"""How much is printed, where, and when: --quiet, --verbose, --json, lines on a pipe."""

import json
import os

import numpy as np
import pytest

from sknn_scratch._cli import console, demo
from sknn_scratch._cli import main as cli
from sknn_scratch._cli.commands import COMMANDS
from sknn_scratch._cli.console import LOUDNESS, Lines, five_lines, plain, show_epoch
from sknn_scratch._cli.doctor import LAYERS
from sknn_scratch.hdf5 import save_dataset

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
LINES = {
    "demo": "demo",
    "convert": "convert t.csv --out c.h5",
    "inspect": "inspect d.h5",
    "train": "train d.h5 --max-iter 3",
    "tune": "tune d.h5 --minutes 0.005 --model logistic --cv 2",
    "predict": "predict m.h5 d.h5",
    "play": "play moons --epochs 3 --hidden 2",
    "report": "report m.h5 d.h5",
    "assignment": "assignment week2 --out week2",
    "grade": "grade handed_in --assignment week2",
    "export": "export m.h5 --to c",
    "doctor": "doctor",
}
WRITERS = ["convert", "play", "report", "export"]  # whose result is a file


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a data file, a table and a model."""
    folder, before = tmp_path_factory.mktemp("files"), os.getcwd()
    X, y = np.random.RandomState(0).randn(40, 3), np.arange(40) % 2
    save_dataset(folder / "d.h5", X, y, X[:10], y[:10], classes=["no", "yes"])
    rows = "".join(f"{x:.3f},{label}\n" for x, label in zip(X[:, 0], y, strict=True))
    (folder / "t.csv").write_text(f"x,label\n{rows}")
    (folder / "handed_in").mkdir()
    (folder / "handed_in/anna.py").write_text("def sigmoid(Z):\n    return Z\n")
    os.chdir(folder)
    cli.main(["train", "d.h5", "--max-iter", "2", "--out", "m.h5"])
    os.chdir(before)
    return folder


@pytest.fixture
def run(folder, monkeypatch, capsys):
    """Runs a command in the folder; its exit code, output and errors."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr("sknn_scratch._cli.doctor.speeds", fake_speeds)

    def run(line):
        capsys.readouterr()
        code = cli.main(line.split())
        return code, *capsys.readouterr()

    return run


def fake_speeds(cores):
    return {
        (layer, dtype, threads): 1.0
        for layer in LAYERS
        for dtype in ("float32", "float64")
        for threads in {1, cores}
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_json_is_one_object_on_stdout(run, name):
    code, out, _ = run(f"{LINES[name]} --json")
    assert code == 0
    assert isinstance(json.loads(out), dict)


def test_json_of_train_has_the_printed_numbers(run):
    line = "train d.h5 --max-iter 3"
    _, printed, _ = run(line)
    _, out, errors = run(f"{line} --json")
    found = json.loads(out)
    assert f"{found['cost']:.6f}" in printed
    assert f"{found['test_accuracy']:.4f}" in printed
    assert (found["epochs"], found["file"]) == (3, "model.h5")
    assert "Saved what was learned in 3 epochs" in errors
    assert "accuracy" not in errors


def test_json_of_predict_has_the_rows_of_the_format_json(run):
    _, listed, _ = run("predict m.h5 d.h5 --format json")
    _, out, errors = run("predict m.h5 d.h5 --json")
    assert json.loads(out)["predictions"] == json.loads(listed)
    assert errors == ""


def test_json_of_inspect_counts_the_classes(run):
    found = json.loads(run("inspect d.h5 --json")[1])
    counts = {"train": 20, "test": 5}
    assert found["classes"] == {"no": counts, "yes": counts}
    assert json.loads(run("inspect m.h5 --json")[1])["layers"][0]["W"] == [100, 3]


@pytest.mark.parametrize("name", WRITERS)
def test_quiet_says_nothing_of_a_file_that_is_written(run, name):
    code, out, errors = run(f"{LINES[name]} --quiet")
    assert (code, errors) == (0, "")
    assert "Wrote" not in out


def test_quiet_training_prints_the_scores_only(run):
    code, out, errors = run("train d.h5 --max-iter 3 --quiet")
    assert (code, errors) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == [
        *("model", "DeepNetClassifier")
    ]


def test_verbose_prints_every_epoch_and_the_versions(run):
    code, out, errors = run("train d.h5 --max-iter 3 --verbose")
    assert code == 0
    for epoch in (1, 2, 3):
        assert f"epoch {epoch} of 3, cost" in out
    assert "sknn-scratch: version " in errors


def test_quiet_and_verbose_exclude_each_other(run):
    code, _, errors = run("inspect d.h5 --quiet --verbose")
    assert code == 2
    assert errors == (
        "sknn-scratch: error: --quiet must not be given with --verbose.\n"
    )


def test_how_much_is_printed_ends_with_the_command(run, monkeypatch):
    run("inspect d.h5 --quiet --json")
    assert (LOUDNESS.get(), console.JSON.get()) == (1, False)

    def fail(arguments):
        raise ValueError("no.")

    monkeypatch.setattr(demo, "run_demo", fail)
    assert run("demo --quiet --json")[:2] == (2, "")
    assert (LOUDNESS.get(), console.JSON.get()) == (1, False)


def test_what_json_has_not_becomes_what_it_has():
    value = {1: (np.float64(0.5), np.arange(2), np.nan), "a": {"b": None, "c": len}}
    assert plain(value) == {"1": [0.5, [0, 1], None], "a": {"b": None, "c": str(len)}}


# -- lines on a pipe -------------------------------------------------------------------


@pytest.fixture
def clock():
    """A clock that stands still until its time is set."""

    class Clock:
        now = 0.0

        def __call__(self):
            return self.now

    return Clock()


def printed_at(lines, clock, seconds, capsys):
    """What is printed in so many seconds, by the time, where `tick` is called twice."""
    found = []
    for half in range(1, int(2 * seconds) + 1):
        clock.now += 0.5
        lines.tick()
        out = capsys.readouterr().out
        if out:
            found.append((half / 2, out))
    return found


def test_a_line_is_printed_at_least_every_five_seconds(clock, capsys):
    lines = Lines(clock)
    found = printed_at(lines, clock, 20, capsys)
    times = [0, *(time for time, _ in found)]
    assert max(np.diff(times)) <= 5
    assert found[0][1] == "working\n"
    assert found[1][1] == "working, 9 s\n"


def test_the_line_of_the_latest_epoch_is_printed(clock, capsys):
    lines = Lines(clock)
    for epoch in (1, 2, 3):
        show_epoch(lines, "net", epoch, 200, 0.5)
    assert capsys.readouterr().out == ""
    found = printed_at(lines, clock, 5, capsys)
    assert found == [(4.5, "net: epoch 3 of 200, cost 0.5000\n")]


@pytest.mark.parametrize(
    ("cost", "text"),
    [(0.5, "0.5000"), (123.456789, "123.4568"), (10566861490.9, "1.057e+10")],
)
def test_a_large_cost_is_rounded(cost, text):
    assert console.cost_text(cost) == text


def test_a_line_that_is_printed_anyway_starts_the_seconds_anew(clock, capsys):
    lines = Lines(clock)
    clock.now = 4.0
    show_epoch(lines, "net", 50, 200, 0.5)
    assert capsys.readouterr().out == "net: epoch 50 of 200, cost 0.5000\n"
    assert printed_at(lines, clock, 4, capsys) == []


def test_a_search_prints_the_seconds_that_have_passed(clock, capsys):
    lines = Lines(clock)
    show = five_lines(lines)
    show("tune", 1, 300)
    found = printed_at(lines, clock, 5, capsys)
    assert found == [(4.5, "tune: 1 of 300\n")]


def test_the_thread_calls_tick(monkeypatch, capsys):
    called = []
    monkeypatch.setattr(Lines, "tick", lambda self: called.append(self))
    monkeypatch.setattr(console, "TICK", 0.001)
    with console.ticking() as lines:
        while not called:
            pass
    assert called[0] is lines
