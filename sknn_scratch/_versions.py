"""What this machine and its libraries are, how fast they multiply, and what to change.

Facts come first, as plain dictionaries; `advice` makes sentences of them and looks at
nothing else, so that what it says of other machines can be tried out on this one.
"""

import importlib.metadata
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

NEEDED = ("numpy", "scipy", "scikit-learn", "h5py", "threadpoolctl", "joblib")
OPTIONAL = ("matplotlib", "rich", "pillow")
# OpenBLAS kernels made for AVX-512, and the one that any CPU with AVX-512 can use
AVX512_KERNELS = {"SkylakeX", "Cooperlake", "SapphireRapids"}
AVX512_KERNEL = "SkylakeX"
# (name, columns of X, hidden units, rows of a batch): A W^T for a layer of that size
LAYERS = {"small": (64, 32, 32), "medium": (784, 128, 128), "large": (1024, 1024, 1024)}
WORTH = 1.1  # a change is advised that makes something so much faster


def show_versions():
    """Print versions, BLAS libraries, threads and CPU: what a bug report needs.

    `sknn-scratch doctor` prints the same, measures, and says what could be faster.

    Examples
    --------
    >>> import sknn_scratch
    >>> sknn_scratch.show_versions()  # doctest: +ELLIPSIS
    sknn-scratch: ...
    """
    for name, value in {**versions(), **machine()}.items():
        print(f"{name}: {value}")
    for library in libraries():
        print(f"threads: {described(library)}")


# -- facts -----------------------------------------------------------------------------


def versions():
    """Of this package, Python and everything that takes part, where installed."""
    found = {"sknn-scratch": version("sknn-scratch"), "python": sys.version.split()[0]}
    return {
        **found,
        **{name: version(name) for name in NEEDED + OPTIONAL},
        "executable": sys.executable,
    }


def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def machine():
    """The system, its CPU, and how many cores this process may use."""
    return {
        "system": platform.platform(),
        "cpu": cpu_name(),
        "vectors": "AVX-512" if has_avx512() else "no AVX-512",
        "cores": usable_cores(),
    }


def cpu_name():
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def has_avx512():
    """Whether NumPy has found AVX-512 in this CPU."""
    found = np.show_config(mode="dicts").get("SIMD Extensions", {}).get("found", [])
    return any(name.startswith("AVX512") or name == "X86_V4" for name in found)


def usable_cores():
    """Those of the machine less what affinity and containers keep back."""
    from joblib import cpu_count

    return cpu_count()


def libraries():
    """Of threadpoolctl: BLAS and OpenMP libraries with their threads."""
    from threadpoolctl import threadpool_info

    return sorted(threadpool_info(), key=lambda library: library["filepath"])


def described(library):
    """One of them in a line."""
    parts = [library["prefix"], library.get("version"), library.get("architecture")]
    name = " ".join(part for part in parts if part)
    where = Path(library["filepath"]).parent.name
    return f"{library['num_threads']} in {name} ({where})"


# -- measurements ----------------------------------------------------------------------


def speeds(cores, seconds=1.8):
    """{(layer, dtype, threads): 1e9 multiplications and additions a second}."""
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
    """The best of as many products as fit into the time, at least three."""
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


def gain_of_kernel(kernel):
    """By what factor NumPy multiplies faster with this OpenBLAS kernel; 0 if it fails.

    OpenBLAS chooses its kernel when it is loaded: one fresh process without, one with.
    """
    now, then = child_speed({}), child_speed({"OPENBLAS_CORETYPE": kernel})
    return then / now if now else 0.0


def child_speed(environment):
    """`speed` of one thread in a fresh process, or 0 where that dies."""
    program = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parents[2])!r})\n"
        "from sknn_scratch._cli.measure import speed\n"
        "print(speed('large', 'float32', 0.4))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
    )
    return float(done.stdout) if done.returncode == 0 else 0.0


def load():
    """Processes that have wanted a core in the last minute; 0 where nobody counts."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


# -- advice ----------------------------------------------------------------------------


def kernel_to_try(libraries, avx512):
    """An OpenBLAS kernel that may be faster than the one in use, or None."""
    kernels = {
        library.get("architecture")
        for library in libraries
        if library["internal_api"] == "openblas"
    }
    return AVX512_KERNEL if avx512 and kernels - AVX512_KERNELS else None


def advice(libraries, cores, speeds, load, kernel=None, gain=0.0):
    """Sentences: what is wrong or could be faster, and what to do; none if nothing.

    Parameters
    ----------
    libraries : list of dict
        Of `libraries`.
    cores : int
        Usable ones.
    speeds : dict
        Of `speeds`.
    load : float
        Processes that want a core.
    kernel : str or None
        An OpenBLAS kernel that has been tried out, with the `gain` it brought.
    """
    said = []
    most = max((library["num_threads"] for library in libraries), default=1)
    if most > cores:
        said.append(
            f"{most} threads for {cores} usable cores get in each other's way: set "
            f"OMP_NUM_THREADS={cores} and OPENBLAS_NUM_THREADS={cores} before Python "
            "starts."
        )
    if gain >= WORTH:
        said.append(
            f"This CPU has a faster OpenBLAS kernel: OPENBLAS_CORETYPE={kernel} made "
            f"matrix products {gain:.1f} times as fast; set it before Python starts."
        )
    for layer, (n, units, rows) in LAYERS.items():
        ratio = speeds.get((layer, "float32", 1), 0) / speeds.get(
            (layer, "float32", cores), np.inf
        )
        if ratio >= WORTH:
            said.append(
                f"One thread is {ratio:.1f} times as fast as {cores} for {rows} rows "
                f"through a layer of {n} to {units} units: for such networks set "
                "OPENBLAS_NUM_THREADS=1, or use threadpoolctl.threadpool_limits(1)."
            )
    if load > cores + 0.5:
        said.append(
            f"The machine is busy: {load:.1f} processes want its {cores} cores, so "
            "threads wait for each other and times are no guide."
        )
    return said
