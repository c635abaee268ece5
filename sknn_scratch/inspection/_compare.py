"""`compare`: train variants of a network that differ in one parameter."""

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
from .._estimators.convergence import course_of
from .._fit.settings import set_parameters
from .._html.tables import html_table, text_table
from .._rows.columns import as_columns, as_rows
from .._training.watch import observe
from ._sampling import n_rows, rows_at

ROWS = 512  # at most, for the measured gradients
HELD_OUT = 0.25  # share of the rows, if no validation rows are given


class Comparison:
    """Variants of a network that differ in one parameter, as returned by `compare`.

    It prints as its table; `pandas.DataFrame(comparison.table)` makes a data frame.

    Attributes
    ----------
    parameter : str
        Name of the parameter that differs.
    values : list
        Its values. All lists below are in this order.
    table : list of dict
        One row per variant: its value under the name of the parameter, "iterations",
        "cost" (the last J), "train_score", "validation_score", "seconds" (of training),
        "ended" (see Notes), "diverged" and "warnings" (those that `fit` would have
        given).
    note : str
        Text about the validation rows.
    estimators_ : list of estimator
        The trained variants.
    cost_curves_ : list of ndarray of shape (n_iter,)
        J of each iteration.
    validation_curves_ : list of ndarray of shape (n_iter,)
        Loss of the held-out rows after each iteration.
    gradient_norms_ : list of ndarray of shape (n_iter, L)
        ||dW[1]||, ..., ||dW[L]|| after each iteration, on at most 512 training rows
        (the same in all iterations) and without dropout.
    figure_ : matplotlib Figure
        Cost, validation loss, gradients by layer, and time; drawn on first access.

    Notes
    -----
    "ended" is the reason for the end of training:

    - "tol": the solver's criterion for `tol` was met;
    - "max_iter": all iterations or epochs were done;
    - "validation": the score of the held-out rows did not improve (early stopping);
    - "max_fun": L-BFGS reached its limit of evaluations of the cost;
    - "no minimum": nothing is penalised, and the cost of Newton's method fell to 0;
    - "precision": no step lowered the cost any more in this precision;
    - "stopped": an observer or a callback stopped it;
    - "diverged": the cost diverged, whatever ended training.

    A variant has diverged if its cost stopped being finite, if its cost curve ended
    well above its first cost (1.5 times), or if its last cost is more than 100 times
    that of outputs that are all 0 and does not go down.
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
        """Return the figure, drawn on first access; it is not shown."""
        if self._figure is None:
            self._figure = _figure(self)
        return self._figure

    @property
    def labels(self):
        """Return the values as short texts."""
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
        texts = [
            f"{self.parameter}={label}: {text}"
            for label, row in zip(self.labels, self.table, strict=True)
            for text in row["warnings"]
        ]
        return [self.note, *texts]


def compare(base, X, y, *, sample_weight=None, X_val=None, y_val=None, **parameter):
    """Train variants of a network that differ in one parameter.

    Parameters
    ----------
    base : estimator or Pipeline
        A network of this package, or a Pipeline that ends in one. The variants are
        clones of it; it is not changed.
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        Training rows.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets of the training rows.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the training rows.
    X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
        Validation rows. If None, the same quarter of the rows is held out in each call
        (stratified by class if each row has one class).
    y_val : array-like of shape (n_val,) or (n_val, n_outputs), default=None
        Targets of the validation rows.
    **parameter : list
        One parameter of `base` and a list of its values, such as
        ``activation=["sigmoid", "relu"]``; in a Pipeline ``net__alpha=[0, 1]``.

    Returns
    -------
    Comparison
        Table, curves, gradients and a figure. A variant that diverges has a row, too.
        Warnings are collected in the rows.

    Raises
    ------
    TypeError
        If there is not exactly one parameter, or its values are not a list.
    ValueError
        If `base` has no such parameter, or a value is invalid. In both cases nothing is
        trained.

    Notes
    -----
    All variants have the same `random_state`: that of `base`, or 0 if it is None. With
    early stopping, the held-out rows replace `validation_fraction`. Each variant is
    trained by `fit(X, y, X_val=X_val, y_val=y_val)`. The time to measure gradients is
    not counted.

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
        rows = Split(X, y, sample_weight, X_val, y_val, note)
    variants = [_variant(base, name, value) for value in values]
    for value, variant in zip(values, variants, strict=True):
        try:
            next_run(variant, *rows[:3])
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name}={value!r} cannot be trained: {error}") from error
    trained = [train_variant(variant, rows) for variant in variants]
    return Comparison(name, values, trained, rows.note)


