"""Checks of the blocks of Dask collections against what the collection declares.

A block is checked by the task that loads it, which alone knows both.
"""

from functools import partial

import numpy as np

from .._rows.disk import InvalidRows


def checked_array(X):
    """Return X with a check of each block: rows, columns, type, finite numbers."""
    return X.map_blocks(check_block, dtype=X.dtype, meta=X._meta)


def checked_lengths(values, name):
    """Return a Dask array with a check of the shape of each block."""
    call = partial(check_lengths, collection=name)
    return values.map_blocks(call, dtype=values.dtype, meta=values._meta)


def checked_table(table):
    """Return a Dask data frame with a check of the columns of each partition."""
    meta = table._meta
    return table.map_partitions(
        check_partition, declared=meta, meta=meta, enforce_metadata=False
    )


def check_block(values, block_info=None):
    """Return a block of X; raise InvalidRows unless it holds what X declares."""
    declared = block_info[None]
    place = f"block {number_of(block_info)} (the first is 0)"
    if not isinstance(values, np.ndarray) or isinstance(values, np.ma.MaskedArray):
        ways = {"DataFrame": "np.asarray", "MaskedArray": "np.ma.filled"}
        way = ways.get(type(values).__name__, "lambda x: x.toarray()")
        raise InvalidRows(
            f"X (a Dask collection) must have NumPy arrays as blocks, got a "
            f"{type(values).__name__} in {place}; X.map_blocks({way}) makes one."
        )
    check_lengths(values, block_info, collection="X")
    if not fits(values.dtype, declared["dtype"]):
        raise InvalidRows(
            f"X (a Dask collection) must hold {declared['dtype']} as declared, got "
            f"{str(values.dtype)[:30]} in {place}; convert the block, or declare its "
            "dtype (map_blocks, from_delayed)."
        )
    if values.dtype.kind == "f":
        start = block_info[0]["array-location"][0][0]
        check_finite(values, [start], [number_of(block_info)])
    return values


def check_lengths(values, block_info=None, collection="y"):
    """Return a block; raise InvalidRows unless it has the declared shape."""
    declared, found = block_info[None]["chunk-shape"], np.shape(values)
    # the length of a block may be unknown: nan
    known = [n if np.isnan(d) else d for d, n in zip(declared, found, strict=False)]
    if len(declared) != len(found) or known != list(found):
        way = f"{collection}.compute_chunk_sizes() counts the rows"
        if known[1:] != list(found[1:]) or len(declared) != len(found):
            way = "all blocks of rows need the same columns"
        raise InvalidRows(
            f"{collection} (a Dask collection) must have blocks of the declared shape, "
            f"got {found} in block {number_of(block_info)} (the first is 0) where "
            f"{tuple(declared)} is declared; {way}."
        )
    return values


def check_finite(X, starts, numbers, dtype=None):
    """Raise InvalidRows unless X is finite; name the row and its block.

    `starts` are the first rows of the blocks of X, and `numbers` their numbers.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(X.sum()):
            return
    bad = np.flatnonzero(~np.isfinite(X).all(axis=1))
    if not len(bad):
        return
    value = X[bad[0]][~np.isfinite(X[bad[0]])][0]
    row = starts[0] + bad[0]
    b = np.searchsorted(starts, row, side="right") - 1
    where = f"in row {row} (the first is 0), row {row - starts[b]} of block"
    if np.isnan(row):  # the lengths of the blocks before are unknown
        where = f"in row {bad[0]} of block"
    raise InvalidRows(
        f"X (a Dask collection) must be finite in {dtype or X.dtype}, got {value} "
        f"{where} {numbers[b]}."
    )


def fits(found, declared):
    """Return True if an array of the declared dtype can hold numbers of another."""
    if found.kind not in "buif":
        return False
    return declared.kind == "f" or np.can_cast(found, declared, "safe")


def number_of(block_info):
    """Return the number of a block of rows, or all its numbers in a grid of blocks."""
    info = block_info[0]
    if all(n == 1 for n in info["num-chunks"][1:]):
        return info["chunk-location"][0]
    return info["chunk-location"]


def check_partition(part, declared, partition_info=None):
    """Return a partition; raise InvalidRows unless it has the declared columns."""
    # Dask calls this without a number for an empty table
    number = partition_info["number"] if partition_info else "?"
    place = f"partition {number} (the first is 0)"
    names, given = list(declared.columns), list(getattr(part, "columns", []))
    if given != names:
        raise InvalidRows(
            f"X (a Dask data frame) must have the columns that it declares, got "
            f"{shortened(given)} in {place} where {shortened(names)} are declared; "
            "X.map_partitions(lambda p: p[names]) sorts them."
        )
    for name, now, then in zip(names, part.dtypes, declared.dtypes, strict=True):
        if kind(then) in "buif" and kind(now) not in "buif":
            raise InvalidRows(
                f"X (a Dask data frame) must hold numbers as declared, got "
                f"{str(now)[:30]} in column {repr(name)[:30]} of {place}; convert it "
                "with X.map_partitions."
            )
    return part


def kind(dtype):
    """Return the kind of the NumPy type of a column, or "O"."""
    dtype = getattr(dtype, "numpy_dtype", dtype)
    return dtype.kind if isinstance(dtype, np.dtype) else "O"


def shortened(names):
    """Return the first names of columns as text."""
    text = ", ".join(repr(name)[:20] for name in names[:3])
    return f"[{text}{', ...' if len(names) > 3 else ''}]"
