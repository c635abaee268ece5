"""dask-ml: models that see an array block by block."""

import dask.array as da
import numpy as np
import pytest
from dask_ml.wrappers import Incremental, ParallelPostFit
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import clone


@pytest.fixture
def blocks(wine):
    """The wine rows, mixed, in three blocks."""
    X, y = wine
    order = np.random.RandomState(0).permutation(178)
    return da.from_array(X[order], chunks=(60, 13)), da.from_array(y[order], chunks=60)


def test_incremental_is_a_partial_fit_a_block(blocks, net, bits):
    X, y = blocks
    net = clone(net).set_params(learning_rate_init=0.03)
    many = Incremental(clone(net), scoring="accuracy", shuffle_blocks=False)
    classes = np.unique(y.compute())
    for _ in range(10):
        many.partial_fit(X, y, classes=classes)
    by_hand = clone(net)
    for _ in range(10):
        for k in range(3):
            rows, names = X.blocks[k].compute(), y.blocks[k].compute()
            by_hand.partial_fit(rows, names, classes=classes)
    assert bits(many.estimator_) == bits(by_hand)
    assert many.estimator_.n_iter_ == 30
    assert many.score(X, y) > 0.95
    assert_array_equal(many.predict(X).compute(), by_hand.predict(X.compute()))


def test_incremental_fit_shuffles_the_blocks(blocks, net):
    X, y = blocks
    net = clone(net).set_params(learning_rate_init=0.03, batch_size=4)
    classes = np.unique(y.compute())
    many = Incremental(net, scoring="accuracy", random_state=0)
    assert many.fit(X, y, classes=classes).score(X, y) > 0.9


def test_predictions_block_by_block(blocks, wine, model):
    X, _ = blocks
    fitted = ParallelPostFit(clone(model)).fit(*wine)
    lazy = fitted.predict_proba(X)
    assert isinstance(lazy, da.Array)
    direct = clone(model).fit(*wine)
    found = lazy.compute(scheduler="threads")
    # the matrix product of a block may round otherwise than that of all rows
    assert_allclose(found, direct.predict_proba(X.compute()), rtol=1e-10)
