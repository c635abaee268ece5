"""Networks that classify: the shallow and the deep network of the course."""

from abc import ABCMeta
from numbers import Integral

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils import column_or_1d, compute_class_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted

from ._base import DEEP_RATES, SHALLOW_RATES, BaseNetwork
from ._batches import OneHotTargets, Targets
from ._compat import Interval, StrOptions, fit_context
from ._docs import described
from ._hidden import HiddenLayers, takes_batches
from ._losses import LOSSES


class BaseClassifier(ClassifierMixin, BaseNetwork, metaclass=ABCMeta):
    """Labels to numbers before training, raw outputs to labels after it."""

    _estimator_type = "classifier"  # read by libraries older than the tags
    _fewest_classes = 1

    # -- labels ------------------------------------------------------------------------

    def _encode(self, y, classes, start):
        check_classification_targets(y)
        kind = type_of_target(y, input_name="y")
        if kind == "multiclass-multioutput":
            raise ValueError(
                "y must hold one class a row, or zeros and ones for several labels a "
                f"row, got {kind}; fit one classifier a column (MultiOutputClassifier)."
            )
        multilabel = kind == "multilabel-indicator"
        if multilabel:
            y = y.toarray() if hasattr(y, "toarray") else np.asarray(y)
            seen = np.arange(y.shape[1])
            if not np.isin(y, (0, 1)).all():
                raise ValueError(
                    "y must hold zeros and ones where a row has several labels, got "
                    f"{np.unique(y)[:5].tolist()}; encode it with MultiLabelBinarizer."
                )
        else:
            y = column_or_1d(y, warn=True)
            seen = np.unique(y)
        known = seen if classes is None else np.unique(classes)
        if not len(known):
            raise ValueError("classes must name at least one class, got none.")
        if start.layers is None:
            self._learn_classes(known, y.dtype if multilabel else None)
        elif classes is not None or not start.partial:
            self._check_same_classes(known)
        if multilabel != self._multilabel:
            raise ValueError(
                f"y must stay {'multilabel' if self._multilabel else 'one class a row'}"
                " as in the first fit; clone the estimator for other targets."
            )
        strange = np.setdiff1d(seen, self.classes_)
        if len(strange) or (multilabel and len(seen) < len(self.classes_)):
            raise ValueError(
                f"y must hold the labels of classes={self.classes_.tolist()} and no "
                f"other, got {seen.tolist()}; name every class in the first "
                "partial_fit."
            )
        return y if multilabel else np.searchsorted(self.classes_, y)

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

    def _targets(self, codes, dtype):
        if self._kind() == "multiclass":
            return OneHotTargets(codes, len(self.classes_), dtype)
        return Targets(codes.reshape(len(codes), -1).astype(dtype))

    def _strata(self, codes):
        return None if self._multilabel else codes

    def _label_weights(self, codes, w):
        if self.class_weight is None:
            return 1.0
        if self._multilabel:
            raise ValueError(
                f"class_weight={self.class_weight!r} needs one class a row, but y is "
                "multilabel; give sample_weight instead."
            )
        if self.class_weight == "balanced":
            totals = np.bincount(codes, w, minlength=len(self.classes_))
            present = totals > 0
            share = totals.sum() / max(present.sum(), 1)
            factors = np.divide(share, totals, out=np.ones_like(totals), where=present)
        else:
            factors = compute_class_weight(
                self.class_weight, classes=self.classes_, y=self.classes_[codes]
            )
        if not (np.isfinite(factors).all() and (factors >= 0).all()):
            raise ValueError(
                "class_weight must hold finite weights of at least 0, got "
                f"{self.class_weight!r}."
            )
        return factors[codes]

    # -- prediction --------------------------------------------------------------------

    def decision_function(self, X):
        """The raw output Z[L] (logits) of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to judge.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            For two classes the logit of `classes_[1]`; else a column a class or label.
        """
        Z = self._raw(X)
        return Z.ravel() if Z.shape[1] == 1 else Z

    def predict_log_proba(self, X):
        """Logarithm of `predict_proba`, finite wherever the logits are.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to judge.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Computed from the logits, not from the probabilities; never below the
            logarithm of the smallest normal number of its type.
        """
        Z = self._raw(X)
        limits = np.finfo(Z.dtype)
        with np.errstate(invalid="ignore"):
            log_a, log_1_a = LOSSES[self._kind()]().log_link(Z.T)
        if self._kind() == "binary":
            log_a = np.concatenate([log_1_a, log_a])
        if self._multilabel:  # no column holds the rest: 1 would claim certainty
            log_a = np.minimum(log_a, -limits.epsneg)
        return np.maximum(log_a.T, np.log(limits.tiny))

    def predict_proba(self, X):
        """Probability of each class (multilabel: of each label).

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to judge.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            In the order of `classes_`, in the type the model was trained in. Rows sum
            to 1, except for multilabel targets.
        """
        P = self.predict_log_proba(X)
        return np.exp(P, out=P)

    def predict(self, X):
        """The most probable class; for multilabel targets, labels above 1/2.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to judge.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_labels)
            Labels of `classes_`, or zeros and ones in the type of the y of fit.
        """
        P = self.predict_proba(X)
        if self._multilabel:
            return (P > 0.5).astype(self._label_dtype)
        return self.classes_[P.argmax(axis=1)]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


