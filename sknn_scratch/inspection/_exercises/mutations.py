"""Small changes of a formula, each of them a mistake that learners make.

A function of `MUTATIONS` takes a node of the syntax tree and the names that its line
may use. It yields pairs of a code of `MISTAKES` and what stands in the node's place.
What is changed is the textbook's formula, never the reader's text.
"""

import ast
from itertools import permutations, product

from .slips import OTHER_FORMULAS, OTHER_SLOPES
from .trees import (
    binary,
    call,
    is_call,
    is_number,
    is_op,
    is_text,
    is_transposed,
    parsed,
    replaced,
    summed,
    turned,
)

ACTIVATIONS = ("sigmoid", "relu", "np.tanh")
SLOPES = ("sigmoid_backward", "relu_backward", "tanh_backward")
CLASSES = {
    **dict.fromkeys(("l", "L", "i", "num_iterations"), "index"),
    **dict.fromkeys(("m", "n_x", "n_h", "n_y", "dim", "learning_rate"), "number"),
    **dict.fromkeys(("parameters", "cache", "caches", "grads", "layer_dims"), "whole"),
    **dict.fromkeys(("linear_cache", "activation", "_", "g", "slope_of_g"), "whole"),
}


# -- products --------------------------------------------------------------------------


def swap_products(node, names):
    """Yield * for @ and @ for *."""
    if is_op(node, ast.MatMult):
        yield "elementwise_product", binary(node.left, ast.Mult, node.right)
        for left, right in sides(node):
            yield "elementwise_product", binary(left, ast.Mult, right)
    elif is_op(node, ast.Mult) and not any(map(is_scalar, (node.left, node.right))):
        yield "matrix_product", binary(node.left, ast.MatMult, node.right)
        yield "matrix_product", binary(node.right, ast.MatMult, node.left)
        for left, right in sides(node):
            yield "matrix_product", binary(left, ast.MatMult, right)


def is_scalar(node):
    return is_number(node) or CLASSES.get(ast.unparse(node)) == "number"


def sides(node):
    """Return the operands with one .T, or two, more or less."""
    left, right = node.left, node.right
    return [
        (left, turned(right)),
        (turned(left), right),
        (turned(left), turned(right)),
    ]


def turn_factors(node, names):
    """Yield products with a .T more or less, and with their factors exchanged."""
    if not is_op(node, ast.MatMult, ast.Mult):
        return
    weights = ast.unparse(node.left).startswith(("W", "w", "parameters["))
    if any(is_number(side) for side in (node.left, node.right)):
        return
    op = type(node.op)
    for i, (left, right) in enumerate(sides(node)):
        code = "weights_transposed" if weights and i == 1 else "wrong_transpose"
        code = "w_is_a_column" if ast.unparse(node.left) == "w.T" and i == 1 else code
        yield code, binary(left, op, right)
    if op is ast.MatMult:
        for left, right in [(node.left, node.right), *sides(node)]:
            yield "factors_swapped", binary(right, op, left)


def sum_before_multiplying(node, names):
    """Yield a product of sums for the sum of products."""
    if is_op(node, ast.MatMult, ast.Mult) and not is_number(node.left):
        for left, right in ((node.left, None), (None, node.right)):
            one = call("np.sum", left or node.left) if left else node.left
            two = call("np.sum", right) if right else node.right
            yield "not_summed", binary(one, ast.Mult, two)


# -- operands --------------------------------------------------------------------------


def exchange_names(node, names):
    """Yield another array, or another number, in the place of one."""
    if not (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)):
        return
    kind = CLASSES.get(node.id, "array")
    if node.id not in names or kind == "whole":
        return
    for other in names:
        if other != node.id and CLASSES.get(other, "array") == kind:
            code = f"wrong_operand:{other} for {node.id}"
            yield code, ast.Name(other, ast.Load())
    if kind == "index" or node.id == "m":
        code = "wrong_layer" if kind == "index" else "divides_by_wrong_size"
        for op in (ast.Sub, ast.Add):
            yield code, binary(node, op, ast.Constant(1))


def exchange_turned_names(node, names):
    """Yield another array for one that is transposed, with or without its .T."""
    if is_transposed(node) and isinstance(node.value, ast.Name):
        for other in names:
            if other != node.value.id and CLASSES.get(other, "array") == "array":
                code = f"wrong_operand:{other} for {ast.unparse(node)}"
                yield code, ast.Name(other, ast.Load())


