"""The y of a classifier: labels to numbers before training, and back after it."""

import reprlib
from numbers import Real
from typing import NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import column_or_1d, compute_class_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from .._rows.columns import OneHotTargets, Targets

LABEL_KINDS = {
    "text": str,
    "bytes": bytes,
    "number": (Real, np.bool_),
    "rows": (list, tuple, np.ndarray),
}


class GivenLabels(NamedTuple):
    """A valid y of a classifier.

    Attributes
    ----------
    y : ndarray of shape (m,) or (m, n_labels)
    seen : ndarray
        The classes in y; for multilabel targets the numbers of its columns.
    multilabel : bool
    """

    y: np.ndarray
    seen: np.ndarray
    multilabel: bool


def check_label_types(y, name="y"):
    """Raise an error where labels are missing, or are not all numbers or all texts.

    NumPy makes texts of a list of numbers and texts, of None and NaN in it as well.
    """
    if y is None or issparse(y):
        return
    labels, columns = y, 1
    if not isinstance(y, list | tuple):
        array = np.asarray(y)
        if array.dtype.kind not in "OS":
            return
        labels, columns = array.ravel().tolist(), array[:1].size or 1
    types = {type(label): label for label in labels}
    kinds = {_kind_of_type(cls) for cls in types}
    # lists of lists, and lists of numbers or times, become arrays as they should
    unmixed = len(kinds) < 2 and labels is y and kinds != {"bytes"}
    if unmixed or kinds <= {"text"} or "rows" in kinds:
        return
    place = next((i for i, label in enumerate(labels) if _is_missing(label)), None)
    if place is not None:
        raise ValueError(
            f"{name} must have a label in each row, got {labels[place]!r} in row "
            f"{place // columns}; leave such rows out, or label them, too."
        )
    raise _error_of_types(name, labels, types, kinds)


def _error_of_types(name, labels, types, kinds):
    """Return the error for labels whose types cannot be classes together.

    scikit-learn's checks of estimators ask for the words "Unknown label type".
    """
    found = ", ".join(
        f"{cls.__name__} ({reprlib.repr(label)})" for cls, label in types.items()
    )
    if kinds == {"number"}:
        dtype = np.array(labels).dtype.name
        return ValueError(
            f"Unknown label type: {name} must have a dtype of numbers or texts, got "
            f"objects: {found}; convert it with {name}.astype({dtype!r})."
        )
    texts, error = f"[str(label) for label in {name}]", ValueError
    if "bytes" in kinds:
        texts = f"np.char.decode(np.array({name}, bytes), 'utf-8')"
        error = ValueError if len(kinds) > 1 else TypeError
    return error(
        f"Unknown label type: {name} must hold labels of one type, numbers or texts, "
        f"got {found[:130]}; convert them, for example with {texts}."
    )


def _kind_of_type(cls):
    """Return the kind of the labels of a type: "text", "bytes", "number", ..."""
    for kind, classes in LABEL_KINDS.items():
        if issubclass(cls, classes):
            return kind
    return "other"


def _is_missing(label):
    """Return True for None, NaN and the NA and NaT of pandas."""
    if isinstance(label, Real):
        return label != label
    return label is None or type(label).__name__ in ("NAType", "NaTType")


def read_labels(y):
    """Return y as `GivenLabels`; ValueError for what is no classification target."""
    if y.ndim == 1 and y.dtype.kind in "biuU":
        seen = np.unique(y)
        if 2 * len(seen) <= len(y):  # else type_of_target has a warning for it
            return GivenLabels(y, seen, False)
    kind = type_of_target(y, input_name="y")
    if kind not in ("binary", "multiclass", "multilabel-indicator"):
        check_classification_targets(y)
    if kind == "multiclass-multioutput":
        raise ValueError(
            "y must hold one class a row, or zeros and ones for several labels a "
            f"row, got {kind}; fit one classifier a column (MultiOutputClassifier)."
        )
    if kind != "multilabel-indicator":
        y = column_or_1d(y, warn=True)
        return GivenLabels(y, np.unique(y), False)
    y = y.toarray() if hasattr(y, "toarray") else np.asarray(y)
    if not np.isin(y, (0, 1)).all():
        raise ValueError(
            "y must hold zeros and ones where a row has several labels, got "
            f"{np.unique(y)[:5].tolist()}; encode it with MultiLabelBinarizer."
        )
    return GivenLabels(y, np.arange(y.shape[1]), True)


