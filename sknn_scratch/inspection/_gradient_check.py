"""`check_gradient`: compare back-propagated with numerical gradients.

A slope of J is measured by central differences, (J(h) - J(-h)) / (2 h), along random
directions of a layer's W or b and along single entries of it. Where the two slopes
differ, further values of J give an estimate of the error of the measured slope. This
error is large near a kink (relu at 0) and where J has too few digits; the difference
then says nothing about the gradient.
"""

import sys
from dataclasses import dataclass
from numbers import Real

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.random import sample_without_replacement

from .._engine.propagation import Parameters
from .._estimators.access import next_run
from .._html.tables import html_table, text_table
from .._rows.columns import as_columns, as_rows

ROWS = 32  # at most: enough to show a fault, and fast with 12,288 features
DIRECTIONS, ENTRIES = 2, 2  # for each W and b
# the usual step size, then smaller ones for kinks, then larger ones for flat costs
STEPS = 1e-5, 1e-6, 1e-7, 1e-4, 1e-3, 1e-8
SURE = 300  # a difference counts if it is this many times the estimated error
TRIES = 3  # draws of random weights, if the estimator's weights allow no comparison
EPS = np.finfo(np.float64).eps


@dataclass(frozen=True)
class LayerCheck:
    """Result of the check of one W[l] or b[l]."""

    layer: int
    parameter: str
    relative_difference: float
    n_entries: int
    n_skipped: int
    elsewhere: bool
    passed: bool


@dataclass(frozen=True, repr=False)
class GradientCheck:
    """Comparison of back-propagated and numerical gradients, layer by layer.

    `check_gradient` returns it. It prints as a table with a verdict.

    Attributes
    ----------
    passed : bool
        Whether every W and b of every layer agrees within the tolerance.
    relative_difference : float
        The largest ||g - g~|| / (||g|| + ||g~||) of all W and b; nan if one of them
        could not be compared.
    tolerance : float
        The largest difference that passes.
    per_layer : list of LayerCheck
        W[1], b[1], W[2], ...: `layer`, `parameter` ("W" or "b"),
        `relative_difference`, `n_entries` (slopes compared), `n_skipped` (slopes that
        could not be measured, near a kink or because J has too few digits),
        `elsewhere` (True: compared at random weights, because at the estimator's
        weights all slopes are 0 or none could be measured) and `passed`.
    n_rows : int
        Number of rows over which J was computed.
    advice : str or None
        Where to look for the fault; None if the gradients agree.

    Examples
    --------
    >>> from sknn_scratch import ShallowNetClassifier
    >>> from sknn_scratch.datasets import make_flower
    >>> from sknn_scratch.inspection import check_gradient
    >>> X, y = make_flower()
    >>> check = check_gradient(ShallowNetClassifier(4, random_state=0), X, y)
    >>> [(part.parameter, part.layer) for part in check.per_layer]
    [('W', 1), ('b', 1), ('W', 2), ('b', 2)]
    """

    passed: bool
    relative_difference: float
    tolerance: float
    per_layer: list
    n_rows: int
    advice: str | None

    @property
    def verdict(self):
        """Return the outcome as one sentence."""
        number = f"relative difference {self.relative_difference:.1e}"
        if self.passed:
            return f"The gradients agree: {number}, at most {self.tolerance:g} allowed."
        return f"The gradients differ: {number}, more than {self.tolerance:g}."

    def __repr__(self):
        lines = [self.verdict, "", text_table(*self._table()), ""]
        return "\n".join([*lines, *self._notes()])

    def _repr_html_(self):
        notes = "".join(f"<p>{note}</p>" for note in self._notes())
        return f"<p><b>{self.verdict}</b></p>{html_table(*self._table())}{notes}"

    def _table(self):
        heads = ["gradient", "relative difference", "slopes", "skipped", "verdict"]
        rows = [
            [
                f"d{part.parameter}[{part.layer}]" + " *" * part.elsewhere,
                f"{part.relative_difference:.1e}",
                part.n_entries,
                part.n_skipped,
                "right" if part.passed else "WRONG",
            ]
            for part in self.per_layer
        ]
        return heads, rows

    def _notes(self):
        notes = [f"Back-propagation against central differences, {self.n_rows} rows."]
        if any(part.n_skipped for part in self.per_layer):
            notes.append(
                "Skipped: a kink of J is too near (relu at 0), or J has too few digits."
            )
        if any(part.elsewhere for part in self.per_layer):
            notes.append(
                "* Compared at random weights: here all is 0, or not to be measured."
            )
        return [*notes, self.advice] if self.advice else notes


