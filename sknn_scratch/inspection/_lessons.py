"""`lesson`: experiments that show lessons of the course."""

import math
from functools import partial
from html import escape
from time import perf_counter

import numpy as np
from sklearn.base import clone

from .._estimators.access import next_run
from .._estimators.classifiers import DeepNetClassifier, ShallowNetClassifier
from .._estimators.logistic import LogisticRegressionScratch
from .._estimators.regressors import DeepNetRegressor
from .._html.tables import html_table, text_table
from ..datasets import make_flower
from ._compare import Comparison, compare, split, train_variant


class Lesson:
    """Result of an experiment, as returned by `lesson`.

    Attributes
    ----------
    claim : str
        The lesson in one sentence, with the measured numbers.
    measured : dict of str to float
        The measured numbers that support the claim.
    table : list of dict
        One row per variant.
    figure_ : matplotlib Figure
        Figure of the experiment, drawn on first access.
    comparison : Comparison or None
        The trained variants; None if the experiment trains no network.
    """

    def __init__(self, claim, measured, *, comparison=None, table=None, figure=None):
        self.claim, self.measured, self.comparison = claim, measured, comparison
        self.table = comparison.table if table is None else table
        self._draw, self._figure = figure, None

    @property
    def figure_(self):
        """Return the figure, drawn on first access; it is not shown."""
        if self.comparison is not None:
            return self.comparison.figure_
        if self._figure is None:
            self._figure = self._draw()
        return self._figure

    def __repr__(self):
        table = self.comparison or text_table(*self._cells())
        return f"{self.claim}\n\n{table}"

    def _repr_html_(self):
        table = html_table(*self._cells()) if self.comparison is None else None
        table = table or self.comparison._repr_html_()
        return f"<p>{escape(self.claim)}</p>\n{table}"

    def _cells(self):
        return list(self.table[0]), [list(row.values()) for row in self.table]


class Lessons:
    """List of the lessons, as returned by `lesson()`.

    Attributes
    ----------
    table : list of dict
        One row per lesson, with its "name" and what it "shows".
    """

    def __init__(self):
        self.table = [
            {"name": name, "shows": shown_by(name)} for name in sorted(LESSONS)
        ]

    def __repr__(self):
        return text_table(*self._cells())

    def _repr_html_(self):
        return html_table(*self._cells())

    def _cells(self):
        return list(self.table[0]), [list(row.values()) for row in self.table]


def shown_by(name):
    """Return what a lesson shows: the first sentence of its function."""
    sentence = LESSONS[name].__doc__.partition("\n")[0]
    text = sentence.removeprefix("Show that ").rstrip(".")
    return text[0].upper() + text[1:]


def lesson(name=None):
    """Run an experiment that shows a lesson of the course.

    Parameters
    ----------
    name : str or None, default=None
        A key of `LESSONS`: "zero_init" (weights that start at zero keep units
        identical), "large_weights" (large first weights saturate tanh),
        "sigmoid_is_slow" (deep, sigmoid learns slower than relu), "identity_collapses"
        (a network with identity activations is a logistic regression),
        "high_learning_rate" (with too high a rate, gradient descent diverges), "loops"
        (for loops against vectorised code). None: the lessons are listed, none is run.

    Returns
    -------
    Lesson or Lessons
        The claim with its numbers, a table, and a figure; without a name the list of
        all lessons.

    Raises
    ------
    TypeError
        If `name` is neither a string nor None.
    ValueError
        If `name` is not a key of `LESSONS`.

    Examples
    --------
    >>> from sknn_scratch.inspection import lesson
    >>> [row["name"] for row in lesson().table][:2]
    ['high_learning_rate', 'identity_collapses']
    >>> lesson("zero_init").measured["spread of units, zeros"]
    0.0
    """
    if name is None:
        return Lessons()
    if not isinstance(name, str) or name not in LESSONS:
        error = ValueError if isinstance(name, str) else TypeError
        raise error(
            f"name must be one of {', '.join(map(repr, LESSONS))}, got {name!r}."
        )
    return LESSONS[name]()


def course_net(n_hidden=4, **changed):
    """Return the course's shallow network: full-batch gradient descent, no penalty."""
    parameters = {
        "solver": "gd",
        "learning_rate_init": 1.2,
        "max_iter": 500,
        "alpha": 0,
        "tol": 0,
        "n_iter_no_change": np.inf,
        "random_state": 2,
    }
    return ShallowNetClassifier(n_hidden, **{**parameters, **changed})


