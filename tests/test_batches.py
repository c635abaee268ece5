"""Batches hand out every row once an epoch, in the course's columns."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array, csr_matrix

from sknn_scratch._batches import (
    MemoryBatches,
    OneHotTargets,
    SparseColumns,
    Targets,
    as_columns,
)


def numbered(m, size, rng=None, wrap=np.asarray):
    """Rows that carry their number in X, Y and w."""
    number = np.arange(m, dtype=float)
    X = wrap(np.column_stack([number + 1, -number - 1]))
    return MemoryBatches(X, Targets(number[:, None]), number, size, rng)


def dense(X):
    return X.rows.toarray().T if isinstance(X, SparseColumns) else X


@pytest.mark.parametrize("wrap", [np.asarray, csr_matrix, csr_array])
@pytest.mark.parametrize("size", [1, 3, 10, 99])
@pytest.mark.parametrize("shuffled", [False, True])
def test_an_epoch_has_every_row_once_and_whole(rng, wrap, size, shuffled):
    batches = numbered(10, size, rng if shuffled else None, wrap)
    seen, total = [], 0
    for X, Y, w in batches:
        assert X.shape == (2, len(w))
        assert Y.shape == (1, len(w))
        assert_array_equal(dense(X), [w + 1, -w - 1])
        assert_array_equal(Y[0], w)
        seen += w.tolist()
        total += len(w)
    assert total == batches.weight == 10
    assert sorted(seen) == list(range(10))
    if not shuffled:
        assert seen == list(range(10))


def test_epochs_are_shuffled_anew_and_the_same_for_the_same_seed():
    def orders(seed):
        batches = numbered(50, 7, np.random.RandomState(seed))
        return [[n for _, _, w in batches for n in w] for _ in range(2)]

    first, again = orders(3), orders(3)
    assert first == again
    assert first[0] != first[1]


def test_one_batch_of_everything_is_the_data_itself():
    X = np.ones((6, 3))
    batches = MemoryBatches(X, Targets(np.ones((6, 1))), np.ones(6), 6)
    ((columns, _, _),) = batches
    assert np.shares_memory(columns, X)


def test_one_hot_targets_are_ones_at_the_class():
    out = np.empty((3, 4))
    OneHotTargets(np.array([2, 0, 3, 1]), 4, float).write(np.array([0, 2, 1]), out)
    assert_array_equal(out, np.eye(4)[[2, 3, 0]])


@pytest.mark.parametrize("wrap", [csr_matrix, csr_array])
def test_sparse_columns_multiply_like_dense_ones(rng, wrap):
    X = rng.randn(5, 4) * (rng.rand(5, 4) > 0.5)
    W, dZ = rng.randn(3, 4), rng.randn(5, 3).T
    A, out, dW = as_columns(wrap(X)), np.empty((5, 3)).T, np.empty((3, 4))
    assert np.matmul(W, A, out=out) is out
    assert np.matmul(dZ, A.T, out=dW) is dW
    assert_allclose(out, W @ X.T, rtol=1e-13)
    assert_allclose(dW, dZ @ X, rtol=1e-13)
