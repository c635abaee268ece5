"""The course's published training runs, through the public estimators."""

import hashlib

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.datasets import make_circles

from sknn_scratch import (
    DeepNetClassifier,
    LogisticRegressionScratch,
    ShallowNetClassifier,
)
from sknn_scratch.datasets import make_flower
from sknn_scratch.preprocessing import ImageFlattener

# the course's deep network, six decimals as its notebooks print them (2018 and later)
DEEP_COSTS = """
0.771749 0.672053 0.648263 0.611507 0.567047 0.540138 0.527930 0.465477 0.369126
0.391747 0.315187 0.272700 0.237419 0.199601 0.189263 0.161189 0.148214 0.137775
0.129740 0.121225 0.113821 0.107839 0.102855 0.100897 0.092878
"""


@pytest.fixture(scope="module")
def rows(cats):
    flatten = ImageFlattener().fit(cats.X_train)
    return flatten.transform(cats.X_train), flatten.transform(cats.X_test)


def published(reference, name):
    return next(run for run in reference["runs"] if run["id"] == name)


def test_logistic_regression_on_cats(reference, cats, rows):
    run = published(reference, "logistic_cat")
    model = LogisticRegressionScratch(
        C=np.inf, solver="gd", learning_rate_init=0.005, max_iter=2000, tol=0
    ).fit(rows[0], cats.y_train)
    assert_allclose(model.loss_curve_[::100], run["expected_costs"], atol=5.1e-7)
    assert 100 * model.score(rows[0], cats.y_train) == pytest.approx(99.04306220095694)
    assert 100 * model.score(rows[1], cats.y_test) == pytest.approx(70.0)
    final = run["computed_final"]
    assert model.intercept_[0] == pytest.approx(final["b"], rel=1e-10)
    assert np.linalg.norm(model.coef_) == pytest.approx(final["norm_w"], rel=1e-10)
    assert model.loss_ == pytest.approx(final["cost_after_2000_updates"], rel=1e-10)


def test_two_layer_network_on_cats(reference, cats, rows):
    run = published(reference, "two_layer_cat")
    net = ShallowNetClassifier(
        7,
        "relu",
        solver="gd",
        init="small_random",
        learning_rate_init=0.0075,
        max_iter=2500,
        alpha=0,
        tol=0,
        n_iter_no_change=np.inf,
        random_state=1,
    ).fit(rows[0], cats.y_train)
    assert_allclose(net.loss_curve_[::100], run["expected_costs"], rtol=1e-12)
    assert net.loss_curve_[2499] == pytest.approx(run["computed_cost_2499"], rel=1e-12)
    assert net.score(rows[0], cats.y_train) == 1.0
    assert net.score(rows[1], cats.y_test) == 0.72


def test_deep_network_on_cats(cats, rows):
    net = DeepNetClassifier(
        (20, 7, 5),
        solver="gd",
        init="scaled",
        learning_rate_init=0.0075,
        max_iter=2500,
        alpha=0,
        tol=0,
        n_iter_no_change=np.inf,
        random_state=1,
    ).fit(rows[0], cats.y_train)
    costs = np.array(DEEP_COSTS.split(), dtype=float)
    assert_allclose(net.loss_curve_[::100], costs, atol=5.1e-7)
    assert 100 * net.score(rows[0], cats.y_train) == pytest.approx(98.5645933014354)
    assert net.score(rows[1], cats.y_test) == 0.8


def test_flower(reference):
    run = published(reference, "planar_nh4_2017-2018")
    X, y = make_flower()
    net = ShallowNetClassifier(
        4,
        solver="gd",
        init="small_random",
        learning_rate_init=1.2,
        max_iter=10000,
        alpha=0,
        tol=0,
        n_iter_no_change=np.inf,
        random_state=2,
    ).fit(X, y)
    costs, expected = np.array(net.loss_curve_[::1000]), run["expected_costs"]
    assert_allclose(costs[:8], expected[:8], atol=5.1e-7)
    assert_allclose(costs[8:], expected[8:], atol=3e-4)
    assert net.score(X, y) == run["computed_accuracy"]["train"]


def test_flower_is_the_course_s_to_the_bit(reference):
    planar = reference["planar"]
    X, y = make_flower()
    columns = np.ascontiguousarray(X.T)
    assert (
        hashlib.sha256(columns.tobytes()).hexdigest() == (planar["sha256_X_C_float64"])
    )
    assert_allclose(X.mean(axis=0), planar["mean"], rtol=1e-12)
    assert y.tolist() == [0] * 200 + [1] * 200


@pytest.mark.parametrize(
    ("rate", "train", "test"),
    [
        (0.01, 99.52153110047847, 68.0),
        (0.001, 88.99521531100478, 64.0),
        (0.0001, 68.42105263157895, 36.0),
    ],
)
def test_logistic_regression_with_other_rates(cats, rows, rate, train, test):
    model = LogisticRegressionScratch(
        C=np.inf, solver="gd", learning_rate_init=rate, max_iter=1500, tol=0
    ).fit(rows[0], cats.y_train)
    assert 100 * model.score(rows[0], cats.y_train) == pytest.approx(train)
    assert 100 * model.score(rows[1], cats.y_test) == pytest.approx(test)


@pytest.mark.parametrize(
    ("n_hidden", "percent"), [(1, 67.5), (2, 67.25), (3, 90.75), (4, 90.5), (5, 91.25)]
)
def test_flower_against_the_size_of_the_hidden_layer(n_hidden, percent):
    X, y = make_flower()
    net = ShallowNetClassifier(
        n_hidden,
        solver="gd",
        init="small_random",
        learning_rate_init=1.2,
        max_iter=5000,
        alpha=0,
        tol=0,
        n_iter_no_change=np.inf,
        random_state=2,
    ).fit(X, y)
    assert 100 * net.score(X, y) == percent


def test_he_initialisation_on_circles():
    # the second course of the series: costs of every 1000th iteration and accuracies
    published = """
    0.8830537463419761 0.6879825919728063 0.6751286264523371 0.6526117768893807
    0.6082958970572937 0.5304944491717495 0.4138645817071793 0.3117803464844441
    0.23696215330322556 0.18597287209206828 0.15015556280371808 0.12325079292273548
    0.09917746546525937 0.08457055954024274 0.07357895962677366
    """
    X, y = make_circles(300, noise=0.05, random_state=np.random.RandomState(1))
    X_test, y_test = make_circles(
        100, noise=0.05, random_state=np.random.RandomState(2)
    )
    net = DeepNetClassifier(
        (10, 5),
        solver="gd",
        init="he",
        learning_rate_init=0.01,
        max_iter=15000,
        alpha=0,
        tol=0,
        n_iter_no_change=np.inf,
        random_state=3,
    ).fit(X, y)
    costs = np.array(published.split(), dtype=float)
    assert_allclose(net.loss_curve_[::1000], costs, rtol=1e-12)
    assert net.score(X, y) == pytest.approx(0.99333333333333)
    assert net.score(X_test, y_test) == 0.96
