"""Calls of a reader's function: arguments, results and errors."""

import inspect
import warnings
from copy import deepcopy
from typing import NamedTuple

import numpy as np

from .caches import put_in_order
from .equality import is_numbers
from .errors import Failure, failure_of
from .messages import MISTAKES, Remark, finding


class Call(NamedTuple):
    """A call and its outcome; `seen` is None if there are no values to compare."""

    arguments: tuple
    right: dict
    seen: dict | None
    findings: list
    warned: list
    failure: Failure | None = None
    result: object = None  # what was returned, in the course's order


def try_case(function, kind, arguments):
    """Call the function with copies of the arguments and read its result."""
    right, given = kind.reference(*arguments), deepcopy(arguments)
    right = {name: np.asarray(value) for name, value in right.items()}
    before = [arrays_in(value) for value in given]
    kept = deepcopy(before)
    misfit = find_misfit(function, kind, given)
    if misfit:
        return Call(arguments, right, None, [misfit], [])
    if not binds(function, given):
        given += kind.spare
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn"):
        warnings.simplefilter("always")
        np.seterr(under="ignore")
        try:
            result = function(*given)
        except Exception as error:
            failure = failure_of(error, function)
            found = [finding(failure.code, failure.where)]
            failure = None if failure.code == "blank_left" else failure
            return Call(arguments, right, None, found, [], failure)
    warned = [str(w.message) for w in caught if w.category is RuntimeWarning]
    result, moved = put_in_order(result, kind.form)
    seen, findings = read(result, [*right], kind)
    findings = moved + findings
    seen = None if seen is None else as_rounded(seen)
    if seen is not None and kind.kept:
        kept_right = kind.kept(*arguments)
        found = kept_values(result, kept_right)
        seen, right = seen | found, right | {name: kept_right[name] for name in found}
    findings += find_changed(kind, before, kept)
    return Call(arguments, right, seen, findings, warned, result=result)


# -- the call --------------------------------------------------------------------------


def binds(function, arguments):
    """Return True if the function takes the arguments or tells no signature."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return True
    try:
        signature.bind(*arguments)
    except TypeError:
        return False
    return True


def find_misfit(function, kind, arguments):
    """Return a finding if the function does not take the course's arguments."""
    if binds(function, arguments) or binds(function, arguments + kind.spare):
        return None
    names = ", ".join(kind.arguments)
    return finding(
        "wrong_arguments",
        f"It is called with ({names}); yours takes {inspect.signature(function)}.",
    )


def arrays_in(value):
    """Return all arrays in nested tuples, lists and dicts."""
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, tuple | list):
        return []
    return [array for part in value for array in arrays_in(part)]


def find_changed(kind, before, kept):
    """Return a finding, in a list, if arrays of the arguments were changed in place."""
    names = [
        name
        for name, now, then in zip(kind.arguments, before, kept, strict=False)
        if not all(map(np.array_equal, now, then))
    ]
    if not names:
        return []
    if names == [kind.moved]:
        return [finding("changes_parameters", "")]
    return [Remark("changes_its_input", changed_text(names))]


def changed_text(names):
    text = MISTAKES["changes_its_input"]
    return text.replace("An array that was handed in is", f"{' and '.join(names)} is")


# -- the result ------------------------------------------------------------------------


def read(result, names, kind):
    """Return the values by name as arrays, or None, and a list of findings."""
    if result is None:
        return None, [finding("returns_nothing", "")]
    parts = [*result] if isinstance(result, tuple) else [result]
    if isinstance(result, list) and len(names) > 1:
        parts = result
    values, problem = by_name(parts, names, kind)
    if problem:
        return None, [problem]
    seen, findings = {}, []
    for name, value in values.items():
        if isinstance(value, np.matrix):
            findings.append(finding("numpy_matrix", f"It is {name}."))
        elif value is ...:
            findings.append(finding("blank_left", f"It is {name}."))
        elif is_numbers(value):
            seen[name] = np.asarray(value)
        else:
            findings.append(
                finding("not_numbers", f"{name} is a {type(value).__name__}.")
            )
    return seen, findings


def as_rounded(seen):
    """Return values of one precision: the least of those that come from one call."""
    floats = [value.dtype for value in seen.values() if value.dtype.kind == "f"]
    least = min(floats, key=lambda dtype: dtype.itemsize, default=None)
    return {
        name: value.astype(least) if value.dtype.kind == "f" else value
        for name, value in seen.items()
    }


def kept_values(result, right):
    """Return those values of a returned cache that are arrays, by name."""
    parts = result[1:] if isinstance(result, tuple) else ()
    return {
        f"cache[{key!r}]": np.asarray(value)
        for part in parts
        if isinstance(part, dict)
        for key, value in part.items()
        if f"cache[{key!r}]" in right and isinstance(value, np.ndarray)
    }


def by_name(parts, names, kind):
    """Return the values by name and None, or None and a finding.

    Values in a dict are named by their keys, others by their position.
    """
    if len(names) == 1 and not any(isinstance(part, dict) for part in parts[:1]):
        if not 1 <= len(parts) <= 1 + kind.cache:
            return None, miscounted(parts, kind)
        return {names[0]: parts[0]}, None
    found = {}
    for part in parts:
        if isinstance(part, dict):
            found |= {name: part[name] for name in names if name in part}
    others = [part for part in parts if not isinstance(part, dict)]
    left = [name for name in names if name not in found]
    if left and not others:
        keys = sorted(str(key) for part in parts for key in part)
        return None, lacking_keys(left, names, keys)
    if len(others) < len(left) or (len(others) > len(left) and not kind.cache):
        return None, miscounted(parts, kind)
    return found | dict(zip(left, others, strict=False)), None


def lacking_keys(lacking, names, keys):
    """Return a finding about keys: a layer that is left out, or other names."""
    layers = sorted({number_of(name) for name in names})
    without = sorted({number_of(name) for name in lacking})
    there = [name for name in names if name not in lacking]
    text = f"It lacks {', '.join(lacking)}; its keys are {keys}."
    whole = not {number_of(name) for name in there} & {*without}
    if any(number_of(key) == "0" for key in keys if key[:1] in "Wb"):
        text += " They are numbered from 0; the layers are 1, ..., L."
    elif there and without == layers[-1:] and whole and len(layers) > 2:
        return finding("loop_off_by_one", f"The last layer is left out. {text}")
    elif there and without == layers[:-1] and whole:
        text += " Only the last layer is there: is the loop over the others missing?"
    elif {f"d{key}" for key in keys} >= {*lacking}:
        text += " The names of gradients begin with d."
    return finding("missing_key", text)


def number_of(name):
    return name.lstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")


def miscounted(parts, kind):
    return finding(
        "wrong_number_of_values",
        f"The course returns {kind.returns}; yours returns {len(parts)}.",
    )