class BaseNetworkClassifier(BaseClassifier, HiddenLayers, metaclass=ABCMeta):
    """What the shallow and the deep classifier share."""

    _parameter_constraints = {
        **HiddenLayers._parameter_constraints,
        "class_weight": [dict, StrOptions({"balanced"}), None],
    }

    @available_if(takes_batches)
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, sample_weight=None, classes=None):
        """Train for one epoch on the given rows, from where the parameters are.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training rows.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Their classes or labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, at least 0.
        classes : array-like of shape (n_classes,), default=None
            All classes there will ever be; needed in the first call only.

        Returns
        -------
        self
            The fitted estimator.

        Notes
        -----
        The penalty of a call is alpha / (2 n) ||W||^2 with n the weight of its rows:
        for rows that come in k chunks, alpha / k is worth alpha in `fit`.
        """
        if classes is None and not self.__sklearn_is_fitted__():
            raise ValueError(
                "classes must name all classes in the first call to partial_fit, got "
                "None; pass classes=np.unique(y) of all the data."
            )
        return self._fit(X, y, sample_weight, classes=classes, partial=True)

    @property
    def out_activation_(self):
        """Activation of the output layer, "logistic" or "softmax"."""
        check_is_fitted(self)
        return "softmax" if self._kind() == "multiclass" else "logistic"


@described(
    activation='"tanh"', rates='0.01 for "sgd", "adam" and "adamw", 0.001 for "rmsprop"'
)
class ShallowNetClassifier(BaseNetworkClassifier):
    """A network with one hidden layer (course, week 3).

    Z[1] = W[1] X + b[1],  A[1] = g(Z[1]),  Z[2] = W[2] A[1] + b[2]; the output is a
    sigmoid for two classes, a softmax for more, a sigmoid a label for multilabel
    targets, and the cost their cross-entropy.

    Parameters
    ----------
    n_hidden : int, default=100
        Units of the hidden layer.
    {activation}
    {training}
    {weights_and_state}

    Attributes
    ----------
    {shared}
    {network}

    See Also
    --------
    DeepNetClassifier : Any number of hidden layers.
    LogisticRegressionScratch : No hidden layer.

    Examples
    --------
    >>> from sknn_scratch import ShallowNetClassifier
    >>> from sknn_scratch.datasets import make_flower
    >>> X, y = make_flower()
    >>> net = ShallowNetClassifier(
    ...     4, solver="gd", learning_rate_init=1.2, max_iter=5000, init="small_random",
    ...     alpha=0, tol=0, random_state=2,
    ... )
    >>> round(net.fit(X, y).score(X, y), 2)
    0.91
    """

    _parameter_constraints = {
        "n_hidden": [Interval(Integral, 1, None, closed="left")],
        **BaseNetworkClassifier._parameter_constraints,
    }
    _default_rates = SHALLOW_RATES

    def __init__(
        self,
        n_hidden=100,
        activation="tanh",
        *,
        solver="adam",
        alpha=1e-4,
        batch_size="auto",
        learning_rate_init=None,
        max_iter=200,
        shuffle=True,
        random_state=None,
        tol=1e-4,
        verbose=False,
        warm_start=False,
        momentum=0.9,
        nesterovs_momentum=True,
        early_stopping=False,
        validation_fraction=0.1,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
        n_iter_no_change=10,
        max_fun=15000,
        init="auto",
        class_weight=None,
        keep_optimizer_state=False,
    ):
        self.n_hidden = n_hidden
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.init = init
        self.class_weight = class_weight
        self.keep_optimizer_state = keep_optimizer_state

    def _architecture(self):
        return self._hidden_layers([self.n_hidden], "n_hidden", self.n_hidden)


