"""LogisticRegressionScratch against scikit-learn's and against its own rules."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array, csr_matrix
from sklearn.base import clone
from sklearn.datasets import (
    load_breast_cancer,
    load_digits,
    load_iris,
    load_wine,
    make_classification,
    make_multilabel_classification,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import DeepNetClassifier, LogisticRegressionScratch

SOLVERS = ["newton", "lbfgs", "gd", "sgd", "adam"]


def load(name):
    if name == "cancer":
        X, y = load_breast_cancer(return_X_y=True)
        return StandardScaler().fit_transform(X), y
    loaders = {"iris": load_iris, "digits": load_digits, "wine": load_wine}
    return loaders[name](return_X_y=True)


def overlapping(n_classes, seed=0, **options):
    return make_classification(
        500,
        8,
        n_informative=8,
        n_redundant=0,
        n_classes=n_classes,
        class_sep=0.5,
        flip_y=0.2,
        random_state=seed,
        **options,
    )


def exact(X, y, sample_weight=None, **options):
    """scikit-learn's solution, as exact as it goes."""
    model = LogisticRegression(
        solver="newton-cholesky", tol=1e-12, max_iter=1000, **options
    )
    return model.fit(X, y, sample_weight)


def assert_same_model(ours, theirs, atol=1e-5):
    assert_allclose(ours.coef_, theirs.coef_, atol=atol, rtol=0)
    assert_allclose(ours.intercept_, theirs.intercept_, atol=atol, rtol=0)
    if len(ours.coef_) > 1:
        assert_allclose(ours.coef_.sum(axis=0), 0, atol=1e-9)
        assert_allclose(ours.intercept_.sum(), 0, atol=1e-9)


@pytest.mark.parametrize("C", [0.01, 1, 100])
@pytest.mark.parametrize("name", ["iris", "cancer", "digits", "wine"])
def test_the_default_is_scikit_learns_exact_solution(name, C):
    X, y = load(name)
    assert_same_model(LogisticRegressionScratch(C=C).fit(X, y), exact(X, y, C=C))


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_without_penalty_on_overlapping_classes(n_classes, fit_intercept):
    X, y = overlapping(n_classes)
    options = {"C": np.inf, "fit_intercept": fit_intercept}
    ours = LogisticRegressionScratch(**options).fit(X, y)
    theirs = exact(X, y, **options)
    # two classes have one row; more have rows that sum to zero
    assert_same_model(ours, theirs)
    assert fit_intercept or not ours.intercept_.any()


