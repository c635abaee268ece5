"""What new rows would show where none were held out: a copy is trained on a part."""

from dataclasses import replace

from .cures import Trial
from .outcome import GUESSING, LOSS_GAP, NO_MORE, held_out
from .signals import ROWS, measure
from .symptoms import Finding

# Loss of the training rows / loss of a constant: above it nothing was learned by heart.
LEARNED = 0.15
ENOUGH = 200  # rows: a quarter of them tells a loss from that of a constant


def answers_to_new_rows(estimator, s, given):
    """Return a finding in a list if new rows are answered badly, and boosting is, too.

    New rows are those of X_val. Where there are none, nor any that `fit` held out, a
    copy is trained on a part of the rows if there is a suspicion: gradient boosting
    predicts new rows no better than a constant, or far worse than the network does its
    own.
    """
    if s.boosted is None or not s.learnable or s.course.diverged:
        return []
    if s.held_out is not None:
        return nothing_told(s, s.held_out.loss, s.held_out.constant)
    if s.network.validation_loss_curve_:  # a constant's loss of those rows is not known
        return []
    by_heart = s.train.ratio <= LEARNED and s.boosted - s.train.ratio >= LOSS_GAP / 2
    suspected = by_heart or (s.boosted >= 1 and s.n_rows >= ENOUGH)
    if s.n_rows > ROWS or s.train.ratio >= GUESSING or not suspected:
        return []
    trial = Trial(estimator, given.X, given.y, random_state=0)
    copy = trial.fitted({}) if trial.whole else None
    if copy is None:
        return []
    judged = measure(copy, *trial.rows)
    judged.boosted, fit = s.boosted, judged.held_out
    found = [*held_out(judged)] or nothing_told(judged, fit.loss, fit.constant)
    return [
        replace(one, text=f"of a copy trained on 3 of 4 rows: {one.text}")
        for one in found
    ]


def nothing_told(s, loss, constant):
    """Return a finding in a list if no more is known of new rows than their mean.

    The network has fitted its own rows a little better; more of it would not help.
    """
    own, new = s.train.ratio, loss / constant
    if s.boosted < 1 or new < 1 or own >= GUESSING or new - own > LOSS_GAP:
        return []
    text = (
        f"new rows are predicted no better than by a constant: loss {loss:.4g}, where "
        f"a constant has {constant:.4g}, and {s.train.loss:.4g} on its own rows"
    )
    return [Finding("underfitting", None, float(new), text, NO_MORE)]
