"""Recording of a training: parameters, costs and scores of chosen epochs.

A Recording is a callback of the estimator's `fit` (see `_training.watch.observe`). It
evaluates the parameters with a copy of the estimator that is prepared as in `fit` but
not trained. So it can record epoch 0, the initial weights, too.
"""

import numpy as np
from sklearn.base import clone

from ..._fit.inputs import Data
from ..._fit.settings import parameters_of, set_parameters


class Recording:
    """Callback that records one fit of a network with standardize=True, from epoch 0.

    Parameters
    ----------
    network : BaseNetwork
        The classifier that will be fitted, with valid parameters and an int as
        random_state.
    train, val : (X, y)
        The training and the validation rows of that fit.
    most : int
        The greatest number of epochs to keep, at least 2. The last is always kept.

    Attributes
    ----------
    epochs, thetas : list
        The epochs kept, and their parameters for standardised features: all W, row by
        row, then all b.
    costs : list of (float, float)
        Mean loss of the training and the validation rows at the end of every epoch
        from 0 on, as in prediction: without penalty, dropout and label smoothing.
    n : tuple of int
        Units of the layers 0 to L.
    notes : list of str
        Remarks on the training, which the caller adds.
    """

    def __init__(self, network, train, val, most):
        self._copy = clone(network)
        set_parameters(self._copy, warn=False, verbose=0)
        if "label_smoothing" in parameters_of(network):
            set_parameters(self._copy, label_smoothing=0.0)
        self._train, self._val = train, val
        self._run = self._copy._prepare(Data(*train), Data(*val))
        self._validation = self._run.members["validation"]
        params = self._run.objective.params
        self.n, first = params.n, params.theta.copy()
        self._chosen = set(dense_at_first(network.max_iter, most - 1))
        self.epochs, self.thetas, self.costs, self.notes = [], [], [], []
        self(0, network.max_iter, 0.0, first)

    def __call__(self, epoch, max_iter, J, theta):
        """Record the end of an epoch; record nothing after one that is not finite."""
        with np.errstate(over="ignore", invalid="ignore"):
            cost = self._run.objective.cost(theta, self._run.batches)
            self._validation(epoch, J, theta)
            finite = np.isfinite([cost, self._validation.losses[-1], theta.sum()])
        if not finite.all() or epoch > len(self.costs):
            return
        if self.epochs and self.epochs[-1] not in self._chosen:
            self.epochs.pop()  # kept only because it was the last
            self.thetas.pop()
        self.epochs.append(epoch)
        self.thetas.append(theta.copy())
        self.costs.append((cost, self._validation.losses[-1]))

    def network_at(self, frame):
        """Return the fitted network as it was at the end of the kept epoch `frame`."""
        self._run.members["curve"](self.epochs[frame], self.costs[-1][0], None)
        return self._copy._twin(self._run, self.thetas[frame])

    def scores(self):
        """Return (training, validation) accuracy of each kept epoch."""
        networks = map(self.network_at, range(len(self.epochs)))
        return [(net.score(*self._train), net.score(*self._val)) for net in networks]

    @property
    def scaler(self):
        """Return the StandardScaler of the features."""
        return self._run.learned.scaler

    @property
    def activations(self):
        """Return names and parameters of the activations of the hidden layers."""
        return self._run.learned.activations


def dense_at_first(last, most):
    """Return at most `most` integers from 0 to last, denser at the start.

    If not all fit, the later ones are spaced geometrically, because costs change most
    in the first epochs.
    """
    if last < most:
        return list(range(last + 1))
    chosen = more = np.array([last])
    points = most - 2
    while len(more) < most:
        chosen, points = more, points + 1
        more = np.unique(np.geomspace(1, last, points).round().astype(int))
    return [0, *chosen.tolist()]
