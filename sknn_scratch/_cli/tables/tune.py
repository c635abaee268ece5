"""What is searched of the ensembles for tables, and who is trained to the end.

Candidates have few members and are judged by the log loss or the RMSE of a
cross-validation. Then the default and the best candidate are trained with all members,
and the better one of rows out of fold is saved: `train_parts` compares them.
"""

from ..console import say
from .columns import figure
from .models import tabular
from .task import CLASSIFICATION, REGRESSION

MEMBERS = 2  # of a candidate
DEFAULT, TUNED = "default", "tuned"
SCORES = {  # task -> name in `scores_of`, and with the sign turned: greater is better
    CLASSIFICATION: ("log loss", "-log loss"),
    REGRESSION: ("RMSE", "-RMSE"),
}


def cheap(estimator, task, m):
    """Return the estimator that a search clones, and further keywords of Halving.

    Parameters
    ----------
    estimator : estimator
        The one that is trained in the end; a single network is searched as it is.
    task : {"classification", "regression"}
    m : int
        Number of rows.
    """
    from sklearn.base import clone

    from ...inspection._baselines import scores_of

    if not tabular(estimator):
        return estimator, {}
    name, scoring = SCORES[task]

    def score(model, X, y):
        return -scores_of(model, X, y)[name]

    trainings = 2 * estimator._members_for(m) / MEMBERS  # of the default and the best
    options = {"score": score, "scoring": scoring, "trainings": trainings}
    return clone(estimator).set_params(n_members=MEMBERS), options


def finalists(tuning, estimator):
    """Return {name: estimator} of what is trained to the end, the default first.

    A single network is the best of the search. Where the search had no time for whole
    cross-validations, ensembles have what is left of the time.
    """
    from sklearn.base import clone

    best = clone(estimator).set_params(**tuning.best_params_)
    if not tabular(estimator):
        return {type(estimator[-1]).__name__: best}
    name = type(estimator).__name__
    models = {f"{name}, {DEFAULT}": clone(estimator)}
    if tuning.best:
        models[f"{name}, {TUNED}"] = best
    if tuning.best is None or tuning.shortened:
        left = max(tuning.seconds - tuning.elapsed, 1e-3) / len(models)
        for model in models.values():
            model.set_params(time_limit=left)
    return models


def say_who_won(done):
    """Say which of the finalists is saved, and by which figures."""
    name, _ = SCORES[done.task]
    losses = {key.split(", ")[-1]: loss for key, loss in done.out_of_fold.items()}
    if not losses:  # of a single network
        return
    if TUNED not in losses:
        say("The default is saved: no other candidate was better in the search.")
        return
    default, tuned = (figure(losses[key]) for key in (DEFAULT, TUNED))
    if done.name.endswith(TUNED):
        say(f"The tuned one is saved: {name} {tuned} out of fold, default {default}.")
    else:
        say(
            f"The default is saved: {name} {default} out of fold, tuned {tuned}, which "
            "is not clearly less."
        )
