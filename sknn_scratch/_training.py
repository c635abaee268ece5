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
            step(theta, grad)  # optimiser, schedule, clipping: composed once in fit
            J += cost * len(w) / batches.weight
        if watch(epoch, J, theta):  # the only end-of-epoch place
            break
    return watch.best(theta)


def lbfgs(objective, batches, theta, watch, *, tol, ftol, max_fun):
    """Limited-memory BFGS of scipy (Byrd, Lu, Nocedal, Zhu 1995), in float64.

    Stops when max |dJ/dtheta| <= tol, or when J falls by less than ftol relative.
    """
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
    if result.status in (0, 2):  # 2: no step lowers J any more in this precision
        watch.reason = "gradient" if result.status == 0 else "precision"
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
        direction = newton_direction(hessian(objective, theta, X, w), grad)
        slope, J_before = float(grad @ direction), J
        # below this J cannot tell two points apart: a full step is as good as any
        noise = 16 * np.finfo(grad.dtype).eps * abs(J)
        for t in 0.5 ** np.arange(60):
            J, grad = objective(theta + t * direction, X, Y, w)
            if J <= J_before + 1e-4 * t * slope + noise:
                theta = theta + t * direction
                break
        if watch(epoch, J_before, theta):
            break
        small = largest(direction) <= 1e-4 * max(1.0, largest(theta))
        if polished == 10 or (polished and small):
            watch.reason = "gradient"
            break
    return watch.best(theta)


def newton_direction(H, grad):
    """-H^-1 grad; where H has no inverse, with a little added to its diagonal."""
    direction = np.zeros(grad.shape)
    diagonal = np.diag_indices_from(H)
    damping = 1e-12 * H[diagonal].max()
    while True:
        try:
            factor = linalg.cho_factor(H, lower=True)
            break
        except linalg.LinAlgError:
            H[diagonal] += damping
            damping *= 100
    direction[: len(H)] = -linalg.cho_solve(factor, grad[: len(H)])
    return direction
