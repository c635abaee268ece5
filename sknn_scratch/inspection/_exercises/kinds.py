"""The functions of the course's assignments: arguments, right results and cases.

The engine computes the right results: no forward pass, gradient, cost or step is
written a second time here. Gradients are also compared with numerical gradients of the
engine's forward pass.

Conventions are the course's: an example is a column, W is (n_out, n_in), b (n_out, 1).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..._engine.activations import ACTIVATIONS, Activation, Identity
from ..._engine.initializers import INITIALIZERS
from ..._engine.losses import SigmoidCrossEntropy, SoftmaxCrossEntropy
from ..._engine.optimizers import GradientDescent
from ..._engine.propagation import Parameters
from ..._training.objective import Objective, raw_outputs

# n_out, n_in, m: all different, square, one unit, one example, n_out = m
LAYERS = [(3, 5, 4), (3, 3, 5), (1, 3, 2), (2, 3, 1), (4, 2, 4)]
# hidden activations of the course's networks
SHALLOW, DEEP = ("tanh",), ("relu", "relu")


class Kind(NamedTuple):
    """One function of the course: arguments, right results and cases.

    A case is a tuple of arguments. A wrong result of a tricky case is only a note, with
    the code of that case.
    """

    arguments: tuple
    returns: str
    reference: Callable  # (*arguments) -> dict of right values by name
    cases: Callable  # rng -> list of tuples of arguments
    cache: bool = False  # it may return more values, a cache
    witness: Callable | None = None  # (*arguments) -> dict of numerical gradients
    columns: Callable | None = None  # (*arguments) -> an array with m columns
    tricky: tuple = ()  # pairs of a code and a case
    spare: tuple = ()  # further arguments in older copies of the course
    moved: str = ""  # argument whose arrays may be changed in place


# -- the engine, by single functions ---------------------------------------------------


def activate(name, Z):
    """Return the activation: A = g(Z)."""
    A = np.empty(np.shape(Z))
    ACTIVATIONS[name]().forward(np.asarray(Z, float), out=A)
    return A


def chain(name, dA, Z):
    """Return the gradient of the linear part: dZ = dA g'(Z)."""
    g, A, dZ = ACTIVATIONS[name](), np.empty(Z.shape), np.array(dA, float)
    g.forward(np.asarray(Z, float), out=A)
    g.chain(A, dZ)
    return dZ


def linear(A_prev, W, b):
    """Return the linear part of a layer: Z = W A_prev + b."""
    return raw_outputs(Parameters([W], [b]), [None], np.asarray(A_prev, float).T).T


def linear_slopes(dZ, cache):
    """Return dA_prev, dW and db of a layer by the engine's backward pass.

    The network has an identity layer with W = I before this one: its dZ is dA_prev.
    """
    A_prev, W, b = cache
    (n_out, n_in), m = W.shape, dZ.shape[1]
    params = Parameters.flat((n_in, n_in, n_out), float)
    params.W[1][...], params.W[2][...], params.b[2][...] = np.eye(n_in), W, b

    def given(Z, Y, w, slopes):
        slopes[...] = dZ / m
        return 0.0

    objective = Objective(params, [None, Identity()], given, m)
    objective(params.theta, A_prev, None, np.ones(m))
    dA_prev = objective.dZ.first(m)[1] * m
    return {"dA_prev": dA_prev, "dW": objective.grads.W[2], "db": objective.grads.b[2]}


def cost(AL, Y):
    """Return J of the sigmoid cross entropy, which takes Z = log(a / (1 - a))."""
    with np.errstate(divide="ignore"):
        Z = np.clip(np.log(AL) - np.log1p(-AL), -1e3, 1e3)
    return SigmoidCrossEntropy()(Z, Y, np.ones(Z.shape[1]), np.empty_like(Z))


def packed(parameters, *, bias=True):
    """Return W1, b1, W2, ... as `Parameters`; bias=False sets b to 0."""
    L = len(parameters) // 2
    n = (parameters["W1"].shape[1], *(len(parameters[f"W{l + 1}"]) for l in range(L)))
    params = Parameters.flat(n, float)
    for l in range(1, L + 1):
        params.W[l][...] = parameters[f"W{l}"]
        params.b[l][...] = parameters[f"b{l}"] if bias else 0
    return params


