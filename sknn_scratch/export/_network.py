"""A fitted network as numbers and formulas, to be written in other languages."""

import base64

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._engine.activations import ACTIVATIONS
from .._engine.losses import CLASSIFICATION, LOSSES
from .._estimators.access import network_of, steps_before
from .._version import __version__
from ._scaling import check_scales, first_layer

LOG_SIGMOID = "min({0}z, 0) - log1p(exp(-abs(z)))"
# {kind: formulas of the outputs of each unit}; None: a softmax over all units
LINKS = {
    "binary": tuple(f"max(exp({LOG_SIGMOID.format(s)}), tiny)" for s in ("-", "")),
    "multiclass": None,
    "multilabel": (f"max(min(exp({LOG_SIGMOID.format('')}), below_1), tiny)",),
    "identity": ("z",),
    "exp": ("exp(min(z, ceiling))",),
}
FOLDED = "The scaling of the features is folded into the first layer."
APPLIED = (
    "The features are scaled before the first layer: with the scaling folded into it, "
    "rounding would cost more than 1e-6 of the input of a unit."
)


def limits_of(dtype):
    """Return the constants in the formulas of LINKS, which depend on the dtype."""
    info = np.finfo(dtype)
    return {
        "tiny": float(info.tiny),
        "below_1": 1 - float(info.epsneg),
        "ceiling": 0.49 * float(np.log(info.max)),
    }


class Exported:
    """Parameters, formulas and names that the forward pass of a network needs.

    Parameters
    ----------
    model : estimator
        A fitted network, or a Pipeline that ends in one. The steps before it must scale
        and shift each feature by constants; they are folded into W[1] and b[1], or
        applied before the first layer (see `first_layer`).
    class_names : sequence of str, optional
        Names of the classes; None takes `classes_`.
    dtype : dtype, optional
        The floats that the other language computes in; None takes the network's.

    Attributes
    ----------
    name : str
        Class of the network and numbers of its units.
    W, b : list of ndarray
        Parameters of the layers 1 to L; b[l] has shape (n[l],).
    before : list of (operator, ndarray of shape (n[0],))
        Operations on the features before the first layer; see `FirstLayer`.
    note : str
        What became of the scaling, for a comment; empty where there is none.
    formulas : list of (name, formula, constants)
        Activations of the layers 1 to L - 1.
    link : tuple of str, or None
        Formulas of the outputs, from LINKS.
    kind : str
        A key of LINKS.
    classes : list, or None for regressors
        Names of the classes.
    class_dtype : str or None
        Name of the dtype of an array of `classes`; None is the one that NumPy takes.
    """

    def __init__(self, model, class_names=None, dtype=None):
        network = network_of(model, name="model")
        check_is_fitted(network)
        if network._target.several_levels:
            raise ValueError(
                "model must have one level of loss='quantile' to be exported, got "
                f"quantile={[*network._target.quantile]}; fit and export a model for "
                "each."
            )
        (W, *other_W), (b, *other_b) = network._layers()
        computed_in = np.dtype(dtype or W.dtype)
        self.dtype = np.promote_types(W.dtype, computed_in)
        steps = steps_before(model)
        for name, step in steps:
            check_scales(name, step)
        first = first_layer(
            W, b, [step for _, step in steps], network.scaler_, computed_in
        )
        self.before = first.before
        self.note = ""
        if self.before:
            self.note = APPLIED
        elif steps or network.scaler_ is not None:
            self.note = FOLDED
        self.W = [layer.astype(self.dtype) for layer in (first.W, *other_W)]
        self.b = [layer.astype(self.dtype).ravel() for layer in (first.b, *other_b)]
        for l, layers in enumerate(zip(self.W, self.b, strict=True), start=1):
            if not all(np.isfinite(layer).all() for layer in layers):
                raise ValueError(
                    f"W{l} and b{l} must be finite to be exported, got NaN or inf."
                )
        self.n = [self.W[0].shape[1], *(len(layer) for layer in self.b)]
        self.name = f"{type(network).__name__} {'-'.join(map(str, self.n))}"
        self.made_by = f"sknn_scratch {__version__}"
        self.formulas = formulas_of(network._activations)
        kind = network._target.kind
        self.kind = kind if kind in CLASSIFICATION else LOSSES[kind].output
        self.link = LINKS[self.kind]
        self.classes = self.class_dtype = None
        if kind in CLASSIFICATION:
            self.classes = plain_class_names(network.classes_, class_names)
            self.class_dtype = class_dtype(network.classes_, self.classes)
        self.n_outputs = 2 if self.kind == "binary" else self.n[-1]
        self.one_number = self.classes is None and not network._target.shape

    @property
    def activations(self):
        """Return {name: (formula, constants)} of the activations in use."""
        return {name: (formula, k) for name, formula, k in self.formulas}


def formulas_of(activations):
    """Return (name, formula, constants) of activations given as (name, constants)."""
    return [(name, ACTIVATIONS[name].formula, k) for name, k in activations]


def plain_class_names(classes, class_names):
    """Return the names of the classes as Python numbers and texts."""
    given = classes if class_names is None else [str(name) for name in class_names]
    if len(given) != len(classes):
        raise ValueError(
            f"class_names must be {len(classes)} names, one for each of classes_, got "
            f"{len(given)}."
        )
    return [plain_class_name(name) for name in given]


def class_dtype(classes, names):
    """Return the name of the dtype that keeps the class names, or None for NumPy's.

    Without it, an int and one beyond 2^63 would become floats, and a text would lose
    NUL at its end.
    """
    if classes.dtype.kind in "biuf" and names == classes.tolist():
        return classes.dtype.name
    return None if np.array(names).tolist() == names else "object"


def plain_class_name(name):
    """Return a class name as bool, int, float or str, not as one of their subclasses.

    The repr of a subclass, such as np.str_, is no literal of Python.
    """
    if isinstance(name, np.generic) and name.dtype.kind not in "mM":
        name = name.item()
    if isinstance(name, str):
        return str.__str__(name)
    for cls in (bool, int, float):
        if isinstance(name, cls):
            return cls(name)
    raise ValueError(
        "classes must be numbers or texts to be written in another language, got "
        f"{name!r:.60}; give class_names."
    )


def utf8_of(text, language):
    """Return a class name in UTF-8; ValueError for one that the language cannot hold.

    Half a surrogate pair is no character, and NUL ends a text in C and in ONNX.
    """
    try:
        if "\0" not in text:
            return text.encode()
    except UnicodeEncodeError:
        pass
    raise ValueError(
        f"classes must be texts without NUL and lone surrogates to be written in "
        f"{language}, got {text!r:.60}; give class_names, or other labels."
    )


def base64_of(layer):
    """Return the little-endian bytes of an array in base64."""
    return base64.b64encode(layer.astype(layer.dtype.newbyteorder("<"))).decode()
