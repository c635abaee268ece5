"""What scikit-learn builds of estimators, built of these: one test for each use.

Grids over images and pickles in another process are in `test_model_selection`,
concurrent fits and pickles of training state in `test_reproducibility`.
"""

import copy
import pickle

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
from matrix import matrix
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array, csr_matrix
from scipy.special import expit
from scipy.stats import loguniform, randint, uniform
from sklearn import clone, config_context
from sklearn.calibration import CalibratedClassifierCV, CalibrationDisplay
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_wine, make_circles, make_moons
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401  (registers it)
from sklearn.feature_selection import RFE, SelectFromModel, SequentialFeatureSelector
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import (
    DecisionBoundaryDisplay,
    partial_dependence,
    permutation_importance,
)
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    ConfusionMatrixDisplay,
    DetCurveDisplay,
    PrecisionRecallDisplay,
    RocCurveDisplay,
    average_precision_score,
    balanced_accuracy_score,
    confusion_matrix,
    det_curve,
    get_scorer,
    log_loss,
    make_scorer,
    roc_auc_score,
    top_k_accuracy_score,
)
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    HalvingGridSearchCV,
    KFold,
    RandomizedSearchCV,
    StratifiedKFold,
    TunedThresholdClassifierCV,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler, scale
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.utils import estimator_html_repr

from sknn_scratch import (
    DeepNetClassifier,
    LogisticRegressionScratch,
    ShallowNetClassifier,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

VERSION = tuple(int(part) for part in sklearn.__version__.split(".")[:2])
LOGISTIC = LogisticRegressionScratch()
SHALLOW = ShallowNetClassifier(8, max_iter=60, random_state=0)
DEEP = DeepNetClassifier((16, 8), learning_rate_init=0.01, max_iter=60, random_state=0)
NETS = [SHALLOW, DEEP]
MODELS = [LOGISTIC, *NETS]
all_models = pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
both_nets = pytest.mark.parametrize("model", NETS, ids=lambda m: type(m).__name__)
METHODS = ["predict", "predict_proba", "predict_log_proba", "decision_function"]
WINES = np.array(["pinot", "barbera", "malbec"])  # not in the order of the alphabet


@pytest.fixture(scope="module")
def wine():
    """Three classes with names, 178 rows, scaled."""
    X, y = load_wine(return_X_y=True)
    return scale(X), WINES[y]


@pytest.fixture(scope="module")
def cancer():
    """Two classes with names, 569 rows, the first 8 features, scaled."""
    X, y = load_breast_cancer(return_X_y=True)
    return scale(X[:, :8]), np.array(["malignant", "benign"])[y]


@pytest.fixture(scope="module")
def noisy(cancer):
    """Two classes; features 1, 3 and 5 of 6 tell them apart, the others nothing."""
    rng = np.random.RandomState(0)
    X = rng.randn(400, 6)
    y = (X[:, [1, 3, 5]] @ [2.0, -2.0, 1.5] > 0).astype(int)
    return X, y


@pytest.fixture(scope="module")
def labels(wine):
    """Three labels a row, each a half-plane of two features."""
    X, _ = wine
    return X, (X[:, :6].reshape(-1, 3, 2).sum(axis=2) > 0).astype(np.int64)


def bits(model):
    arrays = model.parameters_.values()
    return b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)


def path_weights(model):
    """Importance of each feature to a network: the sum of |W[L]| ... |W[2]| |W[1]|."""
    importance = np.ones((1, model.n_outputs_))
    for W in reversed(model.coefs_):
        importance = importance @ np.abs(W.T)
    return importance.ravel()


# -- composition -----------------------------------------------------------------------


@all_models
def test_pipeline(wine, model):
    X, y = wine
    chain = make_pipeline(StandardScaler(), clone(model)).fit(X, y)
    X_scaled = StandardScaler().fit_transform(X)
    direct = clone(model).fit(X_scaled, y)
    assert sklearn.base.is_classifier(chain)
    assert chain.classes_.tolist() == sorted(WINES)
    assert chain.n_features_in_ == 13
    for method in METHODS:
        found = getattr(chain, method)(X)
        assert_array_equal(found, getattr(direct, method)(X_scaled))
    assert chain.score(X, y) > 0.95


@pytest.fixture(scope="module")
def table():
    rng = np.random.RandomState(0)
    colour = rng.choice(["red", "green", "blue"], 200)
    frame = pd.DataFrame({"size": rng.randn(200), "colour": colour})
    return frame, np.where((colour == "red") | (frame["size"] > 0.5), "yes", "no")


@all_models
def test_column_transformer_gives_its_names(table, model):
    X, y = table
    columns = ColumnTransformer(
        [
            ("numbers", StandardScaler(), ["size"]),
            ("words", OneHotEncoder(sparse_output=False), ["colour"]),
        ]
    )
    chain = make_pipeline(columns, clone(model)).set_output(transform="pandas")
    chain.fit(X, y)
    assert chain[-1].feature_names_in_.tolist() == [
        "numbers__size",
        "words__colour_blue",
        "words__colour_green",
        "words__colour_red",
    ]
    assert type(chain.predict(X)) is np.ndarray
    assert chain.score(X, y) > 0.9
    array = chain[0].transform(X).to_numpy()
    assert_array_equal(
        chain.predict_proba(X), clone(model).fit(array, y).predict_proba(array)
    )


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
@all_models
def test_frames_are_told_apart_by_their_columns(wine, model, frame):
    X, y = wine
    names = [f"f{i}" for i in range(13)]
    columns = dict(zip(names, X.T, strict=True))
    fitted = clone(model).fit(frame(columns), y)
    assert fitted.feature_names_in_.tolist() == names
    assert_array_equal(
        fitted.predict_proba(frame(columns)), clone(model).fit(X, y).predict_proba(X)
    )
    reordered = frame({name: columns[name] for name in reversed(names)})
    renamed = frame(dict(zip([*names[1:], "other"], X.T, strict=True)))
    for wrong in (reordered, renamed):
        with pytest.raises(ValueError, match="feature names"):
            fitted.predict(wrong)
        if model is not LOGISTIC:
            with pytest.raises(ValueError, match="feature names"):
                fitted.partial_fit(wrong, y)
    with pytest.warns(UserWarning, match="valid feature names"):
        fitted.predict(X)


