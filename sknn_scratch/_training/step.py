"""Wrappers of an optimiser; each is called as `step(theta, grad)`, too.

`Clipped` changes the gradient before the step, `Proximal` the parameters after it.
They can be nested in any order. Like optimisers they have `formulas` and `numbers`,
which describe the step.
"""

import numpy as np
from scipy.linalg.blas import get_blas_funcs


class Clipped:
    """Gradient clipping: grad := grad min(1, max_norm / ||grad||), then the step.

    The clipped gradient keeps its direction (Pascanu, Mikolov and Bengio 2013).
    """

    def __init__(self, step, max_norm):
        self._step, self._max_norm = step, max_norm
        self._scaled, self._norm = None, 0.0

    def __call__(self, theta, grad):
        if self._scaled is None:
            self._scaled = np.empty_like(grad)
            (self._nrm2,) = get_blas_funcs(("nrm2",), (grad,))
        # nrm2 of BLAS scales its terms: their squares do not overflow in float32
        self._norm = norm = self._nrm2(grad)
        if norm > self._max_norm:
            # in two steps, because max_norm / norm may underflow in float32
            np.divide(grad, norm, out=self._scaled)
            grad = np.multiply(self._scaled, self._max_norm, out=self._scaled)
        self._step(theta, grad)

    def formulas(self, name):
        shorter = f"d{name} := d{name} * min(1, max_norm / ||grad||)"
        return [shorter, "grad: all dW and db", *self._step.formulas(name)]

    def numbers(self):
        clipping = {"max_norm": self._max_norm, "||grad||": float(self._norm)}
        return self._step.numbers() | clipping


class Proximal:
    """The step, then the soft threshold W := sign(W) max(|W| - l1 * reach, 0).

    It applies the penalty l1 sum |W| and leaves exact zeros (Parikh and Boyd 2014).
    b is not changed. The threshold is l1 times the optimiser's `reach`, not its rate.
    At a fixed point the gradient is constant and moves each W by reach * dJ/dW. The
    threshold moves it back by reach * l1. Both are equal where dJ/dW = -l1 sign(W),
    which is a stationary point of the penalised J. A W of zero stays zero where
    |dJ/dW| <= l1. With the rate in place of `reach`, momentum would weaken l1 tenfold,
    and RMSProp or Adam would give each W a different l1 (Yun, Lozano and Yang 2021).
    """

    def __init__(self, step, optimizer, l1, n_weights):
        self._step, self._optimizer = step, optimizer
        self._l1, self._n_weights = l1, n_weights
        self._threshold = None

    def __call__(self, theta, grad):
        self._step(theta, grad)
        W = theta[: self._n_weights]
        if self._threshold is None:
            self._threshold, self._clipped = np.empty_like(W), np.empty_like(W)
        T, C = self._threshold, self._clipped
        np.multiply(self._optimizer.reach(T), self._l1, out=T)
        # W - min(max(W, -T), T) is the soft threshold, and 0 where |W| <= T
        np.minimum(W, T, out=C)
        np.negative(T, out=T)
        np.maximum(C, T, out=C)
        W -= C

    def formulas(self, name):
        shrink = f"{name} := sign({name}) * max(|{name}| - l1 * reach, 0)"
        after = [*self._optimizer.reached, shrink] if name[0] == "W" else []
        return [*self._step.formulas(name), *after]

    def numbers(self):
        return self._step.numbers() | {"l1": self._l1}


class Averaged:
    """The step, then mean := mean + share (theta - mean): a moving average of theta.

    share is 1 / `steps`, and 9 / (10 + t) as long as that is larger, t the steps before
    (Polyak and Juditsky 1992; with a fixed share: Tarvainen and Valpola 2017). Steps of
    minibatches scatter around a minimum; their mean is closer to it. The watch is given
    the mean, the gradient is that of theta.
    """

    remembers = ("theta", "mean", "t")

    def __init__(self, step, theta, steps):
        self._step, self._steps = step, steps
        # what validates the mean puts it into the parameters: theta is kept apart
        self.theta, self.mean, self.t = theta.copy(), theta.copy(), 0
        self._away = np.empty_like(theta)

    def __call__(self, theta, grad):
        self._step(theta, grad)
        self.t, share = self.t + 1, max(1 / self._steps, 9 / (10 + self.t))
        away = np.subtract(theta, self.mean, out=self._away)
        away *= theta.dtype.type(share)
        self.mean += away

    def formulas(self, name):
        average = f"mean {name} := mean {name} + share * ({name} - mean {name})"
        return [*self._step.formulas(name), average]

    def numbers(self):
        return self._step.numbers() | {"share": 1 / self._steps}
