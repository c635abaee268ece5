"""How the learning rate changes from epoch to epoch, as a factor of its first value.

A schedule is made for one fit of `max_iter` epochs and called as `schedule(epoch, t)`:
the number of the epoch, from 1 on, and the training rows seen before it.
`hyperparameters` names the other keyword arguments it understands; `remembers` what it
carries from epoch to epoch.
"""

import math
from abc import ABC, abstractmethod


class Schedule(ABC):
    """What every schedule is."""

    hyperparameters = ()
    remembers = ()

    def __init__(self, max_iter):
        self._max_iter = max_iter

    @abstractmethod
    def __call__(self, epoch, t):
        """The factor."""

    def lower(self, rate):
        """Asked when training would stop, at a rate of `rate` times the factor.

        Whether there is a lower one now, to go on with.
        """
        return False


class Constant(Schedule):
    """1."""

    def __call__(self, epoch, t):
        return 1.0


class InverseScaling(Schedule):
    """(t + 1)^-power_t.

    What scikit-learn's MLPClassifier does: t counts rows and not steps, so the rate
    falls steeply after the first epoch.
    """

    hyperparameters = ("power_t",)

    def __init__(self, max_iter, *, power_t=0.5):
        super().__init__(max_iter)
        self._power = power_t

    def __call__(self, epoch, t):
        return (t + 1.0) ** -self._power


class Adaptive(Schedule):
    """1, and a fifth of it each time training would stop, down to a rate of 1e-6."""

    remembers = ("factor",)

    def __init__(self, max_iter):
        super().__init__(max_iter)
        self.factor = 1.0

    def __call__(self, epoch, t):
        return self.factor

    def lower(self, rate):
        if rate * self.factor <= 1e-6:
            return False
        self.factor /= 5
        return True


class Cosine(Schedule):
    """(1 + cos(pi (epoch - 1) / max_iter)) / 2 (Loshchilov and Hutter 2017).

    From 1 to nearly 0 in the last epoch; epochs beyond it keep its factor.
    """

    def __call__(self, epoch, t):
        done = (min(epoch, self._max_iter) - 1) / self._max_iter
        return (1 + math.cos(math.pi * done)) / 2


class Exponential(Schedule):
    """learning_rate_decay^(epoch - 1)."""

    hyperparameters = ("learning_rate_decay",)

    def __init__(self, max_iter, *, learning_rate_decay=0.95):
        super().__init__(max_iter)
        self._decay = learning_rate_decay

    def __call__(self, epoch, t):
        return self._decay ** (epoch - 1)


SCHEDULES = {
    "constant": Constant,
    "invscaling": InverseScaling,
    "adaptive": Adaptive,
    "cosine": Cosine,
    "exponential": Exponential,
}
