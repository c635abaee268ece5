"""Spoil files at random and read them: what comes is right, or refused by us.

    python tests/support/fuzz_files.py [cases] [first case] [subject] ...

Each case copies a good file, spoils it, reads it, and hands it to the commands, in a
child process that has little memory and little time. A file with a digest gets the
right one of its new contents in most cases, as from somebody who knows how; else no
check but the digest would be tried.
"""

import collections
import contextlib
import io
import itertools
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
import warnings

import h5py
import numpy as np
from fuzz_subjects import SUBJECTS, make_all
from mutations import BYTES, STRUCTURE

import sknn_scratch
from sknn_scratch import __main__ as cli
from sknn_scratch._storage import hdf5_checks, store
from sknn_scratch.hdf5._model_format import DEPTH

MEMORY = 2**30  # bytes that reading may allocate
SECONDS, IDLE = 5, 60  # of this process, and of the clock, that it may take
LONGEST = 300  # characters of a message beside the path
OURS = str(pathlib.Path(sknn_scratch.__file__).parent)
TIMES_UP = (signal.SIGPROF, signal.SIGALRM)
OFTEN = ["change_json", "edit_json", "edit_json", "edit_json"]  # beside the others
GOOD = ("refused", "same", "another, sound")


# -- the commands ----------------------------------------------------------------------


def commands_for(subject, path, folder):
    """The commands that read such a file."""
    out, data = path.parent / "out", SUBJECTS[subject].data
    yield ["inspect", path]
    if "dataset" in subject:
        yield ["predict", folder / "pipeline.h5", path]
        yield ["report", folder / "pipeline.h5", path, "--out", out]
    elif data:
        yield ["predict", path, folder / data, "--format", "csv"]
        yield ["predict", path, folder / data]
        if data.endswith("h5"):
            yield ["report", path, folder / data, "--out", out]
        for language in ("c", "js", "python", "plain-python"):
            yield ["export", path, "--to", language, "--out", out]


