"""The objective function theta -> (J, dJ): the one caller of `forward`, `backward`."""

import numpy as np

from .._engine.propagation import Buffers, Parameters, backward, forward
from .._engine.scratch import slice_of, slices
from .._rows.columns import as_columns
from .._rows.disk import MIN_ROWS
from .._rows.source import source_of

ELEMENTS = 2**18  # of the widest layer, in the blocks of rows that are predicted


class Objective:
    """J(theta) = mean loss + l2 / 2 ||W||^2 + l1 |W|, and its gradient.

    The l1 penalty is part of J but not of the gradient, which does not exist where a
    weight is 0. The optimiser step applies it (`Proximal`).

    Parameters
    ----------
    params : Parameters
        Holds theta. A call with another vector copies that vector into it first.
    g : list
        Activations of the layers 1 to L - 1; g[0] is None.
    loss : callable
        Returns J of Z[L], Y and w, and writes dZ[L].
    m : int
        The largest number of columns of a call.
    l2, l1 : float, default=0.0
        Factors of the penalties; b is not penalised.
    intercept : bool, default=True
        False sets the gradient of every b to 0.
    """

    def __init__(self, params, g, loss, m, *, l2=0.0, l1=0.0, intercept=True):
        self.params, self.g, self.loss = params, g, loss
        self.l2, self.l1, self.intercept = l2, l1, intercept
        # check_my replaces them by a reader's functions
        self.forward, self.backward = forward, backward
        # activations for prediction: without dropout
        self.g_at_rest = [getattr(g_l, "at_rest", g_l) for g_l in g]
        dtype = params.theta.dtype
        self.grads = Parameters.flat(params.n, dtype)
        self.A, self.dZ = Buffers(params.n, m, dtype), Buffers(params.n, m, dtype)
        self._one = np.ones((m, 1), dtype)
        weights = [v[: params.n_weights] for v in (params.theta, self.grads.theta)]
        self._slices = slices(weights, slice_of(weights[0]))
        with np.errstate(over="ignore"):
            self._l2 = np.array(l2, dtype)  # faster in NumPy than a float

    def __call__(self, theta, X, Y, w):
        """Return J and dJ/dtheta over the columns of X.

        The gradient is a view; the next call overwrites it.
        """
        params, (A, dZ) = self.set_theta(theta), self._layers(X)
        J = self.loss(self.forward(params, A, self.g), Y, w, dZ[params.L])
        self.backward(params, self.grads, A, dZ, self.g, self._one[: X.shape[1]])
        self._penalise()
        return J + self.penalty(), self.grads.theta

    def penalty(self):
        """Return the penalty of the current parameters: l2 / 2 ||W||^2 + l1 |W|."""
        W, penalty = self.params.theta[: self.params.n_weights], 0.0
        if self.l2:
            penalty += 0.5 * self.l2 * float(W.dot(W))
        if self.l1:
            penalty += self.l1 * float(np.abs(W).sum())
        return penalty

    def loss_at(self, theta, X, Y, w):
        """Return the mean loss over the columns, without dropout and penalty."""
        params, (A, dZ) = self.set_theta(theta), self._layers(X)
        return self.loss(self.forward(params, A, self.g_at_rest), Y, w, dZ[params.L])

    def cost(self, theta, batches):
        """Return the mean of `loss_at` over the rows of all batches."""
        J = 0.0
        for X, Y, w in batches:
            J += self.loss_at(theta, X, Y, w) * len(w) / batches.weight
        return J

    def with_parameters(self, params, m):
        """Return J without its l1 penalty for other parameters and up to m columns."""
        other = Objective(
            params, self.g, self.loss, m, l2=self.l2, intercept=self.intercept
        )
        other.forward, other.backward = self.forward, self.backward
        return other

    def expansion(self, batches):
        """Return an `Expansion` of J over these batches, or None for the default."""

    def set_theta(self, theta):
        """Copy theta into the parameters and return them."""
        if theta is not self.params.theta:
            np.copyto(self.params.theta, theta, casting="same_kind")
        return self.params

    def _layers(self, X):
        m = X.shape[1]
        return [X, *self.A.first(m)[1:]], self.dZ.first(m)

    def _penalise(self):
        """Add the gradient of the l2 penalty: dW += l2 W. Without intercept, db = 0."""
        n_weights, dtheta = self.params.n_weights, self.grads.theta
        if not self.intercept:
            dtheta[n_weights:] = 0
        if self.l2:
            for W, dW, T in self._slices:
                dW += np.multiply(W, self._l2, out=T)


class Summed:
    """J and its gradient over all rows, summed over several batches.

    Solvers of one batch of all rows use it where the rows do not fit into memory. It
    takes the place of the objective and of the source of batches.
    """

    def __init__(self, objective, batches):
        self._objective, self._batches = objective, batches
        self._grad = np.zeros_like(objective.grads.theta)
        self.weight = batches.weight

    def __iter__(self):
        yield None, None, range(self.weight)

    def __call__(self, theta, X, Y, w):
        """Return J and dJ/dtheta over all rows.

        Each batch adds its share of both penalties, too.
        """
        objective, J = self._objective, 0.0
        self._grad.fill(0)
        for X, Y, w in self._batches:
            cost, grad = objective(theta, X, Y, w)
            share = len(w) / self.weight
            J += share * cost
            self._grad += share * grad
        # GradientTolerance reads this vector
        objective.grads.theta[...] = self._grad
        return J, objective.grads.theta


def rows_per_block(n, m):
    """Return the number of rows, at most m, to predict at a time with n[l] units."""
    return min(m, max(MIN_ROWS, ELEMENTS // max(n[1:])))


def raw_outputs(params, g, X, link=None):
    """Return Z[L] of all rows of X as rows (m, n[L]); with `link`, return link(Z[L]).

    X is an array, a CSR matrix or a RowSource. `link` is called with a block of rows
    and may write into it.
    """
    return source_of(X).outputs(outputs_by_blocks, params, g, link)


def outputs_by_blocks(params, g, source, link):
    """Return Z[L], or link(Z[L]), computed one block of rows at a time.

    Only the result grows with the number of rows, the buffers do not.
    """
    m, out = len(source), None
    block = rows_per_block(params.n, m)
    buffers = Buffers(params.n, block, params.W[1].dtype)
    for rows, part in source.blocks(block):
        A = buffers.first(rows.stop - rows.start)
        Z = forward(params, [as_columns(part), *A[1:]], g).T
        part = Z if link is None else link(Z)
        if out is None:
            out = np.empty((m, part.shape[1]), part.dtype)
        out[rows] = part
    return out
