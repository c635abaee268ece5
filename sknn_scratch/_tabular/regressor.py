"""The ensemble that predicts numbers, with intervals, of the rows of a table."""

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_is_fitted

from .._engine.losses import REGRESSION
from .._estimators.base_regressor import d2_of_quantile
from .._estimators.docs import described
from .._estimators.regressors import DeepNetRegressor
from .._fit.numbers import Numbers
from .._fit.parameter_constraints import AUTO_PATIENCE, rules_of
from .base import BaseTabular
from .intervals import Residuals, check_coverage
from .out_of_fold import mean_out_of_fold


@described()
class TabularNetRegressor(RegressorMixin, BaseTabular):
    """An ensemble of networks that predicts numbers of the rows of a table.

    It takes the table as it is: numbers, categories, texts, booleans, dates and missing
    values. A `TableEncoder` turns them into rows of numbers. Each of several
    networks is trained on the rows outside of one fold of a cross-validation and
    stopped by those of the fold. The prediction is the mean of the members'. The
    residuals of the out-of-fold rows give intervals (`predict_interval`).

    Parameters
    ----------
    {tabular_members}
    {loss}
    {quantile}
    {tabular}
    {tabular_training}

    Attributes
    ----------
    {tabular_shared}
    oof_prediction_ : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        Predictions of the training rows, from the members that did not see them; NaN
        for rows that no member held out. Rows of weight 0 have none.
    oof_score_ : float
        R^2 of these predictions. The rows held out also decided when their member
        stopped, so that it is above that of a member on new rows: by about 0.2 for 60
        rows, 0.04 for 200 and 0.01 for 1,000.

    See Also
    --------
    TabularNetClassifier : The same for classes.
    DeepNetRegressor : One network, for rows of numbers.
    sknn_scratch.preprocessing.TableEncoder : How columns become numbers.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sknn_scratch import TabularNetRegressor
    >>> X, y = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
    >>> net = TabularNetRegressor(n_members=3, max_iter=40, random_state=0).fit(X, y)
    >>> bool(net.oof_score_ > 0.4)
    True
    >>> net.predict_interval(X[:2], coverage=0.8).shape
    (2, 2)
    """

    def __init__(
        self,
        n_members="auto",
        hidden_layer_sizes=(128, 128),
        *,
        loss="squared_error",
        quantile=0.5,
        activation="swish",
        n_bins=16,
        max_levels=40,
        categorical_features="from_dtype",
        cv=None,
        max_iter=100,
        n_iter_no_change="auto",
        learning_rate_init=0.005,
        batch_size="auto",
        dropout=0.0,
        time_limit=None,
        n_jobs=None,
        verbose=False,
        random_state=None,
    ):
        self.n_members = n_members
        self.hidden_layer_sizes = hidden_layer_sizes
        self.loss = loss
        self.quantile = quantile
        self.activation = activation
        self.n_bins = n_bins
        self.max_levels = max_levels
        self.categorical_features = categorical_features
        self.cv = cv
        self.max_iter = max_iter
        self.n_iter_no_change = n_iter_no_change
        self.learning_rate_init = learning_rate_init
        self.batch_size = batch_size
        self.dropout = dropout
        self.time_limit = time_limit
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.random_state = random_state

    _estimator_type = "regressor"  # read by libraries older than the tags
    _parameter_constraints = rules_of(__init__, n_iter_no_change=AUTO_PATIENCE)

    # -- training ----------------------------------------------------------------------

    def _learn(self, y, w):
        return Numbers.learn(y, self.loss, quantile=self.quantile)

    def _member(self, parameters):
        net = DeepNetRegressor(loss=self.loss, quantile=self.quantile, **parameters)
        # in float32, mean and scale of y would lose digits in the last layer
        net._published_dtype = np.float64
        return net

    def _publish_rows(self, table, members):
        m = len(table.w)
        y = table.codes.reshape(m, -1)
        self._range = y.min(axis=0), y.max(axis=0)
        rows = [member.held_out for member in members]
        seen = np.unique(np.concatenate(rows))
        parts = [self._predictions(member.Z) for member in members]
        self._residuals = [
            Residuals(
                [
                    self._distance(y[i, k], p, k)
                    for i, p in zip(rows, parts, strict=True)
                ],
                [table.w[i] for i in rows],
                len(seen),
            )
            for k in range(y.shape[1])
        ]
        P = mean_out_of_fold(parts, rows, m)
        self.oof_prediction_, self.oof_score_ = self._shaped(P), np.nan
        if len(seen) > 1:
            w = table.sample_weight
            self.oof_score_ = self._metric(
                table.codes[seen],
                self.oof_prediction_[seen],
                sample_weight=None if w is None else w[seen],
            )

    # -- prediction --------------------------------------------------------------------

    def predict(self, X):
        """Predict the targets: the mean over the members, within the y of training.

        Parameters
        ----------
        X : {DataFrame, array-like} of shape (n_samples, n_features)
            Rows to predict.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            For several levels of loss="quantile" of shape (n_samples, n_levels), each
            row sorted.
        """
        return self._shaped(self._predictions(self._outputs(X)).mean(axis=0))

    def predict_interval(self, X, coverage=0.9):
        """Predict an interval that holds the target with a given probability: CV+.

        Each row i of the training has a residual R_i = |y_i - mu_k(x_i)| of the member
        k that did not see it. The ends are quantiles of mu_k(x) - R_i and of
        mu_k(x) + R_i over all these rows. If training rows and new rows are drawn
        alike, the interval holds the target with a probability of at least
        2 coverage - 1, and in practice of about `coverage` (Barber, Candes, Ramdas and
        Tibshirani 2021, "Predictive inference with the jackknife+"). The proof is for
        members that know nothing of their fold. Here the fold decides when its member
        stops, so that residuals are a little small where rows are few: of 60 rows,
        intervals of 0.9 held 0.88 of the targets.

        With several levels of loss="quantile" the lowest and the highest take the
        place of mu_k, and R_i = max(lowest - y_i, y_i - highest), which may be negative
        (Romano, Patterson and Candes 2019, "Conformalized quantile regression"): the
        interval is wide where the targets scatter.

        Parameters
        ----------
        X : {DataFrame, array-like} of shape (n_samples, n_features)
            Rows to predict.
        coverage : float, default=0.9
            Probability, in (0, 1).

        Returns
        -------
        ndarray of shape (n_samples, 2) or (n_samples, n_outputs, 2)
            Lower and upper ends; infinite where too few rows were held out for this
            coverage.
        """
        check_is_fitted(self)
        check_coverage(coverage)
        P = self._predictions(self._outputs(X))
        ends = np.empty((P.shape[1], len(self._residuals), 2))
        for k, residuals in enumerate(self._residuals):
            low, high = self._base(P, k)
            ends[:, k, 0] = -residuals.upper(-low, coverage)
            ends[:, k, 1] = residuals.upper(high, coverage)
        ends.sort(axis=2)  # residuals below 0 may cross them
        return ends if self._target.shape else ends[:, 0]

    def score(self, X, y, sample_weight=None):
        """Return R^2 of `predict`, for loss="quantile" D^2 of the pinball loss.

        Parameters
        ----------
        X : {DataFrame, array-like} of shape (n_samples, n_features)
            Rows to predict.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            True targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        float
            At most 1, and 0 for the best constant; for several outputs the mean.
        """
        return float(self._metric(y, self.predict(X), sample_weight=sample_weight))

    def _metric(self, y, predicted, sample_weight):
        quantile = self._target.quantile
        if quantile is None:
            return r2_score(y, predicted, sample_weight=sample_weight)
        return d2_of_quantile(
            y, predicted, quantile=quantile, sample_weight=sample_weight
        )

    def _predictions(self, Z):
        """Return what raw outputs (..., n[L]) predict, within the y of the training."""
        A = np.clip(REGRESSION[self._target.loss]().link(Z), *self._range)
        return np.sort(A, axis=-1) if self._target.several_levels else A

    def _base(self, P, k):
        """Return the two ends that an interval of target k widens; they may be one."""
        if self._target.several_levels:
            return P[..., 0], P[..., -1]
        return P[..., k], P[..., k]

    def _distance(self, y, P, k):
        """Return how far y is outside of what its interval is around."""
        low, high = self._base(P, k)
        return np.maximum(low - y, y - high)

    def _shaped(self, A):
        return A if self._target.shape or self._target.several_levels else A.ravel()

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
