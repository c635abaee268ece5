"""Findings about the results of a reader's function: comparison with mistakes."""

from itertools import permutations

import numpy as np

from ..._engine.initializers import INITIALIZERS
from .._gradient_check import relative_difference
from .equality import close
from .explain import (
    Trials,
    best_explanations,
    known_explanations,
    meaning,
)
from .kinds import INITIALIZE
from .messages import Remark, finding
from .mutants import base, rank

ENOUGH = 1000  # entries: of a smaller W the scale cannot be judged


def judge_values(name, kind, calls):
    """Return findings about the values, and the failures, of all trials.

    If some trials failed, values that no known mistake explains are not reported: they
    follow from that failure.
    """
    compared = [call for call in calls if call.seen is not None]
    failed = [call for call in calls if call.seen is None]
    # one mistake may raise in several cases: report the first error only
    reported = [found for call in failed[:1] for found in call.findings]
    if not compared:
        return with_mutants(name, failed, reported)
    findings = [found for call in compared for found in call.findings]
    if name in INITIALIZE:
        findings += check_drawn(compared)
        calls = [accept_drawn(call) if call.seen else call for call in calls]
        compared = [call for call in calls if call.seen is not None]
    wrong = wrong_outputs(compared)
    if not wrong and not failed and kind.beside:
        findings += beside_the_result(kind, compared)
    swapped = find_swapped(compared, kind) if wrong else None
    if swapped:
        return [*reported, *findings, swapped]
    turned = find_swapped_and_turned(compared) if wrong else []
    if turned:
        return [*reported, *findings, *turned]
    trials = trials_of(name, calls) if wrong else None
    found, left, whole = name_mistakes(name, kind, calls, wrong, trials)
    if whole and failed:  # the same mistake explains where it fails
        found[0] = with_failure(found[0], failed[0])
        reported = []
    elif failed:
        reported = with_mutants(name, failed, reported)
    findings += found
    for output, cases in () if failed else left.items():
        code, detail = general_code(name, output, [compared[i] for i in cases])
        more = what_is_right(output, compared[0], wrong)
        findings.append(first_wrong(code, [output], compared, wrong, detail, more))
    return reported + findings + find_low_precision(compared)


def beside_the_result(kind, calls):
    """Return findings about caches and costs, the mistakes before the notes."""
    found = []
    for call in calls:
        if isinstance(call.result, tuple) and len(call.result) == len(kind.form):
            found += kind.beside(call.result[-1], *call.arguments)
        elif not isinstance(call.result, tuple) or call.result[1:]:
            found += [finding("no_cache", f"The course returns {kind.returns}.")]
    if " or " in kind.returns:  # without is right, too
        found = [one for one in found if one.code != "no_cache"]
    wrong = [one for one in found if one.code == "wrong_cache"]
    return (wrong or found)[:1]


def what_is_right(output, call, wrong):
    """Return where to look: if dW and db of a layer are wrong, its dZ is."""
    l = output[2:]
    if output[:2] in ("dW", "db") and {f"dW{l}", f"db{l}"} <= set(wrong):
        text = (
            f" dW{l} and db{l} are both wrong, so look at dZ{l}, from which they come."
        )
    else:
        text = ""
    right = [name for name in call.seen if name not in wrong]
    return f"{text} Right are {', '.join(right)}." if right else text


def trials_of(name, calls):
    """Return the trials of mutants, or None if a call ended in another way."""
    other = any(call.seen is None and call.failure is None for call in calls)
    return None if other else Trials(name, calls)


def name_mistakes(name, kind, calls, wrong, trials):
    """Return findings by mistakes, the outputs left, and if mutants explain failures.

    First single mistakes are tried, then two at once.
    """
    compared = [call for call in calls if call.seen is not None]
    ways = [lambda left: known_explanations(name, kind, calls, left)]
    if trials:
        ways[0] = lambda left: [
            *known_explanations(name, kind, calls, left),
            *trials.explanations(left),
        ]
        ways += [trials.and_general, trials.of_two]
    findings, left, whole = [], dict(wrong), False
    for way in ways:
        explanations = way(left) if left else []
        while left:
            best, other = best_explanations(explanations, left)
            if best is None:
                break
            findings += tell(best, other, compared, left)
            whole = whole or bool(best.mutants)
            left = {n: cases for n, cases in left.items() if n not in best.outputs}
    return findings, left, whole


