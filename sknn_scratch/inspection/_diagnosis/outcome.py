"""Checks of a training and of its result.

As in `symptoms.py`, each check takes `Signals` and yields findings.
"""

import numpy as np
from scipy.stats import chi2

from ..._estimators.convergence import WELL, apart
from ..._estimators.convergence_texts import cut_short, divergence, swinging
from .cures import weaker_penalty
from .signals import FACTORS
from .symptoms import HIGH_RATE, HIGHER, Finding, lower_rate

GUESSING = 0.95  # loss / loss of a constant: above it nothing was learned
NONE = 0.99  # the same ratio: not even 1 % was learned
# Boosting's loss of new rows / a constant's, below the network's own by this: it does
# clearly better. Chance gains more than a fit's parameters explain once in 100 times.
CLEARLY, SURE = 0.05, 0.99
NEW_ROWS = 16.0  # the same gain on new rows: two standard errors of a weak signal
WORSE = 1.5  # the same ratio: no training whose cost has fallen ends above it
HARDLY_MOVED = 0.02  # all steps together / weights: less is next to nothing
# Gradient of the penalty / that of the loss: 1 where training has arrived. The loss of
# the network's own rows minus boosting's of new rows, both divided by a constant's.
PULLS, BEHIND = 0.75, 0.1
STRONG = 0.01  # l2 or l1 of the mean loss; the default is 1e-4 / n_samples
STILL = 0.005  # fall in the last tenth / cost of a constant: less is no fall
# Accuracy on training rows minus accuracy on held-out rows, beyond two standard errors;
# the same difference of losses, each divided by the loss of a constant.
GAP, LOSS_GAP = 0.1, 0.4
LITTLE = 0.5  # held-out loss / loss of a constant: above it little was learned
TURNED_UP = 0.1  # rise of the validation curve above its minimum / cost of a constant


NO_MORE = "gradient boosting does no better: find columns that say more of y"


def course(s):
    """Yield what is wrong with the cost curve."""
    found = s.course
    if found.diverged:
        yield Finding("diverged", None, found.last, divergence(found), lower_rate(s))
    if found.swings:
        text = swinging(found)
        yield Finding("oscillating", None, found.swings.value, text, lower_rate(s))
    if found.still_falling and s.generalises:
        longer = f"{found.condition}raise max_iter above {s.network.max_iter}"
        if s.steps and not found.too_short:
            longer += f", or {HIGHER} {s.rate:g}"
        yield Finding(
            "still_falling", None, fall_of(found, s.train), cut_short(found), longer
        )


def fall_of(course, fit):
    """Return the last fall of the cost as a part of the loss of a constant."""
    fall = course.before - course.after
    if course.too_short:
        fall = course.first - course.last
    return float(fall / fit.constant)


def small_steps(s):
    """Yield a finding if the steps of training have hardly moved the weights.

    They cannot have by their number and length; or nothing was learned, and one longer
    step does better. Where the cost was still falling at a usual rate, more steps do.
    """
    slow, guessing = s.longer_step, s.train.ratio >= GUESSING and not s.course.diverged
    usual = not s.steps or HIGH_RATE * s.rate > s.default_rate
    more_steps = s.course.still_falling and usual
    better = slow and guessing and s.generalises and not more_steps
    if not (better or _steps_too_short(s)):
        return
    loss, constant = apart(s.train.loss, s.train.constant)
    text = f"the loss is {loss}, where the best constant has {constant}, and the "
    if slow:
        factor, lower = slow
        text += (
            f"weights have hardly moved: a step {factor:g} times longer would lower it "
            f"to {lower:.3g}"
        )
    else:
        factor = s.default_rate / s.rate
        text += f"steps have moved the weights by {s.forces.moved:.1g} of their size"
    rate = s.rate * factor
    if s.rate < s.default_rate < rate:  # good for one step, too long for many
        rate = s.default_rate
    cure = f"set {HIGHER} {s.rate:g}, for example {rate:g}"
    yield Finding("learning_rate_too_low", None, float(s.rate), text, cure)


