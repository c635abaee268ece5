"""Logistic regression: a network of one neuron (course, week 2)."""

import reprlib
from functools import wraps
from numbers import Integral

import numpy as np
from scipy.sparse import issparse

from .._compat import SparseCoefMixin, StrOptions
from .._fit.parameter_constraints import at_least, rules_of
from .._fit.parameter_use import SHALLOW_RATES
from .._fit.settings import Architecture, Settings, defaults, parameters_of
from .._rows.source import source_of
from .base_classifier import BaseClassifier
from .docs import described

# "auto": up to so many features (or rows, where these are fewer) Newton's factor is
# cheap: the time for it grows with their cube, that for the sums in it with the square.
# Seconds (one thread) of "newton", and of "lbfgs" with tol=1e-4 and 1e-6, which end
# above its minimum by parts of 1e-7 to 3e-3, and of 2e-11 to 4e-7:
#   100,000 x 54   0.11  0.20  0.31      5000 x 2000   2.2  1.4  3.1
#   5000 x 784     0.21  0.29  0.42      3001 x 3000   5.4  1.0  2.2
# Sparse sums are dear: 20,000 x 900 with 30 values a row, 5 classes: 1.1, 0.25, 0.52
NEWTON_DENSE, NEWTON_SPARSE = 2000, 1000

NEWTON = ("newton", "newton-cholesky", "newton-cg")  # names of one solver
STEPPING = ("gd", "sgd", "adam")

# {parameter of scikit-learn's: {its value: what to do}}; None stands for other values
NOT_HERE = {
    "penalty": {
        "l1": "set l1_ratio=1.0 in its place",
        "l2": "leave it out: C sets the strength of L2",
        "elasticnet": "set l1_ratio between 0 and 1 in its place",
        "none": "set C=np.inf for no penalty",
        "None": "set C=np.inf for no penalty",
        "deprecated": "leave it out",
        None: "use C=np.inf for no penalty, a finite C for L2, l1_ratio=1.0 for L1",
    },
    "multi_class": {
        "ovr": "put OneVsRestClassifier around it",
        None: "leave it out: more than two classes are a softmax",
    },
    "dual": {None: "leave it out: there is one formulation"},
    "n_jobs": {None: "leave it out: BLAS uses the cores"},
    "intercept_scaling": {None: "leave it out: the intercept is not penalised"},
}
SOLVERS_NOT_HERE = {
    "liblinear": "set solver='auto', and put OneVsRestClassifier around it for one "
    "class against the rest",
    "sag": "set solver='auto': it has the same minimum",
    "saga": "set solver='auto': it has the same minimum, with l1_ratio, too",
}


def _missing(estimator, parameters):
    """Return what to use instead of parameters that are scikit-learn's alone, or ""."""
    cures = {
        name: ways.get(str(parameters[name]), ways[None])
        for name, ways in NOT_HERE.items()
        if name in parameters
    }
    if not cures:
        return ""
    # one that is not just left out comes first
    name, *others = sorted(cures, key=lambda name: cures[name].startswith("leave"))
    texts = [f"{name!r}, got {reprlib.repr(parameters[name])}; {cures[name]}"]
    texts += [f"for {other!r} {cures[other].partition(':')[0]}" for other in others]
    return f"{type(estimator).__name__} has no parameter {'; '.join(texts)}."


def _explain_missing(init):
    """Wrap __init__ so that its TypeError says what to use instead of a parameter."""

    @wraps(init)
    def wrapper(self, **parameters):
        if text := _missing(self, parameters):
            raise TypeError(text)
        init(self, **parameters)

    return wrapper


