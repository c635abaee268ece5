"""Arrays of strangers: what a header declares is checked before it is believed."""

import io
import os
import tracemalloc
import zipfile

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sknn_scratch._cli.readers import arrays, common

X, Y = np.zeros((4, 2)), np.array([0, 1, 0, 1])


def npy(shape="(4, 2)", descr="<f8", data=b"\0" * 64, order="False", version=1):
    """The bytes of a .npy with a header of this text."""
    text = f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n"
    return with_header(text, data, version)


def with_header(text, data=b"", version=1):
    size = len(text).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + size + text.encode() + data


def array_bytes(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def write_npz(path, compression=zipfile.ZIP_DEFLATED, **members):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.npy", data)
    return path


HEADERS = [
    (with_header("-" * 8000 + "1"), "must be an array"),
    (with_header("(" * 8000 + ")" * 8000, version=2), "a header of 16000 bytes"),
    (with_header("[" * 9000), "must be an array"),
    (with_header("{'a': 1" + ", " * 4000 + "}"), "must be an array"),
    (with_header("9" * 9000), "must be an array"),
    (with_header("\0" * 100), "must be an array"),
    (with_header("{}"), "must be an array"),
    (npy("(True, 3)", data=b"\0" * 24), "shape of whole numbers, got (True, 3)"),
    (npy("(4, False)"), "shape of whole numbers"),
    (npy("(-4, -2)"), "shape of whole numbers, got (-4, -2)"),
    (npy("(4, 0)", data=b""), "one example a row, got float64 of shape (4, 0)"),
    (npy("(4, 3, 0)", data=b""), "of shape (4, 3, 0)"),
    (npy("(4,)", data=b"\0" * 32), "one example a row"),
    (npy("()", data=b"\0" * 8), "one example a row"),
    (npy("(0, 2)", data=b""), "must have rows, got none"),
    (npy(f"({10**9}, {10**9})"), "bytes"),
    (npy(f"({10**30}, 2)"), "bytes"),
    (npy(f"(2, {2**28 + 1})", "|u1", b""), "bytes"),
    (npy("(4, 2)", "|V8"), "must hold numbers"),
    (npy("(4, 2)", "<M8[s]"), "must hold numbers"),
    (npy("(4, 2)", "no type"), "must be an array"),
]


@pytest.mark.parametrize(("data", "part"), HEADERS)
def test_a_bad_header_is_refused(refused, tmp_path, data, part):
    (tmp_path / "X.npy").write_bytes(data)
    np.save(tmp_path / "y.npy", Y)
    label = str(tmp_path / "y.npy")
    refused(tmp_path / "X.npy", "--label", label, parts=["X.npy must", part])
    write_npz(tmp_path / "a.npz", X=data, y=array_bytes(Y))
    refused(tmp_path / "a.npz", parts=["a.npz", part])


@pytest.mark.parametrize(("data", "part"), HEADERS[:10])
def test_a_bad_header_of_labels_is_refused(refused, tmp_path, data, part):
    np.save(tmp_path / "X.npy", X)
    (tmp_path / "y.npy").write_bytes(data)
    label = str(tmp_path / "y.npy")
    refused(tmp_path / "X.npy", "--label", label, parts=["y.npy must", part])
    write_npz(tmp_path / "a.npz", X=array_bytes(X), y=data)
    refused(tmp_path / "a.npz", parts=["a.npz:y.npy must", part])


def test_an_npz_renamed_npy_and_an_npy_renamed_npz_are_refused(refused, tmp_path):
    write_npz(tmp_path / "X.npy", X=array_bytes(X), y=array_bytes(Y))
    np.save(tmp_path / "y.npy", Y)
    label = str(tmp_path / "y.npy")
    refused(tmp_path / "X.npy", "--label", label, parts=["X.npy", "got an .npz"])
    os.rename(tmp_path / "y.npy", tmp_path / "y.npz")
    refused(tmp_path / "y.npz", parts=["y.npz must be a whole .npz"])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no FIFOs")
@pytest.mark.parametrize("name", ["X.npy", "x.npz", "x.csv", "x.tsv", "y.npy"])
def test_a_fifo_is_refused_and_not_waited_for(refused, tmp_path, name):
    os.mkfifo(tmp_path / name)
    source, options = tmp_path / name, []
    if name == "y.npy":
        np.save(tmp_path / "X.npy", X)
        source, options = tmp_path / "X.npy", ["--label", str(tmp_path / name)]
    refused(source, *options, parts=[name, "another kind"])


ZEROS = bytes(2**27)  # packed into 130 kB


@pytest.mark.parametrize(
    ("members", "part"),
    [
        (("X", npy(f"({2**24}, 1)", data=ZEROS)), "a.npz:X.npy must be at most 300"),
        (("y", npy(f"({2**24},)", data=ZEROS)), "a.npz:y.npy must be at most 50 times"),
        (("y", npy("(4,)", f"<U{2**23}", ZEROS)), "a.npz:y.npy must be at most 50"),
    ],
)
def test_a_small_file_does_not_become_a_large_array(refused, tmp_path, members, part):
    plain = {"X": array_bytes(X), "y": array_bytes(Y)}
    write_npz(tmp_path / "a.npz", **{**plain, members[0]: members[1]})
    tracemalloc.start()
    try:
        refused(tmp_path / "a.npz", parts=[part])
        assert tracemalloc.get_traced_memory()[1] < 2**24
    finally:
        tracemalloc.stop()


def test_labels_of_another_number_are_refused_before_they_are_read(
    refused, tmp_path, monkeypatch
):
    monkeypatch.setattr(arrays.Member, "whole", None)  # would fail the test
    write_npz(tmp_path / "a.npz", X=array_bytes(X), y=array_bytes(np.zeros(2**20)))
    refused(tmp_path / "a.npz", parts=["y.npy must have one label for each of the 4"])


def test_long_names_of_classes_are_refused(refused, tmp_path):
    np.savez(tmp_path / "a.npz", X=X, y=["a", "b", "c", "d" * 1025])
    refused(tmp_path / "a.npz", parts=["names of 1 to 4096 bytes, got <U1025"])


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compression_than_numpy_s_is_refused(refused, tmp_path, compression):
    parts = {"X": array_bytes(X), "y": array_bytes(Y)}
    write_npz(tmp_path / "a.npz", compression, **parts)
    refused(tmp_path / "a.npz", parts=["a.npz:X.npy must be stored or deflated"])


def test_rows_of_zeros_that_are_few_are_read(convert, tmp_path):
    np.savez_compressed(tmp_path / "a.npz", X=np.zeros((2000, 500)), y=[*"ab"] * 1000)
    data, _ = convert(tmp_path / "a.npz", "--test", "0")
    assert data.X_train.shape == (2000, 500)


@pytest.mark.parametrize("shape", [(50, 3), (50, 4, 3)])
def test_an_npz_in_fortran_order_is_read_as_it_is_meant(
    convert, monkeypatch, rng, tmp_path, shape
):
    monkeypatch.setattr(common, "BLOCK_BYTES", 200)
    X, y = rng.randint(256, size=shape).astype(">i2"), np.arange(50) % 2
    np.savez(tmp_path / "x.npz", X=np.asfortranarray(X), y=y)
    data, _ = convert(tmp_path / "x.npz", "--test", "0")
    assert_array_equal(data.X_train, X)


def test_a_large_npz_in_fortran_order_is_refused(refused, monkeypatch, tmp_path):
    monkeypatch.setattr(arrays, "MOST_IN_COLUMNS", 100)
    X = np.asfortranarray(np.eye(8))
    np.savez(tmp_path / "x.npz", X=X, y=np.arange(8) % 2)
    refused(tmp_path / "x.npz", parts=["x.npz:X.npy must be stored row by row if"])
