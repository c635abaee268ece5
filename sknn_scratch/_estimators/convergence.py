"""How a training ended and how its cost curve goes: one judgement.

The ConvergenceWarning of `fit` and the findings, tables and pages of the rest are all
made from a `Course`, so that they cannot contradict each other about one curve.
`convergence_texts.py` has their sentences.
"""

from typing import NamedTuple

import numpy as np

from .._engine.losses import LOSSES
from .._engine.optimizers import OPTIMIZERS
from .._fit.settings import parameters_of

# Why training ended (a reason of a `Watch`, or "max_iter") -> its word in a table
ENDINGS = {
    "max_iter": "max_iter",
    "plateau": "tol",  # the cost did not fall by more than tol any longer
    "gradient": "tol",  # no entry of the gradient exceeded tol any longer
    "converged": "tol",
    "validation": "validation",  # the rows held out got no better score
    "precision": "precision",  # no step lowered the cost any more in this precision
    "max_fun": "max_fun",
    "separable": "no minimum",  # the cost fell to 0, and no penalty holds the weights
    "diverged": "diverged",  # the cost stopped being finite
    "observer": "stopped",
    "callback": "stopped",
    "interrupted": "stopped",
}
# the reasons after which there may be something to warn of
WARNED_OF = ("diverged", "max_fun", "max_iter", "plateau", "precision", "separable")
WARNED_OF += ("validation",)

HELD_OUT_TOO = "if the loss of rows held out falls, too, "

# -- thresholds; "a constant's" is the least loss of one output for all rows -----------

FEWEST = 3  # costs of a curve that is judged
RISEN = 1.5  # the last cost as a multiple of the first
# The same, by how much of a constant's: a warm start near the minimum may end a little
# above where it began.
MARGIN = 1e-3
# Times the loss of outputs that are all 0. Steps that are far too long make a cost that
# jumps up within the first epoch: its curve begins high and has not risen. Saturated
# units hold such costs within about 25 times, and these are not called diverged.
FAR = 100
ABOVE = 1.1  # the same: no training that goes well ends there
# Where max_iter ended training: how far the cost fell in a tenth of it, times the cost,
# both as parts of a constant's. Healthy networks: up to 0.0037; that is 1 % at a third
# of a constant's cost: as long again would take less than 10 % away.
FALLING = 0.004
SHORTEST = 5  # epochs that count as a tenth
MOVING = 1e-3  # part of the cost itself: a smaller fall is a plateau
STEADY = 0.5  # part of the sum of all changes: a larger sum of them leads somewhere
# The median change from epoch to epoch as a part of the cost, in the last 20 epochs.
# Small minibatches and dropout make up to 0.25 of it; where the network does well, 0.41
# was seen, and is the noise of steps about a minimum.
SWINGING, SWINGING_WELL = 0.3, 0.5
WELL = 0.6  # part of a constant's cost: below it the network does well
LOW = 0.1  # part of a constant's cost: noise in a lower cost does not matter
# With all rows in each step and no dropout the cost falls at every step that is not too
# long: a rise by half within the last half of training is a wave then, and no noise.
WAVE = 1.5
RISES = 0.15  # share of the steps that go up; one jump that was made good is no wave
WINDOW = 20  # epochs in which swings are looked for, and the least for a fall
SMALLEST = float(np.finfo(float).tiny)
SAME = 1e-12  # of the loss of outputs 0: a lower constant's loss is rounding
# Penalty / loss of a constant: a cost that is mostly a penalty of this size falls
# with the weights, and longer training may make the loss itself higher.
HEAVY = 0.5
# Means of the validation loss over a twentieth of its curve, 3 epochs at least. If the
# last is above the least by this part of it, longer training does not help.
TURNED = 0.01


class Swings(NamedTuple):
    """The size of the swings of a curve, as a factor, and what they are, in words."""

    value: float
    text: str


class Turn(NamedTuple):
    """Where held-out rows were predicted best, and how much better than at the end.

    Attributes
    ----------
    at : int
        Number of the iteration.
    least, last : float
        Validation losses, there and at the end; nan where only scores tell.
    text : str
        The same in words.
    """

    at: int
    least: float
    last: float
    text: str


