"""What is spoiled at random (`fuzz_files`): good files, and how each is read."""

import contextlib
import pathlib
import re
import runpy
from typing import NamedTuple

import h5py
import numpy as np
import pandas as pd
from sklearn.base import clone
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
from sknn_scratch._training.watch import observe
from sknn_scratch.hdf5 import load_dataset, load_model, save_dataset, save_model
from sknn_scratch.inspection import summary
from sknn_scratch.preprocessing import ImageFlattener, TableEncoder

# errors of a model whose columns are of another kind than those of the rows
ROWS_REFUSED = re.compile(
    "unknown categories|feature|promoted|convert|column|isnan|contains NaN"
)
READER = runpy.run_path(str(pathlib.Path(__file__).parents[2] / "docs/read_model.py"))
rng = np.random.RandomState(0)
IMAGES, LABELS = rng.randint(0, 256, (40, 4, 4, 3)).astype(np.uint8), np.arange(40) % 3
X, Y = rng.randn(40, 6), rng.randn(40, 2)


# -- what is spoiled: how it is made, and read -----------------------------------------


def pipeline(path):
    net = DeepNetClassifier(
        (5, 4), max_iter=4, standardize=True, early_stopping=True, random_state=0
    )
    net.set_params(activation=("leaky_relu", "tanh"), warn=False)
    model = make_pipeline(ImageFlattener(), MinMaxScaler(), net)
    save_model(model.fit(IMAGES, LABELS), path, ["a", "b", "c"])


def regressor(path):
    net = DeepNetRegressor(
        hidden_layer_sizes=(4,), max_iter=3, random_state=0, warn=False
    )
    save_model(make_pipeline(StandardScaler(), net).fit(X, Y), path)


def logistic(path):
    save_model(
        LogisticRegressionScratch().fit(X, np.array(["n", "j"])[LABELS % 2]), path
    )


def dataset(path):
    parts = IMAGES[:30], LABELS[:30], IMAGES[30:], LABELS[30:]
    save_dataset(path, *parts, classes=["a", "b", "c"], compression="gzip")


def old_dataset(path):
    """As the course's files are: no checksums."""
    with h5py.File(path, "w") as file:
        file["train_set_x"], file["train_set_y"] = IMAGES, LABELS
        file["list_classes"] = np.array([b"a", b"b", b"c"])


def trained(path):
    net = DeepNetClassifier((4,), max_iter=4, random_state=0, warn=False)
    net.set_params(early_stopping=True, dropout=0.1, n_iter_no_change=np.inf)
    return net.set_params(checkpoint=path, max_grad_norm=1.0).fit(X, LABELS)


def checkpoint(path):
    """That of a training which was cut off after two epochs."""

    def cut(epoch, max_iter, J, theta):
        if epoch == 3:
            raise InterruptedError

    with observe(cut), contextlib.suppress(InterruptedError):
        trained(path)


def bits_of_model(path):
    """What a model predicts, and more that must work; an error if it makes no sense."""
    model = load_model(path)
    net = model[-1] if isinstance(model, Pipeline) else model
    first = model[0] if isinstance(model, Pipeline) else model
    rows = np.resize(X, (40, model.n_features_in_))
    if isinstance(first, ImageFlattener):
        rows = np.resize(IMAGES, (40, *first.image_shape_))
    found = [model.predict(rows)]
    if isinstance(net, DeepNetRegressor):
        if not np.isfinite(found[0]).all():
            raise AssertionError("numbers that are not finite")
    else:
        found.append(model.predict_proba(rows))
        if found[1].min() < 0 or not np.allclose(found[1].sum(axis=1), 1):
            raise AssertionError("probabilities that do not add up to one")
        if not np.isin(found[0], model.classes_).all():
            raise AssertionError("classes that there are not")
    save_model(model, f"{path}.again")
    load_model(f"{path}.again")
    words = str(summary(net))
    return [*found, *net.parameters_.values(), net.loss_curve_, repr(model), words]


def bits_of_dataset(path):
    data = load_dataset(path)
    if len(data.X_train) != len(data.y_train) or data.y_train.max() >= len(
        data.classes
    ):
        raise AssertionError("rows, labels and names that do not fit")
    return [*data]


def bits_of_training(path):
    net = trained(path)
    found = [*net.parameters_.values(), net.loss_curve_]
    if not all(np.isfinite(part).all() for part in found):
        raise AssertionError("numbers that are not finite")
    return [*found, net.validation_scores_]


# -- models of tables ------------------------------------------------------------------


def table(m, texts, seed):
    """A table with missing values."""
    draw = np.random.RandomState(seed)
    X = pd.DataFrame(
        {
            "price": draw.randn(m),
            "rooms": draw.randint(1, 6, m),
            "city": draw.choice(texts, m),
            "heat": draw.choice(["gas", "oil"], m),
            "new": draw.rand(m) < 0.5,
            "sold": pd.Timestamp("2020-01-05")
            + pd.to_timedelta(draw.randint(0, 900, m), "D"),
        }
    )
    for name in ("price", "city", "sold"):
        X.loc[draw.rand(m) < 0.15, name] = np.nan
    return X.astype({"city": object, "heat": object})


TABLE = table(60, ["Oslo", "Bergen", "Bodø", "Vardø"], seed=1)
NEW = table(40, ["Oslo", "Bergen", "Rome"], seed=2)
PRICE = TABLE["price"].fillna(0).to_numpy() + np.arange(60) % 7
SMALL = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0}
IGNORING = OneHotEncoder(handle_unknown="ignore")
RARE = OneHotEncoder(min_frequency=15, handle_unknown="infrequent_if_exist")
CODES = OrdinalEncoder(
    handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2
)


