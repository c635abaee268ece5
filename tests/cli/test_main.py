"""The command line: in this process, in its own, through a pipe, on a terminal."""

import importlib.metadata
import os
import pathlib
import subprocess
import sys

import pytest
from PIL import Image
from terminal import RUN, run_on_a_terminal

import sknn_scratch
from sknn_scratch._cli import demo
from sknn_scratch._cli import main as cli
from sknn_scratch._cli.commands import COMMANDS
from sknn_scratch.hdf5 import load_dataset, load_model

NAMES = ["LogisticRegressionScratch", "ShallowNetClassifier", "DeepNetClassifier"]


def table(text):
    """The numbers of each line of the table, by the first word of the line."""
    rows = {}
    for line in text.split("test accuracy")[1].splitlines():
        name, *cells = line.split() or [""]
        if name in [*NAMES, "majority"]:
            rows[name] = [float(cell) for cell in cells if cell[:1].isdigit()]
    return rows


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An empty folder, as a new user has it."""
    return tmp_path_factory.mktemp("new")


@pytest.fixture(scope="module")
def piped(folder):
    return subprocess.run([*RUN, "demo"], capture_output=True, text=True, cwd=folder)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """No test leaves files in the folder that the tests are run in."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def command(monkeypatch):
    """Puts a function in the place of the demo."""

    def replace(function):
        monkeypatch.setattr(demo, "run_demo", function)

    return replace


# -- the demo --------------------------------------------------------------------------


def test_demo_ends_well_and_without_a_warning(piped):
    assert piped.returncode == 0
    assert piped.stderr == ""


def test_demo_prints_a_line_for_each_network_and_the_majority(piped):
    assert list(table(piped.stdout)) == [*NAMES, "majority"]


@pytest.mark.parametrize("name", NAMES)
def test_each_network_of_the_demo_learns(piped, name):
    cost, seconds, train, test = table(piped.stdout)[name]
    assert 0 < cost < 0.5
    assert 0 < seconds
    assert 0.94 < test <= train <= 1


def test_each_network_of_the_demo_has_a_lower_cost_than_the_simpler_one(piped):
    costs = [table(piped.stdout)[name][0] for name in NAMES]
    assert costs == sorted(costs, reverse=True)


def test_no_network_of_the_demo_is_behind_the_simplest(piped):
    first, *others = (table(piped.stdout)[name][-1] for name in NAMES)
    assert min(others) > first - 0.01  # 4 of the 450 images: BLAS rounds as it likes


def test_majority_of_the_demo_is_a_tenth(piped):
    # ten digits, nearly as many of each
    assert table(piped.stdout)["majority"] == pytest.approx([0.1, 0.1], abs=0.01)


def test_demo_leaves_what_it_says(piped, folder):
    look, go_on = piped.stdout.splitlines()[-2:]
    promised = look.removeprefix("Look into ./sknn-demo: ")
    assert go_on.endswith(
        f"train {os.path.join('sknn-demo', 'homes.csv')} --target price"
    )
    names = promised.rstrip(".").split(", ")
    assert sorted(names) == sorted(os.listdir(folder / "sknn-demo"))
    data = load_dataset(folder / "sknn-demo" / "digits.h5")
    for file, name in zip(["logistic", "shallow", "deep"], NAMES, strict=True):
        model = load_model(folder / "sknn-demo" / f"{file}.h5")
        share = model.score(data.X_test, data.y_test)
        assert f"{share:.3f}" == f"{table(piped.stdout)[name][-1]:.3f}"
    for picture in ("cost-curves.png", "mistakes.png"):
        with Image.open(folder / "sknn-demo" / picture) as image:
            assert min(image.size) >= 400
            assert len(set(image.convert("L").tobytes())) > 50


def test_demo_without_matplotlib_says_so():
    without = "import sys; sys.modules['matplotlib'] = None; "
    without += "from sknn_scratch import __main__ as m; sys.exit(m.main(['demo']))"
    run = subprocess.run(
        [sys.executable, "-c", without], capture_output=True, text=True
    )
    assert run.returncode == 0
    assert "pip install matplotlib" in run.stdout
    assert sorted(os.listdir("sknn-demo")) == [
        *("customers.csv", "deep.h5", "digits.h5", "homes.csv"),
        *("logistic.h5", "shallow.h5"),
    ]


def test_demo_where_a_file_has_its_folder_s_name_is_one_line(capsys):
    pathlib.Path("sknn-demo").touch()
    assert cli.main(["demo"]) == 2
    captured = capsys.readouterr()
    assert "sknn-demo" in captured.err
    assert captured.err.count("\n") == 1


def test_demo_through_a_pipe_is_plain_text(piped):
    assert piped.stdout.isascii()
    assert "\x1b" not in piped.stdout
    assert "\r" not in piped.stdout
    assert "ShallowNetClassifier: epoch 50 of 200, cost" in piped.stdout


