"""Validation: rows that decide when training ends, or only look on."""

import importlib.util
from fractions import Fraction
from math import ceil

import numpy as np
import pandas as pd
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_matrix
from sklearn.base import clone, is_classifier
from sklearn.metrics import (
    accuracy_score,
    log_loss,
    make_scorer,
    mean_absolute_error,
    mean_poisson_deviance,
    mean_squared_error,
    r2_score,
    roc_auc_score,
)
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
    ShallowNetRegressor,
)
from sknn_scratch._estimators.base import BaseNetwork
from sknn_scratch._fit.inputs import hold_out

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:.*makes no use of"),
]

NETS = ["gd", "sgd", "rmsprop", "adam", "adamw", "lbfgs"]
CLASSIFIERS = {
    **{f"logistic-{s}": LogisticRegressionScratch(solver=s, C=np.inf)
       for s in ("newton", "lbfgs", "gd", "sgd", "adam")},
    **{f"shallow-{s}": ShallowNetClassifier(16, solver=s) for s in NETS},
    **{f"deep-{s}": DeepNetClassifier((16, 8), solver=s) for s in NETS},
}  # fmt: skip
REGRESSORS = {
    **{f"shallow-{s}": ShallowNetRegressor(16, solver=s) for s in NETS},
    **{f"deep-{s}": DeepNetRegressor(hidden_layer_sizes=(16, 8), solver=s)
       for s in NETS},
}  # fmt: skip
RATES = {"gd": 0.3, "sgd": 0.05, "rmsprop": 0.02, "adam": 0.02, "adamw": 0.02}
CHOSEN = [*CLASSIFIERS.items(), *[(f"{k} R", m) for k, m in REGRESSORS.items()]]
each_model = pytest.mark.parametrize(
    "model", [m for _, m in CHOSEN], ids=[key for key, _ in CHOSEN]
)


@pytest.fixture
def rows():
    """40 rows to train on, 60 to validate by, 4 features, much noise: it overfits."""
    rng = np.random.RandomState(0)
    X = rng.randn(100, 4)
    y = X[:, 0] + X[:, 1] ** 2 + 1.5 * rng.randn(100)
    return X[:40], y[:40], X[40:], y[40:]


@pytest.fixture
def given(rows):
    """What `fit` takes, for any of the models: X, y, and what to validate by."""

    def arguments(model):
        X, y, X_val, y_val = rows
        if is_classifier(model):
            names = np.array(["no", "some", "yes"])
            y, y_val = (names[np.digitize(v, (0, 1.5))] for v in (y, y_val))
        return X, y, {"X_val": X_val, "y_val": y_val}

    return arguments


def ready(model, **options):
    """A fresh one, of a rate that gets far in a few epochs."""
    model = clone(model).set_params(
        random_state=0, batch_size=16, learning_rate_init=RATES.get(model.solver)
    )
    return model.set_params(**{"max_iter": 60, "tol": 0, **options})


def output(model, X):
    """What nothing is rounded in."""
    method = "decision_function" if is_classifier(model) else "predict"
    return getattr(model, method)(X)


def loss_of(model, X, y, w=None):
    """The loss of the rows without penalty, by scikit-learn's metrics."""
    if is_classifier(model):
        P = model.predict_proba(X)
        return log_loss(y, P, labels=model.classes_, sample_weight=w)
    return mean_squared_error(y, model.predict(X), sample_weight=w) / 2


def net(**options):
    return DeepNetClassifier((8,), **{"random_state": 0, "max_iter": 5, **options})


# -- rows that are given decide --------------------------------------------------------


@each_model
def test_rows_given_decide_and_all_others_are_trained_on(model, given):
    X, y, val = given(model)
    early = ready(model, early_stopping=True, n_iter_no_change=np.inf).fit(X, y, **val)
    # the same training on all rows of X, ended where the validation says
    plain = ready(model, max_iter=early.best_epoch_, n_iter_no_change=np.inf)
    assert_array_equal(output(early, X), output(plain.fit(X, y), X))


@each_model
def test_the_best_epoch_has_the_greatest_score(model, given):
    X, y, val = given(model)
    early = ready(model, early_stopping=True, n_iter_no_change=np.inf).fit(X, y, **val)
    assert early.best_epoch_ == np.argmax(early.validation_scores_) + 1
    assert early.best_validation_score_ == max(early.validation_scores_)


