"""Experiments that change one thing: variants of a network, trained side by side."""

import warnings
from difflib import get_close_matches
from functools import partial
from html import escape
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.random import RandomState
from sklearn.base import clone, is_classifier
from sklearn.model_selection import train_test_split
from sklearn.utils import check_consistent_length
from sklearn.utils.multiclass import type_of_target

from .._estimators.access import (
    check_in_reach,
    fit_before_network,
    network_of,
    next_run,
)
from .._estimators.advice import trend
from .._estimators.endings import ending_of
from .._fit.settings import set_parameters
from .._html.tables import html_table, text_table
from .._rows.columns import as_columns, as_rows
from .._training.watch import observe
from ._sampling import n_rows, rows_at

ROWS = 512  # on which gradients are measured, at most
# Times the cost of outputs that are all 0: so high is diverged, too. Steps that are far
# too long make a cost that jumps up at once: its curve begins high and has not "risen".
FAR = 10
HELD_OUT = 0.25  # of the rows, where nobody gives others to validate by


class Comparison:
    """Variants of a network that differ in one parameter; made by `compare`.

    Printed it is its table; `pandas.DataFrame(comparison.table)` makes a data frame.

    Attributes
    ----------
    parameter : str
        What differs.
    values : list
        Its values; all lists below are in their order.
    table : list of dict
        A row for each variant: its value under the name of the parameter, "iterations",
        "cost" (J at the end), "train_score", "validation_score", "seconds" (of
        training), "ended" (see Notes), "diverged" and "warnings" (what `fit` would have
        warned of).
    note : str
        What the variants were validated by.
    estimators_ : list of estimator
        The trained variants.
    cost_curves_ : list of ndarray of shape (n_iter,)
        J of each iteration.
    validation_curves_ : list of ndarray of shape (n_iter,)
        The loss of the rows held out, after each iteration.
    gradient_norms_ : list of ndarray of shape (n_iter, L)
        ||dW[1]||, ..., ||dW[L]|| after each iteration, on at most 512 training rows,
        always the same, and without the masks of dropout.
    figure_ : matplotlib Figure
        Cost, validation loss, gradients layer by layer, time; drawn on first access.

    Notes
    -----
    "ended" says why training ended:

    - "tol": the solver's rule for `tol` was met;
    - "max_iter": all iterations or epochs allowed were done;
    - "validation": the score of the rows held out got no better (early stopping);
    - "max_fun": L-BFGS had used up its evaluations of the cost;
    - "precision": no step lowered the cost any more in this precision;
    - "stopped": an observer or a callback asked for it;
    - "diverged": training did not go down, whatever ended it.

    A variant has diverged where its cost stopped being finite, where its cost curve
    ended well above its first and its lowest cost (1.5 times), or where its last cost
    is more than 10 times that of outputs that are all 0.
    """

    def __init__(self, parameter, values, trained, note):
        self.parameter, self.values, self.note = parameter, list(values), note
        self.table = [
            {parameter: value, **row}
            for value, (_, row, _) in zip(self.values, trained, strict=True)
        ]
        self.estimators_ = [estimator for estimator, _, _ in trained]
        networks = [network_of(estimator) for estimator in self.estimators_]
        self.cost_curves_ = [np.asarray(net.loss_curve_) for net in networks]
        self.validation_curves_ = [
            np.asarray(net.validation_loss_curve_) for net in networks
        ]
        self.gradient_norms_ = [norms for _, _, norms in trained]
        self._figure = None

    @property
    def figure_(self):
        """The four pictures; nothing is shown by itself."""
        if self._figure is None:
            self._figure = _figure(self)
        return self._figure

    @property
    def labels(self):
        """The values as short texts."""
        texts = [
            value if isinstance(value, str) else repr(value) for value in self.values
        ]
        return [text if len(text) <= 28 else f"{text[:25]}..." for text in texts]

    def __repr__(self):
        return "\n".join([text_table(*self._cells()), "", *self._notes()])

    def _repr_html_(self):
        notes = "".join(f"<p>{escape(note)}</p>\n" for note in self._notes())
        return f"{html_table(*self._cells())}\n{notes}"

    def _cells(self):
        shown = ["iterations", "cost", "train_score", "validation_score", "seconds"]
        shown.append("ended")
        heads = [self.parameter, *(name.replace("_", " ") for name in shown)]
        rows = [
            [label, *(row[name] for name in shown)]
            for label, row in zip(self.labels, self.table, strict=True)
        ]
        return heads, rows

    def _notes(self):
        told = [
            f"{self.parameter}={label}: {text}"
            for label, row in zip(self.labels, self.table, strict=True)
            for text in row["warnings"]
        ]
        return [self.note, *told]