def exchange_keys(node, names):
    """Yield another key, such as "b" for "W"."""
    pairs = {"W": "b", "b": "W", "dW": "db", "db": "dW", "W1": "W2", "W2": "W1"}
    pairs |= {"A1": "A2", "A2": "A1", "Z1": "Z2", "Z2": "Z1", "b1": "b2", "b2": "b1"}
    pairs |= {"dw": "db"}
    if isinstance(node, ast.Constant) and node.value in pairs:
        other = pairs[node.value]
        yield f"wrong_operand:{other} for {node.value}", ast.Constant(other)


def unpack_in_another_order(node, names):
    """Yield tuples of targets in another order."""
    if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Store):
        parts = {ast.unparse(part) for part in node.elts}
        of_cache = parts & {"A_prev", "linear_cache"}
        code = "unpacked_in_another_order" if of_cache else "wrong_operand"
        for order in list(permutations(node.elts))[1:]:
            yield code, ast.Tuple(list(order), ast.Store())


def leave_out(node, names):
    """Yield one operand alone."""
    kinds = ast.Add, ast.Sub, ast.Mult, ast.MatMult, ast.Div, ast.FloorDiv
    if not is_op(node, *kinds) or is_text(node.left):
        return
    if isinstance(node.op, ast.Add) and isinstance(node.left, ast.Constant):
        yield "term_missing", node.right
        return
    index = CLASSES.get(ast.unparse(node.left)) == "index"
    yield code_of_lost(node.op, node.right, index), node.left
    if not isinstance(node.op, ast.Div | ast.FloorDiv):
        minus = isinstance(node.op, ast.Sub)
        rest = ast.UnaryOp(ast.USub(), node.right) if minus else node.right
        code = code_of_lost(node.op, node.left)
        if minus and "learning_rate" in ast.unparse(rest):
            code = "returns_the_change"
        yield code, node.right
        if minus:
            yield code, rest
    elif is_number(node.left):
        yield "term_missing", node.right


def code_of_lost(op, lost, index=False):
    """Return the code of an operand that is missing."""
    text = ast.unparse(lost)
    if isinstance(lost, ast.Constant) and index:
        return "wrong_layer"
    if text in ("m", "learning_rate"):
        return {"m": "missing_1_over_m", "learning_rate": "rate_missing"}[text]
    if text in ("b", "b1", "b2") or text.startswith("parameters['b'"):
        return "bias_missing"
    if isinstance(op, ast.Add | ast.Sub):
        return "term_missing"
    if text in ("dA", "dA1"):
        return "upstream_missing"
    if text in ("s * (1 - s)", "1 - A ** 2", "1 - A1 ** 2", "Z > 0"):
        return "slope_missing"
    return "factor_missing"


def add_a_factor(node, names):
    """Yield dA g'(Z) times a further factor, or the slope of another activation."""
    text = ast.unparse(node)
    for code, other in OTHER_SLOPES.get(text, ()):
        yield code, parsed(other)
    if text in OTHER_SLOPES:
        for other in ("Z1", "A1", "Z", "A"):
            if other in names:
                factor = ast.Name(other, ast.Load())
                yield "factor_too_many", binary(node, ast.Mult, factor)
    for other in OTHER_FORMULAS.get(text, ()):
        yield OTHER_FORMULAS[text][other], parsed(other)


# -- signs, brackets, operators --------------------------------------------------------


def flip_signs(node, names):
    """Yield + for -, - for +, and a value without its minus."""
    if is_op(node, ast.Add, ast.Sub):
        other = ast.Sub if isinstance(node.op, ast.Add) else ast.Add
        right = ast.unparse(node.right)
        if CLASSES.get(ast.unparse(node.left)) == "index":
            code = "wrong_layer"
        elif "learning_rate" in right:
            code = "plus_sign"
        elif code_of_lost(node.op, node.right) == "bias_missing":
            code = "bias_subtracted"
        else:
            code = "wrong_sign"
        yield code, binary(node.left, other, node.right)
        if isinstance(node.op, ast.Sub) and not is_number(node.right):
            yield "wrong_sign", binary(node.right, ast.Sub, node.left)
    elif isinstance(node, ast.UnaryOp):
        yield "wrong_sign", node.operand
    elif is_call(node, *SLOPES, "sigmoid", "np.tanh", "relu"):
        yield "wrong_sign", ast.UnaryOp(ast.USub(), node)


