"""`summary`: the layers of a network, their shapes, and the memory they need."""

from sklearn.utils import check_array

from .._estimators.access import (
    before_network,
    is_fitted,
    last_step,
    network_of,
    next_run,
    steps_before,
)
from .._estimators.layout import known_layout, layout_of
from .._tabular.base import BaseTabular
from ._network_summary import Summary
from ._table_summary import summary_of_ensemble


def summary(estimator, X=None, y=None):
    """Return the layers, shapes and parameters of a network as a table.

    Parameters
    ----------
    estimator : estimator or Pipeline
        A network or an ensemble of this package, fitted or not, or a Pipeline that ends
        in one.
    X : {array-like, sparse matrix} of shape (n_samples, n_features), default=None
        Rows for `fit`. They give an unfitted network its number of features; for a
        fitted one they are ignored. A TabularNet takes a table.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
        Targets of the rows. They give an unfitted network its number of outputs.

    Returns
    -------
    Summary or TabularSummary
        Layers, shapes, parameters and bytes. What is not known yet is None and prints
        as n_x, n_y or "?". A notebook also displays a diagram of the network. A
        TabularNet has a TabularSummary, with the columns of its table.

    Raises
    ------
    TypeError
        If the estimator is not a network of this package.
    ValueError
        If a parameter of the network, X or y is invalid.

    Examples
    --------
    >>> from sknn_scratch import DeepNetClassifier
    >>> from sknn_scratch.datasets import make_flower
    >>> from sknn_scratch.inspection import summary
    >>> X, y = make_flower()
    >>> found = summary(DeepNetClassifier((5, 3)), X, y)
    >>> found
    DeepNetClassifier (not fitted)
    <BLANKLINE>
    layer     units  activation  W       b       parameters
    --------  -----  ----------  ------  ------  ----------
    0 input       2
    1 hidden      5  relu        (5, 2)  (5, 1)          15
    2 hidden      3  relu        (3, 5)  (3, 1)          18
    3 output      1  logistic    (1, 3)  (1, 1)           4
    <BLANKLINE>
    37 parameters, 296 bytes (float64); loss: sigmoid cross entropy
    >>> found.layers[0].W
    (5, 2)
    """
    if isinstance(last_step(estimator), BaseTabular):
        return summary_of_ensemble(estimator, X, y)
    network, fitted = network_of(estimator), is_fitted(estimator)
    if not fitted and X is not None and y is not None:
        prepared, run = next_run(estimator, X, y)
        params = run.objective.params
        learned = run.learned
        kind, dtype = learned.target.kind, params.theta.dtype
        layout = known_layout(prepared, params.n, dtype, learned.activations, kind)
    else:
        network._validate_params()
        layout = layout_of(network)
        if not fitted and X is not None:
            rows = check_array(
                before_network(estimator, X),
                accept_sparse=True,
                ensure_all_finite=False,
                input_name="X",
            )
            layout = layout.on(rows.shape[1])
    steps = [name for name, _ in steps_before(estimator, idle=True)]
    return Summary(type(network).__name__, layout, fitted=fitted, steps=steps)
