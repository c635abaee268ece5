"""Properties that hold for everything in ACTIVATIONS."""

import ast
import inspect
import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from reference_network import G
from scipy.special import erf, expit
from sklearn.datasets import make_moons
from small_net import net, vector

from sknn_scratch._engine.activations import ACTIVATIONS, LeakyReLU
from sknn_scratch.export import _formula

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

every = pytest.mark.parametrize("name", ACTIVATIONS)
FUNCTIONS = {name: getattr(np, name) for name in _formula.FUNCTIONS}
FUNCTIONS |= {"max": np.maximum, "min": np.minimum}


def as_text_says(name):
    """g by the formula that other languages are given."""
    g = ACTIVATIONS[name]
    usual = {k: p.default for k, p in inspect.signature(g).parameters.items()}
    return lambda z: eval(g.formula, {**FUNCTIONS, **usual, "z": z})


FORMULAS = {name: as_text_says(name) for name in ACTIVATIONS}
FORMULAS |= {name: formula for name, (formula, _) in G.items()}  # not ours
FORMULAS |= {
    "elu": lambda z: np.where(z > 0, z, np.exp(z) - 1),
    "gelu": lambda z: z / 2 * (1 + np.tanh((2 / np.pi) ** 0.5 * (z + 0.044715 * z**3))),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "swish": lambda z: z / (1 + np.exp(-z)),
}


def columns(rng, dtype=float, scale=3):
    return np.asfortranarray(rng.randn(6, 40) * scale, dtype=dtype)


@every
def test_forward_is_the_formula(name, rng):
    Z = columns(rng)
    out = np.empty_like(Z)
    ACTIVATIONS[name]().forward(Z, out)
    assert_allclose(out, FORMULAS[name](Z), rtol=1e-12, atol=1e-15)


@every
def test_the_formula_as_text_is_the_same_function(name, rng):
    g, Z = ACTIVATIONS[name], columns(rng)
    out = np.empty_like(Z)
    g().forward(Z, out)
    assert_allclose(out, as_text_says(name)(Z), rtol=1e-12, atol=1e-15)
    used = {n.id for n in ast.walk(ast.parse(g.formula)) if isinstance(n, ast.Name)}
    assert used <= {"z", *FUNCTIONS, *g.hyperparameters}


@every
def test_out_may_be_the_input(name, rng):
    Z = columns(rng)
    out, g = np.empty_like(Z), ACTIVATIONS[name]()
    g.forward(Z, out)
    g.forward(Z, Z)
    assert_array_equal(Z, out)


@every
def test_chain_is_the_derivative_by_central_differences(name, rng):
    Z = columns(rng)
    Z[np.abs(Z) < 1e-3] = 1  # away from the kink of relu
    g, h = ACTIVATIONS[name](), 1e-6
    A, above, below = np.empty_like(Z), np.empty_like(Z), np.empty_like(Z)
    g.forward(Z + h, above)
    g.forward(Z - h, below)
    g.forward(Z, A)
    dA = columns(rng)
    dZ = dA.copy()
    g.chain(A, dZ)
    assert_allclose(dZ, dA * (above - below) / (2 * h), rtol=1e-6, atol=1e-8)


@every
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_out_it_is_finite_and_silent_and_keeps_its_type(name, dtype):
    Z = np.array([[-1e3, -50, 0, 50, 1e3]], dtype=dtype)
    g, A = ACTIVATIONS[name](), np.empty_like(Z)
    g.forward(Z, A)
    assert np.isfinite(A).all()
    dA = np.ones_like(Z)
    g.chain(A, dA)
    assert np.isfinite(dA).all()
    assert A.dtype == dA.dtype == dtype


@every
def test_shapes_may_change_between_calls(name, rng):
    g = ACTIVATIONS[name]()
    for m in (40, 7, 40):
        Z = columns(rng)[:, :m]
        out = np.empty_like(Z)
        g.forward(Z, out)
        assert_allclose(out, FORMULAS[name](Z), rtol=1e-12, atol=1e-15)
        fresh, A = ACTIVATIONS[name](), np.empty_like(Z)
        fresh.forward(Z, A)
        dZ, expected = np.ones_like(Z), np.ones_like(Z)
        g.chain(out, dZ)
        fresh.chain(A, expected)
        assert_array_equal(dZ, expected)


@every
def test_a_second_call_needs_no_memory(name, rng):
    Z = np.asfortranarray(rng.randn(8, 50_000))
    g, dA = ACTIVATIONS[name](), np.ones_like(Z)
    g.forward(Z.copy("F"), Z)
    tracemalloc.start()
    g.forward(Z, Z)
    g.chain(Z, dA)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < Z.nbytes / 10  # NumPy's own casting buffers


