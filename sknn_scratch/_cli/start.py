"""The entry of the command line, which imports the commands."""

import os
import signal
import sys
import threading
from contextlib import contextmanager


def main(argv=None):
    """Run the command line; see `main.main`. Ctrl-C may come during the imports."""
    try:
        with leaving_on_ctrl_c():
            from .main import main as run

        return run(argv)
    except KeyboardInterrupt:  # just before or after the command
        leave()


@contextmanager
def leaving_on_ctrl_c():
    """End the process on Ctrl-C in the block, unless the caller handles it."""
    before = signal.getsignal(signal.SIGINT)
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or before is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, leave)
    yield
    signal.signal(signal.SIGINT, before)


def leave(*_):
    """End the process: an exception within an import may become another one."""
    if sys.stderr is not None:
        os.write(2, b"sknn-scratch: interrupted\n")
    os._exit(130)
