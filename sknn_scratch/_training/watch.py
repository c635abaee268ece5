"""The watch of a training: its members are called after each epoch and may stop it.

Every solver calls the one `Watch` of its fit once an epoch (an iteration, for solvers
whose one batch is all rows) as `watch(epoch, J, theta)`. J is the cost of the epoch
before its updates, theta are the parameters after them. The watch calls its members in
their order with the same arguments. A member returns the reason to stop, or None.

Members may have more:

begin(epoch)
    is called before each epoch. L-BFGS calls the watch only at the end of an epoch.
best()
    returns the `Keeper` of the parameters to end with, or None.
truncate(epochs)
    drops the records of later epochs after Ctrl-C.
remembers
    names the attributes that are its state (see `state`).
"""

from collections import deque
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from .state import copy_state, state_of

_observers = ContextVar("sknn_scratch_observers", default=())


@contextmanager
def observe(observer):
    """Call `observer(epoch, max_iter, J, theta)` after each epoch of fits in the block.

    It is called for fits in the thread or task that entered the block, also inside of
    Pipelines. The observer must not change theta, and must copy it to keep it. If it
    returns a true value, training stops after that epoch.
    """
    token = _observers.set((*_observers.get(), observer))
    try:
        yield observer
    finally:
        _observers.reset(token)


class Watch:
    """The members that are called after each epoch of one fit, in order.

    Attributes
    ----------
    n_iter : int
        Number of epochs that have ended.
    whole : int
        The last epoch that every recording member has processed (see `Commit`).
    reason : str or None
        Why training stopped; None while it goes on. A member can read the reason that
        the members before it gave for this epoch.
    kept : Keeper or None
        Holds the parameters to end with, unless they are the newest.
    to_theta : callable
        Maps the vector of the solver to theta. A solver that uses another vector sets
        it.
    """

    remembers = ("n_iter", "whole")

    def __init__(self, max_iter):
        self.max_iter, self.members = max_iter, []
        self.n_iter, self.whole, self.reason, self.kept = 0, 0, None, None
        self.to_theta = lambda theta: theta

    def add(self, member):
        self.members.append(member)
        return member

    def epochs(self):
        for epoch in range(self.n_iter + 1, self.max_iter + 1):
            for member in self.members:
                if hasattr(member, "begin"):
                    member.begin(epoch)
            yield epoch

    def __call__(self, epoch, J, theta):
        self.n_iter, self.reason, theta = epoch, None, self.to_theta(theta)
        for member in self.members:
            reason = member(epoch, J, theta)
            self.reason = self.reason or reason
        return self.reason is not None

    def rewind(self):
        """Drop the records of an epoch that Ctrl-C interrupted."""
        self.n_iter, self.reason = self.whole, "interrupted"
        for member in self.members:
            if hasattr(member, "truncate") and self.whole < self.max_iter:
                member.truncate(self.whole)

    def best(self, theta):
        """Return the parameters to end with: those of a Keeper, or the newest."""
        for member in self.members:
            if hasattr(member, "best"):
                self.kept = member.best() or self.kept
        return self.to_theta(theta) if self.kept is None else self.kept.theta


class Keeper:
    """A copy of theta, and in `rest` the state of the objects `beside` it, by name."""

    remembers = ("theta", "epoch", "rest")

    def __init__(self, theta, beside=None):
        self._beside, self.theta, self.epoch = beside or {}, theta.copy(), 0
        self.rest = copy_state(state_of(self._beside))

    def keep(self, epoch, theta):
        np.copyto(self.theta, theta, casting="same_kind")
        self.epoch, self.rest = epoch, copy_state(state_of(self._beside))


class FiniteCheck:
    """Stops when the cost or the parameters are not finite; keeps the last finite ones.

    The cost of finite parameters may overflow. The parameters at the end of an epoch
    are good once the next epoch has found a finite cost.

    Attributes
    ----------
    good : Keeper
        The newest theta whose cost is known to be finite.
    last : Keeper
        Theta at the end of the last epoch.
    """

    remembers = ("good", "last")

    def __init__(self, theta, beside=None):
        self.good, self.last = Keeper(theta, beside), Keeper(theta, beside)
        self._end = None

    def __call__(self, epoch, J, theta):
        if not np.isfinite(J):
            self._end = self.good
        elif not np.isfinite(np.sum(theta)):
            self._end = self.last
        if self._end is not None:
            return "diverged"
        self.good, self.last = self.last, self.good
        self.last.keep(epoch, theta)
        return None

    def best(self):
        return self._end

    def theta_at(self, epoch):
        """Return theta at the end of that epoch: the last one, or the one before."""
        self._end = self.last if self.last.epoch == epoch else self.good
        return self._end.theta


