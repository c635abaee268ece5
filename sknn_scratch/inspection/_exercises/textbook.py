"""The functions of the course as a learner would write them: one formula a line.

`mutants.py` reads this file, and makes the mistakes by which wrong results are named.
Tests compare each function with the engine. `name__another` is another way to write
`name`, for mistakes that are made in that way only.
"""

# a mistake can be made in each line, so that each value has one
# ruff: noqa: F841, RET504, SIM108

import numpy as np


def sigmoid(Z):
    A = 1 / (1 + np.exp(-Z))
    return A


def tanh(Z):
    A = (np.exp(Z) - np.exp(-Z)) / (np.exp(Z) + np.exp(-Z))
    return A


def tanh__by_sigmoid(Z):
    A = 2 * sigmoid(2 * Z) - 1
    return A


def tanh__of_2z(Z):
    E = np.exp(-(2 * Z))
    A = (1 - E) / (1 + E)
    return A


def relu(Z):
    A = np.maximum(0, Z)
    return A


def relu__by_where(Z):
    A = np.where(Z > 0, Z, 0)
    return A


def sigmoid_derivative(Z):
    s = sigmoid(Z)
    ds = s * (1 - s)
    return ds


def sigmoid_backward(dA, Z):
    s = sigmoid(Z)
    dZ = dA * (s * (1 - s))
    return dZ


def tanh_backward(dA, Z):
    A = np.tanh(Z)
    dZ = dA * (1 - A**2)
    return dZ


def tanh_backward__in_one_line(dA, Z):
    dZ = dA * (1 - np.tanh(Z) ** 2)
    return dZ


def relu_backward(dA, Z):
    dZ = dA * (Z > 0)
    return dZ


def softmax(Z):
    E = np.exp(Z)
    A = E / np.sum(E, axis=0, keepdims=True)
    return A


def softmax__in_one_line(Z):
    A = np.exp(Z) / np.sum(np.exp(Z), axis=0, keepdims=True)
    return A


def softmax__with_the_sum(Z):
    E = np.exp(Z)
    total = np.sum(np.exp(Z), axis=0, keepdims=True)
    A = E / total
    return A


def softmax_rows(x):
    E = np.exp(x)
    A = E / np.sum(E, axis=1, keepdims=True)
    return A


def softmax_rows__in_one_line(x):
    A = np.exp(x) / np.sum(np.exp(x), axis=1, keepdims=True)
    return A


def image2vector(image):
    v = image.reshape(image.shape[0] * image.shape[1] * image.shape[2], 1)
    return v


def normalize_rows(x):
    norm = np.sqrt(np.sum(x**2, axis=1, keepdims=True))
    x = x / norm
    return x


def normalize_rows__by_norm(x):
    norm = np.linalg.norm(x, axis=1, keepdims=True)
    x = x / norm
    return x


def layer_sizes(X, Y):
    n_x = X.shape[0]
    n_h = 4
    n_y = Y.shape[0]
    return n_x, n_h, n_y


def linear_forward(A_prev, W, b):
    Z = W @ A_prev + b
    return Z


def linear_activation_forward(A_prev, W, b, activation):
    Z = W @ A_prev + b
    if activation == "sigmoid":
        A = sigmoid(Z)
    else:
        A = relu(Z)
    return A


def linear_activation_forward__by_table(A_prev, W, b, activation):
    g = {"sigmoid": sigmoid, "relu": relu}[activation]
    A = g(W @ A_prev + b)
    return A


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = dZ @ A_prev.T / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    dA_prev = W.T @ dZ
    return dA_prev, dW, db


def linear_activation_backward(dA, cache, activation):
    linear_cache, Z = cache
    A_prev, W, b = linear_cache
    m = A_prev.shape[1]
    if activation == "sigmoid":
        dZ = sigmoid_backward(dA, Z)
    else:
        dZ = relu_backward(dA, Z)
    dW = dZ @ A_prev.T / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    dA_prev = W.T @ dZ
    return dA_prev, dW, db


def linear_activation_backward__by_table(dA, cache, activation):
    g = {"sigmoid": sigmoid, "relu": relu}[activation]
    slope_of_g = {"sigmoid": sigmoid_backward, "relu": relu_backward}[activation]
    linear_cache, Z = cache
    A_prev, W, b = linear_cache
    m = A_prev.shape[1]
    dZ = slope_of_g(dA, Z)
    dW = dZ @ A_prev.T / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    dA_prev = W.T @ dZ
    return dA_prev, dW, db


def compute_cost(AL, Y):
    m = Y.shape[1]
    cost = -np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL)) / m
    return cost


def compute_cost__of_sums(AL, Y):
    m = Y.shape[1]
    cost = -(np.sum(Y * np.log(AL)) + np.sum((1 - Y) * np.log(1 - AL))) / m
    return cost


def compute_cost__by_products(AL, Y):
    m = Y.shape[1]
    cost = -(Y @ np.log(AL).T + (1 - Y) @ np.log(1 - AL).T) / m
    cost = np.squeeze(cost)
    return cost


def compute_cost__of_losses(AL, Y):
    m = Y.shape[1]
    loss = -Y * np.log(AL) - (1 - Y) * np.log(1 - AL)
    cost = np.sum(loss) / m
    return cost


def compute_cost__by_loop(AL, Y):
    m = Y.shape[1]
    cost = 0.0
    for i in range(m):
        a, y = AL[0, i], Y[0, i]
        cost = cost - (y * np.log(a) + (1 - y) * np.log(1 - a))
    cost = cost / m
    return cost


