"""Rows, columns and classes of a table: none is invented, lost or mistaken."""

import re

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sknn_scratch import __main__ as cli
from sknn_scratch.hdf5 import load_model, save_dataset


def rows(first, *columns):
    """A table of these columns with a line of names."""
    return "\n".join([first, *map(",".join, zip(*columns, strict=True))]) + "\n"


# -- the index that pandas writes ------------------------------------------------------

COUNTED = [str(i) for i in range(6)]
CLASSES = list("aabbab")
VALUES = ["1", "2", "3", "2", "1", "1"]


@pytest.mark.parametrize("name", ["", '""', "Unnamed: 0", "Unnamed: 0.1", " "])
@pytest.mark.parametrize("index", [COUNTED, COUNTED[::-1], ["7", "40", *COUNTED[:4]]])
def test_the_index_of_pandas_is_named_and_left_out(convert, table, name, index):
    text = rows(f"{name},x,label", index, VALUES, CLASSES)
    data, said = convert(table(text), "--test", "0")
    assert_array_equal(data.X_train, [[1], [2], [3], [2], [1], [1]])
    assert "Left out column 1 of" in said
    assert repr(name.strip().strip('"')) in said


def test_an_index_saved_twice_is_left_out_twice(convert, table):
    text = rows(",Unnamed: 0,x,label", COUNTED, COUNTED, VALUES, CLASSES)
    assert convert(table(text), "--test", "0")[0].X_train.shape == (6, 1)


@pytest.mark.parametrize(
    ("name", "values"),
    [("Unnamed: 0", VALUES), ("", ["0.5", *COUNTED[1:]]), ("id", COUNTED)],
)
def test_other_columns_stay(convert, table, name, values):
    text = rows(f"{name},x,label", values, VALUES, CLASSES)
    assert convert(table(text), "--test", "0")[0].X_train.shape == (6, 2)


# -- the line of names -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("0,0,1\n0,1,1\n1,1,0\n", "1"),
        ("5.1,3.5,0\n4.9,3,0\n6,2,1\n", "0"),
        ("5.1,3.5,a\n4.9,3,a\n6,2,b\n", "a"),
        ("5.1\ta\n4.9\ta\n", "a"),
        ("5.1,3.5,a\n4.9,3,c\n6,2,b\n", "a"),
        (",5.1,3.5,0\n0,4.9,3,0\n1,6,2,1\n", "0"),
        ("0,1\n1,0\n1,1\n", "0"),
    ],
)
def test_a_table_without_names_loses_no_row(refused, table, text, label):
    path = table(text, "t.tsv" if "\t" in text else "t.csv")
    parts = "line 1 must hold the names of the columns", "add a line of names"
    refused(path, "--label", label, parts=parts)


@pytest.mark.parametrize(
    ("names", "label"),
    [("0,1,2", "2"), (",0,1,2", "2"), ("400,405.5,label", "label"), ("a,7,8", "8")],
)
def test_names_may_be_numbers(convert, table, names, label):
    width = names.count(",") + 1
    columns = [*[list("012012")] * (width - 1), CLASSES]
    data, _ = convert(table(rows(names, *columns)), "--label", label, "--test", "0")
    assert len(data.X_train) == 6


@pytest.mark.parametrize("names", ["x,x,label", "x, x,label"])
def test_columns_of_one_name_are_refused(refused, table, names):
    text = rows(names, VALUES, VALUES, CLASSES)
    refused(table(text), parts=["different names, got 'x' twice"])


# -- labels ----------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["NA", "nan", "NaN", "null", "None", "N/A", "<NA>"])
def test_a_missing_label_is_refused(refused, table, tmp_path, missing):
    text = rows("x,label", VALUES, ["a", "b", missing, "a", "b", missing])
    refused(table(text), parts=["line 4 must have a label", repr(missing)])
    np.savez(tmp_path / "a.npz", X=np.eye(3), y=["a", missing, "b"])
    refused(tmp_path / "a.npz", parts=["y.npy, row 1", repr(missing)])


@pytest.mark.parametrize("name", ["Na", "none", "missing", "-"])
def test_a_name_that_only_resembles_a_missing_one_is_a_class(convert, table, name):
    text = rows("x,label", VALUES, [*"aabba", name])
    assert name in convert(table(text), "--test", "0")[0].classes


