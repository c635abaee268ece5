"""What an exception says: the operation that failed, its operands and their shapes."""

import ast
import linecache
import math
import re
import traceback
from typing import NamedTuple

import numpy as np

MATRIX = ("@", "np.dot", "np.matmul", "numpy.dot", "numpy.matmul")
SYMBOLS = {
    ast.MatMult: "@",
    ast.Mult: "*",
    ast.Add: "+",
    ast.Sub: "-",
    ast.Div: "/",
    ast.Pow: "**",
    ast.BitXor: "^",
}


class Operation(NamedTuple):
    """An operation with two operands: its symbol, their texts and shapes."""

    symbol: str
    operands: tuple
    shapes: tuple

    @property
    def is_matrix_product(self):
        return self.symbol in MATRIX or self.symbol.endswith((".dot", ".matmul"))

    def __str__(self):
        named = [
            f"{text} is {shape or 'a number'}"
            for text, shape in zip(self.operands, self.shapes, strict=True)
            if not re.fullmatch(r"-?[\d.e]+", text)
        ]
        return f"in {self.text}{', ' if named else ''}{' and '.join(named)}"

    @property
    def text(self):
        if self.symbol in SYMBOLS.values():
            return f" {self.symbol} ".join(self.operands)
        return f"{self.symbol}({', '.join(self.operands)})"


class Failure(NamedTuple):
    """How a reader's function failed."""

    kind: type
    operation: Operation | None
    code: str
    where: str
    message: str


class Told(Exception):
    """An exception in another process, which has described it as a Failure."""

    def __init__(self, failure):
        super().__init__(failure.message)
        self.failure = failure


def failure_of(error, function):
    """Return the line of an exception, the operation and what to do."""
    if isinstance(error, Told):
        return error.failure
    name = getattr(getattr(function, "__code__", None), "co_filename", None)
    blank = blank_in(error.__traceback__, name)
    if blank:
        where = f"It is {blank}."
        return Failure(type(error), None, "blank_left", where, str(error))
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == name] or frames[-1:]
    line = f" ({own[-1].line})" if own[-1].line else ""
    message = re.sub(r", with gufunc signature \S+", "", str(error))
    where = f"{type(error).__name__} in line {own[-1].lineno}{line}: {message}"
    operation = failed_operation(error, name)
    if operation:
        where = f"{where.rstrip('.')}; {operation}"
    code = code_of_operation(operation) or code_of_error(str(error))
    where = f"{where.rstrip('.')}{cure(error, own) or '.'}"
    return Failure(type(error), operation, code, where, str(error))


def blank_in(trace, filename):
    """Return the variable of a file's functions that is `...`, or None."""
    frame = last_frame(trace, filename)
    values = frame.tb_frame.f_locals if frame else {}
    return next((name for name, value in values.items() if value is ...), None)


# -- the operation ---------------------------------------------------------------------


def failed_operation(error, filename, source=None):
    """Return the operation of two arrays at which the code of a file failed, or None.

    `source` returns the text of a program; None: its file is looked up.
    """
    frame = last_frame(error.__traceback__, filename)
    if frame is None:
        return None
    text = text_at(frame, source)
    try:
        parts = parts_of(ast.parse(f"({text})", mode="eval").body)
    except SyntaxError:
        parts = parts_of_update(text)
    if parts is None:
        return None
    symbol, operands = parts
    values = [value_of(operand, frame.tb_frame) for operand in operands]
    if any(value is None for value in values) or not any(map(np.ndim, values)):
        return None
    texts = tuple(map(ast.unparse, operands))
    return Operation(symbol, texts, tuple(np.shape(value) for value in values))


def last_frame(trace, filename):
    found = None
    while trace is not None:
        if filename is None or trace.tb_frame.f_code.co_filename == filename:
            found = trace
        trace = trace.tb_next
    return found


