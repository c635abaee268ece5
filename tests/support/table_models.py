"""Fitted models of one table, of all kinds that can be exported, and rows for them."""

from functools import cache

import numpy as np
import pandas as pd
from numpy.random import RandomState
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    TabularNetClassifier,
    TabularNetRegressor,
)
from sknn_scratch.preprocessing import ImageFlattener, TableEncoder

CITIES = ["Oslo", "Bergen", "Åsgårdstrand", 'the "end"', "oslo", "7"]
NUMBERS, LEVELS = ["price", "rooms", "n rooms"], ["city", "class"]


def table(rng, m):
    """A table with missing values and two names that are alike in C.

    Missing texts are NaN, as pandas reads them. SimpleImputer leaves None as it is,
    exports take it for missing.
    """
    city = rng.choice(CITIES, m, p=[0.3, 0.3, 0.2, 0.1, 0.07, 0.03]).astype(object)
    days = pd.to_timedelta(rng.randint(-9e7, 9e7, m), unit="s")
    X = pd.DataFrame(
        {
            "price": np.round(1e5 + 3e4 * rng.randn(m), 2),
            "rooms": rng.randint(1, 6, m).astype(float),
            "n rooms": rng.gamma(2, size=m),
            "city": city,
            "class": rng.choice(["a", "b"], m).astype(object),
            "new": rng.rand(m) < 0.5,
            "n_rooms": np.ones(m),
            "sold": pd.Timestamp("2001-02-28 10:00") + days,
        }
    )
    for name in ("price", "rooms", "city", "sold"):
        X.loc[rng.rand(m) < 0.1, name] = np.nan
    return X


@cache
def tables():
    """100 rows to train on, their y, and 500 rows with levels that are not in them."""
    rng = RandomState(0)
    X, X_new = table(rng, 100), table(rng, 500)
    y = X["price"].fillna(1e5) / 1e4 + X["rooms"].fillna(3) + 3 * (X["city"] == "Oslo")
    for name, level in (("city", "Rome"), ("class", "c"), ("city", "bergen")):
        X_new.loc[rng.rand(500) < 0.1, name] = level
    X_new.loc[rng.rand(500) < 0.1, "class"] = np.nan
    X_new.loc[:3, "price"] = [4e5, -2e5, 0, -7]
    return X, y.to_numpy(), X_new


def small(cls, **options):
    return cls(hidden_layer_sizes=(5, 4), max_iter=5, random_state=0, **options)


def ensemble(cls, **options):
    return small(cls, n_members=2, **options)


def net(cls, **options):
    return small(cls, warn=False, **options)


def columns(numbers, levels, **options):
    parts = [("numbers", numbers, NUMBERS), ("levels", levels, LEVELS)]
    return ColumnTransformer(parts, **options)


def classes(y, n):
    return np.digitize(y, np.quantile(y, np.arange(1, n) / n))


