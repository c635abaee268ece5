"""Runs a block of the companion: in its page through Pyodide, in tests anywhere."""

import ast
import contextlib
import io
import json
import linecache
import traceback

BLOCK = "<this block>"


def run_block(code, space):
    """Run code line by line, as at Python's prompt.

    Parameters
    ----------
    code : str
        The lines. Values of expressions are printed.
    space : dict
        The names of the page. New ones are added.

    Returns
    -------
    str
        JSON: "ok" (no exception was raised) and "text" (what was printed, and the
        traceback).
    """
    linecache.cache[BLOCK] = (len(code), None, code.splitlines(True), BLOCK)
    printed, ok = io.StringIO(), True
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            for statement in ast.parse(code, BLOCK).body:
                exec(compile(ast.Interactive([statement]), BLOCK, "single"), space)
        except BaseException as error:  # SystemExit, too: the page goes on
            ok = False
            print(told(error))
    return json.dumps({"ok": ok, "text": printed.getvalue()})


def told(error):
    """Return the traceback, from the line of the block on."""
    if isinstance(error, SyntaxError) and error.filename == BLOCK:
        return "".join(traceback.format_exception_only(error)).rstrip()
    error.__traceback__ = error.__traceback__.tb_next
    return "".join(traceback.format_exception(error)).rstrip()
