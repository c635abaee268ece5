"""Callbacks of scikit-learn: they see every epoch, may stop it, and change nothing.

Collected where scikit-learn has them, from 1.9 on (conftest.py); what there is without
is in test_validation.py.
"""

import contextlib
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_matrix
from sklearn.base import clone, is_classifier
from sklearn.callback import ProgressBar, ScoringMonitor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
    ShallowNetRegressor,
    TabularNetClassifier,
    TabularNetRegressor,
)
from sknn_scratch._estimators.base import BaseNetwork
from sknn_scratch._training.objective import Objective
from sknn_scratch._training.watch import observe

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:.*makes no use of"),
]

NETS = ["gd", "sgd", "rmsprop", "adam", "adamw", "lbfgs"]
LOGISTIC = ["newton", "lbfgs", "gd", "sgd", "adam"]
MODELS = {
    **{f"logistic-{s}": LogisticRegressionScratch(solver=s) for s in LOGISTIC},
    **{
        f"{cls.__name__}-{solver}": cls(solver=solver)
        for cls in (
            ShallowNetClassifier,
            DeepNetClassifier,
            ShallowNetRegressor,
            DeepNetRegressor,
        )
        for solver in NETS
    },
}
each_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
each_class = pytest.mark.parametrize(
    "model",
    [
        LogisticRegressionScratch(solver="gd"),
        ShallowNetClassifier(),
        DeepNetClassifier(),
        ShallowNetRegressor(),
        DeepNetRegressor(),
    ],
    ids=lambda model: type(model).__name__,
)


class Recorder:
    """Writes down what it is told; asks for no snapshot; may stop or fail."""

    def __init__(self, stop_after=None, fail_in=None):
        self.stop_after, self.fail_in, self.events = stop_after, fail_in, []

    def setup(self, estimator, context):
        self._note("setup", context)

    def teardown(self, estimator, context):
        self._note("teardown", context)

    def on_fit_task_begin(self, estimator, context):
        self._note("begin", context)

    def on_fit_task_end(self, estimator, context):
        self._note("end", context)
        return context.task_id + 1 == self.stop_after

    def _note(self, event, context):
        self.events.append((event, context.task_name, context.task_id))
        if event == self.fail_in:
            raise RuntimeError(event)

    def count(self, *events):
        return [sum(name == event for name, *_ in self.events) for event in events]


class Keeper(Recorder):
    """Keeps the snapshots of the epochs, and that of the whole fit last."""

    def __init__(self, **options):
        super().__init__(**options)
        self.snapshots = []

    def on_fit_task_end(self, estimator, context, *, fitted_estimator):
        self.snapshots.append(fitted_estimator)
        return super().on_fit_task_end(estimator, context)


@pytest.fixture
def rows():
    """60 rows of 4 features, and a target that is hard enough to last a while."""
    rng = np.random.RandomState(0)
    X = rng.randn(60, 4)
    return X, X[:, 0] + np.sin(3 * X[:, 1]) + 0.5 * rng.randn(60)


def target(model, y):
    if is_classifier(model):
        return np.array(["no", "some", "yes"])[np.digitize(y, (0, 1))]
    return y


def ready(model, **options):
    model = clone(model).set_params(random_state=0, batch_size=16, tol=0)
    return model.set_params(n_iter_no_change=np.inf, **{"max_iter": 4, **options})


def monitor_for(model):
    return ScoringMonitor(scoring="accuracy" if is_classifier(model) else "r2")


def output(model, X):
    method = "decision_function" if is_classifier(model) else "predict"
    return getattr(model, method)(X)


def fitted(model, rows, *callbacks, **options):
    X, y = rows
    model = ready(model, **options)
    return model.set_callbacks(*callbacks).fit(X, target(model, y))


# -- what they see ---------------------------------------------------------------------


@each_model
def test_each_epoch_begins_and_ends_inside_the_fit(model, rows):
    recorder = Recorder()
    n_iter = np.max(fitted(model, rows, recorder).n_iter_)
    epochs = [(event, "epoch", k) for k in range(n_iter) for event in ("begin", "end")]
    fit = "fit", 0
    expected = [("setup", *fit), ("begin", *fit), *epochs, ("end", *fit)]
    assert recorder.events == [*expected, ("teardown", *fit)]


