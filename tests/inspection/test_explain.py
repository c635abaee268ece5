"""explain_step: what `fit` computes, to the last bit, and nothing of its own."""

import re

import numpy as np
import pytest
from gradients import DEPTHS, doubling, network, rows
from matrix import matrix
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import DeepNetClassifier, LogisticRegressionScratch
from sknn_scratch._engine.activations import ACTIVATIONS, Tanh
from sknn_scratch._engine.losses import LOSSES, REGRESSION, SigmoidCrossEntropy
from sknn_scratch._engine.optimizers import OPTIMIZERS, GradientDescent
from sknn_scratch._training import objective
from sknn_scratch.inspection import explain_step


@pytest.fixture
def binary(rng):
    return rows("binary", rng)


def assert_equals_fit(net, X, y):
    """The parameters after the step are those of a fit of one epoch, one batch."""
    step = explain_step(net, X, y).to_dict()
    one = clone(net) if not hasattr(net, "coefs_") else net
    one.set_params(max_iter=1, warn=False).fit(X, y)
    for name, value in one.parameters_.items():
        assert_array_equal(step[f"{name}_new"], value)
        assert step[f"{name}_new"].dtype == value.dtype
    m = len(step["w"])
    assert step["J"] * m / m == one.loss_curve_[0]  # the mean over the one batch


@matrix("depth", DEPTHS, 2)
@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_step_is_that_of_fit(rng, activation, kind, depth):
    net = network(kind, DEPTHS[depth], activation=activation)
    if kind in REGRESSION:
        net.set_params(standardize_target=False)
    assert_equals_fit(net, *rows(kind, rng))


@pytest.mark.parametrize("kind", [k for k in REGRESSION if k != "poisson"])
def test_step_on_standardised_targets_is_that_of_fit(rng, kind):
    X, y = rows(kind, rng)
    net = network(kind, max_iter=1, warn=False).set_params(huber_delta=0.05)
    explained = explain_step(net, X, 30 * y)
    step, theirs = explained.to_dict(), net.fit(X, 30 * y).parameters_
    scale, mean = 30 * y.std(), 30 * y.mean()
    assert_allclose(step["Y"], [(30 * y - mean) / scale], rtol=1e-12)
    assert_allclose(step["W2_new"] * scale, theirs["W2"], rtol=1e-12)
    assert_allclose(step["b2_new"] * scale + mean, theirs["b2"], rtol=1e-12)
    unit = next(note for note in explained.notes if "standardize_target" in note)
    unit = float(unit.split("; ")[1].split()[0])
    assert unit * step["J"] == pytest.approx(net.loss_curve_[0], rel=1e-5)


@pytest.mark.parametrize("solver", OPTIMIZERS)
@pytest.mark.parametrize(
    "options",
    [
        {"dropout": 0.5},
        {"max_grad_norm": 1e-3},
        {"alpha": 3.0, "l1_ratio": 0.5},
        {"label_smoothing": 0.1, "class_weight": "balanced"},
        {"learning_rate": "cosine", "warmup_epochs": 2},
        {"early_stopping": True},
    ],
    ids=str,
)
def test_options_are_those_of_fit(binary, solver, options):
    net = DeepNetClassifier((4, 3), solver=solver, random_state=3, **options)
    net.set_params(warn=False, max_iter=1)
    step = explain_step(net, *binary).to_dict()
    for name, value in net.fit(*binary).parameters_.items():
        assert_array_equal(step[f"{name}_new"], value)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("form", [np.asarray, csr_matrix])
def test_types_and_sparse_rows_are_those_of_fit(binary, dtype, form):
    X, y = binary
    assert_equals_fit(DeepNetClassifier((4,), random_state=0), form(X.astype(dtype)), y)


@pytest.mark.parametrize("keep", [False, True])
def test_a_fitted_network_takes_its_next_step(binary, keep):
    net = DeepNetClassifier(
        (4,),
        dropout=0.3,
        warm_start=True,
        keep_optimizer_state=keep,
        random_state=0,
        max_iter=3,
        warn=False,
    )
    assert_equals_fit(net.fit(*binary), *binary)


