"""Files: the course's labelled images in HDF5 (course, week 2), and fitted models."""

import os
from contextlib import ExitStack, contextmanager
from numbers import Integral
from typing import NamedTuple

import numpy as np

from .._storage import store
from . import _model_tree

__all__ = [
    "Dataset",
    "RowReader",
    "load_dataset",
    "load_model",
    "load_split",
    "open_dataset",
    "open_split",
    "save_dataset",
    "save_model",
]

HIGHEST_LABEL = 65535  # a stray number in a file must not ask for a terabyte of names
COMPRESSIONS = ("gzip", "lzf", None)


class Dataset(NamedTuple):
    """Images and labels of a training set and, where there is one, a test set."""

    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray | None
    y_test: np.ndarray | None
    classes: np.ndarray


def load_dataset(path, test=None):
    """Load images and labels stored in the course's layout.

    The layout has the datasets `train_set_x` (images, a row each), `train_set_y` (whole
    numbers from 0 to 65535, as (m,), (1, m) or (m, 1)), `test_set_x`, `test_set_y` and
    `list_classes` (names, in the order of the labels), in one file or in two.

    Parameters
    ----------
    path : str or path-like
        The file with the training set.
    test : str or path-like, default=None
        The file with the test set; None looks for it in `path`.

    Returns
    -------
    Dataset
        Named tuple (X_train, y_train, X_test, y_test, classes). Images as stored;
        labels of shape (m,); classes an array of str, "0", "1", ... where the files
        have no names. X_test and y_test are None where there is no test set.

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
        X_train = store.whole(data.X_train)
        X_test = None if data.X_test is None else store.whole(data.X_test)
        return data._replace(X_train=X_train, X_test=X_test)


@contextmanager
def open_dataset(path, test=None):
    """Open images and labels stored in the course's layout, leaving images on disk.

    For data larger than the memory. What `load_dataset` checks is checked here, too,
    but for the values of the images.

    Parameters
    ----------
    path : str or path-like
        The file with the training set.
    test : str or path-like, default=None
        The file with the test set; None looks for it in `path`.

    Yields
    ------
    Dataset
        As of `load_dataset`, but X_train and X_test are open h5py.Datasets. They read
        the rows that are asked for, until the block ends.

    Raises
    ------
    OSError, ValueError
        As `load_dataset`.

    See Also
    --------
    load_dataset : The same with images in memory.

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
        X_train, y_train = _open_split(file, "train")
        names = _read_names(file)
        X_test = y_test = None
        if test is not None:
            file = stack.enter_context(store.reading(test))
            X_test, y_test = _open_split(file, "test")
            names = _check_same_names(file, _read_names(file), names)
        elif {"test_set_x", "test_set_y"} & {*store.keys(file)}:
            X_test, y_test = _open_split(file, "test")
        if X_test is not None:
            _check_same_shape(f"{test or path}:/test_set_x", X_test, X_train)
        count = _count_classes(y_train, y_test)
        if names is None:
            names = np.arange(count).astype(str)
        _check_every_label_named(f"{path}:/list_classes", names, count)
        yield Dataset(X_train, y_train, X_test, y_test, names)


def load_split(path):
    """Load the images and labels of a file that has a test set, a training set or both.

    Parameters
    ----------
    path : str or path-like
        A file in the course's layout.

    Returns
    -------
    X : ndarray of shape (m, ...)
        The images of the test set; of the training set where there is no other.
    y : ndarray of shape (m,)
        Their labels.
    classes : ndarray of str or None
        The names of the labels, where the file has them.

    Raises
    ------
    OSError, ValueError
        As `load_dataset`.

    Examples
    --------
    >>> from sknn_scratch.hdf5 import load_split
    >>> X, y, classes = load_split("test_catvnoncat.h5")  # doctest: +SKIP
    """
    with open_split(path) as (X, y, classes):
        return store.whole(X), y, classes


@contextmanager
def open_split(path):
    """Open the images and labels that `load_split` loads, leaving images on disk.

    Parameters
    ----------
    path : str or path-like
        A file in the course's layout.

    Yields
    ------
    X : h5py.Dataset of shape (m, ...)
        The images of the test set; of the training set where there is no other. Rows
        are read when they are asked for, until the block ends.
    y : ndarray of shape (m,)
        Their labels.
    classes : ndarray of str or None
        The names of the labels, where the file has them.

    Raises
    ------
    OSError, ValueError
        As `load_dataset`.

    Examples
    --------
    >>> from sknn_scratch.hdf5 import open_split
    >>> with open_split("test_catvnoncat.h5") as (X, y, classes):  # doctest: +SKIP
    ...     print(X.shape, X[:2].mean())
    (50, 64, 64, 3) 113.2
    """
    with store.reading(path) as file:
        there = {"test_set_x", "test_set_y"} & {*store.keys(file)}
        X, y = _open_split(file, "test" if there else "train")
        names = _read_names(file)
        if names is not None:
            _check_every_label_named(f"{path}:/list_classes", names, _count_classes(y))
        yield X, y, names