def compare(base, X, y, *, sample_weight=None, X_val=None, y_val=None, **parameter):
    """Train variants of a network that differ in one thing.

    Parameters
    ----------
    base : estimator or Pipeline
        A network of this package, or a Pipeline that ends in one. It is not changed:
        the variants are clones of it.
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        Rows to train on.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Their targets.
    sample_weight : array-like of shape (n_samples,), default=None
        Their weights.
    X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
        Rows to validate by; without, a quarter of the rows is held out, always the same
        (each class in its proportion, where a row has one class).
    y_val : array-like of shape (n_val,) or (n_val, n_outputs), default=None
        Their targets.
    **parameter : list
        One parameter of `base` and the values to try, such as
        ``activation=["sigmoid", "relu"]``; in a Pipeline ``net__alpha=[0, 1]``.

    Returns
    -------
    Comparison
        Table, curves, gradients and a figure. A variant that diverges is a row of it,
        and warnings are collected in its rows.

    Raises
    ------
    TypeError
        If there is not exactly one parameter, or it is no list of values.
    ValueError
        If `base` has no such parameter, or a value cannot be used; nothing has been
        trained then.

    Notes
    -----
    All variants have the same `random_state`: that of `base`, or 0 where it is None.
    The rows held out take the place of `validation_fraction` where `base` stops early.
    Each variant is trained as `fit(X, y, X_val=X_val, y_val=y_val)` trains it; the
    gradients are measured beside it and their time is not counted.

    Examples
    --------
    >>> from sknn_scratch import ShallowNetClassifier
    >>> from sknn_scratch.datasets import make_flower
    >>> from sknn_scratch.inspection import compare
    >>> X, y = make_flower()
    >>> net = ShallowNetClassifier(
    ...     4, solver="gd", learning_rate_init=1.2, max_iter=300, tol=0, random_state=0
    ... )
    >>> found = compare(net, X, y, init=["zeros", "xavier"])
    >>> [row["train_score"] > 0.7 for row in found.table]
    [False, True]
    """
    network_of(base)
    name, values = _one_parameter(base, parameter)
    check_in_reach(X)
    if (X_val is None) != (y_val is None):
        raise ValueError("X_val and y_val must come together; give both or neither.")
    if y_val is None:
        rows = split(is_classifier(base), X, y, sample_weight)
    else:
        note = f"validated by {n_rows(y_val)} rows given"
        rows = Rows(X, y, sample_weight, X_val, y_val, note)
    variants = [_variant(base, name, value) for value in values]
    for value, variant in zip(values, variants, strict=True):
        try:
            next_run(variant, *rows[:3])
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name}={value!r} cannot be trained: {error}") from error
    trained = [train_variant(variant, rows) for variant in variants]
    return Comparison(name, values, trained, rows.note)


# -- what is compared ------------------------------------------------------------------


