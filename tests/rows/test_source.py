"""Every kind of rows answers a training in the same way."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.preprocessing import StandardScaler

from sknn_scratch._rows.columns import Targets, as_rows
from sknn_scratch._rows.disk import DiskRows
from sknn_scratch._rows.source import MemoryRows, RowSource, source_of

M, N = 30, 4
VALUES = np.random.RandomState(0).randn(M, N)


class OnDisk:
    """What h5py would give: a slice is an array."""

    shape, dtype, ndim = (M, N), np.dtype(float), 2

    def __getitem__(self, rows):
        return VALUES[rows]


SOURCES = {
    "array": lambda: MemoryRows(VALUES),
    "sparse": lambda: MemoryRows(csr_array(VALUES)),
    "disk": lambda: DiskRows(OnDisk(), float),
}


@pytest.fixture(params=SOURCES)
def source(request):
    return SOURCES[request.param]()


def dense(X):
    return X.toarray() if hasattr(X, "toarray") else np.asarray(X)


def test_it_has_a_shape_a_type_and_a_length(source):
    assert (source.shape, source.dtype, len(source)) == ((M, N), float, M)
    assert not source.is_remote


def test_a_source_is_its_own_and_others_become_one(source):
    assert source_of(source) is source
    assert isinstance(source_of(VALUES), RowSource)


@pytest.mark.parametrize("most", [1, 7, M, 100])
def test_blocks_are_all_rows_in_order_and_short(source, most):
    parts = list(source.blocks(most))
    assert np.vstack([dense(X) for _, X in parts]).tolist() == VALUES.tolist()
    assert max(part.stop - part.start for part, _ in parts) <= most


def test_batches_of_an_epoch_are_all_rows(source):
    Y, w = Targets(np.arange(M, dtype=float)[:, None]), np.ones(M)
    for rng in (None, np.random.RandomState(0)):
        batches = source.batches(Y, w, 8, rng)
        seen = [(dense(as_rows(X)).copy(), Y[0].copy()) for X, Y, _ in batches]
        order = np.concatenate([number for _, number in seen]).astype(int)
        assert sorted(order) == list(range(M))
        assert_array_equal(np.vstack([X for X, _ in seen]), VALUES[order])


def test_a_scaler_learns_and_applies_the_same_from_each(source):
    sparse = hasattr(getattr(source, "X", None), "toarray")
    scaler = source.learn(StandardScaler(with_mean=not sparse), None)
    expected = StandardScaler(with_mean=not sparse).fit(VALUES)
    assert_allclose(scaler.scale_, expected.scale_, rtol=1e-12)
    scaled = source_of(source.scaled(scaler))
    found = np.vstack([dense(X) for _, X in scaled.blocks(M)])
    assert_allclose(found, expected.transform(VALUES), rtol=1e-10, atol=1e-12)


def test_it_says_its_largest_value(source):
    assert source.largest() == abs(VALUES).max()