@all_models
def test_transform_output_is_not_about_classifiers(wine, model):
    X, y = wine
    plain = make_pipeline(StandardScaler(), clone(model)).fit(X, y)
    with config_context(transform_output="pandas"):
        chain = make_pipeline(StandardScaler(), clone(model)).fit(X, y)
        outputs = [getattr(chain, method)(X) for method in METHODS]
    for found, method in zip(outputs, METHODS, strict=True):
        assert type(found) is np.ndarray
        assert_array_equal(found, getattr(plain, method)(X))
    assert chain[-1].feature_names_in_.tolist() == [f"x{i}" for i in range(13)]


# -- searches and cross-validation -----------------------------------------------------

GRIDS = [
    (LOGISTIC, {"C": [0.01, 1.0, 100.0], "solver": ["newton", "lbfgs"]}),
    (SHALLOW, {"n_hidden": [2, 8], "activation": ["tanh", "relu"]}),
    (DEEP, {"hidden_layer_sizes": [(8,), (8, 4)], "alpha": [0.0, 1.0]}),
]
all_grids = pytest.mark.parametrize(
    ("model", "grid"), GRIDS, ids=[type(model).__name__ for model, _ in GRIDS]
)


@all_grids
def test_grid_search_in_two_processes_is_the_serial_one(wine, model, grid):
    serial, parallel = (
        GridSearchCV(model, grid, cv=3, n_jobs=n, error_score="raise").fit(*wine)
        for n in (1, 2)
    )
    scores = "mean_test_score"
    assert_array_equal(serial.cv_results_[scores], parallel.cv_results_[scores])
    assert parallel.best_params_ == serial.best_params_
    assert bits(parallel.best_estimator_) == bits(serial.best_estimator_)
    assert parallel.best_score_ > 0.95


DRAWS = [
    (LOGISTIC, {"C": loguniform(0.01, 100), "solver": ["lbfgs", "newton"]}),
    (LOGISTIC, {"solver": ["sgd", "adam"], "learning_rate_init": uniform(0.01, 0.1)}),
    (SHALLOW, {"n_hidden": randint(4, 12), "learning_rate_init": uniform(0.005, 0.1)}),
    (
        DEEP,
        {
            "alpha": loguniform(1e-5, 1),
            "beta_1": uniform(0.8, 0.15),
            "solver": ["adam", "adamw"],
            "validation_fraction": uniform(0.1, 0.2),
            "early_stopping": [True],
        },
    ),
]


@pytest.mark.parametrize(("model", "draws"), DRAWS)
def test_randomized_search_over_distributions_stays_in_float32(wine, model, draws):
    X, y = wine
    X = X.astype(np.float32)
    search = RandomizedSearchCV(
        model, draws, n_iter=6, cv=3, random_state=0, error_score="raise"
    ).fit(X, y)
    assert search.best_score_ > 0.9
    assert search.predict_proba(X).dtype == np.float32
    # a float64 of NumPy would turn steps in float32 into steps in float64
    for drawn in search.cv_results_["params"]:
        plain = {
            name: getattr(value, "tolist", lambda v=value: v)()
            for name, value in drawn.items()
        }
        models = [clone(model).set_params(**each) for each in (drawn, plain)]
        assert bits(models[0].fit(X, y)) == bits(models[1].fit(X, y))


@all_grids
def test_halving_search_survives_its_small_first_rounds(wine, model, grid):
    search = HalvingGridSearchCV(
        model, grid, factor=2, min_resources=30, random_state=0, error_score="raise"
    ).fit(*wine)
    assert search.n_resources_[0] == 30
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.best_score_ > 0.9
    assert len(search.classes_) == 3


@both_nets
def test_halving_search_over_epochs(wine, model):
    search = HalvingGridSearchCV(
        model,
        {"learning_rate_init": [1e-5, 0.001, 0.01]},
        resource="max_iter",
        min_resources=10,
        max_resources=90,
        factor=3,
        random_state=0,
    ).fit(*wine)
    assert search.n_resources_ == [10, 30]
    assert search.best_params_ == {"learning_rate_init": 0.01, "max_iter": 30}


@all_models
def test_cross_validated_outputs_have_a_column_a_class(wine, model):
    X, y = wine
    cv = StratifiedKFold(3)
    proba, decision, names = (
        cross_val_predict(model, X, y, cv=cv, method=method)
        for method in ("predict_proba", "decision_function", "predict")
    )
    assert proba.shape == decision.shape == (178, 3)
    order = np.unique(y)
    assert_array_equal(order[proba.argmax(axis=1)], names)
    assert_array_equal(order[decision.argmax(axis=1)], names)
    assert (names == y).mean() > 0.9
    for train, test in cv.split(X, y):
        direct = clone(model).fit(X[train], y[train])
        assert_array_equal(direct.predict_proba(X[test]), proba[test])