def is_forward(index):
    """Whether HDF5 takes it for one axis."""
    if isinstance(index, slice):
        return index.step is None or index.step > 0
    return index is Ellipsis or isinstance(index, Integral)


class RowReader:
    """Rows of an HDF5 dataset for other processes and machines: no file stays open.

    The file is opened, and checked as `open_dataset` checks it, for each slice that is
    asked for. So it can be pickled, and `dask.array.from_array` makes of it an array
    whose blocks every worker of a cluster reads for itself. Networks train on it as on
    an `h5py.Dataset`, too.

    Parameters
    ----------
    path : str or path-like
        The file; every process must find it there.
    name : str, default="train_set_x"
        The name of the dataset.

    Attributes
    ----------
    shape : tuple of int
        Of the dataset.
    dtype : dtype
        Of its values.
    ndim : int
        Number of dimensions.
    chunks : tuple of int or None
        How it lies in the file; blocks of whole chunks are read fastest.
    filename : str
        Path of the file and name of the dataset, as errors have them.

    Raises
    ------
    OSError
        If the file does not exist or is no HDF5 file.
    IndexError
        If it is asked for other than slices that go forward and single rows.
    ValueError
        If it has no such dataset, one of another shape or type than before, or one that
        is not read from a file (see `load_dataset`).

    See Also
    --------
    open_dataset : An open file, for one process.

    Examples
    --------
    >>> import os, pickle, tempfile
    >>> from sknn_scratch.datasets import load_digit_images
    >>> from sknn_scratch.hdf5 import RowReader, save_dataset
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "digits.h5")
    ...     save_dataset(path, *load_digit_images())
    ...     images = pickle.loads(pickle.dumps(RowReader(path)))
    ...     print(images.shape, images[:100].mean().round(2))
    (1797, 8, 8) 4.87
    """

    def __init__(self, path, name="train_set_x"):
        self._path, self._name = os.path.abspath(os.fsdecode(path)), name
        with self._opened() as found:
            self.shape, self.dtype = found.shape, found.dtype
            self.ndim, self.chunks = found.ndim, found.chunks
        self.filename = f"{self._path}:/{self._name}"

    def __repr__(self):
        return f"<RowReader {self.filename}: {self.dtype} of shape {self.shape}>"

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, rows):
        if not all(map(is_forward, rows if isinstance(rows, tuple) else (rows,))):
            raise IndexError(
                f"{self.filename} is read by slices that go forward and by single "
                f"numbers, got [{rows!r}]."
            )
        with self._opened() as found:
            if (found.shape, found.dtype) != (self.shape, self.dtype):
                raise ValueError(
                    f"{self.filename} must stay as it was, {self.dtype} of shape "
                    f"{self.shape}, got {found.dtype} of shape {found.shape}."
                )
            return store.part(found, rows)

    @contextmanager
    def _opened(self):
        with store.reading(self._path) as file:
            yield store.open_array(file, self._name)


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

    Images are kept in chunks of whole rows, about half a megabyte each, so that a
    reader can take some rows and leave the others on disk.

    Parameters
    ----------
    path : str or path-like
        The file to write; one that is there is replaced when the new one is whole.
    X_train : array-like of shape (m, ...)
        Training images.
    y_train : array-like of shape (m,)
        Their labels, whole numbers from 0 to 65535.
    X_test, y_test : array-like, default=None
        The test set.
    classes : sequence of str, default=None
        Names of the labels.
    compression : {"gzip", "lzf"} or None, default=None
        How the images are compressed, without loss. "gzip" makes smaller files and
        every HDF5 library reads it; "lzf" is several times faster, but only h5py is
        sure to read it.

    Raises
    ------
    ValueError
        If compression is none of these, images and labels differ in number, labels are
        not whole numbers, classes does not name them all, or the images of the two sets
        differ in shape.
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
        arrays[f"{split}_set_y"] = _check_labels(f"y_{split}", y, f"X_{split}", X)
    if "test_set_x" in arrays:
        _check_same_shape("X_test", arrays["test_set_x"], arrays["train_set_x"])
    if classes is not None:
        names = _as_array("classes", classes).astype(str)
        count = _count_classes(arrays["train_set_y"], arrays.get("test_set_y"))
        _check_every_label_named("classes", names, count)
        arrays["list_classes"] = np.char.encode(names, "utf-8")
    with store.appending(path, compression=compression) as file:
        for name, array in arrays.items():
            keep = file.append if name.endswith("_x") else file.write
            keep(name, array)


