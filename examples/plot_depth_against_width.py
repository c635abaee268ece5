"""
Depth against width
===================

Some functions need few units in a deep network and very many in a shallow one (notes,
week 4). Two of them are built here by hand, weight by weight, and put into estimators
of this package; then it is left to training.
"""

# %%
# The parity of n bits
# --------------------
#
# Is the number of ones odd? For two bits that is XOR, and two ReLU units make it:
# relu(a + b) - 2 relu(a + b - 1). A deep network combines pairs, then pairs of pairs:
# log2(n) hidden layers, 2 (n - 1) units in all. The shallow network that the course
# draws is one of gates, AND before one OR. It has a gate for each pattern with an odd
# number of ones: 2^(n - 1).
#
# This counts gates, not neurons. Parity depends on the sum of the bits only, and a
# neuron can count: n threshold units in one hidden layer, unit k telling whether at
# least k bits are 1, compute it with the weights +1, -1, +1, ... behind them. For ReLU
# units the exponential count holds for another function, the saw further down.

import itertools

import matplotlib.pyplot as plt
import numpy as np

from sknn_scratch import DeepNetRegressor


def by_hand(weights, biases):
    """Return a network with these parameters, in the course's shapes."""
    sizes = [len(b) for b in biases[:-1]]
    net = DeepNetRegressor(
        hidden_layer_sizes=sizes, solver="gd", max_iter=1, warn=False, random_state=0
    )
    n = weights[0].shape[1]
    net.fit(np.zeros((2, n)), [0, 1])
    for l in range(len(weights)):
        net.coefs_[l][:], net.intercepts_[l][:] = weights[l].T, biases[l]
    return net


def parity_by_pairs(n):
    """log2(n) hidden layers: XOR of pairs, of pairs of pairs, and so on."""
    weights, biases = [], []
    read = np.eye(n)  # how the bits are read off the layer before
    while n > 1:
        n //= 2
        pair = np.kron(np.eye(n), [[1, 1], [1, 1]])  # both units see a + b
        weights.append(pair @ read)
        biases.append(np.tile([0.0, -1.0], n))
        read = np.kron(np.eye(n), [[1, -2]])
    return by_hand([*weights, read], [*biases, np.zeros(1)])


def parity_by_patterns(n):
    """One hidden layer: a unit is 1 for its own pattern, and 0 for all others."""
    patterns = [p for p in itertools.product([0, 1], repeat=n) if sum(p) % 2]
    signs = 2 * np.array(patterns) - 1.0
    biases = 1 - np.sum(patterns, axis=1)
    return by_hand([signs, np.ones((1, len(signs)))], [biases, np.zeros(1)])


parity_units = {"by pairs": [], "by patterns": []}
bits = (2, 4, 8)
for n in bits:
    X = np.array(list(itertools.product([0, 1], repeat=n)))
    nets = (parity_by_pairs(n), parity_by_patterns(n))
    for name, net in zip(parity_units, nets, strict=True):
        assert np.allclose(net.predict(X), X.sum(axis=1) % 2)
        parity_units[name].append(sum(net.hidden_layer_sizes))
        print(f"parity of {n} bits {name}: {parity_units[name][-1]} units, all right")

# %%
# Teeth of a saw
# --------------
#
# Each ReLU unit of a single hidden layer bends the function of one variable once: k
# teeth need about 2 k units. Folding does it in layers: the tent 2 relu(x) - 4 relu(x -
# 1/2), put into itself, has twice as many teeth each time, for two more units
# (Telgarsky 2016).


def saw(depth):
    """2^(depth - 1) teeth on [0, 1] from two units a layer."""
    read, tent = np.array([[1.0]]), np.array([[2.0, -4.0]])
    weights, biases = [], []
    for _ in range(depth):
        weights.append(np.ones((2, 1)) @ read)
        biases.append(np.array([0.0, -0.5]))
        read = tent
    return by_hand([*weights, read], [*biases, np.zeros(1)])


x = np.linspace(0, 1, 2001)[:, np.newaxis]
fig, axes = plt.subplots(1, 3, figsize=(12, 3.8), layout="constrained")
for depth in (1, 2, 4):
    label = f"{depth} hidden layer{'s' if depth > 1 else ''}, {2 * depth} units"
    axes[0].plot(x, saw(depth).predict(x), label=label)
axes[0].set(title="Two units a layer", xlabel="x", ylim=(0, 1.4))
axes[0].legend(loc="upper right")

depths = np.arange(1, 11)
teeth = 2 ** (depths - 1)
axes[1].plot(teeth, 2 * teeth, "s-", label="one hidden layer")
axes[1].plot(teeth, 2 * depths, "o-", label="two units a layer")
axes[1].set(xlabel="teeth of the saw", xscale="log", yscale="log")
axes[2].plot(bits, parity_units["by patterns"], "s-", label="one layer, by patterns")
axes[2].plot(bits, parity_units["by pairs"], "o-", label="log2(n) layers, by pairs")
axes[2].set(xlabel="bits of the parity", yscale="log", xticks=bits)
for ax in axes[1:]:
    ax.set(ylabel="hidden units needed", title="Units needed")
    ax.legend()

# %%
# What training finds
# -------------------
#
# That a network *can* does not mean that training finds the way. Twenty-four units in
# one, two and three layers are trained on a saw of four teeth from five places each.

X, y = x[::10], saw(3).predict(x[::10])
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for place, sizes in enumerate([(24,), (12, 12), (8, 8, 8)]):
    scores = []
    for seed in range(5):
        net = DeepNetRegressor(
            hidden_layer_sizes=sizes,
            solver="lbfgs",
            alpha=0,
            max_iter=2000,
            standardize=True,
            random_state=seed,
            warn=False,
        )
        scores.append(net.fit(X, y).score(X, y))
    ax.plot([place] * 5, scores, "o", alpha=0.6)
    ax.plot(place, np.median(scores), "k_", markersize=30)
    print(f"{sizes}: R2 {np.round(sorted(scores), 2)}")
ax.set_xticks(range(3), ["24", "12 + 12", "8 + 8 + 8"])
ax.set(
    xlabel="hidden units",
    ylabel="R2 on a saw of four teeth (bar: median)",
    title="Twenty-four units, five trainings each",
)

plt.show()
