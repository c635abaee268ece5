"""Export to ONNX: skl2onnx converters of the classes of this package.

skl2onnx converts the other steps of a Pipeline. Importing this module registers the
converters.
"""

import ast
from collections import namedtuple
from functools import partial

import numpy as np
from skl2onnx import convert_sklearn, update_registered_converter
from skl2onnx.common.data_types import (
    DoubleTensorType,
    FloatTensorType,
    Int64TensorType,
    StringTensorType,
)
from skl2onnx.operator_converters.common import concatenate_variables
from sklearn.base import ClassifierMixin
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
)
from sklearn.utils.validation import check_is_fitted

from .._estimators.access import (
    first_step,
    input_shape,
    last_step,
    steps_before,
    without_idle_steps,
)
from .._estimators.base import BaseNetwork
from .._estimators.registry import ESTIMATORS
from ..preprocessing import ImageFlattener
from ._formula import parse
from ._network import Exported, limits_of, utf8_of
from ._scaling import is_affine, operations, operations_alone

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
SCALERS = (MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler)
LabelType = namedtuple("LabelType", "dtype tensor")
# dtype of the class labels and tensor type of an output of them. skl2onnx makes maps of
# these two types only, so float classes are stored as int64: they are whole numbers
INTEGER_LABELS = LabelType(np.int64, Int64TensorType)
TEXT_LABELS = LabelType(object, StringTensorType)
CLASSIFIER_OPTIONS = {  # {option of skl2onnx: allowed values}
    "zipmap": [True, False, "columns"],
    "output_class_labels": [False, True],
    "nocl": [True, False],
    # needed by CalibratedClassifierCV, among others
    "raw_scores": [True, False],
}


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


def network_shapes(operator):
    """Set the types of a network's outputs."""
    network, m = operator.raw_operator, operator.inputs[0].get_first_dimension()
    _, numbers = number_types(operator)
    net = Exported(network)
    if net.classes is None:
        operator.outputs[0].type = numbers([m, net.n_outputs])
        return
    if net.kind == "multilabel":
        operator.outputs[0].type = Int64TensorType([m, net.n_outputs])
    else:
        operator.outputs[0].type = label_type(network.classes_).tensor([m])
    operator.outputs[1].type = numbers([m, net.n_outputs])


def input_of(operator, graph):
    """Return the name of an operator's input as floats."""
    X = operator.inputs[0].full_name
    if len(operator.inputs) > 1:
        X = concatenate_variables(graph.scope, operator.inputs, graph.container)
    if isinstance(operator.inputs[0].type, FloatTensorType | DoubleTensorType):
        return X
    return graph.cast(X, graph.dtype)


def label_type(classes):
    """Return INTEGER_LABELS for numbers that int64 holds, else TEXT_LABELS."""
    classes = np.asarray(classes)
    if classes.dtype.kind not in "biuf":
        return TEXT_LABELS
    whole = all(-(2**63) <= int(label) < 2**63 for label in classes)
    return INTEGER_LABELS if whole else TEXT_LABELS


def convert_network(scope, operator, container):
    """Add the nodes of a network to the graph."""
    add_network(operator.raw_operator, scope, operator, container)


def add_network(model, scope, operator, container):
    """Add the nodes of a network, or of a Pipeline that only scales before it."""
    dtype, _ = number_types(operator)
    net = Exported(model, dtype=dtype)
    graph = Graph(scope, container, dtype)
    A = input_of(operator, graph)
    if len(operator.inputs[0].type.shape) > 2:  # images
        A = graph.node("Flatten", A, axis=1)
    A = graph.operations(net.before, A)
    for l, (W, b) in enumerate(zip(net.W, net.b, strict=True)):
        # with the defaults alpha = beta = 1, transA = 0: A W^T + b
        A = graph.node("Gemm", A, graph.constant(W), graph.constant(b), transB=1)
        if l < len(net.formulas):
            name, formula, constants = net.formulas[l]
            if name in NATIVE:
                A = graph.node(NATIVE[name], A)
            else:
                A = graph.formula(formula, constants, A)
    limits = limits_of(dtype)
    out = operator.outputs[-1].full_name
    raw = net.classes is not None and container.get_options(
        operator.raw_operator, {"raw_scores": False}
    ).get("raw_scores")
    if raw and net.kind == "binary":
        graph.node("Concat", graph.node("Neg", A), A, out=out, axis=1)
    elif raw:
        graph.node("Identity", A, out=out)
    elif net.link is None:
        P = graph.node("Softmax", A, axis=1)
        graph.node("Max", P, graph.constant(limits["tiny"]), out=out)
    else:
        columns = [graph.formula(formula, limits, A) for formula in net.link]
        graph.node("Concat", *columns, out=out, axis=1)
    if net.classes is None:
        return
    label = operator.outputs[0].full_name
    if net.kind == "multilabel":
        above = graph.node("Greater", out, graph.constant(0.0 if raw else 0.5))
        graph.node("Cast", above, out=label, to=onnx_type(np.int64))
    else:
        classes = operator.raw_operator.classes_
        names = graph.constant(classes, label_type(classes).dtype)
        most = graph.node("ArgMax", out, axis=1, keepdims=0)
        graph.node("Gather", names, most, out=label, axis=0)


