"""Newton's method: its curvature, its steps, and the row space of wide data."""

import numpy as np
import pytest
from engine import OneBatch, make_objective
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_matrix, random, vstack
from scipy.special import expit, logsumexp
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from sknn_scratch import LogisticRegressionScratch
from sknn_scratch._engine.losses import LOSSES
from sknn_scratch._rows.columns import as_columns
from sknn_scratch._training.descent import lbfgs
from sknn_scratch._training.newton import Blocks, Expansion, RowSpace, newton
from sknn_scratch._training.objective import Objective
from sknn_scratch._training.watch import Curve, Watch, observe

CONVEX = [kind for kind, loss in LOSSES.items() if hasattr(loss, "curve")]
LAYOUTS = pytest.mark.parametrize("sparse", [False, True], ids=["dense", "csr"])


@pytest.fixture(autouse=True)
def several_blocks(monkeypatch):
    monkeypatch.setattr("sknn_scratch._training.newton.ELEMENTS", 1)  # 2 n rows
    monkeypatch.setattr("sknn_scratch._training.newton.SPARSE_ROWS", 7)


def numerical_hessian(objective, theta, batch, h=1e-6):
    rows = []
    for e in h * np.eye(len(theta)):
        above = objective(theta + e, *batch)[1].copy()
        rows.append((above - objective(theta - e, *batch)[1]) / (2 * h))
    return np.array(rows)


@LAYOUTS
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("kind", CONVEX)
def test_curvature_times_a_vector_is_the_derivative_of_the_gradient(
    rng, kind, intercept, sparse
):
    objective, batch = make_objective(
        rng, (), [], kind, m=40, sparse=sparse, intercept=intercept, l2=0.3
    )
    theta = objective.params.theta.copy()
    H = numerical_hessian(objective, theta, batch)
    model = Expansion(objective, Blocks(*batch))
    J, grad = model.evaluate(theta)
    J_, grad_ = objective(theta, *batch)
    assert J == pytest.approx(J_, rel=1e-13)
    assert_allclose(grad, grad_, atol=1e-13)
    for v in rng.randn(5, len(theta)):
        if not intercept:
            v[objective.params.n_weights :] = 0
        found, expected = model._as_vector(model.times(model._as_matrix(v))), H @ v
        if not intercept:  # the gradient of b is 0 wherever it stands
            assert not found[objective.params.n_weights :].any()
        free = slice(None if intercept else objective.params.n_weights)
        assert_allclose(found[free], expected[free], rtol=1e-6, atol=1e-8)


@LAYOUTS
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("kind", CONVEX)
def test_the_preconditioner_is_the_mean_of_the_diagonal_blocks(
    rng, kind, intercept, sparse
):
    objective, batch = make_objective(
        rng, (), [], kind, m=40, sparse=sparse, intercept=intercept, l2=0.3
    )
    theta, (d, K) = objective.params.theta.copy(), objective.params.n
    H = numerical_hessian(objective, theta, batch)
    mean = 0
    for k in range(K):
        place = [*range(k * d, (k + 1) * d), *([K * d + k] if intercept else [])]
        mean = mean + H[np.ix_(place, place)] / K
    model = Expansion(objective, Blocks(*batch))
    model.evaluate(theta)
    assert model.factorise()
    assert_allclose(model._factor.T @ model._factor, mean, rtol=1e-6, atol=1e-8)


@LAYOUTS
@pytest.mark.parametrize("kind", CONVEX)
def test_the_first_direction_is_newton_s(rng, kind, sparse):
    objective, batch = make_objective(rng, (), [], kind, m=60, sparse=sparse, l2=0.3)
    theta = objective.params.theta.copy()
    H = numerical_hessian(objective, theta, batch)
    model = Expansion(objective, Blocks(*batch))
    _, grad = model.evaluate(theta)
    model.factorise()
    found = next(model.directions(grad))
    exact = -np.linalg.lstsq(H, grad, rcond=1e-9)[0]

    # to the digits the step is worth: it lowers the quadratic by nearly as much
    def fall(p):
        return grad @ p + p @ H @ p / 2

    assert fall(found) <= 0.9 * fall(exact)
    if objective.params.n[1] == 1:
        assert_allclose(found, exact, rtol=1e-5, atol=1e-8)


