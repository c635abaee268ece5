"""`sknn-scratch predict`: print the predictions of a saved model for images."""

import csv
import json
import os
import sys
import warnings
from contextlib import contextmanager

import numpy as np

from .._storage.texts import printable
from .console import print_table, terminal
from .readers.images import read_image
from .readers.labels import is_number

FORMULA = "=+-@＝＋－＠"  # with which a formula begins in a spreadsheet
MODES = {1: "L", 3: "RGB"}


def run_predict(arguments):
    """Load the model, read the images, predict and print."""
    from ..hdf5._models import name_of, read_model

    stored = read_model(arguments.model)
    model, names = stored.model, stored.class_names
    if not hasattr(model, "predict_proba"):
        raise ValueError(
            f"{arguments.model} must be a classifier, got one that predicts numbers; "
            "load it in Python (sknn_scratch.hdf5.load_model)."
        )
    classes = [name_of(label, names) for label in model.classes_]
    rows = []
    for source in arguments.sources:
        with open_source(source, model, names) as (places, X, truth):
            with warnings.catch_warnings():  # check_columns has compared the names
                warnings.filterwarnings("ignore", "X does not have valid feature names")
                P = model.predict_proba(X)
            rows += prediction_rows(model, classes, places, P, truth)
    heads = ["image", "class", *(f"P({name})" for name in classes)]
    if any(truth for *_, truth in rows):
        heads.append("true class")
    rows = [row[: len(heads)] for row in rows]
    if not arguments.json:
        FORMATS[arguments.format](heads, rows)
    found = [dict(zip(heads, row, strict=True)) for row in rows]
    return {"model": arguments.model, "predictions": found}


def prediction_rows(model, classes, places, P, truth):
    """Return a row for each image: place, class, probabilities, true class or ""."""
    from .._estimators.access import network_of

    if network_of(model)._target.multilabel:
        found = ["+".join(np.array(classes)[p > 0.5]) or "-" for p in P]
        truth = [""] * len(P)  # the file has one class a row, not a set of labels
    else:
        found = [classes[i] for i in P.argmax(axis=1)]
    return [
        [place, one, *(float(p) for p in row), true]
        for place, one, row, true in zip(places, found, P, truth, strict=True)
    ]


@contextmanager
def open_source(source, model, names):
    """Yield places, images and the names of their true classes ("" if unknown)."""
    from ..hdf5._datasets import open_split
    from ..hdf5._models import check_columns, name_of

    if not source.lower().endswith((".h5", ".hdf5")):
        yield [source], read_as_trained(source, model)[None], [""]
        return
    check_columns(source, model)
    with open_split(source) as (X, y, data_names):
        named = names if data_names is None else data_names
        places = [f"{source}[{i}]" for i in range(len(X))]
        yield places, X, [name_of(label, named) for label in y]


def read_as_trained(path, model):
    """Return an image in the shape, scale and dtype of the training images."""
    from .._estimators.access import first_step
    from ..preprocessing import ImageFlattener

    flatten = first_step(model)
    if not os.path.exists(path):
        raise FileNotFoundError(f"{path} must be an image, but does not exist.")
    if os.path.isdir(path):
        raise ValueError(
            f"{path} must be an image, got a directory; name the images that are in it."
        )
    if not isinstance(flatten, ImageFlattener):
        raise ValueError(
            f"{path} must be a data file, for the model was not trained on images; "
            "sknn-scratch convert makes one of a CSV."
        )
    height, width, *channels = flatten.image_shape_
    mode = MODES.get(channels[0] if channels else 1)
    if mode is None:
        raise ValueError(f"{path} cannot have the model's {channels[0]} channels.")
    pixels = read_image(path, (width, height), mode).astype(np.float64)
    pixels = pixels.reshape(flatten.image_shape_) * (flatten.scale / 255)
    if np.issubdtype(flatten.image_dtype_, np.integer):
        pixels = np.rint(pixels)
    return pixels.astype(flatten.image_dtype_)


def write_table(heads, rows):
    """Print aligned columns, probabilities with four decimals."""
    texts = [
        [f"{value:.4f}" if isinstance(value, float) else value for value in row]
        for row in rows
    ]
    print_table(terminal(), heads, texts)


def write_csv(heads, rows):
    """Print a line of column names and a line for each image."""
    rows = [[as_cell(value) for value in row] for row in [heads, *rows]]
    csv.writer(sys.stdout, lineterminator="\n").writerows(rows)


def as_cell(value):
    """Return a text that no spreadsheet takes for a formula; a number as it is."""
    if not isinstance(value, str):
        return value
    text = printable(value)
    formula = text[:1] in FORMULA and len(text) > 1 and not is_number(text)
    return f"'{text}" if formula else text


def write_json(heads, rows):
    """Print a JSON list of objects, one for each image."""
    print(json.dumps([dict(zip(heads, row, strict=True)) for row in rows], indent=1))


FORMATS = {"table": write_table, "csv": write_csv, "json": write_json}
