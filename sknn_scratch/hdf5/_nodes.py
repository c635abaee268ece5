"""Steps of a model as nodes of a tree, and back: what every class has in common.

A node is {name, class, parameters, fitted values, arrays, children}. The class is
looked up in a `Registry`, whose entries (`Kind`) know what is particular to it.
"""

from typing import NamedTuple

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._fit.settings import UNNAMED, defaults
from .._storage.store import Tree
from .._storage.texts import abbreviate, abbreviate_names, shorten
from ._model_checks import COUNT, array_of, check
from ._values import decode_texts, encode_labels, read_json, to_json

ABSENT = UNNAMED | {"dtype": None}  # values of parameters that older files lack
# neither saved nor loaded: a loaded model must not write to a path from a file
NOT_SAVED = ("checkpoint", "checkpoint_every")
TRANSFORMER, PREDICTOR = "transformer", "predictor"
WORDS = {TRANSFORMER: "a step before the last", PREDICTOR: "the model"}
# what scikit-learn may raise where parts of a spoiled file contradict each other
UNFIT = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class StepError(ValueError):
    """Error of a step that cannot be saved; it names the step."""


class FileError(ValueError):
    """Error of a node that cannot be read; it names its place."""


class Parts(NamedTuple):
    """What a file keeps of a step beside its name, class and parameters."""

    fitted: dict
    arrays: dict = {}
    children: dict = {}
    attributes: dict = {}


class Kind(NamedTuple):
    """A class of steps that a file may hold.

    Attributes
    ----------
    cls : type
    roles : tuple of str
        Which of TRANSFORMER and PREDICTOR it may be.
    write : callable
        (step, role, registry) -> Parts of a fitted step.
    read : callable
        Node -> the fitted step.
    held : tuple of str
        Parameters that are not saved as such: other parts of the node say them.
    width : callable or None
        (step, registry) -> the number of outputs of a transformer. Without it there
        is one for each feature.
    """

    cls: type
    roles: tuple
    write: object
    read: object
    held: tuple = ()
    width: object = None


class Node(NamedTuple):
    """A node of a file that is being read: its tree, its path, its kind."""

    tree: Tree
    place: str
    kind: Kind
    role: str
    registry: "Registry"

    def json(self, key, kind=dict):
        return read_json(self.tree.attributes, key, kind, self.place)

    def fitted(self, rules):
        """Return the fitted values and the arrays; those of the rules are checked."""
        values = self.json("fitted") | self.tree.arrays
        check(values, {"n_features_in_": COUNT}, self.place)
        check(values, rules, self.place, values["n_features_in_"])
        return values

    def new(self, **held):
        """Return the step with its parameters, not fitted yet."""
        cls, parameters = self.kind.cls, self.json("parameters")
        for key in (*NOT_SAVED, *self.kind.held):
            parameters.pop(key, None)
        for key in ABSENT.keys() & defaults(cls).keys():
            parameters.setdefault(key, ABSENT[key])
        try:
            step = cls(**parameters, **held)
            step._validate_params()
        except (TypeError, ValueError) as error:
            raise self.error("has parameters that do not fit: ", error) from None
        return step

    def child(self, key, role, allowed=None):
        """Return the step of a child."""
        if key not in self.tree.groups:
            raise FileError(
                f"{self.place} must hold the group {key!r}, got "
                f"{abbreviate_names(sorted(self.tree.groups))}."
            )
        place = f"{self.place}/{key}"
        return self.registry.read(self.tree.groups[key], place, role, allowed)[1]

    def error(self, words, error):
        """Return an error of one line that quotes another one."""
        return FileError(
            f"{self.place} {words}{shorten(' '.join(str(error).split()), 200)}"
        )


