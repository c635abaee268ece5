"""`show_versions`: what a bug report needs."""

import os
import sys

import sknn_scratch
from sknn_scratch import _versions


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
    assert _versions.version("no-such-package") == "not installed"
