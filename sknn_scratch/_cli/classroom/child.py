"""The process of a submission: it runs the file, and calls its functions.

This is a program of its own, started with the paths of `wire.py` and of `errors.py`. It
has NumPy and no other part of the package, so that no right result is in its memory. It
judges nothing: results go to the process that has started it.
"""

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import linecache
import os
import re
import sys
import types
import warnings
from contextlib import suppress

import numpy as np

FILE = "submission"
DEFINES = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
RUN_ON = ("time", "timeit", "capture", "prun")  # cell magics before Python code
DEFINED = re.compile(r"^def\s+(\w+)", re.MULTILINE)
MOST_NOTES, LONGEST_NOTE = 20, 300


def main(wire_path, errors_path):
    """Answer requests until there are no more."""
    wire, errors = module_at("wire", wire_path), module_at("errors", errors_path)
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):  # what a submission prints or reads is not the channel
        os.dup2(nothing, number)
    sys.meta_path.insert(0, WithoutThePackage())
    session = Session(wire, errors)
    while (request := wire.receive(requests)) is not None:
        wire.send(answers, getattr(session, request.pop("do"))(**request))


def module_at(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# -- sknn_scratch within a submission --------------------------------------------------


class Silent(types.ModuleType):
    """Stand in for sknn_scratch and all in it: it can be called, and does nothing."""

    __path__ = ()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Silent(name)

    def __call__(self, *args, **kwargs):
        return self

    def __iter__(self):
        raise TypeError("sknn_scratch does nothing while a submission is graded")


class WithoutThePackage(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Let `import sknn_scratch` give Silent: the package has all solutions in it."""

    def find_spec(self, name, path=None, target=None):
        """Return a specification for the package and its parts only."""
        if name.partition(".")[0] != "sknn_scratch":
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        """Return the module."""
        return Silent(spec.name)

    def exec_module(self, module):
        """Do nothing."""


# -- what is asked ---------------------------------------------------------------------


class Session:
    """A submission that has been run, and its functions."""

    def __init__(self, wire, errors):
        self.wire, self.errors = wire, errors
        module = types.ModuleType(FILE)
        sys.modules[FILE] = module
        self.space, self.notes, self.own = vars(module), [], {}
        self.space["display"] = lambda *shown, **how: None  # of a notebook
        self.unread = {}  # functions with a syntax error, and what it is

    def limit(self, limits):
        """Limit memory, processes and files, where the system can."""
        with suppress(ModuleNotFoundError):  # of Windows
            import resource

            for name, value in limits.items():
                with suppress(AttributeError, ValueError, OSError):
                    number = getattr(resource, name)
                    hard = resource.getrlimit(number)[1]
                    least = (
                        value if hard == resource.RLIM_INFINITY else min(hard, value)
                    )
                    resource.setrlimit(number, (least, least))
        return {}

    def load(self, cells, whole, names):
        """Run a submission statement by statement, or its definitions only."""
        text = ""
        for cell in cells:
            first = text.count("\n")
            text += f"{cell}\n"
            linecache.cache[FILE] = (len(text), None, text.splitlines(True), FILE)
            for node in self.statements(cell, first):
                if whole or isinstance(node, DEFINES):
                    self.run(node)
        return {
            "functions": {
                name: signature_of(self.space[name])
                for name in names
                if callable(self.space.get(name))
            },
            "notes": self.notes[:MOST_NOTES],
            "unread": {
                name: self.unread[name] for name in names if name in self.unread
            },
        }

    def define(self, name, source):
        """Put in a function that is given, or a right one for a wrong one.

        Without a source the submission's own is put back.
        """
        self.own.setdefault(name, self.space.get(name))
        if source is None:
            self.space[name] = self.own[name]
            return {}
        space = {}
        exec(source, space)
        self.space[name] = space[name]
        return {}

    def call(self, name, arguments):
        """Call a function; return its result, or what its exception says."""
        function = self.space.get(name)
        given = self.wire.unpack(arguments)
        with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn"):
            warnings.simplefilter("always")
            np.seterr(under="ignore")
            try:
                answer = {"result": self.wire.pack(function(*given))}
            except BaseException as error:  # sys.exit, too, is a result
                answer = {"failure": self.described(error, function)}
        texts = [str(w.message) for w in caught if w.category is RuntimeWarning]
        return answer | {
            "arguments": self.wire.pack(given),
            "warned": [text[:LONGEST_NOTE] for text in texts[:3]],
        }

    def described(self, error, function):
        """Return the fields of the Failure of an exception."""
        failure = self.errors.failure_of(error, function)
        operation = failure.operation
        return {
            "kind": failure.kind.__name__,
            "operation": operation and [operation.symbol, *map(list, operation[1:])],
            "code": failure.code,
            "where": failure.where[:1000],
            "message": failure.message[:1000],
        }

    # -- the statements of a submission ------------------------------------------------

    def statements(self, cell, first):
        """Return the statements of a cell; note what is no Python.

        A function with a syntax error leaves the others as they are, and what is no
        Python the imports beside it.
        """
        text = without_magics(cell)
        for attempt in (cell, text):
            try:
                return ast.parse("\n" * first + attempt, FILE).body
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                problem = error
        blocks, found = re.split(r"(?<=\n)(?=(?:def|class)\b)", text), []
        if len(blocks) == 1:
            self.note(getattr(problem, "lineno", None) or first + 1, problem)
            self.unread |= dict.fromkeys(re.findall(DEFINED, text), self.notes[-1])
            return imports_in(text, first)
        for block in blocks:
            found += self.statements(block, first)
            first += block.count("\n")
        return found

    def run(self, node):
        """Run one statement; note its exception."""
        try:
            exec(compile(ast.Module([node], []), FILE, "exec"), self.space)
        except BaseException as error:  # sys.exit, too: what follows is run
            self.note(node.lineno, error)

    def note(self, line, error):
        kind, text = type(error).__name__, getattr(error, "msg", None) or str(error)
        code = linecache.getline(FILE, line).strip()
        self.notes.append(f"line {line}, {code[:80]}: {kind}: {text}"[:LONGEST_NOTE])


def without_magics(cell):
    """Return the code of a notebook's cell without the lines that are for IPython."""
    lines = cell.splitlines()
    head = re.match(r"\s*%%(\w+)", cell)
    if head:
        start = cell[: head.start(1)].count("\n")
        lines = lines[start:] if head[1] in RUN_ON else []
        lines[:1] = ["pass"]
        lines = [""] * start + lines
    return "\n".join(
        re.sub(r"^(\s*)((?:\w+ *= *)?[%!?]|.*\?$).*", r"\1pass", line) for line in lines
    )


def imports_in(text, first):
    """Return the statements of those lines of a cell that import."""
    found = []
    for place, line in enumerate(text.splitlines(), start=first):
        if re.match(r"(?:import|from)\b", line):
            with suppress(SyntaxError, ValueError):
                found += ast.parse("\n" * place + line, FILE).body
    return found


def signature_of(function):
    """Return name, kind and default or none of each parameter, or None."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    return [[p.name, int(p.kind), p.default is not p.empty] for p in parameters]


if __name__ == "__main__":
    main(*sys.argv[1:])
