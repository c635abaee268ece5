"""How the learning rate changes from epoch to epoch, as a factor of its first value.

A schedule is made for one fit and called with the number of the epoch, from 1 on.
`hyperparameters` names the keyword arguments it understands besides the length of the
fit, `max_iter` epochs of `rows` training rows.
"""

import math


class Constant:
    """1."""

    hyperparameters = ()

    def __init__(self, max_iter, rows):
        pass

    def __call__(self, epoch):
        return 1.0


class InverseScaling:
    """(t + 1)^-power_t, t the training rows seen before this epoch.

    What scikit-learn's MLPClassifier does: t counts rows and not steps, so the rate
    falls steeply after the first epoch.
    """

    hyperparameters = ("power_t",)

    def __init__(self, max_iter, rows, *, power_t=0.5):
        self._rows, self._power = rows, power_t

    def __call__(self, epoch):
        return (self._rows * (epoch - 1) + 1.0) ** -self._power


class Cosine:
    """(1 + cos(pi (epoch - 1) / max_iter)) / 2 (Loshchilov and Hutter 2017).

    From 1 to nearly 0 in the last epoch; epochs beyond it keep its factor.
    """

    hyperparameters = ()

    def __init__(self, max_iter, rows):
        self._max_iter = max_iter

    def __call__(self, epoch):
        done = (min(epoch, self._max_iter) - 1) / self._max_iter
        return (1 + math.cos(math.pi * done)) / 2


class Exponential:
    """learning_rate_decay^(epoch - 1)."""

    hyperparameters = ("learning_rate_decay",)

    def __init__(self, max_iter, rows, *, learning_rate_decay=0.95):
        self._decay = learning_rate_decay

    def __call__(self, epoch):
        return self._decay ** (epoch - 1)


SCHEDULES = {
    "constant": Constant,
    "invscaling": InverseScaling,
    "adaptive": Constant,  # and lowered by the Watch's patience
    "cosine": Cosine,
    "exponential": Exponential,
}
