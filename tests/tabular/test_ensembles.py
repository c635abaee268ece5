"""TabularNetClassifier and TabularNetRegressor: what they learn, and how they end."""

import pickle
import re
import time
from itertools import count

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.exceptions import DataConversionWarning
from sklearn.metrics import accuracy_score, log_loss, r2_score
from sklearn.model_selection import ShuffleSplit, train_test_split
from sklearn.utils.parallel import Parallel

from sknn_scratch import TabularNetClassifier, TabularNetRegressor
from sknn_scratch._tabular import rows as rows_module
from sknn_scratch._tabular import training
from sknn_scratch._tabular.clock import plan
from sknn_scratch._tabular.training import train_member
from sknn_scratch._training.watch import observe

SMALL = {"n_members": 3, "hidden_layer_sizes": (16,), "max_iter": 12, "random_state": 0}


def table(m=120, seed=0):
    """Return a frame with numbers, texts, dates and gaps, and a number a row."""
    rng = np.random.RandomState(seed)
    size = rng.gamma(3, 30, m)
    city = rng.choice(["Oslo", "Rome", "Lima"], m)
    sold = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.randint(0, 900, m), "D")
    price = 3 * size + 100 * (city == "Oslo") + 10 * rng.randn(m)
    X = pd.DataFrame({"size": size, "city": city, "sold": sold})
    X.loc[rng.rand(m) < 0.1, "size"] = np.nan
    X.loc[rng.rand(m) < 0.1, "city"] = None
    return X, price


def labels(price):
    return np.where(price > np.median(price), "dear", "cheap")


@pytest.fixture(scope="module")
def houses():
    return table()


KINDS = {
    "binary": lambda price: labels(price),
    "multiclass": lambda price: np.digitize(price, np.quantile(price, [0.3, 0.7])),
    "multilabel": lambda price: np.stack([price > 200, price > 300], axis=1).astype(
        int
    ),
}
CLASSIFIERS = [(TabularNetClassifier(**SMALL), target) for target in KINDS.values()]
REGRESSORS = [
    (TabularNetRegressor(**SMALL), lambda price: price),
    (TabularNetRegressor(**SMALL), lambda price: np.stack([price, -price], axis=1)),
    (TabularNetRegressor(loss="absolute_error", **SMALL), lambda price: price),
    (TabularNetRegressor(loss="poisson", **SMALL), abs),
    (TabularNetRegressor(loss="quantile", quantile=[0.1, 0.9], **SMALL), lambda p: p),
]
MODELS = [*CLASSIFIERS, *REGRESSORS]
NAMES = [*KINDS, "one output", "two outputs", "absolute error", "poisson", "quantiles"]
each_model = pytest.mark.parametrize(("model", "target"), MODELS, ids=NAMES)


def answers(model, X):
    """Return what a model says of rows: probabilities, or numbers."""
    return (model.predict_proba if hasattr(model, "predict_proba") else model.predict)(
        X
    )


# -- what is learned -------------------------------------------------------------------


def test_a_classifier_learns_a_real_table():
    X, X_test, y, y_test = train_test_split(
        *load_breast_cancer(return_X_y=True), random_state=0
    )
    net = TabularNetClassifier(random_state=0).fit(X, y)
    assert net.score(X_test, y_test) > 0.95
    assert log_loss(y_test, net.predict_proba(X_test)) < 0.12
    assert abs(net.oof_score_ - 0.97) < 0.02


def test_a_regressor_learns_a_real_table_in_its_units():
    X, y = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
    X, X_test, y, y_test = train_test_split(X, y, random_state=0)
    net = TabularNetRegressor(random_state=0).fit(X, y)
    assert r2_score(y_test, net.predict(X_test)) > 0.25
    assert 0.45 < net.oof_score_ < 0.6  # linear regression: 0.49 in cross-validation


@each_model
def test_a_table_with_texts_dates_and_gaps_is_taken(houses, model, target):
    X, price = houses
    y = target(price)
    net = clone(model).fit(X, y)
    again = answers(net, X)
    assert len(again) == len(X)
    assert np.isfinite(again).all()
    assert net.feature_names_in_.tolist() == ["size", "city", "sold"]
    several = isinstance(model.get_params().get("quantile"), list)
    assert net.predict(X).shape == (y.shape if not several else (len(X), 2))
    unseen = X.head(3).assign(city=["Bergen", None, "Oslo"], size=[np.nan, 1e9, -5])
    assert np.isfinite(answers(net, unseen)).all()


