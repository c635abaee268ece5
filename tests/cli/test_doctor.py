"""`show_versions` and `sknn-scratch doctor`."""

import os
import subprocess
import sys
import time

import pytest

import sknn_scratch
from sknn_scratch import __main__ as cli
from sknn_scratch._cli import measure

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
    for layer in measure.LAYERS
    for dtype in ("float32", "float64")
    for threads in (1, 2)
}


def test_versions_are_those_of_the_modules(capsys):
    sknn_scratch.show_versions()
    said = dict(line.split(": ", 1) for line in capsys.readouterr().out.splitlines())
    assert said["sknn-scratch"] == sknn_scratch.__version__
    for name, module in {"numpy": "numpy", "scikit-learn": "sklearn"}.items():
        assert said[name] == sys.modules[module].__version__
    assert said["executable"] == sys.executable
    assert int(said["cores"]) <= os.cpu_count()
    assert "blas" in said["threads"] or "omp" in said["threads"]


def test_what_is_missing_is_said_to_be():
    assert measure.version("no-such-package") == "not installed"


def test_nothing_is_advised_where_all_is_well():
    kernel = measure.kernel_to_try([{**OPENBLAS, "architecture": "SkylakeX"}], True)
    assert kernel is None
    assert measure.advice([OPENBLAS, OPENMP], 2, EVEN, load=1.2) == []


@pytest.mark.parametrize(
    ("library", "avx512", "kernel"),
    [
        ({}, True, "SkylakeX"),
        ({"architecture": "Zen"}, True, "SkylakeX"),
        ({}, False, None),
        ({"architecture": "Cooperlake"}, True, None),
        ({"internal_api": "mkl"}, True, None),
    ],
)
def test_a_kernel_is_tried_where_the_cpu_can_do_more(library, avx512, kernel):
    assert measure.kernel_to_try([{**OPENBLAS, **library}, OPENMP], avx512) == kernel


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"cores": 1}, "2 threads for 1 usable cores"),
        ({"kernel": "SkylakeX", "gain": 1.6}, "OPENBLAS_CORETYPE=SkylakeX made"),
        ({"speeds": {**EVEN, ("small", "float32", 1): 80.0}}, "1.6 times as fast as 2"),
        ({"load": 3.4}, "3.4 processes want its 2 cores"),
    ],
)
def test_what_is_wrong_is_said_with_the_cure(facts, words):
    given = {"cores": 2, "speeds": EVEN, "load": 0.0, **facts}
    (said,) = measure.advice([OPENBLAS], **given)
    assert words in said
    if "load" not in facts:
        assert "set " in said


def test_a_kernel_that_is_no_faster_is_not_advised():
    said = measure.advice([OPENBLAS], 2, EVEN, 0.0, kernel="SkylakeX", gain=1.02)
    assert said == []


def test_a_fresh_process_measures_with_another_kernel():
    assert measure.child_speed({}) > 0
    assert measure.child_speed({"PYTHONHOME": "/nowhere"}) == 0


def test_the_gain_is_the_ratio_and_none_where_a_process_dies(monkeypatch):
    monkeypatch.setattr(measure, "child_speed", lambda env: 30.0 if env else 20.0)
    assert measure.gain_of_kernel("SkylakeX") == 1.5
    monkeypatch.setattr(measure, "child_speed", lambda env: 0.0 if env else 20.0)
    assert measure.gain_of_kernel("SkylakeX") == 0


def test_every_layer_is_measured_with_one_thread_and_with_all():
    start = time.perf_counter()
    found = measure.speeds(2, seconds=0.12)
    assert time.perf_counter() - start < 30
    assert set(found) == set(EVEN)
    assert all(speed > 0 for speed in found.values())


def test_the_command_prints_facts_speeds_and_advice(monkeypatch, capsys):
    monkeypatch.setattr(measure, "speeds", lambda cores: EVEN)
    monkeypatch.setattr(measure, "usable_cores", lambda: 2)
    monkeypatch.setattr(measure, "libraries", lambda: [OPENBLAS])
    monkeypatch.setattr(measure, "has_avx512", lambda: True)
    monkeypatch.setattr(measure, "child_speed", lambda env: 2.0 if env else 1.0)
    monkeypatch.setattr(measure, "load", lambda: 0.0)
    assert cli.main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "threads: 2 in libscipy_openblas 0.3.31 Haswell (numpy.libs)" in said
    assert "784 to 128 units, 128 rows" in said
    assert "OPENBLAS_CORETYPE=SkylakeX: 2.00 times as fast" in said
    assert said.splitlines()[-1].startswith("This CPU has a faster OpenBLAS kernel")


def test_the_command_as_a_user_runs_it():
    done = subprocess.run(
        [sys.executable, "-m", "sknn_scratch", "doctor"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "GFLOP/s" in done.stdout
    assert done.stderr == ""