@all_models
def test_scorers_find_the_columns_of_the_classes(wine, model):
    X, y = wine
    train, test = np.arange(178) % 2 == 0, np.arange(178) % 2 == 1
    top_2 = make_scorer(top_k_accuracy_score, response_method="predict_proba", k=2)
    for dtype in (np.float64, np.float32):  # float32 rows must sum to 1 for log_loss
        few = clone(model).set_params(max_iter=3)
        few.fit(X[train].astype(dtype), y[train])
        X_test, y_test = X[test].astype(dtype), y[test]
        P = few.predict_proba(X_test)
        right = P[np.arange(len(P)), np.searchsorted(few.classes_, y_test)]
        cost = get_scorer("neg_log_loss")(few, X_test, y_test)
        assert_allclose(cost, np.log(right).mean(), rtol=1e-5)
        areas = [
            roc_auc_score(y_test == name, P[:, k])
            for k, name in enumerate(few.classes_)
        ]
        found = get_scorer("roc_auc_ovr")(few, X_test, y_test)
        assert_allclose(found, np.mean(areas), rtol=1e-12)
        rank = (P > right[:, None]).sum(axis=1)
        assert top_2(few, X_test, y_test) == (rank < 2).mean()
        assert get_scorer("accuracy")(few, X_test, y_test) == (rank < 1).mean()


def test_binary_scorers_take_the_second_class_for_the_positive_one(cancer):
    X, y = cancer
    for model in MODELS:
        fitted = clone(model).fit(X, y)
        z = fitted.decision_function(X)
        area = get_scorer("roc_auc")(fitted, X, y)
        assert area == roc_auc_score(y == "malignant", z) > 0.95
        f1 = get_scorer("f1_macro")(fitted, X, y)
        assert f1 > 0.9


@both_nets
def test_learning_curve_by_partial_fits(wine, model):
    X, y = wine
    train, test = np.arange(0, 178, 2), np.arange(1, 178, 2)
    model = clone(model).set_params(learning_rate_init=0.03, batch_size=4)
    sizes, _, scores = learning_curve(
        model,
        X,
        y,
        train_sizes=[20, 50, 89],
        cv=[(train, test)],
        exploit_incremental_learning=True,
        error_score="raise",
    )
    by_hand, expected = clone(model), []
    for part in np.split(train, [20, 50]):
        by_hand.partial_fit(X[part], y[part], classes=np.unique(y))
        expected.append(by_hand.score(X[test], y[test]))
    assert sizes.tolist() == [20, 50, 89]
    assert scores.ravel().tolist() == expected
    assert expected[-1] > 0.85


def test_learning_curve_by_partial_fits_is_refused_without_them(wine):
    with pytest.raises(ValueError, match="partial_fit"):
        learning_curve(LOGISTIC, *wine, exploit_incremental_learning=True)


# -- classifiers made of classifiers ---------------------------------------------------

CALIBRATIONS = ["sigmoid", "isotonic", *(["temperature"] if VERSION >= (1, 8) else [])]


@pytest.mark.parametrize("method", CALIBRATIONS)
def test_calibration_mends_a_net_that_is_too_sure(cancer, method):
    X, y = cancer
    flipped = np.random.RandomState(0).rand(len(y)) < 0.15
    y = np.where(flipped, np.where(y == "benign", "malignant", "benign"), y)
    sure = DeepNetClassifier((30,), solver="lbfgs", alpha=0, random_state=0)
    X_train, X_test, y_train, y_test = X[::2], X[1::2], y[::2], y[1::2]
    before = log_loss(y_test, clone(sure).fit(X_train, y_train).predict_proba(X_test))
    model = CalibratedClassifierCV(sure, method=method, cv=5, ensemble=False)
    after = log_loss(y_test, model.fit(X_train, y_train).predict_proba(X_test))
    assert after < before / 5
    assert after < np.log(2)  # what a coin would cost


@all_models
def test_calibration_passes_weights_and_names(wine, model):
    X, y = wine
    w = np.where(np.arange(len(y)) % 3 == 0, 0.0, 1.0)
    calibrated = CalibratedClassifierCV(model, cv=3).fit(X, y, sample_weight=w)
    assert calibrated.classes_.tolist() == sorted(WINES)
    assert_allclose(calibrated.predict_proba(X).sum(axis=1), 1)
    assert calibrated.score(X, y) > 0.95
    train, _ = next(StratifiedKFold(3).split(X, y))
    direct = clone(model).fit(X[train], y[train], sample_weight=w[train])
    assert bits(calibrated.calibrated_classifiers_[0].estimator) == bits(direct)
    assert bits(direct) != bits(clone(model).fit(X[train], y[train]))


@pytest.mark.parametrize("strategy", [OneVsRestClassifier, OneVsOneClassifier])
@all_models
def test_one_against_others(wine, model, strategy):
    X, y = wine
    many = strategy(model).fit(X, y)
    assert many.classes_.tolist() == sorted(WINES)
    assert many.score(X, y) > 0.95
    first = many.estimators_[0]
    names = sorted(WINES)
    rows = np.isin(y, names if strategy is OneVsRestClassifier else names[:2])
    goal = y == (names[0] if strategy is OneVsRestClassifier else names[1])
    direct = clone(model).fit(X[rows], goal[rows].astype(int))
    assert bits(first) == bits(direct)
    assert many.decision_function(X).shape == (178, 3)
    if strategy is OneVsRestClassifier:
        assert_array_equal(many.decision_function(X)[:, 0], first.decision_function(X))
        assert_allclose(many.predict_proba(X).sum(axis=1), 1)


