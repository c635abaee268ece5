"""One step of training, told in the course's order.

The numbers are those that the engine had in its hands (`_record`); the formulas are
those that its docstrings give, and for the update those that its steps give: whatever
is wrong there shows here.
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

    `name` is the course's ("dW[1]"), `key` the one in `to_dict` ("dW1"), `formula` what
    it is made by, `value` its numbers, `shapes` how the shapes met, `section` the part
    of the step, and `before` the numbers that an update began with.
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
        """Its numbers as text, truncated."""
        if self.before is None:
            return shortened(self.value)
        return f"{shortened(self.before)}\nbecomes\n{shortened(self.value)}"


class StepExplanation:
    """One forward pass, cost, backward pass and update, quantity by quantity.

    It is made by `explain_step`. Printed, it is a table; in a notebook it is a page
    whose parts open and close.

    Attributes
    ----------
    quantities : list of Quantity
        In the course's order: X, Y, Z[1], A[1], ..., J, dZ[L], dW[L], db[L], ..., and
        the new W[1], b[1], .... Each has `name`, `key`, `formula`, `shape`, `value`,
        `numbers` (text, truncated) and `shapes` (how broadcasting made shapes meet).
    notes : list of str
        What is to be known of this step.

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
        """The arrays, by the course's names.

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
            rows = [row for quantity in quantities for row in rows_of(quantity)]
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
    """Show the next step of training, every quantity of it (course, weeks 2 to 4).

    The step is really done, by the code that `fit` runs and with a copy of the
    estimator: the rows are those of its first batch, the numbers are equal to `fit`'s
    to the last bit.

    Parameters
    ----------
    estimator : estimator or Pipeline
        A network of this package, or a Pipeline that ends in one. Unfitted, it is the
        first step of `fit`; fitted, the next one, as with warm_start=True. It is not
        changed.
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        Training rows.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Their targets.
    sample_weight : array-like of shape (n_samples,), default=None
        Their weights.

    Returns
    -------
    StepExplanation
        Its `quantities`; `to_dict()` has the arrays.

    Raises
    ------
    TypeError
        If the estimator is not a network of this package.
    ValueError
        If `fit` would not take the input.

    Notes
    -----
    The engine puts the 1/m of the course's dW and db into dZ[L]: every dZ[l] here is
    the course's dZ[l] / m. dW and db are the course's.

    The solvers "lbfgs" and "newton" do not update by a formula of the gradient alone:
    with them the explanation ends with the gradient.

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
    twin, run = next_run(estimator, X, y, sample_weight)
    objective, g, loss = run.objective, run.objective.g, run.objective.loss
    seen = record_step(run)
    L, own = objective.params.L, twin._by_hand.functions if twin._by_hand else {}
    told = [*given(seen)]
    for l in range(1, L + 1):
        told += forward_of(seen, l, g[l] if l < L else None, loss, own)
    told.append(cost_of(seen, objective, loss))
    for l in range(L, 0, -1):
        told += backward_of(seen, l, L, g, objective, own)
    if run.step is not None:
        told += updates_of(seen, L, run.step)
    return StepExplanation(told, seen, notes_of(twin, run, seen))


# -- the parts, in the course's order ------------------------------------------------


def given(seen):
    """X and Y."""
    n, m = seen["X"].shape
    columns = f"{n} features, {counted(m, 'example')}, one a column"
    yield Quantity("X", "X", "Given", "A[0] = X", seen["X"], columns)
    yield Quantity("Y", "Y", "Given", "what A[L] should be", seen["Y"], "")


