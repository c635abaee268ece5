"""Save and restore the state of optimisers, schedules and members of a watch.

The state of an object is what it carries from one step, or one epoch, to the next. Its
class lists the attributes in `remembers`. They are arrays, numbers, lists or deques of
numbers, or objects with a state. A dict of all these has a state, too. A state consists
of dicts, arrays and numbers only.
"""

from collections import deque

import numpy as np


def state_of(thing):
    """Return the state of an object by attribute name; its arrays are not copied."""
    if hasattr(thing, "remembers"):
        thing = {name: getattr(thing, name) for name in thing.remembers}
    if isinstance(thing, dict):
        return {name: state_of(value) for name, value in thing.items()}
    return np.array(thing) if isinstance(thing, list | deque) else thing


def copy_state(state):
    """Return a copy of a state, which later steps of the object do not change."""
    if isinstance(state, dict):
        return {name: copy_state(value) for name, value in state.items()}
    return state.copy() if isinstance(state, np.ndarray) else state


def restore(thing, state, place="state"):
    """Restore the state of an object and return the object.

    Arrays are written in place. Numbers and lists are replaced; a deque keeps its
    maximum length. Integers are counts: a negative one raises ValueError. `place` names
    the state at the beginning of every error message.
    """
    if hasattr(thing, "remembers"):
        for name in thing.remembers:
            part = _part(state, name, place)
            value = restore(getattr(thing, name), part, f"{place}/{name}")
            setattr(thing, name, value)
        return thing
    if isinstance(thing, dict):
        for name in thing:
            part = _part(state, name, place)
            thing[name] = restore(thing[name], part, f"{place}/{name}")
        return thing
    if isinstance(thing, np.ndarray):
        _write(thing, state, place)
        return thing
    is_list = isinstance(thing, list | deque)
    given = np.array(None) if isinstance(state, dict) else np.asarray(state)
    whole = isinstance(thing, int)  # bool is one
    if given.ndim != is_list or given.dtype.kind not in ("iub" if whole else "iufb"):
        wanted = "a list of numbers" if is_list else "a number of its kind"
        got = " ".join(repr(state).split())
        raise ValueError(f"{place} must be {wanted}, got {got:.60}.")
    values = given.tolist()
    if whole and values < 0:
        raise ValueError(f"{place} must be a count from 0 on, got {values}.")
    return deque(values, thing.maxlen) if isinstance(thing, deque) else values


def _part(state, name, place):
    if not isinstance(state, dict) or name not in state:
        raise ValueError(f"{place} must hold {name!r}, but does not.")
    return state[name]


def _write(array, state, place):
    given = np.asarray(state)
    kinds_fit = np.can_cast(given.dtype, array.dtype, "same_kind")
    if given.shape != array.shape or not kinds_fit:
        raise ValueError(
            f"{place} must be {array.dtype} of shape {array.shape}, got {given.dtype} "
            f"of shape {given.shape}."
        )
    array[...] = given