@pytest.mark.parametrize("strategy", [OneVsRestClassifier, OneVsOneClassifier])
@both_nets
def test_one_against_others_by_partial_fits(wine, model, strategy):
    X, y = wine
    # scikit-learn's OneVsOneClassifier cannot make 0 and 1 of texts in partial_fit
    y = np.searchsorted(WINES[[1, 2, 0]], y)
    many = strategy(clone(model).set_params(learning_rate_init=0.1))
    for _ in range(5):
        for part in (slice(0, None, 2), slice(1, None, 2)):
            many.partial_fit(X[part], y[part], classes=np.unique(y))
    assert many.score(X, y) > 0.95
    assert all(each.n_iter_ == 10 for each in many.estimators_)


@all_models
def test_several_outputs(wine, model):
    X, y = wine
    w = np.linspace(0, 2, len(y))
    other = np.where(X[:, 0] > 0, "strong", "light")
    both = np.column_stack([y, other])
    many = MultiOutputClassifier(model, n_jobs=2).fit(X, both, sample_weight=w)
    assert [names.tolist() for names in many.classes_] == [
        sorted(WINES),
        ["light", "strong"],
    ]
    P = many.predict_proba(X)
    assert [p.shape for p in P] == [(178, 3), (178, 2)]
    for k in range(2):
        direct = clone(model).fit(X, both[:, k], sample_weight=w)
        assert_array_equal(P[k], direct.predict_proba(X))
    assert (many.predict(X) == both).mean() > 0.95


@both_nets
def test_several_outputs_by_partial_fits(wine, model):
    X, y = wine
    both = np.column_stack([y, np.where(X[:, 0] > 0, "strong", "light")])
    many = MultiOutputClassifier(clone(model).set_params(learning_rate_init=0.1))
    classes = [np.unique(column) for column in both.T]
    for _ in range(10):
        many.partial_fit(X, both, classes=classes)
    assert (many.predict(X) == both).mean() > 0.9


@all_models
def test_bagging_draws_rows_as_weights(wine, model):
    X, y = wine
    bag = BaggingClassifier(model, n_estimators=4, max_features=0.8, random_state=0)
    bag.fit(X, y)
    member, rows = bag.estimators_[0], bag.estimators_samples_[0]
    features = bag.estimators_features_[0]
    counts = np.bincount(rows, minlength=len(y))
    assert (counts == 0).mean() > 0.3
    direct = clone(member)
    direct.fit(X[:, features], y, sample_weight=counts)
    assert bits(member) == bits(direct)
    assert bits(member) != bits(clone(member).fit(X[:, features], y))
    assert len({bits(each) for each in bag.estimators_}) == 4
    assert_allclose(bag.predict_proba(X).sum(axis=1), 1)
    assert bag.score(X, y) > 0.95


@pytest.mark.parametrize("batch_size", [1, 2, 4])
@pytest.mark.parametrize(
    "model",
    [
        LogisticRegressionScratch(solver="sgd", max_iter=5),
        ShallowNetClassifier(8, max_iter=5),
        DeepNetClassifier((8,), max_iter=15),
    ],
    ids=lambda m: type(m).__name__,
)
def test_bagging_with_batches_that_could_be_of_weight_zero(wine, model, batch_size):
    bag = BaggingClassifier(
        clone(model).set_params(batch_size=batch_size), n_estimators=3, random_state=0
    )
    assert bag.fit(*wine).score(*wine) > 0.9


@all_models
def test_bagging_in_two_processes_is_the_serial_one(wine, model):
    X, y = wine
    serial, parallel = (
        BaggingClassifier(model, n_estimators=4, n_jobs=n, random_state=0).fit(X, y)
        for n in (1, 2)
    )
    assert [*map(bits, serial.estimators_)] == [*map(bits, parallel.estimators_)]
    # the members' probabilities are added up in another order
    assert_allclose(serial.predict_proba(X), parallel.predict_proba(X), rtol=1e-12)


MOONS, CIRCLES = (
    make_moons(300, noise=0.1, random_state=0),
    make_circles(300, noise=0.1, factor=0.5, random_state=0),
)


@pytest.mark.parametrize(
    ("model", "rows"),
    [
        (LogisticRegressionScratch(), MOONS),
        (ShallowNetClassifier(3, max_iter=20, learning_rate_init=0.05), CIRCLES),
        (DeepNetClassifier((3,), max_iter=20, learning_rate_init=0.05), CIRCLES),
    ],
    ids=lambda value: type(value).__name__,
)
def test_boosting_is_better_than_its_first_member(model, rows):
    X, y = rows
    boosted = AdaBoostClassifier(model, n_estimators=40, random_state=0).fit(X, y)
    assert len(boosted.estimators_) > 5
    assert (boosted.estimator_weights_[: len(boosted.estimators_)] > 0).all()
    assert boosted.score(X, y) > boosted.estimators_[0].score(X, y) + 0.1
    assert boosted.score(X, y) > 0.9


@all_models
def test_a_few_rows_that_weigh_almost_all_decide(wine, model):
    X, y = wine
    wrong = np.roll(y, 60)  # labels that are wrong, but for 20 rows of weight
    heavy = np.arange(0, len(y), 9)
    wrong[heavy], w = y[heavy], np.full(len(y), 1e-9)
    w[heavy] = 1e3
    fitted = clone(model).fit(X, wrong, sample_weight=w)
    assert fitted.score(X[heavy], y[heavy]) == 1
    assert fitted.score(X, y) > 0.85


