"""The shallow and the deep classifier as scikit-learn estimators."""

import pickle
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from reference_network import G
from scipy.sparse import csc_matrix, csr_array, csr_matrix
from sklearn.datasets import load_iris, make_multilabel_classification
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning, NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.utils import compute_sample_weight

from sknn_scratch import (
    DeepNetClassifier,
    LogisticRegressionScratch,
    ShallowNetClassifier,
)
from sknn_scratch._training.objective import Objective

SOLVERS = ["gd", "sgd", "rmsprop", "adam", "adamw", "lbfgs"]
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    return (X - X.mean(axis=0)) / X.std(axis=0), y


def net(hidden=(8, 4), **options):
    return DeepNetClassifier(hidden, random_state=0, **options)


# -- what is fitted --------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:.*makes no use of")
@pytest.mark.parametrize("solver", SOLVERS)
def test_every_solver_learns_iris(iris, solver):
    X, y = iris
    rate = {"gd": 0.5}.get(solver, 0.05)
    for model in (
        net((16,), solver=solver, learning_rate_init=rate),
        ShallowNetClassifier(
            16, solver=solver, learning_rate_init=rate, random_state=0
        ),
    ):
        assert model.fit(X, y).score(X, y) > 0.95


def test_the_course_view_computes_what_predict_computes(iris):
    X, y = iris
    model = net((8, 4), activation=["tanh", "leaky_relu"]).fit(X, y)
    p = model.parameters_
    assert {name: value.shape for name, value in p.items()} == {
        "W1": (8, 4),
        "b1": (8, 1),
        "W2": (4, 8),
        "b2": (4, 1),
        "W3": (3, 4),
        "b3": (3, 1),
    }
    A1 = np.tanh(p["W1"] @ X.T + p["b1"])
    A2 = G["leaky_relu"][0](p["W2"] @ A1 + p["b2"])
    Z3 = p["W3"] @ A2 + p["b3"]
    assert_allclose(model.decision_function(X), Z3.T, rtol=1e-12)


def test_coefs_are_those_of_scikit_learn_and_used(iris):
    X, y = iris
    model = net((8, 4)).fit(X, y)
    assert [c.shape for c in model.coefs_] == [(4, 8), (8, 4), (4, 3)]
    assert [b.shape for b in model.intercepts_] == [(8,), (4,), (3,)]
    model.coefs_[2][...] = 0
    model.intercepts_[2][...] = [1, 2, 3]
    assert_allclose(model.decision_function(X), np.tile([1, 2, 3], (150, 1)))
    assert_array_equal(model.parameters_["b3"].ravel(), [1, 2, 3])


def test_attributes_of_a_fit(iris):
    X, y = iris
    model = net((8, 4), max_iter=7).fit(X, y)
    assert model.n_iter_ == len(model.loss_curve_) == 7
    assert model.t_ == 7 * 150
    assert model.n_layers_ == 4
    assert model.n_outputs_ == 3
    assert model.out_activation_ == "softmax"
    assert model.loss_ == model.loss_curve_[-1] == model.best_loss_
    assert model.learning_rate_init_ == 0.001
    for name in (
        "validation_scores_",
        "validation_loss_curve_",
        "best_validation_score_",
        "best_epoch_",
    ):
        assert getattr(model, name) is None
    assert net().fit(X, y > 0).out_activation_ == "logistic"


@pytest.mark.parametrize("solver", ["gd", "lbfgs"])
def test_loss_is_the_documented_objective_at_the_fitted_parameters(iris, solver):
    X, y = iris
    w = np.linspace(0.5, 2, 150)
    model = net((6,), solver=solver, alpha=2.0, max_iter=20).fit(X, y, w)
    log_loss = -model.predict_log_proba(X)[np.arange(150), y]
    penalty = 2.0 / (2 * w.sum()) * sum((W**2).sum() for W in model.coefs_)
    assert model.loss_ == pytest.approx(np.average(log_loss, weights=w) + penalty)


def test_the_penalty_does_not_depend_on_the_batch_size(iris):
    # MLPClassifier divides alpha by the batch's rows: there the norms differ by 3
    X, y = iris
    norms = [
        np.linalg.norm(
            net((8,), alpha=20, batch_size=size, max_iter=300, tol=0, solver="sgd",
                learning_rate_init=0.01 * size / 150, momentum=0.0)
            .fit(X, y).coefs_[0]
        )
        for size in (30, 150)
    ]  # fmt: skip
    assert norms[0] == pytest.approx(norms[1], rel=0.05)


