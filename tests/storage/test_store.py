"""What comes out of a file is what went in; what somebody else planted is refused."""

import random
import signal
import zlib

import h5py
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sknn_scratch._storage import store
from sknn_scratch.hdf5 import open_dataset, save_dataset
from sknn_scratch.hdf5._datasets import open_split

DEEP = store.Tree(
    {"name": "ä", "empty": "", "n": 3, "rate": 0.5, "on": True},
    {"W": np.arange(6.0).reshape(2, 3), "none": np.zeros((0, 3)), "one": np.array(2.5)},
    {"a": store.Tree({}, {"b": np.array([b"x"])}, {"c": store.Tree({}, {}, {})})},
)


def assert_same_tree(found, expected):
    assert found.attributes == expected.attributes
    assert [*map(type, found.attributes.values())] == [
        type(expected.attributes[name]) for name in found.attributes
    ]
    assert found.arrays.keys() == expected.arrays.keys()
    for name, array in expected.arrays.items():
        assert_array_equal(found.arrays[name], array)
        assert found.arrays[name].dtype == array.dtype
    assert found.groups.keys() == expected.groups.keys()
    for name, inner in expected.groups.items():
        assert_same_tree(found.groups[name], inner)


def test_a_tree_comes_back_as_it_was_written(tmp_path):
    store.write_tree(tmp_path / "t.h5", DEEP)
    assert_same_tree(store.read_tree(tmp_path / "t.h5"), DEEP)


def test_a_write_that_fails_lets_go_of_its_memory(tmp_path, monkeypatch):
    images, make = [], store._image
    monkeypatch.setattr(store, "_image", lambda t: images.append(make(t)) or images[0])
    with pytest.raises(OSError, match="folder that exists"):
        store.write_tree(tmp_path / "nowhere" / "t.h5", DEEP)
    with pytest.raises(ValueError, match="released"):
        len(images[0])


def test_a_tree_of_the_old_layout_comes_back(tmp_path):
    with h5py.File(tmp_path / "t.h5", "w") as file:
        file.attrs["name"], file.attrs["n"] = np.array("ä".encode(), "S2"), 3
        file["step/W"] = np.eye(2)
    tree = store.read_tree(tmp_path / "t.h5")
    assert tree.attributes == {"name": "ä", "n": 3}
    assert_array_equal(tree.groups["step"].arrays["W"], np.eye(2))


def test_a_tree_deeper_than_allowed_is_refused(tmp_path):
    store.write_tree(tmp_path / "t.h5", DEEP)
    store.read_tree(tmp_path / "t.h5", depth=2)
    with pytest.raises(ValueError, match=":/a/c must not lie so deep"):
        store.read_tree(tmp_path / "t.h5", depth=1)


@pytest.mark.parametrize("change", ["array", "attribute", "name"])
def test_contents_that_do_not_fit_the_digest_are_refused(tmp_path, change):
    store.write_tree(tmp_path / "t.h5", DEEP)
    with h5py.File(tmp_path / "t.h5", "r+") as file:
        if change == "array":
            file["W"][0, 0] = 7
        elif change == "attribute":
            file.attrs["n"] = 4
        else:
            file.move("W", "V")
    with pytest.raises(ValueError, match="do not fit their digest"):
        store.read_tree(tmp_path / "t.h5")


# -- what is planted -------------------------------------------------------------------


def bomb(file):
    """A chunk of a MB that declares 512 kB and unpacks to a GB."""
    big = file.create_dataset("x", (1, 2**19), "u1", chunks=(1, 2**19), compression=9)
    big.id.write_direct_chunk((0, 0), zlib.compress(bytes(2**30), 9))


