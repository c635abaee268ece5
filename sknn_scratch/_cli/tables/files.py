"""Readers of files with tables: CSV and its kin, Parquet, Feather.

Which texts stand for a missing value is decided here, by MISSING.
"""

import bz2
import codecs
import contextlib
import gzip
import io
import lzma
import os
import re
import zipfile
import zlib

from ..output import readable_bytes
from ..readers.labels import MISSING as OF_PANDAS
from ..readers.labels import short
from .arrow import INSTALL, TableFile, read_feather, read_parquet
from .sniffing import SEPARATORS, layout_of
from .texts import CODE

# None is a level as often as a gap: columns of numbers take it as missing all the same
MISSING = frozenset(OF_PANDAS - {"None"} | {"?", ".", "-", "--", "Null", "NAN"})
TEXTS = (".csv", ".tsv", ".tab", ".txt", ".data", ".dat")
MOST_BYTES = 2**31  # of text
MOST_PACKED = 200  # times that a text may be larger than its file, beyond 16 MB
FREE_BYTES = 2**24
HEAD_BYTES = 2**20
BLOCK_BYTES = 2**22
ROWS = 100_000  # that are looked at for codes at a time
CODE_CELL = re.compile(rf"(?:^|[,;\t| \"]){CODE}(?:[,;\t| \"\r\n]|$)", re.MULTILINE)
# of the names that --encoding takes, those that are tried
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
DAMAGE = (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)


def is_table(path):
    """Return whether the name of a file is that of a table."""
    return kind_of(path) is not None


def kind_of(path):
    """Return the reader of a file by its name; None for other kinds of files."""
    name = os.fsdecode(path).lower()
    for packed in OPENERS:
        if name.endswith(packed):
            name = name.removesuffix(packed)
            return read_text if name.endswith(TEXTS) or packed == ".zip" else None
    return next((KINDS[end] for end in KINDS if name.endswith(end)), None)


def read_table(path, *, separator=None, encoding=None, header=None, texts=()):
    """Return the TableFile of a file.

    Parameters
    ----------
    path : str or path-like
        A CSV, TSV or text file, also packed (.gz, .bz2, .xz, .zip); Parquet; Feather.
    separator : str, default=None
        What is between the cells of a text: one character, or its name as in
        SEPARATORS. None finds it.
    encoding : str, default=None
        Of a text. None finds UTF-8 and UTF-16, and takes Windows-1252 for others.
    header : bool, default=None
        Whether the first line of a text holds names. None finds it.
    texts : collection of str, default=()
        Columns whose cells are left as texts, also where they are numbers.

    Returns
    -------
    TableFile
        Columns of a text whose cells are all numbers are numbers, others are texts.
        Cells of MISSING are missing.

    Raises
    ------
    ValueError
        If the file is of another kind, damaged, or too large.
    FileNotFoundError
        If there is none.
    """
    path = os.fsdecode(path)
    if not os.path.exists(path):
        raise FileNotFoundError(f"{path} must be a table, but does not exist.")
    if not os.path.isfile(path):  # opening a pipe would block
        raise ValueError(f"{path} must be a file with a table, got another kind.")
    read = kind_of(path)
    if read is None:
        kinds = ", ".join([*KINDS, *OPENERS])
        raise ValueError(
            f"{path} must be a table of one of the kinds {kinds}, by its name."
        )
    pandas()
    found = read(
        path, separator=separator, encoding=encoding, header=header, texts=texts
    )
    if not len(found.frame):
        raise ValueError(f"{path} must have rows, got none.")
    if not len(found.frame.columns):
        raise ValueError(f"{path} must have columns, got none.")
    return found


def pandas():
    """Return pandas, or say how to install it."""
    try:
        import pandas
    except ImportError:
        raise ImportError(f"Tables need pandas; install it: {INSTALL}.") from None
    return pandas


# -- texts -----------------------------------------------------------------------------


def read_text(path, *, separator, encoding, header, texts):
    """Return the TableFile of a CSV or its like."""
    named = {name: one for one, name in SEPARATORS.items()}
    separator = named.get(separator, separator)
    if separator is not None and len(separator) != 1:
        raise ValueError(
            f"--separator must be one character or one of {', '.join(named)}, got "
            f"{short(separator)}."
        )
    notes = []
    encoding = checked_encoding(path, encoding, notes)
    with opened(path) as stream, as_text(stream, encoding) as file:
        head = first_lines(path, file)
    layout, guessed = layout_of(path, head, separator=separator, header=header)
    codes = columns_of_codes(path, encoding, layout)
    if new := sorted(codes - {*texts}):
        names = ", ".join(map(short, new))
        guessed.append(f"Numbers that begin with 0 are levels, as codes are: {names}.")
    frame = parsed(path, encoding, layout, {*texts, *codes})
    frame.attrs["repeated"] = layout.repeated
    return TableFile(frame, notes + guessed)


