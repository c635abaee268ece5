"""
First weights: zero, small, large
=================================

Where training begins decides how it goes (notes, week 3). From zero, the units of a
layer stay identical; from very large weights, tanh is flat and learning is slow; a
little randomness is what is wanted, and for deep networks the right amount of it.
"""

# %%
# The flower from four places
# ---------------------------
#
# Large weights are no choice of ``init``, and nobody should want them. But the
# parameters of a fitted network may be changed, and with ``warm_start=True`` the next
# `fit` goes on from there. With a W[1] a hundred times as large, nearly all tanh are at
# -1 or 1, where they are flat: the hidden layer hardly moves, only the output learns.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.inspection import DecisionBoundaryDisplay

from sknn_scratch import DeepNetClassifier, ShallowNetClassifier
from sknn_scratch.datasets import load_digit_images, make_flower
from sknn_scratch.plotting import LossCurveDisplay

X, y = make_flower()


def shallow(init, factor=1, epochs=600):
    """Four tanh units, trained from a W[1] that is multiplied by `factor`."""
    net = ShallowNetClassifier(
        4,
        init=init,
        solver="gd",
        learning_rate_init=1.2,
        max_iter=1,
        alpha=0,
        tol=0,
        n_iter_no_change=np.inf,
        warm_start=True,
        random_state=0,
        warn=False,
    ).fit(X, y)
    net.coefs_[0] *= factor
    return net.set_params(max_iter=epochs).fit(X, y)


starts = {
    "zeros": shallow("zeros"),
    "0.01 randn (the course's)": shallow("small_random"),
    "randn sqrt(2 / (n_in + n_out))": shallow("xavier"),
    "the same, 100 times as large": shallow("xavier", factor=100),
}
fig, ax = plt.subplots(figsize=(7.5, 4.3), layout="constrained")
for name, net in starts.items():
    LossCurveDisplay.from_estimator(net, ax=ax, name=name)
ax.set(
    title="The flower, four hidden units",
    xlabel="iteration",
    yscale="log",
    yticks=[0.3, 0.4, 0.5, 0.6, 0.7],
)
ax.yaxis.set_major_formatter("{x:g}")
ax.minorticks_off()

# %%
# What was learned
# ----------------
#
# Below each picture are the weights of the four units for the two features. From zero
# they are four times the same.

fig, axes = plt.subplots(
    2, 4, figsize=(11, 4.6), height_ratios=(3, 1), layout="constrained"
)
for (top, bottom), (name, net) in zip(axes.T, starts.items(), strict=True):
    DecisionBoundaryDisplay.from_estimator(
        net,
        X,
        ax=top,
        response_method="predict_proba",
        plot_method="pcolormesh",
        cmap="coolwarm",
        vmin=0,
        vmax=1,
        alpha=0.7,
    )
    top.scatter(*X.T, c=y, s=5, cmap="coolwarm", edgecolors="black", linewidths=0.2)
    top.set_title(f"{name}\naccuracy {net.score(X, y):.2f}", fontsize=9)
    top.set(xticks=[], yticks=[])
    W1 = net.parameters_["W1"]
    limit = max(np.abs(W1).max(), 0.1)
    bottom.imshow(W1.T, cmap="coolwarm", vmin=-limit, vmax=limit, aspect="auto")
    bottom.set(xticks=range(4), xticklabels=["unit 1", "2", "3", "4"], yticks=[])
print(
    "identical units from zero:", np.ptp(starts["zeros"].coefs_[0], axis=1).max() == 0
)

# %%
# In a deep network 0.01 is too little
# ------------------------------------
#
# Through ten layers a signal that is made smaller by each of them fades; one that is
# made larger grows. The spread of the activations of each layer, before any training,
# shows it: the rule of He keeps the spread of ReLU layers.

images, digit = load_digit_images()
pixels = images.reshape(len(images), -1) / 16

fig, ax = plt.subplots(figsize=(7.5, 4), layout="constrained")
for init in ("small_random", "scaled", "he"):
    net = DeepNetClassifier(
        (50,) * 10, init=init, solver="gd", max_iter=1, warn=False, random_state=0
    ).set_params(learning_rate_init=1e-12)
    p, A, spread = net.fit(pixels, digit).parameters_, pixels.T, []
    for l in range(1, 11):
        A = np.maximum(0, p[f"W{l}"] @ A + p[f"b{l}"])
        spread.append(A.std())
    ax.plot(range(1, 11), spread, "o-", label=f'init="{init}"')
ax.set(
    yscale="log",
    xlabel="layer",
    ylabel="standard deviation of A[l]",
    title="A signal on its way through ten ReLU layers",
)
ax.legend()

plt.show()
