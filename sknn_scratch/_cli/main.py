"""The command line: `sknn-scratch`, or `python -m sknn_scratch`.

A command is a module NAME of this folder with two functions: `add_NAME` adds its
parser, `run_NAME` runs it. COMMANDS lists the `add_` functions. No command imports
another.
Results and progress go to standard output, errors of one line to standard error.
"""

import argparse
import os
import sys
from contextlib import suppress

from .._version import __version__
from .console import print_error
from .convert import add_convert
from .demo import add_demo
from .doctor import add_doctor
from .export import add_export
from .inspect import add_inspect
from .play import add_play
from .predict import add_predict
from .report import add_report
from .train import add_train
from .tune import add_tune

COMMANDS = {
    "demo": add_demo,
    "convert": add_convert,
    "inspect": add_inspect,
    "train": add_train,
    "tune": add_tune,
    "predict": add_predict,
    "play": add_play,
    "report": add_report,
    "export": add_export,
    "doctor": add_doctor,
}


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
        return run(argv)
    except BrokenPipeError:  # `sknn-scratch ... | head` has closed the pipe
        return 0
    except KeyboardInterrupt:
        print("sknn-scratch: interrupted", file=sys.stderr)
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


def run(argv):
    """Parse the arguments, run the command and return its exit code."""
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