def columns():
    """A ColumnTransformer of every kind of step."""
    filled = make_pipeline(SimpleImputer(add_indicator=True), RobustScaler())
    texts = make_pipeline(SimpleImputer(strategy="most_frequent"), IGNORING)
    return ColumnTransformer(
        [
            ("numbers", filled, ["price"]),
            ("texts", texts, ["city", "heat"]),
            ("rare", RARE, ["city", "rooms"]),
            ("codes", CODES, ["city"]),
            ("dropped", OneHotEncoder(drop="if_binary"), ["heat"]),
            ("no", "drop", ["sold"]),
            ("as is", "passthrough", ["new"]),
            ("none", MaxAbsScaler(), []),
        ],
        remainder=MinMaxScaler(clip=True),
    )


def ensemble(cls, **options):
    return cls(n_members=2, **SMALL, **options)


def net(cls, **options):
    return cls(**SMALL, warn=False, **options)


TABLE_MODELS = {  # name: (model, its y)
    "table of classes": (ensemble(TabularNetClassifier), np.arange(60) % 3),
    "table of labels": (
        make_pipeline(
            "passthrough", ensemble(TabularNetClassifier, n_bins=3, max_levels=2)
        ),
        np.column_stack([PRICE > 2, PRICE > 4]).astype(int),
    ),
    "table of quantiles": (
        ensemble(TabularNetRegressor, loss="quantile", quantile=[0.2, 0.8]),
        PRICE,
    ),
    "columns": (make_pipeline(columns(), net(DeepNetClassifier)), PRICE > 3),
    "scaled target": (
        TransformedTargetRegressor(
            make_pipeline(
                columns(), StandardScaler(), net(DeepNetRegressor, loss="huber")
            ),
            transformer=MinMaxScaler(),
        ),
        PRICE,
    ),
    "table encoder": (
        make_pipeline(
            TableEncoder(n_bins=4, dtype=np.float64),
            TransformedTargetRegressor(
                net(DeepNetRegressor), transformer=RobustScaler()
            ),
        ),
        np.column_stack([PRICE, -PRICE]),
    ),
}


def maker(model, y):
    """Return what fits and saves a model of the table."""
    return lambda path: save_model(clone(model).fit(TABLE, y), path, target_name="y")


def second_opinion(model, path, rows):
    """What the reader says that the documentation shows, or None if it cannot say.

    A parameter that the file lacks has its default, which the reader does not know.
    With copy=False an imputer fills the columns that others read, too.
    """
    if any(k.endswith("copy") and not v for k, v in model.get_params().items()):
        return None
    try:
        return READER["outputs"](path, rows.astype(object).to_numpy())
    except KeyError:
        return None


def bits_of_table(path):
    """What a model of the table predicts; an error if it makes no sense."""
    model = load_model(path)
    names = list(getattr(model, "feature_names_in_", NEW.columns))
    rows = NEW.set_axis(names, axis=1) if len(names) == NEW.shape[1] else NEW
    try:
        found = getattr(model, "predict_proba", model.predict)(rows.copy())
    except (TypeError, ValueError) as error:
        if not ROWS_REFUSED.search(str(error)):
            raise
        return [str(error)]  # another model, for other rows
    predicted = model.predict(rows.copy())  # copy=False may stand in the file
    if not np.isfinite(found).all() or len(found) != len(rows):
        raise AssertionError("numbers that are not finite")
    if hasattr(model, "predict_proba"):
        one = found.ndim == 1 or predicted.ndim > 1 or np.allclose(found.sum(axis=1), 1)
        if found.min() < 0 or not one:
            raise AssertionError("probabilities that do not add up to one")
    if hasattr(model, "predict_interval"):
        low, high = np.moveaxis(model.predict_interval(rows.copy(), 0.8), -1, 0)
        if not (low <= high).all():
            raise AssertionError("intervals that end before they begin")
    save_model(model, f"{path}.again")
    again = load_model(f"{path}.again")
    if not np.array_equal(again.predict(rows.copy()), predicted):
        raise AssertionError("another model when it is saved again")
    other, small = second_opinion(model, path, rows), 1e-5 * max(1e-3, np.ptp(found))
    if other is not None and not (
        other.shape == found.shape and np.allclose(other, found, rtol=1e-5, atol=small)
    ):
        raise AssertionError("other predictions than those of the documented reader")
    clone(model)
    return [found, predicted, repr(model)]


# -- all of them -----------------------------------------------------------------------


class Subject(NamedTuple):
    """How a file is made and read, and the data for the commands that read it.

    `checked` says whether bytes that changed are found out.
    """

    make: object
    read: object
    checked: bool = True
    data: str | None = "dataset.h5"


SUBJECTS = {
    "pipeline": Subject(pipeline, bits_of_model),
    "regressor": Subject(regressor, bits_of_model),
    "logistic": Subject(logistic, bits_of_model),
    "dataset": Subject(dataset, bits_of_dataset),
    "the course's dataset": Subject(old_dataset, bits_of_dataset, checked=False),
    "checkpoint": Subject(checkpoint, bits_of_training, data=None),
} | {
    name: Subject(maker(*parts), bits_of_table, data="table.csv")
    for name, parts in TABLE_MODELS.items()
}


def make_all(folder):
    """Write a good file of each, and a table for the commands."""
    for name, subject in SUBJECTS.items():
        subject.make(folder / f"{name}.h5")
    NEW.assign(y=np.arange(len(NEW)) % 3).to_csv(folder / "table.csv", index=False)
