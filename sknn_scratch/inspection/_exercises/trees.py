"""Parts of a syntax tree: what a node is, and nodes that are made anew."""

import ast


def parsed(text):
    return ast.parse(text, mode="eval").body


def is_op(node, *kinds):
    return isinstance(node, ast.BinOp) and isinstance(node.op, kinds)


def binary(left, op, right):
    return ast.BinOp(left, op(), right)


def is_call(node, *names):
    return isinstance(node, ast.Call) and ast.unparse(node.func) in names


def is_number(node):
    return isinstance(node, ast.Constant) and not isinstance(node.value, str)


def is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def is_transposed(node):
    return isinstance(node, ast.Attribute) and node.attr == "T"


def turned(node):
    """Return node.T, or node if it is transposed already."""
    return node.value if is_transposed(node) else ast.Attribute(node, "T", ast.Load())


def call(name, *arguments):
    return ast.Call(parsed(name), list(arguments), [])


def summed(value, *keywords):
    return ast.Call(parsed("np.sum"), [value], list(keywords))


def replaced(tree, node, other):
    """Return a copy of the tree with another node in the place of one."""
    if tree is node:
        return other
    fields = {}
    for name, value in ast.iter_fields(tree):
        if isinstance(value, ast.AST):
            value = replaced(value, node, other)
        elif isinstance(value, list):
            value = [
                replaced(part, node, other) if isinstance(part, ast.AST) else part
                for part in value
            ]
        fields[name] = value
    return type(tree)(**fields)
