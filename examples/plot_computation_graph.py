"""
Computation graphs
==================

A formula as a graph: values go forwards along the edges, derivatives of the last node
come back (notes, week 2). First a formula of three steps, by hand; then logistic
regression and a small network, with the numbers that their own forward and backward
propagation find.
"""

# %%
# Three steps by hand
# -------------------
#
# J = 2 (a b - c) at a = 3, b = 4, c = 5. Every edge asks one question: if this number
# goes up a little, by how much does J? The derivative of a product is the other factor,
# that of a difference is 1 and -1; along a path they are multiplied.

# sphinx_gallery_thumbnail_number = 3
import matplotlib.pyplot as plt

from sknn_scratch import LogisticRegressionScratch, ShallowNetClassifier
from sknn_scratch.plotting import ComputationGraphDisplay

ComputationGraphDisplay(
    nodes={
        "a": "a",
        "b": "b",
        "c": "c",
        "u": "u = ab",
        "v": "v = u - c",
        "J": "J = 2v",
    },
    edges=[
        ("a", "u", "a = 3", "da = 8"),
        ("b", "u", "b = 4", "db = 6"),
        ("u", "v", "u = 12", "du = 2"),
        ("c", "v", "c = 5", "dc = -2"),
        ("v", "J", "v = 7", "dv = 2"),
        ("J", None, "J = 14"),
    ],
).plot()

# %%
# Is it right? Raise a by a thousandth, and J rises by eight thousandths.


def J(a, b, c):
    """J = 2 (a b - c)."""
    return 2 * (a * b - c)


print(f"(J(3.001, 4, 5) - J(3, 4, 5)) / 0.001 = {(J(3.001, 4, 5) - 14) / 0.001:.3f}")

# %%
# Logistic regression
# -------------------
#
# Two features, one example. On the way back dz = a - y, dw = x dz and db = dz.

X, y = [[1.0, 2.0], [2.0, -1.0], [-1.0, 0.5], [0.0, -2.0]], [1, 0, 1, 0]
neuron = LogisticRegressionScratch().fit(X, y)
ComputationGraphDisplay.from_estimator(neuron, X[0], y[0])

# %%
# One hidden layer
# ----------------
#
# Where an edge forks on the way forwards, the derivatives that come back are added.

net = ShallowNetClassifier(2, solver="lbfgs", alpha=0.1, random_state=0).fit(X, y)
ComputationGraphDisplay.from_estimator(net, X[0], y[0])

plt.show()
