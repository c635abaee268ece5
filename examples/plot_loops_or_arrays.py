"""
Loops against arrays
====================

The same step of logistic regression three times: with a loop over examples and
features, with a loop over examples only, and without loops (notes, week 2:
vectorisation). They compute the same numbers; what differs is the time.
"""

# %%
# Three ways to write it
# ----------------------
#
# In the course's shapes: w (n_x, 1), X (n_x, m), Y (1, m).

import time

import matplotlib.pyplot as plt
import numpy as np


def two_loops(w, b, X, Y):
    """Gradients, by loops over the examples, and over the features of each."""
    n, m = X.shape
    dw, db = np.zeros((n, 1)), 0.0
    for i in range(m):
        z = b
        for j in range(n):
            z += w[j, 0] * X[j, i]
        dz = 1 / (1 + np.exp(-z)) - Y[0, i]
        for j in range(n):
            dw[j, 0] += X[j, i] * dz
        db += dz
    return dw / m, db / m


def one_loop(w, b, X, Y):
    """Gradients, by a loop over the examples."""
    n, m = X.shape
    dw, db = np.zeros((n, 1)), 0.0
    for i in range(m):
        z = (w.T @ X[:, [i]]).item() + b
        dz = 1 / (1 + np.exp(-z)) - Y[0, i]
        dw += X[:, [i]] * dz
        db += dz
    return dw / m, db / m


def no_loop(w, b, X, Y):
    """Gradients of all examples at once."""
    m = X.shape[1]
    dZ = 1 / (1 + np.exp(-(w.T @ X + b))) - Y
    return X @ dZ.T / m, np.sum(dZ) / m


# %%
# They agree, and they do not
# ---------------------------
#
# The least of three times each. How many times as long loops take depends on the
# machine; that they take very much longer does not.

ways = {"two loops": two_loops, "one loop": one_loop, "no loop": no_loop}
examples, features = (10, 30, 100, 300, 1000), 100
rng = np.random.RandomState(0)
seconds = {name: [] for name in ways}
for m in examples:
    X, Y = rng.randn(features, m), rng.randint(2, size=(1, m))
    w, b = rng.randn(features, 1), 0.5
    right_dw, right_db = no_loop(w, b, X, Y)
    for name, way in ways.items():
        times = []
        for _ in range(3):
            start = time.perf_counter()
            dw, db = way(w, b, X, Y)
            times.append(time.perf_counter() - start)
        assert np.allclose(dw, right_dw)
        assert np.allclose(db, right_db)
        seconds[name].append(min(times))

for name in ("two loops", "one loop"):
    ratio = seconds[name][-1] / seconds["no loop"][-1]
    print(f"{m} examples, {features} features: {name} take {ratio:.0f} times as long")

# %%
# Both axes are logarithmic: a step upwards on the left axis is a factor of ten.

fig, ax = plt.subplots(figsize=(7, 4.3), layout="constrained")
for name, times in seconds.items():
    ax.plot(examples, np.array(times) * 1000, "o-", label=name)
ax.set(
    xscale="log",
    yscale="log",
    xlabel=f"examples (of {features} features)",
    ylabel="milliseconds of a step",
    title="One step of logistic regression",
)
ax.legend()

plt.show()