def _one_parameter(base, parameter):
    """The name and the values, or an error that helps."""
    if len(parameter) != 1:
        raise TypeError(
            f"compare varies exactly one parameter, got {len(parameter)}: "
            f"{', '.join(parameter) or 'none'}; give its values as a list, such as "
            "activation=['sigmoid', 'relu'], and set the others in the estimator."
        )
    ((name, values),) = parameter.items()
    known = base.get_params()
    if name not in known:
        near = get_close_matches(name, known, n=3) or sorted(known)
        raise ValueError(
            f"{name} must be a parameter of {type(base).__name__}, got {name!r}; "
            f"there are {', '.join(near)}."
        )
    if not isinstance(values, list | tuple | np.ndarray | range) or not len(values):
        raise TypeError(
            f"{name} must be a list of at least one value, got {values!r}; write "
            f"{name}=[{values!r}]."
        )
    return name, values.tolist() if isinstance(values, np.ndarray) else list(values)


class Rows(NamedTuple):
    """What variants are trained on, and validated by."""

    X: object
    y: object
    sample_weight: object
    X_val: object
    y_val: object
    note: str


def split(classes, X, y, sample_weight=None):
    """Training rows and a quarter to validate by; classes keep their proportions."""
    check_consistent_length(X, y, sample_weight)
    m = n_rows(y)
    one_class = classes and type_of_target(y) in ("binary", "multiclass")
    try:
        parts = train_test_split(
            np.arange(m),
            test_size=HELD_OUT,
            random_state=0,
            stratify=np.asarray(y) if one_class else None,
        )
    except ValueError as error:
        raise ValueError(
            f"X and y must leave a quarter of the rows to validate by: {error} "
            "Give X_val and y_val."
        ) from error
    (X, X_val), (y, y_val) = (
        [rows_at(data, part) for part in parts] for data in (X, y)
    )
    if sample_weight is not None:
        sample_weight = rows_at(sample_weight, parts[0])
    note = f"validated by {len(parts[1])} rows held out of {m}"
    return Rows(X, y, sample_weight, X_val, y_val, note)


def _variant(base, name, value):
    """A clone of base with that value, and a random_state that repeats."""
    variant = clone(base)
    network = network_of(variant)
    set_parameters(network, checkpoint=None)  # is of one training: variants are several
    if network.random_state is None:
        set_parameters(network, random_state=0)
    return variant.set_params(**{name: clone(value, safe=False)})


# -- training --------------------------------------------------------------------------


def train_variant(variant, rows):
    """The variant, trained; its row of the table; its gradients, layer by layer."""
    network, (_, y, sample_weight, _, y_val, _) = network_of(variant), rows
    X, X_val = fit_before_network(variant, rows.X, y, rows.X_val)
    gradients = Gradients(network, X, y, sample_weight)
    told, network.warn = network.warn, True
    try:
        with warnings.catch_warnings(record=True) as caught, observe(gradients):
            warnings.simplefilter("always")
            start = perf_counter()
            network.fit(X, y, sample_weight, X_val=X_val, y_val=y_val)
            seconds = perf_counter() - start - gradients.seconds
    finally:
        network.warn = told
    diverged = _diverged(network, gradients.idle)
    row = {
        "iterations": int(np.max(network.n_iter_)),
        "cost": float(network.loss_),
        "train_score": float(variant.score(rows.X, y)),
        "validation_score": float(variant.score(rows.X_val, y_val)),
        "seconds": seconds,
        "ended": "diverged" if diverged else ending_of(network)[0],
        "diverged": diverged,
        "warnings": [str(warning.message) for warning in caught],
    }
    return variant, row, gradients.by_layer()


def _diverged(network, idle):
    """Whether training did not go down; `idle` is the cost of outputs all 0."""
    risen = network._ending == "diverged" or trend(network.loss_curve_) == "risen"
    return bool(risen or network.loss_ > FAR * idle)


