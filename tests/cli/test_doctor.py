"""`sknn-scratch doctor`."""

import subprocess
import sys
from types import SimpleNamespace

import pytest
from clock import Clock

from sknn_scratch import __main__ as cli
from sknn_scratch import _versions
from sknn_scratch._cli import doctor

OPENBLAS = {
    "internal_api": "openblas",
    "user_api": "blas",
    "prefix": "libscipy_openblas",
    "version": "0.3.31",
    "architecture": "Haswell",
    "num_threads": 2,
    "filepath": "/somewhere/numpy.libs/lib.so",
}
OPENMP = {"internal_api": "openmp", "num_threads": 2, "user_api": "openmp"}
EVEN = {
    (layer, dtype, threads): 50.0
    for layer in doctor.LAYERS
    for dtype in ("float32", "float64")
    for threads in (1, 2)
}


def advice(cores=2, speeds=EVEN, load=0.0, avx512=False, **library):
    libraries = [{**OPENBLAS, **library}, OPENMP]
    return doctor.advice(libraries, cores, speeds, load, avx512)


def test_nothing_is_advised_where_all_is_well():
    assert advice(load=1.2) == []


@pytest.mark.parametrize(
    ("library", "avx512", "advised"),
    [
        ({}, True, True),
        ({"architecture": "Zen"}, True, True),
        ({}, False, False),
        ({"architecture": "Cooperlake"}, True, False),
        ({"architecture": "SkylakeX"}, True, False),
        ({"internal_api": "mkl"}, True, False),
    ],
)
def test_a_kernel_is_advised_where_the_cpu_can_do_more(library, avx512, advised):
    said = "".join(advice(avx512=avx512, **library))
    assert ("OPENBLAS_CORETYPE=SkylakeX" in said) == advised
    kernel = library.get("architecture", "Haswell")
    assert (f"kernel {kernel}," in said) == advised


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"cores": 1}, "2 threads for 1 usable cores"),
        ({"avx512": True}, "set OPENBLAS_CORETYPE=SkylakeX"),
        ({"speeds": {**EVEN, ("small", "float32", 1): 80.0}}, "1.6 times as fast as 2"),
        ({"load": 3.4}, "3.4 processes want its 2 cores"),
    ],
)
def test_what_is_wrong_is_said_with_the_cure(facts, words):
    (said,) = advice(**facts)
    assert words in said
    if "load" not in facts:
        assert "set " in said


def test_times_of_a_busy_machine_are_no_reason_for_advice():
    (said,) = advice(load=16.0, speeds={**EVEN, ("small", "float32", 1): 8e3})
    assert said.startswith("The machine is busy")


def test_every_layer_is_measured_with_one_thread_and_with_all(monkeypatch):
    clock = Clock(0.1)  # every look takes more than the whole time that is given
    monkeypatch.setattr(doctor, "time", SimpleNamespace(perf_counter=clock))
    found = doctor.speeds(2, seconds=0.12)
    looks = 1 + 3 * 2 + 1  # the least for a case: three products
    assert clock.now == pytest.approx(0.1 * looks * len(EVEN))
    assert set(found) == set(EVEN)
    assert all(speed > 0 for speed in found.values())


def test_the_command_prints_facts_speeds_and_advice(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "speeds", lambda cores: EVEN)
    monkeypatch.setattr(_versions, "usable_cores", lambda: 2)
    monkeypatch.setattr(_versions, "libraries", lambda: [OPENBLAS])
    monkeypatch.setattr(_versions, "has_avx512", lambda: True)
    monkeypatch.setattr(doctor, "load_average", lambda: 0.0)
    assert cli.main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "threads: 2 in libscipy_openblas 0.3.31 Haswell (numpy.libs)" in said
    assert "784 to 128 units, 128 rows" in said
    assert said.splitlines()[-1].startswith("OpenBLAS uses the kernel Haswell")


def test_the_command_as_a_user_runs_it():
    done = subprocess.run(
        [sys.executable, "-m", "sknn_scratch", "doctor"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "GFLOP/s" in done.stdout
    assert done.stderr == ""