def planted(file, what):
    """A dataset x of one row or more that is not what it seems."""
    if what == "soft link":
        file["there"], file["x"] = [[1]], h5py.SoftLink("/there")
    elif what == "external link":
        file["x"] = h5py.ExternalLink("other.h5", "/x")
    elif what == "virtual":
        layout = h5py.VirtualLayout((1, 2), "f8")
        layout[0] = h5py.VirtualSource("other.h5", "x", (2,))
        file.create_virtual_dataset("x", layout)
    elif what == "external":
        file.create_dataset("x", (1, 8), "u1", external=[("/etc/hostname", 0, 8)])
    elif what == "huge":
        file.create_dataset("x", (10**6, 10**6), "f8")
    elif what == "huge chunk":
        file.create_dataset("x", (1, 2**28), "f8", chunks=(1, 2**28), compression=1)
    elif what == "missing chunks":
        file.create_dataset("x", (1000, 10**6), "f8", chunks=(1, 10**6))[0] = 1
    elif what == "filter":
        file.create_dataset("x", (10, 10), "i4", data=np.eye(10), scaleoffset=0)
    elif what == "text":
        file.create_dataset("x", data=[["a"]], dtype=h5py.string_dtype())
    elif what == "reference":
        file.create_dataset("x", data=[file.ref], dtype=h5py.ref_dtype)
    elif what == "compound":
        file["x"] = np.zeros(3, "i4,f8")
    elif what == "bomb":
        bomb(file)


PLANTED = {
    "soft link": "in the file itself, got a link",
    "external link": "in the file itself, got a link",
    "virtual": "got virtual storage",
    "external": "got external storage",
    "huge": "must be stored whole",
    "huge chunk": "must be stored whole",
    "missing chunks": "got 1 of 1000 chunks",
    "filter": "compressed with gzip or lzf",
    "text": "got texts of variable length",
    "reference": "got references",
    "compound": "got a compound type",
    "bomb": "must unpack to 524288 bytes a chunk",
}


def read_array(path):
    with store.reading(path) as file:
        store.read_array(file, "x")


def read_blocks(path):
    with store.reading(path) as file:
        list(store.row_blocks(file, "x"))


READERS = {"tree": store.read_tree, "array": read_array, "blocks": read_blocks}


@pytest.mark.parametrize("what", PLANTED)
@pytest.mark.parametrize("read", READERS)
def test_what_is_planted_is_refused_in_one_line(tmp_path, what, read):
    path = tmp_path / "p.h5"
    with h5py.File(path, "w") as file:
        planted(file, what)
    message = PLANTED[what]
    if read == "tree" and what in {"huge chunk", "filter", "bomb"}:
        message = r"must be uncompressed, got the filters \['(gzip|scaleoffset)'\]"
    with pytest.raises(ValueError, match=message) as caught:
        READERS[read](path)
    assert str(caught.value).startswith(f"{path}:/x must")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("what", PLANTED)
def test_contents_of_what_is_planted_are_listed(tmp_path, what):
    with h5py.File(tmp_path / "p.h5", "w") as file:
        planted(file, what)
    with store.reading(tmp_path / "p.h5") as file:
        assert {*store.contents(file)} <= {"x", "there"}


def test_a_group_within_itself_is_refused_and_listed_once(tmp_path):
    path = tmp_path / "r.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("g")
        group["x"], group["again"], group["up"] = [1, 2], group, file["/"]
    with pytest.raises(ValueError, match=":/g/.* must not lie so deep"):
        store.read_tree(path)
    with store.reading(path) as file:
        assert [*store.contents(file)] == ["g/x"]


def test_thousands_of_groups_are_refused(tmp_path):
    with h5py.File(tmp_path / "m.h5", "w") as file:
        for i in range(2_001):
            file.create_group(str(i))
    with pytest.raises(ValueError, match="at most 2000 groups, datasets"):
        store.read_tree(tmp_path / "m.h5")


def test_one_dataset_under_many_names_is_refused(tmp_path):
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["x"] = np.zeros(10_000)
        for i in range(100):
            file[f"y{i}"] = file["x"]
    with pytest.raises(ValueError, match="must have bytes of its own"):
        store.read_tree(tmp_path / "m.h5")


