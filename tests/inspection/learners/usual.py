"""More mistakes, of the kinds that are usual in exercises like these."""

from functools import partial

import numpy as np

from learners import collect

USUAL = []
learner = partial(collect, USUAL)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def relu(z):
    return np.maximum(0, z)


def layers(parameters):
    return range(1, len(parameters) // 2 + 1)


@learner("linear_forward", "wrong_operand bias_missing argument_unused", "b")
def w_for_b(A_prev, W, b):
    return np.dot(W, A_prev) + W[:, :1], (A_prev, W, b)


@learner("linear_forward", "weights_transposed", "Z")
def turned(A_prev, W, b):
    return W.T @ A_prev + b, (A_prev, W, b)


@learner("linear_activation_forward", "another_function", "relu")
def relu_where_sigmoid_is_asked(A_prev, W, b, activation):
    return relu(W @ A_prev + b), ((A_prev, W, b), W @ A_prev + b)


@learner("linear_activation_forward", "activation_twice", "A")
def sigmoid_of_sigmoid(A_prev, W, b, activation):
    Z = W @ A_prev + b
    A = sigmoid(sigmoid(Z)) if activation == "sigmoid" else relu(Z)
    return A, ((A_prev, W, b), Z)


@learner("L_model_forward", "loop_off_by_one", "range")
def a_layer_too_few(X, parameters):
    L = len(parameters) // 2
    A = X
    for l in range(1, L - 1):
        A = relu(parameters[f"W{l}"] @ A + parameters[f"b{l}"])
    return sigmoid(parameters[f"W{L}"] @ A + parameters[f"b{L}"]), []


@learner("L_model_forward", "another_function activation_missing", "AL")
def relu_in_all_layers(X, parameters):
    A = X
    for l in layers(parameters):
        A = relu(parameters[f"W{l}"] @ A + parameters[f"b{l}"])
    return A, []


@learner("L_model_forward", "loop_off_by_one raises", "key")
def a_layer_too_many(X, parameters):
    A = X
    for l in range(1, len(parameters)):
        A = relu(parameters["W" + str(l)] @ A + parameters["b" + str(l)])
    return A, []


@learner("L_model_forward", "activation_missing", "Z")
def no_hidden_activation(X, parameters):
    L = len(parameters) // 2
    A = X
    for l in range(1, L):
        A = parameters[f"W{l}"] @ A + parameters[f"b{l}"]
    return sigmoid(parameters[f"W{L}"] @ A + parameters[f"b{L}"]), []


@learner("forward_propagation", "wrong_operand", "Z2 Z1")
def z1_in_the_second_layer(X, parameters):
    Z1 = parameters["W1"] @ X + parameters["b1"]
    A1 = np.tanh(Z1)
    Z2 = parameters["W2"] @ Z1 + parameters["b2"]
    A2 = sigmoid(Z2)
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


@learner(
    "forward_propagation", "wrong_operand wrong_values activation_missing", "cache"
)
def wrong_cache(X, parameters):
    Z1 = parameters["W1"] @ X + parameters["b1"]
    A1 = np.tanh(Z1)
    Z2 = parameters["W2"] @ A1 + parameters["b2"]
    A2 = sigmoid(Z2)
    return A2, {"Z1": Z1, "A1": A1, "Z2": A2, "A2": A2}


@learner("forward_propagation", "bias_missing", "Z2")
def no_bias_in_the_second_layer(X, parameters):
    Z1 = parameters["W1"] @ X + parameters["b1"]
    A1 = np.tanh(Z1)
    Z2 = parameters["W2"] @ A1
    A2 = sigmoid(Z2)
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


@learner("forward_propagation", "another_function", "sigmoid")
def sigmoid_in_both_layers(X, parameters):
    Z1 = parameters["W1"] @ X + parameters["b1"]
    A1 = sigmoid(Z1)
    Z2 = parameters["W2"] @ A1 + parameters["b2"]
    A2 = sigmoid(Z2)
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


def shallow(parameters, cache, X, Y, dZ2=None, **parts):
    m = X.shape[1]
    W2, A1, A2 = parameters["W2"], cache["A1"], cache["A2"]
    dZ2 = A2 - Y if dZ2 is None else dZ2
    dZ1 = parts.get("dZ1", W2.T @ dZ2 * (1 - A1**2))
    grads = {
        "dW1": dZ1 @ X.T / m,
        "db1": dZ1.sum(axis=1, keepdims=True) / m,
        "dW2": dZ2 @ A1.T / m,
        "db2": dZ2.sum(axis=1, keepdims=True) / m,
    }
    return grads | {name: v for name, v in parts.items() if name in grads}


@learner("backward_propagation", "wrong_operand", "A1 dW1")
def a1_where_x_belongs(parameters, cache, X, Y):
    W2, A1, A2 = parameters["W2"], cache["A1"], cache["A2"]
    m = X.shape[1]
    dZ1 = W2.T @ (A2 - Y) * (1 - A1**2)
    return shallow(parameters, cache, X, Y, dW1=dZ1 @ A1.T / m)


@learner("backward_propagation", "wrong_slope", "dW1 A1")
def slope_of_sigmoid_for_tanh(parameters, cache, X, Y):
    A1 = cache["A1"]
    dZ1 = parameters["W2"].T @ (cache["A2"] - Y) * A1 * (1 - A1)
    return shallow(parameters, cache, X, Y, dZ1=dZ1)


@learner("backward_propagation", "square_forgotten", "dW1")
def square_left_out(parameters, cache, X, Y):
    A1 = cache["A1"]
    dZ1 = np.dot(parameters["W2"].T, cache["A2"] - Y) * (1 - A1)
    return shallow(parameters, cache, X, Y, dZ1=dZ1)


@learner("backward_propagation", "sign_flipped wrong_sign", "dW2")
def y_minus_a(parameters, cache, X, Y):
    return shallow(parameters, cache, X, Y, dZ2=Y - cache["A2"])


@learner("backward_propagation", "slope_too_many", "dZ2")
def slope_of_the_output(parameters, cache, X, Y):
    A2 = cache["A2"]
    return shallow(parameters, cache, X, Y, dZ2=(A2 - Y) * A2 * (1 - A2))


@learner("backward_propagation", "missing_1_over_m", "db1")
def one_mean_is_a_sum(parameters, cache, X, Y):
    dZ1 = parameters["W2"].T @ (cache["A2"] - Y) * (1 - cache["A1"] ** 2)
    db1 = np.sum(dZ1, axis=1, keepdims=True)
    return shallow(parameters, cache, X, Y, db1=db1)


@learner("backward_propagation", "wrong_operand", "dZ2 db1")
def dz2_in_db1(parameters, cache, X, Y):
    dA1 = parameters["W2"].T @ (cache["A2"] - Y)
    db1 = np.sum(dA1, axis=1, keepdims=True) / X.shape[1]
    grads = shallow(parameters, cache, X, Y)
    dZ2 = cache["A2"] - Y
    return grads | {"db1": db1, "db2": dZ2.sum(axis=1, keepdims=True) / X.shape[1]}


USUAL[-1] = USUAL[-1]._replace(words=("dA1", "db1"))


@learner("backward_propagation", "raises", "dZ1")
def dz1_before_it_is_there(parameters, cache, X, Y):
    m = X.shape[1]
    dW1 = np.dot(dZ1, X.T) / m  # noqa: F821
    dZ1 = np.dot(parameters["W2"].T, cache["A2"] - Y)
    return {"dW1": dW1, "db1": dZ1}


@learner("backward_propagation", "missing_key", "dW1")
def other_keys(parameters, cache, X, Y):
    grads = shallow(parameters, cache, X, Y)
    return {name.replace("d", "grad_"): value for name, value in grads.items()}


@learner("backward_propagation", "extra_1_over_m", "dW2")
def mean_and_over_m(parameters, cache, X, Y):
    m = X.shape[1]
    dW2 = (cache["A2"] - Y) @ cache["A1"].T / m / m
    return shallow(parameters, cache, X, Y, dW2=dW2)


def layer(dZ, cache, **parts):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    right = {
        "dA_prev": W.T @ dZ,
        "dW": dZ @ A_prev.T / m,
        "db": dZ.sum(axis=1, keepdims=True) / m,
    }
    return tuple((right | parts).values())


@learner("linear_backward", "extra_1_over_m", "db")
def mean_over_m(dZ, cache):
    m = dZ.shape[1]
    return layer(dZ, cache, db=np.mean(dZ, axis=1, keepdims=True) / m)


@learner("linear_backward", "extra_1_over_m", "dA_prev")
def da_over_m(dZ, cache):
    return layer(dZ, cache, dA_prev=cache[1].T @ dZ / dZ.shape[1])


@learner("linear_backward", "divides_by_wrong_size", "dW")
def m_of_units(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[0]
    db = np.sum(dZ, axis=1, keepdims=True) / m
    return np.dot(W.T, dZ), np.dot(dZ, A_prev.T) / m, db


@learner("linear_backward", "unpacked_in_another_order", "W")
def cache_in_another_order(dZ, cache):
    W, A_prev, b = cache
    m = dZ.shape[1]
    db = np.sum(dZ, axis=1, keepdims=True) / m
    return np.dot(W.T, dZ), np.dot(dZ, A_prev.T) / m, db


@learner("linear_backward", "wrong_transpose shapes_do_not_meet", "A_prev")
def no_transpose(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = np.dot(dZ, A_prev) / m
    return np.dot(W.T, dZ), dW, np.sum(dZ, axis=1, keepdims=True) / m


@learner("linear_backward", "wrong_order_of_values", "dW, db, dA_prev")
def returned_in_another_order(dZ, cache):
    dA_prev, dW, db = layer(dZ, cache)
    return dW, db, dA_prev


USUAL[-1] = USUAL[-1]._replace(words=("dW, db, dA_prev",))


@learner("linear_activation_backward", "slope_missing wrong_operand", "dA")
def da_for_dz(dA, cache, activation):
    return layer(dA, cache[0])


@learner("linear_activation_backward", "wrong_slope another_function", "sigmoid")
def sigmoid_for_both(dA, cache, activation):
    Z = cache[1]
    return layer(dA * sigmoid(Z) * (1 - sigmoid(Z)), cache[0])


@learner("linear_activation_backward", "activation_missing slope_of_z", "dW")
def cache_is_a(dA, cache, activation):
    Z = cache[1]
    if activation == "sigmoid":
        return layer(dA * Z * (1 - Z), cache[0])
    return layer(dA * (Z > 0), cache[0])


@learner("sigmoid_backward", "wrong_slope", "dZ")
def slope_of_tanh(dA, Z):
    s = sigmoid(Z)
    return dA * (1 - s**2)


@learner("relu_backward", "wrong_mask keeps_negatives", "dZ")
def leaky(dA, Z):
    return np.where(Z > 0, dA, 0.01 * dA)


def deep(AL, Y, caches, start=None, used=None, mean=True, da=None):
    m, L, grads = Y.shape[1], len(caches), {}
    dZ = AL - Y if start is None else start
    for l in range(L, 0, -1):
        (A_prev, W, b), Z = caches[l - 1]
        if l < L:
            slope = Z > 0 if used is None else used(Z)
            dZ = dA * slope  # noqa: F821
        grads["dW" + str(l)] = dZ @ A_prev.T / m
        grads["db" + str(l)] = np.sum(dZ, axis=1, keepdims=True) / m
        dA = W.T @ dZ if da is None else da(W, dZ, m)  # noqa: F841
    return grads


@learner("L_model_backward", "slope_missing", "dW")
def no_slope_in_the_hidden_layers(AL, Y, caches):
    return deep(AL, Y, caches, used=lambda Z: 1.0)


@learner("L_model_backward", "sign_flipped wrong_sign", "dW3")
def minus_forgotten_in_dal(AL, Y, caches):
    return deep(AL, Y, caches, start=Y - AL)


@learner("L_model_backward", "extra_1_over_m", "dW1")
def m_in_each_da(AL, Y, caches):
    return deep(AL, Y, caches, da=lambda W, dZ, m: W.T @ dZ / m)


@learner("L_model_backward", "loop_off_by_one missing_key", "dW1")
def first_layer_left_out(AL, Y, caches):
    grads = deep(AL, Y, caches)
    del grads["dW1"], grads["db1"]
    return grads


@learner("L_model_backward", "slope_too_many", "dZ")
def dz_for_da(AL, Y, caches):
    return deep(AL, Y, caches, start=(AL - Y) * AL * (1 - AL))


@learner("L_model_backward", "wrong_layer", "caches")
def cache_of_the_last_layer(AL, Y, caches):
    L, m, grads = len(caches), Y.shape[1], {}
    dZ = AL - Y
    for l in range(L, 0, -1):
        (A_prev, W, b), Z = caches[l - 1]
        if l < L:
            dZ = dA * (caches[l][0][0] > 0)  # noqa: F821
        grads[f"dW{l}"] = dZ @ A_prev.T / m
        grads[f"db{l}"] = np.sum(dZ, axis=1, keepdims=True) / m
        dA = caches[max(l - 2, 0)][0][1].T @ dZ if l == 9 else W.T @ dZ  # noqa: F841
    return grads


USUAL.pop()  # the same numbers: A > 0 where Z > 0


@learner("compute_cost", "wrong_base", "cost")
def base_2(AL, Y):
    return -np.mean(Y * np.log2(AL) + (1 - Y) * np.log2(1 - AL))


@learner("compute_cost", "wrong_brackets", "log")
def log_of_one(AL, Y):
    m = Y.shape[1]
    with np.errstate(all="ignore"):
        return -np.sum(Y * np.log(AL) + (1 - Y) * (np.log(1) - AL)) / m


@learner("compute_cost", "wrong_operand", "AL")
def logs_exchanged(AL, Y):
    return -np.mean(Y * np.log(1 - AL) + (1 - Y) * np.log(AL))


USUAL[-1] = USUAL[-1]._replace(codes=("wrong_operand", "labels_exchanged"), words=())


@learner("compute_cost", "not_summed", "cost")
def not_added_up(AL, Y):
    return -(Y * np.log(AL) + (1 - Y) * np.log(1 - AL)) / Y.shape[1]


@learner("compute_cost", "divides_by_wrong_size missing_1_over_m", "cost")
def m_is_one(AL, Y):
    m = Y.shape[0]
    return -np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL)) / m


@learner("propagate", "factor_missing upstream_missing missing_1_over_m", "db")
def db_is_a_sum(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(w.T @ X + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    return {"dw": X @ (A - Y).T / m, "db": np.sum(A - Y)}, cost


@learner("propagate", "activation_missing", "Z")
def no_sigmoid(w, b, X, Y):
    m = X.shape[1]
    Z = w.T @ X + b
    A = sigmoid(Z)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    return {"dw": X @ (Z - Y).T / m, "db": np.sum(Z - Y) / m}, cost


USUAL[-1] = USUAL[-1]._replace(codes=("wrong_operand", "activation_missing"))


@learner("optimize", "b_not_updated line_missing", "b")
def b_forgotten(w, b, X, Y, num_iterations, learning_rate):
    m = X.shape[1]
    for _ in range(num_iterations):
        A = sigmoid(w.T @ X + b)
        w = w - learning_rate * X @ (A - Y).T / m
    return {"w": w, "b": b}, {}, []


@learner("optimize", "wrong_number_of_steps", "range")
def one_iteration_less(w, b, X, Y, num_iterations, learning_rate):
    m = X.shape[1]
    for _ in range(1, num_iterations):
        A = sigmoid(w.T @ X + b)
        w = w - learning_rate * X @ (A - Y).T / m
        b = b - learning_rate * np.sum(A - Y) / m
    return {"w": w, "b": b}, {}, []


@learner("update_parameters", "plus_sign", "W1")
def plus(parameters, grads, learning_rate):
    return {
        name: value + learning_rate * grads["d" + name]
        for name, value in parameters.items()
    }


@learner("update_parameters", "layer_not_updated loop_off_by_one", "W")
def last_layer_left_out(parameters, grads, learning_rate):
    new = dict(parameters)
    for l in range(1, len(parameters) // 2):
        for name in (f"W{l}", f"b{l}"):
            new[name] = parameters[name] - learning_rate * grads["d" + name]
    return new


@learner("update_parameters", "wrong_operand", "dW")
def db_in_both(parameters, grads, learning_rate):
    new = {}
    for l in layers(parameters):
        new[f"W{l}"] = parameters[f"W{l}"] - learning_rate * grads[f"db{l}"]
        new[f"b{l}"] = parameters[f"b{l}"] - learning_rate * grads[f"db{l}"]
    return new


USUAL[-1] = USUAL[-1]._replace(words=("db",))


@learner("update_parameters", "wrong_brackets", "W")
def brackets_of_the_step(parameters, grads, learning_rate):
    return {
        name: (value - learning_rate) * grads["d" + name]
        for name, value in parameters.items()
    }


@learner("initialize_parameters", "wrong_transpose transposed", "W1")
def sizes_exchanged(n_x, n_h, n_y):
    return {
        "W1": np.random.randn(n_x, n_h) * 0.01,
        "b1": np.zeros((n_h, 1)),
        "W2": np.random.randn(n_h, n_y) * 0.01,
        "b2": np.zeros((n_y, 1)),
    }


@learner("initialize_parameters", "wrong_operand wrong_dimension wrong_shape", "b1")
def b_of_inputs(n_x, n_h, n_y):
    return {
        "W1": np.random.randn(n_h, n_x) * 0.01,
        "b1": np.zeros((n_x, 1)),
        "W2": np.random.randn(n_y, n_h) * 0.01,
        "b2": np.zeros((n_h, 1)),
    }


@learner("initialize_parameters_deep", "loop_off_by_one missing_key", "W")
def last_layer_not_made(layer_dims):
    parameters = {}
    for l in range(1, len(layer_dims) - 1):
        shape = layer_dims[l], layer_dims[l - 1]
        parameters[f"W{l}"] = np.random.randn(*shape) * 0.01
        parameters[f"b{l}"] = np.zeros((layer_dims[l], 1))
    return parameters


@learner("initialize_parameters_deep", "raises loop_off_by_one wrong_layer", "index")
def a_size_too_many(layer_dims):
    parameters = {}
    for l in range(len(layer_dims)):
        shape = layer_dims[l + 1], layer_dims[l]
        parameters[f"W{l + 1}"] = np.random.randn(*shape) * 0.01
        parameters[f"b{l + 1}"] = np.zeros((layer_dims[l + 1], 1))
    return parameters


@learner("normalize_rows", "square_forgotten function_missing another_norm", "x")
def no_root(x):
    return x / np.sum(x**2, axis=1, keepdims=True)


@learner("softmax", "wrong_axis", "A")
def softmax_of_rows(Z):
    e = np.exp(Z)
    return e / np.sum(e, axis=1, keepdims=True)


@learner("predict", "wrong_threshold wrong_operand", "Z")
def threshold_of_z(w, b, X):
    return (np.dot(w.T, X) + b > 0.5).astype(float)


USUAL[-1] = USUAL[-1]._replace(words=())


@learner("predict", "inverted", "Y_prediction")
def exchanged(w, b, X):
    A = sigmoid(w.T @ X + b)
    Y_prediction = np.zeros((1, X.shape[1]))
    for i in range(X.shape[1]):
        Y_prediction[0, i] = 0 if A[0, i] > 0.5 else 1
    return Y_prediction


@learner("relu", "largest_of_all raises", "maximum")
def max_for_maximum(Z):
    return np.max(0, Z)


@learner("relu", "inverted_relu", "A")
def minimum(Z):
    return np.minimum(0, Z)


@learner("tanh", "wrong_sign another_function", "A")
def sum_in_the_numerator(Z):
    return (np.exp(Z) - np.exp(-Z)) / (np.exp(Z) - np.exp(-Z) + 2)


USUAL.pop()  # no usual one


@learner("tanh", "wrong_brackets", "A")
def tanh_without_brackets(Z):
    return np.exp(Z) - np.exp(-Z) / (np.exp(Z) + np.exp(-Z))
