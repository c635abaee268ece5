"""The command line: `sknn-scratch`, or `python -m sknn_scratch`.

A command is a function that adds it to the parser, in COMMANDS, and one that runs it.
Results and progress go to standard output, errors to standard error in one line.
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
    """Run the command line and return its exit code.

    Parameters
    ----------
    argv : list of str, default=None
        The arguments; None takes those of the process.

    Returns
    -------
    int
        0; 2 after an error; 130 after Ctrl-C.

    Raises
    ------
    SystemExit
        By argparse: for --help and --version (code 0), for wrong arguments (code 2).
    """
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.command is None:
        parser.print_help(sys.stderr)
        return 2
    try:
        arguments.run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _complain("interrupted", 130)
    except BrokenPipeError:  # `sknn-scratch ... | head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (OSError, ValueError) as error:
        return _complain(f"error: {' '.join(str(error).split())}", 2)
    return 0


def _parser():
    parser = argparse.ArgumentParser(
        prog="sknn-scratch",
        description="Train neural networks that are written from scratch in NumPy.",
        epilog="'sknn-scratch COMMAND --help' explains a command.",
    )
    parser.add_argument(
        "--version", action="version", version=f"sknn-scratch {__version__}"
    )
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", title="commands"
    )
    for add in COMMANDS.values():
        add(commands)
    return parser


def _complain(message, code):
    print(f"sknn-scratch: {message}", file=sys.stderr)
    return code


# -- demo --------------------------------------------------------------------------------


def _add_demo(commands):
    demo = commands.add_parser(
        "demo",
        help="train the course's three networks on handwritten digits, in seconds",
        description=(
            "Writes the handwritten digits that scikit-learn bundles as an HDF5 file "
            "in the course's layout, reads it back, trains logistic regression, a "
            "shallow and a deep network on three quarters of the images, and prints "
            "how many images each gets right: of those it learned from (train), and "
            "of the others (test). Needs no file and no network, and leaves no file."
        ),
    )
    demo.set_defaults(run=_demo)


def _demo(arguments):
    from . import DeepNetClassifier, LogisticRegressionScratch, ShallowNetClassifier

    models = [
        LogisticRegressionScratch(),
        ShallowNetClassifier(64, random_state=0),
        DeepNetClassifier((64, 64, 32), batch_size=32, random_state=0),
    ]
    data = _digits_by_way_of_a_file()
    console = _console()
    with _progress(console) as training:
        rows = [_train_and_score(model, data, training) for model in models]
    values, counts = np.unique(data.y_train, return_counts=True)
    often = values[counts.argmax()]
    shares = [f"{np.mean(y == often):.3f}" for y in (data.y_train, data.y_test)]
    rows.append([f"majority class ({data.classes[often]!s})", "", "", *shares])
    heads = ["model", "cost", "seconds", "train accuracy", "test accuracy"]
    _print_table(console, heads, rows)
    print("Each model is a scikit-learn Pipeline: ImageFlattener(scale=16), then")
    for model in models:
        print(" ", " ".join(repr(model).split()))


def _digits_by_way_of_a_file():
    """The digits as a Dataset, after a journey through the course's layout."""
    from sklearn.model_selection import train_test_split

    from .datasets import load_digit_images
    from .hdf5 import load_dataset, save_dataset

    images, y = load_digit_images()
    X_train, X_test, y_train, y_test = train_test_split(
        images, y, stratify=y, random_state=0
    )
    with tempfile.TemporaryDirectory(prefix="sknn-scratch-") as folder:
        path = os.path.join(folder, "digits.h5")
        save_dataset(path, X_train, y_train, X_test, y_test, classes=range(10))
        data = load_dataset(path)
    height, width = data.X_train.shape[1:]
    print(
        f"Wrote {len(images)} images of {height} x {width} pixels (scikit-learn's "
        f"digits) to {path}, read them back: {len(data.X_train)} to train on, "
        f"{len(data.X_test)} to test on.",
        flush=True,
    )
    return data


def _train_and_score(model, data, training):
    """A row of the table."""
    from sklearn.pipeline import make_pipeline

    from .preprocessing import ImageFlattener

    pipeline = make_pipeline(ImageFlattener(scale=16), model)
    name = type(model).__name__
    start = time.perf_counter()
    with training(name):
        pipeline.fit(data.X_train, data.y_train)
    seconds = time.perf_counter() - start
    scores = [
        pipeline.score(data.X_train, data.y_train),
        pipeline.score(data.X_test, data.y_test),
    ]
    shown = (f"{score:.3f}" for score in scores)
    return [name, f"{model.loss_:.4f}", f"{seconds:.2f}", *shown]


# -- on the screen -----------------------------------------------------------------------


def _console():
    """A rich console on a terminal; None elsewhere, or where rich is missing."""
    if not sys.stdout.isatty():
        return None
    try:
        from rich.console import Console
    except ImportError:
        return None
    return Console(highlight=False)


def _progress(console):
    """Context of a function `training(name)`, the context of one fit."""
    return _lines() if console is None else _bars(console)


@contextmanager
def _lines():
    @contextmanager
    def training(name):
        def look(epoch, max_iter, J, theta):
            last[:] = epoch, J
            if epoch % 50 == 0:
                print(f"{name}: epoch {epoch}, cost {J:.4f}", flush=True)

        last = [0, float("nan")]
        with observe(look):
            yield
        print("{}: trained, {} epochs, cost {:.4f}".format(name, *last), flush=True)

    yield training


@contextmanager
def _bars(console):
    from rich.progress import BarColumn, Progress

    columns = (
        "{task.description}",
        BarColumn(),
        "epoch {task.completed:.0f}",
        "cost {task.fields[cost]:.4f}",
    )
    with Progress(*columns, console=console) as progress:

        @contextmanager
        def training(name):
            def look(epoch, max_iter, J, theta):
                progress.update(task, completed=epoch, total=max_iter, cost=J)

            task = progress.add_task(name, total=None, cost=float("nan"))
            with observe(look):
                yield
            progress.update(task, total=progress.tasks[task].completed)

        yield training


def _print_table(console, heads, rows):
    """Names to the left, numbers to the right."""
    if console is None:
        widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
        for name, *numbers in [heads, *rows]:
            cells = [f"{n:>{k}}" for n, k in zip(numbers, widths[1:], strict=True)]
            print("  ".join([f"{name:<{widths[0]}}", *cells]))
        return
    from rich.table import Table

    table = Table()
    for head in heads:
        table.add_column(head, justify="left" if head == heads[0] else "right")
    for row in rows:
        table.add_row(*row)
    console.print(table)


COMMANDS = {"demo": _add_demo}

if __name__ == "__main__":
    sys.exit(main())
