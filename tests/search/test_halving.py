"""The search within a time limit: what it ranks, whom it promotes, when it ends."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from clock import Clock
from numpy.testing import assert_allclose
from scipy.stats import loguniform
from sklearn.base import clone
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import (
    DeepNetClassifier,
    LogisticRegressionScratch,
    ShallowNetClassifier,
    ShallowNetRegressor,
    TabularNetClassifier,
)
from sknn_scratch.datasets import make_flower
from sknn_scratch.plotting import SearchDisplay
from sknn_scratch.search import _halving, search_space
from sknn_scratch.search._halving import LAST, Halving, Trial, folds_of

X, y = make_flower()
NET = ShallowNetClassifier(8, max_iter=9, warn=False, random_state=0)
ENDLESS = {"max_iter": 10**9, "tol": 0, "n_iter_no_change": np.inf}


def tuning(estimator=NET, space=None, **options):
    space = space or {"learning_rate_init": loguniform(1e-4, 1), "n_hidden": [4, 8]}
    return Halving(estimator, space, **{"seconds": 1.5, **options})


def fake(mean, seconds=1.0):
    return Trial(mean, 0.0, seconds)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """A search looks at the clock twice an epoch; each look is a millisecond."""
    clock = Clock()
    monkeypatch.setattr(_halving, "perf_counter", clock)
    return clock


@pytest.fixture(scope="module")
def done():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_halving, "perf_counter", Clock())
        patch.setattr(_halving, "CHEAP", 0)
        return tuning().run(X, y)


def test_where_whole_cross_validations_are_cheap_nobody_is_judged_by_one_fold(clock):
    found = tuning(seconds=60, callback=lambda found: found.n_scored == 4).run(X, y)
    assert [len(trials) for trials in found.rounds] == [0, 0, 4]
    assert set(found.cv_results_["iter"]) == {LAST}
    found._start = clock.now - 55  # nobody waits: new ones until the end
    assert found._next(np.random.RandomState(0)) == (len(found.params) - 1, LAST)
    found._start -= 10
    assert found._next(None) is None


def test_the_default_is_the_first_candidate(done):
    assert done.params[0] == {}
    assert 0 in done.rounds[LAST]
    assert done.best_score_ >= done.rounds[LAST][0].mean


def test_only_whole_cross_validations_are_ranked(done):
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    for i in (0, done.best, done.ranking()[-1]):
        model = clone(NET).set_params(**done.params[i])
        scores = cross_val_score(model, X, y, cv=folds)
        assert_allclose(done.rounds[LAST][i][:2], [scores.mean(), scores.std()])
    means = [done.rounds[LAST][i].mean for i in done.ranking()]
    assert means == sorted(means, reverse=True)


def test_any_score_ranks_the_candidates():
    def score(model, X, y):
        return -model.score(X, y)

    found = tuning(score=score, scoring="share of errors").run(X, y)
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    expected = -cross_val_score(NET, X, y, cv=folds).mean()
    assert found.rounds[LAST][0].mean == pytest.approx(expected)
    assert found.scoring == "share of errors"


def test_an_ensemble_is_searched_by_its_own_parameters(clock):
    net = TabularNetClassifier(2, (4,), max_iter=3, random_state=0)
    ends = tuning(net, search_space(net), callback=lambda found: found.n_scored == 3)
    found = ends.run(X, y)
    assert all(set(params) == set(search_space(net)) for params in found.params[1:])
    assert found.settings(0)["hidden_layer_sizes"] == (4,)


def test_time_is_kept_for_all_trainings_that_follow():
    assert tuning(trainings=4)._last_folds() == 4 * tuning()._last_folds() == 6


def test_early_rounds_have_a_part_of_the_epochs_and_one_fold(done):
    train, judge = folds_of(y, 3, 0, True)[0]
    for number in range(LAST):
        i = next(iter(done.rounds[number]))
        epochs = [1, 3, 9][number]
        model = clone(NET).set_params(max_iter=epochs, **done.params[i])
        score = model.fit(X[train], y[train]).score(X[judge], y[judge])
        assert done.rounds[number][i].mean == score


def test_who_is_promoted_was_in_the_round_before(done):
    sizes = [len(trials) for trials in done.rounds]
    assert sizes[0] > sizes[1] > sizes[2] > 2
    for number in range(LAST):
        assert {*done.rounds[number + 1]} - {0} <= {*done.rounds[number]}


def test_the_best_third_is_promoted_as_soon_as_it_is_known(clock):
    found = tuning(seconds=np.inf)
    found._start = clock.now
    found.params += [{}] * 5
    found.rounds[0] = {i: fake(i / 10) for i in (1, 3, 2)}
    assert found._next(None) == (3, 1)  # one of three
    found.rounds[1][3] = fake(0.5)
    found.rounds[0][4] = fake(0.4)  # now the best, but the third of four is one
    assert found._next(None) == (4, 1)
    found.rounds[1] |= {4: fake(0.1), 5: fake(-np.inf)}
    assert found._next(None) == (3, LAST)  # later rounds come first


def test_at_the_end_the_best_who_wait_go_on(clock):
    found = tuning(seconds=0)
    found._start = clock.now
    found.rounds[0] = {1: fake(0.1), 2: fake(0.3), 3: fake(-np.inf)}
    found.rounds[1] = {2: fake(0.3)}
    found.rounds[LAST] = {2: fake(0.3)}
    assert found._next(None) == (1, 1)
    found.rounds[1][1] = fake(0.2)
    assert found._next(None) == (1, LAST)
    found.rounds[LAST][1] = fake(0.2)
    assert found._next(None) is None


def test_it_ends_in_time(clock):
    found = tuning(seconds=1).run(X, y)
    assert 0.8 < clock.now <= 1  # what is left is for the best on all rows
    assert found.best is not None


def test_a_training_in_progress_is_stopped_and_does_not_count(clock):
    # 9 epochs a fold, 2 ms each; two folds are done when the time is over
    found = tuning(clone(NET).set_params(tol=0), seconds=60)
    found.seconds, found._estimate = 0.054, lambda *_: None
    found.run(X, y)
    assert clock.now < 0.06
    assert found.best is None
    assert found.rounds == [{}, {}, {}]


@pytest.mark.parametrize("seconds", [0.1, 0.5, 5.0])
def test_where_the_time_is_short_it_judges_with_fewer_epochs(clock, seconds):
    found = tuning(clone(NET).set_params(**ENDLESS), seconds=seconds).run(X, y)
    assert seconds / 2 <= clock.now <= seconds / 2 + 0.005  # the half is for the best
    assert found.best is not None
    rows, share = found.shortened
    assert rows == len(X) * 2 // 3  # 1000 would not be too many
    # 2 ms an epoch, a tenth of the time for one judgement; the first epoch is longer
    assert share * 10**9 == pytest.approx(seconds / 10 / 0.002, rel=0.1)


def test_where_the_time_is_short_it_judges_by_fewer_rows(clock, monkeypatch):
    monkeypatch.setattr(_halving, "FEWEST_ROWS", 50)
    net = clone(NET).set_params(tol=0, n_iter_no_change=np.inf, max_iter=100)
    # 0.2 s a fold; 0.5 s are a fifth of what folds and the last training take
    found = tuning(net, seconds=0.5).run(X, y)
    rows, share = found.shortened
    assert 50 < rows < 100  # a tenth of the time: a quarter of a fold's 266 rows
    assert share == pytest.approx(1, abs=0.02)
    assert found.best is not None
    assert found.rounds[LAST][0].std == 0


def test_where_there_is_time_nothing_is_shortened():
    assert tuning(seconds=1).run(X, y).shortened is None


def test_fewer_rows_have_every_class_in_its_share():
    classes = np.repeat([0, 1, 2], [600, 300, 1])
    rows = _halving.part_of(np.arange(901), 90, classes, 0)
    assert len({*rows.tolist()}) == len(rows)
    counts = np.bincount(classes[rows])
    assert abs(counts - [60, 30, 1]).max() <= 1
    assert len(_halving.part_of(np.arange(9), 5, None, 0)) == 5


def test_time_is_left_to_train_the_best_on_all_rows(clock):
    found = tuning(seconds=10)
    found._start, found.best = clock.now - 5, 0
    found.rounds[LAST][0] = fake(0.5, seconds=3)  # 4.5 on all rows
    assert not found._over()
    found.rounds[LAST][0] = fake(0.5, seconds=4)  # 6
    assert found._over()


def test_the_slow_are_given_up_and_others_go_on(monkeypatch):
    monkeypatch.setattr(_halving, "CHEAP", 0)
    net = clone(NET).set_params(tol=0, n_iter_no_change=np.inf)
    space = {"max_iter": [9, 10**9], "alpha": loguniform(0.1, 1)}
    found = tuning(net, space, seconds=2).run(X, y)
    slow = [i for i, trial in found.rounds[0].items() if trial.mean == -np.inf]
    endless = [i for i in found.rounds[0] if found.params[i]["max_iter"] == 10**9]
    assert endless
    assert {*endless} <= {*slow} < {*found.rounds[0]}
    assert not {*slow} & {*found.rounds[1], *found.ranking()}
    scores = found.cv_results_["mean_test_score"]
    assert np.isnan(scores).sum() >= len(slow)
    assert not np.isinf(scores).any()


def test_a_listener_is_told_of_every_epoch_and_may_end_it():
    seen = []

    def callback(found):
        seen.append(found.best)
        return len(seen) == 40  # the default has 27

    found = tuning(seconds=60, callback=callback).run(X, y)
    assert len(seen) == 40
    assert seen[26:28] == [None, 0]
    assert found.best == 0


def test_the_same_seed_draws_the_same_candidates():
    runs = [tuning(seconds=0.7, random_state=seed).run(X, y) for seed in (1, 1, 2)]
    one, again, other = ([found.params[i] for i in (1, 2, 3)] for found in runs)
    assert one == again
    assert one != other


def test_values_are_plain_and_the_estimator_is_left_alone(done):
    kinds = {type(value) for params in done.params for value in params.values()}
    assert kinds == {float, int}
    assert not hasattr(NET, "coefs_")
    assert NET.get_params() == done.estimator.get_params()


def test_it_reads_like_a_search_of_scikit_learn(done):
    results = done.cv_results_
    assert results["params"][done.best_index_] == done.best_params_
    assert results["mean_test_score"][done.best_index_] == done.best_score_
    display = SearchDisplay.from_estimator(done, params="learning_rate_init")
    assert display.score_name.startswith("validation accuracy")
    plt.close(display.figure_)


def test_settings_are_those_of_the_space_with_defaults_filled_in(done):
    assert done.settings(0) == {"learning_rate_init": None, "n_hidden": 8}
    assert done.settings(1) == done.params[1]


def test_a_pipeline_that_predicts_numbers():
    rng = np.random.RandomState(0)
    rows = rng.randn(60, 3)
    target = rows @ [1, 2, 3]
    net = ShallowNetRegressor(4, max_iter=9, warn=False, random_state=0)
    model = make_pipeline(StandardScaler(), net)
    found = tuning(model, search_space(model), cv=4, seconds=1).run(rows, target)
    folds = KFold(4, shuffle=True, random_state=0)
    best = clone(model).set_params(**found.best_params_)
    scores = cross_val_score(best, rows, target, cv=folds)
    assert found.best_score_ == pytest.approx(scores.mean())
    assert found.scoring == "r2"


def test_a_space_may_fix_what_it_likes():
    net = DeepNetClassifier(4, max_iter=2, warn=False, random_state=0)
    found = tuning(net, {"alpha": [0.1]}, seconds=0.5).run(X, y)
    assert found.params[1] == {"alpha": 0.1}


@pytest.mark.parametrize(
    ("cv", "labels", "message"),
    [
        (1, y, "cv must be at least 2, got 1"),
        (3, [0] * 5 + [1] * 2, "number of rows of the rarest class, 2, got 3"),
    ],
)
def test_folds_that_cannot_be_made(cv, labels, message):
    with pytest.raises(ValueError, match=message):
        folds_of(np.array(labels), cv, 0, True)
    with pytest.raises(ValueError, match="number of rows there are, 2, got 3"):
        folds_of(np.array([0.5, 1.5]), 3, 0, False)


class Fails(LogisticRegressionScratch):
    def fit(self, X, y):
        if self.C == 2:
            raise ValueError("too much")
        return super().fit(X, y)


def test_a_candidate_that_fails_is_only_the_worst():
    model, space = Fails(random_state=0, warn=False), {"C": [0.5, 2.0]}
    done = tuning(model, space, seconds=2.0).run(X, y)
    assert {"C": 2.0} in done.params
    assert all(done.params[i] != {"C": 2.0} for i in done.ranking())
    with pytest.raises(ValueError, match="too much"):
        tuning(model.set_params(C=2.0), space).run(X, y)
