"""Export to C99: one header in float32, without allocation and without state."""

import re
import textwrap
from itertools import pairwise
from string import Template

import numpy as np

from ._c_text import CLASS_NAME, float_literal, string_literal
from ._formula import FUNCTIONS, translate
from ._network import Exported, limits_of
from ._table import ExportedTable, takes_rows_of_numbers
from ._table_c import table_to_c

F32 = {name: f"{name}f" for name in FUNCTIONS}
F32["abs"] = "fabsf"
A_LINE = 8  # numbers per line
BLOCK = 32  # terms of a partial sum: sums of sums have smaller rounding errors

HEADER = """\
/* $title, exported by $made_by.
 *
 * C99 and C++, float32. It allocates no memory and keeps no state: a call needs about
 * $stack bytes of stack, and threads may call it at once. Link with -lm.
$note *
 *     float $out[$n_outputs];
 *     ${name}_$function(x, $out);
 */
#ifndef ${NAME}_H
#define ${NAME}_H

#include <math.h>

#define ${NAME}_N_FEATURES $n_features
#define ${NAME}_N_OUTPUTS $n_outputs

"""
FOOTER = """\
#endif /* ${NAME}_H */
"""
LIMITS = """\
/* unlike fmaxf and fminf they give NaN where a is NaN */
static inline float ${name}_max(float a, float b) { return a < b ? b : a; }
static inline float ${name}_min(float a, float b) { return b < a ? b : a; }

"""
LAYER = """\
/* z = W x + b; W lies row by row */
static inline void ${name}_layer(const float *W, const float *b, int n_in, int n_out,
                                 const float *x, float *z)
{
    for (int i = 0; i < n_out; i++, W += n_in) {
        z[i] = 0.0f;
        for (int j = 0; j < n_in; j += $block) { /* sums of sums: less rounding */
            int end = j + $block < n_in ? j + $block : n_in;
            float sum = 0.0f;
            for (int k = j; k < end; k++) sum += W[k] * x[k];
            z[i] += sum;
        }
        z[i] += b[i];
    }
}

"""
SCALAR = """\
static inline float ${name}_$function(float z)
{
    return $formula;
}

"""
RAW = """\
/* x: $n_features numbers; z: $units, the raw outputs */
static inline void ${name}_decision_function(const float *x, float *z)
{
$body}

"""
SOFTMAX = """\
/* x: $n_features numbers; $out: $n_outputs, $meaning */
static inline void ${name}_$function(const float *x, float *$out)
{
    float top, sum = 0.0f;
    ${name}_decision_function(x, $out);
    top = $out[0];
    for (int k = 1; k < $units; k++) top = ${name}_max(top, $out[k]);
    for (int k = 0; k < $units; k++) sum += $out[k] = expf($out[k] - top);
    for (int k = 0; k < $units; k++) $out[k] = ${name}_max($out[k] / sum, $tiny);
}

"""
UNIT_BY_UNIT = """\
/* x: $n_features numbers; $out: $n_outputs, $meaning */
static inline void ${name}_$function(const float *x, float *$out)
{
    float raw[$units];
    ${name}_decision_function(x, raw);
    for (int k = 0; k < $units; k++) {
        float z = raw[k];
$body    }
}

"""
PREDICT = """\
/* the number of the most probable class, the first of which is 0 */
static inline int ${name}_predict(const float *x)
{
    float p[$n_outputs];
    int best = 0;
    ${name}_predict_proba(x, p);
    for (int k = 1; k < $n_outputs; k++) if (p[k] > p[best]) best = k;
    return best;
}

"""
PREDICT_LABELS = """\
/* y: 1 for each label above 1/2, else 0 */
static inline void ${name}_predict(const float *x, int *y)
{
    float p[$n_outputs];
    ${name}_predict_proba(x, p);
    for (int k = 0; k < $n_outputs; k++) y[k] = p[k] > 0.5f;
}

"""


