"""From valid parameters and rows to a `Run`: what an estimator's training is made of.

Input is validated here, once; the engine takes it for valid. Strings become functions
here and nowhere else; below, only functions and arrays travel.
"""

from abc import ABCMeta
from functools import partial
from numbers import Real
from typing import NamedTuple

import numpy as np
from numpy.random import RandomState
from scipy.sparse import issparse
from sklearn.metrics import check_scoring
from sklearn.utils import check_random_state

from .._engine.activations import ACTIVATIONS, Dropout
from .._engine.initializers import INITIALIZERS
from .._engine.losses import LOSSES
from .._engine.optimizers import OPTIMIZERS
from .._engine.propagation import Parameters
from .._engine.schedules import SCHEDULES
from .._rows.batches import SmoothedTargets, batches_of
from .._rows.disk import DiskRows, FarRows, is_elsewhere
from .._training.objective import Objective, rows_of_block
from .._training.run import Run, Start
from .._training.solvers import ALL_ROWS, compose_step, minimiser
from .._training.state import restore
from .._training.watch import (
    Callbacks,
    Commit,
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
    new_seed,
)
from .inputs import hold_out, rows_of_buffer, valid_rows, weighted_rows
from .parameters import changed_parameters, unused_parameters
from .parameters import parameters_for as taken_by
from .scale import learn_scale, lost_digits, scaled, unfold
from .settings import Hooks

CURVE_LIMIT = 10_000  # entries of loss_curve_ under partial_fit
VALIDATION_ROWS = 1024  # of the rows held out, at a time


class Data(NamedTuple):
    """What a caller gives to train on, or to validate by."""

    X: object = None
    y: object = None
    sample_weight: object = None


