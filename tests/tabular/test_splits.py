"""The rows that each member trains on, and those it holds out."""

import numpy as np
import pytest
from numpy.random import RandomState
from numpy.testing import assert_array_equal
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    ShuffleSplit,
    StratifiedKFold,
)

from sknn_scratch._tabular.splits import SplitRows, folds, row_groups, splits


def parts(cv, n_members, m=23, strata=None, seed=0):
    rows = SplitRows(np.zeros((m, 1)), np.arange(m), np.arange(m), strata)
    return splits(cv, n_members, rows, RandomState(seed))


@pytest.mark.parametrize("m", [2, 5, 23, 100])
def test_every_row_is_held_out_once_in_each_round_of_folds(m):
    k = min(5, m)
    found = parts(5, 2 * k, m)
    for first in (0, k):
        held_out = np.concatenate([out for _, out in found[first : first + k]])
        assert_array_equal(np.sort(held_out), np.arange(m))
    for train, out in found:
        assert_array_equal(np.sort(np.concatenate([train, out])), np.arange(m))


def test_a_second_round_has_other_folds():
    found = parts(5, 10)
    first, second = ({tuple(out) for _, out in part} for part in (found[:5], found[5:]))
    assert first != second


def test_folds_share_out_every_stratum_evenly(rng):
    strata = rng.choice([0, 1, 2], 101, p=[0.8, 0.15, 0.05])
    fold = folds(101, 5, RandomState(0), strata)
    sizes = np.bincount(fold)
    assert np.ptp(sizes) <= 1
    for value in range(3):
        assert np.ptp(np.bincount(fold[strata == value], minlength=5)) <= 1


def test_a_splitter_of_scikit_learn_decides_the_rows():
    expected = list(KFold(3).split(np.zeros((23, 1))))
    for (train, out), (train_, out_) in zip(parts(KFold(3), 3), expected, strict=True):
        assert_array_equal(train, train_)
        assert_array_equal(out, out_)


def test_members_beyond_the_splits_begin_again_with_the_first():
    one = ShuffleSplit(1, test_size=0.3, random_state=0)
    found = parts(one, 3)
    assert len(found) == 3
    for train, out in found:
        assert_array_equal(out, found[0][1])
        assert_array_equal(train, found[0][0])


def test_a_single_row_is_trained_on():
    ((train, out),) = parts(5, 1, m=1)
    assert train.tolist() == [0]
    assert not len(out)


def test_equal_rows_of_labels_are_one_group():
    y = np.array([[0, 1], [1, 1], [0, 1]])
    assert row_groups(y).tolist() == [0, 1, 0]
    assert row_groups(np.array(["b", "a", "b"])).tolist() == [1, 0, 1]


def test_given_splits_number_the_rows_with_those_of_weight_zero():
    rows = SplitRows(np.zeros((6, 1)), np.arange(6), np.array([0, 2, 3, 5]))
    cv = [(np.array([0, 1, 2]), np.array([3, 4, 5]))]
    ((train, out),) = splits(cv, 1, rows, RandomState(0))
    assert train.tolist() == [0, 1]
    assert out.tolist() == [2, 3]


def test_a_split_without_rows_to_train_on_is_refused():
    rows = SplitRows(np.zeros((3, 1)), np.arange(3), np.array([1, 2]))
    with pytest.raises(ValueError, match="cv must have .* got 1 splits"):
        splits([(np.array([0]), np.array([1]))], 1, rows, RandomState(0))
    with pytest.raises(ValueError, match="got 0 splits"):
        splits([], 1, rows, RandomState(0))


@pytest.mark.parametrize(
    ("cv", "message"),
    [
        ([([0, 1], [2, 9])], "cv must hold pairs of numbers of rows, 0 to 5"),
        ([([0, 1],)], "cv must hold pairs of numbers of rows, 0 to 5"),
        ([(["a"], ["b"])], "cv must hold pairs of numbers of rows, 0 to 5"),
        ([([0, 1, 2], [2, 3])], "got row 2 in both parts"),
        (
            GroupKFold(2),
            r"got GroupKFold: .* cv=list\(splitter.split\(X, y, groups\)\)",
        ),
        (StratifiedKFold(2), "got StratifiedKFold: Supported target types"),
    ],
)
def test_splits_that_cannot_be_are_refused(cv, message):
    rows = SplitRows(np.zeros((6, 1)), np.arange(6) / 7, np.arange(6))
    with pytest.raises(ValueError, match=message):
        splits(cv, 2, rows, RandomState(0))


def test_masks_are_splits():
    held_out = np.arange(6) > 3
    rows = SplitRows(np.zeros((6, 1)), np.arange(6), np.arange(6))
    ((train, out),) = splits([(~held_out, held_out)], 1, rows, RandomState(0))
    assert train.tolist() == [0, 1, 2, 3]
    assert out.tolist() == [4, 5]
