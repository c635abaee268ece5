"""Frequent mistakes in the course's functions, and what each would return.

A wrong result is compared with the results of these mistakes. A mistake that explains
every case gives its code to the finding. If none does, the code is a general one, such
as "wrong_values" or "wrong_shape".

A function `of_...` takes the arguments of a case and returns pairs of a code and the
result of the mistake: a dict by name, or an array if the function returns one value.
The result is None if the mistake cannot show with the shapes of this case. Specific
mistakes come before general ones.
"""

from itertools import permutations

import numpy as np

from .functions import (
    DEEP,
    SHALLOW,
    activate,
    chain,
    cost,
    deep_gradients,
    gradients,
    linear,
    linear_slopes,
    logistic,
    optimized,
    outputs,
    probabilities,
    propagated,
    stepped,
)

OTHER = {"relu": "sigmoid", "sigmoid": "relu"}
SWAPPED = "relu where 'sigmoid' is asked for, sigmoid where 'relu' is"


def mistakes(name, arguments, right):
    """Return pairs of a code and a dict of wrong values, for one case of a function.

    A colon and a detail may follow the code, as `finding` takes it.
    """
    with np.errstate(all="ignore"):
        pairs = WRONG_VALUES[name](*arguments) if name in WRONG_VALUES else []
    (first, *_) = right
    return [
        (code, wrong if isinstance(wrong, dict) else {first: wrong})
        for code, wrong in pairs
    ]


def of_any(value, m):
    """Return mistakes in any value; m is its number of columns, None if it has none."""
    pairs = [("sign_flipped", -value)]
    if m is not None:
        pairs += [("missing_1_over_m", value * m), ("extra_1_over_m", value / m)]
    if value.ndim == 0:
        return [
            *pairs,
            ("not_a_scalar", value.reshape(1, 1)),
            ("not_a_scalar", value[None]),
        ]
    pairs += [("truncated", np.trunc(value)), ("truncated", np.floor(value))]
    if value.ndim == 2 and value.shape[1] > 1:
        pairs += [("first_example_only", value[:, :1])]
    elif value.ndim == 2:
        pairs += [("first_example_only", None)]
    if value.ndim == 2:
        flat = value.ravel() if 1 in value.shape else None
        pairs += [("transposed", value.T), ("rank_1_array", flat)]
    return pairs


# -- forward ---------------------------------------------------------------------------


def of_activation(name, Z):
    others = sorted({"sigmoid", "tanh", "relu"} - {name})
    return [
        ("returns_the_slope", chain(name, np.ones(Z.shape), Z)),
        *((f"another_function:{other}", activate(other, Z)) for other in others),
    ]


def of_sigmoid(Z):
    return [
        ("wrong_exponent_sign", activate("sigmoid", -Z)),
        ("wrong_base", activate("sigmoid", Z * np.log(2))),
        ("wrong_base", activate("sigmoid", Z * np.log(10))),
        *of_activation("sigmoid", Z),
    ]


def of_relu(Z):
    return [
        ("keeps_negatives", Z),
        ("keeps_negatives", np.maximum(0.01 * Z, Z)),
        ("keeps_negatives", np.abs(Z)),
        *of_activation("relu", Z),
    ]


def of_softmax(Z, units=0):
    E = np.exp(Z)
    return [
        (
            "wrong_axis_of_rows" if units else "wrong_axis",
            E / E.sum(axis=1 - units, keepdims=True),
        ),
        ("sums_over_everything", E / E.sum()),
        ("not_normalized", E),
        (
            "another_function:Z divided by its sum, without exp",
            Z / Z.sum(axis=units, keepdims=True),
        ),
        ("wrong_base", 2.0**Z / (2.0**Z).sum(axis=units, keepdims=True)),
        ("wrong_base", 10.0**Z / (10.0**Z).sum(axis=units, keepdims=True)),
    ]


