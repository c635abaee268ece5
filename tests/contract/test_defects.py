"""Defects that users have found in scikit-learn's networks, absent here.

Issues are scikit-learn's. A test of scikit-learn's own class shows that the defect is
real; it holds for 1.6 as well as for 1.9.
"""

import pickle
import tracemalloc
import warnings

import joblib
import numpy as np
import pytest
from matrix import matrix
from memory import peak
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from sknn_scratch import DeepNetClassifier, DeepNetRegressor, LogisticRegressionScratch
from sknn_scratch._fit.inputs import hold_out
from sknn_scratch._training.objective import Objective
from sknn_scratch._training.watch import observe

STEPPING = ["gd", "sgd", "rmsprop", "adam", "adamw"]
SOLVERS = [*STEPPING, "lbfgs"]
every_solver = pytest.mark.parametrize("solver", SOLVERS)
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def blobs():
    """90 rows of 3 classes that overlap, 4 features."""
    rng = np.random.RandomState(7)
    y = np.arange(90) % 3
    return rng.randn(90, 4) + np.eye(3, 4)[y] * 1.5, y


def net(hidden=(6, 4), **options):
    return DeepNetClassifier(hidden, random_state=0, **options)


def mlp(hidden=(6, 4), **options):
    return MLPClassifier(hidden, random_state=0, **options)


def vector(model):
    """All parameters of a network in one vector."""
    return np.concatenate([v.ravel() for v in [*model.coefs_, *model.intercepts_]])


