"""Costs J, their slopes dZ[L], and the link from Z[L] to probabilities.

A loss owns its link: it is given Z[L], the raw output, and not A[L], so the cost never
meets log 0, and dZ[L] keeps its short form in every case::

    J      = 1/m sum over the columns of w L(A, Y)
    dZ[L]  = 1/m (A[L] - Y) w

The 1/m of J and its gradient is written here and nowhere else. w are the weights of
the columns, mean 1 over the training rows (all ones when nobody gave weights).

Why the short form: for a sigmoid dL/da = -y / a + (1 - y) / (1 - a) and da/dz = a (1 -
a), whose product is a - y. For a softmax dL/da_k = -y_k / a_k and da_k/dz_l = a_k ((k =
l) - a_l); summed over k that is a_l (sum of y) - y_l = a_l - y_l.

Conventions: Z, Y, dZ are (n[L], m); w is (m,). The engine never checks its input.
"""

import numpy as np

from ._activations import Logistic, Scratch


class SigmoidCrossEntropy:
    """One sigmoid a row: L = -(y log a + (1 - y) log(1 - a)), summed over the rows.

    With one row this is the course's cost of logistic regression (course, week 2);
    with one row a label it is the cost of a multilabel network.
    """

    sums_to_one = False  # the rows are probabilities of their own

    def __init__(self):
        self._scratch = Scratch()

    def __call__(self, Z, Y, w, dZ):
        m = Z.shape[1]
        # L = max(z, 0) - y z + log(1 + e^-|z|), built in dZ
        L, T = dZ, self._scratch.columns(Z.shape, Z.dtype)
        np.maximum(Z, 0, out=L)
        L -= np.multiply(Y, Z, out=T)
        np.abs(Z, out=T)
        np.negative(T, out=T)
        np.exp(T, out=T)
        L += np.log1p(T, out=T)
        J = float((L @ w).sum()) / m
        Logistic().forward(Z, out=dZ)  # A[L]
        dZ -= Y
        dZ *= w
        dZ /= m
        return J

    def log_link(self, Z):
        """log A[L] and log(1 - A[L]), both exact where A[L] is next to 0 or 1."""
        tail = np.log1p(np.exp(-np.abs(Z)))
        return np.minimum(Z, 0) - tail, -np.maximum(Z, 0) - tail

    def link(self, Z):
        """A[L] = sigmoid(Z[L])."""
        return np.exp(self.log_link(Z)[0])

    def curvature(self, A, k, l):
        """d2L / dz_k dz_l = a_k (1 - a_k) if k = l, else 0; (m,)."""
        return A[k] * (1 - A[k]) if k == l else np.zeros_like(A[k])


class SoftmaxCrossEntropy:
    """One softmax over the rows: L = -sum over k of y_k log a_k, where sum y_k = 1."""

    sums_to_one = True

    def __init__(self):
        self._scratch = Scratch()

    def __call__(self, Z, Y, w, dZ):
        m = Z.shape[1]
        top, right, total = self._scratch.columns((3, m), Z.dtype)
        np.max(Z, axis=0, out=top)
        np.subtract(Z, top, out=dZ)
        np.vecdot(Y, dZ, axis=0, out=right)  # sum y_k z_k
        np.exp(dZ, out=dZ)
        np.sum(dZ, axis=0, out=total)
        dZ /= total  # A[L]
        L = np.log(total, out=total)
        L -= right  # log(sum e^z_k) - sum y_k z_k
        J = float(L @ w) / m
        dZ -= Y
        dZ *= w
        dZ /= m
        return J

    def log_link(self, Z):
        """log A[L] = z_k - log(sum e^z_k), and None: no row has a complement."""
        Z = Z - Z.max(axis=0)
        return Z - np.log(np.exp(Z).sum(axis=0)), None

    def link(self, Z):
        """A[L] = softmax(Z[L]): e^z_k / sum e^z_j."""
        return np.exp(self.log_link(Z)[0])

    def curvature(self, A, k, l):
        """d2L / dz_k dz_l = a_k ((k = l) - a_l); (m,)."""
        return A[k] * ((k == l) - A[l])


LOSSES = {
    "binary": SigmoidCrossEntropy,
    "multiclass": SoftmaxCrossEntropy,
    "multilabel": SigmoidCrossEntropy,
}