def of_normalize_rows(x):
    squares = np.sum(x**2, axis=1, keepdims=True)
    return [
        ("wrong_axis", x / np.linalg.norm(x, axis=0, keepdims=True)),
        ("sums_over_everything", x / np.linalg.norm(x)),
        ("another_norm", x / np.abs(x).sum(axis=1, keepdims=True)),
        ("another_norm", x / squares),
        ("another_norm", x / x.sum(axis=1, keepdims=True)),
        ("another_norm", x / np.abs(x).max(axis=1, keepdims=True)),
        ("another_norm", x / x.std(axis=1, keepdims=True)),
        (
            "another_norm",
            (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True),
        ),
    ]


def of_image2vector(image):
    height, width, depth = image.shape
    shapes = [(height * width, depth), (height, width * depth), (height, width, depth)]
    orders = list(permutations(range(image.ndim)))[1:]
    return [
        ("not_unrolled", image.reshape(shapes[0])),
        ("not_unrolled", image.reshape(shapes[1])),
        ("not_unrolled", image.reshape(shapes[2])),
        *(
            ("wrong_order_of_elements", image.transpose(order).reshape(-1, 1))
            for order in orders
        ),
    ]


def of_linear(A_prev, W, b):
    (n_out, n_in), m = W.shape, A_prev.shape[1]
    meets = m in (1, n_out) or n_out == 1
    return [
        ("bias_missing", linear(A_prev, W, 0 * b)),
        ("bias_subtracted", linear(A_prev, W, -b)),
        ("bias_along_wrong_axis", linear(A_prev, W, 0 * b) + b.T if meets else None),
        ("weights_transposed", linear(A_prev, W.T, b) if n_out == n_in else None),
    ]


def of_linear_activation(A_prev, W, b, name):
    Z = linear(A_prev, W, b)
    return [
        ("activation_missing", Z),
        ("another_function:sigmoid, also for 'relu'", activate("sigmoid", Z)),
        ("another_function:relu, also for 'sigmoid'", activate("relu", Z)),
        (f"another_function:{SWAPPED}", activate(OTHER[name], Z)),
        *(
            (code, None if wrong is None else activate(name, wrong))
            for code, wrong in of_linear(A_prev, W, b)
        ),
    ]


def of_network(X, parameters, hidden):
    """Return mistakes of a forward pass that should end in a sigmoid."""
    Z = outputs(parameters, X, hidden)
    no_bias = outputs(parameters, X, hidden, bias=False)
    pairs = [
        ("activation_missing", Z),
        ("bias_missing", activate("sigmoid", no_bias)),
        ("another_function:relu at the output", activate("relu", Z)),
        ("another_function:tanh at the output", activate("tanh", Z)),
    ]
    for name in ("identity", "sigmoid", "tanh", "relu"):
        code = f"another_function:{name} in the hidden layers"
        code = "activation_missing" if name == "identity" else code
        wrong = probabilities(parameters, X, [name] * len(hidden))
        pairs.append((code, None if name in hidden else wrong))
    return pairs


# -- backward --------------------------------------------------------------------------


def of_slope(name, dA, Z):
    """Return mistakes of dZ = dA g'(Z)."""
    A = activate(name, Z)
    return [
        ("slope_missing", dA),
        ("upstream_missing", chain(name, np.ones(Z.shape), Z)),
        ("activation_for_slope", dA * A),
        ("activation_twice", chain(name, dA, A)),
    ]


def of_sigmoid_backward(dA, Z):
    return [
        ("slope_sign_flipped", -chain("sigmoid", dA, Z)),
        ("slope_of_z", dA * Z * (1 - Z)),
        *of_slope("sigmoid", dA, Z),
    ]


def of_tanh_backward(dA, Z):
    return [
        ("slope_of_z", dA * (1 - Z**2)),
        ("square_forgotten", dA * (1 - activate("tanh", Z))),
        *of_slope("tanh", dA, Z),
    ]


def of_relu_backward(dA, Z):
    return [
        ("wrong_mask", dA * (dA > 0)),
        ("wrong_mask", dA * (Z <= 0)),
        ("wrong_mask", np.where(Z > 0, dA, 1)),
        *of_slope("relu", dA, Z),
    ]


