"""The minimiser of each solver, and the optimiser step with its wrappers."""

from functools import partial

from .descent import descend, lbfgs
from .newton import newton
from .objective import Summed
from .proximal_newton import proximal_newton
from .step import Clipped, Proximal

ALL_ROWS = ("gd", "lbfgs", "newton")  # solvers whose one batch is all rows


def compose_step(optimizer, *, max_grad_norm, l1, n_weights):
    """Return the optimiser wrapped in clipping and the l1 threshold, where they are on.

    `descend` calls it as step(theta, grad).
    """
    step = optimizer
    if max_grad_norm is not None:
        step = Clipped(step, float(max_grad_norm))
    if l1:
        step = Proximal(step, optimizer, l1, n_weights)
    return step


def minimiser(solver, *, l1, step, tol, limits):
    """Return the solver as a function of objective, batches, theta and watch.

    Its four arguments are keyword-only.
    """
    if solver == "newton":
        return partial(proximal_newton if l1 else newton, tol=tol)
    if solver == "lbfgs":
        return over_all_rows(partial(lbfgs, tol=tol, **limits))
    minimise = partial(descend, step=step)
    return over_all_rows(minimise) if solver in ALL_ROWS else minimise


def over_all_rows(minimise):
    """Return the minimiser for one batch of all rows.

    Where the rows come in several batches, `Summed` adds these up.
    """

    def minimise_all(*, objective, batches, theta, watch):
        if batches.size < batches.weight:
            objective = batches = Summed(objective, batches)
        return minimise(objective=objective, batches=batches, theta=theta, watch=watch)

    return minimise_all
