"""Training a network with the reader's functions in place of the engine's.

The estimator holds the functions in a `ByHand`. `prepare` passes it the new `Run`
before callbacks are added. A fitted network predicts with the engine's functions.
"""

from contextlib import contextmanager, nullcontext
from numbers import Integral
from threading import RLock

import numpy as np
from scipy.sparse import issparse
from sklearn.base import clone

from ..._engine.activations import ACTIVATIONS, Activation, Dropout
from ..._engine.losses import Loss, SigmoidCrossEntropy, SoftmaxCrossEntropy
from ..._estimators.access import network_of
from ..._training.solvers import minimiser
from .kinds import KINDS
from .trial import read

NP_RANDOM = RLock()  # held while the state of np.random is set and restored

LINKS = {"sigmoid": SigmoidCrossEntropy, "softmax": SoftmaxCrossEntropy}


def put_into(estimator, kind, function):
    """Return an unfitted copy of the estimator that trains with the function."""
    if kind not in PLACES:
        raise ValueError(
            f"{kind} has no place in an estimator's training; those that have are "
            f"{', '.join(sorted(PLACES))}."
        )
    network_of(estimator)
    estimator = clone(estimator)
    network = network_of(estimator)
    functions = network._by_hand.functions if network._by_hand else {}
    network._by_hand = ByHand({**functions, kind: function})
    return estimator


@contextmanager
def preserve_np_random(seed=None):
    """Restore the state of np.random on exit; begin with a seed if one is given.

    One thread at a time.
    """
    with NP_RANDOM:
        kept = np.random.get_state()
        try:
            if seed is not None:
                np.random.seed(seed)
            yield
        finally:
            np.random.set_state(kept)


class ByHand:
    """The reader's functions by kind, and how they are put into a run."""

    def __init__(self, functions):
        self.functions = functions

    @property
    def note(self):
        """Return a sentence that names the reader's functions."""
        return f"With functions of your own: {', '.join(sorted(self.functions))}."

    def put_in(self, run, random_state):
        """Put the functions into the run; an integer random_state seeds np.random."""
        if issparse(run.X):
            raise TypeError(
                "X must be dense for a function of your own, got a sparse matrix; give "
                "X.toarray()."
            )
        if run.solver == "newton":
            raise ValueError(
                "solver must go by gradients for a function of your own, got "
                "'newton'; set solver='gd'."
            )
        functions = {
            kind: ReaderFunction(kind, f) for kind, f in self.functions.items()
        }
        # in the order of PLACES: `put_link` does not recognise a loss after `put_cost`
        places = dict.fromkeys(PLACES[kind] for kind in PLACES if kind in functions)
        seeded = isinstance(random_state, Integral)
        with preserve_np_random(random_state) if seeded else nullcontext():
            for place in places:
                place(run, functions)


class ReaderFunction:
    """A reader's function; its results are read as in `check_my`."""

    def __init__(self, kind, function):
        self.kind, self._function = kind, function

    def __call__(self, names, *arguments):
        values, findings = read(self._function(*arguments), names, KINDS[self.kind])
        if findings:
            raise ValueError(f"{self.kind}: {findings[0].text}")
        return [values[name] for name in names]

    def write(self, values, places):
        """Write the values into the engine's arrays; raise if a shape differs."""
        for value, place in zip(values, places, strict=True):
            if value.shape not in (place.shape, ()):
                raise ValueError(
                    f"{self.kind} must return shape {place.shape} here, got "
                    f"{value.shape}; check_my says more."
                )
            place[...] = value


# -- activations and losses ------------------------------------------------------------


class ActivationByHand(Activation):
    """An activation of the engine with the reader's value, slope or both."""

    def __init__(self, name, engine, value, slope):
        self.engine, self._value, self._slope = engine, value, slope
        self.rectifies = engine.rectifies
        whose = "your own" if value else "the engine's"
        slope = f"your own {name}_backward" if slope else "the engine's slope"
        self.description = f"{whose} {name}, with {slope}"

    def forward(self, Z, out):
        self._Z = Z.copy()
        if self._value is None:
            self.engine.forward(Z, out)
        else:
            self._value.write(self._value(["A"], Z.copy()), [out])

    def chain(self, A, dA):
        if self._slope is None:
            self.engine.chain(A, dA)
        else:
            self._slope.write(self._slope(["dZ"], dA.copy(), self._Z), [dA])


