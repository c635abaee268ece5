"""
What is a house worth? Numbers, and how sure they are
=====================================================

From a table of sales to prices, to intervals that hold nine of ten of them, to the
houses that are priced worst and to what each column does.
"""

# %%
# The table
# ---------
#
# A thousand sales, made here: a price a square metre that depends on the district, the
# age and the condition, a dearer market from year to year, and a scatter that is larger
# for old houses. Of some sales the area of the garden or the year is not known.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.inspection import PartialDependenceDisplay, permutation_importance
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.model_selection import cross_val_predict, train_test_split

from sknn_scratch import TabularNetRegressor


def make_sales(m, seed):
    """Return a table of m sales, and their prices."""
    rng = np.random.RandomState(seed)
    rates = {"harbour": 5.2, "centre": 4.6, "hill": 3.8, "north": 2.6, "mill": 2.2}
    factors = {"new": 1.1, "good": 1.0, "worn": 0.85}
    district = rng.choice(list(rates), m, p=[0.1, 0.25, 0.15, 0.3, 0.2])
    condition = rng.choice(list(factors), m, p=[0.2, 0.5, 0.3])
    size, garden = rng.gamma(8, 14, m).round() + 20, rng.gamma(2, 150, m).round()
    built, sold = rng.randint(1890, 2024, m), rng.randint(0, 1800, m)
    price = size**0.9 * 1.6 * pd.Series(district).map(rates)
    price *= pd.Series(condition).map(factors)
    price *= 1 - 0.25 * np.exp(-(((built - 1965) / 15) ** 2))  # nobody likes the 1960s
    price = (price + 0.08 * garden) * (1 + 0.0002 * sold)
    price *= rng.lognormal(0, np.where(built < 1940, 0.22, 0.08), m)
    X = pd.DataFrame(
        {
            "district": district,
            "size": size,
            "garden": garden,
            "rooms": np.maximum(1, (size / 28 + 0.7 * rng.randn(m)).round()),
            "built": built.astype(float),
            "condition": condition,
            "sold": np.datetime64("2021-01-01") + sold,
        }
    )
    X.loc[rng.rand(m) < 0.15, "garden"] = np.nan
    X.loc[rng.rand(m) < 0.05, "built"] = np.nan
    return X, (1000 * price).round(-2).to_numpy()


X, y = make_sales(1500, seed=0)
X, X_test, y, y_test = train_test_split(X, y, test_size=500, random_state=0)
print(X.assign(price=y).head(4).to_string(index=False))

# %%
# Fit it
# ------
#
# Prices are in hundreds of thousands, and need no scaling. The predictions out of fold
# come with the fit; scikit-learn's gradient boosting needs five more trainings for
# them, types for the texts, and numbers for the dates.

net = TabularNetRegressor(random_state=0).fit(X, y)


def for_trees(X):
    """Return the table as gradient boosting takes it: no dates, no texts."""
    days = (X["sold"] - pd.Timestamp("2021-01-01")).dt.days
    types = {"district": "category", "condition": "category"}
    return X.assign(sold=days).astype(types)


trees = HistGradientBoostingRegressor(random_state=0)
out_of_fold = {
    "TabularNetRegressor": net.oof_prediction_,
    "HistGradientBoosting": cross_val_predict(trees, for_trees(X), y, cv=5),
}
for name, predicted in out_of_fold.items():
    print(f"{name}: R2 {r2_score(y, predicted):.3f}", end=", ")
    print(f"mean absolute error {mean_absolute_error(y, predicted):,.0f}")
print(f"On 500 sales not seen: R2 {net.score(X_test, y_test):.3f}")

# %%
# The networks stopped where their fold was predicted best (the error is the root of the
# mean squared one). Their mean predicts what is new.

fig, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
for k, (member, best) in enumerate(zip(net.members_, net.best_epochs_, strict=True)):
    curve = np.sqrt(2 * np.array(member.validation_loss_curve_)) / 1000  # J halves it
    [line] = ax.plot(np.arange(1, len(curve) + 1), curve, label=f"fold {k + 1}")
    ax.plot(best, curve[best - 1], "o", color=line.get_color())
ax.set(xlabel="epoch", ylabel="error of the fold, in thousands", ylim=(60, 160))
ax.xaxis.get_major_locator().set_params(integer=True)
ax.legend(title="dots: the best epoch", ncols=2)

# %%
# Intervals
# ---------
#
# From the residuals out of fold follow intervals that hold a price with a probability
# of 0.9. They are about as wide for every house. A second ensemble learns the 5 % and
# the 95 % quantile, and its interval knows that prices of old houses scatter more.

levels = TabularNetRegressor(
    loss="quantile", quantile=[0.05, 0.5, 0.95], random_state=0
).fit(X, y)
middle, built = net.predict(X_test), X_test["built"]
fig, axes = plt.subplots(
    1, 2, figsize=(10, 4), sharex=True, sharey=True, layout="constrained"
)
for ax, (name, model) in zip(
    axes, {"of residuals": net, "of quantiles": levels}.items(), strict=True
):
    low, high = model.predict_interval(X_test, coverage=0.9).T
    inside = (low <= y_test) & (y_test <= high)
    off = (y_test - middle) / 1000
    ends = (low - middle) / 1000, (high - middle) / 1000
    ax.vlines(built, *ends, color="C0", alpha=0.25)
    ax.scatter(built, off, s=6, c=np.where(inside, "0.3", "C3"))
    title = f"{name}: {inside.mean():.0%} inside"
    ax.set(xlabel="built", title=title)
    print(f"{name}: mean width {np.mean(high - low):,.0f}")
axes[0].set(ylabel="price less its prediction, in thousands")

# %%
# Which rows are worst
# --------------------
#
# The residuals out of fold, largest first: what a model does not know is often a
# question to those who made the table. Here they are old houses and large ones.

worst = X.assign(price=y, predicted=net.oof_prediction_.round(-2), off=0.0)
worst["off"] = worst["price"] - worst["predicted"]
worst = worst.iloc[np.argsort(-worst["off"].abs().to_numpy())]
print(worst.drop(columns=["garden", "rooms"]).head(8).to_string(index=False))

# %%
# What each column does
# ---------------------
#
# scikit-learn's functions take the ensemble as any other estimator, and the table with
# its texts and gaps. First by how much R2 falls when a column is shuffled:

found = permutation_importance(net, X_test, y_test, n_repeats=5, random_state=0)
order = np.argsort(found.importances_mean)
fig, ax = plt.subplots(figsize=(7, 3.3), layout="constrained")
ax.barh(
    X.columns[order], found.importances_mean[order], xerr=found.importances_std[order]
)
ax.set(xlabel="R2, less by")

# %%
# Then the mean prediction if every house had this size, this year, this district. The
# houses of the 1960s are found, and so is the order of the districts.

known = X_test[X_test["built"].notna()]
fig, axes = plt.subplots(1, 3, figsize=(11, 3.6), layout="constrained")
PartialDependenceDisplay.from_estimator(
    net,
    known.sample(150, random_state=0),
    ["size", "built", "district"],
    categorical_features=["district"],
    grid_resolution=25,
    ax=axes,
)

plt.show()
