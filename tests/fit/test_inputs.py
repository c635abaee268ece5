"""Rows as users give them: what is warned of."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from sknn_scratch import DeepNetClassifier, LogisticRegressionScratch
from sknn_scratch._fit.inputs import scale_mismatch

LOADERS = [load_iris, load_wine, load_breast_cancer, load_digits]
all_data = pytest.mark.parametrize("load", LOADERS, ids=lambda load: load.__name__)


def split(load, **options):
    X, y = load(return_X_y=True)
    return train_test_split(X, y, random_state=0, **options)


@all_data
@pytest.mark.parametrize("scaler", [StandardScaler(), MinMaxScaler()], ids=repr)
def test_validation_rows_that_went_past_the_scaler_are_seen(load, scaler):
    X, X_val, _, _ = split(load)
    scaled = scaler.fit(X).transform
    assert "X_val is on another scale" in scale_mismatch(scaled(X), X_val)[0]


@all_data
def test_and_so_are_those_that_alone_are_scaled(load):
    X, X_val, _, _ = split(load)
    X_val = StandardScaler().fit(X).transform(X_val)
    assert "X_val is on another scale" in scale_mismatch(X, X_val)[0]


@all_data
@pytest.mark.parametrize("seed", range(20))
def test_other_rows_of_the_same_data_are_no_other_scale(load, seed):
    X, _ = load(return_X_y=True)
    X = X[np.random.RandomState(seed).permutation(len(X))]
    for n in (10, 30, len(X) // 2):
        assert scale_mismatch(X[n:], X[:n]) == []
        assert scale_mismatch(X[:n], X[n:]) == []


def test_sparse_rows_are_judged_as_dense_ones():
    rng = np.random.RandomState(0)
    counts = rng.poisson(0.3, (200, 40)).astype(float)
    X, X_val = counts[:150], counts[150:]
    assert scale_mismatch(csr_array(X), csr_array(X_val)) == []
    found = scale_mismatch(csr_array(X / 100), csr_array(X_val))
    assert found == scale_mismatch(X / 100, X_val)
    assert "X_val is on another scale" in found[0]


def test_constant_features_and_huge_numbers_say_nothing():
    X = np.c_[np.ones(30), np.zeros(30)]
    assert scale_mismatch(X, X * 1e6) == []
    assert scale_mismatch(X * 1e300, X * 1e300) == []


def test_rare_features_say_nothing_of_the_scale():
    rng = np.random.RandomState(0)
    rare = (rng.rand(3000, 500) < 0.002).astype(float)
    classes = np.eye(200)[rng.randint(200, size=1000)]
    for X in (rare, csr_array(rare), classes):
        assert scale_mismatch(X[:-100], X[-100:]) == []


def test_sorted_rows_are_sampled_from_all_places():
    X = np.arange(40_000.0)[:, None]
    chosen = np.random.RandomState(0).permutation(len(X))[:200]
    assert scale_mismatch(X, X[chosen]) == []


def test_rows_of_weight_zero_decide_nothing(monkeypatch):
    monkeypatch.setattr("sknn_scratch._estimators.logistic.NEWTON_DENSE", 30)
    rng = np.random.RandomState(0)
    X, y, w = rng.randn(100, 60), np.arange(100) % 2, np.arange(100) < 20
    X[~w] *= 1e6  # and the scale of X_val is not compared with theirs
    whole = LogisticRegressionScratch().fit(X, y, w.astype(float), X[w], y[w])
    alone = LogisticRegressionScratch().fit(X[w], y[w])
    np.testing.assert_array_equal(whole.coef_, alone.coef_)
    assert whole.n_iter_ == alone.n_iter_


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