def of_sum(name, dZ):
    """Return mistakes of db = 1/m sum of dZ over the examples."""
    m, one_each = dZ.shape[1], dZ.sum(axis=1, keepdims=True) / dZ.shape[1]
    total = np.float64(one_each.sum())
    pairs = [
        ("keepdims_forgotten", one_each.ravel()),
        ("sums_over_everything", total),
        ("sums_over_everything", total.reshape(1, 1)),
        ("sums_over_everything", np.full(one_each.shape, total)),
        ("sums_over_everything", total / len(dZ)),
        ("wrong_axis", dZ.sum(axis=0, keepdims=True) / m),
        ("wrong_axis", dZ.sum(axis=0) / m),
        ("not_summed", dZ / m),
    ]
    return [(code, {name: wrong}) for code, wrong in pairs]


def of_linear_backward(dZ, cache):
    A_prev, W, b = cache
    m, right = dZ.shape[1], linear_slopes(dZ, cache)
    turned = None
    if W.shape[0] == W.shape[1]:
        turned = linear_slopes(dZ, (A_prev, W.T, b))["dA_prev"]
    sums = {name: right[name] * m for name in ("dW", "db")}
    return [
        *of_sum("db", dZ),
        ("weights_transposed", {"dA_prev": turned}),
        *(
            ("divides_by_wrong_size", {name: v / size for name, v in sums.items()})
            for size in W.shape
        ),
    ]


def of_linear_activation_backward(dA, cache, name):
    layer, Z = cache
    return [
        *of_linear_backward(chain(name, dA, Z), layer),
        ("slope_missing", linear_slopes(dA, layer)),
        (
            "another_function:that of relu, also for 'sigmoid'",
            linear_slopes(chain("relu", dA, Z), layer),
        ),
        (
            "another_function:that of sigmoid, also for 'relu'",
            linear_slopes(chain("sigmoid", dA, Z), layer),
        ),
        (
            f"another_function:{SWAPPED}",
            linear_slopes(chain(OTHER[name], dA, Z), layer),
        ),
    ]


def of_gradients(right):
    """Return mistakes of the gradients of a whole backward pass."""
    bias = {name: v for name, v in right.items() if name.startswith("db")}
    made = [
        ("keepdims_forgotten", np.ravel),
        ("sums_over_everything", np.sum),
        ("sums_over_everything", lambda v: v.sum().reshape(1, 1)),
        ("sums_over_everything", lambda v: np.full(v.shape, v.sum())),
    ]
    return [(code, {name: f(v) for name, v in bias.items()}) for code, f in made]


def of_backward_propagation(parameters, cache, X, Y):
    return of_gradients(gradients(parameters, X, Y, SHALLOW)[1])


def of_L_model_backward(AL, Y, caches):
    return of_gradients(deep_gradients(AL, Y, caches))


# -- cost, parameters, predictions -----------------------------------------------------


def of_cost(AL, Y):
    m, J = Y.shape[1], cost(AL, Y)
    ones, zeros = Y * np.log(AL), (1 - Y) * np.log1p(-AL)
    mixed = Y.T @ np.log(AL) + (1 - Y).T @ np.log1p(-AL)
    squares = ((AL - Y) ** 2).sum()
    pairs = [
        ("second_term_missing", -ones.sum() / m),
        ("first_term_missing", -zeros.sum() / m),
        ("not_summed", -(ones + zeros) / m),
        ("not_summed", -(ones + zeros)),
        ("wrong_base", J / np.log(10)),
        ("wrong_base", J / np.log(2)),
        ("another_cost", squares / m),
        ("another_cost", squares / (2 * m)),
        ("mixed_examples", -mixed.sum() / m),
    ]
    return [(code, {"cost": wrong}) for code, wrong in pairs]


def of_propagate(w, b, X, Y):
    A, m = probabilities(logistic(w, b), X, ()), Y.shape[1]
    return [
        *of_cost(A, Y),
        ("not_summed", {"db": (A - Y) / m}),
        ("bias_missing", propagated(w, 0.0, X, Y)),
    ]