@each_model
def test_the_same_seed_gives_the_same_bits_in_any_number_of_processes(
    houses, model, target
):
    X, price = houses
    one, two = (
        clone(model).set_params(n_jobs=n).fit(X, target(price)) for n in (None, 2)
    )
    assert_array_equal(answers(one, X), answers(two, X))
    for ours, theirs in zip(one.members_, two.members_, strict=True):
        assert ours.loss_curve_ == theirs.loss_curve_
    other = clone(model).set_params(random_state=1).fit(X, target(price))
    assert (answers(other, X) != answers(one, X)).any()


def test_there_are_no_more_processes_than_members(houses, monkeypatch):
    asked = []

    def parallel(n_jobs, **options):
        asked.append(n_jobs)
        return Parallel(n_jobs=1, **options)

    monkeypatch.setattr(training, "Parallel", parallel)
    X, price = houses
    model = TabularNetRegressor(n_members=2, max_iter=1, random_state=0)
    model.set_params(n_jobs=5000).fit(X, price)
    assert asked == [2]


@each_model
def test_rows_that_are_encoded_batch_by_batch_give_the_same_bits(
    houses, model, target, monkeypatch
):
    X, price = houses
    whole = clone(model).fit(X, target(price))
    monkeypatch.setattr(rows_module, "MATRIX_BYTES", 0)
    in_parts = clone(model).fit(X, target(price))
    assert_array_equal(answers(whole, X), answers(in_parts, X))


@each_model
def test_rows_of_weight_zero_are_absent_to_the_bit(houses, model, target):
    X, price = houses
    y, w = target(price), np.ones(len(X))
    w[::4] = 0
    weighted = clone(model).fit(X, y, w)
    absent = clone(model).fit(X[w > 0], y[w > 0], w[w > 0])
    assert_array_equal(answers(weighted, X), answers(absent, X))


@each_model
def test_weights_are_relative(houses, model, target):
    X, price = houses
    w = np.random.RandomState(0).rand(len(X)) + 0.1
    one, other = (clone(model).fit(X, target(price), factor * w) for factor in (1, 8))
    assert_array_equal(answers(one, X), answers(other, X))


@each_model
def test_pickles_predict_the_same_bits(houses, model, target):
    X, price = houses
    net = clone(model).fit(X, target(price))
    again = pickle.loads(pickle.dumps(net))
    assert_array_equal(answers(again, X), answers(net, X))


@each_model
def test_each_member_stops_at_its_best_epoch(houses, model, target):
    X, price = houses
    net = clone(model).fit(X, target(price))
    assert len(net.members_) == 3
    for member, best in zip(net.members_, net.best_epochs_, strict=True):
        assert best == 1 + np.argmin(member.validation_loss_curve_)
    assert net.n_iter_ == max(member.n_iter_ for member in net.members_)


# -- out of fold -----------------------------------------------------------------------


def test_out_of_fold_predictions_are_those_of_the_member_that_did_not_see_the_row(
    houses,
):
    X, price = houses
    parts = ShuffleSplit(3, test_size=0.4, random_state=1)
    net = TabularNetRegressor(**SMALL, cv=parts).fit(X, price)
    encoded = net.encoder_.transform(X)
    total, count = np.zeros(len(X)), np.zeros(len(X))
    for member, (_, out) in zip(net.members_, parts.split(X), strict=True):
        found = np.clip(member.predict(encoded[out]), price.min(), price.max())
        total[out] += found
        count[out] += 1
    seen = count > 0
    assert 0 < seen.sum() < len(X)
    expected = total[seen] / count[seen]  # in float32
    assert_allclose(net.oof_prediction_[seen], expected, rtol=1e-5)
    assert np.isnan(net.oof_prediction_[~seen]).all()
    assert_allclose(net.oof_score_, r2_score(price[seen], net.oof_prediction_[seen]))


def test_the_score_out_of_fold_is_that_of_the_decisions(houses):
    X, price = houses
    y = labels(price)
    net = TabularNetClassifier(**SMALL, cv=3).fit(X, y)
    found = net.classes_[(net.oof_decision_function_ > 0).astype(int)]
    assert net.oof_score_ == accuracy_score(y, found)
    assert net.oof_score_ > 0.7


