"""The process of a submission: limits, and what cannot get out of it."""

import math
import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from sknn_scratch._cli.classroom.runner import Child, Ended, Limits
from sknn_scratch.inspection import check_my
from sknn_scratch.inspection._exercises.errors import Told

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


@pytest.fixture
def run():
    """Starts a submission; returns its process. All are ended."""
    children = []

    def run(*cells, timeout=20.0, whole=True):
        child = Child(Limits(timeout, 2**30))
        children.append(child)
        child.load([*cells], ["sigmoid", "relu"], whole)
        return child

    yield run
    for child in children:
        child.close()


def test_a_function_is_called_with_equal_values(run):
    function = run("def relu(Z):\n    return (Z, Z.shape, {'W1': Z * 2})").function(
        "relu"
    )
    Z = np.array([[0.1, np.nan]])
    same, shape, made = function(Z)
    assert same.tobytes() == Z.tobytes()
    assert shape == (1, 2)
    assert made["W1"].tobytes() == (2 * Z).tobytes()


def test_an_argument_that_is_changed_is_changed_here(run):
    function = run("def relu(Z):\n    Z[Z < 0] = 0\n    return Z").function("relu")
    verdict = check_my(function, "relu")
    assert [found.code for found in verdict.findings] == ["changes_its_input"]


def test_an_exception_is_told_with_its_operation(run):
    function = run("def relu(Z):\n    return Z @ Z").function("relu")
    with pytest.raises(Told) as caught:
        function(np.ones((2, 3)))
    assert caught.value.failure.operation.shapes == ((2, 3), (2, 3))
    assert "in line 2 (return Z @ Z)" in caught.value.failure.where


def test_a_blank_is_told(run):
    function = run("def relu(Z):\n    A = ...\n    return A + 1").function("relu")
    verdict = check_my(function, "relu")
    assert [found.code for found in verdict.findings] == ["blank_left"]


def test_the_arguments_of_a_function_are_known(run):
    function = run("def relu(a, b):\n    return a").function("relu")
    (found,) = check_my(function, "relu").findings
    assert found.code == "wrong_arguments"
    assert "yours takes (a, b)" in found.text


def test_a_statement_that_fails_leaves_the_others(run):
    child = run("1 / 0\ndef relu(Z):\n    return Z\nimport sys; sys.exit()")
    assert [*child.functions] == ["relu"]
    assert child.notes == [
        "line 1, 1 / 0: ZeroDivisionError: division by zero",
        "line 4, import sys; sys.exit(): SystemExit: ",
    ]


def test_a_function_with_a_syntax_error_leaves_the_others(run):
    child = run(
        "x = 1\ndef sigmoid(Z):\n    return (Z\n\ndef relu(Z):\n    return Z * x"
    )
    assert [*child.functions] == ["relu"]
    assert "line 3, return (Z: SyntaxError" in child.notes[0]
    assert child.function("relu")(2.0) == 2.0


def test_the_imports_beside_a_syntax_error_are_run(run):
    child = run("import math\nx = = 1", "def relu(Z):\n    return math.pi")
    assert child.function("relu")(0.0) == math.pi


@pytest.mark.parametrize(
    "cell",
    [
        "%matplotlib inline\nx = 2",
        "!ls\nx = 2",
        "%%time\nx = 2",
        "x = 2\nx?",
        "x = (5\n  % 3)",
        "files = !ls\nx = 2",
    ],
)
def test_magics_of_a_notebook_are_left_out(run, cell):
    child = run(cell, "def relu(Z):\n    return x")
    assert child.function("relu")(0.0) == 2


def test_a_notebook_may_display(run):
    assert run("display(1, clear=True)").notes == []


def test_cells_in_other_languages_are_left_out(run):
    child = run("%%bash\nexit 1", "def relu(Z):\n    return 1")
    assert child.notes == []
    assert child.function("relu")(0.0) == 1


def test_the_package_does_nothing_in_a_submission(run):
    child = run(
        "from sknn_scratch.inspection import check_my\n"
        "from sknn_scratch.inspection._exercises import textbook\n"
        "verdict = check_my(print)\n"
        "def relu(Z):\n    return textbook.relu(Z)"
    )
    assert child.notes == []
    assert not check_my(child.function("relu"), "relu").passed


def test_definitions_alone_are_run_if_that_is_asked(run):
    child = run("while True: pass", "def relu(Z):\n    return Z", whole=False)
    assert [*child.functions] == ["relu"]


# -- processes that do not behave ------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("while True: pass", "timeout"),
        ("os._exit(0)", "ended"),
        ("os.kill(os.getpid(), 9)", "ended"),
        ("for n in range(3, 9): os.write(n, b'x' * 10_000)", "ended"),
        ("for n in range(3, 9): os.write(n, (2).to_bytes(8, 'big') + b'[]')", "ended"),
        ("os.closerange(3, 9)", "ended"),
    ],
)
def test_a_process_that_ends_or_sends_nonsense_is_ended(run, body, code):
    lines = [f"    {body}".replace("os.write", "write"), "    return Z"]
    write = "def write(n, data):\n    try: os.write(n, data)\n    except OSError: pass"
    child = run("\n".join(["import os", write, "def relu(Z):", *lines]), timeout=2.0)
    with pytest.raises(Ended) as caught:
        check_my(child.function("relu"), "relu")
    assert caught.value.code == code


def test_answers_without_end_are_not_kept(run):
    flood = (
        "import os\n"
        "def relu(Z):\n"
        "    message = (2).to_bytes(8, 'big') + b'{}'\n"
        "    while True:\n"
        "        for n in range(3, 9):\n"
        "            try: os.write(n, message)\n"
        "            except OSError: pass\n"
    )
    child = run(flood, timeout=2.0)
    with pytest.raises(Ended):
        child.function("relu")(1.0)


def test_the_time_of_a_function_is_that_of_all_its_calls(run):
    child = run(
        "import time\ndef relu(Z):\n    time.sleep(0.6)\n    return Z", timeout=2
    )
    function = child.function("relu")
    with pytest.raises(Ended):
        [function(1.0) for _ in range(6)]


@on_linux
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.parametrize("away", ["pass", "os.setsid()"])
def test_what_a_submission_has_started_is_ended(run, tmp_path, away):
    code = (
        "import os, time\n"
        "def relu(Z):\n"
        "    pid = os.fork()\n"
        "    if pid == 0:\n"
        f"        {away}\n"
        "        time.sleep(1000)\n"
        "    return pid\n"
    )
    child = run(code)
    if os.getuid() != 0:  # the limit of processes holds for all but root
        with pytest.raises(Told):
            child.function("relu")(1.0)
        return
    pid = child.function("relu")(1.0)
    assert Path(f"/proc/{pid}").exists()
    child.close()
    for _ in range(100):  # until init has taken note of its end
        if not Path(f"/proc/{pid}/environ").exists() or dead(pid):
            return
        time.sleep(0.05)
    pytest.fail(f"process {pid} is there")


def dead(pid):
    try:
        return ") Z" in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True


@on_linux
def test_memory_is_limited(run):
    child = run("import numpy as np\ndef relu(Z):\n    return np.ones((2**15, 2**15))")
    with pytest.raises(Told) as caught:
        child.function("relu")(1.0)
    assert "Unable to allocate" in caught.value.failure.where