def minimised(rng_seed, kind, minimise, max_iter=500, **options):
    rng = np.random.RandomState(rng_seed)
    objective, batch = make_objective(rng, (), [], kind, m=40, **options)
    watch, curve = Watch(max_iter), Curve()
    watch.add(curve)
    start = objective.params.theta.copy()
    theta = minimise(objective, OneBatch(batch), start, watch)
    J, grad = objective(theta, *batch)
    return theta, J, np.abs(grad).max(), watch, curve


def by_newton(*problem):
    return newton(*problem, tol=1e-10)


def by_lbfgs(*problem):
    return lbfgs(*problem, tol=1e-8, ftol=0, max_fun=10**6)


@pytest.mark.parametrize("reuse", [False, True])
@pytest.mark.parametrize("kind", CONVEX)
def test_newton_and_lbfgs_find_the_same_minimum(kind, reuse, monkeypatch):
    if reuse:  # as with many features: one factor for several steps
        make = Expansion.__init__

        def patient(self, *args):
            make(self, *args)
            self._few_products = self._n_products = 50

        monkeypatch.setattr(Expansion, "__init__", patient)
    theta, J, slope, watch, curve = minimised(5, kind, by_newton)
    theta_, J_, slope_, watch_, curve_ = minimised(5, kind, by_lbfgs)
    assert slope < 1e-10
    assert slope_ < 1e-7
    assert_allclose(J_, J, rtol=1e-12)
    assert_allclose(theta_ - theta_.mean(), theta - theta.mean(), atol=1e-4)
    for solver in ((watch, curve), (watch_, curve_)):
        assert solver[0].reason in ("gradient", "converged")
        assert len(solver[1].values) == solver[0].n_iter
    assert curve.values[0] == pytest.approx(curve_.values[0], rel=1e-14)


def test_newton_lowers_the_cost_in_every_iteration():
    *_, curve = minimised(1, "multiclass", by_newton)
    assert np.all(np.diff(curve.values) <= 1e-15)


# -- more features than rows -----------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@LAYOUTS
@pytest.mark.parametrize("repeated", [1, 2], ids=["rows once", "rows twice"])
def test_the_row_space_has_the_products_and_lengths_of_the_rows(
    rng, repeated, sparse, dtype
):
    rows = np.repeat(rng.randn(6, 50), repeated, axis=0).astype(dtype)
    space = RowSpace(as_columns(csr_matrix(rows) if sparse else rows))
    r, m = space.X.shape
    assert r <= m == len(rows)
    tol = 1e-5 if dtype == np.float32 else 1e-12
    assert_allclose(space.X.T @ space.X, rows @ rows.T, atol=100 * tol)
    theta = np.concatenate([rng.randn(2 * r), [3.0, 4.0]])
    whole = space.widen(theta)
    V, W = theta[: 2 * r].reshape(2, r), whole[:100].reshape(2, 50)
    assert_allclose(W @ rows.T, V @ space.X, atol=100 * tol)
    assert_allclose(W @ W.T, V @ V.T, atol=100 * tol)
    assert_array_equal(whole[100:], [3, 4])
    assert_allclose(space.narrow(whole), theta, atol=100 * tol)


def wide(rng, K, m=40, d=300):
    X = rng.randn(m, d) * np.exp(rng.randn(d))
    return X, (X @ rng.randn(d, K)).argmax(axis=1)


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "csr"])
@pytest.mark.parametrize("C", [0.01, 1.0, 1000.0])
@pytest.mark.parametrize("K", [2, 4])
def test_wide_data_have_the_minimum_of_scikit_learn(rng, K, C, sparse, fit_intercept):
    X, y = wide(rng, K)
    options = {"C": C, "fit_intercept": fit_intercept}
    rows = csr_matrix(X) if sparse else X
    model = LogisticRegressionScratch(**options).fit(rows, y)
    exact = LogisticRegression(
        solver="newton-cholesky", tol=1e-13, max_iter=1000, **options
    ).fit(X, y)
    assert_allclose(model.coef_, exact.coef_, atol=1e-7)
    assert_allclose(model.intercept_, exact.intercept_, atol=1e-6)


