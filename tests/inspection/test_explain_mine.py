"""A reader's functions beside the engine, quantity by quantity."""

import numpy as np
import pytest
from gradients import rows
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_matrix

from sknn_scratch import (
    DeepNetClassifier,
    LogisticRegressionScratch,
    ShallowNetClassifier,
)
from sknn_scratch.inspection import check_my, explain_step
from sknn_scratch.inspection._exercises import textbook
from sknn_scratch.inspection._explanation.places import PLACES


def deep(*hidden, activation="relu", **options):
    options = {"solver": "gd", "alpha": 0, "random_state": 0, **options}
    return DeepNetClassifier(hidden, activation=activation, **options)


NETS = {
    "shallow": ShallowNetClassifier(4, solver="gd", alpha=0, random_state=0),
    "deep": deep(4, 3),
    "sigmoid": deep(4, activation="sigmoid"),
    "logistic": LogisticRegressionScratch(solver="gd", C=np.inf),
}
GIVEN = {  # what a function gives in a network that has a place for it
    "sigmoid": ("sigmoid", "A1 A2"),
    "tanh": ("shallow", "A1"),
    "relu": ("deep", "A1 A2"),
    "sigmoid_backward": ("sigmoid", "dZ1"),
    "tanh_backward": ("shallow", "dZ1"),
    "relu_backward": ("deep", "dZ1 dZ2"),
    "linear_forward": ("deep", "Z1 Z2 Z3"),
    "linear_activation_forward": ("deep", "A1 A2 A3"),
    "linear_backward": ("shallow", "dW1 db1 dA1 dW2 db2"),
    "linear_activation_backward": ("deep", "dW1 db1 dA1 dW2 db2"),
    "compute_cost": ("deep", "J"),
    "propagate": ("logistic", "dW1 db1 J"),
    "forward_propagation": ("shallow", "Z1 A1 Z2 A2"),
    "backward_propagation": ("shallow", "dW1 db1 dW2 db2"),
    "L_model_forward": ("deep", "A3"),
    "L_model_backward": ("deep", "dW1 db1 dW2 db2 dW3 db3"),
    "update_parameters": ("deep", "W1_new b1_new W2_new b2_new W3_new b3_new"),
}


@pytest.fixture
def binary(rng):
    return rows("binary", rng)


def compared(net, X, y, mine, **weights):
    """What was compared, by the keys of the quantities."""
    step = explain_step(net, X, y, mine=mine, **weights)
    return {q.key: q.mine[0] for q in step.quantities if q.mine}


def missing_m(dZ, cache):
    A_prev, W, b = cache
    return W.T @ dZ, dZ @ A_prev.T, dZ.mean(axis=1, keepdims=True)


def flat_db(dZ, cache):
    A_prev, W, b = cache
    return W.T @ dZ, dZ @ A_prev.T / dZ.shape[1], dZ.mean(axis=1)


def raising(dZ, cache):
    return dZ @ dZ


@pytest.mark.parametrize("kind", GIVEN)
def test_right_functions_equal_the_engine_in_every_quantity_they_give(binary, kind):
    net, keys = NETS[GIVEN[kind][0]], GIVEN[kind][1].split()
    step = explain_step(net, *binary, mine={kind: getattr(textbook, kind)})
    found = {q.key: q for q in step.quantities if q.mine}
    assert {*found} == {*keys}
    for quantity in found.values():
        (mine,) = quantity.mine
        assert mine.agrees, mine.words
        assert mine.words == "Yours equals the engine's up to rounding."
        engine = mine.engine.reshape(quantity.shape)  # dw is a column, dW a row
        assert_allclose(engine, quantity.value, rtol=1e-9, atol=1e-15)


def test_every_function_with_a_place_is_tried():
    assert {*PLACES} == {*GIVEN, "softmax"}


def test_softmax_is_that_of_three_classes(rng):
    X, y = rows("multiclass", rng)
    assert compared(deep(4), X, y, textbook.softmax)["A2"].agrees


