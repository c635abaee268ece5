"""How theta moves once the gradient is known, in order of complexity.

An optimiser is called as `step(theta, grad)` and moves theta in place; theta holds all
W[l] and then all b[l] in one flat vector, grad likewise. It never writes into grad.

`hyperparameters` names the keyword arguments an optimiser understands besides its rate;
`remembers` names what it carries from one step to the next (see `_state`).

`reach` is how far a gradient of one carries theta in the end, each step, if it stays:
what a threshold has to be measured in that is to hold against the gradient.

`usual_rate` is its rate where learning_rate_init=None, `shallow_rate` that of networks
with at most one hidden layer; `normalizes` says that a step is about as long whatever
the size of the gradient.

`formulas` and `reached` say what a step does and how far it reaches, `numbers` what the
names in them stand for; `v`, `m` and `u` are 0 before the first step.
"""

from abc import ABC, abstractmethod
from functools import partial

import numpy as np

from .scratch import slice_of, slices

# With 0.001 networks without or with one (tanh) hidden layer do not arrive within
# max_iter: the mean cross-validated accuracy on iris, wine, breast cancer, digits,
# flower and moons, with 0.001 and with 0.01, is
#   logistic regression  sgd .838 .865  adam .843 .864
#   shallow network      sgd .865 .876  adam .882 .937  rmsprop .936 .948
# and scikit-learn's class weight check fails with 0.001 for sgd and adam (with 0.01 for
# rmsprop). The deep network keeps MLPClassifier's rate.
USUAL_RATE, SHALLOW_RATE = 0.001, 0.01


class Optimizer(ABC):
    """What every optimiser is: a step, and a state that can be kept and restored."""

    hyperparameters = ()
    remembers = ()
    reached = ("reach = rate",)
    usual_rate, shallow_rate = USUAL_RATE, SHALLOW_RATE
    normalizes = False
    decouples = False  # True: is given `decay` and `n_weights`, and J no L2 penalty

    def __init__(self, theta, rate):
        self.rate = rate
        self._scratch = slice_of(theta)
        # what NumPy is quicker to multiply by than by a float: 0.4 us less a call
        self._number = partial(np.array, dtype=theta.dtype)

    @abstractmethod
    def __call__(self, theta, grad):
        """Move theta in place."""

    @abstractmethod
    def reach(self, out):
        """The step for a steady gradient of one: a number, or a vector put into out.

        out has the length of theta's first part that is asked for.
        """

    @abstractmethod
    def formulas(self, name):
        """The step of one array of theta, "W[1]" or "b[1]", as lines to be read."""

    def numbers(self):
        """What the other names in the formulas stood for in the step just done."""
        return {"rate": self.rate}

    def _slices(self, *vectors):
        return slices(vectors, self._scratch)


class GradientDescent(Optimizer):
    """theta := theta - rate * grad (course, week 2: Gradient Descent)."""

    usual_rate = shallow_rate = 0.1

    def __call__(self, theta, grad):
        rate = self._number(self.rate)
        for theta_, g, T in self._slices(theta, grad):
            theta_ -= np.multiply(g, rate, out=T)

    def reach(self, out):
        return self.rate

    def formulas(self, name):
        return [f"{name} := {name} - rate * d{name}"]


class Momentum(Optimizer):
    """v := momentum * v - rate * grad;  theta := theta + v (Polyak 1964).

    With Nesterov's look-ahead: theta := theta + momentum * v - rate * grad.
    """

    hyperparameters = ("momentum", "nesterovs_momentum")
    remembers = ("v", "u")

    def __init__(self, theta, rate, *, momentum=0.9, nesterovs_momentum=True):
        super().__init__(theta, rate)
        self._momentum, self._nesterov = momentum, nesterovs_momentum
        self.v = np.zeros_like(theta)
        self.u = 0.0  # what -v would be for a steady gradient of one

    def __call__(self, theta, grad):
        self.u = self._momentum * self.u + self.rate
        rate, momentum = self._number(self.rate), self._number(self._momentum)
        for theta_, g, v, T in self._slices(theta, grad, self.v):
            move = np.multiply(g, rate, out=T)
            v *= momentum
            v -= move
            if self._nesterov:
                theta_ -= move
                theta_ += np.multiply(v, momentum, out=T)
            else:
                theta_ += v

    def reach(self, out):
        """u, or with look-ahead rate + momentum u: soon rate / (1 - momentum)."""
        return self.rate + self._momentum * self.u if self._nesterov else self.u

    @property
    def reached(self):
        reach = "rate + momentum * u" if self._nesterov else "u"
        return "u := momentum * u + rate", f"reach = {reach}"

    def formulas(self, name):
        move = f"momentum * v - rate * d{name}"
        after = move if self._nesterov else "v"
        return [f"v := {move}", f"{name} := {name} + {after}"]

    def numbers(self):
        return super().numbers() | {"momentum": self._momentum}


