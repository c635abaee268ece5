"""Show progress, tables and notes, with rich on a terminal, else as plain lines."""

import signal
import sys
import warnings
from contextlib import contextmanager

from .._html.tables import text_table

MOST_CLASSES = 20  # of which the counts are printed


def terminal():
    """A rich console on a terminal; None elsewhere, or where rich is missing."""
    if not sys.stdout.isatty():
        return None
    try:
        from rich.console import Console
    except ImportError:
        return None
    # a class may be called [red] or :cat:
    return Console(highlight=False, markup=False, emoji=False)


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


@contextmanager
def counting(console):
    """A function show(name, done, total, note): a bar a name, or a line every fifth."""
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
    bar = BarColumn(30)  # and a note of so many letters beside it in 80 columns
    columns = "{task.description}", bar, counts, TimeRemainingColumn()
    with Progress(*columns, console=console) as bars:
        tasks = {}

        def show(name, done, total, note=""):
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total, note=note)
            bars.update(tasks[name], completed=done, total=total, note=note)

        yield show


def print_table(console, heads, rows):
    """Print a table of texts, the first column to the left, the others to the right."""
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
    """Print a line for each class: its number of rows in each set."""
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

    A second Ctrl-C interrupts.
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


@contextmanager
def short_warnings():
    """Print warnings as one line, without the place in the code."""

    def show(message, category, *place):
        print(f"sknn-scratch: note: {message}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield
