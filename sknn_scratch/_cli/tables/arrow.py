"""Readers of Parquet and Feather files."""

import contextlib
from typing import NamedTuple

INSTALL = 'pip install "sknn-scratch[tables]"'
MOST_CELLS = 2**29


class TableFile(NamedTuple):
    """A table read from a file, and notes on what was decided."""

    frame: object  # pandas.DataFrame
    notes: list


def read_parquet(path, **options):
    """Return the TableFile of a Parquet file."""
    parquet = pyarrow(path, "pyarrow.parquet")
    with damaged(path, "Parquet"):
        told = parquet.read_metadata(path)
        check_cells(path, told.num_rows, told.num_columns)
        return of_arrow(parquet.read_table(path, use_threads=False))


def read_feather(path, **options):
    """Return the TableFile of a Feather file."""
    feather = pyarrow(path, "pyarrow.feather")
    with damaged(path, "Feather"):
        return of_arrow(feather.read_table(path, memory_map=False))


def pyarrow(path, module):
    """Return a module of pyarrow, or say how to install it."""
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError:
        raise ImportError(f"{path} needs pyarrow; install it: {INSTALL}.") from None


@contextlib.contextmanager
def damaged(path, kind):
    """Raise ValueError for what pyarrow says of a damaged file."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as error:
        words = " ".join(str(error).split())
        raise ValueError(f"{path} must be a whole {kind} file, got: {words}") from None


def check_cells(path, rows, columns):
    """Raise ValueError for a table that memory does not hold."""
    if rows * columns > MOST_CELLS:
        raise ValueError(
            f"{path} must have at most {MOST_CELLS} cells, got {rows} rows of "
            f"{columns}; take some of the rows."
        )


def of_arrow(table):
    """Return the TableFile of a pyarrow table; an index of pandas is a column."""
    import pandas as pd

    check_cells("the file", *table.shape)
    frame = table.to_pandas()
    if not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index()
    frame.columns = [*map(str, frame.columns)]
    return TableFile(frame.reset_index(drop=True), [])
