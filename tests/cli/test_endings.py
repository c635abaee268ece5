"""How commands end: Ctrl-C, closed pipes, full disks; what reaches the terminal."""

import csv
import os
import subprocess
import sys

import h5py
import numpy as np
import pytest
from terminal import RUN, run_on_a_terminal

from sknn_scratch import DeepNetClassifier
from sknn_scratch import __main__ as cli
from sknn_scratch._cli import demo
from sknn_scratch._cli.commands import COMMANDS
from sknn_scratch._cli.console import MOST_OF_ERROR, print_error
from sknn_scratch._storage.texts import printable
from sknn_scratch.hdf5 import save_dataset, save_model

PRESS = """
import os, signal, sys
where = sys.argv.pop(1)

class Press:
    def find_spec(self, name, *rest):
        if name == where:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Press())
from sknn_scratch.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
EVIL = "\x1b[2J\x1b]0;title\x07a\u202eb\x9b1m"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def files(tmp_path):
    """A data file and a model whose classes have evil names."""
    X, y = np.random.RandomState(0).rand(20, 3), np.arange(20) % 4
    names = [EVIL, "=1+1", "-2", "@x"]
    save_dataset("d.h5", X, y, classes=names)
    model = DeepNetClassifier((3,), max_iter=2, warn=False).fit(X, y)
    save_model(model, "m.h5", class_names=names)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(
    "where",
    [
        *("numpy", "sklearn.base", "scipy.sparse", "sknn_scratch._cli.console"),
        *("sknn_scratch._cli.inspect", "sknn_scratch._engine", "h5py"),
        *("typer", "sknn_scratch._cli.app", "sklearn.preprocessing"),
    ],
)
def test_ctrl_c_during_the_imports_is_one_line(files, where):
    command = [sys.executable, "-c", PRESS, where, "inspect", "m.h5"]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 130
    assert run.stderr == "sknn-scratch: interrupted\n"


SHELL = pytest.mark.skipif(not os.path.exists("/bin/sh"), reason="needs a shell")
LINES = ["--help", "inspect d.h5", "predict m.h5 d.h5 --format csv"]
ENDS = [">&-", ">&- 2>&-", "| head -1", "2>&1 | :"]
MADE = [(line, end) for line in LINES for end in ENDS]
MADE += [("", "2>&-"), ("train d.h5 --max-iter 60", "| head -1")]
MADE += [("train d.h5 --max-iter 1", "<&- >&-")]


@SHELL
@pytest.mark.parametrize(("line", "end"), MADE)
def test_a_closed_output_gives_no_traceback(files, line, end):
    words = f"'{sys.executable}' -m sknn_scratch {line} {end}"
    run = subprocess.run(["/bin/sh", "-c", words], capture_output=True, text=True)
    for text in (run.stdout, run.stderr):
        assert "Traceback" not in text
        assert "ignored" not in text


@SHELL
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no full")
@pytest.mark.parametrize("line", LINES[1:])
def test_a_full_output_is_one_line(files, line):
    words = f"'{sys.executable}' -m sknn_scratch {line} >/dev/full"
    run = subprocess.run(["/bin/sh", "-c", words], capture_output=True, text=True)
    assert run.returncode == 2
    assert run.stderr.startswith("sknn-scratch: error: ")
    assert run.stderr.count("\n") == 1


def test_too_little_memory_is_one_line(monkeypatch, capsys):
    def fail(arguments):
        raise MemoryError

    monkeypatch.setattr(demo, "run_demo", fail)
    assert cli.main(["demo"]) == 2
    assert "more memory is needed" in capsys.readouterr().err


def test_a_long_error_is_cut_in_the_middle(capsys):
    print_error("FILE must be right, got " + "x" * 100_000 + "; do this instead.")
    line = capsys.readouterr().err.removesuffix("\n")
    assert len(line) == MOST_OF_ERROR == 300
    assert line.startswith("sknn-scratch: error: FILE must be right, got xxx")
    assert line.endswith("xxx; do this instead.")
    print_error("short.")
    assert capsys.readouterr().err == "sknn-scratch: error: short.\n"


# -- names of strangers ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ñ 猫 👩", "plain ñ 猫 👩"),
        ("\x1b[31m", r"\x1b[31m"),
        ("a\nb\tc\rd\x7f\x9b", r"a\nb\tc\rd\x7f\x9b"),
        ("\u202e\u2066\u2028\ufeff\xad", r"\u202e\u2066\u2028\ufeff\xad"),
        ("\udc80", r"\udc80"),
    ],
)
def test_control_characters_become_escapes(text, shown):
    assert printable(text) == shown


COMMAND_LINES = ["inspect d.h5", "inspect m.h5", "predict m.h5 d.h5"]
COMMAND_LINES += [f"predict m.h5 d.h5 --format {form}" for form in ("csv", "json")]
COMMAND_LINES += ["train d.h5 --max-iter 1", "report m.h5 d.h5", "export m.h5 --to c"]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("line", COMMAND_LINES)
def test_no_control_character_of_a_name_is_printed(files, capsys, line):
    assert cli.main(line.split()) == 0
    captured = capsys.readouterr()
    for text in (captured.out, captured.err):
        assert not {*"\x1b\x07\x9b\u202e"} & {*text}


def test_a_name_does_not_move_the_cursor_of_a_terminal(files):
    pytest.importorskip("rich")
    for line in ("inspect d.h5", "predict m.h5 d.h5"):
        text, code = run_on_a_terminal([*RUN, *line.split()])
        assert code == 0
        assert "\x1b[2J" not in text
        assert "\x07" not in text


def test_an_error_shows_no_control_character(capsys):
    assert cli.main(["inspect", f"{EVIL}.h5"]) == 2
    error = capsys.readouterr().err
    assert "\x1b" not in error
    assert r"\x1b[2J" in error


def test_names_in_a_csv_are_no_formulas(files, capsys):
    with h5py.File("d.h5", "a") as file:
        file["train_set_y"][:] = np.arange(20) % 4
    assert cli.main(["predict", "m.h5", "d.h5", "--format", "csv"]) == 0
    heads, *rows = csv.reader(capsys.readouterr().out.splitlines())
    assert heads[-1] == "true class"
    truth = [row[-1] for row in rows]
    assert truth[1:4] == ["'=1+1", "-2", "'@x"]  # a number stays one
    assert all(float(p) >= 0 for row in rows for p in row[2:6])


def test_every_command_is_in_the_help(capsys):
    assert cli.main(["--help"]) == 0
    printed = capsys.readouterr().out
    assert all(command in printed for command in COMMANDS)