@pytest.mark.filterwarnings("ignore:.*makes no use of")
@pytest.mark.parametrize("solver", ["newton", "lbfgs", "gd"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_solvers_on_all_rows_agree(solver, n_classes):
    X, y = overlapping(n_classes)
    model = LogisticRegressionScratch(
        C=0.1, solver=solver, tol=1e-7, max_iter=20000, learning_rate_init=0.1
    )
    assert_same_model(model.fit(X, y), exact(X, y, C=0.1), atol=1e-4)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_minibatch_solvers_come_near(solver):
    X, y = overlapping(3)
    theirs = exact(X, y)
    ours = LogisticRegressionScratch(solver=solver, random_state=0).fit(X, y)
    agreement = (ours.predict(X) == theirs.predict(X)).mean()
    assert agreement > 0.97


@pytest.mark.parametrize("sparse", [csr_matrix, csr_array])
@pytest.mark.parametrize("solver", ["newton", "lbfgs"])
def test_sparse_rows_give_the_dense_solution(solver, sparse):
    X, y = overlapping(3)
    X[np.abs(X) < 1] = 0
    options = {"solver": solver, "tol": 1e-9, "max_iter": 1000}
    dense = LogisticRegressionScratch(**options).fit(X, y)
    model = LogisticRegressionScratch(**options).fit(sparse(X), y)
    assert_allclose(model.coef_, dense.coef_, atol=1e-6)
    assert_allclose(model.predict_proba(sparse(X)), dense.predict_proba(X), atol=1e-6)


def test_weights_mean_what_they_mean_in_scikit_learn(rng):
    X, y = overlapping(3)
    w = rng.uniform(0, 3, len(y)) * (rng.rand(len(y)) > 0.3)
    for class_weight in (None, {0: 1, 1: 5, 2: 0.5}):
        ours = LogisticRegressionScratch(class_weight=class_weight).fit(X, y, w)
        assert_same_model(ours, exact(X, y, w, class_weight=class_weight))


def test_balanced_is_scikit_learns(rng):
    X, y = overlapping(3, weights=[0.7, 0.2, 0.1])
    ours = LogisticRegressionScratch(class_weight="balanced").fit(X, y)
    assert_same_model(ours, exact(X, y, class_weight="balanced"))


def test_multilabel_is_one_regression_a_label():
    X, Y = make_multilabel_classification(300, 6, n_classes=3, random_state=0)
    together = LogisticRegressionScratch(tol=1e-8).fit(X, Y)
    assert together.coef_.shape == (3, 6)
    for k in range(3):
        alone = exact(X, Y[:, k])
        assert_allclose(together.coef_[k], alone.coef_[0], atol=1e-5)
        assert_allclose(together.predict(X)[:, k], alone.predict(X))


def test_an_iteration_limit_of_zero_leaves_the_start():
    X, y = overlapping(3)
    with pytest.warns(ConvergenceWarning, match="max_iter=0"):
        model = LogisticRegressionScratch(max_iter=0).fit(X, y)
    assert not model.coef_.any()
    assert model.n_iter_.tolist() == [0]
    assert model.loss_ == pytest.approx(np.log(3))
    assert_allclose(model.predict_proba(X), 1 / 3)


@pytest.mark.parametrize("solver", SOLVERS)
def test_tol_zero_runs_max_iter_where_the_gradient_decides(solver):
    X, y = overlapping(2)
    model = LogisticRegressionScratch(solver=solver, tol=0, max_iter=12).fit(X, y)
    assert model.n_iter_.shape == (1,)
    assert model.n_iter_[0] == 12
    assert len(model.loss_curve_) == 12


def test_gd_stops_when_no_entry_of_the_gradient_exceeds_tol():
    X, y = overlapping(2)
    model = LogisticRegressionScratch(solver="gd", tol=1e-3, max_iter=10_000)
    n_iter = model.fit(X, y).n_iter_[0]
    longer = LogisticRegressionScratch(solver="gd", tol=0, max_iter=n_iter).fit(X, y)
    assert 1 < n_iter < 10_000
    assert_array_equal(longer.coef_, model.coef_)


def test_reaching_max_iter_is_said_once_with_a_way_out():
    X, y = overlapping(2)
    with pytest.warns(ConvergenceWarning, match="raise max_iter") as caught:
        LogisticRegressionScratch(solver="gd", max_iter=3).fit(X, y)
    assert len(caught) == 1
    assert caught[0].filename == __file__


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_line_between_the_classes_without_penalty_ends():
    X, y = np.array([[-2.0], [-1], [1], [2]]), [0, 0, 1, 1]
    for solver in SOLVERS:
        model = LogisticRegressionScratch(C=np.inf, solver=solver).fit(X, y)
        assert model.score(X, y) == 1.0
        assert np.isfinite(model.coef_).all()


def test_collinear_features_without_penalty_have_a_solution(rng):
    X, y = overlapping(2)
    twice = np.hstack([X, X])
    ours = LogisticRegressionScratch(C=np.inf).fit(twice, y)
    once = LogisticRegressionScratch(C=np.inf).fit(X, y)
    assert_allclose(ours.predict_proba(twice), once.predict_proba(X), atol=1e-6)


def test_one_class_is_an_error():
    with pytest.raises(ValueError, match="at least 2 classes in y, got 1 class: 7"):
        LogisticRegressionScratch().fit([[0.0], [1.0]], [7, 7])


@pytest.mark.parametrize(
    "parameter", ["penalty", "dual", "n_jobs", "intercept_scaling"]
)
def test_parameters_that_are_going_are_explained(parameter):
    with pytest.raises(TypeError, match=f"no parameter '{parameter}', got 1; "):
        LogisticRegressionScratch(**{parameter: 1})


ELSEWHERE = {  # parameters of scikit-learn's LogisticRegression: what to do here
    ("penalty", "l1"): "set l1_ratio=1.0",
    ("penalty", "l2"): "leave it out: C ",
    ("penalty", "elasticnet"): "set l1_ratio between 0 and 1",
    ("penalty", "none"): "set C=np.inf",
    ("penalty", None): "set C=np.inf",
    ("penalty", "deprecated"): "leave it out",
    ("multi_class", "ovr"): "put OneVsRestClassifier around it",
    ("multi_class", "multinomial"): "leave it out: .* softmax",
    ("multi_class", "auto"): "leave it out: .* softmax",
    ("dual", True): "leave it out",
    ("n_jobs", -1): "leave it out",
    ("intercept_scaling", 2.0): "leave it out",
}


def made(name, value):
    return LogisticRegressionScratch(**{name: value})


def set_later(name, value):
    return LogisticRegressionScratch().set_params(C=2.0, **{name: value})


def set_in_a_pipeline(name, value):
    pipe = make_pipeline(StandardScaler(), LogisticRegressionScratch())
    return pipe.set_params(**{f"logisticregressionscratch__{name}": value})


def searched(name, value):
    X, y = overlapping(2)
    return GridSearchCV(LogisticRegressionScratch(), {name: [value]}, cv=2).fit(X, y)


@pytest.mark.parametrize("way", [made, set_later, set_in_a_pipeline, searched])
@pytest.mark.parametrize("case", ELSEWHERE, ids=str)
def test_what_scikit_learn_has_besides_says_what_to_take(case, way):
    name, value = case
    error = TypeError if way is made else ValueError
    pattern = f"no parameter '{name}', got {value!r}; {ELSEWHERE[case]}"
    with pytest.raises(error, match=pattern) as caught:
        way(name, value)
    assert len(str(caught.value)) <= 300
    assert "\n" not in str(caught.value)


def test_all_of_scikit_learns_parameters_are_explained_at_once():
    given = {"penalty": "l1", "multi_class": "ovr", "dual": False, "n_jobs": None}
    for first in (given, dict(reversed(given.items()))):
        with pytest.raises(TypeError) as caught:
            LogisticRegressionScratch(**first, intercept_scaling=1)
        text = str(caught.value)
        for word in ("l1_ratio=1.0", "OneVsRest", "'dual'", "'n_jobs'", "'intercept_"):
            assert word in text
        assert len(text) <= 300
    with pytest.raises(TypeError, match="got '.*[.]{3}.*'; ") as caught:
        LogisticRegressionScratch(penalty="x" * 10_000)
    assert len(str(caught.value)) <= 300


def test_a_name_that_is_no_parameter_anywhere_is_refused_as_by_scikit_learn():
    with pytest.raises(ValueError, match="Invalid parameter 'colour'"):
        LogisticRegressionScratch().set_params(colour="l1")


def test_a_subclass_may_have_a_parameter_of_scikit_learns():
    class Penalised(LogisticRegressionScratch):
        def __init__(self, *, penalty="l2"):
            super().__init__(l1_ratio=float(penalty == "l1"))
            self.penalty = penalty

    assert Penalised().set_params(penalty="l1").penalty == "l1"


@pytest.mark.parametrize("solver", ["liblinear", "sag", "saga"])
def test_solvers_that_are_not_here_name_those_that_are(solver):
    X, y = overlapping(2)
    model = LogisticRegressionScratch(solver=solver)
    twin = LogisticRegressionScratch().set_params(solver=solver)
    search = GridSearchCV(LogisticRegressionScratch(), {"solver": [solver]}, cv=2)
    search.set_params(error_score="raise")
    for one in (model, clone(model), twin, search):
        pattern = f"'newton', .* got '{solver}'; set solver='auto'"
        with pytest.raises(ValueError, match=pattern) as caught:
            one.fit(X, y)
        assert len(str(caught.value)) <= 300


def test_aliases_of_newton_are_newton():
    X, y = overlapping(3)
    fits = [
        LogisticRegressionScratch(solver=solver).fit(X, y).coef_
        for solver in ("newton", "newton-cholesky", "newton-cg")
    ]
    assert_array_equal(fits[0], fits[1])
    assert_array_equal(fits[0], fits[2])


def test_float32_is_kept():
    X, y = overlapping(3)
    for solver in ("newton", "lbfgs"):
        model = LogisticRegressionScratch(solver=solver).fit(X.astype(np.float32), y)
        assert model.coef_.dtype == model.predict_proba(X).dtype == np.float32
        assert_allclose(model.coef_, exact(X, y).coef_, atol=2e-3)


def test_coef_is_writable_and_used():
    X, y = overlapping(2)
    model = LogisticRegressionScratch().fit(X, y)
    model.coef_[...] = 0
    model.intercept_[...] = 3
    assert_allclose(model.decision_function(X), 3)
    model.parameters_["W1"][0, 0] = 2.0
    assert_allclose(model.decision_function(X), 3 + 2 * X[:, 0])


def test_the_course_view():
    X, y = overlapping(3)
    model = LogisticRegressionScratch().fit(X, y)
    assert {k: v.shape for k, v in model.parameters_.items()} == {
        "W1": (3, 8),
        "b1": (3, 1),
    }
    Z = model.parameters_["W1"] @ X.T + model.parameters_["b1"]
    assert_allclose(model.decision_function(X), Z.T, rtol=1e-12)


# -- found by trying to break it -------------------------------------------------------


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_no_curvature_at_all_ends():
    X, y = np.zeros((4, 2)), [0, 1, 0, 1]
    model = LogisticRegressionScratch(C=np.inf, fit_intercept=False).fit(X, y)
    assert not model.coef_.any()


def test_newton_finds_its_way_from_a_bad_start():
    X, y = load("iris")
    X, y = X[:100], y[:100]
    model = LogisticRegressionScratch(warm_start=True).fit(X, y)
    model.fit(X * 100, 1 - y)  # where every sigmoid is saturated, and wrong
    cold = LogisticRegressionScratch().fit(X * 100, 1 - y)
    assert model.loss_ == pytest.approx(cold.loss_, rel=1e-6)
    assert np.all(np.diff(model.loss_curve_) <= 1e-12)


@pytest.mark.parametrize("solver", ["newton", "lbfgs"])
def test_features_that_overflow_are_said_to(solver):
    X, y = load("iris")
    with pytest.warns(ConvergenceWarning, match="scale the features"):
        LogisticRegressionScratch(solver=solver).fit(X * 1e200, y)


def test_max_iter_zero_is_zero_for_lbfgs():
    X, y = overlapping(3)
    with pytest.warns(ConvergenceWarning, match="max_iter=0"):
        model = LogisticRegressionScratch(solver="lbfgs", max_iter=0).fit(X, y)
    assert model.n_iter_.tolist() == [0]
    assert not model.coef_.any()


def test_without_intercept_a_warm_start_drops_the_old_one():
    X, y = overlapping(3)
    model = LogisticRegressionScratch(warm_start=True).fit(X, y)
    model.set_params(fit_intercept=False).fit(X, y)
    assert not model.intercept_.any()
    assert_allclose(model.coef_, exact(X, y, fit_intercept=False).coef_, atol=1e-5)


def test_many_classes_need_little_memory(rng):
    X, y = rng.randn(20_000, 9), rng.randint(0, 100, 20_000)
    import tracemalloc

    tracemalloc.start()
    for solver in ("newton", "auto"):
        LogisticRegressionScratch(solver=solver, max_iter=1, tol=0).fit(X, y)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 300e6


def test_a_limit_on_evaluations_is_not_called_max_iter():
    X, y = overlapping(3)
    net = DeepNetClassifier((5,), solver="lbfgs", max_fun=5, random_state=0)
    with pytest.warns(ConvergenceWarning, match="max_fun=5"):
        net.fit(X, y)
