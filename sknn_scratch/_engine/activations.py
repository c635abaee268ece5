"""Activations g and their derivatives g' (course, week 3: Activation Functions).

Each activation knows two moments. Both work in place, where the layer stands::

    forward(Z, out)    A[l] = g(Z[l])                  out may be Z itself
    chain(A, dA)       dZ[l] = dA[l] * g'(Z[l])        dA becomes dZ; A is spent

`chain` is given A[l] and not Z[l]: almost every g' is a function of g. Once dW[l+1] is
made nobody needs A[l] any more, so it may turn into g'(Z[l]) and no memory is needed.
GELU and Swish fall before they rise: the same a stands for two z, g' is no function of
it, and what is missing they keep from `forward` to `chain`.

An activation is an object made anew for each fit, so that one which has to remember
something between its two moments (such a rest, a dropout mask) has a place for it.
`rectifies` says that it passes on one side of zero only: init="auto" then takes He.
`hyperparameters` names the keyword arguments it understands, and `formula` is g(z) as
text, in which they may stand: other languages are given that (`_formula`). What depends
on z stands first in max and min: NaN gets through there in every language.
"""

from abc import ABC, abstractmethod

import numpy as np

from .scratch import Scratch

DRAWS = 32768  # random numbers at a time: their memory does not grow with the batch


class Activation(ABC):
    """What every activation is: g forwards, and g' on the way back."""

    rectifies = False
    hyperparameters = ()
    formula: str

    @abstractmethod
    def forward(self, Z, out):
        """A := g(Z), written into out, which may be Z."""

    @abstractmethod
    def chain(self, A, dA):
        """dA := dA * g'(Z); A may be spent."""


class Identity(Activation):
    """g(z) = z;  g'(z) = 1."""

    formula = "z"

    def forward(self, Z, out):
        if out is not Z:
            np.copyto(out, Z)

    def chain(self, A, dA):
        pass


class Logistic(Activation):
    """g(z) = 1 / (1 + e^-z);  g' = g (1 - g)."""

    formula = "0.5 + 0.5 * tanh(0.5 * z)"

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


class Tanh(Activation):
    """g(z) = tanh(z);  g' = 1 - g^2."""

    formula = "tanh(z)"

    def forward(self, Z, out):
        np.tanh(Z, out=out)

    def chain(self, A, dA):
        np.multiply(A, A, out=A)
        np.subtract(1, A, out=A)
        dA *= A


class ReLU(Activation):
    """g(z) = max(0, z);  g'(z) = 1 where z > 0, else 0."""

    rectifies = True
    formula = "max(z, 0)"

    def __init__(self):
        self._zeros = Scratch(np.zeros)

    def forward(self, Z, out):
        # an array of zeros: with the number NumPy is two to three times slower
        np.maximum(Z, self._zeros.columns(Z.shape, Z.dtype), out=out)

    def chain(self, A, dA):
        np.greater(A, 0, out=A)
        dA *= A


class LeakyReLU(Activation):
    """g(z) = max(s z, z);  g'(z) = 1 where z > 0, else the negative slope s."""

    rectifies = True
    hyperparameters = ("negative_slope",)
    formula = "max(negative_slope * z, z)"

    def __init__(self, negative_slope=0.01):
        self._slope, self._scratch = negative_slope, Scratch()

    def forward(self, Z, out):
        leak = self._scratch.columns(Z.shape, Z.dtype)
        np.multiply(Z, self._slope, out=leak)
        np.maximum(Z, leak, out=out)

    def chain(self, A, dA):
        np.greater(A, 0, out=A)
        A *= 1 - self._slope
        A += self._slope
        dA *= A


class ELU(Activation):
    """g(z) = z where z > 0, else e^z - 1;  g' = min(g, 0) + 1 (Clevert et al. 2016)."""

    rectifies = True
    formula = "max(z, expm1(min(z, 0)))"

    def __init__(self):
        self._scratch = Scratch()

    def forward(self, Z, out):
        # e^z - 1 >= z, so the larger of z and e^min(z, 0) - 1 is the right branch
        T = self._scratch.columns(Z.shape, Z.dtype)
        np.minimum(Z, 0, out=T)
        np.expm1(T, out=T)
        np.maximum(Z, T, out=out)

    def chain(self, A, dA):
        np.minimum(A, 0, out=A)
        A += 1
        dA *= A