@pytest.mark.parametrize(
    ("cls", "rates"),
    [
        (DeepNetClassifier, [0.1, 0.001, 0.001, 0.001, 0.001, None]),
        (ShallowNetClassifier, [0.1, 0.01, 0.001, 0.01, 0.01, None]),
    ],
)
def test_default_learning_rates(iris, cls, rates):
    fits = [cls(5, solver=solver, max_iter=1).fit(*iris) for solver in SOLVERS]
    assert [model.learning_rate_init_ for model in fits] == rates


# -- architecture ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "units"),
    [
        ({"hidden_layer_sizes": (5, 3)}, [5, 3]),
        ({"hidden_layer_sizes": [5]}, [5]),
        ({"hidden_layer_sizes": np.array([5, 3])}, [5, 3]),
        ({"hidden_layer_sizes": 6}, [6]),
        ({"hidden_layer_sizes": np.int64(6), "n_hidden_layers": np.int32(3)}, [6] * 3),
        ({"hidden_layer_sizes": 6, "n_hidden_layers": 0}, []),
        ({"hidden_layer_sizes": ()}, []),
    ],
)
def test_hidden_layers(iris, options, units):
    model = DeepNetClassifier(**options, max_iter=1).fit(*iris)
    assert [c.shape[1] for c in model.coefs_[:-1]] == units


def test_no_hidden_layer_is_logistic_regression(iris):
    X, y = iris
    deep = net((), solver="lbfgs", alpha=1.0, tol=1e-8, max_iter=5000).fit(X, y)
    logistic = LogisticRegressionScratch(C=1.0).fit(X, y)
    assert_allclose(deep.predict_proba(X), logistic.predict_proba(X), atol=1e-4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hidden_layer_sizes": (5, 0)}, "hidden_layer_sizes must be > 0"),
        ({"hidden_layer_sizes": (5, 2.5)}, "hidden_layer_sizes must be > 0"),
        ({"hidden_layer_sizes": 0}, "'hidden_layer_sizes' parameter"),
        ({"n_hidden_layers": 2}, r"n_hidden_layers=2 repeats an int .* got \(100,\)"),
        ({"activation": ["relu", "tanh"]}, "one for each of the 1 hidden layers"),
        ({"activation": ["rulu"]}, "one of .*'relu'.* got 'rulu'"),
        ({"activation": "rulu"}, "'activation' parameter"),
        ({"batch_size": 0}, "'batch_size' parameter"),
    ],
)
def test_bad_parameters_are_explained_in_one_line(iris, options, message):
    with pytest.raises(ValueError, match=message) as caught:
        DeepNetClassifier(**options).fit(*iris)
    assert "\n" not in str(caught.value)


def test_zero_weights_keep_hidden_units_identical(iris):
    X, y = iris
    model = net((5,), init="zeros", activation="tanh", max_iter=30).fit(X, y)
    W1 = model.parameters_["W1"]
    assert_array_equal(W1, np.tile(W1[0], (5, 1)))


@pytest.mark.parametrize(
    ("init", "deviation"),
    [
        ("small_random", lambda n_in, n_out: 0.01),
        ("scaled", lambda n_in, n_out: n_in**-0.5),
        ("xavier", lambda n_in, n_out: (2 / (n_in + n_out)) ** 0.5),
        ("he", lambda n_in, n_out: (2 / n_in) ** 0.5),
    ],
)
def test_first_weights_have_the_scale_of_their_name(rng, init, deviation):
    X, y = rng.randn(20, 400), np.arange(20) % 2
    model = net((300,), init=init, solver="gd", learning_rate_init=1e-12, max_iter=1)
    W1 = model.fit(X, y).coefs_[0]
    assert W1.std() == pytest.approx(deviation(400, 300), rel=0.02)
    assert abs(W1.mean()) < 5 * W1.std() / W1.size**0.5


def test_auto_init_is_he_for_rectifiers_and_xavier_otherwise(iris):
    tiny = {"learning_rate_init": 1e-12, "max_iter": 1}
    for name, init in [("relu", "he"), ("leaky_relu", "he"), ("tanh", "xavier")]:
        auto = net((5,), activation=name, **tiny).fit(*iris).coefs_
        named = net((5,), activation=name, init=init, **tiny).fit(*iris).coefs_
        assert_allclose(auto[0], named[0], atol=1e-9)


