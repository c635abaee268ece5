"""Sixty right solutions, each in another style."""

import math

import numpy as np


def s(z):
    return 1 / (1 + np.exp(-z))


def relu(z):
    return np.maximum(0, z)


def cost_by_loop(a, y):
    total, m = 0.0, y.shape[1]
    for i in range(m):
        total += -math.log(a[0, i]) if y[0, i] == 1 else -math.log(1 - a[0, i])
    return total / m


def softmax_by_loop(z):
    out = np.empty(z.shape, float)
    for j in range(z.shape[1]):
        e = np.exp(z[:, j])
        out[:, j] = e / e.sum()
    return out


def back(dZ, cache):
    A, W, b = cache
    m = dZ.shape[1]
    dW, db = np.zeros(W.shape), np.zeros(b.shape)
    for i in range(m):
        dW += np.outer(dZ[:, i], A[:, i])
        db += dZ[:, [i]]
    return W.T.dot(dZ), dW / m, db / m


def propagate_by_loop(w, b, X, Y):
    n, m = X.shape
    dw, db, J = np.zeros((n, 1)), 0.0, 0.0
    for i in range(m):
        x, y = X[:, i], Y[0, i]
        a = 1 / (1 + math.exp(-(float(w[:, 0] @ x) + b)))
        J -= y * math.log(a) + (1 - y) * math.log(1 - a)
        dw[:, 0] += x * (a - y)
        db += a - y
    return {"dw": dw / m, "db": db / m}, J / m


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = s(np.dot(w.T, X) + b)
    dz = A - Y
    dw = 1.0 / m * np.dot(X, dz.T)
    cost = np.squeeze(np.mean(-Y * np.log(A) - (1 - Y) * np.log(1 - A)))
    return {"dw": dw, "db": np.float64(np.mean(dz))}, cost


def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.5, print_cost=False):
    w, costs, step = w.copy(), [], 0
    while step < num_iterations:
        grads, J = propagate(w, b, X, Y)
        w -= learning_rate * grads["dw"]
        b -= learning_rate * grads["db"]
        costs.append(J)
        step += 1
    return {"w": w, "b": b}, grads, costs


def predict_by_loop(w, b, X):
    out = np.zeros((1, X.shape[1]))
    A = s(w.T @ X + b)
    for i in range(X.shape[1]):
        if A[0, i] > 0.5:
            out[0, i] = 1
    return out


def shallow(X, p):
    A1 = np.tanh(np.dot(p["W1"], X) + p["b1"])
    A2 = s(np.dot(p["W2"], A1) + p["b2"])
    assert A2.shape == (1, X.shape[1])
    return A2, {"A1": A1, "A2": A2}


def shallow_cache(X, p):
    Z1 = np.matmul(p["W1"], X) + p["b1"]
    A1 = 2 * s(2 * Z1) - 1
    Z2 = np.add(p["W2"] @ A1, p["b2"])
    A2 = s(Z2)
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


def shallow_back(p, c, X, Y):
    dZ2 = c["A2"] - Y
    dZ1 = np.multiply(np.dot(p["W2"].T, dZ2), 1 - np.power(c["A1"], 2))
    m = X.shape[1]
    return {
        "dW1": (1 / m) * np.dot(dZ1, X.T),
        "db1": (1 / m) * np.sum(dZ1, axis=1, keepdims=True),
        "dW2": (1 / m) * np.dot(dZ2, c["A1"].T),
        "db2": (1 / m) * np.sum(dZ2, axis=1, keepdims=True),
    }


def shallow_back_from_z(p, c, X, Y):
    dZ2 = (c["A2"] - Y) / Y.shape[1]
    dZ1 = p["W2"].T @ dZ2 / np.cosh(c["Z1"]) ** 2
    one = np.ones((Y.shape[1], 1))
    grads = {"dW2": dZ2 @ c["A1"].T, "db2": dZ2 @ one}
    return {**grads, "dW1": dZ1 @ X.T, "db1": dZ1 @ one, "dZ1": dZ1}


