"""How long a training may take: what is trained in that time, and when it ends."""

import time
from typing import NamedTuple

USUAL_EPOCHS = 40  # after which most members stop by themselves
PROBE_BATCHES = 8  # that are timed


class Clock:
    """The end of the time that one member has.

    Attributes
    ----------
    passes : int
        Passes over the rows that have ended.
    first_share : float
        The share of the rows that the first pass has seen; 1 unless time was up.
    """

    def __init__(self, seconds):
        self._end = time.monotonic() + seconds
        self.passes, self.first_share = 0, 1.0

    def is_over(self):
        """Return True when the time is up."""
        return time.monotonic() >= self._end

    def __call__(self, epoch, max_iter, J, theta):
        """Return True where training must stop after this epoch (see `observe`)."""
        return self.is_over()


class Plan(NamedTuple):
    """What fits into the time: members, their epochs, and seconds of each member."""

    n_members: int
    max_iter: int
    seconds: float | None = None


def plan(time_left, epoch_seconds, n_members, max_iter, n_parallel):
    """Return the Plan of a training with a time limit.

    Fewer members that are trained to their end answer better than many that are not.
    A learning rate that falls over `max_iter` epochs must reach its end in time, too.
    """
    member = epoch_seconds * min(USUAL_EPOCHS, max_iter)
    n = int(time_left * n_parallel / member) if member else n_members
    n = min(max(n, 1), n_members)
    rounds = -(-n // n_parallel)
    seconds = time_left / rounds
    epochs = int(seconds / epoch_seconds) if epoch_seconds else max_iter
    return Plan(n, min(max(epochs, 1), max_iter), seconds)
