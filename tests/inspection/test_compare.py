"""compare: one thing differs, looking changes nothing, and the lessons are true."""

import re

import h5py
import matplotlib.pyplot as plt
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import DeepNetClassifier, DeepNetRegressor, LogisticRegressionScratch
from sknn_scratch.datasets import make_flower
from sknn_scratch.inspection._compare import compare
from sknn_scratch.inspection._lessons import LESSONS, lesson

X, Y = make_flower(200)
X_TRAIN, X_VAL, Y_TRAIN, Y_VAL = train_test_split(X, Y, random_state=1)
VAL = {"X_val": X_VAL, "y_val": Y_VAL}
NET = DeepNetClassifier((6, 5), max_iter=8, random_state=0, warn=False)
SOLVERS = ["gd", "sgd", "rmsprop", "adam", "adamw", "lbfgs"]
BASES = {
    **{solver: clone(NET).set_params(solver=solver) for solver in SOLVERS},
    "dropout": clone(NET).set_params(dropout=0.3, batch_size=20),
    "standardize": clone(NET).set_params(standardize=True),
    "early": clone(NET).set_params(early_stopping=True, n_iter_no_change=2),
    "newton": LogisticRegressionScratch(solver="newton", random_state=0, warn=False),
    "numbers": DeepNetRegressor(
        hidden_layer_sizes=4, max_iter=8, random_state=0, warn=False
    ),
}


def bits(net):
    return [array.tobytes() for array in net.parameters_.values()]


@pytest.mark.parametrize("name", BASES)
def test_variants_are_trained_as_fit_trains_them_to_the_bit(name):
    base = BASES[name]
    found = compare(base, X_TRAIN, Y_TRAIN, **VAL, tol=[1e-4, 1e-9])
    for tol, net in zip([1e-4, 1e-9], found.estimators_, strict=True):
        plain = clone(base).set_params(tol=tol).fit(X_TRAIN, Y_TRAIN, **VAL)
        assert bits(net) == bits(plain)
        assert net.get_params() == plain.get_params()


def test_weights_of_rows_are_used():
    w = np.arange(len(Y_TRAIN)) % 3
    found = compare(NET, X_TRAIN, Y_TRAIN, sample_weight=w, **VAL, alpha=[0.1])
    plain = clone(NET).set_params(alpha=0.1).fit(X_TRAIN, Y_TRAIN, w)
    assert bits(found.estimators_[0]) == bits(plain)


def test_a_pipeline_is_trained_as_its_own_fit_trains_it():
    base = make_pipeline(StandardScaler(), make_pipeline(StandardScaler(), NET))
    name = "pipeline__deepnetclassifier__alpha"
    found = compare(base, X_TRAIN, Y_TRAIN, **VAL, **{name: [0, 1]})
    for i, alpha in enumerate([0, 1]):
        plain = clone(base).set_params(**{name: alpha}).fit(X_TRAIN, Y_TRAIN)
        P = plain.predict_proba(X_VAL)
        assert_array_equal(found.estimators_[i].predict_proba(X_VAL), P)
        assert_allclose(found.validation_curves_[i][-1], log_loss(Y_VAL, P), rtol=1e-9)


def test_gradient_norms_are_those_of_central_differences():
    net = LogisticRegressionScratch(C=np.inf, solver="gd", max_iter=3, warn=False)
    found = compare(net, X_TRAIN, Y_TRAIN, **VAL, tol=[0])
    trained, h = found.estimators_[0], 1e-6

    def J(w):
        z = X_TRAIN @ w + trained.intercept_[0]
        return np.mean(np.logaddexp(0, z) - Y_TRAIN * z)

    w = trained.coef_[0]
    slopes = [(J(w + h * e) - J(w - h * e)) / (2 * h) for e in np.eye(2)]
    norms = found.gradient_norms_[0]
    assert norms.shape == (3, 1)
    assert_allclose(norms[-1, 0], np.linalg.norm(slopes), rtol=1e-6)