# -- labels ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "labels",
    [
        np.array([3, 7]),
        np.array(["no", "yes"]),
        np.array(["no", "yes"], dtype=object),
        np.array([False, True]),
        np.array([-1.0, 1.0]),
        np.array(["a", "b", "c"]),
        np.array([10, 20, 30, 40]),
    ],
    ids=lambda labels: f"{labels.dtype}-{len(labels)}",
)
def test_labels_of_every_kind_come_back(rng, labels):
    X = rng.randn(120, 2)
    codes = np.arange(120) % len(labels)
    X[:, 0] += 20 * codes
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    model = net((16,), solver="lbfgs", max_iter=1000).fit(X, labels[codes])
    assert_array_equal(model.classes_, labels)
    assert model.classes_.dtype == labels.dtype
    assert model.predict(X).dtype == labels.dtype
    assert model.score(X, labels[codes]) > 0.95
    assert model.predict_proba(X).shape == (120, len(labels))
    assert_allclose(model.predict_proba(X).sum(axis=1), 1, rtol=1e-12)


def test_multilabel(rng):
    X, Y = make_multilabel_classification(200, 5, n_classes=3, random_state=0)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    options = {"max_iter": 300, "learning_rate_init": 0.02}
    model = net((16,), **options).fit(X, Y)
    P = model.predict_proba(X)
    assert P.shape == (200, 3)
    assert_array_equal(model.predict(X), P > 0.5)
    assert model.predict(X).dtype == Y.dtype
    assert model.classes_.tolist() == [0, 1, 2]
    assert model.out_activation_ == "logistic"
    assert (model.predict(X) == Y).mean() > 0.75
    same = net((16,), **options).fit(X, csr_matrix(Y))
    assert_array_equal(same.predict_proba(X), P)


def test_one_class_is_certain(iris):
    X, _ = iris
    model = net().fit(X, ["only"] * 150)
    assert_array_equal(model.predict(X), ["only"] * 150)
    assert_array_equal(model.predict_proba(X), np.ones((150, 1)))
    assert model.decision_function(X).shape == (150,)
    assert model.n_iter_ == 11  # 10 epochs without improvement, then enough


def test_a_column_of_labels_is_taken_with_a_warning(iris):
    X, y = iris
    with pytest.warns(DataConversionWarning):
        model = net(max_iter=2).fit(X, y[:, None])
    assert_array_equal(model.predict(X), net(max_iter=2).fit(X, y).predict(X))


# -- probabilities ---------------------------------------------------------------------


def test_log_probabilities_are_finite_and_right_far_out(iris):
    X, y = iris
    for target in (y, y > 0):
        model = net((8,)).fit(X, target)
        far = X * 1e4
        log_p = model.predict_log_proba(far)
        assert np.isfinite(log_p).all()
        assert_array_equal(np.exp(log_p), model.predict_proba(far))
        assert_array_equal(
            model.predict(far), model.classes_[model.predict_proba(far).argmax(axis=1)]
        )


def test_small_probabilities_keep_their_digits(iris):
    X, y = iris
    model = net(()).fit(X, y > 0)
    model.coefs_[0][...] = 0
    model.intercepts_[0][...] = 50  # 1 - sigmoid(50) is 0 when written so
    assert_allclose(model.predict_proba(X)[:, 0], np.exp(-50), rtol=1e-12)


def test_decision_function_is_the_logit(iris):
    X, y = iris
    binary = net().fit(X, y > 0)
    P = binary.predict_proba(X)
    assert_allclose(binary.decision_function(X), np.log(P[:, 1] / P[:, 0]), rtol=1e-9)
    several = net().fit(X, y)
    Z, P = several.decision_function(X), several.predict_proba(X)
    assert_allclose(np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True), P, rtol=1e-9)


# -- kinds of input --------------------------------------------------------------------


@pytest.mark.parametrize("wrap", [csr_matrix, csc_matrix, csr_array])
@pytest.mark.parametrize("solver", SOLVERS)
def test_sparse_rows_train_like_dense_ones(iris, wrap, solver):
    X, y = iris
    X = np.where(np.abs(X) < 0.5, 0, X)
    dense = net((6,), solver=solver, max_iter=20).fit(X, y)
    sparse = net((6,), solver=solver, max_iter=20).fit(wrap(X), y)
    assert_allclose(
        sparse.predict_proba(wrap(X)), dense.predict_proba(X), rtol=1e-6, atol=1e-9
    )