def unpacked(params, prefix=""):
    """Return `Parameters` as a dict of W1, b1, W2, ..., the course's names."""
    return {
        f"{prefix}{kind}{l}": getattr(params, kind)[l].copy()
        for l in range(1, params.L + 1)
        for kind in "Wb"
    }


def outputs(parameters, X, hidden, *, bias=True):
    """Return Z[L] of the network."""
    g = [None, *(ACTIVATIONS[name]() for name in hidden)]
    return raw_outputs(packed(parameters, bias=bias), g, np.asarray(X, float).T).T


def probabilities(parameters, X, hidden):
    """Return A[L] of the network, a sigmoid of Z[L]."""
    return SigmoidCrossEntropy().link(outputs(parameters, X, hidden))


class Slopeless(Activation):
    """An activation with a planted fault: its backward pass takes g' = 1."""

    def __init__(self, activation):
        self._activation = activation

    def forward(self, Z, out):
        self._activation.forward(Z, out)

    def chain(self, A, dA):
        pass


def gradients(parameters, X, Y, hidden, *, slopes=True):
    """Return J, and dW1, db1, dW2, ... with the course's 1/m; slopes=False omits g'."""
    g = [ACTIVATIONS[name]() for name in hidden]
    if not slopes:
        g = [Slopeless(g_l) for g_l in g]
    params, m = packed(parameters), X.shape[1]
    objective = Objective(params, [None, *g], SigmoidCrossEntropy(), m)
    J, _ = objective(params.theta, X, Y, np.ones(m))
    return J, unpacked(objective.grads, "d")


def logistic(w, b):
    return {"W1": w.T, "b1": np.full((1, 1), float(b))}


def propagated(w, b, X, Y):
    J, grads = gradients(logistic(w, b), X, Y, ())
    return {"dw": grads["dW1"].T, "db": grads["db1"].item(), "cost": J}


def stepped(parameters, grads, learning_rate):
    """Return the parameters after a step: theta := theta - rate * grad."""
    params = packed(parameters)
    slopes = packed({name[1:]: value for name, value in grads.items()})
    GradientDescent(params.theta, learning_rate)(params.theta, slopes.theta)
    return unpacked(params)


def optimized(w, b, X, Y, num_iterations, learning_rate):
    for _ in range(num_iterations):
        slopes = propagated(w, b, X, Y)
        grads = {"dW1": slopes["dw"].T, "db1": np.full((1, 1), slopes["db"])}
        moved = stepped(logistic(w, b), grads, learning_rate)
        w, b = moved["W1"].T, moved["b1"].item()
    return {"w": w, "b": b}


def decided(w, b, X):
    A = probabilities(logistic(w, b), X, ())
    return {"Y_prediction": (A > 0.5).astype(float)}


def first_parameters(*n):
    return unpacked(Parameters.flat(n, float))


def slope(f, x, h=1e-6):
    """Return df/dx by central differences, entry by entry."""
    x = np.array(x, float)
    found = np.empty_like(x)
    for i in np.ndindex(x.shape):
        before = x[i]
        x[i] = before + h
        above = f(x)
        x[i] = before - h
        found[i] = (above - f(x)) / (2 * h)
        x[i] = before
    return found


# -- cases -----------------------------------------------------------------------------


def signals(rng):
    """Draw Z of several shapes, and one of integers, whose dtype no result may have."""
    cases = [(rng.randn(n, m) * 2,) for n, m in [(3, 4), (1, 5), (4, 1), (3, 3)]]
    return [*cases, (np.array([[-2, 1, 3], [4, -1, 2]]),)]


def signals_with_slopes(rng):
    return [(rng.randn(*Z.shape), Z) for (Z,) in signals(rng)[:-1]]


def layers(rng):
    """Draw A_prev, W and b."""
    return [
        (rng.randn(n_in, m), rng.randn(n_out, n_in), rng.randn(n_out, 1))
        for n_out, n_in, m in LAYERS
    ]


def layers_activated(rng):
    return [(*layer, name) for layer in layers(rng) for name in ("sigmoid", "relu")]


def layers_with_slopes(rng):
    return [(rng.randn(len(W), A.shape[1]), (A, W, b)) for A, W, b in layers(rng)]


