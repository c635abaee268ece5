"""Measurements of a network and its rows that need no training."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.random import RandomState
from scipy.sparse import issparse

from ..._engine.optimizers import OPTIMIZERS
from ..._estimators.access import (
    before_network,
    check_in_reach,
    is_fitted,
    network_of,
    next_run,
)
from ..._estimators.convergence import course_of
from ..._fit.inputs import Data, validation_rows
from ..._fit.settings import parameters_of
from ..._training.run import constant_loss
from .._sampling import n_rows, rows_at
from .forces import forces_of

ROWS = 2000  # of the sample on which the network is measured, at most
VALUES = 2**22  # entries of the sample's X, at most

APART = 1.25  # held-out loss / training loss, each divided by that of a constant
HARDLY = 0.2  # fall of the cost / first cost: less is hardly any fall
FACTORS = 10.0 ** np.arange(1, 6)  # factors of the learning rate that are tried

# Parameters that would make the measurements random or change the targets. With "gd"
# one batch holds all rows.
OVERRIDES = {
    "solver": "gd",
    "early_stopping": False,
    "dropout": 0.0,
    "label_smoothing": 0.0,
    "keep_optimizer_state": False,
}


@dataclass(kw_only=True)
class Fit:
    """Fit of a network to some rows: loss without penalty, targets and outputs.

    Losses are in the units of y; Y and Z are those of the training.
    """

    loss: float
    constant: float  # the loss of the best constant output
    Y: np.ndarray  # (n[L], m)
    Z: np.ndarray  # (n[L], m), raw outputs
    multilabel: bool  # True for multilabel targets
    error: float = 0.0  # standard error of the loss, of held-out rows

    @property
    def ratio(self):
        """Return the loss divided by that of a constant output."""
        return self.loss / self.constant if self.constant else 1.0

    @property
    def sure_gap(self):
        """Return two standard errors of the ratio."""
        return 2 * self.error / self.constant if self.constant else 0.0

    def codes(self):
        """Return the class of each row as its number."""
        return self._chosen(self.Y, 0.5)

    def answers(self):
        """Return the predicted class of each row as its number."""
        return self._chosen(self.Z, 0)

    def accuracy(self):
        """Return the share of right classes; for multilabel targets of right labels."""
        if self.multilabel:
            return float(np.mean((self.Y > 0.5) == (self.Z > 0)))
        return float(np.mean(self.codes() == self.answers()))

    def _chosen(self, values, half):
        if len(values) == 1:
            return (values[0] > half).astype(int)
        return values.argmax(axis=0)


@dataclass(kw_only=True)
class Signals:
    """Measurements of a network; lists are indexed by layer from 1, like W and A."""

    network: object
    prepared: object  # the prepared copy of the network
    fitted: bool
    n_rows: int  # of X, before sampling
    weight: float  # sum of the weights of all rows
    solver: str
    settings: object
    run: object
    kind: str  # kind of the targets
    activations: tuple  # names, of the layers 1 to L - 1
    W: list
    b: list
    A: list  # of the hidden layers without dropout, (n[l], m)
    slopes: list  # g'(Z[l]), (n[l], m)
    gradient_sizes: list  # root mean square of dZ[l], relative to dZ[L]
    train: Fit
    held_out: Fit | None = None
    boosted: float | None = None  # gradient boosting's loss of new rows / a constant's

    @property
    def model(self):
        """Return the network, by the name that ensembles have, too."""
        return self.network

    @property
    def judged(self):
        """Return the fit to the rows by which the classes are judged."""
        return self.train

    @property
    def judged_on(self):
        """Return which rows these are, in words."""
        return "its own rows"

    @property
    def L(self):
        return len(self.W) - 1

    @property
    def learnable(self):
        """Return True if the targets differ."""
        return self.train.constant > 1e-9 * self.run.unit

    @property
    def m(self):
        """Return the number of rows that were measured."""
        return self.train.Z.shape[1]

    @property
    def hidden(self):
        """Return the numbers of the hidden layers."""
        return range(1, self.L)

    @property
    def steps(self):
        """Return True if the solver has a learning rate."""
        return self.solver in OPTIMIZERS

    @property
    def rate(self):
        """Return the learning rate with which training begins."""
        given = self.network.learning_rate_init
        return self.default_rate if given is None else given

    @property
    def default_rate(self):
        """Return the solver's default learning rate."""
        return self.settings.rates[self.solver]

    @cached_property
    def course(self):
        """Return how training ended and how its cost curve goes."""
        seen = getattr(self.network, "t_", np.inf)  # chunks of partial_fit count less
        whole = seen > 0.5 * self.n_rows * len(self.curve())
        found = course_of(
            self.network,
            self.solver,
            self.run.baseline(),
            all_rows=whole,
            penalty=self.forces.penalty,
        )
        return found._replace(validated=found.validated or self.held_out is not None)

    @cached_property
    def forces(self):
        """Return what pulls at the weights, and how far it has moved them."""
        return forces_of(self)

    @property
    def classes(self):
        """Return the classes of a classifier, else None."""
        return self.run.learned.target.fitted.get("classes_")

    @property
    def output(self):
        """Return the name of the loss's link."""
        return self.run.objective.loss.output

    @property
    def penalty(self):
        """Return the name of the parameter that sets the penalty."""
        return "C" if self.option("alpha") is None else "alpha"

    @property
    def strength(self):
        """Return the factor of the penalty beside the mean loss of training rows."""
        return self.settings.strength(self.weight)

    def option(self, name):
        """Return a parameter of the network, or None if it has no such parameter."""
        return self.settings.parameters.get(name)

    @cached_property
    def longer_step(self):
        """Return (factor, loss) of the best longer step, or None if none helps enough.

        The step goes along the gradient, or along its signs for solvers that divide the
        gradient by its size: their steps are about the signs.
        """
        curve = self.curve()
        if not self.steps or len(curve) < 2:
            return None
        if curve[0] - curve[-1] > HARDLY * abs(curve[0]):
            return None
        objective = self.run.objective
        theta = objective.params.theta.copy()
        batch = self.run.batches.first_batch()
        J, gradient = objective(theta, *batch)
        J, unit, step = J * self.run.unit, self.run.unit, gradient.copy()
        if OPTIMIZERS[self.solver].normalizes:  # the run's solver is 'gd'
            step = np.sign(step)
        with np.errstate(all="ignore"):
            costs = [
                unit * objective(theta - self.rate * k * step, *batch)[0]
                for k in FACTORS
            ]
        objective.set_theta(theta)
        best = int(np.nan_to_num(costs, nan=np.inf).argmin())
        enough = max(0.1 * abs(J), 2 * (curve[0] - curve[-1]))
        if J - costs[best] < enough or np.max(np.abs(gradient)) == 0:
            return None
        return FACTORS[best], costs[best]

    @property
    def generalises(self):
        """Return False if longer training is likely to fit only the training rows.

        The validation loss of the last training rises then, or the loss of held-out
        rows is clearly above that of the training rows.
        """
        if self.course.turn:
            return False
        if self.held_out is None:
            return True
        train, other = self.train.ratio, self.held_out.ratio
        return other <= max(APART * train, train + self.held_out.sure_gap)

    def curve(self):
        """Return the costs of the training, or an empty array if there was none."""
        return np.asarray(self.network.loss_curve_ if self.fitted else [], float)


