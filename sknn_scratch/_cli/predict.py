"""`sknn-scratch predict`: predictions of a saved model for tables, images and data."""

import io
import json
import os
import warnings
from contextlib import contextmanager

import numpy as np

from .._storage.atomic import write_atomically
from .._storage.texts import printable
from .console import note, plain, print_table, say, terminal
from .options import READING
from .output import check_can_write
from .readers.data_file import is_data_file
from .readers.images import IMAGES, read_image, visible
from .readers.labels import is_number, short
from .tables.columns import listed
from .tables.files import is_table
from .training import reading_of, refuse

FORMULA = "=+-@＝＋－＠"  # with which a formula begins in a spreadsheet
MODES = {1: "L", 3: "RGB"}
PREDICTED = ("P(", "predicted", "low ", "high ")  # heads of columns of predictions


def run_predict(arguments):
    """Load the model, read the rows, predict and print."""
    from ..hdf5._models import read_model

    if "-" in arguments.sources:
        raise ValueError(
            "SOURCE must be a file, got -: standard input is not read; write it to a "
            "file first, as new.csv."
        )
    if arguments.out is not None:
        if arguments.format == "table":
            raise ValueError("--format must be csv or json with --out, got table.")
        check_can_write(arguments.out, [arguments.model, *arguments.sources])
    stored = read_model(arguments.model)
    positive, others = positive_of(arguments, stored)
    tables = [source for source in arguments.sources if is_table(source)]
    if len(tables) not in (0, len(arguments.sources)):
        raise ValueError(
            f"SOURCE must be tables, or images and data files, got {tables[0]} beside "
            "others; run predict for each."
        )
    if tables:
        heads, rows, told = predictions_of_tables(arguments, stored)
    else:
        refuse(arguments, READING, "images or data files")
        heads, rows, told = predictions_of_images(arguments, stored)
    if positive is not None:
        decide(heads, rows, arguments.threshold, positive, others)
        if told.get("judged"):
            note("The scores are those of the most probable class, not of --threshold.")
    write(arguments, heads, rows)
    found = [dict(zip(heads, row, strict=True)) for row in rows]
    return {"model": arguments.model, "predictions": found, **told}


def positive_of(arguments, stored):
    """Return the class that --threshold is for, and the others; check both options."""
    from ..hdf5._model_format import predictor_of
    from ..hdf5._models import name_of

    threshold, positive = arguments.threshold, arguments.positive
    if threshold is None:
        if positive is not None:
            raise ValueError(f"--positive needs --threshold, got {short(positive)}.")
        return None, ()
    target = predictor_of(stored.model)._target
    classes = getattr(stored.model, "classes_", ())
    if not len(classes) or getattr(target, "multilabel", False):
        raise ValueError("--threshold must be given for a model of one class a row.")
    names = [str(name_of(label, stored.class_names)) for label in classes]
    if positive is None and len(names) == 2:
        positive = names[1]
    if positive not in names:
        got = "none" if positive is None else short(positive)
        raise ValueError(
            f"--positive must be the class that --threshold is for, one of "
            f"{listed(names, 12)}, got {got}."
        )
    return positive, [name for name in names if name != positive]


def decide(heads, rows, threshold, positive, others):
    """Set the class of each row: the positive one where its probability is high enough.

    Elsewhere it is the most probable of the others.
    """
    place = heads.index("class")
    columns = {name: heads.index(f"P({name})") for name in (positive, *others)}
    for row in rows:
        likely = max(others, key=lambda name: row[columns[name]])
        row[place] = positive if row[columns[positive]] >= threshold else likely


# -- tables ----------------------------------------------------------------------------


def predictions_of_tables(arguments, stored):
    """Return the heads and the rows of the predictions, and how good they are."""
    from .tables.predict import COVERAGE, predict_table, scores_in_words

    coverage = COVERAGE if arguments.coverage is None else arguments.coverage
    options = {"ids": arguments.id or (), "coverage": coverage}
    options |= reading_of(arguments)
    heads, rows, judged = [], [], []
    for source in arguments.sources:
        found = predict_table(stored, source, **options)
        for text in found.notes:
            note(text)
        if found.scores:
            note(scores_in_words(found, stored.target_name))
            counts = {"rows": found.n_known, "trained_on": found.n_trained}
            judged.append({"source": source, **counts, **found.scores})
        own = [*found.frame.columns]
        if heads and own != heads:
            raise ValueError(f"{source} must have the columns of the tables before it.")
        heads = own
        columns = [found.frame[name].tolist() for name in own]
        rows += [list(row) for row in zip(*columns, strict=True)]
    return heads, rows, {"judged": judged}


# -- images and data files -------------------------------------------------------------


