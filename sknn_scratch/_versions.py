"""Versions, BLAS libraries and CPU of this process."""

import importlib.metadata
import platform
import sys
from pathlib import Path

import numpy as np

NEEDED = ("numpy", "scipy", "scikit-learn", "h5py", "threadpoolctl", "joblib")
OPTIONAL = ("matplotlib", "typer", "rich", "pillow")


def show_versions():
    """Print versions, BLAS libraries, threads and CPU, for bug reports.

    `sknn-scratch doctor` prints the same, measures speeds, and gives advice.

    Examples
    --------
    >>> import sknn_scratch
    >>> sknn_scratch.show_versions()  # doctest: +ELLIPSIS
    sknn-scratch: ...
    """
    for name, value in {**versions(), **machine()}.items():
        print(f"{name}: {value}")
    for library in libraries():
        print(f"threads: {describe_library(library)}")


def versions():
    """Return the versions of this package, Python and the libraries used, by name."""
    found = {"sknn-scratch": version("sknn-scratch"), "python": sys.version.split()[0]}
    return {
        **found,
        **{name: version(name) for name in NEEDED + OPTIONAL},
        "executable": sys.executable,
    }


def version(name):
    """Return the version of a distribution, or "not installed"."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def machine():
    """Return the system, its CPU, and the number of usable cores, by name."""
    return {
        "system": platform.platform(),
        "cpu": cpu_name(),
        "vectors": "AVX-512" if has_avx512() else "no AVX-512",
        "cores": usable_cores(),
    }


def cpu_name():
    """Return the name of the CPU, from /proc/cpuinfo if it exists."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def has_avx512():
    """Return True if NumPy has detected AVX-512 in this CPU."""
    found = np.show_config(mode="dicts").get("SIMD Extensions", {}).get("found", [])
    return any(name.startswith("AVX512") or name == "X86_V4" for name in found)


def usable_cores():
    """Return the number of cores that affinity and container limits allow."""
    from joblib import cpu_count

    return cpu_count()


def libraries():
    """Return the BLAS and OpenMP libraries as threadpoolctl describes them."""
    from threadpoolctl import threadpool_info

    return sorted(threadpool_info(), key=lambda library: library["filepath"])


def describe_library(library):
    """Return a line of text on one of the `libraries`: threads, name and folder."""
    parts = [library["prefix"], library.get("version"), library.get("architecture")]
    name = " ".join(part for part in parts if part)
    where = Path(library["filepath"]).parent.name
    return f"{library['num_threads']} in {name} ({where})"