@pytest.mark.parametrize("broken", ["1.5", "-0.25", "1e-3", ".5"])
def test_a_measured_number_is_no_class(refused, table, broken):
    text = rows("x,label", VALUES, ["1", "2.0", "3", broken, "1", "3"])
    refused(table(text), parts=["line 5", "broken numbers", repr(broken)])


MEASURED = np.arange(100) ** 2  # whole numbers with gaps, none of them twice


def test_many_different_whole_numbers_are_no_classes(refused, table, tmp_path):
    words = ["100 different numbers in 100 rows", "from 0 to 9801", "regressor"]
    text = rows("x,label", ["1"] * 100, [str(value) for value in MEASURED])
    refused(table(text), parts=words)
    for y in MEASURED, MEASURED.astype(float), MEASURED.astype(str):
        np.savez(tmp_path / "a.npz", X=np.zeros((100, 1)), y=y)
        refused(tmp_path / "a.npz", parts=words)


@pytest.mark.parametrize(
    "labels", [np.arange(100), [f"id {v}" for v in MEASURED], MEASURED[:20]]
)
def test_codes_and_names_of_any_number_are_classes(convert, tmp_path, labels):
    np.savez(tmp_path / "a.npz", X=np.zeros((len(labels), 1)), y=labels)
    data, _ = convert(tmp_path / "a.npz", "--test", "0")
    assert len(data.classes) == len(labels)


BEYOND = ["1e300", "inf", "-inf", str(2**53 + 1), str(-(2**60)), "Infinity"]


@pytest.mark.parametrize("value", BEYOND)
def test_a_label_beyond_2_to_the_53_is_refused(refused, table, tmp_path, value):
    text = rows("x,label", VALUES, ["1", "2", value, "1", "2", value])
    refused(table(text), parts=["line 4", "between -2^53 and 2^53", repr(value)])
    number = int(value) if value.strip("-").isdigit() else float(value)
    y = np.array([1, 2, number])
    np.savez(tmp_path / "a.npz", X=np.eye(3), y=y)
    refused(tmp_path / "a.npz", parts=["y.npy, row 2 (the first is 0)", "2^53"])


def test_unsigned_labels_are_not_merged_with_signed_ones(refused, tmp_path):
    far = np.array([2**63 + 1, 2**63 + 2, 0], dtype=np.uint64)
    parts = {"x_train": np.eye(3), "x_test": np.eye(3), "y_train": far}
    np.savez(tmp_path / "a.npz", y_test=np.array([-1, 0, 0]), **parts)
    refused(tmp_path / "a.npz", parts=["y_train.npy, row 0", "2^53"])


def test_text_and_numbers_as_labels_are_refused(refused, tmp_path):
    parts = {"x_train": np.eye(2), "x_test": np.eye(2), "y_train": ["1", "2"]}
    np.savez(tmp_path / "a.npz", y_test=[1, 2], **parts)
    refused(tmp_path / "a.npz", parts=["y_test.npy must hold text as"])


def test_bytes_of_another_encoding_are_refused(refused, tmp_path):
    np.savez(tmp_path / "a.npz", X=np.eye(2), y=np.array([b"a", b"\xe9"]))
    refused(tmp_path / "a.npz", parts=["y.npy", "UTF-8"])


@pytest.mark.parametrize("other", ["1.0", "01", "1e0", "+1"])
def test_one_number_in_two_spellings_is_not_two_classes(refused, table, other):
    text = rows("x,label", VALUES, ["1", "2", other, "1", "2", "2"])
    refused(table(text), parts=["line 4", repr(other), "after '1', the same number"])


@pytest.mark.parametrize(
    "classes", [["0.0", "1.0", "2.0", "10.0"], ["-3", "2", "1e1"], ["9", "10"]]
)
def test_numbers_as_classes_are_sorted_as_numbers(convert, table, tmp_path, classes):
    labels = [*classes[::-1], *classes]
    text = rows("x,label", ["1"] * len(labels), labels)
    data, _ = convert(table(text), "--test", "0")
    assert data.classes.tolist() == classes
    assert_array_equal(data.y_train, [classes.index(name) for name in labels])
    np.savez(tmp_path / "a.npz", X=np.zeros((len(labels), 1)), y=labels)
    data, _ = convert(tmp_path / "a.npz", "--test", "0")
    assert data.classes.tolist() == classes
    assert_array_equal(data.y_train, [classes.index(name) for name in labels])