# -- variants and rows -----------------------------------------------------------------


def _one_parameter(base, parameter):
    """Return name and values of the parameter; raise if there is not exactly one."""
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


class Split(NamedTuple):
    """Training and validation rows of the variants."""

    X: object
    y: object
    sample_weight: object
    X_val: object
    y_val: object
    note: str


def split(classes, X, y, sample_weight=None):
    """Split off a quarter of the rows for validation, stratified for classes."""
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
    return Split(X, y, sample_weight, X_val, y_val, note)


def _variant(base, name, value):
    """Return a clone of base with the value, and with a fixed random_state."""
    variant = clone(base)
    network = network_of(variant)
    set_parameters(network, checkpoint=None)  # a file is of one training
    if network.random_state is None:
        set_parameters(network, random_state=0)
    return variant.set_params(**{name: clone(value, safe=False)})


# -- training --------------------------------------------------------------------------


def train_variant(variant, rows):
    """Train the variant; return it, its row of the table and its gradient norms."""
    network, (_, y, sample_weight, _, y_val, _) = network_of(variant), rows
    X, X_val = fit_before_network(variant, rows.X, y, rows.X_val)
    gradients = Gradients(network, X, y, sample_weight)
    warn, network.warn = network.warn, True
    try:
        with warnings.catch_warnings(record=True) as caught, observe(gradients):
            warnings.simplefilter("always")
            start = perf_counter()
            network.fit(X, y, sample_weight, X_val=X_val, y_val=y_val)
            seconds = perf_counter() - start - gradients.seconds
    finally:
        network.warn = warn
    course = course_of(network, gradients.solver, gradients.baseline)
    row = {
        "iterations": int(np.max(network.n_iter_)),
        "cost": float(network.loss_),
        "train_score": float(variant.score(rows.X, y)),
        "validation_score": float(variant.score(rows.X_val, y_val)),
        "seconds": seconds,
        "ended": course.word,
        "diverged": course.diverged,
        "warnings": [str(warning.message) for warning in caught],
    }
    return variant, row, gradients.by_layer()


class Gradients:
    """Observer of a training that records ||dW[l]|| after each epoch.

    It has a separate objective, so that it does not change the training. `seconds` is
    the time that it has taken.
    """

    def __init__(self, network, X, y, sample_weight):
        self.norms, self.seconds = [], 0.0
        other = {"early_stopping": False, "batch_size": ROWS, "shuffle": True}
        _, run = next_run(network, X, y, sample_weight, **other)
        self.solver, self.baseline = run.solver, run.baseline()
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
        """Return the norms as an array of shape (n_iter, L), also if n_iter is 0."""
        return np.reshape(self.norms, (-1, self._objective.params.L))


# -- the figure ------------------------------------------------------------------------


def _figure(found):
    """Draw cost, validation loss, gradients by layer and time."""
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
    """Return a colour for each value; numbers get an ordered colour map."""
    from matplotlib import colormaps

    numbers = all(
        isinstance(value, int | float) and not isinstance(value, bool)
        for value in values
    )
    if numbers and len(values) > 2:
        return list(colormaps["viridis"](np.linspace(0, 0.88, len(values))))
    return list(colormaps["tab10"](np.arange(len(values)) % 10))


def _curves(ax, curves, colours, stayed, title):
    """Draw all curves; the limits of the y-axis are those of the converged ones."""
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
    """Set a logarithmic scale that also shows 0."""
    from matplotlib.ticker import MaxNLocator

    ax.set(
        title="gradients, median over training", xlabel="layer l", ylabel="||dW[l]||"
    )
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    norms = np.concatenate([line.get_ydata() for line in ax.get_lines()])
    positive = norms[np.isfinite(norms) & (norms > 0)]
    if len(positive):
        ax.set_yscale("symlog", linthresh=positive.min())