def test_wide_sparse_rows_are_not_densified(rng):
    # 500 x 200,000 as a dense array would be 800 MB
    columns = rng.randint(200_000, size=(500, 20))
    X = csr_matrix(
        (np.ones(columns.size), columns.ravel(), np.arange(501) * 20),
        shape=(500, 200_000),
    )
    import tracemalloc

    tracemalloc.start()
    net((2,), max_iter=2).fit(X, np.arange(500) % 2).predict_proba(X)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100e6


@pytest.mark.parametrize("solver", SOLVERS)
def test_float32_is_kept_all_the_way(iris, solver):
    X, y = iris
    X = X.astype(np.float32)
    model = net(solver=solver, max_iter=20).fit(X, y)
    arrays = [*model.coefs_, *model.intercepts_, model.predict_proba(X)]
    arrays += [model.decision_function(X), model.predict_log_proba(X)]
    assert {a.dtype for a in arrays} == {np.dtype(np.float32)}
    assert model.predict_proba(X.astype(np.float64)).dtype == np.float32


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_frames_give_feature_names(iris, frame):
    X, y = iris
    names = ["a", "b", "c", "d"]
    table = frame(dict(zip(names, X.T, strict=True)))
    model = net(max_iter=3).fit(table, y)
    assert model.feature_names_in_.tolist() == names
    assert_array_equal(model.predict_proba(table), net(max_iter=3).fit(X, y)
                       .predict_proba(X))  # fmt: skip
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame(dict(zip(names[::-1], X.T, strict=True))))


def test_layouts_of_memory_do_not_matter(iris):
    X, y = iris
    read_only = X.copy()
    read_only.flags.writeable = False
    models = [
        net(max_iter=5).fit(rows, y)
        for rows in (X, np.asfortranarray(X), np.repeat(X, 2, axis=0)[::2], read_only)
    ]
    for model in models[1:]:
        assert_array_equal(model.coefs_[0], models[0].coefs_[0])


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ([[0.0], [np.nan]], [0, 1], "NaN"),
        ([[0.0], [np.inf]], [0, 1], "infinity"),
        ([[0.0], [1.0]], [0, np.nan], "NaN"),
        ([[0.0], [1.0]], [0.5, 1.7], "Unknown label type"),
        ([[0.0], [1.0]], [[0, 2], [1, 3]], "one class a row"),
        ([[0.0], [1.0]], [0, 1, 1], "inconsistent numbers of samples"),
        ([[0.0], [1.0]], None, "requires y to be passed"),
        ([0.0, 1.0], [0, 1], "Expected 2D array"),
        (np.empty((0, 2)), [], "0 sample"),
        (np.zeros((2, 2, 2)), [0, 1], "dim 3"),
    ],
)
def test_bad_data_are_refused(X, y, message):
    for model in (net(), LogisticRegressionScratch(), ShallowNetClassifier()):
        with pytest.raises(ValueError, match=message):
            model.fit(X, y)


def test_predict_before_fit_is_refused():
    for method in ("predict", "predict_proba", "decision_function"):
        with pytest.raises(NotFittedError):
            getattr(net(), method)([[0.0]])
    assert not hasattr(net(), "parameters_")


# -- weights ---------------------------------------------------------------------------


def test_class_weight_is_sample_weight(iris):
    X, y = iris
    by_class = net(class_weight={0: 3, 1: 0.5, 2: 0}, max_iter=5).fit(X, y)
    by_row = net(max_iter=5).fit(X, y, np.array([3, 0.5, 0])[y])
    assert_array_equal(by_class.coefs_[0], by_row.coefs_[0])


def test_balanced_gives_classes_the_same_weight(iris, rng):
    X, y = iris
    kept = rng.rand(150) < np.array([1, 0.5, 0.2])[y]
    X, y = X[kept], y[kept]
    balanced = net(class_weight="balanced", max_iter=5).fit(X, y)
    factors = len(y) / (3 * np.bincount(y))
    by_row = net(max_iter=5).fit(X, y, factors[y])
    assert_allclose(balanced.coefs_[0], by_row.coefs_[0], rtol=1e-12)


