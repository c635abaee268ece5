"""Solvers by name: the minimiser of each, and the step that some repeat."""

from functools import partial

from .descent import descend, lbfgs
from .newton import newton
from .objective import Summed
from .step import Clipped, Proximal

ALL_ROWS = ("gd", "lbfgs", "newton")  # solvers whose one batch is everything


def compose_step(optimizer, *, max_grad_norm, l1, n_weights):
    """The optimiser with what goes around it, as `descend` calls it."""
    step = optimizer
    if max_grad_norm is not None:
        step = Clipped(step, float(max_grad_norm))
    if l1:
        step = Proximal(step, optimizer, l1, n_weights)
    return step


def minimiser(solver, *, step, tol, limits):
    """A function of objective, batches, theta and watch, all by name."""
    if solver == "newton":
        return partial(newton, tol=tol)
    if solver == "lbfgs":
        return over_all_rows(partial(lbfgs, tol=tol, **limits))
    minimise = partial(descend, step=step)
    return over_all_rows(minimise) if solver in ALL_ROWS else minimise


def over_all_rows(minimise):
    """Return a minimiser whose one batch is all rows, however they are read."""

    def minimise_all(*, objective, batches, theta, watch):
        if batches.size < batches.weight:
            objective = batches = Summed(objective, batches)
        return minimise(objective=objective, batches=batches, theta=theta, watch=watch)

    return minimise_all
