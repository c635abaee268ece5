"""From scikit-learn's `fit(X, y)` to the engine and back: what all estimators share.

Strings become functions here and nowhere else; below, only functions and arrays travel.
Input is validated here, once; the engine takes it for valid.
"""

import warnings
from abc import ABCMeta, abstractmethod
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array, csr_matrix
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from ._activations import ACTIVATIONS
from ._batches import MemoryBatches
from ._compat import check_sample_weight
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
# do not arrive within max_iter: on iris, wine, breast cancer, digits, flower and moons
# the mean cross-validated accuracy of adam is .84 and .88, with 0.01 .86 and .94.
DEEP_RATES = {"gd": 0.1, "sgd": 0.001, "rmsprop": 0.001, "adam": 0.001, "adamw": 0.001}
SHALLOW_RATES = {**DEEP_RATES, "sgd": 0.01, "adam": 0.01, "adamw": 0.01}


class Rows(NamedTuple):
    """Training rows: X (m, n[0]), y as numbers (m,) or (m, n[L]), weights (m,)."""

    X: np.ndarray | csr_array | csr_matrix
    codes: np.ndarray
    w: np.ndarray

    def take(self, index):
        return Rows(*(values[index] for values in self))


class BaseNetwork(BaseEstimator, metaclass=ABCMeta):
    """A network as a scikit-learn estimator; final classes fill the gaps."""

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
    def _encode(self, y, classes, go_on, incremental):
        """y as numbers; learns the classes unless go_on."""

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
    def _loss_name(self):
        """The key of LOSSES."""

    @abstractmethod
    def _publish(self, params):
        """Parameters -> fitted attributes in scikit-learn's shapes."""

    @abstractmethod
    def _published(self):
        """Fitted attributes -> W[1..L], b[1..L] in the course's shapes, as views."""

    # -- training ----------------------------------------------------------------------

    def _fit(self, X, y, sample_weight, *, classes=None, incremental=False):
        """Validate, encode, batches, objective, step, watch, minimise, publish."""
        go_on = (incremental or self.warm_start) and self.__sklearn_is_fitted__()
        rows = self._rows(X, y, sample_weight, classes, go_on, incremental)
        rng = self._rng if go_on else check_random_state(self.random_state)
        params, g = self._network(rows, rng, go_on)
        held_out = None
        if self.early_stopping and not incremental:
            rows, held_out = self._hold_out(rows, rng)
        n = rows.w.sum()

        solver = self._solver(rows.X)
        optimizer = OPTIMIZERS.get(solver)
        batches = self._batches(rows, self._batch_rows(solver, len(rows.w)), rng)
        validation = held_out and self._batches(held_out, VALIDATION_ROWS)
        objective = Objective(
            params,
            g,
            LOSSES[self._loss_name()](),
            max(batches.size, validation.size if validation else 0),
            l2=0.0 if optimizer and optimizer.decouples else self._l2(n),
            intercept=getattr(self, "fit_intercept", True),
        )
        step = optimizer and self._step(solver, params, n, go_on)
        watch = self._watch(objective, step, validation, solver, go_on, incremental)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            theta = self._minimiser(solver, step)(
                objective=objective, batches=batches, theta=params.theta, watch=watch
            )
            loss = final_loss(solver, objective, batches, theta, watch)

        self._publish(objective.at(theta))
        self._conclude(watch, step, loss, go_on, incremental)
        self.t_ = watch.n_iter * len(rows.w) + (self.t_ if go_on and incremental else 0)
        self.n_layers_, self.n_outputs_ = params.L + 1, params.n[-1]
        self._rng = rng
        if not incremental:
            self._warn(solver, watch)
        return self

    def _rows(self, X, y, sample_weight, classes, go_on, incremental):
        """Valid rows with their weights; those of weight zero are as good as absent."""
        dtype = self._published()[0][0].dtype if go_on else (np.float64, np.float32)
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse="csr",
            dtype=dtype,
            order="C",
            multi_output=True,
            reset=not go_on,
        )
        codes = self._encode(y, classes, go_on, incremental)
        w = np.ones(X.shape[0])
        if sample_weight is not None:
            w = check_sample_weight(
                sample_weight, X, dtype=np.float64, ensure_non_negative=True
            )
        w = w * self._label_weights(codes, w)
        rows = Rows(X, codes, w)
        if w.all():
            return rows
        if not w.any():
            raise ValueError(
                "sample_weight times class_weight must leave a weight above zero to at "
                "least one row, got only zeros."
            )
        return rows.take(np.flatnonzero(w))

    def _network(self, rows, rng, go_on):
        """Parameters to start from, in one fresh vector, and the activations g."""
        units, activations, init = self._architecture()
        dtype = rows.X.dtype
        g = [None, *(ACTIVATIONS[name]() for name in activations)]
        n = (rows.X.shape[1], *units, self._targets(rows.codes[:1], dtype).shape[1])
        params = Parameters.flat(n, dtype)
        if go_on:
            W, b = self._published()
            shapes = [layer.shape for layer in params.W[1:]]
            if [layer.shape for layer in W] != shapes:
                raise ValueError(
                    f"{type(self).__name__} goes on from fitted weights of shapes "
                    f"{[layer.shape[::-1] for layer in W]}, but its parameters now ask "
                    f"for {[shape[::-1] for shape in shapes]}; "
                    "set warm_start=False or clone it."
                )
            for new, old in zip(params.W[1:] + params.b[1:], W + b, strict=True):
                new[...] = old
        else:
            for l in range(1, params.L + 1):
                rectifies = l < params.L and g[l].rectifies
                name = "he" if rectifies else "xavier"
                draw = INITIALIZERS[name if init == "auto" else init]
                params.W[l][...] = draw(rng, n[l], n[l - 1])
        return params, g

    def _hold_out(self, rows, rng):
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
        splitter = ShuffleSplit if strata is None else StratifiedShuffleSplit
        split = splitter(n_splits=1, test_size=size, random_state=rng)
        train, rest = next(split.split(np.empty((m, 0)), strata))
        return rows.take(train), rows.take(rest)

    def _batch_rows(self, solver, m):
        if solver in ALL_ROWS:
            return m
        return min(200 if self.batch_size == "auto" else self.batch_size, m)

    def _batches(self, rows, size, rng=None):
        """Batches of the rows; their weights get the mean 1 that the engine wants."""
        X, codes, w = rows
        w = (w * (len(w) / w.sum())).astype(X.dtype)
        Y = self._targets(codes, X.dtype)
        return MemoryBatches(X, Y, w, size, rng if self.shuffle else None)

    def _step(self, solver, params, n, go_on):
        """The optimiser for theta, where it was when its state was kept."""
        optimizer = OPTIMIZERS[solver]
        options = {
            name: getattr(self, name)
            for name in optimizer.hyperparameters
            if hasattr(self, name)
        }
        if optimizer.decouples:
            options.update(decay=self._l2(n), n_weights=params.n_weights)
        rate = self.learning_rate_init
        if rate is None:
            rate = self._default_rates[solver]
        step = optimizer(params.theta, float(rate), **options)
        state = getattr(self, "_optimizer_state", None) if go_on else None
        if state and set(state) == set(step.remembers):
            step.restore(state)
        return step

    def _minimiser(self, solver, step):
        if step:
            return partial(descend, step=step)
        if solver == "lbfgs":
            return partial(lbfgs, tol=self.tol, **self._lbfgs_limits())
        return partial(newton, tol=self.tol)

    def _watch(self, objective, step, validation, solver, go_on, incremental):
        """The members of this fit's Watch, in the order in which they look."""
        watch = Watch(1 if incremental else self.max_iter)
        before = self.loss_curve_ if incremental and go_on else ()
        watch.add("curve", Curve(before, CURVE_LIMIT if incremental else None))
        if step:
            watch.add("finite", FiniteCheck(objective.params.theta))
        if validation:
            patience = Patience(self.tol, self.n_iter_no_change)
            loss = partial(objective.cost, batches=validation)
            watch.add("validation", Validation(loss, objective.params.theta, patience))
        elif step and not incremental:  # lbfgs and newton stop by themselves
            watch.add("stop", self._stopping_rule(solver, objective))
        if self.verbose:
            watch.add("verbose", Verbose(int(self.verbose)))
        watch.add("observers", Observers(watch.max_iter))
        return watch

    def _conclude(self, watch, step, loss, go_on, incremental):
        """What the Watch saw and the optimiser remembers, as fitted attributes."""
        self.n_iter_ = watch.n_iter + (self.n_iter_ if go_on and incremental else 0)
        self.loss_, self.loss_curve_ = loss, list(watch.members["curve"].values)
        self.best_loss_ = min(self.loss_curve_, default=loss)
        self.validation_loss_curve_ = self.validation_scores_ = None
        self.best_validation_score_ = self.best_epoch_ = None
        if validation := watch.members.get("validation"):
            self.best_loss_ = None
            self.validation_loss_curve_ = validation.losses
            self.validation_scores_ = [-J for J in validation.losses]
            self.best_validation_score_ = max(self.validation_scores_, default=None)
            self.best_epoch_ = validation.best_epoch
        self.learning_rate_init_ = step.rate if step else None
        keep = step and (incremental or getattr(self, "keep_optimizer_state", False))
        self._optimizer_state = step.state() if keep else None

    def _warn(self, solver, watch):
        """Why training ended, where the user should know."""
        if watch.reason == "diverged":
            warnings.warn(
                f"{type(self).__name__}: the cost stopped being finite at epoch "
                f"{watch.n_iter}; the parameters before it are kept. Scale the "
                f"features, or set learning_rate_init below {self.learning_rate_init_} "
                f"(try {self.learning_rate_init_ / 10:g}).",
                ConvergenceWarning,
                stacklevel=5,
            )
        elif watch.reason is None and self.tol > 0:
            warnings.warn(
                f"{type(self).__name__}: solver={solver!r} reached max_iter="
                f"{self.max_iter} before tol={self.tol:g} was met (cost {self.loss_:g})"
                "; raise max_iter, scale the features, or set tol=0 if that is meant.",
                ConvergenceWarning,
                stacklevel=5,
            )

    # -- prediction --------------------------------------------------------------------

    def _raw(self, X):
        """Z[L] of the rows of X, (m, n[L])."""
        check_is_fitted(self)
        W, b = self._published()
        X = validate_data(self, X, accept_sparse="csr", dtype=W[0].dtype, reset=False)
        _, activations, _ = self._architecture()
        g = [None, *(ACTIVATIONS[name]() for name in activations)]
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
        W, b = self._published()
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
        if not getattr(self, "keep_optimizer_state", False):
            state = {**state, "_optimizer_state": None}
        return state


def final_loss(solver, objective, batches, theta, watch):
    """J of theta: for minibatch solvers the mean over the epoch that theta ended."""
    validation = watch.members.get("validation")
    curve = watch.members["curve"].values
    epoch = validation.best_epoch if validation else watch.n_iter
    if solver in ALL_ROWS or watch.reason == "diverged" or not epoch:
        return float(objective.cost(theta, batches) + objective.penalty())
    return curve[epoch - 1 - watch.n_iter]
