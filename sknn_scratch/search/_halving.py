"""Search within a time limit: many candidates begin, the best are trained to the end.

Successive halving over epochs. A candidate is drawn at random and trained for a ninth
of its epochs on one fold; the best third of all that came so far are trained again for
a third of them, the best third of those for all, on every fold. There are no brackets
to fill: whoever belongs to the best third is promoted as soon as that is known (Li et
al. 2020, "A System for Massively Parallel Hyperparameter Tuning"), so that the search
may end at any time. Only whole cross-validations are ranked against each other; where
those take next to no time, every candidate gets one at once.
"""

import warnings
from math import ceil, inf
from time import perf_counter
from typing import NamedTuple

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import KFold, ParameterSampler, StratifiedKFold
from sklearn.utils import check_random_state

from .._estimators.access import networks_in
from .._training.watch import observe

SHARES = (1 / 9, 1 / 3, 1)  # of max_iter, a round each
LAST = len(SHARES) - 1  # the round of whole cross-validations
PROMOTED = 1 / 3  # of the candidates of a round go on to the next
EXPLORING = 0.8  # of the time; then no new ones begin, the best that wait go on
CHEAP = 1 / 200  # of the time: one fold is a poor judge where this buys all of them
# One training to the end may take so much of the time, or so many times what the
# default takes: the slowest candidates of a space take 100 times as long as others.
MOST_OF_TIME, TIMES_DEFAULT = 1 / 20, 3


class Trial(NamedTuple):
    """One candidate in one round."""

    mean: float  # of the scores, one a fold; -inf where training was too slow
    std: float
    seconds: float  # of training and judging, a fold