class Course(NamedTuple):
    """How a training ended and how its cost curve goes.

    Attributes
    ----------
    kind : str
        "not finite", "risen", "far" (far above the loss of outputs that are all 0),
        "oscillating", "falling", "slow" (falling by little), "flat" or "unknown" (too
        short).
    reason : str or None
        Why training ended, a key of `ENDINGS`; None where it is not known.
    n_iter : int
        Iterations done, or the first one whose cost was not finite.
    first, last : float
        Costs; nan where there are none.
    before, after : float
        Means of the last two stretches of the curve.
    width : int
        Costs in a stretch.
    swings : Swings or None
        The swings of a curve that goes up and down; one that has risen may, too.
    turn : Turn or None
        Where held-out rows were predicted better than at the end of training.
    idle, constant : float
        See `run.Baseline`.
    idle_of : str
        What has the loss `idle`, in words.
    penalty : float
        The part of the last cost that is the penalty of the weights.
    validated : bool
        Whether the loss of rows held out was recorded.
    """

    kind: str
    reason: str | None = None
    n_iter: int = 0
    first: float = np.nan
    last: float = np.nan
    before: float = np.nan
    after: float = np.nan
    width: int = 0
    swings: Swings | None = None
    turn: Turn | None = None
    idle: float = 0.0
    constant: float = 0.0
    idle_of: str = "outputs that are all 0"
    penalty: float = 0.0
    validated: bool = False

    @property
    def diverged(self):
        """Return True where the cost did not go down."""
        return self.kind in ("not finite", "risen", "far")

    @property
    def still_falling(self):
        """Return True where max_iter ended a training that was still getting better.

        The cost was falling, or there are too few costs to tell, and held-out rows were
        not predicted better before.
        """
        falling = self.kind == "falling" or self.too_short
        return falling and self.reason == "max_iter" and self.turn is None

    @property
    def too_short(self):
        """Return True where no training ends well: after one or two iterations."""
        return self.kind == "unknown" and self.n_iter < FEWEST

    @property
    def penalised(self):
        """Return True where most of the cost is a penalty that is not small."""
        loss = self.last - self.penalty
        return self.penalty > max(loss, HEAVY * self.constant)

    @property
    def condition(self):
        """Return under which condition a cost that falls is a reason to go on.

        Where no rows were held out, it may fall because rows are learned by heart;
        where most of it is a penalty, because weights go to 0.
        """
        if self.too_short:
            return ""
        condition = "" if self.validated else HELD_OUT_TOO
        if not self.penalised:
            return condition
        share = f"{self.penalty:.3g} of the cost of {self.last:.3g}"
        return f"weaken the penalty ({share}) if the loss is too high, else {condition}"

    @property
    def fall(self):
        """Return the relative fall of the cost from one stretch to the next."""
        return (self.before - self.after) / (abs(self.before) or 1.0)

    @property
    def word(self):
        """Return one word for why training ended."""
        return "diverged" if self.diverged else ENDINGS.get(self.reason, "unknown")


# -- the judgement ---------------------------------------------------------------------


def course_of(network, solver, baseline, *, all_rows=True, penalty=0.0):
    """Judge the last training of a fitted network.

    `all_rows` is False where its calls of partial_fit saw chunks of the rows. `penalty`
    is that of its weights, in the units of the costs.
    """
    parameters = parameters_of(network)
    # steps of the same length go to and fro about the kink of a distance
    smooth = LOSSES[network._target.kind].smooth and not parameters.get("dropout")
    course = judge(
        network.loss_curve_,
        reason=reason_of(network),
        n_iter=int(np.max(network.n_iter_)),
        baseline=baseline,
        steps=solver in OPTIMIZERS,
        steady=solver == "gd" and smooth and all_rows,
    )
    if network._target.scale:
        course = course._replace(idle_of="predicting the mean of y")
    losses = network.validation_loss_curve_ or ()
    return course._replace(
        turn=turn_of(losses, course.n_iter, network.best_epoch_),
        penalty=penalty,
        validated=len(losses) > 0,
    )


