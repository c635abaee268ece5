"""What scikit-learn's own tests of its two classes expect, asked of ours.

They are test_mlp.py and test_logistic.py of 1.9.1, run with our classes in place of
theirs; what found something, or was not asked elsewhere, is asked here.
"""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import coo_array, csr_array, csr_matrix, issparse
from scipy.special import expit
from sklearn.datasets import (
    load_digits,
    load_iris,
    make_classification,
    make_multilabel_classification,
    make_regression,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import scale

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
)

SOLVERS = ["newton-cholesky", "newton-cg", "lbfgs", "gd", "sgd", "adam"]
EXACT = ["newton-cholesky", "newton-cg", "lbfgs"]
NET_SOLVERS = ["gd", "sgd", "rmsprop", "adam", "adamw", "lbfgs"]
NETS = [DeepNetClassifier, DeepNetRegressor]
short = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    return scale(X), y


@pytest.fixture(scope="module")
def digits():
    """Zeros and ones."""
    X, y = load_digits(n_class=2, return_X_y=True)
    return X / 16, y


# -- both: warnings and iterations -----------------------------------------------------


@pytest.mark.parametrize("max_iter", [1, 4])
@pytest.mark.parametrize("solver", ["auto", *SOLVERS])
def test_regression_says_once_that_it_reached_max_iter(iris, solver, max_iter):
    model = LogisticRegressionScratch(solver=solver, max_iter=max_iter, tol=1e-15)
    with pytest.warns(ConvergenceWarning) as caught:
        model.fit(*iris)
    assert len(caught) == 1
    assert model.n_iter_.tolist() == [max_iter]


@pytest.mark.parametrize("solver", NET_SOLVERS)
@pytest.mark.parametrize("cls", NETS)
def test_each_warm_start_runs_its_own_max_iter(iris, cls, solver):
    net = cls(
        hidden_layer_sizes=(4,),
        solver=solver,
        warm_start=True,
        tol=1e-9,
        random_state=0,
    )
    for max_iter in (3, 3, 6):
        with pytest.warns(ConvergenceWarning) as caught:
            net.set_params(max_iter=max_iter).fit(*iris)
        assert len(caught) == 1
        assert net.n_iter_ == len(net.loss_curve_) == max_iter


@pytest.mark.parametrize("tol", [0, 1e-4])
@pytest.mark.parametrize("cls", NETS)
def test_evaluations_end_training_with_a_warning_whatever_tol(iris, cls, tol):
    net = cls(
        hidden_layer_sizes=(10,),
        activation="tanh",
        solver="lbfgs",
        tol=tol,
        max_fun=6,
        random_state=0,
    )
    with pytest.warns(ConvergenceWarning, match="max_fun=6"):
        net.fit(*iris)
    assert 1 <= net.n_iter_ <= 6


@short
@pytest.mark.parametrize("cls", [LogisticRegressionScratch, *NETS])
def test_an_infinite_patience_has_no_tolerance(iris, cls):
    options = {"tol": 1e9, "n_iter_no_change": np.inf, "random_state": 0}
    model = cls(solver="sgd", max_iter=60, **options).fit(*iris)
    assert np.max(model.n_iter_) == 60


@pytest.mark.parametrize("cls", NETS)
def test_features_beyond_all_measure_leave_finite_weights(rng, cls):
    X = np.finfo(np.float64).max * rng.uniform(size=(10, 2))
    with pytest.warns(ConvergenceWarning, match="stopped being finite"):
        net = cls(random_state=0).fit(X, np.arange(10) % 2)
    assert all(np.isfinite(W).all() for W in net.coefs_)


# -- networks --------------------------------------------------------------------------