@described(activation='"relu"', rates="0.001 for the others")
class DeepNetClassifier(BaseNetworkClassifier):
    """A network with any number of hidden layers (course, week 4).

    For each layer l: Z[l] = W[l] A[l-1] + b[l] and A[l] = g[l](Z[l]), with A[0] = X;
    the output is a sigmoid for two classes, a softmax for more, a sigmoid a label for
    multilabel targets, and the cost their cross-entropy. It takes the place of
    scikit-learn's MLPClassifier.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int, default=(100,)
        Units of the hidden layers, in order. An empty sequence makes a logistic
        regression.
    {activation}
    {training}
    n_hidden_layers : int, default=None
        Repeats an int `hidden_layer_sizes` so many times, so that a search can vary
        depth and width apart. Not together with a sequence.
    {weights_and_state}

    Attributes
    ----------
    {shared}
    {network}

    See Also
    --------
    ShallowNetClassifier : One hidden layer.
    LogisticRegressionScratch : No hidden layer.

    Examples
    --------
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.pipeline import make_pipeline
    >>> from sknn_scratch import DeepNetClassifier
    >>> from sknn_scratch.datasets import load_digit_images
    >>> from sknn_scratch.preprocessing import ImageFlattener
    >>> images, y = load_digit_images()
    >>> X_train, X_test, y_train, y_test = train_test_split(
    ...     images, y, random_state=0, stratify=y
    ... )
    >>> model = make_pipeline(
    ...     ImageFlattener(scale=16),
    ...     DeepNetClassifier((64, 32), learning_rate_init=0.005, random_state=0),
    ... )
    >>> bool(model.fit(X_train, y_train).score(X_test, y_test) > 0.95)
    True
    """

    _parameter_constraints = {
        "hidden_layer_sizes": [
            "array-like",
            Interval(Integral, 1, None, closed="left"),
        ],
        "n_hidden_layers": [Interval(Integral, 0, None, closed="left"), None],
        **BaseNetworkClassifier._parameter_constraints,
    }
    _default_rates = DEEP_RATES

    def __init__(
        self,
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        solver="adam",
        alpha=1e-4,
        batch_size="auto",
        learning_rate_init=None,
        max_iter=200,
        shuffle=True,
        random_state=None,
        tol=1e-4,
        verbose=False,
        warm_start=False,
        momentum=0.9,
        nesterovs_momentum=True,
        early_stopping=False,
        validation_fraction=0.1,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
        n_iter_no_change=10,
        max_fun=15000,
        init="auto",
        n_hidden_layers=None,
        class_weight=None,
        keep_optimizer_state=False,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.init = init
        self.n_hidden_layers = n_hidden_layers
        self.class_weight = class_weight
        self.keep_optimizer_state = keep_optimizer_state

    def _architecture(self):
        sizes, repeats = self.hidden_layer_sizes, self.n_hidden_layers
        if np.ndim(sizes) == 0:
            units = np.repeat(sizes, 1 if repeats is None else repeats).tolist()
        elif repeats is None:
            units = list(sizes)
        else:
            raise ValueError(
                f"n_hidden_layers={repeats} repeats an int hidden_layer_sizes, got "
                f"{sizes!r}; give the int, or leave n_hidden_layers=None."
            )
        return self._hidden_layers(units, "hidden_layer_sizes", sizes)
