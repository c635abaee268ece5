"""Export of models that take tables to JavaScript."""

import json
from string import Template

import numpy as np

from .._html.page import asset
from ._javascript_text import TYPES, classes_literal, encoded_layers, forward_pass

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
QUANTILES = """\
// The levels of the predictions.
export const quantiles = $quantiles;

"""


def table_to_javascript(table):
    """Return an ExportedTable as an ES module."""
    program, labels = table.program, table.kind == "multilabel"
    if table.classes is None:
        tail = QUANTILES if table.quantiles else ""
        tail += ONE_NUMBER if table.one_number else NUMBERS
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
