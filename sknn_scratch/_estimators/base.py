"""The base class of the networks: `fit(X, y)`, fitted attributes, predictions."""

import warnings
from abc import ABC, abstractmethod
from contextlib import contextmanager
from copy import copy
from functools import wraps

import numpy as np
from numpy.random import RandomState
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import check_scoring
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from .._compat import CallbackSupportMixin, check_parameters, fit_context
from .._engine.activations import make_activations
from .._engine.propagation import Parameters
from .._fit.inputs import (
    Data,
    far_rows,
    scale_mismatch,
    valid_rows,
    valid_weights,
    validation_rows,
    values_in_memory,
    weighted_rows,
)
from .._fit.members import cost_curve
from .._fit.prepare import prepare
from .._fit.scale import fold, fold_target
from .._fit.settings import is_ours, option, parameters_of
from .._rows.disk import is_collection, is_on_disk
from .._rows.source import RowSource
from .._training.objective import raw_outputs
from .._training.run import Start
from .convergence import WARNED_OF, course_of
from .convergence_texts import warning_of
from .feature_scale import scale_of_features, scale_of_targets
from .representation import DiagramMixin


def lazy_for_dask(method):
    """Let the workers of a cluster make the predictions for a Dask collection."""

    @wraps(method)
    def method_for_all(self, X):
        if is_collection(X):
            from ..distributed._predict import predict_lazily

            return predict_lazily(self, method.__name__, X)
        return method(self, X)

    return method_for_all


@contextmanager
def whole_or_not_at_all(estimator):
    """Restore the estimator after an error: to its old fit, or to none."""
    before = vars(estimator).copy()
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise


def without_nan(Z):
    """Return Z (m, n[l]); ValueError names a row of X that gives NaN."""
    if not np.isnan(Z.sum()):  # no memory for a second table
        return Z
    strange = np.isnan(Z).any(axis=1)
    if strange.any():
        raise ValueError(
            f"row {strange.argmax()} of X (the first is 0) gives NaN: its values, or "
            f"the fitted parameters, are so large that sums overflow {Z.dtype}; scale "
            "X, or train on scaled features."
        )
    return Z