def forward(X, p):
    A, caches, L = X, [], len(p) // 2
    for l in range(1, L + 1):
        W, b = p["W" + str(l)], p["b" + str(l)]
        Z = W @ A + b
        caches.append(((A, W, b), Z))
        A = s(Z) if l == L else Z * (Z > 0)
    return A, caches


def forward_by_recursion(X, p, l=None):
    L = len(p) // 2
    l = L if l is None else l
    if l == 0:
        return X
    Z = p[f"W{l}"] @ forward_by_recursion(X, p, l - 1) + p[f"b{l}"]
    return s(Z) if l == L else relu(Z)


def backward(AL, Y, caches):
    grads, m = {}, AL.shape[1]
    dA = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    for l in reversed(range(len(caches))):
        (A_prev, W, b), Z = caches[l]
        if l == len(caches) - 1:
            dZ = dA * s(Z) * (1 - s(Z))
        else:
            dZ = np.array(dA, copy=True)
            dZ[Z <= 0] = 0
        grads["dA" + str(l)] = dA = np.dot(W.T, dZ)
        grads["dW" + str(l + 1)] = np.dot(dZ, A_prev.T) / m
        grads["db" + str(l + 1)] = np.sum(dZ, axis=1, keepdims=True) / m
    return grads


def backward_short(AL, Y, caches):
    grads, dZ = {}, (AL - Y) / Y.shape[1]
    for l in range(len(caches), 0, -1):
        (A, W, _), _ = caches[l - 1]
        grads |= {f"dW{l}": dZ @ A.T, f"db{l}": dZ.sum(1, keepdims=True)}
        dZ = (W.T @ dZ) * (A > 0)
    return grads


def drawn(*n, scale=0.01):
    made = {}
    for l in range(1, len(n)):
        made[f"W{l}"] = np.random.randn(n[l], n[l - 1]) * scale
        made[f"b{l}"] = np.zeros((n[l], 1))
    return made


def he(dims):
    made = drawn(*dims, scale=1)
    for l in range(1, len(dims)):
        made[f"W{l}"] *= np.sqrt(2 / dims[l - 1])
    return made


def normal(x, h, y):
    rng = np.random.default_rng(3)
    W1, W2 = rng.normal(0, 0.01, (h, x)), rng.normal(0, 0.01, (y, h))
    return {"W1": W1, "b1": np.zeros([h, 1]), "W2": W2, "b2": np.zeros(shape=(y, 1))}


def updated(params, grads, learning_rate=1.2):
    new = {}
    for name, value in params.items():
        new[name] = value - learning_rate * grads["d" + name]
    return new


def layer(A, W, b, activation):
    Z = np.dot(W, A) + b
    return {"sigmoid": s, "relu": relu}[activation](Z), ((A, W, b), Z)


def layer_back(dA, cache, activation):
    (A, W, b), Z = cache
    dZ = dA * (Z > 0) if activation == "relu" else dA * s(Z) * s(-Z)
    return back(dZ, (A, W, b))


def norm_by_loop(x):
    out = x.copy()
    for i, row in enumerate(x):
        out[i] = row / math.sqrt(sum(v * v for v in row))
    return out


