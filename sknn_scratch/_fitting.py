"""One training: its parts, as an estimator's parameters choose them, and its course."""

from abc import ABCMeta, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from numbers import Real
from typing import NamedTuple

import numpy as np
from numpy.random import RandomState
from sklearn.base import BaseEstimator
from sklearn.metrics import check_scoring
from sklearn.preprocessing import StandardScaler

from ._activations import Dropout
from ._batches import MemoryBatches, SmoothedTargets
from ._losses import LOSSES
from ._objective import Objective, raw_outputs
from ._optimizers import OPTIMIZERS, Optimizer
from ._rows import Rows
from ._schedules import SCHEDULES
from ._solvers import ALL_ROWS, compose_step, minimiser, options
from ._watch import (
    Callbacks,
    Curve,
    EarlyStopping,
    FiniteCheck,
    Observers,
    Patience,
    Rates,
    Reseed,
    Validation,
    Verbose,
    Watch,
)

CURVE_LIMIT = 10_000  # entries of loss_curve_ under partial_fit
VALIDATION_ROWS = 1024  # of the rows held out, at a time


class Data(NamedTuple):
    """What a caller gives to train on, or to validate by."""

    X: object = None
    y: object = None
    sample_weight: object = None


class Start(NamedTuple):
    """Where a call begins: fresh but for the rng, or where an earlier call ended."""

    rng: RandomState
    partial: bool  # partial_fit: one epoch, nothing held out
    seed: np.ndarray | None = None  # of rng, once it is the fit's own
    layers: tuple | None = None  # W[1..L] and b[1..L] to go on from
    moments: tuple | None = None  # solver, state of its optimiser
    split_seed: np.ndarray | None = None  # so that warm_start holds out the same rows
    scaler: StandardScaler | None = None  # and what partial_fit counts on:
    n_iter: int = 0
    t: int = 0
    curve: tuple = ()
    rates: tuple = ()


@dataclass
class Run:
    """One training: its parts, and the members of its watch that keep something."""

    start: Start
    solver: str
    rows: Rows
    held_out: Rows | None
    batches: MemoryBatches
    objective: Objective
    optimizer: Optimizer | None
    minimise: Callable
    watch: Watch
    curve: Curve
    finite: FiniteCheck
    reseed: Reseed
    rates: Rates | None = None
    validation: Validation | None = None
    stopping: EarlyStopping | None = None


