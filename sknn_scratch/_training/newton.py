"""Newton's method for networks without hidden layers, whose J is convex.

Every iteration reads X once for J, its gradient and its curvature, block of rows by
block of rows. The step solves H p = -dJ by conjugate gradients, to no more digits than
the step is worth (Dembo, Eisenstat and Steihaug 1982), with one Cholesky factor for all
outputs as preconditioner. With one output that is the factor of H and solves at once.
"""

import numpy as np
from scipy.linalg import lapack
from scipy.sparse import issparse

from .._engine.propagation import Parameters
from .._engine.scratch import Scratch
from .._rows.columns import SparseColumns, as_columns, as_rows
from .objective import Objective
from .watch import largest

ELEMENTS = 2**17  # of a block of X: it stays in the cache while it is used three times
SPARSE_ROWS = 2**16  # of a block of CSR rows
SOLVES = 100  # conjugate gradients at most, for one step


def newton(objective, batches, theta, watch, *, tol):
    """theta := theta - H^-1 dJ, halved until J falls enough (Armijo).

    When max |dJ/dtheta| <= tol it polishes: where the penalty is weak a small gradient
    may still be far from the minimum, but each further step nearly squares the error.
    It ends with a step that moves theta by less than 1e-4 of its largest entry, or
    after 10 such steps (there is no minimum where a line parts the classes and nothing
    is penalised).
    """
    if watch.max_iter == 0:
        return theta
    theta, polished = theta.astype(np.float64), 0
    model = objective.expansion(batches)
    if model is None and batches.size == batches.weight:
        ((X, Y, w),) = batches
        if objective.l2 and X.shape[1] < X.shape[0]:
            rows = RowSpace(X)
            watch.seen_as, theta = rows.widen, rows.narrow(theta)
            objective, X = rows.objective(objective), rows.X
        batches = Blocks(X, Y, w)
    model = model or Expansion(objective, batches)
    J, grad = model.at(theta)
    for epoch in watch.epochs():
        polished = polished + 1 if largest(grad) <= tol else 0
        if not (np.isfinite(J) and model.factorise()):
            watch(epoch, J, theta)
            watch.reason = "diverged"
            break
        J_before, before = J, theta
        for direction in model.directions(grad):
            # the step to end with: nobody will ask for the curvature beyond it
            ends = polished and moves_little(before, direction)
            theta, J, grad = line_search(model, before, J, grad, direction, not ends)
            if theta is not before:
                break
        if watch(epoch, J_before, theta):
            break
        small = moves_little(before, theta - before)
        if theta is before:
            watch.reason = "precision"
        if polished == 10 or (polished and small) or theta is before:
            break
    if polished and watch.reason in (None, "precision"):
        watch.reason = "gradient"
    return watch.best(theta)


def moves_little(theta, step):
    return largest(step) <= 1e-4 * max(1.0, largest(theta))


def line_search(model, theta, J, grad, direction, curved):
    """theta + t direction for the first t of 1, 1/2, 1/4 ... where J falls enough.

    Returns theta itself, with its J and gradient, where no t will do.
    """
    slope = float(grad @ direction)
    # below this J cannot tell two points apart: a full step is as good as any
    noise = 16 * model.eps * abs(J)
    for t in 0.5 ** np.arange(30):
        trial = theta + t * direction
        J_trial, grad_trial = model.at(trial, curved)
        if J_trial <= J + 1e-4 * t * slope + noise:
            return trial, J_trial, grad_trial
    return theta, *model.at(theta, curved)