def test_the_rows_of_these_tests_overfit(given):
    # or else the two above would hold of any training
    ends = []
    for model in [*CLASSIFIERS.values(), *REGRESSORS.values()]:
        X, y, val = given(model)
        early = ready(model, early_stopping=True, n_iter_no_change=np.inf)
        early.fit(X, y, **val)
        ends.append(early.best_epoch_ < np.max(early.n_iter_))
    assert np.mean(ends) > 0.8


@each_model
def test_scores_are_minus_the_losses(model, given):
    X, y, val = given(model)
    early = ready(model, early_stopping=True, max_iter=4).fit(X, y, **val)
    assert early.validation_scores_ == [-J for J in early.validation_loss_curve_]


@each_model
def test_the_validation_loss_is_that_of_the_parameters_after_each_epoch(model, given):
    X, y, val = given(model)
    curve = ready(model, max_iter=4).fit(X, y, **val).validation_loss_curve_
    by_hand = [
        loss_of(ready(model, max_iter=k).fit(X, y), val["X_val"], val["y_val"])
        for k in range(1, len(curve) + 1)
    ]
    assert_allclose(curve, by_hand, rtol=1e-9)


@each_model
def test_without_early_stopping_validation_only_looks_on(model, given):
    X, y, val = given(model)
    options = {"max_iter": 12, "tol": 1e-3, "n_iter_no_change": 3}
    seen, plain = (
        ready(model, **options).fit(X, y, **kw) for kw in (val, {})
    )  # fmt: skip
    assert_array_equal(output(seen, X), output(plain, X))
    assert seen.loss_curve_ == plain.loss_curve_
    assert len(seen.validation_loss_curve_) == len(seen.loss_curve_)
    assert seen.best_epoch_ is None


@each_model
def test_patience_of_k_is_k_epochs(model, given):
    X, y, val = given(model)
    # what is validated by is as far from the truth as can be: it only gets worse
    val["y_val"] = val["y_val"][::-1]
    if not is_classifier(model):
        val["y_val"] = -10 * output(ready(model).fit(X, y), val["X_val"])
    for k in (1, 3):
        early = ready(model, early_stopping=True, n_iter_no_change=k).fit(X, y, **val)
        scores = np.asarray(early.validation_scores_)
        # no epoch of the last k is above all before them; every k before had one
        better = np.flatnonzero(
            scores > np.r_[-np.inf, np.maximum.accumulate(scores)[:-1]]
        )
        waits = np.diff([*better, len(scores)])
        assert waits[-1] == k + 1
        assert (waits[:-1] <= k).all()


def test_training_ends_k_epochs_after_the_last_improvement(rows):
    X, y, X_val, y_val = rows
    model = DeepNetRegressor(
        hidden_layer_sizes=(), init="zeros", early_stopping=True, solver="gd",
        n_iter_no_change=4, tol=0, max_iter=100,
    )  # fmt: skip
    # zero is right for these rows, so every epoch is worse than the one before
    model.fit(X, y, X_val=X_val, y_val=np.zeros(60))
    assert (model.best_epoch_, model.n_iter_) == (1, 5)


def test_an_improvement_of_tol_is_none(rows):
    X, y, X_val, y_val = rows
    options = {"early_stopping": True, "n_iter_no_change": 2, "solver": "gd"}
    val = {"X_val": X_val, "y_val": y_val > 0}
    # the loss of two classes begins near log 2 and cannot fall by more than that
    model = net(tol=np.log(2) * 3, max_iter=50, **options).fit(X, y > 0, **val)
    assert model.n_iter_ == 3


# -- weights ---------------------------------------------------------------------------


@pytest.mark.parametrize("model", [net(), DeepNetRegressor(max_iter=5)])
def test_weights_of_validation_weigh_its_loss(model, given):
    X, y, val = given(model)
    w = np.random.RandomState(1).uniform(0.1, 3, 60)
    model = clone(model).fit(X, y, **val, sample_weight_val=w)
    expected = loss_of(model, *val.values(), w)
    assert model.validation_loss_curve_[-1] == pytest.approx(expected, rel=1e-9)


