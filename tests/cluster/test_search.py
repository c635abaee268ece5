"""Searches whose fits run on a cluster find what they find on one machine."""

import os

import joblib
import pytest
from distributed import Client
from distributed.deploy.subprocess import SubprocessCluster
from numpy.testing import assert_array_equal
from scipy.stats import loguniform
from sklearn.datasets import load_iris
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    RandomizedSearchCV,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import (
    DeepNetClassifier,
    LogisticRegressionScratch,
    ShallowNetClassifier,
)

COMMON = {"random_state": 0, "warn": False}
NET = make_pipeline(
    StandardScaler(), DeepNetClassifier((8,), max_iter=15, batch_size=30, **COMMON)
)
GRID = {
    "deepnetclassifier__alpha": [1e-4, 1.0],
    "deepnetclassifier__activation": ["relu", "tanh"],
}
SEARCHES = {
    "grid": lambda n_jobs: GridSearchCV(NET, GRID, cv=3, n_jobs=n_jobs),
    "random": lambda n_jobs: RandomizedSearchCV(
        LogisticRegressionScratch(**COMMON),
        {"C": loguniform(1e-3, 1e3)},
        n_iter=6,
        cv=3,
        random_state=0,
        n_jobs=n_jobs,
    ),
    "halving": lambda n_jobs: HalvingGridSearchCV(
        ShallowNetClassifier(5, **COMMON),
        {"alpha": [1e-4, 1e-2, 1.0]},
        resource="max_iter",
        min_resources=5,
        max_resources=20,
        cv=3,
        random_state=0,
        n_jobs=n_jobs,
    ),
}


def scores(search):
    return {
        name: values
        for name, values in search.cv_results_.items()
        if name.endswith("score")
    }


@pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
def test_a_search_on_the_cluster_is_that_of_one_job(client, search):
    X, y = load_iris(return_X_y=True)
    here = search(1).fit(X, y)
    with joblib.parallel_config(backend="dask"):
        there = search(-1).fit(X, y)
    assert there.best_params_ == here.best_params_
    assert scores(there).keys() == scores(here).keys()
    for name, values in scores(here).items():
        assert_array_equal(scores(there)[name], values)
    assert_array_equal(there.predict_proba(X), here.predict_proba(X))


def test_the_fits_run_in_the_workers_processes(client):
    def where(estimator, X, y):  # goes by value: workers do not import tests
        return float(os.getpid())

    with joblib.parallel_config(backend="dask"):
        search = GridSearchCV(NET, GRID, cv=3, scoring=where, refit=False, n_jobs=-1)
        search.fit(*load_iris(return_X_y=True))
    pids = {pid for name, v in scores(search).items() if "split" in name for pid in v}
    assert pids <= {float(pid) for pid in client.run(os.getpid).values()}
    assert len(pids) > 1


def test_callbacks_and_progress_survive(capsys):
    """With the scheduler in a process of its own, as on every real cluster.

    A LocalCluster has it in this process, where scikit-learn 1.9 takes the callbacks of
    tasks that pass through for new ones: what a ScoringMonitor hears is lost.
    """
    callback = pytest.importorskip("sklearn.callback")
    logs = {}
    with (
        SubprocessCluster(
            n_workers=2,
            worker_kwargs={"nthreads": 1},
            scheduler_kwargs={"dashboard": False},
        ) as cluster,
        Client(cluster) as client,
    ):
        client.wait_for_workers(2, timeout=60)
        for backend, n_jobs in ("threading", 1), ("dask", -1):
            monitor = callback.ScoringMonitor(scoring="accuracy")
            net = DeepNetClassifier((4,), max_iter=3, standardize=True, **COMMON)
            net.set_params(learning_rate_init=0.1).set_callbacks(monitor)
            search = GridSearchCV(net, {"alpha": [1e-4, 1.0]}, cv=3, n_jobs=n_jobs)
            search.set_callbacks(callback.ProgressBar(max_propagation_depth=None))
            with joblib.parallel_config(backend=backend):
                search.fit(*load_iris(return_X_y=True))
            assert "DeepNetClassifier - fit #5 100%" in capsys.readouterr().out
            log = monitor.get_logs().data_as_pandas
            logs[backend] = log.set_index("task_id_path")["accuracy"].sort_index()
    fits = 2 * 3 + 1
    assert len(logs["dask"]) == fits * (3 + 1)  # its epochs, and all of it
    assert logs["dask"].nunique() > fits
    assert_array_equal(logs["dask"], logs["threading"])


def test_a_callback_stops_the_fits_of_workers(client):
    pytest.importorskip("sklearn.callback")

    # both go by value: workers do not import tests
    class Stop:
        """A callback that ends every training after two epochs."""

        def setup(self, estimator, context):
            pass

        def teardown(self, estimator, context):
            pass

        def on_fit_task_begin(self, estimator, context):
            pass

        def on_fit_task_end(self, estimator, context):
            return context.task_name == "epoch" and context.task_id == 1

    def epochs(estimator, X, y):
        return estimator.n_iter_

    net = DeepNetClassifier((4,), max_iter=50, **COMMON).set_callbacks(Stop())
    search = GridSearchCV(net, {"alpha": [1e-4, 1.0]}, cv=3, scoring=epochs, n_jobs=-1)
    with joblib.parallel_config(backend="dask"):
        search.fit(*load_iris(return_X_y=True))
    assert (search.cv_results_["mean_test_score"] == 2).all()
