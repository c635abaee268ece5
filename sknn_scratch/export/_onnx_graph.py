"""The graph of an ONNX model, as skl2onnx builds it, and the types of its tensors."""

import ast
from collections import namedtuple

import numpy as np
from skl2onnx.common.data_types import (
    DoubleTensorType,
    FloatTensorType,
    Int64TensorType,
    StringTensorType,
)

from ._formula import parse
from ._network import utf8_of

NATIVE = {  # activations with a single operator, which runtimes optimise best
    "logistic": "Sigmoid",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "relu": "Relu",
}
ARITHMETIC = {"+": "Add", "-": "Sub", "*": "Mul", "/": "Div"}
OPERATORS = {
    ast.Add: "Add",
    ast.Sub: "Sub",
    ast.Mult: "Mul",
    ast.Div: "Div",
    "abs": "Abs",
    "exp": "Exp",
    "max": "Max",
    "min": "Min",
    "tanh": "Tanh",
}
LabelType = namedtuple("LabelType", "dtype tensor")
# dtype of the class labels and tensor type of an output of them. skl2onnx makes maps of
# these two types only, so float classes are stored as int64: they are whole numbers
INTEGER_LABELS = LabelType(np.int64, Int64TensorType)
TEXT_LABELS = LabelType(object, StringTensorType)


class Graph:
    """Builder that adds nodes and constants to a graph of skl2onnx."""

    def __init__(self, scope, container, dtype):
        self.scope, self.container, self.dtype = scope, container, dtype

    def constant(self, values, dtype=None):
        with np.errstate(over="ignore"):
            values = np.asarray(values, dtype or self.dtype)
        name = self.scope.get_unique_variable_name("constant")
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise ValueError(
                f"parameters must be finite in {values.dtype}, got some beyond "
                f"{np.finfo(values.dtype).max:.3g}; take dtype=np.float64."
            )
        flat = values.ravel()
        if values.dtype == object:
            flat = [utf8_of(str(text), "ONNX") for text in flat]
        kind = onnx_type(values.dtype)
        self.container.add_initializer(name, kind, values.shape, flat)
        return name

    def node(self, operator, *inputs, out=None, **attributes):
        """Add a node; return the name of its output."""
        out = out or self.scope.get_unique_variable_name(operator.lower())
        name = self.scope.get_unique_operator_name(operator)
        self.container.add_node(operator, [*inputs], out, name=name, **attributes)
        return out

    def operations(self, before, x):
        """Add operations on features (see `FirstLayer`), each in its own floats."""
        for operator, row in before:
            x = self.cast(x, row.dtype) if row.dtype != self.dtype else x
            x = self.node(ARITHMETIC[operator], x, self.constant(row, row.dtype))
            x = self.cast(x, self.dtype) if row.dtype != self.dtype else x
        return x

    def cast(self, x, dtype):
        """Add a conversion to another dtype; return the name of its output."""
        return self.node("Cast", x, to=onnx_type(dtype))

    def layers(self, W, b, formulas, A):
        """Add the layers 1 to L of a network; return the name of Z[L]."""
        for l, (weights, bias) in enumerate(zip(W, b, strict=True)):
            # with the defaults alpha = beta = 1, transA = 0: A W^T + b
            bias = self.constant(bias)
            A = self.node("Gemm", A, self.constant(weights), bias, transB=1)
            if l < len(formulas):
                name, formula, constants = formulas[l]
                if name in NATIVE:
                    A = self.node(NATIVE[name], A)
                else:
                    A = self.formula(formula, constants, A)
        return A

    def outputs(self, link, limits, Z, out=None):
        """Add a network's outputs, by formulas of LINKS and their constants."""
        if link is None:
            P = self.node("Softmax", Z, axis=1)
            return self.node("Max", P, self.constant(limits["tiny"]), out=out)
        columns = [self.formula(formula, limits, Z) for formula in link]
        return self.node("Concat", *columns, out=out, axis=1)

    def most_probable(self, P, classes, out):
        """Add the output of the most probable class."""
        names = self.constant(classes, label_type(classes).dtype)
        most = self.node("ArgMax", P, axis=1, keepdims=0)
        self.node("Gather", names, most, out=out, axis=0)

    def labels_above(self, P, limit, out):
        """Add the output of 1 for each label that is above a limit, else 0."""
        above = self.node("Greater", P, self.constant(limit))
        self.node("Cast", above, out=out, to=onnx_type(np.int64))

    def formula(self, formula, constants, z):
        return self._value(parse(formula, constants), z)

    def _value(self, tree, z):
        match tree:
            case ast.Constant(value):
                return self.constant(value)
            case ast.Name():
                return z
            case ast.UnaryOp(operand=operand):
                return self.node("Neg", self._value(operand, z))
            case ast.BinOp(left, operator, right):
                inputs = self._value(left, z), self._value(right, z)
                return self.node(OPERATORS[type(operator)], *inputs)
            case ast.Call(ast.Name("expm1"), [x]):  # ONNX has no Expm1 and no Log1p
                return self.node(
                    "Sub", self.node("Exp", self._value(x, z)), self.constant(1)
                )
            case ast.Call(ast.Name("log1p"), [x]):
                return self.node(
                    "Log", self.node("Add", self._value(x, z), self.constant(1))
                )
            case ast.Call(ast.Name(name), inputs):
                return self.node(OPERATORS[name], *[self._value(x, z) for x in inputs])


def onnx_type(dtype):
    """Return the number of a dtype in ONNX."""
    from onnx import helper

    return helper.np_dtype_to_tensor_dtype(np.dtype(dtype))


def number_types(operator):
    """Return (dtype, tensor type) for the computation: float64 for float64 input."""
    double = isinstance(operator.inputs[0].type, DoubleTensorType)
    return (np.float64, DoubleTensorType) if double else (np.float32, FloatTensorType)


def label_type(classes):
    """Return INTEGER_LABELS for numbers that int64 holds, else TEXT_LABELS."""
    classes = np.asarray(classes)
    if classes.dtype.kind not in "biuf":
        return TEXT_LABELS
    whole = all(-(2**63) <= int(label) < 2**63 for label in classes)
    return INTEGER_LABELS if whole else TEXT_LABELS
