"""Texts that all exports to JavaScript share."""

import json

import numpy as np

from .._html.page import asset
from ..preprocessing._values import EXACT
from ._formula import FUNCTIONS, translate
from ._network import LINKS, base64_of, limits_of

MATH = {name: f"Math.{name}" for name in FUNCTIONS}
TYPES = {np.dtype(np.float32): "Float32Array", np.dtype(np.float64): "Float64Array"}


def classes_literal(classes):
    """Return the class names as a literal; as texts if there are ints beyond 2^53.

    A number of JavaScript would be rounded, so that two classes may become one.
    "<" is escaped, so that "</script>" does not end a script in a page.
    """
    if classes and any(type(c) is int and abs(c) > EXACT for c in classes):
        classes = [str(c) for c in classes]
    return json.dumps(classes).replace("<", "\\u003c")


def forward_pass(formulas, kind, dtype):
    """Return forward.js after the constants of one network: g, OUTPUTS, TINY."""
    functions = [arrow_function(*formula) for _, *formula in formulas]
    limits, outputs = limits_of(dtype), "null"
    if LINKS[kind] is not None:
        texts = [arrow_function(formula, limits) for formula in LINKS[kind]]
        outputs = f"[{', '.join(texts)}]"
    return (
        f"const g = [{', '.join(['null', *functions])}];\n"
        f"const OUTPUTS = {outputs};\n"
        f"const TINY = {limits['tiny']!r};\n\n"
        f"{asset(__package__, 'forward.js')}"
    )


def arrow_function(formula, constants):
    return f"(z) => {translate(formula, constants, functions=MATH)}"


def encoded_layers(layers):
    """Return a line for each layer, with its little-endian bytes in base64."""
    return "".join(f'  decoded("{base64_of(layer)}"),\n' for layer in layers)