@pytest.mark.parametrize(
    ("w", "message"),
    [
        ([-1.0] + [1.0] * 149, "[Nn]egative"),
        ([0.0] * 150, "weight.*zero"),
        ([np.nan] + [1.0] * 149, "NaN"),
        ([1.0] * 149, "sample_weight.shape"),
        (np.ones((150, 2)), "1D"),
    ],
)
def test_bad_weights_are_refused(iris, w, message):
    with pytest.raises(ValueError, match=message):
        net().fit(*iris, sample_weight=w)


@pytest.mark.parametrize(
    ("class_weight", "message"),
    [
        ({0: -1}, "at least 0"),
        ({0: np.nan}, "finite"),
        ({0: 0, 1: 0, 2: 0}, "weight.*zero"),
        ({"no such class": 2}, "are not in class_weight"),
        ("unbalanced", "'class_weight' parameter"),
    ],
)
def test_bad_class_weights_are_refused(iris, class_weight, message):
    with pytest.raises(ValueError, match=message):
        net(class_weight=class_weight).fit(*iris)


def test_a_class_weight_by_name_is_refused_for_multilabel_targets():
    X, Y = make_multilabel_classification(n_classes=3, random_state=0)
    with pytest.raises(ValueError, match="multilabel; give sample_weight"):
        net(class_weight={0: 1.0}, max_iter=1).fit(X, Y)


def test_balanced_labels_are_weighted_as_scikit_learn_does_it():
    X, Y = make_multilabel_classification(n_classes=3, random_state=0)
    w = compute_sample_weight("balanced", Y)
    balanced = net(class_weight="balanced", max_iter=5, warn=False).fit(X, Y)
    weighted = net(max_iter=5, warn=False).fit(X, Y, sample_weight=w)
    assert_allclose(balanced.predict_proba(X), weighted.predict_proba(X), rtol=1e-10)


# -- ending ----------------------------------------------------------------------------


def test_a_flat_cost_stops_after_n_iter_no_change(iris):
    X, y = iris
    model = net(learning_rate_init=1e-12, n_iter_no_change=4).fit(X, y)
    assert model.n_iter_ == 5  # the first sets the mark


def test_hold_out_is_stratified_and_never_too_small(iris):
    X, y = iris
    model = net(early_stopping=True, validation_fraction=0.01, max_iter=1).fit(X, y)
    assert model.t_ == 147  # ceil(1.5) = 2 rows would leave a class out


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["a"] * 5 + ["b"] * 5 + ["rare"], "at least 2 rows of each, got 1 of .*rare"),
        ([0, 1], "n_samples=2 leaves too few to train on"),
    ],
)
def test_a_class_too_small_to_hold_out_is_an_error_of_one_line(rng, y, message):
    with pytest.raises(ValueError, match=message) as caught:
        net(early_stopping=True).fit(rng.randn(len(y), 2), y)
    assert "\n" not in str(caught.value)
    assert "early_stopping" in str(caught.value)


def test_divergence_is_said_and_leaves_finite_parameters(iris):
    X, y = iris
    with pytest.warns(ConvergenceWarning, match="try 1e\\+299") as caught:
        model = net(solver="gd", activation="identity", learning_rate_init=1e300).fit(
            X, y
        )
    assert len(caught) == 1
    assert all(np.isfinite(W).all() for W in model.coefs_)
    assert np.isfinite(model.loss_)
    assert np.isfinite(model.predict_proba(X)).all()


def test_verbose_prints(iris, capsys):
    net(max_iter=4, verbose=2).fit(*iris)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(",")[0] for line in lines] == ["Iteration 1", "Iteration 3"]


# -- going on --------------------------------------------------------------------------


def test_partial_fit_is_hidden_for_lbfgs():
    assert hasattr(net(), "partial_fit")
    assert not hasattr(net(solver="lbfgs"), "partial_fit")


def test_partial_fit_wants_the_classes_first(iris):
    X, y = iris
    with pytest.raises(ValueError, match="classes must name all classes"):
        net().partial_fit(X, y)
    model = net().partial_fit(X[:60], y[:60], classes=[0, 1, 2])
    assert model.predict_proba(X).shape == (150, 3)
    model.partial_fit(X, y)
    with pytest.raises(ValueError, match="give the same classes"):
        model.partial_fit(X, y, classes=[0, 1])
    with pytest.raises(
        ValueError, match=r"classes=\[0, 1, 2\] and no other, got \[7\]"
    ):
        model.partial_fit(X, np.full(150, 7))


