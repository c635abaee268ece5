"""`explain_step`: one step of training, quantity by quantity, in the course's order.

The numbers are recorded while the engine computes them (`_training/record.py`). The
formulas are read from the engine's docstrings, and those of the update from the
optimiser. None of them is written twice, so a fault of the engine shows here.
"""

import inspect
import re
import textwrap
from dataclasses import dataclass
from html import escape

import numpy as np
from scipy.sparse import issparse

from .._engine.propagation import backward, forward
from .._estimators.access import next_run
from .._html.tables import text_table
from .._training.record import record_step

STYLE = """<style>
.sknn-step { font-variant-numeric: tabular-nums; max-width: 60rem; }
.sknn-step details { border-left: 2px solid color-mix(in srgb, currentColor 25%,
  transparent); margin: 0.25em 0; padding-left: 0.75em; }
.sknn-step summary { cursor: pointer; }
.sknn-step pre { background: none; color: inherit; margin: 0.25em 0;
  overflow-x: auto; }
.sknn-step .shape { opacity: 0.7; }
</style>"""
SECTIONS = "Given", "Forward propagation", "Cost", "Backward propagation", "Update"


@dataclass(frozen=True)
class Quantity:
    """One quantity of a step.

    `name` is the course's name ("dW[1]"), `key` the key in `to_dict` ("dW1"), `section`
    the part of the step, `formula` how it is computed, `value` its numbers, `shapes`
    how the shapes combine, and `before` the numbers before an update.
    """

    name: str
    key: str
    section: str
    formula: str
    value: object
    shapes: str
    before: object = None

    @property
    def shape(self):
        return np.shape(self.value)

    @property
    def numbers(self):
        """Return the numbers as text, truncated."""
        if self.before is None:
            return shortened(self.value)
        return f"{shortened(self.before)}\nbecomes\n{shortened(self.value)}"


class StepExplanation:
    """One forward pass, cost, backward pass and update, quantity by quantity.

    `explain_step` returns it. It prints as a table and is displayed in a notebook as
    HTML whose parts open and close.

    Attributes
    ----------
    quantities : list of Quantity
        In the course's order: X, Y, Z[1], A[1], ..., J, dZ[L], dW[L], db[L], ..., and
        the new W[1], b[1], .... Each has `name`, `key`, `formula`, `shape`, `value`,
        `numbers` (text, truncated) and `shapes` (how the shapes combine).
    notes : list of str
        Remarks on this step, such as the weights of its examples.

    Examples
    --------
    >>> from sknn_scratch import ShallowNetClassifier
    >>> from sknn_scratch.datasets import make_flower
    >>> from sknn_scratch.inspection import explain_step
    >>> X, y = make_flower()
    >>> step = explain_step(ShallowNetClassifier(4, solver="gd", random_state=0), X, y)
    >>> step.quantities[2].name, step.quantities[2].shape
    ('Z[1]', (4, 400))
    >>> step.quantities[2].shapes
    '(4, 2) @ (2, 400) -> (4, 400), + (4, 1) repeated over 400 columns'
    """

    def __init__(self, quantities, seen, notes):
        self.quantities, self.notes, self._seen = quantities, notes, seen

    def to_dict(self):
        """Return the arrays by the course's names.

        Returns
        -------
        dict
            "X", "Y", "w" (weights of the columns), "W1", "b1", ... before the step,
            "Z1", "A1", ..., "J", "dZ1", "dA1", ..., "dW1", "db1", ... and the
            parameters after it, "W1_new", "b1_new", ....
        """
        return dict(self._seen)

    def __repr__(self):
        parts = [*self.notes]
        for section, quantities in self._sections():
            rows = [row for quantity in quantities for row in table_rows(quantity)]
            parts.append(f"\n{text_table([section, 'shape', ''], rows)}")
        return "\n".join(parts)

    def _repr_html_(self):
        parts = [f"<p>{escape(note)}</p>" for note in self.notes]
        for section, quantities in self._sections():
            inner = "\n".join(map(details, quantities))
            parts.append(
                f"<details open><summary><b>{section}</b></summary>{inner}</details>"
            )
        return f'{STYLE}<div class="sknn-step">{"".join(parts)}</div>'

    def _sections(self):
        for section in SECTIONS:
            quantities = [q for q in self.quantities if q.section == section]
            if quantities:
                yield section, quantities


