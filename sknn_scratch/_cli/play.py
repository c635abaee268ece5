"""`sknn-scratch play`: write an HTML page that replays a training."""

import os
import shlex
import sys
import warnings

import numpy as np

from .._estimators.layout import layout_of
from .._html.page import write_page
from .._pages.play.plane import GENERATORS, Plane, code_of
from .._pages.play.recording import Recording
from .._storage.texts import printable
from .._training.watch import observe
from .console import progress, terminal
from .output import check_can_write
from .training import MODELS, OPTIONS, SWITCHES, make_model

FRAMES = 120  # epochs that a page holds, at most
BYTES = 4_000_000  # of the parameters of all frames as base64, at most
PARAMETERS = 40_000  # of the largest network that a page still redraws fluently


def add_play(commands):
    """Add the parser of `sknn-scratch play`."""
    play = commands.add_parser(
        "play",
        help="watch a network learn, on a page of HTML",
        description="Trains a network on points of the plane and writes a page that "
        "plays the training back: what the network says of each place of the plane, "
        "what each hidden unit sees, and the cost, epoch by epoch. The page is one "
        "file, needs no network and no server, and shows how to repeat the run. Data "
        "of more than two features are projected to two (PCA); without a test set a "
        "quarter of the rows is held out to validate by.",
    )
    play.add_argument(
        "source",
        metavar="SOURCE",
        help=f"data file in the course's layout (.h5), or {', '.join(GENERATORS)}",
    )
    play.add_argument(
        "--model", choices=MODELS, default="deep", help="kind of network (deep)"
    )
    for flag, parameter, kind, text in OPTIONS:
        flags = [flag, "--epochs"] if flag == "--max-iter" else [flag]
        play.add_argument(*flags, dest=parameter, type=kind, metavar="X", help=text)
    play.add_argument(
        "--out",
        default="play.html",
        metavar="FILE",
        help="page to write or replace (play.html)",
    )
    switches = dict.fromkeys((parameter for _, parameter, _ in SWITCHES), False)
    switches["standardize"] = True
    play.set_defaults(run=run_play, random_state=0, **switches)


def run_play(arguments):
    """Train, record the training and write the page."""
    check_can_write(arguments.out, [arguments.source])
    html, recording = make_page(arguments)
    for note in recording.notes:
        print("sknn-scratch: note:", printable(note), file=sys.stderr)
    write_page(arguments.out, html)
    print(
        f"Wrote {arguments.out} ({len(html.encode()) / 1e6:.1f} MB): "
        f"{recording.epochs[-1]} epochs, {len(recording.epochs)} moments to look at. "
        "Open it in a browser."
    )


def make_page(arguments):
    """Train with the given arguments; return the page and the Recording in it."""
    from .._pages.play.page import play_page

    set_defaults(arguments)
    model = make_model(arguments)
    model._validate_params()
    plane = Plane(arguments.source, arguments.random_state)
    check_classes(plane, arguments.source)
    recording = record(model, plane)
    name = os.path.basename(arguments.source)
    return play_page(name, plane, recording, command_line(arguments)), recording


def set_defaults(arguments):
    """Set arguments that were not given to defaults that suit a replay."""
    defaults = {"max_iter": 300}
    if arguments.model == "logistic":
        if arguments.solver is None:
            defaults |= {"solver": "gd", "learning_rate_init": 0.5}
    else:
        defaults |= {"activation": "tanh"}
        defaults["hidden_layer_sizes"] = (8, 8) if arguments.model == "deep" else (8,)
        if arguments.solver is None:
            defaults |= {"solver": "adam", "learning_rate_init": 0.01, "batch_size": 32}
        if arguments.solver != "lbfgs":  # run all epochs, so that the page shows them
            defaults |= {"tol": 0.0, "n_iter_no_change": np.inf}
    for parameter, value in defaults.items():
        if getattr(arguments, parameter) is None:
            setattr(arguments, parameter, value)


def check_classes(plane, source):
    """Raise ValueError if the training rows lack a class or have fewer than two."""
    learned, held_out = np.unique(plane.train[1]), np.unique(plane.val[1])
    if len(learned) < 2:
        raise ValueError(f"{source} must have at least 2 classes, got {len(learned)}.")
    missing = np.setdiff1d(held_out, learned)
    if len(missing):
        raise ValueError(
            f"{source} must have rows of every class to train on, got none of "
            f"{plane.classes[missing[0]]!r}."
        )


# -- the training ----------------------------------------------------------------------


def record(model, plane):
    """Fit the model in the script of the plane; return the Recording."""
    script, name = plane.script, type(model).__name__
    script.run(code_of(model))
    network = script["network"]
    recording = Recording(network, plane.train, plane.val, most_frames(model, plane))
    with (
        progress(terminal()) as show,
        observe(recording),
        observe(lambda *seen: show(name, *seen[:3])),
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always")
        script.run("network.fit(X, y, X_val=X_val, y_val=y_val)")
    recording.notes += dict.fromkeys(str(one.message) for one in caught)
    epochs = int(np.max(network.n_iter_))
    if epochs < network.max_iter:
        recording.notes.append(
            f"Training ended by itself after {epochs} of at most {network.max_iter} "
            "epochs."
        )
    if recording.epochs[-1] < epochs:
        recording.notes.append(
            f"Costs or weights are not finite after epoch {recording.epochs[-1]}: what "
            "comes then cannot be shown."
        )
    return recording


def most_frames(model, plane):
    """Return how many epochs fit into the page; refuse networks that are too large."""
    outputs = len(np.unique(plane.train[1]))
    n = 2, *layout_of(model).n[1:-1], outputs if outputs > 2 else 1
    size = sum((a + 1) * b for a, b in zip(n[:-1], n[1:], strict=True))
    if size > PARAMETERS:
        raise ValueError(
            f"--hidden must make a network of at most {PARAMETERS} parameters, which a "
            f"page can still play, got {size}; take fewer units."
        )
    return min(FRAMES, BYTES * 3 // (4 * 8 * size))


def command_line(arguments):
    """Return the command that makes this page again, with every option written out."""
    words = ["sknn-scratch", "play", arguments.source, "--model", arguments.model]
    for flag, parameter, _, _ in OPTIONS:
        value = getattr(arguments, parameter)
        if value is not None:
            listed = value if isinstance(value, tuple) else [value]
            words += [flag, ",".join(map(str, listed))]
    return shlex.join([*words, "--out", arguments.out])
