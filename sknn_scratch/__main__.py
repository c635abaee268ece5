"""The command line: `sknn-scratch`, or `python -m sknn_scratch`.

A command is two functions, one adds its parser, one runs it; COMMANDS lists them.
Results and progress go to standard output, errors of one line to standard error.
"""

import argparse
import os
import sys
import tempfile
import time
from contextlib import contextmanager

import numpy as np

from ._version import __version__
from ._watch import observe


def main(argv=None):
    """Run the command line.

    Parameters
    ----------
    argv : list of str, default=None
        The arguments; None takes those of the process.

    Returns
    -------
    int
        Exit code: 0, 2 after an error, 130 after Ctrl-C. (Wrong arguments, --help and
        --version end in argparse's SystemExit instead.)
    """
    parser = argparse.ArgumentParser(
        prog="sknn-scratch",
        description="Neural networks written from scratch in NumPy, at work.",
        epilog="'sknn-scratch COMMAND --help' explains a command.",
    )
    version = f"sknn-scratch {__version__}"
    parser.add_argument("--version", action="version", version=version)
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    for add in COMMANDS.values():
        add(commands)
    arguments = parser.parse_args(argv)
    if not hasattr(arguments, "run"):
        parser.print_help(sys.stderr)
        return 2
    try:
        arguments.run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # `sknn-scratch ... | head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        print("sknn-scratch: interrupted", file=sys.stderr)
        return 130
    except (OSError, ValueError) as error:
        print("sknn-scratch: error:", *str(error).split(), file=sys.stderr)
        return 2
    return 0


def add_demo(commands):
    """The parser of `sknn-scratch demo`."""
    demo = commands.add_parser(
        "demo",
        help="train the course's three networks on handwritten digits, in seconds",
        description="Writes the handwritten digits that scikit-learn bundles (images "
        "of 8 x 8 pixels) as an HDF5 file in the course's layout, reads it, trains "
        "logistic regression, a shallow and a deep network on three quarters of them, "
        "and prints what share of the images each gets right: of those it learned from "
        "(train) and of the others (test). Downloads nothing, leaves no file.",
    )
    demo.set_defaults(run=run_demo)


def run_demo(arguments):
    """Write, read, train, print."""
    from . import DeepNetClassifier, LogisticRegressionScratch, ShallowNetClassifier

    models = [
        LogisticRegressionScratch(),
        ShallowNetClassifier(64, random_state=0),
        DeepNetClassifier((64, 32, 16), batch_size=32, random_state=0),
    ]
    data = digits_from_file()
    console = terminal()
    with progress(console) as show:
        rows = [train_and_score(model, data, show) for model in models]
    often = np.bincount(data.y_train).argmax()
    shares = [f"{np.mean(y == often):.3f}" for y in (data.y_train, data.y_test)]
    rows.append([f"majority class ({data.classes[often]})", "", "", *shares])
    heads = ["model", "cost", "seconds", "train accuracy", "test accuracy"]
    print_table(console, heads, rows)
    print("Each model is a scikit-learn Pipeline: ImageFlattener(scale=16), then")
    print(*models, sep="\n")


def digits_from_file():
    """The digits as a Dataset, by way of a file in the course's layout."""
    from sklearn.model_selection import train_test_split

    from .datasets import load_digit_images
    from .hdf5 import load_dataset, save_dataset

    X, y = load_digit_images()
    X, X_test, y, y_test = train_test_split(X, y, stratify=y, random_state=0)
    with tempfile.TemporaryDirectory(prefix="sknn-scratch-") as folder:
        path = os.path.join(folder, "digits.h5")
        save_dataset(path, X, y, X_test, y_test, classes=range(10))
        data = load_dataset(path)
    sizes = f"{len(data.X_train)} to train on, {len(data.X_test)} to test"
    print(
        f"Wrote scikit-learn's digits to {path}, read them back: {sizes}.", flush=True
    )
    return data


def train_and_score(model, data, show):
    """A row of the table."""
    from sklearn.pipeline import make_pipeline
    from threadpoolctl import threadpool_limits  # scikit-learn brings it

    from .preprocessing import ImageFlattener

    pipeline = make_pipeline(ImageFlattener(scale=16), model)
    name = type(model).__name__
    start = time.perf_counter()
    # one thread: on a busy machine BLAS made such small networks 30 times slower
    with threadpool_limits(1), observe(lambda *seen: show(name, *seen[:3])):
        pipeline.fit(data.X_train, data.y_train)
    seconds = time.perf_counter() - start
    show(name, len(model.loss_curve_), len(model.loss_curve_), model.loss_)
    train = pipeline.score(data.X_train, data.y_train)
    test = pipeline.score(data.X_test, data.y_test)
    return [name, f"{model.loss_:.4f}", f"{seconds:.2f}", f"{train:.3f}", f"{test:.3f}"]


def terminal():
    """A rich console on a terminal; None elsewhere, or where rich is missing."""
    if not sys.stdout.isatty():
        return None
    try:
        from rich.console import Console
    except ImportError:
        return None
    return Console(highlight=False)


@contextmanager
def progress(console):
    """A function show(name, epoch, last epoch, J): a bar a name, or a few lines."""
    if console is None:
        yield print_epoch
        return
    from rich.progress import BarColumn, Progress

    texts = "epoch {task.completed:.0f}", "cost {task.fields[cost]:.4f}"
    with Progress("{task.description}", BarColumn(), *texts, console=console) as bars:
        tasks = {}

        def show(name, epoch, last, J):
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=last, cost=J)
            bars.update(tasks[name], completed=epoch, total=last, cost=J)

        yield show


def print_epoch(name, epoch, last, J):
    """Every fiftieth epoch, and the last."""
    if epoch % 50 == 0 or epoch == last:
        print(f"{name}: epoch {epoch} of {last}, cost {J:.4f}", flush=True)


def print_table(console, heads, rows):
    """Names to the left, numbers to the right."""
    if console is None:
        widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
        for name, *cells in [heads, *rows]:
            print(name.ljust(widths[0]), *map(str.rjust, cells, widths[1:]), sep="  ")
        return
    from rich.box import SIMPLE_HEAD
    from rich.table import Column, Table

    numbers = [Column(head, justify="right") for head in heads[1:]]
    table = Table(heads[0], *numbers, box=SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    console.print(table)


COMMANDS = {"demo": add_demo}

if __name__ == "__main__":
    sys.exit(main())
