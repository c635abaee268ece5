"""What a user should know of how training ended: the cause, and the cure."""

import numpy as np
from scipy.sparse import issparse

WINDOW = 20  # epochs of the curve that are looked at
SAMPLE = 10_000  # rows whose features are looked at
FAR = 100.0  # ratio of scales from which features count as badly scaled


def ending(reason, costs, idle, *, solver, n_iter, max_iter, tol, rate, max_fun):
    """Cause and cure as one text, or None where all is well.

    `idle()` is the cost of a network whose outputs are all 0.
    """
    lower = "scale the features"
    if rate:
        lower = f"set learning_rate_init below {rate:g} (try {rate / 10:g})"
    if reason == "diverged":
        return (
            f"the cost stopped being finite at iteration {n_iter}; the parameters "
            f"before it are kept; {lower}"
        )
    if reason in ("plateau", "validation"):
        if trend(costs) == "risen":
            rise = f"the cost rose from {costs[0]:g} to {costs[-1]:g}"
            return f"training diverged: {rise}; {lower}"
        if costs[-1] > 1.1 * idle():
            other = "try a lower tol"
            if rate:
                other = f"try another learning_rate_init than {rate:g}, or a lower tol"
            return (
                f"training ended on a cost of {costs[-1]:g}, above the {idle():g} of "
                f"outputs that are all 0; {other}"
            )
        return None
    if reason == "max_fun":
        return (
            f"solver='lbfgs' used max_fun={max_fun} evaluations before tol={tol:g} was "
            "met; raise max_fun"
        )
    if tol == 0:  # max_iter is meant
        return None
    if reason == "precision":
        return (
            f"solver={solver!r} stopped at iteration {n_iter} before tol={tol:g} was "
            "met: no step lowers the cost any more in this precision; raise tol"
        )
    if reason is not None:
        return None
    costs = costs or [np.nan]
    longer = "raise max_iter or the learning rate" if rate else "raise max_iter"
    short = f"solver={solver!r} reached max_iter={max_iter} before tol={tol:g} was met"
    return {
        "unknown": f"{short}; {longer}",
        "risen": f"{short}: the cost rose to {costs[-1]:g}; {lower}",
        "oscillating": f"{short}: the cost goes up and down; {lower}",
        "flat": f"{short}: the cost is on a plateau; raise tol if it is low enough, "
        "else try another solver" + (" or a higher learning rate" if rate else ""),
        "falling": f"{short}: the cost is still falling ({fall(costs):.2g} % in the "
        f"last {min(WINDOW, len(costs) - 1)} iterations); {longer}",
    }[trend(costs)]


def trend(costs):
    """How a curve ends: "risen", "oscillating", "flat", "falling" or "unknown"."""
    costs = np.asarray(costs)
    if len(costs) < 3:
        return "unknown"
    # a warm start near the minimum may end a little above where it began
    if costs[-1] > 1.5 * costs[0] + 1e-3 and costs[-1] > 1.5 * costs.min():
        return "risen"
    if fall(costs) > 0.1:
        return "falling"
    # minibatches and dropout make the cost noisy: only large swings are oscillation
    swings = np.abs(np.diff(costs[-1 - WINDOW :]))
    return "oscillating" if swings.mean() > 0.1 * abs(costs[-1]) else "flat"


def fall(costs):
    """By how many percent the cost falls in the window: its end against its start.

    Both are means over half of the window, so that noise does not count.
    """
    window = np.asarray(costs[-1 - WINDOW :])
    half = len(window) // 2
    if not half:
        return 0.0
    before, after = window[:half].mean(), window[-half:].mean()
    return 100 * (before - after) / (abs(before) or 1.0)


def scale_of_features(X):
    """What to say of features of very different scale, or far from 0; or None."""
    X = X[:SAMPLE].astype(np.float64)
    largest = abs(X).max()
    if not largest:
        return None
    X = X / largest  # squares of 1e200 would overflow
    size = np.sqrt(np.asarray((X.multiply(X) if issparse(X) else X * X).mean(axis=0)))
    size = size.ravel()
    spread = size if issparse(X) else np.std(X, axis=0)
    moving = spread > 1e-12 * size  # a constant feature says nothing
    if not moving.any():
        return None
    size, spread = size[moving], spread[moving]
    widest, narrowest = spread.max(), spread.min()
    cure = "standardize=True or a StandardScaler before it may be all it needs"
    if widest > FAR * narrowest:
        ratio = widest / narrowest
        return f"its features differ in scale by a factor of {ratio:.0e}: {cure}"
    if (size > FAR * spread).any():
        return f"a feature is far from 0 for how little it varies: {cure}"
    if not 1 / FAR < widest * largest < FAR:
        return f"its features vary by about {widest * largest:.0e}: {cure}"
    return None
