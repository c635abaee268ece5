"""A network without any of the engine's tricks: new arrays, rows, plain formulas.

The engine is compared with it; it shares no code with the package.
"""

import numpy as np

G = {
    "identity": (lambda z: z, lambda z: np.ones_like(z)),
    "logistic": (lambda z: 1 / (1 + np.exp(-z)), lambda z: 1 / (2 + 2 * np.cosh(z))),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "relu": (lambda z: z * (z > 0), lambda z: 1.0 * (z > 0)),
    "leaky_relu": (
        lambda z: np.where(z > 0, z, z / 100),
        lambda z: np.where(z > 0, 1, 0.01),
    ),
}
G["sigmoid"] = G["logistic"]


def cost_and_gradients(W, b, names, kind, X, Y, w, l2):
    """J, dW, db for rows X (m, n0), Y (m, nL), weights w (m,) of any mean."""
    Z, A = [], [X]
    for l, (W_l, b_l) in enumerate(zip(W, b, strict=True)):
        Z.append(A[-1] @ W_l.T + b_l.T)
        A.append(G[names[l]][0](Z[-1]) if l < len(names) else Z[-1])
    if kind == "multiclass":
        P = np.exp(Z[-1]) / np.exp(Z[-1]).sum(axis=1, keepdims=True)
        L = -(Y * np.log(P)).sum(axis=1)
    else:
        P = 1 / (1 + np.exp(-Z[-1]))
        L = -(Y * np.log(P) + (1 - Y) * np.log(1 - P)).sum(axis=1)
    J = np.average(L, weights=w) + l2 / 2 * sum((W_l**2).sum() for W_l in W)
    dZ, dW, db = (P - Y) * w[:, None] / w.sum(), [], []
    for l in reversed(range(len(W))):
        dW.insert(0, dZ.T @ A[l] + l2 * W[l])
        db.insert(0, dZ.sum(axis=0)[:, None])
        if l:
            dZ = (dZ @ W[l]) * G[names[l - 1]][1](Z[l - 1])
    return J, dW, db
