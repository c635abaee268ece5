"""Hidden layers and how they are trained: what networks share, whatever y is."""

from abc import ABCMeta
from numbers import Integral, Real

import numpy as np

from ._activations import ACTIVATIONS
from ._base import BaseNetwork
from ._compat import Interval, Options, StrOptions
from ._initializers import INITIALIZERS
from ._watch import Patience


def takes_batches(estimator):
    """Whether there is a partial_fit; the AttributeError says why not."""
    if estimator.solver == "lbfgs":
        raise AttributeError(
            f"partial_fit needs a solver that takes steps, but solver='lbfgs' sees all "
            f"rows at once; set another solver on {type(estimator).__name__}."
        )
    return True


class HiddenLayers(BaseNetwork, metaclass=ABCMeta):
    """The part of a network that does not depend on what y is."""

    _parameter_constraints = {
        "activation": [StrOptions(set(ACTIVATIONS)), "array-like"],
        "solver": [StrOptions({"gd", "sgd", "rmsprop", "adam", "adamw", "lbfgs"})],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "batch_size": [
            StrOptions({"auto"}),
            Interval(Integral, 1, None, closed="left"),
        ],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither"), None],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
        "momentum": [Interval(Real, 0, 1, closed="both")],
        "nesterovs_momentum": ["boolean"],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "beta_1": [Interval(Real, 0, 1, closed="left")],
        "beta_2": [Interval(Real, 0, 1, closed="left")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "n_iter_no_change": [
            Interval(Integral, 1, None, closed="left"),
            Options(Real, {np.inf}),
        ],
        "max_fun": [Interval(Integral, 1, None, closed="left")],
        "init": [StrOptions({"auto", *INITIALIZERS})],
        "keep_optimizer_state": ["boolean"],
    }

    def _hidden_layers(self, units, name, value):
        """Units and activation names of the hidden layers, or an error that helps."""
        if not all(isinstance(n, Integral) and n >= 1 for n in units):
            raise ValueError(
                f"{name} must be > 0 in every layer and whole, got {value!r}."
            )
        names = self.activation
        if not np.iterable(names) or isinstance(names, str):
            names = [names] * len(units)
        if len(names) != len(units):
            raise ValueError(
                f"activation must be one name or one for each of the {len(units)} "
                f"hidden layers, got {len(names)}: {self.activation!r}."
            )
        for activation in names:
            if not (isinstance(activation, str) and activation in ACTIVATIONS):
                raise ValueError(
                    f"activation must be one of {sorted(ACTIVATIONS)}, "
                    f"got {activation!r}."
                )
        return [int(n) for n in units], list(names), self.init

    def _solver(self, X):
        return self.solver

    def _l2(self, n):
        return float(self.alpha) / n

    def _stopping_rule(self, solver, objective):
        return Patience(self.tol, self.n_iter_no_change)

    def _lbfgs_limits(self):
        # scipy's own default of ftol: the cost of a network is flat in many directions
        return {"ftol": 2.2e-9, "max_fun": self.max_fun}

    def _publish(self, params, n_iter):
        self.n_iter_ = n_iter
        self.coefs_ = [layer.T for layer in params.W[1:]]
        self.intercepts_ = [layer.ravel() for layer in params.b[1:]]

    def _published(self):
        return (
            [np.transpose(layer) for layer in self.coefs_],
            [np.reshape(layer, (-1, 1)) for layer in self.intercepts_],
        )