class Gradients:
    """Observes a training: ||dW[l]|| after each epoch, and the seconds it took.

    It has an objective of its own, so that the training it looks at stays as it is.
    """

    def __init__(self, network, X, y, sample_weight):
        self.norms, self.seconds = [], 0.0
        other = {"early_stopping": False, "batch_size": ROWS, "shuffle": True}
        _, run = next_run(network, X, y, sample_weight, **other)
        self.idle = run.cost_of_zeros()
        self._objective = run.objective
        self._objective.g = run.objective.g_at_rest
        X, Y, w = next(iter(run.batches))  # all rows, or shuffled ones
        chosen = np.sort(RandomState(0).permutation(len(w))[:ROWS])
        X, Y, w = as_columns(as_rows(X)[chosen]), Y[:, chosen], w[chosen]
        self._cost = partial(self._objective, X=X, Y=Y, w=w)

    def __call__(self, epoch, max_iter, J, theta):
        start = perf_counter()
        self._cost(theta)
        dW = self._objective.grads.W[1:]
        self.norms.append([float(np.linalg.norm(layer)) for layer in dW])
        self.seconds += perf_counter() - start

    def by_layer(self):
        """The norms as an array of shape (n_iter, L), also where n_iter is 0."""
        return np.reshape(self.norms, (-1, self._objective.params.L))


# -- the figure ------------------------------------------------------------------------


def _figure(found):
    """Cost, validation loss, gradients layer by layer, time."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 7), layout="constrained")
    (cost, validation), (gradients, time) = figure.subplots(2, 2)
    colours = _colours(found.values)
    stayed = [not row["diverged"] for row in found.table]
    _curves(cost, found.cost_curves_, colours, stayed, "cost J")
    _curves(validation, found.validation_curves_, colours, stayed, "validation loss")
    for norms, colour in zip(found.gradient_norms_, colours, strict=True):
        middle = np.median(norms, axis=0) if len(norms) else []
        gradients.plot(np.arange(1, len(middle) + 1), middle, "o-", color=colour)
    _scale_of_norms(gradients)
    seconds = [row["seconds"] for row in found.table]
    bars = time.barh(range(len(seconds)), seconds, color=colours)
    time.bar_label(bars, [f"{value:.2g} s" for value in seconds], padding=3)
    time.set(yticks=range(len(seconds)), yticklabels=found.labels)
    time.set(title="time of training", xlabel="seconds")
    time.margins(x=0.25)
    time.invert_yaxis()
    handles = cost.get_lines()
    figure.legend(
        handles,
        found.labels,
        title=found.parameter,
        loc="outside upper center",
        ncols=min(4, len(handles)),
    )
    return figure


def _colours(values):
    """A colour for each value; numbers in order have colours in order."""
    from matplotlib import colormaps

    numbers = all(
        isinstance(value, int | float) and not isinstance(value, bool)
        for value in values
    )
    if numbers and len(values) > 2:
        return list(colormaps["viridis"](np.linspace(0, 0.88, len(values))))
    return list(colormaps["tab10"](np.arange(len(values)) % 10))


def _curves(ax, curves, colours, stayed, title):
    """All curves; those that diverged may leave the picture, others have the room."""
    ax.set(title=title, xlabel="iteration or epoch")
    for curve, colour in zip(curves, colours, strict=True):
        ax.plot(np.arange(1, len(curve) + 1), curve, color=colour)
    pairs = zip(curves, stayed, strict=True)
    seen = np.concatenate([np.empty(0), *(curve for curve, stays in pairs if stays)])
    if len(seen) and not all(stayed):
        lowest, highest = seen.min(), seen.max()
        edge = 0.05 * (highest - lowest) or 0.1 * abs(highest)
        ax.set_ylim(lowest - edge, highest + 4 * edge)


def _scale_of_norms(ax):
    """A logarithmic scale that has a place for 0."""
    from matplotlib.ticker import MaxNLocator

    ax.set(
        title="gradients, median over training", xlabel="layer l", ylabel="||dW[l]||"
    )
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    norms = np.concatenate([line.get_ydata() for line in ax.get_lines()])
    positive = norms[np.isfinite(norms) & (norms > 0)]
    if len(positive):
        ax.set_yscale("symlog", linthresh=positive.min())
