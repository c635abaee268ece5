"""Data files: what is saved is loaded, and what is damaged is named in one line."""

import os
import random
import stat

import h5py
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sknn_scratch._storage import store
from sknn_scratch.hdf5 import Dataset, load_dataset, save_dataset

IMAGES = np.arange(4 * 3 * 2, dtype=np.uint8).reshape(4, 3, 2)
LABELS = np.array([0, 1, 1, 0])
NAMES = np.array([b"non-cat", b"cat"])


def write(path, **changed):
    """A file as others write it: a training set, but for what is changed."""
    arrays = {"train_set_x": IMAGES, "train_set_y": LABELS} | changed
    with h5py.File(path, "w") as file:
        for key, array in arrays.items():
            if array is not None:
                file[key] = array
    return path


def whole_file(folder):
    return write(
        folder / "whole.h5", test_set_x=IMAGES, test_set_y=LABELS, list_classes=NAMES
    )


def assert_same_arrays(loaded, X, y):
    assert_array_equal(loaded[0], X)
    assert loaded[0].dtype == X.dtype
    assert_array_equal(loaded[1], y)


# -- what is saved is loaded -----------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32, np.float64, bool])
@pytest.mark.parametrize("shape", [(7,), (5, 3), (5, 3, 2)])
def test_saved_images_are_loaded_as_they_were(tmp_path, rng, dtype, shape):
    X = (rng.uniform(0, 250, (10, *shape))).astype(dtype)
    y = rng.randint(3, size=10)
    save_dataset(tmp_path / "d.h5", X[:6], y[:6], X[6:], y[6:])
    data = load_dataset(tmp_path / "d.h5")
    assert_same_arrays(data[:2], X[:6], y[:6])
    assert_same_arrays(data[2:4], X[6:], y[6:])


def test_data_set_is_a_named_tuple_in_the_documented_order():
    assert Dataset._fields == ("X_train", "y_train", "X_test", "y_test", "classes")


def test_without_a_test_set_there_is_none(tmp_path):
    save_dataset(tmp_path / "d.h5", IMAGES, LABELS)
    data = load_dataset(tmp_path / "d.h5")
    assert data.X_test is None
    assert data.y_test is None


@pytest.mark.parametrize("as_type", [list, tuple, np.array])
def test_saved_class_names_are_loaded(tmp_path, as_type):
    names = ["Katze", "çağ", "猫 🐈", ""]
    save_dataset(tmp_path / "d.h5", IMAGES, LABELS, classes=as_type(names))
    assert load_dataset(tmp_path / "d.h5").classes.tolist() == names


def test_class_names_read_from_a_file_can_be_saved_again(tmp_path):
    save_dataset(tmp_path / "d.h5", IMAGES, LABELS, classes=NAMES)
    assert load_dataset(tmp_path / "d.h5").classes.tolist() == ["non-cat", "cat"]


def test_nested_lists_can_be_saved(tmp_path):
    save_dataset(tmp_path / "d.h5", IMAGES.tolist(), LABELS.tolist())
    assert_array_equal(load_dataset(tmp_path / "d.h5").X_train, IMAGES)


@pytest.mark.parametrize("as_path", [str, os.fsencode, lambda path: path])
def test_paths_may_be_of_any_type(tmp_path, as_path):
    path = as_path(tmp_path / "ä.h5")
    save_dataset(path, IMAGES, LABELS)
    assert_array_equal(load_dataset(path).X_train, IMAGES)


# -- the variants of the layout --------------------------------------------------------


@pytest.mark.parametrize("shape", [(4,), (1, 4), (4, 1)])
@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.int8, np.float32, bool])
def test_labels_load_the_same_from_rows_and_columns(tmp_path, shape, dtype):
    y = LABELS.reshape(shape).astype(dtype)
    data = load_dataset(write(tmp_path / "d.h5", train_set_y=y))
    assert data.y_train.shape == (4,)
    assert data.y_train.dtype.kind in "ui"
    assert data.y_train.tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize("shape", [(4,), (1, 4), (4, 1)])
def test_labels_save_the_same_from_rows_and_columns(tmp_path, shape):
    save_dataset(tmp_path / "d.h5", IMAGES, LABELS.reshape(shape))
    assert_array_equal(load_dataset(tmp_path / "d.h5").y_train, LABELS)


