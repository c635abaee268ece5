"""Models of tables, and ensembles, as one graph of ONNX."""

import numpy as np
from skl2onnx.common.data_types import (
    BooleanTensorType,
    DoubleTensorType,
    FloatTensorType,
    Int32TensorType,
    Int64TensorType,
    StringTensorType,
)
from sklearn.compose import ColumnTransformer

from .._engine.losses import CLASSIFICATION, LOSSES
from .._estimators.registry import ESTIMATORS
from .._tabular.base import BaseTabular
from ..preprocessing import TableEncoder
from ._network import LINKS, formulas_of, limits_of
from ._onnx_columns import (
    DOUBLE,
    INTEGER,
    NUMBER,
    TEXT,
    Cell,
    Draft,
    Input,
    Source,
    TableGraph,
)
from ._onnx_encoder import encoded
from ._onnx_graph import Graph, label_type
from ._onnx_steps import STEPS, first_unknown, parts, through_steps
from ._parts import parts_of, undone
from ._scaling import is_affine

DTYPES = {
    BooleanTensorType: np.bool_,
    DoubleTensorType: np.float64,
    FloatTensorType: np.float32,
    Int32TensorType: np.int32,
    Int64TensorType: np.int64,
    StringTensorType: object,
}


# -- inputs ----------------------------------------------------------------------------


def inputs_of_table(model, dtype):
    """Return the name and the type of each input of the ONNX model, and its columns.

    The columns are those that the model reads, as {number of the column: kind}.
    """
    steps, last, _ = parts_of(model)
    first = next(s for _, s in [*steps, ("", last)] if hasattr(s, "n_features_in_"))
    draft = Draft(names_of(first))
    draft.numbers(features_of(draft, steps, last))
    return inputs_read(first, draft.kinds, dtype)


def inputs_of_encoder(encoder, dtype):
    """Return name and type of each input of a TableEncoder: all of its columns."""
    draft = Draft(names_of(encoder))
    columns = [Input(j) for j in range(encoder.n_features_in_)]
    through_steps(draft, [("encoder", encoder)], columns)
    kinds = zip(draft.kinds, encoder.columns_, strict=True)
    kinds = [kind or kind_of_constant(known) for kind, known in kinds]
    return inputs_read(encoder, kinds, dtype)[0]


def names_of(first):
    """Return the names of the columns of X, or x0, x1, ..."""
    unnamed = [f"x{j}" for j in range(first.n_features_in_)]
    return [str(name) for name in getattr(first, "feature_names_in_", unnamed)]


def kind_of_constant(known):
    """Return what a column without outputs comes in as."""
    texts = getattr(known, "levels", ())
    return TEXT if any(isinstance(text, str) for text in texts) else NUMBER


def inputs_read(first, kinds, dtype):
    """Return name and type of each input, and the numbers of the columns they are.

    `kinds` tells for each column of X as what it is read, None where it is not read.
    """
    double = DoubleTensorType if dtype == np.float64 else FloatTensorType
    types = {TEXT: StringTensorType, INTEGER: Int64TensorType}
    types |= {NUMBER: double, DOUBLE: DoubleTensorType}
    read = {j: kind for j, kind in enumerate(kinds) if kind}
    named = hasattr(first, "feature_names_in_")
    if not named and set(read.values()) <= {NUMBER, DOUBLE}:
        kind = DOUBLE if DOUBLE in kinds else NUMBER
        return [("X", types[kind]([None, len(kinds)]))], range(len(kinds))
    names = names_of(first)
    return [(names[j], types[kind]([None, 1])) for j, kind in read.items()], [*read]


def sources_of(operator, columns):
    """Return {number of a column: its Source}, from the inputs of an operator."""
    places = []
    for variable in operator.inputs:
        dtype, width = DTYPES[type(variable.type)], variable.type.shape[1]
        name = variable.full_name
        places += [Source(name, dtype, j, width) for j in range(width)]
    return dict(zip(columns, places, strict=True))


def is_table_model(model):
    """Return whether a model is exported here, as one graph of what it does to a row.

    Ensembles and targets that are transformed are exported nowhere else. Others are, if
    they have a step that is unknown here.
    """
    steps, last, targets = parts_of(model)
    ensemble, unknown = isinstance(last, BaseTabular), first_unknown(steps)
    if unknown and (ensemble or targets or encodes_parts(steps)):
        name, step = unknown
        known = ", ".join(cls.__name__ for cls in STEPS)
        raise ValueError(
            f"model has the step {name!r} ({type(step).__name__}) before "
            f"{type(last).__name__}, which cannot be exported; steps must be among "
            f"{known} (FunctionTransformer without func). Export {name!r} and what "
            "follows it apart."
        )
    if not (ensemble or type(last) in ESTIMATORS.values()):
        return False
    scales = all(is_affine(step) for _, step in steps)
    return ensemble or bool(targets) or not (unknown or scales)


def encodes_parts(steps):
    """Return whether a TableEncoder is within a ColumnTransformer.

    skl2onnx makes one array of the columns of such a part, also of texts and numbers.
    """
    mixed = [step for _, step in steps if type(step) is ColumnTransformer]
    inner = [one for step in mixed for _, found in parts(step) for _, one in found]
    return any(type(step) is TableEncoder for step in inner)


def floats_of(operator):
    """Return float64 if all numbers come in as float64, else float32."""
    types = {type(variable.type) for variable in operator.inputs} - {StringTensorType}
    return np.dtype("f8" if types == {DoubleTensorType} else "f4")


# -- outputs ---------------------------------------------------------------------------


def tabular_shapes(operator):
    """Set the types of the outputs of an ensemble."""
    set_shapes(floats_of(operator), operator)


