"""Minimisers of J: gradient descent, and L-BFGS, whose one batch is all rows.

Both call the `Watch` at the end of each epoch and return the parameters that it
selects, as `newton` does.
"""

import numpy as np
from scipy import optimize


def descend(objective, batches, step, theta, watch):
    """Run gradient descent: one step a batch, one call of the watch an epoch."""
    for epoch in watch.epochs():
        J = 0.0
        for X, Y, w in batches:
            cost, grad = objective(theta, X, Y, w)
            step(theta, grad)  # optimiser, clipping and l1, composed once in fit
            J += cost * len(w) / batches.weight
        if watch(epoch, J, theta):
            break
    return watch.best(theta)


def lbfgs(objective, batches, theta, watch, *, tol, ftol, max_fun):
    """Run the limited-memory BFGS of scipy (Byrd, Lu, Nocedal, Zhu 1995) in float64.

    It stops when max |dJ/dtheta| <= tol, or when the relative decrease of J is less
    than ftol.
    """
    if watch.max_iter == 0:  # scipy would do one iteration
        return theta
    ((X, Y, w),) = batches
    costs = []  # J at the start of each iteration

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
    elif result.status == 2:  # the line search finds no lower J in this precision
        watch.reason = "precision"
    return watch.best(result.x)