def options_of(layout):
    """Return the options of `pandas.read_csv` for a layout, from its first row on."""
    return {
        "sep": r"\s+" if layout.separator == " " else layout.separator,
        "header": None,
        "names": layout.names,
        "decimal": layout.decimal,
        "thousands": layout.thousands,
        "skipinitialspace": True,
        "keep_default_na": False,
        "na_values": sorted(MISSING),
    }


def columns_of_codes(path, encoding, layout):
    """Return the columns with whole numbers that begin with 0, as postal codes do.

    As numbers 007 and 7 would be one. The file is read a second time only if it has
    such a cell.
    """
    import pandas as pd

    with opened(path) as stream, as_text(stream, encoding) as file:
        blocks = iter(lambda: file.read(BLOCK_BYTES), "")
        if not any(CODE_CELL.search(block) for block in blocks):
            return set()
    found, options = set(), options_of(layout) | {"dtype": str, "chunksize": ROWS}
    with opened(path) as stream, as_text(stream, encoding) as file:
        skip_lines(file, layout)
        try:
            for part in pd.read_csv(file, **options):
                for name in part.columns:
                    cells = pd.Series(part[name].dropna().unique(), dtype=object)
                    if (
                        name not in found
                        and cells.str.strip().str.fullmatch(CODE).any()
                    ):
                        found.add(name)
        except ValueError:  # `parsed` says what is wrong
            return set()
    return found


def parsed(path, encoding, layout, texts):
    """Return the data frame of a text of known layout."""
    import pandas as pd

    with opened(path) as stream, as_text(stream, encoding) as file:
        skip_lines(file, layout)
        try:
            frame = pd.read_csv(
                file,
                **options_of(layout),
                dtype={name: str for name in texts if name in layout.names},
                low_memory=False,  # one type for all rows of a column
            )
        except (pd.errors.ParserError, pd.errors.EmptyDataError, OverflowError) as e:
            check_lengths(path, encoding, layout, quoted="EOF inside string" in str(e))
            words = str(e).removeprefix("Error tokenizing data. C error: ").strip()
            raise ValueError(f"{path} must be a table of text, got: {words}.") from None
    has_index = not isinstance(frame.index, pd.RangeIndex)  # of cells beyond the names
    if has_index or (len(frame) and frame.iloc[:, -1].isna().any()):
        check_lengths(path, encoding, layout)
    if layout.names[-1].startswith("Unnamed: ") and frame.iloc[:, -1].isna().all():
        frame = frame.iloc[:, :-1]  # each line ends with a separator
    return frame


def skip_lines(file, layout):
    """Move a text to its first row; return the number of the line before it."""
    import csv

    for _ in range(layout.skipped):
        file.readline()
    if layout.has_header:  # it may go over several lines
        reader = csv.reader(file, delimiter=layout.separator, skipinitialspace=True)
        next(reader)
        return layout.skipped + reader.line_num
    return layout.skipped


def check_lengths(path, encoding, layout, quoted=False):
    """Raise ValueError for the first row of more or fewer cells than there are columns.

    pandas fills rows that lack cells, and counts other lines than an editor does.
    `quoted` says that a quote is not closed: then for the row that begins with it.
    """
    import csv

    width = len(layout.names)
    columns = "the header" if layout.has_header else "most others"
    with opened(path) as stream, as_text(stream, encoding) as file:
        before = skip_lines(file, layout)
        reader = csv.reader(file, delimiter=layout.separator, skipinitialspace=True)
        line = end = before
        for row in reader:
            line, end = end + 1, before + reader.line_num
            if layout.separator == " " and row and row[-1] == "":
                row = row[:-1]  # a space at the end of a line is none
            if quoted or len(row) == width or not "".join(row).strip():
                continue
            cells = f"{len(row)} cell{'' if len(row) == 1 else 's'}"
            separator = short(layout.separator)
            way_out = f"a cell with {separator} in it needs quotes"
            if len(row) < width:
                way_out = f"empty cells need their {separator}, too"
            raise ValueError(
                f"{path}: line {line} has {cells}, {columns} {width}; {way_out}."
            )
    if quoted:
        raise ValueError(f"{path}: a quote that opens in line {line} is not closed.")