def test_one_step_is_the_one_of_the_chain_rule():
    x, y, rate, alpha = np.array([0.5, -1.0]), 1, 0.2, 0.3
    W1, b1 = np.array([[0.3, -0.1], [0.2, 0.4]]), np.array([0.1, -0.2])
    W2, b2 = np.array([0.7, -0.5]), 0.25
    a = expit(W1 @ x + b1)
    dz2 = expit(W2 @ a + b2) - y
    dz1 = W2 * dz2 * a * (1 - a)

    net = DeepNetClassifier(
        (2,), "logistic", solver="sgd", momentum=0, alpha=alpha, learning_rate_init=rate
    )
    net.partial_fit([x], [y], classes=[0, 1])  # makes the layers that are filled next
    net.coefs_ = [W1.T.copy(), W2[:, None].copy()]
    net.intercepts_ = [b1.copy(), np.array([b2])]
    net.partial_fit([x], [y])
    assert_allclose(net.coefs_[0].T, W1 - rate * (np.outer(dz1, x) + alpha * W1))
    assert_allclose(net.coefs_[1].ravel(), W2 - rate * (dz2 * a + alpha * W2))
    assert_allclose(net.intercepts_[0], b1 - rate * dz1)
    assert_allclose(net.intercepts_[1], b2 - rate * dz2)


@short
def test_log_probabilities_of_labels_are_those_of_their_probabilities():
    X, Y = make_multilabel_classification(50, random_state=0)
    net = DeepNetClassifier((30,), solver="lbfgs", random_state=0).fit(X, Y)
    P = net.predict_proba(X)
    assert_allclose(net.predict_log_proba(X), np.log(P), rtol=1e-7)
    assert_array_equal(net.predict_log_proba(X).argmax(axis=1), P.argmax(axis=1))
    assert abs(P.sum(axis=1) - 1).max() > 0.1  # no softmax


@pytest.mark.parametrize("scoring", ["loss", None, "neg_log_loss"])
@pytest.mark.parametrize("cls", [ShallowNetClassifier, LogisticRegressionScratch])
def test_a_hold_out_of_a_frame_is_scored_without_a_word(iris, cls, scoring):
    X = pd.DataFrame(iris[0], columns=list("abcd"))
    options = {"max_iter": 3, "random_state": 0, "warn": False}
    model = cls(early_stopping=True, scoring=scoring, **options)
    model.fit(X, iris[1])
    assert model.feature_names_in_.tolist() == list("abcd")
    assert len(model.validation_scores_) == 3


def test_a_hold_out_of_a_frame_is_scored_without_a_word_by_regressors(rng):
    X = pd.DataFrame(rng.randn(10, 2), columns=["a", "b"])
    options = {"early_stopping": True, "scoring": "r2", "warn": False}
    DeepNetRegressor(hidden_layer_sizes=(3,), max_iter=3, **options).fit(X, np.ones(10))


@pytest.mark.parametrize("cls", NETS)
def test_attributes_of_early_stopping(digits, cls):
    options = {"tol": 0.05, "max_iter": 3000, "solver": "sgd", "random_state": 0}
    net = cls(early_stopping=True, **options).fit(*digits)
    assert len(net.validation_scores_) == net.n_iter_ < 3000
    assert net.best_validation_score_ == max(net.validation_scores_)
    assert net.best_loss_ is None
    net = cls(**options).fit(*digits)
    assert net.validation_scores_ is None
    assert net.best_validation_score_ is None
    assert net.best_loss_ == min(net.loss_curve_)


@pytest.mark.parametrize("scoring", ["loss", "r2"])
def test_divergence_with_a_hold_out_is_a_warning(iris, scoring):
    net = DeepNetRegressor(
        activation="identity", solver="sgd", learning_rate_init=1.0, max_iter=20,
        early_stopping=True, scoring=scoring, random_state=0,
    )  # fmt: skip
    with pytest.warns(ConvergenceWarning, match="learning_rate_init"):
        net.fit(*iris)
    assert not np.isfinite(net.validation_scores_[-1])
    assert isinstance(net.validation_scores_[-1], float)
    assert np.isfinite(net.predict(iris[0])).all()


