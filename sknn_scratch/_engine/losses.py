"""Costs J, their slopes dZ[L], and the link from Z[L] to what the output means.

A loss owns its link: it is given Z[L], the raw output, and not A[L], so the cost never
meets log 0, and dZ[L] keeps its short form::

    J      = 1/m sum over the columns of w L(A, Y)
    dZ[L]  = 1/m (A[L] - Y) w

The 1/m of J and its gradient is written here and nowhere else. w are the weights of
the columns, mean 1 over the training rows (all ones when nobody gave weights).

Why the short form: for a sigmoid dL/da = -y / a + (1 - y) / (1 - a) and da/dz = a (1 -
a), whose product is a - y. For a softmax dL/da_k = -y_k / a_k and da_k/dz_l = a_k ((k =
l) - a_l); summed over k that is a_l (sum of y) - y_l = a_l - y_l. For counts dL/da is
1 - y / a and da/dz = a, again a - y. For the squared error a = z, and dL/da is a - y.
Two hold against outliers: Huber's clips a - y, the absolute error keeps its sign only.
That of a quantile weighs the two signs differently.

Each loss has `output`, scikit-learn's name of its link, and in `hyperparameters` the
names of the keyword arguments it understands. Those of regressors say `in_words` what
a row costs, for the documentation, and `lowest` is the least that y may be.

Conventions: Z, Y, dZ are (n[L], m); w is (m,). The engine never checks its input.
"""

from abc import ABC, abstractmethod

import numpy as np

from .activations import Logistic
from .scratch import Scratch


class Loss(ABC):
    """What every loss is: a cost with its slope, and a link."""

    hyperparameters = ()
    sums_to_one = False  # True: the rows are probabilities of one choice
    lowest = -np.inf
    smooth = True  # False: dL/dz jumps
    scaled = None  # or a method, see SquaredError

    def __init__(self):
        self._scratch = Scratch()

    @abstractmethod
    def __call__(self, Z, Y, w, dZ):
        """J, a float; dJ/dZ[L] is written into dZ."""

    @abstractmethod
    def link(self, Z):
        """A[L], a new array."""


class SigmoidCrossEntropy(Loss):
    """One sigmoid a row: L = -(y log a + (1 - y) log(1 - a)), summed over the rows.

    With one row this is the course's cost of logistic regression (course, week 2);
    with one row a label it is the cost of a multilabel network.
    """

    output = "logistic"

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

    def spread(self, A):
        """d2L / dz_k^2 = a_k (1 - a_k)."""
        return A * (1 - A)

    def curve(self, A, V):
        """sum over l of d2L / dz_k dz_l v_l = a_k (1 - a_k) v_k; written into V."""
        V *= self.spread(A)
        return V


class SoftmaxCrossEntropy(Loss):
    """One softmax over the rows: L = -sum over k of y_k log a_k, where sum y_k = 1."""

    output = "softmax"
    sums_to_one = True

    def __init__(self):
        super().__init__()
        self._ones = Scratch(np.ones)

    def __call__(self, Z, Y, w, dZ):
        K, m = Z.shape
        # NumPy is slow along ten numbers that lie together: here classes are rows
        # in memory, too, and BLAS takes the sums over them
        scratch = self._scratch.rows((3 * K + 3, m), Z.dtype)
        E, T, Y_rows = scratch[:K], scratch[K : 2 * K], scratch[2 * K : -3]
        top, right, total = scratch[-3], scratch[-2], scratch[-1]
        one = self._ones.rows((1, K), Z.dtype)[0]
        np.copyto(Y_rows, Y)
        np.copyto(E, Z)
        E -= np.maximum.reduce(E, axis=0, out=top)
        np.dot(one, np.multiply(Y_rows, E, out=T), out=right)  # sum y_k z_k
        np.exp(E, out=E)
        np.dot(one, E, out=total)
        A = np.divide(E, total, out=E)
        A -= Y_rows
        A *= np.divide(w, m, out=top)
        np.copyto(dZ, A)
        L = np.log(total, out=total)
        L -= right  # log(sum e^z_k) - sum y_k z_k
        return float(L.dot(w)) / m

    def log_link(self, Z):
        """log A[L] = z_k - log(sum e^z_k), and None: no row has a complement."""
        Z = Z - Z.max(axis=0)
        return Z - np.log(np.exp(Z).sum(axis=0)), None

    def link(self, Z):
        """A[L] = softmax(Z[L]): e^z_k / sum e^z_j."""
        return np.exp(self.log_link(Z)[0])

    def spread(self, A):
        """d2L / dz_k^2 = a_k (1 - a_k)."""
        return A * (1 - A)

    def curve(self, A, V):
        """sum over l of d2L / dz_k dz_l v_l = a_k (v_k - sum a_l v_l); into V."""
        V -= np.vecdot(A, V, axis=0)
        V *= A
        return V


class _RealValued(Loss):
    """A loss of real numbers: a = z."""

    output = "identity"
    level = 0.5  # the quantile that is the best constant, where the mean is not

    def link(self, Z):
        """A[L] = Z[L]."""
        return Z.copy()


class SquaredError(_RealValued):
    """L = 1/2 (a - y)^2, summed over the rows."""

    in_words = "half the square of the residual"

    def __call__(self, Z, Y, w, dZ):
        m = Z.shape[1]
        R = np.subtract(Z, Y, out=dZ)
        L = np.multiply(R, R, out=self._scratch.columns(Z.shape, Z.dtype))
        J = 0.5 * float((L @ w).sum()) / m
        dZ *= w
        dZ /= m
        return J

    def scaled(self, s):
        """The loss of a / s and y / s, and its unit u: L(a, y) = u L(a / s, y / s)."""
        return self, s**2


