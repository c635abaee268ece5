"""Export of models that take tables to Python, with NumPy or without."""

import math
import textwrap
from string import Template

import numpy as np

from ._formula import translate
from ._network import base64_of
from ._python_text import NUMPY, PLAIN, activation_functions, encoded_layers
from ._table_python_text import (
    CHOICES,
    CLASSIFIER,
    DATE,
    DURATION,
    EACH_INTERVAL,
    IMPORTS,
    INTERVALS,
    MODULE,
    READERS,
    REGRESSOR,
    RUN_NUMPY,
    RUN_PLAIN,
    SOFTMAX,
    VALUE_OF,
    WAVES_NUMPY,
    WAVES_PLAIN,
    WITH_NUMPY,
    WITHOUT,
)


def table_to_python(table, numpy):
    """Return an ExportedTable as one file of Python."""
    imports = IMPORTS[numpy] | ({"bisect", "struct"} if table.intervals else set())
    words = {
        "title": table.name,
        "made_by": table.made_by,
        "needs": "NumPy" if numpy else "nothing but Python",
        "dtype": f"<f{table.dtype.itemsize}",
        "bytes": table.dtype.itemsize,
        "letter": table.dtype.char,
        "class_dtype": f", {table.class_dtype!r}" if table.class_dtype else "",
        "of": "label" if table.kind == "multilabel" else "class",
        "meaning": "The most probable class of each row.",
        "imports": "".join(f"import {name}\n" for name in sorted(imports)),
        "numpy_import": "\nimport numpy as np\n" if numpy else "",
        "head": head_of(table),
        "readers": readers(table.program, numpy),
        "operations": operations(table, numpy),
        "scalars": activation_functions(table, NUMPY if numpy else PLAIN),
        "layers": layers_of(table, numpy),
        "link": link_of(table, numpy),
        **tables_of(table, numpy),
    }
    for stage in ("before_link", "after_link", "after_mean"):
        words[stage] = stage_of(getattr(table, stage), numpy)
    if table.kind == "multilabel":
        words["meaning"] = "1 for each label above 1/2, else 0."
    words["one"], words["all"] = (
        Template(text).substitute(words) for text in CHOICES[numpy, predicted(table)]
    )
    tail = REGRESSOR if table.classes is None else CLASSIFIER
    if table.intervals:
        tail += INTERVALS
        words["intervals"] = intervals_of(table)
        words["each"] = EACH_INTERVAL[numpy]
        words["ends"] = "ends[0]" if table.one_target else "ends"
    run = RUN_NUMPY if numpy else RUN_PLAIN
    return Template(MODULE + VALUE_OF + run + tail).substitute(words)


def tables_of(table, numpy):
    """Return the literals of the program and of the parameters."""
    program = table.program
    return {
        "columns": repr(program.columns),
        "inputs": "".join(f"    {line_of(source)},\n" for source in program.inputs),
        "blocks": "".join(
            f"    ({b.operation}, {b.sources}, {listed(b.constants)}),\n"
            for b in program.blocks
        ),
        "features": repr(program.features),
        "members": "".join(
            f"    ([\n{encoded_layers(W, numpy)}    ], "
            f"[\n{encoded_layers(b, numpy)}    ]),\n"
            for W, b in table.members
        ),
    }


def predicted(table):
    """Return what `predict` returns of a row: a key of CHOICES."""
    if table.classes is None:
        return "number" if table.one_number else "numbers"
    return "label" if table.kind == "multilabel" else "class"


def head_of(table):
    """Return the definitions of CLASSES or QUANTILES, if there are some."""
    if table.classes is not None:
        return f"\nCLASSES = {table.classes!r}\n"
    return f"\nQUANTILES = {table.quantiles!r}\n" if table.quantiles else ""


def readers(program, numpy):
    """Return the functions that read values of the kinds there are."""
    more = {"duration": DURATION * numpy, "date": DATE * numpy}
    kinds = {source.kind for source in program.inputs}
    return "".join(
        Template(text).substitute(more)
        for kind, text in READERS.items()
        if kind in kinds
    )


def operations(table, numpy):
    """Return the functions of the operations there are."""
    used = {block.operation for block in table.program.blocks}
    for stage in (table.before_link, table.after_link, table.after_mean):
        used |= {operation for operation, _ in stage}
    bodies, text = (WITH_NUMPY, WAVES_NUMPY) if numpy else (WITHOUT, WAVES_PLAIN)
    text *= not used.isdisjoint({"month", "weekday", "time"})
    for operation, body in bodies.items():
        if operation in used:
            text += f"\n\ndef {operation}(x, c):\n{textwrap.indent(body, '    ')}\n"
    return text


def line_of(source):
    """Return the tuple that says how a column is read."""
    if source.kind == "number":
        return f"({source.place}, number, {source.origin})"
    if source.kind == "date":
        return f"({source.place}, day)"
    return f"({source.place}, level, {source.levels!r}, {sorted(source.refused)})"


def listed(constants):
    """Return constants as a list in Python."""
    return f"[{', '.join(map(literal, constants))}]"


def literal(value):
    """Return a float as an expression of Python."""
    text = repr(float(value))
    return text if math.isfinite(value) else f"math.{text}".replace("math.-", "-math.")


def layers_of(table, numpy):
    """Return the lines that compute Z[L]."""
    lines = []
    for l, (name, formula, _) in enumerate([*table.formulas, (None, "z", None)]):
        if numpy:
            Z = f"W[{l}] @ A + b[{l}][:, None]"
            lines.append(f"    A = {Z if formula == 'z' else f'{name}({Z})'}\n")
        else:
            z = f"layer(W[{l}], b[{l}], a)"
            each = z if formula == "z" else f"[*map({name}, {z})]"
            lines.append(f"    a = {each}\n")
    return "".join(lines)


def link_of(table, numpy):
    """Return the lines that make outputs of raw outputs."""
    if table.link is None:
        return SOFTMAX[numpy]
    if table.kind == "identity":
        return ""
    if numpy:
        texts = [translate(f, table.limits, z="A", functions=NUMPY) for f in table.link]
        return f"    A = np.vstack([{', '.join(texts)}])\n"
    texts = [translate(f, table.limits, functions=PLAIN) for f in table.link]
    return f"    a = [p for z in a for p in ({', '.join(texts)},)]\n"


def stage_of(stage, numpy):
    """Return the lines of operations on the outputs."""
    form = "    A = {}(A, np.array({})[:, None])\n" if numpy else "    a = {}(a, {})\n"
    return "".join(form.format(name, listed(values)) for name, values in stage)


def intervals_of(table):
    """Return the lines of the intervals, with arrays as 64-bit floats in base64."""
    lines = []
    for low, high, members, total, one in table.intervals:
        lines.append(f"    ({low}, {high}, [\n")
        for r, w in members:
            sums = f"range({len(r) + 1})" if w is None else doubles(w)
            lines.append(f"        ({doubles(r)}, {sums}),\n")
        lines.append(f"    ], {total!r}, {one!r}),\n")
    return "".join(lines)


def doubles(values):
    """Return the expression of a list of floats."""
    return f'floats("{base64_of(np.asarray(values, float))}")'