def layers_activated_with_slopes(rng):
    return [
        (dZ, (cache, linear(*cache)), name)
        for dZ, cache in layers_with_slopes(rng)
        for name in ("sigmoid", "relu")
    ]


def judged(rng):
    """Draw AL, and Y with both classes in each case but the last."""
    cases = []
    for m in (6, 5, 2, 1):
        Y = np.zeros((1, m))
        Y[0, ::2] = 1
        cases.append((rng.uniform(0.1, 0.9, (1, m)), Y))
    return cases


def weights(rng, *n):
    shapes = {name: value.shape for name, value in first_parameters(*n).items()}
    return {name: rng.randn(*shape) for name, shape in shapes.items()}


def regressions(rng):
    """Draw w, b, X and Y of logistic regression."""
    cases = []
    for n, m in [(3, 5), (2, 4), (4, 4), (1, 6), (3, 1)]:
        Y = (np.arange(m) % 2 == 0).astype(float)[np.newaxis]
        cases.append((rng.randn(n, 1), float(rng.randn()), rng.randn(n, m), Y))
    return cases


def networks(rng, shapes):
    """Draw parameters, X and Y."""
    cases = []
    for *n, m in shapes:
        Y = (rng.rand(n[-1], m) > 0.5).astype(float)
        cases.append((weights(rng, *n), rng.randn(n[0], m), Y))
    return cases


def shallow(rng):
    return networks(rng, [(2, 4, 1, 5), (3, 3, 1, 4), (2, 3, 1, 1)])


def deep(rng):
    return networks(rng, [(5, 4, 3, 1, 6), (3, 3, 2, 1, 3), (4, 3, 2, 1, 1)])


def shallow_caches(rng):
    """Draw parameters, X and Y; return parameters, cache, X and Y."""
    cases = []
    for parameters, X, Y in shallow(rng):
        cache, A = {}, X
        for l, name in enumerate((*SHALLOW, "sigmoid"), start=1):
            Z = cache[f"Z{l}"] = linear(A, parameters[f"W{l}"], parameters[f"b{l}"])
            A = cache[f"A{l}"] = activate(name, Z)
        cases.append((parameters, cache, X, Y))
    return cases


def deep_caches(rng):
    """Draw networks; return AL, Y and caches, of each layer ((A_prev, W, b), Z)."""
    cases = []
    for parameters, X, Y in deep(rng):
        caches, A = [], X
        for l, name in enumerate((*DEEP, "sigmoid"), start=1):
            layer = (A, parameters[f"W{l}"], parameters[f"b{l}"])
            caches.append((layer, linear(*layer)))
            A = activate(name, caches[-1][1])
        cases.append((A, Y, caches))
    return cases


def steps(rng):
    """Draw parameters and grads; return them with a learning_rate."""
    return [
        (
            weights(rng, *n),
            {f"d{name}": value for name, value in weights(rng, *n).items()},
            rate,
        )
        for n, rate in [((2, 4, 1), 0.7), ((4, 3, 3, 1), 0.05), ((3, 1), 1.2)]
    ]


def parameters_of(caches):
    """Return W1, b1, ... of the course's caches."""
    return {
        f"{name}{l}": value
        for l, ((_, W, b), _) in enumerate(caches, start=1)
        for name, value in (("W", W), ("b", b))
    }


def deep_gradients(AL, Y, caches, **how):
    return gradients(parameters_of(caches), caches[0][0][0], Y, DEEP, **how)[1]


# -- numerical gradients ---------------------------------------------------------------


def activation_witness(name):
    return lambda dA, Z: {"dZ": slope(lambda z: np.vdot(dA, activate(name, z)), Z)}


def layer_witness(dA, cache, name="identity"):
    """Return the slopes of sum(dA * g(W A_prev + b)), with 1/m in dW and db."""
    A, W, b = cache
    m = A.shape[1]

    def total(A, W, b):
        return np.vdot(dA, activate(name, linear(A, W, b)))

    return {
        "dA_prev": slope(lambda A: total(A, W, b), A),
        "dW": slope(lambda W: total(A, W, b), W) / m,
        "db": slope(lambda b: total(A, W, b), b) / m,
    }


def cost_witness(parameters, X, Y, hidden):
    return {
        f"d{name}": slope(
            lambda v, name=name: gradients({**parameters, name: v}, X, Y, hidden)[0],
            value,
        )
        for name, value in parameters.items()
    }


