"""Activations g and their derivatives g' (course, week 3: Activation Functions).

Each activation knows two moments. Both work in place, where the layer stands::

    forward(Z, out)    A[l] = g(Z[l])                  out may be Z itself
    chain(A, dA)       dZ[l] = dA[l] * g'(Z[l])        dA becomes dZ; A is spent

`chain` is given A[l] and not Z[l]: each g' here is a function of g. Once dW[l+1] is
made nobody needs A[l] any more, so it may turn into g'(Z[l]) and no memory is needed.

An activation is an object made anew for each fit, so that one which has to remember
something between its two moments (a slope, a dropout mask) has a place for it.
`rectifies` says that it passes on one side of zero only: init="auto" then takes He.
"""

import numpy as np


class Scratch:
    """Working memory of one fit: it reads (n, m), and each example lies together."""

    def __init__(self):
        self._memory = np.empty(0)

    def columns(self, shape, dtype):
        n, m = shape
        if self._memory.size < n * m or self._memory.dtype != dtype:
            self._memory = np.empty(n * m, dtype)
        return self._memory[: n * m].reshape(m, n).T


class Identity:
    """g(z) = z;  g'(z) = 1."""

    rectifies = False

    def forward(self, Z, out):
        if out is not Z:
            np.copyto(out, Z)

    def chain(self, A, dA):
        pass


class Logistic:
    """g(z) = 1 / (1 + e^-z);  g' = g (1 - g)."""

    rectifies = False

    def forward(self, Z, out):
        # (1 + tanh(z / 2)) / 2 is the same function and cannot overflow
        np.multiply(Z, 0.5, out=out)
        np.tanh(out, out=out)
        out += 1
        out *= 0.5

    def chain(self, A, dA):
        dA *= A
        np.subtract(1, A, out=A)
        dA *= A


class Tanh:
    """g(z) = tanh(z);  g' = 1 - g^2."""

    rectifies = False

    def forward(self, Z, out):
        np.tanh(Z, out=out)

    def chain(self, A, dA):
        np.multiply(A, A, out=A)
        np.subtract(1, A, out=A)
        dA *= A


class ReLU:
    """g(z) = max(0, z);  g'(z) = 1 where z > 0, else 0."""

    rectifies = True

    def forward(self, Z, out):
        np.maximum(Z, 0, out=out)

    def chain(self, A, dA):
        np.greater(A, 0, out=A)
        dA *= A


class LeakyReLU:
    """g(z) = max(z / 100, z);  g'(z) = 1 where z > 0, else 1 / 100."""

    rectifies = True
    slope = 0.01

    def __init__(self):
        self._scratch = Scratch()

    def forward(self, Z, out):
        leak = self._scratch.columns(Z.shape, Z.dtype)
        np.multiply(Z, self.slope, out=leak)
        np.maximum(Z, leak, out=out)

    def chain(self, A, dA):
        np.greater(A, 0, out=A)
        A *= 1 - self.slope
        A += self.slope
        dA *= A


ACTIVATIONS = {
    "identity": Identity,
    "logistic": Logistic,
    "sigmoid": Logistic,
    "tanh": Tanh,
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
}
