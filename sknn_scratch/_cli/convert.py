"""`sknn-scratch convert`: write a data file from images, a CSV or NumPy arrays."""

import argparse
import math
import os
import re
from dataclasses import fields

import numpy as np

from .console import counting, print_counts, terminal
from .output import readable_bytes
from .readers.data_file import Conversion, write_data_file

MOST_PIXELS = 2**22  # of --size: 2048 x 2048, 13 MB a row


def add_convert(commands):
    """Add the parser of `sknn-scratch convert`."""
    convert = commands.add_parser(
        "convert",
        help="make a data file of your own images, a CSV or NumPy arrays",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="""\
Makes an HDF5 file in the course's layout (train_set_x, train_set_y, test_set_x,
test_set_y, list_classes; of a table also list_columns) from SOURCE, which is one of

  photos/       a folder with a sub-folder of images for each class, as photos/cat/
                and photos/dog/; classes are the names, sorted. Every image is
                stretched to --size; transparent parts become white. A broken
                image ends it, or is left out with --skip-broken.
  table.csv     (or .tsv) a line of column names, then a line for each row: the
                column --label holds the class, the others hold numbers. The index
                that pandas writes is left out.
  arrays.npz    arrays X and y, or x_train and y_train, perhaps x_test and y_test.
  X.npy         one array, a row for each example; --label y.npy holds the classes.
  train-images-idx3-ubyte.gz  (or the folder that holds it) images in MNIST's layout;
                labels and the test set, t10k-..., lie beside it.

A part of the rows is held out as the test set, of every class the same share: a
network is judged by rows it has not learned from. A source may be larger than the
memory: it is read block by block. A file that is there is replaced when the new one
is whole.""",
        epilog="example: sknn-scratch convert photos --out photos.h5 --size 64",
    )
    add = convert.add_argument
    add("source", metavar="SOURCE", help="folder, .csv, .tsv, .npz or .npy")
    add("--out", metavar="FILE.h5", required=True, help="file to write")
    text = "pixels of the images, as 64 or as WIDTHxHEIGHT (default: their own, if all "
    text += "have the same, up to 65536 pixels; else 64)"
    add("--size", metavar="N|WxH", type=size, help=text)
    text = "images in grey (default: if all are grey)"
    colours = convert.add_mutually_exclusive_group()
    colours.add_argument("--grey", action="store_true", help=text)
    text = "images in colour (RGB), also if all are grey"
    colours.add_argument("--colour", action="store_true", help=text)
    text = "leave out broken images, and name them"
    add("--skip-broken", action="store_true", help=text)
    text = "column of the classes in a CSV (default label); file of them for a .npy"
    add("--label", metavar="NAME|y.npy", help=text)
    text = "number type of a CSV (default float64)"
    add("--dtype", choices=["float32", "float64"], help=text)
    text = "share of the rows held out as test set, 0: none (default 0.2)"
    add("--test", metavar="FRACTION", type=fraction, help=text)
    text = "draws the test set and the order of images (default 0)"
    add("--seed", metavar="N", type=int, default=0, help=text)
    text = "make the file smaller, without loss: gzip more, lzf faster"
    add("--compress", choices=["gzip", "lzf"], help=text)
    convert.set_defaults(run=run_convert)


def size(text):
    """Return (width, height): `64` as (64, 64), `80x60` as (80, 60)."""
    found = re.fullmatch(r"([1-9]\d{0,4})(?:x([1-9]\d{0,4}))?", text)
    if not found:
        raise argparse.ArgumentTypeError(f"must be as 64 or 80x60, got {text!r}")
    width, height = found.groups()
    width, height = int(width), int(height or width)
    if width * height > MOST_PIXELS:
        raise argparse.ArgumentTypeError(
            f"must be at most {MOST_PIXELS} pixels, got {text!r}"
        )
    return width, height


def fraction(text):
    """Return a text as a number of at least 0 and below 1."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"must be from 0 to below 1, got {text!r}")
    return value


def run_convert(arguments):
    """Write the data file and print what it holds."""
    console = terminal()
    names = [field.name for field in fields(Conversion)]
    conversion = Conversion(**{name: getattr(arguments, name) for name in names})
    with counting(console) as show:
        classes, splits, row = write_data_file(conversion, show)
    print_summary(console, arguments, classes, splits, row)


def print_summary(console, arguments, classes, splits, row):
    """Print the size of the file, its numbers of rows and the counts of the classes."""
    size = readable_bytes(os.path.getsize(arguments.out))
    packed = f", {arguments.compress}" if arguments.compress else ""
    test = f"{len(splits['test'])} to test" if "test" in splits else "none to test"
    print(
        f"Wrote {arguments.out} ({size}{packed}): {len(splits['train'])} rows to train "
        f"on, {test}, each {row['dtype']} of shape {row['shape']}."
    )
    counts = {s: np.bincount(y, minlength=len(classes)) for s, y in splits.items()}
    print_counts(console, classes, counts)
