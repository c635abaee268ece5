"""`sknn-scratch convert` of IDX files, as MNIST is published."""

import gzip
import struct

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sknn_scratch._cli.readers import common

CODES = {"u1": 8, "i1": 9, ">i2": 11, ">i4": 12, ">f4": 13, ">f8": 14}


def idx_bytes(values):
    """An array in the layout, written by its definition."""
    code = CODES.get(values.dtype.str[-2:]) or CODES[values.dtype.str]
    head = bytes([0, 0, code, values.ndim])
    return head + struct.pack(f">{values.ndim}I", *values.shape) + values.tobytes()


@pytest.fixture
def images(rng):
    return rng.randint(128, size=(60, 5, 4)), np.arange(60) % 3


@pytest.fixture
def mnist(tmp_path, images):
    """A folder in MNIST's layout, packed or not."""

    def write(packed, dtype="u1"):
        folder = tmp_path / "mnist"
        folder.mkdir()
        X, y = images
        X = X.astype(dtype)
        for stem, rows in ("train", slice(40)), ("t10k", slice(40, None)):
            for what, values in ("images-idx3", X[rows]), ("labels-idx1", y[rows]):
                values = values.astype("u1") if what[0] == "l" else values
                written = idx_bytes(values)
                name = f"{stem}-{what}-ubyte" + (".gz" if packed else "")
                data = gzip.compress(written, mtime=0) if packed else written
                (folder / name).write_bytes(data)
        return folder

    return write


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("named", ["folder", "file"])
def test_images_labels_and_the_test_set_are_found(
    convert, mnist, images, monkeypatch, packed, named
):
    monkeypatch.setattr(common, "BLOCK_BYTES", 100)
    source = mnist(packed)
    if named == "file":
        source = next(source.glob("train-images*"))
    data, _ = convert(source)
    X, y = images
    assert_array_equal(data.X_train, X[:40])
    assert_array_equal(data.X_test, X[40:])
    assert_array_equal(np.r_[data.y_train, data.y_test], y)
    assert data.X_train.dtype == np.uint8
    assert data.classes.tolist() == ["0", "1", "2"]


@pytest.mark.parametrize("dtype", CODES)
def test_numbers_of_every_type(convert, mnist, images, dtype):
    data, _ = convert(mnist(False, dtype))
    assert_array_equal(data.X_train, images[0][:40])
    assert data.X_train.dtype == np.dtype(dtype).newbyteorder("=")


def test_labels_of_another_name(convert, images, tmp_path):
    X, y = images
    (tmp_path / "my.idx").write_bytes(idx_bytes(X.astype("u1")))
    (tmp_path / "answers").write_bytes(idx_bytes(y.astype("u1")))
    options = "--label", str(tmp_path / "answers"), "--test", "0"
    data, _ = convert(tmp_path / "my.idx", *options)
    assert_array_equal(data.y_train, y)


SHORT = idx_bytes(np.zeros((4, 2, 2), "u1"))


@pytest.mark.parametrize(
    ("written", "part"),
    [
        (b"", "must be an IDX file, which begins with"),
        (b"\x89PNG", "must be an IDX file, which begins with"),
        (SHORT[:9], "must be an IDX file, which begins with"),
        (SHORT[:-1], "must hold uint8 of shape (4, 2, 2), got a file of 31 bytes"),
        (bytes([0, 0, 8, 3]) + b"\x7f" * 12, "must hold uint8 of shape"),
        (bytes([0, 0, 8, 9]) + b"\0" * 36, "must be an IDX file, which begins with"),
        (
            gzip.compress(SHORT[:-1], mtime=0),
            "must be a whole IDX file, got: its end after 15",
        ),
        (gzip.compress(SHORT, mtime=0)[:-9], "must be a whole IDX file"),
        (
            gzip.compress(bytes([0, 0, 8, 3]) + b"\x7f" * 12, mtime=0),
            "must hold uint8 of shape",
        ),
        (idx_bytes(np.zeros(4, "u1")), "must hold numbers, one example a row"),
    ],
)
def test_what_is_wrong_is_one_line(refused, tmp_path, written, part):
    (tmp_path / "train-images-idx3-ubyte").write_bytes(written)
    labels = idx_bytes(np.array([0, 1, 0, 1], "u1"))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(labels)
    refused(tmp_path / "train-images-idx3-ubyte", parts=[part])


def test_labels_that_are_not_there(refused, tmp_path):
    (tmp_path / "train-images-idx3-ubyte").write_bytes(SHORT)
    parts = ["needs its labels in", "train-labels-idx1-ubyte", "--label names another"]
    refused(tmp_path / "train-images-idx3-ubyte", parts=parts)
