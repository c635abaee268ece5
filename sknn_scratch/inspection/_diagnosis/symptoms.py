"""Checks of rows and layers, for fitted and unfitted networks.

Each check takes `Signals` and yields findings, mostly none. A comment gives the reason
for each threshold. Thresholds are conservative: a false alarm is worse than a missed
finding, because its advice changes a network that works.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import RandomState

from ..._estimators.convergence import WELL
from ..._estimators.feature_scale import worst_scale, worst_scale_of_targets
from ..._tabular.calibration import probabilities

COPIES = 0.5  # share of a layer's units that are copies of another
COPY_DISTANCE = 1e-4  # relative distance of copies: rounding errors and their growth
# Healthy networks have dead units, too: up to 0.67 of a layer in networks whose loss is
# below WELL times that of a constant.
DEAD, DEAD_WELL = 0.5, 0.75
FLAT = 0.05  # |g'| / its maximum: below it the curve is flat, tanh beyond 0.975
# Trained units may be flat for most rows (0.92 in networks that do well). Units with
# first weights should not be.
SATURATED, SATURATED_WELL, SATURATED_AT_FIRST = 0.9, 0.98, 0.5
PIECEWISE_LINEAR = {"identity", "relu", "leaky_relu"}
# dZ[l] / dZ[L]. Healthy networks: 0.005 to 50. A layer of weights 0.01 multiplies it by
# 0.01, a sigmoid layer by about 0.25: four or five sigmoid layers are too many.
VANISHED, EXPLODED = 1e-3, 1e3
# Before training: rows of the largest class / of the rarest. 9 to 1 is learned well.
IMBALANCED = 10
# Share of the largest class: a smaller class may be too rare for its probabilities.
RARE_CLASS = 0.25
FEWEST = 5  # rows of a class: with fewer its accuracy is not judged
# Learning rate / its default, and highest cost / first cost: above them steps explain
# dead and saturated units.
HIGH_RATE, HIGHEST_COST = 10, 1.5
LARGE_INPUT = 2.0  # mean |x|: more than twice that of standardised features


@dataclass(frozen=True)
class Finding:
    """One fault that `diagnose` found, with the measured value and the cure.

    Attributes
    ----------
    code : str
        Kind of the fault; `diagnose` lists the codes.
    layer : int or None
        Number of the layer, from 1; None if it concerns the whole network.
    value : float
        The measured value; `text` says what it is.
    text : str
        The fault in words and numbers.
    advice : str
        The cure, in terms of the estimator's parameters.
    cures : tuple of dict
        Cures as parameters and their values, the most likely one first; empty if no
        parameter is a cure.
    """

    code: str
    layer: int | None
    value: float
    text: str
    advice: str
    cures: tuple = ()

    def __str__(self):
        return f"{self.text}: {self.advice}."


# -- cures -----------------------------------------------------------------------------

HIGHER, LOWER = "learning_rate_init above", "learning_rate_init below"
SCALE = "set standardize=True, or put a StandardScaler before the network"


def lower_rate(s):
    """Return the cure for steps that were too long."""
    if not s.steps:
        return "scale the features"
    rate = s.rate
    return f"set {LOWER} {rate:g}, for example {rate / 10:g}"


def cure_by_init(s):
    """Return the cure of a better init, in a list; empty if it is already set."""
    return ["init='auto'"] if s.option("init") not in (None, "auto") else []


def bad_scale(s):
    """Return (value, text) of badly scaled features, or None if they do not matter."""
    if s.network.standardize or s.solver == "newton":  # newton is scale-invariant
        return None
    return worst_scale(s.run.X)


def cure_of_extreme_units(s):
    """Return the cure if steps or features explain extreme units, else None."""
    if bad_scale(s):
        return SCALE
    stepped = s.fitted and s.steps
    if stepped and s.rate >= HIGH_RATE * s.default_rate:
        return lower_rate(s)
    curve = s.curve()
    rose = len(curve) and not np.max(curve) <= HIGHEST_COST * curve[0]  # nan, too
    if stepped and rose:
        return lower_rate(s)
    return None


def _may_step_less(s):
    """Return True if a lower learning rate may help a fitted network."""
    return s.fitted and s.steps and s.longer_step is None


# -- rows ------------------------------------------------------------------------------


def scale_of_features(s):
    """Yield a finding if the scales of the features differ too much."""
    found = bad_scale(s)
    if found is not None:
        value, text = found
        yield Finding("feature_scale", None, float(value), text, SCALE)


def scale_of_targets(s):
    """Yield a finding if a regression's targets are badly scaled and not learned."""
    if s.output != "identity" or (s.fitted and s.train.ratio < 0.5):
        return
    found = worst_scale_of_targets(s.train.Y)
    if found is None:
        return
    (size, text), advice = found, "set standardize_target=True"
    if s.run.learned.target.scale:
        text += ", in units of the scale that was learned from the first rows"
        advice = "fit anew, so that the scale of y is that of these rows"
    yield Finding("target_scale", None, size, text, advice)


