"""Parameters: which are not at their default, which are used, what a part is given."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
    ShallowNetRegressor,
)
from sknn_scratch._engine.optimizers import OPTIMIZERS
from sknn_scratch._fit.parameters import (
    READ_BY,
    changed_parameters,
    parameters_for,
    same,
    unused_parameters,
)

NETWORKS = [
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
    ShallowNetRegressor,
]
NAN, RANDOM = float("nan"), np.random.RandomState(0)


# -- not at their default --------------------------------------------------------------


@pytest.mark.parametrize("cls", [*NETWORKS, StandardScaler, MinMaxScaler])
def test_nothing_is_changed_in_a_new_estimator(cls):
    assert changed_parameters(cls()) == {}


def test_changed_parameters_come_with_their_values_in_the_order_of_the_alphabet():
    net = DeepNetClassifier(solver="sgd", hidden_layer_sizes=[3, 2], alpha=0.5)
    found = changed_parameters(net)
    assert [*found] == ["alpha", "hidden_layer_sizes", "solver"]
    assert found["hidden_layer_sizes"] is net.hidden_layer_sizes


def test_a_default_given_in_other_words_is_not_changed():
    default = DeepNetClassifier().hidden_layer_sizes
    alpha = np.float64(DeepNetClassifier().alpha)
    for sizes in (list(default), np.array(default)):
        net = DeepNetClassifier(hidden_layer_sizes=sizes, alpha=alpha)
        assert changed_parameters(net) == {}


def test_a_generator_is_a_change_and_draws_nothing():
    random_state = np.random.RandomState(0)
    net = DeepNetClassifier(random_state=random_state)
    assert changed_parameters(net) == {"random_state": random_state}
    assert random_state.rand() == np.random.RandomState(0).rand()


@pytest.mark.parametrize(
    ("value", "other"),
    [
        (1, 1.0),
        (np.int64(1), 1),
        (np.float64(0.1), 0.1),
        (np.array(0.1), 0.1),
        ("relu", np.str_("relu")),
        (NAN, float("nan")),
        (np.float32("nan"), NAN),
        ([1, NAN], (1, float("nan"))),
        ([100], (100,)),
        (np.array([100, 50]), (100, 50)),
        (np.eye(2), [[1, 0], [0, 1]]),
        ([[1, 2], (3,)], ([1, 2], [3])),
        ({"a": 1, "b": [2]}, {"b": np.array([2]), "a": 1.0}),
        ({0: NAN}, {0: float("nan")}),
        (np.tanh, np.tanh),
        ("".join, "".join),
        (RANDOM, RANDOM),
        (None, None),
        ([], ()),
    ],
)
def test_values_that_mean_the_same(value, other):
    assert same(value, other) is True
    assert same(other, value) is True


@pytest.mark.parametrize(
    ("value", "other"),
    [
        (1, 2),
        (1, "1"),
        (np.float32(0.1), 0.1),
        (NAN, None),
        (NAN, 0.0),
        ([100], 100),
        (np.array([100]), 100),
        (np.array(["relu"]), "relu"),
        (["r", "e"], "re"),
        ([1, 2], (1,)),
        ([1, 2], (2, 1)),
        ([], None),
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"b": 1}),
        ({"a": 1}, None),
        ({}, ()),
        (np.tanh, np.sinh),
        (np.tanh, "tanh"),
        (partial(np.sum, axis=0), None),
        (np.random.RandomState(0), np.random.RandomState(0)),
        (RANDOM, None),
        (RANDOM, 0),
        (pd.DataFrame({"a": [1, 2]}), None),
        (pd.Series([1, 2]), "balanced"),
        (pd.NA, 1),
        (csr_array(np.eye(2)), None),
    ],
)
def test_values_that_do_not_mean_the_same(value, other):
    assert same(value, other) is False
    assert same(other, value) is False


# -- what reads which ------------------------------------------------------------------


def test_a_parameter_is_unused_if_nothing_in_use_reads_it():
    changed = ["momentum", "alpha", "batch_size", "n_iter_no_change"]
    assert unused_parameters(changed, {"sgd", "constant"}, patient=True) == []
    assert unused_parameters(changed, {"adam"}, patient=True) == ["momentum"]
    assert unused_parameters(changed, {"lbfgs"}, patient=False) == [
        "batch_size",
        "momentum",
        "n_iter_no_change",
    ]


def test_what_reads_a_parameter_by_name():
    assert READ_BY["max_fun"] == {"lbfgs"}
    assert READ_BY["dropout"] == {*OPTIMIZERS}
    assert READ_BY["batch_size"] == {*OPTIMIZERS} - {"gd"}
    assert "alpha" not in READ_BY  # all solvers read it


def test_a_part_is_given_its_own_parameters_as_plain_floats():
    given = {"momentum": np.float64(0.8), "nesterov": True, "alpha": 1.0}
    found = parameters_for(OPTIMIZERS["sgd"], given)
    assert {*found} == {*OPTIMIZERS["sgd"].hyperparameters} & {*given}
    assert type(found["momentum"]) is float