def test_validation_rows_of_weight_zero_are_absent_to_the_bit(given):
    X, y, val = given(net())
    w = np.tile([0.0, 1.0], 30)
    weighted = net().fit(X, y, **val, sample_weight_val=w)
    absent = net().fit(X, y, X_val=val["X_val"][1::2], y_val=val["y_val"][1::2])
    assert weighted.validation_loss_curve_ == absent.validation_loss_curve_


def test_weights_of_validation_go_to_the_scorer(given):
    X, y, val = given(net())
    w = np.random.RandomState(1).uniform(0.1, 3, 60)
    model = net(scoring="accuracy").fit(X, y, **val, sample_weight_val=w)
    predicted = model.predict(val["X_val"])
    expected = accuracy_score(val["y_val"], predicted, sample_weight=w)
    assert model.validation_scores_[-1] == pytest.approx(expected)


@pytest.mark.parametrize("class_weight", ["balanced", {"no": 3, "some": 1, "yes": 0.2}])
@pytest.mark.parametrize(
    "model", [net(), LogisticRegressionScratch(), ShallowNetClassifier(4, max_iter=5)]
)
def test_class_weight_in_validation_is_that_of_training(model, class_weight, given):
    X, y, val = given(model)
    model = clone(model).set_params(class_weight=class_weight).fit(X, y, **val)
    factors = class_weight
    if class_weight == "balanced":
        names, counts = np.unique(y, return_counts=True)
        factors = dict(zip(names, len(y) / (3 * counts), strict=True))
    w = np.array([factors[label] for label in val["y_val"]])
    expected = loss_of(model, *val.values(), w)
    assert model.validation_loss_curve_[-1] == pytest.approx(expected, rel=1e-9)


def test_class_weight_does_not_weigh_scores(given):
    X, y, val = given(net())
    model = net(class_weight="balanced", scoring="accuracy").fit(X, y, **val)
    expected = accuracy_score(val["y_val"], model.predict(val["X_val"]))
    assert model.validation_scores_[-1] == expected


@pytest.mark.parametrize(
    ("w", "message"),
    [
        (np.zeros(60), "zero"),
        (np.full(60, -1.0), "[Nn]egative"),
        (np.ones(7), "sample_weight.shape"),
        (np.full(60, np.nan), "NaN"),
    ],
)
def test_bad_weights_of_validation_are_refused(w, message, given):
    X, y, val = given(net())
    with pytest.raises(ValueError, match=message):
        net().fit(X, y, **val, sample_weight_val=w)


# -- scores ----------------------------------------------------------------------------


def by_margin(estimator, X, y):
    """A scorer that is no scorer of scikit-learn's."""
    return float(np.mean(output(estimator, X) * np.where(y, 1, -1)))


SCORERS = {
    "accuracy": ("accuracy", lambda m, X, y: accuracy_score(y, m.predict(X))),
    "None": (None, lambda m, X, y: accuracy_score(y, m.predict(X))),
    "roc_auc": (
        "roc_auc",
        lambda m, X, y: roc_auc_score(y, m.predict_proba(X)[:, 1]),
    ),
    "neg_log_loss": (
        "neg_log_loss",
        lambda m, X, y: -log_loss(y, m.predict_proba(X)),
    ),
    "scorer": (
        make_scorer(mean_squared_error, greater_is_better=False),
        lambda m, X, y: -np.mean(m.predict(X) != y),
    ),
    "function": (by_margin, by_margin),
}


@pytest.mark.parametrize(("scoring", "by_hand"), SCORERS.values(), ids=SCORERS)
@pytest.mark.parametrize(
    "model",
    [net(), LogisticRegressionScratch(solver="gd", max_iter=5), net(solver="lbfgs")],
    ids=["adam", "gd", "lbfgs"],
)
def test_a_scorer_scores_the_parameters_after_each_epoch(rows, model, scoring, by_hand):
    X, y, X_val, y_val = rows
    y, y_val = (y > 1).astype(int), (y_val > 1).astype(int)
    model = clone(model).set_params(scoring=scoring).fit(X, y, X_val=X_val, y_val=y_val)
    expected = [
        by_hand(clone(model).set_params(max_iter=k).fit(X, y), X_val, y_val)
        for k in range(1, 6)
    ]
    assert_allclose(model.validation_scores_, expected, rtol=1e-9)


