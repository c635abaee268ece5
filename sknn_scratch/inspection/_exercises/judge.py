"""Findings about the results of a reader's function: comparison with mistakes."""

from itertools import permutations

import numpy as np

from ..._engine.initializers import INITIALIZERS
from .._gradient_check import relative_difference
from .kinds import INITIALIZE
from .mistakes import mistakes, of_any
from .trial import finding

ENOUGH = 1000  # entries: of a smaller W the scale cannot be judged


def judge_values(name, kind, calls, failed):
    """Return findings about the values of all trials.

    If other trials have `failed`, values that no known mistake explains are not
    reported: they follow from that failure.
    """
    findings = []
    if name in INITIALIZE:
        findings += check_drawn(calls)
        calls = [accept_drawn(call) for call in calls]
    wrong = wrong_outputs(calls)
    swapped = find_swapped(calls) if wrong else None
    if swapped:
        return [*findings, swapped]
    explanations = explain(name, kind, calls, wrong)
    while wrong:
        codes, covered = best_explanation(explanations, wrong)
        if not covered:
            break
        findings += [first_wrong(code, covered, calls, wrong) for code in codes]
        wrong = {name: cases for name, cases in wrong.items() if name not in covered}
    for output, cases in () if failed else wrong.items():
        code, detail = general_code(name, output, [calls[i] for i in cases])
        findings.append(first_wrong(code, [output], calls, wrong, detail))
    return findings + find_low_precision(calls)


def close(seen, right):
    """Return True if shapes and values are equal but for rounding of the seen dtype."""
    if seen.shape != np.shape(right):
        return False
    floats = seen.dtype.kind == "f"
    rtol = max(1e-6, 20 * float(np.finfo(seen.dtype).eps) if floats else 0)
    # 1e-8 added inside a log is not a mistake
    return np.allclose(seen, right, rtol=rtol, atol=max(1e-8, rtol / 100))


def wrong_outputs(calls):
    """Return the wrong outputs by name, each with the numbers of its wrong trials."""
    wrong = {}
    for i, call in enumerate(calls):
        for name, value in call.seen.items():
            if not close(value, call.right[name]):
                wrong.setdefault(name, []).append(i)
    return wrong


def find_swapped(calls):
    """Return a finding if the right values come in another order, else None."""
    names = [*calls[0].right]
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


def explain(name, kind, calls, wrong):
    """Return (codes, outputs that the mistake explains) of each known mistake."""
    made = [candidates(name, kind, call) for call in calls]
    explanations = []
    for same_mistake in zip(*made, strict=True):
        codes = same_mistake[0][0]
        covered = [
            output
            for output, cases in wrong.items()
            if explains(output, [(calls[i].seen, same_mistake[i][1]) for i in cases])
        ]
        explanations.append((codes, covered))
    return explanations


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


def best_explanation(explanations, wrong):
    """Return the codes of the mistake that explains most outputs, and these outputs."""
    best, covered = (), []
    for codes, outputs in explanations:
        left = [name for name in outputs if name in wrong]
        if len(left) > len(covered):
            best, covered = codes, left
    return best, covered


# -- findings --------------------------------------------------------------------------


def first_wrong(code, outputs, calls, wrong, detail=None):
    """Return a finding that shows the first case in which the first output is wrong."""
    output = outputs[0]
    call = calls[wrong[output][0]]
    seen, right = call.seen[output], call.right[output]
    text = detail or expectation(seen, right)
    return finding(code, f"{', '.join(outputs)}: {text}")


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
    return f"expected {right[place]:.6g}{at}, got {seen[place]:.6g}."


def general_code(name, output, calls):
    """Return a code for values that no mistake explains, and its detail or None."""
    seen = [call.seen[output] for call in calls]
    right = [call.right[output] for call in calls]
    if any(map(is_rank_1, seen, right)):
        return "rank_1_array", None
    if any(s.shape != r.shape for s, r in zip(seen, right, strict=True)):
        return "wrong_shape", None
    if not all(np.isfinite(values).all() for values in seen):
        return "not_finite", None
    if output.startswith("b") and name.startswith("initialize"):
        return "b_not_zero", None
    seen, right = (np.concatenate([np.ravel(v) for v in vs]) for vs in (seen, right))
    factor = seen.dot(right) / right.dot(right) if right.any() else 0.0
    if factor and np.allclose(seen, factor * right, rtol=1e-6, atol=1e-9):
        return "off_by_a_factor", f"expected {1 / factor:.6g} times as much."
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
    for call in calls:
        for output, W in call.seen.items():
            if W.size >= ENOUGH and np.isfinite(W).all():
                code, detail = scale_code(W, call.right[output].shape[1])
                if code:
                    return [finding(code, f"{output}: {detail}.")]
    return []


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
