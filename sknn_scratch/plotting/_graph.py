"""Display of the course's computation graph, with numbers at its edges."""

from collections import Counter
from typing import NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.validation import check_is_fitted

from .._engine.activations import Logistic
from .._estimators.access import network_of, next_run
from .._fit.settings import parameters_of
from .._rows.columns import as_rows
from .._training.record import record_calls
from ._axes import import_matplotlib, new_axes

MOST_UNITS = 6  # in the widest layer, input included, of a graph drawn unit by unit

SPACING = (2.3, 1.15)  # inches between columns and between rows


class Node(NamedTuple):
    """Label of a node, and the texts above and below it."""

    label: str
    value: str | None = None
    slope: str | None = None


class Edge(NamedTuple):
    """Names of the two nodes of an edge, and the texts above and below it."""

    tail: str
    head: str | None
    value: str | None = None
    slope: str | None = None


class ComputationGraphDisplay:
    """A computation graph with values (forward) and derivatives (backward).

    Values are written above the edges, derivatives of the last node below them in
    another colour (course, week 2: Computation Graph). `from_estimator` draws the graph
    of a network for one example. Any other graph can be drawn from its nodes and edges.

    Parameters
    ----------
    nodes : dict
        Name of a node -> its label; or a tuple of its label and the texts above and
        below the node, each a str or None.
    edges : sequence of tuple
        (tail, head), (tail, head, value) or (tail, head, value, slope): names of two
        nodes, and the texts above and below the edge, each a str or None. The edge from
        the last node to the result has the head None.
    positions : dict, default=None
        Name of a node -> (column, row), rows counted downwards. None places each node
        to the left of the nodes that use it.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the graph.
    figure_ : matplotlib Figure
        The figure of `ax_`.
    nodes_ : dict
        Name of a node -> its matplotlib Text.
    values_ : list of matplotlib Text
        Texts above nodes and edges.
    slopes_ : list of matplotlib Text
        Texts below nodes and edges.

    Examples
    --------
    J = 3 (a + b c) at a = 5, b = 3, c = 2:

    >>> import matplotlib.pyplot as plt
    >>> from sknn_scratch.plotting import ComputationGraphDisplay
    >>> display = ComputationGraphDisplay(
    ...     nodes={"a": "a", "b": "b", "c": "c", "u": "u = bc", "v": "v = a + u",
    ...            "J": "J = 3v"},
    ...     edges=[
    ...         ("a", "v", "a = 5", "da = 3"),
    ...         ("b", "u", "b = 3", "db = 6"),
    ...         ("c", "u", "c = 2", "dc = 9"),
    ...         ("u", "v", "u = 6", "du = 3"),
    ...         ("v", "J", "v = 11", "dv = 3"),
    ...         ("J", None, "J = 33"),
    ...     ],
    ... ).plot()
    >>> [text.get_text() for text in display.slopes_]
    ['da = 3', 'db = 6', 'dc = 9', 'du = 3', 'dv = 3']
    >>> plt.close(display.figure_)
    """

    def __init__(self, *, nodes, edges, positions=None):
        self.nodes = nodes
        self.edges = edges
        self.positions = positions

    @classmethod
    def from_estimator(cls, estimator, x, y, *, ax=None):
        """Draw the graph of a fitted network for one example.

        The numbers come from the network's forward and backward propagation. L is the
        loss of the example, without penalty and without dropout; dw is the derivative
        of L with respect to w.

        A logistic regression with few features is drawn as in the course. A small
        network is drawn unit by unit: a is written above each unit and dz, which equals
        db, below it; w and dw are written along the edges if there are few. A larger
        network is drawn layer by layer; |dW| is the Euclidean norm of dW.

        Parameters
        ----------
        estimator : estimator or Pipeline
            A fitted network of this package, or a Pipeline that ends in one.
        x : array-like of shape (1, n_features) or (n_features,)
            One example; for a Pipeline that takes images, of shape (1, h, w, ...).
        y : object
            Target of the example, as in `fit`: its class or number, or an array of one
            row.
        ax : matplotlib Axes, default=None
            Axes to draw into; None creates a figure.

        Returns
        -------
        ComputationGraphDisplay
            The display, with its artists.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If the estimator is not a network of this package.
        ValueError
            If `x` is not one example, or `y` is not one target.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from sknn_scratch import LogisticRegressionScratch
        >>> from sknn_scratch.plotting import ComputationGraphDisplay
        >>> X, y = [[0.0, 1.0], [1.0, 3.0], [2.0, 0.0]], [0, 1, 0]
        >>> model = LogisticRegressionScratch().fit(X, y)
        >>> display = ComputationGraphDisplay.from_estimator(model, X[1], y[1])
        >>> list(display.nodes)
        ['x1', 'w1', 'x2', 'w2', 'b', 'z', 'a', 'y', 'L']
        >>> plt.close(display.figure_)
        """
        import_matplotlib(f"{cls.__name__}.from_estimator")
        network = network_of(estimator)
        check_is_fitted(network)
        example = _propagate(estimator, network, _as_row("x", x), _as_row("y", y))
        n = example.params.n
        logistic = example.params.L == n[-1] == 1 and example.link == "logistic"
        if max(n) > MOST_UNITS:
            graph_of = _of_layers
        else:
            graph_of = _of_logistic_regression if logistic else _of_units
        nodes, edges, positions = graph_of(example)
        return cls(nodes=nodes, edges=edges, positions=positions).plot(ax)

    def plot(self, ax=None, *, value_color="tab:blue", slope_color="tab:red"):
        """Draw the graph.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw into; None creates a figure.
        value_color, slope_color : color, default="tab:blue" and "tab:red"
            Colours of the texts above and below.

        Returns
        -------
        self
            The display, with its artists.

        Raises
        ------
        ValueError
            If an edge names an unknown node, or the edges form a cycle.
        """
        import_matplotlib(f"{type(self).__name__}.plot")
        nodes = {
            name: Node(node) if isinstance(node, str) else Node(*node)
            for name, node in self.nodes.items()
        }
        edges = [Edge(*edge) for edge in self.edges]
        _check_names(nodes, edges)
        places = _positions(nodes, edges) if self.positions is None else self.positions
        x, y = np.array([places[name] for name in nodes], float).T
        if ax is None:
            columns, rows = np.ptp(x) + 1.4, np.ptp(y) + 1.2
            ax = new_axes(figsize=(columns * SPACING[0], rows * SPACING[1]))
            ax.figure.subplots_adjust(0, 0, 1, 1)
        self.ax_, self.figure_ = ax, ax.figure
        self.nodes_, self.values_, self.slopes_ = {}, [], []
        self._colors = value_color, slope_color
        ax.set_axis_off()
        ax.set_xlim(x.min() - 0.5, x.max() + 0.9)
        ax.set_ylim(y.max() + 0.6, y.min() - 0.6)  # rows are counted downwards
        for name, node in nodes.items():
            self._draw_node(name, node, places[name])
        degree = Counter(e.tail for e in edges), Counter(e.head for e in edges)
        for edge in edges:
            fan_out, fan_in = degree[0][edge.tail], degree[1][edge.head]
            self._draw_edge(edge, places, _label_fraction(fan_out, fan_in))
        return self

    def _draw_node(self, name, node, place):
        self.nodes_[name] = self.ax_.text(
            *place,
            node.label,
            ha="center",
            va="center",
            zorder=3,
            bbox={"boxstyle": "round,pad=0.4", "fc": "white", "ec": "0.3"},
        )
        self._write(node, place, 21)

    def _draw_edge(self, edge, places, part):
        """Draw an arrow from box to box; write its numbers at the fraction `part`."""
        tail, head = self.nodes_[edge.tail], self.nodes_.get(edge.head)
        start = np.array(places[edge.tail], float)
        end = start + [0.8, 0] if head is None else np.array(places[edge.head], float)
        self.ax_.annotate(
            "",
            end,
            start,
            arrowprops={
                "arrowstyle": "-|>",
                "color": "0.5",
                "patchA": tail.get_bbox_patch(),
                "patchB": head and head.get_bbox_patch(),
                "shrinkA": 0,
                "shrinkB": 0,
            },
        )
        # `part` is a fraction of the visible length, between the boxes
        inverse = self.ax_.transData.inverted()
        first = inverse.transform(tail.get_window_extent())[1, 0]
        last = inverse.transform(head.get_window_extent())[0, 0] if head else end[0]
        x = first + part * (last - first)
        place = start + (x - start[0]) / (end[0] - start[0]) * (end - start)
        self._write(edge, place, 7, end - start)

    def _write(self, numbers, place, distance, direction=(1, 0)):
        """Write the value above a place and the slope below, `distance` points away."""
        # the y axis points down: take the angle of an edge in display coordinates
        on_paper = self.ax_.transData.transform([(0, 0), direction])
        angle = np.degrees(np.arctan2(*(on_paper[1] - on_paper[0])[::-1]))
        away = np.array([-np.sin(np.radians(angle)), np.cos(np.radians(angle))])
        for text, artists, color, sign in (
            (numbers.value, self.values_, self._colors[0], 1),
            (numbers.slope, self.slopes_, self._colors[1], -1),
        ):
            if text is None:
                continue
            artists.append(
                self.ax_.annotate(
                    text,
                    place,
                    sign * distance * away,
                    textcoords="offset points",
                    color=color,
                    ha="center",
                    va="center",
                    fontsize="small",
                    rotation=angle,
                    rotation_mode="anchor",
                    zorder=4,
                    bbox={"boxstyle": "round,pad=0.1", "fc": "white", "ec": "none"},
                )
            )


