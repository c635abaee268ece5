"""
Sigmoid, tanh, ReLU: how fast they learn
========================================

The slope of a sigmoid is at most 1/4, and next to nothing for a large z. On the way
back through several layers such slopes are multiplied, and little is left for the first
ones. The ReLU passes the gradient on as it is (notes, week 1 and 3).
"""

# %%
# One network, four activations
# -----------------------------
#
# Four hidden layers on handwritten digits, gradient descent on all images at once. The
# first weights are drawn alike, but for the factor that suits each activation.

import matplotlib.pyplot as plt
import numpy as np

from sknn_scratch import DeepNetClassifier
from sknn_scratch.datasets import load_digit_images
from sknn_scratch.plotting import LossCurveDisplay

images, digit = load_digit_images()
X = images.reshape(len(images), -1) / 16


def network(activation, epochs, **more):
    """Four hidden layers of 30 units."""
    return DeepNetClassifier(
        (30, 30, 30, 30),
        activation,
        solver="gd",
        learning_rate_init=0.03,
        max_iter=epochs,
        alpha=0,
        tol=0,
        n_iter_no_change=np.inf,
        random_state=0,
        warn=False,
        **more,
    )


activations = ("sigmoid", "tanh", "relu", "leaky_relu")
fig, ax = plt.subplots(figsize=(7.5, 4.3), layout="constrained")
for activation in activations:
    net = network(activation, epochs=300).fit(X, digit)
    LossCurveDisplay.from_estimator(net, ax=ax, name=activation)
    print(f"{activation:>10}: accuracy {net.score(X, digit):.3f} after 300 iterations")
ax.set(title="Handwritten digits, four hidden layers", xlabel="iteration")

# %%
# What reaches the first layer
# ----------------------------
#
# A step of gradient descent is the gradient times the learning rate, so the gradient
# can be had from the parameters before and after it. With ``warm_start=True`` the
# second `fit` takes up where the first ended. With the sigmoid, the gradient shrinks
# from layer to layer on its way back: it vanishes.

fig, ax = plt.subplots(figsize=(7.5, 4), layout="constrained")
for activation in activations:
    net = network(activation, epochs=1, warm_start=True)
    before = net.fit(X, digit).parameters_
    before = {name: value.copy() for name, value in before.items()}
    after = net.fit(X, digit).parameters_
    norms = []
    for l in range(1, net.n_layers_):
        dW = (before[f"W{l}"] - after[f"W{l}"]) / net.learning_rate_init
        norms.append(np.linalg.norm(dW))
    ax.plot(range(1, net.n_layers_), norms, "o-", label=activation)
ax.set(
    yscale="log",
    xlabel="layer",
    ylabel="||dW|| (logarithmic)",
    title="The gradient on its way back, at the second step",
)
ax.set_xticks(range(1, net.n_layers_))
ax.legend()

plt.show()