@pytest.mark.parametrize("scoring", ["r2", None, "neg_mean_absolute_error"])
def test_a_scorer_scores_regressors(rows, scoring):
    X, y, X_val, y_val = rows
    model = DeepNetRegressor(scoring=scoring, max_iter=3, random_state=0)
    model.fit(X, y, X_val=X_val, y_val=y_val)
    a = model.predict(X_val)
    neg = scoring and scoring.startswith("neg")
    expected = -mean_absolute_error(y_val, a) if neg else r2_score(y_val, a)
    assert model.validation_scores_[-1] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("scoring", ["accuracy", "roc_auc_ovr", None])
@pytest.mark.parametrize("model", CLASSIFIERS.values(), ids=CLASSIFIERS)
def test_the_best_score_decides_with_every_solver(model, scoring, given):
    X, y, val = given(model)
    early = ready(model, early_stopping=True, scoring=scoring, max_iter=15)
    early.set_params(n_iter_no_change=np.inf).fit(X, y, **val)
    assert early.best_epoch_ == np.argmax(early.validation_scores_) + 1
    plain = ready(model, max_iter=early.best_epoch_, n_iter_no_change=np.inf)
    assert_array_equal(output(early, X), output(plain.fit(X, y), X))


def test_the_loss_is_drawn_when_a_score_decides(given):
    X, y, val = given(net())
    curve = net(scoring="accuracy").fit(X, y, **val).validation_loss_curve_
    assert curve == net().fit(X, y, **val).validation_loss_curve_


def test_scorers_see_labels_and_raw_rows(rows):
    X, y, X_val, y_val = rows
    names = np.array(["low", "high"])
    seen = []

    def look(estimator, X, y):
        seen.append((X, y))
        return 0.0

    net(scoring=look, standardize=True, max_iter=1).fit(
        X, names[(y > 1) * 1], X_val=X_val, y_val=names[(y_val > 1) * 1]
    )
    ((X_seen, y_seen),) = seen
    assert_array_equal(X_seen, X_val)
    assert_array_equal(y_seen, names[(y_val > 1) * 1])


def test_a_scorer_sees_estimators_of_their_own(given):
    X, y, val = given(net())
    seen = []

    def look(estimator, X, y):
        seen.append(estimator)
        return 0.0

    model = net(scoring=look, tol=0).fit(X, y, **val)
    found = [m.coefs_[0] for m in seen]
    expected = [net(max_iter=k).fit(X, y).coefs_[0] for k in range(1, 6)]
    assert_array_equal(found, expected)
    assert not np.shares_memory(found[-1], model.coefs_[0])


def test_a_scorer_of_counts_meets_finite_predictions_only(rows):
    X, y, X_val, y_val = rows
    # steps so large that e^z would be infinite
    model = DeepNetRegressor(
        "poisson", solver="sgd", learning_rate_init=1e3, scoring="r2", max_iter=5
    )
    model.fit(X, abs(y), X_val=X_val, y_val=abs(y_val))
    assert len(model.validation_scores_) == model.n_iter_


@pytest.mark.parametrize("scoring", ["acuracy", 7])
def test_an_unknown_scorer_is_refused(scoring, given):
    X, y, val = given(net())
    with pytest.raises(ValueError, match="'scoring' parameter"):
        net(scoring=scoring).fit(X, y, **val)


# -- kinds of targets ------------------------------------------------------------------


def test_several_labels_a_row_are_validated(rows):
    X, y, X_val, y_val = rows
    Y, Y_val = (np.column_stack([v > 0, v > 1, v < 2]) * 1 for v in (y, y_val))
    model = net(early_stopping=True).fit(X, Y, X_val=X_val, y_val=Y_val)
    P = net(max_iter=1).fit(X, Y).predict_proba(X_val)
    # summed over labels
    expected = sum(log_loss(Y_val[:, k], P[:, k]) for k in range(3))
    assert model.validation_loss_curve_[0] == pytest.approx(expected, rel=1e-9)


