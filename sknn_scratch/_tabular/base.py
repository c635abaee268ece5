"""The base class of the ensembles: tables in, members trained, predictions out."""

import time
from abc import ABC, abstractmethod
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from joblib import effective_n_jobs
from scipy.sparse import issparse
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.validation import check_is_fitted, validate_data

from .._compat import CallbackSupportMixin, fit_context, safe_indexing
from .._estimators.base import whole_or_not_at_all
from .._estimators.representation import DiagramMixin
from .._fit.inputs import (
    given_targets,
    valid_targets,
    valid_weights,
    weighted_rows,
)
from ..preprocessing import TableEncoder
from .recipe import member_parameters, members_for
from .rows import TableRows, rows_of
from .splits import SplitRows, row_groups, splits
from .training import Task, outputs, planned, train_members


class Table(NamedTuple):
    """Valid rows of a training.

    Attributes
    ----------
    rows : SplitRows
        The rows as they were given.
    encoder : TableEncoder
        Fitted to them.
    X : ndarray or TableRows
        The encoded rows.
    y : ndarray
        Their targets as they were given.
    target : Labels or Numbers
    codes : ndarray
        Their targets as numbers.
    w : ndarray of shape (m,)
        Their weights in the cost.
    sample_weight : ndarray of shape (m,) or None
        Their weights as they were given.
    """

    rows: SplitRows
    encoder: TableEncoder
    X: object
    y: np.ndarray
    target: object
    codes: np.ndarray
    w: np.ndarray
    sample_weight: np.ndarray | None


