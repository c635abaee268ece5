"""theta -> (J, dJ): the one caller of `forward` and `backward`."""

import numpy as np

from .._engine.propagation import Buffers, Parameters, backward, forward
from .._engine.scratch import slice_of, slices
from .._rows.columns import as_columns
from .._rows.disk import FEWEST
from .._rows.source import source_of

ELEMENTS = 2**18  # of a block of rows in the widest layer, where rows go by blocks


class Objective:
    """J(theta) = mean loss + l2 / 2 ||W||^2 + l1 |W|, and its gradient.

    The l1 penalty is part of J only: where a weight is 0 it has no gradient, and the
    step answers for it (`Proximal`).

    Parameters
    ----------
    params : Parameters
        Where theta lives. A call with another vector copies it there first.
    g : list
        Activations of the layers 1 to L - 1; g[0] is None.
    loss : callable
        J of Z[L], Y and w; writes dZ[L].
    m : int
        The most columns of a call.
    l2, l1 : float, default=0.0
        Factors of the penalties; b is not penalised.
    intercept : bool, default=True
        False keeps every b where it is.
    """

    def __init__(self, params, g, loss, m, *, l2=0.0, l1=0.0, intercept=True):
        self.params, self.g, self.loss = params, g, loss
        self.l2, self.l1, self.intercept = l2, l1, intercept
        self.forward, self.backward = forward, backward  # a reader's may take over
        # what predicts: without the masks of dropout
        self.g_at_rest = [getattr(g_l, "at_rest", g_l) for g_l in g]
        dtype = params.theta.dtype
        self.grads = Parameters.flat(params.n, dtype)
        self.A, self.dZ = Buffers(params.n, m, dtype), Buffers(params.n, m, dtype)
        self._one = np.ones((m, 1), dtype)
        weights = [v[: params.n_weights] for v in (params.theta, self.grads.theta)]
        self._slices = slices(weights, slice_of(weights[0]))
        with np.errstate(over="ignore"):
            self._l2 = np.array(l2, dtype)  # NumPy is quicker with it than with a float

    def __call__(self, theta, X, Y, w):
        """J and dJ/dtheta (a view, good until the next call) over the columns of X."""
        params, (A, dZ) = self.at(theta), self._layers(X)
        J = self.loss(self.forward(params, A, self.g), Y, w, dZ[params.L])
        self.backward(params, self.grads, A, dZ, self.g, self._one[: X.shape[1]])
        self._penalise()
        return J + self.penalty(), self.grads.theta

    def penalty(self):
        """l2 / 2 ||W||^2 + l1 |W| where the parameters are."""
        W, penalty = self.params.theta[: self.params.n_weights], 0.0
        if self.l2:
            penalty += 0.5 * self.l2 * float(W.dot(W))
        if self.l1:
            penalty += self.l1 * float(np.abs(W).sum())
        return penalty

    def loss_at(self, theta, X, Y, w):
        """The mean loss over the columns as predictions have it, without penalty."""
        params, (A, dZ) = self.at(theta), self._layers(X)
        return self.loss(self.forward(params, A, self.g_at_rest), Y, w, dZ[params.L])

    def cost(self, theta, batches):
        """The mean of `loss_at` over all batches."""
        J = 0.0
        for X, Y, w in batches:
            J += self.loss_at(theta, X, Y, w) * len(w) / batches.weight
        return J

    def like(self, params, m):
        """J, without its l1, of other parameters and up to m columns."""
        other = Objective(
            params, self.g, self.loss, m, l2=self.l2, intercept=self.intercept
        )
        other.forward, other.backward = self.forward, self.backward
        return other

    def expansion(self, batches):
        """J to the second order, or None: `Expansion` will do."""

    def at(self, theta):
        """The parameters, holding theta."""
        if theta is not self.params.theta:
            np.copyto(self.params.theta, theta, casting="same_kind")
        return self.params

    def _layers(self, X):
        m = X.shape[1]
        return [X, *self.A.first(m)[1:]], self.dZ.first(m)

    def _penalise(self):
        """dW += l2 W; b is free of it, and without intercept also free of moving."""
        n_weights, dtheta = self.params.n_weights, self.grads.theta
        if not self.intercept:
            dtheta[n_weights:] = 0
        if self.l2:
            for W, dW, T in self._slices:
                dW += np.multiply(W, self._l2, out=T)


class Summed:
    """J and its gradient over all rows, as the sum over batches that hold them all.

    For solvers whose one batch is everything, where everything is not in memory: it is
    the objective, and the source of that one batch.
    """

    def __init__(self, objective, batches):
        self._objective, self._batches = objective, batches
        self._grad = np.zeros_like(objective.grads.theta)
        self.weight = batches.weight

    def __iter__(self):
        yield None, None, range(self.weight)

    def __call__(self, theta, X, Y, w):
        """J and dJ/dtheta; both penalties are shares of the sums, too."""
        objective, J = self._objective, 0.0
        self._grad.fill(0)
        for X, Y, w in self._batches:
            cost, grad = objective(theta, X, Y, w)
            share = len(w) / self.weight
            J += share * cost
            self._grad += share * grad
        # where those look who judge the gradient
        objective.grads.theta[...] = self._grad
        return J, objective.grads.theta


def block_length(n, m):
    """Return how many of m rows go through layers of n units at a time."""
    return min(m, max(FEWEST, ELEMENTS // max(n[1:])))


def raw_outputs(params, g, X, link=None):
    """Return Z[L] of all rows of X, as rows (m, n[L]), or what `link` makes of it.

    X is an array, a CSR matrix or a RowSource. `link` is given a block of rows and may
    write into it.
    """
    return source_of(X).outputs(outputs_by_blocks, params, g, link)


def outputs_by_blocks(params, g, source, link):
    """Return the outputs block of rows by block of rows.

    Beyond what is returned, the memory does not grow with the number of rows.
    """
    m, out = len(source), None
    block = block_length(params.n, m)
    buffers = Buffers(params.n, block, params.W[1].dtype)
    for rows, part in source.blocks(block):
        A = buffers.first(rows.stop - rows.start)
        Z = forward(params, [as_columns(part), *A[1:]], g).T
        part = Z if link is None else link(Z)
        if out is None:
            out = np.empty((m, part.shape[1]), part.dtype)
        out[rows] = part
    return out
