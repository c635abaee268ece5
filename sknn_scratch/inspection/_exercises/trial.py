"""Calls of a reader's function: arguments, results and errors."""

import inspect
import math
import re
import traceback
import warnings
from copy import deepcopy
from typing import NamedTuple

import numpy as np

from .messages import MISTAKES, Remark


class Call(NamedTuple):
    """A call and its outcome; `seen` is None if there are no values to compare."""

    arguments: tuple
    right: dict
    seen: dict | None
    findings: list
    warned: list


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
            return Call(arguments, right, None, [error_finding(error, function)], [])
    warned = [str(w.message) for w in caught if w.category is RuntimeWarning]
    seen, findings = read(result, [*right], kind)
    findings += find_changed(kind, before, kept)
    return Call(arguments, right, seen, findings, warned)


def finding(code, detail):
    """Return a finding: the meaning of the code, and details.

    After a colon the code may name what its meaning leaves open.
    """
    code, _, named = code.partition(":")
    meaning = MISTAKES[code]
    if named:
        meaning = f"{meaning.rstrip('.')}: {named}."
    return Remark(code, f"{meaning} {detail}".strip())


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
    code = "changes_parameters" if names == [kind.moved] else "changes_its_input"
    return [finding(code, f"It is {', '.join(names)}.")]


def error_finding(error, function):
    """Return a finding for an exception: its line, and a code from the shapes."""
    name = getattr(getattr(function, "__code__", None), "co_filename", None)
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == name] or frames[-1:]
    line = f" ({own[-1].line})" if own[-1].line else ""
    where = f"{type(error).__name__} in line {own[-1].lineno}{line}: {error}"
    return finding(code_of_error(str(error)), f"{where}{cure_of_scalars(error, own)}")


def cure_of_scalars(error, frames):
    """Return what to use instead of a function of single numbers, or ""."""
    code = (frames[-1].line or "") if frames else ""
    if isinstance(error, TypeError) and "scalar" in str(error):
        names = re.findall(r"(?<!np\.)(?<!numpy\.)\b([a-z0-9]+)\(", code)
        names = [name for name in names if callable(getattr(math, name, None))]
        names = [name for name in dict.fromkeys(names) if hasattr(np, name)]
        if names:
            given = " and ".join(f"math.{name}" for name in names)
            taken = " and ".join(f"np.{name}" for name in names)
            return f". For arrays use {taken} in place of {given}."
        return ". float and int take a single number: compute with the whole array."
    if "truth value of an array" in str(error):
        names = [name for name in ("max", "min") if re.search(rf"\b{name}\(", code)]
        if names:
            return f". Use np.{names[0]}imum, which compares element by element."
        return ". For a choice element by element use np.where or np.maximum."
    return ""


def code_of_error(message):
    """Return the code of the mistake that NumPy's message about shapes suggests."""
    if "not aligned" in message or "core dimension" in message:
        return "shapes_do_not_meet"
    texts = re.findall(r"\((\d[\d, ]*)\)", message)
    shapes = [tuple(map(int, re.findall(r"\d+", text))) for text in texts]
    if "broadcast" not in message or len(shapes) < 2:
        return "raises"
    first, second = shapes[:2]
    if len(first) == len(second) == 2:
        if second == (1, first[0]):  # Z + b.T
            return "bias_along_wrong_axis"
        if first[1] == second[0] or second[1] == first[0]:
            return "elementwise_product"
    if 1 in (len(first), len(second)) and first[0] == second[0]:
        return "keepdims_forgotten"
    return "raises"


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
        elif is_numbers(value):
            seen[name] = np.asarray(value)
        else:
            findings.append(
                finding("not_numbers", f"{name} is a {type(value).__name__}.")
            )
    return seen, findings


def is_numbers(value):
    """Return True for a number or an array of numbers."""
    number = isinstance(value, np.ndarray | np.generic | int | float)
    return number and np.asarray(value).dtype.kind in "biuf"


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
        return None, finding(
            "missing_key", f"It lacks {', '.join(left)}; its keys are {keys}."
        )
    if len(others) < len(left) or (len(others) > len(left) and not kind.cache):
        return None, miscounted(parts, kind)
    return found | dict(zip(left, others, strict=False)), None


def miscounted(parts, kind):
    return finding(
        "wrong_number_of_values",
        f"The course returns {kind.returns}; yours returns {len(parts)}.",
    )