def check_gradient(
    estimator, X, y, *, sample_weight=None, tolerance=1e-6, random_state=0
):
    """Compare back-propagated with numerical gradients (course 2: gradient checking).

    For each W[l] and b[l], slopes of J along random directions and single entries are
    computed twice: g from the back-propagated gradient, and g~ from values of J by
    central differences. The check computes the course's relative difference of the two,
    ||g - g~|| / (||g|| + ||g~||).

    J is the function that `fit` minimises, with its loss, L2 penalty, weights, smoothed
    labels and dropout, whose masks are held fixed. There are two differences. All
    computations are in float64, because float32 has too few digits for differences. An
    L1 penalty is left out, because the optimiser's step applies it: it is not part of
    the gradient.

    Parameters
    ----------
    estimator : estimator or Pipeline
        A network of this package, or a Pipeline that ends in one. An unfitted network
        is checked at the first weights that `fit` would draw, a fitted one at its
        fitted weights. It is not changed.
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        Rows over which J is computed. Of more than 32 rows, 32 evenly spaced ones are
        used: a wrong gradient is wrong on any rows.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets of the rows.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows.
    tolerance : float, default=1e-6
        The largest relative difference that passes. The course calls 1e-7 great and
        1e-5 a reason to look closer; with 1e-3 something is wrong.
    random_state : int, RandomState instance or None, default=0
        Seed of the random directions and entries.

    Returns
    -------
    GradientCheck
        With `passed`, `relative_difference` and `per_layer`.

    Raises
    ------
    TypeError
        If the estimator is not a network of this package, or `tolerance` is not a
        number.
    ValueError
        If `fit` would reject the input, if `tolerance` is not above 0, or if J is not
        finite.

    Notes
    -----
    Where J has a kink (relu and leaky relu at 0, Huber's and the absolute error) the
    slope jumps, and a difference across the kink does not measure it. Such slopes are
    measured again with other step sizes, and skipped if no step size works. If no slope
    of a W or b is left, or all are 0 (as with init="zeros"), that W or b is compared at
    random weights.

    Examples
    --------
    >>> from sknn_scratch import DeepNetClassifier
    >>> from sknn_scratch.datasets import make_flower
    >>> from sknn_scratch.inspection import check_gradient
    >>> X, y = make_flower()
    >>> check = check_gradient(DeepNetClassifier((5, 3), random_state=1), X, y)
    >>> check.passed
    True
    >>> check.relative_difference < 1e-6
    True
    """
    if not isinstance(tolerance, Real):
        raise TypeError(
            "tolerance must be a number > 0, got "
            f"{type(tolerance).__name__}; 1e-6 is usual."
        )
    if not tolerance > 0:
        raise ValueError(f"tolerance must be > 0, got {tolerance!r}; 1e-6 is usual.")
    network, run = next_run(
        estimator,
        X,
        y,
        sample_weight,
        early_stopping=False,
        shuffle=False,
        batch_size=sys.maxsize,
    )
    cost, rng = Cost(run), check_random_state(random_state)
    parts = [(l, kind) for l in range(1, cost.objective.params.L + 1) for kind in "Wb"]
    if not cost.objective.intercept:
        parts = [part for part in parts if part[1] == "W"]
    checks = {part: check_part(cost, part, tolerance, rng) for part in parts}
    for _ in range(TRIES):
        # no slope was measured, or all are 0, which would hide a fault
        blind = [part for part in parts if not checks[part].relative_difference > 0]
        if blind:
            cost.randomise(rng)
        for part in blind:
            checks[part] = check_part(cost, part, tolerance, rng, elsewhere=True)
    return GradientCheck(
        passed=all(part.passed for part in checks.values()),
        relative_difference=float(
            np.max([part.relative_difference for part in checks.values()])
        ),
        tolerance=tolerance,
        per_layer=[*checks.values()],
        n_rows=cost.n_rows,
        advice=advise(checks, cost.objective, network._by_hand),
    )


class Cost:
    """Cost of at most 32 rows of a run as a function of the parameters, in float64.

    All calls use the same masks of dropout.
    """

    def __init__(self, run):
        X, Y, w = run.batches.first_batch()
        m = len(w)
        index = np.linspace(0, m - 1, min(m, ROWS)).astype(int)
        self._batch = (
            as_columns(as_rows(X)[index].astype(np.float64)),
            Y.T[index].astype(np.float64).T,
            w[index].astype(np.float64),
        )
        self.n_rows = len(index)
        params = Parameters.flat(run.objective.params.n, np.float64)
        params.theta[...] = run.objective.params.theta
        self.objective = run.objective.with_parameters(params, len(index))
        self._rng, self._state = run.start.rng, run.start.rng.get_state()

    def __call__(self):
        """Return J at the current parameters; its gradient is in `objective.grads`."""
        self._rng.set_state(self._state)
        theta = self.objective.params.theta
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            J, _ = self.objective(theta, *self._batch)
        if not np.isfinite(J):
            raise ValueError(
                f"estimator must have a finite cost on X, y, got J={J:g}; scale X, or "
                "begin with smaller weights."
            )
        return J

    def gradient(self, part):
        """Return a copy of dJ/dW[l] or dJ/db[l]."""
        self()
        l, kind = part
        return getattr(self.objective.grads, kind)[l].copy()

    def along(self, part, direction):
        """Return the function t -> J, with W[l] or b[l] moved by t * direction."""
        l, kind = part
        place = getattr(self.objective.params, kind)[l]
        middle = place.copy()

        def moved(t):
            np.multiply(direction, t, out=place)
            place[...] += middle
            J = self()
            place[...] = middle
            return J

        return moved

    def randomise(self, rng):
        """Set random parameters, about as large as the first weights for tanh."""
        params = self.objective.params
        places = [*params.W[1:], *(params.b[1:] if self.objective.intercept else [])]
        for place in places:
            place[...] = 0.5 / np.sqrt(place.shape[1]) * rng.randn(*place.shape)


