"""Progress, tables and notes: with rich on a terminal, else as plain lines.

How much is printed where (--quiet, --verbose, --json) is known here only: commands
`print` results, `say` what else they have done, and give a `detail`.
"""

import json
import math
import signal
import sys
import threading
import time
import warnings
from contextlib import contextmanager, nullcontext, redirect_stdout
from contextvars import ContextVar
from io import StringIO

from .._html.tables import text_table
from .._storage.texts import printable

MOST_OF_ERROR = 300  # characters
MOST_CLASSES = 20  # in a printed table of counts
TICK = 0.5  # seconds between two looks at the clock
SILENCE = 4.5  # seconds after which the latest line is printed again


def terminal():
    """Return a rich Console, or None without rich or where notes go to no terminal."""
    if not notes().isatty():
        return None
    try:
        from rich.console import Console
    except ImportError:
        return None
    # a class name may contain [red] or :cat:, which must be printed as it is
    return Console(file=notes(), highlight=False, markup=False, emoji=False)


# -- how much is printed ---------------------------------------------------------------


LOUDNESS = ContextVar("loudness", default=1)  # 0: --quiet, 2: --verbose
JSON = ContextVar("json", default=False)  # the result is printed as JSON, not as text


@contextmanager
def printing(arguments):
    """Print in the block as --quiet, --verbose and --json ask for.

    With --json the text of the result is discarded; notes go to standard error.
    """
    if arguments.quiet and arguments.verbose:
        raise ValueError("--quiet must not be given with --verbose.")
    tokens = [
        (LOUDNESS, LOUDNESS.set(1 + arguments.verbose - arguments.quiet)),
        (JSON, JSON.set(arguments.json)),
    ]
    try:
        with redirect_stdout(StringIO()) if arguments.json else nullcontext():
            yield
    finally:
        for variable, token in tokens:
            variable.reset(token)


def notes():
    """Return the stream for what is no result."""
    return sys.stderr if JSON.get() else sys.stdout


def say(text):
    """Print what is no result: where something was written, how it ended."""
    if LOUDNESS.get() >= 1:
        print(text, file=notes(), flush=True)


def note(text):
    """Print a note on standard error."""
    if LOUDNESS.get() >= 1:
        print(f"sknn-scratch: note: {printable(text)}", file=sys.stderr)


def detail(text):
    """Print on standard error what only --verbose asks for."""
    if LOUDNESS.get() == 2:
        print(f"sknn-scratch: {printable(' '.join(text.split()))}", file=sys.stderr)


# -- progress --------------------------------------------------------------------------


class Lines:
    """Progress as lines, for a pipe or a file: never more than 5 seconds without one.

    `print` prints a line. `remember` keeps one, for a thread that calls `tick` every
    half second: it prints the latest line when 4.5 seconds have passed since the last.
    """

    def __init__(self, clock=time.monotonic):
        self._clock, self._file = clock, notes()
        self._start = self._last = clock()
        self._line, self._printed = "working", None
        self._lock = threading.Lock()

    def remember(self, line):
        """Take note of a line without printing it."""
        self._line = line

    def print(self, line):
        """Print a line at once."""
        with self._lock:
            self._line = self._printed = line
            self._last = self._clock()
            print(line, file=self._file, flush=True)

    def tick(self):
        """Print the latest line if none was printed for 4.5 seconds."""
        with self._lock:
            now = self._clock()
            if now - self._last < SILENCE:
                return
            self._last = now
            seconds = (
                "" if self._line != self._printed else f", {now - self._start:.0f} s"
            )
            self._printed = self._line
            print(f"{self._line}{seconds}", file=self._file, flush=True)


@contextmanager
def ticking():
    """Yield Lines that a thread keeps from being silent for more than 5 seconds."""
    lines, over = Lines(), threading.Event()

    def tick():
        while not over.wait(TICK):
            lines.tick()

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield lines
    finally:
        over.set()
        thread.join()


