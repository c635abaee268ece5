"""The course's published unit cases, tried on the engine's own functions.

Convention there as here: columns are examples, W is (n[l], n[l-1]), b is (n[l], 1).
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sknn_scratch._engine.activations import ACTIVATIONS
from sknn_scratch._engine.initializers import INITIALIZERS
from sknn_scratch._engine.losses import SigmoidCrossEntropy
from sknn_scratch._engine.optimizers import GradientDescent
from sknn_scratch._engine.propagation import Parameters, backward, forward
from sknn_scratch._rows.batches import MemoryBatches
from sknn_scratch._rows.columns import Targets
from sknn_scratch._training.descent import descend
from sknn_scratch._training.objective import Objective, raw_outputs
from sknn_scratch._training.watch import Curve, Watch


def parameters(values):
    """W1, b1, W2, ... of a case as `Parameters` in one vector (b absent: zeros)."""
    L = sum(name.startswith("W") for name in values)
    W = [np.array(values[f"W{l}"], float) for l in range(1, L + 1)]
    params = Parameters.flat((W[0].shape[1], *(len(layer) for layer in W)), float)
    for l in range(1, L + 1):
        params.W[l][...] = W[l - 1]
        params.b[l][...] = values.get(f"b{l}", 0)
    return params


def named(params, prefix=""):
    layers = range(1, params.L + 1)
    return {f"{prefix}W{l}": params.W[l] for l in layers} | {
        f"{prefix}b{l}": params.b[l] for l in layers
    }


def columns(n, m):
    return [np.empty((m, units)).T for units in n]


def run_forward(params, X, names=()):
    g = [None, *(ACTIVATIONS[name]() for name in names)]
    A = columns(params.n, X.shape[1])
    A[0] = X
    return forward(params, A, g), A


def cost_from(A, Y):
    """J of the loss, which takes Z: Z = log(a / (1 - a))."""
    Z = np.log(A) - np.log1p(-A)
    m = Z.shape[1]
    return SigmoidCrossEntropy()(Z, np.array(Y, float), np.ones(m), np.empty_like(Z))


def run_backward(params, A, dZ_L, names):
    """Gradients from dZ[L] and the A[l]; also dA of layer 0, with an identity there."""
    wider = parameters({"W1": np.eye(params.n[0])})
    whole = Parameters(wider.W[1:] + params.W[1:], wider.b[1:] + params.b[1:])
    grads = Parameters.flat(whole.n, float)
    m = dZ_L.shape[1]
    dZ = [None, *columns(whole.n[1:], m)]
    dZ[-1][...] = dZ_L / m
    g = [None, ACTIVATIONS["identity"](), *(ACTIVATIONS[name]() for name in names)]
    inputs = [A[0], *(np.array(layer, float) for layer in A)]
    backward(whole, grads, inputs, dZ, g, np.ones((m, 1)))
    dA0 = dZ[1] * m
    return dA0, dZ, Parameters(grads.W[2:], grads.b[2:])


def chain(name, Z, dA):
    """dZ = dA g'(Z)."""
    g, A, dZ = ACTIVATIONS[name](), np.empty_like(Z), dA.copy()
    g.forward(Z, out=A)
    g.chain(A, dZ)
    return dZ


def train(params, X, Y, names, rate, iterations):
    """Gradient descent on all columns; the costs before each update, the last dJ."""
    m = X.shape[1]
    g = [None, *(ACTIVATIONS[name]() for name in names)]
    objective = Objective(params, g, SigmoidCrossEntropy(), m)
    batches = MemoryBatches(
        np.ascontiguousarray(X.T), Targets(Y.T.astype(float)), np.ones(m), m
    )
    watch, curve = Watch(iterations), Curve()
    watch.add(curve)
    step = GradientDescent(params.theta, rate)
    descend(objective, batches, step, params.theta, watch)
    return list(curve.values), objective.grads


# -- one function for each function of the course --------------------------------------


def sigmoid(z):
    out = np.empty(len(z))
    ACTIVATIONS["sigmoid"]().forward(np.array(z), out=out)
    return {"s": out}


def initialize_with_zeros(dim):
    w = INITIALIZERS["zeros"](None, 1, dim)
    return {"w": w.T, "b": Parameters.flat((dim, 1), float).b[1].item()}


def logistic(w, b):
    return parameters({"W1": np.array(w).T, "b1": b})


def propagate(w, b, X, Y):
    costs, grads = train(logistic(w, b), np.array(X), np.array(Y), [], 0.0, 1)
    return {"dw": grads.W[1].T, "db": grads.b[1].item(), "cost": costs[0]}


def optimize(w, b, X, Y, num_iterations, learning_rate, cost_every):
    params = logistic(w, b)
    costs, grads = train(
        params, np.array(X), np.array(Y), [], learning_rate, num_iterations
    )
    return {
        "w": params.W[1].T,
        "b": params.b[1].item(),
        "dw": grads.W[1].T,
        "db": grads.b[1].item(),
        "costs": costs[::cost_every],
    }


def predict_logistic(w, b, X):
    Z = raw_outputs(logistic(w, b), [None], np.array(X).T)
    return {"Y_prediction": (Z.T > 0).astype(float)}


def layer_sizes(X_shape, Y_shape):
    return {"sizes": Parameters.flat((X_shape[0], 4, Y_shape[0]), float).n}


