"""Several threads and processes at once: results are those of one after the other.

Threads are made to take turns every 10 microseconds, so that what they share by mistake
shows within a second or two. `test_reproducibility` has the fits of a single option.
"""

import itertools
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn import clone
from sklearn.base import is_classifier
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
    ShallowNetRegressor,
)
from sknn_scratch._training.watch import observe
from sknn_scratch.hdf5 import load_model, save_model

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
THREADS = 6
DEADLOCK = 600  # seconds; nothing here takes a tenth of that
BRIEF = {"max_iter": 4, "random_state": 0, "warn": False}
MODELS = [
    DeepNetClassifier((12, 6), **BRIEF),
    ShallowNetClassifier(9, **BRIEF),
    LogisticRegressionScratch(**BRIEF),
    DeepNetRegressor(hidden_layer_sizes=(12, 6), **BRIEF),
    ShallowNetRegressor(9, loss="poisson", **BRIEF),
]
all_models = pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)


@pytest.fixture(scope="module")
def rows():
    rng = np.random.RandomState(0)
    X = rng.randn(400, 20)
    return X, (X[:, 0] > 0).astype(int) + (X[:, 1] > 0.3)


@pytest.fixture(autouse=True)
def many_turns():
    """Threads interrupt one another as often as Python lets them."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual)


def bits(model):
    arrays = [*model.parameters_.values(), np.array(model.loss_curve_)]
    return b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)


def at_once(function, arguments, n_threads=THREADS):
    """What the function gives for each argument; all threads start together."""
    barrier = threading.Barrier(n_threads)
    with ThreadPoolExecutor(n_threads, initializer=barrier.wait) as pool:
        return list(pool.map(function, arguments, timeout=DEADLOCK))


# -- threads ---------------------------------------------------------------------------

METHODS = ["predict", "predict_proba", "decision_function", "transform"]


def outputs(model, X):
    there = [getattr(model, name) for name in METHODS if hasattr(model, name)]
    return b"".join(method(X).tobytes() for method in there)


@all_models
@pytest.mark.parametrize("beside", ["nothing", "a fit"])
def test_one_model_predicts_in_many_threads_as_in_one(rows, model, beside):
    X, y = rows
    fitted = clone(model).fit(X, y)
    # as many rows each, so that memory kept for so many would be shared
    parts = [X[i : i + 100] for i in range(0, 300, 2)]
    serial = [outputs(fitted, part) for part in parts]
    stop = threading.Event()

    def fit_on():
        while not stop.is_set():
            clone(model).fit(X[::-1], y)

    other = threading.Thread(target=fit_on)
    if beside == "a fit":
        other.start()
    try:
        assert at_once(lambda part: outputs(fitted, part), parts) == serial
    finally:
        stop.set()
        if other.ident:
            other.join()


OPTIONS = [
    *({"solver": s} for s in ["gd", "sgd", "rmsprop", "adam", "adamw", "lbfgs"]),
    {"solver": "adam", "dropout": 0.4},
    {"solver": "sgd", "early_stopping": True, "standardize": True},
    {"solver": "adam", "early_stopping": True, "scoring": None, "dropout": 0.2},
    {"solver": "adamw", "l1_ratio": 0.5, "max_grad_norm": 1.0},
    {"solver": "sgd", "learning_rate": "adaptive", "standardize": True},
]
FITS = [
    *(DeepNetClassifier((8, 4), **BRIEF).set_params(**options) for options in OPTIONS),
    *(LogisticRegressionScratch(**BRIEF, solver=s) for s in ("newton", "gd", "adam")),
    *MODELS,
]


@pytest.mark.parametrize("kind", ["all models", "one model with other seeds"])
def test_fits_at_once_equal_fits_one_after_the_other(rows, kind):
    if kind == "all models":
        models = FITS
    else:
        seeded = [clone(m).set_params(random_state=s) for m in FITS for s in (1, 2)]
        models = [m for m in seeded if is_classifier(m)]
    serial = [bits(clone(m).fit(*rows)) for m in models]
    order = [*range(len(models))] * 2
    found = at_once(lambda i: bits(clone(models[i]).fit(*rows)), order)
    assert found == serial * 2


def test_partial_fits_of_models_in_threads_do_not_mix(rows):
    X, y = rows

    def train(seed):
        model = DeepNetClassifier((6,), **{**BRIEF, "random_state": seed}, dropout=0.2)
        for start in range(0, 400, 50):
            chunk = slice(start, start + 50)
            model.partial_fit(X[chunk], y[chunk], classes=[0, 1, 2])
        return bits(model)

    serial = [train(seed) for seed in range(12)]
    assert at_once(train, range(12)) == serial


def test_observers_see_the_fits_of_their_own_thread_only(rows):
    def fit(seed):
        seen = []
        model = DeepNetClassifier((4,), **{**BRIEF, "max_iter": 5 + seed}, tol=0)
        with observe(lambda *epoch: seen.append(epoch[:3])):
            model.fit(*rows)
        expected = [
            (epoch, 5 + seed, J) for epoch, J in enumerate(model.loss_curve_, start=1)
        ]
        return seen == expected

    assert all(at_once(fit, range(12)))


def test_an_observer_that_stops_its_fit_stops_no_other(rows):
    def fit(seed):
        model = DeepNetClassifier((4,), **{**BRIEF, "max_iter": 9}, tol=0)
        if seed % 2:
            return model.fit(*rows).n_iter_
        with observe(lambda epoch, *rest: epoch == 3):
            return model.fit(*rows).n_iter_

    assert at_once(fit, range(24)) == [3, 9] * 12


def test_a_silent_fit_silences_no_other(rows):
    def fit(seed):
        model = DeepNetClassifier((4,), **{**BRIEF, "warn": seed % 3 == 0})
        model.fit(*rows)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        at_once(fit, range(24))
    assert [w.category for w in caught] == [ConvergenceWarning] * 8


def test_a_fit_leaves_the_error_state_of_every_thread(rows):
    """A fit that overflows says nothing; what the caller asked NumPy for stays."""
    X, y = rows
    start = threading.Barrier(2)

    def diverge():
        start.wait()
        model = DeepNetRegressor(
            hidden_layer_sizes=(4,), **{**BRIEF, "max_iter": 50},
            solver="gd", learning_rate_init=1e6,
        )  # fmt: skip
        return model.fit(X, y)._ending

    def look():
        states = []
        with np.errstate(all="raise"):
            start.wait()
            for _ in range(2000):
                states.append({*np.geterr().values()})
        return states

    with ThreadPoolExecutor(2) as pool:
        fit, seen = pool.submit(diverge), pool.submit(look)
        assert fit.result() == "diverged"
        assert all(state == {"raise"} for state in seen.result())


# -- scikit-learn's own parallelism ----------------------------------------------------


@pytest.fixture(scope="module")
def many_rows():
    """X of more than 1 MB, which joblib maps into the memory of other processes."""
    rng = np.random.RandomState(0)
    X = rng.randn(5000, 30)
    assert X.nbytes > 2**20
    return X, (X[:, 0] > 0).astype(int) + (X[:, 1] > 0.3)


GRIDS = [
    (
        DeepNetClassifier((6,), **BRIEF, dropout=0.2),
        {"solver": ["adam", "lbfgs"], "early_stopping": [False, True]},
    ),
    (LogisticRegressionScratch(**BRIEF), {"solver": ["newton", "sgd"], "C": [0.01, 1]}),
]


@pytest.mark.filterwarnings("ignore:.*makes no use of")
@pytest.mark.parametrize("backend", ["loky", "threading"])
@pytest.mark.parametrize("size", ["rows", "many_rows"])
@pytest.mark.parametrize(("model", "grid"), GRIDS, ids=["deep", "logistic"])
def test_grid_search_in_parallel_is_the_serial_one(request, model, grid, size, backend):
    X, y = request.getfixturevalue(size)

    def search(backend, n_jobs):
        with joblib.parallel_config(backend, n_jobs=n_jobs):
            found = GridSearchCV(model, grid, cv=3, error_score="raise").fit(X, y)
        times = "mean_fit", "std_fit", "mean_score", "std_score"
        results = {
            k: [*v] for k, v in found.cv_results_.items() if not k.startswith(times)
        }
        return results, found.best_params_, bits(found.best_estimator_)

    assert search(backend, 2) == search("sequential", 1)


class Mapped(LogisticRegressionScratch):
    """Says whether its X came from a file that joblib mapped, and was read only."""

    def fit(self, X, y, sample_weight=None):
        super().fit(X, y, sample_weight)
        self.was_mapped_ = isinstance(X, np.memmap) and not X.flags.writeable
        return self


MAPPED = Mapped(solver="sgd", standardize=True, **BRIEF)


def one_against_others(X, y, n_jobs):
    return OneVsRestClassifier(MAPPED, n_jobs=n_jobs).fit(X, y).estimators_


def vote(X, y, n_jobs):
    models = [(str(s), clone(MAPPED).set_params(random_state=s)) for s in range(3)]
    return VotingClassifier(models, n_jobs=n_jobs).fit(X, y).estimators_


def several_outputs(X, y, n_jobs):
    Y = np.column_stack([y, y[::-1], y == 1])
    return MultiOutputClassifier(MAPPED, n_jobs=n_jobs).fit(X, Y).estimators_


@pytest.mark.parametrize("ensemble", [one_against_others, vote, several_outputs])
def test_members_trained_on_a_mapped_x_are_the_serial_ones(many_rows, ensemble):
    serial = ensemble(*many_rows, n_jobs=None)
    with joblib.parallel_config("loky"):
        parallel = ensemble(*many_rows, n_jobs=2)
    assert [m.was_mapped_ for m in parallel] == [True] * 3
    assert [m.was_mapped_ for m in serial] == [False] * 3
    assert [*map(bits, parallel)] == [*map(bits, serial)]


# -- a file that others read and replace -----------------------------------------------


@pytest.fixture(scope="module")
def versions(rows):
    """Models of different sizes, so that a mixture of two would not fit together."""
    X, y = rows
    return [
        DeepNetClassifier((3 + 40 * k, 5), **{**BRIEF, "random_state": k}).fit(X, y)
        for k in range(4)
    ]


def written(model):
    return b"".join(array.tobytes() for array in model.parameters_.values())


READER = """
import pathlib, sys
from sknn_scratch.hdf5 import load_model
path, stop, found = sys.argv[1], pathlib.Path(sys.argv[2]), set()
several = pathlib.Path(sys.argv[3])
while not stop.exists():
    arrays = load_model(path).parameters_.values()
    found.add(b"".join(array.tobytes() for array in arrays))
    if len(found) == 2:
        several.touch()
