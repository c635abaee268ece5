"""`sknn-scratch convert`: write a data file from images, a CSV or NumPy arrays."""

import os
from dataclasses import fields

import numpy as np

from .console import by_class, counting, print_counts, say, terminal
from .output import readable_bytes
from .readers.data_file import Conversion, write_data_file


def run_convert(arguments):
    """Write the data file, print and return what it holds."""
    if arguments.grey and arguments.colour:
        raise ValueError("--grey must not be given with --colour.")
    console = terminal()
    names = [field.name for field in fields(Conversion)]
    conversion = Conversion(**{name: getattr(arguments, name) for name in names})
    with counting(console) as show:
        classes, splits, row = write_data_file(conversion, show)
    return summary(console, arguments, classes, splits, row)


def summary(console, arguments, classes, splits, row):
    """Print and return the size of the file, its rows and the counts of the classes."""
    size = os.path.getsize(arguments.out)
    packed = f", {arguments.compress}" if arguments.compress else ""
    test = f"{len(splits['test'])} to test" if "test" in splits else "none to test"
    say(
        f"Wrote {arguments.out} ({readable_bytes(size)}{packed}): "
        f"{len(splits['train'])} rows to train on, {test}, each {row['dtype']} of "
        f"shape {row['shape']}."
    )
    counts = {s: np.bincount(y, minlength=len(classes)) for s, y in splits.items()}
    print_counts(console, classes, counts)
    return {
        "file": arguments.out,
        "bytes": size,
        "dtype": str(row["dtype"]),
        "shape": row["shape"],
        "rows": {split: len(y) for split, y in splits.items()},
        "classes": by_class(classes, counts),
    }
