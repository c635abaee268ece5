"""The same seed gives the same bits: twice, in threads, through pickles."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.datasets import load_digits

from sknn_scratch import (
    DeepNetClassifier,
    LogisticRegressionScratch,
    ShallowNetClassifier,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
STEPPING = ["gd", "sgd", "rmsprop", "adam", "adamw"]
MODELS = [
    *(DeepNetClassifier((16, 8), solver=s, max_iter=5) for s in [*STEPPING, "lbfgs"]),
    ShallowNetClassifier(8, max_iter=5, early_stopping=True),
    *(LogisticRegressionScratch(solver=s, max_iter=5) for s in ("newton", "sgd")),
]


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    keep = np.arange(len(y)) % 4 == 0
    return X[keep, 16:48] / 16, y[keep]


def bits(model):
    arrays = model.parameters_.values()
    return b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_two_fits_are_equal_to_the_bit(digits, model):
    model = model.set_params(random_state=3)
    first = bits(model.fit(*digits))
    assert bits(model.fit(*digits)) == first


def test_another_seed_gives_another_model(digits):
    models = [DeepNetClassifier(8, max_iter=2, random_state=s) for s in (0, 1)]
    assert bits(models[0].fit(*digits)) != bits(models[1].fit(*digits))


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_fits_in_parallel_threads_equal_the_serial_ones(digits, model):
    def fit(seed):
        return bits(copy.deepcopy(model).set_params(random_state=seed).fit(*digits))

    serial = [fit(seed) for seed in range(6)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(fit, range(6))) == serial


def test_predictions_of_one_model_in_many_threads_equal_the_serial_ones(digits):
    X, y = digits
    model = DeepNetClassifier((32, 16), max_iter=5, random_state=0).fit(X, y)
    parts = [X[i::7] for i in range(7)] * 5
    serial = [model.predict_proba(part) for part in parts]
    with ThreadPoolExecutor(4) as pool:
        for found, expected in zip(pool.map(model.predict_proba, parts), serial,
                                   strict=True):  # fmt: skip
            assert_array_equal(found, expected)


def half_way(digits, through, **options):
    """Two partial fits, what `through` does with the model, and two more."""
    X, y = digits
    model = DeepNetClassifier((8,), random_state=0, batch_size=32, **options)
    for k in range(4):
        if k == 2:
            model = through(model)
        model.partial_fit(X, y, classes=np.arange(10))
    return bits(model)


def pickled(model):
    return pickle.loads(pickle.dumps(model))


@pytest.mark.filterwarnings("ignore:.*makes no use of")
@pytest.mark.parametrize("through", [pickled, copy.deepcopy])
@pytest.mark.parametrize("solver", STEPPING)
def test_a_pickle_between_partial_fits_changes_nothing(digits, solver, through):
    options = {"solver": solver, "keep_optimizer_state": solver != "gd"}
    straight = half_way(digits, lambda model: model, **options)
    assert half_way(digits, through, **options) == straight


def test_without_keeping_it_the_optimizer_s_state_is_not_in_a_pickle(digits):
    X, y = digits
    sizes = {}
    for keep in (False, True):
        model = DeepNetClassifier((500,), random_state=0, keep_optimizer_state=keep)
        sizes[keep] = len(pickle.dumps(model.partial_fit(X, y, classes=range(10))))
    n_bytes = sum(W.nbytes for W in model.parameters_.values())
    assert sizes[False] < 1.1 * n_bytes + 4096
    assert sizes[True] > 2.9 * n_bytes


def test_a_pickle_is_no_larger_than_its_parameters(digits):
    X, y = digits
    model = DeepNetClassifier((500,), random_state=0, max_iter=30).fit(X, y)
    n_bytes = sum(W.nbytes for W in model.parameters_.values())
    assert len(pickle.dumps(model)) < 1.1 * n_bytes + 4096


def test_an_unpickled_model_s_arrays_are_its_own_and_in_use(digits):
    X, y = digits
    model = pickled(DeepNetClassifier((8,), max_iter=3, random_state=0).fit(X, y))
    model.coefs_[1][...] = 0
    model.intercepts_[1][...] = np.arange(10)
    assert (model.predict(X) == 9).all()
    before = [W.copy() for W in model.coefs_]
    held = model.coefs_
    model.partial_fit(X, y)
    for kept, was in zip(held, before, strict=True):
        assert_array_equal(kept, was)  # what somebody holds does not move


def test_random_state_may_be_a_generator_of_the_user_s(digits):
    X, y = digits
    first = DeepNetClassifier(8, max_iter=3, random_state=np.random.RandomState(5))
    second = DeepNetClassifier(8, max_iter=3, random_state=5)
    assert bits(first.fit(X, y)) == bits(second.fit(X, y))
