"""What is wrong with how training went, and with what came of it.

As in `_symptoms`, each function is given `Signals` and yields findings.
"""

import numpy as np

from .symptoms import WELL, Finding, lower_rate

GUESSING = 0.95  # loss as a part of a constant's: nothing was learned
NONE = 0.99  # the same: not even 1 % of it
WORSE = 1.5  # the same: no training that goes down ends there
# Where max_iter ended training: how far the cost fell in the last tenth of it, times
# the cost, both as parts of a constant's cost. Healthy networks: up to 0.0037; that is
# 1 % at a third of a constant's cost: as long again would take less than 10 % away.
FALLING = 0.004
# The median change from epoch to epoch as a part of the cost, in the last 20 epochs.
# Small minibatches and dropout make up to 0.25 of it; where the network does well, 0.41
# was seen, and is the noise of steps about a minimum.
SWINGING, SWINGING_WELL = 0.3, 0.5
# With all rows in each step and no dropout the cost falls at every step that is not too
# long: a rise by half within the last half of training is a wave then, and no noise.
WAVE = 1.5
RISES = 0.15  # share of the steps that go up; one jump that was made good is no wave
LOW = 0.1  # part of a constant's cost: noise in a lower cost does not matter
RISEN = 1.5  # the last cost as a multiple of the first
STRONG = 0.01  # l2 or l1 of the mean loss; the default is 1e-4 / n_samples
HARDLY = 0.2  # part of the first cost that training took away
STILL = 0.005  # part of a constant's cost: less is no fall in the last tenth
LONGER = 10.0 ** np.arange(1, 6)  # times the learning rate: steps that are tried out
# Accuracy on the training rows minus that on those held out, beyond what chance makes
# of it (two standard errors); or losses, as parts of a constant's.
GAP, LOSS_GAP = 0.1, 0.4
SURE = 1.25  # loss held out, so many times a constant's: sure of what is wrong
TURNED_UP = 0.1  # rise of the validation curve from its lowest, of a constant's cost


def course(s):
    """How the cost curve ends."""
    curve = s.curve()
    if not len(curve):  # max_iter=0
        return
    if _diverged(curve):
        text = f"the cost rose from {curve[0]:.3g} to {curve[-1]:.3g}"
        if not np.isfinite(curve).all():
            text = f"the cost stopped being finite at iteration {len(curve)}"
        yield Finding("diverged", None, float(curve[-1]), text, lower_rate(s))
    if not np.isfinite(curve).all():
        return
    found = _up_and_down(s, curve)
    if found is not None:
        value, text = found
        text = f"the cost goes up and down, {text}"
        yield Finding("oscillating", None, value, text, lower_rate(s))
        return
    before, after, width = _ends(curve)
    fall = (before - after) / s.train.constant
    if len(curve) < s.network.max_iter:  # it has ended by a rule of its own
        return
    if fall * curve[-1] / s.train.constant > FALLING:
        high, low = apart(before, after)
        text = f"training ended while the cost was falling: {low} "
        if width > 1:
            text += (
                f"on average in its last {width} iterations, {high} in as many before"
            )
        else:
            text += f"in its last iteration, {high} in the one before"
        longer = f"raise max_iter above {s.network.max_iter}"
        if s.steps:
            longer += f", or learning_rate_init above {s.rate:g}"
        yield Finding("still_falling", None, float(fall), text, longer)


def _diverged(curve):
    if not len(curve):
        return False
    if not np.isfinite(curve).all():
        return True
    return len(curve) > 2 and curve[-1] > RISEN * curve[0] + 1e-3