class LossByHand(Loss):
    """A loss of the engine with the reader's A[L] in dZ[L], the reader's J, or both."""

    def __init__(self, engine, link=None, cost=None):
        super().__init__()
        self.engine, self._link, self.cost = engine, link, cost
        self.output, self.sums_to_one = engine.output, engine.sums_to_one

    @property
    def description(self):
        kinds = [part.kind for part in (self._link, self.cost) if part is not None]
        return f"a loss with your own {' and '.join(kinds)}"

    @property
    def link_formula(self):
        """Return the formula of A[L] if the reader's function gives it, else None."""
        return self._link and f"A[L] = {self._link.kind}(Z[L]), your own"

    def link(self, Z):
        """Return A[L], by the reader's function if there is one."""
        if self._link is None:
            return self.engine.link(Z)
        A = np.empty_like(Z)
        self._link.write(self._link(["A"], Z.copy()), [A])
        return A

    def __call__(self, Z, Y, w, dZ):
        J = self.engine(Z, Y, w, dZ)
        if self._link is not None:
            np.multiply(self.link(Z) - Y, w / len(w), out=dZ)
        if self.cost is not None:
            if np.any(w != 1):
                raise ValueError(
                    "compute_cost knows no weights of examples; fit without "
                    "sample_weight and class_weight."
                )
            (J,) = self.cost(["cost"], self.link(Z), Y.copy())
            J = float(J.sum())
        return J


def put_activation(run, functions):
    """Replace sigmoid, tanh, relu and their slopes wherever the network has them."""
    objective = run.objective
    for name in ("sigmoid", "tanh", "relu"):
        halves = functions.get(name), functions.get(f"{name}_backward")
        if halves == (None, None):
            continue
        placed = put_link(objective, name, halves[0])
        for l, g_l in enumerate(objective.g):
            rest = g_l.at_rest if isinstance(g_l, Dropout) else g_l
            if type(rest) is not ACTIVATIONS[name]:
                continue
            placed = True
            objective.g_at_rest[l] = ActivationByHand(name, rest, *halves)
            if g_l is rest:
                objective.g[l] = objective.g_at_rest[l]
            else:
                g_l.at_rest = objective.g_at_rest[l]
        if not placed:
            raise ValueError(
                f"{name} must be an activation of the network to be replaced; set "
                f"activation={name!r}."
            )


def put_softmax(run, functions):
    if not put_link(run.objective, "softmax", functions["softmax"]):
        raise ValueError(
            "softmax has its place where y has more than two classes; it has not here."
        )


def put_link(objective, name, function):
    """Put the function at the output if that is its place; return True if it is."""
    if function is None or type(objective.loss) is not LINKS.get(name):
        return False
    objective.loss = LossByHand(objective.loss, link=function)
    return True


def put_cost(run, functions):
    loss = run.objective.loss
    if isinstance(loss, LossByHand):
        loss.cost = functions["compute_cost"]
    elif type(loss) is SigmoidCrossEntropy:
        run.objective.loss = LossByHand(loss, cost=functions["compute_cost"])
    else:
        raise ValueError(
            "compute_cost is the cost of sigmoid outputs, so y must have two classes "
            "or several labels; it has not here."
        )


# -- the two passes --------------------------------------------------------------------