def text_at(trace, source):
    """Return the text of the expression that was computed, or ""."""
    code = trace.tb_frame.f_code
    places = list(code.co_positions())[trace.tb_lasti // 2]
    if None in places:
        return ""
    first, last, begin, end = places
    if source is not None:
        lines = source(code).splitlines()
    else:
        lines = linecache.getlines(code.co_filename)
    rows = [line.rstrip("\n").encode() for line in lines[first - 1 : last]]
    if not rows:
        return ""
    rows[-1] = rows[-1][:end]
    rows[0] = rows[0][begin:]
    return b"\n".join(rows).decode()


def parts_of(node):
    """Return the symbol and the two operands of an expression, or None."""
    if isinstance(node, ast.BinOp):
        return SYMBOLS.get(type(node.op), "?"), (node.left, node.right)
    if is_reshape(node):
        return None
    if isinstance(node, ast.Call) and len(node.args) == 2:
        return ast.unparse(node.func), tuple(node.args)
    method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    if method and node.func.attr == "dot" and len(node.args) == 1:
        return "np.dot", (node.func.value, node.args[0])
    return None


def is_reshape(node):
    method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return method and node.func.attr == "reshape"


def parts_of_update(text):
    """Return the symbol and the operands of a line such as `A += B`, or None."""
    try:
        (node,) = ast.parse(text).body
    except (SyntaxError, ValueError):
        return None
    if not isinstance(node, ast.AugAssign):
        return None
    target = ast.parse(ast.unparse(node.target), mode="eval").body
    return SYMBOLS.get(type(node.op), "?"), (target, node.value)


# what may be computed again: it has no effect but its value
PURE = (ast.Name, ast.Attribute, ast.Subscript, ast.BinOp, ast.UnaryOp, ast.Constant)
PURE += (ast.Tuple, ast.Slice, ast.Load, ast.operator, ast.unaryop, ast.Call)
PURE += (ast.keyword, ast.JoinedStr, ast.FormattedValue)


def value_of(node, frame):
    """Return the value of an operand as an array, or None."""
    if not all(isinstance(part, PURE) and is_known(part) for part in ast.walk(node)):
        return None
    program = compile(ast.Expression(ast.fix_missing_locations(node)), "?", "eval")
    try:
        with np.errstate(all="ignore"):
            value = eval(program, frame.f_globals, frame.f_locals)
    except Exception:  # the reader's values may make any; then there is no operand
        return None
    return value if isinstance(value, np.ndarray | np.generic | int | float) else None


def is_known(node):
    """Return True but for calls of anything beyond NumPy and str."""
    if not isinstance(node, ast.Call):
        return True
    name = ast.unparse(node.func)
    return name.startswith(("np.", "numpy.")) and ".random" not in name or name == "str"


def code_of_operation(operation):
    """Return the code of a mistake by the shapes of the operands, or None."""
    if operation is None or len(operation.shapes) != 2:
        return None
    first, second = operation.shapes
    if operation.is_matrix_product:
        return "shapes_do_not_meet"
    if operation.symbol not in ("*", "np.multiply", "+", "-"):
        return None
    if len(first) == len(second) == 2:
        if operation.symbol in ("+", "-"):
            bias = second == (1, first[0])
            return "bias_along_wrong_axis" if bias else None
        if set(first) & set(second):
            return "elementwise_product"
    if 1 in (len(first), len(second)) and first[:1] == second[:1]:
        return "keepdims_forgotten"
    return None


def code_of_error(message):
    """Return the code of the mistake that NumPy's message about shapes suggests."""
    if "not aligned" in message or "core dimension" in message:
        return "shapes_do_not_meet"
    texts = re.findall(r"\((\d[\d, ]*)\)", message)
    shapes = [tuple(map(int, re.findall(r"\d+", text))) for text in texts]
    if "broadcast" not in message or len(shapes) < 2:
        return "raises"
    return code_of_operation(Operation("*", ("", ""), tuple(shapes[:2]))) or "raises"


# -- what to do ------------------------------------------------------------------------


def cure(error, frames):
    """Return what to do about an error, or ""."""
    code = (frames[-1].line or "") if frames else ""
    for kind, words, answer in CURES:
        if isinstance(error, kind) and re.search(words, str(error)):
            return answer if isinstance(answer, str) else answer(code)
    return ""


def cure_of_scalars(code):
    """Return what to use instead of a function of single numbers."""
    names = re.findall(r"(?<!np\.)(?<!numpy\.)\b([a-z0-9]+)\(", code)
    names = [name for name in names if callable(getattr(math, name, None))]
    names = [name for name in dict.fromkeys(names) if hasattr(np, name)]
    if names:
        given = " and ".join(f"math.{name}" for name in names)
        taken = " and ".join(f"np.{name}" for name in names)
        return f". For arrays use {taken} in place of {given}."
    return ". float and int take a single number: compute with the whole array."


def cure_of_choices(code):
    names = [name for name in ("max", "min") if re.search(rf"\b{name}\(", code)]
    if names:
        return f". Use np.{names[0]}imum, which compares element by element."
    return ". For a choice element by element use np.where or np.maximum."


SIZES = ". np.random.randn takes the sizes one by one, randn(a, b); np.zeros takes a "
SIZES += "tuple, zeros((a, b))."

# type of the error, words of it, what to do (or a function of the line of code)
CURES = (
    (
        (TypeError, ValueError),
        "setting an array element with a sequence",
        ". One entry gets a whole array: take that of this example, such as A[0, i].",
    ),
    (
        TypeError,
        "integer scalar arrays",
        ". The second argument of np.max, np.min and np.sum is an axis; "
        "np.maximum(0, Z) compares element by element.",
    ),
    (
        ValueError,
        "cannot reshape",
        ". The product of the new sizes is not that of the old ones: take them from "
        ".shape, or write -1 for one of them.",
    ),
    (TypeError, "bitwise_xor", ". A power is written **, as in A**2; ^ is not one."),
    (TypeError, "scalar", cure_of_scalars),
    (ValueError, "truth value of an array", cure_of_choices),
    (TypeError, "'tuple' object cannot be interpreted", SIZES),
    (TypeError, "Cannot interpret .* as a data type", SIZES),
    (TypeError, "data type .* not understood", SIZES),
    (
        ValueError,
        "cannot reshape array",
        ". The sizes must be those of the array that is handed in: take them from its "
        "shape, or write reshape(-1, 1).",
    ),
    (
        TypeError,
        "not supported between instances of '(tuple|list)'",
        ". That is a whole tuple: are the parts of the cache taken in another order? "
        "It is ((A_prev, W, b), Z).",
    ),
    (
        UnboundLocalError,
        "",
        ". The name is used before it has a value: it is computed in a later line, or "
        "no branch of an if sets it. The names of activations are 'relu' and "
        "'sigmoid', in small letters.",
    ),
    (NameError, "name 'np' is", ". `import numpy as np` is missing."),
    (NameError, "", ". The name has no value here: is it misspelt, or not computed?"),
    (
        KeyError,
        "",
        ". The dictionary has no such key: is the name right, or does the loop go one "
        "layer too far? Layers are numbered 1, ..., L, and range(1, L) ends at L - 1.",
    ),
    (
        IndexError,
        "out of range",
        ". The index goes beyond the end: a list of L parts has the indices 0, ..., "
        "L - 1, so that the part of layer l is at l - 1.",
    ),
    (
        ValueError,
        "unpack",
        ". Look at what the cache holds: ((A_prev, W, b), Z) is a pair whose first "
        "part has three arrays.",
    ),
    (
        AttributeError,
        "'(tuple|list|dict)' object",
        ". That is a whole tuple, list or dict: take the array out of it first.",
    ),
    (
        TypeError,
        "not callable",
        ". Something that is no function stands before the brackets: is a * missing, "
        "or a function's name used for a variable?",
    ),
    (
        TypeError,
        "unsupported operand",
        ". One of the two is no array: is the array still to be taken out of a dict "
        "or tuple?",
    ),
    (
        AssertionError,
        "",
        ". It is an assert of your own function; the shapes above it say which value "
        "is meant.",
    ),
)
