"""Rows as users give them: what is warned of."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, StandardScaler

from sknn_scratch import DeepNetClassifier
from sknn_scratch._fit.inputs import scale_mismatch

LOADERS = [load_iris, load_wine, load_breast_cancer, load_digits]
SCALERS = [StandardScaler, MinMaxScaler, MaxAbsScaler]
all_data = pytest.mark.parametrize("load", LOADERS, ids=lambda load: load.__name__)


def split(load, **options):
    X, y = load(return_X_y=True)
    return train_test_split(X, y, random_state=0, **options)


@all_data
@pytest.mark.parametrize("scaler", [StandardScaler(), MinMaxScaler()], ids=repr)
def test_validation_rows_that_went_past_the_scaler_are_seen(load, scaler):
    X, X_val, _, _ = split(load)
    scaled = scaler.fit(X).transform
    assert "X_val is on another scale" in scale_mismatch(scaled(X), X_val)


@all_data
def test_and_so_are_those_that_alone_are_scaled(load):
    X, X_val, _, _ = split(load)
    X_val = StandardScaler().fit(X).transform(X_val)
    assert "X_val is on another scale" in scale_mismatch(X, X_val)


@all_data
@pytest.mark.parametrize("seed", range(20))
def test_other_rows_of_the_same_data_are_no_other_scale(load, seed):
    X, _ = load(return_X_y=True)
    X = X[np.random.RandomState(seed).permutation(len(X))]
    for n in (10, 30, len(X) // 2):
        assert scale_mismatch(X[n:], X[:n]) is None
        assert scale_mismatch(X[:n], X[n:]) is None


def test_sparse_rows_are_judged_as_dense_ones():
    rng = np.random.RandomState(0)
    counts = rng.poisson(0.3, (200, 40)).astype(float)
    X, X_val = counts[:150], counts[150:]
    assert scale_mismatch(csr_array(X), csr_array(X_val)) is None
    found = scale_mismatch(csr_array(X / 100), csr_array(X_val))
    assert found == scale_mismatch(X / 100, X_val)
    assert "X_val is on another scale" in found


def test_constant_features_and_huge_numbers_say_nothing():
    X = np.c_[np.ones(30), np.zeros(30)]
    assert scale_mismatch(X, X * 1e6) is None
    assert scale_mismatch(X * 1e300, X * 1e300) is None


def test_a_pipeline_with_raw_validation_rows_warns_once():
    X, X_val, y, y_val = split(load_breast_cancer)
    net = DeepNetClassifier((4,), max_iter=2, tol=0, random_state=0)
    pipeline = make_pipeline(StandardScaler(), net)
    with pytest.warns(UserWarning, match="X_val is on another scale than X") as caught:
        pipeline.fit(
            X, y, deepnetclassifier__X_val=X_val, deepnetclassifier__y_val=y_val
        )
    assert len(caught) == 1
    assert len(str(caught[0].message)) <= 300
    right = pipeline[:-1].transform(X_val)
    pipeline.fit(X, y, deepnetclassifier__X_val=right, deepnetclassifier__y_val=y_val)


def test_one_hot_targets_warn_once():
    X, _, y, _ = split(load_iris)
    net = DeepNetClassifier((4,), max_iter=2, tol=0, random_state=0)
    with pytest.warns(
        UserWarning, match=r"for one class a row give y.argmax"
    ) as caught:
        net.fit(X, np.eye(3, dtype=int)[y])
    assert len(caught) == 1
