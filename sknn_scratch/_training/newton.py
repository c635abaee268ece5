"""Newton's method for networks without hidden layers, whose J is convex.

Every iteration reads X once, in blocks of rows, for J, its gradient and its curvature.
The step solves H p = -dJ by conjugate gradients, only as exactly as the step needs
(Dembo, Eisenstat and Steihaug 1982). The preconditioner is one Cholesky factor for all
outputs. With one output it is the factor of H itself, which solves H p = -dJ directly.
"""

import numpy as np
from scipy.linalg import lapack
from scipy.sparse import issparse

from .._engine.propagation import Parameters
from .._engine.scratch import Scratch
from .._rows.columns import SparseColumns, as_columns, as_rows
from .objective import Objective
from .watch import largest

ELEMENTS = 2**17  # of a block of X, which stays in the cache for its three uses
SPARSE_ROWS = 2**16  # of a block of CSR rows
ENOUGH = 1e-8  # of J: the Newton decrement of the last step
SOLVES = 100  # largest number of conjugate gradient iterations for one step


def newton(objective, batches, theta, watch, *, tol):
    """Minimise J: theta := theta - H^-1 dJ, the step halved until J falls enough.

    The rule for the step length is Armijo's. The last step p begins where
    max |dJ/dtheta| <= tol and where the Newton decrement dJ^T H^-1 dJ = -dJ^T p is at
    most `ENOUGH` times J. Half the decrement is the fall of J that the quadratic model
    predicts (Boyd and Vandenberghe 2004, section 9.5). It does not depend on the scale
    of features and weights, unlike the gradient and the length of the step. The last
    step nearly squares the error. The reason "separable" means that J fell to 0 without
    a penalty, so that there is no minimum.
    """
    if watch.max_iter == 0:
        return theta
    theta = theta.astype(np.float64)
    model = objective.expansion(batches)
    if model is None and batches.size == batches.weight:
        ((X, Y, w),) = batches
        if objective.l2 and X.shape[1] < X.shape[0]:
            rows = RowSpace(X)
            watch.to_theta, theta = rows.widen, rows.narrow(theta)
            objective, X = rows.objective(objective), rows.X
        batches = Blocks(X, Y, w)
    model = model or Expansion(objective, batches)
    J, grad = model.evaluate(theta)
    lowest = 0.0 if objective.l2 else model.eps * J
    for epoch in watch.epochs():
        if not (np.isfinite(J) and model.factorise()):
            watch(epoch, J, theta)
            watch.reason = "diverged"
            break
        J_before, before, flat = J, theta, largest(grad) <= tol
        for direction in model.directions(grad):
            # the last step: the curvature after it is not needed
            ends = flat and -float(grad @ direction) <= max(ENOUGH, 32 * model.eps) * J
            theta, J, grad = line_search(model, before, J, grad, direction, not ends)
            if ends or theta is not before:
                break
        if watch(epoch, J_before, theta):
            break
        if ends:
            watch.reason = "gradient"
        elif theta is before:
            watch.reason = "precision"
        elif J <= lowest:
            watch.reason = "separable"
        if watch.reason:
            break
    return watch.best(theta)


def line_search(model, theta, J, grad, direction, curved):
    """Return theta + t direction for the first t of 1, 1/2, ... where J falls enough.

    With it, return its J and gradient. If no t is found, return theta itself with its J
    and gradient.
    """
    slope = float(grad @ direction)
    # smaller differences of J are rounding errors: a full step is accepted
    noise = 16 * model.eps * abs(J)
    for t in 0.5 ** np.arange(30):
        trial = theta + t * direction
        J_trial, grad_trial = model.evaluate(trial, curved)
        if J_trial <= J + 1e-4 * t * slope + noise:
            return trial, J_trial, grad_trial
    return theta, *model.evaluate(theta, curved)


