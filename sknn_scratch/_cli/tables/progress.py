"""Progress of work that takes long: a moving line, or on a pipe a line now and then."""

import threading
import time
from contextlib import contextmanager

SECONDS = 4  # between two lines: somebody who waits is told within 5


@contextmanager
def working(console, name, seconds=SECONDS):
    """Yield say(text), which tells how far the work has come.

    On a terminal the last text stands in a moving line. Elsewhere a line is printed
    when there was none for `seconds`, whether or not anything was said.
    """
    start, last = time.monotonic(), [""]

    def line():
        return f"{name}{last[0]}: {time.monotonic() - start:.0f} s"

    if console is not None:
        with console.status(line()) as status:

            def show(text):
                last[0] = f", {text}"
                status.update(line())

            yield show
        return

    def say(text):
        last[0] = f", {text}"

    over = threading.Event()

    def print_lines():
        while not over.wait(seconds):
            print(line(), flush=True)

    thread = threading.Thread(target=print_lines, daemon=True)
    thread.start()
    try:
        yield say
    finally:
        over.set()
        thread.join()


@contextmanager
def told_of_epochs(say):
    """Tell `say` of each epoch of the fits in the block, and of the member it is of."""
    from ..._training.watch import observe

    seen = {"member": 0, "epoch": 0}

    def after_epoch(epoch, last, J, theta):
        if epoch <= seen["epoch"] or not seen["member"]:
            seen["member"] += 1
        seen["epoch"] = epoch
        member = f"network {seen['member']}, " if seen["member"] > 1 else ""
        say(f"{member}epoch {epoch} of at most {last}, cost {J:.4f}")

    with observe(after_epoch):
        yield
