"""The page of `sknn-scratch play`, made from a Plane and a Recording."""

import base64

import numpy as np

from ..._estimators.layout import layout_of
from ..._fit.parameter_use import changed_parameters
from ..._html.page import as_json_element, asset, page
from ...export._javascript_text import forward_pass
from ...export._network import formulas_of

ALWAYS_SHOWN = ("hidden_layer_sizes", "n_hidden", "activation", "solver")
ALWAYS_SHOWN += ("learning_rate_init", "batch_size", "max_iter", "random_state")
TRAINING_POINTS, VALIDATION_POINTS = 1000, 500  # to draw, at most
CURVE = 2000  # points of a cost curve, at most
SCRIPTS = [
    "engine",
    "draw",
    "stage",
    "net",
    "recorded",
    "datasets",
    "live",
    "knobs",
    "words",
    "play",
]
LIVE_UNITS, LIVE_LAYERS = 16, 6  # at most, in the training in the page
LIVE_SOLVERS = ("gd", "sgd", "rmsprop", "adam", "adamw")


def play_page(source, plane, recording, command):
    """Return the page that replays a training, and trains by itself, as HTML.

    Parameters
    ----------
    source : str
        Name of the data, for the title.
    plane : Plane
        Data of the training; its script has fitted `network`.
    recording : Recording
        Parameters and costs of the training.
    command : str
        The command line that makes the page again, to be shown in it.
    """
    network = plane.script["network"]
    content = {
        "source": source,
        "model": type(network).__name__,
        "projected": plane.projected,
        "notes": recording.notes,
        "settings": settings(network),
        "command": command,
        "python": plane.script.text,
        "own": not plane.generated,
        "data_python": plane.code,
        "knobs": knobs(source, network, plane, recording),
        **network_content(recording),
        **curve_content(recording),
        **plane_content(plane),
    }
    kind = "binary" if len(content["classes"]) == 2 else "multiclass"
    script = forward_pass(formulas_of(recording.activations), kind, np.float64)
    return html(f"{source}: watch a network learn", content, script)


def live_page():
    """Return the page on which a network is trained, without a recording, as HTML."""
    script = forward_pass([], "multiclass", np.float64)
    return html("Watch a network learn", None, script)


def html(title, content, script):
    """Return the page of a recording (or None), with that forward pass."""
    return page(
        title,
        asset(__package__, "play.html") + as_json_element("run", content),
        style=asset(__package__, "play.css"),
        script="\n".join([script, *(asset(__package__, f"{x}.js") for x in SCRIPTS)]),
    )


def knobs(source, network, plane, recording):
    """Return where the knobs of the page stand at first: as the network was trained.

    What the page does not train with is left out.
    """
    given, found = network.get_params(), {}
    if plane.generated:
        found["data"] = source
    units = layout_of(network).n[1:-1][:LIVE_LAYERS]
    found["layers"] = [min(width, LIVE_UNITS) for width in units]
    if recording.activations:
        found["activation"] = recording.activations[0][0]
    if given["solver"] in LIVE_SOLVERS:
        found["solver"] = given["solver"]
        found["rate"] = float(network.learning_rate_init_)
    if isinstance(given["batch_size"], int):
        found["batch"] = given["batch_size"]
    if "alpha" in given:
        found["alpha"] = float(given["alpha"])
    if isinstance(given.get("init"), str):
        found["init"] = given["init"]
    found["seed"] = given["random_state"]
    return found


def settings(network):
    """Return [name, value] of the parameters always shown and of the changed ones.

    The learning rate is the one that the training used.
    """
    given, mine = network.get_params(), changed_parameters(network)
    given["learning_rate_init"] = network.learning_rate_init_
    return [
        [name, str(value)]
        for name, value in given.items()
        if (name in mine or name in ALWAYS_SHOWN) and value is not None
    ]


def network_content(recording):
    """Return units, scaler and parameters of each kept epoch, for the forward pass."""
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
    """Return the cost curves, thinned to CURVE epochs, and scores of the frames."""
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
    """Return the points to draw, their class indices and the class names."""
    classes = np.unique(plane.train[1])
    return {
        "classes": [plane.classes[label] for label in classes],
        "points": {
            "train": points(*plane.train, classes, TRAINING_POINTS),
            "validation": points(*plane.val, classes, VALIDATION_POINTS),
        },
    }


def points(X, y, classes, most):
    """Return at most `most` rows, evenly spaced, and the number of all rows."""
    rows = np.unique(np.linspace(0, len(y) - 1, most).round().astype(int))
    places = np.searchsorted(classes, y[rows])
    return {"of": len(y), "x": X[rows].tolist(), "y": places.tolist()}


def base64_of(values, dtype):
    """Return the values as an array of the dtype, encoded in base64."""
    return base64.b64encode(np.asarray(values, dtype).tobytes()).decode()