@all_models
def test_soft_vote_is_the_mean_of_the_probabilities(wine, model):
    X, y = wine
    w = np.linspace(0, 2, len(y))
    members = [("ours", model), ("theirs", LogisticRegression(max_iter=1000))]
    vote = VotingClassifier(members, voting="soft", weights=[3, 1], n_jobs=2)
    vote.fit(X, y, sample_weight=w)
    ours = clone(model).fit(X, np.searchsorted(np.unique(y), y), sample_weight=w)
    theirs = clone(members[1][1]).fit(X, y, sample_weight=w)
    expected = (3 * ours.predict_proba(X) + theirs.predict_proba(X)) / 4
    assert_allclose(vote.predict_proba(X), expected, rtol=1e-10)
    assert vote.score(X, y) > 0.95


@pytest.mark.parametrize(
    ("method", "columns"),
    [("auto", 3), ("predict_proba", 3), ("decision_function", 3), ("predict", 1)],
)
@all_models
def test_stacking(wine, model, method, columns):
    X, y = wine
    stack = StackingClassifier(
        [("ours", model), ("theirs", LogisticRegression(max_iter=1000))],
        final_estimator=clone(model),
        stack_method=method,
        cv=3,
    ).fit(X, y)
    used = "predict_proba" if method == "auto" else method
    assert stack.stack_method_ == [used, used]
    Z = stack.transform(X)
    assert Z.shape == (178, 2 * columns)
    codes = np.searchsorted(np.unique(y), y)
    direct = getattr(clone(model).fit(X, codes), used)(X)
    assert_array_equal(Z[:, :columns], direct.reshape(len(X), -1))
    if method != "predict":  # a class as a number says little
        assert stack.score(X, y) > 0.95


@all_models
def test_self_training_learns_from_rows_without_labels(model):
    X, y = make_moons(300, noise=0.1, random_state=0)
    rng = np.random.RandomState(0)
    known = np.concatenate(
        [rng.permutation(np.flatnonzero(y == k))[:6] for k in (0, 1)]
    )
    partly = np.full(300, -1)
    partly[known] = y[known]
    taught = SelfTrainingClassifier(model, threshold=0.8).fit(X, partly)
    assert taught.classes_.tolist() == [0, 1]
    assert_array_equal(taught.transduction_[known], y[known])
    assert (taught.labeled_iter_ > 0).sum() > 200
    assert taught.score(X, y) > 0.8


@pytest.fixture(scope="module")
def rare():
    """One row in ten is of the second class, and the classes overlap."""
    rng = np.random.RandomState(0)
    y = np.where(np.arange(400) % 10 == 0, "rare", "common")
    return rng.randn(400, 3) + 1.5 * (y == "rare")[:, None], y


@all_models
def test_tuned_threshold_finds_the_rare_class(rare, model):
    X, y = rare
    tuned = TunedThresholdClassifierCV(model, scoring="balanced_accuracy", cv=3)
    tuned.fit(X, y)
    P = tuned.estimator_.predict_proba(X)[:, 1]
    assert tuned.best_threshold_ < 0.4
    expected = np.where(P >= tuned.best_threshold_, "rare", "common")
    assert_array_equal(tuned.predict(X), expected)
    plain = balanced_accuracy_score(y, tuned.estimator_.predict(X))
    assert balanced_accuracy_score(y, tuned.predict(X)) > plain + 0.03


@pytest.mark.parametrize(
    ("method", "threshold"), [("predict_proba", 0.2), ("decision_function", -1.5)]
)
@all_models
def test_fixed_threshold(rare, model, method, threshold):
    X, y = rare
    fixed = FixedThresholdClassifier(
        model, threshold=threshold, response_method=method
    ).fit(X, y)
    outputs = getattr(clone(model).fit(X, y), method)(X)
    scores = outputs[:, 1] if outputs.ndim == 2 else outputs
    expected = np.where(scores >= threshold, "rare", "common")
    assert_array_equal(fixed.predict(X), expected)


@all_models
def test_frozen_stays_as_it_is(cancer, model):
    X, y = cancer
    with pytest.raises(sklearn.exceptions.NotFittedError):
        FrozenEstimator(clone(model)).predict(X)
    fitted = clone(model).fit(X[:300], y[:300])
    before = bits(fitted)
    frozen = clone(FrozenEstimator(fitted)).fit(X[300:], y[300:])
    assert bits(frozen.estimator) == before
    assert frozen.classes_.tolist() == ["benign", "malignant"]
    assert_array_equal(frozen.parameters_["W1"], fitted.parameters_["W1"])
    calibrated = CalibratedClassifierCV(FrozenEstimator(fitted), ensemble=False)
    calibrated.fit(X[300:], y[300:])
    assert bits(calibrated.calibrated_classifiers_[0].estimator.estimator) == before
    assert calibrated.score(X[300:], y[300:]) > 0.9


# -- features --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "importance"),
    [
        (LOGISTIC, "auto"),
        (ShallowNetClassifier(8, alpha=1, random_state=0), path_weights),
        (
            DeepNetClassifier((8, 4), solver="lbfgs", alpha=1, random_state=0),
            path_weights,
        ),
    ],
    ids=["LogisticRegressionScratch", "ShallowNetClassifier", "DeepNetClassifier"],
)
def test_selection_by_weights_finds_the_features_that_matter(noisy, model, importance):
    X, y = noisy
    rfe = RFE(model, n_features_to_select=3, importance_getter=importance).fit(X, y)
    assert np.flatnonzero(rfe.support_).tolist() == [1, 3, 5]
    assert rfe.estimator_.n_features_in_ == 3
    assert rfe.score(X, y) > 0.95
    selection = SelectFromModel(model, importance_getter=importance).fit(X, y)
    assert np.flatnonzero(selection.get_support()).tolist() == [1, 3, 5]


