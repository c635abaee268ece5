"""check_gradient: silent where back-propagation is right, exact where it is not."""

import numpy as np
import pytest
from gradients import DEPTHS, doubling, network, rows
from matrix import matrix
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import (
    DeepNetClassifier,
    LogisticRegressionScratch,
    ShallowNetClassifier,
)
from sknn_scratch._engine.activations import ACTIVATIONS, Tanh
from sknn_scratch._engine.losses import LOSSES, SigmoidCrossEntropy
from sknn_scratch._training import objective
from sknn_scratch.inspection._gradient_check import check_gradient


@pytest.fixture
def binary(rng):
    return rows("binary", rng)


def wrong(check):
    return [
        f"d{part.parameter}{part.layer}" for part in check.per_layer if not part.passed
    ]


@matrix("depth", DEPTHS, 2)
@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_right_gradients_pass(rng, activation, kind, depth):
    net = network(kind, DEPTHS[depth], activation=activation)
    check = check_gradient(net, *rows(kind, rng))
    assert check.passed
    assert check.relative_difference <= check.tolerance == 1e-6
    assert check.advice is None
    assert [(part.layer, part.parameter) for part in check.per_layer] == [
        (l, kind) for l in range(1, depth + 2) for kind in "Wb"
    ]


@pytest.mark.parametrize(
    "options",
    [
        {"alpha": 30.0},
        {"alpha": 3.0, "l1_ratio": 0.7},
        {"alpha": 30.0, "solver": "adamw"},
        {"dropout": 0.5},
        {"label_smoothing": 0.2},
        {"class_weight": "balanced"},
        {"solver": "lbfgs"},
        {"solver": "gd", "standardize": True},
        {"batch_size": 3},
        {"early_stopping": True},
        {"init": "zeros"},
        {"init": "small_random"},
    ],
    ids=str,
)
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_options_of_the_training_pass(binary, options, activation):
    net = DeepNetClassifier((4, 3), activation=activation, random_state=1, **options)
    check = check_gradient(net, *binary, sample_weight=np.linspace(0, 3, 20))
    assert check.passed, check


def test_all_zero_gradients_are_compared_at_other_weights(binary):
    net = DeepNetClassifier((4,), activation="tanh", init="zeros", alpha=0)
    check = check_gradient(net, *binary)
    # W[2] = 0 and A[1] = 0: only db[2] is not 0
    assert [part.elsewhere for part in check.per_layer][:3] == [True] * 3
    assert check.passed


def test_fault_is_found_where_zero_weights_hide_it(binary, monkeypatch):
    monkeypatch.setattr(Tanh, "chain", lambda self, A, dA: None)
    net = DeepNetClassifier((4,), activation="tanh", init="zeros", alpha=0)
    assert wrong(check_gradient(net, *binary)) == ["dW1", "db1"]


@pytest.mark.parametrize("loss", ["absolute_error", "squared_error", "poisson"])
def test_fitted_networks_pass(rng, loss):
    X, y = rows("squared_error", rng)
    net = network(loss, solver="lbfgs", activation="tanh", max_iter=30, warn=False)
    assert check_gradient(net.fit(X, y), X, y).passed


def test_gradients_of_nearly_zero_at_the_optimum_pass(rng):
    X = rng.randn(60, 3)
    y = (X[:, 0] + rng.randn(60) > 0).astype(int)
    net = LogisticRegressionScratch(solver="newton").fit(X, y)
    assert check_gradient(net, X, y).passed


@pytest.mark.parametrize("fitted", [False, True], ids=["unfitted", "fitted"])
def test_float32_is_checked_in_float64(binary, fitted):
    X, y = binary[0].astype(np.float32), binary[1]
    net = DeepNetClassifier((4,), max_iter=3, warn=False, random_state=0)
    if fitted:
        net.fit(X, y)
    assert check_gradient(net, X, y).relative_difference < 1e-6


def test_sparse_rows_pass(rng):
    X = csr_matrix(rng.randn(20, 6) * (rng.rand(20, 6) < 0.3))
    net = DeepNetClassifier((4,), random_state=0)
    assert check_gradient(net, X, np.arange(20) % 2).passed


def test_rows_of_zeros_at_the_kink_of_relu_pass():
    X, y = np.zeros((6, 2)), np.arange(6) % 2  # Z[1] = b[1] = 0, on the kink
    check = check_gradient(DeepNetClassifier((3,), random_state=0), X, y)
    assert check.passed
    assert any(part.elsewhere for part in check.per_layer)


def test_pipelines_are_checked_behind_their_steps(binary):
    pipeline = make_pipeline(StandardScaler(), ShallowNetClassifier(3, random_state=0))
    assert check_gradient(pipeline, *binary).passed
    pipeline[-1].set_params(warn=False, max_iter=2)
    assert check_gradient(pipeline.fit(*binary), *binary).passed


