"""What is done to a row of a table before the networks, as a program.

It reads columns into registers, one number each. Each block computes further registers
from earlier ones by one operation. The languages print inputs and blocks one by one.
An operation gets the numbers x of its sources and constants c:

    add, subtract, multiply, divide     x_i + c_i ...
    clip                                x_i between c_i and c_{n+i}
    fill                                c_{n+i} where x_i is c_i (NaN is NaN), else x_i
    missing                             1 where x is NaN, else 0
    smooth_clip                         z / sqrt(1 + (z/3)^2), z = (x - c_0) / c_1
    position                            place of x in the bins of edges c
    bins                                x - c_j between 0 and 1, for each j
    one_hot                             1 where x is c_j, else 0, for each j; NaN of NaN
    find                                j where x is c_j, -1 of NaN, -2 of others
    table                               c_x; -1 is the last one, -2 the last but one
    month, weekday, time                sine and cosine of the phase of x, in days
    float32                             x_i in 32 bits
    sort                                all x_i in increasing order
"""

import datetime
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from ..preprocessing._frames import Column
from ..preprocessing._values import EXACT, as_days, plain_level

NAN = float("nan")
MISSING, UNSEEN = -1, -2  # numbers of levels that are none
# {operation: outputs of n sources and m constants}; others have one a source
SIZES = {
    "bins": lambda n, m: m,
    "one_hot": lambda n, m: m,
    **dict.fromkeys(("month", "weekday", "time"), lambda n, m: 2),
}


class Raw(NamedTuple):
    """A column as it is in X, but for what imputers replace: (what, by) in order."""

    place: int
    replaced: tuple = ()

    def resolved(self, value):
        """Return what imputers make of a value; None is missing."""
        for what, by in self.replaced:
            if what == value:
                value = by
        return value


@dataclass
class Input:
    """A column of X that becomes a register.

    Attributes
    ----------
    place : int
        Number of the column.
    kind : {"number", "level", "date"}
        A level is read as its number, a date as days since 1970-01-01.
    origin : int
        What is subtracted from a number when it is read.
    levels : dict
        {level: number}
    refused : set
        MISSING and UNSEEN, where the model raises an error for them.
    """

    place: int
    kind: str
    origin: int = 0
    levels: dict = field(default_factory=dict)
    refused: set = field(default_factory=set)

    @property
    def numbers_only(self):
        """Return True where the levels are numbers, or there are none."""
        return not any(isinstance(level, str) for level in self.levels)


class Block(NamedTuple):
    """One operation: registers of its sources, and constants, as floats."""

    operation: str
    sources: list
    constants: list


class Program(NamedTuple):
    """What is done to a row: registers are those of the inputs, then of the blocks.

    Attributes
    ----------
    columns : list of str
        Names of all columns of X.
    inputs : list of Input
    blocks : list of Block
    features : list of int
        Registers that the networks take.
    n_registers : int
    """

    columns: list
    inputs: list
    blocks: list
    features: list
    n_registers: int


def check_exact(program, language, texts=False):
    """Raise ValueError for whole numbers as levels that a language would round.

    With `texts` columns are left out of which some levels are texts.
    """
    for source in program.inputs:
        large = [v for v in source.levels if type(v) is int and abs(v) > EXACT]
        if large and not (texts and not source.numbers_only):
            raise ValueError(
                f"column {program.columns[source.place]!r} must have levels up to "
                f"2**53 to be written in {language}, which rounds larger numbers, got "
                f"{large[0]}; make texts of the column."
            )


def size_of(operation, n, m):
    """Return how many registers an operation makes of n sources and m constants."""
    return SIZES.get(operation, lambda n, m: n)(n, m)


