"""The parameters of estimators: which are not at their default, and what reads each."""

from numbers import Real

import numpy as np

from .._engine.activations import ACTIVATIONS
from .._engine.losses import LOSSES
from .._engine.optimizers import OPTIMIZERS
from .._engine.schedules import SCHEDULES
from .._training.solvers import ALL_ROWS
from .settings import defaults, parameters_of

# what learning_rate_init=None stands for
DEEP_RATES = {name: optimizer.usual_rate for name, optimizer in OPTIMIZERS.items()}
SHALLOW_RATES = {name: optimizer.shallow_rate for name, optimizer in OPTIMIZERS.items()}

# parameters that only solvers read which go step by step, or batch by batch
STEPPING = {
    "averaging_epochs",
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


def read_by():
    """Return {parameter: solvers, schedules ... that read it}, where not all do."""
    stepping = set(OPTIMIZERS)
    rules = dict.fromkeys(STEPPING, stepping)
    rules |= {name: stepping - {*ALL_ROWS} for name in BATCHES}
    rules["max_fun"] = {"lbfgs"}
    for table in (ACTIVATIONS, LOSSES, OPTIMIZERS, SCHEDULES):
        for key, cls in table.items():
            for name in cls.hyperparameters:
                rules[name] = rules.get(name, set()) | {key}
    return rules


READ_BY = read_by()


def unused_parameters(changed, in_use, patient):
    """Return those of the changed parameters that nothing in use reads, sorted.

    `in_use` are names of the solver, schedule, activations and loss. `patient` says
    whether training waits for `n_iter_no_change` epochs.
    """
    idle = {name for name in changed if not READ_BY.get(name, in_use) & in_use}
    if not patient:
        idle |= {"n_iter_no_change"} & {*changed}
    return sorted(idle)


def parameters_for(cls, parameters):
    """Return those of an estimator's parameters that a registry's class takes.

    A float64 scalar of NumPy, from a search, would turn float32 steps to float64.
    """
    chosen = {n: parameters[n] for n in cls.hyperparameters if n in parameters}
    return {
        name: float(v) if isinstance(v, Real) and not isinstance(v, bool) else v
        for name, v in chosen.items()
    }


def changed_parameters(estimator):
    """Return the parameters that are not at their default, {name: value}, sorted."""
    return changed(parameters_of(estimator), defaults(type(estimator)))


def changed(parameters, usual):
    """Return those of the parameters that differ from the usual ones, sorted."""
    names = sorted(n for n, value in parameters.items() if not same(value, usual[n]))
    return {name: parameters[name] for name in names}


def same(value, other):
    """Return whether two values of a parameter mean the same.

    Numbers are compared by value, NaN is NaN, and a list is as good as a tuple or an
    array. Functions and generators of random numbers are the same if they are one.
    """
    if value is other:
        return True
    value, other = plain(value), plain(other)
    if isinstance(value, dict) and isinstance(other, dict):
        same_keys = value.keys() == other.keys()
        return same_keys and all(same(value[k], other[k]) for k in value)
    sequences = [isinstance(v, list | tuple) for v in (value, other)]
    if any(sequences):
        same_length = all(sequences) and len(value) == len(other)
        return same_length and all(map(same, value, other))
    try:
        return bool(value == other or (value != value and other != other))
    except (TypeError, ValueError):  # not one truth value: a table
        return False


def plain(value):
    """Return arrays as lists, and NumPy's numbers as Python's."""
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value
