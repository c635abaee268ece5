"""The quadratic model of J with its l1 |W|, and the search for its minimum.

Where the signs of the weights are held, l1 |W| is linear: the minimum solves linear
equations. The feature-sign search of Lee, Battle, Raina and Ng (2006) solves them,
walks to the solution as far as the model falls, sets to 0 the weights that would change
their sign there, and repeats this with the signs it has got.
"""

from copy import copy

import numpy as np
from scipy.linalg import lapack
from scipy.sparse import issparse

BLOCK = 1500  # weights of a row of W whose block of H is factorised, at most
BLOCKS = 2**24  # elements of all these blocks
SEARCHES = 100  # for the signs, at most
SOLVES, SMALL = 100, 1e-3  # conjugate gradients at most, and the residual left by them
PIVOTS = 10  # steps with some more weights at 0, at most, in one search
CLOSE = 0.1  # part of the model's fall that its minimum may still be below


def subgradient(M, G, l1):
    """Return the smallest subgradient of J: G + l1 sign(M), or nearest to 0 if M is 0.

    `l1` has a factor for every column of M.
    """
    at_zero = np.sign(G) * np.maximum(np.abs(G) - l1, 0)
    return np.where(M == 0, at_zero, G + l1 * np.sign(M))


class Curvature:
    """The Hessian H of the smooth part of J, for the weights that are `allowed`.

    H M = 1/m sum over the rows x of w L'' (M x) x^T + l2 M, and `damping` times the
    mean of the diagonal of H is added to it. The blocks of H that belong to one row of
    M each are made. Their factors, for the weights that are free, are the
    preconditioner of conjugate gradients. With one row of M its block is H.

    Parameters
    ----------
    loss : Loss
    A : ndarray of shape (K, m)
        Outputs.
    X : ndarray or CSR matrix of shape (m, d)
        Rows, of the features that are used.
    w : ndarray of shape (m,)
        Weights of the rows, divided by m.
    l2 : ndarray of shape (n,)
        The factor of the penalty for each column of M: d of W and, with an intercept,
        one of b.
    allowed : ndarray of bool of shape (K, n)
    damping : float
    """

    def __init__(self, loss, A, X, w, l2, allowed, damping):
        self._loss, self._A, self._X, self._w = loss, A, X, w
        self._d, self.l2 = X.shape[1], l2
        self._places = [np.flatnonzero(row) for row in allowed]
        spread = loss.spread(A) * w
        self.diagonal = self._diagonal(spread)
        self._extra = l2 + damping * (self.diagonal.mean() + l2.max())
        self.diagonal += self._extra
        self.diagonal[self.diagonal == 0] = 1.0  # a feature that is always 0
        fits = np.cumsum([len(places) ** 2 for places in self._places]) <= BLOCKS
        self._blocks = [
            self._block(D, places) if fit and len(places) <= BLOCK else None
            for D, places, fit in zip(spread, self._places, fits, strict=True)
        ]
        self.couples = len(A) > 1
        self._free, self._factors = [None] * len(A), [None] * len(A)

    def row(self, k):
        """Return the curvature of one row of M, the others held."""
        row, one = copy(self), slice(k, k + 1)
        row._A, row._places, row._blocks = self._A[one], self._places[one], None
        row._blocks, row.diagonal = self._blocks[one], self.diagonal[one]
        row._free, row._factors, row.couples = [None], [None], False
        return row

    def times(self, M):
        """Return H M."""
        if not self.couples and self._blocks[0] is not None:
            HM, places = self._extra * M, self._places[0]
            HM[0, places] += self._blocks[0] @ M[0, places]
            return HM
        return self._backward(self._loss.curve(self._A, self.outputs(M))) + (
            self._extra * M
        )

    def outputs(self, M):
        """Return M x of all rows."""
        M = M.astype(self._A.dtype)
        Z = (self._X @ M[:, : self._d].T).T
        return Z + M[:, self._d :] if M.shape[1] > self._d else Z

    def row_times(self, k, M, Z):
        """Return row k of H M, where Z is M x."""
        R = self._loss.curve(self._A, Z.copy())[k : k + 1]
        return self._backward(R)[0] + self._extra * M[k]

    def solve(self, R, free):
        """Return P with H P = R, nearly, among the free: conjugate gradients."""
        self._factorise(free)
        R, P = R * free, np.zeros_like(R)
        D = Z = self._precondition(R) * free
        fall = first = np.vdot(R, Z)
        for _ in range(SOLVES):
            if not fall > 0:
                break
            HD = self.times(D) * free
            bend = np.vdot(D, HD)
            # a direction of dependent features: what curvature it has is rounding
            if not bend > 1e-14 * np.vdot(D, self.diagonal * D):
                break
            step = fall / bend
            P += step * D
            R = R - step * HD
            Z = self._precondition(R) * free
            fell, fall = fall, np.vdot(R, Z)
            if fall <= SMALL * first:
                break
            D = Z + fall / fell * D
        return P if P.any() else D

    def _backward(self, R):
        """Return 1/m sum over the rows of w R x^T."""
        R = R * self._w
        HM = np.empty((len(R), len(self.l2)))
        HM[:, : self._d] = (self._X.T @ R.T).T
        HM[:, self._d :] = R.sum(axis=1, keepdims=True)
        return HM

    def _diagonal(self, spread):
        """Return the diagonal of H, without penalty, as (K, n)."""
        squares = self._X.multiply(self._X) if issparse(self._X) else self._X**2
        diagonal = np.empty((len(spread), len(self.l2)))
        diagonal[:, : self._d] = (squares.T @ spread.T).T
        diagonal[:, self._d :] = spread.sum(axis=1, keepdims=True)
        return diagonal

    def _block(self, D, places):
        """Return the sum of D x x^T over the rows, for some columns of M."""
        features = places[places < self._d]
        H, root = np.zeros((len(places), len(places))), np.sqrt(D)
        X = self._X if len(features) == self._d else self._X[:, features]
        if issparse(X):
            S = X.multiply(root[:, None]).tocsr()
            products = (S.T @ S).toarray()
        else:
            S = X * root[:, None]
            products = S.T @ S
        H[: len(features), : len(features)] = products
        if len(places) > len(features):
            H[-1, :-1] = H[:-1, -1] = S.T @ root
            H[-1, -1] = D.sum()
        return H

    def _factorise(self, free):
        """Factorise the blocks for the weights that are free, where these are new."""
        for k, row in enumerate(free):
            if self._blocks[k] is None or np.array_equal(row, self._free[k]):
                continue
            places = self._places[k]
            kept = np.flatnonzero(row[places])
            H = self._blocks[k][np.ix_(kept, kept)]
            factor = cholesky(H, self._extra[places[kept]])
            self._free[k], self._factors[k] = row.copy(), (places[kept], factor)

    def _precondition(self, R):
        """Return the inverses of the blocks, else of the diagonal, times R."""
        P = R / self.diagonal
        for k, (places, factor) in enumerate(f or ((), None) for f in self._factors):
            if factor is not None and len(places):
                P[k, places] = lapack.dpotrs(factor, R[k, places], lower=1)[0]
        return P


