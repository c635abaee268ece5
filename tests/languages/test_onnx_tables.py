"""to_onnx of ensembles and of models of tables, run by onnxruntime."""

import numpy as np
import onnxruntime
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import (
    DoubleTensorType,
    StringTensorType,
)
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    PowerTransformer,
    StandardScaler,
)
from table_models import MODELS, fitted, outputs, tables

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    TabularNetClassifier,
    TabularNetRegressor,
)
from sknn_scratch.export import to_onnx
from sknn_scratch.preprocessing import TableEncoder

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
DTYPES = {
    "tensor(string)": object,
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
}
BY_DEFAULT = ["two classes", "labels", "quantiles", "target scaled", "rare levels"]
SMALL = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0}
FEW = SMALL | {"n_members": 2}


def session_of(made):
    return onnxruntime.InferenceSession(made.SerializeToString())


def fed(session, X):
    """The inputs of a session, from the columns of a data frame."""
    feed = {}
    for given in session.get_inputs():
        values = X[given.name]
        if given.type == "tensor(string)":
            values = values.where(values.notna(), "")
        elif values.dtype.kind == "M":
            values = (values - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)
        elif values.dtype == object:
            values = values.astype(float)
        feed[given.name] = values.to_numpy()[:, None].astype(DTYPES[given.type])
    return feed


def run(made, X):
    session = session_of(made)
    feed = {"X": X} if isinstance(X, np.ndarray) else fed(session, X)
    return session.run(None, feed)


@pytest.mark.filterwarnings("ignore:Found unknown categories")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in BY_DEFAULT else pytest.mark.matrix)
        for name in MODELS
    ],
)
def test_it_says_what_the_model_says(name, dtype):
    model, X = fitted(name), tables()[2]
    *label, P = run(to_onnx(model, dtype=dtype), X)
    A = outputs(name)
    assert P.dtype == dtype
    # float32 holds an output up to 6e-8 of it, whatever the range is
    assert_allclose(P, A, rtol=2e-7, atol=1e-6 * (np.ptp(A) or 1))
    for y in label:
        assert_array_equal(y, model.predict(X))


def test_columns_that_are_read_are_inputs_by_their_names():
    session = session_of(to_onnx(fitted("two classes")))
    assert {given.name: given.type[7:-1] for given in session.get_inputs()} == {
        "price": "float",
        "rooms": "float",
        "n rooms": "float",
        "city": "string",
        "class": "string",
        "new": "float",
        "sold": "double",  # n_rooms is left out: it has one value in fit
    }
    assert session.get_inputs()[0].shape[1:] == [1]


@pytest.mark.parametrize("as_double", [False, True])
def test_columns_of_an_array_are_one_input_if_they_are_numbers(as_double, rng):
    X = rng.randn(60, 3) + 1e6 * as_double
    X[rng.rand(60, 3) < 0.1] = np.nan
    net = TabularNetRegressor(**FEW).fit(X, np.nan_to_num(X[:, 0]))
    made = to_onnx(net)
    assert ("double" in session_of(made).get_inputs()[0].type) == as_double
    (A,) = run(made, X if as_double else X.astype(np.float32))
    expected = net.predict(X)
    assert_allclose(A.ravel(), expected, rtol=2e-7, atol=1e-5 * np.ptp(expected))


def test_columns_of_an_array_with_texts_are_numbered(rng):
    X = np.empty((60, 2), object)
    X[:, 0], X[:, 1] = rng.randn(60), rng.choice(["a", "b", "c"], 60)
    net = TabularNetClassifier(**FEW).fit(X, X[:, 0] > 0)
    _, P = run(to_onnx(net), pd.DataFrame(X, columns=["x0", "x1"]))
    assert_allclose(P, net.predict_proba(X), atol=1e-6)


def test_numbers_far_from_0_and_integers_beyond_2_to_the_53_lose_no_digits(rng):
    X = pd.DataFrame({"east": 6.5e6 + rng.rand(80), "id": 2**60 + np.arange(80)})
    net = TabularNetRegressor(**FEW, n_bins=4).fit(X, X["east"] % 1)
    made = to_onnx(net)
    kinds = [given.type[7:-1] for given in session_of(made).get_inputs()]
    assert kinds == ["double", "int64"]
    assert_allclose(run(made, X)[0].ravel(), net.predict(X), rtol=1e-6)