def move_brackets(node, names):
    """Yield the same symbols with other brackets."""
    if isinstance(node, ast.BinOp) and isinstance(node.right, ast.BinOp):
        inner = node.right
        yield (
            "wrong_brackets",
            ast.BinOp(ast.BinOp(node.left, node.op, inner.left), inner.op, inner.right),
        )
    if isinstance(node, ast.BinOp) and isinstance(node.left, ast.BinOp):
        inner = node.left
        yield (
            "wrong_brackets",
            ast.BinOp(
                inner.left, inner.op, ast.BinOp(inner.right, node.op, node.right)
            ),
        )
    if is_op(node, ast.Add, ast.Sub) and is_op(node.right, ast.Mult):
        inner = ast.BinOp(node.left, node.op, node.right.right)
        yield "wrong_brackets", binary(node.right.left, ast.Mult, inner)
    if isinstance(node, ast.UnaryOp):
        yield from brackets_of_minus(node)
    if isinstance(node, ast.Call) and node.args and not node.keywords:
        inner = node.args[0]
        if isinstance(inner, ast.BinOp):
            first = ast.Call(node.func, [inner.left], [])
            yield "wrong_brackets", ast.BinOp(first, inner.op, inner.right)
    if isinstance(node, ast.BinOp):
        for side in ("left", "right"):
            inner = getattr(node, side)
            if isinstance(inner, ast.Call) and len(inner.args) == 1:
                whole = ast.BinOp(node.left, node.op, node.right)
                setattr(whole, side, inner.args[0])
                yield "wrong_brackets", ast.Call(inner.func, [whole], inner.keywords)


def brackets_around_a_sum(node, names):
    """Yield -(a + b) / m with the 1/m, and perhaps the minus, at one term only."""
    if not (is_op(node, ast.Div) and isinstance(node.left, ast.UnaryOp)):
        return
    terms = node.left.operand
    if not is_op(terms, ast.Add):
        return
    for places in product((True, False), repeat=4):
        first_minus, second_minus, first_mean, second_mean = places
        first, second = (
            binary(term, ast.Div, node.right) if mean else term
            for term, mean in ((terms.left, first_mean), (terms.right, second_mean))
        )
        first = ast.UnaryOp(ast.USub(), first) if first_minus else first
        joined = binary(first, ast.Sub if second_minus else ast.Add, second)
        if first_mean != second_mean:
            yield "bracket_around_sum", joined


def brackets_of_minus(node):
    """Yield a minus that reaches the first part of what follows only."""
    inner = node.operand
    while isinstance(inner, ast.BinOp) or is_call(inner, "np.sum"):
        part = inner.left if isinstance(inner, ast.BinOp) else inner.args[0]
        if is_op(part if is_call(inner, "np.sum") else inner, ast.Add, ast.Sub):
            sum_ = part if is_call(inner, "np.sum") else inner
            minus = ast.UnaryOp(ast.USub(), sum_.left)
            whole = ast.BinOp(minus, sum_.op, sum_.right)
            yield "wrong_brackets", replaced(node.operand, sum_, whole)
            return
        inner = part


def change_operators(node, names):
    """Yield * for /, a power without its exponent, and other comparisons."""
    if is_op(node, ast.Div):
        yield "wrong_operator", binary(node.left, ast.Mult, node.right)
        yield "wrong_operator", binary(node.right, ast.Div, node.left)
        if ast.unparse(node.right) == "m":
            half = binary(node.left, ast.Div, ast.Constant(2))
            yield "wrong_brackets", binary(half, ast.Mult, node.right)
    elif is_op(node, ast.Mult) and not is_number(node.left):
        yield "wrong_operator", binary(node.left, ast.Add, node.right)
        yield "wrong_operator", binary(node.left, ast.Div, node.right)
        yield "wrong_operator", binary(node.right, ast.Div, node.left)
    elif is_op(node, ast.Sub) and ast.unparse(node.right) in ("Y", "y"):
        yield "wrong_operator", binary(node.left, ast.Mult, node.right)
    elif is_op(node, ast.Pow):
        yield "square_forgotten", node.left
        yield "square_forgotten", binary(node.left, ast.Mult, node.right)
    elif is_op(node, ast.Add) and not (is_text(node.left) or is_number(node.left)):
        yield "wrong_operator", binary(node.left, ast.Mult, node.right)
    elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Gt):
        code = "inverted" if "Z" not in ast.unparse(node) else "wrong_mask"
        yield code, ast.Compare(node.left, [ast.LtE()], node.comparators)


def change_constants(node, names):
    """Yield numbers nearby."""
    if is_number(node) and isinstance(node.value, int) and node.value is not True:
        for step in (1, -1):
            yield "wrong_constant", ast.Constant(node.value + step)
    elif is_number(node) and isinstance(node.value, float):
        for other in (0.0, 0.1, 1.0):
            if other != node.value:
                yield "wrong_constant", ast.Constant(other)