def test_class_names_may_be_in_the_training_file_only(tmp_path):
    train = write(tmp_path / "train.h5", list_classes=NAMES)
    test = write(tmp_path / "test.h5", test_set_x=IMAGES, test_set_y=LABELS)
    assert load_dataset(train, test).classes.tolist() == ["non-cat", "cat"]


def test_class_names_may_be_in_the_test_file_only(tmp_path):
    train = write(tmp_path / "train.h5")
    assert load_dataset(train, whole_file(tmp_path)).classes.tolist() == [
        "non-cat",
        "cat",
    ]


def test_without_class_names_the_labels_are_the_names(tmp_path):
    path = write(tmp_path / "d.h5", test_set_x=IMAGES, test_set_y=[0, 3, 1, 1])
    classes = load_dataset(path).classes
    assert classes.tolist() == ["0", "1", "2", "3"]
    assert classes.dtype.kind == "U"


def test_test_set_is_found_in_the_training_file(tmp_path):
    assert_same_arrays(load_dataset(whole_file(tmp_path))[2:4], IMAGES, LABELS)


def test_a_test_file_goes_before_the_test_set_of_the_training_file(tmp_path):
    other = write(tmp_path / "t.h5", test_set_x=IMAGES[:2] + 1, test_set_y=[1, 0])
    data = load_dataset(whole_file(tmp_path), other)
    assert_same_arrays(data[2:4], IMAGES[:2] + 1, [1, 0])


def test_course_files_load_as_h5py_reads_them(course, cats):
    with h5py.File(course / "train_catvnoncat.h5") as file:
        assert_same_arrays(cats[:2], file["train_set_x"][()], file["train_set_y"][()])
    with h5py.File(course / "test_catvnoncat.h5") as file:
        assert_same_arrays(cats[2:4], file["test_set_x"][()], file["test_set_y"][()])


def test_course_files_hold_what_the_course_says(cats):
    assert cats.X_train.shape == (209, 64, 64, 3)
    assert cats.X_test.shape == (50, 64, 64, 3)
    assert cats.X_train.dtype == np.uint8
    assert cats.classes.tolist() == ["non-cat", "cat"]


def test_variants_of_the_course_files_load_the_same(course, cats):
    folder = course / "variants"
    other = load_dataset(
        folder / "train_catvnoncat_columnlabels.h5",
        folder / "test_catvnoncat_columnlabels.h5",
    )
    for mine, theirs in zip(other, cats, strict=True):
        assert_array_equal(mine, theirs)


# -- bad files -------------------------------------------------------------------------


def missing(folder):
    return folder / "nothing.h5"


def directory(folder):
    return folder


def text(folder):
    path = folder / "text.h5"
    path.write_text("I am a table,\nnot an HDF5 file.\n")
    return path


def empty_file(folder):
    path = folder / "empty.h5"
    path.touch()
    return path


def truncated(folder):
    path = whole_file(folder)
    path.write_bytes(path.read_bytes()[:-100])
    return path


def hardly_begun(folder):
    path = whole_file(folder)
    path.write_bytes(path.read_bytes()[:50])
    return path


@pytest.mark.parametrize(
    ("make", "error", "rule"),
    [
        (missing, FileNotFoundError, "does not exist"),
        (directory, IsADirectoryError, "got a directory"),
        (text, OSError, "must be a whole HDF5 file, but it is of another format"),
        (empty_file, OSError, "must be a whole HDF5 file, but it is of another format"),
        (truncated, OSError, "must be a whole HDF5 file, but it is cut short"),
        (hardly_begun, OSError, "must be a whole HDF5 file, but it is cut short"),
    ],
)
def test_what_is_no_hdf5_file_is_an_error_of_one_line(tmp_path, make, error, rule):
    path = make(tmp_path)
    with pytest.raises(error) as caught:
        load_dataset(path)
    assert_one_line(caught, path, rule)


def assert_one_line(caught, *parts):
    message = str(caught.value)
    assert "\n" not in message
    for part in parts:
        assert str(part) in message


NOT_WHOLE = "must hold whole numbers from 0 to 65535"


