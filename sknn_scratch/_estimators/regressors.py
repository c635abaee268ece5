"""Networks that predict numbers: a linear output for house prices (course, week 1)."""

from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._compat import fit_context
from .._engine.losses import REGRESSION
from .._fit.inputs import Data
from .._fit.parameter_constraints import rules_of
from .._fit.parameter_use import DEEP_RATES, SHALLOW_RATES
from .base_regressor import BaseRegressor
from .docs import described, rates
from .hidden import HiddenLayers, takes_batches


class NetworkRegressor(BaseRegressor, HiddenLayers):
    """Base class of the regressors with hidden layers."""

    @available_if(takes_batches)
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, sample_weight=None):
        """Train for one epoch on the given rows, from where the parameters are.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets of the rows.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, at least 0.

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
        return self._fit(Data(X, y, sample_weight), Data(), partial=True)

    @property
    def out_activation_(self):
        """Return the activation of the output layer, "identity" or "exp"."""
        check_is_fitted(self)
        return REGRESSION[self._target.loss].output


@described(default_activation='"tanh"', rates=rates("shallow_rate"))
class ShallowNetRegressor(NetworkRegressor):
    """A network with one hidden layer and a linear output.

    Z[1] = W[1] X + b[1],  A[1] = g(Z[1]),  Z[2] = W[2] A[1] + b[2]; the prediction is
    Z[2] itself, for loss="poisson" its exponential.

    Parameters
    ----------
    n_hidden : int, default=100
        Units of the hidden layer.
    {activation}
    {loss}
    {training}
    {options}
    {standardize_target}
    {huber_delta}
    {quantile}
    {scoring}
    {buffer}
    {state}
    {checkpoint}

    Attributes
    ----------
    {shared}
    {network}
    out_activation_ : {"identity", "exp"}
        Activation of the output units.

    See Also
    --------
    DeepNetRegressor : Any number of hidden layers.
    ShallowNetClassifier : The same network for classes.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sknn_scratch import ShallowNetRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> net = ShallowNetRegressor(
    ...     10, solver="lbfgs", alpha=10, standardize=True, random_state=0
    ... )
    >>> bool(net.fit(X, y).score(X, y) > 0.5)
    True
    """

    def __init__(
        self,
        n_hidden=100,
        activation="tanh",
        *,
        loss="squared_error",
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
        huber_delta=1.0,
        quantile=0.5,
        negative_slope=0.01,
        dropout=0.0,
        l1_ratio=0.0,
        max_grad_norm=None,
        learning_rate_decay=0.95,
        warmup_epochs=0,
        standardize=False,
        standardize_target=True,
        scoring="loss",
        buffer_size="auto",
        keep_optimizer_state=False,
        checkpoint=None,
        checkpoint_every=None,
        warn=True,
    ):
        self.n_hidden = n_hidden
        self.activation = activation
        self.loss = loss
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
        self.huber_delta = huber_delta
        self.quantile = quantile
        self.negative_slope = negative_slope
        self.dropout = dropout
        self.l1_ratio = l1_ratio
        self.max_grad_norm = max_grad_norm
        self.learning_rate_decay = learning_rate_decay
        self.warmup_epochs = warmup_epochs
        self.standardize = standardize
        self.standardize_target = standardize_target
        self.scoring = scoring
        self.buffer_size = buffer_size
        self.keep_optimizer_state = keep_optimizer_state
        self.checkpoint = checkpoint
        self.checkpoint_every = checkpoint_every
        self.warn = warn

    _default_rates = SHALLOW_RATES
    _parameter_constraints = rules_of(__init__)


@described(default_activation='"relu"', rates=rates("usual_rate"))
class DeepNetRegressor(NetworkRegressor):
    """A network with any number of hidden layers and a linear output.

    For each layer l: Z[l] = W[l] A[l-1] + b[l] and A[l] = g[l](Z[l]), with A[0] = X;
    the prediction is Z[L] itself, for loss="poisson" its exponential. It takes the
    place of scikit-learn's MLPRegressor.

    Parameters
    ----------
    {loss}
    hidden_layer_sizes : int or sequence of int, default=(100,)
        Units of the hidden layers, in order. An empty sequence makes a linear
        regression.
    {activation}
    {training}
    n_hidden_layers : int, default=None
        Repeats an int `hidden_layer_sizes` so many times, so that a search can vary
        depth and width apart. Not together with a sequence.
    {options}
    {standardize_target}
    {huber_delta}
    {quantile}
    {scoring}
    {buffer}
    {state}
    {checkpoint}

    Attributes
    ----------
    {shared}
    {network}
    out_activation_ : {"identity", "exp"}
        Activation of the output units.

    See Also
    --------
    ShallowNetRegressor : One hidden layer.
    DeepNetClassifier : The same network for classes.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sknn_scratch import DeepNetRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> net = DeepNetRegressor(
    ...     hidden_layer_sizes=(20, 10), standardize=True, early_stopping=True,
    ...     learning_rate_init=0.01, random_state=0,
    ... )
    >>> bool(net.fit(X, y).score(X, y) > 0.4)
    True

    The middle of what is to be expected, and the bounds of nine tenths of it:

    >>> net.set_params(loss="quantile", quantile=[0.05, 0.5, 0.95])
    DeepNetRegressor(...)
    >>> net.fit(X, y).predict(X[:1]).shape
    (1, 3)
    """

    def __init__(
        self,
        loss="squared_error",
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
        huber_delta=1.0,
        quantile=0.5,
        negative_slope=0.01,
        dropout=0.0,
        l1_ratio=0.0,
        max_grad_norm=None,
        learning_rate_decay=0.95,
        warmup_epochs=0,
        standardize=False,
        standardize_target=True,
        scoring="loss",
        buffer_size="auto",
        keep_optimizer_state=False,
        checkpoint=None,
        checkpoint_every=None,
        warn=True,
    ):
        self.loss = loss
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
        self.huber_delta = huber_delta
        self.quantile = quantile
        self.negative_slope = negative_slope
        self.dropout = dropout
        self.l1_ratio = l1_ratio
        self.max_grad_norm = max_grad_norm
        self.learning_rate_decay = learning_rate_decay
        self.warmup_epochs = warmup_epochs
        self.standardize = standardize
        self.standardize_target = standardize_target
        self.scoring = scoring
        self.buffer_size = buffer_size
        self.keep_optimizer_state = keep_optimizer_state
        self.checkpoint = checkpoint
        self.checkpoint_every = checkpoint_every
        self.warn = warn

    _default_rates = DEEP_RATES
    _parameter_constraints = rules_of(__init__)
