"""From scikit-learn's `fit(X, y)` to the engine and back: what all estimators share.

Input is validated here, once; the engine takes it for valid. Strings become functions
here and in `_fitting` and nowhere else; below, only functions and arrays travel.
"""

import inspect
import warnings
from abc import ABCMeta
from contextlib import contextmanager
from copy import copy
from itertools import groupby
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
from numpy.random import RandomState
from scipy.sparse import issparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import get_scorer_names
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from ._activations import ACTIVATIONS, Dropout
from ._advice import ending, scale_of_features
from ._compat import (
    CallbackSupportMixin,
    Interval,
    Options,
    StrOptions,
    fit_context,
)
from ._fitting import Data, Fitting, Start
from ._initializers import INITIALIZERS
from ._objective import raw_outputs
from ._optimizers import OPTIMIZERS
from ._propagation import Parameters
from ._rows import fold, hold_out, learn_scale, unfold, weighted_rows
from ._solvers import options, unread
from ._watch import new_seed

COMMON_CONSTRAINTS = {  # of the parameters that all estimators have
    "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
    "early_stopping": ["boolean"],
    "l1_ratio": [Interval(Real, 0, 1, closed="both")],
    "learning_rate_init": [Interval(Real, 0, None, closed="neither"), None],
    "n_iter_no_change": [
        Interval(Integral, 1, None, closed="left"),
        Options(Real, {np.inf}),
    ],
    "random_state": ["random_state"],
    "scoring": [StrOptions({"loss", *get_scorer_names()}), callable, None],
    "shuffle": ["boolean"],
    "standardize": ["boolean"],
    "tol": [Interval(Real, 0, None, closed="left")],
    "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
    "verbose": ["verbose"],
    "warm_start": ["boolean"],
    "warn": ["boolean"],
}


class Architecture(NamedTuple):
    """The hidden layers, and how weights begin."""

    units: list = []
    activations: list = []
    dropout: list = []
    init: str = "zeros"


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