def test_partial_fit_works_with_early_stopping_and_holds_nothing_out(iris):
    X, y = iris
    model = net(early_stopping=True).partial_fit(X, y, classes=[0, 1, 2])
    assert model.t_ == 150
    assert model.validation_scores_ is None


def test_loss_curve_does_not_grow_without_bound(iris, monkeypatch):
    monkeypatch.setattr("sknn_scratch._fit.members.CURVE_LIMIT", 5)
    X, y = iris
    model = net()
    for _ in range(8):
        model.partial_fit(X, y, classes=[0, 1, 2])
    assert len(model.loss_curve_) == 5
    assert model.n_iter_ == 8


def test_warm_start_refuses_other_classes_and_other_shapes(iris):
    X, y = iris
    model = net(warm_start=True, max_iter=2).fit(X, y)
    with pytest.raises(ValueError, match="same classes, or clone"):
        model.fit(X, y % 2)
    with pytest.raises(ValueError, match="warm_start=False"):
        model.set_params(hidden_layer_sizes=(9,)).fit(X, y)
    assert model.set_params(hidden_layer_sizes=(8, 4)).fit(X, y).n_iter_ == 2


# -- the same bits ---------------------------------------------------------------------


def test_a_pickled_model_predicts_the_same_in_another_process(iris, tmp_path):
    X, y = iris
    model = net().fit(X, y)
    (tmp_path / "model").write_bytes(pickle.dumps(model))
    np.save(tmp_path / "X.npy", X)
    code = (
        "import pickle, sys, numpy as np\n"
        "model = pickle.load(open('model', 'rb'))\n"
        "np.save('P.npy', model.predict_proba(np.load('X.npy')))"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert_array_equal(np.load(tmp_path / "P.npy"), model.predict_proba(X))


def test_scikit_learn_s_regression_agrees_without_hidden_layers(iris):
    X, y = iris
    model = net((), solver="lbfgs", alpha=1.0, tol=1e-9, max_iter=5000).fit(X, y)
    theirs = LogisticRegression(C=1.0, tol=1e-9, max_iter=5000).fit(X, y)
    assert_allclose(model.predict_proba(X), theirs.predict_proba(X), atol=1e-4)


# -- nothing is lost by a failure ------------------------------------------------------


def failing_fits():
    """Calls that fail at one stage or another, after the labels were learned."""
    rare = ["x"] * 74 + ["y"] * 75 + ["rare"]
    yield {"early_stopping": True}, rare, {}
    yield {"hidden_layer_sizes": (0,)}, ["x", "y", "z"] * 50, {}
    yield {}, ["x", "y", "z"] * 50, {"sample_weight": np.zeros(150)}
    yield {"class_weight": {0: 1}}, np.eye(150, 3, dtype=int), {}


@pytest.mark.parametrize(("options", "y_bad", "weights"), failing_fits())
def test_a_failed_fit_leaves_the_old_model_whole(iris, options, y_bad, weights):
    X, y = iris
    model = net(max_iter=20).fit(X, y)
    expected = model.predict_proba(X)
    model.set_params(**options)
    with pytest.raises(ValueError):  # noqa: PT011  (which one is told elsewhere)
        model.fit(X, y_bad, **weights)
    assert_array_equal(model.classes_, [0, 1, 2])
    assert_array_equal(model.predict_proba(X), expected)


def test_a_failed_first_fit_leaves_it_unfitted(iris):
    X, y = iris
    model = net((0,))
    with pytest.raises(ValueError, match="hidden_layer_sizes"):
        model.fit(X, y)
    assert [name for name in vars(model) if name.endswith("_")] == []


def test_an_interrupt_before_the_first_epoch_leaves_the_old_model(iris, monkeypatch):
    X, y = iris
    model = net(max_iter=5).fit(X, y)
    expected = model.predict_proba(X)

    def interrupt(*batch):
        raise KeyboardInterrupt

    monkeypatch.setattr(Objective, "__call__", interrupt)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X[:, :2], y > 0)
    assert_array_equal(model.predict_proba(X), expected)


def test_a_warning_turned_into_an_error_leaves_the_new_fit(iris):
    X, y = iris
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = net(max_iter=2)
        with pytest.raises(ConvergenceWarning):
            model.fit(X, y)
    assert model.n_iter_ == 2