@pytest.mark.parametrize("cls", NETS)
def test_two_rows_are_too_few_to_hold_any_out(cls):
    with pytest.raises(ValueError, match="too few to train on"):
        cls(early_stopping=True).fit([[1.0], [2.0]], [0, 1])


@short
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("cls", NETS)
def test_weights_of_one_are_no_weights_to_the_bit(iris, cls, early_stopping):
    X, y = iris
    options = {"max_iter": 20, "batch_size": 10, "random_state": 0}
    fits = [
        cls(hidden_layer_sizes=(6,), early_stopping=early_stopping, **options)
        .fit(X, y, w)
        .coefs_[0]
        for w in (None, np.ones(len(y)))
    ]
    assert_array_equal(*fits)


@short
@pytest.mark.parametrize("momentum", [0, 0.9])
def test_partial_fits_on_all_rows_are_the_fit_of_a_regressor(momentum):
    X, y = make_regression(200, 10, noise=100, random_state=7)
    options = {"solver": "sgd", "batch_size": 200, "momentum": momentum}
    options |= {"learning_rate_init": 0.01, "random_state": 1}
    fitted = DeepNetRegressor(max_iter=40, **options).fit(X, scale(y))
    grown = DeepNetRegressor(**options)
    for _ in range(40):
        grown.partial_fit(X, scale(y))
    assert_allclose(grown.predict(X), fitted.predict(X), rtol=1e-7)


def test_classes_that_come_late_are_learned():
    net = DeepNetClassifier(random_state=0, learning_rate_init=0.1)
    net.partial_fit([[1], [2], [3]], list("abc"), classes=list("abcd"))
    assert net.predict_proba([[1]]).shape == (1, 4)
    for _ in range(50):
        net.partial_fit([[40], [-40]], ["d", "a"])
    assert net.predict([[40], [-40]]).tolist() == ["d", "a"]


@pytest.mark.parametrize("classes", [[1, 2], [0, 1, 2], [1]])
def test_other_classes_in_partial_fit_are_refused(classes):
    net = DeepNetClassifier(solver="sgd").partial_fit([[3, 2]], [0], classes=[0, 1])
    with pytest.raises(ValueError, match="classes"):
        net.partial_fit([[3, 2]], [0], classes=classes)


def test_classes_without_those_of_y_are_refused():
    with pytest.raises(ValueError, match="classes"):
        DeepNetClassifier().partial_fit([[3, 2], [1, 6]], [1, 0], classes=[2])


@pytest.mark.parametrize("cls", NETS)
def test_partial_fit_prints_where_verbose_asks(capsys, cls):
    net = cls(hidden_layer_sizes=(2,), solver="sgd", verbose=10, max_iter=2, warn=False)
    net.fit([[3, 2], [1, 6]], [1, 0])
    once = capsys.readouterr().out
    net.partial_fit([[3, 2], [1, 6]], [1, 0])
    again = capsys.readouterr().out
    assert once.startswith("Iteration 1,")
    assert again.startswith("Iteration")


def test_a_loaded_network_unlearns():
    net = DeepNetRegressor(learning_rate_init=0.01, random_state=42, warn=False)
    before = net.fit([[2]], [4]).predict([[2]])
    loaded = pickle.loads(pickle.dumps(net))
    for _ in range(200):
        loaded.partial_fit([[2]], [1])
    assert_allclose(loaded.predict([[2]]), 1, rtol=1e-3)
    assert_array_equal(net.predict([[2]]), before)


@short
@pytest.mark.parametrize("cls", NETS)
def test_shuffling_is_what_makes_the_order(digits, cls):
    X, y = digits

    def trained(**options):
        net = cls(
            hidden_layer_sizes=(2,),
            activation="tanh",
            max_iter=1,
            batch_size=1,
            random_state=0,
            **options,
        )
        return net.fit(X, y).coefs_[0]

    for shuffle in (True, False):
        assert_array_equal(trained(shuffle=shuffle), trained(shuffle=shuffle))
    assert abs(trained(shuffle=True) - trained(shuffle=False)).max() > 1e-6