def test_predictions_are_the_mean_of_the_members(houses):
    X, price = houses
    net = TabularNetRegressor(**SMALL).fit(X, price)
    encoded = net.encoder_.transform(X)
    each = [member.predict(encoded) for member in net.members_]
    expected = np.clip(each, price.min(), price.max()).mean(axis=0)
    assert_allclose(net.predict(X), expected, rtol=1e-5)


def test_probabilities_are_the_mean_at_the_temperature(houses):
    X, price = houses
    net = TabularNetClassifier(**SMALL).fit(X, labels(price))
    encoded = net.encoder_.transform(X)
    Z = [m.decision_function(encoded).astype(float) for m in net.members_]
    P = np.mean([1 / (1 + np.exp(-z / net.temperature_)) for z in Z], axis=0)
    e = 1 / (len(X) + 1)
    expected = (1 - e) * P + e / 2
    assert_allclose(net.predict_proba(X)[:, 1], expected, rtol=1e-5)
    assert_allclose(
        net.decision_function(X), np.log(expected / (1 - expected)), atol=1e-5
    )


@pytest.mark.parametrize(("factor", "shift"), [(1e-300, 0), (1e30, 0), (1, 1e9)])
def test_y_of_any_size_and_far_from_0_is_learned_alike(houses, factor, shift):
    X, price = houses
    model = TabularNetRegressor(**SMALL)
    expected = [f(X) for f in (model.fit(X, price).predict, model.predict_interval)]
    model.fit(X, price * factor + shift)
    digits = np.finfo(float).eps * shift * 1e3  # of y itself, and of its deviation
    for f, values in zip(
        (model.predict, model.predict_interval), expected, strict=True
    ):
        assert_allclose((f(X) - shift) / factor, values, rtol=1e-6, atol=digits)


def test_predictions_stay_within_the_targets_of_the_training(houses):
    X, price = houses
    net = TabularNetRegressor(**SMALL).fit(X, price)
    far = X.assign(size=1e12)
    assert net.predict(far).max() <= price.max()
    assert net.predict(far).min() >= price.min()


# -- intervals -------------------------------------------------------------------------


def test_intervals_hold_the_share_of_targets_that_they_promise():
    rng = np.random.RandomState(3)
    X = rng.randn(1200, 3)
    y = X[:, 0] + np.sin(2 * X[:, 1]) + 0.5 * rng.randn(1200)
    net = TabularNetRegressor(**SMALL).fit(X[:400], y[:400])
    for coverage in (0.5, 0.8, 0.95):
        low, high = net.predict_interval(X[400:], coverage).T
        inside = np.mean((low <= y[400:]) & (y[400:] <= high))
        assert abs(inside - coverage) < 0.06  # 3 standard errors: 0.043


def test_intervals_are_nested_and_hold_the_prediction(houses):
    X, price = houses
    net = TabularNetRegressor(**SMALL).fit(X, price)
    narrow, wide = (net.predict_interval(X, c) for c in (0.5, 0.9))
    assert (wide[:, 0] <= narrow[:, 0]).all()
    assert (wide[:, 1] >= narrow[:, 1]).all()
    middle = net.predict(X)
    assert ((wide[:, 0] < middle) & (middle < wide[:, 1])).all()


def test_intervals_of_several_targets_have_one_axis_more(houses):
    X, price = houses
    net = TabularNetRegressor(**SMALL).fit(X, np.stack([price, price / 10], axis=1))
    assert net.predict_interval(X[:4]).shape == (4, 2, 2)


def test_quantiles_do_not_cross_and_their_interval_follows_the_scatter():
    rng = np.random.RandomState(3)
    X = rng.rand(1500, 2)
    y = X[:, 0] + (0.05 + X[:, 1]) * rng.randn(1500)  # scatters with the second column
    options = {**SMALL, "max_iter": 40, "loss": "quantile"}
    net = TabularNetRegressor(**options, quantile=[0.05, 0.5, 0.95])
    net.fit(X[:700], y[:700])
    found = net.predict(X[700:])
    assert (np.diff(found, axis=1) >= 0).all()
    low, high = net.predict_interval(X[700:]).T
    assert abs(np.mean((low <= y[700:]) & (y[700:] <= high)) - 0.9) < 0.05
    calm, wild = X[700:, 1] < 0.2, X[700:, 1] > 0.8
    assert (high - low)[wild].mean() > 2 * (high - low)[calm].mean()
    assert 0 < net.score(X[700:], y[700:]) < 1
    assert abs(net.oof_score_ - net.score(X[700:], y[700:])) < 0.1


def test_one_quantile_is_predicted_as_one_number(houses):
    X, price = houses
    net = TabularNetRegressor(**SMALL, loss="quantile", quantile=0.9).fit(X, price)
    assert net.predict(X).shape == price.shape
    assert 0.75 < np.mean(price <= net.predict(X)) <= 1


@pytest.mark.parametrize("coverage", [0, 1, 1.5, -0.1, np.nan])
def test_a_coverage_is_a_probability(houses, coverage):
    X, price = houses
    net = TabularNetRegressor(**SMALL).fit(X, price)
    with pytest.raises(ValueError, match=f"coverage must .* got {coverage}"):
        net.predict_interval(X, coverage)


# -- classes ---------------------------------------------------------------------------


@pytest.mark.parametrize("nothing", [None, np.nan, pd.NA])
@pytest.mark.parametrize("dtype", [object, "string"])
def test_a_missing_label_is_named(houses, nothing, dtype):
    X, price = houses
    y = pd.Series([*labels(price)[:-1], nothing], dtype=dtype)
    with pytest.raises(ValueError, match="y must have a label in each row, got .* 119"):
        TabularNetClassifier(**SMALL).fit(X, y)


@pytest.mark.parametrize("model", [TabularNetClassifier, TabularNetRegressor])
def test_a_column_of_targets_is_warned_of_once(houses, model):
    X, price = houses
    y = (price > 200).astype(int)
    expected = model(**SMALL).fit(X, y)
    with pytest.warns(DataConversionWarning) as told:
        found = model(**SMALL).fit(X, y[:, None])
    assert len(told) == 1
    assert_array_equal(found.predict(X), expected.predict(X))


def test_sparse_labels_are_taken(houses):
    X, price = houses
    y = KINDS["multilabel"](price)
    expected = TabularNetClassifier(**SMALL).fit(X, y)
    found = TabularNetClassifier(**SMALL).fit(X, csr_array(y))
    assert_array_equal(found.predict(X), expected.predict(X))


def test_columns_of_one_name_are_refused_by_the_ensembles(houses):
    X, price = houses
    twice = pd.concat([X, X], axis=1)
    with pytest.raises(ValueError, match="different names, got 2 called 'size'"):
        TabularNetRegressor(**SMALL).fit(twice, price)


def test_a_class_that_one_fold_alone_has_stays_a_class(houses):
    X, price = houses
    y = labels(price).astype(object)
    y[0] = "only one"
    net = TabularNetClassifier(**SMALL).fit(X, y)
    assert net.classes_.tolist() == ["cheap", "dear", "only one"]
    assert net.predict_proba(X).shape == (len(X), 3)


@pytest.mark.parametrize("gap", [None, np.nan, pd.NA])
def test_a_class_that_is_missing_is_refused_with_its_row(houses, gap):
    X, price = houses
    y = pd.Series(labels(price), dtype=object)
    y[3] = gap
    with pytest.raises(ValueError, match=r"y must have a label .* in row 3"):
        TabularNetClassifier(**SMALL).fit(X, y)


def test_one_class_alone_is_certain(houses):
    X, _ = houses
    net = TabularNetClassifier(**SMALL).fit(X, ["a"] * len(X))
    assert_array_equal(net.predict_proba(X), np.ones((len(X), 1)))
    assert set(net.predict(X)) == {"a"}


def test_balanced_classes_are_weights_of_the_rows(houses):
    X, price = houses
    y = np.where(price > np.quantile(price, 0.8), 1, 0)
    balanced = TabularNetClassifier(**SMALL, class_weight="balanced").fit(X, y)
    w = np.where(y == 1, 0.5 / y.mean(), 0.5 / (1 - y.mean()))
    weighted = TabularNetClassifier(**SMALL).fit(X, y, w)
    assert_allclose(balanced.predict_proba(X), weighted.predict_proba(X), rtol=1e-5)