def test_wide_data_never_meet_the_square_of_their_features(rng):
    import tracemalloc

    X, y = wide(rng, 2, m=30, d=20_000)  # 20,000^2 would be 3.2 GB
    tracemalloc.start()
    LogisticRegressionScratch(solver="newton").fit(X, y)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * X.nbytes + 1e6


def test_a_warm_start_loses_what_is_not_in_the_row_space(rng):
    X, y = wide(rng, 2)
    model = LogisticRegressionScratch(warm_start=True).fit(X, y)
    cold = model.coef_.copy()
    model.coef_ += rng.randn(*cold.shape)
    model.fit(X, y)
    assert_allclose(model.coef_, cold, atol=1e-6)


def test_observers_see_the_parameters_of_all_features(rng):
    X, y = wide(rng, 2)
    seen = []
    with observe(lambda epoch, max_iter, J, theta: seen.append(theta.copy()) or None):
        model = LogisticRegressionScratch().fit(X, y)
    assert {len(theta) for theta in seen} == {X.shape[1] + 1}
    assert_allclose(seen[-1][:-1], model.coef_[0], rtol=1e-12)


def test_early_stopping_looks_at_all_features(rng):
    X, y = wide(rng, 2, m=80)
    model = LogisticRegressionScratch(early_stopping=True, random_state=0).fit(X, y)
    assert len(model.validation_scores_) == model.n_iter_[0]
    assert model.coef_.shape == (1, X.shape[1])


def test_float32_stays_in_wide_data(rng):
    X, y = wide(rng, 2)
    model = LogisticRegressionScratch().fit(X.astype(np.float32), y)
    exact = LogisticRegressionScratch().fit(X, y)
    assert model.coef_.dtype == np.float32
    assert_allclose(model.coef_, exact.coef_, atol=1e-4)


def test_an_objective_of_the_row_space_is_the_same_function(rng):
    objective, (X, Y, w) = make_objective(rng, (), [], "multiclass", m=4, l2=0.3)
    space = RowSpace(X)
    small = space.objective(objective)
    assert isinstance(small, Objective)
    theta = rng.randn(small.params.theta.size)
    J, _ = small(theta, space.X, Y, w)
    J_, _ = objective(space.widen(theta), X, Y, w)
    assert pytest.approx(J_, rel=1e-12) == J


# -- found by trying to break it -------------------------------------------------------


@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize(
    "dependent",
    [
        lambda X: np.c_[X, np.ones(len(X))],
        lambda X: np.c_[X, X[:, 0]],
        lambda X: np.c_[X, np.zeros(len(X))],
        lambda X: np.c_[np.eye(3), np.eye(3)][np.arange(len(X)) % 3],
    ],
    ids=["ones", "twice", "zeros", "one-hot twice"],
)
def test_dependent_features_without_penalty_do_not_drift(rng, dependent, K):
    X = dependent(rng.randn(300, 3))
    y = rng.randint(0, K, 300)
    model = LogisticRegressionScratch(C=np.inf).fit(X, y)
    exact = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(X, y)
    assert_allclose(model.predict_proba(X), exact.predict_proba(X), atol=1e-6)
    assert np.abs(model.coef_).max() < 10
    assert model.n_iter_[0] < 10


@pytest.mark.parametrize("K", [2, 5])
def test_float32_features_of_large_scale_converge(rng, K):
    X = rng.randn(3000, 20) * 1000
    y = (X @ rng.randn(20, K) / 1000 + 2 * rng.gumbel(size=(3000, K))).argmax(1)
    model = LogisticRegressionScratch().fit(X.astype(np.float32), y)
    exact = LogisticRegressionScratch().fit(X, y)
    assert model.loss_ == pytest.approx(exact.loss_, rel=1e-5)


