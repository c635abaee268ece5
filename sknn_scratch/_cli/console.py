"""Progress, tables and notes: with rich on a terminal, else as plain lines."""

import signal
import sys
import warnings
from contextlib import contextmanager

from .._html.tables import text_table
from .._storage.texts import printable

MOST_OF_ERROR = 300  # characters
MOST_CLASSES = 20  # in a printed table of counts


def terminal():
    """Return a rich Console, or None without rich or where stdout is no terminal."""
    if not sys.stdout.isatty():
        return None
    try:
        from rich.console import Console
    except ImportError:
        return None
    # a class name may contain [red] or :cat:, which must be printed as it is
    return Console(highlight=False, markup=False, emoji=False)


@contextmanager
def progress(console):
    """Yield show(name, epoch, last, J), which updates a bar or prints a few lines."""
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
    """Print the cost at every fiftieth epoch and at the last one."""
    if epoch % 50 == 0 or epoch == last:
        print(f"{name}: epoch {epoch} of {last}, cost {J:.4f}", flush=True)


@contextmanager
def counting(console):
    """Yield show(name, done, total, note), which updates a bar or prints five lines."""
    if console is None:
        shown = {}

        def show(name, done, total, note=""):
            fifth = 5 * done // max(1, total)
            if fifth > shown.get(name, 0):
                shown[name] = fifth
                print(f"{name}: {done} of {total}{note}", flush=True)

        yield show
        return
    from rich.progress import BarColumn, Progress, TimeRemainingColumn

    counts = "{task.completed:.0f} of {task.total:.0f}{task.fields[note]}"
    bar = BarColumn(30)  # leaves room for the note in 80 columns
    columns = "{task.description}", bar, counts, TimeRemainingColumn()
    with Progress(*columns, console=console) as bars:
        tasks = {}

        def show(name, done, total, note=""):
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total, note=note)
            bars.update(tasks[name], completed=done, total=total, note=note)

        yield show


def print_table(console, heads, rows):
    """Print a table of texts: first column left-aligned, the others right-aligned."""
    heads, *rows = [[*map(printable, row)] for row in [heads, *rows]]
    if console is None:
        right = [False, *[True] * (len(heads) - 1)]
        print(text_table(heads, rows, right=right, underlined=False))
        return
    from rich.box import SIMPLE_HEAD
    from rich.table import Column, Table

    numbers = [Column(head, justify="right") for head in heads[1:]]
    table = Table(heads[0], *numbers, box=SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def print_counts(console, classes, counts):
    """Print the number of rows of each class in each set, one line for each class."""
    rows = [
        [str(name), *(str(count[i]) for count in counts.values())]
        for i, name in enumerate(classes)
    ]
    print_table(console, ["class", *counts], rows[:MOST_CLASSES])
    if len(rows) > MOST_CLASSES:
        print(f"... and {len(rows) - MOST_CLASSES} more classes")


@contextmanager
def stop_on_ctrl_c():
    """Yield a function that returns True after the first Ctrl-C.

    A second Ctrl-C raises KeyboardInterrupt.
    """
    pressed = []

    def press(number, frame):
        if pressed:
            raise KeyboardInterrupt
        pressed.append(number)

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)


def print_error(text):
    """Print an error as one line, without its middle where it is long."""
    line = f"sknn-scratch: error: {printable(' '.join(text.split()))}"
    if len(line) > MOST_OF_ERROR:
        line = f"{line[: MOST_OF_ERROR - 100]} ... {line[-95:]}"
    print(line, file=sys.stderr)


@contextmanager
def short_warnings():
    """Print each warning as one line, without file name and line number."""

    def show(message, category, *place):
        print(f"sknn-scratch: note: {printable(message)}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield
