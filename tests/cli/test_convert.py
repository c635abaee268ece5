"""`sknn-scratch convert`: what is written is what was there; errors are one line."""

import signal
import subprocess
import sys
import tracemalloc
import zipfile

import h5py
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sknn_scratch import __main__ as cli
from sknn_scratch._cli.main import parse, run
from sknn_scratch._cli.readers import common, data_file, images

Image = pytest.importorskip("PIL.Image")


def save_image(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(pixels, dtype=np.uint8)).save(path)


@pytest.fixture
def photos(tmp_path, rng):
    """A folder of 10 grey squares of class "a" (below 100) and 20 of "b"."""
    for name, count, least in (("b", 20, 100), ("a", 10, 0)):
        for i in range(count):
            pixels = np.full((6, 5, 3), least + i)
            save_image(tmp_path / "photos" / name / f"{i}.png", pixels)
    return tmp_path / "photos"


def rows_of(data):
    """All rows, flat, sorted."""
    rows = np.concatenate([X for X in (data.X_train, data.X_test) if X is not None])
    return sorted(rows.reshape(len(rows), -1).tolist())


# -- a folder of images ----------------------------------------------------------------


def test_classes_are_the_names_of_the_folders_sorted(convert, photos):
    assert convert(photos)[0].classes.tolist() == ["a", "b"]


def test_every_image_is_kept_with_its_class(convert, photos):
    data, _ = convert(photos, "--size", "5x6", "--test", "0")
    assert data.X_train.shape == (30, 6, 5, 3)
    assert data.X_train.dtype == np.uint8
    values = data.X_train[:, 0, 0, 0]
    assert sorted(values) == [*range(10), *range(100, 120)]
    assert_array_equal(data.y_train, values >= 100)


def test_images_are_not_in_the_order_of_their_classes(convert, photos):
    y = convert(photos)[0].y_train
    assert (np.diff(y) != 0).sum() > 4


@pytest.mark.parametrize(
    ("options", "shape"),
    [
        ([], (6, 5, 3)),
        (["--size", "8"], (8, 8, 3)),
        (["--size", "8x7"], (7, 8, 3)),
        (["--grey", "--size", "8x7"], (7, 8)),
    ],
)
def test_images_have_the_size_that_was_asked_for(convert, photos, options, shape):
    assert convert(photos, *options)[0].X_train.shape[1:] == shape


def test_an_even_image_stays_even_when_it_is_resized(convert, photos):
    X = convert(photos, "--size", "13")[0].X_train
    assert (X == X[:, :1, :1]).all()


def one_image(folder, image, name="x.png"):
    for label in "ab":
        (folder / "one" / label).mkdir(parents=True, exist_ok=True)
        image.save(folder / "one" / label / name)
    return folder / "one"


def test_transparent_parts_are_white(convert, tmp_path):
    image = Image.new("RGBA", (2, 2), (0, 0, 0, 0))
    image.putpixel((0, 0), (10, 20, 30, 255))
    data, _ = convert(one_image(tmp_path, image), "--size", "2", "--test", "0")
    assert data.X_train[0, 0, 0].tolist() == [10, 20, 30]
    assert data.X_train[0, 1, 1].tolist() == [255, 255, 255]


def test_sixteen_bits_become_eight(convert, tmp_path):
    image = Image.fromarray(np.array([[0, 256], [32768, 65535]], dtype=np.uint16))
    data, _ = convert(
        one_image(tmp_path, image), "--size", "2", "--grey", "--test", "0"
    )
    assert data.X_train[0].tolist() == [[0, 1], [128, 255]]


def test_a_photo_stands_as_the_camera_was_held(convert, tmp_path):
    image = Image.fromarray(np.array([[0, 100, 200]], dtype=np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6  # the top of the picture is on the right
    for label in "ab":
        (tmp_path / "one" / label).mkdir(parents=True)
        image.save(tmp_path / "one" / label / "x.png", exif=exif)
    data, _ = convert(tmp_path / "one", "--size", "1x3", "--grey", "--test", "0")
    assert data.X_train[0].tolist() == [[0], [100], [200]]


def test_files_that_are_no_images_are_left_out_and_named(convert, photos):
    (photos / "a" / "notes.txt").write_text("no image")
    (photos / ".hidden").mkdir()
    data, said = convert(photos)
    assert "Left out 1 that are no images" in said
    assert "notes.txt" in said
    assert data.classes.tolist() == ["a", "b"]


# -- the test set ----------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.1, 0.2, 0.5, 0.7])
def test_the_test_set_has_its_share_of_every_class(convert, photos, share):
    data, _ = convert(photos, "--test", str(share))
    assert np.bincount(data.y_test).tolist() == [round(10 * share), round(20 * share)]


def test_by_default_a_fifth_is_held_out(convert, photos):
    assert len(convert(photos)[0].y_test) == 6


def test_training_and_test_set_share_no_image_and_lose_none(convert, photos):
    every = convert(photos, "--test", "0", "--size", "4")[0]
    parted = convert(photos, "--test", "0.3", "--size", "4")[0]
    assert every.X_test is None
    assert rows_of(parted) == rows_of(every)


def test_the_seed_decides_what_is_held_out(convert, photos):
    first, again, other = (
        convert(photos, "--seed", seed)[0].X_test for seed in ("1", "1", "2")
    )
    assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("seed", range(5))
def test_a_stratified_part_is_within_one_row_of_the_share_of_each_class(seed):
    rng = np.random.RandomState(seed)
    y = rng.randint(7, size=rng.randint(20, 200)) ** 2
    chosen = data_file.stratified(y, len(y) // 3, rng)
    assert chosen.sum() == len(y) // 3
    share = len(y) // 3 / len(y)
    expected = share * np.bincount(y)
    assert np.abs(np.bincount(y[chosen], minlength=37) - expected).max() <= 1


# -- CSV -------------------------------------------------------------------------------

TABLE = 'w,label,"h, cm"\n1,10,2.5\n\n3e2,9,-4\n-0,9,"6"\n'


def test_a_csv_becomes_rows_of_numbers_in_its_order(convert, table):
    data, _ = convert(table(TABLE), "--test", "0")
    assert_array_equal(data.X_train, [[1, 2.5], [300, -4], [0, 6]])
    assert data.X_train.dtype == np.float64
    assert data.y_train.tolist() == [1, 0, 0]


def test_classes_that_are_whole_numbers_are_sorted_as_numbers(convert, table):
    assert convert(table(TABLE), "--test", "0")[0].classes.tolist() == ["9", "10"]


def test_classes_may_be_text_of_any_script(convert, table):
    data, _ = convert(table("label,x\nñu,1\n猫,2\nant,3\n"), "--test", "0")
    assert data.classes.tolist() == ["ant", "ñu", "猫"]
    assert data.y_train.tolist() == [1, 2, 0]


@pytest.mark.parametrize(
    ("text", "name", "encoding"),
    [
        (TABLE.replace("\n", "\r\n"), "t.csv", "utf-8"),
        (TABLE, "t.CSV", "utf-8-sig"),
        ("w\tlabel\th\n1\t10\t2.5\n3e2\t9\t-4\n-0\t9\t6\n", "t.tsv", "utf-8"),
    ],
)
def test_variants_of_a_csv_are_read_alike(convert, table, text, name, encoding):
    data, _ = convert(table(text, name, encoding), "--test", "0")
    assert_array_equal(data.X_train, [[1, 2.5], [300, -4], [0, 6]])


def test_the_label_column_and_the_number_type_can_be_named(convert, table):
    options = "--label", "kind", "--dtype", "float32", "--test", "0"
    data, _ = convert(table("kind,label\na,1\nb,2\n"), *options)
    assert data.X_train.dtype == np.float32
    assert_array_equal(data.X_train, [[1], [2]])


# -- NumPy -----------------------------------------------------------------------------


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("names", [("X", "y"), ("x_train", "y_train")])
@pytest.mark.parametrize("dtype", [np.uint8, ">f4", bool, np.float64])
def test_an_npz_is_kept_as_it_is(convert, tmp_path, rng, save, names, dtype):
    X, y = (rng.uniform(0, 9, (30, 3, 2))).astype(dtype), rng.randint(3, size=30)
    save(tmp_path / "a.npz", **dict(zip(names, (X, y), strict=True)))
    data, _ = convert(tmp_path / "a.npz", "--test", "0")
    assert_array_equal(data.X_train, X)
    assert data.X_train.dtype == X.dtype.newbyteorder("=")
    assert_array_equal(data.y_train, y)


def test_the_test_set_of_an_npz_stays_the_test_set(convert, tmp_path, rng):
    X, y = rng.randint(9, size=(12, 2)), rng.randint(3, size=12)
    parts = {"x_train": X[:9], "y_train": y[:9], "x_test": X[9:], "y_test": y[9:, None]}
    np.savez(tmp_path / "a.npz", **parts)
    data, _ = convert(tmp_path / "a.npz")
    for found, expected in zip(data[:4], (X[:9], y[:9], X[9:], y[9:]), strict=True):
        assert_array_equal(found, expected)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("labels", [list("bac"), [3, 1, 7], [3.0, 1.0, 7.0]])
def test_an_npy_has_its_classes_in_another(convert, tmp_path, rng, order, labels):
    X, y = rng.rand(30, 4), np.array(labels * 10)
    np.save(tmp_path / "X.npy", np.asarray(X, order=order))
    np.save(tmp_path / "y.npy", y)
    label = str(tmp_path / "y.npy")
    data, _ = convert(tmp_path / "X.npy", "--label", label, "--test", "0")
    assert_array_equal(data.X_train, X)
    assert data.classes.tolist() == [str(v) for v in sorted(set(labels), key=str)] or [
        float(name) for name in data.classes
    ] == [1, 3, 7]
    assert_array_equal(data.y_train, np.unique(y, return_inverse=True)[1])


# -- what is printed, and how it is stored ---------------------------------------------


def test_what_was_written_is_told(convert, photos, tmp_path):
    said = convert(photos, "--size", "8", "--compress", "gzip")[1]
    words = " ".join(said.split())
    assert f"Wrote {tmp_path / 'out.h5'} (" in words
    assert "kB, gzip): 24 rows to train on, 6 to test" in words
    assert "each uint8 of shape (8, 8, 3). class train test a 8 2 b 16 4" in words
    assert "rows: 30 of 30" in said
    assert "\x1b" not in said


def test_of_many_classes_twenty_are_shown(convert, table):
    text = "label,x\n" + "".join(f"{i},{i}\n" for i in range(50))
    assert "... and 30 more classes" in convert(table(text), "--test", "0")[1]


@pytest.mark.parametrize("compression", ["gzip", "lzf"])
def test_compression_loses_nothing(convert, photos, tmp_path, compression):
    plain = convert(photos)[0]
    packed = convert(photos, "--compress", compression)[0]
    assert_array_equal(packed.X_train, plain.X_train)
    with h5py.File(tmp_path / "out.h5") as file:
        assert file["train_set_x"].compression == compression


def test_an_old_file_is_replaced(convert, photos, tmp_path):
    (tmp_path / "out.h5").write_text("old")
    assert len(convert(photos, "--test", "0")[0].X_train) == 30


# -- errors ----------------------------------------------------------------------------


def test_a_source_that_is_missing_is_named(refused, tmp_path):
    refused(tmp_path / "no", parts=[tmp_path / "no", "does not exist"])


def test_an_unknown_kind_of_file_is_named(refused, table):
    refused(table("", "a.xlsx"), parts=["a.xlsx", ".csv", ".npz", "got .xlsx"])
    refused(table("", "a"), parts=["a file without extension"])


@pytest.mark.parametrize(
    ("out", "part"),
    [("no/out.h5", "folder that exists"), ("photos/a", "got a directory")],
)
def test_a_place_that_cannot_be_written_is_named(refused, photos, out, part):
    refused(photos, out=out, parts=[out, part])


def test_the_source_is_not_overwritten(refused, table):
    refused(table(TABLE), out="t.csv", parts=["--out", "t.csv"])


def test_the_file_of_labels_is_not_overwritten(tmp_path):
    np.save(tmp_path / "X.npy", np.eye(4))
    np.save(tmp_path / "y.npy", [0, 1, 0, 1])
    before = (tmp_path / "y.npy").read_bytes()
    place = str(tmp_path / "y.npy")
    assert (
        cli.main(["convert", f"{tmp_path}/X.npy", "--label", place, "--out", place])
        == 2
    )
    assert (tmp_path / "y.npy").read_bytes() == before


def test_a_folder_without_classes_is_named(refused, tmp_path):
    (tmp_path / "photos").mkdir()
    save_image(tmp_path / "photos" / "x.png", np.zeros((2, 2)))
    refused(tmp_path / "photos", parts=[tmp_path / "photos", "a sub-folder of images"])


def test_a_class_without_images_is_named(refused, photos):
    (photos / "empty").mkdir()
    refused(photos, parts=[photos / "empty", "must hold images", "got none"])


def cut(data):
    return data[: len(data) // 2]


def flipped(data):
    return data[:60] + bytes(255 - byte for byte in data[60:70]) + data[70:]


DAMAGED = [(cut, e) for e in ("png", "jpg", "gif", "bmp")]
DAMAGED += [(lambda data: b"", "png"), (lambda data: b"text", "jpg")]
DAMAGED += [(flipped, "png")]  # the others have no checksums


@pytest.mark.parametrize(("damage", "ending"), DAMAGED)
def test_a_corrupted_image_is_named(refused, photos, rng, damage, ending):
    path = photos / "a" / f"bad.{ending}"
    save_image(path, rng.randint(256, size=(40, 40, 3)))
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    refused(photos, parts=[path, "must be a whole image, got: "])


def test_without_pillow_the_way_to_get_it_is_told(refused, photos, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    refused(photos, parts=[photos, "pip install pillow"])


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["column 'label'", "got the columns []"]),
        ("a,b\n1,2\n", ["must have one column 'label'", "['a', 'b']"]),
        ("label,label\n1,2\n", ["must have one column 'label'"]),
        ("label\n1\n", ["must have columns of numbers"]),
        ("label,x\n", ["must have rows, got none"]),
        ("label,x\na,1\nb\n", ["line 3 must have 2 columns", "got 1"]),
        ("label,x\na,1\nb,2,3\n", ["line 3 must have 2 columns", "got 3"]),
        ("label,x\na,1\n,2\n", ["line 3 must have a 'label', got none"]),
        ("x,label,w\n1,a,2\n1,b,two\n", ["line 3, column 'w'", "number, got 'two'"]),
        ("label,x\na,1\nb,\n", ["line 3, column 'x'", "finite number, got ''"]),
        ("label,x\na,1\nb,nan\n", ["line 3, column 'x'", "finite number, got 'nan'"]),
        ("label,x\na,inf\nb,1\n", ["line 2, column 'x'", "finite number, got 'inf'"]),
        ("label,x\na,\xe9\n".encode("latin-1").decode("latin-1"), ["line 2", "'é'"]),
    ],
)
def test_what_is_wrong_in_a_csv_is_named(refused, table, text, parts):
    refused(table(text), "--test", "0", parts=["t.csv", *parts])


def test_a_csv_of_another_encoding_is_named(refused, table):
    path = table("label,x\né,1\n", encoding="latin-1")
    refused(path, parts=[path, "UTF-8", "0xe9"])


def test_measured_numbers_are_no_classes(refused, table, monkeypatch):
    monkeypatch.setattr(common, "MOST_CLASSES", 3)
    text = "label,x\n" + "".join(f"{i / 7},{i}\n" for i in range(9))
    refused(table(text), parts=["at most 3 classes", "not measured numbers"])


X, Y = np.zeros((4, 2)), np.array([0, 1, 0, 1])
OBJECTS = np.array([1, "a", None, 2], dtype=object)


@pytest.mark.parametrize(
    ("arrays", "part"),
    [
        ({}, "must hold X and y, or x_train and y_train, got only []"),
        ({"X": X}, "got only ['x']"),
        ({"x_test": X, "y_test": Y}, "got only ['x_test', 'y_test']"),
        ({"X": X, "y": Y[:3]}, "one label for each of the 4 rows"),
        ({"X": X, "y": np.zeros((4, 4))}, "got shape (4, 4)"),
        ({"X": X, "y": OBJECTS}, "y.npy must hold numbers or text, got Python objects"),
        ({"X": OBJECTS, "y": Y}, "X.npy must hold numbers or text, got Python objects"),
        ({"X": X[:, 0], "y": Y}, "must hold numbers, one example a row"),
        ({"X": X + 1j, "y": Y}, "got complex128"),
        ({"X": X + np.nan, "y": Y}, "must hold finite numbers, got NaN or infinity in"),
        ({"X": X[:0], "y": Y[:0]}, "must have rows, got none"),
        ({"X": X, "y": Y + 0.5}, "must hold classes, got broken numbers"),
        ({"X": X, "y": Y * np.nan}, "must hold classes, got broken numbers"),
        (
            {"x_train": X, "y_train": Y, "x_test": X[:, :1], "y_test": Y},
            "must have rows like the training set",
        ),
    ],
)
def test_what_is_wrong_in_an_npz_is_named(refused, tmp_path, arrays, part):
    np.savez(tmp_path / "a.npz", **arrays)
    refused(tmp_path / "a.npz", parts=["a.npz", part])


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_damaged_npz_is_named(refused, tmp_path, rng, save):
    path = tmp_path / "a.npz"
    save(path, X=rng.rand(100, 9), y=np.arange(100) % 2)
    whole = path.read_bytes()
    damaged = [whole[:1000], b"text", whole[:2000] + b"\0" * 200 + whole[2200:]]
    for data in damaged:
        path.write_bytes(data)
        refused(path, parts=[path])


def test_an_npz_that_declares_more_than_it_holds_is_refused(refused, tmp_path):
    np.save(tmp_path / "X.npy", X)
    head = (tmp_path / "X.npy").read_bytes()
    head = head.replace(b"(4, 2), }        ", b"(40000000000, 2),")
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("X.npy", head)
        archive.writestr("y.npy", head)
    (tmp_path / "X.npy").unlink()
    refused(tmp_path / "a.npz", parts=["a.npz:"])


@pytest.mark.parametrize(
    ("data", "labels", "part"),
    [
        (OBJECTS, Y, "X.npy must be a whole .npy of numbers or text"),
        (X, OBJECTS, "y.npy must be a whole .npy of numbers or text"),
        (X, Y[:3], "one label for each of the 4 rows"),
        (X[0], Y, "must hold numbers, one example a row"),
    ],
)
def test_what_is_wrong_in_an_npy_is_named(refused, tmp_path, data, labels, part):
    np.save(tmp_path / "X.npy", data)
    np.save(tmp_path / "y.npy", labels)
    refused(tmp_path / "X.npy", "--label", str(tmp_path / "y.npy"), parts=[part])


@pytest.mark.parametrize("data", [b"", b"text", b"\x93NUMPY\x01\x00\x76\x00{'de"])
def test_a_damaged_npy_is_named(refused, tmp_path, data):
    (tmp_path / "X.npy").write_bytes(data)
    refused(
        tmp_path / "X.npy", "--label", str(tmp_path / "X.npy"), parts=["X.npy must be"]
    )


def test_an_npy_needs_its_classes(refused, tmp_path):
    np.save(tmp_path / "X.npy", X)
    refused(tmp_path / "X.npy", parts=["--label y.npy"])
    missing = str(tmp_path / "no.npy")
    refused(tmp_path / "X.npy", "--label", missing, parts=["no.npy", "does not exist"])


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("t.csv", ["--size", "4"]),
        ("t.csv", ["--grey"]),
        ("photos", ["--label", "x"]),
        ("photos", ["--dtype", "float32"]),
        ("a.npz", ["--label", "x"]),
    ],
)
def test_an_option_without_use_is_refused(refused, photos, table, name, options):
    table(TABLE)
    np.savez(photos.parent / "a.npz", X=X, y=Y)
    refused(photos.parent / name, *options, parts=[f"{options[0]} must not be given"])


