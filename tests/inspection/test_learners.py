"""check_my names the mistakes of learners, and lets right solutions pass."""

import ast

import numpy as np
import pytest
from learners import is_named
from learners.forum import FORUM
from learners.right import STYLES
from learners.usual import USUAL
from numpy.testing import assert_allclose

from sknn_scratch.inspection._exercises import mutants, textbook
from sknn_scratch.inspection._exercises.check_my import check_my
from sknn_scratch.inspection._exercises.kinds import INITIALIZE, KINDS
from sknn_scratch.inspection._exercises.messages import MISTAKES
from sknn_scratch.inspection._exercises.trial import read

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # learners' own


def name_of(learner):
    return f"{learner.kind}-{learner.function.__name__}"


def test_sixty_kinds_of_mistakes_come_from_forums():
    assert len(FORUM) >= 60
    assert all(learner.thread.startswith("https://") for learner in FORUM)
    assert len({learner.function for learner in FORUM}) == len(FORUM)


@pytest.mark.parametrize("learner", FORUM + USUAL, ids=name_of)
def test_a_learners_mistake_is_named_with_its_quantity(learner):
    verdict = check_my(learner.function, learner.kind)
    assert is_named(learner, verdict), verdict


def test_sixty_right_styles_are_written_down():
    assert len(STYLES) >= 60
    assert {kind for kind, _ in STYLES} == set(KINDS)


@pytest.mark.parametrize(("kind", "function"), STYLES)
def test_a_right_solution_passes_in_any_style(kind, function):
    verdict = check_my(function, kind)
    assert verdict.passed, verdict


# -- the textbook and its mutants ------------------------------------------------------


WAYS = [(kind, way) for kind in sorted(KINDS) for way in mutants.ways_to_write(kind)]