class Labels(NamedTuple):
    """Encode the labels of a classifier as numbers, and decode them.

    Attributes
    ----------
    classes : ndarray of shape (n_classes,)
        Sorted class labels; for multilabel targets the numbers of the columns.
    dtype : dtype or None
        The type of a multilabel y; None where a row has one class.
    factors : ndarray of shape (n_classes,) or (n_labels, 2), or None
        The weight that class_weight gives each class (each value of each label).
    """

    classes: np.ndarray
    dtype: np.dtype | None = None
    factors: np.ndarray | None = None

    @classmethod
    def learn(cls, given, classes=None, *, before=None, partial=False, owner, fewest=1):
        """Return the labels of a training, and y as numbers.

        Parameters
        ----------
        given : GivenLabels
        classes : array-like, optional
            All classes there will ever be; without, those of `given`.
        before : Labels, optional
            Those of the fit that this one goes on from.
        partial : bool, default=False
            Whether y need not hold all classes of `before`.
        owner : str
            Name of the estimator, for errors.
        fewest : int, default=1
            The least number of classes.
        """
        check_label_types(classes, "classes")
        known = given.seen if classes is None else np.unique(classes)
        if not len(known):
            raise ValueError("classes must name at least one class, got none.")
        labels = before
        if before is None:
            if len(known) < fewest and not given.multilabel:
                raise ValueError(
                    f"{owner} needs at least {fewest} classes in y, got 1 class: "
                    f"{known[0]}."
                )
            labels = cls(known, given.y.dtype if given.multilabel else None)
        elif classes is not None or not partial:
            before.check_same(known, owner)
        return labels, labels.encode(given)

    @property
    def multilabel(self):
        """Return True where a row may have several labels."""
        return self.dtype is not None

    @property
    def kind(self):
        """Return the key of the loss in LOSSES."""
        if self.multilabel:
            return "multilabel"
        return "binary" if len(self.classes) == 2 else "multiclass"

    @property
    def n_outputs(self):
        """Return n[L]."""
        return 1 if self.kind == "binary" else len(self.classes)

    @property
    def shape(self):
        """Return the shape of the y of one row."""
        return self.classes.shape if self.multilabel else ()

    def of(self, network):
        """Return the labels as the fitted attributes of a network have them now."""
        return self._replace(classes=np.asarray(network.classes_))

    @property
    def scale(self):
        """Return (): class numbers are not scaled."""
        return ()

    @property
    def several_levels(self):
        """Return False: class numbers are no quantiles."""
        return False

    @property
    def fitted(self):
        """Return the public fitted attributes."""
        return {"classes_": self.classes}

    def check_same(self, classes, owner):
        """Raise ValueError where a fit that goes on is given other classes."""
        if classes.tolist() != self.classes.tolist():
            raise ValueError(
                f"{owner} goes on from a fit on classes {self.classes.tolist()}, got "
                f"{classes.tolist()}; give the same classes, or clone it for others."
            )

    def encode(self, given, name="y"):
        """Return y as class numbers; ValueError for other labels or another kind."""
        y, seen, multilabel = given
        if multilabel != self.multilabel:
            kind = "multilabel" if self.multilabel else "one class a row"
            raise ValueError(
                f"{name} must be {kind} as in the first fit; clone the estimator for "
                "other targets."
            )
        strange = np.setdiff1d(seen, self.classes)
        if len(strange) or (multilabel and len(seen) < len(self.classes)):
            cure = "have every class in y"
            if name == "y":
                cure = "name every class in the first partial_fit"
            raise ValueError(
                f"{name} must hold the labels of classes={self.classes.tolist()} and "
                f"no other, got {seen.tolist()}; {cure}."
            )
        return y if multilabel else np.searchsorted(self.classes, y)

    def encode_validation(self, y):
        """Return y_val as class numbers."""
        return self.encode(read_labels(y), "y_val")

    def decode(self, codes):
        """Return the labels of class numbers; the inverse of `encode`."""
        return codes if self.multilabel else self.classes[codes]

    def targets(self, codes, dtype):
        """Return Y of the rows as `MemoryBatches` takes it, (m, n[L])."""
        if self.kind == "multiclass":
            return OneHotTargets(codes, len(self.classes), dtype)
        return Targets(codes.reshape(len(codes), -1).astype(dtype))

    def note(self, codes):
        """Return a warning where several labels look like one class a row, or None."""
        if not self.multilabel or codes.shape[1] < 3 or len(codes) < 10:
            return None
        if not (codes.sum(axis=1) == 1).all() or codes.any(axis=0).sum() < 2:
            return None
        return (
            f"y has exactly one 1 in each row of its {codes.shape[1]} columns, and is "
            "trained as that many labels, any number of which a row may have; for one "
            "class a row give y.argmax(axis=1)"
        )

    def strata(self, codes):
        """Return what a hold-out keeps the proportions of, by argument."""
        return {} if self.multilabel else {"strata": codes, "names": self.classes}

    def weighted(self, class_weight, codes, w):
        """Return these labels with the factors that class_weight gives these rows."""
        return self._replace(factors=self._factors(class_weight, codes, w))

    def row_weights(self, codes):
        """Return the factor for the weight of each row."""
        if self.factors is None:
            return 1.0
        if not self.multilabel:
            return self.factors[codes]
        columns = np.arange(len(self.factors))
        return self.factors[columns, codes.astype(int)].prod(axis=1)

    def _factors(self, class_weight, codes, w):
        if class_weight is None:
            return None
        if self.multilabel:
            if class_weight != "balanced":
                raise ValueError(
                    f"class_weight={class_weight!r} needs one class a row, but y is "
                    "multilabel; give sample_weight instead, or 'balanced'."
                )
            return np.array([balanced(label, w, 2) for label in codes.astype(int).T])
        if class_weight == "balanced":
            return balanced(codes, w, len(self.classes))
        factors = compute_class_weight(
            class_weight, classes=self.classes, y=self.classes[codes]
        )
        if not (np.isfinite(factors).all() and (factors >= 0).all()):
            raise ValueError(
                "class_weight must hold finite weights of at least 0, got "
                f"{class_weight!r}."
            )
        return factors


def balanced(codes, w, n_classes):
    """Return factors that give each class present the same total weight, others 1."""
    totals = np.bincount(codes, w, minlength=n_classes)
    present = totals > 0
    share = totals.sum() / max(present.sum(), 1)
    return np.divide(share, totals, out=np.ones_like(totals), where=present)
