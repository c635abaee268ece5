"""Reading and writing of labelled images in the course's layout (course, week 2)."""

from contextlib import ExitStack, contextmanager
from itertools import zip_longest
from typing import NamedTuple

import numpy as np

from .._storage import store
from .._storage.texts import abbreviate
from ._values import decode_bytes, encode_texts

HIGHEST_LABEL = 65535  # so that one bad label does not allocate a terabyte of names
COMPRESSIONS = ("gzip", "lzf", None)


class Dataset(NamedTuple):
    """Images and labels of a training set and, if the file has one, of a test set."""

    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray | None
    y_test: np.ndarray | None
    classes: np.ndarray


def load_dataset(path, test=None):
    """Load images and labels stored in the course's layout.

    The layout has the datasets `train_set_x` (images, a row each), `train_set_y` (whole
    numbers from 0 to 65535, as (m,), (1, m) or (m, 1)), `test_set_x`, `test_set_y` and
    `list_classes` (names, in the order of the labels), in one file or in two. Where
    both files have `list_columns` (names of the features), these must agree.

    Parameters
    ----------
    path : str or path-like
        The file with the training set.
    test : str or path-like, default=None
        The file with the test set; None looks for it in `path`.

    Returns
    -------
    Dataset
        Named tuple (X_train, y_train, X_test, y_test, classes). Images are returned as
        stored, labels with shape (m,). classes is an array of str; it is "0", "1", ...
        if the files have no names. X_test and y_test are None without a test set.

    Raises
    ------
    OSError
        If a file is missing or is not a whole HDF5 file.
    ValueError
        If a dataset is missing, has the wrong shape or type, or does not fit the
        others.

    Examples
    --------
    >>> import os, tempfile
    >>> from sknn_scratch.datasets import load_digit_images
    >>> from sknn_scratch.hdf5 import load_dataset, save_dataset
    >>> images, y = load_digit_images()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "digits.h5")
    ...     save_dataset(path, images[:1500], y[:1500], images[1500:], y[1500:])
    ...     data = load_dataset(path)
    >>> data.X_train.shape, data.y_test.shape, str(data.classes[3])
    ((1500, 8, 8), (297,), '3')
    """
    with open_dataset(path, test) as data:
        X_train = store.read_all(data.X_train)
        X_test = None if data.X_test is None else store.read_all(data.X_test)
        return data._replace(X_train=X_train, X_test=X_test)


@contextmanager
def open_dataset(path, test=None):
    """Open images and labels stored in the course's layout; leave the images on disk.

    For data larger than the memory. The checks are those of `load_dataset`, except for
    the values of the images.

    Parameters
    ----------
    path : str or path-like
        The file with the training set.
    test : str or path-like, default=None
        The file with the test set; None looks for it in `path`.

    Yields
    ------
    Dataset
        As `load_dataset` returns it, but X_train and X_test are open h5py.Datasets.
        They read rows when they are sliced, until the with block ends.

    Raises
    ------
    OSError, ValueError
        For the same reasons as `load_dataset`.

    See Also
    --------
    load_dataset : Load the images into memory.

    Examples
    --------
    >>> import os, tempfile
    >>> from sknn_scratch.datasets import load_digit_images
    >>> from sknn_scratch.hdf5 import open_dataset, save_dataset
    >>> images, y = load_digit_images()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "digits.h5")
    ...     save_dataset(path, images, y)
    ...     with open_dataset(path) as data:
    ...         print(data.X_train.shape, data.X_train[:2].mean(), data.y_train[:2])
    (1797, 8, 8) 4.7421875 [0 1]
    """
    with ExitStack() as stack:
        file = stack.enter_context(store.reading(path))
        X_train, y_train = _open_rows(file, "train")
        names = read_names(file)
        X_test = y_test = None
        if test is not None:
            file = stack.enter_context(store.reading(test))
            X_test, y_test = _open_rows(file, "test")
            names = _check_same_names(file, read_names(file), names)
            columns = _read_columns(file)
            check_same_columns(test, columns, read_columns(path), "the training set")
        elif {"test_set_x", "test_set_y"} & {*store.keys(file)}:
            X_test, y_test = _open_rows(file, "test")
        if X_test is not None:
            _check_same_shape(f"{test or path}:/test_set_x", X_test, X_train)
        count = count_classes(y_train, y_test)
        if names is None:
            names = np.arange(count).astype(str)
        check_every_label_named(f"{path}:/list_classes", names, count)
        yield Dataset(X_train, y_train, X_test, y_test, names)


