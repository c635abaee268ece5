"""
A flower against the size of the hidden layer
=============================================

Two classes of points form the petals of a flower (notes, week 3). No line parts them,
so logistic regression fails; one hidden layer of tanh units bends the boundary, the
more units, the more bends.
"""

# %%
# The flower
# ----------

import matplotlib.pyplot as plt
from sklearn.inspection import DecisionBoundaryDisplay
from sklearn.model_selection import StratifiedKFold, cross_val_score

from sknn_scratch import LogisticRegressionScratch, ShallowNetClassifier
from sknn_scratch.datasets import make_flower

X, y = make_flower()

# %%
# No hidden layer, then more and more units
# -----------------------------------------
#
# The settings are the course's: gradient descent on all points with the learning rate
# 1.2, weights that start small, no penalty.

models = {"logistic regression": LogisticRegressionScratch()}
for units in (1, 2, 3, 4, 5, 20, 50):
    name = f"{units} hidden unit{'s' if units > 1 else ''}"
    models[name] = ShallowNetClassifier(
        units,
        solver="gd",
        learning_rate_init=1.2,
        max_iter=2000,
        init="small_random",
        alpha=0,
        tol=0,
        random_state=3,
    )

# %%
# Boundaries
# ----------
#
# The background is the probability of the second class. A single unit can draw only one
# soft line; from three on, most petals part.

fig, axes = plt.subplots(
    2, 4, figsize=(12, 6.4), layout="constrained", sharex=True, sharey=True
)
accuracy = {}
for ax, (name, model) in zip(axes.ravel(), models.items(), strict=True):
    accuracy[name] = model.fit(X, y).score(X, y)
    DecisionBoundaryDisplay.from_estimator(
        model,
        X,
        ax=ax,
        response_method="predict_proba",
        plot_method="pcolormesh",
        cmap="coolwarm",
        vmin=0,
        vmax=1,
        alpha=0.7,
    )
    ax.scatter(*X.T, c=y, s=8, cmap="coolwarm", edgecolors="black", linewidths=0.3)
    ax.set(title=f"{name}\naccuracy {accuracy[name]:.3f}", xticks=[], yticks=[])

# %%
# Which size is best?
# -------------------
#
# On the points it learned from, a larger network is hardly ever worse. Points it has
# not seen are what counts: five-fold cross-validation says where more units stop
# helping. The folds are shuffled, as the points are in the order of their angle.

folds = StratifiedKFold(5, shuffle=True, random_state=0)
seen, unseen = list(accuracy.values()), []
for model in models.values():
    unseen.append(cross_val_score(model, X, y, cv=folds).mean())

fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
ax.plot(list(models), seen, "o-", label="points trained on")
ax.plot(list(models), unseen, "s--", label="points not seen (5 folds)")
ax.set(ylabel="accuracy", title="The flower against the size of the hidden layer")
ax.tick_params(axis="x", rotation=30)
ax.legend()
for name, *both in zip(models, seen, unseen, strict=True):
    print(f"{name:>20}: seen {both[0]:.3f}, unseen {both[1]:.3f}")

plt.show()
