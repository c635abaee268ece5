"""Saving and loading of fitted models in HDF5 files."""

import os
from typing import NamedTuple

import numpy as np
from sklearn.base import BaseEstimator

from .._estimators.access import first_step
from .._storage import store
from .._storage.texts import printable
from . import _model_format
from ._datasets import check_same_columns, read_columns
from ._model_checks import check_names_every_class


class StoredModel(NamedTuple):
    """A model from a file, with the metadata of the file.

    Attributes
    ----------
    model : estimator
        The fitted network, ensemble or Pipeline.
    class_names : ndarray of str or None
        Names of the labels 0, 1, ..., if the file has them.
    written_by : str
        The version of this package that wrote the file.
    kind : str
        "pipeline" or "model".
    output : str
        Name of the output units: sigmoid, softmax, identity or exp. An ensemble has
        those of its members.
    target_name : str or None
        Name of the column that the model predicts, if the file has it.
    training_rows : ndarray of uint64 of shape (m,) or None
        Fingerprints of the rows of the training, if the file has them.
    """

    model: BaseEstimator
    class_names: np.ndarray | None
    written_by: str
    kind: str
    output: str
    target_name: str | None = None
    training_rows: np.ndarray | None = None


def save_model(model, path, class_names=None, target_name=None):
    """Save a fitted model to an HDF5 file, without pickle.

    Parameters
    ----------
    model : estimator
        A fitted network of this package or TabularNet, or a Pipeline that ends in one.
        The steps before may be ImageFlattener, TableEncoder, StandardScaler,
        MinMaxScaler, MaxAbsScaler, RobustScaler, SimpleImputer, OneHotEncoder,
        OrdinalEncoder, a ColumnTransformer of these, and Pipelines of them. Around the
        model or at the end there may be a TransformedTargetRegressor whose transformer
        is a scaler.
    path : str or path-like
        The file to write. An existing file is replaced once the new one is complete.
    class_names : sequence of str, default=None
        Names of the labels 0, 1, ..., saved with the model for programs that show its
        predictions.
    target_name : str, default=None
        Name of the column that the model predicts, saved for such programs, too.

    Raises
    ------
    ValueError
        If the model is of another class, is not fitted, has a parameter that is not a
        plain value (a RandomState, for example), or a label that class_names lacks.
    OSError
        If the file cannot be written. An existing file then stays unchanged.

    See Also
    --------
    load_model : Load the model.

    Notes
    -----
    The moments of the optimiser are not saved: `partial_fit` and `warm_start` continue
    with new ones. `checkpoint` and `checkpoint_every`, a Pipeline's `memory` and
    `verbose`, and settings by `set_output` are not saved either. docs/file_format.rst
    describes the layout of the file.

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
    write_model(model, path, class_names=class_names, target_name=target_name)


def write_model(model, path, **metadata):
    """Save a fitted model with metadata: keywords of `to_tree`."""
    tree = _model_format.to_tree(model, **metadata)
    store.write_tree(path, tree, depth=_model_format.DEPTH)


def load_model(path):
    """Load a model that `save_model` saved.

    Nothing that the file names is imported, called or written to: class names are
    looked up in a literal table, parameters are JSON, and `checkpoint` is None.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    estimator
        The fitted model; its predictions are the same to the bit.

    Raises
    ------
    OSError
        If the file is missing or is not a whole HDF5 file.
    ValueError
        If the file holds no model, a model of another format version, or parts that do
        not fit together.

    See Also
    --------
    save_model : Save a model, with an example.
    """
    tree = store.read_tree(path, depth=_model_format.DEPTH)
    return _model_format.from_tree(tree, os.fsdecode(path))[0]


def read_model(path):
    """Return the StoredModel of a file; raise the errors of `load_model`."""
    tree = store.read_tree(path, depth=_model_format.DEPTH)
    model, names = _model_format.from_tree(tree, os.fsdecode(path))
    net = _model_format.predictor_of(model)
    if names is not None:
        place = f"{os.fsdecode(path)}:/class_names"
        check_names_every_class(names, net, place, "load_model works without them")
    return StoredModel(
        model,
        names,
        tree.attributes["written_by"],
        tree.attributes["kind"],
        _model_format.output_of(net),
        tree.attributes.get("target_name"),
        _model_format.training_rows_of(tree, os.fsdecode(path)),
    )


def name_of(label, names):
    """Return the name of an integer label if it has one, else the label as text.

    Control characters are escaped.
    """
    known = names is not None and np.issubdtype(type(label), np.integer)
    return printable(names[label] if known and 0 <= label < len(names) else label)


def names_of_classes(stored):
    """Return the class names of a StoredModel in the order of classes_, or None."""
    model, names = stored.model, stored.class_names
    if names is None or not hasattr(model, "classes_"):
        return None
    return [name_of(label, names) for label in model.classes_]


def check_columns(path, model):
    """Raise ValueError if a data file has other columns than the model was fitted to.

    Names are compared where both have them.
    """
    known = getattr(first_step(model), "feature_names_in_", None)
    expected = None if known is None else list(known)
    check_same_columns(path, read_columns(path), expected, "the model")
