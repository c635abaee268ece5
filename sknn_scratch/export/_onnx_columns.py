"""The columns of a table as inputs of an ONNX model, and what they hold."""

from itertools import groupby
from typing import NamedTuple

import numpy as np

from ..preprocessing._values import EXACT
from ._network import utf8_of
from ._onnx_graph import Graph, onnx_type

MISSING_TEXTS = ("", "nan")  # where they are no levels; skl2onnx writes NaN as "nan"
TEXT, NUMBER, DOUBLE, INTEGER = "text", "number", "double", "integer"


class Input(NamedTuple):
    """A column of X as it comes in.

    `replaced` are pairs (what, by) of texts, from a SimpleImputer; None is a missing
    text.
    """

    j: int
    replaced: tuple = ()


class Cell(NamedTuple):
    """Column j of a tensor of shape (m, width) of float64."""

    tensor: str
    j: int
    width: int


class Source(NamedTuple):
    """Where a column of X is: an input, its dtype, the place in it, and its width."""

    name: str
    dtype: type
    j: int
    width: int


class TableGraph(Graph):
    """A graph that reads the columns of a table, and computes in float64."""

    def __init__(self, scope, container, sources):
        super().__init__(scope, container, np.dtype(np.float64))
        self._sources, self._cast = sources, {}

    def constant(self, values, dtype=None):
        values = np.asarray(values, dtype or self.dtype)
        if values.dtype.kind != "f" or np.isfinite(values).all():
            return super().constant(values, values.dtype)
        name = self.scope.get_unique_variable_name("constant")  # NaN: an unseen level
        kind = onnx_type(values.dtype)
        self.container.add_initializer(name, kind, values.shape, values.ravel())
        return name

    # -- columns -----------------------------------------------------------------------

    def read(self, column, kind):
        """Return a column of X as a Cell; TEXT and INTEGER keep their own types."""
        name, dtype, j, width = self._sources[column.j]
        if (dtype is object) != (kind == TEXT):
            wanted = "texts" if kind == TEXT else "numbers"
            raise ValueError(f"the input {name!r} must be {wanted} in the ONNX model.")
        dtype_wanted = {TEXT: object, INTEGER: np.int64}.get(kind, np.float64)
        if dtype != dtype_wanted:
            if (name, dtype_wanted) not in self._cast:
                self._cast[name, dtype_wanted] = self.cast(name, dtype_wanted)
            name = self._cast[name, dtype_wanted]
        return Cell(name, j, width)

    def numbers(self, columns, kinds=None):
        """Return the name of columns side by side, (m, n_columns), as float64.

        `kinds` are what they are as inputs; by default all are NUMBER.
        """
        kinds = kinds or [NUMBER] * len(columns)
        cells = [
            self.read(column, kind) if isinstance(column, Input) else column
            for column, kind in zip(columns, kinds, strict=True)
        ]
        groups = groupby(cells, key=lambda cell: (cell.tensor, cell.width))
        return self.beside(
            [
                self.taken(tensor, [cell.j for cell in group], width)
                for (tensor, width), group in groups
            ]
        )

    def taken(self, tensor, places, width):
        """Return columns of a tensor of so many columns."""
        if list(places) == list(range(width)):
            return tensor
        return self.node("Gather", tensor, self.constant(places, np.int64), axis=1)

    def beside(self, tensors):
        """Return tensors side by side."""
        return self.node("Concat", *tensors, axis=1) if len(tensors) > 1 else tensors[0]

    def where_missing(self, x, then):
        """Return x, with the numbers `then` where x is NaN."""
        return self.node("Where", self.node("IsNaN", x), self.constant(then), x)

    # -- levels ------------------------------------------------------------------------

    def codes(self, column, codes, missing, unseen):
        """Return the Cell of the codes of levels, given as {level: code}."""
        kind = kind_of_levels(codes, column)
        if kind == TEXT:
            return self.codes_of_texts(column, codes, missing, unseen)
        if kind == INTEGER:
            x = self.read(column, INTEGER)
            x = self.taken(x.tensor, [x.j], x.width)
        else:
            x = self.numbers([column], [kind])
        levels = np.array([*codes], np.int64 if kind == INTEGER else float)
        found = self.constant(np.full(1, unseen, float))
        if len(levels):
            equal = self.node("Equal", x, self.constant(levels[None], levels.dtype))
            equal = self.cast(equal, float)
            code = self.constant(np.array([*codes.values()], float)[:, None])
            any_ = self.node("MatMul", equal, self.constant(np.ones((len(levels), 1))))
            above = self.node("Greater", any_, self.constant(0.0))
            found = self.node("Where", above, self.node("MatMul", equal, code), found)
        if kind != INTEGER:
            nothing = self.node("IsNaN", x)
            found = self.node("Where", nothing, self.constant([[missing]]), found)
        return Cell(found, 0, 1)

    def codes_of_texts(self, column, codes, missing, unseen):
        """Return the Cell of the codes of texts; see `codes`."""
        codes = dict(codes)
        for what, by in reversed(column.replaced):
            if what is None:
                missing = codes.get(by, unseen)
            else:
                codes[what] = codes.get(by, unseen)
        for text in MISSING_TEXTS:
            codes.setdefault(text, missing)
        x = self.read(column, TEXT)
        found = self.node(
            "LabelEncoder",
            self.taken(x.tensor, [x.j], x.width),
            keys_strings=[utf8_of(text, "ONNX") for text in codes],
            values_floats=[float(code) for code in codes.values()],
            default_float=float(unseen),
            op_domain="ai.onnx.ml",
            op_version=2,
        )
        return Cell(self.cast(found, float), 0, 1)


class Draft(TableGraph):
    """A graph without nodes, to find out what the columns of X are read as.

    Attributes
    ----------
    kinds : list of (str or None)
        For each column of X the kind that it must have, None where it is not read.
    """

    def __init__(self, names):
        super().__init__(None, None, None)
        self._names, self.kinds = names, [None] * len(names)

    def constant(self, values, dtype=None):
        return ""

    def node(self, operator, *inputs, out=None, **attributes):
        return ""

    def read(self, column, kind):
        before = self.kinds[column.j]
        if {before, kind} == {NUMBER, DOUBLE}:
            kind = DOUBLE
        elif before not in (None, kind):
            raise ValueError(
                f"model reads the column {self._names[column.j]!r} as {before} and as "
                f"{kind}, which cannot be exported; give it twice, by two names."
            )
        self.kinds[column.j] = kind
        return Cell("", 0, 1)


def kind_of_levels(levels, column):
    """Return what a column with these levels must be as an input."""
    if isinstance(column, Cell):
        return NUMBER
    levels = [*levels]
    if column.replaced or (levels and all(isinstance(v, str) for v in levels)):
        return TEXT
    numbers = (bool, int, float, np.bool_, np.number)
    if not all(isinstance(level, numbers) for level in levels):
        raise UnsupportedError(
            f"levels that are neither all texts nor all numbers, as {levels!r:.60}; "
            "make texts of the column."
        )
    if any(isinstance(v, int) and not -EXACT <= v <= EXACT for v in levels):
        if all(-(2**63) <= v < 2**63 for v in levels if isinstance(v, int)):
            return INTEGER
        raise UnsupportedError("levels beyond int64; make texts of the column.")
    return NUMBER if in_float32(np.array(levels, float)) else DOUBLE


def in_float32(values):
    """Return whether float32 holds these numbers."""
    with np.errstate(over="ignore"):
        return bool((values == values.astype(np.float32)).all())


class UnsupportedError(Exception):
    """A step of a known class with something unknown: what, and the way out."""
