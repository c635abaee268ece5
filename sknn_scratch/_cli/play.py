"""`sknn-scratch play`: a training to watch, as one page of HTML."""

import base64
import json
import os
import shlex
import sys
import warnings

import numpy as np

from .._estimators.layout import layout_of
from .._fit.parameters import changed_parameters
from .._html.page import asset, page, write_page
from .._pages.play.plane import FIGURES, Plane
from .._pages.play.recording import Recording
from .._training.watch import observe
from .console import progress, terminal
from .files import check_can_write
from .models import MODELS, OPTIONS, SWITCHES, make_model

PAGE = "sknn_scratch._pages.play"  # its text, style and script
FRAMES = 120  # epochs to keep
BYTES = 4_000_000  # of their parameters, as text
PARAMETERS = 40_000  # of a network that a page can still paint fluently
ALWAYS_SHOWN = ("hidden_layer_sizes", "n_hidden", "activation", "solver")
ALWAYS_SHOWN += ("learning_rate_init", "batch_size", "max_iter", "random_state")
TRAINING_POINTS, VALIDATION_POINTS = 1000, 500  # to draw, at most
CURVE = 2000  # points of a cost curve


def add_play(commands):
    """The parser of `sknn-scratch play`."""
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
        help=f"data file in the course's layout (.h5), or {', '.join(FIGURES)}",
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
    """Train, record, write the page."""
    check_can_write(arguments.out, [arguments.source])
    html, recording = make_page(arguments)
    for note in recording.notes:
        print("sknn-scratch: note:", note, file=sys.stderr)
    write_page(arguments.out, html)
    print(
        f"Wrote {arguments.out} ({len(html.encode()) / 1e6:.1f} MB): "
        f"{recording.epochs[-1]} epochs, {len(recording.epochs)} moments to look at. "
        "Open it in a browser."
    )


def make_page(arguments):
    """The page, and the Recording that it plays back."""
    from ..export._javascript import forward_pass
    from ..export._network import formulas_of

    fill_in(arguments)
    model = make_model(arguments)
    model._validate_params()
    plane = Plane(arguments.source, arguments.random_state)
    check_classes(plane, arguments.source)
    recording = record(model, plane)
    name = os.path.basename(arguments.source)
    content = {
        "source": name,
        "model": type(model).__name__,
        "projected": plane.projected,
        "notes": recording.notes,
        "settings": settings(plane.script["network"]),
        "command": command_line(arguments),
        "python": plane.script.text,
        **network_content(recording),
        **curve_content(recording),
        **plane_content(plane),
    }
    body = f"{asset(PAGE, 'play.html')}{as_json_element('run', content)}"
    title = f"{name}: watch a network learn"
    formulas = formulas_of(recording.activations)
    kind = "binary" if len(content["classes"]) == 2 else "multiclass"
    script = forward_pass(formulas, kind, np.float64) + asset(PAGE, "play.js")
    return page(title, body, style=asset(PAGE, "play.css"), script=script), recording


def fill_in(arguments):
    """What is worth watching, where nothing was asked for."""
    usual = {"max_iter": 300}
    if arguments.model == "logistic":
        if arguments.solver is None:
            usual |= {"solver": "gd", "learning_rate_init": 0.5}
    else:
        usual |= {"activation": "tanh"}
        usual["hidden_layer_sizes"] = (8, 8) if arguments.model == "deep" else (8,)
        if arguments.solver is None:
            usual |= {"solver": "adam", "learning_rate_init": 0.01, "batch_size": 32}
        if arguments.solver != "lbfgs":  # all epochs: there is something to see
            usual |= {"tol": 0.0, "n_iter_no_change": np.inf}
    for parameter, value in usual.items():
        if getattr(arguments, parameter) is None:
            setattr(arguments, parameter, value)


def check_classes(plane, source):
    """Two classes at least, all of them in the rows to train on."""
    learned, met = np.unique(plane.train[1]), np.unique(plane.val[1])
    if len(learned) < 2:
        raise ValueError(f"{source} must have at least 2 classes, got {len(learned)}.")
    strange = np.setdiff1d(met, learned)
    if len(strange):
        raise ValueError(
            f"{source} must have rows of every class to train on, got none of "
            f"{plane.classes[strange[0]]!r}."
        )