@pytest.mark.parametrize("K", [2, 3])
def test_features_of_all_scales_have_the_minimum(rng, K):
    scales = 10.0 ** np.arange(-8, 9, 4)
    X = rng.randn(400, 5) * scales
    y = (X / scales @ rng.randn(5, K) + rng.gumbel(size=(400, K))).argmax(1)
    model = LogisticRegressionScratch(C=np.inf).fit(X, y)
    exact = LogisticRegressionScratch(C=np.inf).fit(X / scales, y)
    assert model.loss_ == pytest.approx(exact.loss_, rel=1e-9)


def test_a_warm_start_with_a_sum_over_classes_loses_it(rng):
    X, y = rng.randn(200, 4), rng.randint(0, 3, 200)
    model = LogisticRegressionScratch(warm_start=True).fit(X, y)
    cold = model.coef_.copy()
    model.coef_ += rng.randn(4)  # the same for all classes
    model.fit(X, y)
    assert_allclose(model.coef_, cold, atol=1e-8)


@pytest.mark.parametrize("scale", [1.0, 1e4, 1e8])
def test_wide_data_keep_small_features_beside_a_large_one(rng, scale):
    X, y = wide(rng, 2, m=30, d=60)
    X[:, 0] *= scale
    model = LogisticRegressionScratch().fit(X, y)
    others = LogisticRegressionScratch().fit(X[:, 1:], y)
    assert model.loss_ <= others.loss_ * (1 + 1e-6)
    assert model.score(X, y) == 1


@pytest.mark.parametrize("value", [0.0, 1e-170])
@pytest.mark.parametrize("kind", [np.asarray, csr_matrix])
def test_wide_data_of_nothing_are_fitted(kind, value):
    X = kind(np.full((4, 10), value))
    model = LogisticRegressionScratch().fit(X, [0, 1, 0, 1])
    assert_allclose(model.predict_proba(X), 0.5)


def test_no_iteration_leaves_the_parameters_of_wide_data(rng):
    X, y = wide(rng, 2)
    model = LogisticRegressionScratch(warm_start=True).fit(X, y)
    model.coef_ = rng.randn(*model.coef_.shape)
    before = model.coef_.copy()
    model.set_params(max_iter=0, warn=False).fit(X, y)
    assert_array_equal(model.coef_, before)


@pytest.mark.parametrize("C", [1.0, 1e4])
def test_rare_classes_are_at_the_minimum(rng, C):
    X, K = rng.randn(3000, 10), 8
    p = 0.4 ** np.arange(K)
    y = rng.choice(K, p=p / p.sum(), size=len(X))
    y[:K] = np.arange(K)
    model = LogisticRegressionScratch(C=C).fit(X, y)
    exact = LogisticRegressionScratch(C=C, solver="lbfgs", tol=1e-9, max_iter=10_000)
    assert model.loss_ <= exact.fit(X, y).loss_ * (1 + 1e-8)


def test_sparse_rows_that_repeat_are_never_made_dense(rng):
    import tracemalloc

    X = random(30, 200_000, density=1e-3, format="csr", random_state=0)
    X, y = csr_matrix(vstack([X, X])), np.arange(60) % 2  # dense: 96 MB
    tracemalloc.start()
    model = LogisticRegressionScratch(solver="newton").fit(X, y)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40e6
    other = LogisticRegressionScratch(solver="lbfgs", tol=1e-8).fit(X, y)
    assert model.loss_ == pytest.approx(other.loss_, rel=1e-9)


# -- where it may end: whatever the scale of features and weights ----------------------


