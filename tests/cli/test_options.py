"""What the commands declare: equal to the registries, shown, answered without NumPy."""

import inspect
import math
import os
import pathlib
import re
import subprocess
import sys

import pytest
from terminal import run_on_a_terminal

from sknn_scratch import TabularNetClassifier, TabularNetRegressor
from sknn_scratch._cli import commands, export, kinds, options, predict
from sknn_scratch._cli import main as cli
from sknn_scratch._cli.app import make_app, parse
from sknn_scratch._cli.commands import COMMANDS
from sknn_scratch._cli.training import MODELS
from sknn_scratch._engine.activations import ACTIVATIONS
from sknn_scratch._engine.initializers import INITIALIZERS
from sknn_scratch._pages.play.plane import GENERATORS
from sknn_scratch._tabular.recipe import members_for, patience_for

DECLARED = [(name, one) for name, command in COMMANDS.items() for one in command.takes]
OPTIONS = [(name, one) for name, one in DECLARED if isinstance(one, options.Option)]


def texts(parameter):
    """The names that a parameter of any of the models may be."""
    rules = [
        rule
        for model in MODELS.values()
        for rule in model._parameter_constraints.get(parameter, ())
    ]
    names = {name for rule in rules for name in getattr(rule, "options", ())}
    return {name for name in names if isinstance(name, str)}


@pytest.mark.parametrize(
    ("literal", "registry"),
    [
        (options.MODELS, MODELS),
        (options.SOLVERS, texts("solver")),
        (kinds.ACTIVATIONS, ACTIVATIONS),
        (options.SCHEDULES, texts("learning_rate")),
        (options.INITIALIZERS, {*INITIALIZERS, "auto"}),
        (options.POINTS, GENERATORS),
        (options.EXPORTS, export.FORMATS),
        (options.PRINTED, predict.PRINTERS),
    ],
)
def test_the_literal_names_are_those_of_the_registry(literal, registry):
    assert sorted(literal) == sorted(registry)


@pytest.mark.parametrize("option", options.FITTING, ids=lambda o: o.parameter)
def test_the_default_shown_is_the_estimator_s(option):
    model = MODELS["logistic" if option.parameter == "C" else "deep"]()
    default = model.get_params()[option.parameter]
    if option.shown is None or default is None:  # said in words, or by another number
        assert default is None or option.default is not None
        return
    value = option.kind.read(option.shown)
    assert value == default or value == (*default,)


def test_the_ensembles_defaults_are_shown_and_what_they_refuse_is_grouped():
    for model in (TabularNetClassifier(), TabularNetRegressor()):
        has = model.get_params()
        for option in options.OF_TRAIN:
            assert (option.group == options.SINGLE) == (
                option.parameter not in has and option.parameter != "class_weight"
            )
        for parameter, shown in options.TABULAR.items():
            default = has[parameter]
            if default is None or default == "auto":  # said in words
                continue
            [option] = [o for o in options.FITTING if o.parameter == parameter]
            assert option.kind.read(shown) == default
    named = {o.parameter: o.shown for o in options.OF_TRAIN}
    assert named["hidden_layer_sizes"] == "tabular: 128,128; else: 100"
    assert [members_for(m) for m in (999, 1000)] == [8, 5]
    assert [patience_for(m) for m in (999, 1000)] == [16, 6]


@pytest.mark.parametrize(
    "option", options.FITTING + options.SWITCHES + options.OF_CLASSES
)
def test_every_parameter_is_one_of_a_model(option):
    assert any(option.parameter in model().get_params() for model in MODELS.values())


@pytest.mark.parametrize(("name", "option"), OPTIONS)
def test_every_option_has_a_group_and_a_default_that_it_would_take(name, option):
    groups = options.DATA, options.NETWORK, options.TRAINING, options.OUTPUT
    groups += options.ENSEMBLES, options.SINGLE
    assert option.group in groups
    if option.default is not None:
        option.kind.read(option.default)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_how_to_print_and_has_examples_that_it_takes(name):
    assert {*options.PRINTING} <= {*COMMANDS[name].takes}
    assert COMMANDS[name].examples
    for example in COMMANDS[name].examples:
        program, *words = example.partition(" > ")[0].split()
        assert program == "sknn-scratch"
        assert parse(words)[0] == name


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (kinds.UNITS, "20,7", (20, 7)),
        (kinds.ONE_EACH, "tanh", "tanh"),
        (kinds.ONE_EACH, "tanh,relu", ("tanh", "relu")),
        (kinds.OR_INF, "inf", math.inf),
        (kinds.OR_INF, "7", 7),
        (kinds.OR_AUTO, "auto", "auto"),
        (kinds.PIXELS, "64", (64, 64)),
        (kinds.PIXELS, "80x60", (80, 60)),
        (kinds.FRACTION, "0", 0.0),
        (kinds.MINUTES, "0.5", 0.5),
    ],
)
def test_a_text_becomes_a_value(kind, text, value):
    assert kind.read(text) == value