@contextmanager
def open_split(path):
    """Open the images and labels of the test set, or of the training set without one.

    Yields
    ------
    X : h5py.Dataset of shape (m, ...)
        The images. Rows are read when they are sliced, until the with block ends.
    y : ndarray of shape (m,)
        The labels.
    classes : ndarray of str or None
        The names of the labels, if the file has them.
    """
    with store.reading(path) as file:
        keys = {"test_set_x", "test_set_y"} & {*store.keys(file)}
        X, y = _open_rows(file, "test" if keys else "train")
        names = read_names(file)
        if names is not None:
            check_every_label_named(f"{path}:/list_classes", names, count_classes(y))
        yield X, y, names


def read_splits(path, *, targets=False, names=True):
    """Read the sets of a file into memory.

    Parameters
    ----------
    path : str or path-like
        A file in the course's layout with a training set, a test set or both.
    targets : bool, default=False
        If True, y is returned as stored, else as checked labels of shape (m,).
    names : bool, default=True
        If True, the names of the classes are read.

    Returns
    -------
    splits : dict
        {"train": (X, y), "test": (X, y)}, without sets that the file lacks.
    names : ndarray of str or None
        The names of the labels, if the file has them and they are read.
    """
    read = _read_targets if targets else _read_rows
    with store.reading(path) as file:
        keys = {*store.keys(file)}
        found = [s for s in ("train", "test") if {f"{s}_set_x", f"{s}_set_y"} & keys]
        splits = {split: read(file, split) for split in found or ["train"]}
        return splits, read_names(file) if names else None


def save_dataset(
    path,
    X_train,
    y_train,
    X_test=None,
    y_test=None,
    classes=None,
    *,
    compression=None,
):
    """Save images and labels in the course's layout, in one file.

    Images are stored in chunks of whole rows, about half a megabyte each, so that a
    program can read some rows and leave the others on disk.

    Parameters
    ----------
    path : str or path-like
        The file to write. An existing file is replaced once the new one is complete.
    X_train : array-like of shape (m, ...)
        Training images.
    y_train : array-like of shape (m,)
        Training labels, whole numbers from 0 to 65535.
    X_test, y_test : array-like, default=None
        The test set.
    classes : sequence of str, default=None
        Names of the labels.
    compression : {"gzip", "lzf"} or None, default=None
        Lossless compression of the images. "gzip" makes smaller files, and every HDF5
        library reads it. "lzf" is several times faster, but only h5py is sure to read
        it.

    Raises
    ------
    ValueError
        If compression has another value, images and labels differ in number, labels
        are not whole numbers from 0 to 65535, classes has fewer names than labels, the
        images of the two sets differ in shape, or more than 32 MB of images are
        compressed more than 256 times.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> from sknn_scratch.hdf5 import save_dataset
    >>> save_dataset("digits.h5", [[[0, 1], [1, 0]]], [1])  # doctest: +SKIP
    """
    if compression not in COMPRESSIONS:
        raise ValueError(
            f"compression must be one of {COMPRESSIONS}, got {compression!r}."
        )
    arrays = {}
    for split, X, y in (("train", X_train, y_train), ("test", X_test, y_test)):
        if X is None and y is None and split == "test":
            continue
        X, y = _as_array(f"X_{split}", X), _as_array(f"y_{split}", y)
        arrays[f"{split}_set_x"] = X
        arrays[f"{split}_set_y"] = check_labels(f"y_{split}", y, f"X_{split}", X)
    if "test_set_x" in arrays:
        _check_same_shape("X_test", arrays["test_set_x"], arrays["train_set_x"])
    if classes is not None:
        names = _as_array("classes", classes).astype(str)
        count = count_classes(arrays["train_set_y"], arrays.get("test_set_y"))
        check_every_label_named("classes", names, count)
        arrays["list_classes"] = encode_texts(names.tolist(), "classes")
    with store.appending(path, compression=compression) as file:
        for name, array in arrays.items():
            keep = file.append if name.endswith("_x") else file.write
            keep(name, array)


# -- pieces of a file ------------------------------------------------------------------


def _read_rows(file, split):
    X, y = _open_rows(file, split)
    return store.read_all(X), y


def _read_targets(file, split):
    return tuple(store.read_array(file, f"{split}_set_{kind}") for kind in "xy")


def _open_rows(file, split):
    X = store.open_array(file, f"{split}_set_x")
    y = store.read_array(file, f"{split}_set_y")
    place = f"{file.filename}:/{split}_set_"
    return X, check_labels(f"{place}y", y, f"{place}x", X)


def read_names(file):
    """Return the class names of the file as str, or None if it has none."""
    return _read_texts(file, "list_classes")


