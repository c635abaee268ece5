"""Search within a time limit: asynchronous successive halving over epochs.

A candidate is drawn at random and trained for a ninth of its epochs on one fold. The
best third of the candidates so far are trained again for a third of their epochs, the
best third of those for all epochs and on every fold. There are no brackets: a candidate
is promoted as soon as it belongs to the best third (Li et al. 2020, "A System for
Massively Parallel Hyperparameter Tuning"), so that the search may end at any time. Only
whole cross-validations are ranked. If they are cheap, every candidate gets one at once.

The first epochs tell what a cross-validation takes. If there is no time for one and for
the last training, candidates are judged by one held-out part, on fewer rows and, where
that is not enough, with fewer epochs.
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

from .._compat import safe_indexing
from .._estimators.access import networks_in
from .._training.watch import observe
from ._spaces import MODELS

SHARES = (1 / 9, 1 / 3, 1)  # of max_iter, for each round
LAST = len(SHARES) - 1  # the round of whole cross-validations
PROMOTED = 1 / 3  # of the candidates of a round go on to the next
EXPLORING = 0.8  # of the time; then only candidates that wait for promotion are trained
CHEAP = 1 / 200  # of the time; below, all are cross-validated: one fold is a poor judge
# Limit of one training with all epochs: the larger of this share of the time and this
# multiple of the default's. The slowest candidates of a space take 100 times as long as
# others.
MOST_OF_TIME, TIMES_DEFAULT = 1 / 20, 3
# Where the time is short: share of it for one judgement, the fewest rows for one, and
# the share that the last training may take.
ONE_JUDGEMENT, FEWEST_ROWS, LAST_TRAINING = 1 / 10, 1000, 1 / 2


class Trial(NamedTuple):
    """Scores and time of one candidate in one round."""

    mean: float  # score over the folds; -inf if training failed or was too slow
    std: float
    seconds: float  # of training and scoring, per fold


class Halving:
    """Successive halving within a time limit, with scikit-learn's result attributes.

    Candidate 0 is the default: the estimator with no parameter changed.

    Parameters
    ----------
    estimator : estimator
        A network or an ensemble, or a Pipeline or meta-estimator with one in it.
    space : dict
        Search space, as from `search_space`.
    seconds : float
        Time for `run` and for the trainings on all rows that follow. The caller does
        these.
    cv : int
        Number of folds.
    random_state : int
        Seed of folds and candidates.
    callback : callable
        Called with this search after every epoch; a true result ends the search.
    score : callable, default=None
        Called with a fitted estimator, X and y; greater is better. None takes the
        estimator's own score.
    scoring : str, default=None
        Name of `score`; None means "accuracy" or "r2".
    trainings : float, default=1
        How many trainings on all rows follow, as long as that of a candidate each.
    """

    refit = True
    round_names = (  # labels in the legend of ImportanceDisplay
        "earlier rounds: one fold, few epochs",
        "whole cross-validation",
    )

    def __init__(
        self,
        estimator,
        space,
        *,
        seconds,
        cv=3,
        random_state=0,
        callback=lambda _: False,
        score=None,
        scoring=None,
        trainings=1,
    ):
        [prefix] = networks_in(estimator, MODELS)
        self.estimator, self.space, self.cv = estimator, space, cv
        self.seconds, self.random_state, self.callback = seconds, random_state, callback
        own = "accuracy" if is_classifier(estimator) else "r2"
        self.score, self.scoring = score or own_score, scoring or own
        self.trainings = trainings
        self.params, self.rounds = [{}], [{} for _ in SHARES]
        self.best, self.ended = None, False  # best is None until the default is scored
        self.shortened = None  # (rows, share of the epochs) where the time is short
        self._too_long = None  # estimated seconds of a fold where the time is short
        self._first_round = 0  # the first round of new candidates
        self._max_iter = f"{prefix}max_iter"

    def run(self, X, y):
        """Search until the time is over or `callback` returns True."""
        self._start, rng = perf_counter(), check_random_state(self.random_state)
        self._fold_seconds = 0.0  # seconds per fold of the default
        folds = folds_of(y, self.cv, self.random_state, is_classifier(self.estimator))
        with warnings.catch_warnings():  # short trainings are intended
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._try(0, LAST, X, y, folds)
            if self._too_long is not None and not self.ended:
                folds = [self._fewer_rows(y, *folds[0])]
                self._try(0, LAST, X, y, folds)
            if self._fold_seconds * self.cv < CHEAP * self.seconds:
                self._first_round = LAST
            while not self.ended and (job := self._next(rng)):
                self._try(*job, X, y, folds)
        return self

    # -- the search --------------------------------------------------------------------

    @property
    def elapsed(self):
        """Return the seconds since `run` began."""
        return perf_counter() - self._start

    def _over(self):
        """Return True if the remaining time is needed for the trainings on all rows."""
        done = self.best is not None
        seconds = self.rounds[LAST][self.best].seconds if done else self._fold_seconds
        reserve = seconds * self._last_folds()
        if self._too_long is not None:
            reserve = LAST_TRAINING * self.seconds
            reserve = min(reserve, self._too_long * self._last_folds())
        return self.elapsed + reserve > self.seconds

    def _last_folds(self):
        """Return how many times as long as one on a fold the last trainings take."""
        return self.trainings * self.cv / (self.cv - 1)

    def _estimate(self, times, epochs):
        """Note the seconds of a fold if there is no time for a cross-validation.

        `times` are those of the beginning of the training and of its first epochs. The
        first epoch has the preparation of the rows in it; it counts where it is long.
        """
        first, last = times[1] - times[0], times[-1] - times[-2]
        if len(times) == 2 and first < ONE_JUDGEMENT * self.seconds:
            return
        seconds = first + last * (epochs - 1)
        if seconds * (self.cv + self._last_folds()) > self.seconds:
            self._too_long = seconds

    def _fewer_rows(self, y, a, b):
        """Return rows to train on and to judge by for which there is time."""
        share = ONE_JUDGEMENT * self.seconds / self._too_long
        count = min(len(a), max(FEWEST_ROWS, int(share * len(a))))
        classes = y if is_classifier(self.estimator) and y.ndim == 1 else None
        rows = part_of(a, count, classes, self.random_state)
        self.shortened = len(rows), min(1.0, share * len(a) / len(rows))
        return rows, b

    def _next(self, rng):
        """Return (candidate, round) to train: the best one waiting, else a new one."""
        share = 1 if self._first_round == LAST else EXPLORING  # nothing to promote
        exploring = self.elapsed < share * self.seconds
        for number in reversed(range(self._first_round, LAST)):
            trials, promoted = self.rounds[number], self.rounds[number + 1]
            ranked = sorted(trials, key=lambda i: -trials[i].mean)
            if exploring:
                ranked = ranked[: int(PROMOTED * len(ranked))]
            for i in ranked:
                if i not in promoted and np.isfinite(trials[i].mean):
                    return i, number + 1
        if not exploring:
            return None
        self.params.append(draw(self.space, rng))
        return len(self.params) - 1, self._first_round

    def _try(self, candidate, number, X, y, folds):
        """Train and score one candidate; record it unless the search has ended."""
        share, limit = SHARES[number], inf
        if self.best is not None:
            default = self.rounds[LAST][0].seconds
            limit = share * max(MOST_OF_TIME * self.seconds, TIMES_DEFAULT * default)
        start, scores = perf_counter(), []
        for a, b in folds if number == LAST else folds[:1]:
            rows = safe_indexing(X, a), y[a], safe_indexing(X, b), y[b]
            scores.append(self._score(self.params[candidate], share, limit, rows))
            if self.ended or (self._too_long is not None and not self.shortened):
                return
            if scores[-1] == -inf:
                break
            if candidate == 0:
                self._fold_seconds = (perf_counter() - start) / len(scores)
        seconds = (perf_counter() - start) / len(scores)
        std = float(np.std(scores)) if scores[-1] > -inf else 0.0
        trial = Trial(float(np.mean(scores)), std, seconds)
        self.rounds[number][candidate] = trial
        if number == LAST:
            self.best = self.ranking()[0]

    def _score(self, params, share, limit, rows):
        """Return the score on the held-out rows; -inf if the fit fails or is too slow.

        An error of the default is raised, because all candidates would fail likewise.
        """
        X, y, X_test, y_test = rows
        model = clone(self.estimator).set_params(**params)
        most = model.get_params()[self._max_iter]
        share *= self.shortened[1] if self.shortened else 1
        model.set_params(**{self._max_iter: ceil(share * most)})
        start, slow = perf_counter(), False
        # of the default's first fold, the first two epochs are measured
        times = [start] if not (self._fold_seconds or self.shortened) else None

        def check_time(epoch, last, *_):
            nonlocal slow
            now = perf_counter()
            slow = now - start > limit
            if times and len(times) < 3:
                times.append(now)
                self._estimate(times, last)
                slow = self._too_long is not None
            self.ended = bool(self.callback(self)) or self._over()
            return slow or self.ended

        try:
            with observe(check_time):
                model.fit(X, y)
            given_up = slow or self.ended
            return -inf if given_up else float(self.score(model, X_test, y_test))
        except ValueError:
            if not params:
                raise
            return -inf

    # -- results -----------------------------------------------------------------------

    @property
    def n_scored(self):
        """Return the number of candidates with a score in any round."""
        return len(set().union(*self.rounds))

    def ranking(self):
        """Return the cross-validated candidates, best first; ties by number."""
        trials = {i: t.mean for i, t in self.rounds[LAST].items() if t.mean > -inf}
        return sorted(trials, key=lambda i: (-trials[i], i))

    def settings(self, candidate):
        """Return {name: value} of a candidate for all parameters in the space."""
        given = {**self.estimator.get_params(), **self.params[candidate]}
        return {name: given[name] for name in self.space}

    @property
    def best_score_(self):
        """Return the mean score of the best candidate."""
        return self.rounds[LAST][self.best].mean

    @property
    def best_params_(self):
        """Return the parameters of the best candidate, or of the default before any."""
        return self.params[self.best or 0]

    @property
    def cv_results_(self):
        """Return the trials of all rounds in the format of scikit-learn's searches."""
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
        """Return the index of the best candidate's row in `cv_results_`."""
        before = sum(len(trials) for trials in self.rounds[:LAST])
        return before + list(self.rounds[LAST]).index(self.best)


def own_score(model, X, y):
    """Return what an estimator's own `score` says of it."""
    return model.score(X, y)


def folds_of(y, cv, random_state, classifies, name="cv"):
    """Return (training rows, held-out rows) of each fold; check that rows suffice."""
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


def part_of(rows, count, classes, random_state):
    """Return `count` of the rows, drawn at random; of each class its share, at least 1.

    `classes` are the labels of all rows, or None.
    """
    rows = check_random_state(random_state).permutation(rows)
    if classes is None or count >= len(rows):
        return rows[:count]
    rows = rows[np.argsort(classes[rows], kind="stable")]
    _, first = np.unique(classes[rows], return_index=True)
    even = np.linspace(0, len(rows) - 1, count).astype(int)
    return rows[np.union1d(even, first)]


def draw(space, rng):
    """Draw a value for each name, as Python numbers, which can be saved in a file."""
    [params] = ParameterSampler(space, 1, random_state=rng)
    return {
        name: value.item() if isinstance(value, np.generic) else value
        for name, value in params.items()
    }