class Fitting(BaseEstimator, metaclass=ABCMeta):
    """What an estimator's training is made of; final classes fill the gaps."""

    _dtypes = (np.float64, np.float32)  # what is trained in; others become the first

    # where a final class has no such parameter
    fit_intercept = True
    keep_optimizer_state = False
    label_smoothing = 0.0
    learning_rate = "constant"
    max_grad_norm = None
    max_fun = None
    warmup_epochs = 0

    # -- what a final class says of itself ---------------------------------------------

    @abstractmethod
    def _architecture(self):
        """The hidden layers, validated."""

    @abstractmethod
    def _solver(self, X):
        """The solver to use on X, by the names of OPTIMIZERS, or "lbfgs", "newton"."""

    @abstractmethod
    def _strength(self, n):
        """Factor of the penalty (1 - r) / 2 ||W||^2 + r |W|; n: weight of the rows."""

    @abstractmethod
    def _stopping_rule(self, run, patience):
        """The member of the Watch that stops training when nothing is held out."""

    @abstractmethod
    def _lbfgs_limits(self):
        """`ftol` and `max_fun` of L-BFGS, by name."""

    @abstractmethod
    def _encode(self, y, classes, start):
        """y as numbers; a fresh start learns what there is to know of y."""

    @abstractmethod
    def _encode_known(self, y):
        """y as numbers, the way `_encode` has learned."""

    @abstractmethod
    def _decode(self, codes):
        """The inverse of `_encode_known`."""

    @abstractmethod
    def _label_weights(self, codes, w):
        """Learn the factors of class_weight; factor for the weight of each row."""

    @abstractmethod
    def _known_label_weights(self, codes, w):
        """Factor for the weight of each row, as `_label_weights` has learned."""

    @abstractmethod
    def _strata(self, codes):
        """Labels whose proportions a hold-out keeps and their names, by argument."""

    @abstractmethod
    def _targets(self, codes, dtype):
        """Y of the rows as `MemoryBatches` takes it, (m, n[L])."""

    @abstractmethod
    def _kind(self):
        """What y is: the key of LOSSES."""

    @abstractmethod
    def _publish_layers(self, params, n_iter):
        """Parameters and n_iter -> fitted attributes in scikit-learn's shapes."""

    @abstractmethod
    def _published_layers(self):
        """Fitted attributes -> W[1..L], b[1..L] in the course's shapes, as views."""

    # -- a run -------------------------------------------------------------------------

    def _run(self, solver, rows, held_out, params, g, start):
        """Batches, objective, step and watch of one training."""
        batches = self._batches(rows, self._batch_rows(solver, len(rows.w)), start.rng)
        parameters, loss = self.get_params(deep=False), LOSSES[self._kind()]
        strength = self._strength(float(rows.w.sum()))
        r = float(self.l1_ratio)  # of NumPy, it would turn float32 steps to float64
        l1, l2 = r * strength, (1 - r) * strength
        optimizer = step = None
        if solver in OPTIMIZERS:
            optimizer = self._optimizer(solver, params, l2, start)
            step = compose_step(
                optimizer,
                max_grad_norm=self.max_grad_norm,
                l1=l1,
                n_weights=params.n_weights,
            )
            if optimizer.decouples:  # the penalty is not in J, the step sees to it
                l1 = l2 = 0.0
        objective = Objective(
            params,
            g,
            loss(**options(loss, parameters)),
            batches.size if held_out is None else max(batches.size, VALIDATION_ROWS),
            l1=l1,
            l2=l2,
            intercept=self.fit_intercept,
        )
        limit = CURVE_LIMIT if start.partial else None
        watch = Watch(1 if start.partial else self.max_iter)
        return Run(
            start,
            solver,
            rows,
            held_out,
            batches,
            objective,
            optimizer,
            minimiser(solver, step=step, tol=self.tol, limits=self._lbfgs_limits()),
            watch,
            watch.add(Curve(start.curve, limit)),
            watch.add(FiniteCheck(params.theta)),
            Reseed(start.rng, start.seed),
        )

    def _batch_rows(self, solver, m):
        if solver in ALL_ROWS:
            return m
        return min(200 if self.batch_size == "auto" else self.batch_size, m)

    def _batches(self, rows, size, rng):
        """Batches of training rows, weighted, their targets smoothed.

        Weights are scaled once, to the mean 1 over all rows, and the loss divides by
        the rows of a batch: a mean gradient over an epoch is then the gradient. (To
        divide by each batch's own weight would favour the rows of light batches, and
        fail for a batch of zeros.)
        """
        X, codes, w, _ = rows
        Y = self._targets(codes, X.dtype)
        if self.label_smoothing:
            Y = SmoothedTargets(Y, float(self.label_smoothing), max(Y.shape[1], 2))
        w = (w / w.mean()).astype(X.dtype)
        return MemoryBatches(X, Y, w, size, rng if self.shuffle else None)

    def _optimizer(self, solver, params, l2, start):
        """The optimiser for theta, where it was when its state was kept."""
        optimizer = OPTIMIZERS[solver]
        chosen = options(optimizer, self.get_params(deep=False))
        if optimizer.decouples:
            chosen.update(decay=l2, n_weights=params.n_weights)
        rate = self.learning_rate_init
        rate = self._default_rates[solver] if rate is None else float(rate)
        made = optimizer(params.theta, rate, **chosen)
        if start.moments is not None and start.moments[0] == solver:
            made.restore(start.moments[1])
        return made

    def _watch_over(self, run, context, data):
        """The other members of the watch, in the order they look."""
        watch, start, theta = run.watch, run.start, run.objective.params.theta
        if run.optimizer:
            schedule = SCHEDULES[self.learning_rate]
            chosen = options(schedule, self.get_params(deep=False))
            run.rates = watch.add(
                Rates(
                    run.optimizer,
                    schedule(self.max_iter, len(run.rows.w), **chosen),
                    self.warmup_epochs,
                    values=start.rates,
                    limit=CURVE_LIMIT if start.partial else None,
                    first=start.n_iter,
                )
            )
        masked = any(isinstance(g_l, Dropout) for g_l in run.objective.g)
        if masked or run.solver not in ALL_ROWS:  # others draw nothing
            watch.add(run.reseed)
        adapts = run.rates and self.learning_rate == "adaptive"
        relief = run.rates.lower if adapts else None
        patience = Patience(self.tol, self.n_iter_no_change, relief)
        if run.held_out:
            run.validation = watch.add(self._validation(run))
        if run.held_out and self.early_stopping:
            run.stopping = watch.add(EarlyStopping(run.validation, theta, patience))
        elif run.optimizer and not start.partial:  # others stop by themselves
            watch.add(self._stopping_rule(run, patience))
        if self.verbose:
            watch.add(Verbose(int(self.verbose)))
        watch.add(Observers(watch.max_iter))
        if context:
            watch.add(
                Callbacks(
                    context,
                    self._told(data),
                    lambda theta: self._snapshot(run, theta),
                )
            )

    def _snapshot(self, run, theta):
        """Fitted attributes at theta, or None where its outputs are not finite."""
        objective = run.objective
        Z = raw_outputs(objective.at(theta), objective.g_at_rest, run.rows.X)
        return vars(self._twin(run, theta)) if np.isfinite(Z).all() else None

    def _validation(self, run):
        """Loss and score of the rows held out, as functions of theta."""
        X, codes, w, sample_weight = run.held_out
        if self.scaler_ is not None:
            X = self.scaler_.transform(X)
        Y = self._targets(codes, X.dtype)
        batches = MemoryBatches(X, Y, (w / w.mean()).astype(X.dtype), VALIDATION_ROWS)
        loss = partial(run.objective.cost, batches=batches)
        if self.scoring == "loss":
            return Validation(loss)
        scorer, y = check_scoring(self, self.scoring), self._decode(codes)
        weights = {} if sample_weight is None else {"sample_weight": sample_weight}

        def score(theta):
            twin = self._twin(run, theta)
            vars(twin).pop("feature_names_in_", None)  # held_out.X is an array
            value = scorer(twin, run.held_out.X, y, **weights)
            if not isinstance(value, Real):
                raise ValueError(
                    f"scoring must return a number, got {value!r} from {self.scoring!r}."
                )
            return value

        return Validation(loss, score)

    def _train(self, run):
        """Minimise, publish; an interrupt ends training with the last whole epoch."""
        objective, watch = run.objective, run.watch
        theta = objective.params.theta
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            try:
                theta = run.minimise(
                    objective=objective, batches=run.batches, theta=theta, watch=watch
                )
            except KeyboardInterrupt:
                if not run.finite.epoch:
                    raise
                watch.n_iter, watch.reason = run.finite.epoch, "interrupted"
                theta = watch.best(run.finite.last)
            epoch = run.stopping.best_epoch if run.stopping else watch.n_iter
            if run.solver in ALL_ROWS or watch.reason == "diverged" or not epoch:
                loss = objective.cost(theta, run.batches) + objective.penalty()
            else:  # the mean over the epoch that theta ended
                loss = run.curve.values[-1 if run.start.partial else epoch - 1]
        self._publish(run, objective.at(theta), float(loss))
        keep = run.optimizer and (run.start.partial or self.keep_optimizer_state)
        if keep and watch.reason != "diverged":  # moments that met inf never recover
            self._optimizer_state = (run.solver, run.optimizer.state())
