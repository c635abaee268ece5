"""
A network that does not learn, looked into
==========================================

Handwritten digits with one feature that has another scale, and sigmoid units: the cost
hardly falls. What is wrong? `sknn_scratch.inspection` answers in words and numbers, and
the pictures show the same.
"""

# %%
# The patient
# -----------
#
# An image's mean brightness, in a unit of its own, is put beside the pixels.

import matplotlib.pyplot as plt
import numpy as np

from sknn_scratch import DeepNetClassifier
from sknn_scratch.datasets import load_digit_images
from sknn_scratch.inspection import check_gradient, diagnose, explain_step
from sknn_scratch.plotting import ActivationDisplay, LossCurveDisplay, WeightsDisplay

images, digit = load_digit_images()
pixels = images.reshape(len(images), -1) / 16
X = np.hstack([pixels, 1e4 * pixels.mean(axis=1, keepdims=True)])
ill = DeepNetClassifier(
    (20, 20),
    "sigmoid",
    solver="gd",
    learning_rate_init=0.5,
    max_iter=100,
    random_state=0,
    warn=False,
).fit(X, digit)
print(f"accuracy {ill.score(X, digit):.2f}")

# %%
# What is wrong
# -------------

print(diagnose(ill, X, digit))

# %%
# The inputs of the first layer are so large that its sigmoids lie where they are flat:
# no gradient comes through.

ActivationDisplay.from_estimator(ill, X)

# %%
# The same network, cured
# -----------------------
#
# ``standardize=True`` brings all features to one scale, and ReLU passes the gradient
# on.

well = DeepNetClassifier(
    (20, 20),
    "relu",
    solver="gd",
    learning_rate_init=0.5,
    max_iter=100,
    standardize=True,
    random_state=0,
    warn=False,
).fit(X, digit)
print(f"accuracy {well.score(X, digit):.2f}")

fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
LossCurveDisplay.from_estimator(ill, ax=ax, name="sigmoid, scales as they came")
LossCurveDisplay.from_estimator(well, ax=ax, name="relu, standardised")
ax.set(xlabel="iteration")

# %%
# Is the gradient right?
# ----------------------
#
# The question that every assignment begins with: back-propagated gradients against
# numerical ones, layer by layer.

print(check_gradient(well, X, digit))

# %%
# What its next step does
# -----------------------
#
# Every quantity of one step, in the course's order. (In a notebook `step` is a page to
# step through, with the matrices as heat maps; `step.save("step.html")` writes it.)

step = explain_step(well, X, digit)
for quantity in step.quantities:
    print(f"{quantity.name:>6}  {quantity.shape!s:12}  {quantity.formula}")

# %%
# What it looks for
# -----------------
#
# The weights of the first layer for the pixels, as images, from a network that was
# trained on the pixels alone: strokes, and their absence.

net = DeepNetClassifier((10, 20), alpha=10, max_iter=60, warn=False, random_state=0)
net.fit(pixels, digit)
WeightsDisplay.from_estimator(net, image_shape=(8, 8))

plt.show()
