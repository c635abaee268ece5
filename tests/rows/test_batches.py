"""Batches hand out every row once an epoch, in the course's columns."""

import numpy as np
import pytest
from engine import CLASSIFICATION, OUTPUTS, make_targets
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array, csr_matrix

from sknn_scratch._engine.losses import LOSSES
from sknn_scratch._rows.batches import MemoryBatches
from sknn_scratch._rows.columns import (
    OneHotTargets,
    SmoothedTargets,
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


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_smoothed_rows_of_classes_still_sum_to_one(rng, dtype):
    smoothed = SmoothedTargets(make_targets(rng, "multiclass", 8, dtype), 0.3)
    Y = np.empty(smoothed.shape, smoothed.dtype)
    smoothed.write(slice(0, 8), Y)
    assert Y.dtype == dtype
    assert_allclose(Y.sum(axis=1), 1, rtol=1e-6)
    # 0.3 / 3 for each class, the other 0.7 for the right one
    assert_allclose(np.sort(Y, axis=1), np.tile([0.1, 0.1, 0.8], (8, 1)), rtol=1e-6)


def test_smoothed_labels_keep_away_from_zero_and_one():
    labels = Targets(np.array([[0.0, 1], [1, 1]]))
    out = np.empty((2, 2))
    SmoothedTargets(labels, 0.2).write(np.array([1, 0]), out)
    assert_allclose(out, [[0.9, 0.9], [0.1, 0.9]])


@pytest.mark.parametrize("kind", CLASSIFICATION)
def test_targets_smoothed_by_nothing_are_the_targets(rng, kind):
    targets = make_targets(rng, kind, 6)
    plain, smoothed = np.empty(targets.shape), np.empty(targets.shape)
    targets.write(slice(0, 6), plain)
    SmoothedTargets(targets, 0.0).write(slice(0, 6), smoothed)
    assert_array_equal(smoothed, plain)


@pytest.mark.parametrize("kind", CLASSIFICATION)
def test_the_best_answer_to_smoothed_targets_is_never_sure(rng, kind):
    # The cost has its only minimum where a = (1 - s) y + s / K: bounded logits
    s, K, m = 0.2, 3 if kind == "multiclass" else 2, 10
    targets = make_targets(rng, kind, m)
    Y, hard = np.empty((m, OUTPUTS[kind])), np.empty((m, OUTPUTS[kind]))
    targets.write(slice(0, m), hard)
    SmoothedTargets(targets, s).write(slice(0, m), Y)
    A = ((1 - s) * hard + s / K).T
    Z = np.log(A) if kind == "multiclass" else np.log(A / (1 - A))
    loss, dZ, w = LOSSES[kind](), np.empty_like(Z), np.ones(m)
    J = loss(Z, Y.T, w, dZ)
    assert_allclose(dZ, 0, atol=1e-16)
    assert all(
        loss(Z + 0.1 * rng.randn(*Z.shape), Y.T, w, np.empty_like(Z)) > J
        for _ in range(10)
    )
