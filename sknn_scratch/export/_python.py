"""Export to Python: a file that needs NumPy, or one that needs only Python."""

import textwrap
from string import Template

from ._formula import translate
from ._network import Exported, limits_of
from ._python_text import NUMPY, PLAIN, activation_functions, encoded_layers
from ._table import ExportedTable, takes_rows_of_numbers
from ._table_python import table_to_python

WITH_NUMPY = '''\
"""$title, exported by $made_by. Needs NumPy.

X is an array of shape (n_samples, $n_features), or of images of as many values.
$note"""

import base64

import numpy as np

$head

def decoded(text, *shape):
    return np.frombuffer(base64.b64decode(text), "$dtype").reshape(shape)


W = [
$W]
b = [
$b]
$scaling$scalars

def decision_function(X):
    """The raw outputs, a row of $units a sample."""
$features$layers

$tail'''
WITHOUT = '''\
"""$title, exported by $made_by. Needs nothing but Python.

X is a list of rows of $n_features numbers.
$note"""

import base64
import math
import operator
import struct

$head

def decoded(text, rows):
    data = base64.b64decode(text)
    values = struct.unpack(f"<{len(data) // $bytes}$letter", data)
    length = len(values) // rows
    return [values[i : i + length] for i in range(0, len(values), length)]


W = [
$W]
b = [
$b]
$scaling$scalars

def layer(W, b, g, x):
    """A row of one layer: g(W x + b)."""
    return [
        g(sum(map(operator.mul, w, x)) + b_i) for w, b_i in zip(W, b[0], strict=True)
    ]


def identity(z):
    return z


def decision_function(X):
    """The raw outputs, a row of $units a sample."""
    return [raw(x) for x in X]


def raw(x):
    if len(x) != $n_features:
        raise ValueError(f"rows must have $n_features numbers, got {len(x)}")
$features$layers

$tail'''
# {dtype of the scaler: function that rounds a row to it}, for Python without NumPy
ROUNDED = {
    "f": '''

def rounded(x):
    """A row in 32 bits, as the model scales it."""
    return struct.unpack(f"{len(x)}f", struct.pack(f"{len(x)}f", *x))
''',
    "d": '''

def rounded(x):
    """A row in 64 bits, which are Python's own."""
    return x
''',
}
# functions after `decision_function`: True with NumPy, False without
SOFTMAX = {
    True: '''\
def $function(X):
    """$meaning"""
    Z = decision_function(X)
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return np.maximum(E / E.sum(axis=1, keepdims=True), TINY)
''',
    False: '''\
def $function(X):
    """$meaning"""
    return [softmax(z) for z in decision_function(X)]


def softmax(z):
    top = max(z)
    e = [math.exp(z_k - top) for z_k in z]
    total = sum(e)
    return [max(e_k / total, TINY) for e_k in e]
''',
}
UNIT_BY_UNIT = {
    True: '''\
def $function(X):
    """$meaning"""
    z = decision_function(X)
    return $outputs
''',
    False: '''\
def $function(X):
    """$meaning"""
    return [$outputs for raw_x in decision_function(X)]
''',
}
ONE_CLASS = {
    True: '''\


def predict(X):
    """The most probable class of each row."""
    return np.array(CLASSES$class_dtype)[predict_proba(X).argmax(axis=1)]
''',
    False: '''\


def predict(X):
    """The most probable class of each row."""
    return [CLASSES[p.index(max(p))] for p in predict_proba(X)]
''',
}
LABELS = {
    True: '''\


def predict(X):
    """1 for each label above 1/2, else 0."""
    return (predict_proba(X) > 0.5).astype(int)
''',
    False: '''\


def predict(X):
    """1 for each label above 1/2, else 0."""
    return [[int(p_k > 0.5) for p_k in p] for p in predict_proba(X)]
''',
}


