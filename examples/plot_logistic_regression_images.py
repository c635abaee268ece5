"""
Logistic regression on images
=============================

A network of one neuron (notes, week 2) learns to tell cats from other pictures, by
gradient descent with three learning rates. We look at its cost, at its most confident
mistakes, and at its weights, which form an image themselves.

Without the course's pictures it learns to tell handwritten eights from other digits.
"""

# %%
# The pictures
# ------------
#
# The course's files are used if they are here; else scikit-learn's bundled digits.
# Each learning rate is ten times the next. The digits take greater ones than the cats:
# an image of 64 features gives smaller gradients than one of 12288.

import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from sknn_scratch import LogisticRegressionScratch
from sknn_scratch.datasets import load_digit_images
from sknn_scratch.hdf5 import load_dataset
from sknn_scratch.plotting import LossCurveDisplay, MistakesDisplay
from sknn_scratch.preprocessing import ImageFlattener

folder = Path(os.environ.get("SKNN_SCRATCH_COURSE_DATA", "../shared/course"))
files = [folder / f"{part}_catvnoncat.h5" for part in ("train", "test")]
if all(file.exists() for file in files):
    X_train, y_train, X_test, y_test, classes = load_dataset(*files)
    highest, rates = 255, (0.01, 0.001, 0.0001)
else:
    images, digit = load_digit_images()
    X_train, X_test, y_train, y_test = train_test_split(
        images, digit == 8, stratify=digit == 8, random_state=0
    )
    highest, rates, classes = 16, (10, 1, 0.1), ("not 8", "8")
print(f"{len(X_train)} images of shape {X_train.shape[1:]} to train on")

# %%
# Three learning rates
# --------------------
#
# ``solver="gd"`` is the course's gradient descent on all images at once; ``C=np.inf``
# leaves the penalty out, and ``tol=0`` runs all the iterations. Too small a rate hardly
# gets anywhere; a great one makes the cost go up and down before it falls, if it falls
# at all.

fig, ax = plt.subplots(layout="constrained")
models = {}
for rate in rates:
    neuron = LogisticRegressionScratch(
        solver="gd", learning_rate_init=rate, C=np.inf, max_iter=800, tol=0
    )
    models[rate] = make_pipeline(ImageFlattener(scale=highest), neuron)
    models[rate].fit(X_train, y_train)
    LossCurveDisplay.from_estimator(models[rate], ax=ax, name=f"learning rate {rate:g}")
    train, test = (
        models[rate].score(X, y) for X, y in [(X_train, y_train), (X_test, y_test)]
    )
    print(f"learning rate {rate:g}: train accuracy {train:.3f}, test {test:.3f}")
ax.set(title="Cost of logistic regression", xlabel="iteration", yscale="log")

# %%
# The most confident mistakes
# ---------------------------
#
# Where was the neuron sure and wrong? The model takes whole images, as the flattening
# is part of it, so that the display can show them.

model = models[rates[1]]
MistakesDisplay.from_estimator(model, X_test, y_test, classes=classes)

# %%
# What it looks for
# -----------------
#
# W[1] has a weight for every number in an image. In the image's own shape they show
# where brightness speaks for the class (red) and where against it (blue).

weights = model[-1].coef_.reshape(*X_train.shape[1:3], -1)  # (h, w, c)
channels = ["grey"] if weights.shape[2] == 1 else ["red", "green", "blue"]
limit = np.abs(weights).max()
fig, axes = plt.subplots(
    1,
    len(channels),
    squeeze=False,
    layout="constrained",
    figsize=(3 * len(channels) + 1, 3.4),
)
for ax, name, channel in zip(
    axes[0], channels, np.moveaxis(weights, 2, 0), strict=True
):
    image = ax.imshow(channel, cmap="coolwarm", vmin=-limit, vmax=limit)
    ax.set_title(f"{name} values")
    ax.set_axis_off()
fig.colorbar(image, ax=axes, label=f'weight, positive for "{classes[1]}"')

plt.show()