def zero_init():
    """Show that zero first weights keep the units of a layer identical."""
    X, y = make_flower()
    net = course_net(activation="sigmoid", max_iter=2000)
    found = compare(net, X, y, init=["zeros", "xavier"])
    spread = [float(np.ptp(net.coefs_[0], axis=1).max()) for net in found.estimators_]
    score = [row["train_score"] for row in found.table]
    claim = (
        "Weights that start at zero keep units identical: after 2000 iterations the "
        f"weights of the 4 hidden units differ by {spread[0]:.2g}, with random ones by "
        f"{spread[1]:.2g}; accuracy {score[0]:.0%} against {score[1]:.0%}."
    )
    measured = {"spread of units, zeros": spread[0], "spread, random": spread[1]}
    measured |= {"accuracy, zeros": score[0], "accuracy, random": score[1]}
    return Lesson(claim, measured, comparison=found)


def large_weights():
    """Show that large first weights saturate tanh, whose slope is then near 0."""
    rows = split(True, *make_flower())
    factors = [1, 10, 100]
    variants = [_with_scaled_weights(rows, factor) for factor in factors]
    saturated = [
        float(np.mean(np.abs(net.transform(rows.X)) > 0.99)) for net in variants
    ]
    trained = [train_variant(net, rows) for net in variants]
    found = Comparison("first weights times", factors, trained, rows.note)
    first = [float(norms[0, 0]) for norms in found.gradient_norms_]
    cost = [row["cost"] for row in found.table]
    claim = (
        "Large first weights saturate tanh: 100 times as large, "
        f"{saturated[-1]:.0%} of its outputs are beyond 0.99 ({saturated[0]:.0%} "
        f"before), ||dW[1]|| begins at {first[-1]:.2g} instead of {first[0]:.2g}, and "
        f"after 500 iterations J is {cost[-1]:.4g} instead of {cost[0]:.4g}."
    )
    measured = {
        "saturated, times 1": saturated[0],
        "saturated, times 100": saturated[-1],
    }
    measured |= {"||dW[1]||, times 1": first[0], "||dW[1]||, times 100": first[-1]}
    measured |= {"cost, times 1": cost[0], "cost, times 100": cost[-1]}
    return Lesson(claim, measured, comparison=found)


def _with_scaled_weights(rows, factor):
    """Return a network that begins with `factor` times the W[1] it draws."""
    net = course_net(max_iter=1, learning_rate_init=1e-12, warm_start=True, warn=False)
    net.fit(rows.X, rows.y)  # draws the weights and hardly changes them
    net.coefs_[0] = factor * net.coefs_[0]
    return net.set_params(max_iter=500, learning_rate_init=1.2)


def sigmoid_is_slow():
    """Show that deep sigmoid layers learn slowly: the slope is at most 1/4 a layer."""
    X, y = make_flower()
    net = DeepNetClassifier(
        16,
        n_hidden_layers=4,
        solver="gd",
        learning_rate_init=0.1,
        max_iter=1000,
        tol=0,
        n_iter_no_change=np.inf,
        random_state=0,
    )
    found = compare(net, X, y, activation=["sigmoid", "relu"])
    first = [float(np.median(norms[:, 0])) for norms in found.gradient_norms_]
    cost = [row["cost"] for row in found.table]
    claim = (
        "Sigmoid learns slower than relu: after 1000 iterations of the same network J "
        f"is {cost[0]:.4g} against {cost[1]:.4g}; ||dW[1]|| of the first of 5 layers "
        f"is {first[0]:.1e} against {first[1]:.1e}."
    )
    measured = {"cost, sigmoid": cost[0], "cost, relu": cost[1]}
    measured |= {"||dW[1]||, sigmoid": first[0], "||dW[1]||, relu": first[1]}
    return Lesson(claim, measured, comparison=found)


def identity_collapses():
    """Show that identity layers are one linear layer: a logistic regression."""
    rows = split(True, *make_flower())
    net = DeepNetClassifier(
        (8, 8), solver="lbfgs", alpha=0, tol=1e-9, max_iter=100, random_state=0
    )
    logistic = LogisticRegressionScratch(C=np.inf, solver="newton", tol=1e-10)
    variants = {
        "identity, 2 hidden layers": net.set_params(activation="identity"),
        "tanh, 2 hidden layers": clone(net).set_params(activation="tanh"),
        "logistic regression": logistic,
    }
    trained = [train_variant(one, rows) for one in variants.values()]
    found = Comparison("network", variants, trained, rows.note)
    linear, _, one = (model.predict_proba(rows.X)[:, 1] for model in found.estimators_)
    apart = float(np.abs(linear - one).max())
    cost = [row["cost"] for row in found.table]
    claim = (
        "Identity activations collapse to logistic regression: J ends at "
        f"{cost[0]:.6f}, that of logistic regression at {cost[2]:.6f}, and no "
        f"probability differs by more than {apart:.1e}; with tanh J is {cost[1]:.4g}."
    )
    measured = {"cost, identity": cost[0], "cost, tanh": cost[1]}
    measured |= {"cost, logistic regression": cost[2], "largest difference": apart}
    return Lesson(claim, measured, comparison=found)