def _steps_too_short(s):
    """Return whether a low learning rate has hardly moved the weights."""
    low = s.steps and HIGH_RATE * s.rate <= s.default_rate
    return low and s.train.ratio > WELL and s.forces.moved < HARDLY_MOVED


def penalty(s):
    """Yield a finding if the penalty keeps the loss high, whatever the cost does."""
    if s.strength <= STRONG or s.course.diverged or _steps_too_short(s):
        return
    if s.course.too_short or not _penalty_binds(s):
        return
    pair = apart(s.train.loss, s.train.constant)
    text = f"loss {pair[0]}, where the best constant has {pair[1]}"
    if s.boosted is not None and s.train.ratio < GUESSING:
        text += f" and gradient boosting about {s.boosted * s.train.constant:.3g}"
    name, value = s.penalty, s.option(s.penalty)
    text = f"{name}={value:g} holds the weights near 0: {text}"
    more = "raise" if name == "C" else "lower"
    (cure,) = weaker_penalty(s)
    advice = f"{more} {name} decisively, for example to {cure[name]:g}"
    yield Finding("penalty_too_strong", None, float(s.strength), text, advice)


def fit_of_rows(s):
    """Yield findings if the training rows are fitted no better than by a constant."""
    if s.train.ratio < GUESSING or s.course.diverged:
        return
    if (s.course.still_falling and s.course.too_short) or _steps_too_short(s):
        return
    loss, constant = apart(s.train.loss, s.train.constant)
    pair = f"{loss}, where the best constant has {constant}"
    curve = s.curve()
    jumps = s.train.ratio > WORSE and s.steps and s.classes is not None
    jumps &= not s.course.still_falling  # on its way down
    if jumps and not s.longer_step and len(curve) > 4:
        text = f"after training the loss is {pair}: steps jump about instead of down"
        value = float(s.train.ratio)
        yield Finding("learning_rate_too_high", None, value, text, lower_rate(s))
        return
    if weak_signal(s, s.train, n_weights(s)):
        return
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


def n_weights(s):
    """Return the number of parameters that are not 0, but for those of a constant."""
    hidden = sum(np.count_nonzero(s.b[l]) for l in s.hidden)
    return hidden + sum(np.count_nonzero(W) for W in s.W[1:])


def weak_signal(s, fit, parameters=0):
    """Return whether little is learned, but not by chance, and boosting does no better.

    `fit` is that to the rows that `parameters` numbers were trained on, or to new rows,
    with 0. Twice the log likelihood that it gains on a constant is compared with what
    chance gains (Wilks 1938). The likelihood of a regression is that of normal errors.
    """
    if s.boosted is None or not s.boosted >= fit.ratio - CLEARLY:
        return False
    if s.held_out is not None and parameters and weak_signal(s, s.held_out):
        return True
    rows = fit.Z.shape[1]
    gained = 2 * rows * (fit.constant - fit.loss)
    if s.classes is None:
        gained = -rows * np.log(max(fit.ratio, 1e-300))
    chance = chi2.ppf(SURE, parameters) if parameters else NEW_ROWS
    return bool(gained > chance)


def _penalty_binds(s):
    """Return True if more could be learned, and the penalty is what prevents it.

    More can be learned if gradient boosting predicts new rows better than the network
    does its own. Where it was left out, nothing was learned must do. The penalty then
    prevents it if it pulls as hard as the loss; without hidden layers, where nothing
    was learned, if larger weights would lower the loss.
    """
    nothing = s.train.ratio >= GUESSING
    if s.boosted is None or not np.isfinite(s.boosted):
        learnable = nothing
    else:
        learnable = s.train.ratio - s.boosted > BEHIND
    if not learnable:
        return False
    if s.hidden or not nothing:
        return s.forces.pull > PULLS
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
    if s.boosted is not None and s.boosted > NONE:
        return NO_MORE
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


OUTCOME = (course, small_steps, penalty, fit_of_rows, held_out)
