"""`sknn-scratch report`: a page on how good a saved model is, and where it errs."""

import os
import warnings

import numpy as np

from .files import check_can_write
from .predict import name_of


def add_report(commands):
    """The parser of `sknn-scratch report`."""
    report = commands.add_parser(
        "report",
        help="write a page on how good a saved model is, and where it errs",
        description="Judges a saved model by the rows of an HDF5 file in the course's "
        "layout (its test set, where it has one) and writes one HTML page that needs "
        "no network: key figures, a diagnosis, how training went, which classes are "
        "confused, how far the probabilities can be trusted, the most confident "
        "mistakes. For a model that predicts numbers the labels in the file are "
        "numbers; for one of several labels a row, zeros and ones of shape (m, "
        "labels).",
    )
    report.add_argument("model", metavar="MODEL.h5", help="file written by train")
    report.add_argument("data", metavar="DATA.h5", help="rows and their true labels")
    text = "page to write or replace (report.html)"
    report.add_argument("--out", metavar="FILE", default="report.html", help=text)
    report.set_defaults(run=run_report)


def run_report(arguments):
    """Load, read, judge, write."""
    from .._html.page import write_page
    from .._pages.report.page import Subject, report_page
    from .._storage import store
    from ..hdf5 import _model_tree

    path = arguments.data
    check_can_write(arguments.out, [arguments.model, path])
    tree = store.read_tree(arguments.model)
    model = _model_tree.from_tree(tree, arguments.model)
    parts, names = read_parts(path, model, model_names(tree))
    part = "test" if "test" in parts else "train"
    subject = Subject(
        model=model,
        model_file=os.path.basename(arguments.model),
        data_file=os.path.basename(path),
        written_by=str(tree.attributes.get("written_by")),
        output=tree.groups[f"step{len(tree.groups) - 1}"].attributes["output"],
        names=names,
        part=part,
        rows=parts[part],
        train=parts.get("train"),
    )
    with warnings.catch_warnings():  # a data file has no names of features
        warnings.filterwarnings("ignore", "X does not have valid feature names")
        html = report_page(subject)
    write_page(arguments.out, html)
    size = len(html.encode()) / 1000
    print(f"Judged by the {part} set of {path}, {len(parts[part][0])} rows.")
    print(f"Wrote {arguments.out}, {size:.0f} kB: open it in a browser.")


def model_names(tree):
    """The names of the labels 0, 1, ... in the model file, where they say something."""
    names = tree.arrays.get("class_names")
    if names is None:
        return None
    names = np.char.decode(names, "utf-8").tolist()
    return None if names == [str(i) for i in range(len(names))] else names


def read_parts(path, model, names):
    """{"train": (X, y), "test": (X, y)}, those there are, and the names of classes."""
    from .._estimators.access import network_of
    from .._storage import store
    from ..hdf5 import _datasets

    network = network_of(model)
    classifier = hasattr(network, "classes_")
    one_class = classifier and not network._y.multilabel
    read = _datasets._read_split if one_class else read_targets
    with store.reading(path) as file:
        there = store.keys(file)
        splits = [
            s for s in ("train", "test") if {f"{s}_set_x", f"{s}_set_y"} & {*there}
        ]
        parts = {split: read(file, split) for split in splits or ["train"]}
        own_names = _datasets._read_names(file) if classifier else None
    for split, (X, y) in parts.items():
        check_rows(f"{path}:/{split}_set_x", X, model)
        if not one_class:
            y = as_trained(f"{path}:/{split}_set_y", y, len(X), network)
            parts[split] = X, y
    if not classifier:
        return parts, None
    found = class_names(path, network.classes_, names, own_names)
    if one_class:
        for split, (X, y) in parts.items():
            place = f"{path}:/{split}_set_y"
            parts[split] = X, known_labels(place, y, network.classes_, own_names)
    return parts, found


def read_targets(file, split):
    """Rows and targets, which need not be whole numbers."""
    from .._storage import store

    return tuple(store.read_array(file, f"{split}_set_{kind}") for kind in "xy")


def check_rows(place, X, model):
    """Rows of another shape than the model's are told before it sees them."""
    from .._estimators.access import input_shape

    shape = input_shape(model)
    if X.shape[1:] != tuple(shape) or X.dtype.kind not in "buif":
        raise ValueError(
            f"{place} must hold numbers of shape (m, {', '.join(map(str, shape))}) as "
            f"the model was trained on, got {X.dtype} of shape {X.shape}."
        )
    if not len(X):
        raise ValueError(f"{place} must hold at least one row, got none.")
    if not np.isfinite(X).all():
        raise ValueError(f"{place} must hold finite numbers, got NaN or inf.")


def as_trained(place, y, m, network):
    """Targets in the shape that fit saw: numbers, or zeros and ones a label."""
    labels = hasattr(network, "classes_")
    shape = (m, network.n_outputs_) if labels else (m, *network._y.shape)
    one_each = network.n_outputs_ == 1 and y.shape in ((m,), (1, m), (m, 1))
    if y.shape != shape and not one_each:
        raise ValueError(f"{place} must have shape {shape}, got {y.shape}.")
    if y.dtype.kind not in "buif" or not np.isfinite(y).all():
        raise ValueError(f"{place} must hold finite numbers, got {y.dtype}.")
    if labels and not np.isin(y, (0, 1)).all():
        raise ValueError(
            f"{place} must hold zeros and ones, a column a label, got "
            f"{np.unique(y)[:5].tolist()}."
        )
    return y.reshape(shape)


def known_labels(place, y, classes, own_names):
    """The labels of the file as those of the model; strange ones are an error."""
    named = own_names is not None and classes.dtype.kind in "OU"
    labels = own_names[y] if named else y
    known = np.isin(labels, classes)
    if not known.all():
        strange = sorted({name_of(label, own_names) for label in labels[~known][:1000]})
        raise ValueError(
            f"{place} must hold classes that the model knows, "
            f"{classes.tolist()[:20]}, got {(~known).sum()} rows of others: "
            f"{strange[:5]}; leave those rows out, or train a model that knows them."
        )
    return labels.astype(classes.dtype)


def class_names(path, classes, names, own_names):
    """What to call each class; the two files must not contradict each other."""
    own = [name_of(label, own_names) for label in classes]
    ours = [name_of(label, names) for label in classes]
    if names is not None and own_names is not None and own != ours:
        raise ValueError(
            f"{path}:/list_classes must name the classes as the model's file does, "
            f"{ours[:20]}, got {own[:20]}: one number would mean two things."
        )
    return own if names is None else ours