def initialize_with_zeros(dim):
    w = np.zeros((dim, 1))
    b = 0.0
    return w, b


def initialize_parameters(n_x, n_h, n_y):
    W1 = np.random.randn(n_h, n_x) * 0.01
    b1 = np.zeros((n_h, 1))
    W2 = np.random.randn(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


def initialize_parameters_deep(layer_dims):
    parameters = {}
    L = len(layer_dims)
    for l in range(1, L):
        parameters["W" + str(l)] = (
            np.random.randn(layer_dims[l], layer_dims[l - 1]) * 0.01
        )
        parameters["b" + str(l)] = np.zeros((layer_dims[l], 1))
    return parameters


def propagate(w, b, X, Y):
    m = X.shape[1]
    Z = w.T @ X + b
    A = sigmoid(Z)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dZ = A - Y
    dw = X @ dZ.T / m
    db = np.sum(dZ) / m
    return {"dw": dw, "db": db}, cost


def propagate__by_products(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(w.T @ X + b)
    cost = -(Y @ np.log(A).T + (1 - Y) @ np.log(1 - A).T) / m
    cost = np.squeeze(cost)
    dw = X @ (A - Y).T / m
    db = np.sum(A - Y) / m
    return {"dw": dw, "db": db}, cost


def optimize(w, b, X, Y, num_iterations, learning_rate):
    for _ in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        dw = grads["dw"]
        db = grads["db"]
        w = w - learning_rate * dw
        b = b - learning_rate * db
    return {"w": w, "b": b}


def predict(w, b, X):
    Z = w.T @ X + b
    A = sigmoid(Z)
    Y_prediction = A > 0.5
    return Y_prediction


def forward_propagation(X, parameters):
    W1, b1 = parameters["W1"], parameters["b1"]
    W2, b2 = parameters["W2"], parameters["b2"]
    Z1 = W1 @ X + b1
    A1 = np.tanh(Z1)
    Z2 = W2 @ A1 + b2
    A2 = sigmoid(Z2)
    cache = {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}
    return A2, cache


def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    W1, W2 = parameters["W1"], parameters["W2"]
    A1, A2 = cache["A1"], cache["A2"]
    Z1, Z2 = cache["Z1"], cache["Z2"]
    dZ2 = A2 - Y
    dW2 = dZ2 @ A1.T / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dA1 = W2.T @ dZ2
    dZ1 = dA1 * (1 - A1**2)
    dW1 = dZ1 @ X.T / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


def L_model_forward(X, parameters):
    L = len(parameters) // 2
    A = X
    for l in range(1, L):
        A_prev = A
        Z = parameters["W" + str(l)] @ A_prev + parameters["b" + str(l)]
        A = relu(Z)
    ZL = parameters["W" + str(L)] @ A + parameters["b" + str(L)]
    AL = sigmoid(ZL)
    return AL


def L_model_forward__in_one_loop(X, parameters):
    L = len(parameters) // 2
    A = X
    for l in range(1, L + 1):
        A_prev = A
        Z = parameters["W" + str(l)] @ A_prev + parameters["b" + str(l)]
        if l == L:
            A = sigmoid(Z)
        else:
            A = relu(Z)
    return A


def L_model_backward(AL, Y, caches):
    grads = {}
    L = len(caches)
    m = Y.shape[1]
    dAL = -(Y / AL - (1 - Y) / (1 - AL))
    (A_prev, W, b), Z = caches[L - 1]
    dZ = sigmoid_backward(dAL, Z)
    grads["dW" + str(L)] = dZ @ A_prev.T / m
    grads["db" + str(L)] = np.sum(dZ, axis=1, keepdims=True) / m
    dA = W.T @ dZ
    for l in range(L - 1, 0, -1):
        (A_prev, W, b), Z = caches[l - 1]
        dZ = relu_backward(dA, Z)
        grads["dW" + str(l)] = dZ @ A_prev.T / m
        grads["db" + str(l)] = np.sum(dZ, axis=1, keepdims=True) / m
        dA = W.T @ dZ
    return grads


def L_model_backward__in_one_loop(AL, Y, caches):
    grads = {}
    L = len(caches)
    m = Y.shape[1]
    dAL = -(Y / AL - (1 - Y) / (1 - AL))
    dA = dAL
    for l in range(L, 0, -1):
        (A_prev, W, b), Z = caches[l - 1]
        if l == L:
            dZ = AL - Y
        else:
            dZ = relu_backward(dA, Z)
        grads["dW" + str(l)] = dZ @ A_prev.T / m
        grads["db" + str(l)] = np.sum(dZ, axis=1, keepdims=True) / m
        dA = W.T @ dZ
    return grads


def update_two_layers(parameters, grads, learning_rate):
    W1, b1 = parameters["W1"], parameters["b1"]
    W2, b2 = parameters["W2"], parameters["b2"]
    dW1, db1 = grads["dW1"], grads["db1"]
    dW2, db2 = grads["dW2"], grads["db2"]
    W1 = W1 - learning_rate * dW1
    b1 = b1 - learning_rate * db1
    W2 = W2 - learning_rate * dW2
    b2 = b2 - learning_rate * db2
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


def update_parameters(parameters, grads, learning_rate):
    L = len(parameters) // 2
    parameters = parameters.copy()
    for l in range(1, L + 1):
        W, b = parameters["W" + str(l)], parameters["b" + str(l)]
        dW, db = grads["dW" + str(l)], grads["db" + str(l)]
        parameters["W" + str(l)] = W - learning_rate * dW
        parameters["b" + str(l)] = b - learning_rate * db
    return parameters