@pytest.mark.parametrize(
    ("changed", "key", "rule"),
    [
        ({"train_set_x": None}, "train_set_x", "must hold 'train_set_x', got only"),
        ({"train_set_y": None}, "train_set_y", "got only ['train_set_x']"),
        ({"train_set_x": None, "train_set_x/deep": [1]}, "train_set_x", "got a group"),
        ({"train_set_x": h5py.SoftLink("/gone")}, "train_set_x", "got a link"),
        (
            {"train_set_x": h5py.ExternalLink("gone.h5", "/x")},
            "train_set_x",
            "got a link",
        ),
        ({"train_set_x": h5py.Empty("u1")}, "train_set_x", "an empty dataspace"),
        ({"train_set_x": 3}, "train_set_x", "one image a row, got int64 of shape ()"),
        ({"train_set_x": [1, 2, 3, 4]}, "train_set_x", "got int64 of shape (4,)"),
        ({"train_set_x": ["a", "b"]}, "train_set_x", "fixed length, got texts of"),
        ({"train_set_x": np.ones((4, 2), "S3")}, "train_set_x", "hold numbers"),
        ({"train_set_x": np.ones((4, 2), "c16")}, "train_set_x", "got a compound type"),
        ({"train_set_x": np.zeros((4, 2), "i4,f4")}, "train_set_x", "got a compound"),
        ({"train_set_y": [0, 1, 1]}, "train_set_y", "for each of the 4 rows"),
        ({"train_set_y": [[0, 1], [1, 0]]}, "train_set_y", "got shape (2, 2)"),
        ({"train_set_y": 1}, "train_set_y", "got shape ()"),
        ({"train_set_y": [0, 1, 0.5, 0]}, "train_set_y", f"{NOT_WHOLE}, got 0.5"),
        ({"train_set_y": [0, 1, -1, 0]}, "train_set_y", f"{NOT_WHOLE}, got -1"),
        ({"train_set_y": [0, 1, np.nan, 0]}, "train_set_y", f"{NOT_WHOLE}, got nan"),
        ({"train_set_y": [0, 1, np.inf, 0]}, "train_set_y", f"{NOT_WHOLE}, got inf"),
        ({"train_set_y": [0, 1, 10**12, 0]}, "train_set_y", f"{NOT_WHOLE}, got 1000"),
        ({"train_set_y": np.zeros(4, "S1")}, "train_set_y", f"{NOT_WHOLE}, got |S1"),
        ({"train_set_y": ["a"] * 4}, "train_set_y", "fixed length, got texts of"),
        ({"test_set_x": IMAGES}, "test_set_y", "must hold 'test_set_y'"),
        ({"test_set_y": LABELS}, "test_set_x", "must hold 'test_set_x'"),
        ({"list_classes": NAMES[:1]}, "list_classes", "shape (1,) for labels up to 1"),
        ({"list_classes": [0, 1]}, "list_classes", "list of names, got int64"),
        ({"list_classes": ["a", "b"]}, "list_classes", "fixed length, got texts of"),
        ({"list_classes": NAMES[:, None]}, "list_classes", "got |S7 of shape (2, 1)"),
        ({"list_classes": np.array([b"caf\xe9"])}, "list_classes", "must be UTF-8"),
        (
            {"test_set_x": IMAGES.reshape(4, 2, 3), "test_set_y": LABELS},
            "test_set_x",
            "images of shape (3, 2) like the training set, got (2, 3)",
        ),
    ],
)
def test_bad_content_is_an_error_of_one_line(tmp_path, changed, key, rule):
    path = write(tmp_path / "bad.h5", **changed)
    with pytest.raises((ValueError, OSError)) as caught:
        load_dataset(path)
    assert_one_line(caught, path, key, rule)


def test_bad_content_of_the_test_file_names_that_file(tmp_path):
    path = write(tmp_path / "bad.h5", test_set_x=IMAGES, test_set_y=LABELS[:2])
    with pytest.raises(ValueError, match="must have one label for each") as caught:
        load_dataset(whole_file(tmp_path), path)
    assert_one_line(caught, path, "test_set_y")


def test_two_files_with_other_class_names_are_refused(tmp_path):
    train = write(tmp_path / "train.h5", list_classes=NAMES[::-1])
    with pytest.raises(ValueError, match="must be that of the training set") as caught:
        load_dataset(train, whole_file(tmp_path))
    assert_one_line(caught, "whole.h5:/list_classes", "['cat', 'non-cat']")


def test_flipped_bytes_give_data_or_an_error_of_one_line(tmp_path):
    path, chance = whole_file(tmp_path), random.Random(0)
    whole, messages = path.read_bytes(), []
    for _ in range(500):
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 4, 30])):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path.write_bytes(damaged)
        try:
            load_dataset(path)
        except (OSError, ValueError) as error:
            messages.append(str(error))
    assert len(messages) > 100
    assert all(str(path) in message and "\n" not in message for message in messages)


# -- bad arguments of save_dataset, and saves that fail --------------------------------


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"y_train": [0, 1]}, "y_train must have one label for each of the 4 rows"),
        ({"y_train": [0, 1, 0.5, 0]}, f"y_train {NOT_WHOLE}, got 0.5"),
        ({"y_train": list("abcd")}, f"y_train {NOT_WHOLE}, got <U1"),
        ({"X_train": np.full((4, 2), "a")}, "X_train must hold numbers"),
        ({"X_train": [[1, 2], [3]]}, "X_train must be an array, got rows that differ"),
        ({"X_test": IMAGES}, "y_test must have one label"),
        ({"y_test": LABELS}, "X_test must hold numbers"),
        ({"X_test": IMAGES[:, :2], "y_test": LABELS}, "X_test must hold images of"),
        ({"classes": ["cat"]}, "classes must be a list that names every label"),
        ({"classes": "ab"}, "classes must be a list that names every label"),
        ({"classes": [["a"], ["b"]]}, "classes must be a list that names every label"),
    ],
)
def test_what_load_would_refuse_is_not_saved(tmp_path, changed, rule):
    arguments = {"X_train": IMAGES, "y_train": LABELS} | changed
    with pytest.raises(ValueError, match="must") as caught:
        save_dataset(tmp_path / "d.h5", **arguments)
    assert_one_line(caught, rule)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("place", "error"),
    [("no/d.h5", FileNotFoundError), ("", IsADirectoryError)],
)
def test_a_place_that_cannot_be_written_is_named(tmp_path, place, error):
    with pytest.raises(error) as caught:
        save_dataset(tmp_path / place, IMAGES, LABELS)
    assert_one_line(caught, tmp_path / place)


FULL = OSError(28, "No space left")


@pytest.mark.parametrize(
    ("owner", "name", "failure"),
    [
        (os, "replace", FULL),
        (os, "replace", KeyboardInterrupt()),
        (h5py.Group, "create_dataset", FULL),
        (h5py.Group, "create_dataset", RuntimeError("close")),  # HDF5's own words
        (h5py.Group, "create_dataset", KeyboardInterrupt()),
    ],
)
def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch, owner, name, failure):
    path = tmp_path / "d.h5"
    save_dataset(path, IMAGES, LABELS)
    before = path.read_bytes()

    def fail(*arguments, **options):
        raise failure

    monkeypatch.setattr(owner, name, fail)
    expected = KeyboardInterrupt if type(failure) is KeyboardInterrupt else OSError
    with pytest.raises(expected) as caught:
        save_dataset(path, IMAGES + 1, LABELS)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    if expected is OSError:
        assert_one_line(caught, path, "could not be written")


def test_a_save_replaces_the_old_file(tmp_path):
    path = tmp_path / "d.h5"
    save_dataset(path, IMAGES, LABELS)
    save_dataset(path, IMAGES + 1, LABELS)
    assert_array_equal(load_dataset(path).X_train, IMAGES + 1)
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_has_the_permissions_of_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        save_dataset(tmp_path / "d.h5", IMAGES, LABELS)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "d.h5").stat().st_mode) == 0o640


def test_a_replaced_file_keeps_its_permissions(tmp_path):
    path = tmp_path / "d.h5"
    save_dataset(path, IMAGES, LABELS)
    path.chmod(0o604)
    save_dataset(path, IMAGES, LABELS)
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_a_save_through_a_link_keeps_the_link(tmp_path):
    path, link = tmp_path / "d.h5", tmp_path / "link.h5"
    save_dataset(path, IMAGES, LABELS)
    link.symlink_to(path)
    save_dataset(link, IMAGES + 1, LABELS)
    assert link.is_symlink()
    assert_array_equal(load_dataset(path).X_train, IMAGES + 1)