@contextlib.contextmanager
def timed():
    """End this process with a signal where the block takes too long."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    signal.alarm(IDLE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)


def said_by_commands(subject, path, folder, most=None):
    """What was wrong with what the first commands printed, or None."""
    for command in itertools.islice(commands_for(subject, path, folder), most):
        out, err = io.StringIO(), io.StringIO()
        try:
            with (
                timed(),
                contextlib.redirect_stdout(out),
                contextlib.redirect_stderr(err),
            ):
                code = cli.main([*map(str, command)])
        except Exception:  # noqa: BLE001 - none may end as a traceback
            last = " ".join(traceback.format_exc().splitlines()[-3:])
            return f"TRACEBACK: {command[0]} {last[-300:]}"
        lines = err.getvalue().splitlines()
        errors = [line for line in lines if not line.startswith("sknn-scratch: note")]
        if len(errors) != (code == 2) or any(len(line) > 400 for line in lines):
            return f"WORDS: {command[0]} {err.getvalue()[-300:]}"
        text = out.getvalue() + err.getvalue()
        if not text.replace("\n", "").isprintable():
            return f"CONTROL CHARACTERS: {command[0]} {text[:300]!r}"
    return None


# -- files beside it -------------------------------------------------------------------

WRITTEN = []


def watch_writes(event, arguments):
    """An audit hook that keeps the paths which Python opens to write, or renames to."""
    if event == "open" and isinstance(arguments[0], str | bytes):
        flags = arguments[2] or 0
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            WRITTEN.append(os.fsdecode(arguments[0]))
    elif event == "os.rename":
        WRITTEN.append(os.fsdecode(arguments[1]))


def written_elsewhere(folder):
    """What was written outside of the folder of a case."""
    outside = [path for path in WRITTEN if not path.startswith(str(folder))]
    WRITTEN.clear()
    return [path for path in outside if path != os.devnull]


# -- a case ----------------------------------------------------------------------------


def spoiled(path, chance):
    """Which mutations a copy was given."""
    if chance.random() < 0.35:
        chosen = [chance.choice([*BYTES])]
    else:
        chosen = chance.choices([*STRUCTURE, *OFTEN], k=chance.choice([1, 1, 2]))
    done = []
    for name in chosen:
        try:
            (BYTES | STRUCTURE)[name](path, chance)
            done.append(name)
        except Exception:  # noqa: BLE001, S110 - the file was spoiled beyond that
            pass
    if done and done[0] in STRUCTURE and chance.random() < 0.85:
        restamp(path)
    return done


def restamp(path):
    """Give a file that has a digest the one of its contents, if it can be read."""
    try:
        with store.reading(path) as file:
            if store.DIGEST not in file.attrs:
                return
            left = hdf5_checks.Budget(2**60, 10**6)
            tree = store._read_group(file, "file", DEPTH, left)
        tree.attributes.pop(store.DIGEST)
        with h5py.File(path, "r+") as file:
            file.attrs[store.DIGEST] = store._fixed_length(store._digest(tree))
    except Exception:  # noqa: BLE001, S110 - then it is refused before that
        pass


def opens(path):
    """Whether HDF5 takes it for a file of its own."""
    try:
        with h5py.File(path) as file:
            return len(file) > 0
    except Exception:  # noqa: BLE001 - h5py raises many
        return False


def same(found, expected):
    return len(found) == len(expected) and all(
        np.array_equal(np.asarray(a), np.asarray(b))
        for a, b in zip(found, expected, strict=True)
    )


def verdict_on(error, path):
    """That of an error: ours names the file in one line, and is raised by our code."""
    if isinstance(error, AssertionError):
        return f"WRONG: {error}"
    chain = [error]
    while chain[-1].__context__ is not None:
        chain.append(chain[-1].__context__)
    words = " ".join(map(str, chain))
    if any(isinstance(e, MemoryError) for e in chain) or "memory alloc" in words:
        return f"ALLOCATION: {words:.200}"
    where = traceback.extract_tb(error.__traceback__)[-1]
    ours = where.filename.startswith(OURS) and isinstance(error, OSError | ValueError)
    one_line = str(path) in str(error) and "\n" not in str(error)
    words = str(error).replace(str(path), "PATH")
    if ours and one_line and len(words) <= LONGEST and words.isprintable():
        return "refused"
    place = f"{pathlib.Path(where.filename).name}:{where.lineno}"
    return f"FOREIGN: {place} {type(error).__name__}: {error}"[:300]


def case(number, folder, expected):
    """What came of reading a spoiled file; `expected` is what should, by subject."""
    chance = random.Random(number)
    subject = chance.choice([*expected])
    _, read, is_checked, _ = SUBJECTS[subject]
    path = pathlib.Path(tempfile.mkdtemp(dir=folder)) / "case.h5"
    shutil.copy(folder / f"{subject}.h5", path)
    os.chdir(path.parent)
    done = spoiled(path, chance)
    opened = opens(path)
    (path.parent / "pipe").unlink(missing_ok=True)
    os.mkfifo(path.parent / "pipe")  # nobody writes to it: what reads it, hangs
    print(json.dumps([number, subject, done, opened]), flush=True)
    WRITTEN.clear()
    try:
        with timed():
            found = read(path)
        sound = not (is_checked and {*done} & {*BYTES})
        verdict = "same" if same(found, expected[subject]) else "another, sound"
        if verdict != "same" and not sound:
            verdict = "WRONG: damage that nobody saw"
    except Exception as error:  # noqa: BLE001 - this is what is looked for
        verdict = verdict_on(error, path)
    wrong, most = None, 2 if verdict == "refused" else None  # all refuse it alike
    if verdict in GOOD:
        wrong = said_by_commands(subject, path, folder, most)
    if outside := written_elsewhere(path.parent):
        wrong = f"WROTE: {outside[:3]}"
    if (path.parent / "planted.h5").exists():
        wrong = "WROTE: the checkpoint that the file names"
    shutil.rmtree(path.parent)
    return wrong or verdict


def child(folder, first, last, *subjects):
    """Cases first to last, in this process."""
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    first, last, expected = int(first), int(last), {}
    for subject in subjects:
        path = shutil.copy(folder / f"{subject}.h5", folder / f"{subject} again.h5")
        expected[subject] = SUBJECTS[subject].read(path)
        if wrong := said_by_commands(subject, pathlib.Path(path), folder):
            raise AssertionError(f"{subject}: {wrong}")
    held = re.search(r"VmSize:\s+(\d+)", pathlib.Path("/proc/self/status").read_text())
    limit = int(held[1]) * 1024 + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(watch_writes)
    for number in range(first, last):
        print(json.dumps(case(number, folder, expected)), flush=True)


# -- all of them -----------------------------------------------------------------------


def fuzz(folder, first, last, subjects=SUBJECTS):
    """The results of these cases: subject, mutations, whether it opened, verdict."""
    folder = pathlib.Path(folder)
    make_all(folder)
    results, start = {}, first
    while start < last:
        command = [sys.executable, __file__, "--child", folder, start, last, *subjects]
        done = subprocess.run([*map(str, command)], capture_output=True, text=True)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        for told, verdict in zip(lines[::2], lines[1::2], strict=False):
            results[told[0]] = (*told[1:], verdict)
        if len(lines) % 2:
            number, *told = lines[-1]
            how = "HANG" if -done.returncode in TIMES_UP else "CRASH"
            results[number] = (*told, f"{how}: {done.returncode} {done.stderr[-200:]}")
        elif done.returncode:
            raise RuntimeError(done.stderr)
        start = max(results) + 1
    return results


def table(results):
    """How many of each kind came to what."""
    counts = collections.Counter()
    for subject, done, opened, verdict in results.values():
        kind = "bytes" if {*done} & {*BYTES} else "structure"
        for key in (kind, subject, "all"):
            counts[key, "cases"] += 1
            counts[key, "opened"] += opened
            counts[key, verdict if verdict in GOOD else "BAD"] += 1
    heads = ["cases", "opened", *GOOD, "BAD"]
    lines = ["".join([" " * 22, *(f"{head:>16}" for head in heads)])]
    for key in ["bytes", "structure", *SUBJECTS, "all"]:
        lines.append(f"{key:<22}" + "".join(f"{counts[key, h]:>16}" for h in heads))
    return "\n".join(lines)


def main(cases=5000, first=0, *subjects):
    first, last = int(first), int(first) + int(cases)
    with tempfile.TemporaryDirectory() as folder:
        results = fuzz(folder, first, last, subjects or SUBJECTS)
    bad = {n: result for n, result in results.items() if result[-1] not in GOOD}
    for number, result in bad.items():
        print(number, *result)
    print(table(results))
    return bool(bad)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(pathlib.Path(sys.argv[2]), *sys.argv[3:])
    else:
        sys.exit(main(*sys.argv[1:]))
