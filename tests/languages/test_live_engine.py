"""The engine of the page `play`, run by Node.js, trains as the one of Python does."""

import itertools
import json
import subprocess

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sknn_scratch._engine.activations import ACTIVATIONS, make_activations
from sknn_scratch._engine.initializers import INITIALIZERS
from sknn_scratch._engine.losses import LOSSES
from sknn_scratch._engine.optimizers import OPTIMIZERS
from sknn_scratch._engine.propagation import Parameters
from sknn_scratch._html.page import asset
from sknn_scratch._training.objective import Objective

STEPS, M, ALPHA, RATE = 50, 12, 0.01, 0.02
UNITS = {"multiclass": 3, "multilabel": 2}

MAIN = """
const { readFileSync } = require("node:fs");
const runs = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(runs.map(({ network, theta, batches }) => {
  const net = new LiveNetwork(network);
  net.theta.set(theta);
  const list = (values) => Float64Array.from(values);
  const J = batches.map(({ X, Y, m }) => net.train(list(X), list(Y), m));
  return { J, theta: [...net.theta] };
})));
"""


def node(script, given):
    done = subprocess.run(
        ["node", "-e", asset("sknn_scratch.export", "forward.js")
         + asset("sknn_scratch._pages.play", "engine.js") + script],
        input=json.dumps(given), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def answers(loss, rng):
    """Targets of M columns, as the loss takes them."""
    if loss == "multiclass":
        return np.eye(3)[rng.randint(3, size=M)].T
    if loss in ("binary", "multilabel"):
        return rng.randint(2, size=(UNITS.get(loss, 1), M)).astype(float)
    return rng.poisson(1.5, (1, M)) if loss == "poisson" else rng.randn(1, M)


def trained_here(n, activation, loss, solver, theta, batches):
    """J of each step and the last theta, by the Python engine."""
    params = Parameters.flat(n, float)
    params.theta[...] = theta
    decay = {"decay": ALPHA, "n_weights": params.n_weights}
    apart = OPTIMIZERS[solver].decouples
    step = OPTIMIZERS[solver](params.theta, RATE, **(decay if apart else {}))
    g = make_activations([(activation, {})] * (len(n) - 2))
    l2 = 0.0 if apart else ALPHA
    objective = Objective(params, g, LOSSES[loss](), M, l2=l2)
    costs = []
    for X, Y in batches:
        J, grad = objective(
            params.theta, np.asfortranarray(X), np.asfortranarray(Y), np.ones(M)
        )
        costs.append(J)
        step(params.theta, grad)
    return costs, params.theta


@pytest.mark.parametrize("loss", LOSSES)
def test_fifty_steps_end_where_those_of_python_do(loss):
    rng = np.random.RandomState(0)
    n = (2, 4, 3, UNITS.get(loss, 1))
    runs, expected = [], []
    for solver, activation in itertools.product(OPTIMIZERS, ACTIVATIONS):
        theta = Parameters.flat(n, float).theta
        theta[...] = rng.randn(theta.size) * 0.7
        batches = [(rng.randn(2, M), answers(loss, rng)) for _ in range(STEPS)]
        expected.append(trained_here(n, activation, loss, solver, theta, batches))
        network = {"n": n, "activations": [activation] * 2, "loss": loss}
        network |= {"solver": solver, "rate": RATE, "alpha": ALPHA}
        flat = [
            {"X": X.ravel().tolist(), "Y": Y.ravel().tolist(), "m": M}
            for X, Y in batches
        ]
        runs.append({"network": network, "theta": theta.tolist(), "batches": flat})
    for found, (costs, theta) in zip(node(MAIN, runs), expected, strict=True):
        assert_allclose(found["J"], costs, rtol=1e-9, atol=1e-9)
        assert_allclose(found["theta"], theta, rtol=1e-9, atol=1e-9)


def test_it_has_what_the_registries_have():
    names = "console.log(JSON.stringify([ACTIVATIONS, OPTIMIZERS, INITIALIZERS].map("
    names += "Object.keys).concat([[...Object.keys(OVER_UNITS), 'multiclass']])))"
    found = [set(keys) for keys in node(names, None)]
    registries = [ACTIVATIONS, OPTIMIZERS, INITIALIZERS, LOSSES]
    assert found == [set(registry) for registry in registries]


@pytest.mark.parametrize("init", INITIALIZERS)
def test_first_weights_have_the_spread_of_the_rule(init):
    script = """
const net = new LiveNetwork({
  n: [30, 50, 40], activations: ["relu"], loss: "squared_error", solver: "gd", rate: 1,
});
net.initialise(JSON.parse(require("node:fs").readFileSync(0, "utf8")), uniform(3));
console.log(JSON.stringify([...net.theta]));
"""
    theta = np.array(node(script, init))
    W, b = theta[: 30 * 50 + 50 * 40], theta[30 * 50 + 50 * 40 :]
    assert not b.any()
    rng = np.random.RandomState(0)
    for part, (n_out, n_in) in (W[:1500], (50, 30)), (W[1500:], (40, 50)):
        expected = INITIALIZERS[init](rng, n_out, n_in).std()
        assert part.std() == pytest.approx(expected, rel=0.08)
        assert abs(part.mean()) <= 4 * expected / np.sqrt(part.size)