def forward_of(seen, l, g, loss, own):
    """Z[l] and A[l]."""
    section, said = SECTIONS[1], FORWARD
    W, b, Z, A = (seen[f"{name}{l}"] for name in ("W", "b", "Z", "A"))
    before = seen["X" if l == 1 else f"A{l - 1}"].shape
    shapes = f"{W.shape} @ {before} -> {Z.shape}, + {repeated(b.shape, Z.shape[1])}"
    formula = at(said["Z"], l) + by(own, "linear_forward")
    yield Quantity(f"Z[{l}]", f"Z{l}", section, formula, Z, shapes)
    if g is None:
        formula = getattr(loss, "link_said", None) or sentence(loss.link)
        formula = formula.replace("[L]", f"[{l}]")
    else:
        formula = f"{at(said['A'], l)}:  {'; '.join(map(first, layers_of(g)))}"
    whole = g is None and loss.sums_to_one
    each = f"{'column by column' if whole else 'number by number'}: "
    each += f"{Z.shape} -> {A.shape}"
    yield Quantity(f"A[{l}]", f"A{l}", section, formula, A, each)


def cost_of(seen, objective, loss):
    """J."""
    m = len(seen["w"])
    formula = f"J = mean of L over the columns;  {first(loss)}"
    if objective.l2 or objective.l1:
        penalty = sentence(objective.penalty).partition(" where")[0]
        formula += f";  + {penalty}, l2 = {objective.l2:.3g}, l1 = {objective.l1:.3g}"
    shapes = f"{seen['Y'].shape} -> one number: the mean over {counted(m, 'column')}"
    return Quantity("J", "J", "Cost", formula, seen["J"], shapes)


def backward_of(seen, l, L, g, objective, own):
    """dA[l] and dZ[l], dW[l], db[l]."""
    section, said = SECTIONS[3], BACKWARD
    dZ, dW, db = (seen[f"{name}{l}"] for name in ("dZ", "dW", "db"))
    before, m = seen["X" if l == 1 else f"A{l - 1}"].shape, dZ.shape[1]
    if l == L:
        formula = f"dZ[{L}] = dJ/dZ[{L}], the 1/m of the mean in it:  the course's / m"
        shapes = f"{dZ.shape}, the shape of Z[{L}]; w {(m,)} repeated over "
        shapes += counted(len(dZ), "row")
    else:
        dA, W = seen[f"dA{l}"], seen[f"W{l + 1}"]
        chain = at(said["dZ"], l + 1)
        product = chain.partition(" = ")[2].rpartition(" * ")[0]
        product += by(own, "linear_backward")
        shapes = f"{W.shape[::-1]} @ {seen[f'dZ{l + 1}'].shape} -> {dA.shape}"
        yield Quantity(
            f"dA[{l}]", f"dA{l}", section, f"dA[{l}] = {product}", dA, shapes
        )
        formula = f"{chain}:  {'; '.join(map(first, layers_of(g[l])))}"
        shapes = f"{dA.shape} * {dZ.shape}, number by number"
    yield Quantity(f"dZ[{l}]", f"dZ{l}", section, formula, dZ, shapes)
    penalty = f" + {objective.l2:.3g} W[{l}], the penalty's part" * bool(objective.l2)
    shapes = f"{dZ.shape} @ {before[::-1]} -> {dW.shape}"
    formula = at(said["dW"], l) + penalty + by(own, "linear_backward")
    yield Quantity(f"dW[{l}]", f"dW{l}", section, formula, dW, shapes)
    formula = at(said["db"], l) + by(own, "linear_backward")
    if not objective.intercept:
        formula = "0: fit_intercept=False"
    shapes = f"{dZ.shape} @ {(m, 1)} -> {db.shape}: the sum over {counted(m, 'column')}"
    yield Quantity(f"db[{l}]", f"db{l}", section, formula, db, shapes)


def updates_of(seen, L, step):
    """W[l] and b[l], before and after."""
    for l in range(1, L + 1):
        for kind in "Wb":
            key, name = f"{kind}{l}", f"{kind}[{l}]"
            formula = update_formula(step, name)
            before, after = seen[key], seen[f"{key}_new"]
            shapes = f"{name} and d{name}: {before.shape} both; the rate is one number"
            yield Quantity(name, f"{key}_new", "Update", formula, after, shapes, before)


