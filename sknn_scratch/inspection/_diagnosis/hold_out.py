"""Over-fitting where no rows were held out: a copy is trained on a part of them."""

from dataclasses import replace

from .cures import Trial
from .outcome import LOSS_GAP, held_out
from .signals import ROWS, measure

# Loss of the training rows / loss of a constant: above it nothing was learned by heart.
LEARNED = 0.15


def learned_by_heart(estimator, s, X, y):
    """Return a finding in a list if a copy does far worse on rows that it lacks.

    The copy is trained only if there is a suspicion: gradient boosting predicts such
    rows far worse than the network does its own.
    """
    if s.boosted is None or s.n_rows > ROWS or s.network.validation_loss_curve_:
        return []
    if not s.learnable or s.train.ratio > LEARNED:
        return []
    if s.boosted - s.train.ratio < LOSS_GAP / 2:
        return []
    trial = Trial(estimator, X, y, random_state=0)
    copy = trial.fitted({}) if trial.whole else None
    if copy is None:
        return []
    found = [*held_out(measure(copy, *trial.rows))]
    return [
        replace(one, text=f"of a copy trained on 3 of 4 rows: {one.text}")
        for one in found
    ]