def test_the_first_batch_is_that_of_fit(binary, monkeypatch):
    net = DeepNetClassifier((4,), solver="adamw", batch_size=6, dropout=0.5)
    net.set_params(random_state=0, warn=False, max_iter=1)
    step = explain_step(net, *binary).to_dict()
    firsts, right = [], OPTIMIZERS["adamw"].__call__

    def stepping(self, theta, grad):
        right(self, theta, grad)
        firsts.append(theta.copy())

    monkeypatch.setattr(OPTIMIZERS["adamw"], "__call__", stepping)
    net.fit(*binary)
    parts = [step[f"{kind}{l}_new"].ravel() for kind in "Wb" for l in (1, 2)]
    assert_array_equal(np.concatenate(parts), firsts[0])
    assert step["X"].shape == (3, 6)


def test_standardized_rows_are_told_of(binary):
    X, y = binary
    net = DeepNetClassifier((4,), standardize=True, random_state=0)
    step = explain_step(net, X * 5 + 3, y)
    assert abs(step.to_dict()["X"].mean(axis=1)).max() < 1e-12
    assert any("standardised scale" in note for note in step.notes)


def test_pipelines_are_explained_behind_their_steps(binary):
    X, y = binary
    net = DeepNetClassifier((4,), random_state=0)
    whole = explain_step(make_pipeline(StandardScaler(), net), X, y).to_dict()
    alone = explain_step(net, StandardScaler().fit_transform(X), y).to_dict()
    assert_array_equal(whole["W1_new"], alone["W1_new"])


@pytest.mark.parametrize("solver", ["lbfgs", "newton"])
def test_solvers_without_a_step_end_with_the_gradient(binary, solver):
    step = explain_step(LogisticRegressionScratch(solver=solver), *binary)
    assert step.quantities[-1].name == "db[1]"
    assert "no update" in step.notes[-1]


# -- what is shown -------------------------------------------------------------------


def test_quantities_are_in_the_order_of_the_course(binary):
    step = explain_step(DeepNetClassifier((4,), random_state=0), *binary)
    names = " ".join(quantity.name for quantity in step.quantities)
    assert names == (
        "X Y Z[1] A[1] Z[2] A[2] J dZ[2] dW[2] db[2] dA[1] dZ[1] dW[1] db[1] "
        "W[1] b[1] W[2] b[2]"
    )


def test_quantities_are_consistent(binary):
    net = DeepNetClassifier((4,), activation="tanh", alpha=0, random_state=0)
    seen = explain_step(net, *binary).to_dict()
    # the course's equations; dZ[L] has its 1/m in it
    np.testing.assert_allclose(seen["Z1"], seen["W1"] @ seen["X"] + seen["b1"])
    np.testing.assert_allclose(seen["A1"], np.tanh(seen["Z1"]))
    np.testing.assert_allclose(seen["A2"], 1 / (1 + np.exp(-seen["Z2"])))
    np.testing.assert_allclose(seen["dZ2"], (seen["A2"] - seen["Y"]) / 20, atol=1e-16)
    np.testing.assert_allclose(seen["dA1"], seen["W2"].T @ seen["dZ2"], atol=1e-16)
    np.testing.assert_allclose(
        seen["dZ1"], seen["dA1"] * (1 - seen["A1"] ** 2), atol=1e-16
    )
    np.testing.assert_allclose(seen["dW1"], seen["dZ1"] @ seen["X"].T, atol=1e-16)
    np.testing.assert_allclose(seen["db1"], seen["dZ1"].sum(1, keepdims=True), 1e-9)


@pytest.mark.parametrize("fault", ["backward", "activation", "loss", "optimiser"])
def test_planted_faults_show(binary, monkeypatch, fault):
    net = DeepNetClassifier((4,), activation="tanh", solver="gd", random_state=0)
    right = explain_step(net, *binary).to_dict()
    if fault == "backward":
        monkeypatch.setattr(objective, "backward", doubling(1, "W"))
    elif fault == "activation":
        monkeypatch.setattr(Tanh, "chain", lambda self, A, dA: None)
    elif fault == "loss":
        monkeypatch.setattr(SigmoidCrossEntropy, "__call__", lambda s, Z, Y, w, dZ: 7.0)
    else:
        monkeypatch.setattr(GradientDescent, "__call__", lambda s, theta, grad: None)
    wrong = explain_step(net, *binary).to_dict()
    changed = {"backward": "dW1", "activation": "dZ1", "loss": "J"}
    name = changed.get(fault, "W1_new")
    assert not np.array_equal(wrong[name], right[name])