def test_the_table_says_what_the_estimators_say():
    found = compare(NET, X_TRAIN, Y_TRAIN, **VAL, activation=["tanh", "relu"])
    for row, net in zip(found.table, found.estimators_, strict=True):
        assert row["activation"] == net.activation
        assert row["iterations"] == net.n_iter_ == 8
        assert row["cost"] == net.loss_
        assert row["train_score"] == net.score(X_TRAIN, Y_TRAIN)
        assert row["validation_score"] == net.score(X_VAL, Y_VAL)
        assert row["seconds"] > 0
        assert (row["ended"], row["diverged"]) == ("max_iter", False)
        assert "reached max_iter=8" in row["warnings"][0]
    assert_array_equal(found.cost_curves_[0], found.estimators_[0].loss_curve_)
    assert_array_equal(
        found.validation_curves_[1], found.estimators_[1].validation_loss_curve_
    )
    assert [norms.shape for norms in found.gradient_norms_] == [(8, 3), (8, 3)]


def test_why_training_ended_is_told():
    base = clone(NET).set_params(max_iter=300, tol=1e-2, n_iter_no_change=3)
    found = compare(base, X, Y, early_stopping=[False, True])
    assert [row["ended"] for row in found.table] == ["tol", "validation"]


def test_max_fun_and_early_stopping_are_told_apart_from_tol():
    base = clone(NET).set_params(solver="lbfgs", max_iter=500)
    found = compare(base, X, Y, max_fun=[5, 10_000])
    assert [row["ended"] for row in found.table] == ["max_fun", "tol"]


def test_files_and_sparse_labels_are_split_as_arrays_are(tmp_path):
    plain = compare(NET, X, Y, alpha=[0]).estimators_[0]
    with h5py.File(tmp_path / "rows.h5", "w") as file:
        file["X"] = X
        found = compare(NET, file["X"], Y.tolist(), alpha=[0])
    assert bits(found.estimators_[0]) == bits(plain)
    labels = np.column_stack([Y, 1 - Y])
    plain = compare(NET, X, labels, alpha=[0]).estimators_[0]
    found = compare(NET, X, csr_array(labels), alpha=[0])
    assert bits(found.estimators_[0]) == bits(plain)


def test_no_iterations_have_no_gradients():
    net = LogisticRegressionScratch(solver="gd")
    found = compare(net, X, Y, max_iter=[0, 2])
    assert [norms.shape for norms in found.gradient_norms_] == [(0, 1), (2, 1)]
    assert len(found.figure_.axes[2].lines) == 2


def test_without_rows_to_validate_by_a_quarter_is_held_out_class_by_class():
    y = np.repeat([0, 1], [180, 20])
    found = compare(NET, X, y, alpha=[0])
    assert "50 rows held out of 200" in str(found)
    w = np.where(y, 3.0, 1.0)
    weighted = compare(NET, X, y, sample_weight=w, alpha=[0])
    assert bits(weighted.estimators_[0]) != bits(found.estimators_[0])
    parts = train_test_split(X, y, test_size=0.25, random_state=0, stratify=y)
    plain = clone(NET).set_params(alpha=0).fit(parts[0], parts[2])
    assert bits(found.estimators_[0]) == bits(plain)
    assert parts[3].mean() == 0.1


def test_numbers_labels_and_sparse_rows_are_split_too():
    numbers = compare(BASES["numbers"], X, X[:, 0], alpha=[0])
    labels = compare(NET, X, np.column_stack([Y, 1 - Y]), alpha=[0])
    sparse = compare(NET, csr_array(X), Y, alpha=[0])
    for found in (numbers, labels, sparse):
        assert np.isfinite(found.table[0]["validation_score"])


@pytest.mark.parametrize("seed", [None, 7, np.random.RandomState(7)])
def test_variants_begin_alike(seed):
    base = clone(NET).set_params(random_state=seed)
    found = compare(base, X, Y, alpha=[0.1, 0.1])
    assert bits(found.estimators_[0]) == bits(found.estimators_[1])
    assert base.random_state is None or seed is not None


