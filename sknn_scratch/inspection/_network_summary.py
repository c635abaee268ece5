"""The summary of a network: its layers, their shapes, and the memory they need."""

from html import escape

from .._html.diagram import count, diagram
from .._html.tables import html_table, text_table


class Summary:
    """Layers, shapes and parameters of a network, as returned by `summary`.

    It prints as a table.

    Attributes
    ----------
    name : str
        Class of the network.
    fitted : bool
        Whether the network is fitted.
    steps : list of str
        Names of the Pipeline's steps before the network, in order.
    layers : tuple
        A record for each layer 1 to L, with `l`, `units` (n[l]), `inputs` (n[l-1]), the
        shapes `W` and `b`, `n_parameters`, `activation` and `dropout`. Values that
        depend on data are None before they are known.
    out_activation : str or None
        Activation of the output layer.
    loss : str or None
        Name of the loss that `fit` minimises.
    dtype : dtype or None
        Dtype of the parameters.
    n_parameters : int or None
        Number of entries of all W and b.
    n_bytes : int or None
        Bytes of all W and b.
    """

    def __init__(self, name, layout, *, fitted, steps=()):
        self.name, self.fitted, self.steps = name, fitted, list(steps)
        self.layers, self.loss, self.dtype = layout
        self.out_activation = self.layers[-1].activation
        counts = [layer.n_parameters for layer in self.layers]
        self.n_parameters = None if None in counts else sum(counts)
        known = self.dtype is not None and self.n_parameters is not None
        self.n_bytes = self.n_parameters * self.dtype.itemsize if known else None
        self._layout = layout

    def __repr__(self):
        return "\n".join(
            [self._head(), "", text_table(*self._table()), "", self._foot()]
        )

    def _repr_html_(self):
        return "\n".join(
            [
                f"<p>{escape(self._head())}</p>",
                html_table(*self._table()),
                f"<p>{escape(self._foot())}</p>",
                diagram(self._layout, self.name),
            ]
        )

    def _head(self):
        state = "fitted" if self.fitted else "not fitted"
        after = f"; steps before it: {', '.join(self.steps)}" if self.steps else ""
        return f"{self.name} ({state}){after}"

    def _table(self):
        heads = ["layer", "units", "activation", "dropout", "W", "b", "parameters"]
        n_x = self._layout.n[0]
        rows = [["0 input", n_x or "n_x", None, None, None, None, None]]
        rows += [self._row(layer) for layer in self.layers]
        if not any(layer.dropout for layer in self.layers):
            heads, *rows = ([*row[:3], *row[4:]] for row in [heads, *rows])
        return heads, rows

    def _row(self, layer):
        kind = "output" if layer is self.layers[-1] else "hidden"
        units, inputs = count(layer.units, "n_y"), count(layer.inputs, "n_x")
        return [
            f"{layer.l} {kind}",
            layer.units or "n_y",
            layer.activation or "?",
            f"{layer.dropout:g}" if layer.dropout else "",
            f"({units}, {inputs})",
            f"({units}, 1)",
            layer.n_parameters or "?",
        ]

    def _foot(self):
        size = f"{count(self.n_parameters, '?')} parameters"
        if self.n_bytes is not None:
            size += f", {self.n_bytes} bytes ({self.dtype})"
        return f"{size}; loss: {self.loss or '?'}"
