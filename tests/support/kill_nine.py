"""Kill a checkpointed training again and again, as `kill -9` does, until it is through.

    python tests/support/kill_nine.py [kills] [folder]

prints how many kills there were, how many of them left a temporary file, whether one is
still there in the end, and whether the model is that of a training which nobody killed.
"""

import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

import numpy as np

CHILD = """
import sys
import warnings

from kill_nine import bits, network
from sklearn.datasets import load_digits

warnings.simplefilter("ignore")
path, result, epochs, hidden = sys.argv[1:]
print("begin", flush=True)
net = network(path, int(epochs), int(hidden)).fit(*load_digits(return_X_y=True))
with open(result, "wb") as file:
    file.write(bits(net))
"""


def network(path, epochs, hidden):
    """What is trained; with all that a state may hold."""
    from sknn_scratch import DeepNetClassifier

    return DeepNetClassifier(
        (hidden, 32),
        max_iter=epochs,
        learning_rate_init=1e-4,
        dropout=0.1,
        early_stopping=True,
        n_iter_no_change=np.inf,
        standardize=True,
        keep_optimizer_state=True,
        random_state=0,
        checkpoint=path,
    )


def bits(net):
    """Parameters, moments and curves."""
    arrays = [
        *net.parameters_.values(),
        *map(np.asarray, net._optimizer_state[1].values()),
    ]
    arrays += [net.loss_curve_, net.validation_scores_, net.learning_rate_curve_]
    return b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)


def start(path, result, epochs, hidden):
    """The training in a process of its own, which has just begun to load its data."""
    here = pathlib.Path(__file__).parent
    folders = [str(here), str(here.parents[1]), os.environ.get("PYTHONPATH", "")]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(folders)}
    arguments = [str(path), str(result), str(epochs), str(hidden)]
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, *arguments], stdout=subprocess.PIPE, env=env
    )
    child.stdout.readline()
    return child


def kill_until_done(folder, kills, epochs, hidden, seed=0):
    """Bits of the model; for every kill, whether it came while writing; what is left.

    A kill comes at a random moment after the checkpoint has changed for the first time
    in this process, so that no process is in vain; half of them wait for a temporary
    file to be there.
    """
    rng, folder = random.Random(seed), pathlib.Path(folder)
    path, result, in_the_making = folder / "run.ckpt", folder / "result", []
    for _ in range(kills):
        left = set(folder.glob(".*.part"))
        before = path.stat().st_mtime_ns if path.exists() else None
        child = start(path, result, epochs, hidden)
        while child.poll() is None:
            if path.exists() and path.stat().st_mtime_ns != before:
                break
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.2))
        if rng.random() < 0.5:  # just now it writes
            while child.poll() is None and not set(folder.glob(".*.part")) - left:
                pass
        child.send_signal(signal.SIGKILL)
        if child.wait() == 0:
            break
        child.stdout.close()
        in_the_making.append(bool(set(folder.glob(".*.part")) - left))
    child = start(path, result, epochs, hidden)
    with child.stdout:
        assert child.wait() == 0
    left = sorted(path.name for path in folder.glob(".*"))
    return result.read_bytes(), in_the_making, left


def main(kills=20, folder=None):
    """Print the figures."""
    from sklearn.datasets import load_digits

    epochs, hidden = 20 + 30 * int(kills), 256
    expected = bits(network(None, epochs, hidden).fit(*load_digits(return_X_y=True)))
    with tempfile.TemporaryDirectory(dir=folder) as place:
        found, in_the_making, left = kill_until_done(place, int(kills), epochs, hidden)
    print(f"{len(in_the_making)} kills, {sum(in_the_making)} of them while it wrote")
    print(f"{len(left)} temporary files left in the end")
    print("the same bits" if found == expected else "ANOTHER MODEL")
    return bool(left) or found != expected


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
