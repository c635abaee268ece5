"""One step of a run, watched: what every buffer held at the moment it had its name.

Z[l] and A[l] are one array at two moments, and so are dA[l] and dZ[l]. Whoever wants to
see them all has to be there when they are: around the activations and the loss. One
thing is computed here and not only seen: A[L], by the loss's own link, which training
can do without.
"""

from contextlib import closing

import numpy as np
from scipy.sparse import issparse

from .._engine.propagation import Parameters
from .._rows.columns import as_rows


class WatchedActivation:
    """An activation, and copies of what it was given and what it made of that."""

    def __init__(self, g, l, seen):
        self._g, self._l, self._seen = g, l, seen

    def forward(self, Z, out):
        self._seen[f"Z{self._l}"] = Z.copy()
        self._g.forward(Z, out=out)
        self._seen[f"A{self._l}"] = out.copy()

    def chain(self, A, dA):
        self._seen[f"dA{self._l}"] = dA.copy()
        self._g.chain(A, dA)
        self._seen[f"dZ{self._l}"] = dA.copy()


class WatchedLoss:
    """A loss, and copies of Z[L], dZ[L] and what its link makes of Z[L]."""

    def __init__(self, loss, L, seen):
        self._loss, self._L, self._seen = loss, L, seen

    def __call__(self, Z, Y, w, dZ):
        self._seen[f"Z{self._L}"] = Z.copy()
        J = self._loss(Z, Y, w, dZ)
        self._seen[f"dZ{self._L}"] = dZ.copy()
        self._seen[f"A{self._L}"] = self._loss.link(Z.copy())
        return J


def watch(objective):
    """Be there at its next call; the dict that will hold what was seen.

    Returns
    -------
    dict
        Empty as yet: "Z1", "A1", ..., "dZ1", "dA1", ... come with the call.
    """
    seen = {}
    objective.g = [
        None,
        *(WatchedActivation(g, l, seen) for l, g in enumerate(objective.g[1:], 1)),
    ]
    objective.loss = WatchedLoss(objective.loss, objective.params.L, seen)
    return seen


def watch_step(run):
    """The first step of the run, done; what was seen, by the course's names.

    Returns
    -------
    dict
        "X", "Y", "w", "W1", "b1", ..., "Z1", "A1", ..., "J", "dZ1", "dA1", ..., "dW1",
        "db1", ... and, where the solver takes steps, "W1_new", "b1_new", ...
    """
    objective, params = run.objective, run.objective.params
    seen = watch(objective)
    next(run.watch.epochs(), None)  # sets the learning rate
    with (
        closing(iter(run.batches)) as batches,
        np.errstate(over="ignore", invalid="ignore", divide="ignore"),
    ):
        X, Y, w = next(batches)
        seen |= {"X": copied(X), "Y": Y.copy(), "w": w.copy()}
        note_layers(seen, params)
        seen["J"], grad = objective(params.theta, X, Y, w)
        note_layers(seen, objective.grads, before="d")
        if run.step is not None:
            run.step(params.theta, grad)
            note_layers(seen, params, after="_new")
    return seen


def note_layers(seen, params, before="", after=""):
    """Copies of all W[l] and b[l]."""
    copy = Parameters.flat(params.n, params.theta.dtype)
    copy.theta[...] = params.theta
    for l in range(1, params.L + 1):
        seen[f"{before}W{l}{after}"] = copy.W[l]
        seen[f"{before}b{l}{after}"] = copy.b[l]


def copied(X):
    """X of the course as an array, or a sparse matrix, of its own."""
    rows = as_rows(X)
    return (rows.copy() if issparse(rows) else np.array(rows)).T