class Tuning:
    """A search that ends in time; what it found is read as of scikit-learn's searches.

    Candidate 0 is the estimator as it is, which changes no parameters.

    Parameters
    ----------
    estimator : estimator
        A network, or what has one within it.
    space : dict
        As of `search_space`.
    seconds : float
        From the beginning of `run` until the best is trained on all rows, which is left
        to the caller.
    cv : int
        Number of folds.
    random_state : int
        Draws folds and candidates.
    listen : callable
        Called with the Tuning after every epoch; a true answer ends the search.
    """

    refit = True
    round_names = (  # in a legend
        "earlier rounds: one fold, few epochs",
        "whole cross-validation",
    )

    def __init__(
        self, estimator, space, *, seconds, cv=3, random_state=0, listen=lambda _: False
    ):
        [prefix] = networks_in(estimator)
        self.estimator, self.space, self.cv = estimator, space, cv
        self.seconds, self.random_state, self.listen = seconds, random_state, listen
        self.scoring = "accuracy" if is_classifier(estimator) else "r2"
        self.params, self.rounds = [{}], [{} for _ in SHARES]
        self.best, self.ended = None, False  # None: not even the default is done
        self._first = 0  # the round that new candidates begin with
        self._max_iter = f"{prefix}max_iter"

    def run(self, X, y):
        """Search until the time is over, or listen answers True."""
        self._start, rng = perf_counter(), check_random_state(self.random_state)
        self._fold = 0.0  # seconds that a fold of the default takes
        folds = folds_of(y, self.cv, self.random_state, is_classifier(self.estimator))
        with warnings.catch_warnings():  # most trainings are meant to be too short
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._try(0, LAST, X, y, folds)
            if self._fold * self.cv < CHEAP * self.seconds:
                self._first = LAST
            while not self.ended and (job := self._next(rng)):
                self._try(*job, X, y, folds)
        return self

    # -- the search --------------------------------------------------------------------

    @property
    def elapsed(self):
        """Seconds since it began."""
        return perf_counter() - self._start

    @property
    def least(self):
        """Seconds for the default, judged and trained on all rows, as far as known."""
        folds = self.cv + self.cv / (self.cv - 1)
        return max(self.elapsed, folds * self._fold)

    def _over(self):
        """Whether it is time to train the best on all rows."""
        done = self.best is not None
        seconds = self.rounds[LAST][self.best].seconds if done else self._fold
        reserve = seconds * self.cv / (self.cv - 1)  # it has more rows then
        return self.elapsed + reserve > self.seconds

    def _next(self, rng):
        """A candidate and its round: the best that waits, or a new one, or None."""
        share = 1 if self._first == LAST else EXPLORING  # then nobody waits
        exploring = self.elapsed < share * self.seconds
        for number in reversed(range(self._first, LAST)):
            trials, beyond = self.rounds[number], self.rounds[number + 1]
            ranked = sorted(trials, key=lambda i: -trials[i].mean)
            if exploring:
                ranked = ranked[: int(PROMOTED * len(ranked))]
            for i in ranked:
                if i not in beyond and np.isfinite(trials[i].mean):
                    return i, number + 1
        if not exploring:
            return None
        self.params.append(draw(self.space, rng))
        return len(self.params) - 1, self._first

    def _try(self, candidate, number, X, y, folds):
        """Train and judge one candidate; kept only if it came to its end."""
        share, limit = SHARES[number], inf
        if self.best is not None:
            default = self.rounds[LAST][0].seconds
            limit = share * max(MOST_OF_TIME * self.seconds, TIMES_DEFAULT * default)
        start, scores = perf_counter(), []
        for a, b in folds if number == LAST else folds[:1]:
            rows = X[a], y[a], X[b], y[b]
            scores.append(self._score(self.params[candidate], share, limit, rows))
            if self.ended:
                return
            if scores[-1] == -inf:
                break
            if candidate == 0:
                self._fold = (perf_counter() - start) / len(scores)
        seconds = (perf_counter() - start) / len(scores)
        std = float(np.std(scores)) if scores[-1] > -inf else 0.0
        trial = Trial(float(np.mean(scores)), std, seconds)
        self.rounds[number][candidate] = trial
        if number == LAST:
            self.best = self.ranking()[0]

    def _score(self, params, share, limit, rows):
        """The score on the fold's other rows; -inf if too slow, or if it fails.

        That the default fails is an error: so would whatever is made of it.
        """
        X, y, X_judge, y_judge = rows
        model = clone(self.estimator).set_params(**params)
        most = model.get_params()[self._max_iter]
        model.set_params(**{self._max_iter: ceil(share * most)})
        start, slow = perf_counter(), False

        def look(*epoch):
            nonlocal slow
            slow = perf_counter() - start > limit
            self.ended = bool(self.listen(self)) or self._over()
            return slow or self.ended

        try:
            with observe(look):
                model.fit(X, y)
            return -inf if slow or self.ended else float(model.score(X_judge, y_judge))
        except ValueError:
            if not params:
                raise
            return -inf

    # -- what was found ----------------------------------------------------------------

    @property
    def judged(self):
        """How many candidates have a score of any round."""
        return len(set().union(*self.rounds))

    def ranking(self):
        """The candidates that were cross-validated, best first; of equals the first."""
        trials = {i: t.mean for i, t in self.rounds[LAST].items() if t.mean > -inf}
        return sorted(trials, key=lambda i: (-trials[i], i))

    def settings(self, candidate):
        """All parameters that the space has, as they are for that candidate."""
        given = {**self.estimator.get_params(), **self.params[candidate]}
        return {name: given[name] for name in self.space}

    @property
    def best_score_(self):
        """The mean score of the best."""
        return self.rounds[LAST][self.best].mean

    @property
    def best_params_(self):
        """What to set for the best."""
        return self.params[self.best]

    @property
    def cv_results_(self):
        """The trials of all rounds, as of scikit-learn's searches by halving."""
        rows = [
            (i, number, trial)
            for number, trials in enumerate(self.rounds)
            for i, trial in trials.items()
        ]
        means = np.array([trial.mean for *_, trial in rows])
        return {
            "params": [self.params[i] for i, *_ in rows],
            "iter": np.array([number for _, number, _ in rows]),
            "mean_test_score": np.where(np.isfinite(means), means, np.nan),
            "std_test_score": np.array([trial.std for *_, trial in rows]),
        }

    @property
    def best_index_(self):
        """The row of the best in `cv_results_`."""
        before = sum(len(trials) for trials in self.rounds[:LAST])
        return before + list(self.rounds[LAST]).index(self.best)


def folds_of(y, cv, random_state, classifies, name="cv"):
    """Rows to train on and rows to judge by, a pair a fold; an error if too few."""
    if cv < 2:
        raise ValueError(f"{name} must be at least 2, got {cv}.")
    if classifies and y.ndim == 1:
        most, of = min(np.unique(y, return_counts=True)[1]), "of the rarest class"
        split = StratifiedKFold
    else:
        most, of, split = len(y), "there are", KFold
    if cv > most:
        raise ValueError(
            f"{name} must be at most the number of rows {of}, {most}, got {cv}; take "
            "fewer folds, or more such rows."
        )
    split = split(cv, shuffle=True, random_state=random_state)
    return list(split.split(np.empty((len(y), 1)), y))


def draw(space, rng):
    """One value for each name, as plain numbers: they go into a file."""
    [params] = ParameterSampler(space, 1, random_state=rng)
    return {
        name: value.item() if isinstance(value, np.generic) else value
        for name, value in params.items()
    }
