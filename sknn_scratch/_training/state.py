"""What a thing carries from one step, or one epoch, to the next: read, and put back.

A thing names it in `remembers`: attributes that are arrays, numbers, lists or deques of
numbers, or such things again. A dict of all these is as good as a thing. The state of
either is made of dicts, arrays and numbers only.
"""

from collections import deque

import numpy as np


def state_of(thing):
    """Everything it remembers, by name; arrays are its own, as they stand."""
    if hasattr(thing, "remembers"):
        thing = {name: getattr(thing, name) for name in thing.remembers}
    if isinstance(thing, dict):
        return {name: state_of(value) for name, value in thing.items()}
    return np.array(thing) if isinstance(thing, list | deque) else thing


def copied(state):
    """A state that stays as it is while the thing goes on."""
    if isinstance(state, dict):
        return {name: copied(value) for name, value in state.items()}
    return state.copy() if isinstance(state, np.ndarray) else state


def restore(thing, state, place="state"):
    """The thing with its state put back; arrays are written where they are.

    A number or a list cannot be: it is made anew, with the limit that the thing's own
    has. Whole numbers count something: none is below 0. `place`, a name for the state,
    begins every error.
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
