"""
Why log loss and not squared error
==================================

For a probability, the squared error seems as good a cost as the logarithmic one. It is
not (notes, week 2): as a function of the weights it is not convex, and where the neuron
is surest and most wrong it is flat, so that gradient descent hardly moves.
"""

# %%
# Two costs over one weight
# -------------------------
#
# Four examples with one feature, and a neuron without a bias: a = sigmoid(w x). One of
# the examples has a label that does not fit.

import matplotlib.pyplot as plt
import numpy as np

x = np.array([-6.0, 0.4, 0.6, 0.8])
y = np.array([1, 1, 1, 1])


def sigmoid(z):
    """g(z) = 1 / (1 + e^-z)."""
    return 1 / (1 + np.exp(-z))


w = np.linspace(-8, 8, 600)
a = sigmoid(w[:, np.newaxis] * x)
chosen = np.where(y == 1, a, 1 - a)  # the probability given to what was seen
costs = {
    "log loss": -np.log(chosen).mean(axis=1),
    "squared error": 0.5 * ((a - y) ** 2).mean(axis=1),
}

# %%
# The upper row is J, the lower its slope dJ/dw. Log loss is one valley, steep on
# both sides. The squared error has its lowest point in a dent, with a hump beside it:
# from behind the hump gradient descent goes away from it, on a plain that is ever
# flatter.

fig, axes = plt.subplots(2, 2, figsize=(9, 5.2), sharex=True, layout="constrained")
for (top, bottom), (name, J) in zip(axes.T, costs.items(), strict=True):
    slope = np.gradient(J, w)
    convex = np.all(np.gradient(slope, w)[2:-2] > -1e-9)
    print(f"{name:>13}: {'convex' if convex else 'not convex'}")
    top.plot(w, J)
    top.set(title=f"{name}: {'convex' if convex else 'not convex'}", ylabel="J")
    bottom.axhline(0, color="0.7")
    bottom.plot(w, slope, color="C1")
    bottom.set(xlabel="w", ylabel="dJ/dw")

# %%
# What a step sees
# ----------------
#
# For one example with y = 1, the slope in z is a - 1 with log loss: close to -1 where
# the answer is wrong. With the squared error it is (a - 1) a (1 - a): the sigmoid's own
# slope stays in it, and a neuron that is sure of a wrong answer does not learn.

z = np.linspace(-8, 8, 300)
a = sigmoid(z)
fig, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
ax.plot(z, a - 1, label="log loss:  a - y")
ax.plot(z, (a - 1) * a * (1 - a), label="squared error:  (a - y) a (1 - a)")
ax.set(xlabel="z", ylabel="dL/dz, where y = 1")
ax.annotate(
    "sure, and wrong", (-7, -0.03), (-7.5, -0.45), arrowprops={"arrowstyle": "->"}
)
ax.legend(loc="lower right")

plt.show()
