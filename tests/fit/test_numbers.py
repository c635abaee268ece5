"""Numbers: the y of a regressor as a value. No network is trained."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import csr_matrix

from sknn_scratch._engine.losses import LOSSES, REGRESSION
from sknn_scratch._fit.numbers import Numbers


@pytest.mark.parametrize("loss", REGRESSION)
@pytest.mark.parametrize("shape", [(), (3,)])
def test_numbers_stay_what_they_are(loss, shape):
    y = np.arange(6 * np.prod(shape, dtype=int)).reshape(6, *shape)
    numbers, codes = Numbers.learn(y, loss)
    assert_array_equal(numbers.decode(codes), y)
    assert codes.dtype == np.float64
    assert numbers.kind in LOSSES
    assert numbers.n_outputs == int(np.prod(shape))
    assert numbers.targets(codes, "f4").shape == (6, numbers.n_outputs)


def test_a_column_is_taken_for_one_number_a_row():
    with pytest.warns(UserWarning, match="A column-vector y was passed"):
        numbers, codes = Numbers.learn(np.ones((4, 1)), "huber")
    assert (numbers.shape, codes.shape) == ((), (4,))


def test_a_pickle_is_the_same_numbers():
    numbers = Numbers("huber", (2,))
    assert pickle.loads(pickle.dumps(numbers)) == numbers


def test_numbers_that_go_on_keep_their_shape():
    before, _ = Numbers.learn(np.ones((4, 2)), "squared_error")
    numbers, _ = Numbers.learn(np.ones((4, 2)), "huber", before=before)
    assert numbers == Numbers("huber", (2,))
    with pytest.raises(ValueError, match="y must hold 2 numbers a row as in the first"):
        Numbers.learn(np.ones(4), "huber", before=before)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.array([1.0, np.nan]), "must hold finite numbers, got NaN or infinity"),
        (np.array(["a", "b"]), "must hold numbers, got <U1 such as .*'a'"),
        (np.array(["2020-01-01"], "M8[D]"), "must hold numbers, got datetime64"),
        (csr_matrix(np.eye(2)), r"must be dense, got a sparse matrix; give y.toarray"),
    ],
)
def test_what_is_no_number_is_refused(y, message):
    with pytest.raises(ValueError, match=message):
        Numbers.learn(y, "squared_error")


def test_the_loss_says_what_y_may_be():
    with pytest.raises(ValueError, match="y must be at least 0 for loss='poisson'"):
        Numbers.learn(np.array([-1.0, 2.0]), "poisson")


def test_numbers_beyond_float32_are_refused_for_float32():
    numbers, codes = Numbers.learn(np.array([1e39, 1.0]), "squared_error")
    with pytest.raises(ValueError, match="to be trained on in float32, got 1e"):
        numbers.targets(codes, np.float32)
    assert numbers.targets(codes, np.float64).shape == (2, 1)
