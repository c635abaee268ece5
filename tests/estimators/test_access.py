"""How inspection gets to a network and to the run of its next fit."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import DeepNetClassifier, LogisticRegressionScratch
from sknn_scratch._estimators.access import (
    before_network,
    is_fitted,
    network_of,
    next_run,
)
from sknn_scratch.datasets import make_flower

X, y = make_flower(100)


def small(**parameters):
    return DeepNetClassifier((4, 3), max_iter=2, random_state=0, warn=False).set_params(
        **parameters
    )


def piped(net):
    return make_pipeline(StandardScaler(), make_pipeline(StandardScaler(), net))


def test_the_network_is_at_the_end_of_all_pipelines():
    net = small()
    assert network_of(net) is network_of(piped(net)) is net


@pytest.mark.parametrize(
    "other", [StandardScaler(), make_pipeline(StandardScaler(), "passthrough")]
)
def test_others_are_refused(other):
    with pytest.raises(TypeError, match="estimator must be a network of sknn_scratch"):
        network_of(other)


def test_a_search_is_told_what_to_give():
    with pytest.raises(TypeError, match="of a search give best_estimator_"):
        network_of(GridSearchCV(small(), {"alpha": [0, 1]}))


@pytest.mark.parametrize("fitted", [False, True])
def test_x_goes_through_the_steps_before_the_network(fitted):
    # scaled twice is scaled once; a fitted Pipeline keeps the scale it has learned
    model, scaled = piped(small()), StandardScaler().fit_transform(X)
    if not fitted:
        np.testing.assert_allclose(before_network(model, X, y), scaled)
        return
    model.fit(2 * X + 1, y)
    expected = StandardScaler().fit(2 * X + 1).transform(X)
    np.testing.assert_allclose(before_network(model, X), expected)


def test_a_network_alone_gets_x_as_it_is():
    assert before_network(small(), X) is X


def test_an_unfitted_network_begins_where_its_fit_would():
    net = small(early_stopping=True, dropout=0.5)
    _, run = next_run(net, X, y)
    theta, _ = run.train()
    fitted = clone(net).fit(X, y)
    np.testing.assert_array_equal(run.objective.params.W[1].T, fitted.coefs_[0])
    assert not is_fitted(net)


def test_a_fitted_network_goes_on_as_with_warm_start():
    net = small().fit(X, y)
    before = {name: v.copy() for name, v in net.parameters_.items()}
    _, run = next_run(net, X, y)
    run.train()
    for name, value in before.items():
        np.testing.assert_array_equal(net.parameters_[name], value)
    net.set_params(warm_start=True).fit(X, y)
    np.testing.assert_array_equal(run.objective.params.W[2].T, net.coefs_[1])


def test_what_is_changed_is_changed_in_the_copy_only():
    net = LogisticRegressionScratch(C=2.0)
    twin, run = next_run(net, X, y, C=4.0)
    assert (net.C, twin.C, run.objective.l2) == (2.0, 4.0, 1 / (4.0 * len(X)))


def test_a_random_state_of_the_user_is_not_drawn_from():
    rng = np.random.RandomState(3)
    next_run(small(random_state=rng), X, y)
    assert rng.randint(1000) == np.random.RandomState(3).randint(1000)


def test_bad_parameters_are_refused_as_in_fit():
    with pytest.raises(ValueError, match="'solver' parameter"):
        next_run(small(solver="none"), X, y)


def test_the_global_stream_is_looked_at_and_not_drawn_from():
    net = DeepNetClassifier((4,), max_iter=1, warn=False, random_state=None)
    before = np.random.get_state()
    try:
        np.random.seed(5)
        _, run = next_run(net, X, y)
        run.train()
        net.fit(X, y)  # draws what was looked at
        np.testing.assert_array_equal(run.objective.params.W[1].T, net.coefs_[0])
    finally:
        np.random.set_state(before)
