"""Training from a file against training from memory.

    python benchmarks/out_of_core.py            # writes a 4 GB file, takes minutes
    python benchmarks/out_of_core.py --smoke    # a small one, in seconds

One epoch of a 1000-256-10 network, batches of 256, float32, in processes of their own:
rows per second, as a ratio to the same training from memory (medians of pairs that run
one after the other), and the most memory that the process held. The files lie in the
operating system's cache. Then the accuracy on a file that is sorted by class.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np
from memory import peak

from sknn_scratch import DeepNetClassifier

CLASSES = 10
SHAPE, SMOKE = (1_000_000, 1000), (4000, 50)
STORED = {
    "uncompressed": {},
    "lzf": {"compression": "lzf", "shuffle": True},
    "gzip": {"compression": "gzip", "compression_opts": 1, "shuffle": True},
}
REPEATS = 5
ENOUGH, MOST_MB = 0.8, 500  # of what is uncompressed: ratio, memory


def write(path, m, n, storage, is_sorted=False):
    """Rows of classes that a network can tell apart; values of 8 bits, as sensors'."""
    rng = np.random.default_rng(0)
    W = rng.standard_normal((n, CLASSES), np.float32)
    with h5py.File(path, "w") as file:
        block = max(1, min(m, 2**19 // (4 * n)))
        chunks = {"chunks": (block, n)} if storage else {}
        X = file.create_dataset("X", (m, n), "f4", **chunks, **storage)
        y, done = np.empty(m, np.int64), 0
        while done < m:
            k = min(m - done, 10_000)
            rows = rng.integers(-128, 128, (k, n)).astype(np.float32) / 64
            labels = (rows @ W).argmax(axis=1)
            if is_sorted:  # so many rows of a class, one class after the other
                labels = np.arange(done, done + k) * CLASSES // m
                rows += 0.15 * W.T[labels]
            X[done : done + k], y[done : done + k] = rows, labels
            done += k
        file["y"] = y


def network(**options):
    defaults = {"batch_size": 256, "max_iter": 1, "random_state": 0, "warn": False}
    return DeepNetClassifier((256,), **{**defaults, **options})


def train(path, where):
    """Seconds of an epoch, and the most MB the process held."""
    with h5py.File(path) as file:
        X, y = file["X"], file["y"]
        if where == "memory":
            X, y = X[()], y[()]
        start = time.perf_counter()
        network().fit(X, y)
        seconds = time.perf_counter() - start
    return {"seconds": seconds, "MB": peak() / 1e6}


def in_a_process(path, where):
    done = subprocess.run(
        [sys.executable, __file__, "--train", str(path), where],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def speed(folder, shape, repeats):
    """Return a line for each way of storing the rows."""
    m, n = shape
    lines = []
    for name, storage in STORED.items():
        path = folder / f"{name}.h5"
        write(path, m, n, storage)
        pairs = [
            {where: in_a_process(path, where) for where in ("disk", "memory")}
            for _ in range(repeats)
        ]
        seconds = {w: [pair[w]["seconds"] for pair in pairs] for w in pairs[0]}
        lines.append(
            {
                "stored": name,
                "MB_of_file": path.stat().st_size / 1e6,
                "rows_per_second": m / statistics.median(seconds["disk"]),
                "ratio": statistics.median(
                    a / b
                    for a, b in zip(seconds["memory"], seconds["disk"], strict=True)
                ),
                "peak_MB": max(pair["disk"]["MB"] for pair in pairs),
                "peak_MB_from_memory": max(pair["memory"]["MB"] for pair in pairs),
            }
        )
        path.unlink()
    return lines


def sorted_by_class(folder, m, n, seeds):
    """Accuracies after three epochs on a file sorted by class, by buffer and seed."""
    path = folder / "sorted.h5"
    write(path, m, n, {}, is_sorted=True)
    found = {}
    with h5py.File(path) as file:
        X, y = file["X"], file["y"]
        memory = X[()], y[()]
        test = memory[0][::7] + np.float32(0.01), memory[1][::7]
        ways = {"memory, shuffled": (*memory, {})}
        ways |= {
            f"disk, buffer of {share:g} of the rows": (X, y, {"buffer_size": rows})
            for share in (0.25, 0.1, 0.02, 0.005)
            if (rows := int(share * m))
        }
        ways["disk, in the file's order"] = X, y, {"buffer_size": 64, "shuffle": False}
        for name, (rows, labels, options) in ways.items():
            found[name] = [
                network(max_iter=3, random_state=seed, **options)
                .fit(rows, labels)
                .score(*test)
                for seed in range(seeds)
            ]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="small, judges nothing")
    parser.add_argument("--folder", help="where there is room for 4 GB")
    parser.add_argument("--json", help="a file for the results")
    parser.add_argument("--train", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.train:
        print(json.dumps(train(*arguments.train)))
        return
    shape = SMOKE if arguments.smoke else SHAPE
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        lines = speed(Path(folder), shape, 1 if arguments.smoke else REPEATS)
        size = (2000, 20, 1) if arguments.smoke else (40_000, 200, REPEATS)
        accuracies = sorted_by_class(Path(folder), *size)
    print(f"{shape[0]} x {shape[1]} float32, 1000-256-10, batches of 256")
    print("stored         file MB   rows/s  of memory's  peak MB  (from memory)")
    for line in lines:
        print(
            f"{line['stored']:<13}{line['MB_of_file']:9.0f}"
            f"{line['rows_per_second']:9.0f}{line['ratio']:13.2f}"
            f"{line['peak_MB']:9.0f}{line['peak_MB_from_memory']:15.0f}"
        )
    print("\naccuracy on a file sorted by class: mean and spread over seeds")
    for name, scores in accuracies.items():
        print(f"{name:<36}{np.mean(scores):8.4f} +- {np.std(scores):.4f}")
    if not arguments.smoke:
        first = lines[0]
        good = first["ratio"] >= ENOUGH and first["peak_MB"] < MOST_MB
        print(f"\nwanted: {ENOUGH} of memory's rows, under {MOST_MB} MB:", good)
    if arguments.json:
        results = {"speed": lines, "sorted_by_class": accuracies}
        Path(arguments.json).write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