def test_selection_by_the_weights_of_many_classes(wine):
    X, y = wine
    X = np.hstack([X, np.random.RandomState(0).randn(len(X), 10)])
    selection = SelectFromModel(LOGISTIC, max_features=8, threshold=-np.inf).fit(X, y)
    assert selection.estimator_.coef_.shape == (3, 23)
    assert selection.get_support()[13:].sum() <= 1
    rfe = RFE(LOGISTIC, n_features_to_select=8).fit(X, y)
    assert rfe.support_[13:].sum() <= 1


@all_models
def test_sequential_selection(noisy, model):
    model = clone(model).set_params(max_iter=30)
    best = SequentialFeatureSelector(model, n_features_to_select=3, cv=2).fit(*noisy)
    assert np.flatnonzero(best.get_support()).tolist() == [1, 3, 5]


@all_models
def test_permutation_importance_on_a_frame(noisy, model):
    X, y = noisy
    frame = pd.DataFrame(X, columns=list("abcdef"))
    fitted = clone(model).fit(frame, y)
    found = permutation_importance(
        fitted, frame, y, n_repeats=5, random_state=0, scoring="neg_log_loss", n_jobs=2
    )
    matters = np.isin(np.arange(6), [1, 3, 5])
    mean = found.importances_mean
    assert mean[matters].min() > 0.2 > mean[~matters].max()


@pytest.mark.parametrize("method", ["predict_proba", "decision_function"])
@all_models
def test_partial_dependence_is_the_mean_over_the_rows(cancer, model, method):
    X, y = cancer
    fitted = clone(model).fit(X, y)
    found = partial_dependence(
        fitted, X, [2], grid_resolution=5, response_method=method, method="brute"
    )
    for value, mean in zip(found["grid_values"][0], found["average"][0], strict=True):
        moved = X.copy()
        moved[:, 2] = value
        outputs = getattr(fitted, method)(moved)
        scores = outputs[:, 1] if outputs.ndim == 2 else outputs
        assert_allclose(scores.mean(), mean, rtol=1e-12)


# -- pictures --------------------------------------------------------------------------


@pytest.fixture
def ax():
    from matplotlib import pyplot as plt

    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


@all_models
def test_decision_boundary_of_two_classes_is_the_logit(model, ax):
    X, y = make_circles(100, factor=0.5, random_state=0)
    fitted = clone(model).fit(X, np.array(["in", "out"])[1 - y])
    shown = DecisionBoundaryDisplay.from_estimator(fitted, X, grid_resolution=20, ax=ax)
    grid = np.column_stack([shown.xx0.ravel(), shown.xx1.ravel()])
    assert_array_equal(shown.response.ravel(), fitted.decision_function(grid))


@all_models
def test_decision_boundary_of_many_classes(wine, model, ax):
    X, y = wine
    X = pd.DataFrame(X[:, :2], columns=["alcohol", "acid"])
    fitted = clone(model).fit(X, y)
    options = {"grid_resolution": 20, "ax": ax}
    shown = DecisionBoundaryDisplay.from_estimator(
        fitted, X, response_method="predict", **options
    )
    grid = pd.DataFrame(
        {"alcohol": shown.xx0.ravel(), "acid": shown.xx1.ravel()},
    )
    codes = np.searchsorted(fitted.classes_, fitted.predict(grid))
    assert_array_equal(shown.response.ravel(), codes)
    one = DecisionBoundaryDisplay.from_estimator(
        fitted,
        X,
        response_method="predict_proba",
        class_of_interest="malbec",
        **options,
    )
    expected = fitted.predict_proba(grid)[:, fitted.classes_.tolist().index("malbec")]
    assert_allclose(one.response.ravel(), expected)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("alcohol", "acid")


@all_models
def test_curves_of_two_classes(cancer, model, ax):
    X, y = cancer
    fitted, positive = clone(model).set_params(max_iter=5).fit(X, y), y == "malignant"
    z, P = fitted.decision_function(X), fitted.predict_proba(X)[:, 1]
    roc = RocCurveDisplay.from_estimator(fitted, X, y, ax=ax)
    assert_allclose(np.squeeze(roc.roc_auc), roc_auc_score(positive, z), rtol=1e-12)
    curve = PrecisionRecallDisplay.from_estimator(fitted, X, y, ax=ax)
    expected = average_precision_score(positive, z)
    assert_allclose(np.squeeze(curve.average_precision), expected, rtol=1e-12)
    det = DetCurveDisplay.from_estimator(fitted, X, y, ax=ax)
    rates = np.transpose(det_curve(positive, z)[:2]).round(9)
    shown = np.column_stack([np.squeeze(det.fpr), np.squeeze(det.fnr)]).round(9)
    # some versions leave points out where the curve is straight
    assert {*map(tuple, shown)} <= {*map(tuple, rates)}
    assert len(shown) > 20
    calibration = CalibrationDisplay.from_estimator(fitted, X, y, n_bins=4, ax=ax)
    assert_array_equal(calibration.y_prob, P)
    inside = [(P > low) & (P <= low + 0.25) for low in (0, 0.25, 0.5, 0.75)]
    shares = [positive[rows].mean() for rows in inside if rows.any()]
    assert_allclose(calibration.prob_true, shares)


@all_models
def test_confusion_matrix(wine, model, ax):
    X, y = wine
    fitted = clone(model).set_params(max_iter=2).fit(X, y)
    shown = ConfusionMatrixDisplay.from_estimator(fitted, X, y, ax=ax)
    assert_array_equal(shown.confusion_matrix, confusion_matrix(y, fitted.predict(X)))
    assert [text.get_text() for text in ax.get_xticklabels()] == sorted(WINES)


