"""Export to ONNX: skl2onnx converters of the classes of this package.

skl2onnx converts the other steps of a Pipeline. Importing this module registers the
converters.
"""

from functools import partial

import numpy as np
from skl2onnx import convert_sklearn, update_registered_converter
from skl2onnx._supported_operators import sklearn_operator_name_map as CONVERTED
from skl2onnx.common.data_types import (
    DoubleTensorType,
    FloatTensorType,
    Int64TensorType,
    StringTensorType,
)
from skl2onnx.common.exceptions import MissingConverter, MissingShapeCalculator
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
    steps_of,
    without_idle_steps,
)
from .._estimators.base import BaseNetwork
from .._estimators.registry import ESTIMATORS
from .._tabular.classifier import TabularNetClassifier
from .._tabular.regressor import TabularNetRegressor
from ..preprocessing import ImageFlattener, TableEncoder
from ._network import Exported, limits_of
from ._onnx_graph import Graph, label_type, number_types
from ._onnx_tables import (
    add_table_model,
    convert_encoder,
    convert_tabular,
    encoder_shapes,
    inputs_of_encoder,
    inputs_of_table,
    is_table_model,
    parts_of,
    set_shapes,
    tabular_shapes,
)
from ._scaling import is_affine, operations, operations_alone

SCALERS = (MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler)
CLASSIFIER_OPTIONS = {  # {option of skl2onnx: allowed values}
    "zipmap": [True, False, "columns"],
    "output_class_labels": [False, True],
    "nocl": [True, False],
    # needed by CalibratedClassifierCV, among others
    "raw_scores": [True, False],
}
TABULAR_OPTIONS = {k: v for k, v in CLASSIFIER_OPTIONS.items() if k != "raw_scores"}


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
    A = graph.layers(net.W, net.b, net.formulas, A)
    limits = limits_of(dtype)
    out = operator.outputs[-1].full_name
    raw = net.classes is not None and container.get_options(
        operator.raw_operator, {"raw_scores": False}
    ).get("raw_scores")
    if raw and net.kind == "binary":
        graph.node("Concat", graph.node("Neg", A), A, out=out, axis=1)
    elif raw:
        graph.node("Identity", A, out=out)
    else:
        graph.outputs(net.link, limits, A, out=out)
    if net.classes is None:
        return
    label = operator.outputs[0].full_name
    if net.kind == "multilabel":
        graph.labels_above(out, 0.0 if raw else 0.5, out=label)
    else:
        graph.most_probable(out, operator.raw_operator.classes_, out=label)


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
    update_registered_converter(
        TableEncoder, "SknnScratchTableEncoder", encoder_shapes, convert_encoder
    )
    for cls in (TabularNetClassifier, TabularNetRegressor):
        classifies = issubclass(cls, ClassifierMixin)
        update_registered_converter(
            cls,
            f"SknnScratch{cls.__name__}",
            tabular_shapes,
            convert_tabular,
            options=TABULAR_OPTIONS if classifies else None,
        )


register()


def inputs_of(model, numbers):
    """Return the name and the type of each input of the ONNX model.

    It is one input, X, or an input for each column that a ColumnTransformer at the
    beginning takes by its name.
    """
    first = first_step(model)
    if type(first) is TableEncoder:
        double = numbers is DoubleTensorType
        return inputs_of_encoder(first, np.float64 if double else np.float32)
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
    if is_table_model(model):
        return table_to_onnx(model, np.dtype(dtype), target_opset)
    last = last_step(model)
    custom, note = dict.fromkeys(SCALERS, scaler_converter(last, dtype)), ""
    whole = without_idle_steps(model)  # skl2onnx rejects steps that do nothing
    if type(last) in ESTIMATORS.values() and only_scales(model):
        custom = {type(last): partial(add_network, model)}
        whole, note = last, Exported(model, dtype=dtype).note
    inputs = inputs_of(model, numbers)
    try:
        made = convert_sklearn(
            whole,
            name=type(last).__name__,
            initial_types=inputs,
            doc_string=note,
            options=options_of(last),
            target_opset=target_opset,
            custom_conversion_functions=custom,
        )
    except (MissingConverter, MissingShapeCalculator) as error:
        raise ValueError(unknown_to_skl2onnx(model)) from error
    return with_inputs_named(made, [name for name, _ in inputs])


def unknown_to_skl2onnx(model):
    """Return the words of an error on the first step that has no converter."""
    name, step = next(
        pair for pair in steps_of(model) if type(pair[1]) not in CONVERTED
    )
    return (
        f"model has the step {name!r} ({type(step).__name__}), which skl2onnx cannot "
        "convert; register a converter of it with skl2onnx, or export what follows it "
        "alone."
    )


def table_to_onnx(model, dtype, target_opset):
    """Return a model of a table, or an ensemble, as an ONNX model."""
    _, last, _ = parts_of(model)
    inputs, columns = inputs_of_table(model, dtype)
    made = convert_sklearn(
        last,
        name=type(last).__name__,
        initial_types=inputs,
        options=options_of(last),
        target_opset=target_opset,
        custom_conversion_functions={
            type(last): partial(add_table_model, model, dtype, columns)
        },
        custom_shape_calculators={type(last): partial(set_shapes, dtype)},
    )
    return with_inputs_named(made, [name for name, _ in inputs])


def with_inputs_named(made, names):
    """Return an ONNX model with these names of the inputs.

    skl2onnx makes identifiers of them, and others of those that are then alike.
    """
    given = [tensor.name for tensor in made.graph.input]
    renamed = dict(zip(given, names, strict=True))
    for tensor in made.graph.input:
        tensor.name = renamed[tensor.name]
    for node in made.graph.node:
        node.input[:] = [renamed.get(name, name) for name in node.input]
    return made


def options_of(last):
    """Return the options of a conversion: probabilities are an array, not maps."""
    return {id(last): {"zipmap": False}} if hasattr(last, "classes_") else None


def only_scales(model):
    """Return True if all steps before the network shift and scale by constants."""
    return all(is_affine(step) for _, step in steps_before(model))
