"""A fitted model of a table, or an ensemble, as a program, networks and formulas."""

from typing import NamedTuple

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._engine.losses import CLASSIFICATION, LOSSES
from .._estimators.access import network_of
from .._tabular.base import BaseTabular
from .._version import __version__
from ..preprocessing import ImageFlattener
from ._network import (
    LINKS,
    class_dtype,
    formulas_of,
    limits_of,
    plain_class_names,
)
from ._parts import parts_of, undone
from ._program import Builder, Raw
from ._scaling import SCALES
from ._steps import OPERATIONS, encoded, through_steps


def takes_rows_of_numbers(model):
    """Return True for a network behind scalers only: it takes an array, no table."""
    steps, last, targets = parts_of(model)
    known = all(type(step) in SCALES for _, step in steps)
    return not targets and known and not isinstance(last, BaseTabular)


class Interval(NamedTuple):
    """What `predict_interval` needs for one target; see `Residuals`.

    Attributes
    ----------
    low, high : int
        The outputs that the interval is around.
    members : list of (residuals, weights)
        Sorted residuals of the rows that a member did not see, and the sums of the
        weights of the first 0, 1, 2 ... of them; None where each weight is 1.
    total, one : float
        The weight of all rows, and of one to come.
    """

    low: int
    high: int
    members: list
    total: float
    one: float


class ExportedTable:
    """What the exports of a model that takes a table consist of.

    Parameters
    ----------
    model : estimator
        A fitted TabularNetClassifier, TabularNetRegressor or network; a Pipeline of
        steps of STEPS that ends in one; or a TransformedTargetRegressor of one of them.
    class_names : sequence of str, optional
        Names of the classes; None takes `classes_`.

    Attributes
    ----------
    program : Program
        What is done to a row before the networks.
    members : list of (W, b)
        Parameters of the layers 1 to L of each network; b[l] has shape (n[l],).
    before_link, after_link, after_mean : list of (operation, constants)
        What is done, as by blocks of a program, to the raw outputs and to the outputs
        of each network, and to the mean of these.
    intervals : list of Interval
        For each target; empty where the model predicts no intervals.
    n, dtype, formulas, activations, kind, link, classes, class_dtype, n_outputs, \
one_number, name, made_by
        As those of `Exported`.
    link_dtype : dtype
        The floats in which the model computes its outputs.
    limits : dict
        Constants of the formulas of the link in these.
    one_target : bool
        Whether y was one number a row, so that an interval is two.
    quantiles : list of float or None
        The levels of the outputs of loss="quantile", where there are several.
    """

    def __init__(self, model, class_names=None):
        steps, last, targets = parts_of(model)
        ensemble = isinstance(last, BaseTabular)
        if not ensemble:
            network_of(last, name="model")  # or an error
        check_is_fitted(last)
        networks = last.members_ if ensemble else [last]
        builder, columns = start(steps, last)
        columns = through_steps(builder, steps, columns)
        if ensemble:
            columns = encoded(builder, last.encoder_, columns)
        self._read_networks(networks)
        if not ensemble and self.dtype == np.float32:
            columns = builder.block("float32", builder.numbers(columns))
        self.program = builder.finished(columns)
        self.link_dtype = np.dtype(float) if ensemble else self.dtype
        self._read_target(last, class_names)
        self.before_link, self.after_link, self.after_mean = [], [], []
        if self.quantiles:
            self.after_link.append(("sort", []))
        self.intervals = []
        if ensemble:
            self._read_ensemble(last)
            if self.classes is None and not targets:
                self._read_intervals(last)
        for transformer in reversed(targets):
            self.after_mean += [
                (OPERATIONS[operator], np.resize(constants, self.n_outputs))
                for operator, constants in undone(transformer)
            ]
        self._name(last, ensemble)

    @property
    def activations(self):
        """Return {name: (formula, constants)} of the activations in use."""
        return {name: (formula, k) for name, formula, k in self.formulas}

    def _read_networks(self, networks):
        """Set what the networks have in common, and the layers of each."""
        layers = [network._layers() for network in networks]
        self.dtype = layers[0][0][0].dtype
        self.members = [
            ([np.array(w) for w in W], [np.array(v).ravel() for v in b])
            for W, b in layers
        ]
        if not all(
            np.isfinite(layer).all() for W, b in self.members for layer in (*W, *b)
        ):
            raise ValueError(
                "parameters must be finite to be exported, got NaN or inf."
            )
        W, b = self.members[0]
        self.n = [W[0].shape[1], *map(len, b)]
        self.formulas = formulas_of(networks[0]._activations)

    def _read_target(self, model, class_names):
        """Set what the outputs are, and how they come from raw outputs."""
        target, kind = model._target, model._target.kind
        self.kind = kind if kind in CLASSIFICATION else LOSSES[kind].output
        self.link = LINKS[self.kind]
        self.limits = limits_of(self.link_dtype)
        self.classes = self.class_dtype = self.quantiles = None
        if kind in CLASSIFICATION:
            self.classes = plain_class_names(model.classes_, class_names)
            self.class_dtype = class_dtype(model.classes_, self.classes)
        elif target.several_levels:
            self.quantiles = [*target.quantile]
        self.n_outputs = 2 if self.kind == "binary" else self.n[-1]
        self.one_number = self.n_outputs == 1 and not target.multilabel
        self.one_number &= self.classes is None and not target.shape
        self.one_target = self.classes is None and not target.shape

    def _read_ensemble(self, ensemble):
        """Set what an ensemble does to the outputs of its members, and to the mean."""
        if self.classes is None:
            limits = [np.resize(end, self.n_outputs) for end in ensemble._range]
            self.after_link.insert(0, ("clip", np.concatenate(limits)))
            return
        e = 1 / (ensemble._n_rows + 1)
        values = 2 if self.kind == "multilabel" else self.n_outputs
        self.before_link = [("divide", np.full(self.n[-1], ensemble.temperature_))]
        self.after_mean = [
            ("multiply", np.full(self.n_outputs, 1 - e)),
            ("add", np.full(self.n_outputs, e / values)),
        ]

    def _read_intervals(self, ensemble):
        """Set the intervals of a TabularNetRegressor."""
        for k, residuals in enumerate(ensemble._residuals):
            ends = (0, self.n_outputs - 1) if self.quantiles else (k, k)
            members = [
                (r, None if np.array_equal(w, np.arange(len(w))) else w)
                for r, w in zip(residuals.values, residuals.weights, strict=True)
            ]
            sums = float(residuals.total), float(residuals.one)
            self.intervals.append(Interval(*ends, members, *sums))

    def _name(self, last, ensemble):
        """Set the words of the first comment."""
        units = "-".join(map(str, self.n))
        of = f"of {len(self.members)} networks " if ensemble else ""
        self.name = f"{type(last).__name__} {of}{units}"
        self.made_by = f"sknn_scratch {__version__}"


def start(steps, last):
    """Return a Builder for the columns of X, and the columns, as they are in X."""
    first = next((s for _, s in [*steps, ("", last)] if hasattr(s, "n_features_in_")))
    if isinstance(first, ImageFlattener):
        names = first.get_feature_names_out()
    else:
        unnamed = [f"x{j}" for j in range(first.n_features_in_)]
        names = getattr(first, "feature_names_in_", unnamed)
    names = [str(name) for name in names]
    return Builder(names), [Raw(j) for j in range(len(names))]