STYLES = [
    ("sigmoid", lambda x: np.divide(1, np.add(1, np.exp(np.negative(x))))),
    ("sigmoid", lambda x: (1 + np.exp(-x)) ** -1),
    ("sigmoid", lambda x: np.where(x >= 0, s(x), np.exp(x) / (1 + np.exp(x)))),
    ("sigmoid", lambda Z: (1.0 / (1.0 + math.e**-Z), Z)),
    ("tanh", lambda z: 2 * s(2 * z) - 1),
    ("tanh", lambda z: np.sinh(z) / np.cosh(z)),
    ("tanh", lambda z: (1 - np.exp(-2 * z)) / (1 + np.exp(-2 * z))),
    ("relu", lambda x: (x + abs(x)) / 2),
    ("relu", lambda x: np.clip(x, 0, None)),
    ("relu", lambda Z: np.array([[max(0, z) for z in row] for row in Z])),
    ("sigmoid_derivative", lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2),
    ("sigmoid_derivative", lambda x: s(x) - s(x) ** 2),
    ("sigmoid_derivative", lambda x: s(x) * s(-x)),
    ("sigmoid_backward", lambda dA, Z: np.multiply(dA, s(Z) * (1 - s(Z)))),
    ("sigmoid_backward", lambda dA, Z: dA / (2 + np.exp(Z) + np.exp(-Z))),
    ("tanh_backward", lambda dA, Z: dA / np.cosh(Z) ** 2),
    ("tanh_backward", lambda dA, c: dA * (1 - np.square(np.tanh(c)))),
    ("relu_backward", lambda dA, Z: np.where(Z > 0, dA, 0)),
    ("relu_backward", lambda dA, Z: dA * np.heaviside(Z, 0)),
    ("softmax", softmax_by_loop),
    ("softmax", lambda z: (np.exp(z).T / np.exp(z).T.sum(axis=1)[:, None]).T),
    ("softmax_rows", lambda x: np.array([np.exp(r) / np.exp(r).sum() for r in x])),
    ("softmax_rows", lambda x: np.exp(x) / np.exp(x).sum(1)[:, np.newaxis]),
    ("image2vector", lambda im: im.reshape((im.size, 1))),
    ("image2vector", lambda im: np.expand_dims(im.flatten(), 1)),
    ("normalize_rows", norm_by_loop),
    ("normalize_rows", lambda x: (x.T / np.linalg.norm(x, axis=1)).T),
    ("layer_sizes", lambda X, Y: (len(X), 4, len(Y))),
    ("layer_sizes", lambda X, Y: [X.shape[0], 4, Y.shape[0]]),
    ("linear_forward", lambda A, W, b: W.dot(A) + b),
    ("linear_forward", lambda A, W, b: (A.T @ W.T + b.T).T),
    ("linear_forward", lambda A, W, b: np.hstack([W, b]) @ np.vstack([A, A[:1] ** 0])),
    ("linear_activation_forward", layer),
    ("linear_backward", back),
    ("linear_backward", lambda dZ, c: tuple(back(dZ, c))),
    ("linear_activation_backward", layer_back),
    ("compute_cost", cost_by_loop),
    ("compute_cost", lambda A, Y: -np.mean(np.log(np.where(Y == 1, A, 1 - A)))),
    ("compute_cost", lambda A, Y: -np.log(A**Y * (1 - A) ** (1 - Y)).sum() / Y.size),
    ("compute_cost", lambda A, Y: float(-(np.vdot(Y, np.log(A))
     + np.vdot(1 - Y, np.log1p(-A))) / Y.shape[1])),
    ("compute_cost", lambda A, Y, parameters=None: np.float64(cost_by_loop(A, Y))),
    ("initialize_with_zeros", lambda dim: (np.zeros(shape=(dim, 1)), 0.0)),
    ("initialize_with_zeros", lambda n: (np.array([[0.0]] * n), 0)),
    ("initialize_parameters", lambda x, h, y: drawn(x, h, y)),
    ("initialize_parameters", normal),
    ("initialize_parameters_deep", lambda dims: drawn(*dims)),
    ("initialize_parameters_deep", he),
    ("propagate", propagate),
    ("propagate", propagate_by_loop),
    ("optimize", optimize),
    ("predict", predict_by_loop),
    ("predict", lambda w, b, X: np.where(w.T @ X + b > 0, 1, 0)),
    ("predict", lambda w, b, X: np.round(s(w.T @ X + b))),
    ("forward_propagation", shallow),
    ("forward_propagation", shallow_cache),
    ("backward_propagation", shallow_back),
    ("backward_propagation", shallow_back_from_z),
    ("L_model_forward", forward),
    ("L_model_forward", forward_by_recursion),
    ("L_model_backward", backward),
    ("L_model_backward", backward_short),
    ("update_parameters", updated),
    ("update_parameters", lambda p, g, a: {k: p[k] + -a * g[f"d{k}"] for k in p}),
]  # fmt: skip