def put_passes(run, functions):
    """Replace the two passes by linear_forward and linear_backward, layer by layer."""
    linear_forward, linear_backward = map(
        functions.get, ("linear_forward", "linear_backward")
    )

    def forwards(params, A, g):
        for l in range(1, params.L + 1):
            Z = linear_forward(["Z"], A[l - 1], params.W[l], params.b[l])
            linear_forward.write(Z, [A[l]])
            if l < params.L:
                g[l].forward(A[l], out=A[l])
        return A[params.L]

    def backwards(params, grads, A, dZ, g, one):
        m = len(one)
        for l in range(params.L, 0, -1):
            cache = A[l - 1], params.W[l], params.b[l]
            # the course's dZ is m times the engine's: its 1/m comes in dW and db
            slopes = linear_backward(["dA_prev", "dW", "db"], dZ[l] * m, cache)
            dA = np.empty_like(A[l - 1])
            linear_backward.write(slopes, [dA, grads.W[l], grads.b[l]])
            if l > 1:
                np.divide(dA, m, out=dZ[l - 1])
                g[l - 1].chain(A[l - 1], dZ[l - 1])

    if linear_forward:
        run.objective.forward = forwards
    if linear_backward:
        run.objective.backward = backwards


# -- parameters ------------------------------------------------------------------------


def put_step(run, functions):
    """Replace the step of gradient descent by update_parameters."""
    if run.solver != "gd" or run.step is not run.optimizer:
        raise ValueError(
            "update_parameters is plain gradient descent: set solver='gd', without "
            f"max_grad_norm and l1_ratio, got solver={run.solver!r}."
        )
    run.step = StepByHand(functions["update_parameters"], run.objective, run.optimizer)
    run.minimise = minimiser(run.solver, l1=0.0, step=run.step, tol=None, limits=None)


class StepByHand:
    """The step by the reader's update_parameters, with the rate of gradient descent."""

    def __init__(self, update, objective, optimizer):
        self._update, self._objective = update, objective
        self._optimizer = optimizer

    def formulas(self, name):
        return [f"{name} := by your own update_parameters, with learning_rate"]

    def numbers(self):
        return {"learning_rate": self._optimizer.rate}

    def __call__(self, theta, grad):
        names, places = named_arrays(self._objective.params)
        slopes = named_arrays(self._objective.grads)[1]
        new = self._update(
            names,
            {name: W.copy() for name, W in zip(names, places, strict=True)},
            {f"d{name}": dW.copy() for name, dW in zip(names, slopes, strict=True)},
            self._optimizer.rate,
        )
        self._update.write(new, places)


def named_arrays(params):
    """Return the names W1, b1, W2, ... and the arrays."""
    layers = range(1, params.L + 1)
    names = [f"{kind}{l}" for l in layers for kind in "Wb"]
    return names, [array for l in layers for array in (params.W[l], params.b[l])]


def put_first_weights(run, functions):
    """Replace the first parameters."""
    if run.start.layers is not None:  # training goes on from other parameters
        return
    params = run.objective.params
    begin = next(functions[kind] for kind in FIRST if kind in functions)
    names, places = named_arrays(params)
    if begin.kind == "initialize_with_zeros":
        names, arguments, deepest = ["w", "b"], params.n[:1], params.L == 1
        places = [params.W[1].T, params.b[1]]
    elif begin.kind == "initialize_parameters":
        arguments, deepest = params.n, params.L == 2
    else:
        arguments, deepest = ([*params.n],), True
    if not deepest or (begin.kind == "initialize_with_zeros" and params.n[-1] != 1):
        raise ValueError(
            f"{begin.kind} does not fit a network of {params.L} layers and "
            f"{params.n[-1]} outputs; initialize_parameters_deep does."
        )
    begin.write(begin(names, *arguments), places)


FIRST = ("initialize_with_zeros", "initialize_parameters", "initialize_parameters_deep")

# kind -> function of (run, the reader's functions) that puts it into the run
PLACES = {
    **dict.fromkeys(("sigmoid", "tanh", "relu"), put_activation),
    **dict.fromkeys(
        ("sigmoid_backward", "tanh_backward", "relu_backward"), put_activation
    ),
    "softmax": put_softmax,
    "compute_cost": put_cost,
    "linear_forward": put_passes,
    "linear_backward": put_passes,
    "update_parameters": put_step,
    **dict.fromkeys(FIRST, put_first_weights),
}
