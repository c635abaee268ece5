"""The layers of a network, as far as they are known before or after `fit`."""

import re
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from .._engine.losses import LOSSES
from .._fit.settings import architecture_of, parameters_of


class Layer(NamedTuple):
    """One layer l of a network; None stands for what is not known before `fit`."""

    l: int
    units: int | None  # n[l]
    inputs: int | None  # n[l-1]
    activation: str | None
    dropout: float = 0.0

    @property
    def W(self):
        """Return the shape of W[l]."""
        return self.units, self.inputs

    @property
    def b(self):
        """Return the shape of b[l]."""
        return self.units, 1

    @property
    def n_parameters(self):
        """Return the number of parameters: n[l] n[l-1] + n[l], or None."""
        if self.units is None or self.inputs is None:
            return None
        return self.units * (self.inputs + 1)


class Layout(NamedTuple):
    """The layers 1 to L, the loss, and the type of the parameters."""

    layers: tuple
    loss: str | None
    dtype: np.dtype | None

    @property
    def n(self):
        """Return the units of the layers 0 to L."""
        return (self.layers[0].inputs, *(layer.units for layer in self.layers))

    def on(self, n_features):
        """Return the same layers for that many features."""
        first = self.layers[0]._replace(inputs=n_features)
        return self._replace(layers=(first, *self.layers[1:]))


def layout_of(network):
    """Return the layers of a network: as fitted, or as its parameters ask for."""
    if not network.__sklearn_is_fitted__():
        hidden = architecture_of(parameters_of(network))
        kind = getattr(network, "loss", None)
        n = (None, *hidden.units, None)
        return _layout(n, hidden.activations, hidden.dropout, kind, None)
    W, _ = network._published_layers()
    n = (W[0].shape[1], *(layer.shape[0] for layer in W))
    kind = network._target.kind
    return known_layout(network, n, W[0].dtype, network._activations, kind)


def known_layout(network, n, dtype, activations, kind):
    """Return the layers of a network that has seen its data: all n[l] are known."""
    names = [name for name, _ in activations]
    return _layout(n, names, _dropout(network, n), kind, dtype)


def _dropout(network, n):
    """Return the dropout of the hidden layers; 0 where parameters name other layers."""
    try:
        hidden = architecture_of(parameters_of(network))
    except (TypeError, ValueError):
        hidden = None
    if hidden is None or hidden.units != n[1:-1]:
        return (0.0,) * (len(n) - 2)
    return hidden.dropout


def _layout(n, activations, dropout, kind, dtype):
    known = kind in LOSSES
    activations = [*activations, LOSSES[kind].output if known else None]
    rows = zip(pairwise(n), activations, [*dropout, 0], strict=True)
    layers = [
        Layer(l, units, inputs, activation, float(rate))
        for l, ((inputs, units), activation, rate) in enumerate(rows, start=1)
    ]
    return Layout(tuple(layers), _words(LOSSES[kind]) if known else None, dtype)


def _words(loss):
    """Return the name of a loss class as words."""
    return re.sub("(?<=[a-z])(?=[A-Z])", " ", loss.__name__).lower()