def update_formula(step, name):
    """What the step says of itself, and the numbers of it that are named there."""
    told = ";  ".join(step.formulas(name))
    named = {
        key: f"{value:.4g}"
        for key, value in step.numbers().items()
        if re.search(rf"(?<!\w){re.escape(key)}(?!\w)", told)
    }
    return ";  ".join([told, ", ".join(f"{key} = {named[key]}" for key in named)])


def notes_of(twin, run, seen):
    """What is to be known of this step."""
    m, L = len(seen["w"]), run.objective.params.L
    notes = [
        f"One step of {type(twin).__name__}: L = {L}, m = {m} of {run.m} examples, "
        f"solver {run.solver!r}.",
        "dW and db are the course's; every dZ[l] is the course's / m: the 1/m is put "
        f"into dZ[{L}].",
    ]
    if twin._by_hand:
        notes.append(twin._by_hand.note)
    if twin.standardize:
        notes.append("standardize=True: X and W[1] are on the standardised scale.")
    if np.ptp(seen["w"]):
        notes.append("The examples have weights w, mean 1 over all examples.")
    if run.step is None:
        notes.append(
            f"The solver {run.solver!r} has no update by a formula of this gradient "
            "alone: the step ends here."
        )
    return notes


# -- what the engine says of itself --------------------------------------------------


def paragraphs(thing):
    """Those of its own docstring, each in one line; none where docstrings are off."""
    text = inspect.cleandoc(thing.__doc__ or "")
    return [" ".join(part.split()) for part in text.split("\n\n")] if text else [""]


def sentence(thing):
    """The first line of a docstring, without its full stop."""
    return paragraphs(thing)[0].rstrip(".")


def first(part):
    """The first paragraph of the class of an activation or a loss; a reader's name."""
    return getattr(part, "said", None) or sentence(type(part))


def by(own, kind):
    """Whose function it is, where it is the reader's."""
    return f", by your own {kind}" if kind in own else ""


def formulas(function):
    """The formulas at the top of `forward` or `backward`, by what they give."""
    parts = re.split(r"[,;] (?=\w+\[)|; ", sentence(function))
    named = {part.split("[")[0]: part for part in parts if "] = " in part}
    return dict.fromkeys(("Z", "A", "dZ", "dW", "db"), "") | named


def at(formula, l):
    """A formula of any layer l, written for this one."""
    return formula.replace("[l-1]", f"[{l - 1}]").replace("[l]", f"[{l}]")


def layers_of(g):
    """An activation; one behind the masks of dropout, and these."""
    return [g.at_rest, g] if hasattr(g, "at_rest") else [g]


# -- words and numbers ---------------------------------------------------------------


def repeated(shape, columns):
    """A shape that broadcasting repeats."""
    return f"{shape} repeated over {counted(columns, 'column')}"


def counted(n, noun):
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def shortened(value):
    """Numbers as the course's notebooks print them, few of many."""
    if issparse(value):
        return f"sparse, {value.nnz} numbers stored"
    if np.ndim(value) == 0:
        return f"{value:.10g}"
    return np.array2string(
        value, precision=4, threshold=12, edgeitems=2, max_line_width=72
    )


def lines_of(quantity):
    """Formula, how the shapes met, and numbers."""
    formula = textwrap.wrap(quantity.formula, 72, subsequent_indent="    ")
    return [*formula, *filter(None, [quantity.shapes]), *quantity.numbers.split("\n")]


def rows_of(quantity):
    """One quantity as rows of a table: its name and shape beside the first."""
    top, *rest = lines_of(quantity)
    yield [quantity.name, str(quantity.shape), top]
    for line in rest:
        yield ["", "", line]


def details(quantity):
    """One quantity as HTML that opens."""
    body = escape("\n".join(lines_of(quantity)))
    head = f'{escape(quantity.name)} <span class="shape">{quantity.shape}</span>'
    return f"<details><summary>{head}</summary><pre>{body}</pre></details>"


FORWARD, BACKWARD = formulas(forward), formulas(backward)