def _up_and_down(s, curve):
    """The size of the swings and what they are, or None."""
    if np.median(curve[-20:]) <= LOW * s.train.constant:
        return None
    swing = _swing(curve)
    if swing > (SWINGING_WELL if s.train.ratio < WELL else SWINGING):
        return swing, f"by {swing:.0%} of itself an epoch"
    window = curve[-max(len(curve) // 2, 20) - 1 :]
    if not s.falls_steadily or len(window) < 10 or _diverged(curve):
        return None
    rises = float(np.mean(np.diff(window) > 0))
    factors = window / np.maximum(np.minimum.accumulate(window), 1e-12)
    top = int(factors.argmax())
    if rises < RISES or factors[top] < WAVE:
        return None
    return float(factors[top]), (
        f"up in {rises:.0%} of the last {len(window) - 1} iterations and once from "
        f"{window[:top].min():.3g} to {window[top]:.3g}, though each step saw all rows"
    )


def _swing(curve):
    """The usual change of an epoch as a part of the cost, where it leads nowhere."""
    window = curve[-20:]
    if len(window) < 5:
        return 0.0
    changes = np.abs(np.diff(window))
    if abs(window[-1] - window[0]) > 0.5 * changes.sum():
        return 0.0
    return float(np.median(changes) / max(np.median(window), 1e-12))


def _ends(curve):
    """Means of the last two stretches, a tenth or five iterations each, and how many.

    Of fewer where the curve is shorter than that.
    """
    width = max(min(max(len(curve) // 10, 5), len(curve) // 2), 1)
    before, after = curve[-2 * width : -width], curve[-width:]
    return float((before if len(before) else after).mean()), float(after.mean()), width


def apart(a, b):
    """Both as text, with the digits that it takes to tell them apart, six at most."""
    for digits in (3, 4, 5, 6):
        texts = f"{a:.{digits}g}", f"{b:.{digits}g}"
        if texts[0] != texts[1]:
            break
    return texts


def fit_of_rows(s):
    """Whether anything was learned of the network's own rows, and if not, why."""
    if s.train.ratio < GUESSING or _diverged(s.curve()):
        return
    loss, constant = apart(s.train.loss, s.train.constant)
    same = f"{loss}, where the best constant has {constant}"
    curve = s.curve()
    slow = _longer_step(s)
    wild = s.train.ratio > WORSE and s.steps and s.classes is not None
    if wild and not slow and len(curve) > 4:
        text = f"after training the loss is {same}: steps jump about instead of down"
        value = float(s.train.ratio)
        yield Finding("learning_rate_too_high", None, value, text, lower_rate(s))
        return
    if s.strength > STRONG and _holds(s):
        name = s.penalty
        value = s.option(name)
        text = f"{name}={value:g} leaves a loss of {same}: the weights are held near 0"
        weaker = f"{value * 100:g}" if name == "C" else f"{value / 100:g}"
        more = "raise" if name == "C" else "lower"
        cure = f"{more} {name}, for example to {weaker}"
        yield Finding("penalty_too_strong", None, float(s.strength), text, cure)
    if slow:
        factor, lower = slow
        text = (
            f"the loss is {same}, and the weights have hardly moved: a step {factor:g} "
            f"times longer would lower it to {lower:.3g}"
        )
        rate = s.rate * factor
        if s.rate < s.default_rate < rate:  # one long step is not as many of them
            rate = s.default_rate
        cure = f"set learning_rate_init above {s.rate:g}, for example {rate:g}"
        yield Finding("learning_rate_too_low", None, float(s.rate), text, cure)
    none = s.train.ratio > NONE
    before, after, _ = _ends(curve) if len(curve) > 5 else (np.inf, 0, 0)
    if s.hidden and none and abs(before - after) < STILL * s.train.constant:
        text = (
            f"the cost stands still at {curve[-1]:.4g}, and the loss is not 1 % lower "
            f"than that of guessing: {same}"
        )
        cure = "try another init, activation or solver, and another learning_rate_init"
        yield Finding("plateau", None, float(curve[-1]), text, cure)
    better = "not 1 %" if none else "hardly"
    text = f"on these rows the network is {better} better than a constant: loss {same}"
    yield Finding("underfitting", None, float(s.train.ratio), text, _larger(s))


def _holds(s):
    """Whether the penalty is what holds the weights: larger ones would do better.

    Of hidden layers it is taken for granted: all of their weights are held near 0, and
    it takes training to tell what they could be.
    """
    if s.hidden:
        return True
    objective, batch = s.run.objective, s.run.batches.first_batch()
    theta, n = objective.params.theta.copy(), objective.params.n_weights
    W = theta[:n]
    if not W.any():  # of an l1 penalty
        W = -objective(theta, *batch)[1][:n].copy()
    with np.errstate(all="ignore"):
        larger = [np.concatenate([k * W, theta[n:]]) for k in LONGER]
        losses = [objective.loss_at(other, *batch) for other in larger]
    objective.set_theta(theta)
    return bool(np.nanmin(losses) < GUESSING * s.train.constant)


def _larger(s):
    if not s.hidden:
        return "use hidden layers (DeepNetClassifier), or features that say more of y"
    size = "n_hidden" if s.option("n_hidden") else "hidden_layer_sizes"
    return f"raise {size} or max_iter, lower alpha, or find features that say more of y"


def _longer_step(s):
    """How many times longer a step may be, and the loss after it; None if it may not.

    One step along what the solver would take: the gradient, or its signs, which is
    about what those make of it who divide by its size.
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
        costs = [objective(theta - s.rate * k * step, *batch)[0] for k in LONGER]
    objective.set_theta(theta)
    best = int(np.nan_to_num(costs, nan=np.inf).argmin())
    enough = max(0.1 * abs(J), 2 * (curve[0] - curve[-1]))
    if J - costs[best] < enough or np.max(np.abs(gradient)) == 0:
        return None
    return LONGER[best], costs[best]


def held_out(s):
    """Own rows against those held out: given now, or validated by in training."""
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
