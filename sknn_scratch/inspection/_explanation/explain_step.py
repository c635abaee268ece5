"""`explain_step`: one step of training, quantity by quantity, in the course's order."""

from dataclasses import replace

from ..._estimators.access import next_run
from ..._html.page import write_page
from ..._training.record import record_step
from .mine import check_places, compare, functions_of
from .page import notebook_part, step_page
from .places import Layers
from .sections import notes_of, quantities_of
from .text import screen, whole


class StepExplanation:
    """One forward pass, cost, backward pass and update, quantity by quantity.

    `explain_step` returns it. It prints as a table of one screen, `to_text` is the
    whole. In a notebook it is displayed as a page, which `save` writes to a file:
    every matrix as a heat map, every formula, and a step forward or back with buttons
    or arrow keys.

    Attributes
    ----------
    quantities : list of Quantity
        In the course's order: X, Y, Z[1], A[1], ..., J, dZ[L], dW[L], db[L], ..., and
        the new W[1], b[1], .... Each has `name`, `key`, `formula`, `shape`, `value`,
        `numbers` (text, truncated), `shapes` (how the shapes combine), `operands` (the
        arrays in the formula) and `mine`: for each function of the reader that gives
        this quantity a record with `kind`, `value`, `engine`, `difference`, `agrees`
        and `words`.
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

    def to_text(self):
        """Return the whole explanation as text: formulas, shapes, truncated numbers.

        Returns
        -------
        str
            A table for each part of the step. `print(step)` shows a line for each
            quantity instead, on one screen.
        """
        return whole(self)

    def save(self, path):
        """Write the explanation as a page that needs no network and no other file.

        Parameters
        ----------
        path : str or path-like
            The HTML file. An existing file is replaced.

        Raises
        ------
        OSError
            If the file cannot be written.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> from sknn_scratch import LogisticRegressionScratch
        >>> from sknn_scratch.inspection import explain_step
        >>> net = LogisticRegressionScratch(solver="gd")
        >>> step = explain_step(net, [[1.0, 2.0], [3.0, -1.0]], [1, 0])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "step.html")
        ...     step.save(path)
        ...     path.read_text(encoding="utf-8").startswith("<!doctype html>")
        True
        """
        write_page(path, step_page(self))

    def __repr__(self):
        return screen(self)

    def _repr_html_(self):
        return notebook_part(self)


def explain_step(estimator, X, y, *, sample_weight=None, mine=None):
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
    mine : function, Verdict of `check_my`, list of them, or dict, default=None
        Functions of the course that you have written, such as `linear_backward`. A dict
        has the course's names as keys. Each is called with what the engine has computed
        before it, and its result is shown beside the engine's, with the difference.
        The functions of a network that trains with yours (`Verdict.use_in`) are
        compared without being named here.

    Returns
    -------
    StepExplanation
        `quantities` lists the quantities; `to_dict()` returns the arrays, `to_text()`
        all as text; `save(path)` writes a page.

    Raises
    ------
    TypeError
        If the estimator is not a network of this package, if `mine` is no function, or
        if X is sparse and `mine` is given.
    ValueError
        If `fit` would reject the input, or a function in `mine` gives no quantity of
        this step: `relu` in a network of tanh, for example.

    Notes
    -----
    The engine puts the 1/m of the course's dW and db into dZ[L]: every dZ[l] here is
    the course's dZ[l] / m. dW and db equal the course's. A function in `mine` is called
    with the course's dZ and dA, and its dZ and dA are shown divided by m. It is
    compared with the engine's result for the same arguments, which has no penalty,
    dropout or weights of rows.

    The update of the solvers "lbfgs" and "newton" is not a formula of the gradient
    alone. With them the explanation ends with the gradient.

    Examples
    --------
    >>> from sknn_scratch import LogisticRegressionScratch
    >>> from sknn_scratch.inspection import explain_step
    >>> net = LogisticRegressionScratch(solver="gd", C=float("inf"))
    >>> X, y = [[1.0, 2.0], [3.0, -1.0]], [1, 0]
    >>> step = explain_step(net, X, y)
    >>> [quantity.name for quantity in step.quantities]
    ['X', 'Y', 'Z[1]', 'A[1]', 'J', 'dZ[1]', 'dW[1]', 'db[1]', 'W[1]', 'b[1]']
    >>> round(step.to_dict()["J"], 4)
    0.6931

    Your own function beside the engine's:

    >>> def linear_backward(dZ, cache):
    ...     A_prev, W, b = cache
    ...     dW = dZ @ A_prev.T  # the 1/m is forgotten
    ...     return W.T @ dZ, dW, dZ.mean(axis=1, keepdims=True)
    >>> step = explain_step(net, X, y, mine=linear_backward)
    >>> dW = step.quantities[6].mine[0]
    >>> dW.value / dW.engine
    array([[2., 2.]])
    >>> dW.words
    "The largest difference is -0.75, at [0, 1]: yours is -1.5, the engine's -0.75."
    """
    functions = {} if mine is None else functions_of(mine)
    network, run = next_run(estimator, X, y, sample_weight)
    g, loss = run.objective.g, run.objective.loss  # recording replaces both
    seen = record_step(run)
    layers = Layers(run, g, loss, seen)
    check_places(functions, layers)
    by_hand = network._by_hand.functions if network._by_hand else {}
    quantities = quantities_of(seen, run, g, loss, by_hand)
    found = compare(by_hand | functions, layers)
    quantities = [replace(q, mine=tuple(found.get(q.key, ()))) for q in quantities]
    return StepExplanation(quantities, seen, notes_of(network, run, seen))