class Softplus(Activation):
    """g(z) = log(1 + e^z);  g' = 1 - e^-g (Dugas et al. 2001)."""

    rectifies = True
    formula = "max(z, 0) + log1p(exp(-abs(z)))"

    def __init__(self):
        self._scratch = Scratch()

    def forward(self, Z, out):
        # max(z, 0) + log(1 + e^-|z|) is the same function and cannot overflow
        T = self._scratch.columns(Z.shape, Z.dtype)
        np.abs(Z, out=T)
        np.negative(T, out=T)
        np.exp(T, out=T)
        np.log1p(T, out=T)
        np.maximum(Z, 0, out=out)
        out += T

    def chain(self, A, dA):
        np.negative(A, out=A)
        np.expm1(A, out=A)  # -g': e^-g next to 1 would cancel
        np.negative(A, out=A)
        dA *= A


class GELU(Activation):
    """g(z) = z s(v), s the sigmoid, v = sqrt(8 / pi) (z + 0.044715 z^3);
    g' = s (1 + (1 - s) z v'), where z v' = 3 v - 2 sqrt(8 / pi) z.

    The tanh form of Hendrycks and Gimpel (2016): s(v) = (1 + tanh(v / 2)) / 2. It
    keeps Z.
    """

    rectifies = True
    _steepness = (8 / np.pi) ** 0.5
    formula = f"z * (0.5 + 0.5 * tanh({_steepness / 2} * z * (1 + 0.044715 * z * z)))"

    def __init__(self):
        self._kept = Scratch()

    def forward(self, Z, out):
        kept = self._kept.columns(Z.shape, Z.dtype)
        np.copyto(kept, Z)
        Logistic().forward(self._v(kept, out), out=out)
        out *= kept

    def chain(self, A, dA):
        Z = self._kept.columns(A.shape, A.dtype)
        v = self._v(Z, out=A)
        Z *= -2 / 3 * self._steepness
        Z += v
        Z *= 3  # z v'
        s = A
        Logistic().forward(v, out=s)
        dA *= s
        np.subtract(1, s, out=s)
        s *= Z
        s += 1
        dA *= s

    def _v(self, Z, out):
        np.multiply(Z, Z, out=out)
        out *= 0.044715
        out += 1
        out *= Z
        out *= self._steepness
        return out


class Swish(Activation):
    """g(z) = z s(z), s the sigmoid;  g' = g + s (1 - g) = 1 - (1 - g) (1 - s).

    Also known as SiLU (Ramachandran et al. 2017). It keeps s.
    """

    rectifies = True
    formula = "z * (0.5 + 0.5 * tanh(0.5 * z))"

    def __init__(self):
        self._kept = Scratch()

    def forward(self, Z, out):
        s = self._kept.columns(Z.shape, Z.dtype)
        Logistic().forward(Z, out=s)
        np.multiply(Z, s, out=out)

    def chain(self, A, dA):
        s = self._kept.columns(A.shape, A.dtype)
        np.subtract(1, s, out=s)
        np.subtract(1, A, out=A)
        A *= s
        np.subtract(1, A, out=A)
        dA *= A


class Dropout(Activation):
    """a := a d / (1 - rate), where d = 0 with probability rate, else 1.

    Around another activation, in training only (inverted dropout: Srivastava et al.
    2014). The mean of a stays g(z), so predictions use `at_rest`, g itself.
    """

    def __init__(self, activation, rate, rng):
        self.at_rest, self.rectifies = activation, activation.rectifies
        self._rate, self._rng, self._scratch = rate, rng, Scratch()

    def reseed(self, rng):
        """From here on the masks are this generator's."""
        self._rng = rng

    def forward(self, Z, out):
        self.at_rest.forward(Z, out)
        mask = self._scratch.columns(Z.shape, Z.dtype)  # d / (1 - rate)
        flat = mask.T.reshape(-1)
        for start in range(0, flat.size, DRAWS):
            part = flat[start : start + DRAWS]
            draws = self._rng.random_sample(part.size)
            np.greater_equal(draws, self._rate, out=part)
        mask /= 1 - self._rate
        out *= mask

    def chain(self, A, dA):
        dA *= self._scratch.columns(A.shape, A.dtype)
        # a dropped unit has lost its g(z), but its dA is 0 whatever g' is
        A *= 1 - self._rate
        self.at_rest.chain(A, dA)


ACTIVATIONS = {
    "identity": Identity,
    "logistic": Logistic,
    "sigmoid": Logistic,
    "tanh": Tanh,
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "elu": ELU,
    "gelu": GELU,
    "softplus": Softplus,
    "swish": Swish,
}


def make_activations(activations):
    """g[1..L-1] from names and options, behind the None of g[0]."""
    return [None, *(ACTIVATIONS[name](**options) for name, options in activations)]
