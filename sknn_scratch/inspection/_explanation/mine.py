"""What a reader's functions give for the quantities of a step, beside the engine's.

Each function is called with what the engine has computed before it, so a mistake in one
quantity does not spread to the next.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import issparse

from .._exercises.check_my import Verdict, name_of_kind
from .._exercises.kinds import KINDS
from .._exercises.trial import try_case
from .._exercises.use_in import preserve_np_random
from .places import PLACES

ROUNDING = 1e-6  # of the largest number, as in check_my


@dataclass(frozen=True)
class Mine:
    """What one function of the reader gives for one quantity.

    `kind` is the course's name of the function, `value` its result or None if there is
    none, `engine` the engine's result for the same arguments, and `remarks` what
    `check_my` says of the call. Differences up to `rounding` are none.
    """

    kind: str
    value: object
    engine: np.ndarray
    remarks: tuple = ()
    rounding: float = 0.0

    @property
    def difference(self):
        """Return value - engine; None if they cannot be subtracted."""
        if self.value is None or self.value.shape != self.engine.shape:
            return None
        return self.value - self.engine

    @property
    def place(self):
        """Return the index of the largest difference; one that is not finite counts."""
        sizes = np.abs(self.difference)
        sizes = np.where(np.isfinite(sizes), sizes, np.inf)
        return tuple(map(int, np.unravel_index(sizes.argmax(), sizes.shape)))

    @property
    def agrees(self):
        """Return True if the two are equal up to rounding."""
        if self.difference is None:
            return False
        largest = np.abs(self.engine).max(initial=0.0)
        small = max(ROUNDING * largest, self.rounding)
        return bool(np.all(np.abs(self.difference) <= small))

    @property
    def words(self):
        """Return the outcome in one sentence."""
        if self.value is None:
            return f"Yours gave no value to compare. {' '.join(self.remarks)}"
        if self.difference is None:
            shapes = f"Yours has the shape {self.value.shape}"
            return f"{shapes}, the engine's has {self.engine.shape}."
        if self.agrees:
            return "Yours equals the engine's up to rounding."
        at, gap = self.place, float(self.difference[self.place])
        return (
            f"The largest difference is {gap:.4g}, at {list(at)}: yours is "
            f"{self.value[at]:.4g}, the engine's {self.engine[at]:.4g}."
        )


# -- which functions -------------------------------------------------------------------


def functions_of(mine):
    """Return the reader's functions by the course's names for them."""
    if isinstance(mine, Mapping):
        named = [(function, kind) for kind, function in mine.items()]
    else:
        given = mine if isinstance(mine, list | tuple) else [mine]
        named = [
            (one._function, one.kind) if isinstance(one, Verdict) else (one, None)
            for one in given
        ]
    for function, _ in named:
        if not callable(function):
            raise TypeError(
                "mine must be a function of the course, a verdict of check_my, a list "
                "of them, or a dict of names and functions, got "
                f"{type(function).__name__}."
            )
    return {name_of_kind(function, kind): function for function, kind in named}


def compare(functions, step):
    """Return lists of `Mine` by the keys of the quantities.

    Parameters
    ----------
    functions : dict of str to callable
        The reader's functions by the course's names.
    step : Layers
        The recorded step.
    """
    if functions and issparse(step.seen["X"]):
        raise TypeError(
            "X must be dense for a function of your own, got a sparse matrix; give "
            "X.toarray()."
        )
    found = {}
    for kind, function in functions.items():
        for arguments, results in calls_of(kind, step):
            with preserve_np_random():
                call = try_case(function, KINDS[kind], arguments)
            for name, key in results.items():
                if name in call.right:  # else a cache that was not returned
                    mine = mine_of(kind, call, name, key, step)
                    found.setdefault(key, []).append(mine)
    return found


def calls_of(kind, step):
    """Return pairs of the arguments and the keys of the results; [] without a place."""
    return list(PLACES[kind](step)) if kind in PLACES else []


def check_places(functions, step):
    """Raise an error for a function that gives no quantity of the step."""
    for kind in functions:
        if not calls_of(kind, step):
            raise ValueError(
                "mine must hold functions that give a quantity of this step, got "
                f"{kind}; its layers are {step.names[1:]}, its solver is "
                f"{step.solver!r}."
            )


def mine_of(kind, call, name, key, step):
    """Return one result of a call beside the engine's."""
    share = step.share(key)
    remarks = tuple(finding.text for finding in call.findings)
    engine = np.atleast_2d(call.right[name] * share)
    value = (call.seen or {}).get(name)
    if value is not None:
        value = np.atleast_2d(value * share) if value.ndim == 0 else value * share
    return Mine(kind, value, engine, remarks, step.rounding(key))
