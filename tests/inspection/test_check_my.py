"""check_my: planted mistakes get their code, right functions of any style pass."""

import inspect
import math
import re
import warnings

import numpy as np
import pytest
from learners.forum import FORUM
from learners.usual import USUAL
from numpy.testing import assert_allclose

from sknn_scratch.inspection._exercises import textbook
from sknn_scratch.inspection._exercises.check_my import check_my
from sknn_scratch.inspection._exercises.kinds import ALIASES, INITIALIZE, KINDS
from sknn_scratch.inspection._exercises.messages import MISTAKES, NOTES


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def relu(z):
    return np.maximum(0, z)


def cross_entropy(A, Y):
    return -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))


def in_place(dA, cache):
    dA[cache <= 0] = 0
    return dA


def with_a_warning(Z):
    np.log(np.zeros(1))
    return relu(Z)


def whole_numbers(Z):
    A = np.zeros_like(Z)
    for i, j in np.ndindex(Z.shape):
        A[i, j] = 1 / (1 + np.exp(-Z[i, j]))
    return A


def softmax(Z, axis=0):
    E = np.exp(Z - Z.max())
    return E / E.sum(axis=axis, keepdims=True)


def layer_back(dZ, cache, dW=1, db=None, dA=None):
    """linear_backward, of which one part is planted."""
    A, W, b = cache
    m = A.shape[1]
    return (
        W.T @ dZ if dA is None else dA(dZ, A, W, m),
        dZ @ A.T / m if dW == 1 else dW(dZ, A, W, m),
        dZ.sum(axis=1, keepdims=True) / m if db is None else db(dZ, A, W, m),
    )


def with_part(**part):
    return lambda dZ, cache: layer_back(dZ, cache, **part)


def regression(w, b, X, Y, mean=True, sign=1, flat=False):
    m = X.shape[1] if mean else 1
    A = sigmoid(w.T @ X + b)
    dw = sign * X @ (A - Y).T / m
    cost = float(cross_entropy(A, Y)) / X.shape[1]
    dw = dw.ravel() if flat else dw
    return {"dw": dw, "db": sign * float(np.sum(A - Y)) / m}, cost


def regression_of_a_row(w, b, X, Y):
    A = sigmoid(np.dot(w, X) + b)
    return {"dw": X @ (A - Y).T / Y.size, "db": np.mean(A - Y)}, cross_entropy(A, Y)


def regression_times_m(w, b, X, Y):
    grads, cost = regression(w, b, X, Y)
    return grads | {"dw": grads["dw"] * X.shape[1] ** 2}, cost


def step(parameters, grads, rate, sign=-1, skip=()):
    return {
        name: v if name in skip else v + sign * rate * grads[f"d{name}"]
        for name, v in parameters.items()
    }


def step_in_place(parameters, grads, rate):
    for name in parameters:
        parameters[name] -= rate * grads[f"d{name}"]
    return parameters


def changed_grads(parameters, grads, rate):
    out = {name: v - rate * grads[f"d{name}"] for name, v in parameters.items()}
    for v in grads.values():
        v *= rate
    return out


def begin(layer_dims, draw=np.random.randn, scale=0.01, b=lambda n: np.zeros((n, 1))):
    return {
        key: value
        for l in range(1, len(layer_dims))
        for key, value in (
            (f"W{l}", draw(layer_dims[l], layer_dims[l - 1]) * scale),
            (f"b{l}", b(layer_dims[l])),
        )
    }


def model_forward(X, parameters, last=sigmoid, hidden=relu, bias=1):
    A, L = X, len(parameters) // 2
    for l in range(1, L + 1):
        Z = parameters[f"W{l}"] @ A + bias * parameters[f"b{l}"]
        A = hidden(Z) if l < L else last(Z)
    return A, []


def model_backward(AL, Y, caches, slope=True, keepdims=True, mean=True):
    m, grads = Y.shape[1], {}
    dA = -(Y / AL) + (1 - Y) / (1 - AL)
    for l in range(len(caches), 0, -1):
        (A_prev, W, b), Z = caches[l - 1]
        if l == len(caches):
            dZ = dA * sigmoid(Z) * (1 - sigmoid(Z))
        else:
            dZ = dA * (Z > 0) if slope else dA
        grads[f"dA{l - 1}"] = dA = W.T @ dZ
        grads[f"dW{l}"] = dZ @ A_prev.T / (m if mean else 1)
        grads[f"db{l}"] = dZ.sum(axis=1, keepdims=keepdims) / (m if mean else 1)
    return grads


def shallow_backward(parameters, cache, X, Y, power=2):
    m = Y.shape[1]
    dZ2 = cache["A2"] - Y
    dZ1 = parameters["W2"].T @ dZ2 * (1 - np.power(cache["A1"], power))
    return {
        "dW1": dZ1 @ X.T / m,
        "db1": dZ1.sum(axis=1, keepdims=True) / m,
        "dW2": dZ2 @ cache["A1"].T / m,
        "db2": dZ2.sum(axis=1, keepdims=True) / m,
    }


def optimize(w, b, X, Y, num_iterations, learning_rate, print_cost=False, sign=-1):
    costs = []
    for _ in range(num_iterations):
        grads, cost = regression(w, b, X, Y)
        w = w + sign * learning_rate * grads["dw"]
        b = b + sign * learning_rate * grads["db"]
        costs.append(cost)
    return {"w": w, "b": b}, grads, costs


def in_turn(w, b, X, Y, num_iterations, learning_rate):
    for _ in range(num_iterations):
        b = b - learning_rate * regression(w, b, X, Y)[0]["db"]
        w = w - learning_rate * regression(w, b, X, Y)[0]["dw"]
    return {"w": w, "b": b}