def test_a_second_test_set_is_refused(refused, tmp_path):
    np.savez(tmp_path / "a.npz", x_train=X, y_train=Y, x_test=X, y_test=Y)
    refused(tmp_path / "a.npz", "--test", "0.2", parts=["has its own test set"])


@pytest.mark.parametrize("share", ["0.01", "0.99"])
def test_a_part_without_rows_is_refused(refused, table, share):
    refused(table(TABLE), "--test", share, parts=["must leave rows for both sets"])


@pytest.mark.parametrize(
    "options",
    [
        ["--size", "0"],
        ["--size", "4x"],
        ["--test", "1"],
        ["--test", "x"],
        ["--seed", "a"],
    ],
)
def test_wrong_values_of_options_end_with_code_2(capsys, options):
    assert cli.main(["convert", "photos", "--out", "o.h5", *options]) == 2
    assert options[0] in capsys.readouterr().err.splitlines()[-1]


# -- memory, and an end in the middle --------------------------------------------------


def peak_of(arguments):
    """Bytes that Python and NumPy held at most while a command ran."""
    cli.main(arguments)  # what is imported and cached stays out of the count
    parsed = parse(arguments)  # Typer takes a megabyte, whatever the source is
    tracemalloc.start()
    try:
        assert run(*parsed) == 0
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["npy", "npz", "packed npz", "csv", "folder"])
def test_a_source_is_never_held_whole(tmp_path, rng, monkeypatch, kind):
    monkeypatch.setattr(common, "BLOCK_BYTES", 2**18)
    X, y = (
        rng.randint(256, size=(400, 100, 100, 3)).astype(np.uint8),
        np.arange(400) % 2,
    )
    options, whole = [], X.nbytes
    if kind == "npy":
        np.save(tmp_path / "s.npy", X)
        np.save(tmp_path / "y.npy", y)
        options = ["--label", str(tmp_path / "y.npy")]
    elif kind == "csv":
        numbers = rng.rand(20000, 20)
        head = ",".join([*map(str, range(20)), "label"])
        table = np.column_stack([numbers, np.arange(20000) % 2])
        np.savetxt(tmp_path / "s.csv", table, "%.18f", ",", header=head, comments="")
        whole = numbers.nbytes
    elif kind == "folder":
        for i in range(40):
            save_image(tmp_path / "s" / "ab"[i % 2] / f"{i}.bmp", X[i])
        options, whole = ["--size", "200"], 40 * 200 * 200 * 3
    else:
        save = np.savez if kind == "npz" else np.savez_compressed
        save(tmp_path / "s.npz", X=X, y=y)
    source = tmp_path / ("s" if kind == "folder" else f"s.{kind.split()[-1]}")
    out = str(tmp_path / "out.h5")
    assert peak_of(["convert", str(source), "--out", out, *options]) < 0.5 * whole


