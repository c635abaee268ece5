"""
A linear output: what a house costs, how a disease goes on
==========================================================

The first network of the notes predicts a price: one neuron, a linear output, a line
that cannot go below zero (week 1). Prices of houses are not bundled with scikit-learn;
the progress of diabetes after a year is, from ten features of each patient. The task is
the same: features in, one number out, and squared residuals to be made small.
"""

# %%
# The data
# --------
#
# 442 patients, ten features, a number from 25 to 346. Features and numbers have scales
# of their own: `standardize=True` sees to those of the features. A regressor sees to
# that of the number by itself.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import KFold, cross_val_predict

from sknn_scratch import DeepNetRegressor, ShallowNetRegressor

X, y = load_diabetes(return_X_y=True, scaled=False)
print(
    f"{X.shape[0]} patients, {X.shape[1]} features, y from {y.min():g} to {y.max():g}"
)

# %%
# One linear neuron, a hidden layer, several
# ------------------------------------------
#
# A network without hidden layers is linear regression. Hidden layers can bend the
# plane, and can learn the 442 patients by heart: the penalty alpha, dropout and early
# stopping are there to prevent that.


common = {"standardize": True, "random_state": 0}
models = {
    "the mean": DummyRegressor(),
    "least squares": LinearRegression(),
    "one linear neuron": DeepNetRegressor(
        hidden_layer_sizes=(), solver="lbfgs", alpha=1, **common
    ),
    "one hidden layer": ShallowNetRegressor(
        20, solver="lbfgs", alpha=30, max_iter=1000, **common
    ),
    "two hidden layers": DeepNetRegressor(
        hidden_layer_sizes=(40, 20),
        dropout=0.3,
        early_stopping=True,
        learning_rate_init=0.005,
        n_iter_no_change=20,
        **common,
    ),
    "two, absolute error": DeepNetRegressor(
        loss="absolute_error",
        hidden_layer_sizes=(40, 20),
        dropout=0.3,
        early_stopping=True,
        learning_rate_init=0.005,
        n_iter_no_change=20,
        **common,
    ),
}

# %%
# How far off they are
# --------------------
#
# Each patient is predicted by a model that has not seen them (five folds).

folds = KFold(5, shuffle=True, random_state=0)
predictions, error = {}, {}
for name, model in models.items():
    predictions[name] = cross_val_predict(model, X, y, cv=folds)
    error[name] = mean_absolute_error(y, predictions[name])
    print(f"{name:20s} mean absolute error {error[name]:5.1f}")

# %%
# Most of what ten features can tell is linear: the hidden layers gain little here. (On
# images, or on the flower of week 3, they are everything.)

fig, axes = plt.subplots(1, 3, figsize=(12, 4), layout="constrained")
axes[1].sharey(axes[0])
ends = np.array([y.min(), y.max()])
for ax, name in zip(axes[:2], ("one linear neuron", "two hidden layers"), strict=True):
    ax.plot(ends, ends, color="0.7")
    ax.scatter(y, predictions[name], s=8)
    ax.set(xlabel="progress of the disease", title=name)
axes[0].set(ylabel="predicted")
axes[2].barh(list(error), list(error.values()))
axes[2].invert_yaxis()
axes[2].set(xlabel="mean absolute error", title="patients not seen")
plt.show()
