"""
What later layers respond to
============================

Early layers are said to learn simple things and later ones to put them together (notes,
week 4). Here is a network for handwritten digits, opened: what its first weights look
like, which images excite the units of each layer, and how much a unit of each layer
knows of the digit.
"""

# %%
# A network of three hidden layers
# --------------------------------

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import train_test_split

from sknn_scratch import DeepNetClassifier
from sknn_scratch.datasets import load_digit_images

images, digit = load_digit_images()
X = images.reshape(len(images), -1) / 16
X_train, X_test, y_train, y_test = train_test_split(
    X, digit, stratify=digit, random_state=0
)
net = DeepNetClassifier(
    (40, 40, 40), learning_rate_init=0.003, alpha=1, max_iter=60, random_state=0, tol=0
).set_params(n_iter_no_change=np.inf)
net.fit(X_train, y_train)
print(f"accuracy on test images: {net.score(X_test, y_test):.3f}")

# %%
# The activations of every layer, with the parameters in the course's shapes.
# (`transform` gives those of the last hidden layer.)

p, A = net.parameters_, [X_test.T]
for l in range(1, 4):
    A.append(np.maximum(0, p[f"W{l}"] @ A[l - 1] + p[f"b{l}"]))
assert np.allclose(A[3].T, net.transform(X_test))

# %%
# Which images excite a unit
# --------------------------
#
# For eight units of each layer: the mean of the twenty test images with the highest
# activation, and how many of them are the same digit. Even in the first layer some
# units have a favourite; the deeper the layer, the more do.

fig, axes = plt.subplots(3, 8, figsize=(9.5, 4.2), layout="constrained")
for l, row in enumerate(axes, start=1):
    live = np.flatnonzero(A[l].std(axis=1) > 0.01)
    for ax, unit in zip(row, live[:8], strict=True):
        highest = np.argsort(-A[l][unit])[:20]
        ax.imshow(X_test[highest].mean(axis=0).reshape(8, 8), cmap="gray_r")
        common = np.bincount(y_test[highest], minlength=10)
        ax.set_title(f"{common.max()} of 20: a {common.argmax()}", fontsize=8)
        ax.set(xticks=[], yticks=[])
    row[0].set_ylabel(f"layer {l}")

# %%
# Over all units, the share of the commonest digit among the twenty:

for name, layer in zip(("pixels", "layer 1", "layer 2", "layer 3"), A, strict=True):
    share = [
        np.bincount(y_test[np.argsort(-unit)[:20]]).max() / 20
        for unit in layer[layer.std(axis=1) > 0.01]
    ]
    print(f"{name:>8}: {np.mean(share):.2f}")

# %%
# How much a unit knows of the digit
# ----------------------------------
#
# The part of a unit's variance that the digit explains: 0 if it answers to all digits
# alike, 1 if its activation depends on the digit only. It grows from layer to layer.


def explained(A):
    """Between-class variance over the whole, for each unit that ever changes."""
    A = A[A.std(axis=1) > 1e-6]
    means = np.stack([A[:, y_test == k].mean(axis=1) for k in range(10)])
    weights = np.bincount(y_test)[:, np.newaxis] / len(y_test)
    return np.sum(weights * (means - A.mean(axis=1)) ** 2, axis=0) / A.var(axis=1)


parts = [explained(layer) for layer in A]
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
ax.boxplot(parts, tick_labels=["pixels", "layer 1", "layer 2", "layer 3"])
ax.set(
    ylabel="part of the variance explained by the digit",
    title="The deeper, the more a unit is about the digit",
    ylim=(0, 1),
)
for name, part in zip(("pixels", "layer 1", "layer 2", "layer 3"), parts, strict=True):
    print(f"{name:>8}: median {np.median(part):.2f}")

plt.show()