def test_several_targets_are_validated(rows):
    X, y, X_val, y_val = rows
    Y, Y_val = (np.column_stack([v, 2 * v]) for v in (y, y_val))
    model = DeepNetRegressor(max_iter=3).fit(X, Y, X_val=X_val, y_val=Y_val)
    # the mean variance over that of each: so much a square counts
    weights = Y.var(axis=0).mean() / Y.var(axis=0)
    squares = (model.predict(X_val) - Y_val) ** 2 @ weights
    expected = 0.5 * squares.mean()
    assert model.validation_loss_curve_[-1] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("loss", "by_hand"),
    [
        ("absolute_error", mean_absolute_error),
        ("poisson", lambda y, a: mean_poisson_deviance(y, a) / 2),
    ],
)
def test_the_loss_of_validation_is_the_one_trained_on(rows, loss, by_hand):
    X, y, X_val, y_val = rows
    model = DeepNetRegressor(loss, max_iter=3)
    model.fit(X, abs(y), X_val=X_val, y_val=abs(y_val))
    expected = by_hand(abs(y_val), model.predict(X_val))
    assert model.validation_loss_curve_[-1] == pytest.approx(expected, rel=1e-9)


def test_a_class_may_be_missing_in_validation(given):
    X, y, val = given(net())
    kept = val["y_val"] != "some"
    model = net().fit(X, y, X_val=val["X_val"][kept], y_val=val["y_val"][kept])
    expected = loss_of(model, val["X_val"][kept], val["y_val"][kept])
    assert model.validation_loss_curve_[-1] == pytest.approx(expected, rel=1e-9)


def test_smoothing_is_for_training_only(given):
    X, y, val = given(net())
    model = net(label_smoothing=0.3).fit(X, y, **val)
    expected = loss_of(model, *val.values())
    assert model.validation_loss_curve_[-1] == pytest.approx(expected, rel=1e-9)


def test_dropout_is_for_training_only(given):
    X, y, val = given(net())
    model = net(dropout=0.5).fit(X, y, **val)
    expected = loss_of(model, *val.values())
    assert model.validation_loss_curve_[-1] == pytest.approx(expected, rel=1e-9)


# -- kinds of rows ---------------------------------------------------------------------


def test_sparse_rows_validate_like_dense_ones(given):
    X, y, val = given(net())
    dense = net().fit(X, y, **val)
    sparse = net().fit(
        csr_matrix(X), y, X_val=csr_matrix(val["X_val"]), y_val=val["y_val"]
    )
    assert_allclose(
        sparse.validation_loss_curve_, dense.validation_loss_curve_, rtol=1e-9
    )


def test_sparse_rows_may_validate_dense_ones(given):
    X, y, val = given(net())
    dense = net().fit(X, y, **val)
    mixed = net().fit(X, y, X_val=csr_matrix(val["X_val"]), y_val=val["y_val"])
    assert_allclose(
        mixed.validation_loss_curve_, dense.validation_loss_curve_, rtol=1e-9
    )


@pytest.mark.parametrize("scoring", ["loss", "accuracy"])
def test_standardize_scales_validation_as_learned_from_training(given, scoring):
    X, y, val = given(net())
    far = {"X_val": 50 * val["X_val"] + 300, "y_val": val["y_val"]}
    scaler = StandardScaler().fit(50 * X + 300)
    model = net(standardize=True, scoring=scoring).fit(50 * X + 300, y, **far)
    scaled = {**far, "X_val": scaler.transform(far["X_val"])}
    piped = net(scoring=scoring).fit(scaler.transform(50 * X + 300), y, **scaled)
    assert_allclose(model.validation_scores_, piped.validation_scores_, rtol=1e-9)


def test_float32_validates_in_float32(given):
    X, y, val = given(net())
    model = net().fit(X.astype(np.float32), y, **val)
    assert model.coefs_[0].dtype == np.float32
    wide = net().fit(X, y, **val)
    assert_allclose(
        model.validation_loss_curve_, wide.validation_loss_curve_, rtol=1e-5
    )