def turn_of(losses, n_iter, best_epoch=None):
    """Return the `Turn` of a validation curve, or None if its end is the best.

    Parameters
    ----------
    losses : sequence of float
        Validation losses of the last iterations.
    n_iter : int
        Number of the last iteration.
    best_epoch : int, default=None
        The iteration with the best validation score, of early stopping.
    """
    losses = np.asarray(losses, float)
    width = max(len(losses) // 20, FEWEST)
    if len(losses) >= width + 2 and np.isfinite(losses).all():
        means = np.convolve(losses, np.full(width, 1 / width), "valid")
        least, last = float(means.min()), float(means[-1])
        if last - least > TURNED * abs(least):
            middle = int(means.argmin()) + width // 2
            at = n_iter - len(losses) + middle + 1
            low, high = apart(least, last)
            text = f"the validation loss rose from {low} at iteration {at} to {high}"
            return Turn(at, least, last, text)
    if best_epoch and n_iter - best_epoch >= max(n_iter // 10, SHORTEST):
        text = f"no validation score was better than that of iteration {best_epoch}"
        return Turn(best_epoch, np.nan, np.nan, text)
    return None


def reason_of(network):
    """Return why the training of a network ended, or None where it is not known."""
    used_up = np.max(network.n_iter_) >= network.max_iter
    return network._ending or ("max_iter" if used_up else None)


def judge(curve, *, reason=None, n_iter=None, baseline=None, steps=True, steady=False):
    """Judge a cost curve.

    Parameters
    ----------
    curve : sequence of float
        The cost of each iteration or epoch.
    reason : str, default=None
        Why training ended, a key of `ENDINGS`.
    n_iter : int, default=None
        Iterations done; None stands for the length of the curve.
    baseline : Baseline, default=None
        What the costs are compared with; None leaves that out.
    steps : bool, default=True
        Whether the solver has a learning rate.
    steady : bool, default=False
        Whether the cost falls at each step that is not too long.

    Returns
    -------
    Course
    """
    curve = np.asarray(curve, float)
    idle, constant = baseline or (0.0, 0.0)
    same = not constant > SAME * idle  # targets are all the same
    found = Course(
        "unknown",
        reason,
        len(curve) if n_iter is None else n_iter,
        idle=idle,
        constant=idle if same else constant,
    )
    if len(curve):
        found = found._replace(first=float(curve[0]), last=float(curve[-1]))
    bad = np.flatnonzero(~np.isfinite(curve))
    if len(bad):
        first_bad = found.n_iter - len(curve) + int(bad[0]) + 1
        return found._replace(kind="not finite", n_iter=first_bad)
    if reason == "diverged":  # the parameters of the last iteration were not tried out
        return found._replace(kind="not finite")
    if len(curve) < FEWEST:
        return found
    before, after, width = _ends(curve)
    found = found._replace(before=before, after=after, width=width)
    risen = _has_risen(found)
    found = found._replace(swings=_swings(curve, found, steady and not risen))
    return found._replace(kind=_kind(curve, found, risen, steps))


def _kind(curve, found, risen, steps):
    """Return the kind of a finite curve that is long enough."""
    leads_down = _leads(curve) and curve[-1] < curve[0]
    high = 0 < FAR * found.idle < found.last
    if risen:
        return "risen"
    if high and steps and not leads_down:
        return "far"
    if found.swings:
        return "oscillating"
    if found.fall <= MOVING:
        return "flat"
    tenth = max(len(curve) // 10, SHORTEST)
    fall = (found.before - found.after) * min(tenth / found.width, 1.0)
    part = max(found.constant, SMALLEST)  # its square may overflow
    return "falling" if fall / part * (found.last / part) > FALLING else "slow"


def _has_risen(found):
    """Return whether the last cost is far above the first."""
    margin = MARGIN * (found.constant or 1.0)
    return found.last > RISEN * found.first + margin


def _ends(curve):
    """Return the means of the last two stretches of the curve, and their width.

    A stretch is a tenth of the curve, but no fewer costs than dropout's noise takes.
    """
    width = min(max(len(curve) // 10, WINDOW // 2), len(curve) // 2)
    before, after = curve[-2 * width : -width], curve[-width:]
    return float(before.mean()), float(after.mean()), width


def _leads(curve):
    """Return whether the changes of the last epochs do not cancel out."""
    window = curve[-WINDOW:]
    return abs(window[-1] - window[0]) > STEADY * np.abs(np.diff(window)).sum()


def _swings(curve, found, steady):
    """Return the swings of a curve that goes up and down, or None."""
    window = curve[-WINDOW:]
    usual = np.median(window)
    if not usual > LOW * found.constant:
        return None
    if len(window) >= 5 and not _leads(curve):
        swing = float(np.median(np.abs(np.diff(window))) / usual)
        well = usual < WELL * found.constant
        if swing > (SWINGING_WELL if well else SWINGING):
            return Swings(swing, f"by {swing:.0%} of itself an epoch")
    return _wave(curve) if steady else None


def _wave(curve):
    """Return the highest rise of a curve that ought to fall at each step, or None."""
    window = curve[-max(len(curve) // 2, 20) - 1 :]
    if len(window) < 10:
        return None
    rises = float(np.mean(np.diff(window) > 0))
    least = np.maximum(np.minimum.accumulate(window), 1e-12 * window.max())
    factors = window / least
    top = int(factors.argmax())
    if rises < RISES or factors[top] < WAVE:
        return None
    return Swings(
        float(factors[top]),
        f"up in {rises:.0%} of the last {len(window) - 1} iterations and once from "
        f"{window[:top].min():.3g} to {window[top]:.3g}, though each step saw all rows",
    )


def apart(a, b):
    """Return both as text, with the digits that tell them apart, six at most."""
    for digits in (3, 4, 5, 6):
        texts = f"{a:.{digits}g}", f"{b:.{digits}g}"
        if texts[0] != texts[1]:
            break
    return texts
