"""The formulas of a step, read from the docstrings of the engine.

No formula is written a second time, so a fault of the engine shows in the explanation.
"""

import inspect
import re

from ..._engine.propagation import backward, forward


def paragraphs(thing):
    """Return the paragraphs of a docstring as lines; an empty one under python -OO."""
    text = inspect.cleandoc(thing.__doc__ or "")
    return [" ".join(part.split()) for part in text.split("\n\n")] if text else [""]


def first_paragraph(thing):
    """Return the first paragraph of a docstring, without its full stop."""
    return paragraphs(thing)[0].rstrip(".")


def description_of(part):
    """Return the formula of a loss or an activation, or that it is the reader's."""
    return getattr(part, "description", None) or first_paragraph(type(part))


def formulas(function):
    """Return the formulas of `forward` or `backward` by the quantity that they give."""
    parts = re.split(r"[,;] (?=\w+\[)|; ", first_paragraph(function))
    named = {part.split("[")[0]: part for part in parts if "] = " in part}
    return dict.fromkeys(("Z", "A", "dZ", "dW", "db"), "") | named


def for_layer(formula, l):
    """Return the formula with the number of the layer in place of l."""
    return formula.replace("[l-1]", f"[{l - 1}]").replace("[l]", f"[{l}]")


def activation_formula(g):
    """Return the formula of an activation, and that of its dropout if it has one."""
    parts = [g.at_rest, g] if hasattr(g, "at_rest") else [g]
    return "; ".join(map(description_of, parts))


def penalty_formula(objective):
    """Return the penalty in J with its two factors, or "" if there is none."""
    if not (objective.l2 or objective.l1):
        return ""
    penalty = first_paragraph(objective.penalty).partition(" where")[0]
    penalty = penalty.rpartition(": ")[2]
    return f";  + {penalty};  l2 = {objective.l2:.3g}, l1 = {objective.l1:.3g}"


def update_formula(step, name):
    """Return the formulas of the step and the values of the names in them."""
    text = ";  ".join(step.formulas(name))
    named = {
        key: f"{value:.4g}"
        for key, value in step.numbers().items()
        if re.search(rf"(?<!\w){re.escape(key)}(?!\w)", text)
    }
    return ";  ".join([text, ", ".join(f"{key} = {named[key]}" for key in named)])


FORWARD, BACKWARD = formulas(forward), formulas(backward)