class AbsoluteError(_RealValued):
    """L = |a - y|, summed over the rows;  dL/dz = sign(a - y): it finds the median."""

    smooth = False
    in_words = "the absolute value of the residual"

    def __call__(self, Z, Y, w, dZ):
        m = Z.shape[1]
        R = np.subtract(Z, Y, out=dZ)
        L = np.abs(R, out=self._scratch.columns(Z.shape, Z.dtype))
        J = float((L @ w).sum()) / m
        np.sign(R, out=dZ)
        dZ *= w
        dZ /= m
        return J

    def scaled(self, s):
        """The loss of a / s and y / s, and its unit s."""
        return self, s


class Quantile(_RealValued):
    """L = c r, where r = a - y and c is 1 - q where r > 0, -q where r < 0, 0 at 0;
    dL/dz = c; summed over the rows: it finds the quantile of level q.

    q is one level for all rows, or one for each (Koenker and Bassett 1978).
    """

    hyperparameters = ("quantile",)
    smooth = False
    in_words = (
        "`quantile` times how far y is above the prediction, 1 - `quantile` times how "
        "far it is below (Koenker and Bassett 1978)"
    )

    def __init__(self, quantile=0.5):
        super().__init__()
        self.level = np.reshape(quantile, (-1, 1)).astype(float)
        self._slopes = Scratch()

    def __call__(self, Z, Y, w, dZ):
        m = Z.shape[1]
        L = R = self._scratch.columns(Z.shape, Z.dtype)
        np.subtract(Z, Y, out=R)
        # c = s (1/2 + (1/2 - q) s), where s is the sign of r
        C, T = np.sign(R, out=dZ), self._slopes.columns(Z.shape, Z.dtype)
        np.multiply(C, (0.5 - self.level).astype(Z.dtype), out=T)
        T += 0.5
        C *= T
        L *= C
        J = float((L @ w).sum()) / m
        dZ *= w
        dZ /= m
        return J

    def scaled(self, s):
        """The loss of a / s and y / s, and its unit s."""
        return self, s


class Huber(_RealValued):
    """L = c (r - c / 2), where r = a - y and c is r clipped to [-delta, delta];
    dL/dz = c; summed over the rows.

    That is r^2 / 2 where |r| <= delta, else delta (|r| - delta / 2) (Huber 1964).
    """

    hyperparameters = ("huber_delta",)
    in_words = "half the square up to a residual of `huber_delta`, and a line beyond"

    def __init__(self, huber_delta=1.0):
        super().__init__()
        self._delta, self._unit = huber_delta, 1.0

    def __call__(self, Z, Y, w, dZ):
        m = Z.shape[1]
        L = R = self._scratch.columns(Z.shape, Z.dtype)
        np.subtract(Z, Y, out=R)
        delta, unit = (np.asarray(v, Z.dtype) for v in (self._delta, self._unit))
        C = np.clip(R, -delta, delta, out=dZ)
        L *= 2
        L -= C
        L *= C  # 2 c (r - c / 2)
        J = 0.5 * float((L @ w / unit.ravel()).sum()) / m
        dZ *= w
        dZ /= m * unit
        return J

    def scaled(self, s):
        """The loss of a / s and y / s with delta / s, and its unit.

        Where delta / s < 1/10, L is raised so that dL/dz is up to 1/10 all the same:
        else a y of 1e6 and a delta of 1 would leave nothing above `tol`.
        """
        other = Huber(self._delta / s)
        other._unit = np.minimum(10 * other._delta, 1)
        return other, s * (s * other._unit)


class Poisson(Loss):
    """Counts, half the deviance: L = a - y + y log(y / a), where 0 log 0 = 0; a = e^z.

    Summed over the rows; L >= 0, and 0 where a = y. Beyond z = c, where a^2 would leave
    the range of the numbers, a stays at e^c and L goes on along its tangent: the
    solvers find back from there, from infinity they would not.
    """

    output = "exp"
    lowest = 0.0
    in_words = "half the Poisson deviance, for counts (y of at least 0)"

    def __init__(self):
        super().__init__()
        self._beyond = Scratch()

    def __call__(self, Z, Y, w, dZ):
        m = Z.shape[1]
        # L = y (log y - z - 1) + a (1 + max(z - c, 0)), built in L
        L = self._scratch.columns(Z.shape, Z.dtype)
        np.maximum(Y, np.finfo(Z.dtype).tiny, out=L)
        np.log(L, out=L)
        L -= Z
        L -= 1
        L *= Y
        C = np.minimum(Z, self._ceiling(Z), out=dZ)
        T = np.subtract(Z, C, out=self._beyond.columns(Z.shape, Z.dtype))
        T += 1
        A = np.exp(C, out=dZ)
        T *= A
        L += T
        J = float((L @ w).sum()) / m
        dZ -= Y
        dZ *= w
        dZ /= m
        return J

    def link(self, Z):
        """A[L] = e^Z[L]."""
        return np.exp(np.minimum(Z, self._ceiling(Z)))

    def _ceiling(self, Z):
        """c: 348, or 43 in float32."""
        return 0.49 * float(np.log(np.finfo(Z.dtype).max))


CLASSIFICATION = {
    "binary": SigmoidCrossEntropy,
    "multiclass": SoftmaxCrossEntropy,
    "multilabel": SigmoidCrossEntropy,
}
REGRESSION = {
    "squared_error": SquaredError,
    "absolute_error": AbsoluteError,
    "huber": Huber,
    "quantile": Quantile,
    "poisson": Poisson,
}
LOSSES = {**CLASSIFICATION, **REGRESSION}