def test_predictions_are_those_of_the_fit_whatever_is_set_later(iris):
    X, y = iris
    model = net((8, 4), activation="tanh", max_iter=5).fit(X, y)
    expected = model.predict_proba(X)
    model.set_params(hidden_layer_sizes=(3,), activation="relu")
    assert_array_equal(model.predict_proba(X), expected)


# -- found by trying to break it -------------------------------------------------------


@pytest.mark.parametrize(
    "labels", [(0, 2), (-1, 1), (1, 2)], ids=lambda labels: f"{labels}"
)
def test_labels_of_several_columns_are_zeros_and_ones(rng, labels):
    Y = np.where(rng.rand(30, 3) > 0.5, *labels)
    with pytest.raises(ValueError, match="zeros and ones"):
        net().fit(rng.randn(30, 2), Y)


def test_another_solver_does_not_inherit_the_moments(iris):
    X, y = iris
    model = net((20,), solver="sgd").partial_fit(X, y, classes=[0, 1, 2])
    model.set_params(solver="rmsprop")
    for _ in range(50):
        model.partial_fit(X, y)
    assert model.score(X, y) > 0.9


def test_divergence_in_partial_fit_is_said_and_recoverable(iris):
    X, y = iris
    model = net((20,), solver="sgd").partial_fit(X, y, classes=[0, 1, 2])
    good = [W.copy() for W in model.coefs_]
    for W in model.coefs_:
        W *= 1e200
    with pytest.warns(ConvergenceWarning, match="stopped being finite"):
        model.partial_fit(X, y)
    model.coefs_ = good
    for _ in range(300):
        model.partial_fit(X, y)
    assert model.score(X, y) > 0.8


@pytest.mark.parametrize("w", [1e-160, 1e160])
def test_weights_beyond_all_measure_are_refused(iris, w):
    with pytest.raises(ValueError, match="between 1e-150 and 1e150"):
        net().fit(*iris, sample_weight=np.full(150, w))


@pytest.mark.parametrize("w", [1e-100, 1e100])
def test_the_scale_of_weights_changes_nothing_but_the_penalty(iris, w):
    X, y = iris
    plain = net(alpha=0, max_iter=10).fit(X, y)
    weighted = net(alpha=0, max_iter=10).fit(X, y, np.full(150, w))
    assert_allclose(weighted.coefs_[0], plain.coefs_[0], rtol=1e-9)


@pytest.mark.parametrize("w", [1e-100, 1e15, 1e100])
def test_the_scale_of_weights_does_not_hide_what_varies(iris, w):
    X, y = iris
    scales = [
        net(standardize=True, max_iter=1).fit(X, y, weights).scaler_.scale_
        for weights in (None, np.full(150, w))
    ]
    assert_allclose(scales[1], scales[0], rtol=1e-12)


def test_weights_of_the_user_s_own_making_are_used(iris):
    X, y = iris
    model = net((), max_iter=3).fit(X, y > 0)
    model.coefs_, model.intercepts_ = [[[1], [0], [0], [2]]], [[3]]
    assert_allclose(model.decision_function(X), X[:, 0] + 2 * X[:, 3] + 3)
    model.partial_fit(X, y > 0)
    assert_allclose(model.coefs_[0].ravel(), [1, 0, 0, 2], atol=0.01)
    assert model.coefs_[0].dtype == np.float64


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hidden_layer_sizes": np.array(0)}, "hidden_layer_sizes must be > 0"),
        ({"activation": [["tanh"], "relu"]}, "activation must be one of"),
        ({"activation": np.array("rulu")}, "activation must be one of"),
    ],
)
def test_odd_parameters_are_explained(iris, options, message):
    with pytest.raises(ValueError, match=message):
        net().set_params(**options).fit(*iris)


def test_partial_fit_with_too_few_label_columns_is_about_y(rng):
    X, Y = rng.randn(30, 2), np.eye(30, 3, dtype=int)
    with pytest.raises(ValueError, match="y must hold the labels of"):
        net().partial_fit(X, Y, classes=[0, 1, 2, 3])
    model = net().partial_fit(X, Y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match="y must hold the labels of"):
        model.partial_fit(X, Y[:, :2])
    with pytest.raises(ValueError, match="at least one class"):
        net().partial_fit(X, Y[:, 0], classes=[])