class Builder:
    """Collects inputs and blocks. Steps turn columns, Raw or registers, into others.

    The registers of inputs are negative, -1 for the first, until `finished`.
    """

    def __init__(self, columns):
        self.columns = columns
        self.inputs, self._blocks, self._tables, self._n = [], [], {}, 0

    def block(self, operation, sources, constants=()):
        """Add a block; return its registers."""
        constants = [float(value) for value in np.ravel(constants)]
        block = Block(operation, list(sources), constants)
        self._blocks.append(block)
        first = self._n
        self._n += size_of(operation, len(block.sources), len(constants))
        return list(range(first, self._n))

    def numbers(self, columns, origin=0):
        """Return a register for each column, as a number; NaN is missing."""
        registers = [
            self._input(column.place, "number", origin)[0]
            if isinstance(column, Raw)
            else column
            for column in columns
        ]
        waiting = [list(c.replaced) if isinstance(c, Raw) else [] for c in columns]
        while any(waiting):
            places = [i for i, pairs in enumerate(waiting) if pairs]
            pairs = [waiting[i].pop(0) for i in places]
            for i, (what, by) in zip(places, pairs, strict=True):
                for value in (what, by):
                    if isinstance(value, str):
                        self._mixed(columns[i].place, "text")
            constants = [NAN if what is None else what for what, _ in pairs]
            constants += [by - origin for _, by in pairs]
            sources = [registers[i] for i in places]
            made = self.block("fill", sources, constants)
            for i, register in zip(places, made, strict=True):
                registers[i] = register
        return registers

    def date(self, column):
        """Return the register of a column of dates, in days since 1970-01-01."""
        if not isinstance(column, Raw):
            raise ValueError(
                "dates must come from columns of X to be exported, got a column that a "
                "step has made; leave out the step."
            )
        register, _ = self._input(column.place, "date")
        for what, by in column.replaced:
            if not (what is None and isinstance(by, datetime.date)):
                self._mixed(column.place, "date")
            day, fraction, _ = as_days(
                Column(np.array([by], object), np.array([False]))
            )
            filled = [NAN, day.astype(int)[0] + fraction[0]]
            (register,) = self.block("fill", [register], filled)
        return register

    def codes(self, column, codes, *, missing, unseen):
        """Return the register of the code of a level: codes[level].

        `missing` and `unseen` are the codes of other values; None refuses them.
        """
        if not isinstance(column, Raw):
            return self._codes_of_numbers(column, codes, missing, unseen)
        register, found = self._input(column.place, "level")
        known = {self._level(column.place, level): c for level, c in codes.items()}
        levels = [*known, *(v for pair in column.replaced for v in pair)]
        for level in levels:
            if level is not None:
                level = self._level(column.place, level)
                found.levels.setdefault(level, len(found.levels))
        if unseen is None:
            found.refused.add(UNSEEN)
        nothing = column.resolved(None)
        missing = missing if nothing is None else known.get(nothing, unseen)
        if missing is None:
            found.refused.add(MISSING)
        (made,) = self.block("table", [register])
        # the levels of other steps are to come: the table is filled in the end
        self._tables[len(self._blocks) - 1] = found, column, known, missing, unseen
        return made

    def _codes_of_numbers(self, register, codes, missing, unseen):
        """Return the register of the code of a number that a step has made."""
        if any(isinstance(level, str) for level in codes):
            raise ValueError(
                "texts must come from columns of X to be exported, got levels such as "
                f"{min(map(str, codes))!r:.40} of a column that a step has made; leave "
                "out one of the steps."
            )
        found = self.block("find", [register], [*codes])
        table = [NAN if c is None else c for c in (*codes.values(), unseen, missing)]
        return self.block("table", found, table)[0]

    def finished(self, columns):
        """Return the Program whose features are these columns."""
        if not columns:  # the networks then had a column of zeros
            columns = [self.codes(Raw(0), {}, missing=0, unseen=0)]
        features = self.numbers(columns)
        for k, (found, column, known, missing, unseen) in self._tables.items():
            seen = [known.get(column.resolved(v), unseen) for v in found.levels]
            table = [NAN if c is None else float(c) for c in (*seen, unseen, missing)]
            self._blocks[k] = self._blocks[k]._replace(constants=table)
        n = len(self.inputs)

        def placed(registers):
            return [n + r if r >= 0 else -r - 1 for r in registers]

        blocks = [b._replace(sources=placed(b.sources)) for b in self._blocks]
        features = placed(features)
        return Program(self.columns, self.inputs, blocks, features, n + self._n)

    def _input(self, place, kind, origin=0):
        """Return register and Input of a column; what has been read is read once."""
        for i, found in enumerate(self.inputs):
            if found.place == place and found.kind == kind and found.origin == origin:
                return -i - 1, found
            if found.place == place and "date" in (found.kind, kind) != (kind, kind):
                self._mixed(place, "date")
        self.inputs.append(Input(place, kind, origin))
        return -len(self.inputs), self.inputs[-1]

    def _level(self, place, level):
        """Return a level as bool, int, float or str; ValueError for any other."""
        level = plain_level(level)
        if not isinstance(level, (bool, int, float, str)):
            raise ValueError(
                f"levels must be numbers or texts to be exported, got {level!r:.40} in "
                f"column {self.columns[place]!r}; fit with texts in place of them."
            )
        return level

    def _mixed(self, place, kind):
        raise ValueError(
            f"column {self.columns[place]!r} must be of one kind to be exported, got "
            f"one that is read as a {kind} and as another; copy the column for that."
        )