@pytest.mark.parametrize("cls", NETS)
def test_both_types_of_float_draw_and_learn_alike(digits, cls):
    X, y = digits
    options = {"tol": 0.01, "max_iter": 60, "random_state": 1, "warn": False}
    double = cls(hidden_layer_sizes=(5, 3), activation="tanh", **options).fit(X, y)
    single = cls(hidden_layer_sizes=(5, 3), activation="tanh", **options).fit(
        X.astype(np.float32), y
    )
    assert_array_equal(single.n_iter_, double.n_iter_)
    # eps of float32 is 1e-7, and a smooth g passes rounding on without a jump
    for W, V in zip(single.coefs_, double.coefs_, strict=True):
        assert_allclose(W, V, atol=1e-4)


def test_an_adaptive_rate_ends_below_one_millionth():
    options = {"tol": 0.5, "max_iter": 3000, "random_state": 0}
    net = DeepNetClassifier(solver="sgd", learning_rate="adaptive", **options)
    net.fit([[3, 2], [1, 6]], [1, 0])
    assert net.n_iter_ < 3000
    assert net.learning_rate_curve_[-1] < 1e-6


# -- logistic regression ---------------------------------------------------------------


@pytest.mark.parametrize("solver", SOLVERS)
def test_no_iteration_leaves_every_class_as_likely(iris, solver):
    X, y = iris
    model = LogisticRegressionScratch(solver=solver, max_iter=0)
    with pytest.warns(ConvergenceWarning, match="max_iter=0"):
        model.fit(X, y == 2)
    assert model.n_iter_.tolist() == [0]
    assert_array_equal(model.decision_function(X), np.zeros(len(X)))
    assert_allclose(model.predict_proba(X), 0.5, rtol=1e-15)


@short
@pytest.mark.parametrize("C", [1, np.inf])
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("solver", ["newton-cg", "gd"])
def test_steps_of_warm_starts_are_the_steps_of_one_fit(iris, solver, fit_intercept, C):
    options = {"solver": solver, "C": C, "fit_intercept": fit_intercept}
    once = LogisticRegressionScratch(max_iter=3, **options).fit(*iris)
    model = LogisticRegressionScratch(max_iter=1, warm_start=True, **options)
    for _ in range(3):
        model.fit(*iris)
    assert_allclose(model.coef_, once.coef_, rtol=1e-10)
    assert_allclose(model.intercept_, once.intercept_, rtol=1e-10, atol=1e-15)


@short
@pytest.mark.parametrize("solver", EXACT)
def test_only_a_warm_start_stays_where_the_last_fit_ended(iris, solver):
    def moved(warm_start):
        model = LogisticRegressionScratch(solver=solver, warm_start=warm_start)
        before = model.fit(*iris).coef_.copy()
        return abs(model.set_params(max_iter=1).fit(*iris).coef_ - before).max()

    assert moved(warm_start=True) < 0.01
    assert moved(warm_start=False) > 0.1


@short
@pytest.mark.parametrize("C", [150, np.inf])
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("solver", [*EXACT, "gd"])
def test_coefficients_sum_to_zero_over_classes(rng, solver, fit_intercept, C):
    X, y = rng.randn(200, 3), rng.choice(["x", "y", "z"], 200)
    model = LogisticRegressionScratch(C=C, solver=solver, fit_intercept=fit_intercept)
    model.fit(X, y)
    assert_allclose(model.coef_.sum(axis=0), 0, atol=1e-10)
    assert_allclose(model.intercept_.sum(), 0, atol=1e-10)


@pytest.mark.parametrize("solver", EXACT)
def test_a_weak_penalty_on_more_features_than_rows_ends(solver):
    X, y = make_classification(10, 20, random_state=42)
    model = LogisticRegressionScratch(C=1e30, solver=solver).fit(X, y)
    assert model.score(X, y) == 1
    assert np.isfinite(model.coef_).all()
    with pytest.warns(ConvergenceWarning, match="max_iter=2"):
        model.set_params(max_iter=2).fit(X, y)