def cholesky(H, extra):
    """Return the lower factor of H + diag(extra), or None where there is none."""
    H = np.asfortranarray(H)
    diagonal = np.einsum("ii->i", H)  # a view
    diagonal += extra
    diagonal[diagonal == 0] = 1.0
    whole = diagonal.copy()
    for more in (1e-13, 1e-10, 1e-6, 1e-2):  # against dependent features
        diagonal[:] = whole * (1 + more)
        factor, failed = lapack.dpotrf(H, lower=1)
        if not failed:
            return factor
    return None


class Model:
    """The quadratic model of the smooth part of J, plus l1 |M|, at an M.

    Parameters
    ----------
    M, G : ndarray of shape (K, n)
        [W b] and the gradient of the smooth part, where the model begins.
    l1 : ndarray of shape (n,)
        The factor of |M| for each column: 0 for b.
    allowed : ndarray of bool of shape (K, n)
        What of M the model may change.
    curvature : Curvature
    floor : float
        Falls of less than this part of J are rounding.

    Attributes
    ----------
    M, G : ndarray
        Where the model is now.
    fall : float
        How far it is below its beginning.
    """

    def __init__(self, M, G, l1, allowed, curvature, floor):
        self.M, self.G, self.fall = M.copy(), G.copy(), 0.0
        self._l1, self._allowed, self._curvature = l1, allowed, curvature
        self._floor = floor
        self._whole = np.flatnonzero(allowed.all(axis=0) & (l1 > 0))  # columns

    def minimise(self, J, tol=np.inf):
        """Return the M that minimises the model, nearly.

        What is left is at most `CLOSE` of the fall; with a `tol` it is the less, the
        less the fall is of J, so that the steps square their error. What is rounding of
        J is enough, too, if no entry of the subgradient exceeds tol.
        """
        for _ in range(SEARCHES):
            if self._curvature.couples:
                self._sweep(J)
            V = subgradient(self.M, self.G, self._l1) * self._allowed
            if not V.any():
                break
            P, free = self._direction(V)
            left = -np.vdot(V, P) / 2
            part = min(CLOSE, self.fall / (J or 1.0)) if tol < np.inf else CLOSE
            rounding = left <= self._floor * J and np.abs(V).max() <= tol
            if left <= part * self.fall or rounding:
                break
            if not self._move(P, free, V) and not self._curvature.couples:
                break
        return self.M

    def _sweep(self, J):
        """Minimise the model over one row of M after the other, and shift columns.

        The rows are few equations each and their signs are soon found; what remains for
        all rows together are small changes.
        """
        M0, G0, curvature = self.M.copy(), self.G.copy(), self._curvature
        Z = np.zeros_like(curvature._A)
        for k in range(len(self.M)):
            one = slice(k, k + 1)
            G = G0[one] + curvature.row_times(k, self.M - M0, Z)
            row = curvature.row(k)
            model = Model(
                self.M[one], G, self._l1, self._allowed[one], row, self._floor
            )
            M = model.minimise(J)
            Z[one] += row.outputs(M - self.M[one])
            self.M[one] = M
            self.fall += model.fall
        self.G = G0 + curvature.times(self.M - M0) * self._allowed
        self._shift()

    def _shift(self):
        """Add to each column of W the number that makes its penalty least.

        The same for all classes changes no probability, and so only the penalty: with
        l1 alone the number is minus a median of the column.
        """
        l1, l2 = self._l1[self._whole], self._curvature.l2[self._whole]
        M = self.M[:, self._whole]
        W, K = np.sort(M, axis=0), len(M)
        # the slope of the penalty to the left of each entry; to its right 2 l1 more
        slope = l1 * (2 * np.arange(K)[:, None] - K) + l2 * (K * W - W.sum(axis=0))
        first = np.argmax(slope + 2 * l1 >= 0, axis=0)[None]
        shift = np.take_along_axis(W, first, axis=0)[0]
        slope = np.maximum(np.take_along_axis(slope, first, axis=0)[0], 0)
        shift -= np.divide(slope, l2 * K, out=np.zeros_like(slope), where=l2 > 0)
        new = M - shift
        fall = l1 * (np.abs(M) - np.abs(new)) + l2 * (M**2 - new**2) / 2
        self.fall += float(fall.sum())
        self.G[:, self._whole] -= l2 * shift
        self.M[:, self._whole] = new

    def _direction(self, V):
        """Return the step to the minimum where signs are held, and what takes part.

        A weight that is 0 takes part if the step takes it where the model falls.
        """
        free = self._allowed & ((self.M != 0) | (V != 0) | (self._l1 == 0))
        for _ in range(20):
            P = self._curvature.solve(-V, free)
            wrong = free & (self.M == 0) & (P * V > 0) & (self._l1 > 0)
            if not wrong.any():
                return P, free
            free &= ~wrong
        return -V / self._curvature.diagonal * free, free

    def _move(self, P, free, V):
        """Step to where the model is least of several tries; return whether it fell.

        One is along P. Where weights would change their sign on the way, the others
        are the ends of steps with these weights at 0, until no more of them do.
        """
        HP = self._curvature.times(P) * self._allowed
        t, stopped = self._least_along(P, HP)
        M = self.M + t * P
        M[stopped] = 0.0
        best = self._fall_to(M, t * HP), M, t * HP
        side = np.where(self.M == 0, -np.sign(V), np.sign(self.M)) * (self._l1 > 0)
        M, G = self.M, self.G
        for _ in range(PIVOTS):
            crossed = side * (M + P) < 0
            end = np.where(crossed, 0.0, M + P)
            HD = self._curvature.times(end - self.M) * self._allowed
            best = max(best, (self._fall_to(end, HD), end, HD), key=lambda one: one[0])
            if not crossed.any():
                break
            free = free & ~crossed
            M = np.where(crossed, 0.0, M)
            G = self.G + self._curvature.times(M - self.M) * self._allowed
            P = self._curvature.solve(-(G + self._l1 * side), free)
        fall, M, HD = best
        if not fall > 0:
            return False
        self.fall, self.M, self.G = self.fall + fall, M, self.G + HD
        return True

    def _fall_to(self, M, HD):
        """Return by how much the model is lower at M; HD is H times the way there."""
        D, part = M - self.M, np.abs(M) - np.abs(self.M)
        return -np.vdot(self.G, D) - np.vdot(D, HD) / 2 - np.sum(self._l1 * part)

    def _least_along(self, P, HP):
        """Return the t where the model is least on M + t P, and which weights are 0.

        The model is convex in t; its slope jumps where a weight changes its sign.
        """
        M, l1 = self.M.ravel(), np.broadcast_to(self._l1, P.shape).ravel()
        P, HP = P.ravel(), HP.ravel()
        side = np.where(M == 0, np.sign(P), np.sign(M))
        slope, bend = self.G.ravel() @ P + (l1 * side) @ P, P @ HP
        turns = np.flatnonzero((M * P < 0) & (l1 > 0))
        turns = turns[np.argsort(-M[turns] / P[turns], kind="stable")]
        when, jumps = -M[turns] / P[turns], 2 * l1[turns] * np.abs(P[turns])
        after = slope + bend * when + np.cumsum(jumps)
        stopped = np.zeros(self.M.size, bool)
        first = np.argmax(after >= 0) if (after >= 0).any() else len(after)
        if first < len(after) and after[first] - jumps[first] <= 0:
            stopped[turns[first]] = True
            return when[first], stopped.reshape(self.M.shape)
        slope += jumps[:first].sum()
        return -slope / bend if bend > 0 else 1.0, stopped.reshape(self.M.shape)