def set_shapes(dtype, operator):
    """Set the types of the outputs of an ensemble, or of a network behind a table."""
    last, m = operator.raw_operator, operator.inputs[0].get_first_dimension()
    numbers = DoubleTensorType if dtype == np.float64 else FloatTensorType
    target = last._target
    if target.kind not in CLASSIFICATION:
        operator.outputs[0].type = numbers([m, target.n_outputs])
        return
    n = len(last.classes_)
    if target.multilabel:
        operator.outputs[0].type = Int64TensorType([m, n])
    else:
        operator.outputs[0].type = label_type(last.classes_).tensor([m])
    operator.outputs[1].type = numbers([m, n])


def convert_tabular(scope, operator, container):
    """Add the nodes of an ensemble to the graph."""
    model = operator.raw_operator
    columns = range(model.n_features_in_)
    add_table_model(model, floats_of(operator), columns, scope, operator, container)


def encoder_shapes(operator):
    """Set the type of a TableEncoder's output."""
    double = floats_of(operator) == np.float64
    numbers = DoubleTensorType if double else FloatTensorType
    m = operator.inputs[0].get_first_dimension()
    operator.outputs[0].type = numbers([m, operator.raw_operator._n_outputs])


def convert_encoder(scope, operator, container):
    """Add the nodes of a TableEncoder to the graph."""
    encoder = operator.raw_operator
    n = encoder.n_features_in_
    graph = TableGraph(scope, container, sources_of(operator, range(n)))
    A = graph.numbers(encoded(graph, encoder, [Input(j) for j in range(n)]))
    out = operator.outputs[0].full_name
    graph.node("Identity", graph.cast(A, floats_of(operator)), out=out)


def add_table_model(model, dtype, columns, scope, operator, container):
    """Add the nodes of a model of a table, whose inputs are these columns of it."""
    steps, last, targets = parts_of(model)
    graph = TableGraph(scope, container, sources_of(operator, columns))
    Z = raw_outputs(graph, last, features_of(graph, steps, last))
    A = outputs_of(graph, last, Z)
    for transformer in reversed(targets):
        A = graph.operations(undone(transformer), A)
    out = operator.outputs[-1].full_name
    if last._target.kind in CLASSIFICATION:
        label = operator.outputs[0].full_name
        if last._target.multilabel:
            graph.labels_above(A, 0.5, out=label)
        else:
            graph.most_probable(A, last.classes_, out=label)
    graph.node("Identity", graph.cast(A, dtype), out=out)


def features_of(graph, steps, last):
    """Add all before the networks; return the columns that they take."""
    known = next(s for _, s in [*steps, ("", last)] if hasattr(s, "n_features_in_"))
    columns = [Input(j) for j in range(known.n_features_in_)]
    columns = through_steps(graph, steps, columns)
    if not isinstance(last, BaseTabular):
        return columns
    found = through_steps(graph, [("encoder_", last.encoder_)], columns)
    return found or [zeros(graph, last.encoder_, columns[0])]


def zeros(graph, encoder, column):
    """Return a column of zeros: what networks take where no column varies."""
    kind = kind_of_constant(encoder.columns_[0])
    cell = graph.read(column, kind) if isinstance(column, Input) else column
    size = graph.node("Shape", graph.taken(cell.tensor, [cell.j], cell.width))
    return Cell(graph.cast(graph.node("ConstantOfShape", size), float), 0, 1)


def raw_outputs(graph, last, columns):
    """Add the networks; return the names of the raw outputs of each.

    A network is computed in the floats that it was fitted in, the members of an
    ensemble in float64, as their predictions are.
    """
    ensemble, found = isinstance(last, BaseTabular), []
    X = graph.numbers(columns)
    for network in last.members_ if ensemble else [last]:
        W, b = network._layers()
        dtype = np.dtype(float) if ensemble else W[0].dtype
        part = Graph(graph.scope, graph.container, dtype)
        b = [layer.ravel() for layer in b]
        Z = part.layers(W, b, formulas_of(network._activations), part.cast(X, dtype))
        found.append(graph.cast(Z, float))
    return found


def outputs_of(graph, last, Z):
    """Add what a network, or the mean of several, predicts from the raw outputs."""
    target, ensemble = last._target, isinstance(last, BaseTabular)
    kind = target.kind if target.kind in CLASSIFICATION else LOSSES[target.kind].output
    classifies, found = kind == target.kind, []
    for z in Z:
        if ensemble and classifies:
            z = graph.node("Div", z, graph.constant(last.temperature_))
        A = graph.outputs(LINKS[kind], limits_of(float), z)
        if ensemble and not classifies:
            low, high = last._range
            A = graph.node("Max", A, graph.constant(low[None]))
            A = graph.node("Min", A, graph.constant(high[None]))
        if target.several_levels:
            A = sorted_rows(graph, A, target.n_outputs)
        found.append(A)
    A = graph.node("Sum", *found) if len(found) > 1 else found[0]
    A = graph.node("Div", A, graph.constant(float(len(found))))
    if ensemble and classifies:
        e = 1 / (last._n_rows + 1)
        values = 2 if target.multilabel else len(last.classes_)
        A = graph.node("Mul", A, graph.constant(1 - e))
        A = graph.node("Add", A, graph.constant(e / values))
    return A


def sorted_rows(graph, A, n):
    """Add the n outputs of each row in ascending order."""
    names = [graph.scope.get_unique_variable_name(part) for part in ("sorted", "order")]
    size = graph.constant([n], np.int64)
    graph.node("TopK", A, size, out=names, axis=1, largest=0, sorted=1)
    return names[0]
