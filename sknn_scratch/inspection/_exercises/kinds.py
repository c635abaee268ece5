"""The functions of the course's assignments: arguments, right results and cases.

The engine computes the right results (`functions.py`). Gradients are also compared with
numerical gradients of the engine's forward pass.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.random import RandomState

from ..._engine.initializers import INITIALIZERS
from ..._engine.losses import SoftmaxCrossEntropy
from .caches import of_all_layers, of_costs, of_one_layer, of_shallow_network
from .cases import (
    caches_of,
    deep,
    deep_caches,
    labelled_outputs,
    layers,
    layers_activated,
    layers_activated_with_slopes,
    layers_with_slopes,
    logistic_regressions,
    shallow,
    shallow_caches,
    signals,
    signals_with_slopes,
    steps,
    steps_of_two_layers,
)
from .equality import close
from .functions import (
    DEEP,
    SHALLOW,
    activate,
    chain,
    cost,
    deep_gradients,
    first_parameters,
    gradients,
    linear,
    linear_slopes,
    logistic,
    numerical_gradient,
    optimized,
    parameters_of,
    predicted,
    probabilities,
    propagated,
    stepped,
)


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
    numerical: Callable | None = None  # (*arguments) -> dict of numerical gradients
    columns: Callable | None = None  # (*arguments) -> an array with m columns
    tricky: tuple = ()  # pairs of a code and a case
    spare: tuple = ()  # further arguments in older copies of the course
    kept: Callable | None = None  # (*arguments) -> dict of values in the cache
    moved: str = ""  # argument whose arrays may be changed in place
    form: tuple = ()  # name and sort of each value, as `put_in_order` takes them
    beside: Callable | None = None  # (result, *arguments) -> findings about a cache


# -- numerical gradients ---------------------------------------------------------------


def numerical_activation(name):
    return lambda dA, Z: {
        "dZ": numerical_gradient(lambda z: np.vdot(dA, activate(name, z)), Z)
    }


def numerical_layer(dA, cache, name="identity"):
    """Return the slopes of sum(dA * g(W A_prev + b)), with 1/m in dW and db."""
    A, W, b = cache
    m = A.shape[1]

    def total(A, W, b):
        return np.vdot(dA, activate(name, linear(A, W, b)))

    return {
        "dA_prev": numerical_gradient(lambda A: total(A, W, b), A),
        "dW": numerical_gradient(lambda W: total(A, W, b), W) / m,
        "db": numerical_gradient(lambda b: total(A, W, b), b) / m,
    }


def numerical_network(parameters, X, Y, hidden):
    return {
        f"d{name}": numerical_gradient(
            lambda v, name=name: gradients({**parameters, name: v}, X, Y, hidden)[0],
            value,
        )
        for name, value in parameters.items()
    }


def numerical_logistic(w, b, X, Y):
    found = numerical_network(logistic(w, b), X, Y, ())
    return {"dw": found["dW1"].T, "db": found["db1"].item()}


def shallow_values(X, parameters):
    """Return what the cache of the shallow network holds, by its keys."""
    Z1 = linear(X, parameters["W1"], parameters["b1"])
    A1 = activate("tanh", Z1)
    Z2 = linear(A1, parameters["W2"], parameters["b2"])
    values = {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": activate("sigmoid", Z2)}
    return {f"cache[{key!r}]": value for key, value in values.items()}


def two_outputs():
    """Return a case of a backward pass with two units in the output layer."""
    return shallow_caches(RandomState(1), [(2, 3, 2, 4)])[0]


# -- what is returned beside the result ------------------------------------------------


def layer_of(A_prev, W, b):
    return {"A_prev": A_prev, "W": W, "b": b}


def layers_of(X, parameters):
    """Return the parts of each layer's cache, and its A, for `caches`."""
    kept, AL = caches_of(X, parameters)
    outs = [layer[0] for layer, _ in kept[1:]] + [AL]
    return [
        (layer_of(*layer) | {"Z": Z}, {"A": A})
        for (layer, Z), A in zip(kept, outs, strict=True)
    ]


def beside_layer(cache, A_prev, W, b):
    wanted = layer_of(A_prev, W, b)
    return of_one_layer(cache, [(wanted, {"Z": linear(A_prev, W, b)})], close)


def beside_activated(cache, A_prev, W, b, name):
    Z = linear(A_prev, W, b)
    layer = (layer_of(A_prev, W, b) | {"Z": Z}, {"A": activate(name, Z)})
    return of_one_layer(cache, [layer], close)


