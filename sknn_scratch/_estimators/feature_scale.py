"""What a user should know of how training ended: the cause, and the cure."""

import numpy as np
from scipy.sparse import issparse

WINDOW = 20  # epochs of the curve that are looked at
SAMPLE = 10_000  # rows whose features are looked at
ELEMENTS = 2**22  # of their values, at most
# Features count as badly scaled from this ratio: the steps that gradient descent needs
# grow with its square, so here with 2500, which is more than most trainings have.
FAR = 50.0
RARE = 0.05  # a feature which departs from its usual value more rarely is not judged


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
    found = worst_scale(X)
    if found is None:
        return None
    cure = "standardize=True or a StandardScaler before it may be all it needs"
    return f"{found[1]}: {cure}"


def worst_scale(X):
    """How badly the features are scaled, a factor, and what that means; or None."""
    X = X[: min(SAMPLE, max(ELEMENTS // X.shape[1], 100))].astype(np.float64)
    largest = abs(X).max()
    if not largest:
        return None
    X = X / largest  # squares of 1e200 would overflow
    centre, spread, share = _departures(X)
    # a pixel at the border or a rare word says nothing of the scale
    telling = share >= (RARE if (share >= RARE).any() else 1e-9)
    telling &= spread > 1e-12 * abs(centre)
    if not telling.any():
        return None
    centre, spread = abs(centre[telling]), spread[telling]
    widest, ratio = spread.max() * largest, spread.max() / spread.min()
    if ratio > FAR:
        return ratio, f"its features differ in scale by a factor of {ratio:.0e}"
    away = (centre / spread).max()
    if away > FAR:
        return away, (
            f"a feature is far from 0 for how little it varies, {away:.0e} times that"
        )
    if not 1 / FAR < widest < FAR:
        return widest, f"its features vary by about {widest:.0e}"
    return None


def _departures(X):
    """Per feature: its usual value, how far others are from it, and their share.

    The usual value is the median. A standard deviation would not do: that of a feature
    which is 0 in most rows tells how often it is not, and not how large it then is.
    """
    m = X.shape[0]
    if issparse(X):
        total, squares = X.sum(axis=0), X.multiply(X).sum(axis=0)
        total, squares = np.asarray(total).ravel(), np.asarray(squares).ravel()
        count = np.asarray((X != 0).sum(axis=0)).ravel()
        mostly = count > m / 2
        centre = np.where(mostly, total / m, 0.0)
        count = np.where(mostly, m, count)
        squares = np.maximum(squares - m * centre**2, 0)
    else:
        centre = np.median(X, axis=0)
        D = X - centre
        count, squares = (D != 0).sum(axis=0), (D * D).sum(axis=0)
    return centre, np.sqrt(squares / np.maximum(count, 1)), count / m
