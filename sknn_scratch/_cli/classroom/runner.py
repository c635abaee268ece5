"""Submissions in processes of their own, with limits of time and memory.

The process gets arguments and returns results; they are judged here. So nothing that a
submission prints, changes or sends can make a wrong result a right one.
"""

import builtins
import inspect
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import warnings
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from ...inspection._exercises import errors
from ...inspection._exercises.trial import arrays_in
from . import child, wire

FILE = 3  # times the seconds of a function: it may import and draw
START = 60  # seconds in which Python and NumPy must have started
KEPT = ("PATH", "PYTHONPATH", "SYSTEMROOT", "LANG", "LC_ALL")  # of the environment
THREADS = ("OPENBLAS", "OMP", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")
PARAMETERS = [  # their kinds, by the numbers that `child` sends
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.VAR_POSITIONAL,
    inspect.Parameter.KEYWORD_ONLY,
    inspect.Parameter.VAR_KEYWORD,
]
PROGRAM = [path.__file__ for path in (child, wire, errors)]


class Limits(NamedTuple):
    """What a submission may take."""

    timeout: float = 10.0  # seconds for each function
    memory: int = 2**30  # bytes

    def resources(self):
        """Return the limits of the operating system, by the names of `resource`."""
        return {
            "RLIMIT_AS": self.memory,
            "RLIMIT_CPU": int(60 * self.timeout) + 60,  # also of what has got away
            "RLIMIT_FSIZE": 10**7,
            "RLIMIT_NPROC": 0,  # no process and no thread beside it
            "RLIMIT_CORE": 0,
        }


class Ended(BaseException):
    """The process has ended, or had to be ended; no `except Exception` may hide it."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class Child:
    """The process of one submission."""

    def __init__(self, limits):
        self.limits, self.functions, self.notes, self.unread = limits, {}, [], {}
        self._folder = TemporaryDirectory(ignore_cleanup_errors=True)
        self._process, self._closed = start(self._folder.name), False
        self._answers = queue.Queue(maxsize=1)  # more wait in the pipe
        self._writer = None
        threading.Thread(target=self._read, daemon=True).start()
        self._ask("limit", START, limits=limits.resources())

    def load(self, cells, names, whole=True):
        """Run the submission; take note of its functions and of what failed."""
        seconds = FILE * self.limits.timeout
        loaded = self._ask("load", seconds, cells=cells, whole=whole, names=names)
        with self._taken():
            self.functions = {
                name: signature(parameters)
                for name, parameters in loaded["functions"].items()
                if name in names
            }
            self.notes = [*map(str, loaded["notes"])]
            self.unread = {n: str(loaded["unread"][n]) for n in loaded["unread"]}

    def define(self, name, source):
        """Put a function into the submission."""
        self._ask("define", self.limits.timeout, name=name, source=source)

    def function(self, name):
        """Return a function that calls the submission's, all in all for the timeout."""
        left = self.limits.timeout

        def call(*arguments):
            nonlocal left
            begin = time.monotonic()
            answer = self._ask("call", left, name=name, arguments=wire.pack(arguments))
            left -= time.monotonic() - begin
            with self._taken():
                copy_back(arguments, wire.unpack(answer["arguments"]))
                for text in answer["warned"]:
                    warnings.warn(str(text), RuntimeWarning, stacklevel=2)
                if "failure" not in answer:
                    return wire.unpack(answer["result"])
                failure = failure_from(answer["failure"])
            raise errors.Told(failure)

        if self.functions[name] is not None:
            call.__signature__ = self.functions[name]
        return call

    def close(self):
        """End the process and all that it has started."""
        self._closed = True
        kill(self._process)
        self._process.wait()
        kill_left_over(self._folder.name)
        with suppress(queue.Empty):  # so that the reading thread goes on, and ends
            self._answers.get_nowait()
        if self._writer is not None:
            self._writer.join(timeout=1)
            if not self._writer.is_alive():
                with suppress(OSError):
                    self._process.stdin.close()
        self._folder.cleanup()

    # -- the channel -------------------------------------------------------------------

    def _ask(self, do, seconds, **request):
        """Return the answer to a request; end the process if there is none in time."""
        self._writer = threading.Thread(  # if the process does not read, only it waits
            target=self._write, args=({"do": do, **request},), daemon=True
        )
        self._writer.start()
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            with suppress(queue.Empty):
                answer = self._answers.get(timeout=min(max(left, 0), 0.5))
                if not isinstance(answer, dict):
                    self._end("ended")
                return answer
            if left <= 0:
                self._end("timeout")
            if self._process.poll() is not None and self._answers.empty():
                self._end("ended")

    def _end(self, code):
        self.close()
        raise Ended(code)

    @contextmanager
    def _taken(self):
        """End the process where a block that reads an answer cannot: it was none."""
        try:
            yield
        except (wire.Broken, KeyError, TypeError, ValueError, AttributeError):
            self._end("ended")

    def _write(self, request):
        with suppress(OSError, ValueError):  # it has ended: there will be no answer
            wire.send(self._process.stdin, request)

    def _read(self):
        answer = {}
        while answer is not None and not self._closed:
            try:
                answer = wire.receive(self._process.stdout)
            except (wire.Broken, OSError, ValueError):
                answer = None
            self._answers.put(answer)
        self._process.stdout.close()


def start(folder):
    """Start the process in an empty folder, with little of the environment."""
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment |= {f"{name}_NUM_THREADS": "1" for name in THREADS}
    environment |= {"HOME": folder, "TMPDIR": folder, "TEMP": folder}
    environment |= {"MPLBACKEND": "Agg", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(
        [sys.executable, "-s", "-P", *PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=environment,
        start_new_session=True,
    )


def kill(process):
    """End a process with its group, where there are groups."""
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def kill_left_over(folder):
    """End processes that have left the group: their environment names the folder.

    Only Linux shows the environment. A process that has changed it is not found.
    """
    mark = f"HOME={folder}\0".encode()
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # of another user, or gone
            if mark in path.read_bytes():
                os.kill(int(path.parent.name), signal.SIGKILL)


# -- what is received ------------------------------------------------------------------


def signature(parameters):
    """Return the signature of a function of the submission, or None."""
    if parameters is None:
        return None
    default = {True: None, False: inspect.Parameter.empty}
    return inspect.Signature(
        [
            inspect.Parameter(name, PARAMETERS[kind], default=default[has])
            for name, kind, has in parameters
        ]
    )


def failure_from(fields):
    """Return the Failure that the process has described."""
    kind = getattr(builtins, fields["kind"], None)
    kind = kind if isinstance(kind, type) and issubclass(kind, Exception) else Exception
    operation = fields["operation"]
    if operation is not None:
        symbol, operands, shapes = operation
        operation = errors.Operation(symbol, tuple(operands), tuple(map(tuple, shapes)))
    code, where, message = (str(fields[name]) for name in ("code", "where", "message"))
    return errors.Failure(kind, operation, code, where, message)


def copy_back(arguments, after):
    """Write what the submission has left in its arguments into the arrays here."""
    for here, there in zip(arrays_in(arguments), arrays_in(after), strict=False):
        if here.shape == there.shape:
            here[...] = there
