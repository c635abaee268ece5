"""Workers that die, and a client that is smaller than the data."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

import dask.array as da
import numpy as np
import pytest
from distributed import Client, LocalCluster
from numpy.testing import assert_array_equal
from sklearn.base import clone

from sknn_scratch import DeepNetClassifier, LogisticRegressionScratch
from sknn_scratch._training.watch import observe

COMMON = {"random_state": 0, "warn": False, "tol": 0}
MODELS = [
    DeepNetClassifier(
        (16,), batch_size=500, max_iter=5, n_iter_no_change=np.inf, **COMMON
    ),
    DeepNetClassifier((16,), solver="gd", max_iter=20, n_iter_no_change=99, **COMMON),
    LogisticRegressionScratch(solver="newton", max_iter=9, **COMMON),
]


class Killer:
    """Kills a worker process, as `kill -9` does, soon after each of these epochs."""

    def __init__(self, pids, epochs, seed):
        self._pids, self._epochs = list(pids), epochs
        self._rng, self._began = random.Random(seed), None
        self.killed, self.timers = [], []

    def __call__(self, epoch, max_iter, J, theta):
        now = time.perf_counter()
        if epoch in self._epochs:
            took = now - self._began
            timer = threading.Timer(self._rng.uniform(0, took), self._kill)
            timer.start()
            self.timers.append(timer)
        self._began = now

    def _kill(self):
        os.kill(self._pids[-1], signal.SIGKILL)
        self.killed.append(self._pids.pop())


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.solver)
def test_a_worker_that_is_killed_is_made_up_for(rng, model):
    X = rng.randn(4000, 30)
    y = (X @ rng.randn(30, 3) + rng.randn(4000, 3)).argmax(axis=1)
    rows = da.from_array(X, chunks=(500, 30)), da.from_array(y, chunks=500)
    with (
        LocalCluster(
            n_workers=4, threads_per_worker=1, dashboard_address=":0"
        ) as cluster,
        Client(cluster) as client,
    ):
        expected = clone(model).fit(*rows)
        kill = Killer(client.run(os.getpid).values(), epochs=(2, 4), seed=0)
        with observe(kill):
            found = clone(model).fit(*rows)
        for timer in kill.timers:
            timer.join()
    assert len(kill.killed) == 2
    assert found.loss_curve_ == expected.loss_curve_
    for name, value in found.parameters_.items():
        assert_array_equal(value, expected.parameters_[name])


SMALL_CLIENT = """
import json
import resource
import sys

import dask.array as da
import numpy as np
from distributed import Client

from sknn_scratch import DeepNetClassifier


def memory(name):
    with open("/proc/self/status") as file:
        (line,) = [line for line in file if line.startswith(name)]
    return int(line.split()[1]) * 1024


address, m, n, room = sys.argv[1], *map(int, sys.argv[2:])
with Client(address) as client:
    X = da.random.RandomState(0).normal(size=(m, n), chunks=(m // 32, n))
    y = (X[:, 0] > 0).compute()
    net = DeepNetClassifier((8,), batch_size=m // 4, max_iter=2, random_state=0)
    net.set_params(standardize=True, warn=False)
    net.fit(X[: m // 32], y[: m // 32])  # what it needs however little there is
    before, limit = memory("VmHWM"), memory("VmData") + room
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    net.fit(X, y)
    accuracy = float((net.predict(X) == y).mean().compute())
    grown = memory("VmHWM") - before
print(json.dumps({"data": m * n * 8, "grown": grown, "accuracy": accuracy}))
"""


def test_the_client_stays_smaller_than_the_data(cluster):
    m, n, room = 64_000, 500, 128 * 2**20
    done = subprocess.run(
        [sys.executable, "-c", SMALL_CLIENT, cluster.scheduler_address]
        + [str(number) for number in (m, n, room)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["data"] > 1.9 * room
    assert said["grown"] < 40e6
    assert said["accuracy"] > 0.5
