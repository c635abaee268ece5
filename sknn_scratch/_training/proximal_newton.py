"""Proximal Newton's method: networks without hidden layers, and a penalty l1 |W|.

J = f + l1 |W|, where f is smooth and convex. Every iteration replaces f by its
quadratic model about theta, as Newton's method does, and keeps l1 |W| as it is (Lee,
Sun and Saunders 2014; `glmnet` of Friedman, Hastie and Tibshirani 2010 and LIBLINEAR's
`newGLMNET` of Yuan, Ho and Lin 2012 do the same). The minimum of that sum is where the
step leads; it has exact zeros.

Those two find it coordinate by coordinate. In NumPy whole arrays are faster: see
`l1_model`.
"""

import numpy as np
from scipy.sparse import issparse

from .._rows.columns import as_rows
from .l1_model import Curvature, Model, subgradient
from .newton import ENOUGH, as_matrix, as_vector
from .watch import largest

NEW = 100  # weights of a row of W that leave 0 in one iteration, at least so many may


def proximal_newton(objective, batches, theta, watch, *, tol):
    """Minimise J: theta := argmin of the model, the step halved until J falls enough.

    It ends as `newton` does, with the first step from a theta where no entry of the
    smallest subgradient exceeds tol and the model falls by no more than `ENOUGH` / 2 J.
    """
    if watch.max_iter == 0:
        return theta
    ((X, Y, w),) = batches
    problem = Problem(objective, X, Y, w)
    M = problem.as_matrix(theta)
    J, G = problem.at(M)
    for epoch in watch.epochs():
        if not np.isfinite(J):
            watch(epoch, J, problem.as_vector(M))
            watch.reason = "diverged"
            break
        J_before, before = J, M
        flat = largest(subgradient(M, G, problem.l1)) <= tol
        for damping in (0.0, 1e-6, 1e-3, 1.0, 1e3, 1e6):
            step, fall = problem.step(M, J, G, tol, damping)
            ends = flat and not damping and fall <= problem.enough * J / 2
            if not (ends or step.any()):
                continue
            M, J, G = line_search(problem, before, J, G, step)
            if ends or M is not before:
                break
        if watch(epoch, J_before, problem.as_vector(M)):
            break
        if ends or M is before:
            watch.reason = "gradient" if ends else "precision"
            break
    return watch.best(problem.as_vector(M))


def line_search(problem, M, J, G, step):
    """Return M + t step for the first t of 1, 1/2, 1/4 ... where J falls enough.

    Returns M itself, with its J and gradient, where no t will do.
    """
    slope = np.vdot(G, step) + np.sum(problem.l1 * (np.abs(M + step) - np.abs(M)))
    noise = 16 * problem.eps * abs(J)
    for t in 0.5 ** np.arange(30):
        trial = M + t * step
        J_trial, G_trial = problem.at(trial)
        if J_trial <= J + 1e-4 * t * slope + noise:
            return trial, J_trial, G_trial
    return M, *problem.at(M)


class Problem:
    """J over all rows as a function of a matrix M = [W b], (K, n).

    n is n[0] + 1, or n[0] without intercept.

    Attributes
    ----------
    l1 : ndarray of shape (n,)
        The factor of |M| for each column: 0 for b.
    """

    def __init__(self, objective, X, Y, w):
        self._objective, self._batch, self._rows = objective, (X, Y, w), as_rows(X)
        if issparse(self._rows):
            self._rows = self._rows.tocsc()  # its columns are taken out
        self._d, self._K = objective.params.n
        self._n = self._d + objective.intercept
        self.l1, self._l2 = np.zeros(self._n), np.zeros(self._n)
        self.l1[: self._d], self._l2[: self._d] = objective.l1, objective.l2
        self.eps = np.finfo(objective.params.theta.dtype).eps
        self.enough = max(ENOUGH, 32 * self.eps)

    def at(self, M):
        """Return J and the gradient of its smooth part; keep the outputs A."""
        J, grad = self._objective(self.as_vector(M), *self._batch)
        Z = self._objective.A.first(len(self._batch[2]))[1]
        self._A = np.ascontiguousarray(self._objective.loss.link(Z))
        return J, self.as_matrix(grad)

    def step(self, M, J, G, tol, damping):
        """Return the step to the minimum of the model, and how far the model falls.

        Weights that are 0 and may not leave it stay out of the model.
        """
        allowed, step, fall = self._allowed(M, G, tol), np.zeros_like(M), 0.0
        # sigmoids do not depend on one another: each row of M has its own model
        parts = [slice(None)]
        if not self._objective.loss.sums_to_one:
            parts = [slice(k, k + 1) for k in range(self._K)]
        for rows in parts:
            used = np.flatnonzero(allowed[rows].any(axis=0))
            if not used.size:
                continue
            model = self._model(M[rows], G[rows], allowed[rows], rows, used, damping)
            step[rows, used] = model.minimise(J, tol / 2) - M[rows, used]
            fall += model.fall
        return step, fall

    def _model(self, M, G, allowed, rows, used, damping):
        """Return the model of some rows of M and the columns used."""
        features = used[used < self._d]
        X = self._rows if len(features) == self._d else self._rows[:, features]
        w = self._batch[2]
        curvature = Curvature(
            self._objective.loss,
            self._A[rows],
            X.tocsr() if issparse(X) else X,
            w / len(w),
            self._l2[used],
            allowed[:, used],
            damping,
        )
        M, G, allowed = M[:, used], G[:, used], allowed[:, used]
        return Model(M, G, self.l1[used], allowed, curvature, 16 * self.eps)

    def _allowed(self, M, G, tol):
        """Return where the model may move M: where M or its subgradient is not 0.

        Of the weights that are 0 those of the steepest J come first: no more of a row
        than it has others, but at least `NEW`. Near the end all may.
        """
        excess = np.where(M == 0, np.abs(G) - self.l1, 0)
        allowed = (M != 0) | (excess > 0)
        allowed[:, self._d :] = True
        for row, steep, weights in zip(allowed, excess, M, strict=True):
            most = max(NEW, np.count_nonzero(weights))
            new = np.flatnonzero(steep[: self._d] > 0)
            if len(new) > most and steep.max() > tol:
                row[new[np.argsort(-steep[new], kind="stable")[most:]]] = False
        return allowed

    def as_matrix(self, theta):
        """Return [W b] of a flat vector."""
        return as_matrix(theta, (self._K, self._d, self._n))

    def as_vector(self, M):
        """Return the flat vector of [W b]."""
        return as_vector(M, self._d)