IGNORING = OneHotEncoder(handle_unknown="ignore")
RARE = OneHotEncoder(min_frequency=10, handle_unknown="infrequent_if_exist")
CODES = OrdinalEncoder(
    handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2
)
FILLED = SimpleImputer(strategy="most_frequent")
COUNT = {"loss": "poisson"}
# {name: (model, function of y to the targets)}
MODELS = {
    "two classes": (ensemble(TabularNetClassifier), lambda y: y > 15),
    "texts": (
        ensemble(TabularNetClassifier, activation="relu"),
        lambda y: np.array(["ä", "b", 'c"'])[classes(y, 3)],
    ),
    "labels": (
        ensemble(TabularNetClassifier, n_bins=0, max_levels=2),
        lambda y: np.column_stack([y > 14, y > 16]).astype(int),
    ),
    "one class": (ensemble(TabularNetClassifier), lambda y: np.full(100, "a")),
    "levels that are numbers": (
        ensemble(TabularNetClassifier, categorical_features=["rooms", "new"]),
        lambda y: y > 15,
    ),
    "number": (ensemble(TabularNetRegressor, n_bins=4), lambda y: 1e6 * y),
    "numbers": (
        ensemble(TabularNetRegressor, activation="tanh"),
        lambda y: np.column_stack([y, -y]),
    ),
    "quantiles": (
        ensemble(TabularNetRegressor, loss="quantile", quantile=[0.1, 0.5, 0.9]),
        lambda y: y,
    ),
    "counts": (ensemble(TabularNetRegressor, **COUNT), np.round),
    "target scaled": (
        TransformedTargetRegressor(
            ensemble(TabularNetRegressor), transformer=StandardScaler()
        ),
        lambda y: np.column_stack([y, -y]),
    ),
    "filled": (
        make_pipeline(FILLED, ensemble(TabularNetClassifier, n_bins=3)),
        lambda y: classes(y, 4),
    ),
    "encoder": (
        make_pipeline(TableEncoder(n_bins=3), net(DeepNetClassifier)),
        lambda y: classes(y, 3),
    ),
    "encoder in float64": (
        make_pipeline(
            "passthrough",
            TableEncoder(n_bins=3, dtype=np.float64),
            StandardScaler(),
            LogisticRegressionScratch(),
        ),
        lambda y: y > 15,
    ),
    "columns": (
        make_pipeline(
            columns(
                make_pipeline(SimpleImputer(), StandardScaler()),
                make_pipeline(FILLED, IGNORING),
            ),
            net(DeepNetClassifier),
        ),
        lambda y: y > 15,
    ),
    "rare levels": (
        make_pipeline(
            columns(
                make_pipeline(
                    SimpleImputer(strategy="median", add_indicator=True),
                    RobustScaler(),
                ),
                RARE,
            ),
            MaxAbsScaler(),
            net(DeepNetClassifier, activation="gelu"),
        ),
        lambda y: classes(y, 3),
    ),
    "places": (
        make_pipeline(
            ColumnTransformer(
                [
                    ("levels", CODES, [3, 4]),
                    ("no", "drop", [-1]),
                    ("yes", "passthrough", slice("new", "n_rooms")),
                ],
                remainder=make_pipeline(
                    SimpleImputer(strategy="constant", fill_value=-5.0),
                    MinMaxScaler(clip=True),
                ),
            ),
            MinMaxScaler(),
            net(DeepNetRegressor),
        ),
        lambda y: y,
    ),
    "indicators of texts": (
        make_pipeline(
            columns(
                make_pipeline(SimpleImputer(), StandardScaler()),
                make_pipeline(
                    SimpleImputer(strategy="most_frequent", add_indicator=True),
                    IGNORING,
                ),
            ),
            net(DeepNetClassifier),
        ),
        lambda y: y > 15,
    ),
    "dropped levels": (
        make_pipeline(
            columns(
                SimpleImputer(),
                OneHotEncoder(drop="if_binary", handle_unknown="ignore"),
                sparse_threshold=0,
            ),
            TransformedTargetRegressor(
                make_pipeline(StandardScaler(), net(DeepNetRegressor)),
                transformer=MinMaxScaler(),
            ),
        ),
        lambda y: y,
    ),
    "one column": (
        make_pipeline(
            ColumnTransformer([("n", "passthrough", ["new"])]),
            TransformedTargetRegressor(net(DeepNetRegressor)),
        ),
        lambda y: y,
    ),
    "no column": (
        make_pipeline(
            ColumnTransformer([("n", "passthrough", ["n_rooms"])]),
            ensemble(TabularNetRegressor),
        ),
        lambda y: y,
    ),
    "steps within steps": (
        Pipeline(
            [
                (
                    "columns",
                    ColumnTransformer(
                        [
                            ("filled", make_pipeline(FILLED, "passthrough"), ["city"]),
                            ("as they are", "passthrough", ["sold", "price", "class"]),
                        ]
                    ),
                ),
                ("encoder", TableEncoder(n_bins=5)),
                ("net", net(DeepNetRegressor, loss="quantile", quantile=[0.2, 0.8])),
            ]
        ),
        lambda y: y,
    ),
}
IMAGES = TransformedTargetRegressor(
    make_pipeline(ImageFlattener(scale=4), net(DeepNetRegressor)),
    transformer=RobustScaler(),
)


@cache
def fitted(name):
    """A fitted model of MODELS."""
    model, target = MODELS[name]
    X, y, _ = tables()
    return model.fit(X, target(y))


@cache
def outputs(name):
    """What the model says of the new rows, (500, n_outputs)."""
    model, X = fitted(name), tables()[2]
    if hasattr(model, "predict_proba"):
        return model.predict_proba(X)
    return model.predict(X).reshape(len(X), -1)


def records(X):
    """The rows as dicts; None is missing."""
    rows = X.astype(object).where(X.notna(), None)
    return rows.to_dict("records")