# -- functions and sums ----------------------------------------------------------------


def change_functions(node, names):
    """Yield another function of the course, another base, or no function."""
    if not isinstance(node, ast.Call):
        return
    name = ast.unparse(node.func)
    for group, code in ((ACTIVATIONS, "another_function"), (SLOPES, "wrong_slope")):
        if name in group:
            yield LOST[name], node.args[0]
            for other in group:
                if other != name:
                    yield f"{code}:{other} for {name}", call(other, *node.args)
            yield "activation_twice", call(name, *[node, *node.args[1:]])
            for other in group if group is ACTIVATIONS else ():
                if other != name:
                    inner = call(other, *node.args)
                    yield f"{code}:{other} before {name}", call(name, inner)
    if name in ("np.log", "np.exp"):
        others = {"np.log": ["np.log10", "np.log2", "np.log1p"], "np.exp": ["np.exp2"]}
        for other in others[name]:
            yield "wrong_base", call(other, *node.args)
        if name == "np.exp":
            yield "wrong_base", binary(ast.Constant(10.0), ast.Pow, node.args[0])
    if name in ("np.log", "np.exp", "np.sqrt", "np.square"):
        yield f"function_missing:{name}", node.args[0]


LOST = {
    **dict.fromkeys(ACTIVATIONS, "activation_missing"),
    **dict.fromkeys(SLOPES, "slope_missing"),
}


def change_sums(node, names):
    """Yield sums over another axis, without keepdims, of everything, means, no sum."""
    if not is_call(node, "np.sum"):
        return
    words = {word.arg: word.value for word in node.keywords}
    inner = node.args[0]
    axis = words.get("axis")
    if axis is not None:
        turned_axis = ast.Constant(1 - axis.value)
        one, other = ast.keyword("axis", axis), ast.keyword("axis", turned_axis)
        keep = ast.keyword("keepdims", ast.Constant(True))
        yield "keepdims_forgotten", summed(inner, one)
        yield "wrong_axis", summed(inner, other, keep)
        yield "wrong_axis", summed(inner, other)
        yield "sums_over_everything", summed(inner)
        yield "sums_over_everything", summed(inner, keep)
    else:
        yield "not_summed", summed(inner, ast.keyword("axis", ast.Constant(0)))
        one = ast.keyword("axis", ast.Constant(1))
        yield "rank_1_array", summed(inner, one)
    if "m" in names:
        mean = ast.Call(parsed("np.mean"), [inner], node.keywords)
        yield "extra_1_over_m", mean
    for other in ("np.max", "np.mean", "np.prod"):
        yield "wrong_operator", ast.Call(parsed(other), [inner], node.keywords)
    yield "not_summed", inner


def divide_by_m(node, names):
    """Yield a line's value divided by m once more."""
    if "m" in names and is_op(node, ast.Div, ast.Sub, ast.Mult, ast.MatMult):
        yield "extra_1_over_m", binary(node, ast.Div, ast.Name("m", ast.Load()))


# -- shapes, layers, lines -------------------------------------------------------------


def take_another_dimension(node, names):
    """Yield shape[1] for shape[0], and shapes whose sizes are exchanged."""
    if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith(".shape"):
        other = ast.Constant(1 - node.slice.value)
        if other.value >= 0:
            yield "wrong_dimension", ast.Subscript(node.value, other, ast.Load())
    elif is_call(node, "np.random.randn"):
        yield "wrong_transpose", ast.Call(node.func, node.args[::-1], [])
    elif is_call(node, "np.zeros") and isinstance(node.args[0], ast.Tuple):
        sizes = node.args[0].elts
        yield "rank_1_array", call("np.zeros", sizes[0])
        yield "wrong_transpose", call("np.zeros", ast.Tuple(sizes[::-1], ast.Load()))
        yield "wrong_dimension", call("np.zeros", ast.Tuple([sizes[0]] * 2, ast.Load()))


# the more frequent before the less frequent: of equal results the first is named
MUTATIONS = (
    add_a_factor,
    brackets_around_a_sum,
    change_sums,
    swap_products,
    turn_factors,
    move_brackets,
    leave_out,
    change_functions,
    flip_signs,
    exchange_names,
    exchange_turned_names,
    exchange_keys,
    divide_by_m,
    take_another_dimension,
    unpack_in_another_order,
    change_operators,
    change_constants,
    sum_before_multiplying,
)