def _check_names(nodes, edges):
    for tail, head, *_ in edges:
        for name in (tail, head):
            if name is not None and name not in nodes:
                raise ValueError(
                    f"edges must join the nodes {list(nodes)}, got {name!r}."
                )


def _label_fraction(fan_out, fan_in):
    """Return the fraction of its length where an edge is clear of its neighbours."""
    if fan_out == fan_in == 1:
        return 0.5
    return 0.7 if fan_out >= fan_in else 0.3


def _positions(nodes, edges):
    """Return {name: (column, row)}, each node to the left of the nodes that use it."""
    heads = {name: [e.head for e in edges if e.tail == name] for name in nodes}
    column = dict.fromkeys(nodes, 0)
    for _ in nodes:  # longest paths: they have at most as many nodes
        for tail in nodes:
            for head in filter(None, heads[tail]):
                column[head] = max(column[head], column[tail] + 1)
    if max(column.values()) >= len(nodes):
        raise ValueError("edges must not run in a circle, got some that do.")
    used = {e.head for e in edges}
    for name in nodes:
        after = [column[head] for head in heads[name] if head is not None]
        if name not in used and after:
            column[name] = min(after) - 1
    stacks = {}
    for name in nodes:
        stacks.setdefault(column[name], []).append(name)
    return {
        name: (at, row - (len(stack) - 1) / 2)
        for at, stack in stacks.items()
        for row, name in enumerate(stack)
    }