def test_a_factor_m_shows_as_a_difference(binary):
    found = compared(NETS["shallow"], *binary, {"linear_backward": missing_m})
    dW, m = found["dW1"], len(binary[1])
    assert_allclose(dW.difference, (m - 1) * dW.engine, rtol=1e-12)
    assert dW.place == np.unravel_index(abs(dW.engine).argmax(), dW.engine.shape)
    assert f"at {list(dW.place)}: yours is {dW.value[dW.place]:.4g}, " in dW.words
    assert [key for key in found if not found[key].agrees] == ["dW2", "dW1"]


def test_a_mistake_in_one_layer_does_not_spread(binary):
    def tanh_backward(dA, Z):
        return dA * (1 - np.tanh(Z) ** 2) if len(Z) == 3 else dA

    net = deep(4, 3, activation="tanh")
    found = compared(net, *binary, tanh_backward)
    assert {key: mine.agrees for key, mine in found.items()} == {
        "dZ2": True,
        "dZ1": False,
    }


def test_another_shape_is_named_and_not_subtracted(binary):
    found = compared(NETS["shallow"], *binary, {"linear_backward": flat_db})
    assert found["db1"].difference is None
    assert not found["db1"].agrees
    assert found["db1"].words == "Yours has the shape (4,), the engine's has (4, 1)."
    assert found["dW1"].agrees


def test_an_exception_is_told(binary):
    found = compared(NETS["shallow"], *binary, {"linear_backward": raising})
    assert found["dW1"].value is None
    assert "Yours gave no value to compare." in found["dW1"].words
    assert "(1, 20)" in found["dW2"].words


def test_rounding_is_no_difference_where_the_terms_of_a_sum_cancel():
    X, y = np.arange(450.0).reshape(150, 3) / 7, np.repeat([0, 1, 2], 50)
    net = LogisticRegressionScratch(solver="gd", C=np.inf)  # db is 0 at the first step

    def linear_backward(dZ, cache):
        dA_prev, dW, _ = textbook.linear_backward(dZ, cache)
        return dA_prev, dW, dZ @ np.full((150, 1), 1 / 150)

    explained = explain_step(net, X, y, mine=linear_backward)
    assert np.abs(explained.to_dict()["db1"]).max() < 1e-15
    assert all(one.agrees for quantity in explained.quantities for one in quantity.mine)


@pytest.mark.parametrize("place", [1, 2])
def test_a_small_mistake_is_a_difference_where_the_terms_of_a_sum_cancel(place):
    X, y = np.arange(450.0).reshape(150, 3) / 7, np.repeat([0, 1, 2], 50)
    net = LogisticRegressionScratch(solver="gd", C=np.inf)

    def linear_backward(dZ, cache):
        results = [*textbook.linear_backward(dZ, cache)]
        results[place] = results[place] + 1e-4
        return tuple(results)

    explained = explain_step(net, X, y, mine=linear_backward)
    agree = [one.agrees for quantity in explained.quantities for one in quantity.mine]
    assert agree == [place != 1, place != 2]


def test_numbers_that_are_not_finite_differ(binary):
    found = compared(NETS["shallow"], *binary, {"tanh": lambda Z: Z / 0 * np.nan})
    assert not found["A1"].agrees
    assert "yours is nan" in found["A1"].words


@pytest.mark.parametrize(
    "mine",
    [
        textbook.tanh,
        [textbook.tanh],
        {"tanh": textbook.tanh},
        check_my(textbook.tanh),
        [check_my(textbook.tanh)],
    ],
    ids=lambda mine: type(mine).__name__,
)
def test_functions_verdicts_lists_and_dicts_are_alike(binary, mine):
    assert [*compared(NETS["shallow"], *binary, mine)] == ["A1"]


def test_two_functions_may_give_the_same_quantity(binary):
    functions = [textbook.tanh, textbook.forward_propagation]
    step = explain_step(NETS["shallow"], *binary, mine=functions)
    (A1,) = (q for q in step.quantities if q.name == "A[1]")
    assert [mine.kind for mine in A1.mine] == ["tanh", "forward_propagation"]