@contextlib.contextmanager
def as_text(stream, encoding):
    """Yield a stream of bytes as one of text."""
    with io.TextIOWrapper(stream, encoding=encoding, newline="") as file:
        yield file


def first_lines(path, file):
    """Return the first whole lines of a text, at most about HEAD_BYTES."""
    head = file.read(HEAD_BYTES)
    if len(head) < HEAD_BYTES:
        return head
    end = max(head.rfind("\n"), head.rfind("\r"))
    if end < 0:
        raise ValueError(
            f"{path} must have lines of at most {HEAD_BYTES} characters, got a longer "
            "first one."
        )
    return head[: end + 1]


# -- bytes -----------------------------------------------------------------------------


@contextlib.contextmanager
def opened(path):
    """Yield the bytes of a file, unpacked."""
    end = next((end for end in OPENERS if path.lower().endswith(end)), None)
    try:
        with OPENERS.get(end, open)(path, "rb") as stream:
            yield stream
    except DAMAGE as error:
        if end is None or isinstance(error, (FileNotFoundError, PermissionError)):
            raise
        raise ValueError(f"{path} must be a whole {end} file, got: {error}.") from None


@contextlib.contextmanager
def open_zip(path, mode):
    """Yield the only file of a .zip."""
    with zipfile.ZipFile(path) as archive:
        names = [
            name
            for name in archive.namelist()
            if not name.endswith("/") and not name.startswith("__MACOSX")
        ]
        if len(names) != 1:
            raise ValueError(f"{path} must hold one file, got {len(names)}.")
        try:
            with archive.open(names[0]) as stream:
                yield stream
        except (RuntimeError, NotImplementedError) as error:  # a password
            raise ValueError(f"{path} must be a readable .zip, got: {error}.") from None


OPENERS = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open, ".zip": open_zip}


def checked_encoding(path, encoding, notes):
    """Return the encoding of a text; raise ValueError if it is none or too large.

    All of it is read: the first byte that is no UTF-8 may be the last.
    """
    try:
        decoder = codecs.getincrementaldecoder(encoding or "utf-8")()
    except LookupError:
        raise ValueError(
            f"--encoding must be a name that Python knows, as utf-8 or cp1252, got "
            f"{short(encoding)}."
        ) from None
    guessed, first = encoding or "utf-8", encoding is None
    for block in blocks(path):
        if first:
            first, guessed = False, encoding_by_marks(block)
            decoder = codecs.getincrementaldecoder(guessed)()
        try:
            text = decoder.decode(block)
        except UnicodeDecodeError as error:
            if encoding is not None or guessed != "utf-8":
                raise ValueError(
                    f"{path} must be text in {guessed}, got the byte "
                    f"{block[min(error.start, len(block) - 1)]:#x}; --encoding names "
                    "another."
                ) from None
            guessed = "cp1252"
            decoder = codecs.getincrementaldecoder("latin-1")()
            text = decoder.decode(block)
            notes.append(
                f"{path} is not UTF-8: it was read as Windows-1252, of western Europe; "
                "--encoding names another."
            )
        if "\0" in text:
            raise ValueError(f"{path} must be text, got the byte 0x0.")
        if guessed == "cp1252" and not encoding and set(text) & UNUSED:
            guessed = "latin-1"
    return guessed


UNUSED = {*"\x81\x8d\x8f\x90\x9d"}  # by Windows-1252


def encoding_by_marks(block):
    """Return the encoding that the first bytes tell; UTF-8 if they do not."""
    for mark, encoding in MARKS.items():
        if block.startswith(mark):
            return encoding
    sample = block[:2000]
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(sample) > 3 and sample[offset::2].count(0) > 0.4 * len(sample) > 0:
            return encoding
    return "utf-8"


def blocks(path):
    """Yield the bytes of a file, unpacked; raise ValueError if they are too many."""
    packed = os.path.getsize(path)
    most = min(MOST_BYTES, FREE_BYTES + MOST_PACKED * packed)
    read = 0
    with opened(path) as stream:
        while block := stream.read(BLOCK_BYTES):
            read += len(block)
            if read > most:
                raise ValueError(
                    f"{path} must be at most {readable_bytes(most)} of text, got more; "
                    "take some of the rows."
                )
            yield block


KINDS = dict.fromkeys(TEXTS, read_text) | {
    ".parquet": read_parquet,
    ".pq": read_parquet,
    ".feather": read_feather,
    ".arrow": read_feather,
}
