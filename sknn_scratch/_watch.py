"""What happens at the end of an epoch: ordered members look, each may stop training.

Every solver calls the one `Watch` of its fit once an epoch (an iteration, for solvers
that see all rows at once) as `watch(epoch, J, theta)`: J is the cost of the epoch
before its updates were done, theta the parameters after them. A member is called
likewise and answers with the reason to stop, or None; one that keeps parameters has
`best`, one that has to know when an epoch begins has `begin`.
"""

from collections import deque
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

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
    reason : str or None
        Why training was stopped; None while nobody did.
    """

    def __init__(self, max_iter):
        self.max_iter, self.n_iter, self.reason = max_iter, 0, None
        self.members = []

    def add(self, member):
        self.members.append(member)
        return member

    def epochs(self):
        for epoch in range(1, self.max_iter + 1):
            for member in self.members:
                if hasattr(member, "begin"):
                    member.begin(epoch)
            yield epoch

    def __call__(self, epoch, J, theta):
        self.n_iter = epoch
        reasons = [member(epoch, J, theta) for member in self.members]
        self.reason = next((reason for reason in reasons if reason), None)
        return self.reason is not None

    def best(self, theta):
        """The parameters to end with: a keeper's, where there is one."""
        for member in self.members:
            if hasattr(member, "best"):
                theta = member.best(theta)
        return theta


class FiniteCheck:
    """Stops when the cost or the parameters are not finite any more; keeps the last.

    Finite parameters may have a cost that is not: those at the end of an epoch are
    good only once the next epoch has found a finite cost there. `last` holds theta at
    the end of the last whole epoch, number `epoch`.
    """

    def __init__(self, theta):
        self._good, self.last, self.epoch = theta.copy(), theta.copy(), 0
        self._keep = None

    def __call__(self, epoch, J, theta):
        if not np.isfinite(J):
            self._keep = self._good
        elif not np.isfinite(np.sum(theta)):
            self._keep = self.last
        if self._keep is not None:
            return "diverged"
        self._good, self.last = self.last, self._good
        np.copyto(self.last, theta, casting="same_kind")
        self.epoch = epoch
        return None

    def best(self, theta):
        return theta if self._keep is None else self._keep


class Curve:
    """Keeps J of every epoch, the last `limit` of them."""

    def __init__(self, values=(), limit=None):
        self.values = deque(values, maxlen=limit)

    def __call__(self, epoch, J, theta):
        self.values.append(float(J))


class Patience:
    """Stops when the cost has not fallen by more than tol for `patience` epochs.

    With `relief`, a function, that is called first, and training goes on for another
    `patience` epochs where it answers True.
    """

    def __init__(self, tol, patience, relief=None):
        self._tol, self._patience, self._relief = tol, patience, relief
        self._lowest, self._waited = np.inf, 0

    def __call__(self, epoch, J, theta):
        if not self._lowest - self._tol > J:
            self._waited += 1
        else:
            self._waited = 0
        self._lowest = min(self._lowest, J)
        if self._waited < self._patience:
            return None
        self._waited = 0
        return None if self._relief and self._relief() else "plateau"


class Rates:
    """Sets the rate of each epoch before it begins, and keeps them all.

    The rate is `rate * schedule(epoch)`, and over the first `warmup` epochs a growing
    part of that: 1 / (warmup + 1), 2 / (warmup + 1), ... (Goyal 2017).

    Parameters
    ----------
    optimizer : Optimizer
        Whose rate it is.
    schedule : callable
        The epoch, counted from 1 -> factor.
    warmup : int
    limit : int or None
        How many rates are kept.
    first : int
        The number of the first epoch less 1: what `partial_fit` has done before.
    """

    def __init__(
        self, optimizer, schedule, warmup=0, *, values=(), limit=None, first=0
    ):
        self._optimizer, self._schedule = optimizer, schedule
        self.initial = self._rate = optimizer.rate
        self._warmup, self._first = warmup, first
        self.values = deque(values, maxlen=limit)

    def begin(self, epoch):
        epoch += self._first
        rate = self._rate * self._schedule(epoch)
        self._optimizer.rate = rate * min(1.0, epoch / (self._warmup + 1))
        self.values.append(self._optimizer.rate)

    def __call__(self, epoch, J, theta):
        return None

    def lower(self):
        """A fifth of the rate, unless that is below 1e-6 already."""
        if self._rate <= 1e-6:
            return False
        self._rate /= 5
        return True


class GradientTolerance:
    """Stops when no entry of the gradient exceeds tol; for solvers of one batch.

    `grad` is the objective's own vector: at the end of an epoch it holds dJ/dtheta of
    where that epoch began.
    """

    def __init__(self, grad, tol):
        self._grad, self._tol = grad, tol

    def __call__(self, epoch, J, theta):
        return "gradient" if largest(self._grad) <= self._tol else None


class Reseed:
    """Starts each epoch's draws from a seed, drawn at the end of the one before.

    So what has to be kept of the stream between two calls is the seed and not the
    generator's 2.5 kB, and epochs of `partial_fit` draw what epochs of `fit` would.
    """

    def __init__(self, rng, seed):
        self._rng, self.seed = rng, seed

    def __call__(self, epoch, J, theta):
        self.seed = new_seed(self._rng)
        self._rng.seed(self.seed)


def new_seed(rng):
    """Eight words drawn from rng, for another one."""
    return rng.randint(2**32, size=8, dtype=np.uint32)


class StepTolerance:
    """Stops when no entry of theta has moved by more than tol * rate in an epoch.

    For gradient descent that is the rule of `GradientTolerance`; with an l1 penalty,
    whose J has no gradient where a weight is 0, it is the rule that is left.
    """

    def __init__(self, theta, optimizer, tol):
        self._before, self._optimizer, self._tol = theta.copy(), optimizer, tol

    def __call__(self, epoch, J, theta):
        self._before -= theta
        moved = max(self._before.max(), -self._before.min())
        np.copyto(self._before, theta)
        return "gradient" if moved <= self._tol * self._optimizer.rate else None


class Validation:
    """Looks at rows held out: their loss and their score, greater is better.

    Both are functions of theta; without `score` it is minus the loss.
    """

    def __init__(self, loss, score=None):
        self._loss, self._score = loss, score
        self.losses, self.scores = [], []

    def __call__(self, epoch, J, theta):
        loss = self._loss(theta)
        self.losses.append(loss)
        if self._score is None:
            self.scores.append(-loss)
        else:  # scorers raise where there is no finite prediction
            self.scores.append(self._score(theta) if np.isfinite(loss) else -np.inf)


class EarlyStopping:
    """Keeps the theta of the best score so far, stops when nothing better comes.

    `validation` has looked at the epoch before; `patience` judges minus its scores as
    it would judge J.
    """

    def __init__(self, validation, theta, patience):
        self._validation, self._patience = validation, patience
        self._best, self._highest, self.best_epoch = theta.copy(), -np.inf, 0

    def __call__(self, epoch, J, theta):
        score = self._validation.scores[-1]
        if score > self._highest:
            self._highest, self.best_epoch = score, epoch
            np.copyto(self._best, theta, casting="same_kind")
        return self._patience(epoch, -score, theta) and "validation"

    def best(self, theta):
        return self._best if self.best_epoch else theta


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
