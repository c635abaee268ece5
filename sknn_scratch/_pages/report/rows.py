"""Reading and checking of the rows that evaluate a model."""

import numpy as np

from ..._estimators.access import input_shape, network_of
from ...hdf5._datasets import read_splits
from ...hdf5._models import name_of


def model_names(stored):
    """Return the class names in the model file, or None if they are only 0, 1, ..."""
    if stored.class_names is None:
        return None
    names = stored.class_names.tolist()
    return None if names == [str(i) for i in range(len(names))] else names


def read_parts(path, model, names):
    """Return {"train": (X, y), "test": (X, y)}, if present, and the class names."""
    network = network_of(model)
    classifier = hasattr(network, "classes_")
    one_class = classifier and not network._target.multilabel
    parts, data_names = read_splits(path, targets=not one_class, names=classifier)
    for split, (X, y) in parts.items():
        check_rows(f"{path}:/{split}_set_x", X, model)
        if not one_class:
            y = as_trained(f"{path}:/{split}_set_y", y, len(X), network)
            parts[split] = X, y
    if not classifier:
        return parts, None
    found = class_names(path, network.classes_, names, data_names)
    if one_class:
        for split, (X, y) in parts.items():
            place = f"{path}:/{split}_set_y"
            parts[split] = X, known_labels(place, y, network.classes_, data_names)
    return parts, found


def check_rows(place, X, model):
    """Raise ValueError for rows that the model cannot predict."""
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
    """Return targets in the shape of those in fit: numbers, or zeros and ones."""
    labels = hasattr(network, "classes_")
    shape = (m, network.n_outputs_) if labels else (m, *network._target.shape)
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


def known_labels(place, y, classes, data_names):
    """Return the labels of the file as labels of the model; refuse unknown ones."""
    named = data_names is not None and classes.dtype.kind in "OU"
    labels = data_names[y] if named else y
    known = np.isin(labels, classes)
    if not known.all():
        unknown = sorted(
            {name_of(label, data_names) for label in labels[~known][:1000]}
        )
        raise_unknown(place, classes, (~known).sum(), unknown)
    return labels.astype(classes.dtype)


def check_known(place, y, classes):
    """Raise ValueError for labels that are none of the classes."""
    unknown = {*y.tolist()} - {*classes.tolist()}
    if unknown:
        count = sum(label in unknown for label in y.tolist())
        raise_unknown(place, classes, count, sorted(unknown, key=str))


def raise_unknown(place, classes, count, unknown):
    """Raise ValueError for `count` rows of unknown classes."""
    raise ValueError(
        f"{place} must hold classes that the model knows, {classes.tolist()[:20]}, got "
        f"{count} rows of others: {unknown[:5]}; leave those rows out, or train a "
        "model that knows them."
    )


def class_names(path, classes, names, data_names):
    """Return a name for each class; refuse names that differ between the two files."""
    from_data = [name_of(label, data_names) for label in classes]
    from_model = [name_of(label, names) for label in classes]
    if names is not None and data_names is not None and from_data != from_model:
        raise ValueError(
            f"{path}:/list_classes must name the classes as the model's file does, "
            f"{from_model[:20]}, got {from_data[:20]}: one number would mean "
            "two things."
        )
    return from_data if names is None else from_model
