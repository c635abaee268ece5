"""A training recorded: parameters, costs and scores of chosen epochs.

The estimator's own `fit` trains; a recording only looks (see `_watch.observe`). What it
looks with is a twin of the estimator that was prepared as `fit` prepares itself and
never trains: so epoch 0, the first weights, is there too.
"""

import numpy as np
from sklearn.base import clone

from ..._fit.inputs import Data
from ..._fit.settings import parameters_of, set_parameters


class Recording:
    """Watches one fit of a network with standardize=True, from its first weights on.

    Parameters
    ----------
    network : BaseNetwork
        The classifier that will be fitted, its parameters valid, its random_state a
        number.
    train, val : (X, y)
        What it will be given.
    most : int
        The most epochs to keep, two at least; the last is always among them.

    Attributes
    ----------
    epochs, thetas : list
        The epochs kept, and their parameters on the scale of the standardised features:
        all W, row by row, then all b.
    costs : list of (float, float)
        Mean loss of the training and the validation rows at the end of every epoch
        from 0 on, as predictions have it: without penalty, mask of dropout or
        smoothed labels.
    n : tuple of int
        Units of the layers 0 to L.
    notes : list of str
        What there is to say of the training; the caller's.
    """

    def __init__(self, network, train, val, most):
        self._twin = clone(network)
        set_parameters(self._twin, warn=False, verbose=0)
        if "label_smoothing" in parameters_of(network):
            set_parameters(self._twin, label_smoothing=0.0)
        self._train, self._val = train, val
        self._run = self._twin._prepare(Data(*train), Data(*val))
        self._validation = self._run.members["validation"]
        params = self._run.objective.params
        self.n, first = params.n, params.theta.copy()
        self._chosen = set(dense_at_first(network.max_iter, most - 1))
        self.epochs, self.thetas, self.costs, self.notes = [], [], [], []
        self(0, network.max_iter, 0.0, first)

    def __call__(self, epoch, max_iter, J, theta):
        """The end of an epoch; from one that is not finite on, nothing is kept."""
        with np.errstate(over="ignore", invalid="ignore"):
            cost = self._run.objective.cost(theta, self._run.batches)
            self._validation(epoch, J, theta)
            finite = np.isfinite([cost, self._validation.losses[-1], theta.sum()])
        if not finite.all() or epoch > len(self.costs):
            return
        if self.epochs and self.epochs[-1] not in self._chosen:
            self.epochs.pop()  # it was only the last so far
            self.thetas.pop()
        self.epochs.append(epoch)
        self.thetas.append(theta.copy())
        self.costs.append((cost, self._validation.losses[-1]))

    def at(self, frame):
        """The network as it was at the end of the epoch kept there, fitted."""
        self._run.members["curve"](self.epochs[frame], self.costs[-1][0], None)
        return self._twin._twin(self._run, self.thetas[frame])

    def scores(self):
        """Accuracy of the training and the validation rows for each epoch kept."""
        networks = map(self.at, range(len(self.epochs)))
        return [(net.score(*self._train), net.score(*self._val)) for net in networks]

    @property
    def scaler(self):
        """The StandardScaler of the features."""
        return self._run.learned.scaler

    @property
    def activations(self):
        """Names and parameters of the hidden layers' activations."""
        return self._run.learned.activations


def dense_at_first(last, most):
    """Whole numbers from 0 to last, at most `most` of them: all at first, then rarer.

    Their ratios are equal where not all have a place: training is quick at first.
    """
    if last < most:
        return list(range(last + 1))
    chosen = more = np.array([last])
    points = most - 2
    while len(more) < most:
        chosen, points = more, points + 1
        more = np.unique(np.geomspace(1, last, points).round().astype(int))
    return [0, *chosen.tolist()]
