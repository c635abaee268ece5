"""The time of one training step: every contender in this process, taking turns.

    python benchmarks/training.py --threads 2 --dtypes float32 --repeats 5

prints JSON, seconds a step: {case: {dtype: {contender: [one for each repeat]}}}.
`compare.py` starts it once for each number of threads, with the environment that
`environment` makes: XLA, which runs what jax compiles, reads it only at its start.
"""

import argparse
import importlib.util
import json
import os
import sys
import time
import warnings
from dataclasses import dataclass, field

import numpy as np
from threadpoolctl import threadpool_limits

RATE, ALPHA = 1e-3, 1e-4  # learning rate and penalty, the same for all


@dataclass(frozen=True)
class Case:
    """A network, its batches, how many of them are timed, and what is asked for."""

    units: tuple
    batch: int
    rows: int  # a multiple of batch
    epochs: int  # timed, beyond the first
    targets: dict = field(default_factory=dict)  # least ratio, float32, two threads

    @property
    def name(self):
        return f"{'-'.join(map(str, self.units))}, {self.batch}"

    @property
    def full(self):
        """Whether one batch has all rows: nobody need gather."""
        return self.rows == self.batch

    @property
    def steps(self):
        """In the epochs that are timed."""
        return self.epochs * (self.rows // self.batch)


def asked(mlp, torch, jax, limit):
    targets = {"MLPClassifier": mlp, "torch": torch, "jax.jit": jax, "matmuls": limit}
    return {name: target for name, target in targets.items() if target}


CASES = [
    Case((64, 32, 10), 32, 3200, 20, asked(4.5, 4, 1.7, 0.25)),
    Case((54, 100, 7), 200, 20000, 10, asked(3, 2, 1.3, 0.55)),
    Case((784, 128, 64, 10), 128, 6400, 8, asked(2.1, 1.35, 1.0, 0.68)),
    Case((784, 512, 512, 10), 256, 5120, 3, asked(1.8, 1.1, None, 0.82)),
    Case((12288, 20, 7, 5, 2), 209, 209, 60, asked(2, 1.6, 2.4, 0.80)),
    Case((1024, 2048, 1024, 10), 512, 2048, 2, asked(1.3, 1.1, None, 0.90)),
]
SMOKE = [
    Case((8, 4, 3), 16, 64, 2, asked(4.5, 4, 1.7, 0.25)),
    Case((20, 5, 4, 2), 30, 30, 2, asked(2, 1.6, 2.4, 0.80)),
]


def cases(options):
    """Those that the options ask for."""
    known = SMOKE if options.smoke else CASES
    return [case for case in known if case.name.startswith(options.shapes)]


def environment(threads):
    """Of a process whose libraries shall use so many threads."""
    counts = ("OPENBLAS", "OMP", "MKL", "BLIS", "NUMEXPR")
    env = {k: v for k, v in os.environ.items() if k != "XLA_FLAGS"}
    env.update({f"{name}_NUM_THREADS": str(threads) for name in counts})
    env.update({"NPROC": str(threads), "JAX_PLATFORMS": "cpu"})  # NPROC: XLA's pools
    if threads == 1:
        env["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    return env


def data(case, dtype):
    """Rows and their classes, at random: the time of a step does not depend on them."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((case.rows, case.units[0])).astype(dtype)
    return X, rng.permutation(np.arange(case.rows) % case.units[-1])


# -- contenders: each gives a function that trains anew for so many epochs -------------


def ours(case, X, y):
    from sknn_scratch import DeepNetClassifier

    def train(epochs):
        DeepNetClassifier(
            case.units[1:-1],
            batch_size=case.batch,
            learning_rate_init=RATE,
            alpha=ALPHA,
            max_iter=epochs,
            tol=0,
            n_iter_no_change=np.inf,
            random_state=0,
            warn=False,
        ).fit(X, y)

    return train


def mlp_classifier(case, X, y):
    from sklearn.neural_network import MLPClassifier

    def train(epochs):
        with warnings.catch_warnings(action="ignore"):  # max_iter is reached
            MLPClassifier(
                case.units[1:-1],
                batch_size=case.batch,
                learning_rate_init=RATE,
                alpha=ALPHA,
                max_iter=epochs,
                tol=0,
                n_iter_no_change=10**9,
                random_state=0,
            ).fit(X, y)

    return train


def torch_net(units, dtype):
    from torch import nn

    layers = []
    for before, after in zip(units[:-1], units[1:], strict=True):
        layers += [nn.Linear(before, after, dtype=dtype), nn.ReLU()]
    return nn.Sequential(*layers[:-1])  # raw outputs: the criterion has the softmax


def torch_loop(case, X, y):
    import torch

    X, y = torch.from_numpy(X), torch.from_numpy(y)
    criterion = torch.nn.CrossEntropyLoss()

    def train(epochs):
        net = torch_net(case.units, X.dtype)
        optimizer = torch.optim.Adam(
            net.parameters(), RATE, weight_decay=ALPHA / case.rows, fused=True
        )
        for _ in range(epochs):
            total = 0.0
            for rows in torch.randperm(case.rows).split(case.batch):
                X_rows, y_rows = (X, y) if case.full else (X[rows], y[rows])
                optimizer.zero_grad()
                cost = criterion(net(X_rows), y_rows)
                cost.backward()
                optimizer.step()
                total += cost.detach()
            float(total)

    return train


def skorch(case, X, y):
    import torch
    from skorch import NeuralNetClassifier

    def train(epochs):
        NeuralNetClassifier(
            torch_net,
            module__units=case.units,
            module__dtype=torch.from_numpy(X).dtype,
            criterion=torch.nn.CrossEntropyLoss,
            optimizer=torch.optim.Adam,
            optimizer__fused=True,
            optimizer__weight_decay=ALPHA / case.rows,
            lr=RATE,
            batch_size=case.batch,
            iterator_train__shuffle=not case.full,
            max_epochs=epochs,
            train_split=None,
            verbose=0,
        ).fit(X, y)

    return train


def jax_step(case, X, y):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    dtype, X, y = X.dtype, jnp.asarray(X), jnp.asarray(y)

    def cost(layers, X, y):
        A = X
        for W, b in layers[:-1]:
            A = jax.nn.relu(A @ W + b)
        W, b = layers[-1]
        log_p = jax.nn.log_softmax(A @ W + b)
        penalty = sum(jnp.vdot(W, W) for W, _ in layers)
        chosen = jnp.take_along_axis(log_p, y[:, None], axis=1)
        return ALPHA / 2 / case.rows * penalty - chosen.mean()

    @jax.jit
    def step(layers, first, second, t, X, y, rows):
        if not case.full:
            X, y = X[rows], y[rows]
        J, grads = jax.value_and_grad(cost)(layers, X, y)
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, grads)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, grads)
        rate = RATE * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        layers = jax.tree.map(
            lambda p, m, v: p - rate.astype(dtype) * m / (jnp.sqrt(v) + 1e-8),
            layers,
            first,
            second,
        )
        return layers, first, second, t + 1, J

    def train(epochs):
        rng = np.random.default_rng(0)
        layers = [
            (
                jnp.asarray(rng.uniform(-0.1, 0.1, (n, k)).astype(dtype)),
                jnp.zeros(k, dtype),
            )
            for n, k in zip(case.units[:-1], case.units[1:], strict=True)
        ]
        first = second = jax.tree.map(jnp.zeros_like, layers)
        t = jnp.asarray(1.0)
        for _ in range(epochs):
            total = 0.0
            order = rng.permutation(case.rows)
            for start in range(0, case.rows, case.batch):
                rows = order[start : start + case.batch]
                layers, first, second, t, J = step(layers, first, second, t, X, y, rows)
                total += J
            float(total)

    return train


def matmuls(case, X, y):
    """Run the matrix products of a step alone: the limit.

    Shapes and order of `forward` and `backward`: rows lie together in memory.
    """
    n, L, rng = case.units, len(case.units) - 1, np.random.default_rng(0)
    W = [(rng.uniform(-0.1, 0.1, (n[l + 1], n[l]))).astype(X.dtype) for l in range(L)]
    dW = [np.empty_like(layer) for layer in W]
    A = [X[: case.batch].copy(), *(np.empty((case.batch, k), X.dtype) for k in n[1:])]
    dZ = [np.full((case.batch, k), 0.01, X.dtype) for k in n]

    def train(epochs):
        for _ in range(epochs * (case.rows // case.batch)):
            for l in range(L):
                np.matmul(W[l], A[l].T, out=A[l + 1].T)
            for l in range(L - 1, -1, -1):
                np.matmul(dZ[l + 1].T, A[l], out=dW[l])
                if l:
                    np.matmul(W[l].T, dZ[l + 1].T, out=dZ[l].T)

    return train


OURS, LIMIT = "ours", "matmuls"
# name: what makes it, and the module without which it is left out
CONTENDERS = {
    OURS: (ours, "sknn_scratch"),
    "MLPClassifier": (mlp_classifier, "sklearn"),
    "torch": (torch_loop, "torch"),
    "skorch": (skorch, "skorch"),
    "jax.jit": (jax_step, "jax"),
    LIMIT: (matmuls, "numpy"),
}


def installed():
    """Return the names of the contenders that are installed."""
    return [
        name
        for name, (_, module) in CONTENDERS.items()
        if importlib.util.find_spec(module)
    ]


# -- taking turns ----------------------------------------------------------------------


def seconds(function, *args):
    start = time.perf_counter()
    function(*args)
    return time.perf_counter() - start


def turns(runs, repeats):
    """{name: one value of run() for each repeat}; each repeat begins with the next.

    Who runs first, or after whom, is so a matter of the repeat, not of the contender.
    """
    names, found = list(runs), {name: [] for name in runs}
    for repeat in range(repeats):
        first = repeat % len(names)
        for name in names[first:] + names[:first]:
            found[name].append(runs[name]())
    return found


def step_time(case, train):
    """Seconds a step: epochs + 1 epochs less one epoch, so that set-up cancels."""
    return (seconds(train, case.epochs + 1) - seconds(train, 1)) / case.steps


def measure(case, dtype, repeats):
    X, y = data(case, dtype)
    trains = {name: CONTENDERS[name][0](case, X, y) for name in installed()}
    for train in trains.values():
        train(2)  # warm: imports, compilation, threads
    runs = {
        name: (lambda train=train: step_time(case, train))
        for name, train in trains.items()
    }
    return turns(runs, repeats)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--dtypes", nargs="+", default=["float32"])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--shapes", default="", help="cases whose name begins so")
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    if "torch" in installed():
        import torch

        torch.set_num_threads(options.threads)
    found = {}
    with threadpool_limits(options.threads):
        for case in cases(options):
            print(f"  {case.name}, {options.threads} threads", file=sys.stderr)
            found[case.name] = {
                dtype: measure(case, dtype, options.repeats) for dtype in options.dtypes
            }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
