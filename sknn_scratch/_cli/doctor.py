"""`sknn-scratch doctor`: versions, BLAS libraries, their speed, and advice.

`advice` depends on its arguments only, so tests can pass the facts of other machines.
"""

import os
import time

import numpy as np

from .. import _versions
from .console import print_table, terminal

# OpenBLAS kernels made for AVX-512, and the one that any CPU with AVX-512 can use
AVX512_KERNELS = {"SkylakeX", "Cooperlake", "SapphireRapids"}
AVX512_KERNEL = "SkylakeX"
# layer: (columns of X, hidden units, rows of a batch), the sizes in A W^T
LAYERS = {"small": (64, 32, 32), "medium": (784, 128, 128), "large": (1024, 1024, 1024)}
MIN_SPEEDUP = 1.1  # speed-up from which a change is advised


def run_doctor(arguments):
    """Print the facts, the measurements and the advice."""
    busy = load_average()  # before the measurements raise it
    _versions.show_versions()
    libraries, cores = _versions.libraries(), _versions.usable_cores()
    measured = speeds(cores)
    print()
    print_speeds(measured, cores)
    print()
    sentences = advice(libraries, cores, measured, busy, _versions.has_avx512())
    for sentence in sentences or ["Nothing to advise."]:
        print(sentence)
    speeds_found = [
        {"layer": layer, "dtype": dtype, "threads": threads, "GFLOP/s": speed}
        for (layer, dtype, threads), speed in measured.items()
    ]
    facts = {**_versions.versions(), **_versions.machine()}
    return {
        "facts": facts,
        "libraries": libraries,
        "speeds": speeds_found,
        "advice": sentences,
    }


def print_speeds(measured, cores):
    """Print a line for each layer."""
    threads = sorted({1, cores})
    kinds = [(dtype, k) for dtype in ("float32", "float64") for k in threads]
    heads = ["GFLOP/s of A W^T", *(f"{dtype}, {plural(k)}" for dtype, k in kinds)]
    rows = [
        [
            f"{n} to {units} units, {m} rows",
            *(f"{measured[(layer, *kind)]:.1f}" for kind in kinds),
        ]
        for layer, (n, units, m) in LAYERS.items()
    ]
    print_table(terminal(), heads, rows)


def plural(threads):
    """Return `1 thread`, `2 threads`."""
    return f"{threads} thread" + "s" * (threads > 1)


# -- measurements ----------------------------------------------------------------------


def speeds(cores, seconds=1.8):
    """Return the speed in GFLOP/s by (layer, dtype, threads)."""
    from threadpoolctl import threadpool_limits

    cases = [
        (layer, dtype, threads)
        for layer in LAYERS
        for dtype in ("float32", "float64")
        for threads in sorted({1, cores})
    ]
    found = {}
    for layer, dtype, threads in cases:
        with threadpool_limits(threads, user_api="blas"):
            found[layer, dtype, threads] = speed(layer, dtype, seconds / len(cases))
    return found


def speed(layer, dtype, seconds):
    """Return the best GFLOP/s of W A within the seconds, of at least three runs."""
    n, units, rows = LAYERS[layer]
    rng = np.random.default_rng(0)
    W = rng.standard_normal((units, n)).astype(dtype)
    A = rng.standard_normal((rows, n)).astype(dtype).T
    Z = np.empty((rows, units), dtype).T
    calls = max(1, int(1e7 / (n * units * rows)))
    best, end, turns = np.inf, time.perf_counter() + seconds, 0
    while turns < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        for _ in range(calls):
            np.matmul(W, A, out=Z)
        best = min(best, (time.perf_counter() - start) / calls)
        turns += 1
    return 2 * n * units * rows / best / 1e9


def load_average():
    """Return the load average of the last minute, 0 where it is unknown."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


# -- advice ----------------------------------------------------------------------------


def advice(libraries, cores, measured, busy, avx512):
    """Return sentences on what is wrong or could be faster, and how to change it.

    Parameters
    ----------
    libraries : list of dict
        As `_versions.libraries` returns them.
    cores : int
        Usable cores.
    measured : dict
        As `speeds` returns it.
    busy : float
        Number of processes that want a core, as `load_average` returns it.
    avx512 : bool
        Whether the CPU has AVX-512.
    """
    sentences = []
    most = max((library["num_threads"] for library in libraries), default=1)
    if most > cores:
        sentences.append(
            f"{most} threads for {cores} usable cores get in each other's way: set "
            f"OMP_NUM_THREADS={cores} and OPENBLAS_NUM_THREADS={cores} before Python "
            "starts."
        )
    if avx512:
        sentences += [
            f"OpenBLAS uses the kernel {kernel}, though this CPU has AVX-512: set "
            f"OPENBLAS_CORETYPE={AVX512_KERNEL} before Python starts, and compare the "
            "speeds."
            for kernel in sorted(kernels(libraries) - AVX512_KERNELS)
        ]
    crowded = busy > cores + 0.5
    for layer, (n, units, rows) in ({} if crowded else LAYERS).items():
        ratio = measured.get((layer, "float32", 1), 0) / measured.get(
            (layer, "float32", cores), np.inf
        )
        if ratio >= MIN_SPEEDUP:
            sentences.append(
                f"One thread is {ratio:.1f} times as fast as {cores} for {rows} rows "
                f"through a layer of {n} to {units} units: for such networks set "
                "OPENBLAS_NUM_THREADS=1, or use threadpoolctl.threadpool_limits(1)."
            )
    if crowded:
        sentences.append(
            f"The machine is busy: {busy:.1f} processes want its {cores} cores, so "
            "threads wait for each other and times are no guide."
        )
    return sentences


def kernels(libraries):
    """Return the names of the kernels that OpenBLAS has chosen for this CPU."""
    return {
        library["architecture"]
        for library in libraries
        if library["internal_api"] == "openblas" and library["architecture"]
    }