class Commit:
    """Marks the epoch as complete, so that Ctrl-C keeps it.

    The members before it record epochs or stop training, those after it only read.
    """

    def __init__(self, watch):
        self._watch = watch

    def __call__(self, epoch, J, theta):
        self._watch.whole = epoch


class Curve:
    """Records J of each epoch."""

    remembers = ("values",)

    def __init__(self):
        self.values = []

    def __call__(self, epoch, J, theta):
        self.values.append(float(J))

    def truncate(self, epochs):
        del self.values[epochs:]


class Patience:
    """Stops when the cost has not fallen by more than tol for `patience` epochs.

    `on_plateau` is a function that is called first. Where it returns True, training
    continues for another `patience` epochs.
    """

    remembers = ("lowest", "waited")

    def __init__(self, tol, patience, on_plateau=None):
        self._tol, self._patience, self._on_plateau = tol, patience, on_plateau
        self.lowest, self.waited = np.inf, 0

    def __call__(self, epoch, J, theta):
        if not self.lowest - self._tol > J:
            self.waited += 1
        else:
            self.waited = 0
        self.lowest = min(self.lowest, J)
        if self.waited < self._patience:
            return None
        self.waited = 0
        return None if self._on_plateau and self._on_plateau() else "plateau"


class Rates:
    """Sets the learning rate before each epoch, and records the rates of all epochs.

    The rate is `rate * schedule(epoch, t)`. In the first `warmup` epochs it is
    multiplied by 1 / (warmup + 1), 2 / (warmup + 1), ... (Goyal 2017).

    Parameters
    ----------
    optimizer : Optimizer
        Its `rate` is set.
    schedule : Schedule
    warmup : int
        Number of warmup epochs.
    rows : int
        Training rows of an epoch.
    first, seen : int
        Epochs and rows of earlier calls of `partial_fit`.
    runs : sequence of (rate, number of epochs)
        Rates of earlier epochs, run-length encoded.
    limit : int or None
        The number of runs to keep.
    """

    remembers = ("rates", "lengths", "schedule")

    def __init__(
        self,
        optimizer,
        schedule,
        warmup=0,
        *,
        rows=0,
        first=0,
        seen=0,
        runs=(),
        limit=None,
    ):
        self._optimizer, self.schedule = optimizer, schedule
        self.initial = optimizer.rate
        self._warmup, self._rows, self._first, self._seen = warmup, rows, first, seen
        self.rates = deque([rate for rate, _ in runs], maxlen=limit)
        self.lengths = deque([k for _, k in runs], maxlen=limit)

    @property
    def runs(self):
        """Return (rate, number of epochs) for each run of equal rates, in order."""
        return [*zip(self.rates, self.lengths, strict=True)]

    def begin(self, epoch):
        t = self._seen + self._rows * (epoch - 1)
        epoch += self._first
        share = min(1.0, epoch / (self._warmup + 1))
        rate = float(self.initial * self.schedule(epoch, t) * share)
        self._optimizer.rate = rate
        if self.rates and self.rates[-1] == rate:
            self.lengths[-1] += 1
        else:
            self.rates.append(rate)
            self.lengths.append(1)

    def __call__(self, epoch, J, theta):
        return None

    def truncate(self, epochs):
        if sum(self.lengths) > epochs:
            self.lengths[-1] -= 1
            if not self.lengths[-1]:
                self.rates.pop()
                self.lengths.pop()

    def lower(self):
        """Lower the rate of the schedule; return False if it has no lower one."""
        return self.schedule.lower(self.initial)


class GradientTolerance:
    """Stops when no entry of the gradient exceeds tol; for solvers of one batch.

    `grad` is the gradient vector of the objective. At the end of an epoch it holds
    dJ/dtheta at the start of that epoch.
    """

    def __init__(self, grad, tol):
        self._grad, self._tol = grad, tol

    def __call__(self, epoch, J, theta):
        return "gradient" if largest(self._grad) <= self._tol else None


class StepTolerance:
    """Stops when no entry of theta has moved by more than tol * rate in an epoch.

    For gradient descent this is the rule of `GradientTolerance`. With an l1 penalty, J
    has no gradient where a weight is 0, but this rule can still be computed.
    """

    remembers = ("before",)

    def __init__(self, theta, optimizer, tol):
        self.before, self._optimizer, self._tol = theta.copy(), optimizer, tol

    def __call__(self, epoch, J, theta):
        self.before -= theta
        moved = max(self.before.max(), -self.before.min())
        np.copyto(self.before, theta)
        return "gradient" if moved <= self._tol * self._optimizer.rate else None


