"""Spoil files at random and read them: what comes is right, or refused by us.

    python tests/support/fuzz_files.py [cases] [first case]

Each case copies a good file, spoils it, reads it, and hands it to the commands, in a
child process that has little memory and little time. A file with a digest gets the
right one of its new contents in most cases, as from somebody who knows how; else no
check but the digest would be tried.
"""

import collections
import contextlib
import io
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
from contextlib import suppress

import h5py
import numpy as np
from mutations import BYTES, STRUCTURE
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

import sknn_scratch
from sknn_scratch import DeepNetClassifier, DeepNetRegressor, LogisticRegressionScratch
from sknn_scratch import __main__ as cli
from sknn_scratch._storage import hdf5_checks, store
from sknn_scratch._training.checkpoint import DEPTH
from sknn_scratch._training.watch import observe
from sknn_scratch.hdf5 import load_dataset, load_model, save_dataset, save_model
from sknn_scratch.inspection import summary
from sknn_scratch.preprocessing import ImageFlattener

MEMORY = 2**30  # bytes that reading may allocate
SECONDS = 5  # that it may take
LONGEST = 300  # characters of a message beside the path
OURS = str(pathlib.Path(sknn_scratch.__file__).parent)
GOOD = ("refused", "same", "another, sound")
rng = np.random.RandomState(0)
IMAGES, LABELS = rng.randint(0, 256, (40, 4, 4, 3)).astype(np.uint8), np.arange(40) % 3
X, Y = rng.randn(40, 6), rng.randn(40, 2)


# -- what is spoiled: how it is made, and read -----------------------------------------


def pipeline(path):
    net = DeepNetClassifier(
        (5, 4), max_iter=4, standardize=True, early_stopping=True, random_state=0
    )
    net.set_params(activation=("leaky_relu", "tanh"), warn=False)
    model = make_pipeline(ImageFlattener(), MinMaxScaler(), net)
    save_model(model.fit(IMAGES, LABELS), path, ["a", "b", "c"])


def regressor(path):
    net = DeepNetRegressor(
        hidden_layer_sizes=(4,), max_iter=3, random_state=0, warn=False
    )
    save_model(make_pipeline(StandardScaler(), net).fit(X, Y), path)


def logistic(path):
    save_model(
        LogisticRegressionScratch().fit(X, np.array(["n", "j"])[LABELS % 2]), path
    )


def dataset(path):
    parts = IMAGES[:30], LABELS[:30], IMAGES[30:], LABELS[30:]
    save_dataset(path, *parts, classes=["a", "b", "c"], compression="gzip")


def old_dataset(path):
    """As the course's files are: no checksums."""
    with h5py.File(path, "w") as file:
        file["train_set_x"], file["train_set_y"] = IMAGES, LABELS
        file["list_classes"] = np.array([b"a", b"b", b"c"])


def trained(path):
    net = DeepNetClassifier((4,), max_iter=4, random_state=0, warn=False)
    net.set_params(early_stopping=True, dropout=0.1, n_iter_no_change=np.inf)
    return net.set_params(checkpoint=path, max_grad_norm=1.0).fit(X, LABELS)


def checkpoint(path):
    """That of a training which was cut off after two epochs."""

    def cut(epoch, max_iter, J, theta):
        if epoch == 3:
            raise InterruptedError

    with observe(cut), suppress(InterruptedError):
        trained(path)


def bits_of_model(path):
    """What a model predicts, and more that must work; an error if it makes no sense."""
    model = load_model(path)
    net = model[-1] if isinstance(model, Pipeline) else model
    first = model[0] if isinstance(model, Pipeline) else model
    rows = np.resize(X, (40, model.n_features_in_))
    if isinstance(first, ImageFlattener):
        rows = np.resize(IMAGES, (40, *first.image_shape_))
    found = [model.predict(rows)]
    if isinstance(net, DeepNetRegressor):
        if not np.isfinite(found[0]).all():
            raise AssertionError("numbers that are not finite")
    else:
        found.append(model.predict_proba(rows))
        if found[1].min() < 0 or not np.allclose(found[1].sum(axis=1), 1):
            raise AssertionError("probabilities that do not add up to one")
        if not np.isin(found[0], model.classes_).all():
            raise AssertionError("classes that there are not")
    save_model(model, f"{path}.again")
    load_model(f"{path}.again")
    words = str(summary(net))
    return [*found, *net.parameters_.values(), net.loss_curve_, repr(model), words]


def bits_of_dataset(path):
    data = load_dataset(path)
    if len(data.X_train) != len(data.y_train) or data.y_train.max() >= len(
        data.classes
    ):
        raise AssertionError("rows, labels and names that do not fit")
    return [*data]


def bits_of_training(path):
    net = trained(path)
    found = [*net.parameters_.values(), net.loss_curve_]
    if not all(np.isfinite(part).all() for part in found):
        raise AssertionError("numbers that are not finite")
    return [*found, net.validation_scores_]


# -- the commands ----------------------------------------------------------------------


