"""Conversion of fitted models to trees of attributes and arrays, and back.

This module opens no file. Class names are looked up in a literal table and parameters
are JSON, so loading a model calls nothing that the file names. docs/file_format.rst
describes the content of a tree.
`_nodes` has what all steps of a model have in common, `_storage` the limits of any HDF5
file.
"""

import numpy as np

from .._estimators.access import last_step
from .._storage.store import Tree
from .._storage.texts import abbreviate
from .._version import __version__
from . import _containers, _encoders, _ensembles, _networks, _transformers
from ._model_checks import array_of, check_names_every_class, class_names_of
from ._networks import output_of
from ._nodes import PREDICTOR, Registry
from ._values import encode_texts

__all__ = [
    "FORMAT",
    "VERSION",
    "from_tree",
    "output_of",
    "predictor_of",
    "to_tree",
    "training_rows_of",
]

FORMAT, VERSION = "sknn_scratch model", 3
READ = (2, 3)  # version 2 is version 3 with fewer classes
DEPTH = 12  # of groups in groups
PARTS = (_networks, _transformers, _encoders, _ensembles, _containers)
REGISTRY = Registry([kind for part in PARTS for kind in part.KINDS])


def to_tree(model, class_names=None, target_name=None, training_rows=None):
    """Return the Tree of a fitted model.

    `training_rows` are the fingerprints of the rows of the training, uint64, or None.
    """
    piped = _containers.is_pipeline(model)
    if piped:
        groups = _containers.write_steps(model, PREDICTOR, REGISTRY)
    else:
        groups = {"step0": REGISTRY.write("model", model, PREDICTOR, label=False)}
    tree = Tree(
        {
            "format": FORMAT,
            "version": VERSION,
            "written_by": __version__,
            "kind": "pipeline" if piped else "model",
            "n_steps": len(groups),
        },
        {},
        groups,
    )
    if class_names is not None:
        tree.arrays["class_names"] = _encode_names(class_names, predictor_of(model))
    if target_name is not None:
        tree.attributes["target_name"] = _checked_name(target_name)
    if training_rows is not None:
        tree.arrays["training_rows"] = training_rows
    return tree


def _checked_name(name):
    if not isinstance(name, str) or not name:
        raise ValueError(
            f"target_name must be a text, the name of a column, got {abbreviate(name)}."
        )
    encode_texts([name], "target_name")
    return name


def predictor_of(model):
    """Return what predicts in a model: a network or an ensemble of networks."""
    step = last_step(model)
    while hasattr(step, "regressor_"):  # a TransformedTargetRegressor
        step = last_step(step.regressor_)
    return step


def _encode_names(class_names, net):
    """Return class names as UTF-8 bytes; raise ValueError for other than a list."""
    try:
        names = np.asarray(class_names, dtype=str)
    except ValueError:  # rows that differ, bytes that are no ASCII
        names = np.zeros((0, 0), str)
    if names.ndim != 1:
        raise ValueError(
            f"class_names must be a list of texts, got {abbreviate(class_names)}."
        )
    check_names_every_class(names, net, "class_names", "name the labels 0, 1, ...")
    # an array of texts has lost a NUL at their end
    given = [name if isinstance(name, str) else None for name in class_names]
    texts = [g or name for g, name in zip(given, names.tolist(), strict=True)]
    return encode_texts(texts, "class_names")


def from_tree(tree, place):
    """Return the model of a Tree and the class names, which may be None.

    Errors begin with `place`, the path of the file.
    """
    _check_head(tree, place)
    if tree.attributes.get("kind") == "pipeline":
        model = _containers.read_steps(tree, f"{place}:", PREDICTOR, REGISTRY)
    else:
        _, model = REGISTRY.read(tree.groups["step0"], f"{place}:/step0", PREDICTOR)
    return model, class_names_of(tree, place)


def training_rows_of(tree, place):
    """Return the fingerprints of the rows of the training, or None without any."""
    if "training_rows" not in tree.arrays:
        return None
    words = "a list of unsigned whole numbers"
    found = array_of(tree, "training_rows", f"{place}:", "u", (None,), words)
    return found.astype(np.uint64)


def _check_head(tree, place):
    """Raise ValueError for what is no model file, or for another version."""
    head = tree.attributes
    if head.get("format") != FORMAT:
        raise ValueError(
            f"{place} must hold a model (format {FORMAT!r}), got "
            f"{abbreviate(head.get('format', 'no format'))}."
        )
    if head.get("version") not in READ:
        raise ValueError(
            f"{place} has version {abbreviate(head.get('version'))} of the model "
            f"format, written by sknn_scratch {abbreviate(head.get('written_by'))}; "
            f"this is sknn_scratch {__version__}, which reads versions "
            f"{' and '.join(map(str, READ))}: install the one that wrote it."
        )
    names, kind = [f"step{i}" for i in range(len(tree.groups))], head.get("kind")
    if sorted(names) != sorted(tree.groups) or not names:
        raise ValueError(
            f"{place} must hold step0, step1, ..., got {abbreviate([*tree.groups])}."
        )
    for key, wanted in {"n_steps": len(names), "written_by": None}.items():
        found = head.get(key)
        if found != wanted if wanted is not None else not isinstance(found, str):
            raise ValueError(
                f"{place} must have in its attribute {key!r} "
                f"{'a text' if wanted is None else wanted}, got {abbreviate(found)}."
            )
    if kind not in ("pipeline", "model") or (kind == "model" and len(names) > 1):
        raise ValueError(
            f"{place} must be of kind 'pipeline', or 'model' with one step, got "
            f"{abbreviate(kind)} with {len(names)} steps."
        )
    if not isinstance(name := head.get("target_name", ""), str):
        raise ValueError(
            f"{place} must have in its attribute 'target_name' a text, got "
            f"{abbreviate(name)}."
        )