def cost_text(J):
    """Return a cost as text: four decimals, of large ones four digits."""
    return f"{J:.4f}" if abs(J) < 1e4 else f"{J:.4g}"


@contextmanager
def progress(console):
    """Yield show(name, epoch, last, J), which updates a bar or prints a few lines."""
    if LOUDNESS.get() == 0:
        yield lambda *seen: None
        return
    if console is None:
        with ticking() as lines:
            yield lambda *seen: show_epoch(lines, *seen)
        return
    from rich.progress import BarColumn, Progress

    texts = "epoch {task.completed:.0f}", "cost {task.fields[cost]}"
    with Progress("{task.description}", BarColumn(), *texts, console=console) as bars:
        tasks = {}

        def show(name, epoch, last, J):
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=last, cost="")
            cost = cost_text(J)
            bars.update(tasks[name], completed=epoch, total=last, cost=cost)

        yield show


def show_epoch(lines, name, epoch, last, J):
    """Print the cost at every fiftieth epoch and at the last one; --verbose: at all."""
    line = f"{name}: epoch {epoch} of {last}, cost {cost_text(J)}"
    if epoch % 50 == 0 or epoch == last or LOUDNESS.get() == 2:
        lines.print(line)
    else:
        lines.remember(line)


@contextmanager
def working(console, name):
    """Yield tell(text), which says how far work without a known end has come.

    On a terminal the text stands in a moving line. Elsewhere it is printed when no line
    was for 4.5 seconds.
    """
    if LOUDNESS.get() == 0:
        yield lambda text: None
    elif console is None:
        with ticking() as lines:
            lines.remember(name)
            yield lambda text: lines.remember(f"{name}, {text}")
    else:
        with console.status(name) as status:
            yield lambda text: status.update(f"{name}, {text}")


@contextmanager
def told_of_epochs(tell):
    """Tell of each epoch of the fits in the block, and of the network it is of."""
    from .._training.watch import observe

    seen = {"network": 0, "epoch": 0}

    def after_epoch(epoch, last, J, theta):
        if epoch <= seen["epoch"] or not seen["network"]:
            seen["network"] += 1
        seen["epoch"] = epoch
        network = f"network {seen['network']}, " if seen["network"] > 1 else ""
        tell(f"{network}epoch {epoch} of at most {last}, cost {cost_text(J)}")

    with observe(after_epoch):
        yield


@contextmanager
def counting(console):
    """Yield show(name, done, total, note), which updates a bar or prints lines."""
    if LOUDNESS.get() == 0:
        yield lambda name, done, total, note="": None
        return
    if console is None:
        with ticking() as lines:
            yield five_lines(lines)
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


def five_lines(lines):
    """Return show(name, done, total, note), which prints a line at every fifth."""
    shown = {}

    def show(name, done, total, note=""):
        fifth = 5 * done // max(1, total)
        line = f"{name}: {done} of {total}{note}"
        if fifth > shown.get(name, 0):
            shown[name] = fifth
            lines.print(line)
        else:
            lines.remember(line)

    return show


# -- tables and JSON -------------------------------------------------------------------


def print_json(result):
    """Print a result as one JSON object; what is not finite becomes null."""
    print(json.dumps(plain(result), indent=1))


def plain(value):
    """Return a value of Python's and NumPy's types as what JSON has."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [*map(plain, value)]
    if hasattr(value, "tolist"):  # of NumPy
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, str | int | None) else str(value)


def print_table(console, heads, rows):
    """Print a table of texts: first column left-aligned, the others right-aligned."""
    if JSON.get():
        return
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


def by_class(classes, counts):
    """Return the number of rows in each set by the name of the class."""
    return {
        str(name): {split: int(count[i]) for split, count in counts.items()}
        for i, name in enumerate(classes)
    }


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
def short_warnings(tell=None):
    """Print each warning as one line, without file name and line number.

    Or `tell` is called with each, a Warning, instead.
    """

    def show(message, category, *place):
        (tell or note)(message)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield
