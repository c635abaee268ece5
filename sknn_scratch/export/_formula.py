"""A formula of z, such as "max(z, 0)", as other languages write it.

A formula is made of numbers, z, names of constants, + - * / and the functions abs, exp,
expm1, log1p, max, min and tanh. That is an expression of Python, too: Python's own
parser reads it, and what writes it knows which parentheses it needs. They are the same
in C and in JavaScript.
"""

import ast

FUNCTIONS = ("abs", "exp", "expm1", "log1p", "max", "min", "tanh")


def parsed(formula, constants):
    """The tree of an expression; the constants have become numbers."""
    tree = ast.parse(formula, mode="eval").body
    return Constants(constants).visit(tree)


def written(formula, constants, *, z="z", functions, number=repr):
    """The formula as text.

    Parameters
    ----------
    formula : str
    constants : dict
        Names in the formula -> numbers.
    z : str
        What stands for z.
    functions : dict
        Names in the formula -> names in the other language.
    number : callable
        How a float is written there.
    """
    words = Words(z, functions, number)
    return ast.unparse(words.visit(parsed(formula, constants)))


class Constants(ast.NodeTransformer):
    """Names become numbers."""

    def __init__(self, values):
        self._values = values

    def visit_Name(self, node):
        if node.id not in self._values:
            return node
        return ast.Constant(float(self._values[node.id]))


class Words(ast.NodeTransformer):
    """Names and numbers become words of another language."""

    def __init__(self, z, functions, number):
        self._z, self._functions, self._number = z, functions, number

    def visit_Name(self, node):
        return ast.Name(self._z if node.id == "z" else self._functions[node.id])

    def visit_Constant(self, node):
        return ast.Name(self._number(float(node.value)))
