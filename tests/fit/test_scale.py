"""The scale of the features: folding it into the first layer, and undoing that."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.preprocessing import StandardScaler

from sknn_scratch._engine.propagation import Parameters
from sknn_scratch._fit.scale import fold, fold_into, mean_and_scale, unfold

RNG = np.random.RandomState(0)
X = RNG.randn(20, 3) * [1, 10, 100] + [0, 5, 50]


def first_layer():
    params = Parameters.flat((3, 2, 1), np.float64)
    params.theta[...] = RNG.randn(params.theta.size)
    return params


@pytest.mark.parametrize("with_mean", [True, False])
def test_a_folded_layer_takes_raw_features(with_mean):
    scaler, params = StandardScaler(with_mean=with_mean).fit(X), first_layer()
    before = params.W[1] @ scaler.transform(X).T + params.b[1]
    fold(params, scaler)
    assert_allclose(params.W[1] @ X.T + params.b[1], before)


@pytest.mark.parametrize("with_mean", [True, False])
def test_unfold_undoes_fold(with_mean):
    scaler, params = StandardScaler(with_mean=with_mean).fit(X), first_layer()
    theta = params.theta.copy()
    fold(params, scaler)
    assert not np.allclose(params.theta, theta)
    unfold(params, scaler)
    assert_allclose(params.theta, theta)


def test_fold_into_changes_one_layer_in_place():
    W, b = np.array([[2.0, 4.0]]), np.array([[1.0]])
    fold_into(W, b, np.array([3.0, 5.0]), np.array([2.0, 4.0]))
    assert W.tolist() == [[1, 1]]
    assert b.tolist() == [[-7]]
    fold_into(W, b, None, 0.5)
    assert W.tolist() == [[2, 2]]
    assert b.tolist() == [[-7]]


def test_a_scaler_without_std_divides_by_one():
    mean, scale = mean_and_scale(StandardScaler(with_std=False).fit(X))
    assert_allclose(mean, X.mean(axis=0))
    assert scale == 1
    mean, _ = mean_and_scale(StandardScaler(with_mean=False).fit(X))
    assert mean is None