def test_seeds_can_be_compared():
    found = compare(NET, X, Y, random_state=[1, 2])
    assert bits(found.estimators_[0]) != bits(found.estimators_[1])


def test_the_base_is_not_changed():
    base, before = clone(NET), NET.get_params()
    compare(base, X, Y, alpha=[0.1])
    assert base.get_params() == before
    assert not base.__sklearn_is_fitted__()


def test_variants_keep_no_checkpoint(tmp_path):
    path = tmp_path / "c.h5"
    base = clone(NET).set_params(checkpoint=path)
    assert len(compare(base, X, Y, alpha=[0.1, 0.2]).table) == 2
    assert not path.exists()
    assert base.checkpoint is path


def test_a_variant_that_diverges_is_a_row():
    base = DeepNetRegressor(
        hidden_layer_sizes=(), solver="gd", max_iter=500, n_iter_no_change=np.inf
    )
    found = compare(base, X, X[:, 0], learning_rate_init=[0.1, 100.0])
    assert [row["diverged"] for row in found.table] == [False, True]
    assert "stopped being finite" in found.table[1]["warnings"][0]
    low, high = found.figure_.axes[0].get_ylim()
    assert high < 10 * found.cost_curves_[0].max()


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({}, TypeError, "exactly one parameter, got 0"),
        ({"alpha": [1], "tol": [1]}, TypeError, "got 2: alpha, tol"),
        ({"activation": "relu"}, TypeError, r"write activation=\['relu'\]"),
        ({"alpha": []}, TypeError, "at least one value"),
        ({"activatoin": ["relu"]}, ValueError, "there are activation"),
        ({"alpha": [1, -1]}, ValueError, "alpha=-1 cannot be trained"),
        ({"activation": ["relu", "magic"]}, ValueError, "activation='magic' cannot"),
        ({"alpha": [1], "X_val": X_VAL}, ValueError, "must come together"),
    ],
)
def test_what_cannot_be_compared_is_said_before_anything_trains(
    parameters, error, message, monkeypatch
):
    monkeypatch.setattr(DeepNetClassifier, "fit", None)  # calling it is a TypeError
    with pytest.raises(error, match=message):
        compare(NET, X, Y, **parameters)


def test_too_few_rows_of_a_class_are_said():
    y = np.array([0] * 199 + [1])
    with pytest.raises(ValueError, match="Give X_val and y_val"):
        compare(NET, X, y, alpha=[0])


@pytest.mark.parametrize("k", [1, 2, 8])
def test_the_figure_has_a_curve_and_a_bar_for_each_variant(k):
    found = compare(NET, X, Y, alpha=np.linspace(0, 1, k))
    plt.close("all")
    cost, validation, gradients, time = found.figure_.axes
    assert len(cost.lines) == len(validation.lines) == len(gradients.lines) == k
    assert len(time.patches) == k
    assert len({tuple(line.get_color()) for line in cost.lines}) == k
    assert [t.get_text() for t in found.figure_.legends[0].get_texts()] == found.labels
    assert found.figure_ is found.figure_
    assert plt.get_fignums() == []


def test_text_in_the_page_is_escaped():
    found = compare(NET, X, Y, alpha=[0])
    found.table[0]["warnings"] = ["<b>"]
    assert "&lt;b&gt;" in found._repr_html_()


# -- the lessons -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def lessons():
    return {name: lesson(name) for name in LESSONS}


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_has_a_claim_a_table_and_a_figure(name, lessons):
    found = lessons[name]
    assert found.claim in str(found)
    assert found.claim.endswith(".")
    assert len(found.table) >= 2
    assert found.figure_.axes
    assert "<table>" in found._repr_html_()
    assert all(np.isfinite(value) for value in found.measured.values())