class Validation:
    """Records the loss and the score of the held-out rows; a greater score is better.

    `loss` and `score` are functions of theta. The default score is minus the loss.
    """

    remembers = ("losses", "scores")

    def __init__(self, loss, score=None):
        self._loss, self._score = loss, score
        self.losses, self.scores = [], []

    def __call__(self, epoch, J, theta):
        loss = self._loss(theta)
        self.losses.append(loss)
        if self._score is None:
            self.scores.append(-loss)
        else:  # scorers raise where predictions are not finite
            score = self._score(theta) if np.isfinite(loss) else -np.inf
            self.scores.append(float(score))

    def truncate(self, epochs):
        del self.losses[epochs:], self.scores[epochs:]


class EarlyStopping:
    """Keeps theta of the best score, and stops when the score no longer rises.

    `validation` is called before this member. `patience` gets minus the score as J.
    """

    remembers = ("keeper", "patience", "highest")

    def __init__(self, validation, theta, patience, beside=None):
        self._validation, self.patience = validation, patience
        self.keeper, self.highest = Keeper(theta, beside), -np.inf

    @property
    def best_epoch(self):
        return self.keeper.epoch

    def __call__(self, epoch, J, theta):
        score = self._validation.scores[-1]
        if score > self.highest:
            self.highest = score
            self.keeper.keep(epoch, theta)
        return self.patience(epoch, -score, theta) and "validation"

    def best(self):
        return self.keeper if self.best_epoch else None


class Reseed:
    """Seeds the generator before each epoch, with a seed drawn at the end of the last.

    Between two calls of `partial_fit` only the seed is kept, not the 2.5 kB of the
    generator's state. Epochs of `partial_fit` and of `fit` draw the same numbers.
    """

    remembers = ("seed",)

    def __init__(self, rng, seed):
        self._rng, self._seed = rng, seed.copy()  # rng may have drawn since

    @property
    def seed(self):
        return self._seed

    @seed.setter
    def seed(self, seed):
        self._seed = seed
        self._rng.seed(seed)

    def __call__(self, epoch, J, theta):
        self.seed = new_seed(self._rng)


class Verbose:
    """Prints J, times `unit`, of the first of every `every` epochs, before its updates.

    With every=100 and solver="gd" these are iterations 1, 101, 201, ... The course's
    notebooks print them as the cost after iteration 0, 100, 200, ...
    """

    def __init__(self, every, unit=1.0):
        self._every, self._unit = every, unit

    def __call__(self, epoch, J, theta):
        if (epoch - 1) % self._every == 0:
            print(f"Iteration {epoch}, cost = {J * self._unit:.8f}")


class Observers:
    """Calls the observers of the enclosing `observe` blocks with J times `unit`."""

    def __init__(self, max_iter, unit=1.0):
        self._max_iter, self._unit = max_iter, unit
        self._observers = _observers.get()

    def __call__(self, epoch, J, theta):
        J *= self._unit
        asked = [seen(epoch, self._max_iter, J, theta) for seen in self._observers]
        return "observer" if any(asked) else None


class Callbacks:
    """Calls the callbacks of scikit-learn; each epoch is a task of their `context`.

    Parameters
    ----------
    context : CallbackContext
        Context of the whole fit.
    arguments : dict
        Further arguments of the hooks: estimator, X, y, metadata.
    snapshot : callable
        Returns the fitted attributes at theta, or None where predictions are not
        finite. It is called only if a hook uses them.
    """

    def __init__(self, context, arguments, snapshot):
        self._context, self._arguments, self._snapshot = context, arguments, snapshot
        self._task = None

    def begin(self, epoch):
        self._task = self._context.subcontext(task_name="epoch")
        self._task.call_on_fit_task_begin(**self._arguments)

    def __call__(self, epoch, J, theta):
        if self._task is None:  # L-BFGS, which does not call `begin`
            self.begin(epoch)
        task, self._task = self._task, None
        asked = task.call_on_fit_task_end(
            **self._arguments, reconstruction_attributes=lambda: self._snapshot(theta)
        )
        return "callback" if asked else None


def largest(grad):
    """Return max |grad| without a copy."""
    return max(grad.max(), -grad.min())


def new_seed(rng):
    """Draw a seed for another generator: eight 32-bit words."""
    return rng.randint(2**32, size=8, dtype=np.uint32)
