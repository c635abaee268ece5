"""Record the arrays of one training step by their names in the course.

Z[l] and A[l] share one buffer, and so do dA[l] and dZ[l]. To record them all, the
activations and the loss are wrapped: the wrappers copy the buffer before and after each
call. Only A[L] is computed here, with the link of the loss. Training does not need it.
"""

from contextlib import closing

import numpy as np
from scipy.sparse import issparse

from .._engine.propagation import Parameters
from .._rows.columns import as_rows


class RecordingActivation:
    """An activation that copies its inputs and outputs."""

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


class RecordingLoss:
    """A loss that copies Z[L], dZ[L] and A[L], the link of Z[L]."""

    def __init__(self, loss, L, seen):
        self._loss, self._L, self._seen = loss, L, seen

    def __call__(self, Z, Y, w, dZ):
        self._seen[f"Z{self._L}"] = Z.copy()
        J = self._loss(Z, Y, w, dZ)
        self._seen[f"dZ{self._L}"] = dZ.copy()
        self._seen[f"A{self._L}"] = self._loss.link(Z.copy())
        return J


def record_calls(objective):
    """Wrap the activations and the loss so that each call of the objective is recorded.

    Returns
    -------
    dict
        Empty until the next call, which adds "Z1", "A1", ..., "dZ1", "dA1", ...
    """
    seen = {}
    objective.g = [
        None,
        *(RecordingActivation(g, l, seen) for l, g in enumerate(objective.g[1:], 1)),
    ]
    objective.loss = RecordingLoss(objective.loss, objective.params.L, seen)
    return seen


def record_step(run):
    """Run the first step of the run and return its arrays by their course names.

    Returns
    -------
    dict
        "X", "Y", "w", "W1", "b1", ..., "Z1", "A1", ..., "J", "dZ1", "dA1", ..., "dW1",
        "db1", ... and, where the solver takes steps, "W1_new", "b1_new", ...
    """
    objective, params = run.objective, run.objective.params
    seen = record_calls(objective)
    next(run.watch.epochs(), None)  # sets the learning rate
    with (
        closing(iter(run.batches)) as batches,
        np.errstate(over="ignore", invalid="ignore", divide="ignore"),
    ):
        X, Y, w = next(batches)
        seen |= {"X": copy_columns(X), "Y": Y.copy(), "w": w.copy()}
        copy_layers(seen, params)
        seen["J"], grad = objective(params.theta, X, Y, w)
        copy_layers(seen, objective.grads, before="d")
        if run.step is not None:
            run.step(params.theta, grad)
            copy_layers(seen, params, after="_new")
    return seen


def copy_layers(seen, params, before="", after=""):
    """Add copies of all W[l] and b[l] to `seen`."""
    copy = Parameters.flat(params.n, params.theta.dtype)
    copy.theta[...] = params.theta
    for l in range(1, params.L + 1):
        seen[f"{before}W{l}{after}"] = copy.W[l]
        seen[f"{before}b{l}{after}"] = copy.b[l]


def copy_columns(X):
    """Return a copy of X, (n[0], m), as an array or a sparse matrix."""
    rows = as_rows(X)
    return (rows.copy() if issparse(rows) else np.array(rows)).T
