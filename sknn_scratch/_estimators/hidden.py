"""Hidden layers and how they are trained: what networks share, whatever y is."""

from abc import ABCMeta
from numbers import Integral, Real

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from .._compat import Interval, StrOptions
from .._engine.activations import ACTIVATIONS
from .._engine.initializers import INITIALIZERS
from .._engine.optimizers import OPTIMIZERS
from .._engine.propagation import Parameters
from .._engine.schedules import SCHEDULES
from .._fit.parameters import DEEP_RATES, SHALLOW_RATES
from .._fit.settings import Architecture
from .._training.objective import raw_outputs
from .base import COMMON_CONSTRAINTS, BaseNetwork


def takes_batches(estimator):
    """Whether there is a partial_fit; the AttributeError says why not."""
    if estimator.solver == "lbfgs":
        raise AttributeError(
            f"partial_fit needs a solver that takes steps, but solver='lbfgs' sees all "
            f"rows at once; set another solver on {type(estimator).__name__}."
        )
    return True


class HiddenLayers(
    ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseNetwork, metaclass=ABCMeta
):
    """The part of a network that does not depend on what y is."""

    _parameter_constraints = {
        **COMMON_CONSTRAINTS,
        "activation": [StrOptions(set(ACTIVATIONS)), "array-like"],
        "solver": [StrOptions({*OPTIMIZERS, "lbfgs"})],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "learning_rate": [StrOptions(set(SCHEDULES))],
        "power_t": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "momentum": [Interval(Real, 0, 1, closed="both")],
        "nesterovs_momentum": ["boolean"],
        "beta_1": [Interval(Real, 0, 1, closed="left")],
        "beta_2": [Interval(Real, 0, 1, closed="left")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "max_fun": [Interval(Integral, 1, None, closed="left")],
        "init": [StrOptions({"auto", *INITIALIZERS})],
        "negative_slope": [Interval(Real, 0, 1, closed="both")],
        "dropout": [Interval(Real, 0, 1, closed="left"), "array-like"],
        "max_grad_norm": [Interval(Real, 0, None, closed="right"), None],
        "learning_rate_decay": [Interval(Real, 0, 1, closed="right")],
        "warmup_epochs": [Interval(Integral, 0, None, closed="left")],
        "keep_optimizer_state": ["boolean"],
    }

    def _hidden_layers(self, units, name, value):
        """The Architecture, or an error that helps."""
        if not all(isinstance(n, Integral) and n >= 1 for n in units):
            raise ValueError(
                f"{name} must be > 0 in every layer and whole, got {value!r}."
            )
        names = self._for_each("activation", "name", len(units))
        for activation in names:
            if not (isinstance(activation, str) and activation in ACTIVATIONS):
                raise ValueError(
                    f"activation must be one of {sorted(ACTIVATIONS)}, "
                    f"got {activation!r}."
                )
        dropout = self._for_each("dropout", "rate", len(units))
        for rate in dropout:
            if not (isinstance(rate, Real) and 0 <= rate < 1):
                raise ValueError(
                    "dropout must be at least 0 and less than 1 in every layer, got "
                    f"{rate!r}."
                )
        units = tuple(int(n) for n in units)
        return Architecture(units, tuple(names), tuple(dropout), self.init)

    def _for_each(self, parameter, what, n_layers):
        """The parameter's values for the hidden layers, out of one or one for each."""
        value = getattr(self, parameter)
        if isinstance(value, str) or not np.iterable(value):
            return [value] * n_layers
        if len(value) != n_layers:
            raise ValueError(
                f"{parameter} must be one {what} or one for each of the {n_layers} "
                f"hidden layers, got {len(value)}: {value!r}."
            )
        return list(value)

    def _solver(self, X):
        return self.solver

    def _strength(self, n):
        return float(self.alpha) / n

    def _stopping_rule(self, solver, objective, optimizer, patience):
        return patience

    def _lbfgs_limits(self):
        # scipy's own default of ftol: the cost of a network is flat in many directions
        return {"ftol": 2.2e-9, "max_fun": self.max_fun}

    def _publish_layers(self, params, n_iter):
        self.n_iter_ = n_iter
        self.coefs_ = [layer.T for layer in params.W[1:]]
        self.intercepts_ = [layer.ravel() for layer in params.b[1:]]

    def _published_layers(self):
        return (
            [np.transpose(layer) for layer in self.coefs_],
            [np.reshape(layer, (-1, 1)) for layer in self.intercepts_],
        )

    # -- the last hidden layer as features ---------------------------------------------

    def transform(self, X):
        """The activations of the last hidden layer: features that were learned.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to look at.

        Returns
        -------
        ndarray of shape (n_samples, n[L-1])
            A[L-1], an example a row. A network without hidden layers gives X back.
        """
        check_is_fitted(self)
        W, b = self._layers()
        X = self._valid(X, W[0].dtype)
        if len(W) == 1:
            return X.copy() if hasattr(X, "copy") else X[:]  # from disk
        g = self._make_activations()

        def last(Z):
            g[-1].forward(Z.T, out=Z.T)
            return Z

        with np.errstate(over="ignore", invalid="ignore"):
            return raw_outputs(Parameters(W[:-1], b[:-1]), g, X, last)

    @property
    def _n_features_out(self):
        return self.coefs_[-1].shape[0]


class ShallowLayers(HiddenLayers, metaclass=ABCMeta):
    """One hidden layer."""

    _parameter_constraints = {
        "n_hidden": [Interval(Integral, 1, None, closed="left")],
        **HiddenLayers._parameter_constraints,
    }
    _default_rates = SHALLOW_RATES

    def _architecture(self):
        return self._hidden_layers([self.n_hidden], "n_hidden", self.n_hidden)


class DeepLayers(HiddenLayers, metaclass=ABCMeta):
    """Any number of hidden layers."""

    _parameter_constraints = {
        "hidden_layer_sizes": [
            "array-like",
            Interval(Integral, 1, None, closed="left"),
        ],
        "n_hidden_layers": [Interval(Integral, 0, None, closed="left"), None],
        **HiddenLayers._parameter_constraints,
    }
    _default_rates = DEEP_RATES

    def _architecture(self):
        sizes, repeats = self.hidden_layer_sizes, self.n_hidden_layers
        if np.ndim(sizes) == 0:
            units = np.repeat(sizes, 1 if repeats is None else repeats).tolist()
        elif repeats is None:
            units = list(sizes)
        else:
            raise ValueError(
                f"n_hidden_layers={repeats} repeats an int hidden_layer_sizes, got "
                f"{sizes!r}; give the int, or leave n_hidden_layers=None."
            )
        return self._hidden_layers(units, "hidden_layer_sizes", sizes)