# -- scikit-learn's switches -----------------------------------------------------------


def routed(model, wanted):
    """A Pipeline whose scaler wants sample_weight, and whose last step may."""
    scaler = StandardScaler().set_fit_request(sample_weight=True)
    last = clone(model).set_fit_request(sample_weight=wanted)
    last = last.set_score_request(sample_weight=wanted)
    return Pipeline([("scaler", scaler), ("model", last)])


@all_models
def test_weights_are_routed_through_a_search_and_a_pipeline(rare, model):
    X, y = rare
    w = np.where(y == "rare", 9.0, 1.0)
    w[:40] = 0
    train, test = np.arange(0, 400, 2), np.arange(1, 400, 2)
    train = np.concatenate([train, test[:40]])
    grid, cv = {"model__max_iter": [20]}, [(train, test)]
    with config_context(enable_metadata_routing=True):
        search, ignored = (
            GridSearchCV(
                routed(model, wanted),
                grid,
                cv=cv,
                scoring=get_scorer("accuracy").set_score_request(sample_weight=wanted),
            ).fit(X, y, sample_weight=w)
            for wanted in (True, False)
        )
        score = search.best_estimator_.score(X, y, sample_weight=w)
        with pytest.raises(UnsetMetadataPassedError, match="sample_weight"):
            make_pipeline(clone(model)).fit(X, y, sample_weight=w)

    def direct(rows, weighted):
        scaler = StandardScaler().fit(X[rows], sample_weight=w[rows])
        last = clone(model).set_params(max_iter=20)
        weights = w[rows] if weighted else None
        return scaler, last.fit(scaler.transform(X[rows]), y[rows], weights)

    for found, weighted in ((search, True), (ignored, False)):
        _, last = direct(slice(None), weighted)
        assert bits(found.best_estimator_["model"]) == bits(last)
        scaler, last = direct(train, weighted)
        right = last.predict(scaler.transform(X[test])) == y[test]
        expected = np.average(right, weights=w[test] if weighted else None)
        assert_allclose(found.best_score_, expected, rtol=1e-12)
    right = search.predict(X) == y
    assert_allclose(score, np.average(right, weights=w), rtol=1e-12)
    models = [each.best_estimator_["model"] for each in (search, ignored)]
    assert bits(models[0]) != bits(models[1])


@both_nets
def test_weights_are_routed_to_partial_fits(wine, model):
    X, y = wine
    w = np.linspace(0, 2, len(y))
    with config_context(enable_metadata_routing=True):
        asked = clone(model).set_partial_fit_request(classes=True, sample_weight=True)
        many = OneVsRestClassifier(asked)
        many.partial_fit(X, y, classes=np.unique(y), sample_weight=w)
    direct = clone(model)
    direct.partial_fit(X, (y == "barbera").astype(int), sample_weight=w, classes=[0, 1])
    assert bits(many.estimators_[0]) == bits(direct)


if VERSION >= (1, 7):  # before, dispatching needed array_api_compat

    @all_models
    def test_array_api_dispatch_changes_nothing_for_numpy(wine, model):
        X, y = wine  # conftest sets SCIPY_ARRAY_API, which this needs
        chain = make_pipeline(StandardScaler(), clone(model))
        plain = clone(chain).fit(X, y)
        scores = cross_val_score(chain, X, y, cv=3, scoring="neg_log_loss")
        with config_context(array_api_dispatch=True):
            dispatched = clone(chain).fit(X, y)
            assert bits(dispatched[-1]) == bits(plain[-1])
            assert_array_equal(dispatched.predict(X), plain.predict(X))
            assert_array_equal(dispatched.predict_proba(X), plain.predict_proba(X))
            again = cross_val_score(chain, X, y, cv=3, scoring="neg_log_loss")
        assert_allclose(again, scores, rtol=1e-12)


@all_models
def test_the_page_shows_the_model(wine, model):
    X, y = wine
    name, fresh = type(model).__name__, clone(model)
    for shown, state in ((fresh, "Not fitted"), (clone(model).fit(X, y), "Fitted")):
        page = estimator_html_repr(make_pipeline(StandardScaler(), shown))
        assert name in page
        alone = shown._repr_mimebundle_()["text/html"]
        assert f"<span>{state}</span>" in alone
        if VERSION >= (1, 7):  # before, pages had no table of parameters
            assert all(f">{parameter}<" in alone for parameter in shown.get_params())


# -- where arrays and models live ------------------------------------------------------


@all_models
def test_threads_of_joblib_give_the_serial_results(wine, model):
    X, y = wine

    def predictions():
        bag = BaggingClassifier(model, n_estimators=6, n_jobs=3, random_state=0)
        scores = cross_validate(model, X, y, cv=6, n_jobs=3, scoring="neg_log_loss")
        return [*map(bits, bag.fit(X, y).estimators_)], scores["test_score"].tolist()

    with joblib.parallel_config("sequential"):
        serial = predictions()
    with joblib.parallel_config("threading"):
        parallel = predictions()
    assert parallel == serial


def fit_and_tell(model, X, y, w):
    """In another process: the model, and whether its data could be written to."""
    model.fit(X, y, sample_weight=w)
    kinds = [(isinstance(a, np.memmap), a.flags.writeable) for a in (X, y, w)]
    return model, kinds, model.predict_proba(X)


NEWTON = LogisticRegressionScratch(solver="newton", random_state=0)
IN_ORDER = DeepNetClassifier((8,), max_iter=5, shuffle=False, random_state=0)


