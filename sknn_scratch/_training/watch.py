"""What happens at the end of an epoch: ordered members look, each may stop training.

Every solver calls the one `Watch` of its fit once an epoch (an iteration, for solvers
that see all rows at once) as `watch(epoch, J, theta)`: J is the cost of the epoch
before its updates were done, theta the parameters after them. A member is called
likewise and answers with the reason to stop, or None. One that may have parameters to
end with has `best`; one that keeps something of every epoch has `cut`, for those after
an interrupt; one that has to know when an epoch begins has `begin` (L-BFGS tells only
when one ends); one that carries something from epoch to epoch says what in `remembers`
(see `_state`).
"""

from collections import deque
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from .state import copied, state_of

_observers = ContextVar("sknn_scratch_observers", default=())


@contextmanager
def observe(observer):
    """Call `observer(epoch, max_iter, J, theta)` after each epoch of any fit inside.

    The observer belongs to the thread or task that entered the block and reaches fits
    inside Pipelines; it may look at theta but must copy what it keeps. A true answer
    stops the training after that epoch.
    """
    token = _observers.set((*_observers.get(), observer))
    try:
        yield observer
    finally:
        _observers.reset(token)


class Watch:
    """The end-of-epoch place of one fit: members, in the order they look.

    Attributes
    ----------
    n_iter : int
        Epochs seen.
    whole : int
        The last epoch that all have seen who keep something (see `Commit`).
    reason : str or None
        Why training was stopped; None while nobody did. Members see what those before
        them had to say of the epoch.
    kept : Keeper or None
        Where the parameters of the end come from, unless they are the newest.
    seen_as : callable
        What a solver that works with another vector sets: its theta -> theta.
    """

    remembers = ("n_iter", "whole")

    def __init__(self, max_iter):
        self.max_iter, self.members = max_iter, []
        self.n_iter, self.whole, self.reason, self.kept = 0, 0, None, None
        self.seen_as = lambda theta: theta

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
        self.n_iter, self.reason, theta = epoch, None, self.seen_as(theta)
        for member in self.members:
            reason = member(epoch, J, theta)
            self.reason = self.reason or reason
        return self.reason is not None

    def rewind(self):
        """After an interrupt: only what is whole counts."""
        self.n_iter, self.reason = self.whole, "interrupted"
        for member in self.members:
            if hasattr(member, "cut") and self.whole < self.max_iter:
                member.cut(self.whole)

    def best(self, theta):
        """The parameters to end with: a keeper's, where there is one."""
        for member in self.members:
            if hasattr(member, "best"):
                self.kept = member.best() or self.kept
        return self.seen_as(theta) if self.kept is None else self.kept.theta


class Keeper:
    """A copy of theta, and in `rest` of the state of the things beside it, by name."""

    remembers = ("theta", "epoch", "rest")

    def __init__(self, theta, beside=None):
        self._beside, self.theta, self.epoch = beside or {}, theta.copy(), 0
        self.rest = copied(state_of(self._beside))

    def keep(self, epoch, theta):
        np.copyto(self.theta, theta, casting="same_kind")
        self.epoch, self.rest = epoch, copied(state_of(self._beside))


class FiniteCheck:
    """Stops when the cost or the parameters are not finite any more; keeps the last.

    Finite parameters may have a cost that is not: those at the end of an epoch are
    good only once the next epoch has found a finite cost there.
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

    def at(self, epoch):
        """Theta at the end of that epoch, the last one or the one before."""
        self._end = self.last if self.last.epoch == epoch else self.good
        return self._end.theta

    def before(self):
        """The keeper of the newest theta whose cost was seen."""
        return self.good


class Commit:
    """From here on an epoch counts: an interrupt keeps it."""

    def __init__(self, watch):
        self._watch = watch

    def __call__(self, epoch, J, theta):
        self._watch.whole = epoch


class Curve:
    """Keeps J of every epoch, the last `limit` of them."""

    remembers = ("values",)

    def __init__(self, values=(), limit=None):
        self.values = deque(values, maxlen=limit)

    def __call__(self, epoch, J, theta):
        self.values.append(float(J))

    def cut(self, epochs):
        while len(self.values) > epochs:
            self.values.pop()


class Patience:
    """Stops when the cost has not fallen by more than tol for `patience` epochs.

    With `relief`, a function, that is called first, and training goes on for another
    `patience` epochs where it answers True.
    """

    remembers = ("lowest", "waited")

    def __init__(self, tol, patience, relief=None):
        self._tol, self._patience, self._relief = tol, patience, relief
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
        return None if self._relief and self._relief() else "plateau"


class Rates:
    """Sets the rate of each epoch before it begins, and keeps them all.

    The rate is `rate * schedule(epoch, t)`, and over the first `warmup` epochs a
    growing part of that: 1 / (warmup + 1), 2 / (warmup + 1), ... (Goyal 2017).

    Parameters
    ----------
    optimizer : Optimizer
        Whose rate it is.
    schedule : Schedule
    warmup : int
    rows : int
        Training rows of an epoch.
    first, seen : int
        Epochs and rows before these: what `partial_fit` has done.
    runs : sequence of (rate, number of epochs)
        Those of the epochs before; what repeats is not kept twice.
    limit : int or None
        How many runs are kept.
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
        """(rate, number of epochs), in order."""
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

    def cut(self, epochs):
        if sum(self.lengths) > epochs:
            self.lengths[-1] -= 1
            if not self.lengths[-1]:
                self.rates.pop()
                self.lengths.pop()

    def lower(self):
        """Whether the schedule has a lower rate to go on with."""
        return self.schedule.lower(self.initial)


