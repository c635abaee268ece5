"""Explanations of what a reader's function did: mistakes that would do the same.

A mistake explains an output if it gives the seen value in each case, and if it fails
where the reader's function failed, at the same operation.
"""

from itertools import combinations
from typing import NamedTuple

import numpy as np

from .equality import close
from .errors import failed_operation
from .kinds import INITIALIZE
from .messages import MISTAKES
from .mistakes import mistakes, of_any
from .mutants import FILE, Mutant, Run, base, mutants_of, rank, sources

# codes of mistakes that seldom come in twos
RARE = frozenset({"wrong_operand", "wrong_constant", "wrong_operator", "wrong_layer"})
RARE |= {"factors_swapped", "factor_too_many", "activation_twice"}


class Explanation(NamedTuple):
    """Mistakes, made together, and the wrong outputs that they explain."""

    codes: tuple
    outputs: list
    mutants: tuple = ()

    @property
    def lines(self):
        return " and ".join(f"`{mutant.line}`" for mutant in self.mutants)


def alike(seen, made):
    """Return close(seen, made), quickly if their first entries differ."""
    if made is None or np.shape(made) != seen.shape:
        return False
    if seen.size and seen.dtype.itemsize == 8:
        first, other = float(seen.flat[0]), float(made.flat[0])
        if abs(first - other) > 1e-5 * abs(other) + 1e-7:
            return False
    return close(seen, made)


# -- mistakes with values of their own -------------------------------------------------


def known_explanations(name, kind, calls, wrong):
    """Return explanations by `mistakes.py`, alone and with a forgotten 1/m."""
    calls = [call for call in calls if call.seen is not None]
    made = [candidates(name, kind, call) for call in calls]
    found = []
    for same_mistake in zip(*made, strict=True):
        outputs = [
            output
            for output, cases in wrong.items()
            if explains(output, [(calls[i].seen, same_mistake[i][1]) for i in cases])
        ]
        codes = same_mistake[0][0]
        if outputs and (codes[0] not in WHOLE or explains_all(calls, same_mistake)):
            found.append(Explanation(codes, outputs))
    return found


# codes of mistakes that show in all results
WHOLE = frozenset({"not_put_back"})


def explains_all(calls, made):
    """Return True if the mistake gives all that was seen."""
    return all(
        close(seen, values[output])
        for call, (_, values) in zip(calls, made, strict=True)
        for output, seen in call.seen.items()
    )


def explains(output, pairs):
    """Return True if the mistake gives what was seen in all cases where it can be made.

    It must be possible in at least one case.
    """
    equal = [
        close(seen[output], values[output])
        for seen, values in pairs
        if values.get(output) is not None
    ]
    return bool(equal) and all(equal)


def candidates(name, kind, call):
    """Return codes and values of each mistake, alone and with a forgotten 1/m."""
    m = kind.columns(*call.arguments).shape[1] if kind.columns else None
    own = [((code,), v) for code, v in mistakes(name, call.arguments, call.right)]
    general = {output: of_any(value, m) for output, value in call.right.items()}
    found = own + by_code(general)
    if m is None:
        return found
    return found + [
        ((*codes, "missing_1_over_m"), scaled(values, m)) for codes, values in found
    ]


def scaled(values, m):
    return {n: None if v is None else np.multiply(v, m) for n, v in values.items()}


def by_code(general):
    """Return codes and values of general mistakes, each made in all outputs at once."""
    codes = {}
    for output, pairs in general.items():
        for place, (code, value) in enumerate(pairs):
            codes.setdefault((code, place), {})[output] = value
    return [((code,), values) for (code, _), values in codes.items()]


# -- mutants of the textbook -----------------------------------------------------------


