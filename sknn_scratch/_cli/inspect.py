"""`sknn-scratch inspect`: what a model file or a data file holds."""

import math
import os

import numpy as np

from .._fit.parameters import changed_parameters
from .console import print_counts, print_table, terminal
from .files import readable_bytes

DATA = [("train_set_x", "train_set_y"), ("test_set_x", "test_set_y")]
MOST_NAMES = 20


def add_inspect(commands):
    """The parser of `sknn-scratch inspect`."""
    inspect = commands.add_parser(
        "inspect",
        help="print what a model file or a data file holds",
        description="Prints what an HDF5 file holds. Of a model: its steps, the "
        "parameters that differ from the defaults, how its training ended, and the "
        "shapes of its layers, W[l] (n[l], n[l-1]) and b[l] (n[l], 1) as the course "
        "writes them. Of data in the course's layout: shapes, number types, range of "
        "the values (pixels of 0 to 255 want scale 255) and how often each class "
        "occurs. Of any other HDF5 file: its datasets.",
    )
    inspect.add_argument("file", metavar="FILE.h5", help="model or data file")
    inspect.set_defaults(run=run_inspect)


def run_inspect(arguments):
    """Look which kind of file it is, and print."""
    from .._storage import store
    from ..hdf5 import _model_tree

    path, console = arguments.file, terminal()
    with store.reading(path) as file:
        there = store.contents(file)
        size = readable_bytes(os.path.getsize(path))
        splits = [pair for pair in DATA if {*pair} & {*there}]
        if store.read_attribute(file, "format") == _model_tree.FORMAT:
            inspect_model(console, path, size)
        elif splits:
            print(f"{path}: images and labels in the course's layout, {size}")
            print_datasets(console, file, there)
            print_classes(console, file, there, splits)
        else:
            print(
                f"{path}: neither a model nor data in the course's layout, but an HDF5 "
                f"file, {size}, with {len(there)} datasets"
            )
            if there:
                print_datasets(console, file, there)


# -- data ------------------------------------------------------------------------------


def print_datasets(console, file, there):
    """A line a dataset."""
    rows = []
    for name, entry in there.items():
        shape = "empty" if entry.shape is None else str(entry.shape)
        packed = f", {entry.compression}" if entry.compression else ""
        stored = readable_bytes(entry.stored_bytes) + packed
        rows.append([name, shape, str(entry.dtype), value_range(file, name, entry)])
        rows[-1].append(stored)
    print_table(console, ["dataset", "shape", "type", "values", "stored"], rows)


def value_range(file, name, entry):
    """Least and greatest value, found block by block; a dash where there are none."""
    from .._storage import store

    if not entry.shape or not math.prod(entry.shape) or entry.dtype.kind not in "buif":
        return "-"
    declared = math.prod(entry.shape) * entry.dtype.itemsize
    if declared > 2000 * entry.stored_bytes + 2**20:  # gzip makes 1000 bytes of one
        return "not stored"
    blocks = store.row_blocks(file, name)
    least, greatest = zip(*((b.min(), b.max()) for b in blocks), strict=True)
    return f"{np.min(least):.6g} to {np.max(greatest):.6g}"


def print_classes(console, file, there, splits):
    """How often each class occurs; what load_dataset would refuse is an error."""
    from ..hdf5 import _datasets

    labels = {X[: -len("_set_x")]: checked_labels(file, there, X, y) for X, y in splits}
    names, count = (
        _datasets._read_names(file),
        _datasets._count_classes(*labels.values()),
    )
    print(f"classes: {count if names is None else len(names)}, ", end="")
    print("named by their numbers" if names is None else "named by list_classes")
    names = np.arange(count).astype(str) if names is None else names
    _datasets._check_every_label_named(f"{file.filename}:/list_classes", names, count)
    counts = {s: np.bincount(y, minlength=len(names)) for s, y in labels.items()}
    print_counts(console, names, counts)


def checked_labels(file, there, X_name, y_name):
    """The labels as (m,); they must fit the images, which are not read."""
    from .._storage import store
    from ..hdf5 import _datasets

    y = store.read_array(file, y_name)
    if X_name not in there or there[X_name].shape is None:
        X = store.read_array(file, X_name)  # an error that says what is there
    else:
        X = np.broadcast_to(np.zeros((), there[X_name].dtype), there[X_name].shape)
    places = f"{file.filename}:/{y_name}", f"{file.filename}:/{X_name}"
    return _datasets._check_labels(places[0], y, places[1], X)


# -- models ----------------------------------------------------------------------------


def inspect_model(console, path, size):
    """Steps, parameters, training, layers."""
    from .._estimators.access import own_steps
    from .._storage import store
    from ..hdf5 import _model_tree

    tree = store.read_tree(path)
    model = _model_tree.from_tree(tree, path)
    head = tree.attributes
    steps = own_steps(model)
    net = steps[-1][1]
    print(
        f"{path}: {head['kind']}, {size}, written by sknn_scratch "
        f"{head.get('written_by')}, format version {head['version']}"
    )
    for number, (name, step) in enumerate(steps, start=1):
        print(f"step {number}, {name}: {type(step).__name__}({changed(step)})")
        if hasattr(step, "image_shape_"):
            print(f"  takes images of shape {step.image_shape_}, {step.image_dtype_}")
    output = tree.groups[f"step{len(steps) - 1}"].attributes["output"]
    print_facts(facts(net, output, tree.arrays.get("class_names")))
    print_layers(console, net, output)


def changed(step):
    """Return the parameters that are not at their default, as Python writes them."""
    return ", ".join(f"{k}={value!r}" for k, value in changed_parameters(step).items())


def facts(net, output, names):
    """What is told of a network, by the words for it."""
    last = int(np.max(net.n_iter_))
    kept = "the best epoch" if net.best_epoch_ else "the last"
    classes = getattr(net, "classes_", None)
    found = {
        "predicts": f"{net._y.kind}, {output} output",
        "classes": classes is not None and shortened(classes),
        "class names": names is not None and shortened(np.char.decode(names, "utf-8")),
        "iterations": f"{last}, {net.t_} examples seen",
        "cost": net.loss_ is not None and f"{net.loss_:.6g} at {kept}",
        "best epoch": net.best_epoch_ is not None and f"{net.best_epoch_}",
    }
    if hasattr(net, "feature_names_in_"):
        found["features"] = shortened(net.feature_names_in_)
    return {name: text for name, text in found.items() if text}


def shortened(names):
    """`3: a, b, c`, the first of them."""
    more = ", ..." if len(names) > MOST_NAMES else ""
    return f"{len(names)}: " + ", ".join(map(str, names[:MOST_NAMES])) + more


def print_facts(texts):
    """A line each, aligned."""
    width = max(map(len, texts))
    for name, text in texts.items():
        print(f"{name.ljust(width)}  {text}")


def print_layers(console, net, output):
    """A line a layer."""
    learned = net.parameters_
    activations = [*(name for name, _ in net._activations), output]
    rows, total = [], 0
    for l, activation in enumerate(activations, start=1):
        W, b = learned[f"W{l}"], learned[f"b{l}"]
        total += W.size + b.size
        rows.append(
            [str(l), activation, str(W.shape), str(b.shape), str(W.size + b.size)]
        )
    rows.append(["all", "", "", str(W.dtype), str(total)])
    print_table(console, ["layer", "activation", "W", "b", "parameters"], rows)