@every
def test_hyperparameters_are_the_keywords_it_takes(name):
    taken = inspect.signature(ACTIVATIONS[name]).parameters
    assert ACTIVATIONS[name].hyperparameters == tuple(taken)


@every
def test_rectifies_where_one_side_of_zero_passes(name):
    # g' far out: 0 or nearly on the left, 1 on the right
    g, A, slope = ACTIVATIONS[name](), np.array([[-20.0, 20]]), np.ones((1, 2))
    g.forward(A, A)
    g.chain(A, slope)
    left, right = slope[0]
    assert g.rectifies == (abs(left) < 0.02 and abs(right - 1) < 1e-6)


@pytest.mark.parametrize("slope", [0, 0.3, 1])
def test_leaky_relu_has_the_slope_it_is_given(rng, slope):
    Z = columns(rng)
    g, A, dZ = LeakyReLU(negative_slope=slope), np.empty_like(Z), np.ones_like(Z)
    g.forward(Z, A)
    assert_array_equal(A, np.where(Z > 0, Z, slope * Z))
    g.chain(A, dZ)
    assert_allclose(dZ, np.where(Z > 0, 1, slope), rtol=1e-15)


@pytest.mark.parametrize("name", ["elu", "gelu", "softplus", "swish"])
def test_float32_is_right_to_float32(name):
    Z = np.linspace(-30, 30, 4001)[None]
    g, A = ACTIVATIONS[name](), np.empty(Z.shape, np.float32)
    g.forward(Z.astype(np.float32), A)
    z = Z.astype(np.float32).astype(float)
    # s = (1 + tanh) / 2 is exact to eps, not to eps of itself; and a = z s
    error = np.abs(A - FORMULAS[name](z)) / np.maximum(1, np.abs(z))
    assert error.max() <= 2 * np.finfo(np.float32).eps


# -- seen from the estimators ----------------------------------------------------------

DEFINITIONS = {
    "elu": lambda z: np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1),
    "gelu": lambda z: z * expit((8 / np.pi) ** 0.5 * (z + 0.044715 * z**3)),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "swish": lambda z: z * expit(z),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_activations_are_as_their_papers_define_them(blobs, name):
    X, y = blobs
    model = net((7,), activation=name, max_iter=3).fit(X, y)
    Z = X @ model.coefs_[0] + model.intercepts_[0]
    assert_allclose(model.transform(X), DEFINITIONS[name](Z), rtol=1e-10, atol=1e-12)


def test_gelu_is_near_the_one_of_the_normal_distribution():
    # Hendrycks and Gimpel: z Phi(z); their tanh form is within 5e-4 of it
    z = np.linspace(-5, 5, 101)
    assert_allclose(DEFINITIONS["gelu"](z), z * (1 + erf(z / 2**0.5)) / 2, atol=5e-4)


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_activation_learns_the_moons(name, solver):
    X, y = make_moons(300, noise=0.1, random_state=0)
    rate = {} if solver == "lbfgs" else {"learning_rate_init": 0.03}
    model = net((16, 16), activation=name, solver=solver, max_iter=300, **rate)
    assert model.fit(X, y).score(X, y) > 0.97
    linear = net((16, 16), activation="identity", solver=solver, max_iter=300, **rate)
    assert linear.fit(X, y).score(X, y) < 0.92


@pytest.mark.parametrize("slope", [0.0, 0.3, 1.0])
def test_negative_slope_is_the_slope_below_zero(blobs, slope):
    X, y = blobs
    model = net((7,), activation="leaky_relu", negative_slope=slope, max_iter=3)
    Z = X @ model.fit(X, y).coefs_[0] + model.intercepts_[0]
    assert (Z < 0).any()
    assert_allclose(model.transform(X), np.where(Z > 0, Z, slope * Z), rtol=1e-12)


@pytest.mark.parametrize(("slope", "name"), [(0.0, "relu"), (1.0, "identity")])
def test_slopes_of_zero_and_one_train_like_what_they_are(blobs, slope, name):
    X, y = blobs
    options = {"init": "he", "max_iter": 20, "learning_rate_init": 0.01}
    leaky = net(activation="leaky_relu", negative_slope=slope, **options).fit(X, y)
    plain = net(activation=name, **options).fit(X, y)
    assert_allclose(vector(leaky), vector(plain), rtol=1e-9)
