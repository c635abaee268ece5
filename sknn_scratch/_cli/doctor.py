"""`sknn-scratch doctor`: this machine, its libraries, their speed, and advice."""

from . import measure
from .console import print_table, terminal


def add_doctor(commands):
    """The parser of `sknn-scratch doctor`."""
    doctor = commands.add_parser(
        "doctor",
        help="print versions and BLAS, measure it, say what could be faster",
        description="Prints versions, the CPU, BLAS libraries with their kernel and "
        "threads; measures for about two seconds how fast matrix products of three "
        "sizes of layers are, with one thread and with all; and says what to change "
        "where something could be faster: a better OpenBLAS kernel for this CPU (that "
        "takes two fresh processes more), too many threads, a busy machine.",
    )
    doctor.set_defaults(run=run_doctor)


def run_doctor(arguments):
    """Look, measure, advise."""
    load = measure.load()  # before the measurement adds to it
    measure.show_versions()
    libraries, cores = measure.libraries(), measure.usable_cores()
    speeds = measure.speeds(cores)
    print()
    print_speeds(speeds, cores)
    kernel = measure.kernel_to_try(libraries, measure.has_avx512())
    gain = measure.gain_of_kernel(kernel) if kernel else 0.0
    if kernel:
        print(f"OPENBLAS_CORETYPE={kernel}: {gain:.2f} times as fast")
    print()
    said = measure.advice(libraries, cores, speeds, load, kernel, gain)
    for sentence in said or ["Nothing to advise."]:
        print(sentence)


def print_speeds(speeds, cores):
    """A line a layer."""
    threads = sorted({1, cores})
    kinds = [(dtype, k) for dtype in ("float32", "float64") for k in threads]
    heads = ["GFLOP/s of A W^T", *(f"{dtype}, {plural(k)}" for dtype, k in kinds)]
    rows = [
        [
            f"{n} to {units} units, {m} rows",
            *(f"{speeds[(layer, *kind)]:.1f}" for kind in kinds),
        ]
        for layer, (n, units, m) in measure.LAYERS.items()
    ]
    print_table(terminal(), heads, rows)


def plural(threads):
    return f"{threads} thread" + "s" * (threads > 1)
