"""ComputationGraphDisplay: the course's graph with numbers on its edges."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
)
from sknn_scratch.datasets import load_digit_images, make_flower
from sknn_scratch.plotting import ComputationGraphDisplay
from sknn_scratch.preprocessing import ImageFlattener

X, y = make_flower()

TOY = {  # J = 3 (a + b c)
    "nodes": {"a": "a", "b": "b", "c": "c", "u": "bc", "v": "a + u", "J": "3v"},
    "edges": [
        ("a", "v", "5", "3"),
        ("b", "u", "3", "6"),
        ("c", "u", "2", "9"),
        ("u", "v", "6", "3"),
        ("v", "J", "11", "3"),
        ("J", None, "33"),
    ],
}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture
def logistic():
    """A model whose example x = (1, 2) has z = -1 + 2 x 1 + 1 = 2."""
    model = LogisticRegressionScratch(C=0.1, class_weight="balanced").fit(X, y)
    model.coef_[...], model.intercept_[...] = [[-1.0, 1.0]], 1.0
    return model


def texts(artists):
    return [text.get_text() for text in artists]


def numbers(display):
    """(tail, head) -> value and slope, as floats; None where there is none."""
    found = {}
    for tail, head, *pair in display.edges:
        pair = [text and float(text.split("=")[-1]) for text in pair]
        found[tail, head] = tuple(pair + [None] * (2 - len(pair)))
    return found


def test_a_logistic_regression_is_the_course_s_graph(logistic):
    display = ComputationGraphDisplay.from_estimator(logistic, [1.0, 2.0], 1)
    a = 1 / (1 + np.exp(-2))
    dz = a - 1
    expected = {
        ("x1", "z"): (1, None),
        ("w1", "z"): (-1, dz * 1),
        ("x2", "z"): (2, None),
        ("w2", "z"): (1, dz * 2),
        ("b", "z"): (1, dz),
        ("z", "a"): (2, dz),
        ("a", "L"): (a, -1 / a),
        ("y", "L"): (1, None),
        ("L", None): (-np.log(a), None),
    }
    found = numbers(display)
    assert list(found) == list(expected)
    for edge, pair in expected.items():
        assert found[edge] == tuple(v and pytest.approx(v, rel=5e-3) for v in pair)


def test_the_numbers_are_the_engine_s(logistic, monkeypatch):
    from sknn_scratch._training import objective

    true = objective.backward

    def wrong(params, grads, *rest):
        true(params, grads, *rest)
        grads.theta[...] = 42

    monkeypatch.setattr(objective, "backward", wrong)
    display = ComputationGraphDisplay.from_estimator(logistic, [1.0, 2.0], 1)
    assert numbers(display)["w1", "z"] == (-1, 42)


def test_da_is_left_out_where_the_sigmoid_is_flat(logistic):
    logistic.intercept_[...] = 1000
    display = ComputationGraphDisplay.from_estimator(logistic, X[0], 0)
    assert numbers(display)["a", "L"] == (1, None)
    assert numbers(display)["L", None][0] == pytest.approx(1000, rel=0.01)


@pytest.mark.parametrize("form", [np.array, csr_array])
def test_units_have_their_a_and_their_dz(form):
    net = ShallowNetClassifier(2, max_iter=5, warn=False, random_state=0).fit(X, y)
    display = ComputationGraphDisplay.from_estimator(net, form(X[:1]), y[:1])
    (W1, W2), (b1, _) = net.coefs_, net.intercepts_
    A1 = np.tanh(X[0] @ W1 + b1)
    A2 = net.predict_proba(X[:1])[0, 1]
    dZ2 = A2 - y[0]
    dZ1 = W2[:, 0] * dZ2 * (1 - A1**2)
    for k in range(2):
        _, a, dz = display.nodes[f"a1_{k + 1}"]
        assert float(a.split()[-1]) == pytest.approx(A1[k], rel=5e-3)
        assert float(dz.split()[-1]) == pytest.approx(dZ1[k], rel=5e-3)
    w, dw = numbers(display)["a0_2", "a1_1"]
    assert w == pytest.approx(W1[1, 0], rel=5e-3)
    assert dw == pytest.approx(X[0, 1] * dZ1[0], rel=5e-3)


def test_numbers_of_many_edges_are_left_out():
    net = ShallowNetClassifier(5, max_iter=5, warn=False, random_state=0).fit(X, y)
    found = numbers(ComputationGraphDisplay.from_estimator(net, X[0], y[0]))
    assert found["a0_1", "a1_1"] == (None, None)
    assert found["a1_1", "a2_1"][0] == pytest.approx(net.coefs_[1][0, 0], rel=5e-3)


def test_a_large_network_is_drawn_layer_by_layer_with_shapes():
    images, digits = load_digit_images()
    net = DeepNetClassifier((20, 7), max_iter=2, warn=False, random_state=0)
    model = make_pipeline(ImageFlattener(scale=16), net).fit(images, digits)
    display = ComputationGraphDisplay.from_estimator(model, images[:1], digits[0])
    edges = {edge[:2]: edge[2:] for edge in display.edges}
    assert edges["A0", "Z1"] == ("64 × 1",)
    assert edges["W1", "Z1"][0] == "20 × 64"
    assert edges["A3", "L"] == ("10 × 1",)
    one = np.zeros(10)
    one[digits[0]] = 1
    dZ = model.predict_proba(images[:1])[0] - one
    length = float(edges["Z3", "A3"][1].split()[-1])
    assert length == pytest.approx(np.linalg.norm(dZ), rel=5e-3)
    assert texts([display.nodes_["A1"], display.nodes_["A3"]]) == [
        "$A^{[1]}$ = relu",
        "$A^{[3]}$ = softmax",
    ]


@pytest.mark.parametrize(
    "options",
    [
        {"alpha": 10.0},
        {"dropout": 0.9},
        {"label_smoothing": 0.3},
        {"early_stopping": True},
        {"standardize": True},
        {"solver": "lbfgs"},
        {"class_weight": {0: 0.1, 1: 5.0}},
    ],
)
def test_l_is_the_plain_loss_of_the_example(options):
    net = DeepNetClassifier(3, max_iter=3, warn=False, random_state=0, **options)
    net.fit(X, y)
    display = ComputationGraphDisplay.from_estimator(net, X[0], y[0])
    expected = -np.log(net.predict_proba(X[:1])[0, y[0]])
    assert numbers(display)["L", None][0] == pytest.approx(expected, rel=5e-3)


def test_a_regressor_is_compared_with_its_number():
    net = DeepNetRegressor(hidden_layer_sizes=2, max_iter=3, warn=False, random_state=0)
    net.fit(X, X[:, 0])
    display = ComputationGraphDisplay.from_estimator(net, X[0], 7.0)
    expected = 0.5 * (net.predict(X[:1])[0] - 7) ** 2
    assert numbers(display)["L", None][0] == pytest.approx(expected, rel=5e-3)
    assert numbers(display)["y1", "L"][0] == 7


def test_a_pipeline_takes_the_example_through_its_steps():
    model = make_pipeline(StandardScaler(), LogisticRegressionScratch()).fit(X, y)
    display = ComputationGraphDisplay.from_estimator(model, X[:1], y[:1])
    x1 = model[0].transform(X[:1])[0, 0]
    assert numbers(display)["x1", "z"][0] == pytest.approx(x1, rel=5e-3)


def test_any_graph_can_be_drawn():
    display = ComputationGraphDisplay(**TOY).plot()
    assert texts(display.values_) == ["5", "3", "2", "6", "11", "33"]
    assert texts(display.slopes_) == ["3", "6", "9", "3", "3"]
    assert {text.get_color() for text in display.slopes_} == {"tab:red"}
    at = {name: text.get_position() for name, text in display.nodes_.items()}
    columns = [at[name][0] for name in "abcuvJ"]
    assert columns == [1, 0, 0, 1, 2, 3]
    assert len(set(at.values())) == 6


def test_numbers_stand_on_their_sides_of_the_edges():
    display = ComputationGraphDisplay(**TOY).plot()
    display.figure_.canvas.draw()
    above = display.values_[-2].get_window_extent()
    below = display.slopes_[-1].get_window_extent()
    assert above.y0 >= below.y1
    height = display.ax_.transData.transform(display.nodes_["v"].get_position())[1]
    assert above.y0 > height - 1
    assert below.y1 < height + 1


def test_positions_may_be_given():
    places = {name: (i, 0) for i, name in enumerate(TOY["nodes"])}
    display = ComputationGraphDisplay(**TOY, positions=places).plot()
    assert display.nodes_["u"].get_position() == (3, 0)


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ([("a", "d")], r"edges must join the nodes \['a', 'b'\], got 'd'"),
        ([("a", "b"), ("b", "a")], "edges must not run in a circle"),
    ],
)
def test_edges_that_cannot_be_drawn_are_refused(edges, message):
    display = ComputationGraphDisplay(nodes={"a": "a", "b": "b"}, edges=edges)
    with pytest.raises(ValueError, match=message):
        display.plot()
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("x", "target", "message"),
    [
        (X[:2], y[:2], r"x must be one example, got shape \(2, 2\); .* X\[:1\]"),
        (X[:1], y[:2], r"y must be one example, got shape \(2,\)"),
        (X[:1], 5, "classes"),
    ],
)
def test_anything_but_one_example_is_refused(logistic, x, target, message):
    with pytest.raises(ValueError, match=message):
        ComputationGraphDisplay.from_estimator(logistic, x, target)
    assert plt.get_fignums() == []


def test_x_is_shown_as_it_was_given_though_the_network_standardised_it():
    net = LogisticRegressionScratch(standardize=True).fit(X, y)
    display = ComputationGraphDisplay.from_estimator(net, X[0], y[0])
    assert numbers(display)["x1", "z"][0] == pytest.approx(X[0, 0], rel=5e-3)
    assert numbers(display)["w1", "z"][0] == pytest.approx(net.coef_[0, 0], rel=5e-3)