class RMSProp(Optimizer):
    """v := beta_2 v + (1 - beta_2) grad^2;  theta := theta - rate * grad / sqrt(v).

    epsilon is added to the root (Hinton 2012).
    """

    hyperparameters = ("beta_2", "epsilon")
    remembers = ("v",)
    shallow_rate = USUAL_RATE
    normalizes = True

    def __init__(self, theta, rate, *, beta_2=0.999, epsilon=1e-8):
        super().__init__(theta, rate)
        self._beta_2, self._epsilon = beta_2, epsilon
        self.v = np.zeros_like(theta)

    def __call__(self, theta, grad):
        beta_2, rest = self._number(self._beta_2), self._number(1 - self._beta_2)
        epsilon, rate = self._number(self._epsilon), self._number(self.rate)
        for theta_, g, v, T in self._slices(theta, grad, self.v):
            v *= beta_2
            np.multiply(g, g, out=T)
            T *= rest
            v += T
            np.sqrt(v, out=T)
            T += epsilon
            np.divide(g, T, out=T)
            T *= rate
            theta_ -= T

    def reach(self, out):
        """rate / (sqrt(v) + epsilon)."""
        np.sqrt(self.v[: out.size], out=out)
        out += self._epsilon
        return np.divide(self.rate, out, out=out)

    reached = ("reach = rate / (sqrt(v) + epsilon)",)

    def formulas(self, name):
        return [
            f"v := beta_2 * v + (1 - beta_2) * d{name}^2",
            f"{name} := {name} - rate * d{name} / (sqrt(v) + epsilon)",
        ]

    def numbers(self):
        return super().numbers() | {"beta_2": self._beta_2, "epsilon": self._epsilon}


class _AdaptiveMoments(Optimizer):
    """m := beta_1 m + (1 - beta_1) grad;  v := beta_2 v + (1 - beta_2) grad^2;
    theta := theta - rate_t * m / (sqrt(v) + epsilon),
    rate_t = rate * sqrt(1 - beta_2^t) / (1 - beta_1^t).

    m and v are kept without their constant factors (1 - beta), which go into rate_t
    and epsilon instead: two passes less over every slice.
    """

    hyperparameters = ("beta_1", "beta_2", "epsilon")
    remembers = ("m", "v", "t")
    normalizes = True

    def __init__(self, theta, rate, *, beta_1=0.9, beta_2=0.999, epsilon=1e-8):
        super().__init__(theta, rate)
        self._beta_1, self._beta_2, self._epsilon = beta_1, beta_2, epsilon
        self.m, self.v, self.t = np.zeros_like(theta), np.zeros_like(theta), 0
        self._root = (1 - beta_2) ** 0.5
        factors = (beta_1, beta_2, epsilon / self._root)
        self._factors = [self._number(factor) for factor in factors]

    def _adapt(self, theta, grad):
        beta_1, beta_2 = self._beta_1, self._beta_2
        self.t = t = self.t + 1
        rate_t = self.rate * (1 - beta_2**t) ** 0.5 / (1 - beta_1**t)
        rate_t = self._number(rate_t * (1 - beta_1) / self._root)
        beta_1, beta_2, epsilon = self._factors
        for theta_, g, m, v, T in self._slices(theta, grad, self.m, self.v):
            m *= beta_1
            m += g
            v *= beta_2
            v += np.multiply(g, g, out=T)
            np.sqrt(v, out=T)
            T += epsilon
            np.divide(m, T, out=T)
            T *= rate_t
            theta_ -= T

    def reach(self, out):
        """rate * sqrt(1 - beta_2^t) / (sqrt(v) + epsilon), t the step just done.

        A gradient of one from the start has m = 1 - beta_1^t, which rate_t divides by.
        """
        root = (1 - self._beta_2) ** 0.5
        np.sqrt(self.v[: out.size], out=out)
        out += self._epsilon / root
        rate = self.rate * (1 - self._beta_2**self.t) ** 0.5 / root
        return np.divide(rate, out, out=out)

    reached = ("reach = rate * sqrt(1 - beta_2^t) / (sqrt(v) + epsilon)",)

    def formulas(self, name):
        return [
            f"m := beta_1 * m + (1 - beta_1) * d{name}",
            f"v := beta_2 * v + (1 - beta_2) * d{name}^2",
            "rate_t = rate * sqrt(1 - beta_2^t) / (1 - beta_1^t)",
            f"{name} := {name} - rate_t * m / (sqrt(v) + epsilon)",
        ]

    def numbers(self):
        betas = {"beta_1": self._beta_1, "beta_2": self._beta_2}
        return super().numbers() | betas | {"epsilon": self._epsilon, "t": self.t}


class Adam(_AdaptiveMoments):
    """Momentum over RMSProp, both corrected for their start at 0 (Kingma, Ba 2015)."""

    def __call__(self, theta, grad):
        self._adapt(theta, grad)


class AdamW(_AdaptiveMoments):
    """Adam beside W := W - rate * decay * W (Loshchilov and Hutter 2019).

    The decay does not pass through the moments: the L2 penalty is not in `grad`.
    """

    decouples = True

    def __init__(self, theta, rate, *, decay, n_weights, **moments):
        super().__init__(theta, rate, **moments)
        self._decay, self._n_weights = decay, n_weights

    def __call__(self, theta, grad):
        W = theta[: self._n_weights]
        W *= 1 - self.rate * self._decay
        self._adapt(theta, grad)

    def formulas(self, name):
        decay = [f"{name} := {name} - rate * decay * {name}"]
        return (decay if name[0] == "W" else []) + super().formulas(name)

    def numbers(self):
        return super().numbers() | {"decay": self._decay}


OPTIMIZERS = {
    "gd": GradientDescent,
    "sgd": Momentum,
    "rmsprop": RMSProp,
    "adam": Adam,
    "adamw": AdamW,
}