# -- how a training ends ---------------------------------------------------------------


def test_an_interrupt_leaves_a_model_of_the_members_so_far(houses):
    X, price = houses
    seen = []

    def interrupt(epoch, max_iter, J, theta):
        seen.append(epoch)
        if len(seen) == 12 + 5:  # in the second member
            raise KeyboardInterrupt

    net = TabularNetRegressor(**SMALL)
    with observe(interrupt), pytest.raises(KeyboardInterrupt):
        net.fit(X, price)
    assert [member.n_iter_ for member in net.members_] == [12, 5]
    assert np.isfinite(net.predict(X)).all()


def test_an_error_leaves_the_estimator_as_it_was(houses):
    X, price = houses

    net = TabularNetRegressor(**SMALL).fit(X, price)
    before = net.predict(X)

    def fail(epoch, max_iter, J, theta):
        raise MemoryError

    with observe(fail), pytest.raises(MemoryError):
        net.set_params(random_state=5).fit(X, price)
    assert_array_equal(net.predict(X), before)


@pytest.mark.parametrize(("model", "target"), [CLASSIFIERS[0], REGRESSORS[0]])
def test_a_column_of_targets_is_taken_with_one_warning(houses, model, target):
    X, price = houses
    y = target(price)
    with pytest.warns(DataConversionWarning) as caught:
        net = clone(model).fit(X, y[:, np.newaxis])
    assert len(caught) == 1
    assert_array_equal(answers(net, X), answers(clone(model).fit(X, y), X))


def test_the_rule_of_cv_is_said_once(houses):
    with pytest.raises(ValueError, match=r"'cv' .*\[2, inf\).* Got 1") as error:
        TabularNetRegressor(cv=1).fit(*houses)
    assert str(error.value).count("[2, inf)") == str(error.value).count("None") == 1


@pytest.mark.parametrize(("limit", "most_members"), [(0.02, 1), (0.1, 1), (0.6, 4)])
def test_a_time_limit_ends_the_training_with_a_model(monkeypatch, limit, most_members):
    ticks = count()  # a clock of its own: a millisecond each time that it is read
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks) / 1000)
    rng = np.random.RandomState(0)
    X = rng.randn(4000, 3)
    y = X[:, 0] * X[:, 1] > 0
    net = TabularNetClassifier(time_limit=limit, random_state=0).fit(X, y)
    assert next(ticks) / 1000 <= 1.2 * limit + 0.02
    assert 1 <= len(net.members_) <= most_members  # of 5
    # a first pass that is cut short still shows its cost a row
    assert 0.2 < net.members_[0].loss_curve_[0] < 1.2
    assert net.predict(X[:5]).shape == (5,)


def test_a_member_that_starts_late_ends_with_the_others(houses):
    X, price = houses
    model = TabularNetRegressor(**SMALL, time_limit=1e5)
    task, *_ = model._tasks(model._read(X, price, None), time.monotonic())
    task.end = 0.0  # a process may start when the time is over
    assert train_member(task).net.n_iter_ == 1


def test_a_generous_time_limit_changes_nothing(houses):
    X, price = houses
    free = TabularNetRegressor(**SMALL).fit(X, price)
    limited = TabularNetRegressor(**SMALL, time_limit=1e5).fit(X, price)
    assert_array_equal(free.predict(X), limited.predict(X))


def test_a_plan_trains_fewer_members_to_their_end_where_time_is_short():
    assert plan(100, 0.01, 5, 100, 1) == (5, 100, 20.0)
    assert plan(10, 0.1, 5, 100, 1) == (2, 50, 5.0)
    assert plan(10, 0.1, 5, 100, 2) == (5, 33, pytest.approx(10 / 3))
    assert plan(1, 0.5, 5, 100, 1) == (1, 2, 1.0)
    assert plan(-1, 0.5, 5, 100, 1)[:2] == (1, 1)


def test_verbose_prints_a_line_for_each_member(houses, capsys):
    X, price = houses
    TabularNetRegressor(**SMALL, verbose=True).fit(X, price)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    form = r"Member \d of 3: 12 epochs, loss out of fold [\d.e+]+, [\d.]+ s"
    assert all(re.fullmatch(form, line) for line in lines)