@pytest.mark.parametrize(("kind", "way"), WAYS)
def test_the_textbook_is_equal_to_the_engine(kind, way):
    for case in KINDS[kind].cases(np.random.RandomState(0)):
        right = KINDS[kind].reference(*case)
        seen, findings = read(getattr(textbook, way)(*case), [*right], KINDS[kind])
        assert not findings
        for output, value in right.items():
            if kind in INITIALIZE:
                assert seen[output].shape == value.shape
            else:
                assert_allclose(seen[output], value, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_run_without_a_mistake_is_the_textbook_function(kind):
    case = KINDS[kind].cases(np.random.RandomState(0))[0]
    function = mutants.function_of(kind)
    whole = ast.unparse(function.statements[0])
    same = mutants.Mutant("", 0, whole, whole, whole, mutants.compiled(whole), kind)
    seen, expected = mutants.Run(kind, case)(same), getattr(textbook, kind)(*case)
    if kind not in INITIALIZE:
        assert repr(seen) == repr(expected)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_mutant_has_a_code_and_a_line_that_differs(kind):
    found = mutants.mutants_of(kind)
    assert found
    for mutant in found:
        assert mutants.base(mutant.code) in MISTAKES
        assert mutant.line != mutant.was


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_mutants_do_not_change_the_arguments(kind):
    case = KINDS[kind].cases(np.random.RandomState(0))[0]
    before = repr(case)
    run = mutants.Run(kind, case)
    with np.errstate(all="ignore"):
        for mutant in mutants.mutants_of(kind):
            run(mutant)
    assert repr(case) == before


# -- what a finding says ---------------------------------------------------------------


def linear_backward_with(**parts):
    def linear_backward(dZ, cache):
        A_prev, W, b = cache
        m = A_prev.shape[1]
        right = {
            "dA_prev": W.T @ dZ,
            "dW": dZ @ A_prev.T / m,
            "db": np.sum(dZ, axis=1, keepdims=True) / m,
        }
        right |= {name: part(dZ, A_prev, W, m) for name, part in parts.items()}
        return tuple(right.values())

    return linear_backward


def test_a_finding_shows_the_line_that_gives_these_numbers():
    function = linear_backward_with(dA_prev=lambda dZ, A, W, m: W.T @ dZ / m)
    (found,) = check_my(function, "linear_backward").findings
    assert found.code == "extra_1_over_m"
    assert "`dA_prev = W.T @ dZ / m`" in found.text


def test_two_mistakes_that_agree_are_both_named():
    def compute_cost(AL, Y):
        m = Y.shape[1]
        return -np.sum(Y * np.log(AL) - (1 - Y) * np.log(1 - AL)) / m

    (found,) = check_my(compute_cost).findings
    assert "They are also those of" in found.text
    assert MISTAKES["wrong_sign"] in found.text
    assert MISTAKES["wrong_brackets"] in found.text


def test_two_mistakes_in_one_output_are_both_found():
    function = linear_backward_with(dW=lambda dZ, A, W, m: A @ dZ.T)
    codes = {found.code for found in check_my(function, "linear_backward").findings}
    assert codes == {"transposed", "missing_1_over_m"}


def test_two_mistakes_one_upon_the_other_are_both_found():
    def backward_propagation(parameters, cache, X, Y):
        A1, A2, m = cache["A1"], cache["A2"], X.shape[1]
        dZ2 = A2 - Y
        dZ1 = parameters["W2"].T @ dZ2 * (1 - A1)
        return {
            "dW1": dZ1 @ X.T / m,
            "db1": np.sum(dZ1, axis=1, keepdims=True),
            "dW2": dZ2 @ A1.T / m,
            "db2": np.sum(dZ2, axis=1, keepdims=True) / m,
        }

    found = {one.code: one.text for one in check_my(backward_propagation).findings}
    assert {"square_forgotten", "missing_1_over_m"} <= set(found)
    assert "db1" in found["missing_1_over_m"]


def test_a_mistake_that_would_spoil_a_right_result_is_not_named():
    def backward_propagation(parameters, cache, X, Y):
        grads = textbook.backward_propagation(parameters, cache, X, Y)
        dA1 = parameters["W2"].T @ (cache["A2"] - Y)
        return grads | {"db1": np.sum(dA1, axis=1, keepdims=True) / X.shape[1]}

    (found,) = check_my(backward_propagation).findings
    assert "`db1 = np.sum(dA1, axis=1, keepdims=True) / m`" in found.text


@pytest.mark.parametrize(
    ("product", "told"),
    [
        (lambda A, W: W * A, "in W * A, W is (3, 5) and A is (5, 4)"),
        (lambda A, W: A @ W, "in A @ W, A is (5, 4) and W is (3, 5)"),
        (lambda A, W: np.dot(W.T, A), "in np.dot(W.T, A), W.T is (5, 3) and A is"),
        (lambda A, W: W.dot(A.T), "in np.dot(W, A.T), W is (3, 5) and A.T is (4, 5)"),
        (lambda A, W: np.multiply(W, A), "in np.multiply(W, A), W is (3, 5)"),
    ],
)
def test_the_operation_that_failed_is_told_with_its_shapes(product, told):
    (found,) = check_my(lambda A, W, b: product(A, W) + b, "linear_forward").findings
    assert told in found.text


def test_operands_are_not_computed_again_if_that_could_have_an_effect():
    calls = []

    def noted(A):
        calls.append(A)
        return A

    check_my(lambda A, W, b: noted(A) @ W, "linear_forward")
    assert len(calls) == len(KINDS["linear_forward"].cases(np.random.RandomState(0)))


def test_an_error_without_source_is_told_by_its_message():
    space = {}
    exec("def linear_forward(A, W, b):\n    return A @ W + b", space)
    (found,) = check_my(space["linear_forward"]).findings
    assert "core dimension" in found.text


def test_where_to_look_is_said_if_no_mistake_is_known():
    def backward_propagation(parameters, cache, X, Y):
        grads = textbook.backward_propagation(parameters, cache, X, Y)
        return grads | {"dW1": grads["dW1"] ** 3 + 1, "db1": grads["db1"] ** 3 + 1}

    found = check_my(backward_propagation).findings
    assert {one.code for one in found} == {"wrong_values"}
    assert "look at dZ1" in found[0].text
    assert "Right are dW2, db2." in found[0].text


def test_a_wrong_entry_of_the_cache_is_named():
    def forward_propagation(X, parameters):
        A2, cache = textbook.forward_propagation(X, parameters)
        return A2, cache | {"A1": cache["Z1"]}

    (found,) = check_my(forward_propagation).findings
    assert "cache['A1']" in found.text