@each_model
def test_they_change_nothing(model, rows):
    seen, plain = fitted(model, rows, Keeper()), fitted(model, rows)
    assert_array_equal(output(seen, rows[0]), output(plain, rows[0]))
    assert seen.loss_curve_ == plain.loss_curve_


def test_they_are_told_the_data_and_the_weights_as_given(rows):
    told = []

    class Listener(Recorder):
        def on_fit_task_begin(self, estimator, context, *, X, y, metadata):
            told.append((X, y, metadata))

    X, y = pd.DataFrame(rows[0], columns=list("abcd")), pd.Series(rows[1])
    w = np.linspace(1, 2, 60)
    DeepNetRegressor(max_iter=1).set_callbacks(Listener()).fit(X, y, sample_weight=w)
    assert len(told) == 2
    assert all(seen[0] is X and seen[1] is y for seen in told)
    assert all(seen[2]["sample_weight"] is w for seen in told)


def test_there_is_no_metadata_without_weights(rows):
    told = []

    class Listener(Recorder):
        def on_fit_task_begin(self, estimator, context, *, metadata):
            told.append(metadata)

    DeepNetRegressor(max_iter=1).set_callbacks(Listener()).fit(*rows)
    assert told == [None, None]


def test_partial_fit_is_no_task(rows):
    recorder = Recorder()
    DeepNetRegressor().set_callbacks(recorder).partial_fit(*rows)
    assert recorder.events == []


def test_the_most_epochs_are_known_at_the_beginning(rows):
    found = []

    class Listener(Recorder):
        def setup(self, estimator, context):
            found.append((context.max_subtasks, context.sequential_subtasks))

    DeepNetRegressor(max_iter=7).set_callbacks(Listener()).fit(*rows)
    assert found == [(7, True)]


# -- they may stop it ------------------------------------------------------------------


@each_model
@pytest.mark.parametrize("k", [1, 3])
def test_a_true_answer_after_epoch_k_ends_training_there(model, rows, k):
    # an epoch is a step of Newton: with C = inf it takes more than four
    options = {"C": np.inf} if model.solver == "newton" else {}
    stopped = fitted(model, rows, Recorder(stop_after=k), max_iter=30, **options)
    assert np.max(stopped.n_iter_) == len(stopped.loss_curve_) == k
    short = fitted(model, rows, max_iter=k, **options)
    assert_array_equal(output(stopped, rows[0]), output(short, rows[0]))


def test_one_of_several_is_enough_to_stop(rows):
    others = [Recorder(), Recorder(stop_after=2), Recorder()]
    model = fitted(DeepNetRegressor(), rows, *others)
    assert model.n_iter_ == 2
    assert [other.count("end") for other in others] == [[3]] * 3


@pytest.mark.filterwarnings("error::sklearn.exceptions.ConvergenceWarning")
def test_a_stop_that_was_asked_for_is_no_lack_of_convergence(rows):
    model = DeepNetRegressor(max_iter=9).set_callbacks(Recorder(stop_after=2))
    assert model.fit(*rows).n_iter_ == 2


def test_stopping_with_early_stopping_returns_to_the_best_epoch(rows):
    recorder = Recorder(stop_after=3)
    model = fitted(DeepNetRegressor(), rows, recorder, early_stopping=True, max_iter=9)
    assert model.n_iter_ == 3
    assert model.best_epoch_ == np.argmax(model.validation_scores_) + 1


# -- how they end ----------------------------------------------------------------------


def bad_rows(rows):
    return rows[0], np.full(60, np.nan)


@each_class
def test_a_failed_fit_tears_down_once(model, rows):
    recorder = Recorder()
    with pytest.raises(ValueError, match="NaN"):
        ready(model).set_callbacks(recorder).fit(*bad_rows(rows))
    assert recorder.count("setup", "teardown") == [1, 1]


@pytest.mark.parametrize("event", ["setup", "begin", "end"])
def test_a_failing_callback_tears_down_all_that_were_set_up(rows, event):
    good, bad = Recorder(), Recorder(fail_in=event)
    with pytest.raises(RuntimeError, match=event):
        DeepNetRegressor(max_iter=3).set_callbacks(good, bad).fit(*rows)
    assert good.count("setup", "teardown") == bad.count("setup", "teardown") == [1, 1]


