"""
Who will leave? Classes from a table as it is
=============================================

A table of customers with numbers, texts, dates and gaps, of whom one in seven leaves:
from the raw columns to probabilities, a decision and the columns that matter.
"""

# %%
# The table
# ---------
#
# It is made here: contracts that end monthly, high charges, many calls and a short
# stay make customers leave. The town has 60 levels, most of them rare. Charges are
# missing in a tenth of the rows, and who never called has no date of the last call.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.calibration import CalibrationDisplay
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.inspection import permutation_importance
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import cross_val_predict, train_test_split

from sknn_scratch import TabularNetClassifier


def make_customers(m, seed):
    """Return a table of m customers, and who of them leaves."""
    rng = np.random.RandomState(seed)
    towns = np.array([f"town {i}" for i in range(60)])
    share = 1 / np.arange(1, 61)
    contracts = ["month", "year", "two years"]
    day, today = np.timedelta64(1, "D"), np.datetime64("2026-01-01")
    months = rng.exponential(25, m).astype(int) + 1
    calls = rng.poisson(0.8, m)
    X = pd.DataFrame(
        {
            "since": today - months * 30 * day,
            "contract": rng.choice(contracts, m, p=[0.5, 0.3, 0.2]),
            "payment": rng.choice(["card", "transfer", "invoice"], m),
            "charge": (20 + rng.gamma(3, 15, m)).round(2),
            "calls": calls,
            "last_call": today - rng.randint(1, 200, m) * day,
            "paperless": rng.rand(m) < 0.6,
            "town": rng.choice(towns, m, p=share / share.sum()),
        }
    )
    z = -3.6 + 1.6 * (X["contract"] == "month") - 0.9 * np.log1p(months / 12)
    z += 0.6 * calls + 0.9 * (X["payment"] == "invoice")
    z += 1.2 * (X["charge"] > 80) + 0.6 * X["town"].isin(towns[:5])
    X.loc[calls == 0, "last_call"] = pd.NaT
    X.loc[rng.rand(m) < 0.1, "charge"] = np.nan
    return X, np.where(rng.rand(m) < expit(z), "leaves", "stays")


X, y = make_customers(2400, seed=0)
X, X_test, y, y_test = train_test_split(X, y, stratify=y, random_state=0)
print(X.head(3).T.to_string(header=False))
print(f"\n{len(X)} customers to learn from, {np.mean(y == 'leaves'):.0%} of them leave")

# %%
# Fit it, and know how good it is
# -------------------------------
#
# There is nothing to encode, to fill or to scale. Beside it stands scikit-learn's
# gradient boosting; it wants categorical types for texts, and numbers for dates. Its
# out-of-fold probabilities take five more trainings, ours are there after `fit`.

net = TabularNetClassifier(random_state=0).fit(X, y)


def for_trees(X):
    """Return the table as gradient boosting takes it: no dates, no texts."""
    today = pd.Timestamp("2026-01-01")
    days = {name: (today - X[name]).dt.days for name in ("since", "last_call")}
    types = dict.fromkeys(("contract", "payment", "town"), "category")
    return X.assign(**days).astype(types)


trees = HistGradientBoostingClassifier(random_state=0)
leaves = y == "leaves"
# the log odds are those of the second class, "stays"
out_of_fold = {
    "TabularNetClassifier": expit(-net.oof_decision_function_),
    "HistGradientBoosting": cross_val_predict(
        trees, for_trees(X), y, cv=5, method="predict_proba"
    )[:, 0],
}
for name, p in out_of_fold.items():
    print(f"{name}: log loss {log_loss(leaves, p):.3f}", end=", ")
    print(f"area under the ROC curve {roc_auc_score(leaves, p):.3f}")

# %%
# Are the probabilities right?
# ----------------------------
#
# Of the customers to whom a probability of 0.3 was given, 30 % should leave. The
# temperature sees to that, from the same rows out of fold. Trees without early stopping
# are too sure: of those to whom they give more than a half, fewer leave.

fig, ax = plt.subplots(figsize=(5.5, 4.5), layout="constrained")
for name, p in out_of_fold.items():
    CalibrationDisplay.from_predictions(
        leaves, p, n_bins=8, strategy="quantile", name=name, ax=ax
    )
ax.set(xlabel="probability of leaving, out of fold", ylabel="share that leaves")

# %%
# From probabilities to a decision
# --------------------------------
#
# A call costs 5, a customer lost 40, and a call keeps every second who would leave. So
# it pays where p * 40 / 2 > 5, above 0.25. Weights for the rare class
# (``class_weight="balanced"``) are another way to find more of them. But its numbers
# are no probabilities of leaving any more, and the threshold that follows from the
# costs is wrong for them.

balanced = TabularNetClassifier(class_weight="balanced", random_state=0).fit(X, y)
true = y_test == "leaves"
thresholds = np.linspace(0.02, 0.98, 97)
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for name, model in {"as it is": net, "balanced": balanced}.items():
    p = model.predict_proba(X_test)[:, 0]
    called = p > thresholds[:, None]
    gain = (called & true).sum(axis=1) * 40 / 2 - called.sum(axis=1) * 5
    ax.plot(thresholds, gain, label=name)
    print(f"{name:9}: log loss {log_loss(true, p):.3f}, mean {p.mean():.2f}")
print(f"share that leaves: {true.mean():.2f}")
ax.axvline(0.25, color="0.6", linestyle=":")
ax.axhline(0, color="0.8", linewidth=0.8)
ax.set(
    xlabel="called from this probability on (dotted: where the costs say)",
    ylabel="gain over calling nobody",
    ylim=(-1500, None),
)
ax.legend()

# %%
# What matters
# ------------
#
# How much the log loss of the test rows grows when one column is shuffled. The columns
# are those of the table, not the hundred that the networks see.

found = permutation_importance(
    net, X_test, y_test, scoring="neg_log_loss", n_repeats=3, random_state=0
)
order = np.argsort(found.importances_mean)
fig, ax = plt.subplots(figsize=(7, 3.5), layout="constrained")
ax.barh(
    X.columns[order],
    found.importances_mean[order],
    xerr=found.importances_std[order],
)
ax.set(xlabel="log loss, more by")

plt.show()