class BaseNetwork(CallbackSupportMixin, Fitting, metaclass=ABCMeta):
    """A network as a scikit-learn estimator; final classes fill the gaps."""

    # -- training ----------------------------------------------------------------------

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X,
        y,
        sample_weight=None,
        X_val=None,
        y_val=None,
        sample_weight_val=None,
    ):
        """Train on all rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training rows, an example a row (the course has columns: pass X.T);
            float32 stays float32, CSR and CSC stay sparse.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Their targets: a class a row, zeros and ones of several labels a row, or
            (regressors) one or several numbers a row.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, at least 0. A row of weight 0 is as good as absent.
        X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
            Rows to validate by after each epoch. With `early_stopping` they take the
            place of `validation_fraction`; without, they only draw
            `validation_loss_curve_` and `validation_scores_`.
        y_val : array-like of shape (n_val,) or (n_val, n_outputs), default=None
            Their targets.
        sample_weight_val : array-like of shape (n_val,), default=None
            Their weights, at least 0.

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter, X, y or a weight breaks its rule; the message says which.
            The estimator is then as it was before the call.
        KeyboardInterrupt
            If training is interrupted; the estimator then has the parameters at the
            end of the last whole epoch.
        """
        data = Data(X, y, sample_weight)
        return self._fit(data, Data(X_val, y_val, sample_weight_val))

    def _fit(self, data, val, *, classes=None, partial=False):
        """Validate, encode, draw, hold out, scale, train, publish."""
        context = None if partial else self._callback_context(data)
        with whole_or_not_at_all(self):
            start = self._start(partial)
            self._split_seed = start.split_seed
            rows = self._rows(data, classes, start)
            solver = self._solver(rows.X)
            self._check_options(solver, rows.X)
            params, g = self._network(rows, start)  # weights are the first draws
            start = self._own_stream(start)
            g = self._masked(g, solver, start.rng)
            rows, held_out = self._held_out(rows, val, start)
            raw, rows = rows.X, self._scaled(rows, params, start)
            run = self._run(solver, rows, held_out, params, g, start)
            self._watch_over(run, context, data)
            self._train(run)
        self._warn(run, raw)
        if context:
            told = self._told(data)
            context.call_on_fit_task_end(**told, reconstruction_attributes={})
        if run.watch.reason == "interrupted":
            raise KeyboardInterrupt
        return self

    def _start(self, partial):
        """What this call goes on from."""
        go_on = partial or self.warm_start
        if not (go_on and self.__sklearn_is_fitted__()):
            return Start(check_random_state(self.random_state), partial)
        start = Start(
            RandomState(self._seed),
            partial,
            self._seed,
            layers=self._layers(),
            moments=self._optimizer_state,
            split_seed=self._split_seed,
        )
        if partial:
            start = start._replace(
                scaler=self.scaler_,
                n_iter=int(np.max(self.n_iter_)),
                t=self.t_,
                curve=self.loss_curve_,
                rates=self.learning_rate_curve_ or (),
            )
        return start

    def _layers(self):
        """W[1..L] and b[1..L] as fitted, or as the user has made them since."""
        W, b = self._published_layers()
        if W[0].dtype not in (np.float32, np.float64):
            W, b = ([np.asarray(v, np.float64) for v in layers] for layers in (W, b))
        return W, b

    def _rows(self, data, classes, start):
        """Valid rows with their weights."""
        fresh = start.layers is None
        X, y = validate_data(
            self,
            data.X,
            data.y,
            accept_sparse="csr",
            dtype=self._dtypes if fresh else start.layers[0][0].dtype,
            order="C",
            multi_output=True,
            reset=fresh,
        )
        codes = self._encode(y, classes, start)
        return weighted_rows(X, codes, data.sample_weight, self._label_weights)

    def _network(self, rows, start):
        """Parameters to begin with, in one fresh vector, and the activations g.

        The fitted attributes are copies of the last call's vector, or views that
        pickling has cut loose from it: training always packs a vector of its own.
        """
        units, names, _, init = self._architecture()
        dtype, parameters = rows.X.dtype, self.get_params(deep=False)
        self._activations = [
            (name, options(ACTIVATIONS[name], parameters)) for name in names
        ]
        g = self._make_activations()
        n = (rows.X.shape[1], *units, self._targets(rows.codes[:1], dtype).shape[1])
        params = Parameters.flat(n, dtype)
        if start.layers is not None:
            self._pack(params, *start.layers)
        else:
            for l in range(1, params.L + 1):
                rectifies = l < params.L and g[l].rectifies
                name = "he" if rectifies else "xavier"
                draw = INITIALIZERS[name if init == "auto" else init]
                params.W[l][...] = draw(start.rng, n[l], n[l - 1])
        return params, g

    def _own_stream(self, start):
        """From here on draws are this fit's own: the caller's generator is left alone.

        What is kept of it after the fit is a seed of eight words (see `Reseed`).
        """
        if start.layers is not None:
            return start
        seed = new_seed(start.rng)
        return start._replace(rng=RandomState(seed), seed=seed)

    def _masked(self, g, solver, rng):
        """The activations behind the masks of dropout, for solvers that go by steps."""
        if solver not in OPTIMIZERS:
            return g
        rates = [0, *self._architecture().dropout]
        return [
            Dropout(g_l, float(rate), rng) if rate else g_l
            for g_l, rate in zip(g, rates, strict=True)
        ]

    def _make_activations(self):
        """g[1..L-1] as fitted, behind the None of g[0]."""
        return [None, *(ACTIVATIONS[name](**kw) for name, kw in self._activations)]

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

    def _held_out(self, rows, val, start):
        """Training rows, and validation rows or None."""
        if val.X is not None:
            return rows, self._given_to_validate(val, rows.X.dtype)
        if val.y is not None or val.sample_weight is not None:
            raise ValueError(
                "y_val and sample_weight_val must come with X_val, got X_val=None."
            )
        if start.partial or not self.early_stopping:
            return rows, None
        seed = start.split_seed
        if seed is None:
            seed = new_seed(start.rng)
        self._split_seed = seed
        strata = self._strata(rows.codes)
        return hold_out(rows, self.validation_fraction, seed, **strata)

    def _given_to_validate(self, val, dtype):
        """X_val, y_val and sample_weight_val as valid rows."""
        if val.y is None:
            raise ValueError("X_val must come with y_val, got y_val=None.")
        X, y = validate_data(
            self,
            val.X,
            val.y,
            accept_sparse="csr",
            dtype=dtype,
            order="C",
            multi_output=True,
            reset=False,
        )
        return weighted_rows(
            X,
            self._encode_known(y),
            val.sample_weight,
            self._known_label_weights,
            "sample_weight_val",
        )

    def _scaled(self, rows, params, start):
        """Rows of the scale learned from them; parameters to go on from follow."""
        self.scaler_ = None
        if not self.standardize:
            return rows
        self.scaler_ = learn_scale(rows, self.fit_intercept, start.scaler)
        if start.layers is not None:
            unfold(params, self.scaler_)
        return rows._replace(X=self.scaler_.transform(rows.X))

    # -- publishing --------------------------------------------------------------------

    def _publish(self, run, params, loss):
        """Fitted attributes; params goes to the raw scale of the features."""
        start, n_iter = run.start, run.watch.n_iter
        if self.scaler_ is not None:
            fold(params, self.scaler_)
        self._publish_layers(params, start.n_iter + n_iter)
        self.n_layers_, self.n_outputs_ = params.L + 1, params.n[-1]
        self.t_ = start.t + n_iter * len(run.rows.w)
        # an interrupt may have come when some members had seen one epoch more
        whole = slice(None if start.partial else n_iter)
        judged = run.validation and self.scoring != "loss"
        self._publish_curves(
            loss,
            list(run.curve.values)[whole],
            run.rates and list(run.rates.values)[whole],
            run.validation and run.validation.losses[whole],
            run.validation.scores[whole] if judged else None,
            run.stopping and run.stopping.best_epoch,
        )
        self.learning_rate_init_ = run.rates and run.rates.initial
        self._seed, self._optimizer_state = run.reseed.seed, None

    def _publish_curves(self, loss, costs, rates, losses, scores, best_epoch):
        """Curves, and what follows from them; what repeats is not kept twice."""
        self.loss_, self.loss_curve_ = loss, costs
        self.best_loss_ = min(costs, default=loss) if best_epoch is None else None
        self._rates = rates and [(rate, len(list(k))) for rate, k in groupby(rates)]
        self.validation_loss_curve_, self._scores = losses, scores
        scores = self.validation_scores_
        self.best_validation_score_ = max(scores, default=None) if scores else None
        self.best_epoch_ = best_epoch

    @property
    def learning_rate_curve_(self):
        """The learning rate of each epoch; None for solvers without one."""
        check_is_fitted(self)
        return self._rates and [rate for rate, k in self._rates for _ in range(k)]

    @property
    def validation_scores_(self):
        """The validation score of each epoch, greater is better; None without any."""
        check_is_fitted(self)
        losses = self.validation_loss_curve_
        return self._scores or (losses and [-J for J in losses])

    def _twin(self, run, theta):
        """A fitted copy of the estimator, with parameters of its own."""
        params = Parameters.flat(run.objective.params.n, run.rows.X.dtype)
        params.theta[...] = theta
        twin = copy(self)
        twin._publish(run, params, run.curve.values[-1])
        return twin

    # -- callbacks, warnings -----------------------------------------------------------

    def _callback_context(self, data):
        """The root task of scikit-learn's callbacks; None where there are none."""
        if not hasattr(self, "_skl_callbacks"):
            return None
        context = self._init_callback_context(max_subtasks=self.max_iter)
        context.call_on_fit_task_begin(**self._told(data))
        return context

    def _told(self, data):
        weighted = data.sample_weight is not None
        metadata = {"sample_weight": data.sample_weight} if weighted else None
        return {"estimator": self, "X": data.X, "y": data.y, "metadata": metadata}

    def _check_options(self, solver, X):
        """An error for what is impossible, a warning for what will not be read."""
        if self.l1_ratio and solver not in OPTIMIZERS:
            raise ValueError(
                f"l1_ratio={self.l1_ratio:g} needs a solver that goes step by step "
                f"({', '.join(OPTIMIZERS)}), got solver={solver!r}; set another "
                "solver, or l1_ratio=0."
            )
        parameters = self.get_params(deep=False)
        signature = inspect.signature(type(self).__init__).parameters
        changed = [
            name
            for name, value in parameters.items()
            if value is not signature[name].default
            and not np.array_equal(value, signature[name].default)
        ]
        idle = unread(changed, solver, parameters)
        if idle:
            given = ", ".join(f"{name}={parameters[name]!r}" for name in idle)
            self._tell(f"solver={solver!r} makes no use of {given}", UserWarning)
        if self.standardize and issparse(X):
            self._tell(
                "standardize=True scales sparse X without centring it", UserWarning
            )

    def _warn(self, run, X):
        """Why training ended, where the user should know."""
        reason = run.watch.reason
        if run.start.partial and reason != "diverged":
            return
        text = ending(
            reason,
            self.loss_curve_,
            solver=run.solver,
            n_iter=run.watch.n_iter,
            max_iter=run.watch.max_iter,
            tol=self.tol,
            rate=self.learning_rate_init_,
            max_fun=self.max_fun,
        )
        if text is None:
            return
        note = None if self.standardize else scale_of_features(X)
        self._tell(f"{text}; {note}" if note else text, ConvergenceWarning)

    def _tell(self, text, category):
        if self.warn:
            name = type(self).__name__
            warnings.warn(f"{name}: {text}.", category, stacklevel=6)

    # -- prediction --------------------------------------------------------------------

    def _raw(self, X):
        """Z[L] of the rows of X, (m, n[L])."""
        check_is_fitted(self)
        W, b = self._layers()
        X = self._valid(X, W[0].dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            return raw_outputs(Parameters(W, b), self._make_activations(), X)

    def _valid(self, X, dtype):
        return validate_data(self, X, accept_sparse="csr", dtype=dtype, reset=False)

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