@pytest.mark.parametrize("event", ["setup", "begin", "end"])
def test_a_failing_callback_leaves_the_old_model(rows, event):
    model = fitted(DeepNetRegressor(), rows)
    before = model.predict(rows[0])
    model.set_callbacks(Recorder(fail_in=event))
    with pytest.raises(RuntimeError, match=event):
        model.fit(rows[0][:, :2], rows[1])
    assert_array_equal(model.predict(rows[0]), before)


def interrupted(model, rows, monkeypatch, after=2):
    """Fit, interrupted in the epoch that follows `after` whole ones."""
    whole, original = [], Objective.__call__

    def interrupt(*batch):
        if len(whole) == after:
            raise KeyboardInterrupt
        return original(*batch)

    monkeypatch.setattr(Objective, "__call__", interrupt)
    with observe(lambda *epoch: whole.append(epoch)), pytest.raises(KeyboardInterrupt):
        model.fit(*rows)


@pytest.mark.parametrize("solver", ["gd", "adam", "lbfgs"])
def test_an_interrupt_tears_down_once(rows, monkeypatch, solver):
    recorder = Recorder()
    model = ready(DeepNetRegressor(solver=solver), max_iter=9).set_callbacks(recorder)
    interrupted(model, rows, monkeypatch)
    assert recorder.count("setup", "teardown") == [1, 1]


def test_an_interrupted_fit_ends_with_the_last_whole_epoch(rows, monkeypatch):
    keeper = Keeper()
    model = ready(DeepNetRegressor(), max_iter=9).set_callbacks(keeper)
    interrupted(model, rows, monkeypatch)
    assert model.n_iter_ == 2
    # that of the whole fit is the last snapshot
    last, *others = (m.predict(rows[0]) for m in reversed(keeper.snapshots))
    assert_array_equal(last, model.predict(rows[0]))
    assert_array_equal(last, others[0])


@pytest.mark.parametrize("fail_in", [None, "begin"])
def test_nothing_of_a_fit_stays_on_the_estimator(rows, fail_in):
    model = ready(DeepNetRegressor()).set_callbacks(Recorder(fail_in=fail_in))
    failing = pytest.raises(RuntimeError) if fail_in else contextlib.nullcontext()
    with failing:
        model.fit(*rows)
    left = {name for name in vars(model) if "callback" in name}
    assert left == {"_skl_callbacks"}


# -- snapshots -------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"standardize": True}], ids=repr)
@each_model
def test_a_snapshot_is_the_fit_of_so_many_epochs(model, rows, options):
    keeper = Keeper()
    fitted(model, rows, keeper, **options)
    found = [output(snapshot, rows[0]) for snapshot in keeper.snapshots[:-1]]
    expected = [
        output(fitted(model, rows, max_iter=k, **options), rows[0])
        for k in range(1, len(found) + 1)
    ]
    assert_array_equal(found, expected)


@pytest.mark.parametrize("options", [{}, {"standardize": True}], ids=repr)
@each_model
def test_the_last_snapshot_is_the_final_model(model, rows, options):
    keeper = Keeper()
    final = output(fitted(model, rows, keeper, **options), rows[0])
    of_epoch, of_fit = (output(m, rows[0]) for m in keeper.snapshots[-2:])
    assert_array_equal(of_epoch, final)
    assert_array_equal(of_fit, final)


@each_model
def test_snapshots_share_no_memory(model, rows):
    keeper = Keeper()
    fitted(model, rows, keeper)
    W = [snapshot.parameters_["W1"] for snapshot in keeper.snapshots[:-1]]
    assert not any(np.shares_memory(a, b) for i, a in enumerate(W) for b in W[i + 1 :])


def test_spoiling_a_snapshot_spoils_nothing_else(rows):
    class Spoiler(Recorder):
        def on_fit_task_end(self, estimator, context, *, fitted_estimator):
            if context.task_name == "epoch":
                for layer in [*fitted_estimator.coefs_, *fitted_estimator.intercepts_]:
                    layer[...] = np.nan
                fitted_estimator.loss_curve_.clear()

    spoiled, plain = (fitted(DeepNetRegressor(), rows, *cb) for cb in ([Spoiler()], []))
    assert_array_equal(spoiled.predict(rows[0]), plain.predict(rows[0]))
    assert spoiled.loss_curve_ == plain.loss_curve_


