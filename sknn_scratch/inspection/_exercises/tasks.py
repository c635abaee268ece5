"""The exercises of the course: its functions with blanks, and with the solution.

`TASKS` has the texts, `WEEKS` the order. The code is that of `textbook.py`.
"""

import ast
import inspect
from functools import cache
from textwrap import fill, indent

from . import textbook
from .task_texts import ARGUMENTS, TASKS

BLANK = "...  # your code"

# the functions of each week's assignment, in the order of the course
WEEKS = {
    "week2": (
        "sigmoid",
        "sigmoid_derivative",
        "image2vector",
        "normalize_rows",
        "softmax_rows",
        "initialize_with_zeros",
        "propagate",
        "optimize",
        "predict",
    ),
    "week3": (
        "layer_sizes",
        "initialize_parameters",
        "tanh",
        "forward_propagation",
        "compute_cost",
        "tanh_backward",
        "backward_propagation",
        "update_parameters",
    ),
    "week4": (
        "initialize_parameters_deep",
        "linear_forward",
        "relu",
        "linear_activation_forward",
        "L_model_forward",
        "softmax",
        "compute_cost",
        "linear_backward",
        "relu_backward",
        "sigmoid_backward",
        "linear_activation_backward",
        "L_model_backward",
        "update_parameters",
    ),
}


def skeleton(name):
    """Return the source of a function with a blank for each line to write.

    A blank is an assignment of `...`, such as `Z = ...  # your code`.
    """
    return described(name, blanked(name))


def solution(name):
    """Return the source of a function with the textbook's lines.

    It needs `import numpy as np`, and the functions that `helpers` names.
    """
    return described(name, source_of(name))


def helpers(name):
    """Return the names of the functions that a solution calls, the first needed first.

    They are exercises, too: their solutions have to stand before it. The solution of
    `optimize` calls `propagate`, which calls `sigmoid`.
    """
    found = {}
    for node in ast.walk(ast.parse(source_of(name))):
        if isinstance(node, ast.Name) and node.id in TASKS:
            found |= dict.fromkeys([*helpers(node.id), node.id])
    return tuple(found)


def given(week):
    """Return the functions of earlier weeks that the solutions of a week call."""
    needed = [helper for name in WEEKS[week] for helper in helpers(name)]
    return tuple(dict.fromkeys(name for name in needed if name not in WEEKS[week]))


# -- the source ------------------------------------------------------------------------


@cache
def source_of(name):
    return inspect.getsource(getattr(textbook, name))


def blanked(name, lines_of=lambda target, value: [f"{target} = {BLANK}"]):
    """Return the source with other lines in the place of its blanks.

    `lines_of` takes the left side, with its indent, and the textbook's right side.
    """
    lines = source_of(name).splitlines()
    for node in reversed(assignments(name)):
        target = lines[node.lineno - 1][: node.targets[0].end_col_offset]
        lines[node.lineno - 1 : node.end_lineno] = lines_of(
            target, ast.unparse(node.value)
        )
    return "\n".join(lines) + "\n"


def assignments(name):
    """Return the assignments that are blanks, from the top to the bottom.

    `A = X` only begins a loop and stays.
    """
    source = source_of(name)
    nodes = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Assign)
        and not isinstance(node.value, ast.Name)
        and ast.get_source_segment(source, node.targets[0]) in TASKS[name].blanks
    ]
    return sorted(nodes, key=lambda node: node.lineno)


def described(name, source):
    """Return the source with the docstring of the exercise."""
    head, _, body = source.partition("\n")
    arguments = [arg.arg for arg in ast.parse(source).body[0].args.args]
    lines = [
        fill(f"{argument}: {meaning(name, argument)}", 84, subsequent_indent="    ")
        for argument in arguments
    ]
    asks = fill(f'"""{TASKS[name].asks}', 84)
    words = "\n".join([asks, "", *lines, '"""'])
    return f"{head}\n{indent(words, '    ')}\n{body}"


def meaning(name, argument):
    """Return what an argument of a function is."""
    return ARGUMENTS.get(f"{name}.{argument}", ARGUMENTS.get(argument))
