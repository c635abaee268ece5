"""
The cost as a surface, and the way down
=======================================

Logistic regression with one feature has two parameters, w and b, so its cost J can be
drawn as a surface (notes, week 2). It is convex: one valley, and gradient descent finds
its bottom from wherever it starts.
"""

# %%
# Ten examples
# ------------
#
# Hours of study, and whether the exam was passed. The classes overlap: without that, or
# a penalty, there would be no lowest point, for w could grow for ever.

import matplotlib.pyplot as plt
import numpy as np

from sknn_scratch import LogisticRegressionScratch

hours = np.array([0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0])
passed = np.array([0, 0, 0, 1, 0, 1, 0, 1, 1, 1])
X = (hours - hours.mean())[:, np.newaxis]

# %%
# The path
# --------
#
# ``warm_start=True`` lets every `fit` go on from the parameters of the last, so that
# the place after each step can be noted down. The start is set by hand, far from the
# bottom.


def path(start, rate, steps):
    """w, b and J at the start and after each step."""
    neuron = LogisticRegressionScratch(
        solver="gd",
        learning_rate_init=rate,
        C=np.inf,
        max_iter=1,
        tol=0,
        warm_start=True,
        warn=False,
    ).fit(X, passed)
    neuron.coef_[:], neuron.intercept_[:] = start
    places = []
    for _ in range(steps):
        w, b = neuron.coef_.item(), neuron.intercept_.item()
        neuron.fit(X, passed)
        places.append([w, b, neuron.loss_curve_[-1]])  # J is taken before the step
    return np.transpose(places)


w, b, J = path(start=(-2.0, 3.0), rate=0.8, steps=60)
print(f"from J = {J[0]:.3f} to {J[-1]:.3f}, at w = {w[-1]:.2f} and b = {b[-1]:.2f}")

# %%
# The surface
# -----------
#
# The same J, computed on a grid. The path runs straight down the slope, across the
# lines of equal height: the gradient points where J rises most.

grid_w, grid_b = np.meshgrid(np.linspace(-3, 5, 80), np.linspace(-4, 4, 80))
z = grid_w[..., np.newaxis] * X.ravel() + grid_b[..., np.newaxis]
height = np.mean(np.logaddexp(0, z) - passed * z, axis=-1)

fig = plt.figure(figsize=(9.5, 4.2), layout="constrained")
surface = fig.add_subplot(1, 2, 1, projection="3d")
surface.plot_surface(grid_w, grid_b, height, cmap="viridis", alpha=0.75)
surface.plot(w, b, J + 0.03, "o-", color="crimson", markersize=2.5, zorder=10)
surface.set(xlabel="w", ylabel="b", title="J(w, b)")
surface.view_init(elev=35, azim=-60)

contours = fig.add_subplot(1, 2, 2)
levels = height.min() + np.geomspace(0.003, 3.5, 14)
lines = contours.contour(grid_w, grid_b, height, levels=levels, cmap="viridis")
contours.clabel(lines, lines.levels[6::2], fontsize=7)
contours.plot(w, b, "o-", color="crimson", markersize=2.5, label="gradient descent")
contours.plot(w[-1], b[-1], "k*", markersize=9, label="the end of the path")
contours.set(xlabel="w", ylabel="b", title="the same from above")
contours.legend(loc="lower right")

plt.show()