@described()
class LogisticRegressionScratch(SparseCoefMixin, BaseClassifier):
    """Logistic regression as a network of one neuron (course, week 2).

    a = sigmoid(w^T x + b) for two classes, a softmax over one row of W a class for
    more, a sigmoid a label for multilabel targets. It minimises the weighted mean
    cross-entropy + ||W||^2 / (2 C n), n the total weight of the rows: scikit-learn's
    objective divided by C n, so that the learning rate means the course's alpha.

    Parameters
    ----------
    C : float, default=1.0
        Inverse of the strength of the penalty; `np.inf` means none.
    l1_ratio : float, default=0.0
        Which part of the penalty is L1: 1 / (C n) times
        (1 - l1_ratio) / 2 ||W||^2 + l1_ratio |W|. Weights that it does not pay to keep
        become exactly 0. For "newton" (which "auto" then is, for rows in memory; else
        it is "gd"), "gd", "sgd" and "adam"; ValueError for "lbfgs", and for "newton"
        with rows that are not in memory.
    solver : {"auto", "newton", "newton-cholesky", "newton-cg", "lbfgs", "gd", "sgd", \
"adam"}, default="auto"
        "newton" (its two other names are scikit-learn's) takes Newton's steps, by
        conjugate gradients where there are several outputs, and in the row space of X
        where that has more features than rows. With an L1 penalty it is proximal
        Newton: each step minimises Newton's quadratic model plus the penalty (Lee, Sun
        and Saunders 2014), on the weights that may differ from 0.
        "lbfgs" is scipy's L-BFGS-B; "gd" is the course: gradient descent on all rows
        from zero; "sgd" (with momentum 0.9) and "adam" take minibatches.
        "auto" is "newton" where X has up to 2000 features or, with a penalty, rows
        (1000 if it is sparse), else "lbfgs". See `l1_ratio` for a penalty with L1.
    tol : float, default=1e-4
        "newton", "lbfgs" and "gd" stop when no entry of the gradient (with L1, of the
        smallest subgradient) exceeds `tol`, and only then (0: after `max_iter`).
        A small gradient alone may be far from the minimum, where the penalty is weak or
        weights and features are of very different scale. "newton" therefore goes on
        until its quadratic model falls by no more than 5e-9 of the cost (that is half
        the Newton decrement), and takes that step, too. A ConvergenceWarning says where
        it did not get there in `max_iter` iterations, and where there is no minimum: C
        is `np.inf`, and a linear function tells the targets apart.
        "sgd" and "adam" stop after `n_iter_no_change` epochs that do not lower the
        cost by more than `tol`.
    max_iter : int, default=100
        The most iterations (epochs of "sgd" and "adam").
    fit_intercept : bool, default=True
        Whether there is a b; without, it stays 0.
    {class_weight}
    learning_rate_init : float, default=None
        The course's alpha, for "gd", "sgd" and "adam". None means 0.1 for "gd" and
        0.01 otherwise.
    batch_size : int or "auto", default="auto"
        Rows of a minibatch of "sgd" and "adam"; "auto" is min(200, n_samples).
    shuffle : bool, default=True
        Whether minibatches are drawn anew for each epoch.
    random_state : int, RandomState instance or None, default=None
        Draws the minibatches; the weights start at zero.
    warm_start : bool, default=False
        Whether `fit` goes on from the parameters of the last one.
    early_stopping : bool, default=False
        Whether to stop when `scoring` has not improved by more than `tol` for
        `n_iter_no_change` iterations on rows that are not trained on, and return to
        the best one. These are X_val of `fit`, else `validation_fraction` of the rows
        (stratified, except for multilabel targets).
    validation_fraction : float, default=0.1
        Share of the rows held out, in (0, 1).
    n_iter_no_change : int, default=10
        See `tol` and `early_stopping`; `np.inf` never stops for that.
    verbose : bool or int, default=0
        1 prints a line every iteration, k > 1 the first of every k.
    standardize : bool, default=False
        Whether features are brought to zero mean (with an intercept) and unit variance,
        as learned by `fit`. `coef_` and `intercept_` have it folded in and apply to raw
        X; the penalty does not. Sparse X is scaled without centring, which a
        UserWarning says.
    {buffer}
    {scoring}
    {checkpoint}

    Attributes
    ----------
    coef_ : ndarray of shape (1, n_features) or (n_outputs, n_features)
        W[1]; one row for two classes. Writable.
    intercept_ : ndarray of shape (1,) or (n_outputs,)
        b[1]. Writable.
    n_iter_ : ndarray of shape (1,)
        Iterations (epochs) of this fit.
    {classes}
    {shared}

    See Also
    --------
    ShallowNetClassifier : The network with one hidden layer.
    DeepNetClassifier : Any number of hidden layers.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknn_scratch import LogisticRegressionScratch
    >>> X, y = load_iris(return_X_y=True)
    >>> model = LogisticRegressionScratch().fit(X, y)
    >>> round(model.score(X, y), 3)
    0.973
    >>> model.parameters_["W1"].shape
    (3, 4)
    """

    @_explain_missing
    def __init__(
        self,
        *,
        C=1.0,
        l1_ratio=0.0,
        solver="auto",
        tol=1e-4,
        max_iter=100,
        fit_intercept=True,
        class_weight=None,
        learning_rate_init=None,
        batch_size="auto",
        shuffle=True,
        random_state=None,
        warm_start=False,
        early_stopping=False,
        validation_fraction=0.1,
        n_iter_no_change=10,
        verbose=0,
        standardize=False,
        buffer_size="auto",
        scoring="loss",
        checkpoint=None,
        checkpoint_every=None,
        warn=True,
    ):
        self.C = C
        self.l1_ratio = l1_ratio
        self.solver = solver
        self.tol = tol
        self.max_iter = max_iter
        self.fit_intercept = fit_intercept
        self.class_weight = class_weight
        self.learning_rate_init = learning_rate_init
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.random_state = random_state
        self.warm_start = warm_start
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.verbose = verbose
        self.standardize = standardize
        self.buffer_size = buffer_size
        self.scoring = scoring
        self.checkpoint = checkpoint
        self.checkpoint_every = checkpoint_every
        self.warn = warn

    _fewest_classes = 2
    _parameter_constraints = rules_of(
        __init__,
        max_iter=[at_least(0, Integral)],
        solver=[StrOptions({"auto", "lbfgs", *NEWTON, *STEPPING})],
    )

    def set_params(self, **params):
        """Set parameters of this estimator.

        Parameters
        ----------
        **params : dict
            Values by the names of the parameters.

        Returns
        -------
        LogisticRegressionScratch
            The estimator.

        Raises
        ------
        ValueError
            If the estimator has no such parameter. For those of scikit-learn's
            LogisticRegression it says what to use instead.
        """
        named = self.get_params(deep=False)
        strange = {name: value for name, value in params.items() if name not in named}
        if text := _missing(self, strange):
            raise ValueError(text)
        return super().set_params(**params)

    def _validate_params(self):
        """Check the parameters; the error for a solver of scikit-learn's says more."""
        if isinstance(self.solver, str) and self.solver in SOLVERS_NOT_HERE:
            known = ", ".join(map(repr, ("auto", *NEWTON, "lbfgs", *STEPPING)))
            raise ValueError(
                f"solver must be one of {known}, got {self.solver!r}; "
                f"{SOLVERS_NOT_HERE[self.solver]}."
            )
        super()._validate_params()

    def _settings(self, X):
        solver, C = self._chosen_solver(X), float(self.C)
        return Settings(
            name=type(self).__name__,
            parameters=parameters_of(self),
            usual=defaults(type(self)),
            architecture=Architecture(),
            solver=solver,
            strength=lambda n: 1 / (C * n),
            rates={name: SHALLOW_RATES[name] for name in STEPPING},
            lbfgs_limits={"ftol": 0.0, "max_fun": np.inf},
            stops_by="gradient" if solver == "gd" else "cost",
        )

    def _chosen_solver(self, X):
        """Return the solver; for "auto" the one that is fastest for rows like X."""
        if self.solver in NEWTON:
            return "newton"
        if self.solver != "auto":
            return self.solver
        if self.l1_ratio and np.isfinite(self.C):
            return "newton" if source_of(X).in_memory else "gd"
        # the space of the rows is that of a penalised W; from afar it is not taken
        few_rows = np.isfinite(self.C) and source_of(X).in_memory
        size = min(X.shape) if few_rows else X.shape[1]
        most = NEWTON_SPARSE if issparse(X) else NEWTON_DENSE
        return "newton" if size <= most else "lbfgs"

    def _publish_layers(self, params, n_iter):
        self.n_iter_ = np.array([n_iter], dtype=np.int32)
        self.coef_, self.intercept_ = params.W[1], params.b[1].ravel()

    def _published_layers(self):
        W = self.coef_.toarray() if issparse(self.coef_) else np.asarray(self.coef_)
        return [W], [np.reshape(self.intercept_, (-1, 1))]