class Trials:
    """All mutants of a kind on the cases of the calls."""

    def __init__(self, name, calls):
        self.name, self.calls = name, calls
        with np.errstate(all="ignore"):
            self.runs = [Run(name, call.arguments) for call in calls]

    def explanations(self, wrong):
        """Return an explanation for each mutant that explains any output."""
        found = []
        for mutant in mutants_of(self.name):
            outputs = self.explained((mutant,), wrong)
            if outputs:
                found.append(Explanation((mutant.code,), outputs, (mutant,)))
        return found

    def of_two(self, wrong):
        """Return explanations by two mutants at once, in different statements."""
        wrong = self.telling(wrong)
        usual = mutants_of(self.name)
        if len(usual) > 150:  # not more than a second
            usual = [mutant for mutant in usual if base(mutant.code) not in RARE][:130]
        found = []
        for one, other in combinations(usual, 2):
            if one.place == other.place or one.function != other.function:
                continue
            pair = tuple(sorted((one, other), key=lambda mutant: mutant.place))
            outputs = self.explained(pair, wrong)
            if outputs and not found:
                found.append(Explanation(codes_of(pair), outputs, pair))
            elif outputs and len(outputs) > len(found[0].outputs):
                found = [Explanation(codes_of(pair), outputs, pair)]
        return found

    def and_general(self, wrong):
        """Return explanations by a mutant and a general mistake in what it gives."""
        wrong = self.telling(wrong)
        found = []
        for mutant in mutants_of(self.name):
            for code, change in CHANGES.items():
                outputs = self.explained((mutant,), wrong, change)
                if outputs:
                    codes = (mutant.code, code)
                    found.append(Explanation(codes, outputs, (mutant,)))
        return found

    def telling(self, wrong):
        """Return outputs with decimals: whole numbers may be equal by chance."""
        seen = [call.seen for call in self.calls if call.seen is not None]
        return [
            name
            for name in wrong
            if any(np.any(np.trunc(v[name]) != v[name]) for v in seen if name in v)
        ]

    def explained(self, mutants, wrong, change=None):
        """Return the outputs for which the mutants do in each case what was seen."""
        left = list(wrong)
        with np.errstate(all="ignore"):
            for call, run in zip(self.calls, self.runs, strict=True):
                result = run(*mutants)
                if call.seen is None:
                    failed = isinstance(result, Exception)
                    if not (failed and fails_alike(call.failure, run, mutants[0])):
                        return []
                    continue
                if isinstance(result, Exception):
                    return []
                values = picked(result, [*call.right])
                left, denied = self.compared(call, values, left, wrong, change, mutants)
                if denied or not left:
                    return []
        return left

    def compared(self, call, values, left, wrong, change, mutants):
        """Return the outputs that are explained, and if a right one would be wrong."""
        equal = []
        for output, seen in call.seen.items():
            given = output in left
            if given or output not in wrong:
                made = values[output]
                made = changed(made, change, call) if given else made
                if not (np.isfinite(seen).any() or knows_infinity(mutants)):
                    continue
                if alike(self.normal(output, seen), self.normal(output, made)):
                    equal.append(output)
                elif not given:
                    return [], True
        return [name for name in left if name in equal or name not in call.seen], False

    def normal(self, output, value):
        """Return zeros for drawn weights: only their shape can be compared."""
        drawn = self.name in INITIALIZE and output[0] == "W"
        return np.zeros(value.shape) if drawn and value is not None else value

    def failing(self):
        """Return mutants that fail wherever the reader's function failed."""
        return [m for m in mutants_of(self.name) if self.fails(m)]

    def fails(self, mutant):
        with np.errstate(all="ignore"):
            return all(
                fails_alike(call.failure, run, mutant)
                for call, run in zip(self.calls, self.runs, strict=True)
            )


def knows_infinity(mutants):
    """Return True for a mistake that is known by inf and nan alone."""
    return any(mutant.code == "log_of_labels" for mutant in mutants)


def codes_of(mutants):
    return tuple(mutant.code for mutant in mutants)


