"""Hidden layers: what networks of one or more of them share, whatever y is."""

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from .._engine.activations import make_activations
from .._engine.propagation import Parameters
from .._fit.settings import Settings, architecture_of, defaults, parameters_of
from .._training.objective import raw_outputs
from .base import BaseNetwork, without_nan


def takes_batches(estimator):
    """Return True where there is a partial_fit; else the AttributeError says why."""
    if estimator.solver == "lbfgs":
        raise AttributeError(
            f"partial_fit needs a solver that takes steps, but solver='lbfgs' sees all "
            f"rows at once; set another solver on {type(estimator).__name__}."
        )
    return True


class HiddenLayers(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseNetwork):
    """Base class of the networks with hidden layers."""

    def _settings(self, X):
        parameters, alpha = parameters_of(self), float(self.alpha)
        return Settings(
            name=type(self).__name__,
            parameters=parameters,
            usual=defaults(type(self)),
            architecture=architecture_of(parameters),
            solver=self.solver,
            strength=lambda n: alpha / n,
            rates=self._default_rates,
            # scipy's own ftol: the cost of a network is flat in many directions
            lbfgs_limits={"ftol": 2.2e-9, "max_fun": self.max_fun},
        )

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
        """Compute the activations of the last hidden layer: learned features.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows to transform.

        Returns
        -------
        ndarray of shape (n_samples, n[L-1])
            A[L-1], one row for each example. A network without hidden layers returns X.
        """
        check_is_fitted(self)
        W, b = self._layers()
        X = self._valid(X, W[0].dtype)
        if len(W) == 1:
            return X.copy() if hasattr(X, "copy") else X[:]  # from disk
        g = make_activations(self._activations)

        def last(Z):
            g[-1].forward(Z.T, out=Z.T)
            return Z

        with np.errstate(over="ignore", invalid="ignore"):
            return without_nan(raw_outputs(Parameters(W[:-1], b[:-1]), g, X, last))

    @property
    def _n_features_out(self):
        return self.coefs_[-1].shape[0]