# -- the graph of a network ------------------------------------------------------------


class _Example(NamedTuple):
    """Propagation of one example; lists are indexed from 1, as in the course."""

    params: object
    grads: object
    link: str
    names: list  # of the activations
    A: list  # A[0] is x; the last one is the prediction
    Z: list
    dZ: list
    Y: np.ndarray
    J: float


def _propagate(estimator, network, x, y):
    """Run one example through the objective of the network's next fit."""
    plain = {"early_stopping": False, "standardize": False, "l1_ratio": 0.0}
    plain["standardize_target"] = False
    plain |= {"dropout": 0.0, "label_smoothing": 0.0, "alpha": 0.0, "C": np.inf}
    known = parameters_of(network)
    changed = {name: value for name, value in plain.items() if name in known}
    _, run = next_run(estimator, x, y, **changed)
    objective, link = run.objective, run.objective.loss.output
    X, Y, w = run.batches.first_batch()
    recorded, layers = record_calls(objective), range(1, objective.params.L + 1)
    J, _ = objective(objective.params.theta, X, Y, w)
    x = as_rows(X)
    return _Example(
        params=objective.params,
        grads=objective.grads,
        link=link,
        names=[None, *(name for name, _ in network._activations), link],
        A=[(x.toarray() if issparse(x) else x).T, *(recorded[f"A{l}"] for l in layers)],
        Z=[None, *(recorded[f"Z{l}"] for l in layers)],
        dZ=[None, *(recorded[f"dZ{l}"] for l in layers)],
        Y=Y,
        J=J,
    )


def _as_row(name, given):
    """Return one example as a single row; what has a shape already keeps its type."""
    rows = given if hasattr(given, "shape") else np.asarray(given)
    most = 1 if name == "x" else 0  # dimensions of an example without the axis of rows
    if len(rows.shape) <= most:
        rows = np.reshape(rows, (1, *rows.shape))
    if rows.shape[0] != 1:
        raise ValueError(
            f"{name} must be one example, got shape {tuple(rows.shape)}; give one row, "
            f"such as {'X' if name == 'x' else 'y'}[:1]."
        )
    return rows


def _number(value):
    return f"{float(value):.3g}"


def _equation(name, value):
    return f"{name} = {_number(value)}"


