"""Checks of a training and of its result.

As in `symptoms.py`, each check takes `Signals` and yields findings.
"""

import numpy as np

from ..._estimators.convergence import apart, cut_short, divergence, swinging
from .signals import FACTORS
from .symptoms import HIGHER, Finding, lower_rate

GUESSING = 0.95  # loss / loss of a constant: above it nothing was learned
NONE = 0.99  # the same ratio: not even 1 % was learned
WORSE = 1.5  # the same ratio: no training whose cost falls ends above it
STRONG = 0.01  # l2 or l1 of the mean loss; the default is 1e-4 / n_samples
STILL = 0.005  # fall in the last tenth / cost of a constant: less is no fall
# Accuracy on training rows minus accuracy on held-out rows, beyond two standard errors;
# the same difference of losses, each divided by the loss of a constant.
GAP, LOSS_GAP = 0.1, 0.4
LITTLE = 0.5  # held-out loss / loss of a constant: above it little was learned
TURNED_UP = 0.1  # rise of the validation curve above its minimum / cost of a constant


def course(s):
    """Yield what is wrong with the cost curve."""
    found = s.course
    if found.diverged:
        yield Finding("diverged", None, found.last, divergence(found), lower_rate(s))
    if found.swings:
        text = swinging(found)
        yield Finding("oscillating", None, found.swings.value, text, lower_rate(s))
    if found.still_falling and s.generalises:
        longer = f"raise max_iter above {s.network.max_iter}"
        if s.steps:
            longer += f", or {HIGHER} {s.rate:g}"
        fall = (found.before - found.after) / s.train.constant
        yield Finding("still_falling", None, float(fall), cut_short(found), longer)


def fit_of_rows(s):
    """Yield findings if the training rows are fitted no better than by a constant."""
    if s.train.ratio < GUESSING or s.course.diverged:
        return
    loss, constant = apart(s.train.loss, s.train.constant)
    pair = f"{loss}, where the best constant has {constant}"
    curve = s.curve()
    slow = s.longer_step
    jumps = s.train.ratio > WORSE and s.steps and s.classes is not None
    if jumps and not slow and len(curve) > 4:
        text = f"after training the loss is {pair}: steps jump about instead of down"
        value = float(s.train.ratio)
        yield Finding("learning_rate_too_high", None, value, text, lower_rate(s))
        return
    if s.strength > STRONG and _penalty_binds(s):
        name = s.penalty
        value = s.option(name)
        text = f"{name}={value:g} leaves a loss of {pair}: the weights are held near 0"
        weaker = f"{value * 100:g}" if name == "C" else f"{value / 100:g}"
        more = "raise" if name == "C" else "lower"
        cure = f"{more} {name}, for example to {weaker}"
        yield Finding("penalty_too_strong", None, float(s.strength), text, cure)
    if slow and s.generalises:
        factor, lower = slow
        text = (
            f"the loss is {pair}, and the weights have hardly moved: a step {factor:g} "
            f"times longer would lower it to {lower:.3g}"
        )
        rate = s.rate * factor
        if s.rate < s.default_rate < rate:  # good for one step, too long for many
            rate = s.default_rate
        cure = f"set {HIGHER} {s.rate:g}, for example {rate:g}"
        yield Finding("learning_rate_too_low", None, float(s.rate), text, cure)
    none = s.train.ratio > NONE
    moved = abs(s.course.before - s.course.after) if len(curve) > 5 else np.inf
    if s.hidden and none and moved < STILL * s.train.constant:
        text = (
            f"the cost stands still at {curve[-1]:.4g}, and the loss is not 1 % lower "
            f"than that of guessing: {pair}"
        )
        cure = "try another init, activation or solver, and another learning_rate_init"
        yield Finding("plateau", None, float(curve[-1]), text, cure)
    better = "less than 1 %" if none else "hardly"
    text = f"on these rows the network is {better} better than a constant: loss {pair}"
    yield Finding("underfitting", None, float(s.train.ratio), text, _larger(s))


def _penalty_binds(s):
    """Return True if larger weights would lower the loss: the penalty keeps them small.

    With hidden layers the answer is True without a test: it would need a training,
    because the penalty keeps the weights of all layers near 0.
    """
    if s.hidden:
        return True
    objective, batch = s.run.objective, s.run.batches.first_batch()
    theta, n = objective.params.theta.copy(), objective.params.n_weights
    W = theta[:n]
    if not W.any():  # an l1 penalty set all to 0
        W = -objective(theta, *batch)[1][:n].copy()
    with np.errstate(all="ignore"):
        larger = [np.concatenate([k * W, theta[n:]]) for k in FACTORS]
        losses = [s.run.unit * objective.loss_at(other, *batch) for other in larger]
    objective.set_theta(theta)
    return bool(np.nanmin(losses) < GUESSING * s.train.constant)


def _larger(s):
    if not s.hidden:
        return "use hidden layers (DeepNetClassifier), or features that say more of y"
    size = "n_hidden" if s.option("n_hidden") else "hidden_layer_sizes"
    size += " or max_iter" if s.generalises else ""
    return f"raise {size}, lower alpha, or find features that say more of y"


def held_out(s):
    """Yield a finding of over-fitting, by rows given now or validated by in `fit`."""
    found = None
    if s.held_out is not None:
        found = _gap(s)
    if found is None and not s.option("early_stopping"):
        found = _turned_up(s)
    if found is None:
        return
    value, text = found
    cures = [] if s.option("early_stopping") else ["early_stopping=True"]
    if s.option("dropout") == 0 and s.steps:
        cures.append("dropout=0.2")
    name = s.penalty
    cures.append(
        f"a {'lower' if name == 'C' else 'higher'} {name} than {s.option(name):g}"
    )
    cures.append("more rows" if not s.hidden else "more rows or fewer units")
    yield Finding("overfitting", None, float(value), text, f"try {', '.join(cures)}")


def _gap(s):
    """Return (value, text) of how much worse held-out rows are fitted, or None."""
    train, other = s.train, s.held_out
    gap = other.ratio - train.ratio
    pair = apart(train.loss, other.loss)
    text = (
        f"loss {pair[0]} on its own rows, {pair[1]} on those held out, where a "
        f"constant has {other.constant:.3g}"
    )
    if s.classes is None:
        far = gap > LOSS_GAP and other.ratio > 1.5 * train.ratio
        return (gap, text) if far else None
    right, rest = train.accuracy(), other.accuracy()
    fewer, error = (
        right - rest,
        np.sqrt(max(rest * (1 - rest), 1e-9) / other.Y.shape[1]),
    )
    if fewer > GAP + 2 * error:
        return (
            fewer,
            f"{right:.1%} of its own rows are right, {rest:.1%} of those held out",
        )
    if s.option("early_stopping"):  # it kept the parameters of the least loss
        return None
    sure = gap > other.sure_gap or fewer > 2 * error
    return (gap, text) if gap > LOSS_GAP and other.ratio > LITTLE and sure else None


def _turned_up(s):
    """Return (value, text) of a validation loss that rose far in `fit`, or None."""
    turn, costs = s.course.turn, s.curve()
    if turn is None:
        return None
    then = max(len(costs) - 1 - (s.course.n_iter - turn.at), 0)
    rise = turn.last - turn.least
    far = rise >= TURNED_UP * s.train.constant and turn.last >= 1.2 * turn.least
    if not far or not costs[-1] < costs[then]:
        return None
    return rise, f"{turn.text}, while the cost fell to {costs[-1]:.3g}"


OUTCOME = (course, fit_of_rows, held_out)
