"""What happens at the end of an epoch: ordered members look, each may stop training.

Every solver calls the one `Watch` of its fit once an epoch (an iteration, for solvers
that see all rows at once) as `watch(epoch, J, theta)`: J is the cost of the epoch
before its updates were done, theta the parameters after them. A member is called
likewise and answers with the reason to stop, or None; one that keeps parameters has
`best`.
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
        return range(1, self.max_iter + 1)

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
    good only once the next epoch has found a finite cost there.
    """

    def __init__(self, theta):
        self._good, self._last = theta.copy(), theta.copy()
        self._keep = None

    def __call__(self, epoch, J, theta):
        if not np.isfinite(J):
            self._keep = self._good
        elif not np.isfinite(np.sum(theta)):
            self._keep = self._last
        if self._keep is not None:
            return "diverged"
        self._good, self._last = self._last, self._good
        np.copyto(self._last, theta, casting="same_kind")
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
    """Stops when the cost has not fallen by more than tol for `patience` epochs."""

    def __init__(self, tol, patience):
        self._tol, self._patience = tol, patience
        self._lowest, self._waited = np.inf, 0

    def __call__(self, epoch, J, theta):
        if not self._lowest - self._tol > J:
            self._waited += 1
        else:
            self._waited = 0
        self._lowest = min(self._lowest, J)
        return "plateau" if self._waited >= self._patience else None


class GradientTolerance:
    """Stops when no entry of the gradient exceeds tol; for solvers of one batch.

    `grad` is the objective's own vector: at the end of an epoch it holds dJ/dtheta of
    where that epoch began.
    """

    def __init__(self, grad, tol):
        self._grad, self._tol = grad, tol

    def __call__(self, epoch, J, theta):
        return "gradient" if largest(self._grad) <= self._tol else None


class Validation:
    """Looks at rows held out, keeps the best theta, stops when nothing better comes.

    `loss` is a function of theta; `patience` judges its values as it would judge J.
    """

    def __init__(self, loss, theta, patience):
        self._loss, self._patience, self._best = loss, patience, theta.copy()
        self.losses, self.best_epoch, self._lowest = [], 0, np.inf

    def __call__(self, epoch, J, theta):
        J = self._loss(theta)
        self.losses.append(J)
        if self._lowest > J:
            self._lowest, self.best_epoch = J, epoch
            np.copyto(self._best, theta, casting="same_kind")
        return self._patience(epoch, J, theta) and "validation"

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


def largest(grad):
    """max |grad|, without a copy."""
    return max(grad.max(), -grad.min())