# -- the help --------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_groups_types_defaults_examples_and_exit_codes(capsys, name):
    assert cli.main([name, "--help"]) == 0
    printed = capsys.readouterr().out
    assert printed.isascii()
    for declared in COMMANDS[name].takes:
        if isinstance(declared, options.Argument):
            assert f"\n  {declared.shown}" in printed
            continue
        assert f"\n{declared.group}:\n" in printed
        assert declared.flags[0] in printed
        if declared.kind is not None:
            assert declared.kind.shown in printed
        if declared.default is not None:
            assert f"[default: {declared.default}]" in " ".join(printed.split())
    for example in COMMANDS[name].examples:
        assert f"\n  {example}\n" in printed
    assert commands.EXIT_CODES in printed
    assert max(map(len, printed.splitlines())) <= 80


def test_help_on_a_terminal_has_the_groups_in_frames():
    pytest.importorskip("rich")
    command = [sys.executable, "-m", "sknn_scratch", "train", "--help"]
    printed, code = run_on_a_terminal(command)
    assert code == 0
    assert "\x1b[" in printed
    for group in ("Data", "Network", "Training", "Output"):
        assert f"─ {group} ─" in re.sub(r"\x1b\[[\d;]*m", "", printed)


# -- what is not imported --------------------------------------------------------------

PROGRAM = """
import sys
from sknn_scratch.__main__ import main
code = main(sys.argv[1:])
heavy = {'numpy', 'sklearn', 'scipy', 'h5py', 'joblib', 'matplotlib'} & set(sys.modules)
print('imported:', *sorted(heavy), code, file=sys.stderr)
"""


def run_program(program, line, **environment):
    return subprocess.run(
        [sys.executable, "-c", program, *line.split()],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("--help", 0),
        ("train --help", 0),
        ("--version", 0),
        ("", 2),
        ("trian", 2),
        ("train d.h5 --hiden 3", 2),
        ("train d.h5 --max-iter 1.5", 2),
        ("tune", 2),
    ],
)
def test_help_and_wrong_arguments_import_no_numpy(line, code):
    run = run_program(PROGRAM, line)
    assert run.stderr.splitlines()[-1] == f"imported: {code}"


def test_without_typer_the_way_out_is_one_line():
    run = run_program(f"import sys; sys.modules['typer'] = None\n{PROGRAM}", "demo")
    assert run.stderr.splitlines() == [
        "sknn-scratch: error: the command line needs typer: "
        'pip install "sknn-scratch[cli]"',
        "imported: 2",
    ]


def test_only_the_module_of_the_command_is_imported():
    modules = {path.stem for path in pathlib.Path(cli.__file__).parent.glob("*.py")}
    program = (
        "import sys; from sknn_scratch.__main__ import main; main(['doctor', '-q'])\n"
        "print(*(n for n in sys.modules if n.startswith('sknn_scratch._cli.')))"
    )
    run = run_program(program, "")
    imported = {name.split(".")[2] for name in run.stdout.splitlines()[-1].split()}
    assert imported & {*COMMANDS} & modules == {"doctor"}


# -- completion ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("sknn-scratch tr", ["train"]),
        ("sknn-scratch train d.h5 --hid", ["--hidden"]),
        ("sknn-scratch train d.h5 --solver ada", ["adam", "adamw"]),
        ("sknn-scratch export m.h5 --to p", ["python", "plain-python"]),
        ("sknn-scratch play mo", ["moons"]),
    ],
)
def test_the_shell_completes_commands_options_and_values(typed, offered):
    count = str(len(typed.split()) - 1)
    run = run_program(
        "from sknn_scratch.__main__ import main; main([])",
        "",
        _SKNN_SCRATCH_COMPLETE="complete_bash",
        COMP_WORDS=typed,
        COMP_CWORD=count,
    )
    assert sorted(run.stdout.split()) == sorted(offered)


def test_completion_can_be_installed_and_shown(capsys):
    assert cli.main(["--help"]) == 0
    printed = capsys.readouterr().out
    assert "--install-completion" in printed
    assert "--show-completion" in printed


def test_the_application_is_typer_s():
    names = [command.name for command in make_app().registered_commands]
    assert names == [*COMMANDS]
    assert all(inspect.getdoc(kind) for kind in (options.Option, options.Argument))
