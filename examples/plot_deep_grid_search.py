"""
Searching a deep network's settings
===================================

How many layers, how many units, which activation, what learning rate? The notes (week
4) call these hyperparameters and advise to try. A deep network in a Pipeline is an
estimator as any other, so scikit-learn's GridSearchCV does the trying.

It runs on the course's cats if their files are here, else on handwritten digits.
"""

# %%
# The pictures
# ------------

import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline

from sknn_scratch import DeepNetClassifier
from sknn_scratch.datasets import load_digit_images
from sknn_scratch.hdf5 import load_dataset
from sknn_scratch.plotting import SearchDisplay
from sknn_scratch.preprocessing import ImageFlattener

folder = Path(os.environ.get("SKNN_SCRATCH_COURSE_DATA", "../shared/course"))
files = [folder / f"{part}_catvnoncat.h5" for part in ("train", "test")]
if all(file.exists() for file in files):
    X_train, y_train, X_test, y_test, _ = load_dataset(*files)
    # every fourth pixel each way: the search shall take seconds
    X_train, X_test = X_train[:, ::4, ::4], X_test[:, ::4, ::4]
    highest, epochs = 255, 30
else:
    images, digit = load_digit_images()
    X_train, X_test, y_train, y_test = train_test_split(
        images, digit, stratify=digit, random_state=0
    )
    highest, epochs = 16, 10
print(f"{len(X_train)} images of shape {X_train.shape[1:]} to train on")

# %%
# The search
# ----------
#
# ``n_hidden_layers`` repeats ``hidden_layer_sizes``, so that depth and width can be
# searched apart. Every setting is tried on three folds, with few epochs: ``tol=0`` says
# that this is meant. The score to beat is that of always naming the commonest class.
# (With the course's 209 cats hardly any setting beats it by more than luck: two thirds
# of so few pictures do not teach what a cat is.)

net = DeepNetClassifier(
    batch_size=32, max_iter=epochs, tol=0, n_iter_no_change=np.inf, random_state=0
)
model = Pipeline([("flatten", ImageFlattener(scale=highest)), ("net", net)])
grid = {
    "net__activation": ["relu", "tanh"],
    "net__learning_rate_init": [0.001, 0.01],
    "net__n_hidden_layers": [1, 2, 3],
    "net__hidden_layer_sizes": [4, 16, 64],
}
search = GridSearchCV(model, grid, cv=3).fit(X_train, y_train)

settings = {name.removeprefix("net__"): v for name, v in search.best_params_.items()}
_, counts = np.unique(y_train, return_counts=True)
print(f"commonest class: {counts.max() / len(y_train):.3f}")
print(f"best of {len(search.cv_results_['params'])} settings: {settings}")
print(f"accuracy: {search.best_score_:.3f} in cross-validation", end=", ")
print(f"{search.score(X_test, y_test):.3f} on the test images")

# %%
# All scores
# ----------
#
# A panel for each activation and learning rate, a cell for each depth and width. On the
# digits, with so few epochs, a small learning rate leaves narrow networks not far from
# where they began; wide ones do well with any setting.

scores = search.cv_results_["mean_test_score"]
# GridSearchCV goes through the names in alphabetical order, the last one fastest
names = sorted(grid)
order = [f"net__{name}" for name in ("activation", "learning_rate_init")]
order += [f"net__{name}" for name in ("n_hidden_layers", "hidden_layer_sizes")]
table = scores.reshape([len(grid[name]) for name in names])
table = table.transpose([names.index(name) for name in order])

activations, rates, depths, widths = (grid[name] for name in order)
fig, axes = plt.subplots(
    len(activations),
    len(rates),
    figsize=(7.5, 6.5),
    sharex=True,
    sharey=True,
    layout="constrained",
)
for i, j in [(i, j) for i in range(len(activations)) for j in range(len(rates))]:
    ax = axes[i, j]
    image = ax.imshow(table[i, j], vmin=scores.min(), vmax=scores.max())
    for row, column in [(r, c) for r in range(len(depths)) for c in range(len(widths))]:
        score = table[i, j, row, column]
        bright = score > (scores.min() + scores.max()) / 2
        ax.text(
            column,
            row,
            f"{score:.2f}",
            ha="center",
            va="center",
            color="black" if bright else "white",
            fontweight="bold" if score == scores.max() else "normal",
        )
    ax.set_title(f"{activations[i]}, learning rate {rates[j]:g}")
    ax.set_xticks(range(len(widths)), widths)
    ax.set_yticks(range(len(depths)), depths)
fig.supxlabel("units of a hidden layer")
fig.supylabel("hidden layers")
fig.colorbar(image, ax=axes, label="accuracy in cross-validation (best in bold)")

# %%
# Where the other settings do not matter, one line draws the best scores over two of
# them.

SearchDisplay.from_estimator(
    search, params=["net__n_hidden_layers", "net__hidden_layer_sizes"]
)

plt.show()
