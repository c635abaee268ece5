"""Checks of a training and of its result.

As in `symptoms.py`, each check takes `Signals` and yields findings.
"""

import numpy as np

from ..._estimators.convergence import apart, cut_short, divergence, swinging
from .symptoms import Finding, lower_rate

GUESSING = 0.95  # loss / loss of a constant: above it nothing was learned
NONE = 0.99  # the same ratio: not even 1 % was learned
WORSE = 1.5  # the same ratio: no training whose cost falls ends above it
STRONG = 0.01  # l2 or l1 of the mean loss; the default is 1e-4 / n_samples
HARDLY = 0.2  # fall of the cost / first cost: less is hardly any fall
STILL = 0.005  # fall in the last tenth / cost of a constant: less is no fall
FACTORS = 10.0 ** np.arange(1, 6)  # factors of the learning rate that are tried
# Accuracy on training rows minus accuracy on held-out rows, beyond two standard errors;
# the same difference of losses, each divided by the loss of a constant.
GAP, LOSS_GAP = 0.1, 0.4
SURE = 1.25  # held-out loss / loss of a constant: above it, sure but wrong
TURNED_UP = 0.1  # rise of the validation curve above its minimum / cost of a constant


def course(s):
    """Yield what is wrong with the cost curve."""
    found = s.course
    if found.diverged:
        yield Finding("diverged", None, found.last, divergence(found), lower_rate(s))
    if found.swings:
        text = swinging(found)
        yield Finding("oscillating", None, found.swings.value, text, lower_rate(s))
    if found.still_falling:
        longer = f"raise max_iter above {s.network.max_iter}"
        if s.steps:
            longer += f", or learning_rate_init above {s.rate:g}"
        fall = (found.before - found.after) / s.train.constant
        yield Finding("still_falling", None, float(fall), cut_short(found), longer)


def fit_of_rows(s):
    """Yield findings if the training rows are fitted no better than by a constant."""
    if s.train.ratio < GUESSING or s.course.diverged:
        return
    loss, constant = apart(s.train.loss, s.train.constant)
    pair = f"{loss}, where the best constant has {constant}"
    curve = s.curve()
    slow = _longer_step(s)
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
    if slow:
        factor, lower = slow
        text = (
            f"the loss is {pair}, and the weights have hardly moved: a step {factor:g} "
            f"times longer would lower it to {lower:.3g}"
        )
        rate = s.rate * factor
        if s.rate < s.default_rate < rate:  # good for one step, too long for many
            rate = s.default_rate
        cure = f"set learning_rate_init above {s.rate:g}, for example {rate:g}"
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
    better = "not 1 %" if none else "hardly"
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
        losses = [objective.loss_at(other, *batch) for other in larger]
    objective.set_theta(theta)
    return bool(np.nanmin(losses) < GUESSING * s.train.constant)


def _larger(s):
    if not s.hidden:
        return "use hidden layers (DeepNetClassifier), or features that say more of y"
    size = "n_hidden" if s.option("n_hidden") else "hidden_layer_sizes"
    return f"raise {size} or max_iter, lower alpha, or find features that say more of y"


def _longer_step(s):
    """Return (factor, loss) of the best longer step, or None if none helps enough.

    The step goes along the gradient, or along its signs for solvers that divide the
    gradient by its size: their steps are about the signs.
    """
    curve = s.curve()
    if not s.steps or len(curve) < 2 or curve[0] - curve[-1] > HARDLY * abs(curve[0]):
        return None
    objective = s.run.objective
    theta = objective.params.theta.copy()
    batch = s.run.batches.first_batch()
    J, gradient = objective(theta, *batch)
    step = gradient.copy()
    if s.run.optimizer.normalizes:
        step = np.sign(step)
    with np.errstate(all="ignore"):
        costs = [objective(theta - s.rate * k * step, *batch)[0] for k in FACTORS]
    objective.set_theta(theta)
    best = int(np.nan_to_num(costs, nan=np.inf).argmin())
    enough = max(0.1 * abs(J), 2 * (curve[0] - curve[-1]))
    if J - costs[best] < enough or np.max(np.abs(gradient)) == 0:
        return None
    return FACTORS[best], costs[best]


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
    train, other = s.train, s.held_out
    texts = f"loss {train.loss:.3g} on its own rows, {other.loss:.3g} on those held out"
    if s.classes is None:
        gap = other.ratio - train.ratio
        far = gap > LOSS_GAP and other.ratio > 1.5 * train.ratio
        return (
            (gap, f"{texts}, where a constant has {other.constant:.3g}")
            if far
            else None
        )
    right, rest = train.accuracy(), other.accuracy()
    gap, error = right - rest, np.sqrt(max(rest * (1 - rest), 1e-9) / other.Y.shape[1])
    if gap > GAP + 2 * error:
        return (
            gap,
            f"{right:.1%} of its own rows are right, {rest:.1%} of those held out",
        )
    if other.ratio > SURE and train.ratio < 0.5 and gap > 2 * error:
        return other.ratio, f"{texts}, more than a constant's {other.constant:.3g}"
    return None


def _turned_up(s):
    curve = np.asarray(s.network.validation_loss_curve_ or [], float)
    if len(curve) < 5 or not np.isfinite(curve).all():
        return None
    smooth = np.convolve(curve, np.full(3, 1 / 3), "valid")
    least, last = smooth.min(), smooth[-1]
    costs = s.curve()
    fell = costs[-1] < costs[len(costs) - len(curve) + int(smooth.argmin())]
    if last - least < TURNED_UP * s.train.constant or last < 1.2 * least or not fell:
        return None
    return last - least, (
        f"the validation loss was {least:.3g} at iteration {int(smooth.argmin()) + 2} "
        f"and rose to {last:.3g}, while the cost fell to {costs[-1]:.3g}"
    )


OUTCOME = (course, fit_of_rows, held_out)
