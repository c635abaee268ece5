"""How far the memory of a fresh process rises while it does one thing.

    python benchmarks/memory.py predict ours '{"rows_": 1000000}'

prints MB beyond what stood there before and beyond what was returned.
"""

import json
import resource
import sys
import warnings
from pathlib import Path

import numpy as np

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak():
    """Return the most bytes of memory that this process has held.

    On Linux getrusage also counts what the parent held when it started this process;
    VmHWM is the same number of this program alone.
    """
    if STATUS.exists():
        (line,) = (s for s in STATUS.read_text().splitlines() if s.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def rise(work):
    """Return the bytes by which work() raises the peak, without its result."""
    if CLEAR.exists():
        CLEAR.write_text("5")  # the peak is from now on
    before = peak()
    result = work()
    return peak() - before - getattr(result, "nbytes", 0)


def rows(n, features, dtype):
    """Random rows, made so that nothing larger stands there on the way."""
    return np.random.default_rng(0).standard_normal((n, features), dtype)


def network(who, hidden, **options):
    options = {"tol": 0, "n_iter_no_change": 10**9, "random_state": 0, **options}
    if who == "ours":
        from sknn_scratch import DeepNetClassifier

        return DeepNetClassifier(hidden, warn=False, **options)
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier(hidden, **options)


def logistic(who):
    if who == "ours":
        from sknn_scratch import LogisticRegressionScratch

        return LogisticRegressionScratch()
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression()


def predictor(who, features=50, hidden=(256, 256)):
    """Return a network in float32 to predict with; it is hardly trained."""
    X = rows(2000, features, np.float32)
    return network(who, tuple(hidden), max_iter=1).fit(X, np.arange(2000) % 10)


def predict(who, rows_, features=50, hidden=(256, 256)):
    net, X = predictor(who, features, hidden), rows(rows_, features, np.float32)
    net.predict_proba(X[:100])
    return rise(lambda: net.predict_proba(X))


def fit(who, rows_, features=784, hidden=(128, 64)):
    X, y = rows(rows_, features, np.float32), np.arange(rows_) % 10
    net = network(who, tuple(hidden), batch_size=128, max_iter=2)
    network(who, (5,), max_iter=1).fit(X[:300], y[:300])
    return rise(lambda: net.fit(X, y))


def fit_logistic(who, rows_, features=20):
    X = rows(rows_, features, np.float64)
    y = (X[:, 0] + X[:, 1] > 0.5 * np.sin(np.arange(rows_))).astype(int)
    logistic(who).fit(X[:300], y[:300])
    return rise(lambda: logistic(who).fit(X, y))


PROBES = {"predict": predict, "fit": fit, "fit_logistic": fit_logistic}


def main():
    probe, who, sizes = sys.argv[1:]
    warnings.simplefilter("ignore")  # max_iter is reached
    found = PROBES[probe](who, **json.loads(sizes))
    print(json.dumps(found / 2**20))


if __name__ == "__main__":
    main()
