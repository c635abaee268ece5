"""use_in: real estimators, trained with the reader's own functions."""

import pickle

import matplotlib.pyplot as plt
import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import (
    DeepNetClassifier,
    LogisticRegressionScratch,
    ShallowNetClassifier,
)
from sknn_scratch.datasets import make_flower
from sknn_scratch.inspection import check_gradient, diagnose, explain_step
from sknn_scratch.inspection._exercises.check_my import check_my
from sknn_scratch.inspection._exercises.use_in import PLACES
from sknn_scratch.plotting import ComputationGraphDisplay

X, Y = make_flower(random_state=1)
CALLS = []


def told(function):
    """The function, which leaves its name in CALLS."""

    def called(*arguments):
        CALLS.append(function.__name__)
        return function(*arguments)

    called.__name__ = function.__name__
    return called


@told
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@told
def tanh(Z):
    return np.tanh(Z), Z


@told
def relu(Z):
    return np.maximum(0, Z), Z


@told
def softmax(Z):
    E = np.exp(Z)
    return E / E.sum(axis=0, keepdims=True)


@told
def sigmoid_backward(dA, cache):
    s = 1 / (1 + np.exp(-cache))
    return dA * s * (1 - s)


@told
def tanh_backward(dA, cache):
    return dA * (1 - np.tanh(cache) ** 2)


@told
def relu_backward(dA, cache):
    return dA * (cache > 0)


@told
def linear_forward(A, W, b):
    return np.dot(W, A) + b, (A, W, b)


@told
def linear_backward(dZ, cache):
    A, W, b = cache
    m = A.shape[1]
    return W.T @ dZ, dZ @ A.T / m, dZ.sum(axis=1, keepdims=True) / m


@told
def compute_cost(AL, Y):
    return -np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL)) / Y.shape[1]


@told
def update_parameters(parameters, grads, learning_rate):
    return {k: v - learning_rate * grads["d" + k] for k, v in parameters.items()}


@told
def initialize_parameters(n_x, n_h, n_y):
    W1, W2 = np.random.randn(n_h, n_x) * 0.01, np.random.randn(n_y, n_h) * 0.01
    return {"W1": W1, "b1": np.zeros((n_h, 1)), "W2": W2, "b2": np.zeros((n_y, 1))}


@told
def initialize_parameters_deep(layer_dims):
    parameters = {}
    for l in range(1, len(layer_dims)):
        shape = layer_dims[l], layer_dims[l - 1]
        parameters[f"W{l}"] = np.random.randn(*shape) * 0.01
        parameters[f"b{l}"] = np.zeros((layer_dims[l], 1))
    return parameters


@told
def initialize_with_zeros(dim):
    return np.zeros((dim, 1)), 0.0


MINE = {
    f.__name__: f
    for f in [
        sigmoid,
        tanh,
        relu,
        softmax,
        sigmoid_backward,
        tanh_backward,
        relu_backward,
        linear_forward,
        linear_backward,
        compute_cost,
        update_parameters,
        initialize_parameters,
        initialize_parameters_deep,
        initialize_with_zeros,
    ]
}


def network(activation="tanh", **parameters):
    return ShallowNetClassifier(
        4,
        activation=activation,
        solver="gd",
        learning_rate_init=0.5,
        max_iter=30,
        init="small_random",
        random_state=2,
        warn=False,
    ).set_params(**parameters)


def estimator_for(kind):
    """An estimator with a place for the kind, and y."""
    if kind == "initialize_with_zeros":
        return LogisticRegressionScratch(solver="gd", max_iter=30, warn=False), Y
    if kind == "initialize_parameters_deep":
        deep = DeepNetClassifier((4, 3), solver="gd", init="small_random", max_iter=9)
        return deep.set_params(random_state=1, warn=False), Y
    y = np.arange(len(Y)) % 3 if kind == "softmax" else Y
    name = kind.removesuffix("_backward")
    hidden = name if name in ("sigmoid", "tanh", "relu") else "tanh"
    return network(hidden), y