class BaseTabular(DiagramMixin, CallbackSupportMixin, BaseEstimator, ABC):
    """Base class of the ensembles of networks for tables."""

    @abstractmethod
    def _learn(self, y, w):
        """Return Labels or Numbers, and y encoded by them."""

    @abstractmethod
    def _member(self, parameters):
        """Return a network that is not fitted, with these parameters."""

    @abstractmethod
    def _publish_rows(self, table, members):
        """Set the fitted attributes that rows out of fold decide."""

    # -- training ----------------------------------------------------------------------

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y, sample_weight=None):
        """Train the members.

        Parameters
        ----------
        X : {DataFrame, array-like} of shape (n_samples, n_features)
            The table: numbers, categories, texts, booleans and dates, of which any may
            be missing.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets. Classifiers take one class a row, or zeros and ones for several
            labels a row; regressors take one or several numbers a row.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, at least 0. A row of weight 0 is left out; only its
            class stays in `classes_`.

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
            If training is interrupted; the members that are trained by then make the
            model.
        """
        start = time.monotonic()
        with whole_or_not_at_all(self):
            table = self._read(X, y, sample_weight)
            tasks = self._tasks(table, start)
            told = self._begin(tasks, X, y, sample_weight)
            members = self._train(tasks)
            self._publish(table, members)
            if told:
                context, arguments = told
                context.call_on_fit_task_end(**arguments, reconstruction_attributes={})
        if members[-1].interrupted:
            raise KeyboardInterrupt
        return self

    def _begin(self, tasks, X, y, sample_weight):
        """Return the context of scikit-learn's callbacks and its data, or None."""
        if not hasattr(self, "_skl_callbacks"):
            return None
        weighted = sample_weight is not None
        metadata = {"sample_weight": sample_weight} if weighted else None
        arguments = {"estimator": self, "X": X, "y": y, "metadata": metadata}
        context = self._init_callback_context(
            max_subtasks=len(tasks), sequential_subtasks=False
        )
        context.call_on_fit_task_begin(**arguments)
        for i, task in enumerate(tasks):
            task.context = context.subcontext(task_name="member", task_id=i)
            task.owner = self
        return context, arguments

    def _read(self, X, y, sample_weight):
        """Validate the rows, learn the encoder from them and return the Table."""
        encoder = self._encoder()
        encoder._table(X, reset=True, estimator=self)
        validate_data(self, X, y, skip_check_array=True)
        y = self._valid_y(X, y)
        target, kept = self._learn_kept(y, valid_weights(X, sample_weight))
        rows = SplitRows(X, y, kept.X)
        if len(kept.w) < len(y):
            X, y = safe_indexing(X, kept.X), y[kept.X]
        encoder.fit(X)
        read = encoder._read(X)
        in_parts = self.time_limit is not None
        encoded = TableRows(encoder, read) if in_parts else rows_of(encoder, read)
        return Table(rows, encoder, encoded, y, target, *kept[1:])

    def _valid_y(self, X, y):
        """Return y as a dense array; what warns of its shape warns once."""
        y = valid_targets(self, X, given_targets(self, y))
        if self._estimator_type == "classifier" and issparse(y):
            y = y.toarray()
        one_column = y.ndim == 2 and y.shape[1] == 1 and not issparse(y)
        return column_or_1d(y, warn=True) if one_column else y

    def _learn_kept(self, y, sample_weight):
        """Return Labels or Numbers, and the numbers and codes of rows with a weight."""
        target, codes = self._learn(y, sample_weight)
        factors = target.row_weights(codes)
        numbers = np.arange(len(codes))
        return target, weighted_rows(numbers, codes, sample_weight, factors)

    def _encoder(self):
        """Return a TableEncoder that is not fitted."""
        return TableEncoder(
            n_bins=self.n_bins,
            max_levels=self.max_levels,
            categorical_features=self.categorical_features,
        )

    def _members_for(self, m):
        """Return how many members m rows are to have."""
        return members_for(m) if self.n_members == "auto" else self.n_members

    def _train(self, tasks):
        """Return the Members in order; after Ctrl-C those that there are."""
        members = []
        try:
            for member in train_members(tasks, self.n_jobs):
                members.append(member)
                if self.verbose:
                    print(report_of(member, len(members), len(tasks)))
                if member.interrupted or member.last:
                    break
        except KeyboardInterrupt:
            if not members:
                raise
            members[-1] = members[-1]._replace(interrupted=True)
        return members

    def _tasks(self, table, start):
        """Return the Task of each member; `start` is when `fit` began."""
        rng, rows, classes = check_random_state(self.random_state), table.rows, None
        if self._estimator_type == "classifier":
            rows = rows._replace(strata=row_groups(table.codes))
            if not table.target.multilabel:
                classes = table.target.classes
        parts = splits(self.cv, self._members_for(len(table.w)), rows, rng)
        seeds = rng.randint(np.iinfo(np.int32).max, size=len(parts))
        tasks = []
        for (train, held_out), seed in zip(parts, seeds, strict=True):
            net = self._member(member_parameters(self, len(table.w), len(train)))
            net.set_params(random_state=int(seed))
            task = Task(net, table.X, table.y, table.w, train, held_out)
            tasks.append(replace(task, classes=classes))
        if self.time_limit is None:
            return tasks
        left = self.time_limit - (time.monotonic() - start)
        return planned(tasks, left, effective_n_jobs(self.n_jobs))

    def _publish(self, table, members):
        """Set the fitted attributes. Nothing else does, but for `validate_data`."""
        self._target, self.encoder_ = table.target, table.encoder
        vars(self).update(table.target.fitted)
        self.members_ = [member.net for member in members]
        self.n_outputs_ = table.target.n_outputs
        self.n_iter_ = max(net.n_iter_ for net in self.members_)
        self.best_epochs_ = [net.best_epoch_ or net.n_iter_ for net in self.members_]
        self._publish_rows(table, members)

    # -- prediction --------------------------------------------------------------------

    def _outputs(self, X):
        """Return the raw outputs of each member, (n_members, m, n[L])."""
        check_is_fitted(self)
        Z = [
            outputs(self.members_, TableRows(self.encoder_, part))
            for part in self.encoder_._parts(X, self)
        ]
        return np.concatenate(Z, axis=1)

    # -- scikit-learn and pickle -------------------------------------------------------

    def _one_member(self):
        """Return the first member; before fit, one that is not fitted."""
        if self.__sklearn_is_fitted__():
            return self.members_[0]
        return self._member(member_parameters(self, 1, 1))

    def _drawn(self):
        n = len(self.members_) if self.__sklearn_is_fitted__() else self.n_members
        n = "several" if n == "auto" else n
        return self._one_member(), f"One of {n} members:"

    def __sklearn_is_fitted__(self):
        return hasattr(self, "members_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags


def report_of(member, k, n):
    """Return a line on the k-th of n members."""
    net, loss = member.net, ""
    if net.best_epoch_ is not None:
        loss = f", loss out of fold {min(net.validation_loss_curve_):.5g}"
    return f"Member {k} of {n}: {net.n_iter_} epochs{loss}, {member.seconds:.1f} s"
