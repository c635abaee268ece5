"""Access to the steps of an estimator, to its network, to the run of its next fit."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
)
from sknn_scratch._estimators.access import (
    before_network,
    feature_names,
    first_step,
    fit_before_network,
    input_shape,
    is_fitted,
    last_step,
    names_before_network,
    network_of,
    networks_in,
    next_run,
    own_steps,
    steps_before,
    steps_of,
    without_idle_steps,
)
from sknn_scratch.datasets import make_flower
from sknn_scratch.preprocessing import ImageFlattener

X, y = make_flower(100)


def small(**parameters):
    return DeepNetClassifier((4, 3), max_iter=2, random_state=0, warn=False).set_params(
        **parameters
    )


def piped(net):
    return make_pipeline(StandardScaler(), make_pipeline(StandardScaler(), net))


# Pipelines before the network, around it, and steps that do nothing
SCALER, RANGE, NET = StandardScaler(), MinMaxScaler(), small()
INNER = Pipeline([("a", "passthrough"), ("b", SCALER), ("c", Pipeline([("d", None)]))])
NESTED = Pipeline(
    [
        ("inner", INNER),
        ("idle", None),
        ("end", Pipeline([("range", RANGE), ("net", NET)])),
    ]
)


# -- steps -----------------------------------------------------------------------------


def test_own_steps_are_those_of_the_outer_pipeline():
    assert own_steps(NESTED) == NESTED.steps
    assert own_steps(NESTED) is not NESTED.steps
    assert own_steps(NET) == [("model", NET)]
    assert own_steps(NET, "net") == [("net", NET)]


def test_steps_are_those_of_all_pipelines_that_do_something():
    assert steps_of(NESTED) == [("b", SCALER), ("range", RANGE), ("net", NET)]
    assert steps_of(NET) == [("model", NET)]
    assert steps_before(NESTED) == [("b", SCALER), ("range", RANGE)]
    assert steps_before(make_pipeline(NET)) == steps_before(NET) == []


def test_steps_that_do_nothing_are_there_if_asked_for():
    names = [name for name, _ in steps_before(NESTED, idle=True)]
    assert names == ["a", "b", "d", "idle", "range"]
    assert [name for name, _ in steps_of(NESTED, idle=True)] == [*names, "net"]


def test_first_and_last_step():
    assert (first_step(NESTED), last_step(NESTED)) == (SCALER, NET)
    assert first_step(NET) is last_step(NET) is NET


def test_a_pipeline_without_idle_steps_keeps_its_form():
    whole = Pipeline([("inner", INNER[:-1]), *NESTED.steps[1:]])
    found = without_idle_steps(whole)
    assert [name for name, _ in found.steps] == ["inner", "end"]
    assert found.named_steps["inner"].steps == [("b", SCALER)]
    assert found.named_steps["end"].steps == [("range", RANGE), ("net", NET)]
    assert whole.named_steps["idle"] is None
    assert without_idle_steps(NET) is NET


def test_the_shape_of_one_example():
    images = np.arange(100 * 12.0).reshape(100, 3, 4)
    net = small().fit(X, y)
    assert input_shape(net) == input_shape(make_pipeline(None, net)) == (2,)
    model = make_pipeline("passthrough", ImageFlattener(), small()).fit(images, y)
    assert input_shape(model) == (3, 4)


def test_features_have_names_or_numbers():
    frame = pd.DataFrame(X, columns=["left", "up"])
    assert feature_names(piped(small()).fit(frame, y), X) == ["left", "up"]
    assert feature_names(small().fit(X, y), X) == ["x1", "x2"]
    assert feature_names(small(), np.zeros((5, 2, 2))) == ["x1", "x2", "x3", "x4"]


# -- the network -----------------------------------------------------------------------


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


def test_networks_are_found_under_their_prefix():
    net = DeepNetRegressor()
    wrapped = make_pipeline(StandardScaler(), TransformedTargetRegressor(net))
    prefix = "transformedtargetregressor__regressor__"
    assert networks_in(wrapped) == {prefix: net}
    assert networks_in(net) == {"": net}


@pytest.mark.parametrize("other", [StandardScaler(), DeepNetClassifier, "net"])
def test_without_a_network_there_is_an_error(other):
    with pytest.raises(TypeError, match="or have one within it as a Pipeline has, got"):
        networks_in(other)


# -- X on its way to the network -------------------------------------------------------


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


def test_steps_of_an_unfitted_pipeline_are_not_fitted():
    model = piped(small())
    before_network(model, X, y)
    assert not hasattr(model[0], "mean_")


def test_steps_before_the_network_can_be_fitted(tmp_path):
    model = piped(small()).set_params(memory=str(tmp_path))
    train, val = fit_before_network(model, X[:60], y[:60], X[60:])
    scaler = StandardScaler().fit(X[:60])
    np.testing.assert_allclose(train, scaler.transform(X[:60]))
    np.testing.assert_allclose(val, scaler.transform(X[60:]))
    np.testing.assert_array_equal(model[0].mean_, scaler.mean_)
    assert model.memory == str(tmp_path)
    assert not is_fitted(model)


def test_a_network_alone_has_nothing_to_fit_before():
    found, val = fit_before_network(small(), X, y, X[:5])
    assert found is X
    np.testing.assert_array_equal(val, X[:5])


def test_names_are_followed_to_the_network():
    frame = pd.DataFrame(X, columns=["left", "up"])
    net = small().fit(frame, y)
    assert list(names_before_network(net)) == ["left", "up"]
    model = piped(small()).fit(frame, y)  # arrays come out of the steps, without names
    assert list(names_before_network(model)) == ["left", "up"]
    assert names_before_network(small().fit(X, y)) is None


def test_a_step_that_names_nothing_leaves_none():
    model = make_pipeline(FunctionTransformer(np.abs), small()).fit(X, y)
    assert names_before_network(model) is None


# -- the run of a fit ------------------------------------------------------------------


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