@pytest.mark.parametrize("year", [1600, 1899, 1970, 2000, 2100])
def test_days_have_their_month_weekday_and_time(year, rng):
    hours = np.sort(rng.choice(24 * 1500, 400, replace=False)).astype("m8[h]")
    times = pd.Series(np.datetime64(f"{year}-01-01", "s") + hours)
    X, y = pd.DataFrame({"when": times}), rng.randint(2, size=400)
    net = DeepNetClassifier(**SMALL, warn=False)
    model = make_pipeline(TableEncoder(dtype=np.float64), net).fit(X, y)
    _, P = run(to_onnx(model, dtype=np.float64), X)
    assert_allclose(P, model.predict_proba(X), atol=1e-8)


def test_empty_text_is_missing_unless_it_is_a_level(rng):
    texts = np.array(["", "a", "b"], object)[rng.randint(3, size=60)]
    y = rng.randint(2, size=60)
    with_level = pd.DataFrame({"t": texts})
    with_missing = pd.DataFrame({"t": [text or None for text in texts]})
    feed = {"t": np.array([[""], ["a"], ["nan"]], object)}
    for X, nan in ((with_level, "new"), (with_missing, None)):
        net = TabularNetClassifier(**FEW).fit(X, y)
        _, P = session_of(to_onnx(net)).run(None, feed)
        empty = "" if nan else None
        rows = pd.DataFrame({"t": [empty, "a", None if nan is None else "nan"]})
        assert_allclose(P[:2], net.predict_proba(rows)[:2], atol=1e-6)
        assert (P[0] == P[2]).all() == (nan is None)


def test_a_level_that_an_encoder_refuses_gives_nan(rng):
    X = pd.DataFrame({"t": rng.choice(["a", "b"], 40)})
    net = DeepNetClassifier(**SMALL, warn=False)
    model = make_pipeline(OneHotEncoder(sparse_output=False), net)
    made = to_onnx(model.fit(X, X["t"]))
    _, P = run(made, pd.DataFrame({"t": ["a", "c"]}))
    assert_array_equal(np.isnan(P), [[False, False], [True, True]])


def test_converters_are_registered_with_skl2onnx():
    X = tables()[2][["price", "city", "sold"]].fillna({"city": ""})
    types = DoubleTensorType, StringTensorType, DoubleTensorType
    inputs = [(n, t([None, 1])) for n, t in zip(X, types, strict=True)]
    y = np.arange(500) % 2
    net = TabularNetClassifier(**FEW).fit(X, y)
    made = convert_sklearn(net, initial_types=inputs, options={"zipmap": False})
    assert_allclose(run(made, X)[1], net.predict_proba(X), atol=1e-12)
    model = make_pipeline(TableEncoder(), PCA(2)).fit(X)
    (A,) = run(convert_sklearn(model, initial_types=inputs), X)
    assert_allclose(A, model.transform(X), atol=1e-5)


def test_a_table_of_numbers_goes_through_steps_of_skl2onnx(rng):
    X = rng.randn(60, 3)
    net = DeepNetClassifier(**SMALL, warn=False)
    model = make_pipeline(TableEncoder(), PCA(2), net).fit(X, X[:, 0] > 0)
    _, P = run(to_onnx(model), X.astype(np.float32))
    assert_allclose(P, model.predict_proba(X), atol=1e-5)


def test_a_table_with_texts_goes_through_steps_of_skl2onnx():
    X = tables()[2][["price", "city", "sold", "n_rooms", "n rooms"]]
    net = DeepNetClassifier(**SMALL, warn=False)
    model = make_pipeline(TableEncoder(), PCA(2), net).fit(X, np.arange(500) % 3)
    for dtype in (np.float32, np.float64):
        _, P = run(to_onnx(model, dtype=dtype), X)
        assert_allclose(P, model.predict_proba(X), atol=1e-5)


class Unknown(FunctionTransformer):
    pass