def test_sparsified_coefficients_predict_travel_and_warm_up(iris):
    X, y = iris
    model = LogisticRegressionScratch(warm_start=True).fit(X, y)
    Z = model.decision_function(X)
    model.sparsify()
    assert issparse(model.coef_)
    for rows in (X, coo_array(X)):
        assert_allclose(model.decision_function(rows), Z, rtol=1e-12)
    travelled = pickle.loads(pickle.dumps(model))
    assert_allclose(travelled.decision_function(X), Z, rtol=1e-12)
    assert_allclose(model.densify().decision_function(X), Z, rtol=1e-12)
    assert travelled.fit(X, y).n_iter_ < 3
    assert not issparse(travelled.coef_)


def test_coefficients_may_be_replaced(iris):
    X, y = iris
    model = LogisticRegressionScratch().fit(X, y)
    model.coef_, model.intercept_ = np.zeros((3, 4)), np.log([1, 2, 7])
    assert_allclose(model.predict_proba(X), np.tile([0.1, 0.2, 0.7], (150, 1)))


@pytest.mark.parametrize("make", [csr_matrix, csr_array])
@pytest.mark.parametrize("solver", SOLVERS)
def test_indices_of_64_bits_are_indices(iris, make, solver):
    X, y = make(iris[0]), iris[1]
    model = LogisticRegressionScratch(solver=solver, random_state=0, warn=False)
    narrow = model.fit(X, y).coef_
    X.indices, X.indptr = X.indices.astype(np.int64), X.indptr.astype(np.int64)
    assert_array_equal(model.fit(X, y).coef_, narrow)
    assert model.predict(X).shape == y.shape


def test_a_class_of_weight_zero_is_known_and_never_predicted(iris):
    X, y = iris
    names = np.array(["bar", "baz", "foo"])
    model = LogisticRegressionScratch(class_weight={"bar": 1, "baz": 2, "foo": 0})
    model.fit(X, names[y])
    assert model.classes_.tolist() == names.tolist()
    assert set(model.predict(X)) == {"bar", "baz"}
    assert model.predict_proba(X).shape == (150, 3)


@pytest.mark.parametrize("solver", EXACT)
def test_weights_of_classes_are_weights_of_rows_are_repetitions(solver):
    X, y = make_classification(300, 5, n_informative=3, random_state=0)
    options = {"solver": solver, "tol": 1e-9, "fit_intercept": False}
    by_class = LogisticRegressionScratch(class_weight={0: 1, 1: 2}, **options)
    w = y + 1
    expected = LogisticRegressionScratch(**options).fit(X, y, w).coef_
    assert_allclose(by_class.fit(X, y).coef_, expected, atol=1e-7)
    assert_array_equal(w, y + 1)  # and they are the caller's still
    repeated = LogisticRegressionScratch(**options).fit(X.repeat(w, 0), y.repeat(w))
    assert_allclose(repeated.coef_, expected, atol=1e-7)