class Registry:
    """The kinds of steps by the names of their classes."""

    def __init__(self, kinds):
        self._kinds = {kind.cls.__name__: kind for kind in kinds}

    def names(self, role):
        return sorted(name for name, kind in self._kinds.items() if role in kind.roles)

    def width(self, step):
        """Return the number of outputs of a fitted transformer."""
        width = self._kinds[type(step).__name__].width
        return int(width(step, self)) if width else step.n_features_in_

    # -- writing -----------------------------------------------------------------------

    def write(self, name, step, role, *, label=True, fitted=True):
        """Return the Tree of a step.

        `label` says whether errors name the step, `fitted` whether it is fitted: a
        ColumnTransformer has steps without columns that are not.
        """
        kind = self._kind_of(name, step, role)
        if fitted:
            check_is_fitted(step)
        step._validate_params()  # loading validates them, too
        try:
            return self._written(name, step, role, kind, fitted)
        except StepError:
            raise
        except ValueError as error:
            if not label:
                raise
            raise StepError(f"step {name!r} ({type(step).__name__}): {error}") from None

    def _kind_of(self, name, step, role):
        kind = self._kinds.get(type(step).__name__)
        if kind is None or kind.cls is not type(step) or role not in kind.roles:
            where = "" if role == PREDICTOR else f" as step {name!r}"
            raise StepError(
                f"save_model keeps as {WORDS[role]} one of {self.names(role)}, got "
                f"{type(step).__name__}{where}; keep others with joblib or pickle."
            )
        return kind

    def _written(self, name, step, role, kind, fitted):
        parts = kind.write(step, role, self) if fitted else Parts({})
        kept = step.get_params(deep=False)
        # what scikit-learn calls deprecated is no parameter of its next version
        parameters = {
            key: value
            for key, value in kept.items()
            if key not in (*NOT_SAVED, *kind.held)
            and not (isinstance(value, str) and value == "deprecated")
        }
        attributes = {
            "name": name,
            "class": type(step).__name__,
            "parameters": to_json(parameters),
            **parts.attributes,
        }
        if fitted:
            attributes["fitted"] = to_json(parts.fitted)
        return Tree(attributes, dict(parts.arrays), dict(parts.children))

    # -- reading -----------------------------------------------------------------------

    def read(self, tree, place, role, allowed=None):
        """Return the name and the step of a Tree; `allowed` names fewer classes."""
        names = allowed or self.names(role)
        if (found := tree.attributes.get("class")) not in names:
            raise FileError(f"{place} must be one of {names}, got {abbreviate(found)}.")
        node = Node(tree, place, self._kinds[found], role, self)
        if not isinstance(name := tree.attributes.get("name"), str):
            raise FileError(
                f"{place} must have a text in 'name', got {abbreviate(name)}."
            )
        if "fitted" not in tree.attributes and role == TRANSFORMER and allowed is None:
            return name, node.new()
        try:
            return name, node.kind.read(node)
        except UNFIT as error:
            if str(error).startswith(place):
                raise
            raise node.error("has parts that do not fit: ", error) from None


# -- pieces ----------------------------------------------------------------------------


def split(values):
    """Return the arrays among the values, and what JSON can hold."""
    arrays = {k: v for k, v in values.items() if isinstance(v, np.ndarray)}
    return arrays, {
        k: v.str if isinstance(v, np.dtype) else v
        for k, v in values.items()
        if k not in arrays
    }


def names_of_features(step):
    """Return the names of the features as an array of a file, if there are any."""
    if not hasattr(step, "feature_names_in_"):
        return {}
    names = step.feature_names_in_
    return {"feature_names": encode_labels(names, "feature_names_in_")}


def read_feature_names(node, n):
    """Return the names of n features as the file has them, or None."""
    if "feature_names" not in node.tree.arrays:
        return None
    place = node.place
    names = array_of(node.tree, "feature_names", place, "S", (n,), f"{n} texts")
    return decode_texts(names, "O", f"{place}/feature_names")


def restore_feature_names(step, node):
    """Set the names of the features as the file has them."""
    names = read_feature_names(node, step.n_features_in_)
    if names is not None:
        step.feature_names_in_ = names


def check_features(given, step, place):
    """Raise ValueError for a step that takes other features than it is given."""
    if given != step.n_features_in_:
        raise ValueError(
            f"{place} must have steps that take as many features as the one before "
            f"gives, got {abbreviate([given, step.n_features_in_])}."
        )
