"""The command line: `sknn-scratch`, or `python -m sknn_scratch`.

`commands` says what each command takes, `app` makes a Typer application of that. A
command NAME is the function `run_NAME` of the module NAME of this folder, which is
imported when it runs: it takes the arguments and returns its result as a dict. No
command imports another.
Results and progress go to standard output, errors of one line to standard error.
"""

import importlib
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager, suppress

INTERRUPTED = "sknn-scratch: interrupted"
NO_TYPER = 'the command line needs typer: pip install "sknn-scratch[cli]"'
IMPORTING = "<frozen importlib._bootstrap>"  # file name of Python's import machinery


def main(argv=None):
    """Run the command line.

    Parameters
    ----------
    argv : list of str, default=None
        The arguments; None takes those of the process.

    Returns
    -------
    int
        Exit code: 0, 2 after an error, 130 after Ctrl-C.
    """
    for name in ("stdout", "stderr"):  # closed by the parent process: discard it
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
    try:
        with leaving_on_ctrl_c(lambda frame: True):
            from .console import print_error

            parsed = parse(sys.argv[1:] if argv is None else argv)
        if isinstance(parsed, int):
            return parsed
        with leaving_on_ctrl_c(is_import):
            return run(*parsed)
    except BrokenPipeError:  # `sknn-scratch ... | head` has closed the pipe
        return 0
    except KeyboardInterrupt:
        print(INTERRUPTED, file=sys.stderr)
        return 130
    except (OSError, ValueError) as error:
        print_error(str(error))
        return 2
    except MemoryError:
        print_error("more memory is needed than there is.")
        return 2
    finally:
        for stream in (sys.stdout, sys.stderr):
            flush(stream)


@contextmanager
def leaving_on_ctrl_c(at):
    """End the process on Ctrl-C where at(frame) is True, else raise KeyboardInterrupt.

    An exception within an import may become another one, and Typer ends on it in its
    way. A handler of the caller's stays.
    """
    before = signal.getsignal(signal.SIGINT)
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or before is not signal.default_int_handler:
        yield
        return

    def press(number, frame):
        if at(frame):
            os.write(2, f"{INTERRUPTED}\n".encode())
            os._exit(130)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, press)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def is_import(frame):
    """Return True if a frame, or one that called it, is of an import."""
    while frame is not None:
        if frame.f_code.co_filename == IMPORTING:
            return True
        frame = frame.f_back
    return False


def parse(argv):
    """Return (name, arguments), or an exit code; raise ValueError on wrong ones."""
    try:
        from . import app
    except ModuleNotFoundError as error:
        if error.name != "typer":
            raise
        raise ValueError(NO_TYPER) from None
    return app.parse(argv)


def run(name, arguments):
    """Import and run a command, print its result if as JSON, return the exit code."""
    from .._version import __version__
    from .console import detail, print_json, printing

    start = time.perf_counter()
    command = getattr(importlib.import_module(f".{name}", __package__), f"run_{name}")
    with printing(arguments):
        result = command(arguments)
        python = ".".join(map(str, sys.version_info[:3]))
        seconds = time.perf_counter() - start
        detail(f"version {__version__}, Python {python}, {seconds:.2f} seconds")
    if arguments.json:
        print_json(result)
    sys.stdout.flush()
    return 130 if result and result.get("interrupted") else 0


def flush(stream):
    """Write what a stream holds; if it cannot be written, discard it.

    Python would try again at its end, and print a traceback.
    """
    try:
        stream.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError):  # of a stream without a file
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