# -- how images are stored -------------------------------------------------------------


@pytest.mark.parametrize("compression", [None, "gzip", "lzf"])
@pytest.mark.parametrize("dtype", [np.uint8, np.float64])
def test_images_are_stored_in_chunks_of_whole_rows(tmp_path, rng, compression, dtype):
    X = rng.uniform(0, 255, (500, 64, 3)).repeat(40, axis=1).astype(dtype)
    save_dataset(tmp_path / "d.h5", X, LABELS[:1].repeat(500), compression=compression)
    with h5py.File(tmp_path / "d.h5") as file:
        stored = file["train_set_x"]
        assert stored.chunks[1:] == X.shape[1:]
        assert 2**18 <= stored.chunks[0] * X[0].nbytes <= 2**20
        assert stored.compression == compression
        assert all(file[name].fletcher32 for name in ("train_set_x", "train_set_y"))
        assert stored.id.get_storage_size() < X.nbytes / 2 or compression is None
    assert_array_equal(load_dataset(tmp_path / "d.h5").X_train, X)


@pytest.mark.parametrize("compression", [None, "gzip"])
@pytest.mark.parametrize("shape", [(0, 3), (4, 0), (1, 3), (4, 600_000)])
def test_images_of_any_size_can_be_stored(tmp_path, shape, compression):
    X, y = np.ones(shape, dtype=np.uint8), np.zeros(len(np.ones(shape)), dtype=int)
    save_dataset(tmp_path / "d.h5", X, y, compression=compression)
    assert_array_equal(load_dataset(tmp_path / "d.h5").X_train, X)


@pytest.mark.parametrize("compression", ["zip", 4, True])
def test_an_unknown_compression_is_refused(tmp_path, compression):
    with pytest.raises(ValueError, match="compression must be one of") as caught:
        save_dataset(tmp_path / "d.h5", IMAGES, LABELS, compression=compression)
    assert_one_line(caught, repr(compression))
    assert not list(tmp_path.iterdir())


# -- files that grow -------------------------------------------------------------------


@pytest.mark.parametrize("compression", [None, "gzip", "lzf"])
@pytest.mark.parametrize("sizes", [[1] * 9, [4, 5], [7, 2], [9]])
def test_rows_appended_are_the_rows_in_the_file(tmp_path, rng, compression, sizes):
    X = rng.rand(9, 300, 100)  # two rows are a chunk
    with store.appending(tmp_path / "d.h5", compression=compression) as file:
        for rows in np.split(X, np.cumsum(sizes)[:-1]):
            file.append("train_set_x", rows)
        file.write("train_set_y", np.zeros(9, dtype=int))
    assert_array_equal(load_dataset(tmp_path / "d.h5").X_train, X)
    assert list(tmp_path.iterdir()) == [tmp_path / "d.h5"]


def test_a_file_that_grows_is_nowhere_until_it_is_whole(tmp_path):
    path = tmp_path / "d.h5"
    path.write_text("old")
    with store.appending(path) as file:
        file.append("x", IMAGES)
        assert path.read_text() == "old"
    assert path.read_bytes()[:4] == b"\x89HDF"


@pytest.mark.parametrize("error", [ValueError, OSError, KeyboardInterrupt])
def test_an_error_while_a_file_grows_stays_as_it_is_and_leaves_nothing(tmp_path, error):
    def grow():
        with store.appending(tmp_path / "d.h5") as file:
            file.append("x", IMAGES)
            raise error("mine")

    with pytest.raises(error, match="^mine$"):
        grow()
    assert not list(tmp_path.iterdir())


def test_a_full_disk_while_a_file_grows_is_named(tmp_path, monkeypatch):
    def fail(*arguments, **options):
        raise OSError(28, "No space left on device")

    def grow():
        with store.appending(tmp_path / "d.h5") as file:
            file.append("x", IMAGES)
            monkeypatch.setattr(h5py.Dataset, "resize", fail)
            file.append("x", IMAGES)

    with pytest.raises(OSError, match="could not be written") as caught:
        grow()
    assert_one_line(caught, tmp_path / "d.h5", "No space left")
    assert not list(tmp_path.iterdir())