def test_a_step_without_a_converter_is_named(rng):
    X = rng.rand(60, 2)
    net = DeepNetClassifier(**SMALL, warn=False)
    model = make_pipeline(StandardScaler(), Unknown(), net).fit(X, X[:, 0] > 0.5)
    with pytest.raises(ValueError, match=r"step 'unknown' \(Unknown\), which") as error:
        to_onnx(model)
    assert "\n" not in str(error.value)


REFUSED = {
    "step": (
        make_pipeline(PowerTransformer(), TabularNetRegressor(**FEW)),
        r"the step 'powertransformer' \(PowerTransformer\) before TabularNetRegressor, "
        "which cannot be exported; steps must be among",
    ),
    "function": (
        make_pipeline(FunctionTransformer(np.abs), TabularNetRegressor(**FEW)),
        r"'functiontransformer' \(FunctionTransformer\)",
    ),
    "step within": (
        make_pipeline(
            ColumnTransformer([("power", PowerTransformer(), [0])]),
            TabularNetRegressor(**FEW),
        ),
        r"'power' \(PowerTransformer\)",
    ),
    "target": (
        TransformedTargetRegressor(
            TabularNetRegressor(**FEW), func=np.log1p, inverse_func=np.expm1
        ),
        "target's transformer must shift and scale .* export regressor_",
    ),
    "levels of two types": (
        make_pipeline(TableEncoder(), TabularNetRegressor(**FEW)),
        r"'tableencoder' \(TableEncoder\) with the column 'x1' of levels that are "
        "neither all texts nor all numbers",
    ),
    "levels of two types of an ensemble": (
        TabularNetRegressor(**FEW),
        "with the column 'x1' of levels that are .* make texts of the column",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_exported_is_named_with_the_way_out(name, rng):
    model, message = REFUSED[name]
    X = rng.rand(60, 2).astype(object)
    if name.startswith("levels"):
        X[::2, 1] = "a"
    with pytest.raises(ValueError, match=message) as error:
        to_onnx(model.fit(X, rng.rand(60)))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("absent", "imputer"),
    [
        (np.nan, SimpleImputer(strategy="most_frequent", add_indicator=True)),
        ("?", SimpleImputer(strategy="constant", fill_value="b", missing_values="?")),
        (
            "?",
            SimpleImputer(
                strategy="most_frequent", missing_values="?", add_indicator=True
            ),
        ),
    ],
)
def test_filled_texts_and_their_indicator(absent, imputer, rng):
    texts = np.array(["a", "b", absent], object)[rng.randint(3, size=80)]
    X, y = pd.DataFrame({"t": texts}, dtype=object), rng.randint(2, size=80)
    net = DeepNetClassifier(**SMALL, warn=False)
    model = make_pipeline(imputer, TableEncoder(), net).fit(X, y)
    _, P = run(to_onnx(model), X)
    assert_allclose(P, model.predict_proba(X), atol=1e-6)


def test_scaled_numbers_beside_texts_come_in_float32(rng):
    X = pd.DataFrame({"a": rng.randn(60), "t": rng.choice(["x", "y"], 60)})
    parts = [("n", StandardScaler(), ["a"]), ("t", TableEncoder(), ["t"])]
    net = TabularNetClassifier(**FEW)
    model = make_pipeline(ColumnTransformer(parts), net).fit(X, X["a"] > 0)
    _, P = run(to_onnx(model), X)
    assert_allclose(P, model.predict_proba(X), atol=1e-6)


@pytest.mark.parametrize("missing", [None, np.nan])
def test_what_stands_for_a_missing_level_is_told_apart_by_an_ordinal_encoder(missing):
    rng = np.random.RandomState(0)
    cities = np.array(["Lima", "Oslo", missing], object)[rng.randint(3, size=90)]
    X = pd.DataFrame({"city": pd.Series(cities, dtype=object)})
    y = np.where(X["city"] == "Oslo", 1.0, np.where(X["city"] == "Lima", 0.0, 5.0))
    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2
    )
    columns = ColumnTransformer([("codes", codes, ["city"])])
    model = make_pipeline(columns, DeepNetRegressor(warn=False, **SMALL))
    model.fit(X, y)
    (found,) = run(to_onnx(model, dtype=np.float64), X)
    assert_allclose(found.ravel(), model.predict(X), rtol=1e-12)
