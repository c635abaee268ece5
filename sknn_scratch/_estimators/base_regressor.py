"""What all regressors share: targets before training, predictions after it."""

from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score

from .._engine.losses import REGRESSION
from .._fit.numbers import Numbers
from .base import BaseNetwork, lazy_for_dask


class BaseRegressor(RegressorMixin, BaseNetwork):
    """Base class of the regressors."""

    _estimator_type = "regressor"  # read by libraries older than the tags

    def _learn(self, y, w, classes, start):
        return Numbers.learn(y, self.loss, before=start.target)

    @lazy_for_dask
    def predict(self, X):
        """The expected numbers: the raw output, for loss="poisson" its exponential.

        That is finite wherever the raw output is: beyond the root of the largest number
        the exponential grows no more.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to judge. For a Dask collection the answer is a Dask array, which its
            workers make when it is due.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            In the type the model was trained in.
        """
        A = self._raw(X, lambda Z: REGRESSION[self._y.loss]().link(Z))
        return A if self._y.shape else A.ravel()

    def score(self, X, y, sample_weight=None):
        """R^2 of `predict`: 1 - squared error / that of the mean of y.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to judge.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            What they are.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        float
            The mean of the outputs' R^2.
        """
        return self._measured(r2_score, X, y, sample_weight)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
