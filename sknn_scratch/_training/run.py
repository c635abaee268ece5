"""One training run: its parts, and their execution. Does not depend on estimators."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.random import RandomState

from .._engine.optimizers import Optimizer
from .objective import Objective
from .solvers import ALL_ROWS
from .state import state_of
from .step import Averaged
from .watch import Reseed, Watch

TARGETS = 10_000  # rows whose targets make the baseline, at most
VALUES = 2**17  # of their targets, at most
SURE = 10  # rows of a sample for each output


class Start(NamedTuple):
    """The state in which a training starts: a new one, or that of an earlier call."""

    rng: RandomState
    partial: bool = False  # partial_fit: one epoch, no rows held out
    seed: np.ndarray | None = None  # of rng, where rng belongs to this fit
    layers: tuple | None = None  # W[1..L] and b[1..L] to continue from
    target: object = None  # description of the y that was learned
    moments: tuple | None = None  # solver, state of its optimiser
    split_seed: np.ndarray | None = None  # so that warm_start holds out the same rows
    # for partial_fit, which continues the counts:
    scaler: object = None
    n_iter: int = 0
    t: int = 0
    curve: tuple = ()
    rates: tuple = ()


class Learned(NamedTuple):
    """What was derived from the data and the parameters before the first epoch.

    Attributes
    ----------
    target : object
        Describes y: its kind, its classes or its shape.
    activations : list of (name, options)
        Activations of the hidden layers.
    scaler : StandardScaler or None
        Fitted scaler of X.
    split_seed : ndarray or None
        Seed of the split into training rows and held-out rows.
    """

    target: object
    activations: list
    scaler: object = None
    split_seed: np.ndarray | None = None


class Baseline(NamedTuple):
    """Losses of trivial outputs, which the costs of a training are compared with.

    Attributes
    ----------
    idle : float
        The loss of outputs that are all 0.
    constant : float
        The least loss of an output that is the same for all rows.
    """

    idle: float
    constant: float


@dataclass(kw_only=True)
class Run:
    """The parts of one training run.

    `minimise` trains the vector `theta` with `objective`, `batches` and `watch`. Where
    it is gradient descent, it also uses `step`.
    `members` are the members of the watch by name. `beside` are the objects, by name,
    whose state is kept together with each copy of theta.
    """

    start: Start
    solver: str
    X: object  # the training rows, before scaling
    m: int  # number of training rows
    batches: Iterable
    objective: Objective
    optimizer: Optimizer | None
    step: Callable | None  # the optimiser with its wrappers
    minimise: Callable
    watch: Watch
    average: Averaged | None = None  # the step, where the watch sees a mean of theta
    learned: Learned | None = None
    unit: float = 1.0  # J of this training times the unit is in the units of y
    penalty: float = 0.0  # that of the final theta, in the units of y
    members: dict = field(default_factory=dict)
    reseed: Reseed | None = None
    beside: dict = field(default_factory=dict)
    interrupted: bool = False

    def add(self, name, member):
        self.members[name] = self.watch.add(member)
        return member

    def __post_init__(self):
        if self.average:
            self.watch.to_theta = lambda theta: self.average.mean

    @property
    def theta(self):
        """Return the vector that the solver changes."""
        return self.average.theta if self.average else self.objective.params.theta

    def stateful(self):
        """Return the arrays and objects that change from epoch to epoch, by name."""
        things = {
            "theta": self.average or self.theta,
            "optimizer": self.optimizer,
            "reseed": self.reseed,
            "watch": self.watch,
        }
        members = self.members.items()
        return things | {k: v for k, v in members if hasattr(v, "remembers")}

    def train(self):
        """Run the solver; return the final theta and its loss.

        Ctrl-C also ends the run. Theta is then that of the last epoch that every
        recording member has processed.
        """
        objective, watch, finite = self.objective, self.watch, self.members["finite"]
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            try:
                theta = self.minimise(
                    objective=objective,
                    batches=self.batches,
                    theta=self.theta,
                    watch=watch,
                )
            except KeyboardInterrupt:
                if not watch.whole:
                    raise
                self.interrupted = True
                watch.rewind()
                theta = watch.best(finite.theta_at(watch.whole))
            loss = self._loss(theta)
            # no cost was computed with the parameters at the end of the last epoch
            if watch.reason != "diverged" and not np.isfinite(self._probe(theta, loss)):
                watch.reason, watch.kept = "diverged", finite.good
                theta = watch.kept.theta
                loss = self._loss(theta)
            # before the layers are turned into those for X and y as they are given
            objective.set_theta(theta)
            self.penalty = self.unit * objective.penalty()
        return theta, float(loss)

    def release(self):
        """Break the reference cycles of the members.

        The rows, on the workers of a cluster too, are then freed at once.
        """
        self.watch.members.clear()
        self.members.clear()
        self.watch.kept = None

    def _loss(self, theta):
        """Return J at theta; for minibatches, the mean J of the epoch before theta."""
        stopping, watch = self.members.get("stopping"), self.watch
        epoch = stopping.best_epoch if stopping else watch.n_iter
        if self.solver in ALL_ROWS or watch.reason == "diverged" or not epoch:
            return self.objective.cost(theta, self.batches) + self.objective.penalty()
        return self.members["curve"].values[-1 if self.start.partial else epoch - 1]

    def _probe(self, theta, loss):
        """Return the loss; for minibatches, the cost of one batch at theta.

        The loss of minibatches is a mean over the epoch before theta.
        """
        if self.solver in ALL_ROWS:
            return loss
        return self.objective.loss_at(theta, *self.batches.first_batch())

    def targets(self):
        """Return Y and w of the training as columns, of many a sample."""
        n_outputs = self.objective.params.n[-1]
        return self.batches.targets(max(min(TARGETS, VALUES // n_outputs), 1))

    def baseline(self):
        """Return the losses of trivial outputs on the targets, of many a sample.

        They are in the units of y, as the published costs are.
        """
        n_outputs, loss = self.objective.params.n[-1], self.objective.loss
        Y, w = self.targets()
        Z = np.zeros(Y.shape[::-1], Y.dtype).T
        with np.errstate(all="ignore"):
            idle = self.unit * float(loss(Z, Y, w, np.empty_like(Z)))
            # in a sample that is small for its classes most of them are missing
            if not w.any() or len(w) < min(self.m, SURE * n_outputs):
                return Baseline(idle, idle)
            return Baseline(idle, self.unit * float(constant_loss(loss, Y, w)))

    def final_state(self):
        """Return the optimiser's state and the seed that belong to the final theta."""
        if self.watch.kept is not None:
            rest = self.watch.kept.rest
        else:
            rest = state_of({"optimizer": self.optimizer, "reseed": self.reseed})
        return rest.get("optimizer"), rest["reseed"]["seed"]


def constant_loss(loss, Y, w):
    """Return the least loss of an output that is the same for all rows."""
    Y, w = np.asarray(Y, float), np.asarray(w, float)
    mean = np.average(Y, axis=1, weights=w)[:, None]
    with np.errstate(divide="ignore"):
        if loss.output == "logistic":
            outputs = [np.clip(np.log(mean) - np.log1p(-mean), -700, 700)]
        elif loss.output == "identity":  # squares want the mean, distances a quantile
            levels = np.broadcast_to(np.ravel(loss.level), len(Y))
            outputs = [mean, np.array([[*map(np.quantile, Y, levels)]]).T]
        else:
            outputs = [np.maximum(np.log(mean), -700)]
    costs = []
    for output in outputs:
        Z = np.repeat(output, Y.shape[1], axis=1)
        costs.append(loss(Z, Y, w, np.empty_like(Z)))
    return min(costs)
