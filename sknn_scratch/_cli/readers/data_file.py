"""Writing of a data file from images, a CSV or NumPy arrays, block by block."""

import os
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..console import counting
from .arrays import read_npy, read_npz
from .csv import SEPARATORS, read_csv
from .idx import idx_in, is_idx, read_idx
from .images import read_folder


@dataclass
class Conversion:
    """What `sknn-scratch convert` is asked for; None and False are its defaults."""

    source: str
    out: str
    size: tuple | None = None
    grey: bool = False
    colour: bool = False
    skip_broken: bool = False
    label: str | None = None
    dtype: str | None = None
    test: float | None = None
    seed: int = 0
    compress: str | None = None


@contextmanager
def as_data_file(source, console, **options):
    """Yield the path of an HDF5 file that holds a source, until the block ends.

    An HDF5 file is taken as it is, whatever the options. Of other sources one is
    written among the temporary files, as `convert` with these options of `Conversion`
    writes it.
    """
    if is_data_file(source):
        yield source
        return
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "data.h5")
        with counting(console) as show:
            write_data_file(Conversion(source, path, **options), show)
        yield path


def is_data_file(source):
    """Return whether a file has the name of an HDF5 file."""
    return source.lower().endswith(HDF5)


def write_data_file(conversion, show):
    """Read the labels, choose the test set and copy the rows block by block.

    Parameters
    ----------
    conversion : Conversion
    show : callable
        Called as show(name, done, total).

    Returns
    -------
    classes : list of str
    splits : dict of str to ndarray
        The labels of "train" and, if there are any, "test".
    row : dict
        "shape" and "dtype" of one row.
    """
    from ..._storage import store

    source, out = conversion.source, conversion.out
    read = checked_reader(conversion)
    rng = np.random.RandomState(conversion.seed)
    with store.appending(out, compression=conversion.compress) as file:
        classes, parts, columns = read(conversion, rng, show)
        masks = test_masks(conversion, parts, rng)
        row = {}
        for part, test in zip(parts, masks, strict=True):
            row = copy_rows(source, part, test, file, show, row)
        labels = np.concatenate([part.labels for part in parts])
        test = np.concatenate(masks)
        splits = {"train": labels[~test], "test": labels[test]}
        splits = {split: y for split, y in splits.items() if len(y)}
        for split, y in splits.items():
            file.write(f"{split}_set_y", y)
        file.write("list_classes", np.array([name.encode() for name in classes]))
        if columns is not None:
            file.write("list_columns", np.array([name.encode() for name in columns]))
    return classes, splits, row


HDF5 = (".h5", ".hdf5")


class Reader(NamedTuple):
    """A kind of source: what it is called, how it is read, which options it has."""

    what: str
    read: Callable
    options: tuple = ()


FOLDER = Reader("a folder", read_folder, ("size", "grey", "colour", "skip_broken"))
IDX = Reader("an IDX file", read_idx, ("label",))
BY_ENDING = {
    **{
        ending: Reader(f"a {ending}", read_csv, ("label", "dtype"))
        for ending in SEPARATORS
    },
    ".npy": Reader("a .npy", read_npy, ("label",)),
    ".npz": Reader("an .npz", read_npz),
}


def reader_of(source):
    """Return the Reader of a source, by what it is and its name."""
    if os.path.isdir(source):
        return IDX if idx_in(source) else FOLDER
    if not os.path.exists(source):
        raise FileNotFoundError(
            f"{source} must be a folder of images or a file, but does not exist."
        )
    if not os.path.isfile(source):  # a pipe cannot be read twice, and may block
        raise ValueError(f"{source} must be a folder or a file, got another kind.")
    if is_idx(source):
        return IDX
    ending = os.path.splitext(source)[1].lower()
    if ending not in BY_ENDING:
        raise ValueError(
            f"{source} must be a folder of images, .csv, .tsv, .npz, .npy or an IDX "
            f"file, got {ending or 'a file without extension'}."
        )
    return BY_ENDING[ending]


def checked_reader(conversion):
    """Return the function that reads the source; refuse options it does not use."""
    source, out = conversion.source, conversion.out
    if conversion.grey and conversion.colour:
        raise ValueError("--grey must not be given with --colour.")
    found = reader_of(source)
    for option in ("size", "grey", "colour", "skip_broken", "label", "dtype"):
        value = getattr(conversion, option)
        if option not in found.options and value not in (None, False):
            flag = option.replace("_", "-")
            raise ValueError(f"--{flag} must not be given with {found.what}: {source}.")
    for read_from in (source, conversion.label):
        both = read_from and os.path.exists(read_from) and os.path.exists(out)
        if both and os.path.samefile(read_from, out):
            raise ValueError(f"--out must be another file than the source, got {out}.")
    return found.read


def test_masks(conversion, parts, rng):
    """Return for each part the mask of its test rows, bool of shape (m,)."""
    if len(parts) == 2:
        if conversion.test is not None:
            raise ValueError(
                f"--test must not be given: {conversion.source} has its own test set."
            )
        return [np.full(len(part.labels), i == 1) for i, part in enumerate(parts)]
    share = 0.2 if conversion.test is None else conversion.test
    labels = parts[0].labels
    count = round(share * len(labels))
    if share and not 0 < count < len(labels):
        raise ValueError(
            f"--test {share} of the {len(labels)} rows of {conversion.source} must "
            f"leave rows for both sets, got a test set of {count}; --test 0 makes none."
        )
    return [stratified(labels, count, rng)]


def stratified(labels, count, rng):
    """Return the mask of `count` random rows: the same share of every class."""
    order = rng.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]  # grouped by class
    sizes = np.bincount(labels)
    # position in the class as a fraction: rows of all classes can be ranked by it
    depth = np.concatenate([(np.arange(size) + 0.5) / size for size in sizes if size])
    chosen = np.zeros(len(labels), dtype=bool)
    chosen[order[np.argsort(depth, kind="stable")[:count]]] = True
    return chosen


def copy_rows(source, part, test, file, show, row):
    """Write the rows of a part to the file; return shape and dtype of one row."""
    m, done = len(part.labels), 0
    sizes = {"train": m - int(test.sum()), "test": int(test.sum())}
    show("rows", 0, m)
    for rows in part.blocks():
        if rows.dtype.kind == "f" and not np.isfinite(rows).all():
            bad = ~np.isfinite(rows.reshape(len(rows), -1)).all(axis=1)
            raise ValueError(
                f"{source} must hold finite numbers, got NaN or infinity in row "
                f"{done + bad.argmax()} (the first is 0)."
            )
        in_test = test[done : done + len(rows)]
        done += len(rows)
        if len(in_test) != len(rows):
            break
        for split, chosen in (("train", ~in_test), ("test", in_test)):
            if chosen.any():
                file.append(f"{split}_set_x", rows[chosen], sizes[split])
        row = {"shape": rows.shape[1:], "dtype": rows.dtype}
        show("rows", done, m)
    if done != m:
        raise ValueError(f"{source} must stay as it is while it is read, got changes.")
    return row