def test_demo_runs_in_this_process(capsys):
    assert cli.main(["demo"]) == 0
    captured = capsys.readouterr()
    assert list(table(captured.out)) == [*NAMES, "majority"]
    assert captured.err == ""


def test_demo_on_a_terminal_shows_bars_and_the_table():
    pytest.importorskip("rich")
    text, code = run_on_a_terminal([*RUN, "demo"])
    assert code == 0
    assert "\x1b[" in text  # a bar goes back to the start of its line
    assert "epoch 7 " in text
    assert list(table(text)) == [*NAMES, "majority"]


def test_demo_on_a_terminal_without_rich_is_plain_text():
    without = (
        "import sys; sys.modules['rich'] = None; from sknn_scratch import __main__"
    )
    text, code = run_on_a_terminal(
        [sys.executable, "-c", f"{without} as m; sys.exit(m.main(['demo']))"]
    )
    assert code == 0
    assert "\x1b" not in text
    assert list(table(text)) == [*NAMES, "majority"]


def test_demo_whose_reader_leaves_ends_without_a_word():
    run = subprocess.Popen(
        [*RUN, "demo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    run.stdout.close()
    assert run.stderr.read() == b""
    run.stderr.close()
    assert run.wait() == 0


# -- arguments and errors --------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("dmeo", ["No such command 'dmeo'. Did you mean 'demo'?"]),
        ("demo more", ["unexpected extra argument", "(more)"]),
        ("--more", ["there is no option --more"]),
        ("train d.h5 --hiden 3", ["no option --hiden; did you mean --hidden?"]),
        ("train d.h5 --hidden", ["--hidden must have a value after it"]),
        ("train d.h5 --hidden 3,x", ["--hidden must be whole numbers", "got '3,x'"]),
        ("train d.h5 --max-iter 1.5", ["--max-iter must be a whole number", "'1.5'"]),
        ("train d.h5 --solver adm", ["--solver must be one of", "did you mean adam?"]),
        ("train d.h5 --activation tanh,rulu", ["--activation must be one of"]),
        ("tune d.h5 --size lrge", ["one of small, large, got 'lrge'; did you mean"]),
        ("train", ["DATA must be given"]),
        ("predict m.h5", ["SOURCE must be given"]),
        ("export m.h5", ["--to must be given"]),
        ("train d.h5 --quiet=yes", ["--quiet"]),
    ],
)
def test_wrong_arguments_are_one_line_with_the_way_out(capsys, line, parts):
    assert cli.main(line.split()) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("sknn-scratch: error: ")
    command = [word for word in line.split()[:1] if word in COMMANDS]
    path = " ".join(["sknn-scratch", *command])
    assert captured.err.endswith(f" '{path} --help' explains.\n")
    for part in parts:
        assert part in captured.err


def test_without_a_command_the_help_is_shown_and_the_code_is_2(capsys):
    assert cli.main([]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert all(name in captured.err for name in COMMANDS)


@pytest.mark.parametrize("arguments", [["--help"], ["demo", "-h"]])
def test_help_is_no_error(capsys, arguments):
    assert cli.main(arguments) == 0
    assert capsys.readouterr().out.startswith("Usage: sknn-scratch")


def test_version_is_that_of_the_package(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.split() == ["sknn-scratch", sknn_scratch.__version__]


def test_each_command_has_its_name_and_a_sentence(capsys):
    assert cli.main(["--help"]) == 0
    listed = capsys.readouterr().out.split("Commands:")[1]
    for name in COMMANDS:
        assert len(listed.split(f"\n  {name} ")[1].split()) > 3


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device", "digits.h5"),
        FileNotFoundError("digits.h5 does not exist."),
        ValueError("digits.h5 must\n  be whole."),
    ],
)
def test_an_error_of_a_command_is_one_line_and_code_2(capsys, command, error):
    def fail(arguments):
        raise error

    command(fail)
    assert cli.main(["demo"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("sknn-scratch: error: ")
    assert captured.err.count("\n") == 1
    assert "digits.h5" in captured.err


def test_other_errors_are_not_hidden(command):
    def fail(arguments):
        raise ZeroDivisionError

    command(fail)
    with pytest.raises(ZeroDivisionError):
        cli.main(["demo"])


def test_an_interrupt_is_one_line_and_code_130(capsys, command):
    def interrupt(arguments):
        raise KeyboardInterrupt

    command(interrupt)
    assert cli.main(["demo"]) == 130
    assert capsys.readouterr().err == "sknn-scratch: interrupted\n"


def test_the_installed_command_is_main():
    scripts = importlib.metadata.entry_points(group="console_scripts")
    assert scripts["sknn-scratch"].load() is cli.main


def test_starting_imports_no_library_that_a_command_may_need():
    code = (
        "import sys, sknn_scratch; before = set(sys.modules)\n"
        "import sknn_scratch.__main__; added = set(sys.modules) - before\n"
        "added = {name.split('.')[0] for name in added} - sys.stdlib_module_names\n"
        "print(*added, 'h5py' in sys.modules, 'matplotlib' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.split() == ["sknn_scratch", "False", "False"]