def tell(best, other, calls, wrong):
    """Return a finding for each code of the best explanation."""
    named = f" Your numbers are those of {best.lines}." if best.mutants else ""
    if other:
        named += f" They are also those of {other.lines}: {meaning(other.mutants[0])}"
    return [
        first_wrong(code, best.outputs, calls, wrong, more=named) for code in best.codes
    ]


def with_failure(found, call):
    """Return the finding with the place at which it fails in other cases."""
    if call.failure is None:
        return found
    return found._replace(
        text=f"{found.text} With other shapes it stops: {call.failure.where}"
    )


def with_mutants(name, failed, reported):
    """Return the finding of a failure with the mistakes that would fail so, too."""
    trials = trials_of(name, failed)
    if not trials or len(reported) != 1:
        return reported
    if "cannot reshape" in failed[0].failure.message:
        return reported
    failing, alike = trials.failing(), {}
    for mutant in failing:
        if rank(mutant) == rank(failing[0]):  # the likelier ones come first
            alike.setdefault(base(mutant.code), mutant)
    first = list(alike.values())[:2]
    if not first:
        return reported
    code, text = reported[0]
    if len(alike) == 1 and code in ("raises", "shapes_do_not_meet"):
        text = f"{meaning(first[0])} {failed[0].failure.where}"
        text = f"{text} The same error comes from the line `{first[0].line}`."
        return [Remark(base(first[0].code), text)]
    if len(alike) == 1 and base(first[0].code) == code:
        return [
            Remark(
                code, f"{text} The same error comes from the line `{first[0].line}`."
            )
        ]
    named = "; or ".join(
        f"`{mutant.line}`: {meaning(mutant).rstrip('.')}" for mutant in first
    )
    text = f"{text.rstrip('.')}. The same error comes from the line {named}."
    return [Remark(code, text)]


def wrong_outputs(calls):
    """Return the wrong outputs by name, each with the numbers of its wrong trials."""
    wrong = {}
    for i, call in enumerate(calls):
        for name, value in call.seen.items():
            if not close(value, call.right[name]):
                wrong.setdefault(name, []).append(i)
    return wrong


def find_swapped(calls, kind):
    """Return a finding if the right values come in another order, else None."""
    names = [name for name in calls[0].right if not name.startswith("cache[")]
    if len(names) == 1 and kind.cache and all(map(has_result_second, calls)):
        text = f"It should be {names[0]}, cache; it is cache, {names[0]}."
        return finding("wrong_order_of_values", text)
    if not 1 < len(names) <= 3:
        return None
    for order in permutations(names):
        pairs = list(zip(names, order, strict=True))
        if all(
            name in call.seen and close(call.seen[name], call.right[other])
            for call in calls
            for name, other in pairs
        ):
            return finding(
                "wrong_order_of_values",
                f"It should be {', '.join(names)}; it is {', '.join(order)}.",
            )
    return None


def find_swapped_and_turned(calls):
    """Return findings if the right values come in another order, some transposed."""
    names = [name for name in calls[0].right if not name.startswith("cache[")]
    if not 1 < len(names) <= 3:
        return []
    for order in list(permutations(names))[1:]:
        pairs = list(zip(names, order, strict=True))
        turned = {
            other
            for call in calls
            for name, other in pairs
            if name in call.seen and not close(call.seen[name], call.right[other])
        }
        if len(turned) < len(names) and all(
            name in call.seen
            and (
                close(call.seen[name], call.right[other])
                or close(call.seen[name].T, call.right[other])
            )
            for call in calls
            for name, other in pairs
        ):
            text = f"It should be {', '.join(names)}; it is {', '.join(order)}."
            return [
                finding("wrong_order_of_values", text),
                finding("transposed", f"It is {', '.join(sorted(turned))}."),
            ]
    return []


def has_result_second(call):
    """Return True if the right values stand where the cache belongs."""
    (right,) = [v for name, v in call.right.items() if not name.startswith("cache[")]
    if not isinstance(call.result, tuple) or len(call.result) != 2:
        return False
    second = call.result[1]
    return isinstance(second, np.ndarray) and close(second, right)


# -- findings --------------------------------------------------------------------------


def first_wrong(code, outputs, calls, wrong, detail=None, more=""):
    """Return a finding that shows the first case in which the first output is wrong."""
    output = outputs[0]
    call = calls[wrong[output][0]]
    seen, right = call.seen[output], call.right[output]
    text = detail or expectation(seen, right)
    return finding(code, f"{', '.join(outputs)}: {text}{more}")


