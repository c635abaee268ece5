"""The models of `tables.py`, each with what it needs to take a table."""

from collections.abc import Callable
from contextlib import contextmanager
from typing import NamedTuple
from unittest.mock import patch

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.compose import make_column_selector as columns_of
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from sknn_scratch import TabularNetClassifier, TabularNetRegressor
from sknn_scratch._tabular import recipe
from sknn_scratch.preprocessing import _columns as columns

OURS, BOOSTING = "TabularNet", "HistGradientBoosting"
NUMBERS, OTHERS = columns_of(dtype_include="number"), columns_of(dtype_exclude="number")


class Model(NamedTuple):
    """How a model is made: two functions of `small`, and the libraries it needs."""

    classifier: Callable
    regressor: Callable
    needs: tuple = ()


class Categories(TransformerMixin, BaseEstimator):
    """Make pandas' categories of the columns that are no numbers."""

    def fit(self, X, y=None):
        self.types_ = {c: X[c].astype("category").dtype for c in OTHERS(X)}
        return self

    def transform(self, X):
        return X.astype(self.types_)


def boosted(cls, **options):
    return make_pipeline(Categories(), cls(random_state=0, **options))


def one_hot(model):
    """Return the model behind an imputer, one-hot columns and a StandardScaler."""
    levels = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=40)
    return make_pipeline(
        make_column_transformer(
            (
                make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()),
                NUMBERS,
            ),
            (levels, OTHERS),
            sparse_threshold=0,
        ),
        StandardScaler(),
        model,
    )


def ordinal(model):
    """Return the model behind an imputer and numbers of levels."""
    levels = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    return make_pipeline(
        make_column_transformer((SimpleImputer(), NUMBERS), (levels, OTHERS)), model
    )


def standardized(model):
    return TransformedTargetRegressor(model, transformer=StandardScaler())


def lightgbm(name):
    import lightgbm

    return boosted(getattr(lightgbm, name), n_jobs=1, verbose=-1)


def catboost(name):
    import catboost

    model = getattr(catboost, name)(random_seed=0, verbose=0, thread_count=1)
    return make_pipeline(Texts(), WithCategories(model))


def pytabkit(name):
    import pytabkit

    return make_pipeline(
        Filled(), getattr(pytabkit, name)(random_state=0, n_cv=1, device="cpu")
    )


