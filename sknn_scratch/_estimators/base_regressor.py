"""What all regressors share: targets before training, predictions after it."""

from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score

from .._engine.losses import REGRESSION
from .._fit.numbers import Numbers
from .base import BaseNetwork, lazy_for_dask


class BaseRegressor(RegressorMixin, BaseNetwork):
    """Base class of the regressors."""

    _estimator_type = "regressor"  # read by libraries older than the tags
    _target_type = Numbers

    def _learn(self, y, w, classes, start):
        return Numbers.learn(y, self.loss, before=start.target)

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
            In the dtype of the training.
        """
        A = self._raw(X, lambda Z: REGRESSION[self._target.loss]().link(Z))
        return A if self._target.shape else A.ravel()

    def score(self, X, y, sample_weight=None):
        """Return R^2 of `predict`: 1 - squared error / squared error of the mean of y.

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
            R^2, for several outputs the mean over them.
        """
        return self._measured(r2_score, X, y, sample_weight)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