def steps_by_hand(w, b, X, Y, num_iterations, rate, keep=1, first=""):
    """Return w and b after steps that lose the old, or use a new b for w's gradient."""
    for _ in range(num_iterations):
        old = {"w": w, "b": b}
        slopes = propagated(w, b, X, Y)
        new = {name: keep * old[name] - rate * slopes[f"d{name}"] for name in old}
        if first:
            (other,) = {"w", "b"} - {first}
            slopes = propagated(**(old | {first: new[first]}), X=X, Y=Y)
            new[other] = old[other] - rate * slopes[f"d{other}"]
        w, b = new["w"], new["b"]
    return {"w": w, "b": b}


def of_optimize(w, b, X, Y, num_iterations, rate):
    case = w, b, X, Y, num_iterations, rate
    return [
        ("one_step_only", optimized(w, b, X, Y, 1, rate)),
        ("plus_sign", optimized(w, b, X, Y, num_iterations, -rate)),
        ("rate_missing", optimized(w, b, X, Y, num_iterations, 1.0)),
        ("layer_not_updated", {"w": w, "b": b}),
        ("returns_the_change", steps_by_hand(*case, keep=0)),
        ("updated_in_turn", steps_by_hand(*case, first="b")),
        ("updated_in_turn", steps_by_hand(*case, first="w")),
        ("gradient_not_renewed", optimized(w, b, X, Y, 1, num_iterations * rate)),
    ]


def of_update(parameters, grads, rate):
    kept = {name: value for name, value in parameters.items() if name[0] == "b"}
    change = {name: rate * grads[f"d{name}"] for name in parameters}
    return [
        ("not_put_back", parameters),
        ("b_not_updated", kept),
        ("layer_not_updated", parameters),
        ("plus_sign", stepped(parameters, grads, -rate)),
        ("rate_missing", stepped(parameters, grads, 1.0)),
        ("returns_the_change", change),
        ("returns_the_change", {name: -value for name, value in change.items()}),
    ]


def of_predict(w, b, X):
    A, Z = (f(logistic(w, b), X, ()) for f in (probabilities, outputs))
    return [
        ("probabilities_returned", A),
        ("inverted", A <= 0.5),
        ("wrong_threshold", Z > 0.5),
        ("wrong_threshold", A > 0),
        ("truncated", A >= 1),
        ("not_all_examples", (A > 0.5) & (np.arange(A.shape[1]) < 1)),
        ("not_all_examples", (A > 0.5) & (np.arange(A.shape[1]) < A.shape[1] - 1)),
        ("not_all_examples", (A > 0.5) & (np.arange(A.shape[1]) > 0)),
    ]


WRONG_VALUES = {
    "sigmoid": of_sigmoid,
    "tanh": lambda Z: of_activation("tanh", Z),
    "relu": of_relu,
    "sigmoid_derivative": lambda Z: (
        of_sigmoid_backward(np.ones(Z.shape), Z)[:2]
        + [("activation_for_slope", activate("sigmoid", Z))]
        + [
            (
                "activation_twice",
                chain("sigmoid", np.ones(Z.shape), activate("sigmoid", Z)),
            )
        ]
    ),
    "sigmoid_backward": of_sigmoid_backward,
    "tanh_backward": of_tanh_backward,
    "relu_backward": of_relu_backward,
    "softmax": of_softmax,
    "softmax_rows": lambda x: of_softmax(x, units=1),
    "normalize_rows": of_normalize_rows,
    "image2vector": of_image2vector,
    "linear_forward": of_linear,
    "linear_activation_forward": of_linear_activation,
    "linear_backward": of_linear_backward,
    "linear_activation_backward": of_linear_activation_backward,
    "compute_cost": of_cost,
    "propagate": of_propagate,
    "optimize": of_optimize,
    "predict": of_predict,
    "forward_propagation": lambda X, parameters: of_network(X, parameters, SHALLOW),
    "backward_propagation": of_backward_propagation,
    "L_model_forward": lambda X, parameters: of_network(X, parameters, DEEP),
    "L_model_backward": of_L_model_backward,
    "update_parameters": of_update,
    "update_two_layers": of_update,
}
