"""`sknn-scratch play`: write an HTML page on a training, or on a saved model."""

import os
import shlex
import warnings

import numpy as np

from .._estimators.layout import layout_of
from .._html.page import write_page
from .._pages.play.plane import Plane, code_of
from .._pages.play.recording import Recording
from .._training.watch import observe
from .console import note, progress, say, terminal
from .look import is_model_file, run_look
from .options import DATA_FILE, FITTING, READING, SWITCHES
from .output import check_can_write
from .training import make_model, refuse

FRAMES = 120  # epochs that a page holds, at most
BYTES = 4_000_000  # of the parameters of all frames as base64, at most
PARAMETERS = 40_000  # of the largest network that a page still redraws fluently


def run_play(arguments):
    """Write the page on a saved model, or train and write that on the training."""
    if is_model_file(arguments.source):
        return run_look(arguments)
    refuse(arguments, [DATA_FILE, *READING], f"a training on {arguments.source}")
    check_can_write(arguments.out, [arguments.source])
    html, recording = make_page(arguments)
    for text in recording.notes:
        note(text)
    write_page(arguments.out, html)
    size = len(html.encode())
    say(
        f"Wrote {arguments.out} ({size / 1e6:.1f} MB): "
        f"{recording.epochs[-1]} epochs, {len(recording.epochs)} moments to look at. "
        "Open it in a browser."
    )
    epochs = {"epochs": recording.epochs[-1], "moments": len(recording.epochs)}
    return {"file": arguments.out, "bytes": size, **epochs, "notes": recording.notes}


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
    for switch in SWITCHES:
        setattr(arguments, switch.parameter, switch.parameter == "standardize")
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
    for option in FITTING:
        value = getattr(arguments, option.parameter)
        if value is not None:
            listed = value if isinstance(value, tuple) else [value]
            words += [option.flags[0], ",".join(map(str, listed))]
    return shlex.join([*words, "--out", arguments.out])
