"""Checkpoints: the whole state of a training in a file, from which fit continues.

Besides the state, the file describes the training: parameters as text, shapes, and
digests of the data. A training that differs in any of them is refused.
"""

import json
import os
import re
from hashlib import blake2b
from time import monotonic
from typing import NamedTuple

import numpy as np
from scipy.sparse import issparse

from .._storage.store import Tree, read_attribute, read_tree, reading, write_tree
from .._storage.texts import abbreviate, from_json, shorten
from .._version import __version__
from .state import restore, state_of

FORMAT, VERSION = "sknn_scratch checkpoint", 1
DEPTH = 8  # of nested groups that are read; more than a checkpoint has
ROWS = 1000  # of X, that are compared
# parameters that do not change what is learned
NOT_COMPARED = {"checkpoint", "checkpoint_every", "verbose", "warn"}
REQUESTED = {"observer", "callback"}  # reasons to stop a training that could continue

# kinds of facts about a training, and the error message for one that differs
DIFFERENCES = {
    "class": "by a {before}, not by a {now}",
    "parameters": "with {name}={before}, now it is {name}={now}",
    "data": "of {name} {before}, got {now}",
    "digests": "of {name}",
}


class Saved(NamedTuple):
    """The contents of a checkpoint file."""

    facts: dict  # kind of fact -> name -> text
    split_seed: np.ndarray | None
    state: dict


class Checkpoint:
    """The last member of a watch: writes the state of the run at the end of epochs.

    It writes when `every` seconds have passed since it last wrote (None: always). It
    also writes at the end of a training that `max_iter`, an observer or a callback
    ends. Where a stopping rule ends the training, the file keeps an earlier epoch: a
    fit that continues from there meets the rule again.

    Parameters
    ----------
    path : str or path-like
        The file. If it exists, it is read now.
    every : float or None
        Seconds.
    unnamed : dict, optional
        Values of parameters that files from before they existed do not name.

    Attributes
    ----------
    saved : Saved or None
        Contents of the file. None without a file, and after `resume`.
    """

    def __init__(self, path, every, unnamed=None):
        self._path, self._every = os.fsdecode(path), every or 0
        self._unnamed = unnamed or {}
        self._facts, self._run, self._split_seed = {}, None, None
        self.saved = read(self._path)

    def describe(self, facts):
        """Record facts of this training; raise ValueError if the file has others."""
        for kind, now in facts.items():
            self._facts.setdefault(kind, {}).update(now)
            if self.saved is None:
                continue
            before = self.saved.facts.get(kind, {})
            if kind == "parameters":
                before = {k: as_text(v) for k, v in self._unnamed.items()} | before
            changed = [name for name in now if before.get(name) != now[name]]
            describe = DIFFERENCES[kind].format
            differences = [
                describe(
                    name=name, before=shorten(before.get(name)), now=shorten(now[name])
                )
                for name in changed[:3]
            ]
            if differences:
                raise ValueError(
                    f"checkpoint={self._path!r} was made "
                    f"{shorten('; '.join(differences), 180)}; give another path, or "
                    "delete the file to begin anew."
                )

    def resume(self, run, split_seed):
        """Attach the run, and restore its state from the file if there is one."""
        self._run, self._split_seed = run, split_seed
        if self.saved is not None:
            restore(run.stateful(), self.saved.state, f"{self._path}:/state")
            if (
                _counts(run) != {run.watch.whole}
                or run.watch.whole > run.watch.max_iter
            ):
                raise damaged(self._path, "it counts its epochs in several ways")
            if not _is_finite(state_of(run.stateful())):
                raise damaged(self._path, "it holds numbers that are not finite")
        self.saved, self._written = None, monotonic()

    def __call__(self, epoch, J, theta):
        watch = self._run.watch
        if watch.reason and watch.reason not in REQUESTED:
            return
        ends = watch.reason or epoch == watch.max_iter
        if ends or monotonic() - self._written >= self._every:
            self._write()
            self._written = monotonic()

    def _write(self):
        arrays = {"made_of": np.array(json.dumps(self._facts).encode())}
        if self._split_seed is not None:
            arrays["split_seed"] = self._split_seed
        head = {"format": FORMAT, "version": VERSION, "written_by": __version__}
        state = _tree(state_of(self._run.stateful()))
        write_tree(self._path, Tree(head, arrays, {"state": state}))


def _is_finite(state, name=""):
    """Return True if every theta and every J of a state is finite.

    A training with other values would have stopped before it was written.
    """
    if isinstance(state, dict):
        return all(_is_finite(value, name) for name, value in state.items())
    return name not in ("theta", "values") or np.isfinite(state).all()


def _counts(run):
    """Return the numbers of epochs that the members of the watch have recorded."""
    counts = {run.watch.n_iter, len(run.members["curve"].values)}
    if (rates := run.members.get("rates")) is not None:
        together = len(rates.rates) == len(rates.lengths)
        counts.add(sum(rates.lengths) if together else None)
    if (validation := run.members.get("validation")) is not None:
        counts |= {len(validation.losses), len(validation.scores)}
    return counts