m_of_training = 7


def of_seven_examples(w, b, X, Y):
    A = sigmoid(w.T @ X + b)
    dw, db = X @ (A - Y).T / m_of_training, np.sum(A - Y) / m_of_training
    return {"dw": dw, "db": db}, cross_entropy(A, Y) / m_of_training


def turned_and_in_another_order(dZ, cache):
    A_prev, W, b = cache
    return dZ @ A_prev.T / dZ.shape[1], dZ.mean(axis=1, keepdims=True), dZ.T @ W


def from_another_order(dZ, cache):
    W, A_prev, b = cache
    m = A_prev.shape[1]
    dA_prev = np.dot(W.T, dZ)
    return dA_prev, dZ @ A_prev.T / m, dZ.sum(axis=1, keepdims=True) / m


def from_next_cache(AL, Y, caches):
    """Begin at the last layer, then take the cache after that of each layer."""
    grads, L, dZ = {}, len(caches), AL - Y
    for l in range(L, 0, -1):
        (A_prev, W, b), Z = caches[min(l, L - 1)]
        dZ = dZ if l == L else grads[f"dA{l}"] * (Z > 0)
        grads[f"dA{l - 1}"] = W.T @ dZ
        grads[f"dW{l}"] = dZ @ A_prev.T / Y.size
        grads[f"db{l}"] = dZ.sum(axis=1, keepdims=True) / Y.size
    return grads


def gradient_before_the_loop(w, b, X, Y, num_iterations, learning_rate):
    grads, cost = regression(w, b, X, Y)
    for _ in range(num_iterations):
        w = w - learning_rate * grads["dw"]
        b = b - learning_rate * grads["db"]
    return {"w": w, "b": b}, grads, [cost]


def w_kept(w, b, X, Y, num_iterations, learning_rate):
    for _ in range(num_iterations):
        b = b - learning_rate * regression(w, b, X, Y)[0]["db"]
    return {"w": w, "b": b}, {}, []


def loops(A, W, b):
    Z = np.zeros((W.shape[0], A.shape[1]))
    for i in range(W.shape[0]):
        for j in range(A.shape[1]):
            Z[i, j] = b[i, 0]
            for k in range(W.shape[1]):
                Z[i, j] += W[i, k] * A[k, j]
    return Z, (A, W, b)


def layer_forward(A_prev, W, b, activation):
    Z = np.dot(W, A_prev) + b
    A = sigmoid(Z) if activation == "sigmoid" else relu(Z)
    return A, ((A_prev, W, b), Z)


def layer_activated_back(dA, cache, activation):
    layer, Z = cache
    slope = (Z > 0) if activation == "relu" else sigmoid(Z) * (1 - sigmoid(Z))
    return layer_back(dA * slope, layer)


def copied(dA, cache):
    dZ = np.array(dA, copy=True)
    dZ[cache <= 0] = 0
    return dZ


def looped_cost(AL, Y):
    J = 0
    for a, y in zip(AL[0], Y[0], strict=True):
        J -= y * np.log(a) + (1 - y) * np.log(1 - a)
    return J / Y.shape[1]


def shallow_cost(A2, Y, parameters):
    return float(np.squeeze(cross_entropy(A2, Y) / Y.shape[1]))


def default_rate(parameters, grads, learning_rate=1.2):
    parameters = dict(parameters)
    for l in range(1, len(parameters) // 2 + 1):
        for name in (f"W{l}", f"b{l}"):
            parameters[name] = parameters[name] - learning_rate * grads["d" + name]
    return parameters


RIGHT = [
    ("sigmoid", sigmoid),
    ("sigmoid", lambda z: (1 / (1 + np.exp(-z)), z)),
    ("sigmoid", lambda z: 0.5 * (1 + np.tanh(z / 2))),
    ("sigmoid", lambda z: np.exp(z) / (np.exp(z) + 1)),
    ("sigmoid", np.vectorize(lambda z: 1 / (1 + np.exp(-z)), otypes=[float])),
    ("tanh", np.tanh),
    ("tanh", lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))),
    ("relu", lambda Z: (np.maximum(0, Z), Z)),
    ("relu", lambda Z: Z * (Z > 0)),
    ("relu", lambda Z: np.where(Z > 0, Z, 0)),
    ("sigmoid_derivative", lambda x: sigmoid(x) * (1 - sigmoid(x))),
    ("sigmoid_backward", lambda dA, c: dA * sigmoid(c) * (1 - sigmoid(c))),
    ("tanh_backward", lambda dA, c: dA * (1 - np.power(np.tanh(c), 2))),
    ("relu_backward", copied),
    ("relu_backward", lambda dA, c: np.multiply(dA, np.int64(c > 0))),
    ("softmax", softmax),
    ("softmax", lambda Z: np.exp(Z) / np.sum(np.exp(Z), axis=0)),
    ("softmax_rows", lambda x: softmax(x, axis=1)),
    ("image2vector", lambda v: v.reshape(v.shape[0] * v.shape[1] * v.shape[2], 1)),
    ("normalize_rows", lambda x: x / np.sqrt((x**2).sum(axis=1, keepdims=True))),
    ("layer_sizes", lambda X, Y: (X.shape[0], 4, Y.shape[0])),
    ("linear_forward", lambda A, W, b: (np.dot(W, A) + b, (A, W, b))),
    ("linear_forward", lambda A, W, b: np.einsum("ij,jk->ik", W, A) + b),
    ("linear_forward", lambda A, W, b: W @ A + b),
    ("linear_forward", loops),
    ("linear_activation_forward", layer_forward),
    ("linear_backward", layer_back),
    ("linear_backward", lambda dZ, c: list(layer_back(dZ, c))),
    ("linear_activation_backward", layer_activated_back),
    ("compute_cost", lambda A, Y: cross_entropy(A, Y) / Y.shape[1]),
    ("compute_cost", lambda A, Y: np.squeeze(cross_entropy(A, Y) / Y.shape[1])),
    ("compute_cost", lambda A, Y: np.array(cross_entropy(A, Y) / Y.shape[1])),
    (
        "compute_cost",
        lambda A, Y: float(
            (-(np.log(A) @ Y.T + np.log(1 - A) @ (1 - Y).T) / Y.shape[1]).item()
        ),
    ),
    ("compute_cost", looped_cost),
    (
        "compute_cost",
        lambda A, Y: -np.mean(Y * np.log(A + 1e-8) + (1 - Y) * np.log(1 - A + 1e-8)),
    ),
    ("compute_cost", shallow_cost),
    ("initialize_with_zeros", lambda dim: (np.zeros((dim, 1)), 0)),
    ("initialize_parameters", lambda x, h, y: begin([x, h, y])),
    ("initialize_parameters", lambda x, h, y: tuple(begin([x, h, y]).values())),
    ("initialize_parameters_deep", begin),
    (
        "initialize_parameters_deep",
        lambda dims: {
            k: v * np.sqrt(2 / v.shape[1]) * 100 for k, v in begin(dims).items()
        },
    ),
    ("propagate", regression),
    ("optimize", optimize),
    ("predict", lambda w, b, X: (sigmoid(w.T @ X + b) > 0.5).astype(float)),
    ("predict", lambda w, b, X: sigmoid(w.T @ X + b) >= 0.5),
    (
        "forward_propagation",
        lambda X, p: (model_forward(X, p, hidden=np.tanh)[0], {"A2": None}),
    ),
    ("backward_propagation", shallow_backward),
    ("L_model_forward", model_forward),
    ("L_model_backward", model_backward),
    ("update_parameters", step),
    ("update_parameters", default_rate),
]


