"""The summary of an ensemble: the columns of its table, and one of its members."""

from collections import Counter
from html import escape
from typing import NamedTuple

import numpy as np

from .._estimators.access import before_network, is_fitted, last_step, steps_before
from .._estimators.layout import known_layout, layout_of
from .._fit.inputs import valid_targets
from .._html.tables import html_table, text_table
from .._tabular.rows import TableRows
from ._network_summary import Summary

COLUMNS = 20  # that are printed; others are counted


class TableColumn(NamedTuple):
    """A column of a table, and how many numbers the encoder makes of it."""

    name: str
    kind: str
    n_outputs: int


class TabularSummary:
    """Columns, layers and parameters of an ensemble, as returned by `summary`.

    It prints as tables.

    Attributes
    ----------
    name : str
        Class of the ensemble.
    fitted : bool
        Whether the ensemble is fitted.
    steps : list of str
        Names of the Pipeline's steps before the ensemble, in order.
    n_members : int or None
        Networks of the ensemble; before fit those that it is to have, None where the
        number of rows decides and is not known.
    columns : tuple or None
        A record for each column of the table, with `name`, `kind` ("numeric",
        "category" or "time") and `n_outputs`, the numbers that the encoder makes of it:
        0 for one that is left out. None before the table is known.
    member : Summary
        The layers of one member.
    n_parameters : int or None
        Number of entries of all W and b of all members.
    n_bytes : int or None
        Their bytes.
    temperature : float or None
        The temperature of the probabilities of a fitted classifier.
    oof_score : float or None
        Score of the out-of-fold predictions, once fitted: accuracy of classes, R^2 of
        numbers, D^2 of quantiles.
    """

    def __init__(self, ensemble, member, columns, *, fitted, n_members, steps=()):
        self.name, self.fitted, self.steps = type(ensemble).__name__, fitted, [*steps]
        self.member, self.columns = member, columns
        self.n_members = n_members
        size = member.n_parameters, member.n_bytes
        self.n_parameters, self.n_bytes = (
            n and n_members and n_members * n for n in size
        )
        self.temperature = getattr(ensemble, "temperature_", None)
        self.oof_score = getattr(ensemble, "oof_score_", None)

    def __repr__(self):
        parts = [self._head()]
        if self.columns is not None:
            lines = [text_table(*self._table()), *self._rest()]
            parts += ["\n".join(lines), self._count()]
        return "\n\n".join([*parts, f"Each member: {self.member!r}", self._foot()])

    def _repr_html_(self):
        parts = [f"<p>{escape(self._head())}</p>"]
        if self.columns is not None:
            words = "<br>\n".join(map(escape, [*self._rest(), self._count()]))
            parts += [html_table(*self._table()), f"<p>{words}</p>"]
        parts += ["<p>Each member:</p>", self.member._repr_html_()]
        return "\n".join([*parts, f"<p>{escape(self._foot())}</p>"])

    def _head(self):
        state = "fitted" if self.fitted else "not fitted"
        after = f"; steps before it: {', '.join(self.steps)}" if self.steps else ""
        return f"{self.name} ({state}, {self._members()}){after}"

    def _members(self):
        number = "several" if self.n_members is None else self.n_members
        return f"{number} member{'s' if number != 1 else ''}"

    def _table(self):
        return ["column", "kind", "outputs"], [[*c] for c in self.columns[:COLUMNS]]

    def _rest(self):
        """Return a line on the columns that are not in the table, in a list."""
        rest = self.columns[COLUMNS:]
        return [f"and another {_by_kind(rest)}"] if rest else []

    def _count(self):
        total = sum(column.n_outputs for column in self.columns)
        return f"{_by_kind(self.columns)}; {total} outputs"

    def _foot(self):
        size = f"{self.n_parameters or '?'} parameters"
        if self.n_bytes is not None:
            size += f", {self.n_bytes} bytes"
        text = f"{self._members()}: {size}"
        if self.temperature is not None:
            text += f"; temperature {self.temperature:.3g}"
        if self.oof_score is not None:
            text += f"; score out of fold {self.oof_score:.3g}"
        return text


def _by_kind(columns):
    """Return a text such as "3 columns (2 numeric, 1 category)"."""
    kinds = Counter(column.kind for column in columns)
    words = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    return f"{len(columns)} column{'s' if len(columns) != 1 else ''} ({words})"


def summary_of_ensemble(estimator, X=None, y=None):
    """Return the `TabularSummary` of an ensemble, or of a Pipeline that ends in one.

    X and y are what `summary` is given.
    """
    ensemble, fitted = last_step(estimator), is_fitted(estimator)
    if not fitted:
        ensemble._validate_params()
    member, encoder, n_members = ensemble._one_member(), None, None
    layout = layout_of(member)
    if fitted:
        encoder, n_members = ensemble.encoder_, len(ensemble.members_)
    elif ensemble.n_members != "auto":
        n_members = ensemble.n_members
    if not fitted and X is not None:
        n_members = ensemble._members_for(X.shape[0] if hasattr(X, "shape") else len(X))
        encoder = ensemble._encoder().fit(before_network(estimator, X, y))
        layout = layout.on(TableRows(encoder, []).shape[1])
        if y is not None:
            target, _ = ensemble._learn(valid_targets(ensemble, X, y), None)
            layout = _layout_for(target, member, layout)
    steps = [name for name, _ in steps_before(estimator, idle=True)]
    return TabularSummary(
        ensemble,
        Summary(type(member).__name__, layout, fitted=fitted),
        None if encoder is None else tuple(_columns(encoder)),
        fitted=fitted,
        n_members=n_members,
        steps=steps,
    )


def _layout_for(target, member, layout):
    """Return the layers of a member that learns such targets."""
    activations = [(layer.activation, {}) for layer in layout.layers[:-1]]
    n = (*layout.n[:-1], target.n_outputs)
    dtype = np.dtype(member._published_dtype or np.float32)
    return known_layout(member, n, dtype, activations, target.kind)


def _columns(encoder):
    for column in encoder.columns_:
        outputs = encoder.output_slices_[column.name]
        yield TableColumn(column.name, column.kind, outputs.stop - outputs.start)