class BaseNetwork(DiagramMixin, CallbackSupportMixin, BaseEstimator, ABC):
    """Base class of the networks."""

    _dtypes = (np.float64, np.float32)  # of training; X of other types becomes float64
    _by_hand = None  # a learner's functions in the engine's place (inspection.check_my)
    _published_dtype = None  # of the fitted parameters; None: that of the training
    _ending = None  # why `fit` ended (a key of ENDINGS); files do not keep it

    # -- what the final classes say ----------------------------------------------------

    @abstractmethod
    def _settings(self, X):
        """Return the Settings of a training on X."""

    @abstractmethod
    def _learn(self, y, w, classes, start):
        """Return Labels or Numbers, and y encoded by them; w may be None."""

    @abstractmethod
    def _publish_layers(self, params, n_iter):
        """Set parameters and n_iter as fitted attributes in scikit-learn's shapes."""

    @abstractmethod
    def _published_layers(self):
        """Return W[1..L] and b[1..L] in the course's shapes, as views."""

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
            float32 stays float32, CSR and CSC stay sparse. Rows on disk
            (h5py.Dataset, numpy.memmap) are read as they are needed; those of a Dask
            array or data frame stay on the workers of the cluster, if there is one.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets. Classifiers take one class a row, or zeros and ones for several
            labels a row; regressors take one or several numbers a row.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, at least 0. A row of weight 0 is left out; only its
            class stays in `classes_`.
        X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
            Rows to validate on after each epoch. With `early_stopping` they replace
            `validation_fraction`. Without it they only fill
            `validation_loss_curve_` and `validation_scores_`.
        y_val : array-like of shape (n_val,) or (n_val, n_outputs), default=None
            Targets of X_val.
        sample_weight_val : array-like of shape (n_val,), default=None
            Weights of the rows of X_val, at least 0.

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

    @fit_context(prefer_skip_nested_validation=True)
    def _fit_with_classes(self, data, val, classes):
        """Train as `fit` does, on rows that need not have each of the classes."""
        return self._fit(data, val, classes=classes)

    def _fit(self, data, val, *, classes=None, partial=False):
        """Prepare, train and publish; warn where training did not end well."""
        task = None if partial else self._task(data)
        with whole_or_not_at_all(self):
            run = self._prepare(
                data,
                val,
                classes=classes,
                partial=partial,
                task=task,
                checkpoint=None if partial else self.checkpoint,
            )
            theta, loss = run.train()
            self._publish(run, run.objective.set_theta(theta), loss, *run.final_state())
            if task:
                context, told = task
                context.call_on_fit_task_end(**told, reconstruction_attributes={})
        try:
            self._warn_of_ending(run)
        finally:
            run.release()
            if run.interrupted:
                raise KeyboardInterrupt
        return self

    def _prepare(
        self, data, val, *, classes=None, partial=False, task=None, checkpoint=None
    ):
        """Validate the rows, read the settings and return the Run of a training."""
        start = self._start(partial)
        fresh = start.layers is None
        X, y = valid_rows(
            self,
            data.X,
            data.y,
            dtype=self._dtypes if fresh else start.layers[0][0].dtype,
            reset=fresh,
            buffer_size=self.buffer_size,
        )
        w = valid_weights(X, data.sample_weight)
        target, codes = self._learn(y, w, classes, start)
        rows = weighted_rows(X, codes, w, target.row_weights(codes))
        held_out = validation_rows(self, val, rows.X, target)
        run, notes = prepare(
            self._settings(rows.X),
            target,
            rows,
            held_out,
            start,
            twin=self._twin,
            make_scorer=lambda: check_scoring(self, self.scoring),
            task=task,
            checkpoint=checkpoint,
            by_hand=self._by_hand,
        )
        if self.warn and held_out:
            notes += scale_mismatch(rows.X, held_out.X)
        for note in notes:
            self._tell(note, UserWarning, 6)
        return run

    def _start(self, partial):
        """Return where this call begins: fresh, or at the end of an earlier one."""
        go_on = partial or self.warm_start
        if not (go_on and self.__sklearn_is_fitted__()):
            return Start(check_random_state(self.random_state), partial)
        start = Start(
            RandomState(self._seed),
            partial,
            self._seed,
            layers=self._layers(),
            target=self._target.of(self),
            split_seed=self._split_seed,
        )
        if partial or option(self, "keep_optimizer_state"):
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

    def _publish(self, run, params, loss, moments, seed):
        """Set the fitted attributes; params goes to the raw scale of X and y.

        Nothing else writes them, but for scikit-learn's `validate_data`. `moments` are
        the state of the optimiser and `seed` that of the random stream, for the call
        that goes on from here.
        """
        start, members, n_iter = run.start, run.members, run.watch.n_iter
        self._target, self._activations, self.scaler_, self._split_seed = run.learned
        vars(self).update(self._target.fitted)
        if self._published_dtype is not None:
            params = params.astype(self._published_dtype)
        if self.scaler_ is not None:
            fold(params, self.scaler_)
        if self._target.scale:
            fold_target(params, self._target)
        self._publish_layers(params, start.n_iter + n_iter)
        self.n_layers_, self.n_outputs_ = params.L + 1, params.n[-1]
        self.t_ = start.t + n_iter * run.m
        self._ending = run.watch.reason or (None if start.partial else "max_iter")
        rates, validation = members.get("rates"), members.get("validation")
        stopping = members.get("stopping")
        judged = validation and self.scoring != "loss"
        self.learning_rate_init_ = rates and rates.initial
        self._publish_curves(
            loss * run.unit,
            cost_curve(run),
            rates and list(rates.runs),
            validation and [J * run.unit for J in validation.losses],
            [*validation.scores] if judged else None,
            stopping and (stopping.best_epoch or None),
        )
        keep = start.partial or option(self, "keep_optimizer_state")
        if run.watch.reason == "diverged":  # moments that met inf never recover
            keep = False
        self._seed = seed
        self._optimizer_state = (run.solver, moments) if keep and moments else None

    def _publish_curves(self, loss, costs, rates, losses, scores, best_epoch):
        """Set the curves, and what follows from them."""
        self.loss_, self.loss_curve_, self._rates = loss, costs, rates
        self.validation_loss_curve_, self._scores = losses, scores
        self.best_epoch_ = best_epoch
        scores = self.validation_scores_
        self.best_validation_score_ = max(scores) if scores else None
        self.best_loss_ = None
        if not self.early_stopping or losses is None:
            self.best_loss_ = min(costs, default=loss)

    @property
    def learning_rate_curve_(self):
        """Return the learning rate of each epoch; None for solvers without one."""
        check_is_fitted(self)
        if self._rates is None:
            return None
        rates = [rate for rate, k in self._rates for _ in range(k)]
        return rates[len(rates) - len(self.loss_curve_) :]  # under partial_fit the last

    @property
    def validation_scores_(self):
        """Return the validation score of each epoch, greater is better; or None."""
        check_is_fitted(self)
        if self._scores is not None:
            return self._scores
        losses = self.validation_loss_curve_
        return losses and [-J for J in losses]

    def _twin(self, run, theta):
        """Return a fitted copy with theta for its parameters."""
        params = Parameters.flat(
            run.objective.params.n, run.objective.params.theta.dtype
        )
        params.theta[...] = theta
        twin = copy(self)
        loss = run.members["curve"].values[-1]
        twin._publish(run, params, loss, None, run.reseed.seed)
        return twin

    # -- callbacks, warnings -----------------------------------------------------------

    def _task(self, data):
        """Return the root context of scikit-learn's callbacks and its data, or None."""
        if not hasattr(self, "_skl_callbacks"):
            return None
        weighted = data.sample_weight is not None
        metadata = {"sample_weight": data.sample_weight} if weighted else None
        told = {"estimator": self, "X": data.X, "y": data.y, "metadata": metadata}
        context = self._init_callback_context(max_subtasks=self.max_iter)
        context.call_on_fit_task_begin(**told)
        return context, told

    def _warn_of_ending(self, run):
        """Warn with cause and cure where training did not converge."""
        if not self.warn or self._ending not in WARNED_OF:
            return
        if run.start.partial and self._ending != "diverged":
            return
        text = warning_of(
            course_of(self, run.solver, run.baseline(), penalty=run.penalty),
            solver=run.solver,
            max_iter=run.watch.max_iter,
            tol=self.tol,
            rate=self.learning_rate_init_,
            max_fun=option(self, "max_fun"),
            early_stopping=self.early_stopping,
        )
        if text is None:
            return
        note = self._bad_scale(run)
        self._tell(f"{text}; {note}" if note else text, ConvergenceWarning, 6)

    def _bad_scale(self, run):
        """Return what to say of a bad scale of y, or else of X, or None."""
        if run.objective.loss.output == "identity" and not run.learned.target.scale:
            note = scale_of_targets(run.targets()[0])
            if note:  # features on one scale would make it worse
                return note
        return None if self.standardize else scale_of_features(run.X)

    def _tell(self, text, category, level):
        if self.warn:
            name = type(self).__name__
            warnings.warn(f"{name}: {text}.", category, stacklevel=level)

    def _layers(self):
        """Return W[1..L] and b[1..L] as floats, as fitted or as set since."""
        W, b = self._published_layers()
        if W[0].dtype not in (np.float32, np.float64):
            W, b = ([np.asarray(v, np.float64) for v in layers] for layers in (W, b))
        return W, b

    # -- prediction --------------------------------------------------------------------

    def _raw(self, X, link=None):
        """Return Z[L] of the rows of X, (m, n[L]), or what `link` makes of it."""
        check_is_fitted(self)
        W, b = self._layers()
        X = self._valid(X, W[0].dtype)
        params, g = Parameters(W, b), make_activations(self._activations)
        with np.errstate(over="ignore", invalid="ignore"):
            A = raw_outputs(params, g, X, link)
            if np.isnan(A.sum()):
                A = self._raw_that_overflows(params, g, X, link)
        return A

    def _raw_that_overflows(self, params, g, X, link):
        """Return the outputs where infinite Z[L] are the largest numbers.

        Their differences are then numbers, too. ValueError names a row that gives NaN.
        """
        Z = without_nan(raw_outputs(params, g, X))
        if link is None:
            return Z
        largest = np.finfo(Z.dtype).max / 4
        return link(np.clip(Z, -largest, largest))

    def _measured(self, metric, X, y, sample_weight):
        """Return a metric of the predictions of X, wherever X and y are."""
        y = values_in_memory(y, "y")
        w = values_in_memory(sample_weight, "sample_weight")
        found = values_in_memory(self.predict(X), "predict(X)")
        return float(metric(y, found, sample_weight=w))

    def _valid(self, X, dtype):
        """Return X as the engine takes it, or raise what `validate_data` raises.

        An array that `validate_data` would return unchanged is not passed to it: its
        checks take 60 us, more than a small network needs for a row.
        """
        if (
            type(X) is np.ndarray
            and X.dtype == dtype
            and X.shape[1:] == (self.n_features_in_,)
            and len(X)
            and X.flags.c_contiguous
            and not hasattr(self, "feature_names_in_")
        ):
            with np.errstate(over="ignore", invalid="ignore"):
                finite = np.isfinite(X.sum())
            if finite:
                return X
        if is_on_disk(X) or isinstance(X, RowSource):
            X = far_rows(X, dtype)
            return validate_data(self, X, skip_check_array=True, reset=False)
        with np.errstate(invalid="ignore"):  # scikit-learn sums X: inf - inf
            return validate_data(self, X, accept_sparse="csr", dtype=dtype, reset=False)

    @property
    def parameters_(self):
        """Return the fitted parameters as the course writes them.

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

    def _validate_params(self):
        """Check the parameters that a training reads, whatever a subclass names."""
        parameters = parameters_of(self)
        if not is_ours(type(self)):
            parameters = self.get_params(deep=False) | parameters
        check_parameters(
            self._parameter_constraints, parameters, caller_name=type(self).__name__
        )

    def __sklearn_is_fitted__(self):
        return hasattr(self, "n_layers_")

    def __sklearn_clone__(self):
        twin = super().__sklearn_clone__()
        if self._by_hand:
            twin._by_hand = self._by_hand
        return twin

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _drawn(self):
        return self, ""

    def __getstate__(self):
        state = super().__getstate__()
        if not option(self, "keep_optimizer_state"):
            state = {**state, "_optimizer_state": None}
        if "_target" in state:  # a plain tuple: readers of files trust no class of ours
            state = {**state, "_target": tuple(state["_target"])}
        return state

    def __setstate__(self, state):
        super().__setstate__(state)
        if hasattr(self, "_target"):
            self._target = self._target_type(*self._target)