@pytest.mark.parametrize("scoring", ["loss", "accuracy", None, "roc_auc_ovr"])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_frames_validate_by_their_names(given, scoring, early_stopping):
    X, y, val = given(net())
    names = list("abcd")
    options = {"scoring": scoring, "early_stopping": early_stopping}
    plain = net(**options).fit(X, y, **val)
    framed = net(**options).fit(
        pd.DataFrame(X, columns=names),
        y,
        X_val=pd.DataFrame(val["X_val"], columns=names),
        y_val=pd.Series(val["y_val"]),
    )
    assert framed.validation_scores_ == plain.validation_scores_


def test_a_scorer_that_asks_for_names_of_features_gets_no_warning(given):
    X, y, _ = given(net())
    table = pd.DataFrame(X, columns=list("abcd"))
    model = net(early_stopping=True, scoring="accuracy", validation_fraction=0.2)
    assert len(model.fit(table, y).validation_scores_) == model.n_iter_


def test_frames_of_other_names_are_refused(given):
    X, y, val = given(net())
    with pytest.raises(ValueError, match="feature names"):
        net().fit(
            pd.DataFrame(X, columns=list("abcd")),
            y,
            X_val=pd.DataFrame(val["X_val"], columns=list("dcba")),
            y_val=val["y_val"],
        )


# -- rows that are held out ------------------------------------------------------------


def held_out(monkeypatch, model, X, y, **arguments):
    """The training rows and those held out, of a fit."""
    found = []

    def keep(*args, **strata):
        found.extend(hold_out(*args, **strata))
        return tuple(found)

    monkeypatch.setattr("sknn_scratch._fit.prepare.hold_out", keep)
    model.fit(X, y, **arguments)
    return found


@pytest.mark.parametrize("fraction", [0.01, 0.1, 0.25, 0.5])
@pytest.mark.parametrize("K", [2, 3, 5])
def test_rows_are_held_out_in_proportion(monkeypatch, fraction, K, rng):
    y = np.sort(rng.choice(K, 200, p=np.arange(1, K + 1) / (K * (K + 1) / 2)))
    X = rng.randn(200, 2)
    model = net(early_stopping=True, validation_fraction=fraction, max_iter=1)
    train, rest = held_out(monkeypatch, model, X, y)
    m = max(ceil(Fraction(str(fraction)) * 200), K, 2)
    assert len(rest.w) == m
    assert len(train.w) == 200 - m
    # a class has its share, rounded one way or the other
    share = np.bincount(y) * m / 200
    assert (abs(np.bincount(rest.codes, minlength=K) - share) < 1 + 1e-9).all()


def test_held_out_rows_are_not_trained_on(monkeypatch, rng):
    X, y = rng.randn(60, 2), np.arange(60) % 3
    model = net(early_stopping=True, validation_fraction=0.3, max_iter=1)
    train, rest = held_out(monkeypatch, model, X, y)
    together = np.vstack([train.X, rest.X])
    assert_array_equal(np.sort(together, axis=0), np.sort(X, axis=0))


def test_held_out_rows_keep_their_weights(monkeypatch, rng):
    X, y, w = rng.randn(60, 2), np.arange(60) % 3, rng.uniform(0.5, 2, 60)
    model = net(early_stopping=True, validation_fraction=0.3, max_iter=1)
    _, rest = held_out(monkeypatch, model, X, y, sample_weight=w)
    rows = [np.flatnonzero((X == x).all(axis=1))[0] for x in rest.X]
    assert_array_equal(rest.w, w[rows])


@pytest.mark.parametrize("model", CLASSIFIERS.values(), ids=CLASSIFIERS)
def test_held_out_rows_validate_like_given_ones(model, monkeypatch, given):
    X, y, _ = given(model)
    model = ready(model, early_stopping=True, max_iter=6, shuffle=False)
    _, rest = held_out(monkeypatch, model, X, y)
    # the parameters it ended with are those of the best epoch
    expected = loss_of(model, rest.X, model.classes_[rest.codes])
    assert min(model.validation_loss_curve_) == pytest.approx(expected, rel=1e-9)


def test_the_scale_is_learned_from_the_rows_trained_on(monkeypatch, rng):
    X, y = rng.randn(60, 2), np.arange(60) % 3
    model = net(early_stopping=True, standardize=True, max_iter=1)
    train, _ = held_out(monkeypatch, model, X, y)
    assert_allclose(model.scaler_.mean_, train.X.mean(axis=0), atol=1e-12)


