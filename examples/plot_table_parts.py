r"""
The parts of the ensembles for tables
=====================================

What happens between a table and a prediction of
:class:`~sknn_scratch.TabularNetRegressor` and
:class:`~sknn_scratch.TabularNetClassifier`: seven parts, each with its formula, a
picture on small data, and what leaving it out costs. The letters are the course's: x is
an input, z = W a + b, a = g(z), m examples, the cost J, :math:`\hat{y}` the prediction.

The costs are those of `benchmarks/tables.py --ablation`: how much larger the mean error
or log loss of seven classification sets and the mean RMSE of eight regression sets are
with the part left out.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.special import expit
from sklearn.datasets import make_friedman1
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    TabularNetClassifier,
    TabularNetRegressor,
)
from sknn_scratch.preprocessing import TableEncoder

# %%
# The smooth clip
# ---------------
#
# .. math::
#
#    u = \frac{x - \mathrm{median}}{q_{75} - q_{25}}
#    x := \frac{u}{\sqrt{1 + (u / 3)^2}}
#
# The middle half of the examples has length 1, whatever the others do, and no x is
# beyond 3. Standardised to mean 0 and variance 1, a column of incomes has its few
# largest values far out, and presses all others together.

rng = np.random.RandomState(0)
income = rng.lognormal(10, 2, (400, 1))
clipped = TableEncoder(n_bins=0).fit_transform(income)
standardized = StandardScaler().fit_transform(income)

fig, axes = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
u = np.linspace(-8, 8, 200)
axes[0].plot(u, u, color="0.7", label="u")
axes[0].plot(u, u / np.sqrt(1 + (u / 3) ** 2), label="the smooth clip of u")
axes[0].set(xlabel="u", ylabel="x", ylim=(-4, 4))
axes[0].legend()
bins = np.linspace(-2, 6, 65)
axes[1].hist(standardized, bins, color="0.7", label="standardised")
axes[1].hist(clipped, bins, alpha=0.7, label="smoothly clipped")
axes[1].set(xlabel="x of 400 incomes", ylabel="examples")
axes[1].legend()

# %%
# Left out, with mean 0 and variance 1 instead: the authors of RealMLP, whose part it
# is, found 2 % more error in classification and 9 % in regression (Holzmüller et al.
# 2024, arXiv:2407.04491).
#
# Bins
# ----
#
# .. math::
#
#    x_j = \min(\max(\frac{x - t_j}{t_{j+1} - t_j}, 0), 1)
#
# The edges t are quantiles of the column. Each of these inputs rises from 0 to 1 within
# one bin, so a z of the first layer may have a bend, or nearly a step, at every edge
# (Gorishniy et al. 2022, arXiv:2203.05556). From x alone, steps have to be made of many
# units.

x = np.sort(rng.rand(400, 1), axis=0)
step = np.select([x[:, 0] < 0.2, x[:, 0] < 0.45, x[:, 0] < 0.7], [0.0, 1.0, 0.3], 0.8)
y = step + 0.1 * rng.randn(400)

fig, axes = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
outputs = TableEncoder(n_bins=5).fit(x).transform(x)
axes[0].plot(x, outputs[:, 1:])
axes[0].set(xlabel="x", ylabel="the inputs of five bins")
axes[1].scatter(x, y, s=3, color="0.7")
for n_bins in (0, 16):
    net = TabularNetRegressor(n_bins=n_bins, random_state=0).fit(x, y)
    off = np.sqrt(np.mean((net.predict(x) - step) ** 2))
    axes[1].plot(x, net.predict(x), label=f"{n_bins} bins: {off:.3f} off")
axes[1].set(xlabel="x", ylabel=r"$\hat{y}$")
axes[1].legend()

# %%
# Left out (`n_bins=0`): 5.1 % more error, 3.7 % more log loss, 3.2 % more RMSE.
#
# Dropout
# -------
#
# .. math::
#
#    a := \frac{a d}{1 - p}
#
# d is 0 with probability p, for each unit and example anew, else 1. No unit can rely on
# another one, and the mean of a stays what it is. Predictions leave no unit out. Here
# are 10 inputs, 300 examples with noise, and the cost J of examples not seen.

X, y = make_friedman1(600, noise=2, random_state=0)
X, X_val, y, y_val = train_test_split(X, y, test_size=300, random_state=0)
common = {
    "hidden_layer_sizes": (128, 128),
    "activation": "swish",
    "solver": "adamw",
    "alpha": 0,
    "learning_rate_init": 0.005,
    "batch_size": 32,
    "max_iter": 60,
    "tol": 0,
    "n_iter_no_change": np.inf,
    "standardize": True,
    "random_state": 0,
    "warn": False,
}

fig, axes = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
a = expit(rng.randn(12, 30))
d = rng.rand(12, 30) >= 0.1
axes[0].imshow(np.where(d, a / 0.9, np.nan), cmap="viridis", aspect="auto")
axes[0].set(xlabel="examples", ylabel="units", title="a of a step: p = 0.1, white is 0")
for p in (0.0, 0.1, 0.3):
    net = DeepNetRegressor(dropout=p, **common)
    net.fit(X, y, X_val=X_val, y_val=y_val)
    axes[1].plot(net.validation_loss_curve_, label=f"p = {p}")
axes[1].set(xlabel="epoch", ylabel="J of 300 examples not seen")
axes[1].legend()

# %%
# The ensembles have p = 0: on the tables that the defaults were chosen on, p = 0.1
# changes error and log loss by 0.1 %. It costs 0.4 % of RMSE, and a third more seconds.
#
# The mean of the parameters
# --------------------------
#
# .. math::
#
#    \bar{W} := \bar{W} + s (W - \bar{W})
#
# after each step, and b likewise. A step follows the gradient of a few examples, so W
# wanders around the minimum. The mean of the steps of about three epochs,
# s = 1 / (steps of three epochs), is nearer to it (Polyak and Juditsky 1992). The
# gradient is that of W; the mean is validated, and predicts.

A = rng.randn(200, 2) @ np.array([[1.0, 0.6], [0.0, 0.8]])
b = A @ np.array([1.0, -0.5]) + rng.randn(200)
W, mean, path = np.array([-1.0, 1.0]), np.array([-1.0, 1.0]), []
for t in range(300):
    i = rng.randint(200, size=8)
    W = W - 0.1 * A[i].T @ (A[i] @ W - b[i]) / 8
    mean = mean + max(1 / 75, 9 / (10 + t)) * (W - mean)
    path.append([W, mean])
path = np.array(path)

fig, axes = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
w1, w2 = np.meshgrid(np.linspace(0.4, 1.6, 80), np.linspace(-1.1, 0.1, 80))
J = np.mean((A @ np.stack([w1.ravel(), w2.ravel()]) - b[:, None]) ** 2, axis=0) / 2
axes[0].contour(w1, w2, J.reshape(w1.shape), 12, colors="0.8", linewidths=0.8)
axes[0].plot(*path[100:, 0].T, linewidth=0.6, label="W, the last 200 steps")
axes[0].plot(*path[100:, 1].T, linewidth=2, label="its mean")
axes[0].plot(*np.linalg.lstsq(A, b)[0], "k+", markersize=12, label="the minimum of J")
axes[0].set(xlabel="$W_1$", ylabel="$W_2$", xlim=(0.4, 1.6), ylim=(-1.1, 0.1))
axes[0].legend(fontsize="small")
for epochs in (0, 3):
    net = DeepNetRegressor(dropout=0.1, averaging_epochs=epochs, **common)
    net.fit(X, y, X_val=X_val, y_val=y_val)
    label = f"mean over {epochs} epochs" if epochs else "W itself"
    axes[1].plot(net.validation_loss_curve_, label=label)
axes[1].set(xlabel="epoch", ylabel="J of 300 examples not seen")
axes[1].legend()

# %%
# Left out: 2.7 % more error, 0.7 % more log loss, 0.4 % more RMSE.
#
# Members on folds
# ----------------
#
# .. math::
#
#    \hat{y} = \frac{1}{K} \sum_k \hat{y}_k
#    (\hat{y} - y)^2
#    \quad = \frac{1}{K} \sum_k (\hat{y}_k - y)^2
#    \quad - \frac{1}{K} \sum_k (\hat{y}_k - \hat{y})^2
#
# K networks are trained, each without one fold of the examples, which says when to
# stop. Their mean is better than they are on average by just as much as they differ
# among themselves (Krogh and Vedelsby 1995). They differ by their folds, first weights
# and minibatches.

m = 200
x = np.sort(6 * rng.rand(m, 1), axis=0)
true = np.sin(2 * x[:, 0]) * np.exp(-0.2 * x[:, 0])
y = true + 0.3 * rng.randn(m)
net = TabularNetRegressor(random_state=0).fit(x, y)
members = np.array([k.predict(net.encoder_.transform(x)) for k in net.members_])
mean = net.predict(x)
print(f"squared error of the members: {np.mean((members - true) ** 2):.3f}")
print(f"less how they differ:         {np.mean((members - mean) ** 2):.3f}")
print(f"squared error of their mean:  {np.mean((mean - true) ** 2):.3f}")

fig, axes = plt.subplots(
    1, 2, figsize=(9, 3.4), width_ratios=(1, 2), layout="constrained"
)
folds = np.eye(8)[:, rng.permutation(32) % 8]
axes[0].imshow(folds, cmap="Blues", aspect="auto", vmax=1.5)
axes[0].set(xlabel="examples", ylabel="members", yticks=[], title="dark: held out")
axes[1].scatter(x, y, s=5, color="0.7")
axes[1].plot(x, members.T, color="C0", linewidth=0.7, alpha=0.7)
axes[1].plot(x, mean, color="C1", linewidth=2, label="mean")
axes[1].plot(x, true, "k:", label="true")
axes[1].set(xlabel="x", ylabel=r"$\hat{y}_1$ to $\hat{y}_8$")
axes[1].legend()

# %%
# Left out (`n_members=1`): 4.5 % more error, 3.8 % more log loss, 2.5 % more RMSE.
#
# The temperature
# ---------------
#
# .. math::
#
#    \hat{y} = g(z / T)
#
# with the z of the output, and the one T for which J of the examples out of fold is
# least (Guo et al. 2017). The order of the probabilities stays. A network that was
# trained too long is too sure, and needs a large T. The members stop in time: theirs
# is near 1. The mean of their probabilities is less sure than each of them, so the
# ensemble divides by the root of the T that is right for single members.

X = rng.randn(1200, 6)
y = (rng.rand(1200) < expit(2 * X[:, 0] * X[:, 1] + X[:, 2])).astype(int)
X, X_new, y, y_new = train_test_split(X, y, test_size=800, random_state=0)
long = DeepNetClassifier(
    (128, 128), batch_size=32, max_iter=100, tol=0, warn=False, random_state=0
)
z = long.fit(X, y).decision_function(X_new)
temperatures = np.geomspace(0.5, 50, 100)
J = [log_loss(y_new, expit(z / T)) for T in temperatures]
T = temperatures[np.argmin(J)]
net = TabularNetClassifier(random_state=0).fit(X, y)
print(f"T of the network trained too long {T:.1f}, of the ensemble", end=" ")
print(f"{net.temperature_:.2f}")

fig, axes = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
axes[0].semilogx(temperatures, J)
axes[0].plot(T, min(J), "o", color="C0")
axes[0].set(xlabel="T", ylabel="J of 800 examples not seen")
axes[1].plot([0, 1], [0, 1], ":", color="0.6")
found = {
    "trained too long, T = 1": expit(z),
    f"the same, T = {T:.1f}": expit(z / T),
    "the ensemble": net.predict_proba(X_new)[:, 1],
}
for name, p in found.items():
    groups = np.array_split(np.argsort(p), 8)
    shares = [y_new[group].mean() for group in groups]
    axes[1].plot([p[group].mean() for group in groups], shares, "o-", label=name)
axes[1].set(xlabel=r"$\hat{y}$", ylabel="share with y = 1")
axes[1].legend(fontsize="small")

# %%
# Left out: 0.6 % more log loss. The error changes by 0.1 %.
#
# Intervals from residuals out of fold
# ------------------------------------
#
# .. math::
#
#    R_i = |y^{(i)} - \hat{y}_{k(i)}^{(i)}|
#
# k(i) is the member that did not see example i. Its residual says how far off the
# prediction of a new example may be. The ends of the interval are quantiles, over all
# i, of :math:`\hat{y}_{k(i)} - R_i` and of :math:`\hat{y}_{k(i)} + R_i` at the new x:
# for a coverage of 0.9, a tenth of them is beyond each end (CV+: Barber et al. 2021).
# With quantiles as the members' predictions, R is how far y is outside of them, and the
# interval follows the scatter (Romano et al. 2019).

m = 600
x = np.sort(4 * rng.rand(m, 1), axis=0)
y = np.sin(2 * x[:, 0]) + (0.1 + 0.15 * x[:, 0]) * rng.randn(m)
net = TabularNetRegressor(random_state=0).fit(x, y)
levels = TabularNetRegressor(
    loss="quantile", quantile=[0.05, 0.95], random_state=0
).fit(x, y)

fig, axes = plt.subplots(1, 3, figsize=(11, 3.4), layout="constrained")
R = np.abs(y - net.oof_prediction_)
axes[0].hist(R, 30, color="0.7")
axes[0].axvline(np.quantile(R, 0.9), color="C1", label="nine tenths are below")
axes[0].set(xlabel="R, out of fold", ylabel="examples")
axes[0].legend()
for ax, model, name in zip(
    axes[1:], (net, levels), ("of residuals", "of quantiles"), strict=True
):
    low, high = model.predict_interval(x, coverage=0.9).T
    ax.scatter(x, y, s=4, color="0.6")
    ax.fill_between(x[:, 0], low, high, alpha=0.3)
    ax.set(xlabel="x", title=f"an interval {name}", ylim=(-2.7, 2.7))

# %%
# Left out, with the quantiles of a model as they are: those of gradient boosting held
# 78 % of the y of the eight regression sets where they should hold 90 %; the intervals
# of the ensemble held 91 %.

plt.show()