def high_learning_rate():
    """Show that gradient descent diverges on a parabola if rate > 2 / curvature."""
    X, y = make_flower()
    net = DeepNetRegressor(
        hidden_layer_sizes=(),
        solver="gd",
        alpha=0,
        tol=0,
        n_iter_no_change=np.inf,
        max_iter=100,
        random_state=0,
    )
    y = y.astype(float)  # squared error of a linear model: J is a parabola
    rows = split(False, X, y)  # the training rows of `compare` below
    with_one = np.column_stack([rows.X, np.ones(len(rows.X))])
    steepest = np.linalg.eigvalsh(with_one.T @ with_one / len(rows.X)).max()
    limit = float(2 / steepest)
    rates = [float(f"{share * limit:.3g}") for share in (0.1, 0.5, 0.95, 1.1)]
    found = compare(net, X, y, learning_rate_init=rates)
    cost = [row["cost"] for row in found.table]
    claim = (
        f"Too high a learning rate diverges: the largest curvature of J is "
        f"{steepest:.3g}, so the limit is 2 / {steepest:.3g} = {limit:.3g}; with "
        f"{rates[2]:.3g} J ends at {cost[2]:.4g}, with {rates[3]:.3g} at {cost[3]:.4g}."
    )
    measured = {"limit": limit}
    measured |= {f"cost, rate {r:g}": J for r, J in zip(rates, cost, strict=True)}
    return Lesson(claim, measured, comparison=found)


# -- loops -----------------------------------------------------------------------------


def loops():
    """Show that for loops give the J, dw and db of vectorised code, but slower."""
    rng = np.random.RandomState(0)
    X, y = rng.randn(1000, 100), rng.randint(2, size=1000)
    model = LogisticRegressionScratch(C=np.inf, solver="gd", max_iter=1, warn=False)
    _, run = next_run(model, X, y)
    theta = 0.1 * rng.randn(X.shape[1] + 1)
    batch = run.batches.first_batch()
    seconds, (J, dtheta) = _fastest(partial(run.objective, theta, *batch), 20)
    slow, (J_loops, dw, db) = _fastest(
        partial(loops_over_examples, theta[:-1].tolist(), theta[-1], X.tolist(), y), 1
    )
    apart = float(np.abs(np.array([*dw, db]) - dtheta).max())
    table = [
        {"code": "for loops", "J": J_loops, "seconds": slow},
        {"code": "vectorised", "J": J, "seconds": seconds},
    ]
    measured = {"speed-up": slow / seconds, "largest difference": apart}
    measured["difference of J"] = float(abs(J - J_loops))
    claim = (
        "Vectorised code gives the same J and gradient as for loops, "
        f"{slow / seconds:.0f} times faster ({slow:.4g} s against {seconds:.4g} s for "
        f"{len(X)} examples of {X.shape[1]} features); they differ by {apart:.1e}."
    )
    return Lesson(claim, measured, table=table, figure=partial(_bars, table))


def loops_over_examples(w, b, X, y):
    """Return J, dw and db, computed number by number (course, week 2).

    Over the examples z = w^T x + b, a = sigmoid(z), J += L(a, y), dz = a - y,
    dw_j += x_j dz, db += dz. Then all sums are divided by m.
    """
    m, n = len(X), len(w)
    J, dw, db = 0.0, [0.0] * n, 0.0
    for i in range(m):
        z = b
        for j in range(n):
            z += w[j] * X[i][j]
        a = 1 / (1 + math.exp(-z))
        J += -(y[i] * math.log(a) + (1 - y[i]) * math.log(1 - a))
        dz = a - y[i]
        for j in range(n):
            dw[j] += X[i][j] * dz
        db += dz
    return J / m, [dw_j / m for dw_j in dw], db / m


def _fastest(function, times):
    """Return the shortest time of `times` calls, and the result."""
    taken = []
    for _ in range(times):
        start = perf_counter()
        result = function()
        taken.append(perf_counter() - start)
    return min(taken), result


def _bars(table):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 2.5), layout="constrained")
    ax = figure.subplots()
    bars = ax.barh([row["code"] for row in table], [row["seconds"] for row in table])
    ax.bar_label(bars, [f"{row['seconds']:.2g} s" for row in table], padding=3)
    ax.set(title="the same cost and gradient", xlabel="seconds")
    ax.margins(x=0.2)
    ax.invert_yaxis()
    return figure


LESSONS = {
    "zero_init": zero_init,
    "large_weights": large_weights,
    "sigmoid_is_slow": sigmoid_is_slow,
    "identity_collapses": identity_collapses,
    "high_learning_rate": high_learning_rate,
    "loops": loops,
}