def explain_step(estimator, X, y, *, sample_weight=None):
    """Explain the next step of training, quantity by quantity (course, weeks 2 to 4).

    The step is computed on a copy of the estimator by the code that `fit` runs. Its
    rows are those of the first batch, and its numbers equal those of `fit` to the last
    bit.

    Parameters
    ----------
    estimator : estimator or Pipeline
        A network of this package, or a Pipeline that ends in one. For an unfitted
        network the step is the first one of `fit`, for a fitted network the next one,
        as with warm_start=True. The estimator is not changed.
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        Training rows.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets of the rows.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows.

    Returns
    -------
    StepExplanation
        `quantities` lists the quantities; `to_dict()` returns the arrays.

    Raises
    ------
    TypeError
        If the estimator is not a network of this package.
    ValueError
        If `fit` would reject the input.

    Notes
    -----
    The engine puts the 1/m of the course's dW and db into dZ[L]: every dZ[l] here is
    the course's dZ[l] / m. dW and db equal the course's.

    The update of the solvers "lbfgs" and "newton" is not a formula of the gradient
    alone. With them the explanation ends with the gradient.

    Examples
    --------
    >>> from sknn_scratch import LogisticRegressionScratch
    >>> from sknn_scratch.inspection import explain_step
    >>> net = LogisticRegressionScratch(solver="gd", C=float("inf"))
    >>> step = explain_step(net, [[1.0, 2.0], [3.0, -1.0]], [1, 0])
    >>> [quantity.name for quantity in step.quantities]
    ['X', 'Y', 'Z[1]', 'A[1]', 'J', 'dZ[1]', 'dW[1]', 'db[1]', 'W[1]', 'b[1]']
    >>> round(step.to_dict()["J"], 4)
    0.6931
    """
    network, run = next_run(estimator, X, y, sample_weight)
    objective, g, loss = run.objective, run.objective.g, run.objective.loss
    seen = record_step(run)
    L, by_hand = objective.params.L, network._by_hand
    functions = by_hand.functions if by_hand else {}
    quantities = [*inputs_of(seen)]
    for l in range(1, L + 1):
        quantities += forward_of(seen, l, g[l] if l < L else None, loss, functions)
    quantities.append(cost_of(seen, objective, loss))
    for l in range(L, 0, -1):
        quantities += backward_of(seen, l, L, g, objective, functions)
    if run.step is not None:
        quantities += updates_of(seen, L, run.step)
    return StepExplanation(quantities, seen, notes_of(network, run, seen))


# -- the sections, in the course's order -----------------------------------------------


def inputs_of(seen):
    """Yield the quantities X and Y."""
    n, m = seen["X"].shape
    columns = f"{n} features, {counted(m, 'example')}, one a column"
    yield Quantity("X", "X", "Given", "A[0] = X", seen["X"], columns)
    yield Quantity("Y", "Y", "Given", "what A[L] should be", seen["Y"], "")


def forward_of(seen, l, g, loss, functions):
    """Yield the quantities Z[l] and A[l]."""
    section = SECTIONS[1]
    W, b, Z, A = (seen[f"{name}{l}"] for name in ("W", "b", "Z", "A"))
    before = seen["X" if l == 1 else f"A{l - 1}"].shape
    shapes = f"{W.shape} @ {before} -> {Z.shape}, + {repeated(b.shape, Z.shape[1])}"
    formula = for_layer(FORWARD["Z"], l) + by_reader(functions, "linear_forward")
    yield Quantity(f"Z[{l}]", f"Z{l}", section, formula, Z, shapes)
    if g is None:
        engine = getattr(loss, "engine", loss)  # its docstring has the formula
        formula = getattr(loss, "link_formula", None) or first_paragraph(engine.link)
        formula = formula.replace("[L]", f"[{l}]")
    else:
        formula = f"{for_layer(FORWARD['A'], l)}:  {activation_formula(g)}"
    whole = g is None and loss.sums_to_one
    each = f"{'column by column' if whole else 'number by number'}: "
    each += f"{Z.shape} -> {A.shape}"
    yield Quantity(f"A[{l}]", f"A{l}", section, formula, A, each)