def warned(call):
    """The warnings of a call."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return caught


# -- 1: float32 ------------------------------------------------------------------------


@every_solver
def test_float32_stays_float32(blobs, solver):
    X, y = blobs[0].astype(np.float32), blobs[1]
    model = net(solver=solver, max_iter=5).fit(X, y)
    arrays = [*model.coefs_, *model.intercepts_, model.predict_proba(X)]
    assert {a.dtype for a in arrays} == {np.dtype(np.float32)}


def test_lbfgs_of_scikit_learn_turns_float32_to_float64(blobs):
    X, y = blobs[0].astype(np.float32), blobs[1]
    assert mlp(solver="lbfgs", max_iter=5).fit(X, y).coefs_[0].dtype == np.float64


@pytest.mark.filterwarnings("ignore:.*makes no use of")
@pytest.mark.parametrize("solver", STEPPING)
def test_numbers_of_a_search_do_not_turn_steps_to_float64(blobs, solver):
    # an array of float32 times np.float64(0.01) is one of float64; times 0.01 it is not
    X, y = blobs[0].astype(np.float32), blobs[1]
    values = {"learning_rate_init": 0.01, "beta_1": 0.8, "beta_2": 0.99, "alpha": 0.1}
    values |= {"momentum": 0.8, "epsilon": 1e-6, "max_grad_norm": 0.5, "dropout": 0.1}
    values |= {"label_smoothing": 0.1, "l1_ratio": 0.3}
    numpy_values = {name: np.float64(value) for name, value in values.items()}
    plain = net(solver=solver, max_iter=5, **values).fit(X, y)
    model = net(solver=solver, max_iter=5, **numpy_values).fit(X, y)
    assert_array_equal(vector(model), vector(plain))
    assert vector(model).dtype == np.float32


def test_the_moments_of_adam_are_float32(blobs):
    X, y = blobs[0].astype(np.float32), blobs[1]
    small, large = (
        net((100,), keep_optimizer_state=True).partial_fit(
            X.astype(dtype), y, classes=[0, 1, 2]
        )
        for dtype in (np.float32, np.float64)
    )
    sizes = [len(pickle.dumps(model)) for model in (small, large)]
    # parameters and both moments, four bytes less each, and nothing else
    assert sizes[1] - sizes[0] == pytest.approx(3 * 4 * vector(small).size, abs=100)


# -- 2: the penalty (issues 6780, 10477) -----------------------------------------------


def shrunk(model, X, y, size):
    """The norm of W[1] after one epoch with steps too short for anything but decay."""
    model.set_params(batch_size=size, max_iter=1, tol=0, shuffle=False)
    return np.linalg.norm(model.fit(X, y).coefs_[0])


def test_the_penalty_is_that_of_the_objective_whatever_the_batch_size(blobs):
    X, y = np.zeros((90, 4)), blobs[1]
    start = net(solver="sgd", momentum=0, alpha=0, learning_rate_init=1e-300)
    before = shrunk(start, X, y, 90)
    decays = {}
    for size in (5, 15, 90):
        # the same length of way: rate times steps = 0.09
        options = {"momentum": 0, "alpha": 9.0, "learning_rate_init": 0.09 * size / 90}
        after = shrunk(net(solver="sgd", **options), X, y, size)
        decays[size] = -np.log(after / before)
    # dW = -alpha / n W along the way: log shrinks by 0.1 * 0.09, X = 0 adds nothing
    assert_allclose(list(decays.values()), 9.0 / 90 * 0.09, rtol=0.01)


def test_the_penalty_of_scikit_learn_grows_as_batches_shrink(blobs):
    X, y = np.zeros((90, 4)), blobs[1]
    options = {"solver": "sgd", "momentum": 0}
    before = shrunk(mlp(alpha=0, learning_rate_init=1e-300, **options), X, y, 90)
    decays = [
        -np.log(
            shrunk(mlp(alpha=9.0, learning_rate_init=0.09 * size / 90, **options),
                   X, y, size) / before
        )
        for size in (15, 90)
    ]  # fmt: skip
    assert decays[0] / decays[1] == pytest.approx(6, rel=0.05)


# -- 3: weights of batches -------------------------------------------------------------


def heavy_first(y):
    """Weights such that batches of 10 in order have weight 0, 0, ..., and all."""
    return np.where(np.arange(len(y)) < 80, 0.0, 1.0)


@pytest.mark.parametrize("solver", ["sgd", "rmsprop", "adam", "adamw"])
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_batches_of_weight_zero_do_no_harm(blobs, solver, method):
    X, y = blobs
    model = net(solver=solver, batch_size=10, shuffle=False, max_iter=3)
    extra = {"classes": [0, 1, 2]} if method == "partial_fit" else {}
    getattr(model, method)(X, y, sample_weight=heavy_first(y), **extra)
    assert np.isfinite(vector(model)).all()
    assert np.isfinite(model.loss_)


def one_epoch(X, y, w, **options):
    """The move of one epoch of plain SGD, as a multiple of the rate."""
    options = {
        "activation": "tanh",  # relu has a kink, and b begins there
        "solver": "sgd", "momentum": 0.0, "alpha": 0, "max_iter": 1, "shuffle": False,
        "learning_rate_init": 1e-7, **options,
    }  # fmt: skip
    start = net(**{**options, "learning_rate_init": 1e-300}).fit(X, y, w)
    return (vector(start) - vector(net(**options).fit(X, y, w))) / 1e-7


def test_an_epoch_is_a_step_along_the_weighted_gradient(blobs, rng):
    X, y = blobs
    w = np.repeat(rng.uniform(0.1, 10, 9), 10)  # batches of very different weight
    by_batches = one_epoch(X, y, w, batch_size=10) / 9  # as nine steps are made
    whole = one_epoch(X, y, w, batch_size=90)
    assert_allclose(by_batches, whole, rtol=1e-3, atol=1e-5)


def test_the_loss_is_the_weighted_mean(blobs, rng):
    X, y = blobs
    w = np.repeat(rng.uniform(0.1, 10, 9), 10)
    model = net(batch_size=10, alpha=0, max_iter=1, learning_rate_init=1e-300)
    model.fit(X, y, w)
    log_loss = -model.predict_log_proba(X)[np.arange(90), y]
    assert model.loss_ == pytest.approx(np.average(log_loss, weights=w), rel=1e-12)


# -- 4, 5: weights below zero, one class -----------------------------------------------


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize(
    "model", [net(), LogisticRegressionScratch(), DeepNetRegressor()], ids=repr
)
def test_weights_below_zero_are_refused(blobs, model, method):
    X, y = blobs
    w = np.ones(90)
    w[3] = -1e-9
    if not hasattr(model, method):
        method = "fit"
    named = method == "partial_fit" and isinstance(model, DeepNetClassifier)
    extra = {"classes": [0, 1, 2]} if named else {}
    with pytest.raises(ValueError, match="Negative values in data"):
        getattr(clone(model), method)(X, y, sample_weight=w, **extra)


@pytest.mark.parametrize("label", [0, 1, "a"])
def test_probabilities_have_a_column_a_class(blobs, label):
    X, _ = blobs
    model = net(max_iter=3).fit(X, [label] * 90)
    assert model.predict_proba(X).shape == (90, len(model.classes_)) == (90, 1)


def test_probabilities_of_scikit_learn_have_two_for_one_class(blobs):
    X, _ = blobs
    model = mlp(max_iter=3).fit(X, np.zeros(90))
    assert (model.predict_proba(X).shape[1], len(model.classes_)) == (2, 1)


# -- 6: probabilities far out ----------------------------------------------------------


def with_logit(model, z):
    """A fitted model whose logit is z everywhere."""
    if isinstance(model, (LogisticRegression, LogisticRegressionScratch)):
        model.coef_[...], model.intercept_[...] = 0, z
    else:
        model.coefs_[-1][...], model.intercepts_[-1][...] = 0, z
    return model


OURS = [net((3,), max_iter=2), LogisticRegressionScratch()]
THEIRS = [mlp((3,), max_iter=2), LogisticRegression()]


@pytest.mark.parametrize("model", OURS, ids=repr)
@pytest.mark.parametrize("z", [40.0, -40.0, 300.0])
def test_a_small_probability_is_not_zero(blobs, model, z):
    X, y = blobs
    P = with_logit(clone(model).fit(X, y > 0), z).predict_proba(X)
    small = P[:, 0] if z > 0 else P[:, 1]
    assert_allclose(small, np.exp(-abs(z)), rtol=1e-12)


@pytest.mark.parametrize("model", THEIRS, ids=repr)
def test_a_small_probability_of_scikit_learn_is_zero(blobs, model):
    X, y = blobs
    P = with_logit(clone(model).fit(X, y > 0), 40.0).predict_proba(X)
    assert_array_equal(P[:, 0], 0)


@pytest.mark.parametrize("model", OURS, ids=repr)
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("z", [40.0, 1e4, -1e4, 1e300])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_logarithms_of_probabilities_are_finite(blobs, model, classes, z, dtype):
    X, y = blobs[0].astype(dtype), np.minimum(blobs[1], classes - 1)
    z = np.clip(z, *([-1e30, 1e30] if dtype == np.float32 else [-1e300, 1e300]))
    model = clone(model).fit(X, y)
    if classes == 3:
        z = np.array([0, z, -z])
    log_P = with_logit(model, z).predict_log_proba(X)
    assert np.isfinite(log_P).all()
    assert log_P.dtype == dtype


@pytest.mark.parametrize("model", THEIRS, ids=repr)
def test_logarithms_of_scikit_learn_are_not(blobs, model):
    X, y = blobs
    model = with_logit(clone(model).fit(X, y > 0), 1e4)
    with np.errstate(divide="ignore"):
        assert np.isinf(model.predict_log_proba(X)).all(axis=0).any()


# -- 7: pickles ------------------------------------------------------------------------


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
@pytest.mark.parametrize("options", [{}, {"early_stopping": True}], ids=repr)
def test_a_pickle_is_not_a_multiple_of_the_parameters(solver, options):
    rng = np.random.RandomState(0)
    X, y = rng.randn(60, 100), np.arange(60) % 10
    model = net((200,), solver=solver, max_iter=20, **options).fit(X, y)
    assert len(pickle.dumps(model)) < 1.1 * vector(model).nbytes + 4000


def test_a_pickle_of_scikit_learn_is_four_times_the_parameters():
    rng = np.random.RandomState(0)
    X, y = rng.randn(60, 100), np.arange(60) % 10
    model = mlp((200,), max_iter=20).fit(X, y)
    assert len(pickle.dumps(model)) > 3.9 * vector(model).nbytes


# -- 8: going on (issue 12505) ---------------------------------------------------------


def orders(model, X, calls):
    """The order in which rows are trained on, call by call."""
    seen, original = [], Objective.__call__

    def spy(self, theta, X, Y, w):
        seen.append(X[0].copy())
        return original(self, theta, X, Y, w)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Objective, "__call__", spy)
        found = []
        for call in calls:
            seen.clear()
            call(model)
            found.append(tuple(np.concatenate(seen)))
    return found


@pytest.mark.parametrize("solver", ["sgd", "rmsprop", "adam", "adamw"])
def test_every_partial_fit_has_its_own_order_of_rows(blobs, solver):
    X, y = blobs
    calls = [lambda m: m.partial_fit(X, y, classes=[0, 1, 2])] * 4
    found = orders(net(solver=solver, batch_size=30), X, calls)
    assert len(set(found)) == 4
    assert all(sorted(order) == sorted(X[:, 0]) for order in found)


def test_every_warm_start_has_its_own_order_of_rows(blobs):
    X, y = blobs
    model = net(batch_size=30, warm_start=True, max_iter=1)
    assert len(set(orders(model, X, [lambda m: m.fit(X, y)] * 4))) == 4


def test_an_order_is_not_repeated_after_a_pickle(blobs):
    X, y = blobs
    model = net(batch_size=30).partial_fit(X, y, classes=[0, 1, 2])
    copies = [pickle.loads(pickle.dumps(model)) for _ in range(2)]
    first, second = (
        orders(each, X, [lambda m: m.partial_fit(X, y)] * 2) for each in copies
    )
    assert first == second
    assert first[0] != first[1]


def test_partial_fits_of_scikit_learn_are_not(blobs):
    X, y = blobs
    model = mlp(batch_size=30)
    for _ in range(3):
        model.partial_fit(X, y, classes=[0, 1, 2])
    whole = mlp(batch_size=30, max_iter=3, tol=0).fit(X, y)
    assert np.abs(vector(model) - vector(whole)).max() > 1e-6


# -- 9: memory -------------------------------------------------------------------------


def test_prediction_needs_no_hidden_activations_of_all_rows():
    # 65,536 rows x 256 units would be 134 MB a layer
    X = np.zeros((65_536, 4))
    model = net((256, 256), max_iter=1).fit(X[:20], np.arange(20) % 2)
    assert peak(lambda: model.predict(X)) < 4 * 65_536 * 8 + 45e6
    bound = peak(lambda: model.predict(X[:8192]))
    # eight times the rows: the outputs grow, the hidden layers do not
    assert peak(lambda: model.predict(X)) - bound < 10 * 65_536 * 8


@pytest.mark.parametrize("method", ["predict_proba", "decision_function", "transform"])
def test_beyond_what_is_returned_prediction_needs_the_same_for_all_sizes(method):
    X = np.zeros((65_536, 4), np.float32)
    model = net((64,), max_iter=1).fit(X[:20], np.arange(20) % 10)

    def beyond(rows):
        returned = getattr(model, method)(rows).nbytes
        return peak(lambda: getattr(model, method)(rows)) - returned

    assert abs(beyond(X) - beyond(X[:8192])) < 10_000


def test_many_classes_are_not_a_matrix_of_rows_by_classes():
    n, K = 20_000, 500  # one-hot: 80 MB in float64
    rng = np.random.RandomState(0)
    X, y = rng.randn(n, 2), np.arange(n) % K
    model = net((2,), max_iter=1, batch_size=100)
    assert peak(lambda: model.fit(X, y)) < 10e6


@pytest.mark.parametrize("solver", STEPPING)
def test_a_step_needs_no_memory_of_the_size_of_the_parameters(solver):
    # issue 32110: Adam by list comprehensions, eight temporaries for each of W
    X, y = np.zeros((20, 1000)), np.arange(20) % 2
    model, held = net((500,), solver=solver, max_iter=4, tol=0, init="zeros"), []

    def look(epoch, max_iter, J, theta):
        now, peak = tracemalloc.get_traced_memory()
        held.append((now, peak, theta.nbytes))
        tracemalloc.reset_peak()

    tracemalloc.start()
    with observe(look):
        model.fit(X, y)
    tracemalloc.stop()
    for (before, _, _), (_, most, size) in zip(held[1:], held[2:], strict=False):
        assert most - before < size / 20


# -- 10: early stopping ----------------------------------------------------------------


def overfitting(**options):
    rng = np.random.RandomState(0)
    X, y = rng.randn(80, 10), rng.randint(2, size=80)
    options = {"early_stopping": True, "learning_rate_init": 0.02, **options}
    return net((50,), batch_size=16, **options).fit(X, y), X, y


def test_early_stopping_looks_at_the_loss_which_has_no_plateaus():
    model, _, _ = overfitting(max_iter=8, validation_fraction=0.2)
    assert len(set(model.validation_loss_curve_)) == 8
    assert model.validation_scores_ == [-J for J in model.validation_loss_curve_]


def test_attributes_describe_the_epoch_that_was_restored():
    model, X, y = overfitting()
    best = int(np.argmin(model.validation_loss_curve_)) + 1
    assert model.best_epoch_ == best < model.n_iter_
    assert model.loss_ == model.loss_curve_[best - 1]
    shorter, _, _ = overfitting(max_iter=best)
    assert_array_equal(vector(model), vector(shorter))


@pytest.mark.parametrize("k", [1, 2, 5])
def test_n_iter_no_change_of_k_is_k_epochs(k):
    model, _, _ = overfitting(n_iter_no_change=k, tol=0)
    best = np.minimum.accumulate(model.validation_loss_curve_)
    assert len(best) == model.best_epoch_ + k
    assert (best[model.best_epoch_ - 1 :] == best[-1]).all()


def flat(model):
    """Epochs until a cost that does not move at all ends training."""
    X, y = np.zeros((20, 2)), np.arange(20) % 2
    return model.set_params(learning_rate_init=1e-300).fit(X, y).n_iter_


@pytest.mark.parametrize("solver", STEPPING)
@pytest.mark.parametrize("k", [1, 5])
def test_on_a_flat_cost_k_epochs_after_the_first(solver, k):
    assert flat(net(solver=solver, n_iter_no_change=k)) == 1 + k


def test_on_a_flat_cost_scikit_learn_goes_on_for_one_more():
    assert flat(mlp(n_iter_no_change=5)) == 1 + 5 + 1


def test_epochs_are_counted_over_partial_fits(blobs):
    X, y = blobs
    model = net()
    for _ in range(7):
        model.partial_fit(X, y, classes=[0, 1, 2])
    assert model.n_iter_ == len(model.loss_curve_) == 7
    assert model.t_ == 7 * 90


def test_a_training_whose_length_is_meant_does_not_warn(blobs):
    for model in (net(max_iter=2, tol=0), net(max_iter=2, warn=False)):
        assert not warned(lambda model=model: model.fit(*blobs))
    assert warned(lambda: net(max_iter=2).fit(*blobs))


# -- 11: maps, unknown objects ---------------------------------------------------------


@pytest.mark.parametrize("solver", STEPPING)
def test_a_model_mapped_into_memory_goes_on(blobs, solver, tmp_path):
    X, y = blobs
    model = net(solver=solver).partial_fit(X, y, classes=[0, 1, 2])
    joblib.dump(model, tmp_path / "model")
    mapped = joblib.load(tmp_path / "model", mmap_mode="r")
    assert not mapped.coefs_[0].flags.writeable
    again = joblib.load(tmp_path / "model")
    assert_array_equal(
        vector(mapped.partial_fit(X, y)), vector(again.partial_fit(X, y))
    )


def test_a_model_of_scikit_learn_does_not(blobs, tmp_path):
    X, y = blobs
    joblib.dump(mlp().partial_fit(X, y, classes=[0, 1, 2]), tmp_path / "model")
    mapped = joblib.load(tmp_path / "model", mmap_mode="r")
    with pytest.raises(ValueError, match="read-only"):
        mapped.partial_fit(X, y)


def kinds(value):
    """The types of all that a state is made of."""
    yield type(value)
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, (list, tuple)):
        for part in value:
            yield from kinds(part)


@pytest.mark.parametrize(
    "model",
    [
        *[net(solver=solver, max_iter=3) for solver in SOLVERS],
        net(keep_optimizer_state=True, dropout=0.2, l1_ratio=0.5, max_grad_norm=1.0),
        net(standardize=True, early_stopping=True, activation=["gelu", "relu"]),
        net(learning_rate="cosine", class_weight="balanced", label_smoothing=0.1),
        LogisticRegressionScratch(),
        DeepNetRegressor(loss="huber"),
    ],
    ids=repr,
)
def test_a_state_is_made_of_arrays_and_plain_values(blobs, model):
    # nothing that a reader of pickles (skops) would have to be told to trust
    known = {dict, list, tuple, str, int, float, bool, type(None), StandardScaler}
    found = set(kinds(clone(model).fit(*blobs).__getstate__()))
    unknown = {kind for kind in found - known if kind.__module__ != "numpy"}
    assert not unknown


# -- issues of early stopping and silence ----------------------------------------------


@pytest.mark.parametrize("K", [2, 3, 5])
def test_rows_held_out_keep_the_proportions_of_the_classes(K, monkeypatch):
    rng = np.random.RandomState(0)
    counts = 10 * (1 + np.arange(K))
    y = rng.permutation(np.repeat(np.arange(K), counts))
    held = []

    def seen(*arguments, **strata):
        train, rest = hold_out(*arguments, **strata)
        held.append(rest.codes)
        return train, rest

    monkeypatch.setattr("sknn_scratch._fit.prepare.hold_out", seen)
    net(early_stopping=True, max_iter=1, validation_fraction=0.2).fit(
        rng.randn(len(y), 2), y
    )
    assert_array_equal(np.bincount(held[0]), counts / 5)


@pytest.mark.parametrize("K", [2, 3])
def test_a_class_of_one_row_cannot_be_held_out_and_is_named(rng, K):
    y = np.append(np.arange(30) % (K - 1), K - 1)
    with pytest.raises(ValueError, match=f"got 1 of class {K - 1}"):
        net(early_stopping=True).fit(rng.randn(31, 2), y)


def test_scikit_learn_says_nothing_where_there_are_three(rng):
    y = np.append(np.arange(30) % 2, 2)
    mlp(early_stopping=True, max_iter=2).fit(rng.randn(31, 2), y)


@pytest.mark.parametrize("options", [{}, {"keep_optimizer_state": True}], ids=repr)
def test_the_curve_is_bounded_under_partial_fits(blobs, options, monkeypatch):
    # issue 19959
    monkeypatch.setattr("sknn_scratch._fit.members.CURVE_LIMIT", 5)
    X, y = blobs
    model, sizes = net(**options), []
    for _ in range(12):
        model.partial_fit(X, y, classes=[0, 1, 2])
        sizes.append(len(pickle.dumps(model)))
    assert len(model.loss_curve_) == len(model.learning_rate_curve_) == 5
    assert max(sizes[5:]) - min(sizes[5:]) < 20


def test_early_stopping_is_not_a_silent_no_op_of_lbfgs(blobs):
    X, y = blobs
    model = net(solver="lbfgs", early_stopping=True, alpha=0, max_iter=300).fit(X, y)
    assert model.best_epoch_ < model.n_iter_ == len(model.validation_scores_)


@pytest.mark.parametrize("solver", ["gd", "rmsprop", "adam", "adamw"])
def test_adaptive_rates_are_not_a_silent_no_op(solver):
    X, y = np.zeros((20, 2)), np.arange(20) % 2
    model = net(solver=solver, learning_rate="adaptive", n_iter_no_change=2)
    curve = model.fit(X, y).learning_rate_curve_
    assert curve[-1] <= 1e-6 < curve[0]


def test_adaptive_rates_are_one_of_scikit_learn_s_adam(blobs):
    fits = [
        mlp(learning_rate=rate, max_iter=30).fit(*blobs)
        for rate in ("adaptive", "constant")
    ]
    assert_array_equal(vector(fits[0]), vector(fits[1]))


@pytest.mark.parametrize(
    "options",
    [
        {"solver": "lbfgs", "learning_rate": "adaptive"},
        {"solver": "lbfgs", "batch_size": 5},
        {"solver": "lbfgs", "shuffle": False},
        {"solver": "adam", "momentum": 0.2},
        {"solver": "adam", "power_t": 0.2},
        {"solver": "sgd", "beta_1": 0.2},
    ],
    ids=repr,
)
def test_a_parameter_without_effect_is_said_to_have_none(blobs, options):
    said = [
        w for w in warned(lambda: net(**options, max_iter=3).fit(*blobs))
        if not issubclass(w.category, ConvergenceWarning)
    ]  # fmt: skip
    assert len(said) == 1
    assert f"makes no use of {list(options)[1]}" in str(said[0].message)


@pytest.mark.parametrize(
    "labels",
    [
        np.array(["no", "yes"]),
        np.array(["a", "b", "c"], dtype=object),
        np.array([True, False]),
        np.array([5, 7, 11]),
    ],
    ids=repr,
)
@pytest.mark.parametrize("scoring", ["loss", None, "balanced_accuracy", "neg_log_loss"])
@matrix("solver", SOLVERS, "adam")
def test_early_stopping_takes_labels_of_every_kind(blobs, labels, scoring, solver):
    # issues 24713, 24846, 25693, 29504, 33760
    X, y = blobs
    y = labels[np.minimum(y, len(labels) - 1)]
    model = net(solver=solver, early_stopping=True, scoring=scoring, max_iter=4)
    model.fit(X, y)
    assert set(model.predict(X)) <= set(labels)
    assert np.isfinite(model.validation_scores_).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_early_stopping_of_labels_and_of_numbers_in_either_type(blobs, dtype, rng):
    X = blobs[0].astype(dtype)
    Y = rng.randint(2, size=(90, 3))
    for model, target in ((net(), Y), (DeepNetRegressor(random_state=0), Y * 1.5)):
        model.set_params(early_stopping=True, max_iter=3)
        assert np.isfinite(model.fit(X, target).validation_scores_).all()
        assert model.coefs_[0].dtype == dtype


def test_early_stopping_goes_on_in_a_warm_start(blobs):
    X, y = blobs
    model = net(early_stopping=True, warm_start=True, max_iter=3)
    for _ in range(3):
        model.fit(X, y)
        assert len(model.validation_scores_) == model.n_iter_ == 3
        assert model.best_validation_score_ == max(model.validation_scores_)


def test_early_stopping_may_be_switched_off_and_on_between_fits(blobs):
    X, y = blobs
    model = net(early_stopping=True, max_iter=3).fit(X, y)
    model.set_params(early_stopping=False).fit(X, y)
    assert model.validation_scores_ is None
    assert model.best_loss_ == min(model.loss_curve_)
    model.set_params(early_stopping=True).fit(X, y)
    assert model.best_loss_ is None
    assert len(model.validation_scores_) == 3