def read_columns(path):
    """Return the names of the features as a list of str, or None if it has none."""
    with store.reading(path) as file:
        return _read_columns(file)


def _read_columns(file):
    names = _read_texts(file, "list_columns")
    if names is None:
        return None
    split = "train" if "train_set_x" in store.keys(file) else "test"
    shape = store.open_array(file, f"{split}_set_x").shape
    if shape[1:] != names.shape:
        raise ValueError(
            f"{file.filename}:/list_columns must name each column of {split}_set_x, "
            f"got {len(names)} names for rows of shape {shape[1:]}."
        )
    return names.tolist()


def _read_texts(file, key):
    if key not in store.keys(file):
        return None
    names = store.read_array(file, key)
    if names.ndim != 1 or names.dtype.kind != "S":
        raise ValueError(
            f"{file.filename}:/{key} must be a list of names, got {abbreviate(names)}."
        )
    return decode_bytes(names, f"{file.filename}:/{key}")


def check_same_columns(path, columns, expected, whose):
    """Raise ValueError if the columns are others than expected, or in another order.

    None stands for columns without names, which are not compared.
    """
    if columns is None or expected is None or columns == expected:
        return
    pairs = zip_longest(columns, expected, fillvalue="none")
    number, found, wanted = next(
        (i, a, b) for i, (a, b) in enumerate(pairs, start=1) if a != b
    )
    order = "the order" if sorted(columns) == sorted(expected) else "the names"
    raise ValueError(
        f"{path}:/list_columns must have {order} of {whose}, {wanted!r:.60} as column "
        f"{number}, got {found!r:.60}; bring the columns of the table into that order "
        "and convert it again."
    )


def _as_array(name, values):
    try:
        return np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} must be an array, got rows that differ.") from None


def _check_same_names(file, names, before):
    """Return the names of the first file that has any; refuse two that differ."""
    if names is None or before is None:
        return before if names is None else names
    if names.tolist() != before.tolist():
        raise ValueError(
            f"{file.filename}:/list_classes must be that of the training set, "
            f"{abbreviate(before.tolist())}, got {abbreviate(names.tolist())}."
        )
    return before


def _check_same_shape(name, X_test, X_train):
    if X_test.shape[1:] != X_train.shape[1:]:
        raise ValueError(
            f"{name} must hold images of shape {X_train.shape[1:]} like the training "
            f"set, got {X_test.shape[1:]}."
        )


def count_classes(*labels):
    """Return the number of classes: one more than the highest label."""
    return 1 + max(
        (int(y.max()) for y in labels if y is not None and y.size), default=-1
    )


def check_every_label_named(name, names, count):
    """Raise ValueError if there are fewer names than labels."""
    if names.ndim != 1 or len(names) < count:
        raise ValueError(
            f"{name} must be a list that names every label, got shape {names.shape} "
            f"for labels up to {count - 1}."
        )


def check_labels(y_name, y, X_name, X):
    """Return labels of shape (m,), (1, m) or (m, 1) as (m,); check them against X."""
    if len(X.shape) < 2 or X.dtype.kind not in "buif":
        raise ValueError(
            f"{X_name} must hold numbers, one image a row, got {X.dtype} of shape "
            f"{X.shape}."
        )
    if y.shape not in ((len(X),), (1, len(X)), (len(X), 1)):
        raise ValueError(
            f"{y_name} must have one label for each of the {len(X)} rows of {X_name}, "
            f"got shape {y.shape}."
        )
    rule = f"{y_name} must hold whole numbers from 0 to {HIGHEST_LABEL}"
    if y.dtype.kind not in "buif":
        raise ValueError(f"{rule}, got {y.dtype}.")
    y = y.ravel()
    values = y.astype(np.float64)
    right = (values >= 0) & (values <= HIGHEST_LABEL) & (values == np.rint(values))
    if not right.all():
        raise ValueError(f"{rule}, got {y[~right][0]}.")
    return y if y.dtype.kind in "ui" else y.astype(np.int64)


def read_labels(file, entries, X_name, y_name):
    """Return the labels of a file as (m,); check them without reading the images.

    `entries` holds the shapes and dtypes of the file's datasets (see `store.contents`).
    """
    y = store.read_array(file, y_name)
    if X_name not in entries or entries[X_name].shape is None:
        X = store.read_array(file, X_name)  # raises an error that lists the datasets
    else:
        X = np.broadcast_to(np.zeros((), entries[X_name].dtype), entries[X_name].shape)
    places = f"{file.filename}:/{y_name}", f"{file.filename}:/{X_name}"
    return check_labels(places[0], y, places[1], X)