def test_a_snapshot_knows_how_far_it_is(rows):
    keeper = Keeper()
    fitted(DeepNetRegressor(), rows, keeper, early_stopping=True)
    *epochs, whole = keeper.snapshots
    assert [snapshot.n_iter_ for snapshot in epochs] == [1, 2, 3, 4]
    assert [len(snapshot.validation_scores_) for snapshot in epochs] == [1, 2, 3, 4]
    assert [snapshot.t_ for snapshot in epochs] == [54, 108, 162, 216]
    assert whole.n_iter_ == 4


def test_the_snapshot_of_the_whole_fit_is_the_best_epoch_s(rows):
    keeper = Keeper()
    model = fitted(
        DeepNetRegressor(), rows, keeper, early_stopping=True, max_iter=300,
        learning_rate_init=0.02,
    )  # fmt: skip
    assert model.best_epoch_ < 300
    best, whole = keeper.snapshots[model.best_epoch_ - 1], keeper.snapshots[-1]
    assert_array_equal(whole.predict(rows[0]), best.predict(rows[0]))


def test_a_snapshot_can_be_trained_on(rows):
    keeper = Keeper()
    fitted(DeepNetRegressor(), rows, keeper)
    early = keeper.snapshots[0].partial_fit(*rows)
    assert early.n_iter_ == 2
    assert keeper.snapshots[1].n_iter_ == 2


@pytest.mark.parametrize("solver", ["sgd", "lbfgs"])
def test_nobody_asks_no_snapshot_is_made(rows, solver, monkeypatch):
    calls, original = [], BaseNetwork._twin

    def count(self, *arguments):
        calls.append(arguments)
        return original(self, *arguments)

    monkeypatch.setattr(BaseNetwork, "_twin", count)
    fitted(DeepNetRegressor(solver=solver), rows, Recorder(), ProgressBar())
    assert calls == []


def test_several_who_ask_share_one_snapshot(rows, monkeypatch):
    calls, original = [], BaseNetwork._twin

    def count(self, *arguments):
        calls.append(arguments)
        return original(self, *arguments)

    monkeypatch.setattr(BaseNetwork, "_twin", count)
    fitted(DeepNetRegressor(), rows, Keeper(), Keeper())
    assert len(calls) == 4


def test_there_is_no_snapshot_that_predicts_nothing_finite(rows):
    keeper = Keeper()
    fitted(DeepNetRegressor(solver="sgd"), rows, keeper, learning_rate_init=1e200)
    assert keeper.snapshots[:-1] == [None] * (len(keeper.snapshots) - 1)
    assert np.isfinite(keeper.snapshots[-1].predict(rows[0])).all()


# -- ScoringMonitor --------------------------------------------------------------------


@each_model
def test_a_monitor_scores_every_epoch_and_the_whole(model, rows):
    monitor, keeper = monitor_for(model), Keeper()
    final = fitted(model, rows, monitor, keeper)
    y = target(model, rows[1])
    measure = accuracy_score if is_classifier(final) else r2_score
    scores = [measure(y, snapshot.predict(rows[0])) for snapshot in keeper.snapshots]
    name = "accuracy" if is_classifier(final) else "r2"
    found = {
        (row["task_name"], row["task_id"]): row[name] for row in monitor.get_logs().data
    }
    tasks = [("epoch", k) for k in range(len(scores) - 1)] + [("fit", 0)]
    assert found == dict(zip(tasks, scores, strict=True))


def test_a_monitor_weighs_its_scores(rows):
    X, y = rows
    monitor, w = ScoringMonitor(scoring="r2"), np.linspace(0.1, 2, 60)
    model = DeepNetRegressor(max_iter=2).set_callbacks(monitor)
    model.fit(X, y, sample_weight=w)
    log = monitor.get_logs().data_as_pandas
    expected = r2_score(y, model.predict(X), sample_weight=w)
    assert log.r2[log.task_name == "fit"].item() == pytest.approx(expected)


