"""Minimising J: the loop over epochs, and two solvers that see all rows at once.

All three end their epochs in the same `Watch` and return the parameters it thinks best.
"""

import numpy as np
from scipy import linalg, optimize

from ._objective import hessian
from ._watch import largest


def descend(objective, batches, step, theta, watch):
    """Gradient descent in all its forms: one step a batch, one look an epoch."""
    for epoch in watch.epochs():
        J = 0.0
        for X, Y, w in batches:
            cost, grad = objective(theta, X, Y, w)
            step(theta, grad)  # optimiser, clipping, l1: composed once in fit
            J += cost * len(w) / batches.weight
        if watch(epoch, J, theta):  # the only end-of-epoch place
            break
    return watch.best(theta)


def lbfgs(objective, batches, theta, watch, *, tol, ftol, max_fun):
    """Limited-memory BFGS of scipy (Byrd, Lu, Nocedal, Zhu 1995), in float64.

    Stops when max |dJ/dtheta| <= tol, or when J falls by less than ftol relative.
    """
    if watch.max_iter == 0:  # scipy would do one
        return theta
    ((X, Y, w),) = batches
    costs = []  # J where the iteration in progress began

    def cost_and_gradient(x):
        J, grad = objective(x, X, Y, w)
        if not costs:
            costs.append(J)
        return J, grad.astype(np.float64)

    def end_of_iteration(intermediate_result):
        if watch(watch.n_iter + 1, costs[-1], intermediate_result.x):
            raise StopIteration
        costs.append(float(intermediate_result.fun))

    result = optimize.minimize(
        cost_and_gradient,
        theta.astype(np.float64),
        method="L-BFGS-B",
        jac=True,
        callback=end_of_iteration,
        options={
            "maxiter": watch.max_iter,
            "maxfun": max_fun,
            "gtol": tol,
            "ftol": ftol,
            "maxls": 50,
        },
    )
    if not (np.isfinite(result.fun) and np.isfinite(result.jac).all()):
        watch.reason = "diverged"
    elif result.status == 0:
        watch.reason = "converged"
    elif result.status == 1 and watch.n_iter < watch.max_iter:
        watch.reason = "max_fun"
    elif result.status == 2:  # no step lowers J any more in this precision
        watch.reason = "precision"
    return watch.best(result.x)


def newton(objective, batches, theta, watch, *, tol):
    """Newton's method for a network without hidden layers, whose J is convex.

    theta := theta - H^-1 dJ, halved until J falls enough (Armijo). When max |dJ/dtheta|
    <= tol it polishes: where the penalty is weak a small gradient may still be far from
    the minimum, but each further step squares the error. It ends with a step that moves
    theta by less than 1e-4 of its largest entry, or after 10 such steps (there is no
    minimum where a line parts the classes and nothing is penalised).
    """
    ((X, Y, w),) = batches
    theta, polished = theta.astype(np.float64), 0
    J, grad = objective(theta, X, Y, w)
    for epoch in watch.epochs():
        polished = polished + 1 if largest(grad) <= tol else 0
        H = hessian(objective, theta, X, w)
        if not (np.isfinite(J) and np.isfinite(H).all()):
            watch(epoch, J, theta)
            watch.reason = "diverged"
            break
        J_before, before = J, theta
        for direction in directions(H, grad.astype(np.float64)):
            theta, J, grad = line_search(objective, before, J, grad, direction, X, Y, w)
            if theta is not before:
                break
        if watch(epoch, J_before, theta):
            break
        small = largest(theta - before) <= 1e-4 * max(1.0, largest(theta))
        if theta is before:
            watch.reason = "precision"
        if polished == 10 or (polished and small) or theta is before:
            break
    if polished and watch.reason in (None, "precision"):
        watch.reason = "gradient"
    return watch.best(theta)


def directions(H, grad):
    """-H^-1 grad; then, where that leads nowhere, with more and more of a diagonal.

    Far from the minimum the curvature may vanish (saturated units) and the step be
    endless; what is added to the diagonal turns it towards -grad and shortens it.
    """
    diagonal, scale = np.diag_indices_from(H), np.trace(H) / len(H) or 1.0
    for damping in (0.0, 1e-12, 1e-9, 1e-6, 1e-3, 1.0, 1e3, 1e6):
        H[diagonal] += damping * scale
        try:
            factor = linalg.cho_factor(H, lower=True)
        except linalg.LinAlgError:
            continue
        direction = np.zeros_like(grad)
        direction[: len(H)] = -linalg.cho_solve(factor, grad[: len(H)])
        if np.isfinite(direction).all():
            yield direction


def line_search(objective, theta, J, grad, direction, X, Y, w):
    """theta + t direction for the first t of 1, 1/2, 1/4 ... where J falls enough.

    Returns theta itself, with its J and gradient, where no t will do.
    """
    slope = float(grad @ direction)
    # below this J cannot tell two points apart: a full step is as good as any
    noise = 16 * np.finfo(grad.dtype).eps * abs(J)
    for t in 0.5 ** np.arange(30):
        trial = theta + t * direction
        J_trial, grad_trial = objective(trial, X, Y, w)
        if J_trial <= J + 1e-4 * t * slope + noise:
            return trial, J_trial, grad_trial
    return theta, *objective(theta, X, Y, w)
