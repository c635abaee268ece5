"""The target, the task that it asks for, and the rows held out."""

import numpy as np
import pandas as pd
import pytest

from sknn_scratch._cli.tables.files import read_table
from sknn_scratch._cli.tables.task import hold_out, known_answers, read_target

N = 100
RNG = np.random.RandomState(0)


def target(values, name="t", **options):
    frame = pd.DataFrame({name: values, "x": RNG.rand(len(values))})
    return read_target("t.csv", frame, name, **options)


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["yes", "no"] * 50, "classification"),
        ([True, False] * 50, "classification"),
        ([0, 1] * 50, "classification"),
        ([3.0, 4.0, 5.0, np.nan] * 25, "classification"),
        ([*range(10)] * 10, "classification"),
        (RNG.rand(N), "regression"),
        (RNG.permutation(1000)[:N], "regression"),
        ([f"${i},000" for i in RNG.permutation(N) + 1], "regression"),
        ([*range(50)] * 2, "regression"),
    ],
)
def test_the_task_follows_from_the_target_and_is_said(values, task):
    found = target(values)
    assert found.task == task
    assert found.notes[0].startswith(f"Task: {task}, for 't' holds ")


def test_the_task_may_be_given_and_a_note_says_how():
    values = [1, 2, 3, 4] * 25
    assert "--task regression" in target(values).notes[0]
    found = target(values, task="regression")
    assert (found.y.dtype, found.notes) == (np.float64, [])
    found = target([*range(50)] * 2, task="classification")
    assert found.y.dtype == np.int64


def test_rows_without_an_answer_are_left_out_and_said():
    found = target([1.5, np.nan, 2.5, np.inf] * 25)
    assert found.rows.tolist() == [i for i in range(N) if i % 2 == 0]
    assert "Left out 50 rows without a 't'." in found.notes


@pytest.mark.parametrize("name", ["target", "Label", "class", "y"])
def test_a_usual_name_is_the_target(name):
    frame = pd.DataFrame({"a": range(N), name: ["u", "v"] * 50})
    assert read_target("t.csv", frame).name == name


@pytest.mark.parametrize("given", ["label", None])
def test_one_of_two_columns_named_like_the_target_is_not_chosen(tmp_path, given):
    path = tmp_path / "t.csv"
    path.write_text("label,size,label\n" + "1,2,0\n2,3,1\n" * 10)
    frame, _ = read_table(path)
    with pytest.raises(ValueError, match="which several columns.*; rename all but one"):
        read_target("t.csv", frame, given)
    assert read_target("t.csv", frame, "label.1").y.tolist() == [0, 1] * 10


def test_a_coordinate_is_no_target():
    frame = pd.DataFrame({"x": RNG.rand(9), "y": RNG.rand(9), "z": RNG.rand(9)})
    with pytest.raises(ValueError, match="the columns of t.csv are 'x', 'y', 'z'"):
        read_target("t.csv", frame)


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("t", ["a"] * N, "two different values, got only 'a'"),
        ("t", [None] * N, "at least 10 rows with a 't', got 0"),
        ("t", [f"n{i}" for i in range(N)], "classes that repeat, got 100"),
        ("id", RNG.permutation(1000)[:N], "looks like an id"),
        ("t", [*range(1, N + 1)], "looks like an id"),
        ("t", pd.date_range("2020-01-01", periods=N), "got 't' with dates"),
        ("t", [[1]] * N, "lists"),
    ],
)
def test_targets_of_which_nothing_is_learned_are_refused(name, values, words):
    with pytest.raises(ValueError, match=words):
        target(list(values), name)


def test_wrong_options_are_refused():
    with pytest.raises(ValueError, match="did you mean 't'"):
        read_target("t.csv", pd.DataFrame({"t": [1]}), "T")
    with pytest.raises(ValueError, match="--task must be one of"):
        target([1, 2] * N, task="both")
    with pytest.raises(ValueError, match="needs a target of numbers"):
        target(["a", "b"] * N, task="regression")


def test_a_fifth_is_held_out_of_each_class_and_always_the_same():
    y = np.array(["a"] * 50 + ["b"] * 25 + ["c"] * 25)
    train, test = hold_out(y, "classification")
    assert [(y[test] == c).sum() for c in "abc"] == [10, 5, 5]
    assert sorted([*train, *test]) == [*range(N)]
    again = hold_out(y, "classification")
    assert all((a == b).all() for a, b in zip(again, (train, test), strict=True))


def test_a_class_of_one_row_trains():
    y = np.array(["a", *["b", "c"] * 20])
    for few in (y, y[:4]):
        train, test = hold_out(few, "classification")
        assert 0 in train
        assert len(test) > 0


def test_a_fifth_of_numbers_is_held_out():
    train, test = hold_out(RNG.rand(N), "regression")
    assert (len(train), len(test)) == (80, 20)


def test_known_answers_are_classes_of_the_model_also_by_their_names():
    frame = pd.DataFrame({"t": ["cat", None, "dog", "emu"]})
    y, rows = known_answers(frame, "t", [0, 1], np.array(["cat", "dog"]))
    assert y.tolist() == [0, 1, "emu"]
    assert rows.tolist() == [0, 2, 3]
    y, _ = known_answers(pd.DataFrame({"t": [1.0, np.nan]}), "t", [0, 1])
    assert y.tolist() == [1]


@pytest.mark.parametrize("classes", [[0.0, 1.0], [False, True], [0, 1]])
def test_known_answers_are_classes_that_a_table_writes_as_whole_numbers(classes):
    y, _ = known_answers(pd.DataFrame({"t": [1, 0, 3]}), "t", np.array(classes))
    assert [*map(repr, y)] == [repr(classes[1]), repr(classes[0]), "3"]


def test_there_are_no_known_answers_without_the_column():
    assert len(known_answers(pd.DataFrame({"x": [1]}), "t", [0, 1])[0]) == 0
    assert len(known_answers(pd.DataFrame({"x": [1]}), None, [0, 1])[0]) == 0


def test_classes_beyond_what_floats_tell_apart_stay_apart_or_are_refused():
    large = [2**53, 2**53 + 1] * 20
    found = target(large, task="classification")
    assert sorted(set(found.y.tolist())) == [2**53, 2**53 + 1]
    with pytest.raises(
        ValueError, match="between -2\\^53 and 2\\^53 where it has gaps"
    ):
        target([*large, None], task="classification")
