"""What an estimator asks of one training: its parameters, read once for each fit."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from numbers import Integral, Real
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from .._engine.activations import ACTIVATIONS
from .._engine.optimizers import OPTIMIZERS

PACKAGE = __package__.rpartition(".")[0]

# what stands for a parameter that a class does not have
ABSENT = {
    "fit_intercept": True,
    "keep_optimizer_state": False,
    "label_smoothing": 0.0,
    "learning_rate": "constant",
    "max_fun": None,
    "max_grad_norm": None,
    "standardize_target": False,
    "warmup_epochs": 0,
}
# what files that were written before a parameter existed say of it
UNNAMED = {"quantile": 0.5, "standardize_target": False}


def is_ours(cls):
    """Return True for a class that this package defines."""
    return f"{cls.__module__}.".startswith(f"{PACKAGE}.")


@cache
def defaults(cls):
    """Return the parameters of an estimator class and their defaults.

    Of a network they are those that the package's class declares. The constructor of
    a user's subclass may name fewer, or others, and have other defaults.
    """
    declared = signature_of(next(filter(is_ours, cls.__mro__), cls))
    return MappingProxyType(
        {name: signature_of(cls).get(name, value) for name, value in declared.items()}
    )


def signature_of(cls):
    """Return the parameters of the constructor and their defaults."""
    parameters = inspect.signature(cls.__init__).parameters.values()
    return {p.name: p.default for p in parameters if p.name != "self"}


def parameters_of(estimator):
    """Return the parameters that a training reads, from the instance."""
    return {name: getattr(estimator, name) for name in defaults(type(estimator))}


def option(estimator, name):
    """Return a parameter, or what stands for it where the class has none such."""
    return getattr(estimator, name, ABSENT.get(name))


def set_parameters(estimator, **changed):
    """Set parameters that a training reads, whether or not a subclass names them."""
    known = defaults(type(estimator))
    for name, value in changed.items():
        if name not in known:
            raise ValueError(
                f"{type(estimator).__name__} has no parameter {name!r}; those it has "
                f"are {', '.join(known)}."
            )
        setattr(estimator, name, value)


class Architecture(NamedTuple):
    """The hidden layers, and how weights begin."""

    units: tuple = ()
    activations: tuple = ()
    dropout: tuple = ()
    init: str = "zeros"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an estimator asks of one training.

    `settings["tol"]` is a parameter, or what stands for one that the class lacks.

    Attributes
    ----------
    name : str
        Class of the estimator, for messages.
    parameters : dict
        Those that the package's class declares, by name.
    usual : dict
        Their defaults.
    architecture : Architecture
    solver : str
        Key of OPTIMIZERS, "lbfgs" or "newton"; "auto" is decided.
    strength : callable
        From the weight n of the rows to the factor of the penalty
        (1 - r) / 2 ||W||^2 + r |W|.
    rates : dict
        Default learning rate of each solver of the class that takes steps.
    lbfgs_limits : dict
        `ftol` and `max_fun` of L-BFGS.
    stops_by : {"cost", "gradient"}
        What ends a training of steps when nothing is held out.
    """

    name: str
    parameters: dict
    usual: dict
    architecture: Architecture
    solver: str
    strength: Callable
    rates: dict
    lbfgs_limits: dict
    stops_by: str = "cost"

    def __getitem__(self, name):
        return self.parameters[name] if name in self.parameters else ABSENT[name]

    @property
    def takes_steps(self):
        """Return True for a solver that goes step by step, with a learning rate."""
        return self.solver in OPTIMIZERS

    @property
    def rate(self):
        """Return the learning rate to begin with; None for solvers without one."""
        if not self.takes_steps:
            return None
        given = self["learning_rate_init"]
        return self.rates[self.solver] if given is None else float(given)

    @property
    def waits(self):
        """Return True where training stops after `n_iter_no_change` epochs."""
        return self["early_stopping"] or (self.takes_steps and self.stops_by == "cost")


def architecture_of(parameters):
    """Return the Architecture that parameters ask for, or raise a ValueError."""
    found = units_of(parameters)
    if found is None:
        return Architecture()
    units, name, value = found
    if not all(isinstance(n, Integral) and n >= 1 for n in units):
        raise ValueError(f"{name} must be > 0 in every layer and whole, got {value!r}.")
    names = for_each_layer("activation", "name", parameters["activation"], len(units))
    for activation in names:
        if not (isinstance(activation, str) and activation in ACTIVATIONS):
            raise ValueError(
                f"activation must be one of {sorted(ACTIVATIONS)}, got {activation!r}."
            )
    dropout = for_each_layer("dropout", "rate", parameters["dropout"], len(units))
    for rate in dropout:
        if not (isinstance(rate, Real) and 0 <= rate < 1):
            raise ValueError(
                "dropout must be at least 0 and less than 1 in every layer, got "
                f"{rate!r}."
            )
    units = tuple(int(n) for n in units)
    return Architecture(units, tuple(names), tuple(dropout), parameters["init"])


def units_of(parameters):
    """Return the hidden units, and the parameter that says them; None without any."""
    if "n_hidden" in parameters:
        return [parameters["n_hidden"]], "n_hidden", parameters["n_hidden"]
    if "hidden_layer_sizes" not in parameters:
        return None
    sizes, repeats = parameters["hidden_layer_sizes"], parameters["n_hidden_layers"]
    if np.ndim(sizes) == 0:
        units = np.repeat(sizes, 1 if repeats is None else repeats).tolist()
    elif repeats is None:
        units = list(sizes)
    else:
        raise ValueError(
            f"n_hidden_layers={repeats} repeats an int hidden_layer_sizes, got "
            f"{sizes!r}; give the int, or leave n_hidden_layers=None."
        )
    return units, "hidden_layer_sizes", sizes


def for_each_layer(name, what, value, n_layers):
    """Return a value for each hidden layer, from one value or a sequence."""
    if isinstance(value, str) or not np.iterable(value):
        return [value] * n_layers
    if len(value) != n_layers:
        raise ValueError(
            f"{name} must be one {what} or one for each of the {n_layers} hidden "
            f"layers, got {len(value)}: {value!r}."
        )
    return list(value)
