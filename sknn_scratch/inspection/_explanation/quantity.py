"""One quantity of a step: its name, formula, shapes and numbers."""

from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import issparse

SECTIONS = "Given", "Forward propagation", "Cost", "Backward propagation", "Update"


@dataclass(frozen=True)
class Quantity:
    """One quantity of a step.

    `name` is the course's name ("dW[1]"), `key` the key in `to_dict` ("dW1"), `section`
    the part of the step, `formula` how it is computed, `value` its numbers, `shapes`
    how the shapes combine, `operands` the arrays in the formula by their names,
    `before` the numbers before an update, and `mine` what the reader's functions gave.
    """

    name: str
    key: str
    section: str
    formula: str
    value: object
    shapes: str
    operands: dict = field(default_factory=dict)
    before: object = None
    mine: tuple = ()

    @property
    def shape(self):
        return np.shape(self.value)

    @property
    def numbers(self):
        """Return the numbers as text, truncated."""
        if self.before is None:
            return shortened(self.value)
        return f"{shortened(self.before)}\nbecomes\n{shortened(self.value)}"


def shortened(value):
    """Return numbers as text in the format of the course's notebooks, few of many."""
    if issparse(value):
        return f"sparse, {value.nnz} numbers stored"
    if np.ndim(value) == 0:
        return f"{value:.10g}"
    return np.array2string(
        value, precision=4, threshold=12, edgeitems=2, max_line_width=72
    )


def counted(n, noun):
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