def cost_of(seen, objective, loss):
    """Return the quantity J."""
    m = len(seen["w"])
    formula = f"J = mean of L over the columns;  {description_of(loss)}"
    if objective.l2 or objective.l1:
        penalty = first_paragraph(objective.penalty).partition(" where")[0]
        formula += f";  + {penalty}, l2 = {objective.l2:.3g}, l1 = {objective.l1:.3g}"
    shapes = f"{seen['Y'].shape} -> one number: the mean over {counted(m, 'column')}"
    return Quantity("J", "J", "Cost", formula, seen["J"], shapes)


def backward_of(seen, l, L, g, objective, functions):
    """Yield dZ[l], dW[l] and db[l]; in hidden layers dA[l] before them."""
    section = SECTIONS[3]
    dZ, dW, db = (seen[f"{name}{l}"] for name in ("dZ", "dW", "db"))
    before, m = seen["X" if l == 1 else f"A{l - 1}"].shape, dZ.shape[1]
    if l == L:
        formula = f"dZ[{L}] = dJ/dZ[{L}], the 1/m of the mean in it:  the course's / m"
        shapes = f"{dZ.shape}, the shape of Z[{L}]; w {(m,)} repeated over "
        shapes += counted(len(dZ), "row")
    else:
        dA, W = seen[f"dA{l}"], seen[f"W{l + 1}"]
        chain = for_layer(BACKWARD["dZ"], l + 1)
        product = chain.partition(" = ")[2].rpartition(" * ")[0]
        product += by_reader(functions, "linear_backward")
        shapes = f"{W.shape[::-1]} @ {seen[f'dZ{l + 1}'].shape} -> {dA.shape}"
        yield Quantity(
            f"dA[{l}]", f"dA{l}", section, f"dA[{l}] = {product}", dA, shapes
        )
        formula = f"{chain}:  {activation_formula(g[l])}"
        shapes = f"{dA.shape} * {dZ.shape}, number by number"
    yield Quantity(f"dZ[{l}]", f"dZ{l}", section, formula, dZ, shapes)
    penalty = f" + {objective.l2:.3g} W[{l}], the penalty's part" * bool(objective.l2)
    shapes = f"{dZ.shape} @ {before[::-1]} -> {dW.shape}"
    formula = (
        for_layer(BACKWARD["dW"], l) + penalty + by_reader(functions, "linear_backward")
    )
    yield Quantity(f"dW[{l}]", f"dW{l}", section, formula, dW, shapes)
    formula = for_layer(BACKWARD["db"], l) + by_reader(functions, "linear_backward")
    if not objective.intercept:
        formula = "0: fit_intercept=False"
    shapes = f"{dZ.shape} @ {(m, 1)} -> {db.shape}: the sum over {counted(m, 'column')}"
    yield Quantity(f"db[{l}]", f"db{l}", section, formula, db, shapes)


def updates_of(seen, L, step):
    """Yield the new W[l] and b[l], with the old ones as `before`."""
    for l in range(1, L + 1):
        for kind in "Wb":
            key, name = f"{kind}{l}", f"{kind}[{l}]"
            formula = update_formula(step, name)
            before, after = seen[key], seen[f"{key}_new"]
            shapes = f"{name} and d{name}: {before.shape} both; the rate is one number"
            yield Quantity(name, f"{key}_new", "Update", formula, after, shapes, before)


def update_formula(step, name):
    """Return the formulas of the step and the values of the names in them."""
    text = ";  ".join(step.formulas(name))
    named = {
        key: f"{value:.4g}"
        for key, value in step.numbers().items()
        if re.search(rf"(?<!\w){re.escape(key)}(?!\w)", text)
    }
    return ";  ".join([text, ", ".join(f"{key} = {named[key]}" for key in named)])


