"""A model is judged by rows that it was not trained on, wherever they are."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from flats import N, flats

from sknn_scratch._cli.tables.judging import parts_of_table
from sknn_scratch._cli.tables.seen import fingerprints, places_in
from sknn_scratch._cli.tables.task import hold_out
from sknn_scratch._cli.tables.train import training_table
from sknn_scratch.inspection._baselines import scores_of

PRICE = flats(N, 0)["price"]
TRAIN, HELD_OUT = hold_out(PRICE, "regression")


@pytest.fixture
def parts(tmp_path, numbers):
    """The parts of a table, written by pandas, for the model of prices."""

    def run(frame, stored=numbers.stored):
        path = tmp_path / "t.csv"
        frame.to_csv(path, index=False)
        return parts_of_table(stored, path, dates="day-first")

    return run


def without_prints(trained):
    """A model whose file has no fingerprints."""
    return SimpleNamespace(**vars(trained.stored) | {"training_rows": None})


@pytest.mark.parametrize("prints", [True, False])
def test_the_table_of_the_training_is_split_as_then(numbers, classes, prints):
    for trained in (numbers, classes):
        stored = trained.stored if prints else without_prints(trained)
        found = parts_of_table(stored, trained.path)
        assert found.part == "test"
        assert found.words.startswith("the 20 of 100 rows of")
        X = training_table(trained.path, target=trained.done.target).X
        train = found.train[0]
        pd.testing.assert_frame_equal(train, X[train.columns].iloc[train.index])
        assert len(train) == 80
        assert scores_of(trained.done.model, *found.rows) == pytest.approx(
            trained.done.judged[0].scores
        )


def test_rows_have_their_numbers_in_the_file_from_1_and_their_ids(numbers, parts):
    frame = flats(N, 0)
    found = parts(frame)
    assert found.numbers.tolist() == (HELD_OUT + 1).tolist()
    assert [*found.ids] == ["id"]
    assert found.ids["id"].tolist() == frame["id"].iloc[HELD_OUT].tolist()


def test_rows_of_the_training_are_recognised_in_a_part_of_its_table(parts):
    found = parts(flats(N, 0)[:70])
    new = HELD_OUT[HELD_OUT < 70]
    assert len(new) >= 10
    assert found.numbers.tolist() == (new + 1).tolist()
    assert (found.train, found.part) == (None, "test")
    assert (
        found.words == f"the {len(new)} of 70 rows of t.csv that it was not trained on"
    )


def test_rows_of_the_training_are_put_in_order_in_a_shuffled_and_longer_table(
    numbers, parts
):
    both = pd.concat([flats(N, 0), flats(30, 5)[3:]], ignore_index=True)
    found = parts(both.sample(frac=1, random_state=0))
    assert found.words.startswith("the 47 of 127 rows")
    assert found.train[1].tolist() == PRICE[TRAIN].tolist()


def test_where_few_rows_are_new_it_is_said_that_the_figures_flatter(parts):
    found = parts(flats(N, 0).iloc[[*TRAIN[:30], *HELD_OUT[:5]]])
    assert (len(found.rows[1]), found.part) == (35, "train")
    assert "trained on 30 of them: the figures flatter it" in found.words


def test_a_table_of_other_rows_judges_with_all_of_them(parts):
    found = parts(flats(N, 1))
    assert (len(found.rows[1]), found.part) == (N, "test")
    assert "it was trained on none of them" in found.words


def test_new_rows_may_be_equal_to_old_ones_where_rows_repeat(numbers, parts):
    prints = numbers.stored.training_rows
    stored = SimpleNamespace(**vars(numbers.stored) | {
        "training_rows": np.append(prints, prints[:40])
    })  # fmt: skip
    found = parts(flats(N, 0)[:70], stored)
    assert len(found.rows[1]) == 70
    assert "equal to rows that it was trained on: the figures may" in found.words


def test_without_fingerprints_a_part_of_the_table_may_hold_rows_of_the_training(
    numbers, parts
):
    found = parts(flats(N, 0)[:70], without_prints(numbers))
    assert (len(found.rows[1]), found.part) == (70, "train")
    assert found.words.endswith("some of them is not known")


def test_fingerprints_are_of_values_and_answers_not_of_their_types(numbers):
    X = training_table(numbers.path, target="price", drop=["dear"]).X
    again = X.assign(
        garden=X["garden"].astype(object), city=X["city"].astype("category")
    )
    model = numbers.done.model
    expected = fingerprints(model, X, PRICE)
    assert len({*expected.tolist()}) == N
    np.testing.assert_array_equal(fingerprints(model, again, PRICE), expected)
    other = fingerprints(model, X, np.where(np.arange(N) == 7, 0.5, PRICE))
    assert np.flatnonzero(other != expected).tolist() == [7]


def test_each_known_row_is_found_once():
    rows, known = np.array([5, 9, 5, 5], np.uint64), np.array([9, 5, 7, 5], np.uint64)
    assert places_in(rows, known).tolist() == [1, 0, 3, -1]
    assert places_in(rows[:0], known).tolist() == []
    assert places_in(rows, known[:0]).tolist() == [-1] * 4
