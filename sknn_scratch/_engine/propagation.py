"""Forward and backward propagation: the page of the course (course, week 4).

Columns to the reader, rows in memory. The course has one example a column; arrays in
memory have one a row. An array made as `np.empty((m, n)).T` is both: it reads (n, m),
BLAS takes it without a copy, and its first columns `A[:, :k]` lie together.

Lists count from 1, as in the course: W[l] is W^[l], A[0] is X. Z[l] and A[l] are one
array at two moments, and so are dA[l] and dZ[l]: the name tells the moment. `out=`
names the place; no buffer is ever rebound, and a step needs no new memory.
"""

import numpy as np


def forward(params, A, g):
    """Z[l] = W[l] A[l-1] + b[l],  A[l] = g[l](Z[l]);  the last layer stays at Z[L]."""
    W, b, L = params.W, params.b, params.L
    for l in range(1, L + 1):
        Z = np.matmul(W[l], A[l - 1], out=A[l])  # (n[l], m)
        Z += b[l]  # (n[l], 1) over the m columns
        if l < L:
            g[l].forward(Z, out=A[l])  # Z[l] becomes A[l] where it stands
    return A[L]


def backward(params, grads, A, dZ, g, one):
    """dW[l] = dZ[l] A[l-1]^T,  db[l] = dZ[l] 1,  dZ[l-1] = W[l]^T dZ[l] * g'.

    The product with m ones is the sum over the columns, the examples (as np.sum, but
    twice to five times faster). The loss has put the 1/m of the course's dW and db into
    dZ[L]: every dZ[l] here is the course's divided by m.
    """
    W, dW, db = params.W, grads.W, grads.b
    for l in range(params.L, 0, -1):
        np.matmul(dZ[l], A[l - 1].T, out=dW[l])  # (n[l], n[l-1])
        np.dot(dZ[l], one, out=db[l])  # (n[l], 1)
        if l > 1:
            dA = np.matmul(W[l].T, dZ[l], out=dZ[l - 1])  # (n[l-1], m)
            g[l - 1].chain(A[l - 1], dA)  # dA[l-1] becomes dZ[l-1]


class Parameters:
    """W[1..L] and b[1..L], wherever they live.

    Parameters
    ----------
    W : sequence of ndarray of shape (n[l], n[l-1])
    b : sequence of ndarray of shape (n[l], 1)
    theta : ndarray, optional
        The flat vector that W and b are views of: all W, then all b.
    """

    def __init__(self, W, b, theta=None):
        self.W, self.b, self.theta = [None, *W], [None, *b], theta
        self.L = len(W)
        self.n = (W[0].shape[1], *(layer.shape[0] for layer in W))
        self.n_weights = sum(layer.size for layer in W)

    @classmethod
    def flat(cls, n, dtype):
        """Zeros for layers of n[0], ..., n[L] units, in one vector."""
        shapes = [*zip(n[1:], n[:-1], strict=True), *((units, 1) for units in n[1:])]
        ends = np.cumsum([rows * columns for rows, columns in shapes])
        theta = np.zeros(ends[-1], dtype)
        views = [
            part.reshape(shape)
            for part, shape in zip(np.split(theta, ends[:-1]), shapes, strict=True)
        ]
        L = len(n) - 1
        return cls(views[:L], views[L:], theta)

    def astype(self, dtype):
        """The same W and b in a vector of another dtype."""
        params = Parameters.flat(self.n, dtype)
        params.theta[...] = self.theta
        return params


class Buffers:
    """A[l] or dZ[l] of the layers 1 to L for up to m columns."""

    def __init__(self, n, m, dtype):
        self._full = [None, *(np.empty((m, units), dtype).T for units in n[1:])]
        self._views = {}

    def first(self, m):
        """The first m columns of each; a fit knows two or three such m."""
        if m not in self._views:
            self._views[m] = [None, *(full[:, :m] for full in self._full[1:])]
        return self._views[m]
