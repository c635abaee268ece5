"""Clusters that lose all workers, the scheduler, or workers for lack of memory.

Timeouts only end what would otherwise never end.
"""

import os
import signal
import subprocess
import sys
import threading
import time

import dask
import dask.array as da
import numpy as np
import pytest
from distributed import Client, LocalCluster
from numpy.testing import assert_array_equal

from sknn_scratch import DeepNetClassifier
from sknn_scratch._training.watch import observe

Y = np.arange(800) % 2
WITHOUT_WORKERS = {"distributed.scheduler.no-workers-timeout": "2s"}
# a LocalCluster gives up workers that need longer to come back
WAITS_FOR_WORKERS = {
    "distributed.scheduler.no-workers-timeout": "120s",
    "distributed.deploy.lost-worker-timeout": "120s",
}


@pytest.fixture
def few():
    """A cluster that a test may ruin."""
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0"
        ) as cluster,
        Client(cluster) as client,
    ):
        client.wait_for_workers(2, timeout=60)
        yield cluster, client


@pytest.fixture
def scheduler(tmp_path_factory):
    """The process of a scheduler that has a worker and is this client's."""
    file = tmp_path_factory.mktemp("cluster") / "scheduler.json"

    def start(module, *options):
        command = [sys.executable, "-m", f"distributed.cli.{module}", *options]
        return subprocess.Popen([*command, "--scheduler-file", str(file)])

    processes = [
        start("dask_scheduler", "--port", "0", "--no-dashboard"),
        start("dask_worker", "--nthreads", "1", "--no-dashboard"),
    ]
    client = Client(scheduler_file=str(file), timeout=60)
    client.wait_for_workers(1, timeout=60)
    yield processes[0]
    client.close()
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(60)


def net(max_iter=20):
    return DeepNetClassifier(
        (4,),
        solver="gd",
        max_iter=max_iter,
        tol=0,
        n_iter_no_change=np.inf,
        warn=False,
        random_state=0,
    )


def rows(change=None):
    X = da.random.RandomState(0).normal(size=(800, 5), chunks=(100, 5))
    return X if change is None else X.map_blocks(change, dtype=X.dtype, meta=X._meta)


def targets(change):
    y = da.from_array(Y, chunks=50)
    return y.map_blocks(change, dtype=y.dtype, meta=y._meta)


def announce(folder):
    """A function of blocks that says that it has begun, and gives time to kill it."""

    def change(block):
        (folder / f"{os.getpid()}").touch()
        time.sleep(0.5)
        return block

    return change


def once_loading(folder, n, act):
    """Act in a thread as soon as n processes load blocks."""

    def wait():
        while len(list(folder.iterdir())) < n:
            time.sleep(0.01)
        act()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


class AtEpoch:
    """Acts once in another thread, after the second epoch."""

    def __init__(self, act):
        self.thread = threading.Thread(target=act)

    def __call__(self, epoch, max_iter, J, theta):
        if epoch == 2:
            self.thread.start()
        if epoch >= 2:
            time.sleep(0.05)  # so that the training has not ended before


def kill_workers(client):
    pids = client.run(os.getpid).values()

    def kill():
        for pid in pids:
            os.kill(pid, signal.SIGKILL)

    return kill


def fit_and(act, moment, folder, model):
    """Fit the model; act while X or y is loaded, or during the training."""
    if moment == "training":
        with observe(AtEpoch(act)):
            return model.fit(rows(), Y)
    once_loading(folder, 1, act)
    if moment == "loading y":
        return model.fit(rows(), targets(announce(folder)))
    return model.fit(rows(announce(folder)), Y)


@pytest.mark.parametrize("moment", ["loading", "training"])
def test_workers_that_all_die_and_come_back_go_on(few, tmp_path, moment):
    _, client = few
    kill = kill_workers(client)
    expected = net().fit(rows(), Y)
    with dask.config.set(WAITS_FOR_WORKERS):
        found = fit_and(kill, moment, tmp_path, net())
    assert found.loss_curve_ == expected.loss_curve_
    assert_array_equal(found.coefs_[0], expected.coefs_[0])


@pytest.mark.parametrize("moment", ["loading", "training", "loading y"])
def test_workers_that_do_not_come_back_end_the_fit(few, tmp_path, moment):
    cluster, _ = few
    model = net(max_iter=10_000)
    vars(model).update(vars(net().fit(rows(), Y)), max_iter=10_000)
    before = model.coefs_[0].copy()
    message = r"must have a worker that takes tasks, got none .*wait_for_workers"
    with dask.config.set(WITHOUT_WORKERS), pytest.raises(RuntimeError, match=message):
        fit_and(lambda: cluster.scale(0), moment, tmp_path, model)
    assert_array_equal(model.coefs_[0], before)  # nothing is lost


LOST = "the scheduler of the Dask cluster was closed.*connect a Client and repeat"


@pytest.mark.parametrize("moment", ["loading", "training"])
@pytest.mark.parametrize("end", ["cluster", "client"])
def test_a_cluster_or_client_that_is_closed_ends_the_fit(few, tmp_path, moment, end):
    cluster, client = few
    close = cluster.close if end == "cluster" else client.close
    with pytest.raises(RuntimeError, match=LOST):
        fit_and(close, moment, tmp_path, net(10_000))


@pytest.mark.parametrize("moment", ["loading", "training"])
def test_a_scheduler_that_is_killed_ends_the_fit(scheduler, tmp_path, moment):
    with pytest.raises(RuntimeError, match=LOST):
        fit_and(scheduler.kill, moment, tmp_path, net(10_000))


def test_a_restart_ends_the_fit(few, tmp_path):
    _, client = few

    restarted = threading.Event()

    def restart():
        client.restart(wait_for_workers=False)
        restarted.set()

    with pytest.raises(RuntimeError, match="on the Dask cluster were cancelled"):
        fit_and(restart, "training", tmp_path, net(10_000))
    assert restarted.wait(60)


def too_much(block):
    """Take memory until the worker is killed for it."""
    taken = []
    while True:
        taken.append(np.ones(2**20))
        time.sleep(0.01)


@pytest.fixture
def small():
    """A cluster of one worker with little memory, whose first death is an error."""
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}):
        cluster = LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            memory_limit="500MB",
            dashboard_address=":0",
        )
    with cluster, Client(cluster) as client:
        client.wait_for_workers(1, timeout=60)
        yield client


KILLED = r"1 Dask workers died .* more memory than the limit of a worker of 4\d\d.* MiB"


@pytest.mark.parametrize("what", ["X", "y"])
def test_a_worker_killed_for_memory_while_it_loads_is_named(small, what):
    X, y = (rows(too_much), Y) if what == "X" else (rows(), targets(too_much))
    with pytest.raises(RuntimeError, match=KILLED):
        net().fit(X, y)


def test_a_worker_with_too_little_memory_for_the_training_is_named(small):
    """Parameters of 320 MB: Dask kills the worker, or pauses it and waits."""
    model = DeepNetClassifier((9000, 9000), solver="gd", max_iter=2, warn=False)
    paused = "its 1 workers are paused for lack of memory|all are gone"
    with (
        dask.config.set(WITHOUT_WORKERS),
        pytest.raises(RuntimeError, match=f"{KILLED}|{paused}"),
    ):
        model.fit(rows().astype("f4"), Y)
