"""Formulas, and what is exported to Python; other languages: tests/languages."""

import numpy as np
import pytest
from far_networks import every_far_network, far_network, needs_rounding_of_1_9
from labels import LABELS, labelled
from networks import every_network, expected, network
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from sknn_scratch import (
    DeepNetClassifier,
    LogisticRegressionScratch,
    ShallowNetClassifier,
)
from sknn_scratch._engine.activations import ACTIVATIONS
from sknn_scratch.export import to_c, to_javascript, to_python
from sknn_scratch.export._c import float_literal, string_literal
from sknn_scratch.export._formula import FUNCTIONS, translate
from sknn_scratch.export._scaling import Range, folding_costs_too_much

NUMPY = {name: f"np.{name}" for name in FUNCTIONS}
NUMPY |= {"max": "np.maximum", "min": "np.minimum"}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_formula_is_what_forward_does(name, rng):
    cls = ACTIVATIONS[name]
    constants = dict.fromkeys(cls.hyperparameters, 0.3)
    Z = np.asfortranarray(5 * rng.randn(4, 200))
    out = np.empty_like(Z)
    cls(**constants).forward(Z, out)
    text = translate(cls.formula, constants, functions=NUMPY)
    assert_allclose(eval(text, {"np": np, "z": Z}), out, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("numpy", [True, False])
@pytest.mark.parametrize("seed", every_network)
def test_python_says_what_the_model_says(seed, numpy):
    model, X = network(seed)
    text = to_python(model, numpy=numpy)
    assert text.count("\n") < 200
    made = {}
    exec(compile(text, "network.py", "exec", dont_inherit=True), made)
    rows = X.reshape(len(X), -1) if numpy else X.reshape(len(X), -1).tolist()
    P, y = expected(model, X), model.predict(X)
    function = "predict_proba" if hasattr(model, "predict_proba") else "predict"
    atol = 1e-12 if X.dtype == np.float64 else 1e-5
    out = made[function](rows)
    assert_allclose(np.reshape(out, P.shape), P, rtol=2 * atol, atol=atol)
    assert np.shape(made["predict"](rows)) == y.shape
    if function == "predict_proba" and X.dtype == np.float64:
        assert_array_equal(made["predict"](rows), y)
    assert ("numpy" in text) == numpy


@pytest.mark.parametrize("numpy", [True, False])
@pytest.mark.parametrize(("name", "dtype"), every_far_network)
def test_features_far_from_0(name, dtype, numpy):
    needs_rounding_of_1_9(name, dtype)
    model, X, P = far_network(name, dtype)
    text, made = to_python(model, numpy=numpy), {}
    exec(text, made)
    function = "predict_proba" if hasattr(model, "predict_proba") else "predict"
    out = made[function](X if numpy else X.reshape(len(X), -1).tolist())
    atol = 3e-5 if dtype == "f4" else 1e-7
    assert_allclose(np.reshape(out, P.shape), P, rtol=atol, atol=atol)
    assert ("SCALER" in text) == (dtype == "f4")
    where = "scaled before" if dtype == "f4" else "folded into"
    assert where in made["__doc__"]


@pytest.mark.parametrize("name", ["standard", "min_max", "robust", "in a row"])
def test_scaled_as_the_fitted_steps_do(name):
    """NumPy's sums are the model's own, and so are the scaled features: the bits."""
    needs_rounding_of_1_9(name, "f4", ("standard", "in a row"))
    model, X, _ = far_network(name, "f4")
    made = {}
    exec(to_python(model), made)
    assert_allclose(made["predict_proba"](X), model.predict_proba(X), atol=1e-6)


def test_far_from_0_in_64_bits_too(rng):
    """Nanoseconds since 1970, spread 1 ms: mean / scale is 1.7e12, u * that is 2e-4."""
    X = 1.7e18 + np.rint(1e6 * rng.randn(200, 2) / 256) * 256
    y = X[:, 0] > X[:, 0].mean()
    model = make_pipeline(StandardScaler(), LogisticRegressionScratch()).fit(X, y)
    for numpy in (True, False):
        text, made = to_python(model, numpy=numpy), {}
        exec(text, made)
        assert "SCALER" in text
        P = made["predict_proba"](X if numpy else X.tolist())
        assert_allclose(P, model.predict_proba(X), rtol=1e-9)


def test_what_folding_costs():
    """Float32 has u = 2^-24 = 6e-8: 1e-6 is lost where centre / spread is above 7.4.

    V = 1 / s, v = -c / s and z(c) = 0, so that cost / size = u (2 c / s + 1).
    """
    for c, s in [(7.0, 1.0), (700.0, 100.0), (8.0, 1.0), (8e-3, 1e-3)]:
        features = Range(np.array([c]), np.array([s]))
        V, v, z = np.array([[1 / s]]), np.array([[-c / s]]), np.zeros((1, 1))
        costly = folding_costs_too_much(V, v, z, features, np.float32)
        assert costly == (2.0**-24 * (2 * c / s + 1) > 1e-6)
        assert not folding_costs_too_much(V, v, z, features, np.float64)


def test_scales_that_32_bits_cannot_hold(rng):
    X, y = 1e-60 * rng.randn(40, 2), np.arange(40) % 2
    model = make_pipeline(StandardScaler(), LogisticRegressionScratch())
    model.fit(X, y)
    model[0].scale_ = np.array([1.0, 1e-60])
    with pytest.raises(ValueError, match="float32 tells from 0 .* for feature 1"):
        to_c(model)
    model[0].mean_ = np.array([1e60, 0])
    with pytest.raises(ValueError, match=r"finite in float32 .* got 1e\+60 for feat"):
        to_c(model)


@pytest.mark.parametrize("numpy", [True, False])
@pytest.mark.parametrize("name", [*LABELS, "halves", "NUL"])
def test_labels(name, numpy):
    more = {"halves": np.array(["\ud800", "b"]), "NUL": np.array(["a\0", "a"], object)}
    model, X = labelled((LABELS | more)[name])
    made = {}
    exec(to_python(model, numpy=numpy).encode(), made)
    found, expected = made["predict"](X if numpy else X.tolist()), model.predict(X)
    assert [*found] == expected.tolist()
    if numpy and expected.dtype != object:
        assert found.dtype == expected.dtype


def test_labels_that_cannot_be_written(rng):
    for labels in (["a\0b", "a"], ["\ud800", "b"]):
        model, _ = labelled(np.array(labels))
        with pytest.raises(ValueError, match="without NUL .* written in C, got"):
            to_c(model)
        assert "\\u0000b" in to_javascript(model) or "\\ud800" in to_javascript(model)
    model, _ = labelled(np.array(["2020-01-01", "2020-01-02"], "M8[ns]"))
    for write in (to_c, to_javascript, to_python):
        with pytest.raises(ValueError, match="numbers or texts .* got np.datetime64"):
            write(model)
        assert "second" in write(model, class_names=["first", "second"])
    model, X = labelled(np.arange(2))
    made = {}
    exec(to_python(model, class_names=["a\0", "a"]), made)
    assert {*made["predict"](X)} == {"a\0", "a"}


def test_images_go_in_as_they_are():
    model, X = network(4)
    assert X.ndim == 3
    made = {}
    exec(to_python(model), made)
    assert_allclose(made["predict_proba"](X), model.predict_proba(X), atol=1e-5)


def test_pipelines_in_pipelines_and_passthrough(rng):
    X, y = 5 + rng.randn(60, 3), np.arange(60) % 2
    inner = Pipeline(
        [("no", "passthrough"), ("scale", StandardScaler(with_mean=False))]
    )
    model = make_pipeline(inner, None, MinMaxScaler(), LogisticRegressionScratch())
    made = {}
    exec(to_python(model.fit(X, y)), made)
    assert_allclose(made["predict_proba"](X), model.predict_proba(X), rtol=1e-10)


def test_weights_written_by_hand_and_names_of_classes(rng):
    X = rng.randn(40, 3)
    net = LogisticRegressionScratch().fit(X, np.arange(40) % 2)
    net.coef_[:] = [[1, 0, 0]]
    made = {}
    exec(to_python(net, class_names=["cat", "dog"]), made)
    assert_array_equal(made["predict"](X) == "dog", net.predict(X) == 1)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("numpy", [True, False])
def test_not_a_number_gives_none(name, numpy, rng):
    X = rng.randn(40, 3)
    for y in (X[:, 0] > 0, np.arange(40) % 3, (X > 0).astype(int)):
        net = ShallowNetClassifier(4, activation=name, max_iter=2, warn=False)
        made = {}
        exec(to_python(net.fit(X, y), numpy=numpy), made)
        assert np.isnan(made["predict_proba"]([[np.nan, 0, 1]])).all()


def test_thirty_layers_are_less_than_200_lines(rng):
    X, names = rng.randn(20, 3), sorted(ACTIVATIONS)
    activations = [names[l % len(names)] for l in range(30)]
    net = DeepNetClassifier((3,) * 30, activations, max_iter=1, warn=False)
    net.fit(X, np.arange(20) % 3)
    for numpy in (True, False):
        assert to_python(net, numpy=numpy).count("\n") < 200


def test_what_cannot_be_written_is_refused_in_one_line(rng):
    X, y = rng.randn(40, 3), np.arange(40) % 2
    net = LogisticRegressionScratch()
    with pytest.raises(NotFittedError):
        to_python(net)
    with pytest.raises(ValueError, match=r"step 'pca' \(PCA\) before the network"):
        to_c(make_pipeline(PCA(2), net).fit(X, y))
    with pytest.raises(ValueError, match="without clip"):
        to_c(make_pipeline(MinMaxScaler(clip=True), net).fit(X, y))
    with pytest.raises(ValueError, match="class_names must be 2 names, .* got 3"):
        to_javascript(net.fit(X, y), class_names=["a", "b", "c"])
    with pytest.raises(ValueError, match="name must be of letters.* got 'my net'"):
        to_c(net, name="my net")
    with pytest.raises(TypeError, match="model must be a network"):
        to_c(PCA())
    net.coef_ = net.coef_ * 1e300
    with pytest.raises(ValueError, match="W1 must be finite in float32"):
        to_c(net)
    net.coef_[:] = np.nan
    with pytest.raises(ValueError, match="W1 and b1 must be finite"):
        to_python(net)


def test_numbers_and_texts_of_c():
    for value in np.array([0, -1, 1e20, 1e-45, 0.1, 3.4e38], np.float32):
        text = float_literal(value)
        assert text[-1] == "f"
        assert np.float32(text[:-1]) == value
        assert {".", "e"} & {*text}
    assert string_literal('a"\\?\n') == '"a\\042\\134\\077\\012"'


def test_a_pair_of_labels_of_another_dtype():
    X = np.random.RandomState(0).randn(30, 2)
    y = np.arange(30) % 2
    net = ShallowNetClassifier(2, max_iter=2, warn=False).fit(X, y.astype(np.float32))
    made = {}
    exec(to_python(net), made)
    assert_array_equal(made["predict"](X), net.predict(X))
