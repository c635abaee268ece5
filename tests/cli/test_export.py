"""`sknn-scratch export`: what it writes, what it refuses."""

import subprocess
import sys

import numpy as np
import pytest
from networks import network
from numpy.testing import assert_array_equal

from sknn_scratch import __main__ as cli
from sknn_scratch.hdf5 import save_model

IS_THERE = pytest.mark.parametrize(
    ("to", "suffix", "has"),
    [
        ("c", ".h", "static inline int my_model_2_predict("),
        ("js", ".mjs", "export const predict ="),
        ("python", ".py", "import numpy"),
        ("plain-python", ".py", "Needs nothing but Python."),
    ],
)


@pytest.fixture
def saved(tmp_path):
    """A file with a network of six classes."""
    model, _ = network(2)
    path = tmp_path / "My model-2.h5"
    save_model(model, path, class_names=["cat", "dog", "emu", "fox", "gnu", "owl"])
    return path


@IS_THERE
def test_it_writes_beside_the_model_or_where_it_is_told(to, suffix, has, saved, capsys):
    assert cli.main(["export", str(saved), "--to", to]) == 0
    text = saved.with_suffix(suffix).read_text()
    assert has in text
    assert "emu" in text
    assert f"Wrote {saved.with_suffix(suffix)} (" in capsys.readouterr().out
    out = saved.with_name("other")
    assert cli.main(["export", str(saved), "--to", to, "--out", str(out)]) == 0
    assert out.read_text() == text


def test_the_file_of_python_runs_by_itself(saved):
    model, X = network(2)
    cli.main(["export", str(saved), "--to", "plain-python"])
    code = (
        f"import runpy; net = runpy.run_path({str(saved.with_suffix('.py'))!r})\n"
        f"print(*net['predict']({X.tolist()}))"
    )
    isolated = [sys.executable, "-I", "-S", "-"]
    said = subprocess.run(
        isolated, input=code, capture_output=True, text=True, check=True
    ).stdout
    names = np.array(["cat", "dog", "emu", "fox", "gnu", "owl"])
    assert_array_equal(said.split(), names[model.predict(X)])


def test_a_closed_standard_output_is_no_error(saved):
    code = "import sys; from sknn_scratch.__main__ import main; sys.exit(main())"
    closed = ["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, "-c", code]
    done = subprocess.run(
        [*closed, "export", str(saved), "--to", "c"], stderr=subprocess.PIPE, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert saved.with_suffix(".h").exists()


def test_errors(saved, tmp_path, capsys, monkeypatch):
    for words, error in {
        ("nowhere.h5", "--to", "c"): "nowhere.h5",
        (str(saved), "--to", "c", "--out", str(saved)): "must be another file",
        (str(saved), "--to", "c", "--out", str(tmp_path)): "must be a file",
    }.items():
        assert cli.main(["export", *words]) == 2
        line = capsys.readouterr().err
        assert line.count("\n") == 1
        assert error in line
    monkeypatch.setattr("sknn_scratch.export._onnx", None)
    assert cli.main(["export", str(saved), "--to", "onnx"]) == 2
    assert "pip install skl2onnx" in capsys.readouterr().err


@pytest.mark.parametrize("first", ["python", "plain-python"])
def test_neither_kind_of_python_overwrites_the_other(first, saved, capsys):
    (second,) = {"python", "plain-python"} - {first}
    out = saved.with_suffix(".py")
    for _ in range(2):  # its own file is replaced
        assert cli.main(["export", str(saved), "--to", first]) == 0
    text = out.read_text()
    assert cli.main(["export", str(saved), "--to", second]) == 2
    assert f"--out must name the file, since {out} is there" in capsys.readouterr().err
    assert out.read_text() == text
    assert cli.main(["export", str(saved), "--to", second, "--out", str(out)]) == 0
    assert out.read_text() != text


def test_a_program_of_the_same_name_is_not_overwritten(saved):
    out = saved.with_suffix(".py")
    out.write_text("print('mine')")
    assert cli.main(["export", str(saved), "--to", "python"]) == 2
    assert out.read_text() == "print('mine')"