class Expansion:
    """J about a theta, to the second order.

    M stands for a matrix [W b], (K, n): n is n[0] + 1, or n[0] without intercept. With
    x for a column of X and the 1 that b is for::

        H M = 1/m sum over the columns of w L'' (M x) x^T + l2 W

    The preconditioner has, for every row of M, the mean of the K diagonal blocks of H,
    times what that row's own block is to the mean, by its trace.
    It is taken anew unless the last step needed but a few products H M: those cost
    two passes over X, the new factor n / 100 times as much (measured for n = 785: 9).
    """

    def __init__(self, objective, batches):
        self._objective, self._batches = objective, batches
        (self._d, self._K), self._m = objective.params.n, batches.weight
        self._n = self._d + objective.intercept
        self._dtype = objective.params.theta.dtype
        self.eps = np.finfo(self._dtype).eps
        self._A = None  # (K, m): the outputs at theta
        self._few = max(1, self._n // (100 * self._K))
        self._taken = self._few  # products for the last step
        self._H = self._factor = None
        self._scratch = Scratch()

    def at(self, theta, curved=True):
        """J and dJ/dtheta; keeps what curvature is made of, if it is asked for."""
        anew = curved and self._taken >= self._few
        if anew:
            self._H, self._factor = np.zeros((self._n, self._n)), None
            self._spread = np.zeros(self._K)
        return self._go_over(theta, curved, anew)

    def _go_over(self, theta, curved, anew):
        """J and dJ/dtheta; `curved` keeps A, `anew` adds to H and the spread."""
        objective, m = self._objective, self._m
        J, grad, done = 0.0, np.zeros(theta.size), 0
        if curved and self._A is None:
            self._A = np.empty((m, self._K), self._dtype).T
        for X, Y, w in self._batches:
            J_part, grad_part = objective(theta, X, Y, w)
            share = len(w) / m
            J += share * J_part
            grad += share * grad_part
            if not curved:
                continue
            A, done = self._A[:, done : done + len(w)], done + len(w)
            A[...] = objective.loss.link(objective.A.first(len(w))[1])
            if anew:
                spread = objective.loss.spread(A) * (w / m)
                self._spread += spread.sum(axis=1)
                self._add_curvature(X, spread.mean(axis=0))
        return J, grad

    def factorise(self, damping=0.0):
        """The Cholesky factor of H for the preconditioner; whether there is one."""
        if self._factor is not None and not damping:
            return True
        if not np.isfinite(self._H).all():
            return False
        scale = (np.trace(self._H) + self._d * self._objective.l2) / self._n or 1.0
        for more in (max(1e-10, 10 * self.eps), 1e-4, 1e-2, 1.0):
            H = self._H.copy()
            diagonal = np.einsum("ii->i", H)  # a view
            diagonal[: self._d] += self._objective.l2
            diagonal *= 1 + more  # against dependent features, of whatever scale
            diagonal += damping * scale
            diagonal[diagonal == 0] = 1.0  # a feature that is always 0
            self._diagonal = diagonal.copy()
            try:
                # as NumPy's transpose it is what LAPACK takes without a copy
                self._factor = np.linalg.cholesky(H).T
                break
            except np.linalg.LinAlgError:
                continue
        mean, l2 = np.trace(self._H) / self._n, self._objective.l2
        traces = mean * self._spread / (self._spread.mean() or 1.0) + l2
        self._shares = np.maximum(traces / (mean + l2 or 1.0), 1e-6)[:, None]
        self._exact = self._K == 1 and not damping
        return self._factor is not None

    def directions(self, grad):
        """-H^-1 grad; then, where that leads nowhere, with more and more of a diagonal.

        Far from the minimum the curvature may vanish (saturated units) and the step be
        endless; what is added to the diagonal turns it towards -grad and shortens it.
        """
        G = self._joined(grad)
        yield self._parted(self._solve(G))
        self._taken = self._few
        for damping in (1e-12, 1e-9, 1e-6, 1e-3, 1.0, 1e3, 1e6):
            self.factorise(damping)
            yield self._parted(-self._precondition(G))

    def _solve(self, G):
        """P with H P = -G, nearly: preconditioned conjugate gradients."""
        if self._exact:  # once: the factor of another theta is only close to H
            self._exact, self._taken = False, 1
            return -self._precondition(G)
        P, R = np.zeros_like(G), -G
        if self._objective.loss.sums_to_one:
            # to move all rows of M alike changes nothing but the penalty
            mean = R.mean(axis=0)
            R = R - mean
            if self._objective.l2:
                P[:, : self._d] = mean[: self._d] / self._objective.l2
        D = Z = self._precondition(R)
        fall = first = np.vdot(R, Z)  # about twice what J can fall by
        for self._taken in range(1, SOLVES + 1):
            HD = self.times(D)
            bend = np.vdot(D, HD)
            # a direction of dependent features: what curvature it has is rounding
            if not bend > 100 * self.eps * np.vdot(D, self._diagonal * D):
                break
            step = fall / bend
            P += step * D
            R -= step * HD
            Z = self._precondition(R)
            fell, fall = fall, np.vdot(R, Z)
            if fall <= min(0.25, first) * first:
                break
            D = Z + fall / fell * D
        return P if P.any() else -self._precondition(G)

    def times(self, M):
        """H M."""
        HM = self._bend(M)
        HM[:, : self._d] += self._objective.l2 * M[:, : self._d]
        return HM

    def _bend(self, M):
        """1/m sum over the columns of w L'' (M x) x^T."""
        objective, d = self._objective, self._d
        V, c = M[:, :d].astype(self._dtype), M[:, d:]
        HM, HV = np.zeros_like(M), np.empty_like(V)
        done = 0
        for X, _, w in self._batches:
            Z = np.matmul(V, X, out=objective.A.first(len(w))[1])
            if c.size:
                Z += c
            A, done = self._A[:, done : done + len(w)], done + len(w)
            R = objective.loss.curve(A, Z)
            R *= w / self._m
            HM[:, :d] += np.matmul(R, X.T, out=HV)
            if c.size:
                HM[:, d:] += R @ np.ones((len(w), 1), R.dtype)
        return HM

    def _precondition(self, M):
        M = lapack.dpotrs(self._factor, M.T)[0].T  # cho_solve, but 30 us less
        if self._K > 1:
            M = M / self._shares
        if self._objective.loss.sums_to_one:  # keeps rounding out of the sum, too
            M -= M.mean(axis=0)
        return M

    def _add_curvature(self, X, D):
        """H += sum over the columns of D x x^T."""
        H, d = self._H, self._d
        if isinstance(X, SparseColumns):
            H[:d, :d] += (X.rows.T @ X.rows.multiply(D[:, None])).toarray()
            edge = X.rows.T @ D
        else:
            root = np.sqrt(D)
            S = self._scratch.rows((len(D), d), root.dtype)
            np.multiply(X.T, root[:, None], out=S)
            H[:d, :d] += S.T @ S  # NumPy sees that it is symmetric: half the work
            edge = root @ S
        if self._n > d:
            H[:d, d] += edge
            H[d, :d] += edge
            H[d, d] += D.sum()

    def _joined(self, theta):
        """[W b] of a flat vector."""
        M, n_weights = np.empty((self._K, self._n)), self._objective.params.n_weights
        M[:, : self._d] = theta[:n_weights].reshape(self._K, self._d)
        if self._n > self._d:
            M[:, self._d] = theta[n_weights:]
        return M

    def _parted(self, M):
        """The flat vector of [W b]."""
        theta, n_weights = np.zeros(self._K * (self._d + 1)), self._K * self._d
        theta[:n_weights] = M[:, : self._d].ravel()
        if self._n > self._d:
            theta[n_weights:] = M[:, self._d]
        return theta


class Blocks:
    """A batch of everything as the batches it is gone through in, row after row."""

    def __init__(self, X, Y, w):
        self._X, self._Y, self._w = as_rows(X), Y, w
        self.weight, d = self._X.shape
        self._size = SPARSE_ROWS
        if not issparse(self._X):  # few rows make the sums of H dear
            self._size = max(ELEMENTS // d, 2 * (d + 1))

    def __iter__(self):
        for start in range(0, self.weight, self._size):
            part = slice(start, start + self._size)
            yield as_columns(self._X[part]), self._Y[:, part], self._w[part]


class RowSpace:
    """The same problem on no more features than rows, where X has more.

    A penalised W has no part orthogonal to all x: that would cost, and change nothing.
    With X^T X = U S^2 U^T the rows of Q = S^-1 U^T X^T are an orthonormal basis of the
    x. In it they have the coordinates U S, and W has V = W Q^T; W x and |W| are those
    of V, so J is the same function of V and b. Q itself is not made, unless dense rows
    depend on one another or features are of very different scale: squares lose what is
    small.
    """

    def __init__(self, X):
        self._rows = as_rows(X)  # (m, n[0])
        products = self._products()
        if np.isfinite(products).all():
            squares, U = np.linalg.eigh(products)
            kept = squares > squares[-1] * len(U) * np.finfo(np.float64).eps
            # Q of a sparse X would be dense, n[0] rows of it: there the squares do
            if squares[0] > 1e-10 * squares[-1] or (issparse(self._rows) and any(kept)):
                S, U = np.sqrt(squares[kept]), U[:, kept]
                self.X, self._back = (U * S).T, U / S  # (r, m), (m, r)
                return
        rows = self._rows.toarray() if issparse(self._rows) else self._rows
        Q, self.X = np.linalg.qr(rows.T.astype(np.float64))
        self._rows, self._back = Q.T, np.eye(len(Q.T))

    def objective(self, objective):
        """J as a function of V and b."""
        (_, K), (r, m) = objective.params.n, self.X.shape
        return Objective(
            Parameters.flat((r, K), np.float64),
            objective.g,
            objective.loss,
            m,
            l2=objective.l2,
            intercept=objective.intercept,
        )

    def narrow(self, theta):
        """V and b of a vector of W and b."""
        W, b = self._layers(theta, self._rows.shape[1])
        V = (self._rows @ W.T.astype(self._rows.dtype)).T @ self._back
        return np.concatenate([V.ravel(), b])

    def widen(self, theta):
        """W and b of a vector of V and b."""
        V, b = self._layers(theta, len(self.X))
        W = (V @ self._back.T).astype(self._rows.dtype) @ self._rows  # V Q
        return np.concatenate([W.ravel(), b])

    def _layers(self, theta, d):
        K = theta.size // (d + 1)
        W, b = np.split(theta, [K * d])
        return W.reshape(K, d), b

    def _products(self):
        """X^T X, (m, m), in float64 whatever X is."""
        rows = self._rows
        if issparse(rows):
            rows = rows.astype(np.float64)
            return (rows @ rows.T).toarray()
        m, d = rows.shape
        G, size = np.zeros((m, m)), max(1, 8 * ELEMENTS // m)
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            for start in range(0, d, size):
                part = np.ascontiguousarray(rows[:, start : start + size], np.float64)
                G += part @ part.T
        return G
