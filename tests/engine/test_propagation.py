"""Forward and backward propagation against differences, a reference, and the clock."""

import tracemalloc

import numpy as np
import pytest
from engine import (
    CLASSIFICATION,
    OUTPUTS,
    make_network,
    make_objective,
    make_rows,
    make_targets,
    relative_difference,
)
from matrix import matrix
from numpy.testing import assert_allclose
from reference_network import G, cost_and_gradients

from sknn_scratch._engine.activations import ACTIVATIONS
from sknn_scratch._engine.losses import LOSSES
from sknn_scratch._engine.optimizers import OPTIMIZERS
from sknn_scratch._engine.propagation import Buffers, Parameters, backward, forward
from sknn_scratch._rows.batches import MemoryBatches
from sknn_scratch._training.descent import descend
from sknn_scratch._training.objective import Objective, raw_outputs
from sknn_scratch._training.state import state_of
from sknn_scratch._training.watch import Watch

LAYERS = {1: (), 2: (4,), 3: (4, 3), 4: (4, 3, 4)}


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "csr"])
@matrix("depth", LAYERS, 3)
@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_gradient_equals_central_differences(rng, name, kind, depth, sparse):
    # The kinks of relu and of the absolute error do no harm: the draws are always the
    # same, and none of them lies within h of a kink
    hidden = LAYERS[depth]
    problem = make_objective(rng, hidden, [name] * len(hidden), kind, sparse=sparse)
    assert relative_difference(*problem, rng) < 1e-7


def test_the_gradient_check_notices_a_wrong_gradient(rng):
    objective, batch = make_objective(rng, (4,), ["tanh"], "binary")
    objective.g[1].chain = lambda A, dA: None  # dZ[1] := dA[1]
    assert relative_difference(objective, batch, rng) > 1e-3


@pytest.mark.parametrize("seed", range(20))
def test_engine_equals_the_plain_reference(seed):
    rng = np.random.RandomState(seed)
    hidden = tuple(rng.randint(1, 8, size=rng.randint(0, 5)))
    names = list(rng.choice([name for name in ACTIVATIONS if name in G], len(hidden)))
    kind = str(rng.choice(CLASSIFICATION))
    l2 = rng.uniform(0, 1)
    objective, (X, Y, w) = make_objective(rng, hidden, names, kind, m=30, l2=l2)
    params, layers = objective.params, range(1, len(hidden) + 2)
    J, grad = objective(params.theta, X, Y, w)
    W, b = params.W[1:], params.b[1:]
    J_plain, dW, db = cost_and_gradients(W, b, names, kind, X.T, Y.T, w, l2)
    assert_allclose(J, J_plain, rtol=1e-12)
    for l in layers:
        assert_allclose(objective.grads.W[l], dW[l - 1], rtol=1e-10, atol=1e-13)
        assert_allclose(objective.grads.b[l], db[l - 1], rtol=1e-10, atol=1e-13)
    plain = np.concatenate([part.ravel() for part in dW + db])
    assert np.linalg.norm(grad - plain) <= 1e-12 * np.linalg.norm(plain)


def test_parameters_are_views_of_theta_weights_before_biases():
    params = Parameters.flat((3, 4, 2), np.float64)
    params.theta[...] = np.arange(params.theta.size)
    assert params.n == (3, 4, 2)
    assert params.n_weights == 4 * 3 + 2 * 4
    order = [*params.W[1:], *params.b[1:]]
    assert_allclose(np.concatenate([p.ravel() for p in order]), params.theta)
    assert [p.shape for p in order] == [(4, 3), (2, 4), (4, 1), (2, 1)]
    params.b[2][1] = -7
    assert params.theta[-1] == -7


@matrix("name", ACTIVATIONS, "relu")
@pytest.mark.parametrize("kind", LOSSES)
def test_new_memory_of_a_step_does_not_grow_with_the_batch(kind, name):
    # the least of three: other threads of the test runner want memory, too
    small, large = [
        min(memory_of_steps(kind, name, m) for _ in range(3)) for m in (1024, 4096)
    ]
    assert large - small < 4096