@pytest.mark.parametrize(
    "convert",
    [csr_matrix, lambda X: pd.DataFrame(X, columns=list("abcd"))],
    ids=["sparse", "frame"],
)
def test_a_monitor_scores_rows_of_every_kind(rows, convert):
    X, y = rows
    logs = []
    for table in (X, convert(X)):
        monitor = ScoringMonitor(scoring="r2")
        model = DeepNetRegressor(max_iter=3, random_state=0).set_callbacks(monitor)
        model.fit(table, y)
        logs.append(monitor.get_logs().data_as_pandas.r2)
    assert_allclose(*logs, rtol=1e-9)


def test_a_monitor_survives_divergence(rows):
    monitor = ScoringMonitor(scoring="r2")
    model = DeepNetRegressor(solver="sgd", learning_rate_init=1e200)
    with pytest.warns(ConvergenceWarning, match="stopped being finite"):
        model.set_callbacks(monitor).fit(*rows)
    assert np.isfinite(monitor.get_logs().data_as_pandas.r2).all()


# -- ProgressBar -----------------------------------------------------------------------


@each_model
def test_a_bar_runs_to_its_end(model, rows, capsys):
    fitted(model, rows, ProgressBar())
    bars = capsys.readouterr().out
    assert f"{type(model).__name__} - fit" in bars
    assert "100%" in bars


def test_a_bar_of_a_stopped_fit_runs_to_its_end(rows, capsys):
    fitted(DeepNetRegressor(), rows, ProgressBar(), Recorder(stop_after=1), max_iter=50)
    assert "100%" in capsys.readouterr().out


# -- inside Pipelines and searches -----------------------------------------------------


def epochs_seen(monitor):
    log = monitor.get_logs().data_as_pandas
    return int((log.task_name == "epoch").sum())


@each_class
@pytest.mark.filterwarnings("error:.*does not support callbacks")
def test_a_pipeline_hands_them_on(model, rows, capsys):
    X, y = rows
    monitor = monitor_for(model)
    piped = make_pipeline(StandardScaler(), ready(model))
    piped.set_callbacks(ProgressBar(), monitor).fit(X, target(model, y))
    assert f"{type(model).__name__} - fit" in capsys.readouterr().out


@each_class
def test_the_network_in_a_pipeline_may_have_its_own(model, rows):
    X, y = rows
    monitor = monitor_for(model)
    net = ready(model).set_callbacks(monitor)
    make_pipeline(StandardScaler(), net).fit(X, target(model, y))
    assert epochs_seen(monitor) == 4


def test_a_callback_in_a_pipeline_stops_the_network(rows):
    net = ready(DeepNetRegressor(), max_iter=50).set_callbacks(Recorder(stop_after=2))
    piped = make_pipeline(StandardScaler(), net).fit(*rows)
    assert piped[-1].n_iter_ == 2


@each_class
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_monitor_on_the_network_sees_all_fits_of_a_search(model, rows, n_jobs):
    X, y = rows
    monitor = monitor_for(model)
    net = ready(model, max_iter=3).set_callbacks(monitor)
    search = GridSearchCV(net, {"warn": [True, False]}, cv=2, n_jobs=n_jobs)
    search.fit(X, target(model, y))
    # two candidates, two folds each, and the refit
    assert epochs_seen(monitor) == 3 * (2 * 2 + 1)


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.filterwarnings("error:.*does not support callbacks")
def test_a_search_draws_a_bar(rows, n_jobs, capsys):
    net = ready(DeepNetRegressor(), max_iter=3)
    search = GridSearchCV(net, {"warn": [True, False]}, cv=2, n_jobs=n_jobs)
    search.set_callbacks(ProgressBar(max_propagation_depth=None)).fit(*rows)
    bars = capsys.readouterr().out
    assert "GridSearchCV - fit" in bars
    assert "DeepNetRegressor - fit" in bars


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_search_over_a_pipeline_reaches_the_network(rows, n_jobs):
    monitor = ScoringMonitor(scoring="r2")
    net = ready(DeepNetRegressor(), max_iter=3).set_callbacks(monitor)
    search = RandomizedSearchCV(
        make_pipeline(StandardScaler(), net),
        {"deepnetregressor__alpha": [1e-4, 1e-2]},
        n_iter=2,
        cv=2,
        n_jobs=n_jobs,
    )
    search.fit(*rows)
    assert epochs_seen(monitor) == 3 * (2 * 2 + 1)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_callback_stops_every_fit_of_a_search(rows, n_jobs):
    net = ready(DeepNetRegressor(), max_iter=50).set_callbacks(Recorder(stop_after=2))
    search = GridSearchCV(net, {"alpha": [0.1, 1]}, cv=2, n_jobs=n_jobs).fit(*rows)
    assert search.best_estimator_.n_iter_ == 2


