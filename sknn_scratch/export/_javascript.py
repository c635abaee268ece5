"""Export to JavaScript: an ES module, and the forward pass for HTML pages."""

import json
import textwrap
from string import Template

import numpy as np

from ._javascript_text import TYPES, classes_literal, encoded_layers, forward_pass
from ._network import Exported, base64_of
from ._table import ExportedTable, takes_rows_of_numbers
from ._table_javascript import table_to_javascript

MODULE = """\
// $title, exported by $made_by.
//
//     import { $function } from "./this_file.mjs";
//     $function([[...], [...]]); // rows of $n_features numbers
//
// An ES module for browsers, Node.js and Deno; it needs nothing else.
$note
$forward
const decoded = (text) => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new $array(bytes.buffer);
};
const n = $n;
${scaling}const W = [
  null,
$W];
const b = [
  null,
$b];

// A[0..L] of rows, and their outputs P, as rows of m numbers.
function run(rows) {
  const m = rows.length, A = room(n, m), last = n.length - 1;
  rows.forEach((row, k) => {
    if (row.length !== n[0]) {
      throw new RangeError(`rows must have $${n[0]} numbers, got $${row.length}`);
    }
    for (let j = 0; j < n[0]; j++) A[0][j * m + k] = $feature;
  });
  forward(n, g, { W, b }, A, m);
  const P = new Float64Array($n_outputs * m);
  outputs(OUTPUTS, n[last], A[last], m, P);
  return { A, P };
}

// The outputs of rows: an array of $n_outputs numbers for each.
function rowsOut(rows) {
  const { P } = run(rows);
  return rows.map((_, k) => pointOf(P, rows.length, k));
}

// For each row [[A[0], A[1], ..., A[L]]], arrays of the units; A[L] are the outputs.
export function activations(rows) {
  const { A, P } = run(rows);
  const layers = [...A.slice(0, -1), P];
  return rows.map((_, k) => [layers.map((a) => pointOf(a, rows.length, k))]);
}

$tail"""
CLASSIFIER = """\
export const classes = $classes;

// The probability of each $meaning, for each row.
export const predictProba = rowsOut;

"""
ONE_CLASS = """\
// The most probable class of each row.
const largest = (p) => p.reduce((best, q, c) => (q > p[best] ? c : best), 0);
export const predict = (rows) => rowsOut(rows).map((p) => classes[largest(p)]);
"""
LABELS = """\
// 1 for each label above 1/2, else 0, for each row.
const sure = (p) => p.map((q) => (q > 0.5 ? 1 : 0));
export const predict = (rows) => rowsOut(rows).map(sure);
"""
ONE_NUMBER = """\
// The prediction for each row.
export const predict = (rows) => rowsOut(rows).map(([y]) => y);
"""
NUMBERS = """\
// The predictions for each row.
export const predict = rowsOut;
"""


def to_javascript(model, *, class_names=None):
    """Return a fitted network as an ES module.

    Parameters
    ----------
    model : estimator
        A fitted network of this package, or a Pipeline that ends in one; the steps
        before may be StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler and
        ImageFlattener. They are folded into the first layer, or applied before it where
        folding would cost more than 1e-6 of a unit's input; a comment says which. An
        image is then given as its values in the order of `image.ravel()`.

        Or a model that takes a table: a TabularNetClassifier, a TabularNetRegressor, a
        Pipeline with other steps (:doc:`/exports` lists them), or a
        TransformedTargetRegressor of one of these with a scaler.
    class_names : sequence of str, default=None
        Names of the classes; None takes `classes_`.

    Returns
    -------
    str
        A module that exports `predictProba(rows)`, `predict(rows)` and `classes`, for
        regressors `predict(rows)` only. `activations(rows)[i][j][l]` are the units of
        layer l, of the network j (there are several in an ensemble), for the row i:
        what the first layer takes for l = 0, the network's outputs for l = L.
        Parameters keep their dtype; JavaScript computes in 64 bits. Classes are texts
        if one is an integer beyond 2^53, which JavaScript would round.

        A model that takes a table takes a row, such as `{price: 3, city: "Oslo"}`, or
        an array of rows. null, undefined and NaN are missing values; dates are Date or
        text such as "2024-05-31".

    Raises
    ------
    ValueError
        If a step cannot be exported; the message names it.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknn_scratch import ShallowNetClassifier
    >>> from sknn_scratch.export import to_javascript
    >>> net = ShallowNetClassifier(4, random_state=0, warn=False, max_iter=20)
    >>> module = to_javascript(net.fit(*load_iris(return_X_y=True)))
    >>> print(module.splitlines()[0])
    // ShallowNetClassifier 4-4-3, exported by sknn_scratch 0.1.0.
    """
    if not takes_rows_of_numbers(model):
        return table_to_javascript(ExportedTable(model, class_names))
    net = Exported(model, class_names)
    labels = net.kind == "multilabel"
    if net.classes is None:
        tail = ONE_NUMBER if net.one_number else NUMBERS
    else:
        tail = CLASSIFIER + (LABELS if labels else ONE_CLASS)
    words = {
        "title": net.name,
        "made_by": net.made_by,
        "function": "predict" if net.classes is None else "predictProba",
        "n_features": net.n[0],
        "n_outputs": net.n_outputs,
        "n": json.dumps(net.n),
        "array": TYPES[net.dtype],
        "W": encoded_layers(net.W),
        "b": encoded_layers(net.b),
        "forward": forward_pass(net.formulas, net.kind, net.dtype),
        "meaning": "label" if labels else "class",
        "note": "".join(f"// {line}\n" for line in textwrap.wrap(net.note, 84)),
        "scaling": "".join(
            f'const scaler{i} = decoded("{base64_of(row)}");\n'
            for i, (_, row) in enumerate(net.before, start=1)
        ),
        "feature": scaled_feature(net),
        "classes": classes_literal(net.classes),
    }
    words["tail"] = Template(tail).substitute(words)
    return Template(MODULE).substitute(words)


def scaled_feature(net):
    """Return the expression of a feature of a row, as the first layer takes it."""
    text = "row[j]"
    if net.before and net.before[0][1].dtype == np.float32:
        text = f"Math.fround({text})"
    for i, (operator, row) in enumerate(net.before, start=1):
        rounded = "Math.fround" if row.dtype == np.float32 else ""
        text = f"{rounded}({text} {operator} scaler{i}[j])"
    return text
