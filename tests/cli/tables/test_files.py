"""Files with tables: layouts, encodings, packings, limits."""

import bz2
import gzip
import lzma
import os
import zipfile

import numpy as np
import pandas as pd
import pytest

from sknn_scratch._cli.tables import files
from sknn_scratch._cli.tables.files import read_table

ROWS = [["size", "city"], ["1.5", "Oslo"], ["2.5", "Bergen"], ["", "Oslo"]]
FRAME = pd.DataFrame({"size": [1.5, 2.5, np.nan], "city": ["Oslo", "Bergen", "Oslo"]})


@pytest.fixture
def write(tmp_path):
    def write(text, name="t.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return write


def joined(separator):
    return "\n".join(separator.join(row) for row in ROWS) + "\n"


def assert_frame(frame):
    pd.testing.assert_frame_equal(frame, FRAME, check_dtype=False)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", ", "])
def test_the_separator_is_found(write, separator):
    assert_frame(read_table(write(joined(separator), "t.txt")).frame)


def test_runs_of_spaces_separate(write):
    found = read_table(write("size  city\n1.5   Oslo\n2.5 Bergen \n", "t.dat")).frame
    pd.testing.assert_frame_equal(found, FRAME[:2], check_dtype=False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n\n1,2,3\n1,2\n", "line 4 has 3 cells, the header 2; a cell with"),
        ("# x\na,b\n1,2\n1\n", "line 4 has 1 cell, the header 2; empty cells need"),
        ('a,b\n"x\ny",2\n1,2,3\n1,2\n', "line 4 has 3 cells, the header 2"),
        ("a,b\n1,2,3\n1,2,4\n1,2\n", "line 4 has 2 cells, the header 3"),
        ("a,b\n1,2,3,4\n1,2,4,5\n", "line 2 has 4 cells, the header 2"),
        ("2,1\n3,4\n5\n", "line 3 has 1 cell, most others 2"),
        ('a,b\n1,2\n"3,4\n5,6\n', "a quote that opens in line 3 is not closed"),
    ],
)
def test_a_row_of_another_length_is_named_by_its_line(write, text, said):
    with pytest.raises(ValueError, match=said):
        read_table(write(text))


def test_a_separator_may_be_named(write):
    found = read_table(write("a:b\n1:2\n"), separator=":").frame
    assert found.columns.tolist() == ["a", "b"]
    assert read_table(write("a b,c\n1 2\n"), separator="space").frame.shape == (1, 2)


def test_other_separators_within_quotes_and_texts_do_not_count(write):
    found = read_table(write('a;b\n"x; y";1,5 or so, at most\nz;2, 3, 4\n')).frame
    assert found["a"].tolist() == ["x; y", "z"]


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", 0), ("utf-8-sig", 0), ("utf-16", 0), ("utf-16-le", 0), ("cp1252", 1)],
)
def test_the_encoding_is_found(write, encoding, said):
    found = read_table(write("größe,city\n1,Malmö\n2,Århus\n", encoding=encoding))
    assert found.frame.columns[0] == "größe"
    assert found.frame["city"].tolist() == ["Malmö", "Århus"]
    assert len(found.notes) == said


def test_an_encoding_may_be_named(write):
    found = read_table(write("a,b\n1,ж\n", encoding="cp1251"), encoding="cp1251")
    assert found.frame["b"].tolist() == ["ж"]


@pytest.mark.parametrize(
    ("end", "pack"),
    [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)],
)
def test_packed_files_are_read_and_damaged_ones_refused(write, end, pack):
    packed = pack(joined(",").encode())
    assert_frame(read_table(write(packed, f"t.csv{end}")).frame)
    with pytest.raises(ValueError, match="must be a whole"):
        read_table(write(packed[:-9], f"t.csv{end}"))


def test_a_zip_of_one_file_is_read(tmp_path):
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("t.csv", joined(","))
    assert_frame(read_table(path).frame)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("u.csv", joined(","))
    with pytest.raises(ValueError, match="one file, got 2"):
        read_table(path)


@pytest.mark.parametrize("end", [".parquet", ".feather"])
def test_columnar_files_are_read_with_an_index_as_a_column(tmp_path, end):
    pytest.importorskip("pyarrow")
    path = tmp_path / f"t{end}"
    getattr(FRAME, f"to_{end[1:]}")(path)
    assert_frame(read_table(path).frame)
    if end == ".parquet":
        FRAME.set_index("city").to_parquet(path)
        assert {*read_table(path).frame.columns} == {"size", "city"}


@pytest.mark.parametrize("end", [".parquet", ".feather"])
def test_damaged_columnar_files_are_refused(write, end):
    pytest.importorskip("pyarrow")
    with pytest.raises(ValueError, match="must be a whole") as caught:
        read_table(write(b"PAR1 nonsense PAR1", f"t{end}"))
    assert "\n" not in str(caught.value)


def test_missing_words_are_missing_and_none_is_a_level(write):
    cells = [*sorted(files.MISSING - {""}), "None", "none", "x"]
    found = read_table(write("a,b\n" + "".join(f"{c},1\n" for c in cells))).frame
    assert found["a"].dropna().tolist() == ["None", "none", "x"]


def test_decimal_commas_are_noticed_where_commas_do_not_separate(write):
    found = read_table(write("a;b;c\n1,5;2;1.000,5\n-2,25;3;2.000,0\n"))
    assert found.frame["a"].tolist() == [1.5, -2.25]
    assert found.frame["c"].tolist() == [1000.5, 2000.0]
    assert "decimal comma" in found.notes[0]