# -- what does not go together ---------------------------------------------------------


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y_val": None}, "X_val must come with y_val"),
        ({"X_val": None}, "y_val and sample_weight_val must come with X_val"),
        (
            {"X_val": None, "y_val": None, "sample_weight_val": np.ones(60)},
            "y_val and sample_weight_val must come with X_val",
        ),
        ({"y_val": np.array(["no", "new"] * 30)}, "y_val must hold .*'new'"),
        ({"X_val": np.zeros((60, 3))}, "X has 3 features, but .* expecting 4"),
        ({"X_val": np.full((60, 4), np.nan)}, "NaN"),
        ({"y_val": np.array(["no"] * 59)}, "inconsistent numbers of samples"),
        ({"X_val": np.zeros((0, 4)), "y_val": []}, "0 sample"),
        ({"y_val": np.eye(60, 3, dtype=int)}, "one class a row"),
    ],
)
@pytest.mark.parametrize(
    "model", [net(), LogisticRegressionScratch()], ids=["net", "logistic"]
)
def test_what_cannot_validate_is_refused(model, change, message, given, early_stopping):
    X, y, val = given(model)
    model = clone(model).set_params(early_stopping=early_stopping)
    with pytest.raises(ValueError, match=message) as caught:
        model.fit(X, y, **{**val, **change})
    assert "\n" not in str(caught.value).split("Input X contains NaN.")[0]


@pytest.mark.parametrize(
    ("y_val", "message"),
    [
        (["text"] * 60, "y must hold numbers"),
        (np.full(60, np.nan), "NaN"),
        (np.zeros((60, 2)), "1 numbers a row"),
    ],
    ids=["text", "NaN", "columns"],
)
def test_targets_that_cannot_validate_are_refused(rows, y_val, message):
    X, y, X_val, _ = rows
    with pytest.raises(ValueError, match=message):
        DeepNetRegressor().fit(X, y, X_val=X_val, y_val=y_val)


def test_a_refused_validation_leaves_the_old_model(given):
    X, y, val = given(net())
    model = net().fit(X, y)
    before = model.predict_proba(X)
    with pytest.raises(ValueError, match="X has 3 features"):
        model.fit(X, y, X_val=val["X_val"][:, :3], y_val=val["y_val"])
    assert_array_equal(model.predict_proba(X), before)


# -- inside Pipelines and searches -----------------------------------------------------


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def requesting(model):
    return model.set_fit_request(X_val=True, y_val=True, sample_weight_val=True)


@pytest.mark.usefixtures("routing")
def test_a_pipeline_transforms_the_validation_rows(given):
    X, y, val = given(net())
    piped = Pipeline(
        [("scale", StandardScaler()), ("net", requesting(net(early_stopping=True)))],
        transform_input=["X_val"],
    ).fit(10 * X + 5, y, X_val=10 * val["X_val"] + 5, y_val=val["y_val"])
    scaler = StandardScaler().fit(10 * X + 5)
    scaled = scaler.transform(10 * X + 5), scaler.transform(10 * val["X_val"] + 5)
    plain = net(early_stopping=True).fit(
        scaled[0], y, X_val=scaled[1], y_val=val["y_val"]
    )
    assert piped[-1].validation_loss_curve_ == plain.validation_loss_curve_


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize(
    "model",
    [net(), LogisticRegressionScratch(), DeepNetRegressor(max_iter=5, random_state=0)],
    ids=lambda model: type(model).__name__,
)
def test_a_grid_search_validates_every_fit_by_the_same_rows(model, given):
    X, y, val = given(model)
    model = requesting(clone(model).set_params(early_stopping=True))
    w = np.linspace(0.5, 2, 60)
    search = GridSearchCV(model, {"warn": [True, False]}, cv=2)
    search.fit(X, y, **val, sample_weight_val=w)
    # refitted on all rows
    plain = clone(model).fit(X, y, **val, sample_weight_val=w)
    found = search.best_estimator_.validation_loss_curve_
    assert found == plain.validation_loss_curve_


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("scoring", [None, "accuracy"])
def test_scorers_work_with_metadata_routing(given, scoring):
    X, y, val = given(net())
    w = np.linspace(0.5, 2, 60)
    options = {"scoring": scoring, "early_stopping": True}
    found = net(**options).fit(X, y, **val, sample_weight_val=w).validation_scores_
    with sklearn.config_context(enable_metadata_routing=False):
        plain = net(**options).fit(X, y, **val, sample_weight_val=w)
    assert found == plain.validation_scores_