def logistic_witness(w, b, X, Y):
    found = cost_witness(logistic(w, b), X, Y, ())
    return {"dw": found["dW1"].T, "db": found["db1"].item()}


# -- the table -------------------------------------------------------------------------


def activation_kind(name):
    return Kind(
        ("Z",),
        "A, or (A, cache)",
        lambda Z: {"A": activate(name, Z)},
        signals,
        cache=True,
        tricky=(("overflow", (np.array([[-1000.0, -30.0, 30.0, 1000.0]]),)),),
    )


def slope_kind(name, tricky=()):
    return Kind(
        ("dA", "Z"),
        "dZ",
        lambda dA, Z: {"dZ": chain(name, dA, Z)},
        signals_with_slopes,
        witness=activation_witness(name),
        tricky=tricky,
    )


AT_ZERO = (np.array([[1.5, -2.0, 0.5]]), np.array([[0.0, 1.0, 0.0]]))
CERTAIN = (np.array([[1.0, 0.0, 0.8]]), np.array([[1.0, 0.0, 1.0]]))
LARGE = (np.array([[1000.0, 1.0], [990.0, -1000.0], [3.0, 2.0]]),)

KINDS = {
    "sigmoid": activation_kind("sigmoid"),
    "tanh": activation_kind("tanh"),
    "relu": activation_kind("relu"),
    "sigmoid_derivative": Kind(
        ("Z",),
        "the slope g'(Z)",
        lambda Z: {"ds": chain("sigmoid", np.ones(Z.shape), Z)},
        signals,
        witness=lambda Z: {"ds": slope(lambda z: activate("sigmoid", z).sum(), Z)},
    ),
    "sigmoid_backward": slope_kind("sigmoid"),
    "tanh_backward": slope_kind("tanh"),
    "relu_backward": slope_kind("relu", (("slope_at_zero", AT_ZERO),)),
    "softmax": Kind(
        ("Z",),
        "A, whose columns sum to 1",
        lambda Z: {"A": SoftmaxCrossEntropy().link(np.asarray(Z, float))},
        signals,
        cache=True,
        tricky=(("overflow", LARGE),),
    ),
    "softmax_rows": Kind(
        ("x",),
        "A, whose rows sum to 1",
        lambda x: {"A": SoftmaxCrossEntropy().link(np.asarray(x, float).T).T},
        signals,
        tricky=(("overflow", (LARGE[0].T,)),),
    ),
    "image2vector": Kind(
        ("image",),
        "v of shape (height * width * depth, 1)",
        lambda image: {"v": image.reshape(-1, 1)},
        lambda rng: [(rng.rand(*shape),) for shape in [(3, 3, 2), (2, 4, 3)]],
    ),
    "normalize_rows": Kind(
        ("x",),
        "x, each row divided by its length",
        lambda x: {"x": x / np.linalg.norm(x, axis=1, keepdims=True)},
        lambda rng: [case for case in signals(rng) if case[0].dtype == float],
    ),
    "layer_sizes": Kind(
        ("X", "Y"),
        "n_x, n_h = 4, n_y",
        lambda X, Y: {"n_x": len(X), "n_h": 4, "n_y": len(Y)},
        lambda rng: [(rng.randn(5, 3), rng.randn(2, 3)), (rng.randn(2, 6),) * 2],
    ),
    "linear_forward": Kind(
        ("A_prev", "W", "b"),
        "Z, or (Z, cache)",
        lambda A_prev, W, b: {"Z": linear(A_prev, W, b)},
        layers,
        cache=True,
    ),
    "linear_activation_forward": Kind(
        ("A_prev", "W", "b", "activation"),
        "A, or (A, cache)",
        lambda A_prev, W, b, name: {"A": activate(name, linear(A_prev, W, b))},
        layers_activated,
        cache=True,
    ),
    "linear_backward": Kind(
        ("dZ", "cache"),
        "dA_prev, dW, db",
        linear_slopes,
        layers_with_slopes,
        witness=layer_witness,
        columns=lambda dZ, cache: dZ,
    ),
    "linear_activation_backward": Kind(
        ("dA", "cache", "activation"),
        "dA_prev, dW, db",
        lambda dA, cache, name: linear_slopes(chain(name, dA, cache[1]), cache[0]),
        layers_activated_with_slopes,
        witness=lambda dA, cache, name: layer_witness(dA, cache[0], name),
        columns=lambda dA, cache, name: dA,
    ),
    "compute_cost": Kind(
        ("AL", "Y"),
        "the cost J, one number",
        lambda AL, Y: {"cost": cost(AL, Y)},
        judged,
        columns=lambda AL, Y: Y,
        tricky=(("log_of_zero", CERTAIN),),
        spare=({},),
    ),
    "initialize_with_zeros": Kind(
        ("dim",),
        "w of shape (dim, 1), b = 0",
        lambda dim: {"w": INITIALIZERS["zeros"](None, dim, 1), "b": 0.0},
        lambda rng: [(3,), (1,)],
    ),
    "initialize_parameters": Kind(
        ("n_x", "n_h", "n_y"),
        "a dict of W1, b1, W2, b2",
        first_parameters,
        lambda rng: [(3, 4, 1), (5, 2, 3), (120, 100, 40)],
    ),
    "initialize_parameters_deep": Kind(
        ("layer_dims",),
        "a dict of W1, b1, ..., WL, bL",
        lambda layer_dims: first_parameters(*layer_dims),
        lambda rng: [([5, 4, 3, 1],), ([2, 3],), ([120, 100, 40],)],
    ),
    "propagate": Kind(
        ("w", "b", "X", "Y"),
        "a dict of dw and db, and the cost",
        propagated,
        regressions,
        witness=logistic_witness,
        columns=lambda w, b, X, Y: Y,
    ),
    "optimize": Kind(
        ("w", "b", "X", "Y", "num_iterations", "learning_rate"),
        "a dict of w and b, a dict of dw and db, the costs",
        optimized,
        lambda rng: [(*case, 7, 0.3) for case in regressions(rng)],
        cache=True,
    ),
    "predict": Kind(
        ("w", "b", "X"),
        "Y_prediction of shape (1, m): zeros and ones",
        decided,
        lambda rng: [case[:3] for case in regressions(rng)],
    ),
    "forward_propagation": Kind(
        ("X", "parameters"),
        "A2, cache (tanh, then sigmoid)",
        lambda X, parameters: {"A2": probabilities(parameters, X, SHALLOW)},
        lambda rng: [(X, parameters) for parameters, X, _ in shallow(rng)],
        cache=True,
    ),
    "backward_propagation": Kind(
        ("parameters", "cache", "X", "Y"),
        "a dict of dW1, db1, dW2, db2 (tanh, then sigmoid)",
        lambda parameters, cache, X, Y: gradients(parameters, X, Y, SHALLOW)[1],
        shallow_caches,
        witness=lambda parameters, cache, X, Y: cost_witness(parameters, X, Y, SHALLOW),
        columns=lambda parameters, cache, X, Y: Y,
    ),
    "L_model_forward": Kind(
        ("X", "parameters"),
        "AL, caches (relu, the last layer sigmoid)",
        lambda X, parameters: {"AL": probabilities(parameters, X, DEEP)},
        lambda rng: [(X, parameters) for parameters, X, _ in deep(rng)],
        cache=True,
    ),
    "L_model_backward": Kind(
        ("AL", "Y", "caches"),
        "a dict of dW1, db1, ..., dWL, dbL (relu, the last layer sigmoid)",
        deep_gradients,
        deep_caches,
        witness=lambda AL, Y, caches: cost_witness(
            parameters_of(caches), caches[0][0][0], Y, DEEP
        ),
        columns=lambda AL, Y, caches: Y,
    ),
    "update_parameters": Kind(
        ("parameters", "grads", "learning_rate"),
        "a dict of W1, b1, ..., WL, bL",
        stepped,
        steps,
        moved="parameters",
    ),
}

# names in other copies of the course
ALIASES = {
    "basic_sigmoid": "sigmoid",
    "initialize_parameters_he": "initialize_parameters_deep",
    "model_backward": "L_model_backward",
    "model_forward": "L_model_forward",
    "normalizeRows": "normalize_rows",
    "normalize_Rows": "normalize_rows",
    "sigmoid_prime": "sigmoid_derivative",
    "update_parameters_with_gd": "update_parameters",
}


# functions that draw W: there is no single right value
INITIALIZE = frozenset({"initialize_parameters", "initialize_parameters_deep"})