@pytest.mark.parametrize(
    ("options", "weights"),
    [({"alpha": 3.0}, None), ({"dropout": 0.5}, None), ({}, np.linspace(1, 2, 20))],
)
def test_penalty_dropout_and_weights_are_not_held_against_a_function(
    binary, options, weights
):
    functions = [textbook.linear_backward, textbook.relu, textbook.compute_cost]
    found = compared(deep(4, **options), *binary, functions, sample_weight=weights)
    assert all(mine.agrees for mine in found.values())
    assert {"dW1", "A1", "J"} <= {*found}


def test_float32_is_compared_in_float64(binary):
    X, y = binary
    mine = compared(deep(4), X.astype(np.float32), y, textbook.linear_backward)
    assert all(one.agrees and one.value.dtype == np.float64 for one in mine.values())


def test_a_function_that_changes_its_input_does_not_change_the_step(binary):
    def relu(Z):
        Z[Z < 0] = 0
        return Z

    step = explain_step(deep(4), *binary, mine=relu)
    alone = explain_step(deep(4), *binary).to_dict()
    assert_array_equal(step.to_dict()["Z1"], alone["Z1"])
    (A1,) = (q.mine[0] for q in step.quantities if q.key == "A1")
    assert A1.agrees
    assert "Z" in A1.remarks[0]


def test_np_random_is_as_before(binary):
    def relu(Z):
        np.random.seed(7)
        return np.maximum(Z, 0)

    before = np.random.get_state()[1].copy()
    explain_step(deep(4), *binary, mine=relu)
    assert_array_equal(np.random.get_state()[1], before)


def test_text_says_which_quantities_differ(binary):
    mine = {"linear_backward": missing_m, "tanh": textbook.tanh}
    step = explain_step(NETS["shallow"], *binary, mine=mine)
    differs = "Your linear_backward differs in 2 of 5: dW[2], dW[1]."
    assert differs in str(step)
    assert "Your tanh gives the engine's numbers, 1 time." in str(step)
    assert "The largest difference is" in step.to_text()


@pytest.mark.parametrize(
    ("mine", "error", "words"),
    [
        (3, TypeError, "mine must be a function of the course"),
        ([textbook.tanh, None], TypeError, "got NoneType"),
        ({"tangens": np.tan}, ValueError, "kind must be one of"),
        (textbook.relu, ValueError, "quantity of this step, got relu"),
        (textbook.initialize_with_zeros, ValueError, "got initialize_with_zeros"),
        (textbook.L_model_forward, ValueError, "got L_model_forward"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_compared_is_refused(binary, mine, error, words):
    with pytest.raises(error, match=words):
        explain_step(NETS["shallow"], *binary, mine=mine)


@pytest.mark.parametrize("options", [{"solver": "adam"}, {"max_grad_norm": 0.1}])
def test_update_parameters_is_plain_gradient_descent_only(binary, options):
    with pytest.raises(ValueError, match="got update_parameters"):
        explain_step(deep(4, **options), *binary, mine=textbook.update_parameters)


def test_sparse_rows_are_refused(binary):
    X, y = binary
    with pytest.raises(TypeError, match=r"X\.toarray\(\)"):
        explain_step(deep(4), csr_matrix(X), y, mine=textbook.relu)


@pytest.mark.parametrize("kind", ["tanh", "linear_backward", "update_parameters"])
def test_functions_that_a_network_trains_with_are_compared(binary, kind):
    net = check_my(getattr(textbook, kind)).use_in(NETS["shallow"])
    step = explain_step(net, *binary)
    found = {q.key for q in step.quantities if q.mine}
    asked = explain_step(NETS["shallow"], *binary, mine=getattr(textbook, kind))
    assert found == {q.key for q in asked.quantities if q.mine}
    assert all(mine.agrees for q in step.quantities for mine in q.mine)


def test_first_weights_of_a_reader_are_no_quantity_to_compare(binary):
    verdict = check_my(textbook.initialize_parameters)
    step = explain_step(verdict.use_in(NETS["shallow"], anyway=True), *binary)
    assert not any(q.mine for q in step.quantities)