def test_a_pipeline_takes_rows_that_need_no_transform(given):
    X, y, val = given(net())
    piped = make_pipeline(net()).fit(
        X, y, **{f"deepnetclassifier__{name}": rows for name, rows in val.items()}
    )
    expected = net().fit(X, y, **val).validation_loss_curve_
    assert piped[-1].validation_loss_curve_ == expected


# -- where scikit-learn has no callbacks -----------------------------------------------


def test_callbacks_exist_where_scikit_learn_has_them():
    available = importlib.util.find_spec("sklearn.callback") is not None
    assert hasattr(net(), "set_callbacks") is available


def test_no_callbacks_cost_nothing(given, monkeypatch):
    def fail(self, *arguments):
        raise AssertionError("a snapshot was made")

    monkeypatch.setattr(BaseNetwork, "_twin", fail)
    X, y, val = given(net())
    assert net(early_stopping=True).fit(X, y, **val).n_iter_ == 5


def test_a_score_that_is_no_number_is_refused():
    net = DeepNetClassifier(early_stopping=True, scoring=lambda e, X, y: X[0])
    with pytest.raises(ValueError, match="scoring=.* must return a number, got array"):
        net.fit(np.eye(8), [0, 1] * 4)


# -- rows to predict: what goes past scikit-learn's validation is what it would pass ---


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda X: np.where(np.arange(len(X))[:, None] == 7, np.nan, X), "NaN"),
        (lambda X: np.where(np.arange(len(X))[:, None] == 7, np.inf, X), "infinity"),
        (lambda X: X[:, :3], "3 features"),
        (lambda X: X[:0], "0 sample"),
        (lambda X: X[0], "1D array"),
        (lambda X: X[None], "dim 3"),
        (lambda X: X + 1j, "[Cc]omplex"),
        (lambda X: np.ma.masked_array(X, mask=True)[:, :3], "3 features"),
    ],
)
def test_rows_to_predict_are_refused(dtype, spoil, message):
    X = np.random.RandomState(0).randn(20, 4).astype(dtype)
    net = DeepNetClassifier((3,), max_iter=1, warn=False).fit(X, np.arange(20) % 2)
    with pytest.raises(ValueError, match=message):
        net.predict(spoil(X).astype(dtype) if message != "[Cc]omplex" else spoil(X))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_finite_rows_whose_sum_is_not_are_predicted(dtype):
    X = np.random.RandomState(0).randn(20, 4).astype(dtype)
    net = DeepNetClassifier((3,), "tanh", max_iter=1, warn=False)
    net.fit(X, np.arange(20) % 2)
    rows = np.full((3, 4), np.finfo(dtype).max)
    assert net.predict_proba(rows).shape == (3, 2)


@pytest.mark.parametrize(
    "layout",
    [
        np.asfortranarray,
        lambda X: np.repeat(X, 2, axis=0)[::2],
        lambda X: X[::-1][::-1],
        lambda X: X.astype(np.float64),
        lambda X: X.astype(">f4"),
        lambda X: X.tolist(),
    ],
)
def test_rows_of_any_layout_give_the_same_bits(layout):
    X = np.random.RandomState(0).randn(20, 4).astype(np.float32)
    net = DeepNetClassifier((3,), max_iter=3, warn=False).fit(X, np.arange(20) % 3)
    assert_array_equal(net.predict_proba(layout(X)), net.predict_proba(X))


def test_an_array_after_names_is_warned_of():
    X = np.random.RandomState(0).randn(20, 4)
    net = DeepNetClassifier((3,), max_iter=1, warn=False)
    net.fit(pd.DataFrame(X, columns=list("abcd")), np.arange(20) % 2)
    with pytest.warns(UserWarning, match="feature names"):
        net.predict(X)
