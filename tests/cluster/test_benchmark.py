"""The benchmark runs; its numbers are nobody's test."""

import json
import pathlib
import subprocess
import sys

BENCHMARK = pathlib.Path(__file__).parents[2] / "benchmarks" / "cluster.py"


def test_the_benchmark_of_training_on_a_cluster_runs(tmp_path):
    done = subprocess.run(
        [sys.executable, BENCHMARK, "--smoke", "--json", tmp_path / "report.json"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    lines = json.loads((tmp_path / "report.json").read_text())
    assert [line["workers"] for line in lines] == [1, 2]
    assert all(line["speed"] > 0 for line in lines)
