"""What `diagnose` says of ensembles: planted faults, and silence where all is well."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_iris,
    load_wine,
    make_classification,
    make_friedman1,
    make_moons,
)
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import TabularNetClassifier, TabularNetRegressor
from sknn_scratch.datasets import make_customers, make_homes
from sknn_scratch.inspection import SYMPTOMS, diagnose

SMALL = {"n_members": 3, "hidden_layer_sizes": (32,), "random_state": 0}


def houses(m=300, seed=0):
    """Return a table with numbers, texts, dates and gaps, and prices around 2e5."""
    rng = np.random.RandomState(seed)
    size, city = rng.gamma(3, 30, m), rng.choice(["Oslo", "Rome", "Lima"], m)
    sold = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.randint(0, 900, m), "D")
    X = pd.DataFrame({"size": size, "city": city, "sold": sold})
    X.loc[rng.rand(m) < 0.1, "size"] = np.nan
    noise = rng.standard_t(4, m)
    return X, 1e5 + 1e3 * size + 3e4 * (city == "Oslo") + 5e3 * noise


def churn(m=600):
    """Return a table whose rarer class, 14 %, can be told apart for the most part."""
    X, y = make_classification(
        m, 8, n_informative=5, weights=[0.86], class_sep=1.5, flip_y=0, random_state=3
    )
    return X, np.where(y, "left", "stayed")


def moons():
    return make_moons(300, noise=0.3, random_state=0)


def counts():
    rng = np.random.RandomState(0)
    X = rng.randn(400, 3)
    return X, rng.poisson(np.exp(1 + X[:, 0]))


def outliers():
    X, y = make_friedman1(400, noise=1, random_state=0)
    y[::50] *= 5
    return X, y


def labels():
    rng = np.random.RandomState(0)
    X = rng.randn(300, 4)
    return X, (X @ rng.randn(4, 3) + 0.3 * rng.randn(300, 3) > 0).astype(int)


def two_targets():
    X, y = make_friedman1(300, random_state=0)
    return X, np.stack([y, 1e6 - 1e3 * y], axis=1)


HEALTHY = {
    "iris": (TabularNetClassifier, {}, lambda: load_iris(return_X_y=True)),
    "wine": (TabularNetClassifier, {}, lambda: load_wine(return_X_y=True)),
    "cancer": (TabularNetClassifier, {}, lambda: load_breast_cancer(return_X_y=True)),
    "moons": (TabularNetClassifier, {}, moons),
    "churn": (TabularNetClassifier, {}, churn),
    "labels": (TabularNetClassifier, {}, labels),
    "weighed": (TabularNetClassifier, {"class_weight": "balanced"}, churn),
    "diabetes": (TabularNetRegressor, {}, lambda: load_diabetes(return_X_y=True)),
    "houses": (TabularNetRegressor, {}, houses),
    "counts": (TabularNetRegressor, {"loss": "poisson"}, counts),
    "outliers": (TabularNetRegressor, {"loss": "absolute_error"}, outliers),
    "quantiles": (
        TabularNetRegressor,
        {"loss": "quantile", "quantile": [0.1, 0.9]},
        houses,
    ),
    "two targets": (TabularNetRegressor, {}, two_targets),
    "one member": (TabularNetRegressor, {"n_members": 1}, houses),
}


def fitted(kind, X, y, **parameters):
    return kind(**{**SMALL, **parameters}).fit(X, y)


@pytest.mark.parametrize("case", HEALTHY.values(), ids=HEALTHY)
def test_it_is_silent_where_all_is_well(case):
    kind, parameters, make = case
    X, y = make()
    report = diagnose(fitted(kind, X, y, **parameters), X, y)
    assert not len(report), report


# -- planted ---------------------------------------------------------------------------


def codes(report):
    return [finding.code for finding in report]


def noise(m=300):
    return np.random.RandomState(1).randn(m, 6)


def test_targets_that_the_columns_say_nothing_of():
    X = noise()
    y = np.random.RandomState(2).randn(300)
    for kind, target in [(TabularNetRegressor, y), (TabularNetClassifier, y > 0)]:
        report = diagnose(fitted(kind, X, target), X, target)
        assert codes(report) == ["underfitting"]
        (finding,) = report
        assert finding.value > 0.95  # times the loss of a constant


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        (TabularNetClassifier, lambda: load_iris(return_X_y=True)),
        (TabularNetRegressor, houses),
    ],
)
def test_too_few_epochs(kind, make):
    X, y = make()
    report = diagnose(fitted(kind, X, y, max_iter=3), X, y)
    assert codes(report) == ["still_falling"]
    (finding,) = report
    assert "members training ended while the cost was falling" in finding.text
    assert finding.advice == "raise max_iter above 3"


def test_too_little_time():
    X, y = load_iris(return_X_y=True)
    model = fitted(TabularNetClassifier, X, y, max_iter=3)
    model.set_params(max_iter=100, time_limit=0.5)  # as if the clock had said so
    (finding,) = diagnose(model, X, y)
    assert finding.advice == "raise time_limit above 0.5"


def test_a_rare_class_that_is_missed():
    rng = np.random.RandomState(0)
    X = rng.randn(1500, 4)
    y = np.where(rng.rand(1500) < 0.01, "fraud", "fine")
    model = fitted(TabularNetClassifier, X, y)
    (finding,) = diagnose(model, X, y)
    assert finding.code == "class_imbalance"
    decided = model.oof_decision_function_[y == "fraud"] > 0
    assert finding.value == decided[~np.isnan(decided)].mean() == 0
    assert "class fraud has" in finding.text
    assert "class_weight='balanced'" in finding.advice


@pytest.mark.parametrize("rate", [0.3, 1.0, 10.0])
def test_steps_that_are_too_long(rate):
    X, y = load_diabetes(return_X_y=True)
    model = fitted(
        TabularNetRegressor, X, y, n_members=1, learning_rate_init=rate,
        hidden_layer_sizes=(128, 128),
    )  # fmt: skip
    (finding,) = diagnose(model, X, y)
    assert finding.code in ("diverged", "learning_rate_too_high")
    assert f"learning_rate_init below {rate:g}, for example 0.005" in finding.advice


def test_a_cost_that_rises_has_diverged():
    X, y = load_diabetes(return_X_y=True)
    model = fitted(TabularNetRegressor, X, y)
    for net in model.members_[:2]:
        net.loss_curve_ = [*net.loss_curve_[:3], 1e9, 1e10, 1e11]
    (finding,) = diagnose(model, X, y)
    assert finding.code == "diverged"
    assert finding.text.startswith("in 2 of 3 members the cost rose from")
    model.members_[0].loss_curve_ = model.members_[2].loss_curve_
    assert not len(diagnose(model, X, y))  # one of three is no rule


def test_steps_that_are_too_short():
    X, y = load_diabetes(return_X_y=True)
    model = fitted(TabularNetRegressor, X, y, learning_rate_init=1e-6, max_iter=20)
    (finding,) = diagnose(model, X, y)
    assert finding.code == "learning_rate_too_low"
    assert "learning_rate_init above 1e-06, for example 0.005" in finding.advice


def test_groups_that_are_learned_by_heart_and_say_nothing_of_others():
    rng = np.random.RandomState(0)
    shop = np.repeat(np.arange(12), 200)
    y = 3 * rng.randn(12)[shop] + 0.3 * rng.randn(2400)
    X = pd.DataFrame({"shop": [f"no. {s}" for s in shop], "x": rng.randn(2400)})
    cv = [*GroupKFold(4).split(X, y, shop)]
    model = fitted(TabularNetRegressor, X, y, cv=cv, n_members=4, max_iter=20)
    assert model.oof_score_ < 0.05  # the mean of y has 0
    (finding,) = diagnose(model, X, y)
    assert finding.code == "overfitting"
    assert "out of fold, where a constant has" in finding.text


def test_parameters_that_are_no_numbers():
    X, y = load_iris(return_X_y=True)
    model = fitted(TabularNetClassifier, X, y)
    model.members_[1].parameters_["W1"][0, 0] = np.nan
    (finding,) = diagnose(model, X, y)
    assert (finding.code, finding.value) == ("non_finite", 1)
    assert "members 2 of 3 have parameters inf or nan" in finding.text


# -- the losses ------------------------------------------------------------------------


def test_the_units_of_y_change_no_finding():
    X, y = noise(), np.random.RandomState(2).randn(300)
    values = []
    for scale in (1e-6, 1.0, 1e9):
        (finding,) = diagnose(fitted(TabularNetRegressor, X, y * scale), X, y * scale)
        values.append(finding.value)
    np.testing.assert_allclose(values, values[1], rtol=1e-2)


# -- what is given ---------------------------------------------------------------------


def test_a_pipeline_is_judged_by_its_last_step():
    X, y = load_diabetes(return_X_y=True)
    model = make_pipeline(StandardScaler(), TabularNetRegressor(**SMALL)).fit(X, y)
    assert str(diagnose(model, X, y)).startswith(
        "TabularNetRegressor, fitted, by its out-of-fold predictions: nothing to say."
    )


def test_rows_of_weight_0_are_not_judged():
    X, y = houses()
    strange, w = y.copy(), np.ones(len(y))
    strange[:30], w[:30] = 1e12, 0
    model = TabularNetRegressor(**SMALL).fit(X, strange, w)
    assert not len(diagnose(model, X, strange, sample_weight=w))


def test_more_rows_than_are_looked_at_are_judged_alike():
    X, y = houses(2600)
    assert not len(diagnose(fitted(TabularNetRegressor, X, y, max_iter=15), X, y))


def test_targets_that_are_all_the_same_are_no_reason_to_speak():
    X = noise(60)
    for kind in (TabularNetRegressor, TabularNetClassifier):
        y = np.zeros(60)
        assert not len(diagnose(fitted(kind, X, y, max_iter=3), X, y))


def test_without_rows_held_out_there_is_nothing_to_judge():
    X, y = np.ones((1, 2)), np.ones(1)
    assert not len(diagnose(fitted(TabularNetRegressor, X, y, max_iter=2), X, y))


def test_nothing_is_changed():
    X, y = load_iris(return_X_y=True)
    model = fitted(TabularNetClassifier, X, y, max_iter=3)
    parameters, attributes = model.get_params(), set(vars(model))
    before = model.predict_proba(X)
    assert diagnose(model, X, y) == diagnose(model, X, y)
    assert (model.get_params(), set(vars(model))) == (parameters, attributes)
    np.testing.assert_array_equal(model.predict_proba(X), before)


def test_an_ensemble_must_be_fitted():
    X, y = load_iris(return_X_y=True)
    with pytest.raises(NotFittedError, match=r"TabularNetClassifier is .* call fit"):
        diagnose(TabularNetClassifier(), X, y)


def test_the_rows_must_be_those_of_fit():
    X, y = load_iris(return_X_y=True)
    model = fitted(TabularNetClassifier, X, y, max_iter=3)
    with pytest.raises(ValueError, match="y must be that of fit"):
        diagnose(model, X[:50], y[:50])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        diagnose(model, X[:50], y)


def test_codes_are_those_of_networks():
    X, y = load_iris(return_X_y=True)
    report = diagnose(fitted(TabularNetClassifier, X, y, max_iter=3), X, y)
    assert set(codes(report)) <= set(SYMPTOMS)
    assert "<code>still_falling</code>" in report._repr_html_()


@pytest.mark.parametrize("make", [make_homes, make_customers])
def test_answers_of_x_val_that_mean_something_else_are_found(make):
    X, y = make(500)
    X = X.iloc[:, 1:]
    cls = TabularNetRegressor if make is make_homes else TabularNetClassifier
    if make is make_customers:  # whether the contract is monthly: easily learned
        y = np.where(X["contract"] == "month", "yes", "no")
    model = cls(n_members=2, max_iter=20, random_state=0).fit(X[:400], y[:400])
    other = y[400:] / 1000 if make is make_homes else None
    if make is make_customers:
        other = np.where(y[400:] == "yes", "no", "yes")
    found = diagnose(model, X[:400], y[:400], X_val=X[400:], y_val=other)
    assert "drift" in [finding.code for finding in found]
    right = diagnose(model, X[:400], y[:400], X_val=X[400:], y_val=y[400:])
    assert "drift" not in [finding.code for finding in right]