def beside_optimized(costs, w, b, X, Y, iterations, rate):
    return of_costs(costs, propagated(w, b, X, Y)["cost"], iterations)


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
        numerical=numerical_activation(name),
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
        numerical=lambda Z: {
            "ds": numerical_gradient(lambda z: activate("sigmoid", z).sum(), Z)
        },
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
        form=(("Z", "numbers"), ("cache", "cache")),
        beside=beside_layer,
    ),
    "linear_activation_forward": Kind(
        ("A_prev", "W", "b", "activation"),
        "A, or (A, cache)",
        lambda A_prev, W, b, name: {"A": activate(name, linear(A_prev, W, b))},
        layers_activated,
        cache=True,
        form=(("A", "numbers"), ("cache", "cache")),
        beside=beside_activated,
    ),
    "linear_backward": Kind(
        ("dZ", "cache"),
        "dA_prev, dW, db",
        linear_slopes,
        layers_with_slopes,
        numerical=numerical_layer,
        columns=lambda dZ, cache: dZ,
    ),
    "linear_activation_backward": Kind(
        ("dA", "cache", "activation"),
        "dA_prev, dW, db",
        lambda dA, cache, name: linear_slopes(chain(name, dA, cache[1]), cache[0]),
        layers_activated_with_slopes,
        numerical=lambda dA, cache, name: numerical_layer(dA, cache[0], name),
        columns=lambda dA, cache, name: dA,
    ),
    "compute_cost": Kind(
        ("AL", "Y"),
        "the cost J, one number",
        lambda AL, Y: {"cost": cost(AL, Y)},
        labelled_outputs,
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
        logistic_regressions,
        numerical=numerical_logistic,
        form=(("grads", "dw"), ("cost", "numbers")),
        columns=lambda w, b, X, Y: Y,
    ),
    "optimize": Kind(
        ("w", "b", "X", "Y", "num_iterations", "learning_rate"),
        "a dict of w and b, a dict of dw and db, the costs",
        optimized,
        lambda rng: [(*case, 7, 0.3) for case in logistic_regressions(rng)],
        cache=True,
        form=(("params", "w"), ("grads", "dw"), ("costs", "cache")),
        beside=beside_optimized,
    ),
    "predict": Kind(
        ("w", "b", "X"),
        "Y_prediction of shape (1, m): zeros and ones",
        predicted,
        lambda rng: [case[:3] for case in logistic_regressions(rng)],
    ),
    "forward_propagation": Kind(
        ("X", "parameters"),
        "A2, cache (tanh, then sigmoid)",
        lambda X, parameters: {"A2": probabilities(parameters, X, SHALLOW)},
        lambda rng: [(X, parameters) for parameters, X, _ in shallow(rng)],
        cache=True,
        kept=shallow_values,
        form=(("A2", "numbers"), ("cache", "cache")),
        beside=lambda cache, X, parameters: of_shallow_network(
            cache, shallow_values(X, parameters), close
        ),
    ),
    "backward_propagation": Kind(
        ("parameters", "cache", "X", "Y"),
        "a dict of dW1, db1, dW2, db2 (tanh, then sigmoid)",
        lambda parameters, cache, X, Y: gradients(parameters, X, Y, SHALLOW)[1],
        shallow_caches,
        numerical=lambda parameters, cache, X, Y: numerical_network(
            parameters, X, Y, SHALLOW
        ),
        tricky=(("one_output_only", two_outputs()),),
        columns=lambda parameters, cache, X, Y: Y,
    ),
    "L_model_forward": Kind(
        ("X", "parameters"),
        "AL, caches (relu, the last layer sigmoid)",
        lambda X, parameters: {"AL": probabilities(parameters, X, DEEP)},
        lambda rng: [(X, parameters) for parameters, X, _ in deep(rng)],
        cache=True,
        form=(("AL", "numbers"), ("caches", "cache")),
        beside=lambda caches, X, parameters: of_all_layers(
            caches, layers_of(X, parameters), close
        ),
    ),
    "L_model_backward": Kind(
        ("AL", "Y", "caches"),
        "a dict of dW1, db1, ..., dWL, dbL (relu, the last layer sigmoid)",
        deep_gradients,
        deep_caches,
        numerical=lambda AL, Y, caches: numerical_network(
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

# functions that are also written out for two layers, as in week 3: the name that this
# form has in the textbook, and its cases
TWO_LAYERS = {
    "update_parameters": (
        "update_two_layers",
        KINDS["update_parameters"]._replace(cases=steps_of_two_layers),
    )
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