def save_model(model, path, class_names=None):
    """Save a fitted model to an HDF5 file, without pickle.

    Parameters
    ----------
    model : estimator
        A fitted network of this package, or a Pipeline of ImageFlattener,
        StandardScaler and MinMaxScaler steps that ends in one.
    path : str or path-like
        The file to write; one that is there is replaced when the new one is whole.
    class_names : sequence of str, default=None
        Names of the labels 0, 1, ..., kept beside the model for those who show what it
        predicts.

    Raises
    ------
    ValueError
        If the model is of another class, is not fitted, or has a parameter that is no
        plain value (a RandomState).
    OSError
        If the file cannot be written; an old file is then as it was.

    See Also
    --------
    load_model : Its inverse.

    Notes
    -----
    The optimiser's moments are not kept: `partial_fit` and `warm_start` go on with
    fresh ones. Nor are a Pipeline's `memory` and `verbose`, and `set_output`. The
    layout of the file is in docs/file_format.rst.

    Examples
    --------
    >>> import os, tempfile
    >>> from sknn_scratch import LogisticRegressionScratch
    >>> from sknn_scratch.datasets import make_flower
    >>> from sknn_scratch.hdf5 import load_model, save_model
    >>> X, y = make_flower()
    >>> model = LogisticRegressionScratch().fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "model.h5")
    ...     save_model(model, path)
    ...     again = load_model(path)
    >>> bool((again.predict_proba(X) == model.predict_proba(X)).all())
    True
    """
    store.write_tree(path, _model_tree.to_tree(model, class_names))


def load_model(path):
    """Load a model that `save_model` saved.

    Nothing that the file names is imported or called: classes come from a literal
    table, parameters are JSON.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    estimator
        The fitted network or Pipeline; its predictions are the same to the bit.

    Raises
    ------
    OSError
        If the file is missing or is not a whole HDF5 file.
    ValueError
        If it holds no model, one of another format version, or one that does not fit
        together.

    See Also
    --------
    save_model : Its inverse, with an example.
    """
    return _model_tree.from_tree(store.read_tree(path), os.fsdecode(path))


def _read_split(file, split):
    X, y = _open_split(file, split)
    return store.whole(X), y


def _open_split(file, split):
    X = store.open_array(file, f"{split}_set_x")
    y = store.read_array(file, f"{split}_set_y")
    place = f"{file.filename}:/{split}_set_"
    return X, _check_labels(f"{place}y", y, f"{place}x", X)


def _read_names(file):
    """The class names as str, or None."""
    if "list_classes" not in store.keys(file):
        return None
    names = store.read_array(file, "list_classes")
    if names.ndim != 1 or names.dtype.kind != "S":
        raise ValueError(
            f"{file.filename}:/list_classes must be a list of names, got "
            f"{names.dtype} of shape {names.shape}."
        )
    try:
        return np.char.decode(names, "utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{file.filename}:/list_classes must be UTF-8, got {error.object!r}."
        ) from None


def _as_array(name, values):
    try:
        return np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} must be an array, got rows that differ.") from None


def _check_same_names(file, names, before):
    """The names of the first file that has any; two files must agree."""
    if names is None or before is None:
        return before if names is None else names
    if names.tolist() != before.tolist():
        raise ValueError(
            f"{file.filename}:/list_classes must be that of the training set, "
            f"{before.tolist()}, got {names.tolist()}."
        )
    return before


def _check_same_shape(name, X_test, X_train):
    if X_test.shape[1:] != X_train.shape[1:]:
        raise ValueError(
            f"{name} must hold images of shape {X_train.shape[1:]} like the training "
            f"set, got {X_test.shape[1:]}."
        )


def _count_classes(*labels):
    """One more than the highest label."""
    return 1 + max(
        (int(y.max()) for y in labels if y is not None and y.size), default=-1
    )


def _check_every_label_named(name, names, count):
    if names.ndim != 1 or len(names) < count:
        raise ValueError(
            f"{name} must be a list that names every label, got shape {names.shape} "
            f"for labels up to {count - 1}."
        )


def _check_labels(y_name, y, X_name, X):
    """The labels as (m,), from a row, a column or a list of them."""
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