def of_any_scale(seed):
    """A problem whose weights and features differ by many powers of ten."""
    rng = np.random.RandomState(seed)
    m, d, K = rng.randint(20, 150), rng.randint(1, 10), rng.randint(2, 5)
    if seed % 5 == 0:  # wide
        m, d = rng.randint(10, 25), rng.randint(25, 50)
    X = rng.randn(m, d) * 10 ** rng.uniform(-3, 3, d)
    Z = X / np.abs(X).mean(axis=0) @ rng.randn(d, K) / np.sqrt(d)
    noise = rng.choice([0, 0.3, 1, 3])
    if multilabel := K > 2 and seed % 3 == 0:
        y = (Z + noise * rng.logistic(size=Z.shape) > 0).astype(int)
        y[0], y[1] = 1, 0
    else:
        y = (Z + noise * rng.gumbel(size=Z.shape)).argmax(axis=1)
        y[:K] = np.arange(K)
    r = rng.choice([1, 4, 6])
    w = 10 ** rng.uniform(-r, r, m)
    return X, y, w, rng.choice([1e-3, 1, 7.9, 100]), multilabel


def what_is_left(model, X, y, w, multilabel):
    """J and dJ^T H^-1 dJ / 2: what the quadratic model of J can still fall by.

    dL/dz is a sum of small numbers and no difference from 1: it keeps its digits where
    L is 1e-12.
    """
    E, M = np.c_[X, np.ones(len(X))], np.c_[model.coef_, model.intercept_]
    l2 = np.append(np.full(X.shape[1], 1 / (model.C * w.sum())), 0)
    w = w / w.sum()
    Y = y if multilabel else np.eye(y.max() + 1)[y]
    if not multilabel and len(M) == 1:
        Y = Y[:, 1:]
    Z = E @ M.T
    if softmax := len(M) > 1 and not multilabel:
        D = np.where(Y, -np.inf, Z - (Y * Z).sum(axis=1, keepdims=True))
        L = np.logaddexp(0, logsumexp(D, axis=1))
        R = np.exp(D - L[:, None])
        R -= Y * R.sum(axis=1, keepdims=True)
        A = Y + R
    else:
        L = np.logaddexp(0, (1 - 2 * Y) * Z).sum(axis=1)
        A, R = expit(Z), np.where(Y, -expit(-Z), expit(Z))
    J = w @ L + (l2 * M**2).sum() / 2
    G = (w[:, None] * R).T @ E + l2 * M
    K, q = M.shape
    H = np.zeros((K, q, K, q))
    for k in range(K):
        for l in range(K):
            curvature = A[:, k] * ((k == l) - (A[:, l] if softmax else A[:, k]))
            if k == l or softmax:
                H[k, :, l] = E.T @ ((w * curvature)[:, None] * E)
        H[k, :, k] += np.diag(l2)
    H = H.reshape(K * q, K * q)
    scale = np.sqrt(np.diag(H))
    step = np.linalg.lstsq(H / np.outer(scale, scale), G.ravel() / scale, rcond=1e-13)
    return J, G.ravel() / scale @ step[0] / 2


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "csr"])
@pytest.mark.parametrize("first", range(0, 100, 20))
def test_no_end_in_silence_above_the_minimum(first, sparse, monkeypatch, recwarn):
    monkeypatch.undo()
    for seed in range(first, first + 20):
        X, y, w, C, multilabel = of_any_scale(seed)
        recwarn.clear()
        model = LogisticRegressionScratch(C=C, solver="newton")
        model.fit(csr_matrix(X) if sparse else X, y, sample_weight=w)
        if not any(r.category is ConvergenceWarning for r in recwarn):
            J, left = what_is_left(model, X, y, w, multilabel)
            assert left <= 1e-6 * J, seed


@pytest.mark.parametrize("K", [2, 3])
def test_without_penalty_and_overlap_there_is_no_minimum_and_a_warning(rng, K):
    X = rng.randn(50, 3)
    y = (X @ rng.randn(3, K)).argmax(axis=1)
    model = LogisticRegressionScratch(C=np.inf)
    with pytest.warns(ConvergenceWarning, match="found no minimum.*set a finite C"):
        model.fit(X, y)
    assert model.loss_ < 1e-14
    assert model.score(X, y) == 1