def one_hot_targets(s):
    """Yield a finding if several labels look like one class a row."""
    note = s.run.learned.target.note(s.train.Y.T)
    if note is not None:
        text, _, advice = note.partition("; ")
        yield Finding("one_hot_targets", None, float(len(s.train.Y)), text, advice)


def rare_classes(s):
    """Yield findings of rare classes; of a fitted network only of those it misses."""
    if s.classes is None:
        return
    if s.option("class_weight") is None:
        cure = (
            "if missing them costs more than false alarms, lower the threshold, say to "
            "the share of the class, or set class_weight='balanced', after which the "
            "probabilities are too high, and the log loss is, too"
        )
    else:
        cure = "collect or draw more rows of it, or give it a larger class_weight"
    if s.kind == "multilabel":
        yield from _missed_labels(s)
        return
    codes, answers = s.judged.codes(), s.judged.answers()
    counts = np.bincount(codes, minlength=len(s.classes))
    largest = counts.argmax()
    if not s.fitted:
        rarest = np.where(counts, counts, counts.max() + 1).argmin()
        ratio = counts[largest] / counts[rarest]
        if ratio >= IMBALANCED and s.option("class_weight") is None:
            text = (
                f"class {s.classes[largest]!s} has {ratio:.0f} times the rows of class "
                f"{s.classes[rarest]!s}"
            )
            yield Finding("class_imbalance", None, float(ratio), text, cure)
        return
    right = np.bincount(codes[codes == answers], minlength=len(counts))
    found = right / np.maximum(counts, 1)
    missed = (counts >= FEWEST) & (found < 0.5 * found[largest])
    rare = IMBALANCED * counts <= counts[largest]
    # a larger minority is missed for good reason, if its probabilities are right
    said = probabilities(s.kind, s.judged.Z.T, 1.0).mean(axis=0) * len(codes)
    rare |= (counts <= RARE_CLASS * counts[largest]) & (said < 0.5 * counts)
    for k in np.flatnonzero(rare & missed):
        text = (
            f"class {s.classes[k]!s} has {counts[k] / len(codes):.1%} of the rows, and "
            f"{found[k]:.0%} of them are recognised (by {s.judged_on})"
        )
        of_class, of_largest = (_weight_of(s, j) for j in (k, largest))
        if of_class < of_largest:
            text += (
                f"; class_weight counts each of them {of_class:g} times and each of "
                f"class {s.classes[largest]!s} {of_largest:g} times"
            )
            cure = "leave class_weight out, or exchange the weights"
        yield Finding("class_imbalance", None, float(found[k]), text, cure)


def _weight_of(s, k):
    """Return the weight that `class_weight` gives to a class; 1 where it names none."""
    given = s.option("class_weight")
    return given.get(s.classes[k], 1) if isinstance(given, dict) else 1


def _missed_labels(s):
    if not s.fitted:
        return
    counts, hits = s.judged.Y.sum(axis=1), (s.judged.Z > 0).sum(axis=1)
    m = s.judged.Y.shape[1]
    for k in np.flatnonzero((counts >= FEWEST) & (counts < 0.2 * m) & (hits == 0)):
        text = (
            f"label {k} is set in {counts[k] / m:.1%} of the rows and never predicted"
        )
        advice = "set class_weight to weigh its ones up, or lower your threshold"
        yield Finding("class_imbalance", None, 0.0, text, advice)


