"""`sknn-scratch play MODEL.h5`: write an HTML page that looks into a saved model."""

import math
import os

import numpy as np

from .._html.page import write_page
from .._pages.look.rows import MOST_READ
from .._storage import store
from .console import note, say
from .options import FITTING, READING
from .output import check_can_write
from .readers.data_file import is_data_file
from .tables.files import is_table
from .training import reading_of, refuse

GIVEN_ONLY = [option for option in FITTING if option.default is None]


def is_model_file(path):
    """Return whether a file of that name is there and holds a model."""
    from ..hdf5._model_format import FORMAT

    if not is_data_file(path) or not os.path.exists(path):
        return False
    with store.reading(path) as file:
        return store.read_attribute(file, "format") == FORMAT


def run_look(arguments):
    """Read the model and rows of data, and write the page."""
    from .._pages.look.page import look_page

    refuse(arguments, GIVEN_ONLY, f"a saved model: {arguments.source}")
    files = [arguments.source, *([arguments.data] if arguments.data else [])]
    check_can_write(arguments.out, files)
    subject = subject_of(arguments)
    try:
        html = look_page(subject)
    except ValueError as error:
        raise ValueError(
            f"{arguments.source} cannot be played: {error} Models can be played that "
            "`export --to js` writes, for tables or pictures."
        ) from None
    write_page(arguments.out, html)
    size = len(html.encode())
    say(f"Wrote {arguments.out} ({size / 1e6:.1f} MB): open it in a browser.")
    rows = 0 if subject.X is None else len(subject.X)
    return {"file": arguments.out, "bytes": size, "rows": rows}


def subject_of(arguments):
    """Return the Subject of the files."""
    from .._pages.look.page import Subject
    from ..hdf5._models import names_of_classes, read_model

    stored = read_model(arguments.source)
    subject = Subject(
        stored.model,
        os.path.basename(arguments.source),
        names_of_classes(stored),
        stored.target_name,
    )
    path = arguments.data
    if path is None:
        refuse(arguments, READING, "a model alone")
        return subject
    if is_table(path):
        found = rows_of_table(stored, path, arguments)
    elif is_data_file(path):
        refuse(arguments, READING, f"a data file: {path}")
        found = rows_of_data_file(stored, path)
    else:
        raise ValueError(
            f"DATA must be a table or a data file (.h5), got {path}; `convert` makes a "
            "data file of images."
        )
    return subject._replace(data_file=os.path.basename(path), **found)


def rows_of_table(stored, path, arguments):
    """Return the rows of a table as the model takes them, and the known answers."""
    from .tables.newrows import classes_of, read_rows
    from .tables.task import known_answers

    reading = reading_of(arguments)
    frame, X, notes = read_rows(stored, path, reading.pop("dates"), reading)
    for text in notes:
        note(text)
    if not len(X):
        raise ValueError(f"{path} must have rows, got none.")
    classes = classes_of(stored.model)
    y, rows = known_answers(frame, stored.target_name, classes, stored.class_names)
    names = {} if classes is None else names_in_page(stored, classes)
    truth = [None] * len(X)
    for row, value in zip(rows, y, strict=True):
        truth[row] = value if classes is None else names.get(value, str(value))
    return {"X": X, "truth": truth if len(y) else None}


def names_in_page(stored, classes):
    """Return {class: its name in the page}."""
    from ..hdf5._models import names_of_classes

    labels = np.asarray(classes).tolist()
    names = names_of_classes(stored) or [*map(str, labels)]
    return dict(zip(labels, names, strict=True))


def rows_of_data_file(stored, path):
    """Return the first rows of a data file, of the test set if it has one, and answers.

    A file of images also goes with a model of as many numbers.
    """
    from .._estimators.access import input_shape
    from ..hdf5._datasets import read_columns
    from ..hdf5._models import check_columns

    shape = tuple(input_shape(stored.model))
    X, truth = rows_and_answers(stored, path)
    flat = X.ndim > 2 and len(shape) == 1 and math.prod(X.shape[1:]) == shape[0]
    if not flat:
        check_columns(path, stored.model)
    if not flat and X.shape[1:] != shape:
        raise ValueError(
            f"{path} must hold rows of shape {shape} as the model was trained on, got "
            f"{X.shape[1:]}."
        )
    if not len(X) or X.dtype.kind not in "buif" or not np.isfinite(X).all():
        raise ValueError(f"{path} must hold rows of finite numbers.")
    return {"X": X, "truth": truth, "columns": read_columns(path)}


def rows_and_answers(stored, path):
    """Return the first rows, and the name of the class, the labels or numbers of each.

    Rows of one class each are read from files that are larger than the memory, too.
    """
    from ..hdf5._datasets import open_split, read_splits
    from ..hdf5._model_format import predictor_of
    from ..hdf5._models import name_of

    model = predictor_of(stored.model)
    if hasattr(model, "classes_") and not model._target.multilabel:
        with open_split(path) as (X, y, data_names):
            rows, labels = np.asarray(X[:MOST_READ]), y[:MOST_READ]
            if data_names is not None:
                return rows, [name_of(label, data_names) for label in labels]
            names = names_in_page(stored, model.classes_)
            return rows, [names.get(label, str(label)) for label in labels]
    splits, _ = read_splits(path, targets=True, names=False)
    X, y = splits.get("test") or splits["train"]
    y = y.ravel() if y.size == len(X) else y
    return X[:MOST_READ], [*y[:MOST_READ]]
