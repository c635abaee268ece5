"""The exercises: blanks that run, solutions that pass, texts that fit the functions."""

import ast

import numpy as np
import pytest

from sknn_scratch.inspection._exercises.check_my import check_my
from sknn_scratch.inspection._exercises.kinds import KINDS
from sknn_scratch.inspection._exercises.messages import NOTES
from sknn_scratch.inspection._exercises.task_texts import ARGUMENTS, TASKS
from sknn_scratch.inspection._exercises.tasks import (
    WEEKS,
    assignments,
    given,
    helpers,
    skeleton,
    solution,
)

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # log of 0
every_task = pytest.mark.parametrize("name", sorted(TASKS))


def function_from(name, source):
    """Run the solutions that a function calls, then its source; return it."""
    space = {"np": np}
    exec("\n".join([*map(solution, helpers(name)), source]), space)
    return space[name]


def arguments_of(source):
    return [arg.arg for arg in ast.parse(source).body[0].args.args]


def test_each_function_of_the_course_is_an_exercise():
    assert set(TASKS) == set(KINDS)


def test_each_exercise_has_its_week():
    assert {name for names in WEEKS.values() for name in names} == set(TASKS)


@every_task
def test_a_solution_passes(name):
    verdict = check_my(function_from(name, solution(name)))
    assert verdict.passed, verdict


@every_task
def test_a_skeleton_runs_and_a_blank_is_left(name):
    verdict = check_my(function_from(name, skeleton(name)))
    assert not verdict.passed
    codes = {found.code for found in verdict.findings}
    assert "blank_left" in codes
    assert codes <= {"blank_left", *NOTES}


@every_task
def test_each_blank_stands_for_a_line_of_the_textbook(name):
    targets = {ast.unparse(node.targets[0]) for node in assignments(name)}
    asked = {ast.unparse(ast.parse(blank)) for blank in TASKS[name].blanks}
    assert targets == asked
    assert skeleton(name).count("...  # your code") == len(assignments(name))


@every_task
def test_only_the_blanks_of_a_skeleton_differ_from_the_solution(name):
    kept = [line for line in skeleton(name).splitlines() if "# your code" not in line]
    assert set(kept) <= set(solution(name).splitlines())


@every_task
def test_the_lines_of_an_exercise_are_not_too_long(name):
    assert max(map(len, solution(name).splitlines())) <= 88


@every_task
def test_an_exercise_describes_each_argument(name):
    for argument in arguments_of(solution(name)):
        assert f"\n    {argument}: " in skeleton(name)


def test_no_argument_is_described_that_no_function_has():
    used = {
        key
        for name in TASKS
        for argument in arguments_of(solution(name))
        for key in (argument, f"{name}.{argument}")
    }
    assert set(ARGUMENTS) <= used


@every_task
def test_there_are_three_hints_and_points(name):
    assert len(set(TASKS[name].hints)) == 3
    assert TASKS[name].points >= 1


@every_task
def test_what_a_solution_calls_stands_before_it(name):
    for place, helper in enumerate(helpers(name)):
        assert set(helpers(helper)) <= set(helpers(name)[:place])


@pytest.mark.parametrize("week", WEEKS)
def test_a_week_and_what_is_given_are_complete(week):
    known = set(given(week))
    for name in WEEKS[week]:
        assert set(helpers(name)) <= known
        known.add(name)


def test_what_a_solution_calls_is_found_in_its_calls():
    assert helpers("optimize") == ("sigmoid", "propagate")
    assert given("week3") == ("sigmoid",)


# -- the finding -----------------------------------------------------------------------


def test_a_blank_in_the_middle_is_named_by_its_variable():
    def linear_forward(A_prev, W, b):
        Z = ...
        return Z + b

    (found,) = check_my(linear_forward).findings
    assert found.code == "blank_left"
    assert found.text.endswith("It is Z.")


def test_lines_beside_a_blank_are_judged():
    def linear_backward(dZ, cache):
        A_prev, W, _ = cache
        return W.T @ dZ, dZ @ A_prev.T, ...

    codes = {found.code: found.text for found in check_my(linear_backward).findings}
    assert "db" in codes["blank_left"]
    assert "dW" in codes["missing_1_over_m"]


def test_an_ellipsis_as_an_index_is_no_blank():
    def relu_backward(dA, Z):
        return np.where(Z[..., :] > 0, dA, 0.0)

    assert check_my(relu_backward).passed
