"""Export of models that take tables to JavaScript."""

import json
from string import Template

import numpy as np

from .._html.page import asset
from ._javascript_text import TYPES, classes_literal, encoded_layers, forward_pass
from ._network import base64_of
from ._program import check_exact

MODULE = """\
// $title, exported by $made_by.
//
//     import { $function } from "./this_file.mjs";
//     $function({ $first: ..., ... }); // a row, or an array of rows
//
// A row is an object, {column: value}, or an array of the values of all `columns` in
// their order. null, undefined and NaN are missing values. Durations count in days.
// Dates are text, "2024-05-31" or "2024-05-31T18:30", of which a time zone does not
// count, or Date, of which the time in UTC counts.
//
// An ES module for browsers, Node.js and Deno; it needs nothing else.

$forward
$table
const decoded = (text) => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new $array(bytes.buffer);
};
export const columns = $columns;
const inputs = [ // number of the column, how it is read
$inputs];
const blocks = [ // operation, places of its numbers in what is known so far, constants
$blocks];
const features = $features; // places of what the networks take
const n = $n, nOutputs = $n_outputs;
const members = [
$members];
const beforeLink = $before_link;
const afterLink = $after_link;
const afterMean = $after_mean;

// Of each network [A[0], A[1], ..., A[L]], arrays of the units; A[L] are its outputs.
export const activations = ofEach(layersOf);

$tail"""
CLASSIFIER = """\
export const classes = $classes;

// The probability of each $meaning.
export const predictProba = ofEach(outputsOf);

"""
ONE_CLASS = """\
// The most probable class.
const largest = (p) => p.reduce((best, q, c) => (q > p[best] ? c : best), 0);
export const predict = ofEach((row) => classes[largest(outputsOf(row))]);
"""
LABELS = """\
// 1 for each label above 1/2, else 0.
export const predict = ofEach((row) => outputsOf(row).map((q) => (q > 0.5 ? 1 : 0)));
"""
ONE_NUMBER = """\
// The prediction.
export const predict = ofEach((row) => outputsOf(row)[0]);
"""
NUMBERS = """\
// The predictions.
export const predict = ofEach(outputsOf);
"""
INTERVALS = """\

// -- intervals ------------------------------------------------------------------------

const floats = (text) => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new Float64Array(bytes.buffer);
};
const intervals = [ // of each target: the outputs it is around, residuals and weights
$intervals];

// The least u that predictions plus residuals of this weight are at most.
function upper(centres, residuals, wanted) {
  const known = residuals.map(([r]) => r).filter((r) => r.length);
  let low = Math.min(...centres) + Math.min(...known.map((r) => r[0]));
  let high = Math.max(...centres) + Math.max(...known.map((r) => r.at(-1)));
  low -= Math.abs(low) * 2 ** -52 + 1e-300;
  for (let step = 0; step < 60; step++) {
    const middle = low + (high - low) / 2;
    const weights = residuals.map(([r, w], k) => {
      const count = countUpTo(r, middle - centres[k]);
      return w ? w[count] : count;
    });
    if (weights.reduce((a, b) => a + b) >= wanted) high = middle;
    else low = middle;
  }
  return high;
}

// How many of the sorted numbers r are at most x.
function countUpTo(r, x) {
  let first = 0, last = r.length;
  while (first < last) {
    const middle = (first + last) >> 1;
    if (r[middle] <= x) first = middle + 1;
    else last = middle;
  }
  return first;
}

// The lower and the upper end of intervals that hold y with this probability.
export function predictInterval(rows, coverage = 0.9) {
  if (!(coverage > 0 && coverage < 1)) {
    throw new RangeError(`coverage must be between 0 and 1, got $${coverage}`);
  }
  const ofRow = (row) => {
    const P = outputsOfNetworks(row);
    const ends = intervals.map(({ low, high, residuals, total, one }) => {
      const wanted = coverage * (total + one) * (1 - 1e-12);
      if (wanted > total) return [-Infinity, Infinity];
      const below = upper(P.map((p) => -p[low]), residuals, wanted);
      const above = upper(P.map((p) => p[high]), residuals, wanted);
      return [-below, above].sort((a, b) => a - b);
    });
    return $ends;
  };
  return ofEach(ofRow)(rows);
}
"""
QUANTILES = """\
// The levels of the predictions.
export const quantiles = $quantiles;

"""


def table_to_javascript(table):
    """Return an ExportedTable as an ES module."""
    program, labels = table.program, table.kind == "multilabel"
    check_exact(program, "JavaScript")
    if table.classes is None:
        tail = QUANTILES if table.quantiles else ""
        tail += ONE_NUMBER if table.one_number else NUMBERS
        tail += INTERVALS if table.intervals else ""
    else:
        tail = CLASSIFIER + (LABELS if labels else ONE_CLASS)
    words = {
        "title": table.name,
        "made_by": table.made_by,
        "function": "predict" if table.classes is None else "predictProba",
        "first": literal(program.columns[program.inputs[0].place]),
        "forward": forward_pass(table.formulas, table.kind, table.link_dtype),
        "table": asset(__package__, "table.js"),
        "array": TYPES[np.dtype(table.dtype)],
        "columns": literal(program.columns),
        "inputs": "".join(f"  {line_of(source)},\n" for source in program.inputs),
        "blocks": "".join(f"  {literal(block)},\n" for block in program.blocks),
        "features": literal(program.features),
        "n": literal(table.n),
        "n_outputs": table.n_outputs,
        "members": "".join(
            f"  {{\n  W: [null,\n{encoded_layers(W)}  ],\n"
            f"  b: [null,\n{encoded_layers(b)}  ],\n  }},\n"
            for W, b in table.members
        ),
        "before_link": stages(table.before_link),
        "after_link": stages(table.after_link),
        "after_mean": stages(table.after_mean),
        "classes": classes_literal(table.classes),
        "quantiles": literal(table.quantiles),
        "meaning": "label" if labels else "class",
        "intervals": "".join(map(interval_of, table.intervals)),
        "ends": "ends[0]" if table.one_target else "ends",
    }
    words["tail"] = Template(tail).substitute(words)
    return Template(MODULE).substitute(words)


def literal(value):
    """Return numbers, texts and lists as an expression; NaN and Infinity have names.

    "<" is escaped, so that "</script>" does not end a script in a page.
    """
    return json.dumps(value).replace("<", "\\u003c")


def stages(operations):
    """Return (operation, constants) as an expression."""
    return literal([(name, list(map(float, values))) for name, values in operations])


def line_of(source):
    """Return the array that says how a column is read."""
    if source.kind == "number":
        return f'[{source.place}, "number", {source.origin}n]'
    if source.kind == "date":
        return f'[{source.place}, "date"]'
    levels, refused = literal([*source.levels]), literal(sorted(source.refused))
    return f'[{source.place}, "level", levelNumbers({levels}), {refused}]'


def interval_of(interval):
    """Return the object of what an interval is made of."""
    low, high, members, total, one = interval
    lines = "".join(
        f"    [{floats(r)}, {'null' if w is None else floats(w)}],\n"
        for r, w in members
    )
    return (
        f"  {{ low: {low}, high: {high}, total: {total!r}, one: {one!r}, residuals: [\n"
        f"{lines}  ] }},\n"
    )


def floats(values):
    """Return the expression of an array of 64-bit floats."""
    return f'floats("{base64_of(np.asarray(values, float))}")'
