"""What all regressors share: targets before training, predictions after it."""

from functools import partial

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import d2_pinball_score, r2_score
from sklearn.utils.validation import check_is_fitted

from .._engine.losses import REGRESSION
from .._fit.numbers import Numbers
from .base import BaseNetwork, lazy_for_dask


class BaseRegressor(RegressorMixin, BaseNetwork):
    """Base class of the regressors."""

    _estimator_type = "regressor"  # read by libraries older than the tags
    _target_type = Numbers

    def _learn(self, y, w, classes, start):
        return Numbers.learn(y, self.loss, quantile=self.quantile, before=start.target)

    @lazy_for_dask
    def predict(self, X):
        """Predict the targets: the raw output, for loss="poisson" its exponential.

        The exponential stays finite: it stops growing at the square root of the largest
        number of the dtype.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to predict. For a Dask collection the result is a lazy Dask array.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            In the dtype of the training. For several levels of loss="quantile" of
            shape (n_samples, n_levels), each row sorted.
        """
        A = self._raw(X, lambda Z: REGRESSION[self._target.loss]().link(Z))
        if self._target.several_levels:
            return np.sort(A, axis=1)
        return A if self._target.shape else A.ravel()

    def score(self, X, y, sample_weight=None):
        """Return R^2 of `predict`: 1 - squared error / squared error of the mean of y.

        For loss="quantile" it is D^2, the same of the pinball loss: 1 - loss / loss of
        the quantile of y, for several levels the mean over them.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to predict.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            True targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        float
            R^2 or D^2, for several outputs the mean over them; at most 1, and 0 for
            the best constant.
        """
        check_is_fitted(self)
        metric, quantile = r2_score, self._target.quantile
        if quantile is not None:
            metric = partial(d2_of_quantile, quantile=quantile)
        return self._measured(metric, X, y, sample_weight)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def d2_of_quantile(y, predicted, *, quantile, sample_weight=None):
    """Return D^2 of the pinball loss; of several levels, a column each, the mean."""
    pairs = [(predicted, quantile)]
    if isinstance(quantile, tuple):
        pairs = zip(predicted.T, quantile, strict=True)
    scores = [
        d2_pinball_score(y, values, sample_weight=sample_weight, alpha=level)
        for values, level in pairs
    ]
    return np.mean(scores)
