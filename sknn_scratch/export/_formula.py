"""Translation of a formula of z, such as "max(z, 0)", into other languages.

A formula consists of numbers, z, names of constants, + - * / and the functions abs,
exp, expm1, log1p, max, min and tanh. It is a valid Python expression, so `ast.parse`
reads it and `ast.unparse` writes it with the parentheses that it needs. C and
JavaScript need the same ones.
"""

import ast

FUNCTIONS = ("abs", "exp", "expm1", "log1p", "max", "min", "tanh")


def parse(formula, constants):
    """Parse a formula to a syntax tree, with numbers in place of constants."""
    tree = ast.parse(formula, mode="eval").body
    return InsertConstants(constants).visit(tree)


def translate(formula, constants, *, z="z", functions, number=repr):
    """Return the formula as an expression of another language.

    Parameters
    ----------
    formula : str
        Formula of z.
    constants : dict
        {name in the formula: number}.
    z : str
        Expression that replaces z.
    functions : dict
        {name in the formula: name in the other language}.
    number : callable
        Returns a float as a literal of the other language.
    """
    words = TranslateNames(z, functions, number)
    return ast.unparse(words.visit(parse(formula, constants)))


class InsertConstants(ast.NodeTransformer):
    """Replaces names of constants by their numbers."""

    def __init__(self, values):
        self._values = values

    def visit_Name(self, node):
        if node.id not in self._values:
            return node
        return ast.Constant(float(self._values[node.id]))


class TranslateNames(ast.NodeTransformer):
    """Replaces names and numbers by those of another language."""

    def __init__(self, z, functions, number):
        self._z, self._functions, self._number = z, functions, number

    def visit_Name(self, node):
        return ast.Name(self._z if node.id == "z" else self._functions[node.id])

    def visit_Constant(self, node):
        return ast.Name(self._number(float(node.value)))