class Fitting(Hooks, metaclass=ABCMeta):
    """The half of an estimator that makes a `Run`."""

    # -- a run, step by step -----------------------------------------------------------

    def _prepare(
        self, data, val, *, classes=None, partial=False, task=None, checkpoint=None
    ):
        """Validate, encode, draw, hold out, scale: everything before training.

        `task` is the context of scikit-learn's callbacks and what they are told;
        `checkpoint` the path to write to and, where a file is there, to go on from.
        """
        start = self._start(partial)
        rows = self._rows(data, classes, start)
        solver = self._solver(rows.X)
        self._check_options(solver, rows.X)
        file = self._open_checkpoint(checkpoint, solver, rows)
        if file and file.saved:
            start = start._replace(split_seed=file.saved.split_seed)
        self._split_seed = start.split_seed
        params, g = self._network(rows, start)  # weights are the first draws,
        rows, held_out = self._held_out(rows, val, start)  # then comes the split
        start = self._own_stream(start)
        g = self._masked(g, solver, start.rng)
        run = self._run(solver, rows, held_out, params, g, start)
        if self._by_hand:
            self._by_hand.put_in(run, self.random_state)
        self._add_keepers(run)
        self._add_judges(run, held_out)
        self._add_listeners(run, task)
        if file:
            self._add_checkpoint(run, file, held_out)
        return run

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
            split_seed=self._split_seed,
        )
        if partial or self._option("keep_optimizer_state"):
            start = start._replace(moments=self._optimizer_state)
        if partial:
            start = start._replace(
                scaler=self.scaler_,
                n_iter=int(np.max(self.n_iter_)),
                t=self.t_,
                curve=self.loss_curve_,
                rates=self._rates or (),
            )
        return start

    def _rows(self, data, classes, start):
        """Valid rows with their weights."""
        fresh = start.layers is None
        X, y = valid_rows(
            self,
            data.X,
            data.y,
            dtype=self._dtypes if fresh else start.layers[0][0].dtype,
            reset=fresh,
            buffer_size=self.buffer_size,
        )
        codes = self._encode(y, classes, start)
        return weighted_rows(X, codes, data.sample_weight, self._label_weights)

    def _check_options(self, solver, X):
        """An error for what is impossible, a warning for what will not be read."""
        if self.l1_ratio and self._strength(1.0) and solver not in OPTIMIZERS:
            (known,) = self._parameter_constraints["solver"]
            steps = [name for name in OPTIMIZERS if name in known.options]
            raise ValueError(
                f"l1_ratio={self.l1_ratio:g} needs a solver that goes step by step "
                f"({', '.join(steps)}), got solver={solver!r}; set one of these, or "
                "l1_ratio=0."
            )
        if self._by_hand and is_elsewhere(X):
            raise ValueError(
                "X must be here where functions of your own train on it, got a Dask "
                "collection on a cluster; give X.compute()."
            )
        changed = changed_parameters(self)
        in_use = {solver, self._kind(), *self._architecture().activations}
        if solver in OPTIMIZERS:
            in_use.add(self._option("learning_rate"))
        patient = self.early_stopping or solver in self._patient
        idle = unused_parameters(changed, in_use, patient)
        if idle:
            given = ", ".join(f"{name}={changed[name]!r}" for name in idle)
            used = f"solver={solver!r}"
            if solver in OPTIMIZERS and {*idle} & {"power_t", "learning_rate_decay"}:
                used += f" with learning_rate={self._option('learning_rate')!r}"
            self._tell(f"{used} makes no use of {given}", UserWarning, 7)
        if self.standardize and issparse(X):
            note = "standardize=True scales sparse X without centring it"
            self._tell(note, UserWarning, 7)

    def _network(self, rows, start):
        """Parameters to begin with, in one fresh vector, and the activations g.

        The fitted attributes are copies of the last call's vector, or views that
        pickling has cut loose from it: training always packs a vector of its own.
        """
        layers, parameters = self._architecture(), self._parameters()
        self._activations = [
            (name, taken_by(ACTIVATIONS[name], parameters))
            for name in layers.activations
        ]
        g = self._make_activations()
        n = (rows.X.shape[1], *layers.units, self._n_outputs())
        params = Parameters.flat(n, rows.X.dtype)
        if start.layers is not None:
            self._pack(params, *start.layers)
            return params, g
        for l in range(1, params.L + 1):
            rectifies = l < params.L and g[l].rectifies
            name = "he" if rectifies else "xavier"
            draw = INITIALIZERS[name if layers.init == "auto" else layers.init]
            params.W[l][...] = draw(start.rng, n[l], n[l - 1])
        return params, g

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
        if self._option("fit_intercept"):
            for new, old in zip(params.b[1:], b, strict=True):
                new[...] = old

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

    def _held_out(self, rows, val, start):
        """Training rows, and validation rows or None."""
        if val.X is not None:
            try:
                return rows, self._given_to_validate(val, rows.X)
            except ValueError as error:
                place = "X_val, y_val or sample_weight_val"
                raise ValueError(f"{place} cannot be used: {error}") from None
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

    def _given_to_validate(self, val, X):
        """X_val, y_val and sample_weight_val as valid rows."""
        if val.y is None:
            raise ValueError("X_val must come with y_val, got y_val=None.")
        if self.standardize and issparse(val.X) and not issparse(X):
            raise ValueError(
                "X_val must be dense where X is and standardize=True centres it, got "
                "a sparse matrix; give X_val.toarray()."
            )
        X_val, y = valid_rows(
            self,
            val.X,
            val.y,
            dtype=X.dtype,
            reset=False,
            buffer_size=self.buffer_size,
        )
        if is_elsewhere(X_val) and not is_elsewhere(X):
            raise ValueError(
                "X_val must be here where X is, got a Dask collection on a cluster; "
                "give X_val.compute()."
            )
        return weighted_rows(
            X_val,
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
        self.scaler_ = learn_scale(rows, self._option("fit_intercept"), start.scaler)
        note = lost_digits(self.scaler_, rows.X.dtype)
        if note:
            self._tell(note, UserWarning, 8)
        if start.layers is not None:
            unfold(params, self.scaler_)
        return rows._replace(X=scaled(rows.X, self.scaler_))

    # -- its parts ---------------------------------------------------------------------

    def _run(self, solver, rows, held_out, params, g, start):
        """The run of one training; its watch has no members yet."""
        X, rows = rows.X, self._scaled(rows, params, start)
        parameters, loss = self._parameters(), LOSSES[self._kind()]
        strength = self._strength(float(rows.w.sum()))
        l1 = float(self.l1_ratio) * strength
        l2 = strength - l1
        optimizer = step = None
        if solver in OPTIMIZERS:
            optimizer = self._optimizer(solver, params, l2, start)
            step = compose_step(
                optimizer,
                max_grad_norm=self._option("max_grad_norm"),
                l1=l1,
                n_weights=params.n_weights,
            )
        batches = self._batches(rows, solver, params.n, start.rng)
        make = rows.X.objective if is_elsewhere(rows.X) else Objective
        objective = make(
            params,
            g,
            loss(**taken_by(loss, parameters)),
            batches.columns
            if held_out is None
            else max(batches.columns, VALIDATION_ROWS),
            l1=l1,
            l2=0.0 if optimizer and optimizer.decouples else l2,
            intercept=self._option("fit_intercept"),
        )
        return Run(
            start=start,
            solver=solver,
            X=X,
            m=len(rows.w),
            batches=batches,
            objective=objective,
            optimizer=optimizer,
            step=step,
            minimise=minimiser(
                solver, step=step, tol=self.tol, limits=self._lbfgs_limits()
            ),
            watch=Watch(1 if start.partial else self.max_iter),
        )

    def _batches(self, rows, solver, n, rng):
        """Batches of training rows, weighted, their targets smoothed.

        Weights are scaled once, to the mean 1 over all rows, and the loss divides by
        the rows of a batch: a mean gradient over an epoch is then the gradient (but
        for a shorter last batch, whose rows count a little more). To divide by each
        batch's own weight would favour the rows of light batches, and fail for a batch
        of zeros.
        """
        X, codes, w, _ = rows
        size = 200 if self.batch_size == "auto" else int(self.batch_size)
        rng, buffer = rng if self.shuffle else None, None
        if solver in ALL_ROWS:  # from disk, in the order of the file, part by part
            size, rng = len(w), None
            if isinstance(X, FarRows):
                size = X.at_once(rows_of_block(n, size))
        elif isinstance(X, DiskRows):
            buffer = rows_of_buffer(X, self.buffer_size, X.source.dtype)
        Y = self._targets(codes, X.dtype)
        if self._option("label_smoothing"):
            Y = SmoothedTargets(Y, float(self._option("label_smoothing")))
        w = (w / w.mean()).astype(X.dtype)
        return batches_of(X, Y, w, size, rng, buffer)

    def _optimizer(self, solver, params, l2, start):
        """The optimiser for theta, where it was when its state was kept."""
        optimizer = OPTIMIZERS[solver]
        chosen = taken_by(optimizer, self._parameters())
        if optimizer.decouples:
            chosen.update(decay=l2, n_weights=params.n_weights)
        rate = self.learning_rate_init
        rate = self._default_rates[solver] if rate is None else float(rate)
        made = optimizer(params.theta, rate, **chosen)
        if start.moments is not None and start.moments[0] == solver:
            restore(made, start.moments[1])
        return made

    # -- the members of its watch, in the order they look ------------------------------

    def _add_keepers(self, run):
        """Those who keep what becomes a fitted attribute."""
        start, objective = run.start, run.objective
        limit = CURVE_LIMIT if start.partial else None
        run.add("curve", Curve(start.curve, limit))
        run.reseed = Reseed(start.rng, start.seed)
        masked = any(isinstance(g_l, Dropout) for g_l in objective.g)
        if masked or run.solver not in ALL_ROWS:  # others draw nothing
            run.add("reseed", run.reseed)
        run.beside = {"reseed": run.reseed}
        if run.optimizer and self._option("keep_optimizer_state") and not start.partial:
            run.beside["optimizer"] = run.optimizer
        run.add("finite", FiniteCheck(objective.params.theta, run.beside))
        if run.optimizer:
            schedule = SCHEDULES[self._option("learning_rate")]
            chosen = taken_by(schedule, self._parameters())
            rates = Rates(
                run.optimizer,
                schedule(self.max_iter, **chosen),
                self._option("warmup_epochs"),
                rows=run.m,
                first=start.n_iter,
                seen=start.t,
                runs=start.rates,
                limit=limit,
            )
            run.add("rates", rates)

    def _add_judges(self, run, held_out):
        """Those who may stop training."""
        objective, rates = run.objective, run.members.get("rates")
        patience = Patience(self.tol, self.n_iter_no_change, rates and rates.lower)
        if held_out:
            validation = run.add("validation", self._validation(run, held_out))
        if held_out and self.early_stopping:
            theta = objective.params.theta
            stopping = EarlyStopping(validation, theta, patience, run.beside)
            run.add("stopping", stopping)
        elif run.optimizer and not run.start.partial:  # others stop by themselves
            rule = self._stopping_rule(run.solver, objective, run.optimizer, patience)
            run.add("rule", rule)

    def _add_listeners(self, run, task):
        """Those who are only told; an interrupt while they look loses nothing."""
        run.add("commit", Commit(run.watch))
        if self.verbose:
            run.add("verbose", Verbose(int(self.verbose)))
        run.add("observers", Observers(run.watch.max_iter))
        if task:
            context, told = task
            run.add("callbacks", Callbacks(context, told, partial(self._snapshot, run)))

    def _open_checkpoint(self, path, solver, rows):
        """The Checkpoint at path, or None; an error where a file there does not fit."""
        if path is None or solver not in OPTIMIZERS:
            return None
        from .._training.checkpoint import Checkpoint, facts_of_estimator, facts_of_rows

        if is_elsewhere(rows.X):
            raise ValueError(
                f"checkpoint={path!r} must be None for Dask collections: the digest of "
                "rows that a checkpoint holds would need all of them here."
            )
        if self._by_hand:
            raise ValueError(
                f"checkpoint={path!r} must be None with functions of your own: what "
                "they keep cannot be saved."
            )
        file = Checkpoint(path, self.checkpoint_every)
        file.describe(facts_of_estimator(type(self).__name__, self._parameters()))
        classes = getattr(self, "classes_", None)
        file.describe(facts_of_rows(rows, self._n_outputs(), classes))
        return file

    def _add_checkpoint(self, run, file, held_out):
        """The last to look; the run takes up the state of the file, if it has one."""
        from .._training.checkpoint import facts_of_start

        warm = run.start.layers is not None
        first = run.objective.params.theta if warm else None
        file.describe(facts_of_start(first, held_out))
        run.add("checkpoint", file)
        file.take_up(run, self._split_seed)

    def _validation(self, run, held_out):
        """Loss and score of the rows held out, as functions of theta."""
        X, codes, w, sample_weight = held_out
        Y = self._targets(codes, X.dtype)
        w = (w / w.mean()).astype(X.dtype)
        X = X if self.scaler_ is None else scaled(X, self.scaler_)
        far = isinstance(X, FarRows)
        size = X.at_once(VALIDATION_ROWS) if far else VALIDATION_ROWS
        batches = batches_of(X, Y, w, size)
        loss = partial(run.objective.cost, batches=batches)
        if self.scoring == "loss":
            return Validation(loss)
        scorer, y = check_scoring(self, self.scoring), self._decode(codes)
        weights = {} if sample_weight is None else {"sample_weight": sample_weight}

        def score(theta):
            twin = self._twin(run, theta)
            vars(twin).pop("feature_names_in_", None)  # held_out.X is an array
            try:
                value = scorer(twin, held_out.X, y, **weights)
            except (TypeError, ValueError) as error:
                raise ValueError(
                    f"scoring={self.scoring!r} fails on the rows held out: {error}; "
                    "it must take an estimator, X, y and, where rows have weights, "
                    "sample_weight."
                ) from error
            if not isinstance(value, Real) or np.isnan(value):
                raise ValueError(
                    f"scoring={self.scoring!r} must return a number, got {value!r}."
                )
            return value

        return Validation(loss, score)
