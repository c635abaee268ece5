"""What may be put around an optimiser; each is again called as `step(theta, grad)`.

`Clipped` changes the gradient before the step, `Proximal` the parameters after it.
They go around one another in any order, and say what they do as optimisers say it:
`formulas` and `numbers`.
"""

import numpy as np
from scipy.linalg.blas import get_blas_funcs


class Clipped:
    """grad := grad min(1, max_norm / ||grad||), then the step.

    Shortened, the gradient keeps its direction (Pascanu, Mikolov and Bengio 2013).
    """

    def __init__(self, step, max_norm):
        self._step, self._max_norm = step, max_norm
        self._scaled, self._norm = None, 0.0

    def __call__(self, theta, grad):
        if self._scaled is None:
            self._scaled = np.empty_like(grad)
            (self._nrm2,) = get_blas_funcs(("nrm2",), (grad,))
        # BLAS scales: the squares do not overflow in float32
        self._norm = norm = self._nrm2(grad)
        if norm > self._max_norm:
            # two steps: max_norm / norm may be too small a number for float32
            np.divide(grad, norm, out=self._scaled)
            grad = np.multiply(self._scaled, self._max_norm, out=self._scaled)
        self._step(theta, grad)

    def formulas(self, name):
        shorter = f"d{name} := d{name} * min(1, max_norm / ||grad||)"
        return [shorter, "grad: all dW and db", *self._step.formulas(name)]

    def numbers(self):
        own = {"max_norm": self._max_norm, "||grad||": float(self._norm)}
        return self._step.numbers() | own


class Proximal:
    """The step, then W := sign(W) max(|W| - l1 * reach, 0): the penalty l1 sum |W|.

    The soft threshold leaves exact zeros (Parikh and Boyd 2014); b has none. Its
    measure is the optimiser's `reach` and not its rate. Where theta rests, the gradient
    is steady and moves each W by reach * dJ/dW, the threshold moves it back by
    reach * l1: they meet where dJ/dW = -l1 sign(W), at a stationary point of the
    penalised J, and a W of zero stays where |dJ/dW| <= l1. With the rate instead a
    momentum would weaken l1 tenfold, and RMSProp or Adam would give every W an l1 of
    its own (Yun, Lozano and Yang 2021).
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