def memory_of_steps(kind, name, m):
    """Peak of new memory over three gathered batches of m rows and their steps."""
    rng = np.random.RandomState(0)
    params, g = make_network(rng, (16, 8), [name, "tanh"], kind)
    step = OPTIMIZERS["adam"](params.theta, 0.001)
    objective = Objective(params, g, LOSSES[kind](), m, l2=0.1)
    X, Y = make_rows(rng, 3 * m, 5), make_targets(rng, kind, 3 * m)
    batches = MemoryBatches(X, Y, np.ones(3 * m), m, rng)
    epochs = iter(batches), iter(batches)  # each draws its order with the first batch
    first = [next(epoch) for epoch in epochs]

    def take_steps(batch, epoch):
        for X, Y, w in (batch, *epoch):
            _, grad = objective(params.theta, X, Y, w)
            step(params.theta, grad)

    take_steps(first[0], epochs[0])
    tracemalloc.start()
    take_steps(first[1], epochs[1])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_forward_and_backward_rebind_no_buffer(rng):
    """The lists hold the same arrays after, and those lie where they lay."""
    params, g = make_network(rng, (6, 4), ["relu", "tanh"], "multiclass")
    grads = Parameters.flat(params.n, float)
    A = [rng.randn(9, 5).T, *Buffers(params.n, 9, float).first(9)[1:]]
    dZ = Buffers(params.n, 9, float).first(9)
    dZ[3][...] = rng.randn(3, 9)
    lists = [A, dZ, params.W, params.b, grads.W, grads.b]
    before = [[id(array) for array in arrays] for arrays in lists]
    forward(params, A, g)
    backward(params, grads, A, dZ, g, np.ones((9, 1)))
    assert [[id(array) for array in arrays] for arrays in lists] == before


def test_training_moves_no_array(rng):
    """Parameters, gradients and buffers keep their places, whatever the batch."""
    m, kind = 20, "multiclass"
    params, g = make_network(rng, (6, 4), ["relu", "tanh"], kind)
    batches = MemoryBatches(
        make_rows(rng, m, 5), make_targets(rng, kind, m), np.ones(m), 8, rng
    )
    objective = Objective(params, g, LOSSES[kind](), 8)

    def places():
        layers = [params.W, params.b, objective.grads.W, objective.grads.b]
        layers += [
            buffers.first(k) for buffers in (objective.A, objective.dZ) for k in (8, 4)
        ]
        return [
            array.__array_interface__["data"][0]
            for layer in layers
            for array in layer[1:]
        ]

    before = places()
    step = OPTIMIZERS["adam"](params.theta, 0.01)
    descend(objective, batches, step, params.theta, Watch(3))
    assert places() == before


def test_buffers_read_as_columns_and_lie_in_rows(rng):
    objective, _ = make_objective(rng, (4,), ["relu"], "binary", m=9)
    short = objective.A.first(3)[1]
    assert short.shape == (4, 3)
    assert short.T.flags.c_contiguous


@pytest.mark.parametrize("kind", OUTPUTS)
@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "csr"])
def test_float32_stays_float32(rng, kind, sparse):
    objective, batch = make_objective(
        rng, (4, 3), ["tanh", "leaky_relu"], kind, sparse=sparse, dtype=np.float32
    )
    J, grad = objective(objective.params.theta, *batch)
    assert isinstance(J, float)
    assert grad.dtype == np.float32
    for optimizer in OPTIMIZERS.values():
        options = {"decay": 0.1, "n_weights": 3} if optimizer.decouples else {}
        step = optimizer(objective.params.theta, 0.1, **options)
        step(objective.params.theta, grad)
        assert all(
            np.asarray(v).dtype == np.float32
            for v in state_of(step).values()
            if np.ndim(v)
        )


def test_raw_outputs_do_not_depend_on_the_blocks(rng, monkeypatch):
    params, g = make_network(rng, (6,), ["tanh"], "multiclass")
    X = make_rows(rng, 50, 5)
    whole = raw_outputs(params, g, X)
    monkeypatch.setattr("sknn_scratch._training.objective.ELEMENTS", 6 * 7)
    assert_allclose(raw_outputs(params, g, X), whole, rtol=1e-13)