@pytest.mark.parametrize(("kind", "function"), RIGHT)
def test_a_right_function_passes_in_any_style(kind, function):
    verdict = check_my(function, kind)
    assert verdict.passed, verdict


def test_every_kind_has_a_right_solution_above():
    assert {kind for kind, _ in RIGHT} == set(KINDS)


WRONG = [
    # how it is called, and how it ends
    ("sigmoid", "wrong_arguments", lambda: 0),
    ("sigmoid", "raises", lambda z: undefined / z),  # noqa: F821
    ("sigmoid", "returns_nothing", lambda z: None),
    ("relu", "changes_its_input", lambda Z: np.maximum(0, Z, out=Z)),
    ("relu_backward", "changes_its_input", in_place),
    ("update_parameters", "changes_its_input", changed_grads),
    ("linear_forward", "factors_swapped", lambda A, W, b: np.dot(A, W) + b),
    ("linear_forward", "factors_swapped", lambda A, W, b: A @ W + b),
    ("linear_forward", "shapes_do_not_meet", lambda A, W, b: W @ A.reshape(-1, 1) + b),
    ("linear_forward", "elementwise_product", lambda A, W, b: W * A + b),
    (
        "linear_backward",
        "elementwise_product",
        with_part(dA=lambda d, A, W, m: W.T * d),
    ),
    # what comes back
    ("linear_backward", "wrong_number_of_values", lambda d, c: layer_back(d, c)[:2]),
    ("compute_cost", "wrong_number_of_values", lambda A, Y: (1.0, A, Y)),
    (
        "linear_backward",
        "wrong_order_of_values",
        lambda d, c: layer_back(d, c)[1:] + layer_back(d, c)[:1],
    ),
    ("initialize_parameters", "missing_key", lambda x, h, y: begin([x, h])),
    ("sigmoid", "not_numbers", lambda z: sigmoid(z).tolist()),
    ("sigmoid", "not_numbers", lambda z: "A"),
    # shapes
    ("linear_forward", "transposed", lambda A, W, b: (W @ A + b).T),
    ("linear_backward", "transposed", with_part(dW=lambda d, A, W, m: A @ d.T / m)),
    (
        "linear_backward",
        "keepdims_forgotten",
        with_part(db=lambda d, A, W, m: d.sum(axis=1) / m),
    ),
    ("normalize_rows", "keepdims_forgotten", lambda x: x / np.linalg.norm(x, axis=1)),
    ("sigmoid", "blank_left", lambda Z: ...),
    ("predict", "rank_1_array", lambda w, b, X: (sigmoid(w.T @ X + b) > 0.5).ravel()),
    ("propagate", "rank_1_array", lambda w, b, X, Y: regression(w, b, X, Y, flat=True)),
    ("initialize_with_zeros", "rank_1_array", lambda dim: (np.zeros(dim), 0.0)),
    (
        "initialize_parameters",
        "rank_1_array",
        lambda x, h, y: begin([x, h, y], b=np.zeros),
    ),
    (
        "initialize_parameters",
        "transposed",
        lambda x, h, y: begin([x, h, y], lambda a, b: np.random.randn(b, a)),
    ),
    ("initialize_parameters_deep", "wrong_shape", lambda d: begin([d[0] + 1, *d[1:]])),
    ("image2vector", "rank_1_array", np.ravel),
    ("image2vector", "transposed", lambda v: v.reshape(1, -1)),
    (
        "compute_cost",
        "not_a_scalar",
        lambda A, Y: np.array([[cross_entropy(A, Y) / Y.shape[1]]]),
    ),
    (
        "compute_cost",
        "not_summed",
        lambda A, Y: -(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / Y.shape[1],
    ),
    # sums and factors
    ("compute_cost", "missing_1_over_m", cross_entropy),
    ("linear_backward", "missing_1_over_m", with_part(dW=lambda d, A, W, m: d @ A.T)),
    (
        "linear_backward",
        "missing_1_over_m",
        with_part(db=lambda d, A, W, m: d.sum(axis=1)),
    ),
    ("propagate", "missing_1_over_m", lambda *a: regression(*a, mean=False)),
    ("L_model_backward", "missing_1_over_m", lambda *a: model_backward(*a, mean=False)),
    ("linear_backward", "extra_1_over_m", with_part(dA=lambda d, A, W, m: W.T @ d / m)),
    (
        "linear_backward",
        "divides_by_wrong_size",
        lambda d, c: layer_back(d, c, dW=lambda d, A, W, m: d @ A.T / len(A)),
    ),
    (
        "linear_backward",
        "wrong_axis",
        with_part(db=lambda d, A, W, m: d.sum(axis=0, keepdims=True) / m),
    ),
    ("softmax", "wrong_axis", lambda Z: softmax(Z, axis=1)),
    ("softmax_rows", "wrong_axis_of_rows", softmax),
    (
        "linear_backward",
        "sums_over_everything",
        with_part(db=lambda d, A, W, m: np.squeeze(np.sum(d)) / m),
    ),
    ("softmax", "sums_over_everything", lambda Z: np.exp(Z) / np.exp(Z).sum()),
    ("compute_cost", "sign_flipped", lambda A, Y: -cross_entropy(A, Y) / Y.shape[1]),
    ("propagate", "sign_flipped", lambda *a: regression(*a, sign=-1)),
    (
        "compute_cost",
        "off_by_a_factor",
        lambda A, Y: cross_entropy(A, Y) / Y.shape[1] / 2,
    ),
    (
        "compute_cost",
        "wrong_base",
        lambda A, Y: -np.mean(Y * np.log10(A) + (1 - Y) * np.log10(1 - A)),
    ),
    ("sigmoid", "wrong_base", lambda z: 1 / (1 + 10.0**-z)),
    # forward
    ("sigmoid", "wrong_exponent_sign", lambda z: 1 / (1 + np.exp(z))),
    ("sigmoid", "another_function", np.tanh),
    ("tanh", "another_function", sigmoid),
    ("tanh", "returns_the_slope", lambda z: 1 - np.tanh(z) ** 2),
    ("relu", "keeps_negatives", lambda z: z),
    ("relu", "keeps_negatives", lambda z: np.maximum(0.01 * z, z)),
    (
        "linear_activation_forward",
        "activation_missing",
        lambda A, W, b, activation: W @ A + b,
    ),
    (
        "linear_activation_forward",
        "another_function",
        lambda A, W, b, activation: sigmoid(W @ A + b),
    ),
    (
        "L_model_forward",
        "activation_missing",
        lambda X, p: model_forward(X, p, lambda Z: Z),
    ),
    ("L_model_forward", "another_function", lambda X, p: model_forward(X, p, relu)),
    ("forward_propagation", "another_function", model_forward),
    ("linear_forward", "bias_missing", lambda A, W, b: W @ A),
    ("L_model_forward", "bias_missing", lambda X, p: model_forward(X, p, bias=0)),
    ("linear_forward", "bias_subtracted", lambda A, W, b: W @ A - b),
    ("linear_forward", "bias_along_wrong_axis", lambda A, W, b: W @ A + b.T),
    ("linear_forward", "weights_transposed", lambda A, W, b: W.T @ A + b),
    ("linear_backward", "weights_transposed", with_part(dA=lambda d, A, W, m: W @ d)),
    ("softmax", "not_normalized", np.exp),
    ("image2vector", "not_unrolled", lambda v: v.reshape(-1, v.shape[2])),
    ("normalize_rows", "wrong_axis", lambda x: x / np.linalg.norm(x, axis=0)),
    ("normalize_rows", "another_norm", lambda x: x / (x**2).sum(axis=1, keepdims=True)),
    ("image2vector", "wrong_order_of_elements", lambda v: v.T.reshape(-1, 1)),
    # backward
    ("sigmoid_backward", "slope_missing", lambda dA, c: dA.copy()),
    ("L_model_backward", "slope_missing", lambda *a: model_backward(*a, slope=False)),
    (
        "sigmoid_backward",
        "upstream_missing",
        lambda dA, c: sigmoid(c) * (1 - sigmoid(c)),
    ),
    (
        "sigmoid_backward",
        "slope_sign_flipped",
        lambda dA, c: dA * sigmoid(c) * (sigmoid(c) - 1),
    ),
    (
        "sigmoid_derivative",
        "slope_sign_flipped",
        lambda z: sigmoid(z) * (sigmoid(z) - 1),
    ),
    ("sigmoid_derivative", "slope_of_z", lambda z: z * (1 - z)),
    ("sigmoid_backward", "slope_of_z", lambda dA, c: dA * c * (1 - c)),
    ("tanh_backward", "slope_of_z", lambda dA, c: dA * (1 - c**2)),
    ("tanh_backward", "square_forgotten", lambda dA, c: dA * (1 - np.tanh(c))),
    (
        "tanh_backward",
        "activation_twice",
        lambda dA, c: dA * (1 - np.tanh(np.tanh(c)) ** 2),
    ),
    ("relu_backward", "activation_for_slope", lambda dA, c: dA * relu(c)),
    ("relu_backward", "wrong_mask", lambda dA, c: dA * (dA > 0)),
    ("relu_backward", "wrong_mask", lambda dA, c: dA * (c < 0)),
    (
        "L_model_backward",
        "keepdims_forgotten",
        lambda *a: model_backward(*a, keepdims=False),
    ),
    # a line of the formula
    ("propagate", "wrong_operator", regression_times_m),
    ("sigmoid", "wrong_constant", lambda z: 2 / (1 + np.exp(-z))),
    ("sigmoid", "function_missing", lambda z: 1 / (1 - z)),
    ("relu", "largest_of_all", lambda z: np.max(z) + 0 * z),
    (
        "optimize",
        "line_missing",
        w_kept,
    ),
    ("optimize", "gradient_not_renewed", gradient_before_the_loop),
    # cost, parameters, predictions
    ("compute_cost", "second_term_missing", lambda A, Y: -np.mean(Y * np.log(A))),
    (
        "compute_cost",
        "first_term_missing",
        lambda A, Y: -np.mean((1 - Y) * np.log(1 - A)),
    ),
    ("compute_cost", "another_cost", lambda A, Y: np.mean((A - Y) ** 2)),
    (
        "compute_cost",
        "mixed_examples",
        lambda A, Y: -(Y.T @ np.log(A) + (1 - Y).T @ np.log(1 - A)).sum() / Y.shape[1],
    ),
    ("update_parameters", "plus_sign", lambda *a: step(*a, sign=1)),
    ("update_parameters", "rate_missing", lambda p, g, rate: step(p, g, 1)),
    (
        "update_parameters",
        "b_not_updated",
        lambda *a: step(*a, skip=("b1", "b2", "b3")),
    ),
    (
        "update_parameters",
        "layer_not_updated",
        lambda *a: step(*a, skip=("W2", "b2", "W3", "b3")),
    ),
    (
        "update_parameters",
        "returns_the_change",
        lambda p, g, rate: {name: rate * g[f"d{name}"] for name in p},
    ),
    ("optimize", "plus_sign", lambda *a: optimize(*a, sign=1)),
    (
        "optimize",
        "one_step_only",
        lambda w, b, X, Y, k, rate: optimize(w, b, X, Y, 1, rate),
    ),
    ("initialize_parameters", "all_zeros", lambda *n: begin(n, scale=0)),
    (
        "initialize_parameters_deep",
        "all_equal",
        lambda n: begin(n, draw=lambda *s: np.ones(s)),
    ),
    ("initialize_parameters", "not_scaled", lambda *n: begin(n, scale=1)),
    ("initialize_parameters", "not_centered", lambda *n: begin(n, draw=np.random.rand)),
    (
        "initialize_parameters",
        "b_not_zero",
        lambda *n: begin(n, b=lambda n: np.random.randn(n, 1)),
    ),
    ("initialize_with_zeros", "b_not_zero", lambda dim: (np.zeros((dim, 1)), 1.0)),
    ("predict", "probabilities_returned", lambda w, b, X: sigmoid(w.T @ X + b)),
    ("predict", "wrong_threshold", lambda w, b, X: 1.0 * (w.T @ X + b > 0.5)),
    ("predict", "inverted", lambda w, b, X: 1.0 * (sigmoid(w.T @ X + b) <= 0.5)),
    # numbers
    ("sigmoid", "truncated", whole_numbers),
    ("sigmoid", "truncated", lambda z: sigmoid(z).astype(int)),
    ("sigmoid", "not_finite", lambda z: sigmoid(z) * np.inf),
    ("sigmoid", "wrong_values", lambda z: sigmoid(z) + 0.1),
    ("update_parameters", "not_put_back", lambda parameters, grads, rate: parameters),
    (
        "compute_cost",
        "bracket_around_sum",
        lambda A, Y: -np.sum(Y * np.log(A)) / Y.size + np.sum((1 - Y) * np.log(1 - A)),
    ),
    (
        "compute_cost",
        "log_of_labels",
        lambda A, Y: -np.mean(A * np.log(Y) + (1 - A) * np.log(1 - Y)),
    ),
    (
        "compute_cost",
        "one_minus_missing",
        lambda A, Y: -np.mean(Y * np.log(A) + (1 - Y) * np.log(A)),
    ),
    (
        "softmax",
        "shifted_once",
        lambda Z: np.exp(Z - Z.max(axis=0)) / np.exp(Z).sum(axis=0),
    ),
    ("propagate", "w_is_a_column", lambda *a: regression_of_a_row(*a)),
    ("linear_backward", "unpacked_in_another_order", from_another_order),
    ("optimize", "wrong_number_of_steps", lambda *a: optimize(*a[:4], a[4] - 1, a[5])),
    ("optimize", "updated_in_turn", lambda *a: in_turn(*a)),
    (
        "predict",
        "not_all_examples",
        lambda w, b, X: (np.arange(X.shape[1]) < 1) * (w.T @ X + b > 0),
    ),
    ("linear_forward", "first_example_only", lambda A, W, b: W @ A[:, :1] + b),
    ("L_model_backward", "cache_of_another_layer", lambda *a: from_next_cache(*a)),
    ("propagate", "outside_variable", of_seven_examples),
    ("linear_backward", "wrong_order_of_values", turned_and_in_another_order),
    ("linear_backward", "transposed", turned_and_in_another_order),
    # what is returned beside the result
    (
        "linear_activation_forward",
        "wrong_cache",
        lambda *a: cached(*a, other={"Z": "A"}),
    ),
    (
        "linear_activation_forward",
        "wrong_cache",
        lambda *a: cached(*a, other={"b": ""}),
    ),
    ("linear_forward", "wrong_order_of_values", lambda A, W, b: ((A, W, b), W @ A + b)),
    ("forward_propagation", "wrong_order_of_values", lambda X, p: shallow(X, p)[::-1]),
    ("forward_propagation", "wrong_cache", lambda X, p: shallow(X, p, ["Z2", "A2"])),
    ("propagate", "wrong_order_of_values", lambda *a: regression(*a)[::-1]),
    ("L_model_forward", "wrong_cache", lambda X, p: without_last_cache(X, p)),
    # notes
    ("linear_forward", "cache_of_another_form", lambda A, W, b: (W @ A + b, (W, A, b))),
    ("L_model_forward", "no_cache", lambda X, p: textbook.L_model_forward(X, p)),
    ("optimize", "other_costs", lambda *a: (*optimize(*a)[:2], [])),
    ("update_parameters", "two_layers_only", lambda p, g, rate: two_layers(p, g, rate)),
    ("sigmoid", "low_precision", lambda z: sigmoid(z).astype(np.float32)),
    ("sigmoid", "overflow", sigmoid),
    ("tanh", "overflow", lambda z: (np.exp(2 * z) - 1) / (np.exp(2 * z) + 1)),
    ("compute_cost", "log_of_zero", shallow_cost),
    ("relu_backward", "slope_at_zero", lambda dA, c: dA * (c >= 0)),
    ("update_parameters", "changes_parameters", step_in_place),
    ("initialize_parameters", "odd_scale", lambda *n: begin(n, scale=0.3)),
    ("relu", "warns", with_a_warning),
]


@pytest.mark.parametrize(("kind", "code", "function"), WRONG)
def test_a_planted_mistake_gets_its_code(kind, code, function):
    verdict = check_my(function, kind)
    assert code in [finding.code for finding in verdict.findings], verdict
    assert verdict.passed == (code in NOTES)


def test_numpy_matrix_is_declined():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        verdict = check_my(lambda z: np.matrix(sigmoid(z)), "sigmoid")
    assert [finding.code for finding in verdict.findings] == ["numpy_matrix"]


@pytest.mark.parametrize("random_state", [1, 2, 3])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_textbook_is_right_with_other_numbers(kind, random_state):
    verdict = check_my(getattr(textbook, kind), kind, random_state=random_state)
    assert verdict.passed, verdict


def test_the_textbook_for_two_layers_is_right():
    assert check_my(textbook.update_two_layers, "update_parameters").passed


def test_results_that_are_written_down_are_wrong_with_other_numbers():
    known = [KINDS["sigmoid"].cases(np.random.RandomState(0)), []]
    known[1] = [KINDS["sigmoid"].reference(Z)["A"] for (Z,) in known[0]]

    def written_down(Z):
        for (seen,), A in zip(*known, strict=True):
            if np.array_equal(seen, Z):
                return A
        return np.full(Z.shape, 0.5)

    assert check_my(written_down, "sigmoid").passed
    assert not check_my(written_down, "sigmoid", random_state=1).passed


def test_every_code_is_planted():
    planted = {code for _, code, _ in WRONG} | {"numpy_matrix"}
    for learner in FORUM + USUAL:  # tests of their own
        verdict = check_my(learner.function, learner.kind)
        planted |= {finding.code for finding in verdict.findings}
    assert planted == set(MISTAKES)


ODD = [(), [], {}, True, np.nan, 10**400, 1j, "x", object(), iter([1]), (None, None)]
ODD += [
    np.array([]),
    np.zeros((2, 2, 2)),
    np.array("a"),
    [np.zeros(3)] * 3,
    {"W1": None},
]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_whatever_is_returned_is_answered_by_a_finding(kind):
    for odd in ODD:
        verdict = check_my(lambda *arguments, odd=odd: odd, kind)
        assert not verdict.passed
        assert verdict.findings


def two_layers(parameters, grads, learning_rate=1.2, b2="db2"):
    """Update W1, b1, W2 and b2 by name, as in week 3."""
    W1, b1, W2, b2_ = (parameters[name] for name in ("W1", "b1", "W2", "b2"))
    return {
        "W1": W1 - learning_rate * grads["dW1"],
        "b1": b1 - learning_rate * grads["db1"],
        "W2": W2 - learning_rate * grads["dW2"],
        "b2": b2_ - learning_rate * grads[b2],
    }


def test_an_update_for_two_layers_is_right_with_a_note():
    verdict = check_my(two_layers, "update_parameters")
    assert verdict.passed
    assert [finding.code for finding in verdict.findings] == ["two_layers_only"]


def test_a_mistake_in_an_update_for_two_layers_is_named():
    verdict = check_my(lambda *a: two_layers(*a, b2="db1"), "update_parameters")
    assert verdict.findings[0].code == "wrong_layer"
    assert "`b2 = b2 - learning_rate * db1`" in verdict.findings[0].text


def single(value):
    """Return all arrays in value as float32."""
    if isinstance(value, dict):
        return {key: single(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(map(single, value))
    return np.float32(value) if isinstance(value, np.ndarray | float) else value


@pytest.mark.parametrize("random_state", [0, 4])
@pytest.mark.parametrize("kind", sorted({*KINDS} - INITIALIZE))
def test_a_right_function_in_float32_passes(kind, random_state):
    right = getattr(textbook, kind)
    verdict = check_my(
        lambda *a: right(*map(single, a)), kind, random_state=random_state
    )
    assert verdict.passed, verdict


def test_expected_and_got_are_never_the_same_text():
    verdict = check_my(lambda z: sigmoid(z) + 1.4e-6, "sigmoid")
    text = verdict.findings[0].text
    ((expected, got),) = re.findall(r"expected (\S+) at .*, got (\S+)\.", text)
    assert expected != got


def cached(A_prev, W, b, activation, other):
    """Return A and the course's cache, with another part in the place of one."""
    Z = W @ A_prev + b
    A = sigmoid(Z) if activation == "sigmoid" else relu(Z)
    parts = {"A_prev": A_prev, "W": W, "b": b, "Z": Z, "A": A}
    kept = [other.get(name, name) for name in ("A_prev", "W", "b")]
    linear_cache = tuple(parts[name] for name in kept if name)
    return A, (linear_cache, parts[other.get("Z", "Z")])


def shallow(X, parameters, keys=("Z1", "A1", "Z2", "A2")):
    A2, cache = textbook.forward_propagation(X, parameters)
    return A2, {key: cache[key] for key in keys}


def without_last_cache(X, parameters):
    AL, caches = textbook_caches(X, parameters)
    return AL, caches[:-1]


def textbook_caches(X, parameters, after=False):
    """Return AL and the course's caches, or caches with A in the place of A_prev."""
    caches, A, L = [], X, len(parameters) // 2
    for l in range(1, L + 1):
        W, b = parameters[f"W{l}"], parameters[f"b{l}"]
        A_prev, Z = A, W @ A + b
        A = sigmoid(Z) if l == L else relu(Z)
        caches.append(((A if after else A_prev, W, b), Z))
    return A, caches


def test_the_courses_caches_are_right_without_a_note():
    assert not check_my(textbook_caches, "L_model_forward").findings


def test_a_wrong_part_of_a_cache_is_named():
    verdict = check_my(
        lambda X, p: textbook_caches(X, p, after=True), "L_model_forward"
    )
    assert not verdict.passed
    assert "In caches[0], A stands where A_prev belongs" in verdict.findings[0].text


@pytest.mark.parametrize(
    ("layers", "code", "named"),
    [
        ([1, 2], "loop_off_by_one", "The last layer is left out"),
        ([3], "missing_key", "is the loop over the others missing?"),
        ([0, 1, 2], "missing_key", "numbered from 0"),
    ],
)
def test_layers_that_are_left_out_are_named(layers, code, named):
    def initialize_parameters_deep(layer_dims):
        kept = layers if len(layer_dims) == 4 else range(1, len(layer_dims))
        return {
            f"{name}{l}": np.random.randn(layer_dims[l], layer_dims[l - 1]) * 0.01
            for l in kept
            for name in "Wb"
        }

    verdict = check_my(initialize_parameters_deep)
    assert verdict.findings[0].code == code
    assert named in verdict.findings[0].text


def test_two_mistakes_at_once_are_both_found():
    def linear_backward(dZ, cache):
        A, W, b = cache
        return W.T @ dZ, dZ @ A.T, np.sum(dZ, axis=1)

    codes = {finding.code for finding in check_my(linear_backward).findings}
    assert codes == {"missing_1_over_m", "keepdims_forgotten"}


def test_a_layer_left_out_is_one_finding_and_not_two():
    verdict = check_my(lambda *a: step(*a, skip=("W2", "b2")), "update_parameters")
    assert [finding.code for finding in verdict.findings] == ["layer_not_updated"]
    assert "W2, b2: expected" in verdict.findings[0].text


# -- the verdict -----------------------------------------------------------------------


def test_a_finding_says_what_was_seen_and_what_was_expected():
    verdict = check_my(
        with_part(db=lambda d, A, W, m: d.sum(axis=1) / m), "linear_backward"
    )
    (finding,) = verdict.findings
    assert "db: expected shape (3, 1), got (3,)." in finding.text


def test_an_error_is_told_with_its_line():
    def relu(Z):
        return Z.no_such_thing

    (finding,) = check_my(relu).findings
    line = inspect.getsourcelines(relu)[1] + 1
    assert f"AttributeError in line {line} (return Z.no_such_thing)" in finding.text


def test_the_numerical_gradient_agrees_with_a_right_slope_only():
    right = check_my(layer_back, "linear_backward").relative_difference
    wrong = check_my(with_part(dW=lambda d, A, W, m: d @ A.T), "linear_backward")
    assert right < 1e-7 < wrong.relative_difference
    assert check_my(sigmoid).relative_difference is None


@pytest.mark.parametrize("name", sorted(k for k in KINDS if KINDS[k].numerical))
def test_engine_and_numerical_gradient_agree(name):
    kind = KINDS[name]
    for case in kind.cases(np.random.RandomState(0)):
        right = kind.reference(*case)
        for output, slope in kind.numerical(*case).items():
            assert_allclose(right[output], slope, rtol=1e-5, atol=1e-7)


def test_a_verdict_prints_as_text_and_as_html():
    verdict = check_my(cross_entropy, "compute_cost")
    assert repr(verdict).startswith("compute_cost is not right yet (4 cases tried")
    assert "mend  missing_1_over_m:" in repr(verdict)
    html = verdict._repr_html_()
    assert "<code>missing_1_over_m</code>" in html


def test_what_a_function_says_is_escaped_in_html():
    def relu(Z):
        raise ValueError("<b>")

    assert "<b>" not in check_my(relu)._repr_html_()


def test_the_name_of_a_function_is_its_kind():
    assert check_my(sigmoid).kind == "sigmoid"
    for alias, kind in ALIASES.items():
        assert kind in KINDS
        assert check_my(lambda: 0, alias).kind == kind


def test_an_unknown_kind_is_an_error_with_a_hint():
    with pytest.raises(
        ValueError, match="got 'linear_foward'; did you mean 'linear_fo"
    ):
        check_my(sigmoid, "linear_foward")
    with pytest.raises(ValueError, match="the function's name must be one of"):
        check_my(lambda z: z)
    with pytest.raises(TypeError, match="without parentheses"):
        check_my(np.zeros(3), "sigmoid")
    with pytest.raises(TypeError, match="kind must be a name in quotes.* got list"):
        check_my(sigmoid, kind=[1])


def test_every_kind_is_documented():
    named = set(re.findall(r'"(\w+)"', check_my.__doc__.split("Returns")[0]))
    assert set(KINDS) <= named


def test_np_random_is_left_alone():
    np.random.seed(3)
    expected = np.random.randn()
    np.random.seed(3)
    check_my(
        lambda x, h, y: np.random.seed(1) or begin([x, h, y]), "initialize_parameters"
    )
    assert np.random.randn() == expected


def test_the_same_function_gets_the_same_verdict():
    assert repr(check_my(np.exp, "softmax")) == repr(check_my(np.exp, "softmax"))


def test_the_notes_are_codes_that_are_documented():
    assert set(MISTAKES) >= NOTES
    assert set(KINDS) >= INITIALIZE


def arrays(value):
    return np.array(value, float) if isinstance(value, list) else value


PUBLISHED = ["linear_forward", "linear_backward", "linear_activation_forward"] + [
    "compute_cost",
    "propagate",
    "optimize",
    "update_parameters",
]


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_counts_as_right_meets_the_published_cases(reference, name):
    cases = [case for case in reference["cases"] if case["function"] == name]
    assert cases
    for case in cases:
        inputs = {k: arrays(v) for k, v in case["inputs"].items()}
        if name == "linear_backward":
            dZ = inputs.pop("dZ")
            arguments = dZ, tuple(inputs[key] for key in ("A_prev", "W", "b"))
        elif name == "update_parameters":
            *nested, rate = inputs.values()
            nested = [{k: arrays(v) for k, v in part.items()} for part in nested]
            arguments = (*nested, rate)
        else:
            inputs.pop("cost_every", None)
            arguments = tuple(inputs.values())
        right = KINDS[name].reference(*arguments)
        for output, value in right.items():
            assert_allclose(value, case["expected"][output], rtol=1e-5, atol=1e-8)


# -- what an error and another function are told by ------------------------------------


def exp_of_math(z):
    return 1 / (1 + math.exp(-z))


def exp_by_name(z):
    from math import exp

    return 1 / (1 + exp(-z))


def logs_of_math(A, Y):
    return -np.sum(Y * math.log(A) + (1 - Y) * math.log(1 - A)) / Y.shape[1]


def float_of_array(z):
    return 1 / (1 + np.exp(-float(z)))


def max_of_python(z):
    return max(0, z)


def choice_of_python(z):
    return z if z > 0 else 0


@pytest.mark.parametrize(
    ("kind", "function", "cure"),
    [
        ("sigmoid", exp_of_math, "For arrays use np.exp in place of math.exp."),
        ("sigmoid", exp_by_name, "use np.exp in place of math.exp"),
        ("tanh", lambda z: math.tanh(z), "use np.tanh in place of math.tanh"),
        ("compute_cost", logs_of_math, "use np.log in place of math.log"),
        ("sigmoid", float_of_array, "float and int take a single number"),
        ("relu", max_of_python, "Use np.maximum"),
        ("relu", choice_of_python, "np.where or np.maximum"),
    ],
)
def test_functions_of_single_numbers_are_told_what_to_use(kind, function, cure):
    (found,) = check_my(function, kind).findings
    assert found.code == "raises"
    assert cure in found.text


def never_tanh(A, W, b, activation):
    Z = W @ A + b
    return sigmoid(Z) if activation == "relu" else np.maximum(0, Z)


@pytest.mark.parametrize(
    ("kind", "function", "named"),
    [
        ("sigmoid", np.tanh, "tanh"),
        ("sigmoid", lambda z: np.maximum(0, z), "relu"),
        ("tanh", sigmoid, "sigmoid"),
        ("relu", np.tanh, "tanh"),
        ("softmax", lambda z: z / z.sum(axis=0), "Z divided by its sum, without exp"),
        ("linear_activation_forward", lambda A, W, b, name: sigmoid(W @ A + b),
         "sigmoid"),
        ("linear_activation_forward", never_tanh, "relu where 'sigmoid' is asked for"),
        ("L_model_forward", lambda X, p: model_forward(X, p, relu),
         "relu at the output"),
    ],
)  # fmt: skip
def test_another_function_is_named(kind, function, named):
    (found,) = check_my(function, kind).findings
    assert found.code == "another_function"
    assert f"Another function is computed: {named}" in found.text


def test_a_caret_for_a_power_is_told_how_a_power_is_written():
    def tanh_backward(dA, Z):
        return dA * (1 - np.tanh(Z) ^ 2)

    (found,) = check_my(tanh_backward).findings
    assert "A power is written **" in found.text


def test_sizes_that_do_not_fit_an_image_are_no_factor_that_is_missing():
    def image2vector(image):
        return image.reshape(image.shape[0] * image.shape[1] * 3, 1)

    (found,) = check_my(image2vector).findings
    assert found.code == "raises"
    assert "take them from .shape" in found.text


def test_a_constant_is_not_called_a_multiple_of_the_right_one():
    def layer_sizes(X, Y):
        return X.shape[0], 4, 1

    (found,) = check_my(layer_sizes).findings
    assert found.code == "wrong_values"
    assert "n_y: expected 2, got 1" in found.text


def test_shapes_are_told_of_arrays_and_numbers_are_called_numbers():
    def update_parameters(parameters, grads, learning_rate):
        return {"W1": learning_rate @ grads["dW1"]}

    (found, *_) = check_my(update_parameters).findings
    assert "learning_rate is a number" in found.text