def test_points_with_semicolons_stay_points(write):
    found = read_table(write("a;b\n1.5;2\n2.25;3\n"))
    assert found.frame["a"].tolist() == [1.5, 2.25]
    assert found.notes == []


@pytest.mark.parametrize(
    "text", ["5.1,3.5,a\n4.9,3.0,b\n", "a,x\nb,x\na,y\n", "1,2,a\n3,1,a\n2,2,a\n"]
)
def test_a_first_line_that_is_a_row_is_kept(write, text):
    found = read_table(write(text))
    assert len(found.frame) == text.count("\n")
    assert found.frame.columns[0] == "x1"
    assert "looks like a row" in found.notes[0]


@pytest.mark.parametrize("line", ["2019,2020,2021", "a,b,c", "0,1,2", "name,2019,2020"])
def test_a_first_line_of_names_or_of_growing_numbers_is_no_row(write, line):
    found = read_table(write(f"{line}\n5,2,2\n6,1,7\n"))
    assert found.frame.columns.tolist() == line.split(",")


def test_whether_there_are_names_may_be_said(write):
    path = write("1,2\n3,4\n")
    assert len(read_table(path, header=True).frame) == 1
    assert len(read_table(write("a,b\n3,4\n"), header=False).frame) == 2


def test_comments_and_the_line_of_spreadsheets_are_skipped(write):
    found = read_table(write("# made today\n#\n\na,b\n1,2\n")).frame
    assert found.to_dict("list") == {"a": [1], "b": [2]}
    found = read_table(write("sep=;\na;b\n1;2\n")).frame
    assert found.to_dict("list") == {"a": [1], "b": [2]}
    found = read_table(write("#a,b\n1,2\n")).frame
    assert found.to_dict("list") == {"a": [1], "b": [2]}


def test_names_of_rows_as_r_writes_them_are_a_column(write):
    found = read_table(write('"mpg" "cyl"\n"Mazda" 21 6\n"Fiat" 32 4\n', "t.txt")).frame
    assert found.columns.tolist() == ["Unnamed: 0", "mpg", "cyl"]
    assert found["mpg"].tolist() == [21, 32]


def test_separators_at_the_ends_of_lines_make_no_column(write):
    found = read_table(write("a,b\n1,2,\n3,4,\n")).frame
    assert found.to_dict("list") == {"a": [1, 3], "b": [2, 4]}


def test_columns_of_one_name_get_two(write):
    found = read_table(write("a,a\n1,2\n"))
    assert found.frame.columns.tolist() == ["a", "a.1"]
    assert "two columns 'a'" in found.notes[0]


def test_columns_may_be_left_as_texts(write):
    found = read_table(write("zip,n\n01,1\n02,2\n"), texts={"zip", "other"}).frame
    assert found["zip"].tolist() == ["01", "02"]


@pytest.mark.parametrize("row", ["1,2", "1,2,3,4", '1,2,"3'])
def test_rows_of_another_length_and_open_quotes_are_refused(write, row):
    with pytest.raises(ValueError, match=r"t\.csv") as caught:
        read_table(write(f"a,b,c\n1,2,3\n{row}\n"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "got no line"),
        ("a,b\n", "must have rows"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "byte 0x0"),
        ("a," * 30_000 + "b\n1\n", "at most 20000 columns"),
        ("a" * 2**20 + "a", "longer first one"),
    ],
)
def test_what_is_no_table_is_refused(write, text, words):
    with pytest.raises(ValueError, match=words):
        read_table(write(text))


def test_other_files_are_refused(tmp_path, write):
    with pytest.raises(FileNotFoundError, match="does not exist"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(ValueError, match="by its name"):
        read_table(write("a\n1\n", "t.xyz"))
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(ValueError, match="another kind"):
        read_table(tmp_path / "pipe.csv")


def test_a_small_file_of_much_text_is_refused(write, monkeypatch):
    monkeypatch.setattr(files, "FREE_BYTES", 1000)
    packed = gzip.compress(b"a,b\n" + b"1,2\n" * 200_000)
    with pytest.raises(ValueError, match="at most"):
        read_table(write(packed, "t.csv.gz"))


def test_a_file_without_pyarrow_says_what_to_install(write, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.parquet", None)
    with pytest.raises(ImportError, match="needs pyarrow; install it: pip install"):
        read_table(write(b"PAR1", "t.parquet"))


def test_a_table_without_pandas_says_what_to_install(write, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(ImportError, match="need pandas; install it: pip install"):
        read_table(write("a\n1\n"))


@pytest.mark.parametrize(
    ("name", "table"),
    [("a.csv", True), ("a.TSV.gz", True), ("a.h5", False), ("a.npz", False)],
)
def test_tables_are_known_by_their_names(name, table):
    assert files.is_table(name) is table


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_numbers_that_begin_with_0_are_codes(tmp_path, separator):
    rows = [["zip", "share", "group"], *[["00501", "0.5", "7"], ["10115", "0", "007"]]]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(separator.join(row) for row in rows) + "\n")
    frame, notes = read_table(path)
    assert frame["zip"].tolist() == ["00501", "10115"]
    assert frame["group"].tolist() == ["7", "007"]
    assert frame["share"].tolist() == [0.5, 0.0]
    assert any("'group', 'zip'" in note for note in notes)


def test_codes_far_down_a_file_are_found(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "ROWS", 50)
    path = tmp_path / "t.csv"
    lines = [f"{i},{i % 7}" for i in range(1, 400)]
    path.write_text("\n".join(["a,b", *lines, "5,07"]) + "\n")
    frame, _ = read_table(path)
    assert frame["b"].iloc[-1] == "07"
    assert frame["a"].dtype.kind == "i"
