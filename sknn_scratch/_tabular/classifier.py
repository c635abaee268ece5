"""The ensemble that predicts classes, or labels, of the rows of a table."""

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score

from .._estimators.classifiers import DeepNetClassifier
from .._estimators.docs import described
from .._fit.labels import Labels, read_labels
from .._fit.parameter_constraints import AUTO_PATIENCE, rules_of
from .._rows.columns import targets_of
from .base import BaseTabular
from .calibration import (
    fitted_temperature,
    log_odds,
    probabilities,
    shrunk,
)
from .out_of_fold import mean_out_of_fold
from .recipe import CLASSIFIER


@described()
class TabularNetClassifier(ClassifierMixin, BaseTabular):
    """An ensemble of networks that predicts the classes of the rows of a table.

    It takes the table as it is: numbers, categories, texts, booleans, dates and missing
    values. A `TableEncoder` turns them into rows of numbers. Each of several
    networks is trained on the rows outside of one fold of a cross-validation and
    stopped by those of the fold. The probabilities are the mean of the members', at one
    temperature that the out-of-fold rows decide.

    Parameters
    ----------
    {tabular_members}
    {tabular}
    {class_weight}
    {tabular_training}

    Attributes
    ----------
    {tabular_shared}
    {classes}
    temperature_ : float
        The T by which the raw outputs of the members are divided. It minimises the log
        loss of the rows that a member did not train on (Guo, Pleiss, Sun and Weinberger
        2017).
    oof_decision_function_ : ndarray of shape (n_samples,) or (n_samples, n_classes)
        `decision_function` of the training rows, from the members that did not see
        them; NaN for rows that no member held out. Rows of weight 0 have none.
    oof_score_ : float
        Accuracy of these predictions. The rows held out also decided when their member
        stopped, so that it is above that of a member on new rows: by up to 0.1 for 60
        rows and 0.02 for 1,000.

    See Also
    --------
    TabularNetRegressor : The same for numbers.
    DeepNetClassifier : One network, for rows of numbers.
    sknn_scratch.preprocessing.TableEncoder : How columns become numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from sknn_scratch import TabularNetClassifier
    >>> rng = np.random.RandomState(0)
    >>> X = np.empty((200, 2), object)
    >>> X[:, 0], X[:, 1] = rng.randn(200), rng.choice(["a", "b"], 200)
    >>> y = np.where((X[:, 0] > 0) & (X[:, 1] == "a"), "yes", "no")
    >>> net = TabularNetClassifier(n_members=2, max_iter=30, random_state=0).fit(X, y)
    >>> bool(net.oof_score_ > 0.9)
    True
    """

    def __init__(
        self,
        n_members="auto",
        hidden_layer_sizes=(128, 128),
        *,
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
        class_weight=None,
        time_limit=None,
        n_jobs=None,
        verbose=False,
        random_state=None,
    ):
        self.n_members = n_members
        self.hidden_layer_sizes = hidden_layer_sizes
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
        self.class_weight = class_weight
        self.time_limit = time_limit
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.random_state = random_state

    _estimator_type = "classifier"  # read by libraries older than the tags
    _parameter_constraints = rules_of(__init__, n_iter_no_change=AUTO_PATIENCE)

    # -- training ----------------------------------------------------------------------

    def _learn(self, y, w):
        labels, codes = Labels.learn(read_labels(y), owner=type(self).__name__)
        w = np.ones(len(codes)) if w is None else w
        return labels.weighted(self.class_weight, codes, w), codes

    def _member(self, parameters):
        return DeepNetClassifier(**CLASSIFIER, **parameters)

    def _publish_rows(self, table, members):
        labels, m = table.target, len(table.w)
        held_out = [member.held_out for member in members]
        rows = np.concatenate(held_out)
        T = 1.0
        if len(rows) and (labels.multilabel or len(labels.classes) > 1):
            Z = np.concatenate([member.Z for member in members])
            Y = labels.targets(table.codes, Z.dtype).take(rows)
            T = fitted_temperature(
                labels.kind, Z, *targets_of(Y, table.w[rows], most=np.inf)
            )
        self._n_rows, self.temperature_ = m, T
        P = [probabilities(labels.kind, member.Z, T) for member in members]
        P = shrunk(labels.kind, mean_out_of_fold(P, held_out, m), m)
        self.oof_decision_function_ = log_odds(labels.kind, P)
        seen = np.unique(rows)
        self.oof_score_ = np.nan
        if len(seen):
            w = table.sample_weight
            self.oof_score_ = accuracy_score(
                labels.decode(table.codes[seen]),
                self._most_probable(P[seen]),
                sample_weight=None if w is None else w[seen],
            )

    # -- prediction --------------------------------------------------------------------

    def predict_proba(self, X):
        """Compute the probability of each class (multilabel: of each label).

        It is the mean over the members of the softmax (two classes and labels: the
        sigmoid) of Z / T, with T the `temperature_`. Then (1 - e) p + e / K with
        e = 1 / (n_samples + 1) of the training.

        Parameters
        ----------
        X : {DataFrame, array-like} of shape (n_samples, n_features)
            Rows to predict.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Columns in the order of `classes_`. Rows sum to 1, except for multilabel
            targets.
        """
        Z = self._outputs(X)
        kind = self._target.kind
        P = np.mean([probabilities(kind, z, self.temperature_) for z in Z], axis=0)
        return shrunk(kind, P, self._n_rows)

    def predict_log_proba(self, X):
        """Compute the logarithm of `predict_proba`.

        Parameters
        ----------
        X : {DataFrame, array-like} of shape (n_samples, n_features)
            Rows to predict.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
        """
        return np.log(self.predict_proba(X))

    def decision_function(self, X):
        """Compute log(p / (1 - p)) of two classes and of labels, else log p.

        Parameters
        ----------
        X : {DataFrame, array-like} of shape (n_samples, n_features)
            Rows to predict.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            For two classes the log odds of `classes_[1]`.
        """
        P = self.predict_proba(X)
        return log_odds(self._target.kind, P)

    def predict(self, X):
        """Predict the most probable class; multilabel: the labels above 1/2.

        Parameters
        ----------
        X : {DataFrame, array-like} of shape (n_samples, n_features)
            Rows to predict.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_labels)
        """
        return self._most_probable(self.predict_proba(X))

    def _most_probable(self, P):
        """Return the classes, or the labels above 1/2, of probabilities."""
        if self._target.multilabel:
            return (P > 0.5).astype(self._target.dtype)
        return self.classes_[P.argmax(axis=1)]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