print(*(model.hex() for model in found))
"""


def test_a_file_read_while_it_is_replaced_is_one_model_or_the_other(versions, tmp_path):
    (tmp_path / "models").mkdir()
    path, stop = tmp_path / "models" / "model.h5", tmp_path / "stop"
    several = tmp_path / "several"  # of the models the other process has seen
    save_model(versions[0], path)
    found = [set(), set()]

    def read(models):
        while not stop.exists():
            models.add(written(load_model(path)))

    process = subprocess.Popen(
        [sys.executable, "-c", READER, path, stop, several],
        stdout=subprocess.PIPE,
        text=True,
    )
    with process, ThreadPoolExecutor(2) as pool:
        try:
            readers = [pool.submit(read, models) for models in found]
            for k in itertools.count():  # until all have seen it replaced
                save_model(versions[k % 4], path)
                seen = [len(models) > 1 for models in found]
                if k > 10 and all([*seen, several.exists()]):
                    break
                assert process.poll() is None
                assert not any(reader.done() for reader in readers)
        finally:
            stop.touch()
        for reader in readers:
            reader.result(DEADLOCK)
        elsewhere, _ = process.communicate(timeout=DEADLOCK)
    assert process.returncode == 0
    found.append({bytes.fromhex(model) for model in elsewhere.split()})
    known = {written(model) for model in versions}
    assert all(models <= known for models in found)
    assert [p.name for p in path.parent.iterdir()] == ["model.h5"]


def test_saves_at_once_leave_one_of_the_models_whole(versions, tmp_path):
    path = tmp_path / "model.h5"
    known = {written(model) for model in versions}

    def save(k):
        save_model(versions[k % 4], path)
        return written(load_model(path))

    assert {*at_once(save, range(60))} <= known
    assert written(load_model(path)) in known
    assert [p.name for p in tmp_path.iterdir()] == ["model.h5"]


def test_a_loaded_model_is_used_while_its_file_is_replaced(rows, versions, tmp_path):
    """Nothing of a loaded model stays in the file."""
    X, path = rows[0], tmp_path / "model.h5"
    save_model(versions[3], path)
    model = load_model(path)
    save_model(versions[0], path)
    assert_array_equal(model.predict_proba(X), versions[3].predict_proba(X))
