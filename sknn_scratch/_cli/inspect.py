"""`sknn-scratch inspect`: print what a model file or a data file holds."""

import math
import os

import numpy as np

from .._storage.texts import printable, shorten
from .console import by_class, print_counts, print_table, terminal
from .options import TABLE
from .output import readable_bytes
from .tables.files import is_table
from .training import reading_of, refuse

DATA = [("train_set_x", "train_set_y"), ("test_set_x", "test_set_y")]


def run_inspect(arguments):
    """Print and return what a model file, a data file or another HDF5 file holds."""
    from .._storage import store
    from ..hdf5 import _model_format

    path, console = arguments.file, terminal()
    if is_table(path):
        return inspect_table(console, arguments)
    refuse(arguments, TABLE, f"an HDF5 file: {path}")
    with store.reading(path) as file:
        entries = store.contents(file)
        bytes_ = os.path.getsize(path)
        size = readable_bytes(bytes_)
        splits = [pair for pair in DATA if {*pair} & {*entries}]
        if store.read_attribute(file, "format") == _model_format.FORMAT:
            found = inspect_model(console, path, size)
        elif splits:
            print(f"{path}: images and labels in the course's layout, {size}")
            found = {"holds": "data", **print_datasets(console, file, entries)}
            found["classes"] = print_classes(console, file, entries, splits)
        else:
            print(
                f"{path}: neither a model nor data in the course's layout, but an HDF5 "
                f"file, {size}, with {len(entries)} datasets"
            )
            found = {"holds": "HDF5"}
            if entries:
                found |= print_datasets(console, file, entries)
    return {"file": path, "bytes": bytes_, **found}


# -- tables ----------------------------------------------------------------------------


def inspect_table(console, arguments):
    """Print and return the columns of a table, and what `train` does with them."""
    from .tables.inspect import describe_table, print_described

    found = describe_table(
        arguments.file,
        target=arguments.target,
        task=arguments.task,
        drop=arguments.drop or (),
        keep=arguments.keep or (),
        **reading_of(arguments),
    )
    print_described(found, console)
    return {"holds": "table", **found.as_dict()}


# -- data ------------------------------------------------------------------------------


def print_datasets(console, file, entries):
    """Print and return shape, type, values and size of each dataset."""
    rows, found = [], []
    for name, entry in entries.items():
        shape = "empty" if entry.shape is None else str(entry.shape)
        packed = f", {entry.compression}" if entry.compression else ""
        stored = readable_bytes(entry.stored_bytes) + packed
        values = value_range(file, name, entry)
        rows.append([name, shape, str(entry.dtype), values, stored])
        found.append({"name": name, "shape": entry.shape, "dtype": str(entry.dtype)})
        found[-1] |= {"values": values, "stored_bytes": entry.stored_bytes}
    print_table(console, ["dataset", "shape", "type", "values", "stored"], rows)
    return {"datasets": found}


def value_range(file, name, entry):
    """Return the least and the greatest value as text, or a dash if there are none."""
    from .._storage import store

    if not entry.shape or not math.prod(entry.shape) or entry.dtype.kind not in "buif":
        return "-"
    declared = math.prod(entry.shape) * entry.dtype.itemsize
    # gzip compresses about 1000 times at best: more was never stored
    if declared > 2000 * entry.stored_bytes + 2**20:
        return "not stored"
    blocks = store.row_blocks(file, name)
    least, greatest = zip(*((b.min(), b.max()) for b in blocks), strict=True)
    return f"{np.min(least):.6g} to {np.max(greatest):.6g}"


def print_classes(console, file, entries, splits):
    """Print and return how often each class occurs.

    Raises ValueError for labels that load_dataset refuses.
    """
    from ..hdf5 import _datasets

    labels = {
        X[: -len("_set_x")]: _datasets.read_labels(file, entries, X, y)
        for X, y in splits
    }
    names = _datasets.read_names(file)
    count = _datasets.count_classes(*labels.values())
    print(f"classes: {count if names is None else len(names)}, ", end="")
    print("named by their numbers" if names is None else "named by list_classes")
    names = np.arange(count).astype(str) if names is None else names
    _datasets.check_every_label_named(f"{file.filename}:/list_classes", names, count)
    counts = {s: np.bincount(y, minlength=len(names)) for s, y in labels.items()}
    print_counts(console, names, counts)
    return by_class(names, counts)


# -- models ----------------------------------------------------------------------------


def inspect_model(console, path, size):
    """Print and return the steps, the training and the layers of a model."""
    from .._estimators.access import own_steps
    from ..hdf5._model_format import VERSION, predictor_of
    from ..hdf5._models import read_model
    from ..inspection._facts import facts, texts_of

    stored = read_model(path)
    steps = own_steps(stored.model)
    net = predictor_of(stored.model)
    print(
        f"{path}: {stored.kind}, {size}, written by sknn_scratch "
        f"{shorten(stored.written_by)}, format version {VERSION}"
    )
    for number, (name, step) in enumerate(steps, start=1):
        print(f"step {number}, {shorten(name)}: {step_in_words(step)}")
        if hasattr(step, "image_shape_"):
            print(f"  takes images of shape {step.image_shape_}, {step.image_dtype_}")
    told = facts(net, stored.output, stored.class_names)
    if stored.target_name is not None:
        told = {"target": stored.target_name, **told}
    print_facts(texts_of(told))
    return {
        "holds": "model",
        "kind": stored.kind,
        "written_by": stored.written_by,
        "version": VERSION,
        "steps": [step_in_words(step) for _, step in steps],
        "facts": told,
        "target": stored.target_name,
        "layers": print_layers(console, net, stored.output),
    }


def step_in_words(step):
    """Return the class and the changed parameters of a step, or "passthrough"."""
    from .._estimators.access import IDLE
    from ..inspection._facts import changed_text

    if step in IDLE:
        return "passthrough"
    return f"{type(step).__name__}({changed_text(step)})"


def print_facts(texts):
    """Print names and texts in two aligned columns."""
    width = max(map(len, texts))
    for name, text in texts.items():
        print(f"{name.ljust(width)}  {printable(text)}")


def print_layers(console, net, output):
    """Print and return activation, shapes and parameter count of each layer.

    Of an ensemble they are those of its first member; all have the same.
    """
    if hasattr(net, "members_"):
        print(f"The layers of each of the {len(net.members_)} members:")
        net = net.members_[0]
    learned = net.parameters_
    activations = [*(name for name, _ in net._activations), output]
    rows, found, total = [], [], 0
    for l, activation in enumerate(activations, start=1):
        W, b = learned[f"W{l}"], learned[f"b{l}"]
        total += W.size + b.size
        found.append({"activation": activation, "W": W.shape, "b": b.shape})
        rows.append(
            [str(l), activation, str(W.shape), str(b.shape), str(W.size + b.size)]
        )
    rows.append(["all", "", "", str(W.dtype), str(total)])
    print_table(console, ["layer", "activation", "W", "b", "parameters"], rows)
    return found