def predictions_of_images(arguments, stored):
    """Return the heads and the rows of the predictions."""
    model, names = stored.model, stored.class_names
    heads, rows = [], []
    for source in expanded(arguments.sources):
        with open_source(source, model, names) as (places, X, truth):
            with warnings.catch_warnings():  # check_columns has compared the names
                warnings.filterwarnings("ignore", "X does not have valid feature names")
                heads, found = prediction_rows(arguments, stored, places, X, truth)
            rows += found
    if not any(truth for *_, truth in rows):
        heads, rows = heads[:-1], [row[:-1] for row in rows]
    return heads, rows, {}


def expanded(sources):
    """Return the sources, folders replaced by the images in them."""
    found = []
    for source in sources:
        if not os.path.isdir(source):
            found.append(source)
            continue
        inside = images_in(source)
        if not inside:
            raise ValueError(
                f"{source} must hold images ({' '.join(IMAGES)}), got none."
            )
        found += inside
    return found


def images_in(folder):
    """Return the paths of the images of a folder and of its sub-folders."""
    found = []
    for entry in visible(folder):
        if entry.is_dir(follow_symlinks=False):
            found += images_in(entry.path)
        elif entry.name.lower().endswith(IMAGES):
            found.append(entry.path)
    return found


def prediction_rows(arguments, stored, places, X, truth):
    """Return heads, and a row for each image: place, predictions, true answer or ""."""
    from ..hdf5._model_format import predictor_of
    from .tables.predict import COVERAGE, columns_of

    coverage = COVERAGE if arguments.coverage is None else arguments.coverage
    columns = columns_of(
        stored.model, X, stored.class_names, coverage, stored.target_name
    )
    numbers = "class" not in columns
    if getattr(predictor_of(stored.model)._target, "multilabel", False):
        truth = [""] * len(places)  # the file has one class a row, not a set of labels
    heads = ["image", *columns, "true value" if numbers else "true class"]
    values = [np.asarray(column).tolist() for column in columns.values()]
    return heads, [list(row) for row in zip(places, *values, truth, strict=True)]


@contextmanager
def open_source(source, model, names):
    """Yield places, images and the names of their true classes ("" if unknown)."""
    from ..hdf5._datasets import open_split
    from ..hdf5._models import check_columns, name_of

    if not is_data_file(source):
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
    if not isinstance(flatten, ImageFlattener):
        raise ValueError(
            f"{path} must be a table or a data file, for the model was not trained on "
            "images."
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


# -- output ----------------------------------------------------------------------------


def write(arguments, heads, rows):
    """Write the predictions to --out, or print them, in the format asked for."""
    by_name = "json" if (arguments.out or "").lower().endswith(".json") else "csv"
    kind = arguments.format or ("table" if arguments.out is None else by_name)
    if arguments.out is None:
        if not arguments.json:
            PRINTERS[kind](heads, rows)
        return
    write_atomically(arguments.out, TEXTS[kind](heads, rows).encode(), ".part")
    say(f"Wrote {len(rows)} predictions to {arguments.out}.")


def print_as_table(heads, rows):
    """Print aligned columns, probabilities with four decimals."""
    texts = [
        [as_text(head, v) for head, v in zip(heads, row, strict=True)] for row in rows
    ]
    print_table(terminal(), heads, texts)


def as_text(head, value):
    """Return a value as text: probabilities with four decimals, other numbers short."""
    if not isinstance(value, float):
        return str(value)
    return f"{value:.4f}" if head.startswith("P(") else f"{value:.6g}"


def as_csv(heads, rows):
    """Return a line of column names and a line for each row.

    Predictions have nine significant digits: as many as float32 holds, and far below
    any interval.
    """
    import csv

    text = io.StringIO()
    predicted = [head.startswith(PREDICTED) for head in heads]
    short_rows = [
        [
            float(f"{v:.9g}") if p and isinstance(v, float) else v
            for p, v in zip(predicted, row, strict=True)
        ]
        for row in rows
    ]
    cells = [[as_cell(value) for value in row] for row in [heads, *short_rows]]
    csv.writer(text, lineterminator="\n").writerows(cells)
    return text.getvalue()


def as_cell(value):
    """Return a text that no spreadsheet takes for a formula; a number as it is."""
    if not isinstance(value, str):
        return value
    text = printable(value)
    formula = text[:1] in FORMULA and len(text) > 1 and not is_number(text)
    return f"'{text}" if formula else text


def as_json(heads, rows):
    """Return a JSON list of objects, one for each row."""
    found = [dict(zip(heads, row, strict=True)) for row in rows]
    return json.dumps(plain(found), indent=1) + "\n"


TEXTS = {"csv": as_csv, "json": as_json}
PRINTERS = {
    "table": print_as_table,
    "csv": lambda heads, rows: print(as_csv(heads, rows), end=""),
    "json": lambda heads, rows: print(as_json(heads, rows), end=""),
}
