"""Logistic regression against scikit-learn's solvers, at equal objective.

A solver is timed with its default settings where these come within 1e-8 (relative) of
the best objective that anyone finds; else with the first smaller `tol` that does. One
that never does is left out.
"""

import time
import warnings

import numpy as np
from scipy.special import logsumexp
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from sknn_scratch import LogisticRegressionScratch

EQUAL = 1e-8
# "liblinear" penalises the intercept and so has another objective
SOLVERS = ("lbfgs", "newton-cg", "newton-cholesky", "sag", "saga")
TOLERANCES = (1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-10, 1e-12)  # the first is the default
MOST_PARAMETERS = 8000  # for "newton-cholesky": the Hessian has their square
SLOW = 10  # times the fastest: not tightened any further

SHAPES = [(1000, 20), (100_000, 54), (1_000_000, 20), (5000, 784), (209, 12288)]
SMOKE = [(200, 5), (30, 80)]


def rows(m, n):
    """Two classes that overlap, of features of unequal scale that hang together."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((m, n))
    X += 0.5 * rng.standard_normal((m, 1))
    X *= np.exp(rng.uniform(-1, 1, n))
    z = X @ rng.standard_normal(n)
    noise = np.std(z) * rng.logistic(size=m)
    return X, (z + noise > 0).astype(int)


def problems(smoke):
    """{name: function that makes X, y}, float64."""
    found = {
        f"{m} x {n}": (lambda m=m, n=n: rows(m, n))
        for m, n in (SMOKE if smoke else SHAPES)
    }
    return found if smoke else {**found, "digits": digits}


def digits():
    X, y = load_digits(return_X_y=True)
    return X / 16, y


def objective(model, X, y):
    """Return scikit-learn's objective for C = 1: summed loss + ||W||^2 / 2."""
    Z = X @ model.coef_.T + model.intercept_
    if Z.shape[1] == 1:
        Z = np.hstack([np.zeros_like(Z), Z])
    losses = logsumexp(Z, axis=1) - Z[np.arange(len(y)), y]
    return float(losses.sum() + 0.5 * np.sum(model.coef_**2))


def fitted(model, X, y):
    """Its seconds and its objective."""
    with warnings.catch_warnings(action="ignore"):  # some do not converge
        start = time.perf_counter()
        model.fit(X, y)
        return time.perf_counter() - start, objective(model, X, y)


def peer(solver, tol=TOLERANCES[0]):
    defaults = tol == TOLERANCES[0]
    return LogisticRegression(
        solver=solver, tol=tol, max_iter=100 if defaults else 500, random_state=0
    )


def suitable(solver, X, y):
    parameters = X.shape[1] * (1 if y.max() == 1 else y.max() + 1)
    return solver != "newton-cholesky" or parameters <= MOST_PARAMETERS


def equals(X, y):
    """{solver: the largest tol at which it is equal}, and the best objective.

    Those who are far slower than the fastest are not among them.
    """
    solvers = [solver for solver in SOLVERS if suitable(solver, X, y)]
    exact = [s for s in solvers if not s.startswith("sag")]
    best = min(fitted(peer(s, 1e-10), X, y)[1] for s in exact)
    best = min(best, fitted(LogisticRegressionScratch(), X, y)[1])
    found, fastest = {}, np.inf
    for solver in solvers:
        for tol in TOLERANCES:
            taken, reached = fitted(peer(solver, tol), X, y)
            if reached <= best + EQUAL * abs(best):
                found[solver], fastest = tol, min(fastest, taken)
                break
            if taken > SLOW * fastest:
                break
    return found, best
