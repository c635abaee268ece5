"""Write every kind of file of the package where there is no room for it.

    python tests/support/full_disk.py limit|disk FOLDER

With `limit` the system lets no file grow beyond a size; with `disk` the folder must be
on a small disk of its own, which is filled (a tmpfs of 1 MB does). Writers replace
a file by one that does not fit, with more and more room; a line of JSON tells how a try
ended.
"""

import contextlib
import io
import json
import os
import pathlib
import resource
import sys
import tempfile
import warnings

import numpy as np

SHARES = [0, 0.5, 1]  # of the room that it takes, less a byte


def writers(source):
    """By name: a function of a path and of whether the file is the new, larger one."""
    from sknn_scratch import DeepNetClassifier
    from sknn_scratch._training.watch import observe
    from sknn_scratch.hdf5 import save_dataset, save_model

    rng = np.random.RandomState(0)
    X, y = rng.uniform(size=(600, 8)), np.arange(600) % 2
    np.savez(source / "X.npz", X=X, y=y)
    np.savez(source / "fewer.npz", X=X[:20], y=y[:20])
    small, large = [
        DeepNetClassifier((n,), max_iter=2, random_state=0, warn=False).fit(X, y)
        for n in (3, 900)
    ]
    save_model(small, source / "model.h5")
    save_dataset(source / "data.h5", X[:20], y[:20])

    def fit(path, new):
        options = {"max_iter": 2, "random_state": 0, "warn": False}
        with observe(lambda *epoch: not new):  # which ends it after the first
            DeepNetClassifier((500,), checkpoint=path, **options).fit(X, y)

    def convert(path, new):
        return command("convert", source / f"{'X' if new else 'fewer'}.npz", path)

    def train(path, new):
        words = ["--max-iter", "2", "--hidden", "900" if new else "3"]
        return command("train", source / "data.h5", path, *words)

    def report(path, new):
        if not new:
            return path.write_text("an old page")
        return command("report", source / "model.h5", path, source / "data.h5")

    def play(path, new):
        words = ["--hidden", "4", "--max-iter", "20" if new else "2"]
        return command("play", "moons", path, *words)

    return {
        "save_model": lambda path, new: save_model(large if new else small, path),
        "save_dataset": lambda path, new: save_dataset(
            path, *((X, y) if new else (X[:20], y[:20]))
        ),
        "fit": fit,
        "convert": convert,
        "train": train,
        "report": report,
        "play": play,
    }


def command(name, source, out, *words):
    """Run the command line; an OSError with what it says where it fails."""
    from sknn_scratch._cli.main import main

    said, line = io.StringIO(), [name, source, *words, "--out", out]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        code = main([str(word) for word in line])
    if code or said.getvalue():
        raise OSError(f"exit code {code}: {said.getvalue()}")


@contextlib.contextmanager
def limit(folder, room):
    """No file may grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextlib.contextmanager
def disk(folder, room):
    """The disk of the folder has room for so many bytes, but for a part of a page."""
    there = os.statvfs(folder)
    filler = folder / "filler"
    with open(filler, "xb") as file:
        file.write(b"x" * max(0, there.f_bavail * there.f_frsize - room))
    try:
        yield
    finally:
        filler.unlink()


def attempt(write, path, new, full):
    """What a try says, and what is there after it."""
    before = path.read_bytes()
    try:
        with full:
            write(path, new)
        said, kind = None, None
    except Exception as error:  # which one is for the test to judge
        said, kind = str(error), type(error).__name__
    others = {name for name in os.listdir(path.parent) if name != path.name}
    same = path.read_bytes() == before
    return {"said": said, "kind": kind, "same": same, "others": sorted(others)}


def main(way, folder):
    """Try them all."""
    warnings.simplefilter("ignore")
    full = {"limit": limit, "disk": disk}[way]
    folder = pathlib.Path(folder)
    with tempfile.TemporaryDirectory() as source:
        for name, write in writers(pathlib.Path(source)).items():
            path = folder / f"{name}.out"
            write(path, False)
            write(path, True)
            size = path.stat().st_size
            path.unlink()
            write(path, False)
            for share in SHARES:
                room = max(0, int(share * size) - 1)
                found = attempt(write, path, True, full(folder, room))
                print(json.dumps({"writer": name, "room": room, **found}), flush=True)
            found = attempt(write, path, True, contextlib.nullcontext())
            print(json.dumps({"writer": name, "room": None, **found}), flush=True)
            path.unlink()


if __name__ == "__main__":
    main(*sys.argv[1:])