# -- copies ----------------------------------------------------------------------------


@each_class
def test_a_clone_has_the_callbacks_of_scikit_learn_s_clones(model):
    recorder = Recorder()
    for estimator in (ready(model), LogisticRegression()):
        assert clone(estimator.set_callbacks(recorder))._skl_callbacks == [recorder]


@each_class
def test_a_pickle_keeps_what_scikit_learn_s_pickles_keep(model, rows):
    X, y = rows
    kept = []
    for estimator in (clone(model), LogisticRegression()):
        estimator.set_callbacks(Recorder()).fit(X, target(estimator, y))
        again = pickle.loads(pickle.dumps(estimator))
        kept.append({name for name in vars(again) if "callback" in name})
    assert kept[0] == kept[1]


def test_a_loaded_estimator_trains_with_its_callbacks(rows):
    model = pickle.loads(pickle.dumps(fitted(DeepNetRegressor(), rows, Recorder())))
    (recorder,) = model._skl_callbacks
    recorder.events.clear()
    model.fit(*rows)
    assert recorder.count("setup", "begin", "end", "teardown") == [1, 5, 5, 1]


def test_a_pickle_without_callbacks_is_as_small_as_ever(rows):
    plain = fitted(DeepNetRegressor(), rows)
    freed = fitted(DeepNetRegressor(), rows, Keeper()).set_callbacks()
    assert len(pickle.dumps(freed)) == len(pickle.dumps(plain))


def test_set_callbacks_refuses_what_is_none():
    with pytest.raises(TypeError, match="FitCallback protocol"):
        DeepNetRegressor().set_callbacks(print)


# -- verbose ---------------------------------------------------------------------------


@each_model
def test_verbose_prints_a_line_an_epoch(model, rows, capsys):
    model = fitted(model, rows, verbose=True)
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"Iteration {k}, cost = {J:.8f}"
        for k, J in enumerate(model.loss_curve_, start=1)
    ]


@pytest.mark.parametrize("every", [2, 3])
def test_verbose_prints_the_first_of_so_many(rows, capsys, every):
    fitted(DeepNetRegressor(), rows, verbose=every, max_iter=7)
    lines = capsys.readouterr().out.splitlines()
    found = [int(line.split()[1].strip(",")) for line in lines]
    assert found == list(range(1, 8, every))


def test_a_silent_fit_prints_nothing(rows, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted(DeepNetRegressor(), rows, Recorder())
    assert capsys.readouterr() == ("", "")


# -- ensembles -------------------------------------------------------------------------

SMALL = {"n_members": 3, "hidden_layer_sizes": (4,), "max_iter": 5, "random_state": 0}


def test_each_member_is_a_task_of_the_ensemble(rows):
    X, y = rows
    seen = Recorder()
    TabularNetClassifier(**SMALL).set_callbacks(seen).fit(X, y > 0)
    assert seen.count("setup", "begin", "end", "teardown") == [1, 1 + 3, 1 + 3, 1]


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_a_bar_shows_the_members_of_an_ensemble(rows, capsys, n_jobs):
    X, y = rows
    net = TabularNetRegressor(**SMALL, n_jobs=n_jobs).set_callbacks(ProgressBar())
    net.fit(X, y)
    out = capsys.readouterr().out
    assert all(f"#{i}" in out for i in range(3))
    assert not [name for name in vars(net.members_[0]) if "callback" in name]


def test_a_callback_stops_an_ensemble_after_a_member(rows):
    class Enough(Recorder):
        def on_fit_task_end(self, estimator, context):
            return context.task_name == "member"

    X, y = rows
    net = TabularNetRegressor(**SMALL).set_callbacks(Enough()).fit(X, y)
    assert len(net.members_) == 1
    assert np.isfinite(net.predict(X)).all()
