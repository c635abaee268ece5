"""
Why deep learning takes off: the amount of data
===============================================

The notes (week 1) draw accuracy against the amount of training data for networks of
different sizes: with little data they are much the same; the more data, the more a
large network has the advantage, while a small one soon learns no more. Here the drawing
is measured on handwritten digits: is the number odd or even? (The course's 209 cats are
too few to show it.)
"""

# %%
# Three networks, more and more images
# ------------------------------------
#
# A quarter of the images is kept for the test. Each network is trained three times on
# each amount, on other images and from other first weights each time. All take the same
# number of steps, whatever the amount: more data must not simply mean more training.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from sknn_scratch import DeepNetClassifier
from sknn_scratch.datasets import load_digit_images
from sknn_scratch.preprocessing import ImageFlattener

images, digit = load_digit_images()
X_train, X_test, y_train, y_test = train_test_split(
    images, digit % 2, stratify=digit, random_state=0
)

sizes = {"small: 2": (2,), "medium: 8": (8,), "large: 128, 64": (128, 64)}
amounts = [20, 50, 150, 450, 1347]
steps, batch = 800, 20

accuracy = np.empty((len(sizes), len(amounts), 3))
for i, j, seed in np.ndindex(accuracy.shape):
    net = DeepNetClassifier(
        list(sizes.values())[i],
        learning_rate_init=0.005,
        batch_size=batch,
        max_iter=-(-steps * batch // amounts[j]),
        tol=0,
        n_iter_no_change=np.inf,
        random_state=seed,
    )
    some = np.random.RandomState(seed).permutation(len(X_train))[: amounts[j]]
    model = make_pipeline(ImageFlattener(scale=16), net)
    model.fit(X_train[some], y_train[some])
    accuracy[i, j, seed] = model.score(X_test, y_test)

# %%
# The drawing of the notes, measured
# ----------------------------------
#
# Lines are means over the three trainings, bands their least and greatest values. The
# large network leads by little at 20 images and by much at 1347.

fig, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
for name, curves in zip(sizes, accuracy, strict=True):
    [line] = ax.plot(amounts, curves.mean(axis=1), "o-", label=f"{name} hidden units")
    low, high = curves.min(axis=1), curves.max(axis=1)
    ax.fill_between(amounts, low, high, color=line.get_color(), alpha=0.15)
    print(f"{name:>15}:", *(f"{mean:.3f}" for mean in curves.mean(axis=1)))
ax.set_xscale("log")
ax.set_xticks(amounts, amounts)
ax.minorticks_off()
ax.set(
    xlabel="training images (logarithmic)",
    ylabel="accuracy on the test images",
    title="Large networks make more of much data",
)
ax.legend()

plt.show()