# general mistakes in a result: code -> function of the value and the number of examples
CHANGES = {
    "missing_1_over_m": lambda value, m: value * m,
    "extra_1_over_m": lambda value, m: value / m,
    "sign_flipped": lambda value, m: -1.0 * value,
    "keepdims_forgotten": lambda value, m: np.ravel(value),
    "transposed": lambda value, m: value.T,
}


def changed(value, change, call):
    if change is None or value is None:
        return value
    columns = [a for a in call.arguments if getattr(a, "ndim", 0) == 2]
    return np.asarray(change(value, columns[-1].shape[1] if columns else 1))


def picked(returned, names):
    """Return the values of a textbook function by name, as arrays of numbers."""
    parts = returned if isinstance(returned, tuple) else (returned,)
    keyed = {}
    for part in parts:
        if isinstance(part, dict):
            keyed |= part
    if any(name.startswith("cache[") for name in names):
        keyed = {f"cache[{key!r}]": value for key, value in keyed.items()}
    single = iter([part for part in parts if not isinstance(part, dict)])
    arrays = {}
    for name in names:
        value = np.asarray(keyed[name] if name in keyed else next(single, None))
        arrays[name] = value if value.dtype.kind in "biuf" else None
    return arrays


def fails_alike(failure, run, mutant):
    """Return True if a mutant fails at the same operation, with the same shapes."""
    if failure is None:
        return False
    return any(same_failure(failure, error) for error in run.failures(mutant))


def same_failure(failure, error):
    if not isinstance(error, failure.kind):
        return False
    if failure.operation is None:
        same_key = str(error) == failure.message
        by_message = failure.kind in (KeyError, TypeError, ValueError)
        return same_key if by_message else failure.kind is IndexError
    operation = failed_operation(error, FILE, sources)
    if operation is None:
        return False
    ours, theirs = failure.operation, operation
    if not any(ours.shapes):  # two numbers: only the message tells them apart
        return str(error) == failure.message
    if ours.is_matrix_product != theirs.is_matrix_product:
        return False
    if ours.is_matrix_product:
        return ours.shapes == theirs.shapes
    return sorted(ours.shapes) == sorted(theirs.shapes)


# -- the best of them ------------------------------------------------------------------


def best_explanations(explanations, wrong):
    """Return the explanation of most outputs, and another one that is as good.

    Fewer mistakes are better than more. None stands for an explanation that there is
    not. With the best goes the line of a mutant that has the same code.
    """
    left = [
        one._replace(outputs=[name for name in one.outputs if name in wrong])
        for one in explanations
    ]
    left = [one for one in left if one.outputs]
    if not left:
        return None, None
    best = min(left, key=lambda one: (-len(one.outputs), len(one.codes)))
    equal = [
        one
        for one in left
        if one.outputs == best.outputs and len(one.codes) == len(best.codes)
    ]
    if not best.mutants:
        same = [one for one in equal if one.mutants and alike_in_name(one, best)]
        return (best._replace(mutants=same[0].mutants) if same else best), None
    others = [one for one in equal if one.mutants and differ(one, best)]
    return best, others[0] if others else None


def bases(explanation):
    return [base(code) for code in explanation.codes]


def alike_in_name(one, best):
    """Return True if the codes are the same, or both tell of a sign."""
    return bases(one) == bases(best) or (
        bases(one) == ["wrong_sign"] and bases(best) == ["sign_flipped"]
    )


def differ(one, best):
    """Return True if an explanation has another code and is no less likely."""
    likely = not set(bases(one)) & (RARE - set(bases(best)))
    likely = likely and len(best.codes) == 1
    likely = likely and rank(one.mutants[0]) <= rank(best.mutants[0])
    return bases(one) != bases(best) and likely


def meaning(mutant: Mutant):
    """Return what a mutant's mistake means, as a sentence."""
    code, _, detail = mutant.code.partition(":")
    text = MISTAKES[code]
    return f"{text.rstrip('.')}: {detail}." if detail else text