@pytest.mark.parametrize("l1_ratio", [0.1, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("solver", ["auto", "gd"])
def test_no_step_improves_an_elastic_net(solver, sparse, l1_ratio):
    X, y = make_classification(200, 10, n_informative=4, n_redundant=0, random_state=0)
    C = 0.1
    options = {"max_iter": 5000, "tol": 1e-7}
    if solver == "gd":
        options["learning_rate_init"] = 0.3
    model = LogisticRegressionScratch(C=C, l1_ratio=l1_ratio, solver=solver, **options)
    model.fit(csr_array(X) if sparse else X, y)
    w = model.coef_.ravel()
    # of the sum over rows + ((1 - r) / 2 |w|^2 + r |w|) / C, r = l1_ratio
    grad = X.T @ (model.predict_proba(X)[:, 1] - y) + (1 - l1_ratio) * w / C
    kept = w != 0
    assert 0 < kept.sum() < 10 or l1_ratio == 0.1
    # tol bounds the mean gradient: 200 times that the sum
    assert_allclose(grad[kept], -l1_ratio * np.sign(w[kept]) / C, atol=1e-4)
    assert (abs(grad[~kept]) <= l1_ratio / C + 1e-4).all()


# -- callbacks of scikit-learn, where it has them --------------------------------------


class Recorder:
    """Counts the hooks, keeps the snapshots, stops where it is told to."""

    def __init__(self, stop_after=np.inf):
        self.calls, self.snapshots, self.stop_after = [], [], stop_after

    def setup(self, estimator, context):
        self.calls.append("setup")

    def on_fit_task_begin(self, estimator, context):
        self.calls.append("begin")

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        self.calls.append("end")
        self.snapshots.append(fitted_estimator)
        return len(self.snapshots) >= self.stop_after

    def teardown(self, estimator, context):
        self.calls.append("teardown")


def recorded(model, X, y, **options):
    recorder = Recorder(**options)
    return model.set_callbacks(recorder).fit(X, y), recorder


if hasattr(LogisticRegressionScratch, "set_callbacks"):  # scikit-learn >= 1.9

    @short
    @pytest.mark.parametrize("max_iter", [0, 2, 1000])
    @pytest.mark.parametrize("solver", SOLVERS)
    def test_hooks_are_called_for_the_fit_and_each_iteration(iris, solver, max_iter):
        model = LogisticRegressionScratch(solver=solver, max_iter=max_iter, tol=0.01)
        model, recorder = recorded(model, *iris)
        calls, n_iter = recorder.calls, model.n_iter_[0]
        assert (calls[0], calls[-1]) == ("setup", "teardown")
        assert calls.count("setup") == calls.count("teardown") == 1
        assert calls.count("begin") == calls.count("end") == 1 + n_iter
        assert n_iter < 1000

    @short
    @pytest.mark.parametrize("fit_intercept", [True, False])
    @pytest.mark.parametrize("solver", SOLVERS)
    def test_a_snapshot_is_the_fit_of_so_many_iterations(iris, solver, fit_intercept):
        options = {"solver": solver, "fit_intercept": fit_intercept, "random_state": 0}
        model = LogisticRegressionScratch(max_iter=5, **options)
        _, recorder = recorded(model, *iris)
        for k, snapshot in enumerate(recorder.snapshots[:3], start=1):
            fitted = LogisticRegressionScratch(max_iter=k, **options).fit(*iris)
            assert_allclose(snapshot.coef_, fitted.coef_, rtol=1e-9)
            assert_array_equal(snapshot.predict(iris[0]), fitted.predict(iris[0]))

    @short
    @pytest.mark.parametrize("solver", SOLVERS)
    def test_a_callback_ends_training(iris, solver):
        model = LogisticRegressionScratch(solver=solver, tol=1e-12)
        model, recorder = recorded(model, *iris, stop_after=2)
        assert model.n_iter_.tolist() == [2]
        assert recorder.calls.count("teardown") == 1

    @pytest.mark.parametrize("solver", NET_SOLVERS)
    @pytest.mark.parametrize("cls", NETS)
    def test_callbacks_of_networks(iris, cls, solver):
        net = cls(
            hidden_layer_sizes=(3,),
            solver=solver,
            max_iter=9,
            warn=False,
            random_state=0,
        )
        net, recorder = recorded(net, *iris, stop_after=3)
        assert net.n_iter_ == 3
        assert recorder.calls.count("begin") == recorder.calls.count("end") == 4
        first, second, third, last = (s.coefs_[0] for s in recorder.snapshots)
        assert abs(first - second).max() > 0
        assert abs(second - third).max() > 0
        assert_array_equal(third, last)