def test_without_intercept_b_is_not_compared(binary):
    net = LogisticRegressionScratch(fit_intercept=False)
    check = check_gradient(net, *binary)
    assert [part.parameter for part in check.per_layer] == ["W"]
    assert check.passed


def test_the_estimator_is_not_changed(binary):
    net = DeepNetClassifier((3,), random_state=0, max_iter=2, warn=False).fit(*binary)
    before = {name: np.copy(v) for name, v in net.parameters_.items()}
    params = net.get_params()
    check_gradient(net, *binary)
    assert net.get_params() == params
    for name, value in net.parameters_.items():
        assert np.array_equal(value, before[name])
    unfitted = clone(net)
    check_gradient(unfitted, *binary)
    assert not hasattr(unfitted, "coefs_")


def test_images_need_few_rows(rng):
    X, y = rng.rand(209, 12288), np.arange(209) % 2
    check = check_gradient(DeepNetClassifier((5,), random_state=0), X, y)
    assert check.passed
    assert check.n_rows == 32


# -- planted faults ------------------------------------------------------------------


@pytest.mark.parametrize("kind", "Wb")
@pytest.mark.parametrize("l", [1, 2, 3])
def test_fault_in_backward_is_found_in_its_layer(binary, monkeypatch, l, kind):
    monkeypatch.setattr(objective, "backward", doubling(l, kind))
    check = check_gradient(DeepNetClassifier((4, 3), activation="tanh"), *binary)
    assert not check.passed
    assert check.relative_difference == pytest.approx(1 / 3, rel=1e-3)
    assert wrong(check) == [f"d{kind}{l}"]
    assert f"d{kind}[{l}]" in check.advice


@pytest.mark.parametrize("size", [1e-4, 1])
def test_fault_in_an_activation_is_found_from_its_layer_on(binary, monkeypatch, size):
    right = Tanh.chain

    def chain(self, A, dA):
        right(self, A, dA)
        dA += size * np.abs(dA)

    monkeypatch.setattr(Tanh, "chain", chain)
    net = DeepNetClassifier((4, 3), activation=["relu", "tanh"], random_state=0)
    check = check_gradient(net, *binary)
    assert wrong(check) == ["dW1", "db1", "dW2", "db2"]
    assert "dZ[2]" in check.advice
    assert "Tanh" in check.advice


def test_fault_in_a_loss_is_found_in_every_layer(binary, monkeypatch):
    right = SigmoidCrossEntropy.__call__

    def forgets_one_over_m(self, Z, Y, w, dZ):
        J = right(self, Z, Y, w, dZ)
        dZ *= Z.shape[1]
        return J

    monkeypatch.setattr(SigmoidCrossEntropy, "__call__", forgets_one_over_m)
    check = check_gradient(DeepNetClassifier((4,), activation="tanh"), *binary)
    assert wrong(check) == ["dW1", "db1", "dW2", "db2"]
    assert "SigmoidCrossEntropy" in check.advice


def test_fault_in_one_bias_entry_is_found(binary, monkeypatch):
    right = objective.backward

    def backward(params, grads, A, dZ, g, one):
        right(params, grads, A, dZ, g, one)
        grads.b[1][2] = 0

    monkeypatch.setattr(objective, "backward", backward)
    net = DeepNetClassifier((4,), activation="tanh", random_state=0)
    assert wrong(check_gradient(net, *binary)) == ["db1"]


# -- the report ----------------------------------------------------------------------


def test_tolerance_decides(binary):
    net = DeepNetClassifier((4,), activation="tanh", random_state=0)
    check = check_gradient(net, *binary, tolerance=1e-2)
    assert check.tolerance == 1e-2
    with pytest.raises(ValueError, match="tolerance must be > 0, got 0"):
        check_gradient(net, *binary, tolerance=0)
    with pytest.raises(TypeError, match="tolerance must be a number > 0, got str"):
        check_gradient(net, *binary, tolerance="a")


def test_random_state_draws_the_directions(binary):
    net = DeepNetClassifier((4,), activation="tanh", random_state=0)
    first, again, other = (
        check_gradient(net, *binary, random_state=seed).relative_difference
        for seed in (0, 0, 1)
    )
    assert first == again != other


def test_report_says_what_was_found(binary, monkeypatch):
    net = DeepNetClassifier((4,), activation="tanh", random_state=0)
    assert str(check_gradient(net, *binary)).startswith("The gradients agree: relative")
    monkeypatch.setattr(objective, "backward", doubling(1, "W"))
    check = check_gradient(net, *binary)
    assert "dW[1]     3.3e-01" in str(check)
    assert "WRONG" in check._repr_html_()


def test_a_cost_that_is_not_finite_is_an_error(binary):
    net = network("squared_error")
    with pytest.raises(ValueError, match="must have a finite cost on X, y"):
        check_gradient(net, binary[0] * 1e200, binary[1])