def test_zero_init_keeps_units_identical(lessons):
    found = lessons["zero_init"]
    zeros, random = (net.parameters_["W1"] for net in found.comparison.estimators_)
    assert (zeros == zeros[0]).all()
    assert zeros.any()  # they have learned, all the same
    assert np.ptp(random, axis=0).max() > 1
    assert found.measured["accuracy, random"] > found.measured["accuracy, zeros"] + 0.1


def test_large_weights_saturate_tanh(lessons):
    found = lessons["large_weights"].measured
    assert found["saturated, times 100"] > 0.9 > 0.4 > found["saturated, times 1"]
    assert found["||dW[1]||, times 100"] < 0.1 * found["||dW[1]||, times 1"]
    assert found["cost, times 100"] > 1.5 * found["cost, times 1"]


def test_sigmoid_learns_slower_than_relu(lessons):
    found = lessons["sigmoid_is_slow"].measured
    assert found["cost, sigmoid"] > 2 * found["cost, relu"]
    assert found["||dW[1]||, sigmoid"] < 0.1 * found["||dW[1]||, relu"]


def test_identity_collapses_to_logistic_regression(lessons):
    found = lessons["identity_collapses"]
    linear, _, logistic = found.comparison.estimators_
    W1, W2, W3 = (linear.parameters_[f"W{l}"] for l in (1, 2, 3))
    assert_allclose(W3 @ W2 @ W1, logistic.coef_, atol=1e-5)
    measured = found.measured
    assert_allclose(
        measured["cost, identity"], measured["cost, logistic regression"], rtol=1e-9
    )
    assert measured["largest difference"] < 1e-5
    assert measured["cost, tanh"] < 0.5 * measured["cost, identity"]


def test_a_learning_rate_beyond_the_limit_diverges(lessons):
    found = lessons["high_learning_rate"]
    limit = found.measured["limit"]
    for row in found.table:
        assert row["diverged"] == (row["learning_rate_init"] > limit)
    assert [row["diverged"] for row in found.table].count(True) == 1


@pytest.mark.parametrize("name", LESSONS)
def test_costs_in_a_claim_are_those_of_its_table(name, lessons):
    found = lessons[name]
    if found.comparison is None:
        return
    costs = [row["cost"] for row in found.table]
    measured = [J for what, J in found.measured.items() if what.startswith("cost")]
    assert set(measured) <= set(costs)
    told = [
        J for J in measured if f"{J:.4g}" in found.claim or f"{J:.6f}" in found.claim
    ]
    assert len(told) >= min(len(measured), 2)
    shown = str(found.comparison)
    assert all(f"{J:.4g}" in shown for J in measured)


def test_loops_and_vectorised_code_agree(lessons):
    found = lessons["loops"]
    assert found.measured["largest difference"] < 1e-12
    assert found.measured["difference of J"] < 1e-12
    assert f"{found.measured['speed-up']:.0f} times" in found.claim


def test_an_unknown_lesson_names_those_there_are():
    with pytest.raises(ValueError, match="zero_init"):
        lesson("magic")


def test_the_name_of_a_lesson_is_a_text():
    with pytest.raises(TypeError, match="'zero_init'"):
        lesson([1])


def test_without_a_name_the_lessons_are_listed():
    found = lesson()
    assert [row["name"] for row in found.table] == sorted(LESSONS)
    for row in found.table:
        assert row["name"] in str(found)
        assert row["shows"] in found._repr_html_().replace("&gt;", ">")


def test_the_docstring_names_all_lessons_and_no_other():
    described = lesson.__doc__.split("Returns")[0]
    assert set(re.findall(r'"(\w+)"', described)) == set(LESSONS)


def test_shares_in_a_claim_are_those_of_its_numbers(lessons):
    for found in lessons.values():
        shares = [f"{value:.0%}" for value in found.measured.values()]
        assert set(re.findall(r"\d+%", found.claim)) <= set(shares)


def test_accuracies_of_a_lesson_are_those_of_its_table(lessons):
    found = lessons["zero_init"]
    measured = [v for name, v in found.measured.items() if name.startswith("accuracy")]
    assert measured == [row["train_score"] for row in found.table]
