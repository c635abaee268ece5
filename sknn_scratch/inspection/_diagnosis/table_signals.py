"""Measurements of an ensemble for tables that need no training."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.random import RandomState
from sklearn.utils.validation import check_consistent_length

from ..._compat import safe_indexing
from ..._engine.losses import LOSSES
from ..._estimators.access import before_network, last_step
from ..._estimators.convergence import course_of, judge, turn_of
from ..._fit.parameter_use import parameters_for
from ..._fit.scale import scaled_loss
from ..._fit.settings import parameters_of
from ..._rows.columns import targets_of
from ..._tabular.out_of_fold import rows_out_of_fold
from ..._tabular.recipe import MEMBER
from ..._training.run import Baseline, constant_loss
from .signals import ROWS, Fit

OUT_OF_TIME = ("observer", "interrupted")  # endings by which a time limit may show


@dataclass(kw_only=True)
class TableSignals:
    """Measurements of a fitted ensemble.

    The checks of classes are those of networks; they read the names of `Signals`.
    """

    model: object
    target: object  # Labels or Numbers
    baseline: Baseline
    judged: Fit  # of the ensemble to the rows out of fold
    own_loss: float  # mean of the members', on rows most of which they trained on
    boosted: float | None = None  # gradient boosting's loss of new rows / a constant's
    held_out: Fit | None = None
    fitted: bool = True
    steps: bool = True  # the solver of members has a learning rate
    judged_on: str = "rows out of fold"

    @property
    def kind(self):
        """Return the kind of the targets."""
        return self.target.kind

    @property
    def classes(self):
        """Return the classes of a classifier, else None."""
        return self.target.fitted.get("classes_")

    @property
    def learnable(self):
        """Return True if the targets differ."""
        return self.baseline.constant > 1e-9 * self.baseline.idle

    @property
    def own_ratio(self):
        """Return the members' loss on training rows, divided by that of a constant."""
        return self.own_loss / self.baseline.constant

    @property
    def rate(self):
        """Return the learning rate with which training begins."""
        return self.model.learning_rate_init

    @property
    def default_rate(self):
        """Return the default learning rate."""
        return type(self.model)().learning_rate_init

    @cached_property
    def courses(self):
        """Return how the training cost of each member goes."""
        solver = MEMBER["solver"]
        return [course_of(net, solver, self.baseline) for net in self.model.members_]

    @cached_property
    def validation_courses(self):
        """Return how the loss of the rows that each member held out goes."""
        return [self._validation_course(net) for net in self.model.members_]

    def _validation_course(self, net):
        reason, curve = net._ending, net.validation_loss_curve_ or ()
        if self.model.time_limit is not None and reason in OUT_OF_TIME:
            reason = "max_iter"
        found = judge(curve, reason=reason, n_iter=net.n_iter_, baseline=self.baseline)
        return found._replace(turn=turn_of(curve, net.n_iter_, net.best_epoch_))

    def option(self, name):
        """Return a parameter of the ensemble, or None if it has no such parameter."""
        return getattr(self.model, name, None)


def measure_ensemble(estimator, X, y, sample_weight=None):
    """Measure a fitted ensemble, or a Pipeline that ends in one; return the signals.

    X and y are the rows of fit. None is returned if no member held a row out.
    """
    model = last_step(estimator)
    check_consistent_length(X, y)
    found = rows_out_of_fold(model, y, sample_weight)
    if not len(found.rows):
        return None
    rows = np.arange(len(found.rows))
    if len(rows) > ROWS:
        rows = np.sort(RandomState(0).permutation(len(rows))[:ROWS])
    X = before_network(estimator, safe_indexing(X, found.rows[rows]))
    with np.errstate(all="ignore"):
        losses = Losses(model, found)
        Z = model._outputs(X) / getattr(model, "temperature_", 1.0)
        return TableSignals(
            model=model,
            target=model._target,
            baseline=losses.baseline,
            judged=losses.fit_of_predictions(found.predicted),
            own_loss=float(np.mean([losses.loss(member, rows) for member in Z])),
        )


class Losses:
    """Measure outputs of rows out of fold by the loss of the members.

    Outputs are those for y itself, (m, n[L]). Losses are in the units of y.
    """

    def __init__(self, model, found):
        member, w = model.members_[0], found.w / found.w.mean()
        target, cls = member._target, LOSSES[member._target.kind]
        loss = cls(**parameters_for(cls, parameters_of(member)))
        self._target, (self._loss, self._unit) = target, scaled_loss(loss, target)
        Y = target.targets(found.codes, np.float64)
        self._Y, self._w = targets_of(Y, w, most=np.inf)
        self.baseline = Baseline(
            self._cost(np.zeros_like(self._Y)),
            self._unit * constant_loss(self._loss, self._Y, self._w),
        )

    def loss(self, Z, rows):
        """Return the loss of outputs of the rows with these numbers."""
        return self._cost(self._scaled(Z), rows)

    def fit_of_predictions(self, predicted):
        """Return the `Fit` of what an ensemble predicts of all rows."""
        Z = predicted.reshape(len(predicted), -1)
        Z = self._scaled(np.log(Z) if self._loss.output == "exp" else Z)
        return Fit(
            loss=self._cost(Z),
            constant=self.baseline.constant,
            Y=self._Y,
            Z=Z,
            multilabel=self._target.multilabel,
        )

    def _scaled(self, Z):
        """Return outputs as columns on the scale of the training."""
        if not self._target.scale:
            return Z.T
        mean, scale = self._target.mean_and_scale
        return (Z.T - mean) / scale

    def _cost(self, Z, rows=slice(None)):
        Z = np.asfortranarray(Z)
        Y, w = np.asfortranarray(self._Y[:, rows]), self._w[rows]
        return self._unit * self._loss(Z, Y, w, np.empty_like(Z))