# -- layers ----------------------------------------------------------------------------


def non_finite(s):
    """Yield a finding of parameters that are inf or nan, or else of such outputs."""
    for l in range(1, s.L + 1):
        bad = int(np.sum(~np.isfinite(s.W[l])) + np.sum(~np.isfinite(s.b[l])))
        if bad:
            of = s.W[l].size + s.b[l].size
            text = f"layer {l}: {bad} of its {of} parameters are inf or nan"
            cure = f"fit anew; {lower_rate(s)}"
            if _stayed_finite(s):
                text += ", though its cost was finite all through training"
                cure = "fit anew: the parameters were changed after training"
            yield Finding("non_finite", l, float(bad), text, cure)
            return
    bad = int(np.sum(~np.isfinite(s.train.Z)))
    if bad:
        text, cure = f"{bad} of {s.train.Z.size} outputs are inf or nan", lower_rate(s)
        if _stayed_finite(s):
            text += ", though the cost was finite all through training"
            cure = (
                "look for inf and huge values in X; else the parameters were changed "
                "after training: fit anew"
            )
        yield Finding("non_finite", None, float(bad), text, cure)


def _stayed_finite(s):
    curve = s.curve()
    return len(curve) > 0 and bool(np.isfinite(curve).all())


def symmetric_units(s):
    """Yield findings of layers with equal units: equal weights get equal gradients."""
    for l in s.hidden:
        units = len(s.W[l])
        copies = _count_copies(np.hstack([s.W[l], s.b[l]]))
        pruned = s.strength > 0.01 or s.network.l1_ratio > 0
        if units == 1 or copies < max(COPIES * units, 2):
            continue
        if pruned and not np.any(s.W[l]):
            continue  # the penalty has set them to 0
        text = f"layer {l}: {copies} of its {units} units have the weights of another"
        begin = "give them different weights"
        if cure_by_init(s):
            init = s.option("init")
            begin = (
                f"begin with different weights: set init='auto' in place of {init!r}"
            )
        advice = f"they learn the same and count as one; {begin} and fit anew"
        yield Finding("symmetric_units", l, copies / units, text, advice)


def _count_copies(rows):
    """Return the number of rows equal to another, compared by 3 random projections."""
    P = rows @ RandomState(0).standard_normal((rows.shape[1], 3))
    P = P[np.lexsort(P.T)]
    near = COPY_DISTANCE * np.linalg.norm(P[1:], axis=1, keepdims=True)
    same = (np.abs(np.diff(P, axis=0)) <= near).all(axis=1)
    return int(np.sum(np.append(same, False) | np.append(False, same)))


def dead_units(s):
    """Yield findings of layers with too many units whose g' is 0 for all rows."""
    limit = DEAD_WELL if s.fitted and s.train.ratio < WELL else DEAD
    nothing = "learn nothing any more" if s.fitted else "can learn nothing"
    for l in s.hidden:
        dead = (s.slopes[l] == 0).all(axis=1)
        share, name = dead.mean(), s.activations[l - 1]
        if share <= limit or name in ("logistic", "sigmoid", "tanh"):
            continue
        text = (
            f"layer {l}: {share:.0%} of its {len(dead)} {name} units are 0 for every "
            f"row (dead): they {nothing}"
        )
        cures = ["activation='leaky_relu'"] if name != "leaky_relu" else cure_by_init(s)
        if _may_step_less(s):
            cures.insert(0, f"a {LOWER} {s.rate:g}")
        cure = cure_of_extreme_units(s) or f"try {', or '.join(cures)}"
        yield Finding("dead_units", l, float(share), text, cure)