def to_python(model, *, numpy=True, class_names=None):
    """Return a fitted network as one file of Python.

    Parameters
    ----------
    model : estimator
        A fitted network of this package, or a Pipeline that ends in one; the steps
        before may be StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler and
        ImageFlattener. They are folded into the first layer, or applied before it where
        folding would cost more than 1e-6 of a unit's input; a comment says which.

        Or a model that takes a table: a TabularNetClassifier, a TabularNetRegressor, a
        Pipeline with other steps (:doc:`/exports` lists them), or a
        TransformedTargetRegressor of one of these with a scaler.
    numpy : bool, default=True
        False returns a file that needs only Python. It takes lists of rows, is slow,
        and computes in 64 bits regardless of the dtype of the parameters.
    class_names : sequence of str, default=None
        Names of the classes; None takes `classes_`.

    Returns
    -------
    str
        A module with `decision_function(X)`, `predict_proba(X)`, `predict(X)` and
        `CLASSES`, for regressors `predict(X)` and `decision_function(X)` only. With
        up to 30 hidden layers it has less than 200 lines.

        For a model that takes a table they are `predict_proba(rows)`, `predict(rows)`,
        `CLASSES` and `COLUMNS`. A row is a dict such as {"price": 3, "city": "Oslo"},
        or a list of the values of all columns; a single dict has a single prediction.
        None and NaN are missing values; dates are date, datetime or text such as
        "2024-05-31".

    Raises
    ------
    ValueError
        If a step cannot be exported; the message names it.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknn_scratch import ShallowNetClassifier
    >>> from sknn_scratch.export import to_python
    >>> X, y = load_iris(return_X_y=True)
    >>> net = ShallowNetClassifier(4, solver="lbfgs", random_state=0).fit(X, y)
    >>> iris = {}
    >>> exec(to_python(net, numpy=False), iris)
    >>> iris["predict"](X[:2].tolist())
    [0, 0]
    """
    if not takes_rows_of_numbers(model):
        return table_to_python(ExportedTable(model, class_names), numpy)
    net = Exported(model, class_names)
    language = NUMPY if numpy else PLAIN
    limits = limits_of(net.dtype)
    regressor, labels = net.classes is None, net.kind == "multilabel"
    of = "label" if labels else "class"
    words = {
        "title": net.name,
        "made_by": net.made_by,
        "n_features": net.n[0],
        "units": net.n[-1],
        "dtype": f"<f{net.dtype.itemsize}",
        "bytes": net.dtype.itemsize,
        "letter": net.dtype.char,
        "function": "predict" if regressor else "predict_proba",
        "meaning": "The prediction." if regressor else f"Probability of each {of}.",
        "W": encoded_layers(net.W, numpy),
        "b": encoded_layers(net.b, numpy),
        "head": "" if regressor else f"CLASSES = {net.classes!r}\n",
        "note": "".join(f"{line}\n" for line in textwrap.wrap(net.note, 88)),
        "scaling": encoded_scaling(net, numpy),
        "features": (features_of_array if numpy else features_of_row)(net),
        "scalars": activation_functions(net, language),
        "layers": (layers_of_arrays if numpy else layers_of_rows)(net),
    }
    words["class_dtype"] = f", {net.class_dtype!r}" if net.class_dtype else ""
    if net.link is None:
        words["head"] += f"TINY = {limits['tiny']!r}\n"
        tail = SOFTMAX[numpy]
    else:
        tail = UNIT_BY_UNIT[numpy]
        words["outputs"] = (outputs_of_array if numpy else outputs_of_row)(net, limits)
    if not regressor:
        tail += (LABELS if labels else ONE_CLASS)[numpy]
    words["tail"] = Template(tail).substitute(words)
    return Template(WITH_NUMPY if numpy else WITHOUT).substitute(words)


def encoded_scaling(net, numpy):
    """Return the definition of SCALER, or nothing where the scaling is folded."""
    if not net.before:
        return ""
    text = encoded_layers([row for _, row in net.before], numpy)
    head = "" if numpy else ROUNDED[net.before[0][1].dtype.char]
    return f"SCALER = [\n{text}]\n{head}"


def features_of_array(net):
    """Return the lines that make X what the first layer takes."""
    rows = f"    A = np.asarray(X, W[0].dtype).reshape(len(X), {net.n[0]})\n"
    return rows + "".join(
        f"    A = A {operator} SCALER[{i}]\n"
        for i, (operator, _) in enumerate(net.before)
    )


def features_of_row(net):
    """Return the lines that make a row x what the first layer takes."""
    lines = ["    x = rounded(x)\n"] if net.before else []
    for i, (operator, _) in enumerate(net.before):
        pairs = f"zip(x, SCALER[{i}][0], strict=True)"
        lines.append(f"    x = rounded([v {operator} c for v, c in {pairs}])\n")
    return "".join(lines)


def layers_of_arrays(net):
    lines = []
    for l, (name, formula, _) in enumerate(net.formulas):
        Z = f"A @ W[{l}].T + b[{l}]"
        lines.append(f"    A = {Z if formula == 'z' else f'{name}({Z})'}\n")
    last = len(net.W) - 1
    return "".join([*lines, f"    return A @ W[{last}].T + b[{last}]\n"])


def layers_of_rows(net):
    lines = [
        f"    x = layer(W[{l}], b[{l}], {'identity' if formula == 'z' else name}, x)\n"
        for l, (name, formula, _) in enumerate(net.formulas)
    ]
    last = len(net.W) - 1
    return "".join([*lines, f"    return layer(W[{last}], b[{last}], identity, x)\n"])


def outputs_of_array(net, limits):
    """Return the expression of the outputs for an array z of raw outputs."""
    texts = [translate(f, limits, functions=NUMPY) for f in net.link]
    if len(texts) > 1:
        return f"np.hstack([{', '.join(texts)}])"
    return f"({texts[0]}).ravel()" if net.one_number else texts[0]


def outputs_of_row(net, limits):
    """Return the expression of the outputs for a row raw_x of raw outputs."""
    texts = [translate(f, limits, functions=PLAIN) for f in net.link]
    if net.one_number:
        return translate(net.link[0], limits, z="raw_x[0]", functions=PLAIN)
    if len(texts) > 1:
        return f"[p for z in raw_x for p in ({', '.join(texts)})]"
    return f"[{texts[0]} for z in raw_x]"