@pytest.mark.parametrize(
    "value", [np.zeros(3), np.bytes_(b"x" * 2**21), np.zeros((), "i4,f4")]
)
def test_attributes_that_are_no_single_number_or_text_are_refused(tmp_path, value):
    with h5py.File(tmp_path / "a.h5", "w", libver="latest") as file:
        file.attrs["n"] = value
    with pytest.raises(ValueError, match="in its attribute 'n' one number or text"):
        store.read_tree(tmp_path / "a.h5")


# -- data left on disk -----------------------------------------------------------------


def test_an_open_data_set_reads_rows_until_the_block_ends(tmp_path, rng):
    X, y = rng.rand(9, 4), np.arange(9) % 2
    save_dataset(tmp_path / "d.h5", X[:6], y[:6], X[6:], y[6:], classes=["a", "b"])
    with open_dataset(tmp_path / "d.h5") as data:
        assert isinstance(data.X_train, h5py.Dataset)
        assert_array_equal(data.X_train[2:4], X[2:4])
        assert_array_equal(data.X_test[:], X[6:])
        assert data.y_train.tolist() == y[:6].tolist()
        assert data.classes.tolist() == ["a", "b"]
    assert not data.X_train
    with open_split(tmp_path / "d.h5") as (rows, labels, names):
        assert_array_equal(rows[:], X[6:])
        assert labels.tolist() == y[6:].tolist()
        assert names.tolist() == ["a", "b"]
    assert not rows


def test_a_test_file_stays_open_as_long_as_the_block(tmp_path, rng):
    X, y = rng.rand(6, 4), np.arange(6) % 2
    save_dataset(tmp_path / "a.h5", X, y)
    save_dataset(tmp_path / "b.h5", X, y, X + 1, y)
    with open_dataset(tmp_path / "a.h5", tmp_path / "b.h5") as data:
        assert_array_equal(data.X_train[:], X)
        assert_array_equal(data.X_test[:], X + 1)
    assert not data.X_test


# -- interrupts ------------------------------------------------------------------------


class Interrupt(BaseException):
    """What a signal raises, at any place of the main thread."""


def write_tree(path, X):
    store.write_tree(path, store.Tree({}, {"X": X}, {}))


def append(path, X):
    with store.appending(path) as file:
        for i in range(4):
            file.append("X", X[i::4])


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no timers")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("write", [write_tree, append])
def test_an_interrupt_leaves_the_file_of_before(tmp_path, write):
    def interrupt(*_):
        raise Interrupt

    path, draw, ended = tmp_path / "t.h5", random.Random(0), set()
    old, new = np.zeros((400, 500)), np.ones((400, 500))
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        for _ in range(40):
            write(path, old)
            try:
                signal.setitimer(signal.ITIMER_REAL, draw.uniform(1e-5, 0.02))
                write(path, new)
                signal.setitimer(signal.ITIMER_REAL, 0)
                ended.add("written")
            except Interrupt:
                ended.add("interrupted")
            with store.reading(path) as file:
                X = store.read_array(file, "X")
            assert X.all() or not X.any()
            assert [*tmp_path.iterdir()] == [path]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert "interrupted" in ended


def test_an_interrupt_while_hdf5_calls_back_is_not_lost(tmp_path, monkeypatch):
    path = tmp_path / "t.h5"
    append(path, np.zeros((4, 3)))
    whole = path.read_bytes()
    real, written = store._DeferringFile.write, []

    def write(disk, data):
        if not written:
            signal.raise_signal(signal.SIGINT)
        written.append(len(data))
        return real(disk, data)

    monkeypatch.setattr(store._DeferringFile, "write", write)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            append(path, np.ones((4, 3)))
    finally:
        signal.signal(signal.SIGINT, before)
    assert written
    assert path.read_bytes() == whole
    assert [*tmp_path.iterdir()] == [path]
