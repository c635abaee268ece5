"""What runs a block of the companion; the page's Python is tested in tests/pyodide."""

import json
import pathlib
import runpy

import pytest

EXT = pathlib.Path(__file__).parents[2] / "docs" / "_ext"
run_block = runpy.run_path(str(EXT / "live_runner.py"))["run_block"]


def run(code, space=None):
    answer = json.loads(run_block(code, {} if space is None else space))
    return answer["ok"], answer["text"]


def test_values_are_printed_as_at_the_prompt():
    assert run("a = 2\na + 1\n'x'\nNone\nfor i in range(2): i\nprint(a)") == (
        True,
        "3\n'x'\n0\n1\n2\n",
    )


def test_blocks_share_their_names():
    space = {}
    run("a = 2\ndef f(): return a", space)
    assert run("a = 3\nf()", space) == (True, "3\n")


def test_what_was_printed_before_an_error_stays():
    ok, text = run("1\n1 / 0\n2")
    assert not ok
    assert text.startswith("1\nTraceback")
    assert "2\n" not in text.splitlines(True)


def test_a_traceback_begins_at_the_line_of_the_block_and_shows_it():
    _, text = run("def f(x):\n    return x / 0\n\nf(1)")
    assert text.splitlines()[:3] == [
        "Traceback (most recent call last):",
        '  File "<this block>", line 4, in <module>',
        "    f(1)",
    ]
    assert "return x / 0" in text
    assert text.endswith("ZeroDivisionError: division by zero\n")


def test_a_syntax_error_shows_the_line_only():
    ok, text = run("a = 1\nb = = 2")
    assert not ok
    assert text.startswith('  File "<this block>", line 2\n    b = = 2\n')


@pytest.mark.parametrize("line", ["raise SystemExit(1)", "raise KeyboardInterrupt"])
def test_the_page_goes_on_after_any_exit(line):
    assert not run(line)[0]
