"""to_onnx, and skl2onnx with our estimators, run by onnxruntime."""

import numpy as np
import onnxruntime
import pandas as pd
import pytest
from far_networks import every_far_network, far_network
from labels import LABELS, labelled
from networks import every_network, expected, network, targets
from numpy.testing import assert_allclose, assert_array_equal
from skl2onnx import convert_sklearn
from skl2onnx import to_onnx as skl2onnx_to_onnx
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsOneClassifier
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    RobustScaler,
    StandardScaler,
)

from sknn_scratch import DeepNetClassifier, ShallowNetClassifier, ShallowNetRegressor
from sknn_scratch.export import to_onnx
from sknn_scratch.preprocessing import ImageFlattener

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def run(made, X):
    session = onnxruntime.InferenceSession(made.SerializeToString())
    return session.run(None, {"X": X})


@pytest.mark.parametrize("seed", every_network)
def test_it_says_what_the_model_says(seed):
    model, X = network(seed)
    *label, P = run(to_onnx(model), X.astype(np.float32))
    assert_allclose(P, expected(model, X), rtol=2e-5, atol=1e-5)
    assert P.dtype == np.float32
    if label:
        y = model.predict(X)
        assert label[0].shape == y.shape
        assert (label[0] == y).mean() > 0.995  # two may be as probable in 32 bits


@pytest.mark.parametrize("seed", every_network)
def test_in_64_bits(seed):
    model, X = network(seed)
    if X.dtype == np.float32:
        model.predict(X.astype(np.float64))
    *_, P = run(to_onnx(model, dtype=np.float64), X.astype(np.float64))
    atol = 1e-12 if X.dtype == np.float64 else 1e-5
    assert_allclose(P, expected(model, X), rtol=2 * atol, atol=atol)


@pytest.mark.parametrize("bits", [np.float32, np.float64])
@pytest.mark.parametrize(("name", "dtype"), every_far_network)
def test_features_far_from_0(name, dtype, bits):
    model, X, P = far_network(name, dtype)
    made = to_onnx(model, dtype=bits)
    *_, found = run(made, X.astype(bits))
    atol = 1e-7 if bits == np.float64 and dtype == "f8" else 3e-5
    assert_allclose(found, P, rtol=atol, atol=atol)
    assert "the first layer" in made.doc_string


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize(
    "scaler",
    [StandardScaler(), MinMaxScaler(clip=True), MaxAbsScaler(), RobustScaler()],
)
def test_far_from_0_with_steps_of_skl2onnx(scaler, dtype):
    """Its own converters round the mean, and are wrong by up to 0.5."""
    _, X, _ = far_network("standard", dtype)
    a, b = (X - X.mean(axis=0)).T
    net = ShallowNetClassifier(8, solver="lbfgs", random_state=0, warn=False)
    model = make_pipeline(scaler, PCA(2), net).fit(X, abs(a) > abs(b))
    _, P = run(to_onnx(model), X.astype(np.float32))
    assert_allclose(P, model.predict_proba(X), atol=1e-4)


def test_in_a_pipeline_with_others_and_with_skl2onnx_s_own_options(rng):
    X = rng.randn(100, 6).astype(np.float32)
    y = np.array(["no", "yes"])[(X[:, 0] > 0).astype(int)]
    net = ShallowNetClassifier(5, solver="lbfgs", random_state=0)
    model = make_pipeline(PCA(3), net).fit(X, y)
    label, P = run(to_onnx(model), X)
    assert_allclose(P, model.predict_proba(X), atol=1e-5)
    assert_array_equal(label, model.predict(X))
    label, maps = run(skl2onnx_to_onnx(model, X[:1]), X)  # zipmap, as it does usually
    assert list(maps[0]) == ["no", "yes"]