def measure(estimator, X, y, X_val=None, y_val=None, sample_weight=None):
    """Measure the estimator on a sample of the rows; return all signals."""
    check_in_reach(X)
    network, fitted = network_of(estimator), is_fitted(estimator)
    if not hasattr(X, "shape"):
        X = np.asarray(X)  # if it has no rows, `fit` raises the right error
    m = n_rows(X) if X.ndim else 0
    weight = float(m if sample_weight is None else np.sum(sample_weight))
    classes = network._estimator_type == "classifier"
    X, y, sample_weight = sample(X, y, sample_weight, classes=classes)
    known = parameters_of(network)
    changed = {name: value for name, value in OVERRIDES.items() if name in known}
    with np.errstate(all="ignore"):
        prepared, run = next_run(estimator, X, y, sample_weight, **changed)
        signals = _signals_of(network, fitted, prepared, run, m, weight)
        if X_val is not None and fitted:
            X_val, y_val, _ = sample(X_val, y_val)
            signals.held_out = _held_out(estimator, prepared, run, X_val, y_val)
    return signals


def sample(X, y, w=None, classes=False):
    """Return a fixed sample of the rows, with at least one row of each class."""
    if not hasattr(X, "shape"):
        X = np.asarray(X)
    n = int(np.prod(X.shape[1:]))
    most = ROWS if issparse(X) else min(ROWS, max(VALUES // max(n, 1), 200))
    if not X.ndim or n_rows(X) <= most:
        return X, y, w
    chosen = RandomState(0).permutation(n_rows(X))[:most]
    if not hasattr(y, "shape"):
        y = np.asarray(y)
    labels = np.asarray(y) if classes and not issparse(y) else np.empty((0, 0))
    if labels.ndim == 1 or labels.shape[1] == 1:
        chosen = np.union1d(chosen, np.unique(labels, return_index=True)[1])
    chosen = np.sort(chosen)
    w = w if w is None else np.asarray(w)[chosen]
    return rows_at(X, chosen), rows_at(y, chosen), w


def _signals_of(network, fitted, prepared, run, rows, weight):
    objective, (X, Y, w) = run.objective, run.batches.first_batch()
    params, g = objective.params, objective.g_at_rest
    settings = network._settings(run.X)  # of the network: the run has solver='gd'
    L, m = params.L, X.shape[1]
    loss = objective.loss_at(params.theta, X, Y, w)
    A, Z = objective.A.first(m), objective.A.first(m)[L].copy()
    layers = [None, *(A[l].copy() for l in range(1, L))]
    slopes = [None, *(np.ones_like(A_l) for A_l in layers[1:])]
    for l in range(1, L):
        g[l].chain(A[l], slopes[l])  # overwrites A
    return Signals(
        network=network,
        prepared=prepared,
        fitted=fitted,
        n_rows=rows,
        weight=weight,
        solver=settings.solver,
        settings=settings,
        run=run,
        kind=run.learned.target.kind,
        activations=[name for name, _ in run.learned.activations],
        W=params.W,
        b=params.b,
        A=layers,
        slopes=slopes,
        gradient_sizes=_gradient_sizes(objective, X, Y, w),
        train=Fit(
            loss=run.unit * loss,
            constant=run.unit * constant_loss(objective.loss, Y, w),
            Y=np.array(Y),
            Z=Z,
            multilabel=run.learned.target.multilabel,
        ),
    )


def _gradient_sizes(objective, X, Y, w):
    """Return the root mean square of each dZ[l], relative to that of dZ[L].

    dZ[L] is drawn at random: after a good training the dZ[L] of the loss is next to 0
    and mostly noise.
    """
    loss, objective.loss = objective.loss, _noise
    try:
        objective(objective.params.theta, X, Y, w)
    finally:
        objective.loss = loss
    dZ = objective.dZ.first(X.shape[1])[1:]
    sizes = [np.sqrt(np.mean(np.square(dZ_l, dtype=float))) for dZ_l in dZ]
    return [None, *(size / sizes[-1] for size in sizes)]


def _noise(Z, Y, w, dZ):
    """Draw dZ[L] at random, in place of that of a loss."""
    dZ[...] = RandomState(0).standard_normal(dZ.shape)
    return 0.0


def _held_out(estimator, prepared, run, X, y):
    """Return the fit of a fitted network to held-out rows."""
    data = Data(before_network(estimator, X), y)
    rows = validation_rows(prepared, data, run.X, run.learned.target)
    vars(prepared).pop("feature_names_in_", None)  # checked; the valid rows have none
    Z = np.ascontiguousarray(prepared._raw(rows.X).T)
    if run.learned.target.scale:  # the last layer gives y itself
        mean, scale = run.learned.target.mean_and_scale
        Z = (Z - mean) / scale
    targets, w = run.learned.target.targets(rows.codes, Z.dtype), rows.w / rows.w.mean()
    Y = np.empty(targets.shape, Z.dtype)
    targets.write(slice(None), out=Y)
    Y, w, loss = Y.T, w.astype(Z.dtype), run.objective.loss
    columns = [np.s_[:, i : i + 1] for i in range(len(w))]
    each = [loss(Z[i], Y[i], w[i[1]], np.empty_like(Z[i])) for i in columns]
    return Fit(
        loss=run.unit * loss(Z, Y, w, np.empty_like(Z)),
        error=run.unit * float(np.std(each) / np.sqrt(len(each))),
        constant=run.unit * constant_loss(loss, Y, w),
        Y=Y,
        Z=Z,
        multilabel=run.learned.target.multilabel,
    )
