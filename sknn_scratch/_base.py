"""From scikit-learn's `fit(X, y)` to the engine and back: what all estimators share.

Strings become functions here and nowhere else; below, only functions and arrays travel.
Input is validated here, once; the engine takes it for valid.
"""

import warnings
from abc import ABCMeta, abstractmethod
from contextlib import contextmanager
from functools import partial
from numbers import Real
from typing import NamedTuple

import numpy as np
from numpy.random import RandomState
from scipy.sparse import csr_array, csr_matrix
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from ._activations import ACTIVATIONS
from ._batches import MemoryBatches
from ._compat import check_sample_weight, fit_context
from ._initializers import INITIALIZERS
from ._losses import LOSSES
from ._objective import Objective, raw_outputs
from ._optimizers import OPTIMIZERS
from ._propagation import Parameters
from ._training import descend, lbfgs, newton
from ._watch import (
    Curve,
    FiniteCheck,
    Observers,
    Patience,
    Validation,
    Verbose,
    Watch,
)

CURVE_LIMIT = 10_000  # entries of loss_curve_ under partial_fit
VALIDATION_ROWS = 1024  # of the rows held out, at a time
ALL_ROWS = ("gd", "lbfgs", "newton")  # solvers whose one batch is everything

# learning_rate_init=None. With 0.001 networks without or with one (tanh) hidden layer
# do not arrive within max_iter: the mean cross-validated accuracy on iris, wine, breast
# cancer, digits, flower and moons, with 0.001 and with 0.01, is
#   logistic regression  sgd .838 .865  adam .843 .864
#   shallow network      sgd .865 .876  adam .882 .937  rmsprop .936 .948
# and scikit-learn's class weight check fails with 0.001 for sgd and adam (with 0.01 for
# rmsprop). The deep network keeps MLPClassifier's rate.
DEEP_RATES = {"gd": 0.1, "sgd": 0.001, "rmsprop": 0.001, "adam": 0.001, "adamw": 0.001}
SHALLOW_RATES = {**DEEP_RATES, "sgd": 0.01, "adam": 0.01, "adamw": 0.01}


class Rows(NamedTuple):
    """Training rows: X (m, n[0]), y as numbers (m,) or (m, n[L]), weights (m,)."""

    X: np.ndarray | csr_array | csr_matrix
    codes: np.ndarray
    w: np.ndarray

    def take(self, index):
        return Rows(*(values[index] for values in self))


class Start(NamedTuple):
    """Where a call begins: fresh but for the rng, or where an earlier call ended."""

    rng: RandomState
    partial: bool  # partial_fit: one epoch, nothing held out
    layers: tuple | None = None  # W[1..L] and b[1..L] to go on from
    moments: tuple | None = None  # solver, state of its optimiser
    split_seed: np.ndarray | None = None  # so that warm_start holds out the same rows
    n_iter: int = 0  # what partial_fit counts on
    t: int = 0
    curve: tuple = ()


@contextmanager
def whole_or_not_at_all(estimator):
    """An error inside leaves the estimator as it was: its old fit, or none."""
    before = vars(estimator).copy()
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise


class BaseNetwork(BaseEstimator, metaclass=ABCMeta):
    """A network as a scikit-learn estimator; final classes fill the gaps."""

    fit_intercept = True  # where a final class has no such parameter
    keep_optimizer_state = False

    # -- what a final class says of itself ---------------------------------------------

    @abstractmethod
    def _architecture(self):
        """The hidden layers: their units, names of activations, name of the init."""

    @abstractmethod
    def _solver(self, X):
        """The solver to use on X, by the names of OPTIMIZERS, or "lbfgs", "newton"."""

    @abstractmethod
    def _l2(self, n):
        """Factor l2 of the penalty l2 / 2 ||W||^2, for rows of total weight n."""

    @abstractmethod
    def _stopping_rule(self, solver, objective):
        """The member of the Watch that stops training when nothing is held out."""

    @abstractmethod
    def _lbfgs_limits(self):
        """`ftol` and `max_fun` of L-BFGS, by name."""

    @abstractmethod
    def _encode(self, y, classes, start):
        """y as numbers; a fresh start learns the classes."""

    @abstractmethod
    def _label_weights(self, codes, w):
        """Factor for the weight of each row, from its label."""

    @abstractmethod
    def _strata(self, codes):
        """Labels whose proportions a hold-out keeps, or None."""

    @abstractmethod
    def _targets(self, codes, dtype):
        """Y of the rows as `MemoryBatches` takes it, (m, n[L])."""

    @abstractmethod
    def _kind(self):
        """What y is: the key of LOSSES."""

    @abstractmethod
    def _publish(self, params, n_iter):
        """Parameters and n_iter -> fitted attributes in scikit-learn's shapes."""

    @abstractmethod
    def _published(self):
        """Fitted attributes -> W[1..L], b[1..L] in the course's shapes, as views."""

    # -- training ----------------------------------------------------------------------

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y, sample_weight=None):
        """Train on all rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training rows, an example a row (the course has columns: pass X.T);
            float32 stays float32, CSR and CSC stay sparse.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            A class a row, or zeros and ones of several labels a row.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, at least 0. A row of weight 0 is as good as absent.

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter, X, y or a weight breaks its rule; the message says which.
            The estimator is then as it was before the call.
        """
        return self._fit(X, y, sample_weight)

    def _fit(self, X, y, sample_weight, *, classes=None, partial=False):
        """Validate, encode, draw, hold out, train, publish."""
        with whole_or_not_at_all(self):
            start = self._start(partial)
            self._split_seed = start.split_seed
            rows = self._rows(X, y, sample_weight, classes, start)
            params, g = self._network(rows, start)  # weights are the first draws
            held_out = None
            if self.early_stopping and not partial:
                rows, held_out = self._hold_out(rows, start)
            solver, watch = self._train(rows, held_out, params, g, start)
        if watch.reason == "diverged" or not partial:
            self._warn(solver, watch)
        return self

    def _start(self, partial):
        """What this call goes on from."""
        go_on = partial or self.warm_start
        if not (go_on and self.__sklearn_is_fitted__()):
            return Start(check_random_state(self.random_state), partial)
        start = Start(
            self._rng,
            partial,
            self._layers(),
            self._optimizer_state,
            self._split_seed,
        )
        if partial:
            counts = {"n_iter": self.n_iter_, "t": self.t_, "curve": self.loss_curve_}
            start = start._replace(**counts)
        return start

    def _layers(self):
        """W[1..L] and b[1..L] as fitted, or as the user has made them since."""
        W, b = self._published()
        if W[0].dtype not in (np.float32, np.float64):
            W, b = ([np.asarray(v, np.float64) for v in layers] for layers in (W, b))
        return W, b

    def _rows(self, X, y, sample_weight, classes, start):
        """Valid rows with their weights; those of weight zero are as good as absent."""
        fresh = start.layers is None
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse="csr",
            dtype=(np.float64, np.float32) if fresh else start.layers[0][0].dtype,
            order="C",
            multi_output=True,
            reset=fresh,
        )
        codes = self._encode(y, classes, start)
        w = np.ones(X.shape[0])
        if sample_weight is not None:
            w = check_sample_weight(
                sample_weight, X, dtype=np.float64, ensure_non_negative=True
            )
        w = w * self._label_weights(codes, w)
        if not w.any():
            raise ValueError(
                "sample_weight times class_weight must leave a weight above zero to at "
                "least one row, got only zeros."
            )
        if not 1e-150 < w.max() < 1e150:
            raise ValueError(
                "sample_weight times class_weight must have its largest value between "
                f"1e-150 and 1e150, got {w.max():g}; scale the weights."
            )
        rows = Rows(X, codes, w)
        return rows if w.all() else rows.take(np.flatnonzero(w))

    def _network(self, rows, start):
        """Parameters to begin with, in one fresh vector, and the activations g.

        The fitted attributes are copies of the last call's vector, or views that
        pickling has cut loose from it: training always packs a vector of its own.
        """
        units, self._activations, init = self._architecture()
        dtype = rows.X.dtype
        g = [None, *(ACTIVATIONS[name]() for name in self._activations)]
        n = (rows.X.shape[1], *units, self._targets(rows.codes[:1], dtype).shape[1])
        params = Parameters.flat(n, dtype)
        if start.layers is not None:
            self._pack(params, *start.layers)
            return params, g
        for l in range(1, params.L + 1):
            rectifies = l < params.L and g[l].rectifies
            name = "he" if rectifies else "xavier"
            draw = INITIALIZERS[name if init == "auto" else init]
            params.W[l][...] = draw(start.rng, n[l], n[l - 1])
        return params, g

    def _pack(self, params, W, b):
        """Fitted W and b into the vector of params, where they fit."""
        asked = [layer.shape[::-1] for layer in params.W[1:]]
        fitted = [layer.shape[::-1] for layer in W]
        if fitted != asked:
            raise ValueError(
                f"{type(self).__name__} goes on from weights of shapes {fitted}, but "
                f"its parameters now ask for {asked}; set warm_start=False or clone it."
            )
        for new, old in zip(params.W[1:], W, strict=True):
            new[...] = old
        if self.fit_intercept:
            for new, old in zip(params.b[1:], b, strict=True):
                new[...] = old

    def _hold_out(self, rows, start):
        """Training rows and validation rows."""
        m, strata = len(rows.w), self._strata(rows.codes)
        values, counts = np.unique(
            np.zeros(m) if strata is None else strata, return_counts=True
        )
        size = max(int(np.ceil(self.validation_fraction * m)), len(values), 2)
        if m - size < len(values):
            raise ValueError(
                f"early_stopping=True with validation_fraction="
                f"{self.validation_fraction} holds out {size} rows, but n_samples={m} "
                f"leaves too few to train on; add rows or set early_stopping=False."
            )
        if counts.min() < 2:
            few = self.classes_[values[counts.argmin()]]
            raise ValueError(
                "early_stopping=True holds out rows of each class and needs at least 2 "
                f"rows of each, got 1 of class {few}; "
                "add rows, drop the class, or set early_stopping=False."
            )
        seed = start.split_seed
        if seed is None:
            seed = start.rng.randint(2**32, size=8, dtype=np.uint32)
        self._split_seed = seed
        splitter = ShuffleSplit if strata is None else StratifiedShuffleSplit
        split = splitter(n_splits=1, test_size=size, random_state=RandomState(seed))
        train, rest = next(split.split(np.empty((m, 0)), strata))
        return rows.take(train), rows.take(rest)

    def _train(self, rows, held_out, params, g, start):
        """Batches, objective, step, watch, minimise, publish."""
        solver, n = self._solver(rows.X), float(rows.w.sum())
        optimizer = OPTIMIZERS.get(solver)
        batches = self._batches(rows, self._batch_rows(solver, len(rows.w)), start.rng)
        validation = held_out and self._batches(held_out, VALIDATION_ROWS)
        objective = Objective(
            params,
            g,
            LOSSES[self._kind()](),
            max(batches.size, validation.size if validation else 0),
            l2=0.0 if optimizer and optimizer.decouples else self._l2(n),
            intercept=self.fit_intercept,
        )
        step = optimizer and self._step(solver, params, n, start.moments)
        watch = Watch(1 if start.partial else self.max_iter)
        curve = watch.add(Curve(start.curve, CURVE_LIMIT if start.partial else None))
        held = self._add_rules(watch, objective, validation, solver, start)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            theta = self._minimiser(solver, step)(
                objective=objective, batches=batches, theta=params.theta, watch=watch
            )
            epoch = held.best_epoch if held else watch.n_iter
            if solver in ALL_ROWS or watch.reason == "diverged" or not epoch:
                loss = objective.cost(theta, batches) + objective.penalty()
            else:  # the mean over the epoch that theta ended
                loss = curve.values[epoch - 1 - watch.n_iter]

        self._publish(objective.at(theta), start.n_iter + watch.n_iter)
        self.t_ = start.t + watch.n_iter * len(rows.w)
        self.n_layers_, self.n_outputs_ = params.L + 1, params.n[-1]
        self._publish_curves(
            list(curve.values),
            held and held.losses,
            held and held.best_epoch,
            float(loss),
        )
        self.learning_rate_init_ = step.rate if step else None
        keep = bool(step) and (start.partial or self.keep_optimizer_state)
        keep &= watch.reason != "diverged"  # moments that met inf never recover
        self._optimizer_state = (solver, step.state()) if keep else None
        self._rng = start.rng
        return solver, watch

    def _batch_rows(self, solver, m):
        if solver in ALL_ROWS:
            return m
        return min(200 if self.batch_size == "auto" else self.batch_size, m)

    def _batches(self, rows, size, rng=None):
        """Batches of the rows, weighted.

        Weights are scaled once, to the mean 1 over all rows, and the loss divides by
        the rows of a batch: a mean gradient over an epoch is then the gradient. (To
        divide by each batch's own weight would favour the rows of light batches, and
        fail for a batch of zeros.)
        """
        X, codes, w = rows
        w = (w / w.mean()).astype(X.dtype)
        Y = self._targets(codes, X.dtype)
        return MemoryBatches(X, Y, w, size, rng if self.shuffle else None)

    def _step(self, solver, params, n, moments):
        """The optimiser for theta, where it was when its state was kept."""
        optimizer = OPTIMIZERS[solver]
        chosen = self.get_params(deep=False)
        # a float64 scalar of NumPy, from a search, would turn float32 steps to float64
        options = {
            name: float(chosen[name])
            if isinstance(chosen[name], Real)
            else chosen[name]
            for name in optimizer.hyperparameters
            if name in chosen
        }
        if optimizer.decouples:
            options.update(decay=self._l2(n), n_weights=params.n_weights)
        rate = self.learning_rate_init
        if rate is None:
            rate = self._default_rates[solver]
        step = optimizer(params.theta, float(rate), **options)
        if moments is not None and moments[0] == solver:
            step.restore(moments[1])
        return step

    def _minimiser(self, solver, step):
        if step:
            return partial(descend, step=step)
        if solver == "lbfgs":
            return partial(lbfgs, tol=self.tol, **self._lbfgs_limits())
        return partial(newton, tol=self.tol)

    def _add_rules(self, watch, objective, validation, solver, start):
        """The other members of the Watch; the one that looks at rows held out."""
        held, theta = None, objective.params.theta
        if solver in OPTIMIZERS:
            watch.add(FiniteCheck(theta))
        if validation:
            patience = Patience(self.tol, self.n_iter_no_change)
            loss = partial(objective.cost, batches=validation)
            held = watch.add(Validation(loss, theta, patience))
        elif solver in OPTIMIZERS and not start.partial:  # others stop by themselves
            watch.add(self._stopping_rule(solver, objective))
        if self.verbose:
            watch.add(Verbose(int(self.verbose)))
        watch.add(Observers(watch.max_iter))
        return held

    def _publish_curves(self, costs, held_out_costs, best_epoch, loss):
        self.loss_, self.loss_curve_ = loss, costs
        self.best_loss_ = min(costs, default=loss)
        self.validation_loss_curve_ = held_out_costs
        self.validation_scores_ = self.best_validation_score_ = None
        self.best_epoch_ = best_epoch
        if held_out_costs is not None:
            self.best_loss_ = None
            self.validation_scores_ = [-J for J in held_out_costs]
            self.best_validation_score_ = max(self.validation_scores_, default=None)

    def _warn(self, solver, watch):
        """Why training ended, where the user should know."""
        if watch.reason == "diverged":
            rate, cure = self.learning_rate_init_, "scale the features"
            if rate:
                cure += (
                    f", or set learning_rate_init below {rate:g} (try {rate / 10:g})"
                )
            text = (
                f"the cost stopped being finite at iteration {watch.n_iter}; the "
                f"parameters before it are kept; {cure}"
            )
        elif watch.reason == "max_fun":
            text = (
                f"solver='lbfgs' used max_fun={self.max_fun} evaluations before "
                f"tol={self.tol:g} was met; raise max_fun, or scale the features"
            )
        elif watch.reason == "precision" and self.tol > 0:
            text = (
                f"solver={solver!r} stopped at iteration {watch.n_iter} before "
                f"tol={self.tol:g} was met: no step lowers the cost any more in this "
                "precision; scale the features, or raise tol"
            )
        elif watch.reason is None and self.tol > 0:
            text = (
                f"solver={solver!r} reached max_iter={self.max_iter} before tol="
                f"{self.tol:g} was met (cost {self.loss_:g}); raise max_iter or "
                "the learning rate, scale the features, or set tol=0 if that is meant"
            )
        else:
            return
        name = type(self).__name__
        warnings.warn(f"{name}: {text}.", ConvergenceWarning, stacklevel=5)

    # -- prediction --------------------------------------------------------------------

    def _raw(self, X):
        """Z[L] of the rows of X, (m, n[L])."""
        check_is_fitted(self)
        W, b = self._layers()
        X = validate_data(self, X, accept_sparse="csr", dtype=W[0].dtype, reset=False)
        g = [None, *(ACTIVATIONS[name]() for name in self._activations)]
        with np.errstate(over="ignore", invalid="ignore"):
            return raw_outputs(Parameters(W, b), g, X)

    @property
    def parameters_(self):
        """The fitted parameters as the course writes them.

        Returns
        -------
        dict
            "W1", "b1", ..., "WL", "bL": W[l] of shape (n[l], n[l-1]), b[l] of shape
            (n[l], 1), in the order of the layers. The arrays are views: writing into
            them changes the model.
        """
        check_is_fitted(self)
        W, b = self._layers()
        return {
            f"{kind}{l}": layer
            for l, pair in enumerate(zip(W, b, strict=True), start=1)
            for kind, layer in zip("Wb", pair, strict=True)
        }

    # -- scikit-learn and pickle -------------------------------------------------------

    def __sklearn_is_fitted__(self):
        return hasattr(self, "n_layers_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def __getstate__(self):
        state = super().__getstate__()
        if not self.keep_optimizer_state:
            state = {**state, "_optimizer_state": None}
        return state