class Texts(TransformerMixin, BaseEstimator):
    """Make texts of the columns that are no numbers."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X.astype(dict.fromkeys(OTHERS(X), str))


class WithCategories(BaseEstimator):
    """CatBoost, told which columns are categories."""

    def __init__(self, model):
        self.model = model

    def fit(self, X, y):
        self.model.fit(X, y, cat_features=OTHERS(X))
        return self

    def predict(self, X):
        return self.model.predict(X)

    def predict_proba(self, X):
        return self.model.predict_proba(X)


class Filled(TransformerMixin, BaseEstimator):
    """Fill the gaps: the median of numbers, a level for others."""

    def fit(self, X, y=None):
        self.medians_ = X[NUMBERS(X)].median()
        return self

    def transform(self, X):
        texts = dict.fromkeys(OTHERS(X), str)
        X = X.fillna(self.medians_).astype(texts)
        return X.astype(dict.fromkeys(texts, "category"))


MODELS = {
    OURS: Model(
        lambda **small: TabularNetClassifier(random_state=0, **small),
        lambda **small: TabularNetRegressor(random_state=0, **small),
    ),
    BOOSTING: Model(
        lambda **small: boosted(HistGradientBoostingClassifier),
        lambda **small: boosted(HistGradientBoostingRegressor),
    ),
    "RandomForest": Model(
        lambda **small: ordinal(RandomForestClassifier(random_state=0)),
        lambda **small: ordinal(RandomForestRegressor(random_state=0)),
    ),
    "MLP": Model(
        lambda **small: one_hot(MLPClassifier(random_state=0)),
        lambda **small: standardized(one_hot(MLPRegressor(random_state=0))),
    ),
    "linear": Model(
        lambda **small: one_hot(LogisticRegression(max_iter=1000)),
        lambda **small: one_hot(RidgeCV(np.logspace(-3, 3, 13))),
    ),
    "LightGBM": Model(
        lambda **small: lightgbm("LGBMClassifier"),
        lambda **small: lightgbm("LGBMRegressor"),
        ("lightgbm",),
    ),
    "CatBoost": Model(
        lambda **small: catboost("CatBoostClassifier"),
        lambda **small: catboost("CatBoostRegressor"),
        ("catboost",),
    ),
    "RealMLP-TD-S": Model(
        lambda **small: pytabkit("RealMLP_TD_S_Classifier"),
        lambda **small: pytabkit("RealMLP_TD_S_Regressor"),
        ("pytabkit",),
    ),
    "TabM": Model(
        lambda **small: pytabkit("TabM_D_Classifier"),
        lambda **small: pytabkit("TabM_D_Regressor"),
        ("pytabkit", "tabm"),
    ),
}


def ours(change=None, **different):
    """Return our model with other parameters, or with a change of its recipe."""

    def make(cls):
        def made(**small):
            model = cls(random_state=0, **{**different, **small})
            return model if change is None else Changed(model, change)

        return made

    return Model(make(TabularNetClassifier), make(TabularNetRegressor))


class Changed(BaseEstimator):
    """An ensemble that is trained while `change` holds, and changed after it.

    `change` is a function of the ensemble that returns a context.
    """

    def __init__(self, model, change):
        self.model, self.change = model, change

    def fit(self, X, y):
        with self.change(self.model):
            self.model.fit(X, y)
        return self

    def __getattr__(self, name):
        return getattr(self.model, name)


def setting(**changed):
    """Return the change that gives members other parameters."""
    return lambda model: patch.dict(recipe.MEMBER, changed)


@contextmanager
def without_temperature(model):
    """Divide the outputs of the fitted ensemble by 1."""
    yield
    model.temperature_ = 1.0


@contextmanager
def clipped_hard(model):
    """Cut numbers off at -3 and 3, and leave them as they are between."""

    def cut(x, median, scale):
        return np.clip((x - median) / scale, -3, 3)

    with patch.object(columns, "smooth_clip", cut):
        yield


def edges_of_equal_shares(x, n_bins):
    """Return quantiles, however often a value repeats; none for fewer than 2 bins."""
    edges = np.unique(np.quantile(x, np.linspace(0, 1, n_bins + 1)))
    return edges if len(edges) > 2 else edges[:0]


ABLATION = {
    "without bins": ours(n_bins=0),
    "bins of equal shares": ours(
        lambda model: patch.object(columns, "edges_of_bins", edges_of_equal_shares)
    ),
    "hard clip": ours(clipped_hard),
    "dropout 0": ours(dropout=0.0),
    "dropout .1": ours(dropout=0.1),
    "relu": ours(activation="relu"),
    "one member": ours(n_members=1),
    "5 members": ours(n_members=5),
    "one hidden layer": ours(hidden_layer_sizes=(128,)),
    "without averaging": ours(setting(averaging_epochs=0)),
    "beta_2 .999": ours(setting(beta_2=0.999)),
    "Xavier in the last layer": ours(
        lambda model: patch.object(recipe, "LAST_LAYER", "xavier")
    ),
    "without label smoothing": ours(
        lambda model: patch.dict(recipe.CLASSIFIER, label_smoothing=0.0)
    ),
    "without temperature": ours(without_temperature),
    "patience 16": ours(n_iter_no_change=16),
}


def make(name, table, *, smoke):
    """Return the unfitted model of that name for a table."""
    model = (MODELS | ABLATION)[name]
    small = {"n_members": 2, "max_iter": 2} if smoke else {}
    kind = model.classifier if table.task == "classification" else model.regressor
    return kind(**small)


def interval(name, model, X, y, X_test, coverage):
    """Return intervals of the rows X_test (m, 2), or None.

    Those of gradient boosting are between two models of quantiles, trained here.
    """
    if hasattr(model, "predict_interval"):
        return model.predict_interval(X_test, coverage)
    if name != BOOSTING:
        return None
    ends = []
    for level in ((1 - coverage) / 2, (1 + coverage) / 2):
        end = boosted(HistGradientBoostingRegressor, loss="quantile", quantile=level)
        ends.append(end.fit(X, y).predict(X_test))
    return np.stack(ends, axis=1)
