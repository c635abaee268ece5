"""Training on the workers of a cluster against training in one process.

    python benchmarks/cluster.py            # takes minutes
    python benchmarks/cluster.py --smoke    # small, in seconds

Milliseconds of a step of Adam with float32 rows, for one process of one thread and for
clusters of 1, 2 and 4 worker processes of one thread on this machine: medians of pairs
of fits that run one after the other. And the bytes that a step moves between workers,
as they count them, beside what `docs/cluster.rst` reckons.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import dask.array as da
import numpy as np
from distributed import Client, LocalCluster
from threadpoolctl import threadpool_limits

from sknn_scratch import DeepNetClassifier
from sknn_scratch._training.watch import observe

# units of the layers, rows of a batch
CASES = [
    ((54, 100, 7), 1000),
    ((54, 100, 7), 20_000),
    ((784, 128, 64, 10), 2000),
    ((784, 128, 64, 10), 20_000),
    ((784, 512, 512, 10), 2000),
    ((784, 512, 512, 10), 20_000),
    ((1024, 2048, 1024, 10), 5000),
]
SMOKE = [((10, 5, 3), 100)]
WORKERS = (1, 2, 4)
STEPS, REPEATS = 4, 3  # steps of an epoch


def rows(n, m, chunks):
    X = da.random.RandomState(0).normal(size=(m, n[0]), chunks=(chunks, n[0]))
    return X.astype(np.float32), np.arange(m) % n[-1]


def fit(n, batch, X, y, client=None, epochs=3):
    """Milliseconds and MB of a step: of the epochs after the first."""
    net = DeepNetClassifier(
        n[1:-1], batch_size=batch, max_iter=epochs, random_state=0, warn=False
    )
    times, moved = [], []

    def look(epoch, *_):
        # to ask the workers takes time, too: before the first moment, after the last
        if client and epoch == 1:
            moved.append(sent(client))
        times.append(time.perf_counter())
        if client and epoch == epochs:
            moved.append(sent(client))

    with observe(look):
        net.fit(X, y)
    steps = STEPS * (epochs - 1)
    MB = (moved[-1] - moved[0]) / steps / 1e6 if client else 0
    return 1000 * (times[-1] - times[0]) / steps, MB


def sent(client):
    """Bytes that the workers have sent one another, and here."""

    def of_worker(dask_worker):
        return dask_worker.transfer_outgoing_bytes_total

    return sum(client.run(of_worker).values())


def measure(n, batch, workers, repeats):
    """Return a line of the table."""
    m, pairs = batch * STEPS, []
    n_parameters = sum((a + 1) * b for a, b in zip(n[:-1], n[1:], strict=True))
    with (
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            dashboard_address=":0",
            memory_limit=0,
        ) as cluster,
        Client(cluster) as client,
    ):
        X, y = rows(n, m, m // 16)
        X_here = X.compute()
        for _ in range(repeats):
            there, moved = fit(n, batch, X, y, client)
            with threadpool_limits(1):
                here, _ = fit(n, batch, X_here, y)
            pairs.append((here, there, moved))
    return {
        "units": n,
        "parameters": n_parameters,
        "batch": batch,
        "workers": workers,
        "ms_one_process": statistics.median(pair[0] for pair in pairs),
        "ms_cluster": statistics.median(pair[1] for pair in pairs),
        "speed": statistics.median(pair[0] / pair[1] for pair in pairs),
        "MB_moved": statistics.median(pair[2] for pair in pairs),
        # the other workers fetch theta and hand their gradients on; one comes here
        "MB_reckoned": (2 * workers - 1) * 4 * n_parameters / 1e6,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="small, judges nothing")
    parser.add_argument("--json", help="a file for the results")
    arguments = parser.parse_args()
    cases, repeats = (SMOKE, 1) if arguments.smoke else (CASES, REPEATS)
    lines = []
    print("network                batch workers  one process  cluster  speed  MB moved")
    for n, batch in cases:
        for workers in WORKERS[:2] if arguments.smoke else WORKERS:
            line = measure(n, batch, workers, repeats)
            lines.append(line)
            print(
                f"{'-'.join(map(str, n)):<21}{batch:>7}{workers:>8}"
                f"{line['ms_one_process']:>10.1f} ms{line['ms_cluster']:>6.0f} ms"
                f"{line['speed']:>7.2f}{line['MB_moved']:>7.2f}"
                f" ({line['MB_reckoned']:.2f} reckoned)",
                flush=True,
            )
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(lines, indent=1))


if __name__ == "__main__":
    main()