def flattener_shapes(operator):
    """Set the type of an ImageFlattener's output."""
    _, numbers = number_types(operator)
    m, size = operator.inputs[0].get_first_dimension(), operator.raw_operator
    operator.outputs[0].type = numbers([m, size.n_features_in_])


def convert_flattener(scope, operator, container):
    """Add the nodes of an ImageFlattener to the graph."""
    dtype, _ = number_types(operator)
    graph = Graph(scope, container, dtype)
    rows = graph.node("Flatten", input_of(operator, graph), axis=1)
    scale = graph.constant(operator.raw_operator.scale)
    graph.node("Div", rows, scale, out=operator.outputs[0].full_name)


def scaler_converter(network, dtype):
    """Return the converter of scikit-learn's scalers in a Pipeline with a network.

    The converters of skl2onnx round the mean of a StandardScaler, and the factor of a
    MinMaxScaler, to float32. For features far from 0 this loses digits.
    """
    layers = network._layers()[0] if isinstance(network, BaseNetwork) else None
    if layers and np.can_cast(layers[0].dtype, dtype):
        operations_of = partial(operations, dtype=layers[0].dtype)
    else:
        operations_of = partial(operations_alone, dtype=np.dtype(dtype))

    def convert_scaler(scope, operator, container):
        step, out = operator.raw_operator, operator.outputs[0].full_name
        graph = Graph(scope, container, np.dtype(dtype))
        A = graph.operations(operations_of(step), input_of(operator, graph))
        if getattr(step, "clip", False):
            limits = getattr(step, "feature_range", (-1, 1))  # MaxAbsScaler's are fixed
            low, high = map(graph.constant, limits)
            A = graph.node("Min", graph.node("Max", A, low), high)
        graph.node("Identity", A, out=out)

    return convert_scaler


def register():
    """Register converters of our classes with skl2onnx."""
    for name, cls in ESTIMATORS.items():
        update_registered_converter(
            cls,
            f"SknnScratch{name}",
            network_shapes,
            convert_network,
            options=CLASSIFIER_OPTIONS if issubclass(cls, ClassifierMixin) else None,
        )
    update_registered_converter(
        ImageFlattener,
        "SknnScratchImageFlattener",
        flattener_shapes,
        convert_flattener,
    )


register()


def inputs_of(model, numbers):
    """Return the name and the type of each input of the ONNX model.

    It is one input, X, or an input for each column that a ColumnTransformer at the
    beginning takes by its name.
    """
    first = first_step(model)
    steps = first.transformers_ if isinstance(first, ColumnTransformer) else []
    # a name, names, or places: numbers, a mask, a slice
    kept = [
        (step, [columns] if isinstance(columns, str) else columns)
        for _, step, columns in steps
        if not (isinstance(step, str) and step == "drop")
    ]
    by_name = [are_names(columns) for _, columns in kept]
    if not any(by_name):
        return [("X", numbers([None, *input_shape(model)]))]
    # beside names, places count all columns
    texts = {} if all(by_name) else dict.fromkeys(first.feature_names_in_, False)
    for step, columns in kept:
        names = columns
        if not are_names(columns):
            names = first.feature_names_in_[columns]
        for name in names:
            texts[name] = texts.get(name, False) or takes_text(step)
    return [
        (name, (StringTensorType if texts[name] else numbers)([None, 1]))
        for name in first.feature_names_in_
        if name in texts
    ]


def are_names(columns):
    """Return True for names of columns, False for their places."""
    if isinstance(columns, slice):
        return False
    return any(isinstance(column, str) for column in columns)


def takes_text(step):
    """Return True if a fitted step of a ColumnTransformer has learned texts."""
    step = first_step(step)
    learned = [*getattr(step, "categories_", ()), getattr(step, "statistics_", ())]
    values = [value for array in learned for value in np.ravel(array).tolist()]
    return any(isinstance(value, str) for value in values)


def to_onnx(model, *, dtype=np.float32, target_opset=None):
    """Return a fitted estimator as an ONNX model; see `sknn_scratch.export.to_onnx`."""
    check_is_fitted(model)
    numbers = {"f": FloatTensorType, "d": DoubleTensorType}.get(np.dtype(dtype).char)
    if numbers is None:
        raise ValueError(f"dtype must be float32 or float64, got {np.dtype(dtype)}.")
    last = last_step(model)
    options = {id(last): {"zipmap": False}} if hasattr(last, "classes_") else None
    custom, note = dict.fromkeys(SCALERS, scaler_converter(last, dtype)), ""
    whole = without_idle_steps(model)  # skl2onnx rejects steps that do nothing
    if type(last) in ESTIMATORS.values() and only_scales(model):
        custom = {type(last): partial(add_network, model)}
        whole, note = last, Exported(model, dtype=dtype).note
    return convert_sklearn(
        whole,
        name=type(last).__name__,
        initial_types=inputs_of(model, numbers),
        doc_string=note,
        options=options,
        target_opset=target_opset,
        custom_conversion_functions=custom,
    )


def only_scales(model):
    """Return True if all steps before the network shift and scale by constants."""
    return all(is_affine(step) for _, step in steps_before(model))
