"""What all classifiers share: labels before training, predictions after it."""

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score

from .._engine.losses import CLASSIFICATION
from .._fit.labels import Labels, read_labels
from .base import BaseNetwork, lazy_for_dask


class BaseClassifier(ClassifierMixin, BaseNetwork):
    """Base class of the classifiers."""

    _estimator_type = "classifier"  # read by libraries older than the tags
    _target_type = Labels
    _fewest_classes = 1

    def _learn(self, y, w, classes, start):
        labels, codes = Labels.learn(
            read_labels(y),
            classes,
            before=start.target,
            partial=start.partial,
            owner=type(self).__name__,
            fewest=self._fewest_classes,
        )
        w = np.ones(len(codes)) if w is None else w
        return labels.weighted(self.class_weight, codes, w), codes

    @lazy_for_dask
    def decision_function(self, X):
        """Compute the raw output Z[L] (logits) of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to predict. For a Dask collection the result is a lazy Dask array.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            For two classes the logit of `classes_[1]`; else one column for each class
            or label.
        """
        Z = self._raw(X)
        return Z.ravel() if Z.shape[1] == 1 else Z

    @lazy_for_dask
    def predict_proba(self, X):
        """Compute the probability of each class (multilabel: of each label).

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to predict. For a Dask collection the result is a lazy Dask array.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Columns in the order of `classes_`, in the dtype of the training. No value
            is below the smallest normal number of that dtype. Rows sum to 1, except
            for multilabel targets.
        """
        return self._raw(X, self._probabilities)

    def _probabilities(self, Z):
        """Return the probabilities of rows of raw outputs."""
        limits = np.finfo(Z.dtype)
        log_a, log_1_a = CLASSIFICATION[self._target.kind]().log_link(Z.T)
        if self._target.kind == "binary":
            log_a = np.concatenate([log_1_a, log_a])
        if self._target.multilabel:  # no column holds the rest: 1 would claim certainty
            log_a = np.minimum(log_a, -limits.epsneg)
        P = np.maximum(log_a.T, np.log(limits.tiny))
        return np.exp(P, out=P)

    @lazy_for_dask
    def predict_log_proba(self, X):
        """Compute the logarithm of `predict_proba`; finite wherever the logits are.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to predict. For a Dask collection the result is a lazy Dask array.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Logarithms of the rounded probabilities: 0 where they round to 1.
        """
        return np.log(self.predict_proba(X))

    @lazy_for_dask
    def predict(self, X):
        """Predict the most probable class; multilabel: the labels above 1/2.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to predict. For a Dask collection the result is a lazy Dask array.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_labels)
            Values of `classes_`, or zeros and ones in the dtype of the y of `fit`.
        """
        P = self.predict_proba(X)
        if self._target.multilabel:
            return (P > 0.5).astype(self._target.dtype)
        return self.classes_[P.argmax(axis=1)]

    def score(self, X, y, sample_weight=None):
        """Return the accuracy: the share of rows that `predict` gets right.

        A row of several labels is right if all its labels are.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to predict.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            True classes or labels.
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