STOP_HALFWAY = """
import sys
from sknn_scratch._cli.main import main
from sknn_scratch._storage.store import Appender

append = Appender.append

def append_and_wait(*arguments):
    append(*arguments)
    print("halfway", flush=True)
    sys.stdin.read()

Appender.append = append_and_wait
main(sys.argv[1:])
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
def test_a_killed_conversion_leaves_the_old_file(tmp_path):
    np.save(tmp_path / "X.npy", np.zeros((2000, 10), dtype=np.float32))
    np.save(tmp_path / "y.npy", np.arange(2000) % 2)
    out = tmp_path / "out.h5"
    out.write_text("old")
    command = [sys.executable, "-c", STOP_HALFWAY, "convert", str(tmp_path / "X.npy")]
    command += ["--label", str(tmp_path / "y.npy"), "--out", str(out)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as run:
        assert "halfway\n" in run.stdout
        assert list(tmp_path.glob(".*.part"))
        run.kill()
    assert run.returncode == -signal.SIGKILL
    assert out.read_text() == "old"


def test_an_interrupt_leaves_nothing(photos, tmp_path, monkeypatch, capsys):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(images, "read_image", interrupt)
    assert cli.main(["convert", str(photos), "--out", str(tmp_path / "out.h5")]) == 130
    assert list(tmp_path.iterdir()) == [photos]
    assert capsys.readouterr().err == "sknn-scratch: interrupted\n"


def test_on_a_terminal_there_is_a_bar(photos, tmp_path):
    pytest.importorskip("rich")
    from terminal import RUN, run_on_a_terminal

    out = str(tmp_path / "out.h5")
    text, code = run_on_a_terminal([*RUN, "convert", str(photos), "--out", out])
    assert code == 0
    assert "\x1b[" in text
    assert "30 of 30" in text
    assert "rows to train on" in text
