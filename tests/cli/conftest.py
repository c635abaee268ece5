"""Fixtures of the tests of `sknn-scratch convert`."""

import pytest

from sknn_scratch import __main__ as cli
from sknn_scratch.hdf5 import load_dataset


@pytest.fixture
def convert(tmp_path, capsys):
    """Runs the command; gives the data set and what was printed."""

    def run(source, *options):
        out = tmp_path / "out.h5"
        assert cli.main(["convert", str(source), "--out", str(out), *options]) == 0
        captured = capsys.readouterr()
        assert captured.err == ""
        return load_dataset(out), captured.out

    return run


@pytest.fixture
def refused(tmp_path, capsys):
    """Runs the command; it must end in one line that has these parts, and no file."""

    def run(source, *options, parts, out="out.h5"):
        before = sorted(tmp_path.rglob("*"))
        code = cli.main(
            ["convert", str(source), "--out", str(tmp_path / out), *options]
        )
        error = capsys.readouterr().err
        assert code == 2
        assert error.startswith("sknn-scratch: error: ")
        assert error.count("\n") == 1
        for part in parts:
            assert str(part) in error
        assert sorted(tmp_path.rglob("*")) == before

    return run


@pytest.fixture
def table(tmp_path):
    def write(text, name="t.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write
