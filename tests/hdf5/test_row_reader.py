"""Rows of a file for other processes."""

import pickle

import h5py
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sknn_scratch import DeepNetClassifier
from sknn_scratch.hdf5 import RowReader


@pytest.fixture
def reader(tmp_path):
    """Of 50 rows that are 0 to 49."""
    path = tmp_path / "rows.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset(
            "X", data=np.arange(50.0)[:, None] + [0, 0.5], chunks=(8, 2)
        )
    return RowReader(path, "X")


def test_a_reader_gives_the_rows_that_are_asked_for(reader):
    assert (reader.shape, reader.ndim, len(reader)) == ((50, 2), 2, 50)
    assert (reader.dtype, reader.chunks) == (np.float64, (8, 2))
    assert_array_equal(reader[7:10], [[7, 7.5], [8, 8.5], [9, 9.5]])
    assert_array_equal(reader[7:9, 1:], [[7.5], [8.5]])


@pytest.mark.parametrize("rows", [[1, 5, 2], np.s_[5:2:-1], (np.s_[:3], [0, 1]), "X"])
def test_a_reader_is_read_by_slices(reader, rows):
    with pytest.raises(IndexError, match=r"rows.h5:/X is read by slices that go"):
        reader[rows]
    assert repr(reader).endswith("rows.h5:/X: float64 of shape (50, 2)>")


def test_a_reader_goes_to_other_folders_and_processes(reader, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    relative = RowReader("rows.h5", "X")
    monkeypatch.chdir("/")
    for one in pickle.loads(pickle.dumps([reader, relative])):
        assert_array_equal(one[49:], [[49, 49.5]])


def test_networks_train_on_a_reader_as_on_a_dataset(reader):
    y = np.arange(50) > 20
    nets = [
        DeepNetClassifier((3,), max_iter=3, random_state=0, warn=False).fit(X, y)
        for X in (reader, reader[:])
    ]
    assert_array_equal(nets[0].coefs_[0], nets[1].coefs_[0])
    assert_array_equal(nets[0].predict(reader), nets[1].predict(reader[:]))


def test_a_file_that_has_become_another_is_not_read(reader, tmp_path):
    with h5py.File(tmp_path / "rows.h5", "a") as file:
        del file["X"]
        file["X"] = np.ones((50, 3))
    with pytest.raises(ValueError, match=r"rows.h5:/X must stay as it was, float64"):
        reader[:3]
    (tmp_path / "rows.h5").unlink()
    with pytest.raises(FileNotFoundError, match="does not exist"):
        reader[:3]


def test_a_reader_checks_what_load_dataset_checks(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["Y"] = h5py.ExternalLink("b.h5", "X")
    with pytest.raises(ValueError, match="must hold 'X'"):
        RowReader(tmp_path / "a.h5", "X")
    with pytest.raises(ValueError, match="link"):
        RowReader(tmp_path / "a.h5", "Y")