COLUMNS = {  # what a ColumnTransformer does; the inputs that are expected
    "numbers": ([("n", StandardScaler(), ["b", "a"])], "drop", ["a", "b"]),
    "one": ([("n", StandardScaler(), ["c"])], "passthrough", ["a", "b", "c", "whole"]),
    "left out": (
        [("n", StandardScaler(), ["a"]), ("no", "drop", ["b"])],
        "drop",
        ["a"],
    ),
    "texts": (
        [
            ("n", StandardScaler(), ["a", "b"]),
            ("t", OneHotEncoder(sparse_output=False), ["city"]),
        ],
        "drop",
        ["a", "b", "city"],
    ),
    "texts in a pipeline": (
        [
            ("n", StandardScaler(), ["whole"]),
            ("t", make_pipeline(OneHotEncoder(sparse_output=False)), ["city"]),
        ],
        "drop",
        ["whole", "city"],
    ),
    "names and places": (
        [("n", StandardScaler(), ["c"]), ("m", StandardScaler(), [3, 0])],
        "drop",
        ["a", "c", "whole"],
    ),
    "places": ([("n", StandardScaler(), [0, 2])], "drop", ["a", "c"]),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", COLUMNS.values(), ids=COLUMNS)
def test_columns_that_are_read_are_inputs(case, dtype, rng):
    steps, rest, names = case
    table = pd.DataFrame(rng.randn(60, 3), columns=["a", "b", "c"])
    table["whole"] = rng.randint(9, size=60)
    if "city" in names:
        table["city"] = np.tile(["x", "y", "z"], 20)
    y = (table["a"] > 0).astype(int)
    net = DeepNetClassifier((4,), max_iter=20, warn=False, random_state=0)
    model = make_pipeline(ColumnTransformer(steps, remainder=rest), net).fit(table, y)
    made = to_onnx(model, dtype=dtype)
    session = onnxruntime.InferenceSession(made.SerializeToString())
    assert [given.name for given in session.get_inputs()] == names
    types = {"tensor(string)": object, "tensor(float)": np.float32}
    feed = {
        given.name: (table if given.name == "X" else table[[given.name]])
        .to_numpy()
        .astype(types.get(given.type, np.float64))
        for given in session.get_inputs()
    }
    _, P = session.run(None, feed)
    assert_allclose(P, model.predict_proba(table), atol=1e-5)


def test_in_meta_estimators(rng):
    X = rng.randn(90, 4).astype(np.float32)
    net = DeepNetClassifier((5,), max_iter=5, warn=False, random_state=0)
    search = GridSearchCV(net, {"alpha": [0.1, 1]}, cv=3).fit(X, np.arange(90) % 3)
    _, P = run(skl2onnx_to_onnx(search, X[:1], options={"zipmap": False}), X)
    assert_allclose(P, search.predict_proba(X), atol=1e-5)
    net = ShallowNetRegressor(5, max_iter=5, warn=False, random_state=0)
    both = MultiOutputRegressor(net).fit(X, X[:, :2])
    assert_allclose(
        run(skl2onnx_to_onnx(both, X[:1]), X)[0], both.predict(X), atol=1e-5
    )


@pytest.mark.parametrize("n_classes", [2, 3])
def test_meta_estimators_that_go_by_raw_scores(n_classes, rng):
    X = rng.randn(150, 4).astype(np.float32)
    y = np.clip(X[:, 0] + n_classes / 2, 0, n_classes - 1).astype(int)
    net = ShallowNetClassifier(5, solver="lbfgs", random_state=0)
    calibrated = CalibratedClassifierCV(net, cv=3).fit(X, y)
    _, P = run(skl2onnx_to_onnx(calibrated, X[:1], options={"zipmap": False}), X)
    assert_allclose(P, calibrated.predict_proba(X), atol=1e-5)
    pairs = OneVsOneClassifier(net).fit(X, y)
    label, *_ = run(skl2onnx_to_onnx(pairs, X[:1]), X)
    assert_array_equal(label.ravel(), pairs.predict(X))


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
def test_raw_scores(kind, rng):
    X = rng.randn(100, 4).astype(np.float32)
    net = ShallowNetClassifier(5, max_iter=5, warn=False, random_state=0)
    net.fit(X, targets(kind, rng, X))
    options = {"zipmap": False, "raw_scores": True}
    label, Z = run(skl2onnx_to_onnx(net, X[:1], options=options), X)
    assert_array_equal(label, net.predict(X))
    raw = net.decision_function(X)
    if kind == "binary":
        raw = np.column_stack([-raw, raw])
    assert_allclose(Z, raw, rtol=2e-5, atol=1e-5)


@pytest.mark.parametrize("zipmap", [True, False])
@pytest.mark.parametrize("classes", [[False, True], [20230115.0, 20230116.0]])
def test_labels_of_other_types_are_whole_numbers(classes, zipmap, rng):
    X = rng.randn(100, 4).astype(np.float32)
    y = np.array(classes)[(X[:, 0] > 0).astype(int)]
    net = ShallowNetClassifier(5, max_iter=5, warn=False, random_state=0).fit(X, y)
    label, P = run(skl2onnx_to_onnx(net, X[:1], options={"zipmap": zipmap}), X)
    assert_array_equal(label, net.predict(X))
    if zipmap:
        assert list(P[0]) == classes


@pytest.mark.parametrize("name", LABELS)
def test_labels(name):
    model, X = labelled(LABELS[name])
    label, _ = run(to_onnx(model), X.astype(np.float32))
    expected = model.predict(X).tolist()
    if name == "beyond 2^63":
        expected = [str(y) for y in expected]
    assert label.tolist() == expected


def test_texts_that_onnx_cannot_hold(rng):
    for labels in (["a\0b", "a"], ["\ud800", "b"]):
        model, _ = labelled(np.array(labels))
        with pytest.raises(ValueError, match="without NUL .* in ONNX, got"):
            to_onnx(model)


def test_steps_that_do_nothing(rng):
    X = rng.randint(0, 9, (30, 3, 2)).astype(np.float32)
    net = ShallowNetClassifier(5, max_iter=5, warn=False, random_state=0)
    inner = make_pipeline(None, ImageFlattener())
    model = make_pipeline("passthrough", inner, "passthrough", net)
    model.fit(X, np.arange(30) % 2)
    assert_allclose(run(to_onnx(model), X)[1], model.predict_proba(X), atol=1e-5)


def test_whole_numbers_may_come_in():
    from skl2onnx.common.data_types import Int64TensorType

    model, X = network(2)
    made = convert_sklearn(
        model,
        initial_types=[("X", Int64TensorType([None, X.shape[1]]))],
        options={"zipmap": False},
    )
    X = X.astype(np.int64)
    assert_allclose(run(made, X)[1], model.predict_proba(X), atol=1e-5)


def test_other_types_are_refused():
    with pytest.raises(ValueError, match="dtype must be float32 or float64, got int64"):
        to_onnx(network(0)[0], dtype=np.int64)


def test_parameters_that_float32_cannot_hold_are_refused():
    X, y = load_iris(return_X_y=True)
    net = ShallowNetClassifier(3, max_iter=3, random_state=0, warn=False).fit(X, y)
    net.coefs_[0][...] = 1e39
    with pytest.raises(ValueError, match="parameters must be finite in float32"):
        to_onnx(net)
    assert to_onnx(net, dtype=np.float64)
