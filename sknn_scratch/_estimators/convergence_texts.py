"""Sentences on how a training ended and how its cost curve goes.

The ConvergenceWarning of `fit`, `diagnose` and the pages take them from here.
"""

from .convergence import ABOVE, apart


def divergence(course):
    """Say how a training diverged."""
    return {
        "not finite": f"the cost stopped being finite at iteration {course.n_iter}",
        "risen": f"the cost rose from {course.first:g} to {course.last:g}",
        "far": f"the cost ended at {course.last:g}, far above the {course.idle:g} of "
        f"{course.idle_of}",
    }[course.kind]


def swinging(course):
    """Say that the cost goes up and down, and how."""
    return f"the cost goes up and down, {course.swings.text}"


def cut_short(course):
    """Say that training ended while the cost was falling, or after few iterations."""
    if course.too_short:
        n = course.n_iter
        return f"training ended after {n} iteration{'s' * (n != 1)}"
    high, low = apart(course.before, course.after)
    text = f"training ended while the cost was falling: {low} "
    if course.width > 1:
        return (
            f"{text}on average in its last {course.width} iterations, {high} in as "
            + ("many before")
        )
    return f"{text}in its last iteration, {high} in the one before"


def warning_of(course, *, solver, max_iter, tol, rate, max_fun, early_stopping=False):
    """Return cause and cure as the text of a warning, or None where all is well."""
    reason, lower = course.reason, "scale the features"
    if rate:
        lower = f"set learning_rate_init below {rate:g} (try {rate / 10:g})"
    if reason == "diverged":
        return f"{divergence(course)}; the parameters before it are kept; {lower}"
    if reason in ("plateau", "validation"):
        return _warning_of_patience(course, rate, lower)
    if reason == "max_fun":
        return (
            f"solver='lbfgs' used max_fun={max_fun} evaluations before tol={tol:g} was "
            "met; raise max_fun"
        )
    if reason == "separable":
        return (
            f"solver={solver!r} found no minimum: a linear function tells the targets "
            f"apart, and at iteration {course.n_iter} the cost is {course.last:.1g} "
            "while the weights grow without end; set a finite C"
        )
    if tol == 0:  # max_iter is meant
        return None
    if reason == "precision":
        return (
            f"solver={solver!r} stopped at iteration {course.n_iter} before "
            f"tol={tol:g} was met: no step lowers the cost any more in this precision; "
            "raise tol"
        )
    if reason != "max_iter":
        return None
    short = f"solver={solver!r} reached max_iter={max_iter} before tol={tol:g} was met"
    return f"{short}{_warning_of_max_iter(course, rate, lower, early_stopping)}"


def _warning_of_patience(course, rate, lower):
    """Return what to say of the cost where patience ended training, or None."""
    if course.diverged:
        return f"training diverged: {divergence(course)}; {lower}"
    if not 0 < ABOVE * course.idle < course.last:  # targets all 0 cost 0
        return None
    other = "try a lower tol"
    if rate:
        other = f"try another learning_rate_init than {rate:g}, or a lower tol"
    return (
        f"training ended on a cost of {course.last:g}, above the {course.idle:g} of "
        f"{course.idle_of}; {other}"
    )


def _warning_of_max_iter(course, rate, lower, early_stopping):
    """Return how the curve goes where max_iter ended training, and the cure."""
    kind, span = course.kind, f"in the last {2 * course.width} iterations"
    longer = "raise max_iter or the learning rate" if rate else "raise max_iter"
    if kind == "unknown":
        return f"; {longer}"
    if kind == "risen":
        return f": the cost rose to {course.last:g}; {lower}"
    if course.diverged:
        return f": {divergence(course)}; {lower}"
    if kind == "oscillating":
        return f": the cost goes up and down; {lower}"
    if course.turn and kind in ("falling", "slow", "flat"):
        keep = "set early_stopping=True to keep the best iteration"
        if early_stopping:
            keep = "the parameters of the best iteration are kept"
        return f": {course.turn.text}, so that longer training does not help; {keep}"
    if kind == "falling" or (kind == "slow" and course.penalised):
        fall = f"{100 * course.fall:.2g} % {span}"
        return f": the cost is still falling ({fall}); {course.condition}{longer}"
    if kind == "slow":
        high, low = apart(course.before, course.after)
        fall = f"the cost falls slowly, from {high} to {low} {span}"
        return f": {fall}; raise tol if it is low enough, else {longer}"
    other = "try another solver" + (" or a higher learning rate" if rate else "")
    if 0 < ABOVE * course.constant < course.last:
        best = f"the {course.constant:g} of one answer for all rows"
        return f": the cost is on a plateau, above {best}; {other}"
    return f": the cost is on a plateau; raise tol if it is low enough, else {other}"