# -- the training ----------------------------------------------------------------------


def record(model, plane):
    """The Recording of the training that the script does."""
    script, name = plane.script, type(model).__name__
    lines = [
        f"    {k}={literal(value)},\n" for k, value in changed_parameters(model).items()
    ]
    script.run(f"from sknn_scratch import {name}\nnetwork = {name}(\n{''.join(lines)})")
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
    """As many epochs as the page has room for; an error for networks too wide."""
    outputs = len(np.unique(plane.train[1]))
    n = 2, *layout_of(model).n[1:-1], outputs if outputs > 2 else 1
    size = sum((a + 1) * b for a, b in zip(n[:-1], n[1:], strict=True))
    if size > PARAMETERS:
        raise ValueError(
            f"--hidden must make a network of at most {PARAMETERS} parameters, which a "
            f"page can still play, got {size}; take fewer units."
        )
    return min(FRAMES, BYTES * 3 // (4 * 8 * size))


def literal(value):
    """A value as Python reads it."""
    return 'float("inf")' if value == np.inf else repr(value)


def command_line(arguments):
    """The command that makes this page again, with nothing left to defaults."""
    words = ["sknn-scratch", "play", arguments.source, "--model", arguments.model]
    for flag, parameter, _, _ in OPTIONS:
        value = getattr(arguments, parameter)
        if value is not None:
            listed = value if isinstance(value, tuple) else [value]
            words += [flag, ",".join(map(str, listed))]
    return shlex.join([*words, "--out", arguments.out])


# -- what the page is given ------------------------------------------------------------


def settings(network):
    """Parameters and their values as texts: the usual ones, and what was changed.

    A learning rate that was left to the network is the one it has taken.
    """
    given, mine = network.get_params(), changed_parameters(network)
    given["learning_rate_init"] = network.learning_rate_init_
    return [
        [name, str(value)]
        for name, value in given.items()
        if (name in mine or name in ALWAYS_SHOWN) and value is not None
    ]


def network_content(recording):
    """All that the forward pass needs, epoch by epoch."""
    scaler = recording.scaler
    return {
        "units": recording.n,
        "activations": recording.activations,
        "mean": scaler.mean_.tolist(),
        "scale": scaler.scale_.tolist(),
        "epochs": recording.epochs,
        "theta": base64_of(recording.thetas, "<f8"),
    }


def curve_content(recording):
    """Costs of all epochs, thinned where there are many, and those of the frames."""
    costs, last = np.array(recording.costs), len(recording.costs) - 1
    epochs = np.unique(np.linspace(0, last, CURVE).round().astype(int))
    return {
        "curve": {
            "epochs": base64_of(epochs, "<f8"),
            "train": base64_of(costs[epochs, 0], "<f8"),
            "validation": base64_of(costs[epochs, 1], "<f8"),
        },
        "costs": costs[recording.epochs].tolist(),
        "scores": recording.scores(),
    }


def plane_content(plane):
    """Points to draw, with the places of their classes, and what these are called."""
    classes = np.unique(plane.train[1])
    return {
        "classes": [plane.classes[label] for label in classes],
        "points": {
            "train": points(*plane.train, classes, TRAINING_POINTS),
            "validation": points(*plane.val, classes, VALIDATION_POINTS),
        },
    }


def points(X, y, classes, most):
    """At most so many rows, spread over all."""
    rows = np.unique(np.linspace(0, len(y) - 1, most).round().astype(int))
    places = np.searchsorted(classes, y[rows])
    return {"of": len(y), "x": X[rows].tolist(), "y": places.tolist()}


def base64_of(values, dtype):
    return base64.b64encode(np.asarray(values, dtype).tobytes()).decode()


def as_json_element(name, content):
    """A script element of data; no text in it can end it."""
    text = json.dumps(content, allow_nan=False).replace("<", "\\u003c")
    return f'<script type="application/json" id="{name}">{text}</script>\n'