# -- the file --------------------------------------------------------------------------


def read(path):
    """Return the contents of a checkpoint file, or None if it does not exist."""
    if not os.path.exists(path):
        folder = os.path.dirname(os.path.realpath(path))
        if not os.path.isdir(folder):
            raise FileNotFoundError(
                f"checkpoint={path!r} must be in a folder that exists, but {folder} "
                "does not."
            )
        return None
    with reading(path) as file:
        found = read_attribute(file, "format")
        version = read_attribute(file, "version")
        written_by = read_attribute(file, "written_by")
    if not (isinstance(found, str) and found == FORMAT):
        raise ValueError(
            f"checkpoint={path!r} must be a checkpoint or no file yet, but there is a "
            f"file of another format ({abbreviate(found)}); give another path."
        )
    if not np.array_equal(version, VERSION):
        raise ValueError(
            f"checkpoint={path!r} has version {abbreviate(version)}, written by "
            f"sknn_scratch {shorten(written_by)}; this is sknn_scratch "
            f"{__version__}, which reads version {VERSION}: install the one that wrote "
            "it, or delete the file."
        )
    tree = read_tree(path, depth=DEPTH)
    try:
        facts = from_json(np.asarray(tree.arrays["made_of"]).item().decode())
        facts = {kind: dict(values.items()) for kind, values in facts.items()}
        state = _state(tree.groups["state"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise damaged(path, abbreviate(error)) from None
    seed = tree.arrays.get("split_seed")
    if seed is not None and (seed.dtype, seed.shape) != (np.uint32, (8,)):
        raise damaged(path, f"split_seed is {abbreviate(seed)}")
    return Saved(facts, seed, state)


def damaged(path, how):
    """Return the error for a damaged checkpoint."""
    return ValueError(
        f"checkpoint={path!r} is damaged: {how}; delete the file to begin anew."
    )


def _tree(state):
    """Return a state as a Tree for HDF5: dicts are groups, numbers attributes."""
    tree = Tree({}, {}, {})
    for name, value in state.items():
        if isinstance(value, dict):
            tree.groups[name] = _tree(value)
        elif isinstance(value, np.ndarray):
            tree.arrays[name] = value
        else:
            tree.attributes[name] = value
    return tree


def _state(tree):
    """Return the state from a Tree; the inverse of `_tree`."""
    groups = {name: _state(group) for name, group in tree.groups.items()}
    return {**tree.attributes, **tree.arrays, **groups}


# -- facts of a training ---------------------------------------------------------------


def facts_of_estimator(name, parameters):
    """Return the class and those of its parameters that change what is learned."""
    names = sorted(parameters.keys() - NOT_COMPARED)
    return {
        "class": {"name": name},
        "parameters": {name: as_text(parameters[name]) for name in names},
    }


def facts_of_rows(rows, n_outputs, classes):
    """Return shapes, types and digests of X, y and the weights of the rows."""
    X = rows.X
    return {
        "data": {
            "X of shape": str(tuple(X.shape)),
            "X of type": f"{'sparse ' if issparse(X) else ''}{np.dtype(X.dtype)}",
            "y for n_outputs =": str(n_outputs),
        },
        "digests": {
            "other classes": digest(classes),
            "other rows of X": digest_of_rows(X),
            "another y": digest(rows.codes),
            "other weights of the rows": digest(rows.w),
        },
    }


def facts_of_start(theta, held_out):
    """Return digests of the held-out rows and of initial parameters that are not drawn.

    Each may be None.
    """
    X, y, w = (None,) * 3 if held_out is None else held_out[:3]
    return {
        "digests": {
            "other rows to validate by": digest_of_rows(X),
            "another y to validate by": digest(y),
            "other weights to validate by": digest(w),
            "other first parameters (warm_start=True begins with those that this "
            "estimator has learned, a clone of it does not)": digest(theta),
        }
    }


def as_text(value):
    """Return the value of a parameter as text, the same in every process."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(as_text, value))}]"
    if isinstance(value, dict):
        pairs = [f"{as_text(k)}: {as_text(v)}" for k, v in value.items()]
        return f"{{{', '.join(pairs)}}}"
    if hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    return re.sub(" at 0x[0-9a-fA-F]+", "", repr(value))


def digest(*arrays):
    """Return a short hash of the types, shapes and values of the arrays."""
    total = blake2b(digest_size=16)
    for array in arrays:
        array = np.asarray(array)
        if array.dtype.kind == "O":  # None or labels
            array = np.array([repr(item) for item in array.ravel()])
        total.update(f"{array.dtype.str} {array.shape}".encode())
        total.update(array.tobytes())
    return total.hexdigest()


def digest_of_rows(X):
    """Return the digest of up to 1000 evenly spaced rows, first and last included."""
    if X is None:
        return digest(X)
    m = X.shape[0]
    chosen = np.linspace(0, m - 1, min(m, ROWS)).round().astype(int)
    if issparse(X):
        part = X[chosen]
        return digest(part.indptr, part.indices, part.data)
    # one row at a time, because X may be on disk
    return digest(*(X[i : i + 1] for i in chosen.tolist()))