def commands_for(subject, path, folder):
    """The commands that read such a file."""
    out = path.parent / "out"
    data, model = folder / "dataset.h5", folder / "pipeline.h5"
    yield ["inspect", path]
    if "dataset" in subject:
        yield ["predict", model, path]
        yield ["report", model, path, "--out", out]
    elif subject != "checkpoint":
        yield ["predict", path, data, "--format", "csv"]
        yield ["predict", path, data]
        yield ["report", path, data, "--out", out]
        for language in ("c", "js", "python", "plain-python"):
            yield ["export", path, "--to", language, "--out", out]


def said_by_commands(subject, path, folder):
    """What was wrong with what the commands printed, or None."""
    for command in commands_for(subject, path, folder):
        out, err = io.StringIO(), io.StringIO()
        signal.alarm(SECONDS)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = cli.main([*map(str, command)])
        except Exception:  # noqa: BLE001 - none may end as a traceback
            last = " ".join(traceback.format_exc().splitlines()[-3:])
            return f"TRACEBACK: {command[0]} {last[-300:]}"
        signal.alarm(0)
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


SUBJECTS = {  # how to make it, how to read it, whether bytes that changed are found out
    "pipeline": (pipeline, bits_of_model, True),
    "regressor": (regressor, bits_of_model, True),
    "logistic": (logistic, bits_of_model, True),
    "dataset": (dataset, bits_of_dataset, True),
    "the course's dataset": (old_dataset, bits_of_dataset, False),
    "checkpoint": (checkpoint, bits_of_training, True),
}


# -- a case ----------------------------------------------------------------------------


def spoiled(path, chance):
    """Which mutations a copy was given."""
    if chance.random() < 0.35:
        chosen = [chance.choice([*BYTES])]
    else:
        chosen = chance.choices([*STRUCTURE, "change_json"], k=chance.choice([1, 1, 2]))
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
    subject = chance.choice([*SUBJECTS])
    _, read, is_checked = SUBJECTS[subject]
    path = pathlib.Path(tempfile.mkdtemp(dir=folder)) / "case.h5"
    shutil.copy(folder / f"{subject}.h5", path)
    os.chdir(path.parent)
    done = spoiled(path, chance)
    opened = opens(path)
    (path.parent / "pipe").unlink(missing_ok=True)
    os.mkfifo(path.parent / "pipe")  # nobody writes to it: what reads it, hangs
    print(json.dumps([number, subject, done, opened]), flush=True)
    WRITTEN.clear()
    signal.alarm(SECONDS)
    try:
        found = read(path)
        sound = not (is_checked and {*done} & {*BYTES})
        verdict = "same" if same(found, expected[subject]) else "another, sound"
        if verdict != "same" and not sound:
            verdict = "WRONG: damage that nobody saw"
    except Exception as error:  # noqa: BLE001 - this is what is looked for
        verdict = verdict_on(error, path)
    signal.alarm(0)
    wrong = said_by_commands(subject, path, folder) if verdict in GOOD else None
    if outside := written_elsewhere(path.parent):
        wrong = f"WROTE: {outside[:3]}"
    if (path.parent / "planted.h5").exists():
        wrong = "WROTE: the checkpoint that the file names"
    shutil.rmtree(path.parent)
    return wrong or verdict


def child(folder, first, last):
    """Cases first to last, in this process."""
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    expected = {}
    for subject, (_, read, _) in SUBJECTS.items():
        path = shutil.copy(folder / f"{subject}.h5", folder / f"{subject} again.h5")
        expected[subject] = read(path)
        said_by_commands(subject, pathlib.Path(path), folder)
    held = re.search(r"VmSize:\s+(\d+)", pathlib.Path("/proc/self/status").read_text())
    limit = int(held[1]) * 1024 + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(watch_writes)
    for number in range(first, last):
        print(json.dumps(case(number, folder, expected)), flush=True)


# -- all of them -----------------------------------------------------------------------


def fuzz(folder, first, last):
    """The results of these cases: subject, mutations, whether it opened, verdict."""
    folder = pathlib.Path(folder)
    for subject, (make, _, _) in SUBJECTS.items():
        make(folder / f"{subject}.h5")
    results, start = {}, first
    while start < last:
        command = [sys.executable, __file__, "--child", folder, start, last]
        done = subprocess.run([*map(str, command)], capture_output=True, text=True)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        for told, verdict in zip(lines[::2], lines[1::2], strict=False):
            results[told[0]] = (*told[1:], verdict)
        if len(lines) % 2:
            number, *told = lines[-1]
            how = "HANG" if done.returncode == -signal.SIGPROF else "CRASH"
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


def main(cases=5000, first=0):
    first, last = int(first), int(first) + int(cases)
    with tempfile.TemporaryDirectory() as folder:
        results = fuzz(folder, first, last)
    bad = {n: result for n, result in results.items() if result[-1] not in GOOD}
    for number, result in bad.items():
        print(number, *result)
    print(table(results))
    return bool(bad)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(pathlib.Path(sys.argv[2]), *map(int, sys.argv[3:]))
    else:
        sys.exit(main(*sys.argv[1:]))
