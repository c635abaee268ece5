"""The command line: `sknn-scratch`, or `python -m sknn_scratch`.

A command is a module NAME of this folder with two functions: `add_NAME` adds its
parser, `run_NAME` runs it. COMMANDS lists them. No command imports another.
They are imported by `main`, so that Ctrl-C meanwhile is answered by one line.
Results and progress go to standard output, errors of one line to standard error.
"""

import argparse
import importlib
import os
import signal
import sys
import threading
from contextlib import contextmanager, suppress
from functools import partial

from .._version import __version__


def add_parser(name, commands):
    """Import a command and add its parser."""
    module = importlib.import_module(f".{name}", __package__)
    getattr(module, f"add_{name}")(commands)


NAMES = ("demo", "convert", "inspect", "train", "tune", "predict", "play", "report")
NAMES += ("export", "doctor")
COMMANDS = {name: partial(add_parser, name) for name in NAMES}
INTERRUPTED = "sknn-scratch: interrupted"


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
    for name in ("stdout", "stderr"):  # closed by the parent process: discard it
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
    try:
        with leaving_on_ctrl_c():
            from .console import print_error

            parser = command_line()
        return run(parser, argv)
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
def leaving_on_ctrl_c():
    """End the process on Ctrl-C in the block, unless the caller handles it.

    An exception within an import may become another one.
    """
    before = signal.getsignal(signal.SIGINT)
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or before is not signal.default_int_handler:
        yield
        return

    def leave(*_):
        os.write(2, f"{INTERRUPTED}\n".encode())
        os._exit(130)

    signal.signal(signal.SIGINT, leave)
    yield
    signal.signal(signal.SIGINT, before)


def command_line():
    """Return the parser of all commands."""
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
    return parser


def run(parser, argv):
    """Parse the arguments, run the command and return its exit code."""
    arguments = parser.parse_args(argv)
    if not hasattr(arguments, "run"):
        parser.print_help(sys.stderr)
        return 2
    code = arguments.run(arguments)
    sys.stdout.flush()
    return code or 0


def flush(stream):
    """Write what a stream holds; if it cannot be written, discard it.

    Python would try again at its end, and print a traceback.
    """
    try:
        stream.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError):  # of a stream without a file
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