@matrix(
    "model",
    [
        NEWTON,
        LogisticRegressionScratch(solver="sgd", random_state=0),
        IN_ORDER,
        DeepNetClassifier((8,), max_iter=5, solver="lbfgs", random_state=0),
        DeepNetClassifier((8,), max_iter=5, early_stopping=True, random_state=0),
    ],
    NEWTON,
    IN_ORDER,
    ids=repr,
)
def test_data_that_joblib_maps_into_memory_is_only_read(model):
    rng = np.random.RandomState(0)
    X = rng.randn(4000, 40)
    assert X.nbytes > 2**20  # what joblib maps by itself; y and w because we ask
    y = (X[:, 0] + X[:, 1] ** 2 > 1).astype(np.int64)
    w = rng.randint(1, 4, 4000).astype(np.float64)
    tasks = (joblib.delayed(fit_and_tell)(clone(model), X, y, w) for _ in range(2))
    results = joblib.Parallel(n_jobs=2, max_nbytes=1000)(tasks)
    fitted, _, P = fit_and_tell(clone(model), X, y, w)
    for found, kinds, P_found in results:
        assert kinds == [(True, False)] * 3
        assert bits(found) == bits(fitted)
        assert_array_equal(P_found, P)


@all_models
def test_a_model_mapped_into_memory_predicts_and_goes_on(wine, model, tmp_path):
    X, y = wine
    fitted = clone(model).set_params(warm_start=True).fit(X, y)
    joblib.dump(fitted, tmp_path / "model")
    mapped = joblib.load(tmp_path / "model", mmap_mode="r")
    layers = [mapped.coef_] if model is LOGISTIC else mapped.coefs_
    bases = [layer if layer.base is None else layer.base for layer in layers]
    assert any(isinstance(base, np.memmap) for base in [*layers, *bases])
    assert not any(layer.flags.writeable for layer in layers)
    assert_array_equal(mapped.predict_proba(X), fitted.predict_proba(X))
    before = (tmp_path / "model").read_bytes()
    in_memory = joblib.load(tmp_path / "model")
    goes_on = "fit" if model is LOGISTIC else "partial_fit"
    for each in (mapped, in_memory):
        getattr(each, goes_on)(X[::2], y[::2])
    assert bits(mapped) == bits(in_memory)
    assert bits(mapped) != bits(fitted)
    assert (tmp_path / "model").read_bytes() == before


def through_joblib(model, folder):
    joblib.dump(model, folder / "model.gz", compress=3)
    return joblib.load(folder / "model.gz")


COPIES = {
    "pickle": lambda model, _: pickle.loads(pickle.dumps(model)),
    "oldest pickle": lambda model, _: pickle.loads(pickle.dumps(model, protocol=2)),
    "deepcopy": lambda model, _: copy.deepcopy(model),
    "copy": lambda model, _: copy.copy(model),
    "joblib": through_joblib,
}


@pytest.mark.parametrize("way", COPIES)
@all_models
def test_a_copy_is_the_model_and_lives_its_own_life(wine, model, way, tmp_path):
    X, y = wine
    fitted = clone(model).fit(X, y)
    before = bits(fitted)
    twin = COPIES[way](fitted, tmp_path)
    assert bits(twin) == before
    assert twin.get_params() == fitted.get_params()
    assert set(vars(twin)) == set(vars(fitted))
    for method in ("predict", "predict_proba", "decision_function"):
        assert_array_equal(getattr(twin, method)(X), getattr(fitted, method)(X))
    if model is LOGISTIC:
        twin.fit(X, y[::-1])
    else:
        twin.partial_fit(X, y[::-1])
    assert bits(twin) != before
    assert bits(fitted) == before


# -- several labels a row --------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.float64, bool])
@all_models
def test_several_labels_a_row_come_back_in_their_type(labels, model, dtype):
    X, y = labels
    fitted = clone(model).fit(X, y.astype(dtype))
    assert fitted.predict(X).dtype == dtype
    assert fitted.predict(X).shape == fitted.predict_proba(X).shape == (178, 3)
    assert_allclose(fitted.predict_proba(X), expit(fitted.decision_function(X)))
    assert_array_equal(fitted.predict(X), fitted.predict_proba(X) > 0.5)
    assert (fitted.predict(X) == y).mean() > 0.9


@pytest.mark.parametrize("wrap", [csr_matrix, csr_array])
@all_models
def test_several_labels_a_row_may_be_sparse(labels, model, wrap):
    X, y = labels
    fitted = clone(model).fit(X, wrap(y))
    assert bits(fitted) == bits(clone(model).fit(X, y))


@all_models
def test_several_labels_a_row_in_cross_validation(labels, model):
    X, y = labels
    cv = KFold(3, shuffle=True, random_state=0)
    P = cross_val_predict(model, X, y, cv=cv, method="predict_proba")
    assert P.shape == (178, 3)
    scores = cross_validate(model, X, y, cv=cv, scoring=["f1_micro", "roc_auc"])
    assert scores["test_f1_micro"].min() > 0.85
    assert scores["test_roc_auc"].min() > 0.9


@all_models
def test_a_chain_of_labels(labels, model):
    X, y = labels
    y = np.column_stack([y, y.sum(axis=1) > 1])  # follows from the other three
    chain = ClassifierChain(model, order=[0, 1, 2, 3]).fit(X, y)
    assert chain.predict_proba(X).shape == (178, 4)
    assert (chain.predict(X) == y).mean() > 0.9
    assert chain.estimators_[3].n_features_in_ == 16