def check_part(cost, part, tolerance, rng, *, elsewhere=False):
    """Return the LayerCheck of one W[l] or b[l]."""
    gradient, pairs, skipped = cost.gradient(part), [], 0
    for direction in directions(gradient.shape, rng):
        slope = float(np.vdot(gradient, direction))
        measured = slope_of(cost.along(part, direction), slope, tolerance)
        if measured is None:
            skipped += 1
        else:
            pairs.append((slope, measured))
    difference = relative_difference(*np.transpose(pairs)) if pairs else np.nan
    l, kind = part
    return LayerCheck(
        layer=l,
        parameter=kind,
        relative_difference=difference,
        n_entries=len(pairs),
        n_skipped=skipped,
        elsewhere=elsewhere,
        passed=difference <= tolerance,
    )


def directions(shape, rng):
    """Yield random directions of length 1 and single entries; all, if they are few."""
    size = shape[0] * shape[1]
    entries = range(size)
    if size > DIRECTIONS + ENTRIES:
        for _ in range(DIRECTIONS):
            direction = rng.randn(*shape)
            yield direction / np.linalg.norm(direction)
        entries = sample_without_replacement(size, ENTRIES, random_state=rng)
    for entry in entries:
        direction = np.zeros(shape)
        direction.flat[entry] = 1
        yield direction


def slope_of(J, slope, tolerance):
    """Return the slope of J at 0 by central differences, or None if it is unreliable.

    The step sizes are tried in turn. The search ends at the first one that agrees with
    the back-propagated slope, or at the second one that differs by more than the
    estimated error. The error is estimated by differences of third and fourth order,
    which are next to 0 where J is smooth and has enough digits.
    """
    middle, disagreements = J(0), 0
    for h in STEPS:
        above, below = J(h), J(-h)
        measured = (above - below) / (2 * h)
        difference = abs(slope - measured)
        if difference <= tolerance * (abs(slope) + abs(measured)):
            return measured
        above_half, below_half = J(h / 2), J(-h / 2)
        third = measured - (above_half - below_half) / h
        fourth = (above + below - 4 * (above_half + below_half) + 6 * middle) / h
        error = abs(third) + abs(fourth) + 4 * EPS * (1 + abs(middle)) / h
        disagreements += difference > SURE * error
        if disagreements == 2:  # one may be chance: kinks can cancel in the error
            return measured
    return None


def relative_difference(g, measured):
    """Return ||g - g~|| / (||g|| + ||g~||), or 0 if both are 0."""
    size = np.linalg.norm(g) + np.linalg.norm(measured)
    return float(np.linalg.norm(g - measured) / size) if size else 0.0


def advise(checks, objective, by_hand):
    """Return advice where to look for the fault, or None if nothing is wrong."""
    wrong = [part for part, check in checks.items() if not check.passed]
    if not wrong:
        return None
    advice = advice_for(wrong, checks, objective)
    return f"{advice} {by_hand.note}" if by_hand else advice


def advice_for(wrong, checks, objective):
    """Return advice for the wrong layer nearest the output, where the fault begins."""
    l = max(layer for layer, _ in wrong)
    if any(
        np.isnan(checks[part].relative_difference) for part in wrong if part[0] == l
    ):
        return f"In layer {l} nothing could be compared; try other rows or weights."
    kinds = "".join(kind for layer, kind in wrong if layer == l)
    if kinds == "Wb" or not objective.intercept:
        if l == objective.params.L:
            return f"Look first at dZ[{l}], the slope of {name_of(objective.loss)}."
        return (
            f"Look first at dZ[{l}] = W[{l + 1}]^T dZ[{l + 1}] * g'(Z[{l}]), where g "
            f"is {name_of(objective.g[l])}: the layers after it are right."
        )
    return f"Look first at d{kinds}[{l}]: dZ[{l}] must be right, for the other one is."


def name_of(part):
    """Return the name of a loss or of an activation, without its dropout."""
    part = getattr(part, "at_rest", part)
    return getattr(part, "description", type(part).__name__)
