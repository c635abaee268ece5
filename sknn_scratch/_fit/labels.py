"""Classification: labels to numbers before training, raw outputs to labels after it."""

from abc import ABCMeta

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils import column_or_1d, compute_class_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from .._engine.losses import CLASSIFICATION
from .._estimators.base import BaseNetwork, lazy_for_dask
from .._rows.batches import OneHotTargets, Targets


class BaseClassifier(ClassifierMixin, BaseNetwork, metaclass=ABCMeta):
    """Labels to numbers before training, raw outputs to labels after it."""

    _estimator_type = "classifier"  # read by libraries older than the tags
    _fewest_classes = 1

    # -- labels ------------------------------------------------------------------------

    def _encode(self, y, classes, start):
        y, seen, multilabel = self._labels(y)
        known = seen if classes is None else np.unique(classes)
        if not len(known):
            raise ValueError("classes must name at least one class, got none.")
        if start.layers is None:
            self._learn_classes(known, y.dtype if multilabel else None)
        elif classes is not None or not start.partial:
            self._check_same_classes(known)
        return self._codes(y, seen, multilabel)

    def _encode_known(self, y):
        return self._codes(*self._labels(y), name="y_val")

    def _labels(self, y):
        """y as an array, the classes (labels) in it, whether it is multilabel."""
        if y.ndim == 1 and y.dtype.kind in "biuU":
            seen = np.unique(y)
            if 2 * len(seen) <= len(y):  # else type_of_target has a warning for it
                return y, seen, False
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
            return y, np.unique(y), False
        y = y.toarray() if hasattr(y, "toarray") else np.asarray(y)
        if not np.isin(y, (0, 1)).all():
            raise ValueError(
                "y must hold zeros and ones where a row has several labels, got "
                f"{np.unique(y)[:5].tolist()}; encode it with MultiLabelBinarizer."
            )
        return y, np.arange(y.shape[1]), True

    def _codes(self, y, seen, multilabel, name="y"):
        """y as numbers, where it is of the kind and the classes that were learned."""
        if multilabel != self._multilabel:
            kind = "multilabel" if self._multilabel else "one class a row"
            raise ValueError(
                f"{name} must be {kind} as in the first fit; clone the estimator for "
                "other targets."
            )
        strange = np.setdiff1d(seen, self.classes_)
        if len(strange) or (multilabel and len(seen) < len(self.classes_)):
            cure = "have every class in y"
            if name == "y":
                cure = "name every class in the first partial_fit"
            raise ValueError(
                f"{name} must hold the labels of classes={self.classes_.tolist()} and "
                f"no other, got {seen.tolist()}; {cure}."
            )
        return y if multilabel else np.searchsorted(self.classes_, y)

    def _decode(self, codes):
        return codes if self._multilabel else self.classes_[codes]

    def _learn_classes(self, classes, label_dtype):
        if len(classes) < self._fewest_classes and label_dtype is None:
            raise ValueError(
                f"{type(self).__name__} needs at least {self._fewest_classes} "
                f"classes in y, got 1 class: {classes[0]}."
            )
        self.classes_, self._label_dtype = classes, label_dtype

    def _check_same_classes(self, classes):
        if classes.tolist() != self.classes_.tolist():
            raise ValueError(
                f"{type(self).__name__} goes on from a fit on classes "
                f"{self.classes_.tolist()}, got {classes.tolist()}; give the same "
                "classes, or clone it for others."
            )

    @property
    def _multilabel(self):
        return self._label_dtype is not None

    def _kind(self):
        if self._multilabel:
            return "multilabel"
        return "binary" if len(self.classes_) == 2 else "multiclass"

    def _n_outputs(self):
        return 1 if self._kind() == "binary" else len(self.classes_)

    def _targets(self, codes, dtype):
        if self._kind() == "multiclass":
            return OneHotTargets(codes, len(self.classes_), dtype)
        return Targets(codes.reshape(len(codes), -1).astype(dtype))

    def _strata(self, codes):
        if self._multilabel:
            return {}
        return {"strata": codes, "names": self.classes_}

    def _label_weights(self, codes, w):
        self._class_factors = self._factors(codes, w)
        return self._known_label_weights(codes, w)

    def _known_label_weights(self, codes, w):
        factors = self._class_factors
        if factors is None:
            return 1.0
        if not self._multilabel:
            return factors[codes]
        return factors[np.arange(len(factors)), codes.astype(int)].prod(axis=1)

    def _factors(self, codes, w):
        """What class_weight gives each class (each value of each label), or None."""
        if self.class_weight is None:
            return None
        if self._multilabel:
            if self.class_weight != "balanced":
                raise ValueError(
                    f"class_weight={self.class_weight!r} needs one class a row, but y "
                    "is multilabel; give sample_weight instead, or 'balanced'."
                )
            labels = codes.astype(int).T
            return np.array([balanced(label, w, 2) for label in labels])
        if self.class_weight == "balanced":
            return balanced(codes, w, len(self.classes_))
        factors = compute_class_weight(
            self.class_weight, classes=self.classes_, y=self.classes_[codes]
        )
        if not (np.isfinite(factors).all() and (factors >= 0).all()):
            raise ValueError(
                "class_weight must hold finite weights of at least 0, got "
                f"{self.class_weight!r}."
            )
        return factors

    # -- prediction --------------------------------------------------------------------

    @lazy_for_dask
    def decision_function(self, X):
        """The raw output Z[L] (logits) of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to judge. For a Dask collection the answer is a Dask array, which its
            workers make when it is due.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            For two classes the logit of `classes_[1]`; else a column a class or label.
        """
        Z = self._raw(X)
        return Z.ravel() if Z.shape[1] == 1 else Z

    @lazy_for_dask
    def predict_proba(self, X):
        """Probability of each class (multilabel: of each label).

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to judge. For a Dask collection the answer is a Dask array, which its
            workers make when it is due.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            In the order of `classes_`, in the type the model was trained in; never
            below the smallest normal number of that type. Rows sum to 1, except for
            multilabel targets.
        """
        return self._raw(X, self._probabilities)

    def _probabilities(self, Z):
        """Of rows of raw outputs."""
        limits = np.finfo(Z.dtype)
        log_a, log_1_a = CLASSIFICATION[self._kind()]().log_link(Z.T)
        if self._kind() == "binary":
            log_a = np.concatenate([log_1_a, log_a])
        if self._multilabel:  # no column holds the rest: 1 would claim certainty
            log_a = np.minimum(log_a, -limits.epsneg)
        P = np.maximum(log_a.T, np.log(limits.tiny))
        return np.exp(P, out=P)

    @lazy_for_dask
    def predict_log_proba(self, X):
        """Logarithm of `predict_proba`, finite wherever the logits are.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to judge. For a Dask collection the answer is a Dask array, which its
            workers make when it is due.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Of the probabilities as they are rounded: those that are 1 have 0.
        """
        return np.log(self.predict_proba(X))

    @lazy_for_dask
    def predict(self, X):
        """The most probable class; for multilabel targets, labels above 1/2.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to judge. For a Dask collection the answer is a Dask array, which its
            workers make when it is due.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_labels)
            Labels of `classes_`, or zeros and ones in the type of the y of fit.
        """
        P = self.predict_proba(X)
        if self._multilabel:
            return (P > 0.5).astype(self._label_dtype)
        return self.classes_[P.argmax(axis=1)]

    def score(self, X, y, sample_weight=None):
        """Share of the rows that `predict` gets right; multilabel: in every label.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to judge.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            What they are.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        float
        """
        return self._measured(accuracy_score, X, y, sample_weight)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def balanced(codes, w, n_classes):
    """Factors that give the classes present the same total weight; 1 for others."""
    totals = np.bincount(codes, w, minlength=n_classes)
    present = totals > 0
    share = totals.sum() / max(present.sum(), 1)
    return np.divide(share, totals, out=np.ones_like(totals), where=present)