def assert_same(mine, theirs):
    assert_allclose(mine.loss_curve_, theirs.loss_curve_, rtol=1e-9)
    for name, value in theirs.parameters_.items():
        assert_allclose(mine.parameters_[name], value, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", sorted(PLACES))
def test_a_right_function_trains_to_the_engine_s_parameters(kind):
    estimator, y = estimator_for(kind)
    mine = check_my(MINE[kind]).use_in(estimator)
    CALLS.clear()
    mine.fit(X, y)
    assert set(CALLS) == {kind}  # it was really used
    assert_same(mine, estimator.fit(X, y))


def test_all_functions_together_train_a_network():
    mine = network("relu")
    for kind in ["initialize_parameters", "linear_forward", "relu", "sigmoid"] + [
        "compute_cost",
        "relu_backward",
        "linear_backward",
        "update_parameters",
    ]:
        mine = check_my(MINE[kind]).use_in(mine)
    CALLS.clear()
    mine.fit(X, Y)
    assert len(set(CALLS)) == 8
    assert_same(mine, network("relu").fit(X, Y))


def test_the_order_of_cost_and_sigmoid_does_not_matter():
    one, two = check_my(compute_cost), check_my(sigmoid)
    a = two.use_in(one.use_in(network())).fit(X, Y)
    b = one.use_in(two.use_in(network())).fit(X, Y)
    CALLS.clear()
    assert_same(a, b)
    a.fit(X, Y)
    assert set(CALLS) == {"compute_cost", "sigmoid"}


def test_the_link_of_a_network_with_its_own_cost_is_explained_by_the_engine():
    mine = check_my(compute_cost).use_in(network())
    found = {part.name: part for part in explain_step(mine, X, Y).quantities}
    assert found["A[2]"].formula == "A[2] = sigmoid(Z[2])"


def test_it_works_in_logistic_regression():
    estimator = LogisticRegressionScratch(solver="gd", max_iter=30, warn=False)
    for function in (sigmoid, linear_forward, linear_backward):
        assert_same(
            check_my(function).use_in(estimator).fit(X, Y), clone(estimator).fit(X, Y)
        )


@pytest.mark.parametrize(
    "parameters",
    [
        {"solver": "adam", "batch_size": 64},
        {"solver": "lbfgs"},
        {"alpha": 5.0},
        {"dropout": 0.3},
        {"early_stopping": True},
        {"standardize": True},
    ],
)
@pytest.mark.parametrize("function", [tanh, tanh_backward, linear_backward])
def test_it_works_with_the_estimator_s_options(parameters, function):
    estimator = network(**parameters)
    mine = check_my(function).use_in(estimator).fit(X, Y)
    theirs = estimator.fit(X, Y)
    # lbfgs makes much of the last digits
    rtol = 1e-3 if parameters == {"solver": "lbfgs"} else 1e-7
    assert_allclose(mine.loss_curve_, theirs.loss_curve_, rtol=rtol)


def test_float32_stays_float32():
    mine = check_my(linear_backward).use_in(network()).fit(X.astype(np.float32), Y)
    assert mine.coefs_[0].dtype == np.float32


def test_a_pipeline_keeps_the_function_through_clone_and_search():
    pipeline = make_pipeline(StandardScaler(), network())
    mine = check_my(tanh).use_in(pipeline)
    search = GridSearchCV(mine, {"shallownetclassifier__n_hidden": [2, 3]}, cv=2)
    CALLS.clear()
    search.fit(X, Y)
    assert CALLS
    assert not hasattr(pipeline[-1], "coefs_")
    assert_same(clone(mine).fit(X, Y)[-1], pipeline.fit(X, Y)[-1])


def test_the_estimator_given_is_not_changed():
    estimator = network().fit(X, Y)
    check_my(tanh).use_in(estimator)
    CALLS.clear()
    clone(estimator).fit(X, Y)
    assert CALLS == []


def plus(parameters, grads, learning_rate):
    return {k: v + learning_rate * grads["d" + k] for k, v in parameters.items()}


def test_a_wrong_function_is_refused():
    with pytest.raises(ValueError, match="must pass check_my .* got plus_sign"):
        check_my(plus, "update_parameters").use_in(network())


def test_anyway_shows_what_a_wrong_function_does():
    verdict = check_my(plus, "update_parameters")
    mine = verdict.use_in(network(tol=0), anyway=True).fit(X, Y)
    assert mine.loss_curve_[-1] > mine.loss_curve_[0]


def test_a_fitted_model_can_be_pickled():
    mine = check_my(plus, "update_parameters").use_in(network(), anyway=True).fit(X, Y)
    again = pickle.loads(pickle.dumps(mine))
    assert_allclose(again.predict_proba(X), mine.predict_proba(X))


def test_warm_start_does_not_draw_first_weights_again():
    estimator = network(warm_start=True)
    mine = check_my(initialize_parameters).use_in(estimator).fit(X, Y)
    CALLS.clear()
    mine.fit(X, Y)
    assert CALLS == []


def test_np_random_is_left_where_it_was():
    mine = check_my(initialize_parameters).use_in(network())
    np.random.seed(5)
    expected = np.random.randn()
    np.random.seed(5)
    mine.fit(X, Y)
    assert np.random.randn() == expected


@pytest.mark.parametrize(
    ("kind", "changed", "message"),
    [
        ("relu", {}, "relu must be an activation of the network"),
        ("update_parameters", {"solver": "adam"}, "set solver='gd'"),
        ("update_parameters", {"max_grad_norm": 1.0}, "without max_grad_norm"),
        ("softmax", {}, "more than two classes"),
    ],
)
def test_a_network_without_its_place_is_an_error(kind, changed, message):
    mine = check_my(MINE[kind]).use_in(network(**changed))
    with pytest.raises(ValueError, match=message):
        mine.fit(X, Y)


def test_more_errors_of_one_line():
    with pytest.raises(ValueError, match="predict has no place"):
        check_my(lambda w, b, X: w.T @ X + b > 0, "predict").use_in(network())
    with pytest.raises(TypeError, match="must be a network of sknn_scratch"):
        check_my(tanh).use_in(StandardScaler())
    weighted = check_my(compute_cost).use_in(network())
    with pytest.raises(ValueError, match="knows no weights"):
        weighted.fit(X, Y, sample_weight=np.arange(len(Y)))
    with pytest.raises(ValueError, match="y must have two classes"):
        weighted.fit(X, np.arange(len(Y)) % 3)
    deep = check_my(initialize_parameters).use_in(DeepNetClassifier((3, 3)))
    with pytest.raises(ValueError, match="does not fit a network of 3 layers"):
        deep.fit(X, Y)
    newton = check_my(sigmoid).use_in(LogisticRegressionScratch(solver="newton"))
    with pytest.raises(ValueError, match="set solver='gd'"):
        newton.fit(X, Y)


def test_sparse_rows_are_refused():
    from scipy.sparse import csr_matrix

    with pytest.raises(TypeError, match="X must be dense"):
        check_my(tanh).use_in(network()).fit(csr_matrix(X), Y)


def test_a_wrong_shape_in_training_is_told():
    def flat(A, W, b):
        return (W @ A + b).T

    mine = check_my(flat, "linear_forward").use_in(network(), anyway=True)
    with pytest.raises(
        ValueError, match=r"linear_forward must return shape \(4, 400\)"
    ):
        mine.fit(X, Y)


def test_nothing_returned_in_training_is_told():
    mine = check_my(lambda Z: None, "tanh").use_in(network(), anyway=True)
    with pytest.raises(ValueError, match="tanh: The function returns None"):
        mine.fit(X, Y)


@pytest.mark.parametrize("kind", sorted(PLACES))
def test_inspectors_take_a_network_with_functions_of_ones_own(kind):
    estimator, y = estimator_for(kind)
    mine = check_my(MINE[kind]).use_in(estimator)
    assert check_gradient(mine, X, y).passed
    assert f"With functions of your own: {kind}." in explain_step(mine, X, y).notes
    mine.fit(X, y)
    assert diagnose(mine, X, y) is not None
    display = ComputationGraphDisplay.from_estimator(mine, X[0], y[0])
    assert "L" in display.nodes
    plt.close(display.figure_)