def initialized(n, seed, scale):
    assert scale == 0.01
    rng = np.random.RandomState(seed)
    params = Parameters.flat(n, float)
    for l in range(1, params.L + 1):
        params.W[l][...] = INITIALIZERS["small_random"](rng, n[l], n[l - 1])
    return named(params)


def initialize_parameters(n_x, n_h, n_y, seed, scale):
    return initialized((n_x, n_h, n_y), seed, scale)


def initialize_parameters_deep(layer_dims, seed, scale):
    return initialized(layer_dims, seed, scale)


def forward_propagation(X, **values):
    params, X = parameters(values), np.array(X)
    Z1, _ = run_forward(parameters({"W1": values["W1"], "b1": values["b1"]}), X)
    Z2, A = run_forward(params, X, ["tanh"])
    return {
        "mean_Z1": Z1.mean(),
        "mean_A1": A[1].mean(),
        "mean_Z2": Z2.mean(),
        "mean_A2": sigmoid(Z2.ravel())["s"].mean(),
    }


def compute_cost_shallow(A2, Y):
    return {"cost": cost_from(np.array(A2), Y)}


def compute_cost(AL, Y):
    return {"cost": cost_from(np.array(AL), Y)}


def backward_propagation(X, Y, A1, A2, **values):
    params = parameters(values)
    dZ2 = np.array(A2) - np.array(Y, float)
    _, _, grads = run_backward(params, [np.array(X), A1], dZ2, ["tanh"])
    return named(grads, "d")


def update_parameters(parameters: dict, grads: dict, learning_rate):
    params = globals()["parameters"](parameters)
    dtheta = globals()["parameters"]({name[1:]: dW for name, dW in grads.items()})
    GradientDescent(params.theta, learning_rate)(params.theta, dtheta.theta)
    return named(params)


def nn_model(X, Y, n_h, num_iterations, learning_rate, seed, cost_every):
    X, Y = np.array(X), np.array(Y)
    params = parameters(initialized((len(X), n_h, len(Y)), seed, 0.01))
    train(params, X, Y, ["tanh"], learning_rate, num_iterations)
    return named(params)


def linear_forward(A_prev, W, b):
    Z, _ = run_forward(parameters({"W1": W, "b1": b}), np.array(A_prev))
    return {"Z": Z}


def linear_activation_forward(A_prev, W, b, activation):
    Z = linear_forward(A_prev, W, b)["Z"]
    A = np.empty_like(Z)
    ACTIVATIONS[activation]().forward(Z, out=A)
    return {"Z": Z, "A": A}


def L_model_forward(X, parameters: dict):
    params = globals()["parameters"](parameters)
    ZL, A = run_forward(params, np.array(X), ["relu"] * (params.L - 1))
    found = {"AL": sigmoid(ZL.ravel())["s"][None], f"Z{params.L}": ZL}
    found |= {f"A{l}": A[l] for l in range(params.L)}
    for l in range(1, params.L):
        layer = {"W1": params.W[l], "b1": params.b[l]}
        found[f"Z{l}"] = run_forward(globals()["parameters"](layer), A[l - 1])[0]
    return found


def linear_backward(dZ, A_prev, W, b):
    params = parameters({"W1": W, "b1": b})
    dA, _, grads = run_backward(params, [np.array(A_prev)], np.array(dZ), [])
    return {"dA_prev": dA, "dW": grads.W[1], "db": grads.b[1]}


def linear_activation_backward(dA, A_prev, W, b, Z, activation):
    return linear_backward(chain(activation, np.array(Z), np.array(dA)), A_prev, W, b)


def L_model_backward(AL, Y, A0, W1, b1, Z1, A1, W2, b2, Z2):
    # AL is not sigmoid(Z2) here: the gradient starts from dAL, not from AL - Y
    AL, Y = np.array(AL), np.array(Y, float)
    dAL = -(Y / AL - (1 - Y) / (1 - AL))
    second = linear_activation_backward(dAL, A1, W2, b2, Z2, "sigmoid")
    first = linear_activation_backward(second["dA_prev"], A0, W1, b1, Z1, "relu")
    return {f"dA{l}": layer["dA_prev"] for l, layer in ((1, second), (0, first))} | {
        f"d{kind}{l}": layer[f"d{kind}"]
        for l, layer in ((2, second), (1, first))
        for kind in "Wb"
    }


ALIASES = {
    "initialize_parameters_shallow": initialize_parameters,
    "update_parameters_shallow": update_parameters,
}


def test_every_published_unit_case_is_met(reference):
    assert len(reference["cases"]) == 35
    for case in reference["cases"]:
        function = ALIASES.get(case["function"]) or globals()[case["function"]]
        found = function(**case["inputs"])
        for name, expected in case["expected"].items():
            assert_allclose(
                found[name],
                expected,
                rtol=case["rtol"],
                atol=case["atol"],
                err_msg=f"{case['id']}: {name}",
            )


def test_a_wrong_number_would_be_noticed_in_every_case(reference):
    for case in reference["cases"]:
        function = ALIASES.get(case["function"]) or globals()[case["function"]]
        found = function(**case["inputs"])
        for name, expected in case["expected"].items():
            wrong = np.add(expected, 1e-4 * (1 + np.abs(expected)))
            with pytest.raises(AssertionError):
                assert_allclose(
                    found[name], wrong, rtol=case["rtol"], atol=case["atol"]
                )