def test_formulas_and_shapes_are_told(binary):
    net = DeepNetClassifier((4,), activation="tanh", solver="gd", random_state=0)
    told = {q.name: q for q in explain_step(net, *binary).quantities}
    assert told["Z[1]"].formula == "Z[1] = W[1] A[0] + b[1]"
    assert "(4, 3) @ (3, 20) -> (4, 20), + (4, 1)" in told["Z[1]"].shapes
    assert "tanh(z)" in told["A[1]"].formula
    assert told["dA[1]"].formula == "dA[1] = W[2]^T dZ[2]"
    assert "W[1] := W[1] - rate * dW[1]" in told["W[1]"].formula
    assert "rate = 0.1" in told["W[1]"].formula


def test_text_holds_every_quantity(binary):
    step = explain_step(DeepNetClassifier((4,), random_state=0), *binary)
    for quantity in step.quantities:
        assert f" {quantity.name} " in str(step)
        assert quantity.numbers.split("\n")[0] in step.to_text()
        assert quantity.shapes in step.to_text()


@pytest.mark.parametrize("depth", [0, 1, 3, 8])
@pytest.mark.parametrize("options", [{}, {"standardize": True, "dropout": 0.1}])
def test_text_is_one_screen(binary, depth, options):
    net = DeepNetClassifier((4,) * depth, random_state=0, **options)
    lines = str(explain_step(net, *binary)).split("\n")
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 96


def test_what_a_screen_leaves_out_is_counted(binary):
    net = DeepNetClassifier((4,) * 8, random_state=0)
    step = explain_step(net, *binary)
    told = str(step)
    left = sum(map(int, re.findall(r"(\d+) quantities more", told)))
    shown = re.findall(r"^(?:[A-Z]\w+)? +(d?\w(?:\[\d\])?)  ", told, re.M)
    assert left + len(shown) == len(step.quantities)
    for name in ("Z[1]", "A[9]", "J", "dZ[9]", "db[1]", "W[1]", "b[9]"):
        assert name in shown


def test_one_row_and_images_are_explained(rng):
    one = explain_step(DeepNetClassifier((4,)), [[1.0, 2.0]], [1])
    assert one.to_dict()["Z1"].shape == (4, 1)
    X, y = rng.rand(20, 12288), np.arange(20) % 2
    assert len(explain_step(DeepNetClassifier((5,)), X, y).to_text()) < 20_000


def test_the_estimator_is_not_changed(binary):
    net = DeepNetClassifier((3,), random_state=0, max_iter=2, warn=False).fit(*binary)
    before = {name: value.copy() for name, value in net.parameters_.items()}
    explain_step(net, *binary)
    for name, value in net.parameters_.items():
        assert_array_equal(value, before[name])


@pytest.mark.parametrize("name", ["W[1]", "b[1]"])
@pytest.mark.parametrize("solver", OPTIMIZERS)
@pytest.mark.parametrize("options", [{}, {"max_grad_norm": 0.1, "l1_ratio": 0.5}])
def test_the_printed_update_is_the_one_taken(binary, solver, options, name):
    net = DeepNetClassifier((4,), solver=solver, alpha=3.0, random_state=0, **options)
    step = explain_step(net, *binary)
    (told,) = [q for q in step.quantities if q.name == name]
    *lines, numbers = told.formula.replace("||grad||", "norm").split(";  ")
    key = name[0] + "1"
    seen = step.to_dict()
    # an unknown name in a formula is a NameError
    known = {key: seen[key], f"d{key}": seen[f"d{key}"], "v": 0, "m": 0, "u": 0}
    known |= {"sqrt": np.sqrt, "sign": np.sign, "max": np.maximum, "min": np.minimum}
    known |= {k: float(v) for k, v in re.findall(r"(\S+) = ([^,]+)", numbers)}
    for left, right in re.findall(r"^(\S+) :?= (.*)$", "\n".join(lines), re.M):
        code = re.sub(r"\|([^|]+)\|", r"abs(\1)", right.replace("^", "**"))
        code = code.replace("[1]", "1")
        known[left.replace("[1]", "1")] = eval(code, {"abs": abs}, known)  # noqa: S307
    moved = seen[f"{key}_new"] - seen[key]
    np.testing.assert_allclose(known[key] - seen[key], moved, rtol=2e-3, atol=1e-9)