def notes_of(network, run, seen):
    """Return remarks on the step: solver, factor 1/m, scale, weights."""
    m, L = len(seen["w"]), run.objective.params.L
    notes = [
        f"One step of {type(network).__name__}: L = {L}, m = {m} of {run.m} examples, "
        f"solver {run.solver!r}.",
        "dW and db are the course's; every dZ[l] is the course's / m: the 1/m is put "
        f"into dZ[{L}].",
    ]
    if network._by_hand:
        notes.append(network._by_hand.note)
    if network.standardize:
        notes.append("standardize=True: X and W[1] are on the standardised scale.")
    if run.learned.target.scale:
        notes.append(
            f"standardize_target=True: Y, W[{L}] and b[{L}] are on the standardised "
            f"scale; {run.unit:.6g} J is the cost in the units of y."
        )
    if np.ptp(seen["w"]):
        notes.append("The examples have weights w, mean 1 over all examples.")
    if run.step is None:
        notes.append(
            f"The solver {run.solver!r} has no update by a formula of this gradient "
            "alone: the step ends here."
        )
    return notes


# -- formulas from the engine's docstrings ---------------------------------------------


def paragraphs(thing):
    """Return the paragraphs of a docstring as lines; an empty one under python -OO."""
    text = inspect.cleandoc(thing.__doc__ or "")
    return [" ".join(part.split()) for part in text.split("\n\n")] if text else [""]


def first_paragraph(thing):
    """Return the first paragraph of a docstring, without its full stop."""
    return paragraphs(thing)[0].rstrip(".")


def description_of(part):
    """Return the formula of a loss or an activation, or that it is the reader's."""
    return getattr(part, "description", None) or first_paragraph(type(part))


def by_reader(functions, kind):
    """Return words that name the reader's function, or "" if there is none."""
    return f", by your own {kind}" if kind in functions else ""


def formulas(function):
    """Return the formulas of `forward` or `backward` by the quantity that they give."""
    parts = re.split(r"[,;] (?=\w+\[)|; ", first_paragraph(function))
    named = {part.split("[")[0]: part for part in parts if "] = " in part}
    return dict.fromkeys(("Z", "A", "dZ", "dW", "db"), "") | named


def for_layer(formula, l):
    """Return the formula with the number of the layer in place of l."""
    return formula.replace("[l-1]", f"[{l - 1}]").replace("[l]", f"[{l}]")


def activation_formula(g):
    """Return the formula of an activation, and that of its dropout if it has one."""
    parts = [g.at_rest, g] if hasattr(g, "at_rest") else [g]
    return "; ".join(map(description_of, parts))


# -- text and HTML ---------------------------------------------------------------------


def repeated(shape, columns):
    """Return words for a shape that broadcasting repeats over the columns."""
    return f"{shape} repeated over {counted(columns, 'column')}"


def counted(n, noun):
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def shortened(value):
    """Return numbers as text in the format of the course's notebooks, few of many."""
    if issparse(value):
        return f"sparse, {value.nnz} numbers stored"
    if np.ndim(value) == 0:
        return f"{value:.10g}"
    return np.array2string(
        value, precision=4, threshold=12, edgeitems=2, max_line_width=72
    )


def text_lines(quantity):
    """Return the lines of a quantity: formula, shapes and numbers."""
    formula = textwrap.wrap(quantity.formula, 72, subsequent_indent="    ")
    return [*formula, *filter(None, [quantity.shapes]), *quantity.numbers.split("\n")]


def table_rows(quantity):
    """Yield a quantity as rows of a table, with name and shape in the first row."""
    top, *rest = text_lines(quantity)
    yield [quantity.name, str(quantity.shape), top]
    for line in rest:
        yield ["", "", line]


def details(quantity):
    """Return a quantity as an HTML element that opens and closes."""
    body = escape("\n".join(text_lines(quantity)))
    head = f'{escape(quantity.name)} <span class="shape">{quantity.shape}</span>'
    return f"<details><summary>{head}</summary><pre>{body}</pre></details>"


FORWARD, BACKWARD = formulas(forward), formulas(backward)