# -- numbers ---------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["1_000", "１２", "٣", "0x10", "True", "1,5", "1 2"])
def test_what_only_python_takes_for_a_number_is_refused(refused, table, cell):
    text = rows("x,label", [f'"{value}"' for value in ["1", cell, *"2345"]], CLASSES)
    refused(table(text), parts=["line 3, column 'x'", f"number, got {cell!r}"])


@pytest.mark.parametrize("cell", [" 7", "7 ", "+7", "7.", "70e-1", "7E0", "\xa07"])
def test_what_is_a_number_is_read(convert, table, cell):
    data, _ = convert(table(rows("x,label", [cell] * 6, CLASSES)), "--test", "0")
    assert_array_equal(data.X_train, np.full((6, 1), 7.0))


@pytest.mark.parametrize(("cell", "dtype"), [("1e400", "float64"), ("1e39", "float32")])
def test_a_number_beyond_the_type_is_refused(refused, table, cell, dtype):
    path = table(rows("x,label", [cell] * 6, CLASSES))
    refused(path, "--dtype", dtype, parts=["line 2, column 'x'", repr(cell)])


def test_text_of_two_bytes_a_letter_is_refused(refused, table):
    path = table(rows("x,label", VALUES, CLASSES), encoding="utf-16-le")
    refused(path, parts=["t.csv: line 1 must be text in UTF-8, got the byte 0x0"])


# -- names of columns, from the table to the prediction --------------------------------


@pytest.fixture
def trained(tmp_path, rng, monkeypatch, capsys):
    """The folder of m.h5, trained on ab.h5; ba.h5 and ac.h5 have other columns."""
    monkeypatch.chdir(tmp_path)
    X = rng.randn(60, 2) * [1, 5]
    y = np.where(X[:, 0] > 0, "pos", "neg")
    for names, order in (("a,b", [0, 1]), ("b,a", [1, 0]), ("a,c", [0, 1])):
        columns = [[repr(float(v)) for v in X[:, i]] for i in order]
        name = names.replace(",", "")
        (tmp_path / f"{name}.csv").write_text(rows(f"{names},label", *columns, y))
        assert cli.main(["convert", f"{name}.csv", "--out", f"{name}.h5"]) == 0
    words = "train ab.h5 --model logistic --out m.h5"
    assert cli.main(words.split()) == 0
    capsys.readouterr()
    return tmp_path


def test_a_model_knows_the_names_of_its_columns(trained):
    assert load_model("m.h5").feature_names_in_.tolist() == ["a", "b"]


@pytest.mark.parametrize("command", ["predict m.h5 {}", "report m.h5 {} --out r.html"])
def test_other_columns_than_the_models_are_refused(trained, capsys, command):
    assert cli.main(command.format("ba.h5").split()) == 2
    error = capsys.readouterr().err
    assert "the order of the model, 'a' as column 1, got 'b'" in error
    assert cli.main(command.format("ac.h5").split()) == 2
    error = capsys.readouterr().err
    assert "the names of the model, 'b' as column 2, got 'c'" in error
    assert cli.main(command.format("ab.h5").split()) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("command", ["train", "tune --minutes 0.1"])
def test_a_test_file_of_other_columns_is_refused(trained, capsys, command):
    assert cli.main([*command.split(), "ab.h5", "ba.h5", "--out", "n.h5"]) == 2
    assert "the order of the training set, 'a' as column 1" in capsys.readouterr().err


def test_a_file_without_names_is_not_compared(trained, capsys):
    save_dataset("plain.h5", np.eye(2), [0, 1])
    assert cli.main(["predict", "m.h5", "plain.h5"]) == 0
    assert capsys.readouterr().err == ""


def test_names_of_columns_that_do_not_fit_the_rows_are_refused(trained, capsys):
    h5py = pytest.importorskip("h5py")
    with h5py.File("ab.h5", "a") as file:
        del file["list_columns"]
        file["list_columns"] = np.array([b"a"])
    assert cli.main(["predict", "m.h5", "ab.h5"]) == 2
    assert re.search("list_columns must name each column", capsys.readouterr().err)
