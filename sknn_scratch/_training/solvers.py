"""Solvers by name: what each reads, and the minimiser it makes of its parts."""

from functools import partial
from numbers import Real

from .._engine.activations import ACTIVATIONS
from .._engine.losses import LOSSES
from .._engine.optimizers import OPTIMIZERS
from .._engine.schedules import SCHEDULES
from .descent import descend, lbfgs
from .newton import newton
from .objective import Summed
from .step import Clipped, Proximal

ALL_ROWS = ("gd", "lbfgs", "newton")  # solvers whose one batch is everything

# learning_rate_init=None
DEEP_RATES = {name: optimizer.usual_rate for name, optimizer in OPTIMIZERS.items()}
SHALLOW_RATES = {name: optimizer.shallow_rate for name, optimizer in OPTIMIZERS.items()}

# parameters that only those solvers read which go step by step, or batch by batch
STEPPING = {
    "checkpoint",
    "checkpoint_every",
    "dropout",
    "keep_optimizer_state",
    "learning_rate",
    "learning_rate_init",
    "max_grad_norm",
    "warmup_epochs",
}
BATCHES = {"batch_size", "shuffle"}


def readers():
    """Parameter -> the solvers, schedules ... that read it, where not all do."""
    stepping = set(OPTIMIZERS)
    rules = dict.fromkeys(STEPPING, stepping)
    rules |= {name: stepping - {*ALL_ROWS} for name in BATCHES}
    rules["max_fun"] = {"lbfgs"}
    for table in (ACTIVATIONS, LOSSES, OPTIMIZERS, SCHEDULES):
        for key, cls in table.items():
            for name in cls.hyperparameters:
                rules[name] = rules.get(name, set()) | {key}
    return rules


READERS = readers()


def unread(changed, in_use, patient):
    """Those of the changed parameters that nothing in use reads.

    `patient` says whether somebody waits for `n_iter_no_change`.
    """
    idle = {name for name in changed if not READERS.get(name, in_use) & in_use}
    if not patient:
        idle |= {"n_iter_no_change"} & {*changed}
    return sorted(idle)


def taken_by(cls, parameters):
    """The hyperparameters of a registry's class, out of an estimator's parameters.

    A float64 scalar of NumPy, from a search, would turn float32 steps to float64.
    """
    chosen = {n: parameters[n] for n in cls.hyperparameters if n in parameters}
    return {
        name: float(v) if isinstance(v, Real) and not isinstance(v, bool) else v
        for name, v in chosen.items()
    }


def compose_step(optimizer, *, max_grad_norm, l1, n_weights):
    """The optimiser with what goes around it, as `descend` calls it."""
    step = optimizer
    if max_grad_norm is not None:
        step = Clipped(step, float(max_grad_norm))
    if l1:
        step = Proximal(step, optimizer, l1, n_weights)
    return step


def minimiser(solver, *, step, tol, limits):
    """A function of objective, batches, theta and watch, all by name."""
    if solver == "newton":
        return partial(newton, tol=tol)
    if solver == "lbfgs":
        return at_once(partial(lbfgs, tol=tol, **limits))
    minimise = partial(descend, step=step)
    return at_once(minimise) if solver in ALL_ROWS else minimise


def at_once(minimise):
    """A minimiser whose one batch is everything, for rows that come in several, too."""

    def minimise_all(*, objective, batches, theta, watch):
        if batches.size < batches.weight:
            objective = batches = Summed(objective, batches)
        return minimise(objective=objective, batches=batches, theta=theta, watch=watch)

    return minimise_all