def saturated_units(s):
    """Yield findings of layers of tanh or sigmoid that are flat for too many rows."""
    limit = SATURATED_AT_FIRST
    if s.fitted:
        limit = SATURATED_WELL if s.train.ratio < WELL else SATURATED
    for l in s.hidden:
        name = s.activations[l - 1]
        steepest = {"tanh": 1.0, "logistic": 0.25, "sigmoid": 0.25}.get(name)
        if steepest is None:
            continue
        share = float(np.mean(s.slopes[l] < FLAT * steepest))
        if share <= limit:
            continue
        text = (
            f"layer {l}: {share:.0%} of what its {name} units give out lies where the "
            "curve is flat (saturated): hardly any gradient passes"
        )
        cures = cure_by_init(s)
        if not s.network.standardize and abs(s.run.X).mean() > LARGE_INPUT:
            cures.insert(0, "standardize=True")
        if _may_step_less(s):
            cures.append(f"a {LOWER} {s.rate:g}")
        cures.append("activation='relu'")
        cure = cure_of_extreme_units(s) or f"try {', or '.join(cures)}"
        yield Finding("saturated_units", l, share, text, cure)


def linear_network(s):
    """Yield a finding if each hidden unit has the same slope for all rows."""
    # other activations are only nearly linear, where Z is small
    if not s.hidden or not PIECEWISE_LINEAR.issuperset(s.activations) or s.m < 2:
        return
    slopes = [s.slopes[l] for l in s.hidden]
    if not all((S == S[:, :1]).all() and S.any() for S in slopes):
        return
    kinds, why = dict.fromkeys(s.activations), ""
    cure = "set activation='relu' or 'tanh', or leave the hidden layers out"
    if "leaky_relu" in kinds and s.option("negative_slope") == 1:
        why = " with negative_slope=1"
        cure = "set negative_slope=0.01, or leave the hidden layers out"
    elif "identity" not in kinds:  # relu: each unit is on for all rows, or off for all
        if cure_of_extreme_units(s):
            return  # the cause is the features or the steps, with findings of their own
        why = ", each unit on for all rows or off for all"
        cure = "set standardize=True, or activation='tanh'"
        if s.network.standardize:
            cure = "set activation='tanh', and fit anew"
    layers = "hidden layer" if len(s.hidden) == 1 else f"{len(s.hidden)} hidden layers"
    text = (
        f"its {layers} ({' and '.join(kinds)}{why}) "
        f"bend{'s' if len(s.hidden) == 1 else ''} nothing on these rows: the network "
        "is a linear model"
    )
    yield Finding("linear_network", None, float(len(s.hidden)), text, cure)


def gradients(s):
    """Yield findings of gradients that vanish or explode on their way back."""
    sizes = np.array(s.gradient_sizes[1:])
    if s.L < 2 or not np.isfinite(sizes).all():
        return
    least, most = int(sizes.argmin()) + 1, int(sizes.argmax()) + 1
    passing = [s.slopes[l].any() and s.W[l + 1].any() for l in s.hidden]
    if sizes[least - 1] < VANISHED and all(passing):
        text = (
            f"layer {least}: a gradient of size 1 at the output arrives as "
            f"{sizes[least - 1]:.0e} (vanishing)"
        )
        relu = ["activation='relu'"] if set(s.activations) != {"relu"} else []
        advice = f"use {' or '.join(['fewer layers', *relu, *cure_by_init(s)])}"
        value = float(sizes[least - 1])
        yield Finding("vanishing_gradients", least, value, text, advice)
    if sizes[most - 1] > EXPLODED:
        text = (
            f"layer {most}: a gradient of size 1 at the output arrives as "
            f"{sizes[most - 1]:.0e} (exploding)"
        )
        clip = ["max_grad_norm=1"] if s.option("max_grad_norm") is None else []
        advice = f"use {' or '.join([*clip, *cure_by_init(s), 'a larger alpha'])}"
        value = float(sizes[most - 1])
        yield Finding("exploding_gradients", most, value, text, advice)


ROWS = (scale_of_features, scale_of_targets, one_hot_targets)
BEFORE = (*ROWS, symmetric_units, dead_units)
LAYERS = (saturated_units, linear_network, gradients, rare_classes)