class GradientTolerance:
    """Stops when no entry of the gradient exceeds tol; for solvers of one batch.

    `grad` is the objective's own vector: at the end of an epoch it holds dJ/dtheta of
    where that epoch began.
    """

    def __init__(self, grad, tol):
        self._grad, self._tol = grad, tol

    def __call__(self, epoch, J, theta):
        return "gradient" if largest(self._grad) <= self._tol else None


class StepTolerance:
    """Stops when no entry of theta has moved by more than tol * rate in an epoch.

    For gradient descent that is the rule of `GradientTolerance`; with an l1 penalty,
    whose J has no gradient where a weight is 0, it is the rule that is left.
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
    """Looks at rows held out: their loss and their score, greater is better.

    Both are functions of theta; without `score` it is minus the loss.
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
        else:  # scorers raise where there is no finite prediction
            score = self._score(theta) if np.isfinite(loss) else -np.inf
            self.scores.append(float(score))

    def cut(self, epochs):
        del self.losses[epochs:], self.scores[epochs:]


class EarlyStopping:
    """Keeps the theta of the best score so far, stops when nothing better comes.

    `validation` has looked at the epoch before; `patience` judges minus its scores as
    it would judge J.
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
    """Starts each epoch's draws from a seed, drawn at the end of the one before.

    So what has to be kept of the stream between two calls is the seed and not the
    generator's 2.5 kB, and epochs of `partial_fit` draw what epochs of `fit` would.
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
    """Prints the first of every `every` epochs, with J before its updates.

    With every=100, iterations 1, 101, 201 ... of "gd": what the course's notebooks
    print as the cost after iteration 0, 100, 200.
    """

    def __init__(self, every):
        self._every = every

    def __call__(self, epoch, J, theta):
        if (epoch - 1) % self._every == 0:
            print(f"Iteration {epoch}, cost = {J:.8f}")


class Observers:
    """Hands the epoch to everyone who entered `observe`."""

    def __init__(self, max_iter):
        self._max_iter, self._observers = max_iter, _observers.get()

    def __call__(self, epoch, J, theta):
        asked = [seen(epoch, self._max_iter, J, theta) for seen in self._observers]
        return "observer" if any(asked) else None


class Callbacks:
    """Hands each epoch to callbacks of scikit-learn, as a task of their `context`.

    Parameters
    ----------
    context : CallbackContext
        That of the whole fit.
    told : dict
        What their hooks are told of the fit besides: estimator, X, y, metadata.
    snapshot : callable
        theta -> fitted attributes of its own, or None where theta predicts nothing
        finite; called only where a hook asks for it.
    """

    def __init__(self, context, told, snapshot):
        self._context, self._told, self._snapshot = context, told, snapshot
        self._task = None

    def begin(self, epoch):
        self._task = self._context.subcontext(task_name="epoch")
        self._task.call_on_fit_task_begin(**self._told)

    def __call__(self, epoch, J, theta):
        if self._task is None:  # a solver that says only when an epoch ends
            self.begin(epoch)
        task, self._task = self._task, None
        asked = task.call_on_fit_task_end(
            **self._told, reconstruction_attributes=lambda: self._snapshot(theta)
        )
        return "callback" if asked else None


def largest(grad):
    """max |grad|, without a copy."""
    return max(grad.max(), -grad.min())


def new_seed(rng):
    """Eight words drawn from rng, for another one."""
    return rng.randint(2**32, size=8, dtype=np.uint32)