class Expansion:
    """The second-order expansion of J at a theta.

    M is a matrix [W b], (K, n), where n is n[0] + 1, or n[0] without intercept. x is a
    column of X followed by a 1 for b::

        H M = 1/m sum over the columns of w L'' (M x) x^T + l2 W

    The preconditioner is, for each row of M, the mean of the K diagonal blocks of H,
    scaled by the trace of the block of that row divided by the mean trace.
    It is recomputed unless the last step needed only a few products H M. Each product
    costs two passes over X, a new factor n / 100 times as much (measured for n = 785:
    9 times).
    """

    def __init__(self, objective, batches):
        self._objective, self._batches = objective, batches
        (self._d, self._K), self._m = objective.params.n, batches.weight
        self._n = self._d + objective.intercept
        self._dtype = objective.params.theta.dtype
        self.eps = np.finfo(self._dtype).eps
        self._A = None  # (K, m): the outputs at theta
        self._few_products = max(1, self._n // (100 * self._K))
        self._n_products = self._few_products  # products H M of the last step
        self._H = self._factor = None
        self._scratch = Scratch()

    def evaluate(self, theta, curved=True):
        """Return J and dJ/dtheta; with `curved`, keep what the products H M need."""
        anew = curved and self._n_products >= self._few_products
        if anew:
            self._H, self._factor = np.zeros((self._n, self._n)), None
            self._spread = np.zeros(self._K)
        return self._sum_over_batches(theta, curved, anew)

    def _sum_over_batches(self, theta, curved, anew):
        """Return J and dJ/dtheta; `curved` keeps A, `anew` adds to H and the spread."""
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
        """Compute the Cholesky factor of H for the preconditioner; return success."""
        if self._factor is not None and not damping:
            return True
        if not np.isfinite(self._H).all():
            return False
        scale = (np.trace(self._H) + self._d * self._objective.l2) / self._n or 1.0
        for more in (max(1e-10, 10 * self.eps), 1e-4, 1e-2, 1.0):
            H = self._H.copy()
            diagonal = np.einsum("ii->i", H)  # a view
            diagonal[: self._d] += self._objective.l2
            diagonal *= 1 + more  # for dependent features of any scale
            diagonal += damping * scale
            diagonal[diagonal == 0] = 1.0  # for features that are always 0
            self._diagonal = diagonal.copy()
            try:
                # the transpose is in Fortran order: LAPACK needs no copy
                self._factor = np.linalg.cholesky(H).T
                break
            except np.linalg.LinAlgError:
                continue
        mean, l2 = np.trace(self._H) / self._n, self._objective.l2
        traces = mean * self._spread / (self._spread.mean() or 1.0) + l2
        self._trace_ratios = np.maximum(traces / (mean + l2 or 1.0), 1e-6)[:, None]
        self._exact = self._K == 1 and not damping
        return self._factor is not None

    def directions(self, grad):
        """Yield -H^-1 grad, then directions with more and more added to H's diagonal.

        They are tried until J falls. Far from the minimum the curvature may vanish
        (saturated units) and the step may be very long. A larger diagonal turns the
        step towards -grad and shortens it.
        """
        G = self._as_matrix(grad)
        yield self._as_vector(self._solve(G))
        self._n_products = self._few_products
        for damping in (1e-12, 1e-9, 1e-6, 1e-3, 1.0, 1e3, 1e6):
            self.factorise(damping)
            yield self._as_vector(-self._precondition(G))

    def _solve(self, G):
        """Solve H P = -G approximately by preconditioned conjugate gradients."""
        if self._exact:  # only once: at another theta the factor is only close to H
            self._exact, self._n_products = False, 1
            return -self._precondition(G)
        P, R = np.zeros_like(G), -G
        if self._objective.loss.sums_to_one:
            # the same change of all rows of M changes only the penalty
            mean = R.mean(axis=0)
            R = R - mean
            if self._objective.l2:
                P[:, : self._d] = mean[: self._d] / self._objective.l2
        D = Z = self._precondition(R)
        fall = first = np.vdot(R, Z)  # about twice the possible decrease of J
        for self._n_products in range(1, SOLVES + 1):
            HD = self.times(D)
            curvature = np.vdot(D, HD)
            # a direction of dependent features, whose curvature is a rounding error
            if not curvature > 100 * self.eps * np.vdot(D, self._diagonal * D):
                break
            step = fall / curvature
            P += step * D
            R -= step * HD
            Z = self._precondition(R)
            fell, fall = fall, np.vdot(R, Z)
            if fall <= min(0.25, first) * first:
                break
            D = Z + fall / fell * D
        return P if P.any() else -self._precondition(G)

    def times(self, M):
        """Return H M."""
        HM = self._curvature_times(M)
        HM[:, : self._d] += self._objective.l2 * M[:, : self._d]
        return HM

    def _curvature_times(self, M):
        """Return H M without l2: 1/m sum over the columns of w L'' (M x) x^T."""
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
        M = lapack.dpotrs(self._factor, M.T)[0].T  # 30 us faster than cho_solve
        if self._K > 1:
            M = M / self._trace_ratios
        if self._objective.loss.sums_to_one:  # also removes rounding from the sum
            M -= M.mean(axis=0)
        return M

    def _add_curvature(self, X, D):
        """Add the curvature of a block: H += sum over the columns of D x x^T."""
        H, d = self._H, self._d
        if isinstance(X, SparseColumns):
            H[:d, :d] += (X.rows.T @ X.rows.multiply(D[:, None])).toarray()
            edge = X.rows.T @ D
        else:
            root = np.sqrt(D)
            S = self._scratch.rows((len(D), d), root.dtype)
            np.multiply(X.T, root[:, None], out=S)
            H[:d, :d] += S.T @ S  # NumPy uses the symmetry: half the work
            edge = root @ S
        if self._n > d:
            H[:d, d] += edge
            H[d, :d] += edge
            H[d, d] += D.sum()

    def _as_matrix(self, theta):
        """Return [W b] of a flat vector."""
        return as_matrix(theta, (self._K, self._d, self._n))

    def _as_vector(self, M):
        """Return the flat vector of [W b]."""
        return as_vector(M, self._d)


def as_matrix(theta, shape):
    """Return M = [W b], (K, n), of a flat vector; n is d without intercept."""
    K, d, n = shape
    M = np.empty((K, n))
    M[:, :d] = theta[: K * d].reshape(K, d)
    if n > d:
        M[:, d] = theta[K * d :]
    return M


def as_vector(M, d):
    """Return the flat vector of W, (K, d), and b, which is 0 without intercept."""
    (K, n), theta = M.shape, np.zeros(len(M) * (d + 1))
    theta[: K * d] = M[:, :d].ravel()
    if n > d:
        theta[K * d :] = M[:, d]
    return theta


class Blocks:
    """A batch of all rows, split into blocks of consecutive rows."""

    def __init__(self, X, Y, w):
        self._X, self._Y, self._w = as_rows(X), Y, w
        self.weight, d = self._X.shape
        self._size = SPARSE_ROWS
        if not issparse(self._X):  # with few rows a block the sums of H are slow
            self._size = max(ELEMENTS // d, 2 * (d + 1))

    def __iter__(self):
        for start in range(0, self.weight, self._size):
            part = slice(start, start + self._size)
            yield as_columns(self._X[part]), self._Y[:, part], self._w[part]


class RowSpace:
    """The equivalent problem in the row space of an X with more features than rows.

    A penalised W has no component orthogonal to all x: it would increase the penalty
    and change no output. With X^T X = U S^2 U^T, the rows of Q = S^-1 U^T X^T are an
    orthonormal basis of the space of the x. In this basis the x have the coordinates
    U S, and W has V = W Q^T. W x and |W| equal those of V, so J is the same function of
    V and b. Q itself is computed only where dense rows are dependent or features have
    very different scales, because squaring loses the small values.
    """

    def __init__(self, X):
        self._rows = as_rows(X)  # (m, n[0])
        products = self._products()
        if np.isfinite(products).all():
            squares, U = np.linalg.eigh(products)
            kept = squares > squares[-1] * len(U) * np.finfo(np.float64).eps
            # for a sparse X, Q would be dense with n[0] rows: X^T X is used instead
            if squares[0] > 1e-10 * squares[-1] or (issparse(self._rows) and any(kept)):
                S, U = np.sqrt(squares[kept]), U[:, kept]
                self.X, self._back = (U * S).T, U / S  # (r, m), (m, r)
                return
        rows = self._rows.toarray() if issparse(self._rows) else self._rows
        Q, self.X = np.linalg.qr(rows.T.astype(np.float64))
        self._rows, self._back = Q.T, np.eye(len(Q.T))

    def objective(self, objective):
        """Return J as a function of V and b."""
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
        """Return the vector of V and b from a vector of W and b."""
        W, b = self._layers(theta, self._rows.shape[1])
        V = (self._rows @ W.T.astype(self._rows.dtype)).T @ self._back
        return np.concatenate([V.ravel(), b])

    def widen(self, theta):
        """Return the vector of W and b from a vector of V and b."""
        V, b = self._layers(theta, len(self.X))
        W = (V @ self._back.T).astype(self._rows.dtype) @ self._rows  # V Q
        return np.concatenate([W.ravel(), b])

    def _layers(self, theta, d):
        K = theta.size // (d + 1)
        W, b = np.split(theta, [K * d])
        return W.reshape(K, d), b

    def _products(self):
        """Return X^T X, (m, m), in float64 for any dtype of X."""
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
