"""The engine by the single functions of the course's assignments.

No forward pass, gradient, cost or step is written a second time here.

Conventions are the course's: an example is a column, W is (n_out, n_in), b (n_out, 1).
"""

import numpy as np

from ..._engine.activations import ACTIVATIONS, Identity
from ..._engine.losses import SigmoidCrossEntropy
from ..._engine.optimizers import GradientDescent
from ..._engine.propagation import Parameters
from ..._training.objective import Objective, raw_outputs

# hidden activations of the course's networks
SHALLOW, DEEP = ("tanh",), ("relu", "relu")


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


def gradients(parameters, X, Y, hidden):
    """Return J, and dW1, db1, dW2, ... with the course's 1/m."""
    g = [ACTIVATIONS[name]() for name in hidden]
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


def predicted(w, b, X):
    A = probabilities(logistic(w, b), X, ())
    return {"Y_prediction": (A > 0.5).astype(float)}


def first_parameters(*n):
    return unpacked(Parameters.flat(n, float))


def numerical_gradient(f, x, h=1e-6):
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


def parameters_of(caches):
    """Return W1, b1, ... of the course's caches."""
    return {
        f"{name}{l}": value
        for l, ((_, W, b), _) in enumerate(caches, start=1)
        for name, value in (("W", W), ("b", b))
    }


def deep_gradients(AL, Y, caches):
    return gradients(parameters_of(caches), caches[0][0][0], Y, DEEP)[1]
