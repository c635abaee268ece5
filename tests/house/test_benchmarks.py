"""The benchmark runs; its numbers are nobody's test."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

BENCHMARKS = pathlib.Path(__file__).parents[2] / "benchmarks"
COMPARE, OUT_OF_CORE = BENCHMARKS / "compare.py", BENCHMARKS / "out_of_core.py"
TABLES = BENCHMARKS / "tables.py"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """What a smoke run writes."""
    folder = tmp_path_factory.mktemp("benchmark")
    settings = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, COMPARE, "--smoke", "--json", "report.json"],
        cwd=folder,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert [path.name for path in folder.iterdir()] == ["report.json"]
    return json.loads((folder / "report.json").read_text())


def test_the_benchmark_of_training_from_a_file_runs(tmp_path):
    done = subprocess.run(
        [sys.executable, OUT_OF_CORE, "--smoke", "--json", tmp_path / "report.json"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "report.json").read_text())
    assert [line["stored"] for line in found["speed"]] == [
        "uncompressed",
        "lzf",
        "gzip",
    ]
    assert all(line["ratio"] > 0 for line in found["speed"])
    assert found["sorted_by_class"]


@pytest.mark.parametrize("options", [[], ["--ablation"]])
def test_the_benchmark_of_tables_runs(tmp_path, options):
    command = [sys.executable, TABLES, "--smoke", *options]
    done = subprocess.run(
        [*command, "--json", tmp_path / "report.json"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert {"python", "numpy", "scikit-learn"} <= report["versions"].keys()
    for found in report["figures"].values():
        assert found["made classes"]["log_loss"] > 0
        assert found["made numbers"]["rmse"] > 0
    ours = report["figures"]["TabularNet"]["made numbers"]
    assert 0 < ours["coverage"] <= 1


def test_every_section_of_the_benchmark_runs(report):
    assert {name: bool(results) for name, results in report["sections"].items()} == {
        "training": True,
        "logistic": True,
        "predict": True,
        "imports": True,
        "memory": True,
        "search": True,
    }


def test_each_number_says_with_which_versions_and_how_many_threads(report):
    assert {"python", "numpy", "scikit-learn", "sknn-scratch", "blas"} <= {
        *report["about"]
    }
    measured = [result for results in report["sections"].values() for result in results]
    assert all(result["threads"] >= 1 for result in measured)


def test_a_smoke_run_judges_nothing(report):
    measured = [result for results in report["sections"].values() for result in results]
    assert all(result["shortfall"] is None for result in measured)