def _of_logistic_regression(example):
    """Return the graph x, w, b -> z = w^T x + b -> a = sigmoid(z) -> L(a, y)."""
    W, dW = example.params.W[1][0], example.grads.W[1][0]
    a, dz = example.A[1].item(), example.dZ[1].item()
    nodes, edges = {}, []
    features = example.A[0][:, 0]
    for i, (x, w, dw) in enumerate(zip(features, W, dW, strict=True), start=1):
        nodes |= {f"x{i}": f"$x_{i}$", f"w{i}": f"$w_{i}$"}
        edges.append((f"x{i}", "z", _number(x)))
        edges.append((f"w{i}", "z", _number(w), _equation(f"dw{i}", dw)))
    b, db = example.params.b[1], example.grads.b[1]
    nodes |= {"b": "$b$", "z": "$z = w^T x + b$", "a": r"$a = \sigma(z)$"}
    nodes |= {"y": "$y$", "L": r"$\mathcal{L}(a, y)$"}
    # the engine goes from L to dz in one step: da = dz / g'(z)
    slope = np.ones((1, 1))
    Logistic().chain(np.array([[float(a)]]), slope)
    da = _equation("da", dz / slope.item()) if slope.item() else None
    edges += [
        ("b", "z", _number(b.item()), _equation("db", db.item())),
        ("z", "a", _equation("z", example.Z[1].item()), _equation("dz", dz)),
        ("a", "L", _equation("a", a), da),
        ("y", "L", _number(example.Y.item())),
        ("L", None, _equation("L", example.J)),
    ]
    return nodes, edges, None


def _of_units(example):
    """Return the graph of all units: a above, dz below; w and dw along the edges."""
    nodes, edges = {}, []
    for i, x in enumerate(example.A[0][:, 0], start=1):
        nodes[f"a0_{i}"] = (f"$x_{i}$", _number(x))
    for l in range(1, example.params.L + 1):
        W, dW = example.params.W[l], example.grads.W[l]
        for k in range(len(W)):
            nodes[f"a{l}_{k + 1}"] = (
                f"$a^{{[{l}]}}_{k + 1}$",
                _equation("a", example.A[l][k, 0]),
                _equation("dz", example.dZ[l][k, 0]),
            )
        readable = min(W.shape) <= 2 and W.size <= 8  # else numbers overlap
        for k, i in np.ndindex(W.shape):
            numbers = (_number(W[k, i]), _number(dW[k, i])) if readable else ()
            edges.append((f"a{l - 1}_{i + 1}", f"a{l}_{k + 1}", *numbers))
    nodes["L"] = r"$\mathcal{L}(a, y)$"
    for k, y in enumerate(example.Y[:, 0], start=1):
        nodes[f"y{k}"] = f"$y_{k}$" if len(example.Y) > 1 else "$y$"
        edges += [(f"a{example.params.L}_{k}", "L"), (f"y{k}", "L", _number(y))]
    edges.append(("L", None, _equation("L", example.J)))
    return nodes, edges, None


def _of_layers(example):
    """Return the graph x -> Z[1] -> A[1] -> ... -> L, with W[l], b[l] and shapes."""
    nodes, edges, positions = {"A0": "$x$"}, [], {"A0": (0, 0)}
    for l in range(1, example.params.L + 1):
        W, dW, db = example.params.W[l], example.grads.W[l], example.grads.b[l]
        before = "x" if l == 1 else f"A^{{[{l - 1}]}}"
        nodes |= {
            f"W{l}": f"$W^{{[{l}]}}$",
            f"b{l}": f"$b^{{[{l}]}}$",
            f"Z{l}": f"$Z^{{[{l}]}} = W^{{[{l}]}}{before} + b^{{[{l}]}}$",
            f"A{l}": f"$A^{{[{l}]}}$ = {example.names[l]}",
        }
        column = 2 * l - 1
        positions |= {f"W{l}": (column - 1, 1), f"b{l}": (column - 1, 2)}
        positions |= {f"Z{l}": (column, 0), f"A{l}": (column + 1, 0)}
        edges += [
            (f"A{l - 1}", f"Z{l}", _shape(example.A[l - 1])),
            (f"W{l}", f"Z{l}", _shape(W), _norm("dW", dW)),
            (f"b{l}", f"Z{l}", _shape(example.params.b[l]), _norm("db", db)),
            (f"Z{l}", f"A{l}", _shape(example.Z[l]), _norm("dZ", example.dZ[l])),
        ]
    L = example.params.L
    nodes |= {"y": "$y$", "L": r"$\mathcal{L}(A, y)$"}
    positions |= {"y": (2 * L, 1), "L": (2 * L + 1, 0)}
    edges += [
        (f"A{L}", "L", _shape(example.A[L])),
        ("y", "L", _shape(example.Y)),
        ("L", None, _equation("L", example.J)),
    ]
    return nodes, edges, positions


def _shape(array):
    return " × ".join(map(str, array.shape))


def _norm(name, array):
    return f"|{name}| = {_number(np.linalg.norm(array))}"