def to_c(model, *, name="network", class_names=None):
    """Return a fitted network as one C header.

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
    name : str, default="network"
        Prefix of all names in the header.
    class_names : sequence of str, default=None
        Names of the classes; None takes `classes_`.

    Returns
    -------
    str
        C99 (and C++): functions `{name}_decision_function`, `{name}_predict_proba`,
        `{name}_predict` and `{name}_class_name`, for regressors `{name}_predict` only.
        Numbers are float32; link with -lm. The values of x are not checked: NaN gives
        NaN.

        A model that takes a table has `struct {name}_row` with a member for each column
        in place of x, and computes in double. Missing numbers are NAN. Texts are
        constants of an enum, dates are days since 1970-01-01. `{name}_empty_row` makes
        a row without values; a comment at the top shows a call. Regressors have
        `{name}_predict_interval`, too.

    Raises
    ------
    ValueError
        If a step cannot be exported (the message names it), `name` is not a valid name
        in C, or a parameter is too large for float32.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknn_scratch import ShallowNetClassifier
    >>> from sknn_scratch.export import to_c
    >>> net = ShallowNetClassifier(4, random_state=0, warn=False, max_iter=20)
    >>> header = to_c(net.fit(*load_iris(return_X_y=True)), name="iris")
    >>> print(header.splitlines()[0])
    /* ShallowNetClassifier 4-4-3, exported by sknn_scratch 0.1.0.
    """
    if not re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name):
        raise ValueError(
            f"name must be of letters, digits and _ as names in C, got {name!r}; take "
            '"network", for example.'
        )
    if not takes_rows_of_numbers(model):
        return table_to_c(ExportedTable(model, class_names), name)
    net = Exported(model, class_names, np.float32)
    regressor, labels = net.classes is None, net.kind == "multilabel"
    words = {
        "title": net.name,
        "made_by": net.made_by,
        "name": name,
        "NAME": name.upper(),
        "n_features": net.n[0],
        "n_outputs": net.n_outputs,
        "units": net.n[-1],
        "stack": 4 * (2 * max(net.n[1:]) + 2 * net.n_outputs)
        + 4 * net.n[0] * bool(net.before),
        "note": "".join(f" * {line}\n" for line in textwrap.wrap(net.note, 84)),
        "block": BLOCK,
        "tiny": float_literal(limits_of(np.float32)["tiny"]),
        "function": "predict" if regressor else "predict_proba",
        "out": "y" if regressor else "p",
        "meaning": "the prediction",
    }
    if not regressor:
        of = "label" if labels else "class"
        words["meaning"] = f"the probability of each {of}"
        words["names"] = ", ".join(string_literal(str(c)) for c in net.classes)

    def filled(template, **more):
        return Template(template).substitute(words | more)

    parts = [filled(HEADER), *array_definitions(net, name)]
    parts += [filled(LIMITS), filled(LAYER)]
    for of, (formula, constants) in net.activations.items():
        if formula != "z":
            text = c_formula(formula, constants, name)
            parts.append(filled(SCALAR, function=of, formula=text))
    parts.append(filled(RAW, body=layer_calls(net, name)))
    if net.link is None:
        parts.append(filled(SOFTMAX))
    else:
        parts.append(filled(UNIT_BY_UNIT, body=unit_outputs(net, name, words["out"])))
    if not regressor:
        parts += [filled(PREDICT_LABELS if labels else PREDICT), filled(CLASS_NAME)]
    return "".join([*parts, filled(FOOTER)])


def array_definitions(net, name):
    """Yield the definitions of scaler1, ... (the constants), W[l] and b[l]."""
    arrays = {f"scaler{i}": row for i, (_, row) in enumerate(net.before, start=1)}
    for l, (W, b) in enumerate(zip(net.W, net.b, strict=True), start=1):
        arrays |= {f"W{l}": W, f"b{l}": b}
    for what, values in arrays.items():
        with np.errstate(over="ignore"):
            values = values.astype(np.float32)
        if not np.isfinite(values).all():
            raise ValueError(
                f"{what} must be finite in float32 to be written in C, got "
                f"numbers beyond {np.finfo(np.float32).max:g}; scale X."
            )
        numbers = [float_literal(value) for value in values.ravel()]
        lines = (
            ", ".join(numbers[i : i + A_LINE]) for i in range(0, len(numbers), A_LINE)
        )
        text = ",\n    ".join(lines)
        shape = f"/* {' x '.join(map(str, values.shape))} */"
        yield (
            f"static const float {name}_{what}[{values.size}] = {shape} {{\n"
            f"    {text}\n}};\n\n"
        )


def layer_calls(net, name):
    """Return the calls of all layers; two buffers alternate as their outputs."""
    lines, x = [], "x"
    used = sorted({f"a{l % 2}" for l in range(1, len(net.W))})
    if used:
        widest = max(net.n[1:-1])
        lines.append(f"float {', '.join(f'{a}[{widest}]' for a in used)};")
    if net.before:
        lines += [
            f"float scaled[{net.n[0]}];",
            f"for (int j = 0; j < {net.n[0]}; j++) {{",
            "    volatile float x_j = x[j]; /* rounds: no fused x * c + d */",
            *(
                f"    x_j = x_j {operator} {name}_scaler{i}[j];"
                for i, (operator, _) in enumerate(net.before, start=1)
            ),
            "    scaled[j] = x_j;",
            "}",
        ]
        x = "scaled"
    for l, (n_in, n_out) in enumerate(pairwise(net.n), start=1):
        z = "z" if l == len(net.W) else f"a{l % 2}"
        lines.append(
            f"{name}_layer({name}_W{l}, {name}_b{l}, {n_in}, {n_out}, {x}, {z});"
        )
        if z != "z" and net.formulas[l - 1][1] != "z":
            g = f"{name}_{net.formulas[l - 1][0]}"
            lines.append(f"for (int i = 0; i < {n_out}; i++) {z}[i] = {g}({z}[i]);")
        x = z
    return "".join(f"    {line}\n" for line in lines)


def unit_outputs(net, name, out):
    """Return the statements that compute the outputs of one unit from its z."""
    limits, each = limits_of(np.float32), len(net.link)
    places = ["k"] if each == 1 else [f"{each} * k + {i}" for i in range(each)]
    return "".join(
        f"        {out}[{place}] = {c_formula(formula, limits, name)};\n"
        for place, formula in zip(places, net.link, strict=True)
    )


def c_formula(formula, constants, name):
    functions = F32 | {"max": f"{name}_max", "min": f"{name}_min"}
    return translate(formula, constants, functions=functions, number=float_literal)
