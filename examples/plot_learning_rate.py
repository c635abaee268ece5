"""
A learning rate too small, too high, and right
==============================================

The learning rate says how far a step goes (notes, week 2 and 4). Too small, and the
cost hardly falls; too high, and a step goes past the valley to a place that is higher
than before. This is one reason why the cost should always be looked at.
"""

# %%
# Five rates on the flower
# ------------------------
#
# A step is taken from the same first weights each time; only the rate differs. The
# package says in a warning when training went wrong; ``warn=False`` keeps it quiet
# here.

import matplotlib.pyplot as plt
import numpy as np

from sknn_scratch import ShallowNetClassifier
from sknn_scratch.datasets import make_flower
from sknn_scratch.plotting import LossCurveDisplay

X, y = make_flower()
rates = (0.01, 0.1, 1.2, 6, 30)

fig, ax = plt.subplots(figsize=(8, 4.5), layout="constrained")
for rate in rates:
    net = ShallowNetClassifier(
        4,
        solver="gd",
        learning_rate_init=rate,
        max_iter=300,
        alpha=0,
        tol=0,
        n_iter_no_change=np.inf,
        random_state=2,
        warn=False,
    ).fit(X, y)
    LossCurveDisplay.from_estimator(net, ax=ax, name=f"learning rate {rate:g}")
    rises = np.mean(np.diff(net.loss_curve_) > 0)
    print(f"rate {rate:5g}: J ends at {net.loss_:.3f}; it rose in {rises:.0%} of steps")
ax.set(title="One network, five learning rates", xlabel="iteration", yscale="log")

# %%
# Why a step can go up
# --------------------
#
# On a parabola with J = w^2 / 2 a step is w := (1 - rate) w. Below a rate of 1 it comes
# nearer from the same side; between 1 and 2 it jumps across and still comes nearer;
# from 2 on every jump ends farther away.

fig, axes = plt.subplots(1, 3, figsize=(10, 3.4), sharey=True, layout="constrained")
curve = np.linspace(-4, 4, 100)
for ax, rate in zip(axes, (0.3, 1.7, 2.15), strict=True):
    w = 2.0 * (1 - rate) ** np.arange(6)
    ax.plot(curve, curve**2 / 2, color="0.7")
    ax.plot(w, w**2 / 2, "o-", color="crimson", markersize=4)
    ax.set(title=f"rate {rate:g}", xlabel="w", xlim=(-4.5, 4.5))
axes[0].set_ylabel("J")

plt.show()
