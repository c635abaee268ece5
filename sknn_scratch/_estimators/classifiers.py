"""Networks that classify: the shallow and the deep network of the course."""

from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._compat import fit_context
from .._engine.losses import CLASSIFICATION
from .._fit.inputs import Data
from .._fit.parameter_constraints import rules_of
from .._fit.parameter_use import DEEP_RATES, SHALLOW_RATES
from .base_classifier import BaseClassifier
from .docs import described, rates
from .hidden import HiddenLayers, takes_batches


class NetworkClassifier(BaseClassifier, HiddenLayers):
    """Base class of the classifiers with hidden layers."""

    @available_if(takes_batches)
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, sample_weight=None, classes=None):
        """Train for one epoch on the given rows, from where the parameters are.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training rows.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Classes or labels of the rows.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, at least 0.
        classes : array-like of shape (n_classes,), default=None
            All classes of the data; needed in the first call only.

        Returns
        -------
        self
            The fitted estimator.

        Notes
        -----
        The penalty of a call is alpha / (2 n) ||W||^2, with n the total weight of its
        rows. For data in k chunks, alpha / k equals alpha in `fit`. scikit-learn's
        callbacks are called by `fit` only.
        """
        if classes is None and not self.__sklearn_is_fitted__():
            raise ValueError(
                "classes must name all classes in the first call to partial_fit, got "
                "None; pass classes=np.unique(y) of all the data."
            )
        data = Data(X, y, sample_weight)
        return self._fit(data, Data(), classes=classes, partial=True)

    @property
    def out_activation_(self):
        """Return the activation of the output layer, "logistic" or "softmax"."""
        check_is_fitted(self)
        return CLASSIFICATION[self._target.kind].output


@described(default_activation='"tanh"', rates=rates("shallow_rate"))
class ShallowNetClassifier(NetworkClassifier):
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
    {class_weight}
    {options}
    {label_smoothing}
    {scoring}
    {buffer}
    {state}
    {checkpoint}

    Attributes
    ----------
    {classes}
    {shared}
    {network}
    out_activation_ : {"logistic", "softmax"}
        Activation of the output units.

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

    def __init__(
        self,
        n_hidden=100,
        activation="tanh",
        *,
        solver="adam",
        alpha=1e-4,
        batch_size="auto",
        learning_rate="constant",
        learning_rate_init=None,
        power_t=0.5,
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
        negative_slope=0.01,
        dropout=0.0,
        l1_ratio=0.0,
        max_grad_norm=None,
        label_smoothing=0.0,
        learning_rate_decay=0.95,
        warmup_epochs=0,
        averaging_epochs=0,
        standardize=False,
        scoring="loss",
        buffer_size="auto",
        keep_optimizer_state=False,
        checkpoint=None,
        checkpoint_every=None,
        warn=True,
    ):
        self.n_hidden = n_hidden
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
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
        self.negative_slope = negative_slope
        self.dropout = dropout
        self.l1_ratio = l1_ratio
        self.max_grad_norm = max_grad_norm
        self.label_smoothing = label_smoothing
        self.learning_rate_decay = learning_rate_decay
        self.warmup_epochs = warmup_epochs
        self.averaging_epochs = averaging_epochs
        self.standardize = standardize
        self.scoring = scoring
        self.buffer_size = buffer_size
        self.keep_optimizer_state = keep_optimizer_state
        self.checkpoint = checkpoint
        self.checkpoint_every = checkpoint_every
        self.warn = warn

    _default_rates = SHALLOW_RATES
    _parameter_constraints = rules_of(__init__)


@described(default_activation='"relu"', rates=rates("usual_rate"))
class DeepNetClassifier(NetworkClassifier):
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
    {class_weight}
    {options}
    {label_smoothing}
    {scoring}
    {buffer}
    {state}
    {checkpoint}

    Attributes
    ----------
    {classes}
    {shared}
    {network}
    out_activation_ : {"logistic", "softmax"}
        Activation of the output units.

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

    def __init__(
        self,
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        solver="adam",
        alpha=1e-4,
        batch_size="auto",
        learning_rate="constant",
        learning_rate_init=None,
        power_t=0.5,
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
        negative_slope=0.01,
        dropout=0.0,
        l1_ratio=0.0,
        max_grad_norm=None,
        label_smoothing=0.0,
        learning_rate_decay=0.95,
        warmup_epochs=0,
        averaging_epochs=0,
        standardize=False,
        scoring="loss",
        buffer_size="auto",
        keep_optimizer_state=False,
        checkpoint=None,
        checkpoint_every=None,
        warn=True,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
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
        self.negative_slope = negative_slope
        self.dropout = dropout
        self.l1_ratio = l1_ratio
        self.max_grad_norm = max_grad_norm
        self.label_smoothing = label_smoothing
        self.learning_rate_decay = learning_rate_decay
        self.warmup_epochs = warmup_epochs
        self.averaging_epochs = averaging_epochs
        self.standardize = standardize
        self.scoring = scoring
        self.buffer_size = buffer_size
        self.keep_optimizer_state = keep_optimizer_state
        self.checkpoint = checkpoint
        self.checkpoint_every = checkpoint_every
        self.warn = warn

    _default_rates = DEEP_RATES
    _parameter_constraints = rules_of(__init__)