def expectation(seen, right):
    """Return the expected and the seen value where they differ most, as text."""
    if seen.shape != right.shape:
        return f"expected shape {right.shape}, got {seen.shape}."
    seen, right = seen.astype(float), right.astype(float)
    off = np.abs(seen - right)
    place = np.unravel_index(
        np.where(np.isfinite(off), off, np.inf).argmax(), off.shape
    )
    at = f" at {[int(i) for i in place]}" if place else ""
    for digits in (6, 9, 17):
        expected, got = f"{right[place]:.{digits}g}", f"{seen[place]:.{digits}g}"
        if expected != got:
            break
    return f"expected {expected}{at}, got {got}."


def general_code(name, output, calls):
    """Return a code for values that no mistake explains, and its detail or None."""
    seen = [call.seen[output] for call in calls]
    right = [call.right[output] for call in calls]
    if any(map(is_rank_1, seen, right)):
        return "rank_1_array", None
    if any(s.shape != r.shape for s, r in zip(seen, right, strict=True)):
        return "wrong_shape", None
    sorted_pairs = [
        (np.sort(s.ravel()), np.sort(r.ravel()))
        for s, r in zip(seen, right, strict=True)
    ]
    if all(s.size > 1 and close(s, r) for s, r in sorted_pairs):
        return "wrong_order_of_elements", None
    if not all(np.isfinite(values).all() for values in seen):
        return "not_finite", None
    if output.startswith("b") and name.startswith("initialize"):
        return "b_not_zero", None
    seen, right = (np.concatenate([np.ravel(v) for v in vs]) for vs in (seen, right))
    # one constant is always a multiple of another
    factor = seen.dot(right) / right.dot(right) if np.ptp(right) else 0.0
    if factor and np.allclose(seen, factor * right, rtol=1e-6, atol=1e-9):
        half = " Is it 1/(2m) for 1/m?" if np.isclose(factor, 0.5) else ""
        return "off_by_a_factor", f"expected {1 / factor:.6g} times as much.{half}"
    return "wrong_values", None


def is_rank_1(seen, right):
    return seen.ndim == 1 and right.ndim == 2 and seen.size == right.size


def find_low_precision(calls):
    """Return a note, in a list, if a result has fewer digits than float64."""
    for call in calls:
        for output, value in call.seen.items():
            if value.dtype.kind == "f" and value.dtype.itemsize < 8:
                return [finding("low_precision", f"{output} is {value.dtype}.")]
    return []


def gradient_difference(kind, calls):
    """Return the relative difference of returned and numerical gradients.

    It is None if a gradient was not returned, or in another shape.
    """
    for call in calls:
        for output, right in call.right.items():
            if output not in call.seen or call.seen[output].shape != right.shape:
                return None
    pairs = [
        (np.ravel(call.seen[output]), np.ravel(slope))
        for call in calls
        for output, slope in kind.numerical(*call.arguments).items()
    ]
    return relative_difference(*map(np.concatenate, zip(*pairs, strict=True)))


# -- initial weights -------------------------------------------------------------------


def check_drawn(calls):
    """Return findings about W: is it random, centred on 0, in a scale of the course?"""
    found = {}
    for call in calls:
        for output, W in call.seen.items():
            if W.size >= ENOUGH and np.isfinite(W).all():
                code, detail = scale_code(W, call.right[output].shape[1])
                if code and code not in found:
                    found[code] = finding(code, f"{output}: {detail}.")
    return [*found.values()]


def scale_code(W, n_in):
    """Return a code for badly drawn entries, or None, and their mean and deviation."""
    std, mean = float(W.std()), float(W.mean())
    detail = f"the mean is {mean:.2g}, the standard deviation {std:.2g}"
    if not W.any():
        return "all_zeros", detail
    if 0 in (W.std(axis=0).max(), W.std(axis=1).max()):
        return "all_equal", detail
    if abs(mean) > 0.2 * std:
        return "not_centered", detail
    rng = np.random.RandomState(0)
    usual = [draw(rng, len(W), n_in).std() for draw in INITIALIZERS.values()]
    if any(abs(std - scale) < 0.1 * scale for scale in usual):
        return None, ""
    return ("not_scaled" if std > 0.9 else "odd_scale"), detail


def accept_drawn(call):
    """Return the trial with its random W as right values if W has the right shape."""
    right = dict(call.right)
    for output, W in call.seen.items():
        if output.startswith("W") and np.isfinite(W).all():
            if W.shape == right[output].shape:
                right[output] = W
            elif W.shape == right[output].shape[::-1]:
                right[output] = W.T
    return call._replace(right=right)
